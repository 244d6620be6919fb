"""Entries held between bounds, and numbers in the place of NaN and infinities."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from chainrule.core import dtypes as dt
from chainrule.core.node import Node
from chainrule.core.op import Op, Slip, example
from chainrule.core.tensor import Tensor
from chainrule.ops.elementwise.elementary import BINARY, UNARY, dtype_name
from chainrule.ops.elementwise.piecewise import indicator, maximum, minimum
from chainrule.ops.elementwise.predicates import isfinite, isnan


def _at_least(xp: Any, x: Any, low: Any) -> Any:
    """X where it is not below ``low``, else low; NaN where one of them is."""
    return xp.where(xp.less_equal(low, x), x, xp.where(xp.equal(x, x), low, x))


def _at_most(xp: Any, x: Any, high: Any) -> Any:
    """X where it is not above ``high``, else high; NaN where one of them is."""
    return xp.where(xp.less_equal(x, high), x, xp.where(xp.equal(x, x), high, x))


class ClampMin(Op):
    """Each entry, but not less than ``min``: at the bound the derivative by x is 1, by min 0."""

    methods = ("clamp_min",)
    takes = dt.ORDERED
    latex = r"\max({0}, {1})"
    facts = {"selects": (0, 1)}
    smooth = False
    examples = BINARY

    def forward(self, xp: Any, x: Any, min: Any) -> Any:
        return _at_least(xp, x, min)

    def partial(self, node: Node, i: int) -> Tensor:
        x, low = node.inputs
        return indicator(x >= low if i == 0 else x < low, node.output)

    def mistakes(self, node: Node) -> Iterable[Slip]:
        return (Slip("held from above instead of from below", minimum),)


class ClampMax(Op):
    """Each entry, but not more than ``max``: at the bound the derivative by x is 1, by max 0."""

    methods = ("clamp_max",)
    takes = dt.ORDERED
    latex = r"\min({0}, {1})"
    facts = {"selects": (0, 1)}
    smooth = False
    examples = BINARY

    def forward(self, xp: Any, x: Any, max: Any) -> Any:
        return _at_most(xp, x, max)

    def partial(self, node: Node, i: int) -> Tensor:
        x, high = node.inputs
        return indicator(x <= high if i == 0 else x > high, node.output)

    def mistakes(self, node: Node) -> Iterable[Slip]:
        return (Slip("held from below instead of from above", maximum),)


class Clamp(Op):
    """Each entry, but not less than ``min`` and not more than ``max``; max where min is above it.

    As PyTorch has it, the derivative by x is 1 at both bounds, and those by the bounds are 0 there;
    that by min is 0 also where max is not above it.
    """

    takes = dt.ORDERED_NUMBERS
    latex = r"\min(\max({0}, {1}), {2})"
    smooth = False
    domain = ("real", (-1.5, -0.2), (0.2, 1.5))
    examples = (
        example((2, 3), (2, 3), (2, 3)),
        example((4, 3), (), ()),
        example((2, 1), (3,), ()),
    )

    def forward(self, xp: Any, x: Any, min: Any, max: Any) -> Any:
        return _at_most(xp, _at_least(xp, x, min), max)

    def partial(self, node: Node, i: int) -> Tensor:
        x, low, high = node.inputs
        if i == 0:
            return indicator((x >= low) & (x <= high), node.output)
        chosen = (x < low) & (low < high) if i == 1 else (x > high) | (high < low)
        return indicator(chosen, node.output)


class Fmax(Op):
    """The larger of two entries, the other one where one is NaN; of equal ones the first has all
    of the derivative."""

    methods = ("fmax",)
    takes = dt.ORDERED
    latex = r"\operatorname{{fmax}}({0}, {1})"
    facts = {"commutative": True}
    smooth = False
    examples = BINARY

    def forward(self, xp: Any, a: Any, b: Any) -> Any:
        return xp.where(xp.logical_or(xp.less_equal(b, a), _missing(xp, b)), a, b)

    def partial(self, node: Node, i: int) -> Tensor:
        a, b = node.inputs
        first = (b <= a) | isnan(b)
        return indicator(first if i == 0 else ~first, node.output)


class Fmin(Op):
    """The smaller of two entries, the other one where one is NaN; of equal ones the first has all
    of the derivative."""

    methods = ("fmin",)
    takes = dt.ORDERED
    latex = r"\operatorname{{fmin}}({0}, {1})"
    facts = {"commutative": True}
    smooth = False
    examples = BINARY

    def forward(self, xp: Any, a: Any, b: Any) -> Any:
        return xp.where(xp.logical_or(xp.less_equal(a, b), _missing(xp, b)), a, b)

    def partial(self, node: Node, i: int) -> Tensor:
        a, b = node.inputs
        first = (a <= b) | isnan(b)
        return indicator(first if i == 0 else ~first, node.output)


def _missing(xp: Any, x: Any) -> Any:
    """Where an entry is NaN."""
    return xp.logical_not(xp.equal(x, x))


class NanToNum(Op):
    """The entries, but numbers for NaN and the infinities: ``posinf`` and ``neginf`` are by default
    the largest and smallest of the type.  The derivative is 0 where an entry is replaced.

    Whole and exact numbers are always finite: they stay.
    """

    methods = ("nan_to_num",)
    takes = dt.ORDERED
    latex = r"\operatorname{{finite}}({0})"
    examples = (*UNARY, example((2, 3), nan=1.0, posinf=2.0, neginf=-2.0))

    def forward(
        self,
        xp: Any,
        x: Any,
        *,
        nan: float | None = 0.0,
        posinf: float | None = None,
        neginf: float | None = None,
    ) -> Any:
        name = dtype_name(x)
        if not name.startswith("float"):
            return x
        largest = float(np.finfo(name).max)
        high = largest if posinf is None else posinf
        low = -largest if neginf is None else neginf
        finite = xp.equal(xp.multiply(x, 0), 0)
        other = xp.where(xp.less(0, x), high, xp.where(xp.equal(x, x), low, xp.multiply(x, 0)))
        made = xp.where(finite, x, other)
        return xp.where(xp.equal(x, x), made, nan or 0.0)

    def partial(self, node: Node, i: int) -> Tensor:
        return indicator(isfinite(node.inputs[0]), node.output)


clamp_min, clamp_max, clamp_between = ClampMin(), ClampMax(), Clamp()
fmax, fmin, nan_to_num = Fmax(), Fmin(), NanToNum()
