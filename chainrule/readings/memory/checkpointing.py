"""What checkpointing would save: a layer keeps its inputs alone, and computes the rest again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chainrule.core.node import Node
from chainrule.core.signature import Dim
from chainrule.readings.memory.storage import Storage
from chainrule.readings.memory.training import Training


@dataclass(frozen=True)
class Saving:
    """What changes if a module is checkpointed: storages that are ``dropped``, which only its own
    adjoints read, inputs of its that would be ``added``, and what has to be computed again."""

    dropped: tuple[Storage, ...]
    added: tuple[Storage, ...]
    before: Dim
    after: Dim
    again: tuple[Node, ...]

    @property
    def bytes(self) -> Dim:
        """How many bytes less are kept between the passes."""
        return self.before - self.after


def within(node: Node, module: Any) -> bool:
    """Whether a node was computed in a call of the module."""
    scope = node.scope
    while scope is not None:
        if scope[0] is module:
            return True
        scope = scope[1]
    return False


def checkpointing(found: Training, module: Any) -> Saving:
    """What checkpointing ``module`` would save, as ``torch.utils.checkpoint`` does it: between the
    passes its inputs are kept, and what only its own adjoints read is computed again.

    >>> import chainrule as cr
    >>> from chainrule.readings.memory.training import training
    >>> net = cr.nn.Sequential(cr.nn.Linear(3, 4), cr.nn.Tanh(), cr.nn.Linear(4, 3))
    >>> found = training(cr.capture(net, cr.spec("B", 3)))
    >>> saving = checkpointing(found, net)
    >>> saving.before, saving.after, saving.bytes
    (28*B, 12*B, 16*B)
    """
    graph, homes = found.graph, found.homes
    inside = [node for node in graph.nodes if node.op is not None and within(node, module)]
    own = set(inside)
    given = {
        homes[p]
        for node in inside
        for p in node.parents
        if p not in own and p in homes and not homes[p].is_number
    }
    given = {home for home in given if found.roles.get(home.node) not in ("param", "state")}
    before = {k.storage: k for k in found.activations}
    dropped = [
        home
        for home, k in before.items()
        if home.node in own and home not in given and all(r.node in own for r in k.readers)
    ]
    added = [home for home in given if home not in before] if dropped else []
    total: Dim = sum((found.bytes_of(home) for home in before), 0)
    less: Dim = sum((found.bytes_of(home) for home in dropped), 0)
    more: Dim = sum((found.bytes_of(home) for home in added), 0)
    again = tuple(node for node in inside if node.parents) if dropped else ()
    return Saving(tuple(dropped), tuple(added), total, total - less + more, again)
