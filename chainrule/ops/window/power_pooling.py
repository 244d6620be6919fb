"""The p-norm of each window."""

from __future__ import annotations

import math
from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.errors import ArgumentError
from chainrule.core.op import example
from chainrule.core.size import prod
from chainrule.ops.window.adjoints import totals
from chainrule.ops.window.average_pooling import sizes
from chainrule.ops.window.max_pooling import largest
from chainrule.ops.window.pooling import SlidingPool


class LpPool(SlidingPool, abstract=True):
    """The p-norm of each window, without absolute values: the p-th root of the sum of x^p.

    With ``norm_type`` infinite, the largest absolute value, or the smallest.  A window that hangs
    over is scaled up to the kernel's size, as in PyTorch.  The derivative is 0 where the sum is.
    """

    dtype_rule = "float"
    takes = (dt.REAL, dt.EXACT)
    smooth = False
    convention = "of x^p, not |x|^p; a window that hangs over is scaled up to a whole one"

    def forward(
        self, xp: Any, input: Any, *, norm_type: Any, kernel_size: Any, stride: Any = None,
        ceil_mode: bool = False,
    ) -> Any:  # fmt: skip
        attrs = {"kernel_size": kernel_size, "stride": stride, "ceil_mode": ceil_mode}
        lines = self.windows_of(input, attrs)
        if norm_type == math.inf:
            return largest(xp, xp.absolute(input), lines)
        if norm_type == -math.inf:
            return xp.negative(largest(xp, xp.negative(xp.absolute(input)), lines))
        powers = xp.multiply(input, input) if norm_type == 2 else xp.power(input, norm_type)
        total = xp.step(totals(xp, powers, lines), "sum of powers")
        if any(line.length is None for line in lines):
            share = xp.divide(total, sizes(xp, input, lines))
            total = xp.multiply(share, prod(kernel_size))
        return _root(xp, total, norm_type)

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        order = attrs["norm_type"]
        wrong = isinstance(order, bool) or not isinstance(order, int | float)
        if wrong or order == 0 or math.isnan(order):
            raise ArgumentError(f"norm_type is {order!r}", expected="a number, not 0")
        return super().canonical(attrs)


def _root(xp: Any, total: Any, order: float) -> Any:
    """The root, and 0 without a slope where the sum is 0."""
    if order == 1:
        return total
    nothing = xp.equal(total, 0)
    safe = xp.where(nothing, 1, total)
    if order == 2:
        return xp.where(nothing, 0, xp.sqrt(safe))
    share = xp.divide(xp.power(xp.detach(safe), 0), order)
    return xp.where(nothing, 0, xp.power(safe, share))


class LpPool1d(LpPool):
    """The p-norm of each window that slides along an axis.

    Shapes: input (n, c, l) or (c, l) -> (n, c, places) or (c, places).
    """

    rank = 1
    domain = ((0.5, 2.0),)
    examples = (
        example((2, 1, 6), norm_type=2, kernel_size=3),
        example((1, 6), norm_type=3, kernel_size=3, stride=2, ceil_mode=True),
        example((1, 4), norm_type=math.inf, kernel_size=2),
        example((1, 4), norm_type=-math.inf, kernel_size=2),
    )


class LpPool2d(LpPool):
    """The p-norm of each window of an image.

    Shapes: input (n, c, h, w) or (c, h, w) -> (n, c, *places) or (c, *places).
    """

    rank = 2
    domain = ((0.5, 2.0),)
    examples = (example((1, 1, 4, 4), norm_type=2.0, kernel_size=2),)


class LpPool3d(LpPool):
    """The p-norm of each box of a volume.

    Shapes: input (n, c, d, h, w) or (c, d, h, w) -> (n, c, *places) or (c, *places).
    """

    rank = 3
    domain = ((0.5, 2.0),)
    examples = (example((1, 2, 2, 2), norm_type=1.5, kernel_size=2),)


lp_pool1d, lp_pool2d, lp_pool3d = LpPool1d(), LpPool2d(), LpPool3d()
