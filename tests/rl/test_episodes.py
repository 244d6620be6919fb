"""Episodes: sizes that go together, masks, weights."""

from __future__ import annotations

from typing import Any

import pytest

import chainrule as cr
from chainrule import rl
from chainrule.core.errors import ArgumentError, ShapeError

GOOD = {"states": cr.zeros(2, 3, 4), "actions": cr.zeros(2, 3), "rewards": cr.ones(2, 3)}
SHORT = cr.tensor([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0]])


def test_the_mask_ends_an_episode() -> None:
    episodes = rl.Episodes(**GOOD, mask=SHORT)
    assert (len(episodes), episodes.lengths.tolist()) == (2, [2, 3])
    assert episodes.returns().tolist() == [2, 3]
    assert episodes.returns(0.5).tolist() == [1.5, 1.75]


def test_weights_make_a_mean_an_expected_value() -> None:
    x = cr.tensor([[1.0, 2.0], [5.0, 6.0]])
    assert rl.Episodes(**GOOD).mean(x).tolist() == [3, 4]
    weighed = rl.Episodes(**GOOD, weights=cr.tensor([0.25, 0.75]))
    assert weighed.mean(x).tolist() == [4, 5]
    assert weighed.mean(x[:, 0]).item() == 4


@pytest.mark.parametrize(
    ("other", "error", "words"),
    [
        ({"states": cr.zeros(3, 4)}, ShapeError, "states of episodes do not go with their rewards"),
        ({"actions": cr.zeros(2)}, ShapeError, "actions of episodes do not go"),
        ({"rewards": cr.zeros(3)}, ShapeError, "do not go with their rewards"),
        ({"mask": cr.zeros(2, 2)}, ShapeError, "mask of episodes do not go"),
        ({"rewards": [[1.0]]}, ArgumentError, "are a tensor, not list"),
        ({"mask": True}, ArgumentError, "mask of episodes are a tensor, not bool"),
        ({"weights": cr.ones(3)}, ShapeError, r"2 episodes with weights of shape \(3,\)"),
    ],
)
def test_what_is_refused(other: dict[str, Any], error: type, words: str) -> None:
    with pytest.raises(error, match=words):
        rl.Episodes(**GOOD | other)
