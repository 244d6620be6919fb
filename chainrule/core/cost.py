"""Counting operations: the rules that hold for whole kinds of op."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainrule.core.signature import Dim, Signature
from chainrule.core.size import prod

if TYPE_CHECKING:
    from chainrule.core.node import Node
    from chainrule.core.op import Op

Cost = dict[str, Dim]


def total(costs: list[Cost]) -> Cost:
    """The sum of several counts.

    >>> total([{"add": 2}, {"add": 3, "multiply": 1}])
    {'add': 5, 'multiply': 1}
    """
    found: Cost = {}
    for cost in costs:
        for kind, count in cost.items():
            found[kind] = found.get(kind, 0) + count
    return {kind: count for kind, count in found.items() if count != 0}


def additions(terms: Dim, sums: Dim) -> Dim:
    """How many additions add up ``terms`` to ``sums`` results.

    >>> additions(6, 2), additions(0, 2)
    (4, 0)
    """
    return terms - sums if terms != 0 else 0


def default_cost(op: Op, node: Node) -> Cost:
    """The rule of the op's kind; a composite without one counts its lowered form."""
    if op.composite:
        return lowered_cost(op, node)
    if op.kind == "elementwise" and op.primitive:
        return {op.primitive: prod(node.shape)}
    if op.kind == "contract" and op.signature:
        made = prod(node.shape)
        volume = Signature.parse(op.signature).volume([p.shape for p in node.parents])
        return {"multiply": volume, "add": additions(volume, made)}
    if op.kind == "reduce":
        return {"add": additions(prod(node.parents[0].shape), prod(node.shape))}
    return {}


def lowered_cost(op: Op, node: Node) -> Cost:
    """The sum over the primitives that the op's forward is made of."""
    from chainrule.core.graph import reachable
    from chainrule.core.lowering import lowered

    inputs, results = lowered(op, [(p.shape, p.dtype) for p in node.parents], node.attrs)
    nodes = [n for n in reachable(results) if n not in inputs and n.op is not None]
    return total([n.op.cost(n) for n in nodes if n.op is not None])
