"""Answers to exam questions on norms: statistics, values, Jacobians from the layers themselves."""

from typing import Any

import numpy as np
import pytest
import sympy as sp

import chainrule as cr
from chainrule import nn
from chainrule.core.errors import ShapeError
from chainrule.core.tensor import Tensor


def exact(data: Any, wanted: bool = False) -> Tensor:
    return cr.tensor(data, dtype=cr.exact, requires_grad=wanted)


def words(x: Tensor) -> Any:
    """Entries as text."""
    found = x.detach().tolist()
    return [words(part) if isinstance(part, Tensor) else _word(part) for part in found]


def _word(part: Any) -> Any:
    return [_word(p) for p in part] if isinstance(part, list) else str(part)


# -- paper 0, question 4: which entries each norm averages -----------------------------------------

IMAGES = [[[[1, 2], [3, 4]], [[5, 6], [7, 8]]], [[[1, -1], [0, 2]], [[-1, 0], [2, 1]]]]


@pytest.mark.parametrize(
    ("norm", "means"),
    [
        (nn.BatchNorm2d(2, dtype=cr.exact), ["3/2", "7/2"]),
        (nn.LayerNorm((2, 2, 2), dtype=cr.exact), ["9/2", "1/2"]),
        (nn.InstanceNorm2d(2, dtype=cr.exact), [["5/2", "13/2"], ["1/2", "1/2"]]),
        (nn.GroupNorm(1, 2, dtype=cr.exact), [["9/2"], ["1/2"]]),
        (nn.GroupNorm(2, 2, dtype=cr.exact), [["5/2", "13/2"], ["1/2", "1/2"]]),
    ],
    ids=["batch", "layer", "instance", "one group", "groups of one channel"],
)
def test_means_of_images(norm: Any, means: Any) -> None:
    x = exact(IMAGES)
    found = norm.statistics(x)
    assert words(found.mean) == means
    norm.eps = 0
    again = norm.statistics(norm(x))  # what comes out has mean 0 and variance 1
    assert {str(v) for v in np.ravel(again.mean.tolist())} == {"0"}
    assert {str(sp.nsimplify(v)) for v in np.ravel(again.var.tolist())} == {"1"}


# -- paper 1, question 8: by hand ------------------------------------------------------------------


def test_layer_norm_of_two_rows() -> None:
    norm = nn.LayerNorm(2, eps=0, elementwise_affine=False)
    assert words(norm(exact([[8, 2], [0, 4]]))) == [["1", "-1"], ["-1", "1"]]


@pytest.mark.parametrize(("correction", "entry"), [(0, "1"), (1, "sqrt(2)/2")])
def test_batch_norm_of_three_columns(correction: int, entry: str) -> None:
    norm = nn.BatchNorm1d(3, eps=0, affine=False, dtype=cr.exact, correction=correction)
    assert words(norm(exact([[2, 3, 4], [1, 2, 2]]))) == [[entry] * 3, [f"-{entry}"] * 3]


def test_batch_norm_in_evaluation_before_any_training_is_the_identity() -> None:
    norm = nn.BatchNorm1d(3, eps=0, affine=False, dtype=cr.exact).eval()
    x = exact([[2, 3, 4], [1, 2, 2]])
    assert norm(x).tolist() == x.tolist()
    assert words(norm.statistics(x).mean) == words(norm.running_mean) == ["0"] * 3
    assert words(norm.statistics(x).var) == words(norm.running_var) == ["1"] * 3
    assert norm.num_batches_tracked.item() == 0


# -- paper 2, question 1a: a scale and a shift of each channel, the channel last -------------------


def test_the_simple_norm_by_index() -> None:
    norm = nn.ScaleShift(3, dim=-1, shift_first=True, dtype=cr.exact)
    x = cr.symbols("L", (2, 2, 1, 3))
    a, b = cr.symbols("A", (3,)), cr.symbols("B", (3,))
    norm.weight.data, norm.bias.data = a, b
    y = norm(x)
    for at in np.ndindex(2, 2, 1, 3):
        entry = a[at[-1]].item() * (x[at].item() + b[at[-1]].item())
        assert sp.expand(y[at].item() - entry) == 0


