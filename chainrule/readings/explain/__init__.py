"""Explaining: every value and every adjoint as formula = substitution = number."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.core import dtypes as dt
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError
from chainrule.core.tensor import Tensor
from chainrule.namespaces.decimal import Decimal
from chainrule.readings.explain.adjoints import Adjoint, Adjoints, adjoints
from chainrule.readings.explain.computed import Recomputed
from chainrule.readings.explain.explanation import Explanation
from chainrule.readings.explain.figures import ALL
from chainrule.readings.explain.latex import latex_of
from chainrule.readings.explain.tables import ZOOMS, Derivation, Row

DECIMALS = 4


def explain(
    loss: Tensor,
    *,
    decimals: int | None = None,
    zoom: str = "lines",
    arithmetic: Decimal | DType | None = None,
) -> Explanation:
    """How ``loss`` was computed and what its derivatives are, with the working.

    With ``zoom="lines"`` each value that has a name, such as the target of an assignment, has a
    row; with ``"ops"`` the result of every op, with ``"primitives"`` that of every primitive which
    the ops are made of.  Adjoints are there where ``loss`` is one number that requires a gradient.
    Numbers are computed in full and only written with ``decimals``, by default 4.

    With an ``arithmetic``, the history is computed again in it: ``cr.exact``, ``cr.float64`` or
    ``cr.decimal(places=2)``.  Decimals are rounded where a person writes a number down: the value
    of each row, the steps of an op (which have rows of their own then), each local derivative; and
    written as they are, unless ``decimals`` says otherwise.  Raises ArgumentError for a tensor
    without history, ValueCheckError where a value has none in that arithmetic.

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
    decimals = _checked(loss, decimals, zoom, arithmetic)
    if arithmetic is None:
        found = Derivation(loss, zoom, decimals)
    else:
        found = Recomputed(loss, zoom, decimals, arithmetic)
    adjoints = found.adjoints()
    by_name = {found.symbols[n].name: row.value for n, row in adjoints if n in found.symbols}
    if adjoints:
        by_name[found.symbols[found.loss].name] = np.ones(found.loss.shape)
    gradients = tuple(row for node, row in reversed(adjoints) if node.op is None)
    return Explanation(
        found.symbols[found.loss].name,
        tuple(found.forward()),
        tuple(found.derivatives()),
        tuple(row for _, row in adjoints),
        gradients,
        decimals,
        arithmetic,
        dict(found.given()),
        by_name,
    )


def _checked(loss: Any, decimals: int | None, zoom: str, arithmetic: Any) -> int:
    """How many decimals are written; raises ArgumentError for what `explain` cannot take."""
    if not isinstance(loss, Tensor):
        raise ArgumentError(f"explain() takes a tensor, not a {type(loss).__name__}")
    if zoom not in ZOOMS:
        raise ArgumentError(f"zoom is {zoom!r}", expected=", ".join(ZOOMS))
    if arithmetic is not None and not _is_arithmetic(arithmetic):
        raise ArgumentError(
            f"arithmetic is {arithmetic!r}",
            expected="cr.exact, cr.float64, cr.float32 or cr.decimal(places=2)",
        )
    if decimals is not None and (type(decimals) is not int or decimals < 0):
        raise ArgumentError(f"decimals is {decimals!r}", expected="a whole number from 0")
    if loss._value("explain()") is not None and loss.node.op is None:
        raise ArgumentError(
            "this tensor has no history to explain",
            hint="compute it from tensors that require a gradient, or inside `with cr.record():`",
        )
    if decimals is None:
        return ALL if isinstance(arithmetic, Decimal) else DECIMALS
    return decimals


def _is_arithmetic(x: Any) -> bool:
    floating = isinstance(x, DType) and x.category in (dt.REAL, dt.EXACT)
    return isinstance(x, Decimal) or floating


__all__ = ["Adjoint", "Adjoints", "Explanation", "Row", "adjoints", "explain", "latex_of"]
