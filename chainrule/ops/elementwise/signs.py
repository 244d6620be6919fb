"""Signs taken from other numbers, and the unit step."""

from __future__ import annotations

from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.node import Node
from chainrule.core.op import Op
from chainrule.core.structural import number
from chainrule.core.tensor import Tensor
from chainrule.ops.elementwise.compare import eq
from chainrule.ops.elementwise.elementary import BINARY, dtype_name, where
from chainrule.ops.elementwise.piecewise import indicator, sign
from chainrule.ops.elementwise.predicates import negative_sign, signbit


class Copysign(Op):
    """|a| with the sign of b, entry by entry, that of -0.0 too; the derivative by a is 0 at 0."""

    methods = ("copysign",)
    dtype_rule = "float"
    takes = (dt.REAL, dt.EXACT)
    latex = r"\operatorname{{copysign}}({0}, {1})"
    smooth = False
    examples = BINARY

    def forward(self, xp: Any, a: Any, b: Any) -> Any:
        size = xp.absolute(a)
        return xp.where(negative_sign(xp, b), xp.negative(size), size)

    def partial(self, node: Node, i: int) -> Tensor | None:
        if i == 1:
            return None
        a, b = node.inputs
        slope: Tensor = sign(a) * where(signbit(b), number(-1, b), number(1, b))
        return slope


class Heaviside(Op):
    """The unit step: 0 below 0, 1 above, at 0 the second operand; 0 for NaN, as in PyTorch.

    The derivative by x is 0; that by the second operand, which PyTorch does not give, is 1 where x
    is 0.  Raises DTypeError for operands of two types.
    """

    methods = ("heaviside",)
    dtype_rule = "alike"
    takes = dt.ORDERED
    latex = r"\operatorname{{H}}({0}, {1})"
    smooth = False
    examples = BINARY

    def forward(self, xp: Any, x: Any, values: Any) -> Any:
        if dtype_name(x).startswith("bool"):
            return xp.logical_or(x, values)
        return xp.where(xp.less(0, x), 1, xp.where(xp.equal(x, 0), values, 0))

    def partial(self, node: Node, i: int) -> Tensor | None:
        if i == 0:
            return None
        return indicator(eq(node.inputs[0], 0), node.output)


copysign, heaviside = Copysign(), Heaviside()
