"""Angles, in radians, and the hyperbolic functions."""

from __future__ import annotations

from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.node import Node
from chainrule.core.op import Op, example
from chainrule.core.tensor import Tensor
from chainrule.ops.elementwise import BINARY, UNARY, square


class Sinh(Op):
    """The hyperbolic sine of each entry."""

    primitive = "sinh"
    methods = ("sinh",)
    dtype_rule = "float"
    latex = r"\sinh {0}"
    examples = UNARY

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.sinh(x)

    def partial(self, node: Node, i: int) -> Tensor:
        slope: Tensor = cosh(node.inputs[0])
        return slope


class Cosh(Op):
    """The hyperbolic cosine of each entry."""

    primitive = "cosh"
    methods = ("cosh",)
    dtype_rule = "float"
    latex = r"\cosh {0}"
    facts = {"nonnegative": True}
    examples = UNARY

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.cosh(x)

    def partial(self, node: Node, i: int) -> Tensor:
        slope: Tensor = sinh(node.inputs[0])
        return slope


class Atan2(Op):
    """The angle of the point (x, y), the first operand being y: from -π to π, 0 at the origin."""

    primitive = "arctan2"
    methods = ("atan2", "arctan2")
    dtype_rule = "float"
    takes = (dt.REAL, dt.EXACT)
    latex = r"\operatorname{{atan2}}({0}, {1})"
    smooth = False
    domain = ((0.2, 2.0), (-2.0, 2.0))
    examples = BINARY

    def forward(self, xp: Any, y: Any, x: Any) -> Any:
        return xp.arctan2(y, x)

    def partial(self, node: Node, i: int) -> Tensor:
        y, x = node.inputs
        slope: Tensor = (x if i == 0 else -y) / (square(x) + square(y))
        return slope


class Hypot(Op):
    """The root of a² + b², which does not overflow before the result does."""

    primitive = "hypot"
    methods = ("hypot",)
    dtype_rule = "float"
    takes = (dt.REAL, dt.EXACT)
    latex = r"\sqrt{{{0}^2 + {1}^2}}"
    facts = {"commutative": True, "nonnegative": True}
    domain = ((0.2, 2.0), (-2.0, 2.0))
    examples = (*BINARY[:2], example((2,), ()))

    def forward(self, xp: Any, a: Any, b: Any) -> Any:
        return xp.hypot(a, b)

    def partial(self, node: Node, i: int) -> Tensor:
        return node.inputs[i] / node.output


sinh, cosh, atan2, hypot = Sinh(), Cosh(), Atan2(), Hypot()
