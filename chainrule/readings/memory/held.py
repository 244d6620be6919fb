"""What eager execution holds between the forward pass and the backward pass: its history."""

from __future__ import annotations

from collections.abc import Mapping

from chainrule.core.graph import Graph
from chainrule.core.node import Node
from chainrule.readings.memory.storage import Storage, storages


def held(graph: Graph, homes: Mapping[Node, Storage] | None = None) -> tuple[Storage, ...]:
    """The storages that the history of the outputs holds, in the order of definition.

    A value that needs no gradient has no history: it is held where something with a history was
    computed from it, and what it was made from is not.  An op with several outputs holds them all.
    Numbers that belong to the program are left out.

    >>> import chainrule as cr
    >>> graph = cr.capture(lambda x: (x * 2).exp().sum(), cr.spec(3, requires_grad=True))
    >>> [storage.shape for storage in held(graph)]
    [(3,), (3,), (3,), ()]
    """
    homes = homes or storages(graph.nodes)
    parts = [n for n in graph.nodes if n.whole is not None]
    outputs = {(n.whole, n.attrs["output"]): homes[n] for n in parts}
    found: set[Storage] = set()
    seen: set[Node] = set()
    waiting = list(graph.outputs)
    while waiting:
        node = waiting.pop()
        if node in seen:
            continue
        seen.add(node)
        whole = node.whole
        if whole is not None and whole.requires_grad:
            found |= {outputs.get((whole, i), Storage(whole, i)) for i in range(len(whole.dtype))}
            waiting += whole.parents
        else:
            found.add(homes[node])
            waiting += node.parents if node.requires_grad else ()
    places = {node: i for i, node in enumerate(graph.nodes)}
    found = {home for home in found if not home.is_number}
    return tuple(sorted(found, key=lambda s: (places[s.node], s.output)))
