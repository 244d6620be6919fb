"""Counting operations: the rules that hold for whole kinds of op, and the parts of a count."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from chainrule.core.errors import CostError
from chainrule.core.signature import Dim, Signature
from chainrule.core.size import prod

if TYPE_CHECKING:
    from chainrule.core.node import Node
    from chainrule.core.op import Op

Cost = dict[str, Dim]
"""Operations by kind: ``{"multiply": 24, "add": 16}``."""
Parts = dict[str, Cost]
"""Operations by what they are for, one of `PARTS`, then by kind."""

PARTS = ("products", "bias", "elementwise", "normalisation", "pooling", "reductions")
"""Multiplications and additions of inner products; additions of a bias to them; then all others, by
what computes them."""
OF_KIND = {"window": "pooling", "reduce": "reductions"}
"""The part that all operations of an op of some kinds are."""


def total(costs: Iterable[Cost]) -> Cost:
    """The sum of several counts.

    >>> total([{"add": 2}, {"add": 3, "multiply": 1}])
    {'add': 5, 'multiply': 1}
    """
    found: Cost = {}
    for cost in costs:
        for kind, count in cost.items():
            found[kind] = found.get(kind, 0) + count
    return {kind: count for kind, count in found.items() if count != 0}


def times(cost: Cost, factor: Dim) -> Cost:
    """A count, ``factor`` times.

    >>> times({"add": 2}, 3)
    {'add': 6}
    """
    return {kind: count * factor for kind, count in cost.items()}


def joined(parts: Iterable[Parts]) -> Parts:
    """The sum of several counts that are sorted into parts.

    >>> joined([{"bias": {"add": 2}}, {"products": {"add": 1}}, {"bias": {"add": 3}}])
    {'products': {'add': 1}, 'bias': {'add': 5}}
    """
    found: Parts = {name: {} for name in PARTS}
    for part in parts:
        for name, cost in part.items():
            into = found[name]
            for kind, count in cost.items():
                into[kind] = into.get(kind, 0) + count
    kept = {name: {k: n for k, n in cost.items() if n != 0} for name, cost in found.items() if cost}
    return {name: cost for name, cost in kept.items() if cost}


def additions(terms: Dim, sums: Dim) -> Dim:
    """How many additions add up ``terms`` to ``sums`` results.

    >>> additions(6, 2), additions(0, 2)
    (4, 0)
    """
    return terms - sums if terms != 0 else 0


def nothing(op: Op, node: Node) -> Cost:
    """The cost of an op that computes no number: it makes, copies, names or hides some.  To be said
    by an op, ``cost = nothing``, since an op without a rule is an error."""
    return {}


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
    if op.kind == "move":
        return {}
    graphs = tuple(op.graphs(node))
    if graphs:
        return total(
            times(n.op.cost(n), often) for graph, often in graphs for n in graph.nodes if n.op
        )
    raise CostError(
        f"{op.name} does not say how many operations it takes",
        got=f"an op of kind '{op.kind}'",
        hint="def cost(self, node): return {'add': …}, or cost = nothing if it computes no number",
    )


def opened(op: Op, node: Node) -> tuple[list[Node], list[Node]]:
    """The op's forward in primitives: its operands, and what is computed from them."""
    from chainrule.core.graph import reachable
    from chainrule.core.lowering import lowered

    inputs, results = lowered(op, [(p.shape, p.dtype) for p in node.parents], node.attrs)
    known = set(inputs)
    return inputs, [n for n in reachable(results) if n not in known and n.op is not None]


def lowered_cost(op: Op, node: Node) -> Cost:
    """The sum over the primitives that the op's forward is made of."""
    return total(n.op.cost(n) for n in opened(op, node)[1] if n.op is not None)


def parts_of(node: Node) -> Parts:
    """The operations of a node, sorted by what they are for; their sum is the op's cost.

    >>> import chainrule as cr
    >>> x, w, b = cr.spec(2, 3), cr.spec(4, 3), cr.spec(4)
    >>> parts_of(cr.capture(cr.nn.functional.linear, x, w, b).outputs[0])
    {'products': {'multiply': 24, 'add': 16}, 'bias': {'add': 8}}
    """
    if node.op is None:
        return {}
    plan = node.plan
    if plan is None:
        return _sorted_out(node.op, node)
    found: Parts | None = plan.parts
    if found is None:
        found = plan.parts = _sorted_out(node.op, node)
    return found


def _sorted_out(op: Op, node: Node) -> Parts:
    graphs = tuple(op.graphs(node))
    if graphs:
        each = (
            {name: times(cost, often) for name, cost in parts_of(n).items()}
            for graph, often in graphs
            for n in graph.nodes
        )
        return joined(each)
    own = op.counted_as or OF_KIND.get(op.kind)
    if own is None and op.composite and _by_default(op):
        return _opened_parts(op, node)
    cost = op.cost(node)
    if own is None:
        own = "products" if op.kind == "contract" and "multiply" in cost else "elementwise"
    return {own: cost} if cost else {}


def _by_default(op: Op) -> bool:
    """Whether the op leaves its count to its lowered form."""
    from chainrule.core.op import Op as Contract

    return type(op).cost is Contract.cost


def _opened_parts(op: Op, node: Node) -> Parts:
    """The primitives of a composite: its contractions are products, what adds the operand called
    ``bias`` is the bias, the rest is element-wise."""
    inputs, nodes = opened(op, node)
    shifts = {x for x, name in zip(inputs, op.inputs, strict=False) if name == "bias"}
    found: list[Parts] = []
    for n in nodes:
        assert n.op is not None  # leaves were left out
        inside = parts_of(n)
        if n.op.kind == "move" and n.parents[0] in shifts:
            shifts.add(n)
        elif "products" not in inside and any(p in shifts for p in n.parents):
            inside = {"bias": n.op.cost(n)}
        elif op.kind == "contract" and n.op.kind == "window" and inside:
            inside = {"products": n.op.cost(n)}  # products of several windows, added up
        elif "products" not in inside and inside:
            inside = {"elementwise": n.op.cost(n)}
        found.append(inside)
    return joined(found)
