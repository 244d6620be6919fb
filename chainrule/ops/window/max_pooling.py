"""The largest entry of each window, and where it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.dtypes import DType
from chainrule.core.node import Node
from chainrule.core.op import example, require
from chainrule.core.signature import Shape
from chainrule.core.structural import pick
from chainrule.core.tensor import Tensor
from chainrule.ops.window.adjoints import places_of_largest, put_back, where_largest
from chainrule.ops.window.lines import Line, lined_up
from chainrule.ops.window.pooling import Pool, SlidingPool


def largest(xp: Any, x: Any, lines: Sequence[Line]) -> Any:
    """The largest entry of each window, the last axis first: so the first one row by row is the one
    that the derivative belongs to."""
    for dim, line in reversed(lined_up(x, lines)):
        x = line.best(xp, x, dim)
    return x


class Largest(Pool, abstract=True):
    """The largest entry of each window; the derivative belongs to the first of several."""

    takes = dt.ORDERED_NUMBERS
    smooth = False
    convention = "the first of equal entries, row by row; padding is never the largest"

    def pooled(self, xp: Any, input: Any, attrs: dict[str, Any]) -> Any:
        """The forward."""
        return largest(xp, input, self.windows_of(input, attrs))

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor | None]:
        x = node.inputs[0]
        at = where_largest(x, node.output, windows=self.windows_of(x, node.attrs))
        return (put_back(g, at, size=x.shape[len(x.shape) - self.rank :]),)

    def explain(self, node: Node) -> str:
        return "each entry is the largest one of its window"


class LargestWithPlaces(Largest, abstract=True):
    """The same, and where each of these entries is, counted row by row."""

    outputs = ("values", "indices")

    def pooled(self, xp: Any, input: Any, attrs: dict[str, Any]) -> Any:
        """The forward."""
        lines = self.windows_of(input, attrs)
        best = largest(xp, input, lines)
        return best, places_of_largest(xp, xp.detach(input), xp.detach(best), lines)

    def shape(self, shape: Shape, **attrs: Any) -> Any:
        found = super().shape(shape, **attrs)
        return found, found

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], tuple[DType, DType]]:
        require(self.name, given[0], *self.takes)
        return given, (given[0], dt.int64)

    def vjp(self, node: Node, g: Any) -> Iterable[Tensor | None]:
        if g[0] is None:
            return (None,)
        shape = node.parents[0].shape
        at = pick(node.output, output=1)
        return (put_back(g[0], at, size=shape[len(shape) - self.rank :]),)


class MaxPool(SlidingPool, Largest, abstract=True):
    """What max pooling shares in all dimensions."""

    def forward(
        self, xp: Any, input: Any, *, kernel_size: Any, stride: Any = None, padding: Any = 0,
        dilation: Any = 1, ceil_mode: bool = False,
    ) -> Any:  # fmt: skip
        return self.pooled(xp, input, {
            "kernel_size": kernel_size, "stride": stride, "padding": padding,
            "dilation": dilation, "ceil_mode": ceil_mode,
        })  # fmt: skip


class MaxPool1d(MaxPool):
    """The largest entry of each window that slides along an axis.

    Shapes: input (n, c, l) or (c, l) -> (n, c, places) or (c, places), where
    places = floor((l + 2 padding - dilation (kernel_size - 1) - 1) / stride) + 1.
    """

    rank = 1
    examples = (
        example((2, 1, 7), kernel_size=3, stride=2, padding=1),
        example((1, 6), kernel_size=2, dilation=2, stride=1, ceil_mode=True),
    )


class MaxPool2d(MaxPool):
    """The largest entry of each window of an image.

    Shapes: input (n, c, h, w) or (c, h, w) -> (n, c, *places) or (c, *places), where along each
    axis places = floor((size + 2 padding - dilation (kernel_size - 1) - 1) / stride) + 1.
    """

    rank = 2
    examples = (
        example((1, 2, 4, 4), kernel_size=2),
        example((1, 5, 4), kernel_size=(3, 2), stride=2, padding=1, ceil_mode=True),
    )


class MaxPool3d(MaxPool):
    """The largest entry of each box of a volume.

    Shapes: input (n, c, d, h, w) or (c, d, h, w); places along each axis as for images.
    """

    rank = 3
    examples = (example((1, 2, 3, 4), kernel_size=2, stride=(1, 1, 2)),)


class MaxPool1dWithIndices(LargestWithPlaces, MaxPool):
    """`MaxPool1d`, and where each of the entries is."""

    rank = 1
    examples = (example((2, 1, 7), kernel_size=3, stride=2, padding=1),)


class MaxPool2dWithIndices(LargestWithPlaces, MaxPool):
    """`MaxPool2d`, and where each of the entries is, counted row by row."""

    rank = 2
    examples = (example((1, 5, 4), kernel_size=(3, 2), stride=2, padding=1, ceil_mode=True),)


class MaxPool3dWithIndices(LargestWithPlaces, MaxPool):
    """`MaxPool3d`, and where each of the entries is, counted row by row."""

    rank = 3
    examples = (example((1, 2, 3, 4), kernel_size=2, stride=(1, 1, 2)),)


max_pool1d, max_pool2d, max_pool3d = MaxPool1d(), MaxPool2d(), MaxPool3d()
max_pool1d_with_indices = MaxPool1dWithIndices()
max_pool2d_with_indices = MaxPool2dWithIndices()
max_pool3d_with_indices = MaxPool3dWithIndices()
