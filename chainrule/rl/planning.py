"""The best policy of a small decision process, by policy iteration and by value iteration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.core import dtypes as dt
from chainrule.core.errors import ArgumentError, ValueCheckError
from chainrule.core.state import no_grad
from chainrule.core.tensor import Tensor
from chainrule.ops.creation import tensor, zeros
from chainrule.rl.checks import require_count
from chainrule.rl.mdp import MDP

SWEEPS = 100_000
"""More sweeps of value iteration than this are a mistake."""


@dataclass
class Plan:
    """What to do: ``actions`` (s), the best in each state; ``values`` (s), what they earn;
    ``steps``, the rounds that it took."""

    actions: Tensor
    values: Tensor
    steps: int


def policy_iteration(mdp: MDP) -> Plan:
    """The best policy: value a policy, take the best action by these values, until none is better.

    There are finitely many policies and each is better than the one before, so it ends, with the
    exact answer in exact arithmetic.  An action is changed only for a better one: ties keep it.
    Where nothing is discounted it begins with a policy that comes to an end.  (R. Howard, Dynamic
    Programming and Markov Processes, 1960.)  Raises ValueCheckError where none does.

    >>> stay_or_go = MDP(
    ...     [[[1, 0], [0, 1]], [[0, 1], [0, 1]]], [[1, 0], [3, 3]], 0.5, dtype=dt.exact
    ... )
    >>> plan = policy_iteration(stay_or_go)
    >>> plan.actions, plan.values
    (tensor([1, 0]), tensor([3, 6], dtype=chainrule.exact))
    """
    with no_grad():
        actions = _first(mdp)
        steps = 0
        while True:
            steps += 1
            values = mdp.value(tensor(actions))
            better = _improved(mdp, actions, mdp.action_values(values))
            if better == actions:
                return Plan(tensor(actions), values, steps)
            actions = better


def value_iteration(mdp: MDP, tolerance: float = 1e-10, steps: int | None = None) -> Plan:
    """The best policy by sweeps V[s] <- max over a of Σ P[s, a, s'] (R[s, a, s'] + γ V[s']).

    It begins with V = 0 and ends where V is within ``tolerance`` of the best values (with γ < 1 a
    sweep that changes V by δ leaves an error of at most δ γ / (1 - γ); with γ = 1, where a sweep
    changes less than ``tolerance``), or after ``steps`` sweeps, exact ones in exact arithmetic.
    (R. Bellman, Dynamic Programming, 1957.)  Raises ArgumentError for a tolerance or a number of
    steps below 0, and ValueCheckError where the values grow without end.

    >>> wait = MDP([[[1.0]]], [[1.0]], 0.5)
    >>> value_iteration(wait, steps=3).values
    tensor([1.75])
    """
    if steps is not None:
        require_count("value_iteration: steps", steps)
    if not tolerance >= 0:
        raise ArgumentError(f"value_iteration: a tolerance of {tolerance}", expected="at least 0")
    gamma = float(mdp.discount.item())
    goal = tolerance if gamma in (0, 1) else tolerance * (1 - gamma) / gamma
    with no_grad():
        values: Tensor = zeros(mdp.n_states, dtype=mdp.transitions.dtype)
        for step in range(1, (steps or SWEEPS) + 1):
            before = values
            Q = mdp.action_values(before)
            values = Q.max(1).values
            done = step == steps or (steps is None and _change(values, before) <= goal)
            if done:
                return Plan(mdp.action_values(values).argmax(1), values, step)
    raise ValueCheckError(
        f"value_iteration: the values still change after {SWEEPS} sweeps",
        hint="a discount below 1, a larger tolerance, or steps=…",
    )


def _change(values: Tensor, before: Tensor) -> float:
    """The largest change; in floats no change is smaller than rounding."""
    change = float((values - before).abs().max().item())
    if values.dtype is dt.exact:
        return change
    size = float(values.abs().max().item())
    return 0.0 if change <= 4 * float(np.finfo(values.dtype.numpy).eps) * size else change


def _first(mdp: MDP) -> list[int]:
    """Actions that lead towards an end, so that values without discount are finite."""
    moves = np.array([[[p != 0 for p in row] for row in rows] for rows in mdp.transitions.tolist()])
    actions = np.zeros(mdp.n_states, int)
    ends = np.isin(np.arange(mdp.n_states), mdp.terminal)
    for _ in range(mdp.n_states):
        leads = np.any(moves & ends, axis=2)
        fresh = np.any(leads, axis=1) & ~ends
        actions[fresh] = leads[fresh].argmax(1)
        ends |= fresh
    return [int(a) for a in actions]


def _improved(mdp: MDP, actions: list[int], Q: Tensor) -> list[int]:
    """The best action in each state; the old one where none is better by more than rounding."""
    rows: list[list[Any]] = Q.tolist()
    slack = 0.0 if Q.dtype is dt.exact else 64 * float(np.finfo(Q.dtype.numpy).eps)
    made = []
    for row, old in zip(rows, actions, strict=True):
        best = max(range(len(row)), key=row.__getitem__)
        made.append(best if row[best] > row[old] + slack * (1 + abs(row[old])) else old)
    return made
