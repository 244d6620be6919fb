"""`simplify`, `lower`, `checks`: the same results, bit for bit, from fewer and simpler nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.graph import Graph
from chainrule.readings.checks import conditions
from chainrule.readings.lower import lower
from chainrule.readings.simplify import simplify
from chainrule.readings.verify import verify

HARD = [float("nan"), -0.0, 0.0, float("inf"), -float("inf"), 1.5]
FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "x * 1": lambda x: x * 1,
    "x / 1": lambda x: x / 1,
    "x - 0": lambda x: x - 0,
    "x - -0": lambda x: x - (-0.0),
    "x + 0": lambda x: x + 0,
    "0 - x": lambda x: 0 - x,
    "--x": lambda x: x.neg().neg(),
    "||x||": lambda x: x.abs().abs(),
    "ln e^x": lambda x: x.exp().log(),
    "x * 0 + x * -0": lambda x: x * 0.0 + x * -0.0,
    "x - x": lambda x: x - x,
    "relu relu": lambda x: x.relu().relu(),
    "x / x": lambda x: x / x,
    "x^1": lambda x: x**1,
    "detach": lambda x: x.detach() * x,
    "softmax": lambda x: cr.softmax(x, 0) + cr.log_softmax(x, 0),
}


def names(graph: Graph) -> list[str]:
    return [node.op.name for node in graph.nodes if node.op]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_bit_changes(name: str) -> None:
    f, x = FUNCTIONS[name], cr.tensor(HARD)
    graph = cr.capture(f, cr.spec(len(HARD)))
    expected = f(x).numpy().tobytes()
    for reading in (simplify, lower, lambda g: simplify(lower(simplify(g)))):
        assert cr.run(verify(reading(graph)), x).numpy().tobytes() == expected


def test_equal_values_once_and_dead_ones_not_at_all() -> None:
    def f(x: cr.Tensor) -> cr.Tensor:
        _ = x.sin()
        return x.exp() * 1 + x.exp()

    assert names(simplify(cr.capture(f, cr.spec(3)))) == ["exp", "add"]


def test_numbers_of_other_types_and_signs_stay_apart() -> None:
    f = cr.capture(lambda x: (x * 0.0, x * -0.0), cr.spec(1))
    assert [np.signbit(y.item()) for y in cr.run(simplify(f), [1.0])] == [False, True]
    g = cr.capture(lambda x: (cr.full((1,), 1), cr.full((1,), 1.0), cr.full((1,), True)), cr.spec())
    assert [y.dtype for y in cr.run(simplify(g), 0)] == [cr.int64, cr.float32, cr.bool]


def test_on_paper_more_holds() -> None:
    graph = cr.capture(lambda x: x.exp().log() + 0, cr.spec(2))
    assert names(simplify(graph)) != []
    assert names(simplify(graph, keep_bits=False)) == []
    folded = simplify(cr.capture(lambda x: x * (cr.tensor(2.0) * 3), cr.spec()), keep_bits=False)
    assert cr.run(folded, 5, dtype=cr.exact).item() == 30


@pytest.mark.parametrize("name", FUNCTIONS)
def test_on_paper_the_value_stays(name: str) -> None:
    graph = cr.capture(FUNCTIONS[name], cr.spec(2))
    x = cr.tensor([0.75, 1.5])
    found = cr.run(verify(simplify(graph, keep_bits=False)), x)
    assert found.allclose(cr.run(graph, x))


def test_outputs_that_nobody_uses_are_not_computed_and_the_rest_stay() -> None:
    f = cr.capture(lambda x: cr.max(x, 0)[1], cr.spec(3))
    assert cr.run(verify(simplify(f)), [1.0, 5.0, 2.0]).item() == 1


def test_lowering_twice_is_lowering_once() -> None:
    def f(x: cr.Tensor) -> cr.Tensor:
        return cr.nn.functional.cross_entropy(cr.softmax(x, 1), cr.tensor([0, 1]))

    once = lower(cr.capture(f, cr.spec(2, 3)))
    assert names(lower(once)) == names(once)
    assert all(node.op is None or not node.op.composite for node in once.nodes)


def test_lowered_nodes_know_the_users_line() -> None:
    graph = cr.capture(lambda x: x.softmax(0), cr.spec(3))
    here = next(node.where for node in graph.nodes if node.op)
    assert here is not None
    assert all(node.where == here for node in lower(graph).nodes if node.op)


def test_conditions_are_values_of_the_graph() -> None:
    bce = cr.nn.functional.binary_cross_entropy
    graph = cr.capture(lambda p, t: bce(p, t), cr.spec(3), cr.spec(3))
    (wrong, node, sentence), _ = conditions(graph)
    assert wrong.dtype is cr.bool and node in graph.nodes and "probability" in sentence
    assert conditions(cr.capture(lambda x: x.exp(), cr.spec(3))) == []
