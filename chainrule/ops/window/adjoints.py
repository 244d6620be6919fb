"""Adjoints of pooling: where a maximum came from, and sums of windows turned round."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.dtypes import DType
from chainrule.core.errors import ShapeError
from chainrule.core.node import Node
from chainrule.core.op import Op, example, require
from chainrule.core.signature import Dim, Shape, same_size
from chainrule.core.size import Size, prod
from chainrule.core.tensor import Tensor
from chainrule.ops.lookup.primitive import gather, require_index
from chainrule.ops.shape.primitive import reshape
from chainrule.ops.window.lines import Line, Sliding, Uneven, all_parts, lined_up

MANY = 64
"""Windows of more entries than this are laid out to be searched, where each entry is in one."""
TABLE = 1 << 16
"""Up to so many entries in all windows of a row, where they stand is looked up in a table."""
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
    whole = all(line.shares_out for line in lines)
    many = prod(line.longest for line in lines)
    if whole and (isinstance(many, Size) or many > MANY):
        which = _first_largest(xp, x, lines)
    else:
        which = xp.cast(_first_hit(xp, x, best, lines), "int64")
    places = tuple(line.places for line in lines)
    entries = prod(places) * many
    if isinstance(entries, Size) or entries > TABLE:
        return _numbered(xp, which, lines, len(x.shape) - len(lines), 0)
    table = _numbered(xp, xp.arange(many, "int64"), lines, 0, 1)
    windows = xp.reshape(xp.arange(prod(places), "int64"), places)
    flat = xp.reshape(table, (entries,))
    return xp.take(flat, xp.add(xp.multiply(windows, many), which), 0)


def _numbered(xp: Any, which: Any, lines: Sequence[Line], ahead: int, behind: int) -> Any:
    """Where an entry of each window stands, counted row by row, from its number in the window:
    the axes of the windows have so many others ahead of them and behind."""
    found: Any = None
    jump: Dim = 1
    for i, line in reversed(list(enumerate(lines))):
        entry = xp.remainder(which, line.longest) if i else which
        which = xp.floor_divide(which, line.longest) if i else which
        column = tuple(line.places if i == d else 1 for d in range(len(lines)))
        column = (*(1,) * ahead, *column, *(1,) * behind)
        place = line.reads(xp, xp.reshape(xp.arange(line.places, "int64"), column), entry)
        found = place if found is None else xp.add(found, xp.multiply(place, jump))
        jump = jump * line.size
    return found


def _first_largest(xp: Any, x: Any, lines: Sequence[Line]) -> Any:
    """Where in its window the first largest entry (or NaN) stands, of windows that share the axes
    out: they are laid out along an axis of their own."""
    free = len(x.shape) - len(lines)
    sizes = tuple(size for line in lines for size in (line.places, line.longest))
    apart = xp.reshape(x, (*tuple(x.shape)[:free], *sizes))
    outer, inner = (tuple(range(free + i, free + len(sizes), 2)) for i in (0, 1))
    turned = xp.permute(apart, (*range(free), *outer, *inner))
    rows = tuple(turned.shape)[: free + len(lines)]
    return xp.argmax(xp.reshape(turned, (*rows, prod(line.longest for line in lines))),
                     len(rows), False)  # fmt: skip


def _first_hit(xp: Any, x: Any, best: Any, lines: Sequence[Line]) -> Any:
    """How many entries stand in each window before the first that is ``best``: one is counted for
    each place up to which nothing was found, except the last, where it must be."""
    for dim, line in lined_up(x, lines):
        x = line.surrounded(xp, x, dim)
    entries = all_parts(xp, x, lines)
    missing = all_parts(xp, xp.logical_not(xp.equal(x, x)), lines)
    small = "uint8" if len(entries) <= 256 else "int64"
    seen = before = None
    for entry, no_number in list(zip(entries, missing, strict=True))[: max(len(entries) - 1, 1)]:
        hit = xp.logical_or(xp.equal(entry, best), no_number)
        seen = hit if seen is None else xp.logical_or(seen, hit)
        missed = xp.cast(xp.logical_not(seen), small)
        before = missed if before is None else xp.add(before, missed)
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
