"""Adjoint rules as functions of arrays."""

from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.core import pullback
from chainrule.core.graph import Graph
from chainrule.nn import functional as F
from chainrule.ops import normalise


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[Graph]:
    """The rules that are compiled during the test, from the third time that they are met."""
    graphs: list[Graph] = []
    build = pullback.build
    assert build is not None

    def noted(graph: Graph) -> Any:
        graphs.append(graph)
        return build(graph)

    monkeypatch.setattr(pullback, "build", noted)
    monkeypatch.setattr(pullback, "MET_BEFORE", 2)
    return graphs


def gradients(loss: Any, *shapes: tuple[int, ...]) -> list[Any]:
    """Those of a function of arrays that are always the same."""
    rng = np.random.default_rng(0)
    xs = [cr.tensor(rng.standard_normal(s), requires_grad=True) for s in shapes]
    loss(*xs).backward()
    return [None if x.grad is None else x.grad.tolist() for x in xs]


def test_a_rule_of_several_outputs_is_compiled(built: list[Graph]) -> None:
    def loss(x: Any, w: Any, b: Any) -> Any:
        return (F.layer_norm(x, (7,), w, b) ** 2).sum()

    found = [gradients(loss, (5, 7), (7,), (7,)) for _ in range(5)]
    assert found[1:] == found[:1] * 4
    assert any(len(graph.inputs) == 7 for graph in built)  # an adjoint, 3 results, 3 operands


def test_a_rule_is_compiled_for_each_set_of_outputs_that_are_used(built: list[Graph]) -> None:
    def loss(x: Any, which: tuple[int, ...]) -> Any:
        made = normalise.batch_norm(x)
        return sum((made[i] ** 2).sum() for i in which)

    for which in ((0,), (1, 2), (0, 1, 2)):
        found = [gradients(lambda x, i=which: loss(x, i), (4, 11)) for _ in range(5)]
        assert found[1:] == found[:1] * 4
    inputs = [len(graph.inputs) for graph in built]
    assert {5, 6, 7} <= set(inputs)  # 3 results, 1 operand, and the adjoints


def test_a_rule_that_leaves_the_graph_is_run_as_it_is(built: list[Graph]) -> None:
    class Twice(cr.autograd.Function):
        """Two results; the way back asks for a value."""

        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 2, x * 3

        @staticmethod
        def backward(ctx: Any, a: Any, b: Any) -> Any:
            return a * a.sum().item() + b

    found = [gradients(lambda x: sum(p.sum() for p in Twice.apply(x)), (3,)) for _ in range(5)]
    assert found == [[[4.0, 4.0, 4.0]]] * 5  # 3 + 1: not the derivative, but what was asked
