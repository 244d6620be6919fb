"""The network of three layers: the numbers of the exam question, in full."""

from pathlib import Path

import numpy as np
import pytest

from chainrule.cli.user import module_of
from chainrule.readings.explain import explain

EXAMPLES = Path(__file__).parents[2] / "examples"

FORWARD = {
    "u1": [1.3, -4.7, 3.6],
    "h1": [0.86172, -0.99983, 0.99851],
    "u2": [2.48925, 7.19558],
    "h2": [0.98633, 0.999999],
    "u3": [1.47265],
    "y": [0.81346],
    "J": 1.67911,
}
DERIVATIVES = {"∂h1/∂u1": [0.25743, 0.00033, 0.00298], "∂h2/∂u2": [0.02716, 2.2e-06]}
ADJOINTS = {"ū3": [0.81346], "ū2": [0.04419, -1.8e-06], "ū1": [0.03413, -3.5e-05, -0.0004]}
GRADIENTS = {
    "W̄1": [[0.03413, -3.5e-05, -0.0004], [0.06826, -7e-05, -0.00079]],
    "b̄1": [0.03413, -3.5e-05, -0.0004],
    "W̄2": [[0.03808, -1.6e-06], [-0.04418, 1.8e-06], [0.04413, -1.8e-06]],
    "b̄2": [0.04419, -1.8e-06],
    "W̄3": [[0.80234], [0.81346]],
    "b̄3": [0.81346],
}
"""Verified answers in full precision, to five decimals; the smallest to two digits."""


@pytest.fixture
def example():
    return module_of(EXAMPLES / "three_layers.py")


@pytest.fixture
def found(example):
    return explain(example.cost())


def agree(value, wanted):
    """Equal as far as the wanted value is written."""
    value, wanted = np.asarray(value), np.asarray(wanted)
    assert value.shape == wanted.shape
    np.testing.assert_allclose(value, wanted, rtol=0, atol=6e-6)
    small = np.abs(wanted) < 1e-4
    np.testing.assert_allclose(value[small], wanted[small], rtol=0.05)


@pytest.mark.parametrize(
    ("table", "wanted"),
    [
        ("forward", FORWARD),
        ("derivatives", DERIVATIVES),
        ("adjoints", ADJOINTS),
        ("gradients", GRADIENTS),
    ],
)
def test_the_numbers_are_the_verified_ones(found, table, wanted):
    rows = {row.name: row.value for row in getattr(found, table)}
    assert wanted.keys() <= rows.keys()
    for name, value in wanted.items():
        agree(rows[name], value)


def test_the_formulas_are_those_of_the_textbook(found):
    assert {row.name: row.formula for row in found.adjoints} == {
        "ȳ": "(y - d) / (y * (1 - y))",
        "ū3": "ȳ * y * (1 - y)",
        "b̄3": "ū3",
        "h̄2": "W3 @ ū3",
        "W̄3": "h2 @ ū3ᵀ",
        "ū2": "h̄2 * (1 - h2 ** 2)",
        "b̄2": "ū2",
        "h̄1": "W2 @ ū2",
        "W̄2": "h1 @ ū2ᵀ",
        "ū1": "h̄1 * (1 - h1 ** 2)",
        "b̄1": "ū1",
        "W̄1": "x @ ū1ᵀ",
    }


def test_one_step_goes_against_the_gradient(example):
    before = {name: p.detach().numpy().copy() for name, p in example.net.named_parameters()}
    J = example.step()
    for name, p in example.net.named_parameters():
        wanted = before[name] - example.LEARNING_RATE * p.grad.numpy()
        np.testing.assert_allclose(p.detach().numpy(), wanted, rtol=1e-14)
    assert example.cost().item() < J.item()
