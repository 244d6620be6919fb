"""Where the boxes of a drawing stand: in layers from top to bottom, arrows going down.

Each box is in the layer below the last of its operands; inputs stand just above what uses them
first.  An arrow over several layers has a place in each.  Within the layers, boxes are moved to the
middle of what they are connected with, down and up in turn (the method of Sugiyama, Tagawa and
Toda, Methods for visual understanding of hierarchical system structures, 1981).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from chainrule.readings.draw.picture import Arrow, Box

SWEEPS = 8
GAP = 24.0
"""Between neighbours, in the units of their widths."""


@dataclass(frozen=True)
class Layout:
    """The middle of each box, x to the right and the number of its layer downwards, and for each
    arrow the x of its places in the layers that it passes."""

    x: tuple[float, ...]
    layer: tuple[int, ...]
    bends: tuple[tuple[float, ...], ...]


def layout(boxes: Sequence[Box], arrows: Sequence[Arrow], widths: Sequence[float]) -> Layout:
    """Places for the boxes, whose operands stand before them, and for the arrows.

    >>> boxes = [Box("input", "x", "x"), Box("op", "sin", "y", 1)]
    >>> layout(boxes, [Arrow(0, 1, 0)], [10.0, 20.0])
    Layout(x=(10.0, 10.0), layer=(0, 1), bends=((),))
    """
    layer = _layers(boxes, arrows)
    chains, rows, near = _places(layer, arrows, len(boxes))
    ports = _ports(boxes, arrows, widths, chains)
    size = [*widths, *[2.0] * (sum(map(len, chains)))]
    x = [0.0] * len(size)
    for row in rows:
        _spread(row, [0.0] * len(row), size, x)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        for row in rows if down else reversed(rows):
            _settle(row, near[down], size, x, ports)
    for row in (*rows, *reversed(rows)):  # last, everything to the middle of all its neighbours
        _settle(row, [a + b for a, b in zip(*near, strict=True)], size, x, ports, keep=True)
    left = min((x[i] - size[i] / 2 for i in range(len(size))), default=0.0)
    x = [place - left for place in x]
    bends = tuple(tuple(x[i] for i in chain) for chain in chains)
    return Layout(tuple(x[: len(boxes)]), tuple(layer), bends)


def _layers(boxes: Sequence[Box], arrows: Sequence[Arrow]) -> list[int]:
    """The layer of each box."""
    layer = [0] * len(boxes)
    for arrow in sorted(arrows, key=lambda arrow: arrow.target):
        layer[arrow.target] = max(layer[arrow.target], layer[arrow.source] + 1)
    for i, box in enumerate(boxes):
        uses = [layer[arrow.target] for arrow in arrows if arrow.source == i]
        if box.kind == "input" and uses:
            layer[i] = min(uses) - 1
    return layer


Chains = list[list[int]]
Near = tuple[list[list[int]], list[list[int]]]


def _places(
    layer: Sequence[int], arrows: Sequence[Arrow], count: int
) -> tuple[Chains, Chains, Near]:
    """The places that each arrow has in between, the rows of places, and what each place is
    connected with below and above it."""
    rows: list[list[int]] = [[] for _ in range(max(layer, default=-1) + 1)]
    for i, at in enumerate(layer):
        rows[at].append(i)
    chains: list[list[int]] = []
    links: list[tuple[int, int]] = []
    for arrow in arrows:
        between = list(range(count, count + layer[arrow.target] - layer[arrow.source] - 1))
        count += len(between)
        for at, place in enumerate(between, layer[arrow.source] + 1):
            rows[at].append(place)
        chains.append(between)
        ends = [arrow.source, *between, arrow.target]
        links += pairwise(ends)
    below: list[list[int]] = [[] for _ in range(count)]
    above: list[list[int]] = [[] for _ in range(count)]
    for upper, lower in links:
        below[upper].append(lower)
        above[lower].append(upper)
    return chains, rows, (below, above)


Ports = dict[tuple[int, int], float]


def _ports(
    boxes: Sequence[Box], arrows: Sequence[Arrow], widths: Sequence[float], chains: Chains
) -> Ports:
    """How far from the middle of its box each arrow ends, by the last place before it and the box:
    operands stand from left to right."""
    return {
        (chain[-1] if chain else arrow.source, arrow.target): port(
            arrow.slot, boxes[arrow.target].arity, widths[arrow.target]
        )
        for arrow, chain in zip(arrows, chains, strict=True)
    }


def port(slot: int, arity: int, width: float) -> float:
    """How far from the middle of a box its operand ``slot`` of ``arity`` comes in.

    >>> port(0, 1, 50.0), port(0, 3, 50.0), port(2, 3, 50.0)
    (0.0, -12.5, 12.5)
    """
    return ((slot + 1) / (arity + 1) - 0.5) * width


def _settle(
    row: list[int], near: Sequence[list[int]], size: list[float], x: list[float], ports: Ports,
    keep: bool = False,
) -> None:  # fmt: skip
    """Move each place of a row to the mean of its neighbours, as far as there is room; unless the
    order is kept, sort them so."""
    wanted = {
        i: sum(x[j] + ports.get((i, j), 0.0) for j in near[i]) / len(near[i]) if near[i] else x[i]
        for i in row
    }
    if not keep:
        row.sort(key=lambda i: wanted[i])
    _spread(row, [wanted[i] for i in row], size, x)


def _spread(row: Sequence[int], wanted: Sequence[float], size: list[float], x: list[float]) -> None:
    """Places as near to the wanted ones as they can be without overlap: those that would meet stand
    side by side around the mean of what they want."""
    groups: list[tuple[list[int], float, float]] = []  # members, sum of wanted lefts, width
    for i, at in zip(row, wanted, strict=True):
        members, total, wide = [i], at - size[i] / 2, size[i] + GAP
        while groups and groups[-1][1] / len(groups[-1][0]) + groups[-1][2] > total / len(members):
            before, sums, width = groups.pop()
            total = sums + total - width * len(members)
            members, wide = before + members, width + wide
        groups.append((members, total, wide))
    for members, total, _ in groups:
        left = total / len(members)
        for i in members:
            x[i] = left + size[i] / 2
            left += size[i] + GAP
