"""No reading knows an op by name: with all ops renamed at random, every reading still works."""

from __future__ import annotations

import random
import string
from collections.abc import Iterator

import pytest

from chainrule.core.op import registry
from tests.registry import decimals  # noqa: F401  a reading more
from tests.registry.graphs import READINGS, captured
from tests.registry.sampling import cases, sample


@pytest.fixture
def renamed(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """All ops under random words; the new name of each old one."""
    draw = random.Random(0)
    before = dict(registry)
    words = {name: "".join(draw.choices(string.ascii_lowercase, k=12)) for name in before}
    registry.clear()
    for name, op in before.items():
        monkeypatch.setattr(type(op), "name", words[name])
        registry[words[name]] = op
    yield words
    registry.clear()
    registry.update(before)


@pytest.mark.parametrize("reading", READINGS)
def test_readings_know_no_names(reading: str, renamed: dict[str, str]) -> None:
    for _, op, example in cases():
        case = sample(op, example)
        READINGS[reading](captured(case), case)


def test_the_names_are_gone(renamed: dict[str, str]) -> None:
    assert not renamed.keys() & registry.keys()
