"""Returns, against the sums that define them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.rl import discounted_return, rewards_to_go


@pytest.mark.parametrize("discount", [0, 0.3, 0.99, 1])
@pytest.mark.parametrize("shape", [(1,), (7,), (2, 3, 5)])
def test_against_the_sum_step_by_step(shape: tuple[int, ...], discount: float) -> None:
    r = np.random.default_rng(0).normal(size=shape)
    later, wanted = np.zeros(shape[:-1]), np.zeros(shape)
    for t in reversed(range(shape[-1])):
        later = wanted[..., t] = r[..., t] + discount * later
    np.testing.assert_allclose(rewards_to_go(cr.tensor(r), discount).numpy(), wanted, rtol=1e-12)
    found = discounted_return(cr.tensor(r), discount)
    np.testing.assert_allclose(found.numpy(), wanted[..., 0], rtol=1e-12)


def test_exactly_and_with_symbols() -> None:
    r = cr.tensor([1, 2, 4], dtype=cr.exact)
    assert rewards_to_go(r, 0.1).tolist() == [Fraction(31, 25), Fraction(12, 5), 4]
    gamma = cr.symbols("gamma")
    assert str(discounted_return(r, gamma).item()) == "4*gamma**2 + 2*gamma + 1"


def test_whole_rewards_become_floats() -> None:
    assert rewards_to_go(cr.tensor([1, 1]), 0.5).tolist() == [1.5, 1.0]


def test_it_is_differentiable() -> None:
    r = cr.tensor([1.0, 2.0, 3.0], dtype=cr.float64, requires_grad=True)
    discounted_return(r, 0.5).backward()
    assert r.grad.tolist() == [1, 0.5, 0.25]


@pytest.mark.parametrize("function", [discounted_return, rewards_to_go])
@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (([1.0],), ArgumentError, "rewards are a tensor, not list"),
        ((cr.tensor(1.0),), ShapeError, "rewards have an axis of steps"),
        ((cr.ones(2), 1.01), ArgumentError, "a discount is 1.01"),
        ((cr.ones(2), -0.1), ArgumentError, "a discount is -0.1"),
        ((cr.ones(2), float("nan")), ArgumentError, "a discount is nan"),
    ],
)
def test_what_is_refused(function: Any, arguments: Any, error: type, words: str) -> None:
    with pytest.raises(error, match=words):
        function(*arguments)
