"""Abstract functions: sigma(x) where nobody has said yet which function sigma is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError, DTypeError
from chainrule.core.node import Node
from chainrule.core.op import Op, example
from chainrule.core.tensor import Tensor
from chainrule.namespaces.unknown import mark, once_more
from chainrule.ops.creation import tensor

SYMBOLS = (dt.exact, dt.exact)


class AbstractFunction(Op):
    """An unknown smooth function, or a derivative of it, of real operands, entry by entry.

    ``orders`` says how often ``function`` was differentiated by each operand: (0, 0) is f(x, y)
    itself, (1, 0) its partial derivative by x.
    """

    primitive = "unknown"
    takes = (dt.EXACT,)
    examples = (
        example((2, 3), function="sigma", orders=(0,), dtypes=SYMBOLS),
        example((2, 1), (3,), function="ell", orders=(0, 1), dtypes=SYMBOLS),
    )

    def forward(self, xp: Any, *operands: Any, function: str, orders: tuple[int, ...]) -> Any:
        return xp.unknown(operands, function, orders)

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        if dt.exact not in given:
            shown = mark(attrs["function"], attrs["orders"])
            raise DTypeError(
                f"{shown} is an abstract function: it has no values in floats",
                expected="exact operands",
                hint="x.to(cr.exact), or cr.symbols('x')",
            )
        return [dt.exact] * len(given), dt.exact

    def partial(self, node: Node, i: int) -> Tensor:
        orders = once_more(node.attrs["orders"], i)
        slope: Tensor = self(node.inputs, function=node.attrs["function"], orders=orders)
        return slope

    def written(self, attrs: dict[str, Any], latex: bool = False) -> str:
        return mark(attrs["function"], attrs["orders"], latex)


@dataclass(frozen=True)
class Abstract:
    """A name that is called like a function: what `abstract` returns."""

    name: str
    orders: tuple[int, ...] | None = None

    def __call__(self, *operands: Any) -> Tensor:
        """The function of these tensors, entry by entry, broadcast; Python numbers are exact."""
        if not operands:
            raise ArgumentError(f"{self} was called without operands", expected=f"{self}(x)")
        orders = self.orders or (0,) * len(operands)
        if len(orders) != len(operands):
            raise ArgumentError(
                f"{self} was given {len(operands)} operands", expected=f"{len(orders)} of them"
            )
        if not any(isinstance(x, Tensor) for x in operands):
            operands = tuple(tensor(x, dtype=dt.exact) for x in operands)
        made: Tensor = abstract_function(list(operands), function=self.name, orders=orders)
        return made

    def derivative(self, *orders: int) -> Abstract:
        """The derivative of these orders, one for each operand; without any, the first one.

        >>> sigma, ell = abstract("sigma"), abstract("ell")
        >>> sigma.derivative(), sigma.derivative(2), ell.derivative(0, 1)
        (σ', σ'', ∂₂ℓ)
        """
        more = orders or (1,)
        before = self.orders or (0,) * len(more)
        if len(before) != len(more) or not all(type(n) is int and n >= 0 for n in more):
            raise ArgumentError(
                f"the orders of a derivative of {self} are {more}",
                expected="one whole number from 0 for each operand",
            )
        return Abstract(self.name, tuple(a + b for a, b in zip(before, more, strict=True)))

    def __repr__(self) -> str:
        return mark(self.name, self.orders or (0,))


def abstract(name: str) -> Abstract:
    """An unknown smooth function of real numbers, to be called with one or several exact tensors.

    It has no values, but derivatives of any order, under names of their own: σ', ∂₁ℓ.  The results
    are SymPy's function applications, which `sympy.diff` differentiates in the same way.  Names of
    Greek letters are written as those.  Raises ArgumentError for what is no name, DTypeError
    where all operands are floats.

    >>> import chainrule as cr
    >>> w, h = cr.symbols("w h")
    >>> w.requires_grad_(), h.requires_grad_()
    (tensor(w, dtype=chainrule.exact, requires_grad=True), tensor(h, dtype=chainrule.exact, \
requires_grad=True))
    >>> sigma = cr.abstract("sigma")
    >>> y = sigma(w * h)
    >>> y.backward()
    >>> y.detach(), h.grad
    (tensor(σ(h*w), dtype=chainrule.exact), tensor(w*σ'(h*w), dtype=chainrule.exact))
    """
    if not isinstance(name, str) or not name.isidentifier():  # type: ignore[redundant-expr]
        raise ArgumentError(f"not a name: {name!r}", expected="a word, such as 'sigma'")
    return Abstract(name)


abstract_function = AbstractFunction()
