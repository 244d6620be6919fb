"""Exam questions whose figures were rounded at every step: networks of three layers, and Jordan's.

Printed are what a paper says; where it rounds on the way, full precision gives other figures, and
those are here too.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import nn
from chainrule.readings.explain import Explanation

EXAMPLE = Path(__file__).parents[2] / "examples" / "three_layers.py"

PRINTED: dict[str, Any] = {
    "u1": [1.3, -4.7, 3.6],
    "h1": [0.86, -1.0, 1.0],
    "u2": [2.48, 7.2],
    "h2": [0.99, 1.0],
    "u3": [1.48],
    "y": [0.81],
    "J": 1.66,
    "∂h1/∂u1": [0.26, 0, 0],
    "∂h2/∂u2": [0.02, 0],
    "ū3": [0.81],
    "ū2": [0.03, 0],
    "ū1": [0.02, 0, 0],
    "W̄3": [[0.8], [0.81]],
    "b̄3": [0.81],
    "W̄2": [[0.03, 0], [-0.03, 0], [0.03, 0]],
    "b̄2": [0.03, 0],
    "W̄1": [[0.02, 0, 0], [0.04, 0, 0]],
    "b̄1": [0.02, 0, 0],
}
"""The eighteen quantities, each to two places."""

IN_FULL: dict[str, Any] = {
    "u2": [2.49, 7.2],
    "u3": [1.47],
    "J": 1.68,
    "∂h2/∂u2": [0.03, 0],
    "ū2": [0.04, 0],
    "ū1": [0.03, 0, 0],
    "W̄2": [[0.04, 0], [-0.04, 0], [0.04, 0]],
    "b̄2": [0.04, 0],
    "W̄1": [[0.03, 0, 0], [0.07, 0, 0]],
    "b̄1": [0.03, 0, 0],
}
"""The ten that are others where nothing is rounded before the end."""


@pytest.fixture(scope="module")
def cost() -> cr.Tensor:
    """The cost of the network in examples/three_layers.py."""
    spec = importlib.util.spec_from_file_location("three_layers", EXAMPLE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.cost()


def by_name(found: Explanation) -> dict[str, Any]:
    """All values of the tables."""
    tables = (found.forward, found.derivatives, found.adjoints)
    return {row.name: row.value for rows in tables for row in rows}


@pytest.mark.parametrize("mode", ["half-up", "half-even"])
def test_every_intermediate_rounded_gives_what_is_printed(cost: cr.Tensor, mode: str) -> None:
    found = by_name(cr.explain(cost, arithmetic=cr.decimal(places=2, mode=mode)))
    assert len(PRINTED) == 18
    for name, printed in PRINTED.items():
        assert np.asarray(found[name]).tolist() == printed, name


@pytest.mark.parametrize("arithmetic", [None, cr.float64, cr.decimal(places=12)])
def test_in_full_ten_are_others(cost: cr.Tensor, arithmetic: Any) -> None:
    found = by_name(cr.explain(cost, arithmetic=arithmetic))
    others = {}
    for name, printed in PRINTED.items():
        at_the_end = (np.round(np.asarray(found[name], float), 2) + 0.0).tolist()
        if at_the_end != printed:
            others[name] = at_the_end
    assert others == IN_FULL


def test_the_names_are_those_of_the_question(cost: cr.Tensor) -> None:
    found = cr.explain(cost, arithmetic=cr.decimal(places=2))
    assert found.value("u2").tolist() == PRINTED["u2"]
    assert found.adjoint("u3").tolist() == PRINTED["ū3"]
    assert found.adjoint("W1").tolist() == PRINTED["W̄1"]
    assert found.derivative("h1", "u1").tolist() == PRINTED["∂h1/∂u1"]
    assert found.value("W1").tolist() == [[3.2, -2.4, -2.1], [-1.2, -1.4, 2.6]]


def test_the_working_says_what_was_rounded(cost: cr.Tensor) -> None:
    text = cr.explain(cost, arithmetic=cr.decimal(places=2)).text(100)
    for line in (
        "h2 = tanh(u2) = tanh([2.48, 7.2]) = [0.99, 1]",
        "exp(-u3) = [0.23]",
        "∂y/∂u3 = y * (1 - y) = [0.81] * (1 - [0.81]) = [0.15]",
        "ū3 = ȳ * ∂y/∂u3 = y - d = [0.81] - [0] = [0.81]",
        "ū2 = h̄2 * ∂h2/∂u2 = [1.62, -0.81] * [0.02, 0] = [0.03, 0]",
    ):
        assert line in text


def jordan(arithmetic: Any, turned: bool = True) -> Explanation:
    """Two steps of a network that is fed its output: h = tanh(Uᵀx + Wᵀy + b), y = σ(Vᵀh + c)."""

    def matrix(*rows: Any) -> cr.Tensor:
        return cr.tensor(rows, dtype=cr.float64)

    U, W, V = matrix([0.2, 0.3], [0.8, 0.9]), matrix([2.0, 1.0]), matrix([0.2], [-0.2])
    U = U.T if turned else U
    y, bias = matrix([1.0]), 0.2
    with cr.record():
        for x in (matrix([1.5], [1.0]), matrix([-3.0], [2.0])):
            u = U @ x + W.T @ y + bias
            h = u.tanh()
            y = (V.T @ h + bias).sigmoid()
    return cr.explain(y, arithmetic=arithmetic)


@pytest.mark.parametrize("arithmetic", [cr.decimal(places=4), cr.float64])
def test_jordan_unrolled(arithmetic: Any) -> None:
    found = jordan(arithmetic)
    printed = {"h₁": [0.9973, 0.9879], "y₁": [0.5503], "h₂": [0.9801, 0.9289], "y₂": [0.5524]}
    for name, value in printed.items():
        assert np.round(found.value(name), 4).ravel().tolist() == value, name


def test_jordan_with_the_other_layout() -> None:
    found = jordan(cr.decimal(places=4), turned=False)
    assert [found.value(name).item() for name in ("y₁", "y₂")] == [0.5496, 0.5848]


def test_jordan_as_a_layer() -> None:
    """The layer is a loop: it is written out, and every step of it is rounded."""
    net = nn.JordanRNN(2, 2, 1, dtype=cr.float64)
    given = {
        "weight_ih_l0": [[0.2, 0.8], [0.3, 0.9]],
        "weight_yh_l0": [[2.0], [1.0]],
        "weight_hy_l0": [[0.2, -0.2]],
        "bias_ih_l0": [0.2, 0.2],
        "bias_hy_l0": [0.2],
    }
    net.load_state_dict({name: cr.tensor(v, dtype=cr.float64) for name, v in given.items()})
    x = cr.tensor([[1.5, 1.0], [-3.0, 2.0]], dtype=cr.float64)
    y, _ = net(x, cr.ones(1, 1, dtype=cr.float64))
    found = cr.explain(y.sum(), arithmetic=cr.decimal(places=4))
    expected = {
        "a₁": [3.3, 2.55],
        "h₁": [0.9973, 0.9879],
        "y₁": [0.5503],
        "a₂": [2.3006, 1.6503],
        "h₂": [0.9801, 0.9289],
        "y₂": [0.5524],
    }
    for name, value in expected.items():
        assert found.value(name).tolist() == value, name
    assert found.derivative("h₁", "a₁").tolist() == [0.0054, 0.0241]
    assert found.adjoint("weight_hy_l0").shape == (1, 2)


def test_a_loop_in_a_graph_is_rounded_at_every_step() -> None:
    """What `run` rounds: the op of a loop repeats ops, each of which is one."""
    net = nn.RNN(1, 1, bias=False, dtype=cr.float64)
    net.load_state_dict({n: cr.full((1, 1), 0.5, dtype=cr.float64) for n in net.state_dict()})
    graph = cr.capture(lambda x: net(x)[0], cr.spec(3, 1, dtype=cr.float64))
    made = cr.run(graph, cr.ones(3, 1, dtype=cr.float64), dtype=cr.decimal(places=1))
    # h = tanh(0.5 + 0.5 h): tanh 0.5 = 0.46; 0.5 * 0.5 = 0.25 is 0.3, tanh 0.8 = 0.66; 0.35 is 0.4
    assert made.flatten().tolist() == [0.5, 0.7, 0.7]
