"""The largest entry of each window, and where it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.dtypes import DType
from chainrule.core.lowering import recorder
from chainrule.core.node import Node
from chainrule.core.op import example, require
from chainrule.core.signature import Shape
from chainrule.core.size import prod
from chainrule.core.structural import full, pick
from chainrule.core.tensor import Tensor
from chainrule.ops.lookup.primitive import scatter_add
from chainrule.ops.shape.primitive import reshape
from chainrule.ops.window.lines import Line, all_parts, lined_up
from chainrule.ops.window.pooling import Pool, SlidingPool


def largest(xp: Any, x: Any, lines: Sequence[Line]) -> Any:
    """The largest entry of each window, the last axis first: so the first one row by row is the one
    that the derivative belongs to."""
    for dim, line in reversed(lined_up(x, lines)):
        x = line.best(xp, x, dim)
    return x


def places_of_largest(xp: Any, x: Any, best: Any, lines: Sequence[Line]) -> Any:
    """Where the first entry of each window stands that is ``best`` (or NaN), counted row by row
    through the axes that are pooled."""
    count = prod(tuple(x.shape)[len(x.shape) - len(lines) :])
    numbers = xp.reshape(xp.arange(count, "int64"), tuple(x.shape)[len(x.shape) - len(lines) :])
    for dim, line in lined_up(x, lines):
        x = line.surrounded(xp, x, dim)
    for dim, line in lined_up(numbers, lines):
        numbers = line.surrounded(xp, numbers, dim)
    choices = all_parts(xp, numbers, lines)
    room = tuple(choices[0].shape)
    table = xp.cat(tuple(xp.reshape(part, (*room, 1)) for part in choices), len(room))
    which = xp.cast(_first_hit(xp, x, best, lines), "int64")
    window = xp.multiply(xp.reshape(xp.arange(prod(room), "int64"), room), len(choices))
    flat = xp.reshape(table, (prod(room) * len(choices),))
    return xp.take(flat, xp.add(window, which), 0)


def _first_hit(xp: Any, x: Any, best: Any, lines: Sequence[Line]) -> Any:
    """How many entries stand in each window before the first that is ``best``: one is counted for
    each place up to which nothing was found, except the last, where it must be."""
    entries = all_parts(xp, x, lines)
    missing = all_parts(xp, xp.logical_not(xp.equal(x, x)), lines)
    small = "uint8" if len(entries) <= 256 else "int64"
    hits = [
        xp.logical_or(xp.equal(entry, best), no_number)
        for entry, no_number in zip(entries, missing, strict=True)
    ]
    seen = hits[0]
    before = xp.cast(xp.logical_not(seen), small)
    for hit in hits[1:-1]:
        seen = xp.logical_or(seen, hit)
        before = xp.add(before, xp.cast(xp.logical_not(seen), small))
    return before


def routed(g: Tensor, at: Tensor, shape: Shape, rank: int) -> Tensor:
    """Adjoints added up where their entries were read: zeros of ``shape`` elsewhere.

    Also what undoes pooling, as far as it can be undone.
    """
    cut = len(shape) - rank
    rows, count = prod(shape[:cut]), prod(g.shape[cut:])
    empty = full((rows, prod(shape[cut:])), 0, g.dtype)
    index, source = (reshape(t, shape=(rows, count)) for t in (at, g))
    made: Tensor = reshape(scatter_add(empty, index, source, dim=1), shape=shape)
    return made


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
        lines = self.windows_of(x, node.attrs)
        at = places_of_largest(recorder, x, node.output, lines)
        return (routed(g, at, x.shape, self.rank),)

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
        at = pick(node.output, output=1)
        return (routed(g[0], at, node.parents[0].shape, self.rank),)


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
