"""Reverse mode on arrays: what ``backward()`` does when nobody wants the gradients' own history.

The adjoint rules are those of the ops (`Op.vjp`).  A rule that is met often with operands of the
same shapes and types is captured once as a graph and turned into a function of arrays by an engine;
until then, and where there is no engine, it is run as it is, on tensors.  Both give the same bits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from chainrule.core.dtypes import exact
from chainrule.core.errors import ChainruleError
from chainrule.core.graph import Graph, Input, reachable
from chainrule.core.hooks import hooks
from chainrule.core.node import Node, leaf
from chainrule.core.state import quiet, state, switched
from chainrule.core.tensor import Tensor

MET_BEFORE = 12
"""How often a rule is run as it is before it is compiled, which takes as long as some 300 runs."""

build: Callable[[Graph], Callable[..., Any]] | None = None
"""Makes a function of arrays from a graph; set by the engine that is always there."""


def applies(node: Node) -> bool:
    """Whether the way back from ``node`` can go on arrays: all there, and nothing watched."""
    watched = state.trace is not None or state.record or state.anomaly or bool(hooks)
    return node.value is not None and node.dtype is not exact and not watched


def walk(nodes: list[Node], first: Any, collect: Callable[[Node, Any], None]) -> None:
    """Go through ``nodes``, newest first, from the adjoint ``first`` of the first one.

    ``collect(node, adjoint)`` is called for every node that belongs to a tensor.
    """
    adjoints: dict[Node, Any] = {nodes[0]: first}
    with switched(grad=False), quiet():
        for node in nodes:
            g = adjoints.pop(node, None)
            if g is None:
                continue
            if node.handle is not None:
                collect(node, g)
            if not node.parents:
                continue
            whole = node.parents[0]
            if type(whole.dtype) is tuple:  # one output of an op with several
                parts = adjoints.setdefault(whole, [None] * len(whole.dtype))
                i = node.attrs["output"]
                parts[i] = g if parts[i] is None else np.add(parts[i], g)
                continue
            for parent, adjoint in zip(node.parents, _pulled(node, g), strict=True):
                if adjoint is not None and parent.requires_grad:
                    before = adjoints.get(parent)
                    adjoints[parent] = adjoint if before is None else np.add(before, adjoint)


def by_rule(node: Node, g: Any) -> Iterable[Tensor | None]:
    """The adjoints of a node's operands by the rule of its op, from that of its result.

    Where the rule has none for an operand that wants one, the result does not depend on it: as in
    PyTorch it gets zeros.  Structural ops say None where no gradient is to flow.
    """
    assert node.op is not None  # leaves have no operands
    found = node.op.vjp(node, g)
    if node.op.kind == "structural":
        return found
    return [
        zeros(parent) if adjoint is None and parent.requires_grad else adjoint
        for parent, adjoint in zip(node.parents, found, strict=True)
    ]


def zeros(like: Node) -> Tensor:
    """Zeros of the shape and type of a node."""
    from chainrule.core.lowering import recorder as xp

    made: Tensor = xp.full(like.shape, 0, like.dtype.name)
    return made


def _pulled(node: Node, g: Any) -> Any:
    """The adjoints of a node's operands, as arrays."""
    plan, op, several = node.plan, node.op, type(g) is list
    assert op is not None  # leaves have no operands
    if plan is None or build is None or (several and op.kind == "structural"):
        return _as_it_is(node, g)
    key = needs = tuple([p.requires_grad for p in node.parents])
    if several:
        key += tuple([part is not None for part in g])
    rule = plan.pullbacks.get(key, 0)
    if type(rule) is int:
        if rule < MET_BEFORE:
            plan.pullbacks[key] = rule + 1
            return _as_it_is(node, g)
        rule = plan.pullbacks[key] = _compiled(node, needs, g)
    if rule is None:
        return _as_it_is(node, g)
    values = [p.value for p in node.parents]
    if several:
        return rule(*[part for part in g if part is not None], *node.value, *values)
    return rule(g, node.value, *values)


def _as_it_is(node: Node, g: Any) -> list[Any]:
    """Run the op's rule on tensors."""
    if type(g) is list:
        given: Any = tuple(
            None if part is None else Tensor(leaf(shape, dtype, part))
            for part, shape, dtype in zip(g, node.shape, node.dtype, strict=True)
        )
    else:
        given = Tensor(leaf(node.shape, node.dtype, g))
    return [None if a is None else a.node.value for a in by_rule(node, given)]


def _compiled(node: Node, needs: tuple[bool, ...], g: Any) -> Callable[..., Any] | None:
    """The op's rule as a function (adjoint, result, operands …) -> adjoints of the operands, of an
    op with several outputs (adjoints, results, operands …); None for a rule that looks at values.

    Of ``g`` it only matters which outputs have an adjoint.
    """
    assert node.op is not None
    assert build is not None  # the caller has looked
    operands = [leaf(p.shape, p.dtype, None, n) for p, n in zip(node.parents, needs, strict=True)]
    copy = Node(node.op, tuple(operands), node.attrs, node.shape, node.dtype, None, True)
    several = type(g) is list
    kinds = (
        list(zip(node.shape, node.dtype, strict=True)) if several else [(node.shape, node.dtype)]
    )
    adjoints = [
        None if part is None else leaf(*kind)
        for part, kind in zip(g if several else [g], kinds, strict=True)
    ]
    seeds = tuple(None if a is None else Tensor(a) for a in adjoints)
    try:
        with switched(record=True):
            found = by_rule(copy, seeds if several else seeds[0])
            reached = [None if a is None else a.node for a in found]
    except ChainruleError:
        return None
    values = [leaf(*kind) for kind in kinds] if several else [copy]
    if several:
        reached = _with_values(reached, copy, values)
    given = [*(a for a in adjoints if a is not None), *values, *operands]
    results = tuple(dict.fromkeys(n for n in reached if n is not None))
    nodes = tuple(sorted({*given, *reachable(results)}, key=lambda n: n.number))
    run = build(Graph(nodes, tuple(Input(n, "input", "") for n in given), results))
    places = [None if n is None else results.index(n) for n in reached]

    def rule(*arrays: Any) -> list[Any]:
        made = run(*arrays)
        return [None if i is None else made[i] for i in places]

    return rule


def _with_values(results: list[Node | None], whole: Node, values: list[Node]) -> list[Node | None]:
    """``results``, in which ``values`` stand for the outputs of ``whole``."""
    moved: dict[Node, Node] = {}
    for node in reachable([n for n in results if n is not None]):
        if node.whole is whole:
            moved[node] = values[node.attrs["output"]]
        elif any(p in moved for p in node.parents):
            parents = tuple([moved.get(p, p) for p in node.parents])
            made = Node(node.op, parents, node.attrs, node.shape, node.dtype, None, True)
            made.where, made.scope = node.where, node.scope
            moved[node] = made
    return [None if n is None else moved.get(n, n) for n in results]
