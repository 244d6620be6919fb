"""Means and variances of polynomials of independent numbers."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy as sp

import chainrule as cr
from chainrule import distributions as dist
from chainrule.core.errors import ArgumentError
from chainrule.distributions import Moments, moments


def exact(x: Any) -> Any:
    return cr.tensor(x, dtype=cr.exact)


def test_a_sum_of_products() -> None:
    mw, vw, mx, vx = cr.symbols("m_w v_w m_x v_x")
    found = moments(lambda w, x: w @ x, Moments(mw, vw, (3,)), Moments(mx, vx, (3,)))
    a, b, c, d = (s.item() for s in (mw, vw, mx, vx))
    assert sp.expand(found.mean.item() - 3 * a * c) == 0
    assert sp.expand(found.variance.item() - 3 * (a**2 * d + c**2 * b + b * d)) == 0


def test_two_values_with_the_same_moments_give_the_same() -> None:
    """Where no square enters, mean and variance are all that counts."""
    m, s = Fraction(1, 3), Fraction(2, 5)
    half = Fraction(1, 2)
    two = dist.Finite(exact([m - s, m + s]), exact([half, half]))

    def function(x: Any) -> Any:
        return x[0] * x[1] * 3 - x[1] + x[2] * x[0] * 2 + 1

    found = moments(function, Moments(m, s**2, (3,)))
    mean = dist.expectation(function, two, (3,))
    square = dist.expectation(lambda x: function(x) ** 2, two, (3,))
    assert found.mean.item() == mean.item()
    assert found.variance.item() == square.item() - mean.item() ** 2


def test_many_draws() -> None:
    draw = np.random.default_rng(0)
    w, x = draw.normal(0.5, 2.0, (200000, 4)), draw.uniform(-1, 2, (200000, 4))
    y = (w * x).sum(1)
    given = dist.Normal(cr.tensor([0.5] * 4), 2.0), dist.Uniform(cr.tensor([-1.0] * 4), 2.0)
    found = moments(lambda w, x: (w * x).sum(), *given)
    assert float(found.mean) == pytest.approx(y.mean(), abs=0.05)
    assert float(found.variance) == pytest.approx(y.var(), rel=0.02)


def test_each_entry_has_its_own() -> None:
    found = moments(lambda x: x * exact([1, 2]) + x.sum(), Moments(exact([1, 3]), 1))
    assert found.shape == (2,)
    assert found.mean.tolist() == [5, 10]
    assert found.variance.tolist() == [5, 10]


def test_numbers_that_are_known_do_not_vary() -> None:
    found = moments(lambda x: x * 0 + 7, Moments(1, 1))
    assert (found.mean.item(), found.variance.item()) == (7, 0)


def test_a_square_needs_more_than_mean_and_variance() -> None:
    with pytest.raises(ArgumentError) as raised:
        moments(lambda x: x * x, Moments(0, 1))
    assert raised.value.fact == (
        "moments: mean and variance do not say what the mean of a number to the power of 4 is"
    )


def test_no_polynomial_has_moments() -> None:
    with pytest.raises(ArgumentError) as raised:
        moments(lambda x: x.exp(), Moments(0, 1))
    assert raised.value.fact == "moments: the result is no polynomial of the random numbers"
    with pytest.raises(ArgumentError) as raised:
        moments(lambda x: 3, Moments(0, 1))  # type: ignore[arg-type, return-value]
    assert raised.value.fact == "moments: the function returns int, not a tensor"
    with pytest.raises(ArgumentError) as raised:
        moments(lambda x: x, 3)  # type: ignore[arg-type]
    assert raised.value.fact == "moments: int is no random number"


def test_a_shape_is_made_of_numbers() -> None:
    with pytest.raises(ArgumentError) as raised:
        Moments(0, 1, ("d",))  # type: ignore[arg-type]
    assert raised.value.fact == "a shape of numbers, not ('d',)"
