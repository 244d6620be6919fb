"""Policies: networks that say with which probability each action is taken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chainrule.core.errors import ArgumentError
from chainrule.core.state import no_grad
from chainrule.core.tensor import Tensor
from chainrule.distributions import Categorical, Distribution
from chainrule.nn.module import Module


def softmax(logits: Tensor) -> Distribution:
    """One of n actions, in proportion to e^logit: (*b, n).

    >>> import chainrule as cr
    >>> softmax(cr.tensor([0.0, 0.0])).probs
    tensor([0.5, 0.5])
    """
    return Categorical(logits=logits)


class Policy(Module):
    """π(a | s): ``net`` turns states into numbers, ``distribution`` these into probabilities.

    The default is the softmax policy over actions 0 … n - 1.  Any distribution will do: a mean and
    a spread make a policy of continuous actions, one logit a coin.

    Shapes: states (*b, *state), actions (*b, *action) -> log_prob (*b).  Raises ArgumentError
    where ``distribution`` makes none.

    >>> import chainrule as cr
    >>> from chainrule import nn
    >>> from chainrule.distributions import Bernoulli
    >>> coin = Policy(nn.Identity(), lambda z: Bernoulli(logits=z))
    >>> coin.log_prob(cr.tensor(0.0), cr.tensor(1.0))
    tensor(-0.6931)
    """

    def __init__(
        self,
        net: Callable[[Any], Tensor],
        distribution: Callable[[Any], Distribution] = softmax,
    ) -> None:
        super().__init__()
        self.net, self.distribution = net, distribution

    def forward(self, states: Tensor) -> Distribution:
        """The distribution of the actions in these states."""
        made = self.distribution(self.net(states))
        if not isinstance(made, Distribution):
            raise ArgumentError(
                f"the distribution of a policy is a {type(made).__name__}",
                expected="one of chainrule.distributions",
            )
        return made

    def log_prob(self, states: Tensor, actions: Tensor) -> Tensor:
        """The logarithm of π(a | s)."""
        made: Tensor = self(states).log_prob(actions)
        return made

    def probs(self, states: Tensor) -> Tensor:
        """π(a | s) of every action a, for a policy that has finitely many: (*b, n)."""
        distribution = self(states)
        if isinstance(distribution, Categorical):
            return distribution.probs
        every = distribution.enumerate_support()
        made: Tensor = distribution.log_prob(every).exp().movedim(0, -1)
        return made

    def sample(self, states: Tensor) -> Tensor:
        """Actions drawn, without history."""
        with no_grad():
            made: Tensor = self(states).sample()
        return made

    def greedy(self, states: Tensor) -> Tensor:
        """The likeliest actions, without history."""
        with no_grad():
            made: Tensor = self(states).mode
        return made
