"""Element-wise functions in pieces: they compare or round, and have kinks or steps."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.node import Node
from chainrule.core.op import Op
from chainrule.core.structural import number
from chainrule.core.tensor import Tensor
from chainrule.ops.elementwise.compare import eq, logical_and, logical_not
from chainrule.ops.elementwise.elementary import BINARY, UNARY, where


class Abs(Op):
    """The absolute value of each entry (the modulus, for complex ones)."""

    primitive = "absolute"
    dtype_rule = "real"
    takes = dt.NUMBERS
    methods = ("abs", "absolute", "__abs__")
    text, latex = "|{0}|", r"\left|{0}\right|"
    facts = {"idempotent": True, "nonnegative": True}
    smooth = False
    examples = UNARY

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.absolute(x)

    def partial(self, node: Node, i: int) -> Tensor:
        x, size = node.inputs[0], node.output
        turned: Tensor = x.conj() / where(eq(size, 0), 1, size) if x.dtype.is_complex else sign(x)
        return turned


class Sign(Op):
    """-1, 0 or 1 for each entry, and 0 for NaN; its derivative is 0."""

    primitive = "sign"
    methods = ("sign",)
    takes = dt.ORDERED
    latex = r"\operatorname{{sign}}({0})"
    facts = {"idempotent": True}
    smooth = False
    convention = "0 at 0"
    examples = UNARY

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.sign(x)

    def partial(self, node: Node, i: int) -> None:
        return None


class Maximum(Op):
    """The larger of two entries; where they are equal, each has half of the derivative."""

    primitive = "maximum"
    methods = ("maximum",)
    takes = dt.ORDERED
    latex = r"\max({0}, {1})"
    facts = {"commutative": True}
    smooth = False
    examples = BINARY

    def forward(self, xp: Any, a: Any, b: Any) -> Any:
        return xp.maximum(a, b)

    def partial(self, node: Node, i: int) -> Tensor:
        a, b = node.inputs
        return _chosen(a < b, eq(a, b), a) if i == 0 else _chosen(b < a, eq(a, b), a)


class Minimum(Op):
    """The smaller of two entries; where they are equal, each has half of the derivative."""

    primitive = "minimum"
    methods = ("minimum",)
    takes = dt.ORDERED
    latex = r"\min({0}, {1})"
    facts = {"commutative": True}
    smooth = False
    examples = BINARY

    def forward(self, xp: Any, a: Any, b: Any) -> Any:
        return xp.minimum(a, b)

    def partial(self, node: Node, i: int) -> Tensor:
        a, b = node.inputs
        return _chosen(b < a, eq(a, b), a) if i == 0 else _chosen(a < b, eq(a, b), a)


class Larger(Op):
    """The maximum of two entries; where they are equal, the first one has the derivative, and the
    first NaN where there are two."""

    primitive = "larger"
    takes = dt.ORDERED
    latex = r"\max({0}, {1})"
    smooth = False
    convention = "the first of equal entries has the derivative"
    examples = BINARY

    def forward(self, xp: Any, a: Any, b: Any) -> Any:
        return xp.larger(a, b)

    def partial(self, node: Node, i: int) -> Tensor:
        a, b = node.inputs
        overtaken = logical_and(eq(a, a), logical_not(b <= a))
        return indicator(overtaken if i == 1 else logical_not(overtaken), node.output)


def _chosen(lost: Tensor, tie: Tensor, like: Tensor) -> Tensor:
    """0 where the other operand was taken, a half at a tie, else 1: so also where one is NaN."""
    one, half, zero = number(1, like), number(0.5, like), number(0, like)
    chosen: Tensor = where(lost, zero, where(tie, half, one))
    return chosen


def indicator(condition: Tensor, like: Tensor) -> Tensor:
    """1 where a condition holds, else 0, of the type of ``like``."""
    made: Tensor = where(condition, number(1, like), number(0, like))
    return made


def zero_where(condition: Tensor, like: Tensor) -> Tensor:
    """0 where a condition holds, else 1 (for NaN, of which no comparison holds, too)."""
    made: Tensor = where(condition, number(0, like), number(1, like))
    return made


class Relu(Op):
    """Each entry where it is positive, else 0; the derivative at 0 is 0."""

    primitive = "relu"
    methods = ("relu",)
    takes = dt.ORDERED_NUMBERS
    latex = r"\operatorname{{ReLU}}({0})"
    facts = {"idempotent": True, "nonnegative": True}
    smooth = False
    examples = UNARY

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.relu(x)

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        return (where(node.output <= 0, 0, g),)

    def partial(self, node: Node, i: int) -> Tensor:
        return zero_where(node.output <= 0, node.output)


abs, sign = Abs(), Sign()
maximum, minimum, larger, relu = Maximum(), Minimum(), Larger(), Relu()
