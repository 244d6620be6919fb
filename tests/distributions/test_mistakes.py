"""What distributions refuse, and what they say."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

import chainrule as cr
from chainrule import distributions as D
from chainrule.core.errors import ArgumentError, ShapeError, ValueCheckError


def _told(error: type[Exception], fact: str, make: Callable[[], Any]) -> None:
    with pytest.raises(error) as raised:
        make()
    assert getattr(raised.value, "fact", str(raised.value)) == fact


NO_FORMULA = (
    "no formula is known for the divergence of Normal from Uniform\n"
    "  hint      add it: @register_kl(P, Q), or estimate it from samples"
)
WRONG: list[tuple[type[Exception], str, Callable[[], Any]]] = [
    (ValueCheckError, "parameter scale of Normal is not greater than 0",
     lambda: D.Normal(0.0, cr.tensor([1.0, -1.0]))),
    (ValueCheckError, "parameter rate of Exponential is not greater than 0",
     lambda: D.Exponential(0.0)),
    (ValueCheckError, "parameter loc of Laplace is not a number",
     lambda: D.Laplace(float("nan"), 1.0)),
    (ValueCheckError, "Uniform goes from low to a greater high", lambda: D.Uniform(1.0, 1.0)),
    (ValueCheckError, "parameter probs of Bernoulli is not from 0 to 1",
     lambda: D.Bernoulli(1.5)),
    (ArgumentError, "Bernoulli takes probs or logits: one of them", lambda: D.Bernoulli()),
    (ArgumentError, "Categorical takes probs or logits: one of them",
     lambda: D.Categorical(cr.ones(2), cr.ones(2))),
    (ValueCheckError,
     "parameter probs of Categorical is not a share, or the shares do not add up to 1",
     lambda: D.Categorical(cr.tensor([-1.0, 2.0]))),
    (ShapeError, "the weights of Categorical have at least one axis",
     lambda: D.Categorical(cr.tensor(1.0))),
    (ValueCheckError, "a value of Bernoulli is not 0 or 1",
     lambda: D.Bernoulli(0.5).log_prob(cr.tensor(0.5))),
    (ValueCheckError, "a value of Categorical is not a whole number from 0 to 1",
     lambda: D.Categorical(cr.ones(2)).log_prob(cr.tensor(2))),
    (ValueCheckError, "a value of Uniform is not from low to high",
     lambda: D.Uniform(0.0, 1.0).log_prob(cr.tensor(2.0))),
    (ValueCheckError, "a value of Exponential is not at least 0",
     lambda: D.Exponential(1.0).log_prob(cr.tensor(-1.0))),
    (ValueCheckError, "a probability is not from 0 to 1",
     lambda: D.Exponential(1.0).icdf(cr.tensor(2.0))),
    (ArgumentError, "the value of a distribution is a tensor, not 1.0",
     lambda: D.Normal(0.0, 1.0).log_prob(1.0)),  # type: ignore[arg-type]
    (ShapeError, "a value of shape (2,) does not go with a distribution of shape (3,)",
     lambda: D.Normal(cr.zeros(3), 1.0).log_prob(cr.zeros(2))),
    (ShapeError, "a value of shape (3,) for events of shape (2,)",
     lambda: D.MultivariateNormal(cr.zeros(2), cr.eye(2)).log_prob(cr.zeros(3))),
    (ArgumentError, "a parameter is a number or a tensor, not [1.0]",
     lambda: D.Normal([1.0], 1.0)),
    (ArgumentError, "2 of the axes of a batch of shape (3,)",
     lambda: D.Independent(D.Normal(cr.zeros(3), 1.0), 2)),
    (ArgumentError,
     "MultivariateNormal takes covariance_matrix, precision_matrix or scale_tril: one",
     lambda: D.MultivariateNormal(cr.zeros(2))),
    (ShapeError, "a matrix (3, 3) for a mean (2,)",
     lambda: D.MultivariateNormal(cr.zeros(2), cr.eye(3))),
    (ValueCheckError, "a covariance matrix is positive definite, and this one is not",
     lambda: D.MultivariateNormal(cr.zeros(2), cr.tensor([[1.0, 2.0], [2.0, 1.0]]))),
    (ValueCheckError, "a covariance matrix is symmetric, and this one is not",
     lambda: D.MultivariateNormal(cr.zeros(2), cr.tensor([[1.0, 2.0], [0.0, 1.0]]))),
    (ArgumentError, "register_kl takes classes of distributions, not <class 'int'>",
     lambda: D.register_kl(int, D.Normal)),
    (ArgumentError, "validate_args is True or False, not 1",
     lambda: D.Distribution.set_default_validate_args(1)),  # type: ignore[arg-type]
    (NotImplementedError, "Bernoulli has no rsample: draws have no gradient",
     lambda: D.Bernoulli(0.5).rsample()),
    (NotImplementedError, "Distribution has no log_prob",
     lambda: D.Distribution().log_prob(cr.zeros(2))),
    (NotImplementedError,
     NO_FORMULA,
     lambda: D.kl_divergence(D.Normal(0.0, 1.0), D.Uniform(0.0, 1.0))),
    (NotImplementedError, "the two take different numbers of axes as one value",
     lambda: D.kl_divergence(D.Independent(D.Normal(cr.zeros(2), 1.0), 1),
                             D.Independent(D.Normal(cr.zeros(2), 1.0), 0))),
]  # fmt: skip


@pytest.mark.parametrize(("error", "fact", "make"), WRONG)
def test_mistakes(error: type[Exception], fact: str, make: Callable[[], Any]) -> None:
    _told(error, fact, make)


@pytest.mark.parametrize("method", ["mean", "variance", "stddev", "mode"])
def test_a_bare_distribution_has_no_moments(method: str) -> None:
    with pytest.raises(NotImplementedError):
        getattr(D.Distribution(), method)


@pytest.mark.parametrize("method", ["cdf", "icdf"])
def test_a_bare_distribution_computes_nothing(method: str) -> None:
    _told(NotImplementedError, f"Distribution has no {method}",
          lambda: getattr(D.Distribution(), method)(cr.zeros(1)))  # fmt: skip
    for call in ("entropy", "enumerate_support"):
        with pytest.raises(NotImplementedError):
            getattr(D.Distribution(), call)()
    with pytest.raises(NotImplementedError):
        D.Distribution().expand((2,))


def test_checks_can_be_switched_off() -> None:
    assert D.Normal(0.0, -1.0, validate_args=False).scale.item() == -1
    outside = D.Uniform(0.0, 1.0, validate_args=False).log_prob(cr.tensor([2.0, 1.0, 0.0]))
    assert outside.tolist() == [-math.inf, -math.inf, 0.0]
    D.Distribution.set_default_validate_args(False)
    try:
        assert D.Normal(0.0, -1.0).scale.item() == -1
    finally:
        D.Distribution.set_default_validate_args(True)


def test_a_divergence_of_ones_own() -> None:
    class Point(D.Normal):
        pass

    @D.register_kl(Point, D.Laplace)
    def of_points(p: Any, q: Any) -> Any:
        return p.loc - q.loc

    assert D.kl_divergence(Point(3.0, 1.0), D.Laplace(1.0, 1.0)).item() == 2
    assert D.kl_divergence(Point(1.0, 1.0), D.Normal(1.0, 1.0)).item() == 0
