"""Rounding to whole numbers, and division with a remainder."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.dtypes import DType
from chainrule.core.node import Node
from chainrule.core.op import Op, Slip, example, require
from chainrule.ops.elementwise.elementary import BINARY, UNARY, dtype_name

SCALED = (dt.REAL, dt.EXACT)


def empty(x: Any) -> bool:
    """Whether an operand has no entries, so that nothing is computed from those of the other."""
    return any(isinstance(size, int) and size == 0 for size in getattr(x, "shape", ()))


class Floor(Op):
    """The largest whole number not above each entry; its derivative is 0."""

    primitive = "floor"
    methods = ("floor",)
    takes = dt.ORDERED_NUMBERS
    latex = r"\lfloor {0} \rfloor"
    facts = {"idempotent": True}
    smooth = False
    convention = "towards minus infinity"
    examples = UNARY

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.floor(x)

    def partial(self, node: Node, i: int) -> None:
        return None


class Ceil(Op):
    """The smallest whole number not below each entry; its derivative is 0."""

    methods = ("ceil",)
    takes = dt.ORDERED_NUMBERS
    latex = r"\lceil {0} \rceil"
    facts = {"idempotent": True}
    smooth = False
    examples = UNARY

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.negative(xp.floor(xp.negative(x)))

    def partial(self, node: Node, i: int) -> None:
        return None


def _towards_0(xp: Any, x: Any) -> Any:
    """Each number without its decimals; -0.0 stays, and so do whole numbers of any type."""
    down, up = xp.floor(x), xp.negative(xp.floor(xp.negative(x)))
    return xp.where(xp.less(x, 0), up, down)


class Trunc(Op):
    """The whole part of each entry: rounded towards 0; its derivative is 0."""

    methods = ("trunc", "fix")
    takes = dt.ORDERED_NUMBERS
    latex = r"\operatorname{{trunc}}({0})"
    facts = {"idempotent": True}
    smooth = False
    examples = UNARY

    def forward(self, xp: Any, x: Any) -> Any:
        return _towards_0(xp, x)

    def partial(self, node: Node, i: int) -> None:
        return None

    def mistakes(self, node: Node) -> Iterable[Slip]:
        return (Slip("rounded away from 0 instead of towards it", lambda x: x.sign() + trunc(x)),)


class Frac(Op):
    """What is left of each entry after its whole part, with its sign; the derivative is 1."""

    methods = ("frac",)
    takes = SCALED
    latex = r"\operatorname{{frac}}({0})"
    smooth = False
    examples = UNARY

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.subtract(x, _towards_0(xp, x))

    def partial(self, node: Node, i: int) -> int:
        return 1


class RoundWhole(Op):
    """The nearest whole number, halves to the even one; its derivative is 0."""

    primitive = "round"
    takes = dt.ORDERED_NUMBERS
    latex = r"\operatorname{{round}}({0})"
    facts = {"idempotent": True}
    smooth = False
    examples = UNARY

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.round(x)

    def partial(self, node: Node, i: int) -> None:
        return None


class Round(Op):
    """The nearest number with so many ``decimals``, halves to the even digit; its derivative is 0.

    As PyTorch does it: round(x * 10^decimals) / 10^decimals.
    """

    methods = ("round",)
    latex = r"\operatorname{{round}}({0})"
    smooth = False
    examples = (*UNARY, example((2, 3), decimals=1), example((3,), decimals=-1))

    def forward(self, xp: Any, x: Any, *, decimals: int = 0) -> Any:
        if decimals == 0:
            return xp.round(x)
        scale = 10.0 ** abs(decimals)
        if decimals > 0:
            return xp.divide(xp.round(xp.multiply(x, scale)), scale)
        return xp.multiply(xp.round(xp.divide(x, scale)), scale)

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        require(self.name, given[0], *(dt.ORDERED_NUMBERS if not attrs["decimals"] else SCALED))
        return given, given[0]

    def partial(self, node: Node, i: int) -> None:
        return None


class Division(Op, abstract=True):
    """What divisions with a remainder share: whole numbers are not divided by 0."""

    takes = dt.ORDERED_NUMBERS
    smooth = False
    domain = ("real", (0.5, 2.0))
    examples = BINARY

    def checks(self, xp: Any, a: Any, b: Any) -> Iterable[tuple[Any, str]]:
        whole = "int" in str(getattr(b, "dtype", ""))
        if not whole or empty(a):
            return ()
        return ((xp.equal(b, 0), "a whole number is divided by 0"),)


class FloorDivide(Division):
    """The quotient rounded down, entry by entry; its derivative is 0."""

    primitive = "floor_divide"
    methods = ("floor_divide", "__floordiv__", "__rfloordiv__")
    text, latex, precedence = "{0} // {1}", r"\lfloor {0} / {1} \rfloor", 2

    def forward(self, xp: Any, a: Any, b: Any) -> Any:
        return xp.floor_divide(a, b)

    def partial(self, node: Node, i: int) -> None:
        return None


class Remainder(Division):
    """What a // b leaves of a, with the sign of b, entry by entry: a - b * (a // b)."""

    primitive = "remainder"
    methods = ("remainder", "__mod__", "__rmod__")
    text, latex, precedence = "{0} % {1}", r"{0} \bmod {1}", 2

    def forward(self, xp: Any, a: Any, b: Any) -> Any:
        return xp.remainder(a, b)

    def partial(self, node: Node, i: int) -> Any:
        a, b = node.inputs
        return 1 if i == 0 else -floor_divide(a, b)


class TruncDivide(Division):
    """The quotient rounded towards 0, entry by entry, div(rounding_mode="trunc"); its derivative is
    0."""

    text, latex = "trunc({0} / {1})", r"\operatorname{{trunc}}({0} / {1})"

    def forward(self, xp: Any, a: Any, b: Any) -> Any:
        if "int" in dtype_name(a):  # a quotient of large whole numbers is no float
            size = xp.floor_divide(xp.absolute(a), xp.absolute(b))
            return xp.multiply(xp.multiply(xp.sign(a), xp.sign(b)), size)
        return _towards_0(xp, xp.divide(a, b))

    def partial(self, node: Node, i: int) -> None:
        return None


class Fmod(Division):
    """What a / b leaves of a, with the sign of a, entry by entry: a - b trunc(a / b)."""

    methods = ("fmod",)
    latex = r"\operatorname{{fmod}}({0}, {1})"

    def forward(self, xp: Any, a: Any, b: Any) -> Any:
        size, below = xp.absolute(b), xp.less(a, 0)
        left = xp.remainder(xp.where(below, xp.negative(a), a), size)
        return xp.where(below, xp.negative(left), left)

    def partial(self, node: Node, i: int) -> Any:
        a, b = node.inputs
        return 1 if i == 0 else -trunc_divide(a, b)

    def mistakes(self, node: Node) -> Iterable[Slip]:
        return (Slip("the quotient instead of what is left", trunc_divide),)


floor, ceil, trunc, frac = Floor(), Ceil(), Trunc(), Frac()
round_whole, round = RoundWhole(), Round()
floor_divide, remainder = FloorDivide(), Remainder()
trunc_divide, fmod = TruncDivide(), Fmod()
