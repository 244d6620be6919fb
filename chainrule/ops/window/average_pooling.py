"""The mean of each window."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.errors import ArgumentError
from chainrule.core.lowering import recorder
from chainrule.core.node import Node
from chainrule.core.op import example
from chainrule.core.size import Size
from chainrule.core.tensor import Tensor
from chainrule.ops.window.adjoints import totals, window_spread
from chainrule.ops.window.lines import Line, lined_up
from chainrule.ops.window.pooling import Pool, SlidingPool, switch


def sizes(xp: Any, x: Any, lines: Sequence[Line], border: int = 0) -> Any:
    """How many entries each window has: a number where all have the same.

    Entries of the padding count as ``border``.
    """
    number: Any = 1
    counts = None
    for dim, line in lined_up(x, lines):
        if line.length is not None and (border or not line.padding):
            number = number * line.length
            continue
        edge = (slice(0, n if d == dim or n == 0 else 1, 1) for d, n in enumerate(x.shape))
        ones = xp.power(xp.detach(xp.slice(x, tuple(edge))), 0)
        found = line.total(xp, ones, dim, border)
        counts = found if counts is None else xp.multiply(counts, found)
    return number if counts is None else xp.multiply(counts, number)


class Average(Pool, abstract=True):
    """What the means of windows share."""

    takes = dt.CONTINUOUS

    def divisor(self, xp: Any, x: Any, lines: Sequence[Line], attrs: dict[str, Any]) -> Any:
        """What the sums are divided by."""
        return sizes(xp, x, lines)

    def averaged(self, xp: Any, x: Any, attrs: dict[str, Any]) -> Any:
        """The forward."""
        lines = self.windows_of(x, attrs)
        total = xp.step(totals(xp, x, lines), "sum")
        return xp.divide(total, self.divisor(xp, x, lines, attrs))

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        x = node.inputs[0]
        lines = self.windows_of(x, node.attrs)
        return (window_spread(g / self.divisor(recorder, x, lines, node.attrs), windows=lines),)

    def explain(self, node: Node) -> str:
        return "each entry is the mean of its window"


class AvgPool(SlidingPool, Average, abstract=True):
    """What average pooling shares in all dimensions."""

    convention = "zeros of the padding are counted, unless count_include_pad=False"

    def divisor(self, xp: Any, x: Any, lines: Sequence[Line], attrs: dict[str, Any]) -> Any:
        """The number that was given, or how many entries there are."""
        given = attrs.get("divisor_override")
        return sizes(xp, x, lines, int(attrs["count_include_pad"])) if given is None else given

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        found = super().canonical(attrs)
        switch("count_include_pad", found["count_include_pad"])
        given = found.get("divisor_override")
        whole = isinstance(given, int | Size) and not isinstance(given, bool)
        if given is not None and (not whole or given == 0):
            raise ArgumentError(f"divisor_override is {given!r}", expected="a whole number, not 0")
        return found


class AvgPool1d(AvgPool):
    """The mean of each window that slides along an axis.

    Shapes: input (n, c, l) or (c, l) -> (n, c, places) or (c, places), where
    places = floor((l + 2 padding - kernel_size) / stride) + 1.
    """

    rank = 1
    examples = (
        example((2, 1, 7), kernel_size=3, stride=2, padding=1),
        example((1, 6), kernel_size=3, stride=2, ceil_mode=True),
    )

    def forward(
        self, xp: Any, input: Any, *, kernel_size: Any, stride: Any = None, padding: Any = 0,
        ceil_mode: bool = False, count_include_pad: bool = True,
    ) -> Any:  # fmt: skip
        return self.averaged(xp, input, {
            "kernel_size": kernel_size, "stride": stride, "padding": padding,
            "ceil_mode": ceil_mode, "count_include_pad": count_include_pad,
        })  # fmt: skip


class AvgPoolWithDivisor(AvgPool, abstract=True):
    """Average pooling whose sums can be divided by another number, ``divisor_override``."""

    def forward(
        self, xp: Any, input: Any, *, kernel_size: Any, stride: Any = None, padding: Any = 0,
        ceil_mode: bool = False, count_include_pad: bool = True, divisor_override: Any = None,
    ) -> Any:  # fmt: skip
        return self.averaged(xp, input, {
            "kernel_size": kernel_size, "stride": stride, "padding": padding,
            "ceil_mode": ceil_mode, "count_include_pad": count_include_pad,
            "divisor_override": divisor_override,
        })  # fmt: skip


class AvgPool2d(AvgPoolWithDivisor):
    """The mean of each window of an image.

    Shapes: input (n, c, h, w) or (c, h, w) -> (n, c, *places) or (c, *places), where along each
    axis places = floor((size + 2 padding - kernel_size) / stride) + 1.
    """

    rank = 2
    examples = (
        example((1, 2, 4, 4), kernel_size=2),
        example(
            (1, 5, 4), kernel_size=(3, 2), stride=2, padding=1, ceil_mode=True,
            count_include_pad=False,
        ),
        example((1, 4, 3), kernel_size=2, stride=1, divisor_override=3),
    )  # fmt: skip


class AvgPool3d(AvgPoolWithDivisor):
    """The mean of each box of a volume.

    Shapes: input (n, c, d, h, w) or (c, d, h, w); places along each axis as for images.
    """

    rank = 3
    examples = (example((1, 2, 3, 4), kernel_size=2, stride=(1, 1, 2)),)


avg_pool1d, avg_pool2d, avg_pool3d = AvgPool1d(), AvgPool2d(), AvgPool3d()
