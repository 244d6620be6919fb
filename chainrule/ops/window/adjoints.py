"""Adjoints of pooling: where a maximum came from, and sums of windows turned round."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.dtypes import DType
from chainrule.core.errors import ShapeError
from chainrule.core.node import Node
from chainrule.core.op import Op, example, require
from chainrule.core.signature import Shape, same_size
from chainrule.core.size import prod
from chainrule.core.tensor import Tensor
from chainrule.ops.lookup.primitive import gather, require_index
from chainrule.ops.shape.primitive import reshape
from chainrule.ops.window.lines import Line, Sliding, Uneven, all_parts, lined_up

EXAMPLES: tuple[tuple[Line, ...], ...] = (
    (Sliding(4, 2, 1, 1, 1, False), Sliding(3, 2, 2, 0, 1, True)),
    (Uneven(5, 3),),
)


def totals(xp: Any, x: Any, lines: Sequence[Line]) -> Any:
    """The sum of each window."""
    for dim, line in reversed(lined_up(x, lines)):
        x = line.total(xp, x, dim)
    return x


def places_of_largest(xp: Any, x: Any, best: Any, lines: Sequence[Line]) -> Any:
    """Where the first entry of each window stands that is ``best`` (or NaN), counted row by row
    through the axes that are pooled."""
    sizes = tuple(x.shape)[len(x.shape) - len(lines) :]
    numbers = xp.reshape(xp.arange(prod(sizes), "int64"), sizes)
    for (dim, line), (axis, _) in zip(lined_up(x, lines), lined_up(numbers, lines), strict=True):
        x, numbers = line.surrounded(xp, x, dim), line.surrounded(xp, numbers, axis)
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


class OnWindows(Op, abstract=True):
    """What these ops share: ``windows`` says how each of the last axes is read."""

    kind = "window"
    dtype_rule = "same"
    keywords = ("input", "largest")

    def written(self, attrs: dict[str, Any], latex: bool = False) -> str:
        """The name alone: windows are told by the op whose adjoint this is."""
        return self.name

    def require(self, shape: Shape, wanted: Shape) -> Shape:
        """The other axes of a shape whose last ones are ``wanted``; raises ShapeError."""
        cut = len(shape) - len(wanted)
        if cut < 0 or not all(map(same_size, shape[cut:], wanted)):
            raise ShapeError(f"the last axes are {wanted} of what has windows, and of {shape} not")
        return shape[:cut]


class WhereLargest(OnWindows):
    """Where the first entry of each window stands that is its largest one, counted row by row."""

    dtype_rule = "index"
    takes = dt.ORDERED_NUMBERS
    smooth = False
    convention = "the first of equal entries, row by row"
    examples = (
        example((2, 4, 3), (2, 5, 2), windows=EXAMPLES[0]),
        example((5,), (3,), windows=EXAMPLES[1]),
    )

    def forward(self, xp: Any, input: Any, largest: Any, *, windows: Any) -> Any:
        return places_of_largest(xp, input, largest, windows)

    def shape(self, input: Shape, largest: Shape, *, windows: Any) -> Shape:
        rows = self.require(input, tuple(line.size for line in windows))
        found = (*rows, *(line.places for line in windows))
        if len(found) != len(largest) or not all(map(same_size, found, largest)):
            raise ShapeError(f"windows lead to {found}, and the largest entries are {largest}")
        return found


class WindowSum(OnWindows):
    """The sum of each window."""

    takes = dt.NUMBERS
    examples = (example((2, 4, 3), windows=EXAMPLES[0]), example((5,), windows=EXAMPLES[1]))

    def forward(self, xp: Any, input: Any, *, windows: Any) -> Any:
        return totals(xp, input, windows)

    def shape(self, input: Shape, *, windows: Any) -> Shape:
        rows = self.require(input, tuple(line.size for line in windows))
        return (*rows, *(line.places for line in windows))

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        return (window_spread(g, **node.attrs),)


class WindowSpread(OnWindows):
    """Each entry repeated over its window, where windows overlap added up: the adjoint of sums."""

    takes = dt.NUMBERS
    examples = (example((2, 5, 2), windows=EXAMPLES[0]), example((3,), windows=EXAMPLES[1]))

    def forward(self, xp: Any, input: Any, *, windows: Any) -> Any:
        for dim, line in lined_up(input, windows):
            input = line.spread(xp, input, dim)
        return input

    def shape(self, input: Shape, *, windows: Any) -> Shape:
        rows = self.require(input, tuple(line.places for line in windows))
        return (*rows, *(line.size for line in windows))

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        return (window_sum(g, **node.attrs),)


class PutBack(Op):
    """Entries added up at their places, counted row by row through the last axes: where no entry
    goes, 0.  The adjoint of a maximum."""

    kind = "lookup"
    keywords = ("input", "indices")
    domain = ("real", "index")
    checks_late = True
    examples = (example((2, 2, 2), (2, 2, 2), size=(3, 2), dtypes=(None, dt.int64)),)

    def forward(self, xp: Any, input: Any, indices: Any, *, size: Shape) -> Any:
        shape = (*tuple(input.shape)[: len(input.shape) - len(size)], *size)
        zeros, source, at = laid_out(xp, input, indices, shape, len(size))
        return xp.reshape(xp.scatter_add(zeros, at, source, 1), shape)

    def shape(self, input: Shape, indices: Shape, *, size: Shape) -> Shape:
        if len(input) != len(indices) or not all(map(same_size, input, indices)):
            raise ShapeError(f"input has shape {input} and indices {indices}")
        if len(input) < len(size):
            raise ShapeError(f"{len(input)} axes, to be put back into {len(size)}")
        return (*input[: len(input) - len(size)], *size)

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        require(self.name, given[0], *dt.NUMBERS)
        require_index(self.name, given[1])
        return [given[0], dt.int64], given[0]

    def checks(
        self, xp: Any, input: Any, indices: Any, *, size: Shape
    ) -> Iterable[tuple[Any, str]]:
        return outside(xp, indices, prod(size))

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor | None]:
        at = node.inputs[1]
        cut = len(at.shape) - len(node.attrs["size"])
        rows = prod(at.shape[:cut])
        flat = reshape(g, shape=(rows, prod(node.attrs["size"])))
        index = reshape(at, shape=(rows, prod(at.shape[cut:])))
        return reshape(gather(flat, index, dim=1), shape=at.shape), None

    def written(self, attrs: dict[str, Any], latex: bool = False) -> str:
        return self.name


def laid_out(xp: Any, x: Any, at: Any, shape: Shape, rank: int) -> tuple[Any, Any, Any]:
    """Zeros of ``shape``, entries and their places, each with the last axes as one, the others as
    another."""
    cut = len(shape) - rank
    rows, places = prod(shape[:cut]), prod(tuple(x.shape)[cut:])
    source, index = xp.reshape(x, (rows, places)), xp.reshape(at, (rows, places))
    nothing = (slice(0, 0, 1), slice(0, 0, 1))
    zeros = xp.place(xp.slice(xp.detach(source), nothing), nothing, (rows, prod(shape[cut:])))
    return zeros, source, index


def outside(xp: Any, indices: Any, count: Any) -> Iterable[tuple[Any, str]]:
    """The check that every place is one of so many."""
    wrong = xp.logical_or(xp.less(indices, 0), xp.less_equal(count, indices))
    return ((wrong, f"an index is not among the {count} places of the result"),)


where_largest, put_back = WhereLargest(), PutBack()
window_sum, window_spread = WindowSum(), WindowSpread()
