"""Receptive fields: which places of the input one place of a result depends on.

Along each axis of the input that windows slide over, a field has a size, from the first of these
places to the last, a jump, by which it moves on from one place of the result to the next, and a
start, the first of the places that place 0 reads; in padding that is below 0.  Branches are read
together.  What padding adds counts as places, whatever stands there; the statistics of a batch
count as numbers, as when evaluating.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from chainrule.core.errors import ArgumentError
from chainrule.core.graph import Graph
from chainrule.core.node import Node
from chainrule.core.reach import Reach, Reads
from chainrule.core.reads import reads_of
from chainrule.core.signature import Dim
from chainrule.core.size import Size, smax

CONVENTION = (
    "size from the first place to the last, holes and padding included; batch statistics as numbers"
)


@dataclass(frozen=True)
class Extent:
    """The receptive field along one axis of the input, which has ``room`` places.

    ``size`` is that of the places which see most, where places differ (after a transposed
    convolution); then the jump is a mean, perhaps a fraction.  ``jump`` and ``start`` are None
    where every place sees the same: ``whole`` says whether that is the whole axis.

    >>> Extent.of(Reach.window(2, 3, stride=2, before=1), 32)
    Extent(size=3, jump=2, start=-1, room=32, whole=False)
    """

    size: Dim
    jump: Dim | Fraction | None
    start: Dim | None
    room: Dim
    whole: bool

    @classmethod
    def of(cls, reach: Reach, room: Dim) -> Extent:
        """The extent of what is read."""
        ends = [end for end in map(reach.at, range(reach.period)) if end is not None]
        size = smax(*(high - low + 1 for low, high in ends)) if ends else 0
        if reach.axis is None:
            whole = _covers(ends, room)
            return cls(room if whole else size, None, None, room, whole)
        if reach.advance == 0:  # places in turn, such as those of rows put one after the other
            return cls(size, None, None, room, False)
        jump: Any = reach.advance
        if reach.period > 1:
            jump = Fraction(jump, reach.period)
            jump = int(jump) if jump.denominator == 1 else jump
        return cls(size, jump, ends[0][0] if ends else None, room, False)

    def __str__(self) -> str:
        if self.whole:
            return f"all {self.size}"
        if self.jump is None:
            return str(self.size)
        return f"{self.size}, jump {self.jump}, start {self.start}"


def _covers(ends: list[tuple[Any, Any]], room: Dim) -> bool:
    """Whether what every place reads is the whole axis; not where letters leave that open."""
    if not ends:
        return False
    low, high = ends[0]
    if any(isinstance(number, Size) for number in (low, high, room)):
        return bool(low == 0 and high == room - 1)
    return bool(low <= 0 and high >= room - 1)


@dataclass(frozen=True)
class Field:
    """The receptive field of a node: an `Extent` for each axis of the input that windows slide
    over; ``reads`` has all axes.  Printed, sizes are given as 3 x 3."""

    axes: tuple[int, ...]
    extents: tuple[Extent, ...]
    reads: Reads

    @property
    def size(self) -> tuple[Dim, ...]:
        """How many places are seen along each axis."""
        return tuple(extent.size for extent in self.extents)

    @property
    def jump(self) -> tuple[Any, ...]:
        """How far apart the fields of neighbours are; None where all see the same."""
        return tuple(extent.jump for extent in self.extents)

    @property
    def start(self) -> tuple[Any, ...]:
        """The first place that place 0 sees; None where all see the same."""
        return tuple(extent.start for extent in self.extents)

    @property
    def whole(self) -> bool:
        """Whether everything is seen."""
        return all(extent.whole for extent in self.extents)

    def __str__(self) -> str:
        return "all" if self.whole else written(self.size)


def written(numbers: tuple[Any, ...]) -> str:
    """One number for each axis: 3 x 5.

    >>> written((3, 3)), written((1, None)), written((None, None))
    ('3 x 3', '1 x -', '-')
    """
    if all(number is None for number in numbers):
        return "-"
    return " x ".join("-" if number is None else str(number) for number in numbers)


def receptive_fields(graph: Graph, source: Node | None = None) -> dict[Node, Field]:
    """The receptive field of every node of ``graph`` that depends on ``source``, by default its
    first input; nodes with several outputs have none, their outputs do.

    Raises ArgumentError for a graph without inputs, and for a source that is none of them.

    >>> import chainrule as cr
    >>> net = cr.nn.Sequential(cr.nn.Conv2d(1, 1, 3), cr.nn.MaxPool2d(2))
    >>> graph = cr.capture(net, cr.spec("B", 1, 8, 8))
    >>> found = receptive_fields(graph)[graph.outputs[0]]
    >>> found.size, found.jump, found.start
    ((4, 4), (2, 2), (0, 0))
    """
    source = source_of(graph, source)
    read = reads_of(graph.nodes, source)
    axes = slid_axes(read, source)
    sizes = source.shape
    known: dict[Reads, Field] = {}
    found: dict[Node, Field] = {}
    for node, reads in read.items():
        if reads not in known:
            extents = tuple(Extent.of(reads[a], sizes[a]) for a in axes)
            known[reads] = Field(axes, extents, reads)
        found[node] = known[reads]
    return found


def source_of(graph: Graph, source: Node | None) -> Node:
    """The input that fields are seen on; raises ArgumentError where there is none."""
    given = [i.node for i in graph.inputs if i.role == "input"] or [i.node for i in graph.inputs]
    if source is None:
        if not given:
            raise ArgumentError("a graph without inputs has no receptive field")
        return given[0]
    if all(source is not i.node for i in graph.inputs):
        raise ArgumentError("a receptive field is seen on an input of the graph")
    return source


def slid_axes(read: Mapping[Node, Reads], source: Node) -> tuple[int, ...]:
    """The axes of the source that windows slide over: neither examples, which keep apart, nor
    channels, which are read as a whole, or in groups, from the first.  Without windows, all axes
    that are ever read."""
    rank = len(source.shape)
    first: dict[int, Reach] = {}
    for reads in read.values():
        for a in range(rank):
            if a not in first and reads[a][1:] != Reach.same(a)[1:]:  # moved is not read yet
                first[a] = reads[a]
    slid = tuple(a for a, reach in first.items() if _slides(reach))
    return tuple(sorted(slid)) or tuple(sorted(first))


def _slides(reach: Reach) -> bool:
    """Whether this is a window, and no block of channels."""
    if reach.axis is None:
        return False
    blocks = reach.period > 1 and set(reach.lows) == {0} and len(set(reach.highs)) == 1
    return not blocks and reach.lows is not None


def changes(graph: Graph, found: Mapping[Node, Field]) -> Iterator[Node]:
    """The nodes at which the field becomes another one than that of an operand before."""
    for node in graph.nodes:
        if node not in found or node.op is None:
            continue
        made = node.whole or node
        before = {found[p].extents for p in made.parents if p in found}
        if before != {found[node].extents}:
            yield node


__all__ = ["CONVENTION", "Extent", "Field", "changes", "receptive_fields", "slid_axes", "source_of",
           "written"]  # fmt: skip
