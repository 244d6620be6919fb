"""Activations in straight pieces; each says its derivative at the kinks, which is PyTorch's."""

from __future__ import annotations

from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.dtyperules import fits
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.node import Node
from chainrule.core.op import Op, example
from chainrule.core.signature import Shape
from chainrule.core.structural import number
from chainrule.core.tensor import Tensor
from chainrule.ops.elementwise.elementary import UNARY, held, where
from chainrule.ops.elementwise.piecewise import abs, indicator, zero_where

FLOATING = (dt.REAL, dt.EXACT)


def _between(xp: Any, x: Any, low: float, high: float) -> Any:
    """X between two bounds; at the bounds it is constant, so that the derivative there is 0."""
    above = xp.where(xp.less_equal(high, x), high, x)
    return xp.where(xp.less_equal(x, low), low, above)


class Relu6(Op):
    """Each entry held between 0 and 6; the derivatives at 0 and at 6 are 0."""

    takes = dt.ORDERED_NUMBERS
    latex = r"\min(\max({0}, 0), 6)"
    facts = {"idempotent": True, "nonnegative": True}
    smooth = False
    domain = ((-4.0, 10.0),)
    examples = (example((3, 4)), example(()))

    def forward(self, xp: Any, x: Any) -> Any:
        return _between(xp, x, 0, 6)

    def partial(self, node: Node, i: int) -> Tensor:
        x = node.inputs[0]
        return zero_where((x <= 0) | (x >= 6), x)


class Hardtanh(Op):
    """Each entry held between ``min_val`` and ``max_val``; the derivatives at both are 0.

    Raises ArgumentError where min_val is above max_val, and DTypeError for bounds that are no whole
    numbers where the entries are.
    """

    takes = dt.ORDERED_NUMBERS
    latex = r"\min(\max({0}, {min_val}), {max_val})"
    facts = {"idempotent": True}
    smooth = False
    examples = (*UNARY, example((3, 4), min_val=-0.5, max_val=1.5))

    def forward(self, xp: Any, x: Any, *, min_val: float = -1.0, max_val: float = 1.0) -> Any:
        return _between(xp, x, held(x, min_val), held(x, max_val))

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["min_val"] > attrs["max_val"]:
            raise ArgumentError(
                f"hardtanh: min_val {attrs['min_val']!r} is above max_val {attrs['max_val']!r}"
            )
        return attrs

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        wanted, made = super().dtypes(given, ranks)
        fits(made, **attrs)
        return wanted, made

    def partial(self, node: Node, i: int) -> Tensor:
        x, attrs = node.inputs[0], node.attrs
        return zero_where((x <= attrs["min_val"]) | (x >= attrs["max_val"]), x)


class Hardsigmoid(Op):
    """(x + 3) / 6 held between 0 and 1, entry by entry; the derivatives at -3 and 3 are 0."""

    takes = FLOATING
    latex = r"\min(\max(({0} + 3) / 6, 0), 1)"
    facts = {"nonnegative": True}
    smooth = False
    domain = ((-5.0, 5.0),)
    examples = (example((3, 4)), example(()))

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.divide(_between(xp, xp.add(x, 3), 0, 6), 6)

    def partial(self, node: Node, i: int) -> Tensor:
        x = node.inputs[0]
        return indicator((x > -3) & (x < 3), x) / 6


class Hardswish(Op):
    """x times (x + 3) / 6 held between 0 and 1, entry by entry; the derivative at -3 is 0, at 3
    it is 1."""

    takes = FLOATING
    latex = r"{0} \min(\max(({0} + 3) / 6, 0), 1)"
    smooth = False
    domain = ((-5.0, 5.0),)
    examples = (example((3, 4)), example(()))

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.multiply(x, xp.divide(_between(xp, xp.add(x, 3), 0, 6), 6))

    def partial(self, node: Node, i: int) -> Tensor:
        x = node.inputs[0]
        one, zero = number(1, x), number(0, x)
        slope: Tensor = where(x <= -3, zero, where(x < 3, x / 3 + 0.5, one))
        return slope


class LeakyRelu(Op):
    """Each entry where it is positive, else ``negative_slope`` times it; the derivative at 0 is
    negative_slope."""

    takes = FLOATING
    latex = r"\operatorname{{LeakyReLU}}_{{{negative_slope}}}({0})"
    smooth = False
    examples = (*UNARY, example((3, 4), negative_slope=0.25))

    def forward(self, xp: Any, x: Any, *, negative_slope: float = 0.01) -> Any:
        return xp.where(xp.less(0, x), x, xp.multiply(x, negative_slope))

    def partial(self, node: Node, i: int) -> Tensor:
        x = node.inputs[0]
        slope: Tensor = where(x > 0, number(1, x), number(node.attrs["negative_slope"], x))
        return slope


