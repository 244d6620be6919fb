"""What the backward pass reads of the forward pass: the activations that have to be kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chainrule.core.graph import Graph
from chainrule.core.node import Node
from chainrule.readings.account.adjoint import Backward
from chainrule.readings.memory.storage import Storage, storages


@dataclass(frozen=True)
class Reader:
    """An op whose adjoints read a value, and as what: ``weight``, or its ``result``."""

    node: Node
    what: str

    def __str__(self) -> str:
        name = self.node.op.name if self.node.op is not None else "leaf"
        return f"{name} reads its {self.what}"


@dataclass(frozen=True)
class Kept:
    """A storage that the backward pass reads, and who reads it.  ``role`` is that of the input, or
    "activation" for what was computed."""

    storage: Storage
    role: str
    readers: tuple[Reader, ...]

    @property
    def why(self) -> str:
        """The readers in words, each once."""
        return ", ".join(dict.fromkeys(map(str, self.readers)))


def roles(graph: Graph) -> dict[Node, str]:
    """The role of each input, by its node."""
    return {i.node: i.role for i in graph.inputs}


def kept(
    graph: Graph, backward: Backward, homes: Mapping[Node, Storage] | None = None
) -> tuple[Kept, ...]:
    """What ``backward`` reads of ``graph``, in the order of definition; numbers that are part of
    the program are left out.

    >>> import chainrule as cr
    >>> from chainrule.readings.account.adjoint import backward_pass
    >>> graph = cr.capture(lambda x: (x.tanh() * x).sum(), cr.spec(3, requires_grad=True))
    >>> [(k.role, k.why) for k in kept(graph, backward_pass(graph))]
    [('input', 'mul reads its b'), ('activation', 'mul reads its a, tanh reads its result')]
    """
    homes, known = homes or storages(graph.nodes), roles(graph)
    places = {node: i for i, node in enumerate(graph.nodes)}
    found: dict[Storage, list[Reader]] = {}
    for made, source in backward.nodes:
        for parent in made.parents:
            home = homes.get(parent)
            if home is None or home.node not in places or home.is_number:
                continue
            found.setdefault(home, []).append(Reader(source, _part(source, parent, homes)))
    ordered = sorted(found, key=lambda s: (places[s.node], s.output))
    return tuple(
        Kept(home, known.get(home.node, "activation"), tuple(found[home])) for home in ordered
    )


def _part(source: Node, read: Node, homes: Mapping[Node, Storage]) -> str:
    """What a value, or a view of it, is to the op whose adjoints read it."""
    op = source.op
    if op is None:
        return "value"
    home = homes[read]
    if home.node is source:
        several = len(op.outputs) == len(source.shape) and len(op.outputs) > 1
        return op.outputs[home.output] if several else "result"
    for i, parent in enumerate(source.parents):
        if homes.get(parent) == home:
            return _named(op.inputs, op.variadic, i)
    return "result" if homes.get(source) == home else "value"


def _named(inputs: Sequence[str], variadic: bool, i: int) -> str:
    return f"operand {i + 1}" if variadic or i >= len(inputs) else inputs[i]
