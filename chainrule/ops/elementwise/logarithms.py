"""Exponentials and logarithms to other bases, of sums, and of odds."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.errors import ArgumentError
from chainrule.core.node import Node
from chainrule.core.op import Op, Slip, example
from chainrule.core.structural import number
from chainrule.core.tensor import Tensor
from chainrule.namespaces.constants import LN_2, LN_10
from chainrule.ops.elementwise.compare import eq
from chainrule.ops.elementwise.elementary import (
    BINARY,
    UNARY,
    exp,
    log,
    sigmoid,
    sqrt,
    square,
    where,
)
from chainrule.ops.elementwise.piecewise import indicator


class Exp2(Op):
    """2 to the power of each entry."""

    methods = ("exp2",)
    dtype_rule = "float"
    text, latex, precedence = "2 ** {0}", "2^{{{0}}}", 4
    facts = {"nonnegative": True}
    examples = UNARY

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.power(2, x)

    def partial(self, node: Node, i: int) -> Tensor:
        return node.output * LN_2

    def mistakes(self, node: Node) -> Iterable[Slip]:
        return (Slip("e instead of 2 as the base", exp),)


class Log2(Op):
    """The logarithm of each entry to base 2."""

    primitive = "log2"
    methods = ("log2",)
    dtype_rule = "float"
    latex = r"\log_2({0})"
    domain = ((0.2, 3.0),)
    examples = UNARY

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.log2(x)

    def partial(self, node: Node, i: int) -> Tensor:
        slope: Tensor = 1 / (node.inputs[0] * LN_2)
        return slope

    def mistakes(self, node: Node) -> Iterable[Slip]:
        return (Slip("the natural logarithm instead of that to base 2", log),)


class Log10(Op):
    """The logarithm of each entry to base 10."""

    primitive = "log10"
    methods = ("log10",)
    dtype_rule = "float"
    latex = r"\log_{{10}}({0})"
    domain = ((0.2, 3.0),)
    examples = UNARY

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.log10(x)

    def partial(self, node: Node, i: int) -> Tensor:
        slope: Tensor = 1 / (node.inputs[0] * LN_10)
        return slope

    def mistakes(self, node: Node) -> Iterable[Slip]:
        return (Slip("the natural logarithm instead of that to base 10", log),)


def _larger_and_gap(xp: Any, a: Any, b: Any) -> tuple[Any, Any]:
    """The larger of two numbers and how far above the other it is; 0 for two infinities."""
    same = xp.equal(a, b)
    return xp.maximum(a, b), xp.where(same, 0, xp.absolute(xp.subtract(a, b)))


class Logaddexp(Op):
    """ln(e^a + e^b), entry by entry, which does not overflow before the result does."""

    methods = ("logaddexp",)
    takes = (dt.REAL, dt.EXACT)
    latex = r"\ln(e^{{{0}}} + e^{{{1}}})"
    facts = {"commutative": True}
    examples = BINARY

    def forward(self, xp: Any, a: Any, b: Any) -> Any:
        top, gap = _larger_and_gap(xp, a, b)
        return xp.add(top, xp.log1p(xp.exp(xp.negative(gap))))

    def partial(self, node: Node, i: int) -> Tensor:
        share: Tensor = sigmoid(node.inputs[i] - node.inputs[1 - i])
        return share

    def mistakes(self, node: Node) -> Iterable[Slip]:
        return (Slip("the logarithm of a sum is no sum of logarithms", lambda a, b: a + b),)


class Logaddexp2(Op):
    """The logarithm to base 2 of 2^a + 2^b, entry by entry, which does not overflow before the
    result does."""

    methods = ("logaddexp2",)
    takes = (dt.REAL, dt.EXACT)
    latex = r"\log_2(2^{{{0}}} + 2^{{{1}}})"
    facts = {"commutative": True}
    examples = BINARY

    def forward(self, xp: Any, a: Any, b: Any) -> Any:
        top, gap = _larger_and_gap(xp, a, b)
        rest = xp.log1p(xp.power(2, xp.negative(gap)))
        return xp.add(top, xp.divide(rest, LN_2))

    def partial(self, node: Node, i: int) -> Tensor:
        share: Tensor = sigmoid((node.inputs[i] - node.inputs[1 - i]) * LN_2)
        return share

    def mistakes(self, node: Node) -> Iterable[Slip]:
        return (Slip("the logarithm of a sum is no sum of logarithms", lambda a, b: a + b),)


class Xlogy(Op):
    """a ln b, entry by entry, and 0 where a is 0, unless b is NaN.

    The derivative by a is ln b, and 0 where a is 0 and b is not positive.
    """

    methods = ("xlogy",)
    dtype_rule = "float"
    takes = (dt.REAL, dt.EXACT)
    latex, precedence = r"{0} \ln({1})", 2
    domain = ("real", (0.2, 3.0))
    examples = BINARY

    def forward(self, xp: Any, a: Any, b: Any) -> Any:
        product = xp.multiply(a, xp.log(xp.where(_nothing(xp, a, b), 1, b)))
        # 0 times an infinite logarithm is 0 too, whose derivative by a stays infinite
        lost = xp.logical_and(xp.equal(a, 0), xp.equal(b, b))
        return xp.with_value(product, xp.where(lost, 0, product))

    def partial(self, node: Node, i: int) -> Tensor:
        a, b = node.inputs
        if i == 1:
            return a / b
        slope: Tensor = log(where(eq(a, 0) & (b <= 0), 1, b))
        return slope


def _nothing(xp: Any, a: Any, b: Any) -> Any:
    """Where 0 stands before a logarithm of something that is not positive."""
    return xp.logical_and(xp.equal(a, 0), xp.less_equal(b, 0))


class Logit(Op):
    """ln(x / (1 - x)), the logarithm of the odds of each entry; NaN outside 0 … 1.

    With ``eps``, entries below it count as eps, and those above 1 - eps as 1 - eps; the derivative
    is 0 there, but not at the two bounds.
    """

    methods = ("logit",)
    dtype_rule = "float"
    takes = (dt.REAL, dt.EXACT)
    latex = r"\operatorname{{logit}}({0})"
    domain = ("prob",)
    examples = (*UNARY, example((2, 3), eps=0.3))

    def forward(self, xp: Any, x: Any, *, eps: float | None = None) -> Any:
        if eps is not None:
            low, high = eps, 1 - eps
            x = xp.where(xp.less(x, low), low, xp.where(xp.less(high, x), high, x))
        return xp.log(xp.divide(x, xp.subtract(1, x)))

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        eps = attrs["eps"]
        if eps is not None and (isinstance(eps, Tensor) or math.isnan(eps)):
            raise ArgumentError(f"logit takes a number as eps, not {eps!r}")
        return attrs

    def partial(self, node: Node, i: int) -> Tensor:
        x, eps = node.inputs[0], node.attrs["eps"]
        if eps is None:
            slope: Tensor = 1 / square(sqrt(x * (1 - x)))  # NaN outside, as the value
            return slope
        inside = ~((x < eps) | (x > 1 - eps))  # NaN, too
        safe = where(inside, x, number(0.5, x))
        sloped: Tensor = indicator(inside, x) / square(sqrt(safe * (1 - safe)))  # ∞ at -0.0 too
        return sloped

    def mistakes(self, node: Node) -> Iterable[Slip]:
        return (Slip("the logistic function instead of its inverse", lambda x, eps: sigmoid(x)),)


exp2, log2, log10 = Exp2(), Log2(), Log10()
logaddexp, logaddexp2 = Logaddexp(), Logaddexp2()
xlogy, logit = Xlogy(), Logit()
