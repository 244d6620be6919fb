"""Exponentials and logarithms near their zeros, and the error function with its inverse."""

from __future__ import annotations

from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.node import Node
from chainrule.core.op import Op
from chainrule.core.structural import number
from chainrule.core.tensor import Tensor
from chainrule.namespaces.constants import TWO_OVER_ROOT_PI
from chainrule.ops.elementwise.elementary import UNARY, exp, square


class Expm1(Op):
    """e^x - 1 for each entry, accurate where x is small."""

    primitive = "expm1"
    methods = ("expm1",)
    dtype_rule = "float"
    text, latex, precedence = "exp({0}) - 1", "e^{{{0}}} - 1", 1
    examples = UNARY

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.expm1(x)

    def partial(self, node: Node, i: int) -> Tensor:
        slope: Tensor = exp(node.inputs[0])
        return slope


class Log1p(Op):
    """ln(1 + x) for each entry, accurate where x is small."""

    primitive = "log1p"
    methods = ("log1p",)
    dtype_rule = "float"
    text, latex = "log(1 + {0})", r"\ln(1 + {0})"
    domain = ((-0.8, 3.0),)
    examples = UNARY

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.log1p(x)

    def partial(self, node: Node, i: int) -> Tensor:
        return 1 / (1 + node.inputs[0])


class Erf(Op):
    """The error function of each entry: 2 / √π times the integral of e^(-t²) from 0 to x."""

    primitive = "erf"
    methods = ("erf",)
    dtype_rule = "float"
    takes = (dt.REAL, dt.EXACT)
    latex = r"\operatorname{{erf}}({0})"
    examples = UNARY

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.erf(x)

    def partial(self, node: Node, i: int) -> Tensor:
        return _bell(node.inputs[0])


class Erfc(Op):
    """1 - erf(x) for each entry, accurate where that is small."""

    primitive = "erfc"
    methods = ("erfc",)
    dtype_rule = "float"
    takes = (dt.REAL, dt.EXACT)
    latex = r"\operatorname{{erfc}}({0})"
    facts = {"nonnegative": True}
    examples = UNARY

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.erfc(x)

    def partial(self, node: Node, i: int) -> Tensor:
        return -_bell(node.inputs[0])


class Erfinv(Op):
    """The number whose error function is the entry: infinite at -1 and 1, NaN beyond."""

    primitive = "erfinv"
    methods = ("erfinv",)
    dtype_rule = "float"
    takes = (dt.REAL, dt.EXACT)
    latex = r"\operatorname{{erf}}^{{-1}}({0})"
    domain = ((-0.9, 0.9),)
    examples = UNARY

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.erfinv(x)

    def partial(self, node: Node, i: int) -> Tensor:
        slope: Tensor = exp(square(node.output)) / number(TWO_OVER_ROOT_PI, node.output)
        return slope


def _bell(x: Tensor) -> Tensor:
    """2 / √π e^(-x²)."""
    height: Tensor = exp(-square(x)) * TWO_OVER_ROOT_PI
    return height


expm1, log1p, erf, erfc, erfinv = Expm1(), Log1p(), Erf(), Erfc(), Erfinv()
