"""Environments, many copies at once, and the episodes that a policy plays in them."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from chainrule.core.dtypes import float64
from chainrule.core.errors import ArgumentError, ValueCheckError
from chainrule.core.state import no_grad
from chainrule.core.tensor import Tensor
from chainrule.ops.creation import multinomial, tensor
from chainrule.ops.shape.moves import stack
from chainrule.rl.checks import require_count
from chainrule.rl.episodes import Episodes
from chainrule.rl.mdp import MDP
from chainrule.rl.policy import Policy


class Environment(ABC):
    """What a policy acts in: copies side by side that do not know of each other."""

    @abstractmethod
    def reset(self, n: int) -> Tensor:
        """Begin n episodes; the states that they begin in: (n, *state)."""

    @abstractmethod
    def step(self, actions: Tensor) -> tuple[Tensor, Tensor, np.ndarray]:
        """Take an action in each copy: the next states (n, *state), rewards (n), and which
        episodes are over, an array (n).  What comes of an episode that was over before is not
        read."""


class Simulation(Environment):
    """A Markov decision process, played: what follows is drawn, from `manual_seed`'s numbers.

    >>> import chainrule as cr
    >>> walk = MDP([[[0.0, 1.0]], [[0.0, 1.0]]], [[3.0], [0.0]], terminal=[1])
    >>> game = Simulation(walk)
    >>> game.reset(2).tolist()
    [0, 0]
    >>> game.step(cr.tensor([0, 0]))
    (tensor([1, 1]), tensor([3., 3.]), array([ True,  True]))
    """

    def __init__(self, mdp: MDP) -> None:
        if not isinstance(mdp, MDP):
            raise ArgumentError(f"Simulation plays an MDP, not a {type(mdp).__name__}")
        self.mdp = mdp
        self.at: Tensor | None = None
        """The number of each copy's state."""

    def reset(self, n: int) -> Tensor:
        """Begin n episodes: states (n, …)."""
        self.at = multinomial(self.mdp.start.detach().to(float64), n, replacement=True)
        return self.mdp.states[self.at]

    def step(self, actions: Tensor) -> tuple[Tensor, Tensor, np.ndarray]:
        """Take an action in each copy, and draw what follows."""
        at = self.at
        if at is None:
            raise ArgumentError("Simulation.step comes after reset")
        if (actions.numpy() < 0).any():
            raise ValueCheckError(
                "there are no actions below 0", got=f"{actions.tolist()}",
                expected=f"0 to {self.mdp.n_actions - 1}",
            )  # fmt: skip
        over = np.isin(at.numpy(), self.mdp.terminal)
        chances = self.mdp.transitions[at, actions].detach().to(float64)
        stays = tensor(over[:, None] & (at.numpy()[:, None] == np.arange(self.mdp.n_states)))
        self.at = multinomial(chances + stays, 1).squeeze(1)
        rewards = self.mdp.rewards[at, actions, self.at].detach()
        return self.mdp.states[self.at], rewards, np.isin(self.at.numpy(), self.mdp.terminal)


def rollout(
    environment: Environment, policy: Policy, n: int, horizon: int, pad: bool = False
) -> Episodes:
    """Episodes, n of them, played side by side until all are over, or for ``horizon`` steps.

    Episodes that end sooner are filled up, with mask and rewards 0, to the longest, or to the
    horizon with ``pad``, which keeps one shape for a compiled training step.  No history is kept:
    the gradient of a return goes through the policy's probabilities, not through what was drawn.
    Raises ArgumentError for an n or a horizon that is no whole number above 0.

    >>> import chainrule as cr
    >>> walk = MDP([[[0.0, 1.0]], [[0.0, 1.0]]], [[3.0], [0.0]], terminal=[1])
    >>> always = Policy(lambda states: cr.zeros(*states.shape, 1))
    >>> episodes = rollout(Simulation(walk), always, n=4, horizon=9)
    >>> episodes.lengths.tolist(), episodes.returns().tolist()
    ([1, 1, 1, 1], [3.0, 3.0, 3.0, 3.0])
    """
    require_count("rollout: n", n)
    require_count("rollout: horizon", horizon)
    steps: list[tuple[Tensor, Tensor, Tensor, np.ndarray]] = []
    with no_grad():
        states, running = environment.reset(n), np.ones(n, bool)
        while len(steps) < horizon and (pad or running.any()):
            if not running.any():
                steps.append((*steps[-1][:2], steps[-1][2] * 0, running))
                continue
            actions = policy.sample(states)
            following, rewards, over = environment.step(actions)
            steps.append((states, actions, rewards * tensor(running, rewards.dtype), running))
            states, running = following, running & ~over
        seen, done, earned, made = zip(*steps, strict=True)
        rewards = stack(list(earned), 1)
        mask = tensor(np.stack(made, 1), rewards.dtype)
        return Episodes(stack(list(seen), 1), stack(list(done), 1), rewards, mask)
