"""Policies: networks with any distribution behind them."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from chainrule import nn, rl
from chainrule.core.errors import ArgumentError
from chainrule.distributions import Bernoulli, Independent, Normal


def net(outputs: int) -> nn.Module:
    cr.manual_seed(0)
    return nn.Linear(3, outputs)


STATES = cr.tensor(np.random.default_rng(0).normal(size=(5, 3)), dtype=cr.float32)


def test_the_default_is_the_softmax_policy() -> None:
    policy = rl.Policy(net(4))
    probs = policy.probs(STATES)
    np.testing.assert_allclose(probs.detach(), policy.net(STATES).softmax(-1).detach(), rtol=1e-6)
    actions = policy.sample(STATES)
    assert actions.shape == (5,) and not actions.requires_grad
    found = policy.log_prob(STATES, actions)
    wanted = probs.log().gather(1, actions[:, None])[:, 0]
    np.testing.assert_allclose(found.detach().numpy(), wanted.detach().numpy(), rtol=1e-5)
    assert policy.greedy(STATES).tolist() == probs.argmax(1).tolist()


def test_its_parameters_are_those_of_the_network() -> None:
    policy = rl.Policy(net(2))
    assert list(policy.state_dict()) == ["net.weight", "net.bias"]
    policy.log_prob(STATES, cr.zeros(5, dtype=cr.int64)).sum().backward()
    assert policy.net.weight.grad.abs().sum() > 0


def test_draws_come_with_their_probabilities() -> None:
    policy = rl.Policy(net(3))
    cr.manual_seed(1)
    drawn = policy.sample(STATES[:1].expand((20000, 3)))
    shares = cr.bincount(drawn, minlength=3) / 20000
    np.testing.assert_allclose(shares.numpy(), policy.probs(STATES)[0].detach(), atol=0.01)


def test_a_coin_lists_its_actions() -> None:
    policy = rl.Policy(lambda x: x[:, 0], lambda z: Bernoulli(logits=z))
    found = policy.probs(STATES)
    p = STATES[:, 0].sigmoid()
    np.testing.assert_allclose(found.numpy(), cr.stack([1 - p, p], 1).numpy(), rtol=1e-5)


def test_continuous_actions() -> None:
    policy = rl.Policy(net(2), lambda m: Independent(Normal(m, 0.5), 1))
    actions = policy.sample(STATES)
    assert actions.shape == (5, 2)
    assert policy.log_prob(STATES, actions).shape == (5,)


def test_a_function_that_makes_no_distribution() -> None:
    with pytest.raises(ArgumentError, match="the distribution of a policy is a Tensor"):
        rl.Policy(net(2), lambda z: z).sample(STATES)
