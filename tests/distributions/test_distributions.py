"""Distributions against PyTorch's: densities, entropies, moments, divergences, and their
gradients; draws against moments; exact arithmetic against hand-written numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy
import torch

import chainrule as cr
from chainrule import distributions as D

T = torch.distributions
DRAW = np.random.default_rng(0)
REAL = DRAW.normal(size=(5, 3))
POSITIVE = DRAW.uniform(0.3, 2, (5, 3))
UNIT = DRAW.uniform(0.1, 0.9, (5, 3))
WEIGHTS = DRAW.uniform(0.2, 1, (3, 4))
FACTOR = np.tril(DRAW.normal(size=(3, 3)) * 0.3, -1) + np.diag([1.0, 0.7, 1.4])
COVARIANCE = FACTOR @ FACTOR.T

CASES: dict[str, tuple[str, dict[str, Any], Any]] = {
    "normal": ("Normal", {"loc": REAL[0], "scale": POSITIVE[0]}, REAL[1:]),
    "laplace": ("Laplace", {"loc": REAL[0], "scale": POSITIVE[0]}, REAL[1:]),
    "uniform": ("Uniform", {"low": REAL[0] - 3, "high": REAL[0] + 3 + POSITIVE[0]}, UNIT[1:]),
    "exponential": ("Exponential", {"rate": POSITIVE[0]}, POSITIVE[1:]),
    "bernoulli": ("Bernoulli", {"probs": UNIT[0]}, (UNIT[1:] > 0.5).astype(float)),
    "bernoulli by logits": ("Bernoulli", {"logits": REAL[0]}, (UNIT[1:] > 0.5).astype(float)),
    "categorical": ("Categorical", {"probs": WEIGHTS}, np.array([[0, 3, 2], [1, 1, 0]])),
    "categorical by logits": ("Categorical", {"logits": REAL[:3]}, np.array([[0, 2, 2]])),
    "multivariate": (
        "MultivariateNormal", {"loc": REAL[0], "covariance_matrix": COVARIANCE}, REAL[1:]
    ),
    "by precision": (
        "MultivariateNormal", {"loc": REAL[0], "precision_matrix": COVARIANCE}, REAL[1:]
    ),
    "by factor": ("MultivariateNormal", {"loc": REAL[:2], "scale_tril": FACTOR}, REAL[:2]),
}  # fmt: skip

METHODS = ("mean", "variance", "stddev", "mode")


def pair(name: str) -> tuple[Any, Any, list[cr.Tensor], list[torch.Tensor]]:
    """A distribution in both, and its parameters."""
    kind, given, _ = CASES[name]
    ours = [cr.tensor(v, requires_grad=True) for v in given.values()]
    theirs = [torch.tensor(v, requires_grad=True) for v in given.values()]
    made = getattr(D, kind)(**dict(zip(given, ours, strict=True)))
    other = getattr(T, kind)(**dict(zip(given, theirs, strict=True)))
    return made, other, ours, theirs


def close(a: Any, b: Any, bound: float = 1e-12) -> None:
    a, b = a.detach().numpy(), b.detach().numpy()
    assert a.shape == b.shape
    np.testing.assert_allclose(a, b, rtol=bound, atol=bound)


def same_with_gradients(name: str, compute: Callable[[Any, Any], Any], value: Any) -> None:
    """A result, and its gradients by the parameters and by the value, where there are any."""
    made, other, ours, theirs = pair(name)
    whole = value is not None and value.dtype.kind == "f" and not name.startswith("bernoulli")
    x = None if value is None else cr.tensor(value, requires_grad=whole)
    y = None if value is None else torch.tensor(value, requires_grad=whole)
    a, b = compute(made, x), compute(other, y)
    close(a, b)
    if not b.requires_grad:
        return
    a.sum().backward()
    b.sum().backward()
    pairs = [*zip(ours, theirs, strict=True), *([(x, y)] if whole else [])]
    for p, q in pairs:
        zero = torch.zeros_like(q)
        grad = cr.tensor(zero.detach().numpy()) if p.grad is None else p.grad
        close(grad, zero if q.grad is None else q.grad, 1e-11)


@pytest.mark.parametrize("name", CASES)
def test_log_prob(name: str) -> None:
    same_with_gradients(name, lambda d, x: d.log_prob(x), CASES[name][2])


@pytest.mark.parametrize("name", CASES)
def test_entropy(name: str) -> None:
    same_with_gradients(name, lambda d, _: d.entropy(), None)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", CASES)
def test_moments(name: str, method: str) -> None:
    made, other, _, _ = pair(name)
    close(getattr(made, method), getattr(other, method))


@pytest.mark.parametrize("name", ["normal", "laplace", "uniform", "exponential"])
def test_cumulated(name: str) -> None:
    same_with_gradients(name, lambda d, x: d.cdf(x), CASES[name][2])
    same_with_gradients(name, lambda d, x: d.icdf(x), UNIT[1:])


@pytest.mark.parametrize("name", CASES)
def test_shapes_and_repetition(name: str) -> None:
    made, other, _, _ = pair(name)
    assert made.batch_shape == tuple(other.batch_shape)
    assert made.event_shape == tuple(other.event_shape)
    for shape in ((), (4,), (2, 3)):
        assert made.sample(shape).shape == tuple(other.sample(shape).shape)
    wide = made.expand((6, *made.batch_shape))
    assert wide.batch_shape == (6, *made.batch_shape)
    assert wide.event_shape == made.event_shape
    x = cr.tensor(CASES[name][2])
    lead = wide.log_prob(x[:1])
    close(lead[5], made.log_prob(x[:1]).reshape(lead[5].shape))


@pytest.mark.parametrize("name", ["bernoulli", "categorical"])
def test_all_values(name: str) -> None:
    made, other, _, _ = pair(name)
    for expand in (True, False):
        a, b = made.enumerate_support(expand), other.enumerate_support(expand)
        assert a.tolist() == b.tolist()
    assert made.param_shape == tuple(other.param_shape)
    close(made.perplexity(), other.perplexity())


KL = {
    "normal": {"loc": REAL[1], "scale": POSITIVE[1]},
    "laplace": {"loc": REAL[1], "scale": POSITIVE[1]},
    "uniform": {"low": REAL[0] - 4, "high": REAL[0] + [9.0, 9.0, 1.0]},
    "exponential": {"rate": POSITIVE[1]},
    "bernoulli": {"probs": UNIT[1]},
    "bernoulli by logits": {"logits": REAL[1]},
    "categorical": {"probs": WEIGHTS[::-1].copy()},
    "categorical by logits": {"logits": REAL[1:4]},
    "multivariate": {"loc": REAL[1], "covariance_matrix": COVARIANCE[::-1, ::-1].copy()},
}


@pytest.mark.parametrize("name", KL)
def test_divergence(name: str) -> None:
    made, other, ours, theirs = pair(name)
    second = getattr(D, CASES[name][0])(**{k: cr.tensor(v) for k, v in KL[name].items()})
    beside = getattr(T, CASES[name][0])(**{k: torch.tensor(v) for k, v in KL[name].items()})
    a, b = D.kl_divergence(made, second), T.kl_divergence(other, beside)
    close(a, b)
    chosen = np.isfinite(b.detach().numpy())
    if not chosen.all():
        a, b = a[cr.tensor(chosen)], b[torch.tensor(chosen)]
    a.sum().backward()
    b.sum().backward()
    for p, q in zip(ours, theirs, strict=True):
        close(p.grad, q.grad, 1e-11)


@pytest.mark.parametrize("ps", [(0.0, 0.5), (1.0, 0.5), (0.5, 0.0), (0.0, 0.0), (0.3, 1.0)])
def test_divergence_at_the_edges(ps: tuple[float, float]) -> None:
    ours = D.kl_divergence(*(D.Bernoulli(cr.tensor(p, dtype=cr.float64)) for p in ps))
    theirs = T.kl_divergence(*(T.Bernoulli(torch.tensor(p, dtype=torch.float64)) for p in ps))
    close(ours, theirs)


def test_independent() -> None:
    loc, scale = cr.tensor(REAL), cr.tensor(POSITIVE)
    made = D.Independent(D.Normal(loc, scale), 1)
    other = T.Independent(T.Normal(torch.tensor(REAL), torch.tensor(POSITIVE)), 1)
    x = DRAW.normal(size=(5, 3))
    close(made.log_prob(cr.tensor(x)), other.log_prob(torch.tensor(x)))
    close(made.entropy(), other.entropy())
    assert (made.batch_shape, made.event_shape) == ((5,), (3,))
    assert made.expand((2, 5)).rsample().shape == (2, 5, 3)
    shifted = D.Independent(D.Normal(loc + 1, scale), 1)
    beside = T.Independent(T.Normal(torch.tensor(REAL) + 1, torch.tensor(POSITIVE)), 1)
    close(D.kl_divergence(made, shifted), T.kl_divergence(other, beside))
    assert made.has_rsample
    assert repr(made) == "Independent(Normal(loc: (5, 3), scale: (5, 3)), 1)"


def test_extreme_parameters_stay_finite() -> None:
    for p in (0.0, 1.0, 1e-300):
        a = D.Bernoulli(cr.tensor(p, dtype=cr.float64))
        b = T.Bernoulli(torch.tensor(p, dtype=torch.float64))
        for x in (0.0, 1.0):
            close(a.log_prob(cr.tensor(x, dtype=cr.float64)),
                  b.log_prob(torch.tensor(x, dtype=torch.float64)))  # fmt: skip
        close(a.entropy(), b.entropy(), 1e-11)
    logits = np.array([-800.0, 0.0, 800.0])
    made, other = D.Bernoulli(logits=cr.tensor(logits)), T.Bernoulli(logits=torch.tensor(logits))
    one = np.ones(3)
    close(made.log_prob(cr.tensor(one)), other.log_prob(torch.tensor(one)))
    weights = np.array([0.0, 0.5, 0.5])
    a, b = D.Categorical(cr.tensor(weights)), T.Categorical(torch.tensor(weights))
    close(a.entropy(), b.entropy())
    close(a.log_prob(cr.tensor(0)), b.log_prob(torch.tensor(0)))


# -- draws -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CASES)
def test_draws_have_the_moments(name: str) -> None:
    cr.manual_seed(3)
    made = pair(name)[0]
    n = 20_000
    draws = made.sample((n,)).detach().numpy().astype(float)
    if name.startswith("categorical"):
        p = made.probs.detach().numpy()
        for i in range(p.shape[-1]):
            share = (draws == i).mean(0)
            sigma = np.sqrt(p[..., i] * (1 - p[..., i]) / n)
            assert (np.abs(share - p[..., i]) < 5 * sigma).all()
        return
    mean, variance = made.mean.detach().numpy(), made.variance.detach().numpy()
    assert (np.abs(draws.mean(0) - mean) < 5 * np.sqrt(variance / n)).all()
    fourth = ((draws - mean) ** 4).mean(0)
    sigma = np.sqrt(np.maximum(fourth - variance**2, 0) / n)
    assert (np.abs(((draws - mean) ** 2).mean(0) - variance) < 5 * sigma + 1e-9).all()


def test_the_covariance_of_draws() -> None:
    cr.manual_seed(4)
    made = pair("multivariate")[0]
    found = np.cov(made.sample((40_000,)).detach().numpy().T)
    np.testing.assert_allclose(found, COVARIANCE, atol=0.06)
    close(made.covariance_matrix, torch.tensor(COVARIANCE))
    close(made.precision_matrix, torch.tensor(np.linalg.inv(COVARIANCE)), 1e-10)


@pytest.mark.parametrize("name", ["normal", "laplace", "uniform", "exponential", "multivariate"])
def test_gradients_flow_through_draws(name: str) -> None:
    cr.manual_seed(5)
    made, _, ours, _ = pair(name)
    assert made.has_rsample
    assert not made.sample((2,)).requires_grad
    draws = made.rsample((4000,))
    draws.mean(0).sum().backward()
    # The mean of draws moves as the mean does: d mean / d parameter, estimated.
    expected = cr.autograd.grad(made.mean.sum(), ours[0])[0].numpy()
    np.testing.assert_allclose(ours[0].grad.numpy(), expected, atol=0.15 * np.abs(expected).max())


def test_draws_come_from_the_generator() -> None:
    made = D.Normal(cr.zeros(3), 1.0)
    cr.manual_seed(1)
    first = made.sample((2,)).tolist()
    cr.manual_seed(1)
    assert made.sample((2,)).tolist() == first


def test_a_policy_gradient_is_compiled() -> None:
    logits = cr.tensor([0.1, 0.2, 0.3], requires_grad=True)

    def step(action: cr.Tensor) -> cr.Tensor:
        return -D.Categorical(logits=logits).log_prob(action)

    action = cr.tensor(1)
    assert cr.compile(step)(action).item() == step(action).item()


# -- exact arithmetic ------------------------------------------------------------------------------


def test_exact() -> None:
    x, mu = cr.symbols("x mu")
    found = D.Normal(mu, cr.tensor(2, dtype=cr.exact)).log_prob(x)
    sx, smu = (sympy.Symbol(n, real=True) for n in ("x", "mu"))
    expected = -((sx - smu) ** 2) / 8 - sympy.log(2) - sympy.log(2 * sympy.pi) / 2
    assert sympy.simplify(sympy.expand_log(found.item() - expected, force=True)) == 0
    half = D.Bernoulli(cr.tensor(Fraction(1, 4)))
    assert half.log_prob(cr.tensor(1, dtype=cr.exact)).item() == -2 * sympy.log(2)
    assert half.variance.item() == Fraction(3, 16)
    coin = D.Categorical(cr.tensor([1, 3], dtype=cr.exact))
    assert coin.probs.tolist() == [Fraction(1, 4), Fraction(3, 4)]
    entropy = sympy.log(4) / 4 - sympy.Rational(3, 4) * sympy.log(sympy.Rational(3, 4))
    assert math.isclose(float(coin.entropy().item()), float(entropy), rel_tol=1e-14)
    matrix = D.MultivariateNormal(
        cr.tensor([0, 0], dtype=cr.exact), cr.tensor([[4, 2], [2, 2]], dtype=cr.exact)
    )
    assert matrix.precision_matrix.tolist() == [
        [Fraction(1, 2), Fraction(-1, 2)],
        [Fraction(-1, 2), Fraction(1, 1)],
    ]
