"""What eager execution holds between the forward pass and the backward pass: its history."""

from __future__ import annotations

from chainrule.core.graph import Graph
from chainrule.core.node import Node
from chainrule.readings.memory.storage import Storage, storages


def held(graph: Graph) -> tuple[Storage, ...]:
    """The storages that the history of the outputs holds, in the order of definition.

    A value that needs no gradient has no history: it is held where something with a history was
    computed from it, and what it was made from is not.  An op with several outputs holds them all.

    >>> import chainrule as cr
    >>> graph = cr.capture(lambda x: (x * 2).exp().sum(), cr.spec(3, requires_grad=True))
    >>> [storage.shape for storage in held(graph)]
    [(3,), (), (3,), (3,), ()]
    """
    homes = storages(graph.nodes)
    outputs = {(n.whole, n.attrs["output"]): home for n, home in homes.items() if n.whole}
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
    return tuple(sorted(found, key=lambda s: (places[s.node], s.output)))
