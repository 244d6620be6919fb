"""All episodes of a small decision process, and what a policy earns in the mean, with no draws."""

from __future__ import annotations

from typing import Any

from chainrule.core.errors import ArgumentError
from chainrule.core.tensor import Tensor
from chainrule.ops.creation import tensor
from chainrule.ops.shape.moves import stack
from chainrule.rl.checks import require_count
from chainrule.rl.episodes import Episodes
from chainrule.rl.mdp import MDP
from chainrule.rl.policy import Policy

MOST = 20_000
"""More episodes than this are not listed."""


def enumerate_episodes(mdp: MDP, policy: Policy, horizon: int) -> Episodes:
    """Every episode that may happen in ``horizon`` steps; ``weights`` are their probabilities.

    A mean over them is an expected value, exact in exact arithmetic; whatever is computed from
    episodes that were played can be computed from these.  The probabilities have no history; those
    of `expected_return` have.  Raises ArgumentError for a horizon that is no whole number above 0,
    and where there are more than 20,000 episodes.

    >>> import chainrule as cr
    >>> walk = MDP([[[0.0, 1.0]] * 2, [[0.0, 1.0]] * 2], [[3.0, 5.0], [0.0, 0.0]], terminal=[1])
    >>> evenly = Policy(lambda states: cr.zeros(*states.shape, 2))
    >>> every = enumerate_episodes(walk, evenly, 4)
    >>> every.returns().tolist(), every.weights
    ([3.0, 5.0], tensor([0.5, 0.5]))
    """
    episodes, chances = _listed(mdp, horizon)
    weights = (chances * _taken(policy, episodes)).detach()
    happen = [i for i, p in enumerate(weights.tolist()) if p != 0]
    found = (episodes.states, episodes.actions, episodes.rewards, episodes.mask, weights)
    states, actions, rewards, mask, weights = (x[happen] for x in found)
    return Episodes(states, actions, rewards, mask, weights)


def expected_return(mdp: MDP, policy: Policy, horizon: int) -> Tensor:
    """J = Σ p(τ) R(τ) over the episodes τ of at most ``horizon`` steps, differentiable by the
    policy: its gradient is what REINFORCE estimates.

    Raises ArgumentError as `enumerate_episodes` does.

    >>> import chainrule as cr
    >>> walk = MDP([[[0.0, 1.0]] * 2, [[0.0, 1.0]] * 2], [[3.0, 5.0], [0.0, 0.0]], terminal=[1])
    >>> expected_return(walk, Policy(lambda states: cr.zeros(*states.shape, 2)), 4)
    tensor(4.)
    """
    episodes, chances = _listed(mdp, horizon)
    p = chances * _taken(policy, episodes)
    J: Tensor = (p * episodes.returns(mdp.discount)).sum()
    return J


def _taken(policy: Policy, episodes: Episodes) -> Tensor:
    """The policy's part of the probability of each episode: the product of π(a | s)."""
    made: Tensor = episodes.log_prob(policy).sum(-1).exp()
    return made


def _listed(mdp: MDP, horizon: int) -> tuple[Episodes, Tensor]:
    """Every episode, and the environment's part of its probability: (n)."""
    require_count("the horizon", horizon)
    moves: list[list[list[Any]]] = mdp.transitions.detach().tolist()
    begins = mdp.start.detach().tolist()
    paths: list[tuple[list[int], list[int]]] = [([s], []) for s, p in enumerate(begins) if p != 0]
    for _ in range(horizon):
        longer = []
        for states, actions in paths:
            here = states[-1]
            if here in mdp.terminal:
                longer.append((states, actions))
                continue
            for a, row in enumerate(moves[here]):
                longer += [([*states, s], [*actions, a]) for s, p in enumerate(row) if p != 0]
        paths = longer
        if len(paths) > MOST:
            raise ArgumentError(
                f"there are more than {MOST} episodes of {horizon} steps",
                hint="a shorter horizon; or `rollout`, which draws some",
            )
    return _side_by_side(mdp, paths)


def _side_by_side(mdp: MDP, paths: list[tuple[list[int], list[int]]]) -> tuple[Episodes, Tensor]:
    """Paths as episodes of one length; the rest of a shorter one stays where it ended."""
    n, longest = len(paths), max(len(actions) for _, actions in paths)
    numbers = tensor([states + states[-1:] * (longest + 1 - len(states)) for states, _ in paths])
    actions = tensor([made + [0] * (longest - len(made)) for _, made in paths])
    at, to = numbers[:, :-1], numbers[:, 1:]
    dtype = mdp.transitions.dtype
    mask = tensor([[int(t < len(made)) for t in range(longest)] for _, made in paths], dtype)
    chances = mdp.transitions[at, actions, to] * mask + (1 - mask)
    rewards = mdp.rewards[at, actions, to] * mask
    first = stack([mdp.start[states[0]] for states, _ in paths]).reshape(n)
    p = first
    for t in range(longest):
        p = p * chances[:, t]
    return Episodes(mdp.states[at], actions, rewards, mask), p
