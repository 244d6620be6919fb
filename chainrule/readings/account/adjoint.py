"""The backward pass of a graph, as the ops that it takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from chainrule.core.capture import Trace
from chainrule.core.derivatives import pull_back
from chainrule.core.graph import Graph, Input, reachable
from chainrule.core.node import Node, leaf
from chainrule.core.state import switched
from chainrule.core.tensor import Tensor


def adjoint_of(
    graph: Graph, wanted: Callable[[Input], bool] | None = None
) -> Iterator[tuple[Node, Node]]:
    """The nodes of the backward pass, each with the node whose adjoints it belongs to.

    It starts from an adjoint for each output through which gradients flow, which is given, and ends
    at the inputs that require one and are ``wanted``.  What is computed and not used is left out.

    >>> import chainrule as cr
    >>> graph = cr.capture(lambda x: x.tanh() * 2, cr.spec(3, requires_grad=True))
    >>> [(made.op.name, source.op.name) for made, source in adjoint_of(graph) if made.parents]
    [('mul', 'mul'), ('square', 'tanh'), ('sub', 'tanh'), ('mul', 'tanh')]
    """
    return iter(backward_pass(graph, wanted).nodes)


@dataclass(frozen=True)
class Backward:
    """The backward pass of a graph: its ``nodes``, each with the node whose adjoints it belongs to,
    the adjoints of the outputs that it starts from, and the ``gradients`` of inputs."""

    nodes: tuple[tuple[Node, Node], ...]
    starts: tuple[Node, ...]
    gradients: dict[Node, Node]


def backward_pass(graph: Graph, wanted: Callable[[Input], bool] | None = None) -> Backward:
    """The backward pass of ``graph``, which `adjoint_of` goes through."""
    targets = [
        i.node for i in graph.inputs if i.node.requires_grad and (wanted is None or wanted(i))
    ]
    outputs = [node for node in dict.fromkeys(graph.outputs) if node.requires_grad]
    known = set(graph.nodes)
    marks: list[tuple[int, Node]] = []

    def met(node: Node, g: Any) -> Any:
        marks.append((leaf((), node.dtype).number, node))  # what comes now is of this node
        return g

    trace = Trace()
    trace.start = 0  # the graph's nodes are this trace's own
    with switched(trace=trace):
        starts = [(Tensor(node), Tensor(leaf(node.shape, node.dtype))) for node in outputs]
        found = pull_back(starts, [Tensor(n) for n in targets], create_graph=False, met=met)
    pairs = tuple(_sourced(reachable([t.node for t in found if t is not None]), known, marks))
    gradients = {n: t.node for n, t in zip(targets, found, strict=True) if t is not None}
    return Backward(pairs, tuple(g.node for _, g in starts), gradients)


def _sourced(
    made: Sequence[Node], known: set[Node], marks: Sequence[tuple[int, Node]]
) -> Iterator[tuple[Node, Node]]:
    """Each node with the one whose adjoints were being computed when it was made."""
    place = 0
    for node in made:
        if node in known or node.op is None:
            continue
        while place + 1 < len(marks) and marks[place + 1][0] < node.number:
            place += 1
        yield node, marks[place][1]
