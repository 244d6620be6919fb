"""The GAN on a ring covers all modes, and collapses where it is told to."""

from __future__ import annotations

from typing import Any

import pytest


def test_a_few_steps(example: Any) -> None:
    module = example("gan_ring")
    found = module.modes(module.train(0, steps=3))
    assert found.covered == 0 and len(found.counts) == 8


@pytest.mark.slow
def test_eight_of_eight_modes_in_four_of_five_seeds(example: Any) -> None:
    module = example("gan_ring")
    covered = [module.modes(module.train(seed, **module.GOOD)).covered for seed in range(5)]
    assert sum(count == 8 for count in covered) >= 4, covered


@pytest.mark.slow
def test_the_bad_setting_collapses(example: Any) -> None:
    module = example("gan_ring")
    covered = [module.modes(module.train(seed, **module.BAD)).covered for seed in range(3)]
    assert max(covered) <= 4, covered
