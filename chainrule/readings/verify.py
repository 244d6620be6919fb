"""Verification: a typechecker for graphs."""

from __future__ import annotations

from chainrule.core.errors import ChainruleError, GraphError
from chainrule.core.graph import ROLES, Graph
from chainrule.core.node import Node


def verify(graph: Graph) -> Graph:
    """``graph`` itself, if it keeps the rules of graphs; raises GraphError with all that it breaks.

    Parents are defined before they are used; every leaf is an input with a known role; shapes and
    types are those that the ops' rules give; attributes can be hashed; no node but a number holds a
    value; results are nodes of the graph, and an update has the shape and type of what it writes.

    >>> import chainrule as cr
    >>> graph = cr.capture(lambda x: x.exp(), cr.spec(3))
    >>> verify(graph) is graph
    True
    """
    faults = [*_order(graph), *_inputs(graph), *_results(graph)]
    for i, node in enumerate(graph.nodes, 1):
        if node.op is not None:
            faults += (f"v{i} ({node.op.name}): {fault}" for fault in _node_faults(node))
    if faults:
        listed = "; ".join(faults[:10])
        more = f"; and {len(faults) - 10} more" if len(faults) > 10 else ""
        raise GraphError(f"the graph breaks {len(faults)} rules: {listed}{more}")
    return graph


def _order(graph: Graph) -> list[str]:
    seen: set[Node] = set()
    faults = []
    for i, node in enumerate(graph.nodes, 1):
        faults += [
            f"v{i} uses a value before its definition" for p in node.parents if p not in seen
        ]
        if node in seen:
            faults.append(f"v{i} is defined twice")
        seen.add(node)
    return faults


def _inputs(graph: Graph) -> list[str]:
    declared, known = {i.node for i in graph.inputs}, set(graph.nodes)
    faults = [f"input {i.name!r} has role {i.role!r}" for i in graph.inputs if i.role not in ROLES]
    faults += (f"input {i.name!r} is not in the graph" for i in graph.inputs if i.node not in known)
    if len(declared) < len(graph.inputs):
        faults.append("two inputs are the same node")
    for i, node in enumerate(graph.nodes, 1):
        if node.op is None and node not in declared:
            faults.append(f"v{i} is a leaf and no input")
    return faults


def _results(graph: Graph) -> list[str]:
    known, inputs = set(graph.nodes), {i.node for i in graph.inputs}
    faults = [
        f"result {i} is not in the graph" for i, n in enumerate(graph.results) if n not in known
    ]
    for slot, node in graph.updates:
        if slot.node not in inputs:
            faults.append(f"state {slot.name!r} is written and no input")
        if slot.node.shape != node.shape or slot.node.dtype is not node.dtype:
            faults.append(
                f"state {slot.name!r} of {slot.node.shape} {slot.node.dtype.name} is written with "
                f"{node.shape} {node.dtype.name}"
            )
    return faults


def _node_faults(node: Node) -> list[str]:
    op, attrs = node.op, node.attrs
    assert op is not None  # the caller asks for nodes with an op
    faults = []
    shapes, dtypes = [p.shape for p in node.parents], [p.dtype for p in node.parents]
    try:
        hash(tuple(attrs.values()))
        wanted, dtype = op.dtypes(dtypes, [len(s) for s in shapes], **attrs)
        shape = op.shape(*shapes, **attrs)
    except (ChainruleError, TypeError, ValueError, LookupError, AttributeError) as error:
        return [str(error).splitlines()[0]]
    if shape != node.shape:
        faults.append(f"shape {node.shape} where the rule gives {shape}")
    if dtype != node.dtype:
        faults.append(f"type {node.dtype} where the rule gives {dtype}")
    if any(given is not want for given, want in zip(dtypes, wanted, strict=True)):
        faults.append("an operand misses its cast")
    if node.value is not None and node.parents:
        faults.append("a value is stored in the graph")
    return faults
