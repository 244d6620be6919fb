"""Markov decision processes with finitely many states and actions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from chainrule.core import dtypes as dt
from chainrule.core.errors import ArgumentError, DimError, ShapeError, ValueCheckError
from chainrule.core.names import named
from chainrule.core.tensor import Tensor
from chainrule.ops.creation import arange, eye, tensor, zeros
from chainrule.ops.elementwise.elementary import where
from chainrule.ops.linear.linalg import solve
from chainrule.ops.lookup.picking import one_hot
from chainrule.rl.checks import checked_discount
from chainrule.rl.policy import Policy

ROUNDING = 1e-6
"""How far probabilities in floats may be from adding up to 1."""
SLACK = 1e-3
"""How far those of a policy may be, which is differentiated by them."""


class MDP:
    """Action a in state s leads to state s' with probability P[s, a, s'] and earns R[s, a, s'];
    a reward that comes k steps later counts γ^k times.

    Shapes: ``transitions`` (s, a, s), ``rewards`` (s, a, s), or (s, a) where they do not depend on
    what follows; a size of 1 says that all are alike.  An episode begins in the state ``start``, or
    in one drawn from the probabilities ``start`` (s), and ends in a state that is ``terminal``:
    from there nothing follows, and what the tables say of it is not read.  ``states`` (s, …) is
    what a policy sees; the default is the state's number.  With ``dtype=cr.exact`` all answers are
    exact, and probabilities may be symbols.

    Raises ShapeError for tables that do not fit, ValueCheckError for rows that are no
    probabilities, DimError for states that are not there, ArgumentError for a discount outside
    0 … 1.

    >>> import chainrule as cr
    >>> lamp = MDP([[[0.5, 0.5]], [[0.0, 1.0]]], [[1.0], [0.0]], discount=0.5)
    >>> lamp.value(cr.tensor([0, 0]))
    tensor([1.3333, 0.0000])
    """

    def __init__(
        self,
        transitions: Any,
        rewards: Any,
        discount: Any = 1,
        *,
        start: Any = 0,
        terminal: Sequence[int] = (),
        states: Any = None,
        dtype: Any = None,
    ) -> None:
        P = _table(transitions, dtype)
        if P.ndim != 3 or P.shape[0] != P.shape[2] or 0 in P.shape:
            raise ShapeError(f"transitions of shape {tuple(P.shape)}", expected="(s, a, s)")
        self.n_states, self.n_actions = int(P.shape[0]), int(P.shape[1])
        self.terminal = _states(terminal, self.n_states)
        goes_on = tensor([[[s not in self.terminal]] for s in range(self.n_states)])
        self._require_probabilities(P.detach())
        self.transitions = where(goes_on, P, 0)
        self.rewards = where(goes_on, _rewards(_table(rewards, P.dtype), tuple(P.shape)), 0)
        self.discount = tensor(checked_discount(discount), P.dtype)
        self._identity = eye(self.n_states, dtype=P.dtype)
        for x, name in ((self.transitions, "transitions"), (self.rewards, "rewards"),
                        (self.discount, "γ"), (self._identity, "I")):  # fmt: skip
            named(x, name)
        self.start = self._start(start)
        self.states = arange(self.n_states) if states is None else tensor_of(states)
        if tuple(self.states.shape[:1]) != (self.n_states,):
            raise ShapeError(
                f"what a policy sees of {self.n_states} states has shape {tuple(self.states.shape)}"
            )

    def _require_probabilities(self, P: Tensor) -> None:
        """Raise ValueCheckError for the first row that is none; symbols pass."""
        if P.node.value is None:
            return
        for s in range(self.n_states):
            for a in range(self.n_actions):
                row = P[s, a].tolist()
                if s not in self.terminal and not _are_shares(row):
                    raise ValueCheckError(
                        f"transitions[{s}, {a}] are no probabilities",
                        got=f"{row}, which add up to {sum(row)}",
                        hint=f"where an episode ends in state {s}, say terminal=[{s}]",
                    )

    def _start(self, start: Any) -> Tensor:
        """The probabilities of the first state: (s)."""
        if isinstance(start, int | np.integer) and not isinstance(start, bool):
            at = _state(start, self.n_states, "start")
            start = [int(s == at) for s in range(self.n_states)]
        made = _table(start, self.transitions.dtype)
        if tuple(made.shape) != (self.n_states,):
            raise ShapeError(f"start of shape {tuple(made.shape)}", expected=f"({self.n_states})")
        chances = made.detach().tolist()
        if not _are_shares(chances):
            raise ValueCheckError("start are no probabilities", got=f"{chances}")
        if any(chances[s] != 0 for s in self.terminal):
            raise ValueCheckError("an episode begins in a state that is terminal")
        return made

    # -- the value of a policy -------------------------------------------------------------------

    def probabilities(self, policy: Any) -> Tensor:
        """π(a | s) as a table (s, a): of a `Policy`, of a table, or of actions (s).  Raises
        ShapeError and, for rows that are no probabilities, ValueCheckError."""
        if isinstance(policy, Policy):
            policy = policy.probs(self.states)
        made = tensor_of(policy)
        if tuple(made.shape) == (self.n_states,):
            made = one_hot(made, self.n_actions).to(self.transitions.dtype)
        elif tuple(made.shape) != (self.n_states, self.n_actions):
            raise ShapeError(
                f"a policy of shape {tuple(made.shape)}",
                expected=f"probabilities ({self.n_states}, {self.n_actions}) "
                f"or actions ({self.n_states})",
            )
        else:
            self._require_policy(made.detach())
        return made

    def _require_policy(self, pi: Tensor) -> None:
        """Raise ValueCheckError for the first row that is none; a step of finite differences
        passes."""
        for s, row in enumerate([] if pi.node.value is None else pi.tolist()):
            if s not in self.terminal and not _are_shares(row, -SLACK, SLACK):
                raise ValueCheckError(
                    f"a policy has no probabilities in state {s}",
                    got=f"{row}, which add up to {sum(row)}", hint="logits.softmax(-1)",
                )  # fmt: skip

    def value(self, policy: Any) -> Tensor:
        """V[s], what is earned from state s on, the solution of V = r + γ P V: (s).

        It is differentiable by the policy.  Raises ValueCheckError where, without discount, the
        policy may go on for ever.
        """
        pi = self.probabilities(policy)
        if pi is not policy:  # a table of the user's keeps its name
            named(pi, "π")
        P = named((pi.unsqueeze(-1) * self.transitions).sum(1), "P")
        r = named((pi * self.expected_rewards()).sum(1), "r")
        self._require_an_end(P.detach())
        V: Tensor = solve(self._identity - self.discount * P, r)
        return V

    def expected_rewards(self) -> Tensor:
        """The mean reward of each action: (s, a)."""
        made: Tensor = (self.transitions * self.rewards).sum(-1)
        return made

    def action_values(self, values: Tensor) -> Tensor:
        """Q[s, a] = Σ P[s, a, s'] (R[s, a, s'] + γ V[s']): (s, a)."""
        made: Tensor = (self.transitions * (self.rewards + self.discount * values)).sum(-1)
        return made

    def objective(self, policy: Any) -> Tensor:
        """J, the mean of V over the states in which episodes begin: what a policy is for."""
        made: Tensor = (self.start * self.value(policy)).sum()
        return made

    def _require_an_end(self, P: Tensor) -> None:
        """Raise ValueCheckError where γ is 1 and some state never leads to a terminal one."""
        if P.node.value is None or self.discount.item() != 1:
            return
        moves = np.array([[p != 0 for p in row] for row in P.tolist()], bool)
        ends = np.isin(np.arange(self.n_states), self.terminal)
        for _ in range(self.n_states):
            ends |= (moves & ends).any(axis=1)
        if not ends.all():
            raise ValueCheckError(
                f"from state {int(np.argmin(ends))} no terminal state is reached, "
                "and nothing is discounted: what is earned has no end",
                hint="a discount below 1, or terminal=[…]",
            )

    def __repr__(self) -> str:
        return (
            f"MDP({self.n_states} states, {self.n_actions} actions, "
            f"discount {self.discount.item()})"
        )


def tensor_of(given: Any) -> Tensor:
    """What is no tensor yet as a tensor."""
    made: Tensor = given if isinstance(given, Tensor) else tensor(given)
    return made


def _table(given: Any, dtype: Any) -> Tensor:
    """A table of numbers as a tensor; one that is a tensor keeps its history."""
    made = given if isinstance(given, Tensor) else tensor(given, dtype)
    if dtype is None and made.dtype.category <= dt.INTEGER:
        dtype = dt.get_default_dtype()
    return made if dtype is None else made.to(dtype)


def _rewards(R: Tensor, shape: tuple[int, ...]) -> Tensor:
    if tuple(R.shape) == shape[:2]:
        R = R.unsqueeze(-1)
    elif R.ndim != 3 or any(n not in (1, whole) for n, whole in zip(R.shape, shape, strict=True)):
        raise ShapeError(
            f"rewards of shape {tuple(R.shape)} for transitions of shape {shape}",
            expected=f"{shape[:2]} or {shape}, or 1 in place of a size",
        )
    return R + zeros(shape, dtype=R.dtype)


def _states(given: Any, n: int) -> tuple[int, ...]:
    if not isinstance(given, Iterable):
        raise ArgumentError(f"terminal is {given!r}", expected=f"states, such as [{n - 1}]")
    return tuple(_state(s, n, "terminal") for s in given)


def _state(s: Any, n: int, what: str) -> int:
    if isinstance(s, bool) or not isinstance(s, int | np.integer):
        raise ArgumentError(f"{what}: a state is a whole number, not {s!r}")
    if not 0 <= s < n:
        raise DimError(f"{what}: state {s} of {n}", expected=f"0 to {n - 1}")
    return int(s)


def _are_shares(row: list[Any], least: float = 0, slack: float = ROUNDING) -> bool:
    """Whether numbers are probabilities that add up to 1; symbols pass."""
    try:
        return all(p >= least for p in row) and abs(sum(row) - 1) <= slack
    except TypeError:  # a symbol, of which nobody knows yet
        return True
