"""Explaining: every value and every adjoint as formula = substitution = number."""

from __future__ import annotations

from chainrule.core.errors import ArgumentError
from chainrule.core.tensor import Tensor
from chainrule.readings.explain.adjoints import Adjoint, Adjoints, adjoints
from chainrule.readings.explain.explanation import Explanation
from chainrule.readings.explain.tables import ZOOMS, Derivation, Row


def explain(loss: Tensor, *, decimals: int = 4, zoom: str = "lines") -> Explanation:
    """How ``loss`` was computed and what its derivatives are, with the working.

    With ``zoom="lines"`` each value that has a name, such as the target of an assignment, has a
    row; with ``"ops"`` the result of every op, with ``"primitives"`` that of every primitive which
    the ops are made of.  Adjoints are there where ``loss`` is one number that requires a gradient.
    Numbers are computed in full and only written with ``decimals``.  Raises ArgumentError for a
    tensor without history.

    >>> import chainrule as cr
    >>> x = cr.tensor(3.0, requires_grad=True)
    >>> y = x * x
    >>> print(explain(y - 1))
    Forward
         y = x * x = 3 * 3 = 9
      loss = y - 1 = 9 - 1 = 8
    <BLANKLINE>
    Adjoints: v̄ is the derivative of loss by v
      ȳ = 1
    <BLANKLINE>
    Gradients of loss
      x̄ = ȳ * x + ȳ * x = 1 * 3 + 1 * 3 = 6
    """
    if not isinstance(loss, Tensor):
        raise ArgumentError(f"explain() takes a tensor, not a {type(loss).__name__}")
    if zoom not in ZOOMS:
        raise ArgumentError(f"zoom is {zoom!r}", expected=", ".join(ZOOMS))
    if type(decimals) is not int or decimals < 0:
        raise ArgumentError(f"decimals is {decimals!r}", expected="a whole number from 0")
    if loss._value("explain()") is not None and loss.node.op is None:
        raise ArgumentError(
            "this tensor has no history to explain",
            hint="compute it from tensors that require a gradient, or inside `with cr.record():`",
        )
    found = Derivation(loss, zoom, decimals)
    adjoints = found.adjoints()
    gradients = tuple(row for node, row in reversed(adjoints) if node.op is None)
    return Explanation(
        found.symbols[found.loss].name,
        tuple(found.forward()),
        tuple(found.derivatives()),
        tuple(row for _, row in adjoints),
        gradients,
        decimals,
    )


__all__ = ["Adjoint", "Adjoints", "Explanation", "Row", "adjoints", "explain"]
