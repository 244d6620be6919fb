"""Penalties: their values and derivatives, by hand and against an optimizer's weight decay."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp

import chainrule as cr
from chainrule import distributions as dist
from chainrule import nn, optim
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.nn import penalties
from chainrule.nn.penalties import Penalized, kl_sparsity, l1, l2, log_prior


def exact(data: Any) -> Any:
    return cr.tensor(data, dtype=cr.exact, requires_grad=True)


def test_values_and_slopes() -> None:
    for penalty, value, slope in (
        (l1, "3", ["1", "-1", "0"]),
        (l2, "5", ["2", "-4", "0"]),
        (lambda w: l2(w, half=True), "5/2", ["1", "-2", "0"]),
        (lambda w: log_prior(w, dist.Laplace(exact(0), exact(2))), "3/2 + 3*log(4)",
         ["1/2", "-1/2", "0"]),
        (lambda w: log_prior(w, lambda t: -(t * t)), "5", ["2", "-4", "0"]),
    ):  # fmt: skip
        w = exact([1, -2, 0])
        found = penalty(w)
        assert sp.simplify(found.item() - sp.S(value)) == 0
        found.backward()
        assert [str(v) for v in w.grad.tolist()] == slope


def test_a_normal_prior_is_half_the_squares_over_the_variance() -> None:
    w = exact([1, -2, 3])
    found = log_prior(w, dist.Normal(exact(0), exact(2))).item()
    constant = 3 * sp.log(2 * sp.sqrt(2 * sp.pi))
    assert sp.simplify(found - (l2(w, half=True).item() / 4 + constant)) == 0


def test_of_networks_and_lists() -> None:
    net = nn.Linear(2, 2)
    total = sum((p * p).sum() for p in net.parameters())
    assert l2(net).item() == l2(net.parameters()).item() == pytest.approx(total.item())
    assert l1([net.weight]).item() == net.weight.abs().sum().item()


@pytest.mark.parametrize("decay", [0.1, 0.5])
def test_weight_decay_is_the_halved_one(decay: float) -> None:
    start = cr.tensor([1.0, -2.0], dtype=cr.float64)
    decayed, penalized = nn.Parameter(start.clone()), nn.Parameter(start.clone())
    optimizers = [optim.SGD([decayed], lr=0.1, weight_decay=decay), optim.SGD([penalized], lr=0.1)]
    for _ in range(3):
        (decayed.exp().sum()).backward()
        (penalized.exp().sum() + decay * l2(penalized, half=True)).backward()
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad()
    assert decayed.tolist() == pytest.approx(penalized.tolist(), rel=1e-14)


def test_sparsity() -> None:
    rho_hat = exact([0.5, 0.25])
    found = kl_sparsity(0.25, rho_hat)
    by_hand = sp.log(sp.Rational(1, 2)) / 4 + sp.Rational(3, 4) * sp.log(sp.Rational(3, 2))
    assert sp.simplify(sp.expand_log(found.item() - by_hand, force=True)) == 0
    found.backward()
    # (rho_hat - rho) / (rho_hat (1 - rho_hat))
    assert [str(sp.simplify(v)) for v in rho_hat.grad.tolist()] == ["1", "0"]
    bernoulli = dist.kl_divergence(dist.Bernoulli(0.05), dist.Bernoulli(cr.tensor([0.2, 0.4])))
    assert kl_sparsity(0.05, cr.tensor([0.2, 0.4])).item() == pytest.approx(
        bernoulli.sum().item(), rel=1e-5
    )


def test_a_penalized_loss_is_compiled_like_any_other() -> None:
    net = nn.Linear(3, 1, dtype=cr.float64)
    hidden = cr.rand(4, 3, dtype=cr.float64)
    criterion = Penalized(
        nn.MSELoss(), lambda: 0.1 * l1(net.weight), lambda: kl_sparsity(0.1, hidden.mean(0))
    )
    d = cr.ones(4, 1, dtype=cr.float64)

    def step() -> Any:
        loss = criterion(net(hidden), d)
        loss.backward()
        return loss

    eager = step().item()
    by_hand = nn.functional.mse_loss(net(hidden), d) + 0.1 * net.weight.abs().sum()
    assert eager == pytest.approx((by_hand + kl_sparsity(0.1, hidden.mean(0))).item())
    slopes = net.weight.grad.tolist()
    net.zero_grad()
    assert cr.compile(step)().item() == pytest.approx(eager)
    assert net.weight.grad.tolist()[0] == pytest.approx(slopes[0])


@pytest.mark.parametrize(
    ("error", "fact", "call"),
    [
        (ArgumentError, "a penalty is of parameters", lambda: l2([])),
        (ArgumentError, "a penalty is of parameters", lambda: l1([1.0])),
        (ArgumentError, "rho is 0", lambda: kl_sparsity(0, cr.tensor([0.5]))),
        (ArgumentError, "rho is 1.5", lambda: kl_sparsity(1.5, cr.tensor([0.5]))),
        (ArgumentError, "rho is True", lambda: kl_sparsity(True, cr.tensor([0.5]))),
        (ArgumentError, "a prior is a distribution or the logarithm of a density, not 2",
         lambda: log_prior(cr.ones(1), 2)),
        (ArgumentError, "a part of a loss is a function, not 0.5",
         lambda: Penalized(nn.MSELoss(), 0.5)),
        (ShapeError, "a penalty is one number",
         lambda: Penalized(lambda: cr.tensor(0.0), lambda: cr.ones(2))()),
    ],
)  # fmt: skip
def test_mistakes(error: Any, fact: str, call: Any) -> None:
    with pytest.raises(error) as raised:
        call()
    assert raised.value.fact == fact
    assert penalties.__all__ == sorted(penalties.__all__)


# -- exam questions: paper 2, question 4; paper 4, question 1b-ii ----------------------------------


def test_stationary_points_under_a_log_uniform_prior() -> None:
    theta, a, strength = cr.symbols("theta a lambda", positive=True)
    theta.requires_grad_()
    ell = cr.abstract("ell")
    (ell(theta) + strength * log_prior(theta, lambda w: -w.abs().log())).backward()
    assert str(theta.grad.item()) == "lambda/theta + ℓ'(theta)"
    # of ell = (theta - a)² / 2: two stationary points, the smaller one a maximum

    def objective(w: Any) -> Any:
        return (w - a) ** 2 / 2 + strength * log_prior(w, lambda t: -t.abs().log())

    first, second = cr.grad(objective), cr.grad(cr.grad(objective))
    t, b, k = theta.item(), a.item(), strength.item()
    roots = sp.solve(first(theta.detach()).item(), t)
    root = sp.sqrt(b**2 - 4 * k)
    assert {sp.simplify(r) for r in roots} == {(b - root) / 2, (b + root) / 2}
    curvature = second(theta.detach()).item().subs({b: 3, k: 2})
    assert [curvature.subs(t, at) for at in (1, 2)] == [-1, sp.Rational(1, 2)]


def test_the_gradient_of_a_ridge_has_the_shape_of_the_weight() -> None:
    w, b = exact([[1, 2], [3, 4], [5, 6]]), exact([1, -1])
    x, d = exact([1, 0, 2]).detach(), exact([1, 2]).detach()
    y = w.mT @ x + b
    beta = exact(0.5).detach()
    (((d - y) ** 2).sum() + beta * l2(w)).backward()
    miss = (d - y).detach()
    wanted = -2 * x.reshape(3, 1) * miss.reshape(1, 2) + 2 * beta * w.detach()
    assert w.grad.tolist() == wanted.tolist()
    assert b.grad.tolist() == (-2 * miss).tolist()
