"""Lowering: the same graph in primitives only, so that an engine has few functions to know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chainrule.core import tree as trees
from chainrule.core.graph import Graph, reachable
from chainrule.core.lowering import recorder
from chainrule.core.node import Node, next_number
from chainrule.core.state import switched
from chainrule.core.tensor import Tensor


def lower(graph: Graph) -> Graph:
    """``graph`` with every composite op taken apart into primitives.

    >>> import chainrule as cr
    >>> graph = lower(cr.capture(lambda x: x.softmax(0), cr.spec(3)))
    >>> [node.op.name for node in graph.nodes if node.op]
    ['shift', 'sub', 'exp', 'step', 'sum', 'step', 'div']
    """
    return lowered(graph)[0]


def lowered(graph: Graph) -> tuple[Graph, dict[Node, Node]]:
    """`lower`, and which node of the result each node of ``graph`` has become; those with several
    outputs have become none."""
    made: dict[Node, Any] = {i.node: Tensor(i.node) for i in graph.inputs}
    with switched(record=True, grad=False, trace=None):
        for node in graph.nodes:
            if node in made:
                continue
            assert node.op is not None  # leaves are inputs
            start = next_number()
            result = node.op.forward(recorder, *(made[p] for p in node.parents), **node.attrs)
            made[node] = result
            _place(trees.tensors(result), node, start)
    became = {old: t.node for old, t in made.items() if isinstance(t, Tensor)}
    low = rebuilt(graph, became)
    for node in low.nodes:
        if node.parents:
            node.value = None  # computed from nothing but attributes: it was there at once
    return low, became


def _place(results: list[Tensor], node: Node, start: int) -> None:
    """Give the nodes made since ``start`` the position of the op they come from, and take away what
    was computed at once because it depends on no operand: graphs hold no values."""
    waiting = [t.node for t in results]
    while waiting:
        part = waiting.pop()
        if part.number > start and part.where is not node.where:
            part.where, part.scope = node.where, node.scope
            if part.parents:
                part.value = None
            waiting.extend(part.parents)


def rebuilt(graph: Graph, renamed: Mapping[Node, Node]) -> Graph:
    """``graph`` with its results, and all that they are made from, replaced as ``renamed`` says."""
    outputs = tuple(renamed.get(node, node) for node in graph.outputs)
    updates = tuple((slot, renamed.get(node, node)) for slot, node in graph.updates)
    results = [*outputs, *(node for _, node in updates)]
    inputs = {i.node for i in graph.inputs}
    nodes = tuple(sorted({*inputs, *reachable(results)}, key=lambda node: node.number))
    names = {renamed.get(node, node): name for node, name in graph.names.items()}
    return Graph(nodes, graph.inputs, outputs, updates, graph.tree, names)
