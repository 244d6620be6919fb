"""Questions of exam papers about policy gradients, answered by decision process and REINFORCE.

Each test is named after its question; the expected values were verified by independent programs.
"""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp

import chainrule as cr
from chainrule import nn, optim, rl
from chainrule.distributions import Bernoulli

SCORED = 12 / (1 + sp.exp(6))
"""4 · 3 · (1 - σ(6)) = 0.0296715…"""


class Line(nn.Module):
    """θ x."""

    def __init__(self, theta: Any) -> None:
        super().__init__()
        self.theta = nn.Parameter(theta)

    def forward(self, x: Any) -> Any:
        return self.theta * x


def linear_policy(theta: Any) -> rl.Policy:
    """π(u = 1 | x) = σ(θ x)."""
    return rl.Policy(Line(theta), lambda z: Bernoulli(logits=z))


def process() -> rl.MDP:
    """From x = 3 the action 1 leads to x = 1, where it ends; every state visited pays (x - 1)²."""
    x = cr.tensor([3, 1], dtype=cr.exact)
    pays = (x - 1) ** 2
    stays_or_leaves = [[[1, 0], [0, 1]], [[0, 0], [0, 0]]]
    return rl.MDP(
        stays_or_leaves, pays[:, None, None] + cr.stack([0 * pays[1], pays[1]]), terminal=[1],
        states=x, dtype=cr.exact,
    )  # fmt: skip


def trajectory(mdp: rl.MDP) -> rl.Episodes:
    """The one that was played: 3, then by the action 1 to 1."""
    return rl.Episodes(mdp.states[cr.tensor([[0]])], cr.tensor([[1]]), mdp.rewards[0, 1, 1:][None])


def gradient(theta: Any) -> Any:
    """That of the objective, which ascent climbs, from the one trajectory."""
    policy, episodes = linear_policy(theta), trajectory(process())
    assert episodes.returns().tolist() == [4]
    rl.Reinforce(direction="ascent")(policy, episodes).backward()
    return policy.net.theta.grad.item()


def test_p3_q7a_the_gradient_of_one_trajectory() -> None:
    found = gradient(cr.tensor(2, dtype=cr.exact))
    assert sp.simplify(found - SCORED) == 0
    assert float(found) == pytest.approx(0.0296715, abs=5e-8)


def test_p3_q7a_the_gradient_for_any_theta() -> None:
    theta = sp.Symbol("theta", real=True)
    found = gradient(cr.symbols("theta"))
    assert sp.simplify(found - 12 / (1 + sp.exp(3 * theta))) == 0


@pytest.mark.parametrize(("direction", "wanted"), [("ascent", 2.029671), ("descent", 2.029671)])
def test_p3_q7b_one_step_earns_more_in_both_directions(direction: str, wanted: float) -> None:
    policy = linear_policy(cr.tensor(2, dtype=cr.exact))
    optimizer = optim.SGD(policy.parameters(), lr=1, maximize=direction == "ascent")
    rl.Reinforce(direction=direction).step(optimizer, policy, trajectory(process()))
    found = policy.net.theta.item()
    assert sp.simplify(found - 2 - SCORED) == 0
    assert float(found) == pytest.approx(wanted, abs=5e-7)


def test_p3_q7b_descent_of_the_objective_would_give_another_number() -> None:
    policy = linear_policy(cr.tensor(2, dtype=cr.exact))
    rl.Reinforce(direction="ascent")(policy, trajectory(process())).backward()
    optim.SGD(policy.parameters(), lr=1).step()
    found = policy.net.theta.item()
    assert sp.simplify(found - 2 + SCORED) == 0
    assert float(found) == pytest.approx(1.970329, abs=5e-7)
