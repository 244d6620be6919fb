"""Examples are programs, not a package: they are loaded from their files, as a user runs them."""

from __future__ import annotations

import runpy
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

import chainrule as cr

FOLDER = Path(__file__).parents[2] / "examples"


@pytest.fixture
def example() -> Callable[[str], SimpleNamespace]:
    """What an example defines, by its name."""
    return lambda name: SimpleNamespace(**runpy.run_path(str(FOLDER / f"{name}.py")))


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """The random numbers of other tests are not moved; PyTorch keeps to one thread, as its threads
    cost such small networks more than they gain."""
    draws, threads = cr.get_rng_state(), torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
    cr.set_rng_state(draws)
