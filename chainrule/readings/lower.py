"""Lowering: the same graph in primitives only, so that an engine has few functions to know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chainrule.core.graph import Graph, reachable
from chainrule.core.lowering import recorder
from chainrule.core.node import Node
from chainrule.core.state import switched
from chainrule.core.tensor import Tensor


def lower(graph: Graph) -> Graph:
    """``graph`` with every composite op taken apart into primitives.

    >>> import chainrule as cr
    >>> graph = lower(cr.capture(lambda x: x.softmax(0), cr.spec(3)))
    >>> [node.op.name for node in graph.nodes if node.op]
    ['shift', 'sub', 'exp', 'step', 'sum', 'step', 'div']
    """
    given = {i.node: Tensor(i.node) for i in graph.inputs}
    with switched(record=True, grad=False, trace=None):
        found = graph.evaluate(recorder, given)
    return rebuilt(graph, {old: made.node for old, made in found.items() if _single(made)})


def _single(made: Any) -> bool:
    return isinstance(made, Tensor)


def rebuilt(graph: Graph, renamed: Mapping[Node, Node]) -> Graph:
    """``graph`` with its results, and all that they are made from, replaced as ``renamed`` says."""
    outputs = tuple(renamed.get(node, node) for node in graph.outputs)
    updates = tuple((slot, renamed.get(node, node)) for slot, node in graph.updates)
    results = [*outputs, *(node for _, node in updates)]
    inputs = {i.node for i in graph.inputs}
    nodes = tuple(sorted({*inputs, *reachable(results)}, key=lambda node: node.number))
    names = {renamed.get(node, node): name for node, name in graph.names.items()}
    return Graph(nodes, graph.inputs, outputs, updates, graph.tree, names)
