"""Answers to exam questions on dropout: expectations as exact sums over all masks."""

from fractions import Fraction
from typing import Any

import pytest
import sympy as sp

import chainrule as cr
from chainrule import distributions as dist
from chainrule import nn
from chainrule.core.tensor import Tensor


def exact(data: Any) -> Tensor:
    return cr.tensor(data, dtype=cr.exact)


# -- paper 1, question 9a: what each line of a dropout function gives on average -------------------

P = Fraction(3, 10)
RETURNS = {
    "mask * x": (lambda mask, x: mask * x, "7/5", "21/25"),
    "mask * x / p": (lambda mask, x: mask * x / exact(P), "14/3", "28/3"),
    "mask * x / (1 - p)": (lambda mask, x: mask * x / exact(1 - P), "2", "12/7"),
    "mask": (lambda mask, x: mask, "7/10", "21/100"),
    "x": (lambda mask, x: x, "2", "0"),
}


@pytest.mark.parametrize("line", list(RETURNS))
def test_means_and_variances_of_what_dropout_may_return(line: str) -> None:
    returned, mean, variance = RETURNS[line]
    kept, x = dist.Bernoulli(exact(1 - P)), exact(2)
    found = dist.expectation(lambda mask: returned(mask, x), kept)
    squared = dist.expectation(lambda mask: (returned(mask, x) - found) ** 2, kept)
    assert (str(found.item()), str(squared.item())) == (mean, variance)


def test_the_layer_returns_x_in_evaluation_and_on_average() -> None:
    x = exact([2])
    layer = nn.MaskDropout(dist.Bernoulli(exact(1 - P)))
    assert dist.expectation(lambda mask: layer(x, mask), layer.distribution, (1,)).tolist() == [2]
    assert layer.eval()(x).tolist() == nn.Dropout(0.3).eval()(x).tolist() == [2]


# -- paper 2, question 8: masks of 1/2 and 1 -------------------------------------------------------


def test_the_mean_of_a_mask_of_a_half_or_one() -> None:
    alpha = cr.symbols("alpha", positive=True)
    mu = dist.Finite(exact([Fraction(1, 2), 1]), cr.stack([alpha, 1 - alpha]))
    assert sp.expand(mu.mean.item() - (1 - alpha.item() / 2)) == 0
    drop = nn.MaskDropout(mu, inverted=False)
    w, x = cr.symbols("w", (1, 2)), cr.symbols("x", (2,))
    before = dist.expectation(lambda mask: w @ drop(x, mask), mu, (2,))
    scaled = (w @ x).item() * (1 - alpha.item() / 2)
    assert sp.expand(before.item() - scaled) == 0
    assert sp.expand((w @ drop.eval()(x)).item() - scaled) == 0  # y = ReLU of this


def test_scaling_matches_the_mean_before_the_relu_and_not_after() -> None:
    half = Fraction(1, 2)
    mu = dist.Finite(exact([half, 1]), exact([half, half]))
    drop = nn.MaskDropout(mu, inverted=False)
    first = nn.Linear(3, 1, bias=False, dtype=cr.exact)
    first.weight.data = exact([[2, -3, 1]])
    x = exact([1, 1, 2])
    before = dist.expectation(lambda mask: first(drop(x, mask)), mu, (3,))
    after = dist.expectation(lambda mask: first(drop(x, mask)).relu(), mu, (3,))
    drop.eval()
    assert [str(v) for v in before.tolist()] == [str(v) for v in first(drop(x)).tolist()] == ["3/4"]
    assert [str(v) for v in after.tolist()] == ["7/8"]
    assert [str(v) for v in first(drop(x)).relu().tolist()] == ["3/4"]
