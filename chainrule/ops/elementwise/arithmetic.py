"""Arithmetic beyond the four operations: reciprocals, and products in sums."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.dtyperules import fits
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError
from chainrule.core.node import Node
from chainrule.core.op import Op, Slip, example, require
from chainrule.core.structural import number
from chainrule.core.tensor import Tensor
from chainrule.ops.elementwise.elementary import UNARY, held, sqrt, square

TERNARY = (
    example((2, 3), (2, 3), (2, 3)),
    example((2, 3), (3,), ()),
    example((), (), ()),
)


class Reciprocal(Op):
    """1 divided by each entry."""

    methods = ("reciprocal",)
    dtype_rule = "float"
    text, latex, precedence = "1 / {0}", r"\frac{{1}}{{{0}}}", 2
    domain = ((0.4, 2.0),)
    examples = UNARY

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.divide(1, x)

    def partial(self, node: Node, i: int) -> Tensor:
        slope: Tensor = -square(node.output)
        return slope

    def mistakes(self, node: Node) -> Iterable[Slip]:
        return (Slip("the negative instead of the reciprocal", lambda x: -x),)


class Rsqrt(Op):
    """1 divided by the square root of each entry."""

    methods = ("rsqrt",)
    dtype_rule = "float"
    latex = r"\frac{{1}}{{\sqrt{{{0}}}}}"
    facts = {"nonnegative": True}
    domain = ((0.2, 0.8),)
    examples = UNARY

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.divide(1, xp.sqrt(x))

    def partial(self, node: Node, i: int) -> Tensor:
        y = node.output
        slope: Tensor = number(-0.5, y) * y * square(y)
        return slope

    def mistakes(self, node: Node) -> Iterable[Slip]:
        return (Slip("the square root itself, not one over it", sqrt),)


class Sgn(Op):
    """-1, 0 or 1 for each entry; for complex ones x / |x|, a number of modulus 1, and 0 at 0."""

    methods = ("sgn",)
    latex = r"\operatorname{{sgn}}({0})"
    facts = {"idempotent": True, "holomorphic": False}
    smooth = False
    examples = UNARY

    def forward(self, xp: Any, x: Any) -> Any:
        if "complex" not in str(getattr(x, "dtype", "")):
            return xp.sign(x)
        size = xp.absolute(x)
        return xp.divide(x, xp.complex(xp.where(xp.equal(size, 0), 1, size), 0))


class Scaled(Op, abstract=True):
    """What addcmul and addcdiv share: the number ``value`` before the product or quotient."""

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        wanted, made = super().dtypes(given, ranks)
        fits(made, value=attrs["value"])
        return wanted, made

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if isinstance(attrs["value"], Tensor):
            raise ArgumentError(
                f"{self.name} takes a number as value, not a tensor",
                hint="multiply by the tensor instead: x + value * a * b",
            )
        return attrs


class Addcmul(Scaled):
    """x + value a b, entry by entry.

    As PyTorch has it, but for a fraction as ``value`` of whole numbers: there PyTorch cuts off its
    decimals, here it is refused with DTypeError.
    """

    takes = dt.NUMBERS
    methods = ("addcmul",)
    text, precedence = "{0} + {value} * {1} * {2}", 1
    latex = r"{0} + {value} \, {1} \odot {2}"
    examples = (*TERNARY, example((3,), (2, 3), (2, 1), value=-0.5))

    def forward(self, xp: Any, x: Any, tensor1: Any, tensor2: Any, *, value: float = 1) -> Any:
        return xp.add(x, xp.multiply(xp.multiply(tensor1, tensor2), held(tensor1, value)))

    def partial(self, node: Node, i: int) -> Tensor | int:
        return 1 if i == 0 else node.inputs[3 - i] * node.attrs["value"]


class Addcdiv(Scaled):
    """x + value a / b, entry by entry.

    Raises DTypeError for quotients of whole numbers, as PyTorch does.
    """

    takes = dt.CONTINUOUS
    methods = ("addcdiv",)
    text, precedence = "{0} + {value} * {1} / {2}", 1
    latex = r"{0} + {value} \frac{{{1}}}{{{2}}}"
    domain = ("real", "real", (0.5, 2.0))
    examples = (*TERNARY, example((3,), (2, 3), (2, 1), value=-0.5))

    def forward(self, xp: Any, x: Any, tensor1: Any, tensor2: Any, *, value: float = 1) -> Any:
        return xp.add(x, xp.multiply(xp.divide(tensor1, tensor2), value))

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        if all(dtype.category < dt.REAL for dtype in given[1:]):
            require(self.name, given[1], *self.takes)
        return super().dtypes(given, ranks, **attrs)

    def partial(self, node: Node, i: int) -> Tensor | int:
        _, a, b = node.inputs
        value = node.attrs["value"]
        if i == 0:
            return 1
        slope: Tensor = value / b if i == 1 else -value * a / square(b)
        return slope


class Lerp(Op):
    """The way from a to b, entry by entry, of which ``weight`` is gone: a at 0, b at 1."""

    dtype_rule = "alike"
    takes = dt.CONTINUOUS
    methods = ("lerp",)
    latex = r"\operatorname{{lerp}}({0}, {1}, {2})"
    examples = (*TERNARY, example((2, 1), (3,), (2, 3)))

    def forward(self, xp: Any, x: Any, end: Any, weight: Any) -> Any:
        way = xp.subtract(end, x)
        from_start = xp.add(x, xp.multiply(weight, way))
        to_end = xp.subtract(end, xp.multiply(way, xp.subtract(1, weight)))
        # from the nearer end, so that both are met without rounding
        return xp.where(xp.less(xp.absolute(weight), 0.5), from_start, to_end)

    def partial(self, node: Node, i: int) -> Tensor:
        a, b, weight = node.inputs
        return (1 - weight, weight, b - a)[i]

    def mistakes(self, node: Node) -> Iterable[Slip]:
        return (Slip("counted from the end instead of the start", lambda a, b, w: b + w * (a - b)),)


reciprocal, rsqrt, sgn = Reciprocal(), Rsqrt(), Sgn()
addcmul, addcdiv, lerp = Addcmul(), Addcdiv(), Lerp()
