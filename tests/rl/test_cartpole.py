"""The pole on a cart: Gymnasium's own single cart is the oracle."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import chainrule as cr
from chainrule import rl
from chainrule.core.errors import ArgumentError

gymnasium = pytest.importorskip("gymnasium")

LEFT = rl.Policy(lambda states: states[:, :1] @ cr.zeros(1, 2) + cr.tensor([50.0, -50.0]))


def test_copies_move_as_a_single_cart_does() -> None:
    game = rl.CartPole(seed=0)
    states = game.reset(3)
    assert states.dtype is cr.float32
    single = gymnasium.make("CartPole-v1").unwrapped
    single.reset(seed=0)
    single.state = states[1].numpy().astype(np.float64)
    draw = np.random.default_rng(0)
    for _ in range(8):
        actions = draw.integers(0, 2, size=3)
        states, rewards, over = game.step(cr.tensor(actions))
        wanted, earned, fallen, _, _ = single.step(int(actions[1]))
        np.testing.assert_allclose(states[1].numpy(), wanted, rtol=1e-4, atol=1e-6)
        assert (rewards[1].item(), over[1]) == (earned, fallen)


def test_a_cart_that_is_always_pushed_to_the_left_falls_soon() -> None:
    cr.manual_seed(0)
    episodes = rl.rollout(rl.CartPole(), LEFT, 20, 200)
    lengths = episodes.lengths.tolist()
    assert min(lengths) >= 8 and max(lengths) <= 11
    assert episodes.returns().tolist() == lengths


def test_time_runs_out() -> None:
    assert rl.rollout(rl.CartPole(steps=5), LEFT, 4, 200).lengths.tolist() == [5] * 4


def test_seeds() -> None:
    def begins(manual: int, seed: int | None) -> list[list[float]]:
        cr.manual_seed(manual)
        game = rl.CartPole(seed=seed)
        return [game.reset(2).tolist(), game.reset(2).tolist()]

    assert begins(1, None) == begins(1, None) != begins(2, None)
    assert begins(1, 5) == begins(2, 5)
    first, second = begins(0, 5)
    assert first != second


def test_what_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ArgumentError, match="CartPole: steps is 0"):
        rl.CartPole(0)
    with pytest.raises(ArgumentError, match="step comes after reset"):
        rl.CartPole().step(cr.tensor([0]))
    monkeypatch.setitem(sys.modules, "gymnasium.envs.classic_control.cartpole", None)
    with pytest.raises(ImportError, match=r"pip install 'chainrule\[rl\]'"):
        rl.CartPole()
