"""Starting values: PyTorch's bounds and deviations, shapes of one to five axes, mistakes."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch

import chainrule as cr
from chainrule import nn
from chainrule.core.errors import ArgumentError, CaptureError, ShapeError

init = nn.init
SHAPES = [(200, 300), (60, 50, 7), (30, 40, 5, 3), (20, 30, 4, 3, 2)]
N_SIGMA = 5


def fans(shape: Any) -> tuple[int, int]:
    """What PyTorch takes for fan_in and fan_out."""
    found: tuple[int, int] = torch.nn.init._calculate_fan_in_and_fan_out(torch.empty(shape))
    return found


def uniform(x: Any, bound: float) -> None:
    values = x.detach().numpy().astype(float).ravel()
    assert np.abs(values).max() <= bound * (1 + 1e-6)
    assert np.abs(values).max() > bound * 0.99
    assert abs(values.mean()) < N_SIGMA * bound / math.sqrt(3 * values.size)


def normal(x: Any, std: float, mean: float = 0.0) -> None:
    values = x.detach().numpy().astype(float).ravel()
    assert abs(values.mean() - mean) < N_SIGMA * std / math.sqrt(values.size)
    assert abs(values.std() / std - 1) < N_SIGMA / math.sqrt(2 * values.size)


@pytest.mark.parametrize("shape", SHAPES)
def test_xavier_and_kaiming(shape: Any) -> None:
    cr.manual_seed(1)
    fan_in, fan_out = fans(shape)
    w = nn.Parameter(cr.zeros(*shape))
    assert init.xavier_uniform_(w, gain=2.0) is w
    uniform(w, 2 * math.sqrt(6 / (fan_in + fan_out)))
    normal(init.xavier_normal_(w), math.sqrt(2 / (fan_in + fan_out)))
    uniform(init.kaiming_uniform_(w, a=0.5), math.sqrt(2 / 1.25) * math.sqrt(3 / fan_in))
    uniform(init.kaiming_uniform_(w, mode="fan_out", nonlinearity="relu"), math.sqrt(6 / fan_out))
    normal(init.kaiming_normal_(w, nonlinearity="linear"), math.sqrt(1 / fan_in))
    assert w.is_leaf
    assert w.requires_grad


@pytest.mark.parametrize(
    ("name", "param"),
    [(n, None) for n in ("linear", "conv1d", "conv2d", "conv3d", "conv_transpose1d",
                         "conv_transpose2d", "conv_transpose3d", "sigmoid", "tanh", "relu",
                         "selu", "leaky_relu")] + [("leaky_relu", 0.3), ("leaky_relu", 2)],
)  # fmt: skip
def test_gains(name: str, param: Any) -> None:
    assert init.calculate_gain(name, param) == torch.nn.init.calculate_gain(name, param)


def test_simple_ones() -> None:
    cr.manual_seed(2)
    w = nn.Parameter(cr.zeros(100, 200))
    assert init.constant_(w, 0.3)[3, 4].item() == pytest.approx(0.3)
    assert init.ones_(w).detach().numpy().all()
    assert not init.zeros_(w).detach().numpy().any()
    uniform(init.uniform_(w, -2.0, 2.0), 2.0)
    normal(init.normal_(w, 1.0, 3.0), 3.0, 1.0)
    assert init.eye_(nn.Parameter(cr.ones(2, 3))).tolist() == [[1, 0, 0], [0, 1, 0]]
    empty = cr.zeros(0, 3)
    assert init.kaiming_normal_(empty) is init.kaiming_uniform_(empty) is empty
    assert init.orthogonal_(empty) is empty


@pytest.mark.parametrize("shape", [(4, 3, 5), (4, 2, 3, 2), (6, 2, 3, 3, 3)])
@pytest.mark.parametrize("groups", [1, 2])
def test_dirac(shape: Any, groups: int) -> None:
    expected = torch.nn.init.dirac_(torch.empty(shape), groups)
    assert init.dirac_(cr.ones(*shape), groups).tolist() == expected.tolist()


@pytest.mark.parametrize("shape", [(5, 5), (7, 3), (3, 7), (4, 2, 3)])
def test_orthogonal(shape: Any) -> None:
    cr.manual_seed(3)
    w = init.orthogonal_(cr.zeros(*shape, dtype=cr.float64), gain=2.0)
    m = w.reshape(shape[0], -1).numpy()
    m = m if m.shape[0] <= m.shape[1] else m.T
    np.testing.assert_allclose(m @ m.T, 4 * np.eye(len(m)), atol=1e-12)


def test_all_orthogonal_matrices_are_equally_likely() -> None:
    cr.manual_seed(4)
    w = cr.zeros(2, 2, dtype=cr.float64)
    drawn = np.array([init.orthogonal_(w).numpy().copy() for _ in range(800)])
    assert (np.abs(drawn.mean(0)) < 5 * math.sqrt(0.5 / 800)).all()
    assert abs((np.linalg.det(drawn) > 0).mean() - 0.5) < 5 * math.sqrt(0.25 / 800)


def test_truncated() -> None:
    cr.manual_seed(5)
    w = init.trunc_normal_(cr.zeros(40_000, dtype=cr.float64), mean=1.0, std=2.0, a=0.0, b=2.0)
    values = w.numpy()
    assert values.min() >= 0
    assert values.max() <= 2
    assert abs(values.mean() - 1) < 0.02
    theirs = torch.nn.init.trunc_normal_(torch.empty(40_000), 1.0, 2.0, 0.0, 2.0).numpy()
    assert abs(values.std() - theirs.std()) < 0.01


def test_sparse() -> None:
    cr.manual_seed(6)
    w = init.sparse_(cr.ones(50, 30, dtype=cr.float64), sparsity=0.31, std=0.5)
    values = w.numpy()
    assert (np.count_nonzero(values == 0, axis=0) == 16).all()
    normal(cr.tensor(values[values != 0]), 0.5)


def test_draws_come_from_the_generator_that_is_given() -> None:
    first = init.xavier_normal_(cr.zeros(3, 3), generator=cr.Generator().manual_seed(7)).tolist()
    assert first == init.xavier_normal_(cr.zeros(3, 3), generator=cr.Generator(7)).tolist()


@pytest.mark.parametrize(
    ("error", "fact", "call"),
    [
        (ShapeError,
         "fan_in and fan_out are those of a weight with at least two axes, not (3,)",
         lambda: init.xavier_normal_(cr.zeros(3))),
        (ArgumentError, "mode is 'fan'", lambda: init.kaiming_normal_(cr.zeros(2, 2), mode="fan")),
        (ArgumentError, "no gain is known for 'gelu'", lambda: init.calculate_gain("gelu")),
        (ArgumentError, "the slope of leaky_relu is True",
         lambda: init.calculate_gain("leaky_relu", True)),
        (ShapeError, "eye_ is for a matrix, not for shape (2,)", lambda: init.eye_(cr.zeros(2))),
        (ShapeError, "dirac_ is for 3 to 5 axes, not for shape (2, 2)",
         lambda: init.dirac_(cr.zeros(2, 2))),
        (ArgumentError, "3 groups do not divide 2 channels",
         lambda: init.dirac_(cr.zeros(2, 2, 2), 3)),
        (ShapeError, "orthogonal_ is for at least two axes, not for shape (2,)",
         lambda: init.orthogonal_(cr.zeros(2))),
        (ShapeError, "sparse_ is for a matrix, not for shape (2,)",
         lambda: init.sparse_(cr.zeros(2), 0.5)),
        (ArgumentError, "sparsity is 1.5", lambda: init.sparse_(cr.zeros(2, 2), 1.5)),
        (ArgumentError, "next to nothing of N(0.0, 1.0²) lies from 5.0 to 6.0",
         lambda: init.trunc_normal_(cr.zeros(2), a=5.0, b=6.0)),
    ],
)  # fmt: skip
def test_mistakes(error: Any, fact: str, call: Any) -> None:
    with pytest.raises(error) as raised:
        call()
    assert raised.value.fact == fact


@pytest.mark.parametrize(
    "fill", [init.trunc_normal_, init.orthogonal_, lambda w: init.sparse_(w, 0.5)]
)
def test_what_needs_values_says_so_while_capturing(fill: Any) -> None:
    with pytest.raises(CaptureError, match=r"^(trunc_normal|orthogonal|sparse)_\(\) needs a value"):
        cr.compile(lambda x: fill(x * 1))(cr.zeros(3, 3))


def test_the_average_of_both_fans() -> None:
    cr.manual_seed(8)
    w = cr.zeros(100, 300)
    normal(init.kaiming_normal_(w, mode="fan_avg", nonlinearity="relu"), math.sqrt(2 / 200))
    uniform(init.kaiming_uniform_(w, mode="fan_avg", nonlinearity="linear"), math.sqrt(3 / 200))


@pytest.mark.parametrize("shape", [(50, 100), (8, 3, 5, 5)])
def test_variances_are_the_squares_of_what_is_drawn(shape: Any) -> None:
    fan_in, fan_out = fans(shape)
    assert init.fans(shape) == init.fans(cr.zeros(*shape)) == (fan_in, fan_out)
    assert init.xavier_variance(shape, 2.0) == Fraction(8, fan_in + fan_out)
    sizes = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": Fraction(fan_in + fan_out, 2)}
    for name in (*init.GAINS, "leaky_relu"):
        for mode, fan in sizes.items():
            found = init.kaiming_variance(cr.zeros(*shape), 0.5, mode, name)
            gain = init.calculate_gain(name, 0.5)
            assert float(found * fan) == pytest.approx(gain**2, rel=1e-15)
    with pytest.raises(ArgumentError) as raised:
        init.kaiming_variance(shape, mode="fan")
    assert raised.value.expected == "fan_in, fan_out or fan_avg"
    with pytest.raises(ArgumentError):
        init.kaiming_variance(shape, nonlinearity="gelu")


# -- exam questions: paper 0, question 3; paper 1, question 7a -------------------------------------


def test_two_things_that_are_called_xavier() -> None:
    weight = nn.Linear(100, 50).weight
    by_input = init.kaiming_variance(weight, nonlinearity="linear")
    glorot = init.xavier_variance(weight)
    assert (by_input, glorot) == (Fraction(1, 100), Fraction(1, 75))
    assert [str(cr.tensor(v, dtype=cr.exact).sqrt().item()) for v in (by_input, glorot)] == [
        "1/10", "sqrt(3)/15"]  # fmt: skip
    assert cr.tensor(3 * glorot, dtype=cr.exact).sqrt().item() == Fraction(1, 5)
    # the variance of 100 products with inputs of variance 1
    assert (100 * by_input, 100 * glorot) == (1, Fraction(4, 3))


@pytest.mark.parametrize(
    ("nonlinearity", "least", "most"), [("relu", 0.5, 2.0), ("linear", 1e-7, 2e-6)]
)
def test_twice_the_variance_keeps_the_scale_of_relu_networks(
    nonlinearity: str, least: float, most: float
) -> None:
    assert init.kaiming_variance((1, 512), nonlinearity="relu") == Fraction(2, 512)
    cr.manual_seed(9)
    h = first = cr.randn(64, 512)
    for _ in range(20):
        w = init.kaiming_normal_(cr.zeros(512, 512), nonlinearity=nonlinearity)
        h = (h @ w.mT).relu()
    assert least < ((h**2).mean() / (first**2).mean()).item() < most