class Prelu(Op):
    """Each entry where it is positive, else the slope of its channel times it; the derivative at 0
    is the slope.

    Shapes: x (n, c, *d), weight (c) or (1) -> x's.  Raises ShapeError where they do not fit.
    """

    methods = ("prelu",)
    dtype_rule = "alike"
    takes = FLOATING
    latex = r"\operatorname{{PReLU}}_{{{1}}}({0})"
    smooth = False
    examples = (
        example((2, 3), (3,)),
        example((2, 3, 2), (1,)),
        example((4,), (1,)),
        example((2, 3), ()),
        example((), (1,)),
    )

    def forward(self, xp: Any, x: Any, weight: Any) -> Any:
        free = len(x.shape) - 2
        if weight.shape and free != -1:
            weight = xp.reshape(weight, (*weight.shape, *(1,) * free) if free >= 0 else ())
        above = xp.less(0, x)
        below = xp.where(
            above, 0, x
        )  # an infinite x above 0 has no part in the weight's derivative
        return xp.where(above, x, xp.multiply(weight, below))

    def shape(self, x: Shape, weight: Shape) -> Shape:
        channels = x[1] if len(x) > 1 else 1
        if len(weight) > 1 or (weight and weight[0] != 1 and weight[0] != channels):
            raise ShapeError(
                "the weight has one slope for all, or one for each channel, the second axis",
                expected=f"weight (1,) or ({channels},)",
            )
        return x


class Softshrink(Op):
    """Each entry moved ``lambd`` towards 0, and 0 where it is not so far away; the derivatives at
    -lambd and lambd are 0.  Raises ArgumentError for a negative lambd."""

    takes = FLOATING
    latex = r"\operatorname{{softshrink}}_{{{lambd}}}({0})"
    smooth = False
    examples = (*UNARY, example((3, 4), lambd=1.25))

    def forward(self, xp: Any, x: Any, *, lambd: float = 0.5) -> Any:
        inner = xp.where(xp.less(x, -lambd), xp.add(x, lambd), xp.multiply(x, 0))
        return xp.where(xp.less(lambd, x), xp.subtract(x, lambd), inner)

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs["lambd"] >= 0:
            raise ArgumentError(f"softshrink: lambd is {attrs['lambd']!r}", expected="0 or more")
        return attrs

    def partial(self, node: Node, i: int) -> Tensor:
        x = node.inputs[0]
        return zero_where(abs(x) <= node.attrs["lambd"], x)


class Hardshrink(Op):
    """Each entry, but 0 where it is from -``lambd`` to ``lambd``; the derivatives at both are 0."""

    methods = ("hardshrink",)
    takes = FLOATING
    latex = r"\operatorname{{hardshrink}}_{{{lambd}}}({0})"
    facts = {"idempotent": True}
    smooth = False
    examples = (*UNARY, example((3, 4), lambd=1.25))

    def forward(self, xp: Any, x: Any, *, lambd: float = 0.5) -> Any:
        small = xp.logical_and(xp.less_equal(-lambd, x), xp.less_equal(x, lambd))
        return xp.where(small, 0, x)

    def partial(self, node: Node, i: int) -> Tensor:
        x, lambd = node.inputs[0], node.attrs["lambd"]
        return zero_where((x >= -lambd) & (x <= lambd), x)


class Threshold(Op):
    """Each entry where it is above ``threshold``, else ``value``; the derivative at the threshold
    is 0.

    Raises DTypeError for numbers that are not whole where the entries are.
    """

    takes = dt.ORDERED_NUMBERS
    latex = r"\begin{{cases}} {0} & {0} > {threshold} \\ {value} & \text{{otherwise}} \end{{cases}}"
    smooth = False
    examples = (
        example((3, 4), threshold=0.5, value=-1.0),
        example((), threshold=-0.25, value=0.0),
        example((2, 3), threshold=1, value=20),
    )

    def forward(self, xp: Any, x: Any, *, threshold: float, value: float) -> Any:
        return xp.where(xp.less_equal(x, held(x, threshold)), held(x, value), x)

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        wanted, made = super().dtypes(given, ranks)
        fits(made, **attrs)
        return wanted, made

    def partial(self, node: Node, i: int) -> Tensor:
        x = node.inputs[0]
        return zero_where(x <= node.attrs["threshold"], x)


relu6, hardtanh, hardsigmoid, hardswish = Relu6(), Hardtanh(), Hardsigmoid(), Hardswish()
leaky_relu, prelu, threshold = LeakyRelu(), Prelu(), Threshold()
softshrink, hardshrink = Softshrink(), Hardshrink()
