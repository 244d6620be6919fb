"""How much memory is in use at each step of a schedule, and where that is most.

Nodes are computed in the order of their definition, those of the backward pass after those of the
forward pass.  A value is there from its computation to the last one that reads it; operands are
there while their result is made, and nothing is computed in place.  What an op needs within itself
for a moment is not counted, nor are the numbers of the program.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from chainrule.core.node import Node
from chainrule.core.signature import Dim
from chainrule.core.size import Size
from chainrule.readings.memory.storage import Storage, storages

BytesOf = Callable[[Storage], Dim]


@dataclass(frozen=True)
class Peak:
    """The step at which most is in use: ``bytes``, the node that is computed there, and what is
    there, in the order of definition.  Where letters leave open which step that is, ``bytes`` says
    max(…), and the step is one of those that may be it."""

    bytes: Dim
    node: Node | None
    alive: tuple[Storage, ...]


def spans(
    nodes: Sequence[Node],
    lasting: Collection[Storage] = (),
    homes: Mapping[Node, Storage] | None = None,
) -> dict[Storage, tuple[int, int]]:
    """The steps, first and last, between which each storage is in use; what is ``lasting`` to the
    end, and from the start where it was not computed."""
    homes = homes or storages(nodes)
    outputs = {(n.whole, n.attrs["output"]): homes[n] for n in nodes if n.whole is not None}
    found: dict[Storage, tuple[int, int]] = {}

    def used(home: Storage, at: int) -> None:
        if home.is_number:
            return
        first, last = found.get(home, (at, at))
        found[home] = first, max(last, at)

    for at, node in enumerate(nodes):
        if type(node.dtype) is tuple:
            for i in range(len(node.dtype)):
                used(outputs.get((node, i), Storage(node, i)), at)
        else:
            used(homes[node], at)
        for parent in node.parents:
            if parent in homes:
                used(homes[parent], at)
    end = len(nodes) - 1
    for home in lasting:
        if home in found:
            found[home] = 0 if home.node.op is None else found[home][0], end
    return found


def timeline(found: dict[Storage, tuple[int, int]], steps: int, size: BytesOf) -> list[Dim]:
    """How much is in use at each step."""
    change: list[Dim] = [0] * (steps + 1)
    for home, (first, last) in found.items():
        count = size(home)
        change[first] += count
        change[last + 1] -= count
    total: Dim = 0
    made = []
    for delta in change[:steps]:
        total = total + delta
        made.append(total)
    return made


def peak(
    nodes: Sequence[Node],
    size: BytesOf,
    lasting: Collection[Storage] = (),
    homes: Mapping[Node, Storage] | None = None,
) -> Peak:
    """Where most is in use.

    >>> import chainrule as cr
    >>> graph = cr.capture(lambda x: x.exp().sum(), cr.spec(100))
    >>> found = peak(graph.nodes, Storage.bytes)
    >>> found.bytes, found.node.op.name
    (800, 'exp')
    """
    found = spans(nodes, lasting, homes)
    totals = timeline(found, len(nodes), size)
    if not totals:
        return Peak(0, None, ())
    at = _highest(totals)
    alive = tuple(home for home, (first, last) in found.items() if first <= at <= last)
    return Peak(most(totals), nodes[at], alive)


def most(totals: Sequence[Dim]) -> Dim:
    """The largest of many sizes: of those with letters, only the ones that may be it are named."""
    from chainrule.core.size import smax

    different = list(dict.fromkeys(totals))
    return smax(*different)


def _highest(totals: Sequence[Dim]) -> int:
    """The place of the largest, the first of equal ones; with letters, where these are 64."""

    def value(total: Dim) -> int:
        if not isinstance(total, Size):
            return total
        found = total.substitute(dict.fromkeys(total.symbols(), 64))
        return found if isinstance(found, int) else 0

    numbers = [value(total) for total in totals]
    return numbers.index(max(numbers))
