"""REINFORCE balances the pole."""

from __future__ import annotations

import time
from typing import Any

import pytest

pytest.importorskip("gymnasium")


def test_a_few_rounds(example: Any, capsys: pytest.CaptureFixture[str]) -> None:
    mean = example("cartpole").main(seed=3, rounds=2)
    assert 9 < mean < 100
    assert f"seed 3: 2 rounds, then {mean:.1f} steps of 200" in capsys.readouterr().out


@pytest.mark.slow
def test_195_steps_on_three_seeds_in_five_minutes(example: Any) -> None:
    module, begin = example("cartpole"), time.perf_counter()
    means = [module.main(seed) for seed in range(3)]
    assert min(means) >= 195, means
    assert time.perf_counter() - begin < 300
