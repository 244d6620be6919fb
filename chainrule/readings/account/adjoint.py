"""The backward pass of a graph, as the ops that it takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
    made = reachable([t.node for t in found if t is not None])
    place = 0
    for node in made:
        if node in known or node.op is None:
            continue
        while place + 1 < len(marks) and marks[place + 1][0] < node.number:
            place += 1
        yield node, marks[place][1]
