"""Angles, in radians, the hyperbolic functions, and the inverses of both."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.node import Node
from chainrule.core.op import Op, Slip, example
from chainrule.core.structural import number
from chainrule.core.tensor import Tensor
from chainrule.namespaces.constants import PI
from chainrule.ops.elementwise.compare import eq
from chainrule.ops.elementwise.elementary import BINARY, UNARY, cos, sin, sqrt, square, where


class Sinh(Op):
    """The hyperbolic sine of each entry."""

    primitive = "sinh"
    methods = ("sinh",)
    dtype_rule = "float"
    latex = r"\sinh({0})"
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
    latex = r"\cosh({0})"
    facts = {"nonnegative": True}
    examples = UNARY

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.cosh(x)

    def partial(self, node: Node, i: int) -> Tensor:
        slope: Tensor = sinh(node.inputs[0])
        return slope


class Atan2(Op):
    """The angle of the point (x, y), the first operand being y: from -π to π; 0 at the origin, as
    its derivatives are there."""

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
        size = square(x) + square(y)
        slope: Tensor = (x if i == 0 else -y) / where(eq(size, 0), 1, size)
        return slope


class Hypot(Op):
    """The root of a² + b², which does not overflow before the result does."""

    primitive = "hypot"
    methods = ("hypot",)
    takes = (dt.REAL, dt.EXACT)
    latex = r"\sqrt{{{0}^2 + {1}^2}}"
    facts = {"commutative": True, "nonnegative": True}
    domain = ((0.2, 2.0), (-2.0, 2.0))
    examples = (*BINARY[:2], example((2,), ()))

    def forward(self, xp: Any, a: Any, b: Any) -> Any:
        return xp.hypot(a, b)

    def partial(self, node: Node, i: int) -> Tensor:
        return node.inputs[i] / node.output


class Tan(Op):
    """The tangent of each entry, in radians."""

    methods = ("tan",)
    dtype_rule = "float"
    latex = r"\tan({0})"
    domain = ((-1.2, 1.2),)
    examples = UNARY

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.divide(xp.sin(x), xp.cos(x))

    def partial(self, node: Node, i: int) -> Tensor:
        slope: Tensor = 1 + square(node.output)
        return slope

    def mistakes(self, node: Node) -> Iterable[Slip]:
        return (Slip("the cotangent instead of the tangent", lambda x: cos(x) / sin(x)),)


class InverseAngle(Op, abstract=True):
    """What the inverses of sine, cosine and tangent share: they are angles of points."""

    dtype_rule = "float"
    takes = (dt.REAL, dt.EXACT)
    examples = UNARY


def _other_side(xp: Any, x: Any) -> Any:
    """√(1 - x²): the side of the right triangle with hypotenuse 1, accurate where x is near 1."""
    return xp.sqrt(xp.multiply(xp.subtract(1, x), xp.add(1, x)))


class Asin(InverseAngle):
    """The angle from -π/2 to π/2 whose sine is the entry; NaN beyond -1 and 1."""

    methods = ("asin", "arcsin")
    latex = r"\arcsin({0})"
    domain = ((-0.9, 0.9),)

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.arctan2(x, _other_side(xp, x))

    def partial(self, node: Node, i: int) -> Tensor:
        x = node.inputs[0]
        slope: Tensor = 1 / sqrt((1 - x) * (1 + x))
        return slope

    def mistakes(self, node: Node) -> Iterable[Slip]:
        return (Slip("one over the sine instead of its inverse function", lambda x: 1 / sin(x)),)


class Acos(InverseAngle):
    """The angle from 0 to π whose cosine is the entry; NaN beyond -1 and 1."""

    methods = ("acos", "arccos")
    latex = r"\arccos({0})"
    facts = {"nonnegative": True}
    domain = ((-0.9, 0.9),)

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.arctan2(_other_side(xp, x), x)

    def partial(self, node: Node, i: int) -> Tensor:
        x = node.inputs[0]
        slope: Tensor = -1 / sqrt((1 - x) * (1 + x))
        return slope

    def mistakes(self, node: Node) -> Iterable[Slip]:
        return (Slip("one over the cosine instead of its inverse function", lambda x: 1 / cos(x)),)


class Atan(InverseAngle):
    """The angle from -π/2 to π/2 whose tangent is the entry."""

    methods = ("atan", "arctan")
    latex = r"\arctan({0})"

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.arctan2(x, 1)

    def partial(self, node: Node, i: int) -> Tensor:
        slope: Tensor = 1 / (1 + square(node.inputs[0]))
        return slope


class Asinh(Op):
    """The number whose hyperbolic sine is the entry."""

    primitive = "arcsinh"
    methods = ("asinh", "arcsinh")
    dtype_rule = "float"
    takes = (dt.REAL, dt.EXACT)
    latex = r"\operatorname{{arsinh}}({0})"
    examples = UNARY

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.arcsinh(x)

    def partial(self, node: Node, i: int) -> Tensor:
        slope: Tensor = 1 / hypot(node.inputs[0], 1)
        return slope


class Acosh(Op):
    """The number from 0 on whose hyperbolic cosine is the entry; NaN below 1."""

    primitive = "arccosh"
    methods = ("acosh", "arccosh")
    dtype_rule = "float"
    takes = (dt.REAL, dt.EXACT)
    latex = r"\operatorname{{arcosh}}({0})"
    facts = {"nonnegative": True}
    domain = ((1.2, 3.0),)
    examples = UNARY

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.arccosh(x)

    def partial(self, node: Node, i: int) -> Tensor:
        x = node.inputs[0]
        slope: Tensor = 1 / (sqrt(x - 1) * sqrt(x + 1))
        return slope


class Atanh(Op):
    """The number whose hyperbolic tangent is the entry; infinite at -1 and 1, NaN beyond."""

    primitive = "arctanh"
    methods = ("atanh", "arctanh")
    dtype_rule = "float"
    takes = (dt.REAL, dt.EXACT)
    latex = r"\operatorname{{artanh}}({0})"
    domain = ((-0.8, 0.8),)
    examples = UNARY

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.arctanh(x)

    def partial(self, node: Node, i: int) -> Tensor:
        x = node.inputs[0]
        slope: Tensor = 1 / ((1 - x) * (1 + x))
        return slope


class Deg2rad(Op):
    """An angle in degrees as one in radians."""

    methods = ("deg2rad",)
    dtype_rule = "float"
    takes = (dt.REAL, dt.EXACT)
    latex, precedence = r"\frac{{\pi}}{{180}} {0}", 2
    examples = UNARY

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.multiply(xp.divide(x, 180), PI)

    def partial(self, node: Node, i: int) -> Tensor:
        return number(PI, node.output) / 180

    def mistakes(self, node: Node) -> Iterable[Slip]:
        return (Slip("radians taken for degrees", rad2deg),)


class Rad2deg(Op):
    """An angle in radians as one in degrees."""

    methods = ("rad2deg",)
    dtype_rule = "float"
    takes = (dt.REAL, dt.EXACT)
    latex, precedence = r"\frac{{180}}{{\pi}} {0}", 2
    examples = UNARY

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.multiply(xp.divide(x, PI), 180)

    def partial(self, node: Node, i: int) -> Tensor:
        return 180 / number(PI, node.output)

    def mistakes(self, node: Node) -> Iterable[Slip]:
        return (Slip("degrees taken for radians", deg2rad),)


class Sinc(Op):
    """sin(πx) / (πx) for each entry, 1 at 0.

    At 0, where the quotient says nothing, the first terms of the series do: the derivatives there
    are right to order 5 (PyTorch's second one is NaN).
    """

    methods = ("sinc",)
    dtype_rule = "float"
    takes = (dt.REAL, dt.EXACT)
    latex = r"\operatorname{{sinc}}({0})"
    domain = ((0.2, 1.8),)
    examples = UNARY

    def forward(self, xp: Any, x: Any) -> Any:
        angle = xp.multiply(x, PI)
        at_zero = xp.equal(x, 0)
        squared = xp.multiply(angle, angle)
        series = xp.subtract(1, xp.multiply(squared, xp.divide(xp.subtract(20, squared), 120)))
        quotient = xp.divide(xp.sin(angle), xp.where(at_zero, 1, angle))
        return xp.where(at_zero, series, quotient)

    def partial(self, node: Node, i: int) -> Tensor:
        x, y = node.inputs[0], node.output
        at_zero = eq(x, 0)
        turn = square(number(PI, x))
        series = turn * x * (turn * square(x) / 30 - 1 / number(3, x))
        quotient = (cos(x * PI) - y) / where(at_zero, 1, x)
        slope: Tensor = where(at_zero, series, quotient)
        return slope

    def mistakes(self, node: Node) -> Iterable[Slip]:
        return (Slip("sin(x) / x: the factor π was forgotten", lambda x: sin(x) / x),)


sinh, cosh, atan2, hypot = Sinh(), Cosh(), Atan2(), Hypot()
tan, asin, acos, atan = Tan(), Asin(), Acos(), Atan()
asinh, acosh, atanh = Asinh(), Acosh(), Atanh()
deg2rad, rad2deg, sinc = Deg2rad(), Rad2deg(), Sinc()
