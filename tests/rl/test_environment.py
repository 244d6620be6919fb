"""Episodes played: chances, ends, fillings; all episodes listed."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import rl
from chainrule.core.errors import ArgumentError, ValueCheckError

EVENLY = rl.Policy(lambda states: cr.zeros(*states.shape, 2))


def walk(dtype: Any = cr.float64) -> rl.MDP:
    """0 … 3, one to the left or one to the right, by chance where one goes; 0 and 3 end it."""
    P = [[[0] * 4 for _ in range(2)] for _ in range(4)]
    for s in (1, 2):
        P[s][0][s - 1], P[s][0][s + 1] = 0.75, 0.25
        P[s][1][s + 1] = 1
    R = [[[10 * s + t for t in range(4)] for _ in range(2)] for s in range(4)]
    return rl.MDP(P, R, start=[0, 0.5, 0.5, 0], terminal=[0, 3], dtype=dtype)


@pytest.mark.parametrize("pad", [False, True])
def test_what_is_played_keeps_the_rules(pad: bool) -> None:
    cr.manual_seed(0)
    episodes = rl.rollout(rl.Simulation(walk()), EVENLY, 50, 30, pad)
    assert episodes.rewards.shape == (50, 30 if pad else episodes.lengths.max().item())
    for s, r, m in zip(*(x.tolist() for x in (episodes.states, episodes.rewards, episodes.mask)),
                       strict=True):  # fmt: skip
        n = int(sum(m))
        assert m == [1] * n + [0] * (len(m) - n) and r[n:] == [0] * (len(m) - n)
        seen = [*s[:n], r[n - 1] % 10]
        assert set(seen[:-1]) <= {1, 2} and seen[-1] in (0, 3)
        assert r[:n] == [10 * a + b for a, b in pairwise(seen)]


def test_shares_of_episodes_are_their_probabilities() -> None:
    every = rl.enumerate_episodes(walk(), EVENLY, 3)
    cr.manual_seed(1)
    episodes = rl.rollout(rl.Simulation(walk()), EVENLY, 20000, 3, pad=True)

    def key(e: rl.Episodes, i: int) -> tuple[Any, ...]:
        n = int(e.lengths[i])
        return (*e.actions[i, :n].tolist(), *e.rewards[i, :n].tolist())

    counts: dict[tuple[Any, ...], float] = {}
    for actions, rewards, n in zip(episodes.actions.tolist(), episodes.rewards.tolist(),
                                   episodes.lengths.tolist(), strict=True):  # fmt: skip
        k = (*actions[:n], *rewards[:n])
        counts[k] = counts.get(k, 0) + 1 / 20000
    wanted = {key(every, i): p for i, p in enumerate(every.weights.tolist())}
    assert counts.keys() <= wanted.keys()
    for k, p in wanted.items():
        assert counts.get(k, 0) == pytest.approx(p, abs=0.015)


def test_the_same_seed_plays_the_same_episodes() -> None:
    def once() -> list[Any]:
        cr.manual_seed(7)
        return rl.rollout(rl.Simulation(walk()), EVENLY, 5, 9).rewards.tolist()

    assert once() == once()


def test_an_exact_process_is_played_too() -> None:
    episodes = rl.rollout(rl.Simulation(walk(cr.exact)), EVENLY, 3, 5)
    assert episodes.rewards.dtype is cr.exact


def test_probabilities_of_all_episodes_are_exact() -> None:
    half = rl.Policy(lambda states: cr.zeros(*states.shape, 2, dtype=cr.exact))
    every = rl.enumerate_episodes(walk(cr.exact), half, 5)
    assert every.weights.sum().item() == 1
    assert rl.expected_return(walk(cr.exact), half, 5).item() == every.mean(every.returns()).item()


def test_the_expected_return_nears_the_value() -> None:
    mdp = walk()
    found = rl.expected_return(mdp, EVENLY, 12).item()
    assert found == pytest.approx(mdp.objective(EVENLY).item(), rel=0.01)


@pytest.mark.parametrize("bad", [0, -1, True, 1.5, None])
def test_counts_that_are_none(bad: Any) -> None:
    game = rl.Simulation(walk())
    with pytest.raises(ArgumentError, match=f"n is {bad}"):
        rl.rollout(game, EVENLY, bad, 3)
    with pytest.raises(ArgumentError, match=f"horizon is {bad}"):
        rl.rollout(game, EVENLY, 3, bad)
    with pytest.raises(ArgumentError, match=f"the horizon is {bad}"):
        rl.enumerate_episodes(walk(), EVENLY, bad)


def test_too_many_episodes_to_list() -> None:
    busy = rl.MDP(np.full((3, 2, 3), 1 / 3), np.ones((3, 2)), 0.5)
    with pytest.raises(ArgumentError, match="there are more than 20000 episodes of 9 steps"):
        rl.enumerate_episodes(busy, EVENLY, 9)


def test_a_simulation_begins_with_reset() -> None:
    with pytest.raises(ArgumentError, match="step comes after reset"):
        rl.Simulation(walk()).step(cr.tensor([0]))
    with pytest.raises(ArgumentError, match="Simulation plays an MDP, not a str"):
        rl.Simulation("chess")  # type: ignore[arg-type]


def sure(dtype: Any = cr.float64) -> tuple[rl.MDP, rl.Policy]:
    """A process and a policy that never takes action 0."""
    P = [[[0.0, 0.5, 0.5], [0.0, 0.25, 0.75]], [[0.0, 0.0, 1.0]] * 2, [[0.0, 0.0, 1.0]] * 2]
    mdp = rl.MDP(P, [[9.0, 2.0], [9.0, 4.0], [0.0, 0.0]], 0.5, terminal=[2], dtype=dtype)
    logits = cr.tensor([-float("inf"), 0.0], dtype=dtype)
    return mdp, rl.Policy(lambda states: logits.expand(*states.shape, 2))


def test_what_a_policy_never_does_does_not_happen() -> None:
    mdp, always_1 = sure()
    every = rl.enumerate_episodes(mdp, always_1, 3)
    assert sorted(every.weights.tolist()) == [0.25, 0.75]
    assert rl.expected_return(mdp, always_1, 3).item() == 2.5 == mdp.value(always_1)[0].item()
    assert rl.Reinforce(0.5)(always_1, every).item() == 0


def test_an_action_below_0() -> None:
    game = rl.Simulation(sure()[0])
    game.reset(2)
    with pytest.raises(ValueCheckError, match="no actions below 0"):
        game.step(cr.tensor([0, -1]))
