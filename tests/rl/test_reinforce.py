"""REINFORCE: in the mean it is the gradient of the expected return, exactly."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy as sp

import chainrule as cr
from chainrule import nn, optim, rl
from chainrule.core.errors import ArgumentError

THIRD = Fraction(1, 3)


class Table(nn.Module):
    """One number for each state and action."""

    def __init__(self, rows: Any, dtype: Any = None) -> None:
        super().__init__()
        self.rows = nn.Parameter(cr.tensor(rows, dtype=dtype))

    def forward(self, states: Any) -> Any:
        return self.rows[states]


def maze(dtype: Any = cr.exact, discount: Any = Fraction(1, 2)) -> rl.MDP:
    """Three states, the last an end; every row is random, every reward its own."""
    P = [
        [[THIRD, THIRD, THIRD], [0, 1, 0]],
        [[Fraction(1, 4), Fraction(1, 4), Fraction(1, 2)], [Fraction(1, 2), 0, Fraction(1, 2)]],
        [[0, 0, 0], [0, 0, 0]],
    ]
    R = [[[s + 2 * a - 3 * t for t in range(3)] for a in range(2)] for s in range(3)]
    return rl.MDP(P, R, discount, start=[THIRD, 1 - THIRD, 0], terminal=[2], dtype=dtype)


def softmax_policy(dtype: Any = cr.exact) -> rl.Policy:
    """Logits whose exponentials are whole numbers, so that exact probabilities are fractions."""
    return rl.Policy(Table([[0, 1], [-1, 2], [0, 0]], dtype))


def gradient(policy: rl.Policy, value: Any) -> np.ndarray:
    policy.zero_grad()
    value.backward()
    return np.array([[float(x) for x in row] for row in policy.net.rows.grad.tolist()])


ESTIMATES: dict[str, dict[str, Any]] = {
    "plain": {},
    "whole return": {"to_go": False},
    "a number as baseline": {"baseline": 2},
    "a baseline by state": {"baseline": lambda states: states * 3 - 1},
}


@pytest.mark.parametrize("name", ESTIMATES)
@pytest.mark.parametrize("discount", [Fraction(1, 2), 1])
def test_its_expected_value_is_the_gradient(name: str, discount: Any) -> None:
    mdp, policy = maze(cr.float64, float(discount)), softmax_policy(cr.float64)
    wanted = gradient(policy, rl.expected_return(mdp, policy, 3))
    every = rl.enumerate_episodes(mdp, policy, 3)
    assert every.weights is not None and every.weights.sum().item() == pytest.approx(1)
    reinforce = rl.Reinforce(mdp.discount, **ESTIMATES[name], direction="ascent")
    np.testing.assert_allclose(gradient(policy, reinforce(policy, every)), wanted, rtol=1e-10)
    loss = rl.Reinforce(mdp.discount, **ESTIMATES[name])
    np.testing.assert_allclose(gradient(policy, loss(policy, every)), -wanted, rtol=1e-10)


@pytest.mark.parametrize("options", [{}, {"baseline": 1}, {"to_go": False}])
def test_it_holds_exactly(options: dict[str, Any]) -> None:
    """With a coin whose chance p is a symbol, as polynomials in p."""
    mdp = maze()
    p = cr.symbols("p").requires_grad_()
    policy = rl.Policy(lambda states: cr.stack([1 - p, p]).expand((*states.shape, 2)),
                       lambda probs: cr.distributions.Categorical(probs=probs))  # fmt: skip
    wanted = cr.autograd.grad(rl.expected_return(mdp, policy, 2), p)[0]
    every = rl.enumerate_episodes(mdp, policy, 2)
    reinforce = rl.Reinforce(mdp.discount, **options, direction="ascent")
    found = cr.autograd.grad(reinforce(policy, every), p)[0]
    assert sp.simplify(found.item() - wanted.item()) == 0 and str(wanted.item()) != "0"


def test_without_the_discount_of_steps_it_is_another_number() -> None:
    mdp, policy = maze(cr.float64, 0.5), softmax_policy(cr.float64)
    every = rl.enumerate_episodes(mdp, policy, 3)
    wanted = gradient(policy, rl.Reinforce(0.5)(policy, every))
    found = gradient(policy, rl.Reinforce(0.5, discount_steps=False)(policy, every))
    assert np.abs(found - wanted).max() > 0.01


def test_long_enough_episodes_earn_the_value() -> None:
    mdp, policy = maze(cr.float64, 0.25), softmax_policy(cr.float64)
    found, wanted = rl.expected_return(mdp, policy, 6), mdp.objective(policy)
    assert found.item() == pytest.approx(wanted.item(), abs=2e-3)
    np.testing.assert_allclose(gradient(policy, found), gradient(policy, wanted), atol=5e-3)


def played(n: int, seed: int = 0, steps: int = 4) -> tuple[rl.Policy, rl.Episodes]:
    cr.manual_seed(seed)
    policy = softmax_policy(cr.float64)
    return policy, rl.rollout(rl.Simulation(maze(cr.float64)), policy, n, steps)


@pytest.mark.parametrize("baseline", [None, "others", 3.0])
def test_many_episodes_come_near_the_gradient(baseline: Any) -> None:
    policy, episodes = played(20000)
    found = gradient(policy, rl.Reinforce(0.5, baseline=baseline)(policy, episodes))
    wanted = gradient(policy, rl.expected_return(maze(cr.float64), policy, 4))
    np.testing.assert_allclose(found, -wanted, atol=0.04)


def test_a_baseline_lessens_the_noise() -> None:
    """The variance of the estimate, episode by episode, over all episodes: exact, no draws."""
    mdp, policy = maze(cr.float64), softmax_policy(cr.float64)
    every = rl.enumerate_episodes(mdp, policy, 3)
    V = mdp.value(policy).detach()

    def spread(**options: Any) -> float:
        rows = []
        for i in range(len(every)):
            one = rl.Episodes(every.states[i : i + 1], every.actions[i : i + 1],
                              every.rewards[i : i + 1], every.mask[i : i + 1])  # fmt: skip
            rows.append(gradient(policy, rl.Reinforce(0.5, **options)(policy, one)))
        p = every.weights.numpy()[:, None, None]
        return float((p * np.square(rows - (p * rows).sum(0))).sum())

    with_value = spread(baseline=lambda states: V[states])
    assert with_value < 0.7 * spread() and spread() < spread(to_go=False)


def test_baselines_of_the_batch() -> None:
    _, episodes = played(5)
    G = rl.rewards_to_go(episodes.rewards, 0.5).numpy()
    m = episodes.mask.numpy()
    mean, others = np.zeros_like(G), np.zeros_like(G)
    for i, t in np.ndindex(*G.shape):
        alive = [j for j in range(5) if m[j, t]]
        mean[i, t] = np.mean(G[alive, t]) if alive else 0
        rest = [j for j in alive if j != i]
        others[i, t] = np.mean(G[rest, t]) if rest else 0
    for name, wanted in (("mean", mean), ("others", others)):
        found = rl.Reinforce(0.5, baseline=name).advantage(episodes)
        np.testing.assert_allclose(found.numpy(), (G - wanted) * m, atol=1e-12)
    scaled = rl.Reinforce(0.5, normalise=True).advantage(episodes).numpy()[m == 1]
    np.testing.assert_allclose([scaled.mean(), scaled.std()], [0, 1], atol=1e-6)


def test_what_comes_after_the_end_does_not_count() -> None:
    policy, episodes = played(6)
    longer = rl.Episodes(
        *(cr.cat([x, 1 + 0 * x[:, :1]], 1) for x in (episodes.states, episodes.actions)),
        cr.cat([episodes.rewards, cr.full((6, 1), 7.0, dtype=cr.float64)], 1),
        cr.cat([episodes.mask, cr.zeros(6, 1, dtype=cr.float64)], 1),
    )
    reinforce = rl.Reinforce(0.5, baseline="mean", normalise=True)
    a, b = (gradient(policy, reinforce(policy, e)) for e in (episodes, longer))
    np.testing.assert_allclose(a, b, rtol=1e-12)


@pytest.mark.parametrize("direction", ["ascent", "descent"])
def test_a_step_earns_more(direction: str) -> None:
    mdp, policy = maze(cr.float64), softmax_policy(cr.float64)
    before = mdp.objective(policy).item()
    optimizer = optim.SGD(policy.parameters(), lr=0.1, maximize=direction == "ascent")
    reinforce = rl.Reinforce(0.5, direction=direction)
    reinforce.step(optimizer, policy, rl.enumerate_episodes(mdp, policy, 4))
    assert mdp.objective(policy).item() > before


@pytest.mark.parametrize("direction", ["ascent", "descent"])
def test_an_optimizer_that_goes_the_other_way_is_refused(direction: str) -> None:
    policy, episodes = played(2)
    before = policy.net.rows.tolist()
    optimizer = optim.SGD(policy.parameters(), lr=0.1, maximize=direction == "descent")
    with pytest.raises(ArgumentError, match="it would unlearn") as error:
        rl.Reinforce(direction=direction).step(optimizer, policy, episodes)
    assert f"maximize={direction == 'ascent'}" in str(error.value)
    assert policy.net.rows.tolist() == before and policy.net.rows.grad is None


def test_conventions_are_said() -> None:
    assert rl.Reinforce().convention.startswith("a loss, to be minimised: -")
    assert rl.Reinforce(direction="ascent").convention.startswith("an objective, to be maximised")


def test_it_is_explained_as_a_score_times_what_it_was_worth() -> None:
    policy, episodes = played(2)
    told = str(cr.explain(rl.Reinforce()(policy, episodes)))
    assert "log_prob * advantage" in told


def test_it_is_compiled() -> None:
    policy, episodes = played(4)
    reinforce = rl.Reinforce(0.5, baseline="others")

    @cr.compile
    def loss(states: Any, actions: Any, rewards: Any, mask: Any) -> Any:
        return reinforce(policy, rl.Episodes(states, actions, rewards, mask))

    found = loss(episodes.states, episodes.actions, episodes.rewards, episodes.mask)
    assert found.item() == pytest.approx(reinforce(policy, episodes).item(), rel=1e-12)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"direction": "down"}, "Reinforce goes no 'down'"),
        ({"baseline": "best"}, "Reinforce has no baseline 'best'"),
        ({"discount": 2}, "a discount is 2"),
    ],
)
def test_options_that_there_are_not(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ArgumentError, match=words):
        rl.Reinforce(**options)


def test_others_need_others() -> None:
    policy, one = played(1)
    reinforce = rl.Reinforce(baseline="others")
    with pytest.raises(ArgumentError, match="two or more episodes"):
        reinforce(policy, one)
    with pytest.raises(ArgumentError, match="enumerated"):
        reinforce(policy, rl.enumerate_episodes(maze(cr.float64), policy, 2))
