"""`verify`: every rule of graphs, broken by hand, is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

import chainrule as cr
from chainrule.core.errors import GraphError
from chainrule.core.graph import Graph, Input
from chainrule.core.node import Node, leaf
from chainrule.readings.verify import verify


def graph() -> Graph:
    """exp(x) + w, where w is written."""
    w = cr.zeros(3)

    def f(x: cr.Tensor) -> cr.Tensor:
        w.add_(x.exp())
        return w * 1

    return cr.capture(f, cr.spec(3))


def like(node: Node, **changes: object) -> Node:
    """A copy of a node, with something else about it."""
    fields = ("op", "parents", "attrs", "shape", "dtype", "value")
    return Node(**{field: changes.get(field, getattr(node, field)) for field in fields})


def with_exp(g: Graph, **changes: object) -> Graph:
    """The graph in which the node of exp, which is a result too, is not what it was."""
    old = next(n for n in g.nodes if n.op is not None and n.op.name == "exp")
    new = like(old, **changes)
    nodes = tuple(new if n is old else n for n in g.nodes if n.op is None or n is old)
    return replace(g, nodes=nodes, outputs=(new,), updates=())


def with_input(g: Graph, **changes: object) -> Graph:
    return replace(g, inputs=(replace(g.inputs[0], **changes), *g.inputs[1:]))


BROKEN: dict[str, Callable[[Graph], Graph]] = {
    r"shape \(4,\) where the rule gives \(3\)?,?": lambda g: with_exp(g, shape=(4,)),
    "type chainrule.float64 where": lambda g: with_exp(g, dtype=cr.float64),
    "a value is stored": lambda g: with_exp(g, value=1.0),
    "unhashable": lambda g: with_exp(g, attrs={"dim": [1]}),
    "exp": lambda g: with_exp(g, parents=()),
    "before its definition": lambda g: replace(g, nodes=g.nodes[::-1]),
    "defined twice": lambda g: replace(g, nodes=(g.nodes[0], *g.nodes)),
    "is a leaf and no input": lambda g: replace(g, inputs=g.inputs[1:], updates=()),
    "has role 'weight'": lambda g: with_input(g, role="weight"),
    "input 'x' is not in the graph": lambda g: with_input(g, node=leaf((3,), cr.float32)),
    "two inputs are the same": lambda g: replace(g, inputs=(*g.inputs, g.inputs[0])),
    "result 0 is not in the graph": lambda g: replace(g, outputs=(leaf((), cr.float32),)),
    "is written with": lambda g: replace(g, updates=((g.inputs[1], leaf((2,), cr.float32)),)),
    "written and no input": lambda g: replace(
        g, updates=((Input(leaf((3,), cr.float32), "state", "s"), g.updates[0][1]),)
    ),
}


@pytest.mark.parametrize("words", BROKEN)
def test_a_broken_rule_is_named(words: str) -> None:
    good = graph()
    assert verify(good) is good
    with pytest.raises(GraphError, match=words):
        verify(BROKEN[words](good))


def test_outputs_that_an_op_does_not_have() -> None:
    captured = cr.capture(lambda x: cr.max(x, 0)[0], cr.spec(3))
    pick = next(n for n in captured.nodes if n.op is not None and n.op.name == "pick")
    wrong = like(pick, attrs={"output": 7})
    broken = replace(captured, nodes=(*captured.nodes, wrong))
    with pytest.raises(GraphError, match="pick"):
        verify(broken)


def test_only_ten_faults_are_listed() -> None:
    g = graph()
    with pytest.raises(GraphError, match="and 10 more"):
        verify(replace(g, nodes=g.nodes + g.nodes[:1] * 20))