def test_the_simple_norm_starts_with_minus_mu_and_one_over_sigma() -> None:
    batch = exact([[[0, 1], [4, 5]], [[4, 1], [0, 5]]])
    norm = nn.ScaleShift(2, dim=-1, shift_first=True, dtype=cr.exact).initialize(batch)
    assert (words(norm.bias), words(norm.weight)) == (["-2", "-3"], ["1/2", "1/2"])
    y = norm(batch)
    assert words(y.mean((0, 1))) == ["0", "0"]
    assert words(y.var((0, 1), correction=0)) == ["1", "1"]


# -- paper 3, questions 4 to 6: derivatives and Jacobians in gamma and beta ------------------------


def batch_norm(gamma: Tensor, beta: Tensor, x: list[int], correction: int = 0) -> Tensor:
    norm = nn.BatchNorm1d(1, eps=0, dtype=cr.exact, correction=correction)
    del norm.weight, norm.bias
    norm.weight, norm.bias = gamma, beta
    return norm(exact(x).reshape(-1, 1)).flatten()


@pytest.mark.parametrize(("correction", "slope"), [(0, "24"), (1, "12")])
def test_the_squared_norm_of_a_batch_norm_in_gamma(correction: int, slope: str) -> None:
    gamma, beta = exact([6], True), exact([-1], True)
    y = batch_norm(gamma, beta, [2, 4], correction)
    if not correction:
        assert words(y) == ["-7", "5"]
        plain = batch_norm(gamma, beta, [2, 4]).norm()
        plain.backward()
        assert sp.simplify(gamma.grad.item() - 6 * sp.sqrt(74) / 37) == 0
        gamma.grad = None
        assert (y * y).sum().item() == 74
    (y * y).sum().backward()
    assert words(gamma.grad) == [slope]


@pytest.mark.parametrize(
    ("correction", "column"), [(0, ["-1", "1"]), (1, ["-sqrt(2)/2", "sqrt(2)/2"])]
)
def test_the_jacobian_in_gamma(correction: int, column: list[str]) -> None:
    def of_gamma(gamma: Tensor) -> Tensor:
        return batch_norm(gamma, exact([-1]), [2, 4], correction)

    found = cr.func.jacrev(of_gamma)(exact([6]))
    assert words(found) == [[entry] for entry in column]


def test_the_jacobian_in_gamma_with_pytorchs_eps() -> None:
    norm = nn.BatchNorm1d(1, dtype=cr.float64)
    found = cr.func.jacrev(
        lambda gamma: nn.functional.batch_norm(
            cr.tensor([[2.0], [4.0]], dtype=cr.float64), None, None, gamma, norm.bias, True
        ).flatten()
    )(cr.tensor([6.0], dtype=cr.float64))
    assert [round(v, 6) for v in found.flatten().tolist()] == [-0.999995, 0.999995]


@pytest.mark.parametrize("x", [[5, 2, 1], [1, 7, 3]])
def test_the_jacobian_in_beta_does_not_ask_for_the_data(x: list[int]) -> None:
    found = cr.func.jacrev(lambda beta: batch_norm(exact([6]), beta, x))(exact([-1]))
    assert words(found) == [["1"], ["1"], ["1"]]


# -- paper 4, question 3b-iii: tiny batches --------------------------------------------------------


@pytest.mark.parametrize("pair", [(3, 8), (-2, 5), (1, 100)])
def test_of_two_examples_batch_norm_leaves_only_which_is_larger(pair: Any) -> None:
    norm = nn.BatchNorm1d(1, eps=0, dtype=cr.exact)
    assert words(norm(exact([[pair[0]], [pair[1]]]))) == [["-1"], ["1"]]


def test_one_example_has_no_batch_statistics() -> None:
    with pytest.raises(ShapeError, match="1 value per channel"):
        nn.BatchNorm1d(1)(cr.tensor([[3.0]]))
    # what it would be, with an eps to divide by: nothing is left of the example
    assert nn.LayerNorm(1)(cr.tensor([[3.0]])).tolist() == [[0.0]]


def test_means_of_tiny_batches_are_noisy() -> None:
    cr.manual_seed(0)
    norm = nn.BatchNorm1d(4000, dtype=cr.float64)
    for m, wanted in ((2, 2 / 2**0.5), (8, 2 / 8**0.5), (64, 2 / 64**0.5)):
        batch = 3 + 2 * cr.randn(m, 4000, dtype=cr.float64)
        assert abs(norm.statistics(batch).mean.std().item() / wanted - 1) < 0.05
