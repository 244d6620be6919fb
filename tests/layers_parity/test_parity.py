"""Every layer against PyTorch, with its weights: what is refused, results, gradients of inputs and
parameters, buffers afterwards, in training and evaluation, eager and compiled.

Rows are in ``families/``; `comparing.compare` is the one comparison; ``open.py`` lists what is not
there or does not agree yet, and each entry fails as soon as it is no longer true.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import chainrule as cr
from tests.layers_parity import elsewhere
from tests.layers_parity.comparing import compare
from tests.layers_parity.document import text
from tests.layers_parity.engine import exists
from tests.layers_parity.families.all import ROWS
from tests.layers_parity.open import DISAGREES, MISSING
from tests.layers_parity.table import Case, Row

EXAMPLES = 25
SHARE = settings.default.max_examples / 50 if settings.default else 1
"""Of the quick profile, which has 50."""
NAMES = list(dict.fromkeys(name for row in ROWS for name in row.names))
PAGE = Path(__file__).parents[2] / "docs" / "layers.md"


def present(row: Row) -> tuple[str, ...]:
    return tuple(name for name in row.names if name not in MISSING)


def check(row: Row, examples: int, known: bool) -> None:
    """Compare in drawn cases; what is known to fail is not searched for its smallest case."""
    names = present(row)

    @st.composite
    def cases(draw: st.DrawFn) -> Case:
        return row.case(lambda n: draw(st.integers(0, n - 1)), names)

    phases = [Phase.explicit, Phase.generate] if known else list(Phase)[:5]

    @settings(
        max_examples=int(examples * SHARE),
        phases=phases,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(cases())
    def agrees(case: Case) -> None:
        compare(row, case)

    agrees()


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(
            row,
            id=row.id,
            marks=[pytest.mark.xfail(reason=DISAGREES[row.id])] if row.id in DISAGREES else [],
        )
        for row in ROWS
        if present(row)
    ],
)
def test_agrees(row: Row) -> None:
    check(row, EXAMPLES, row.id in DISAGREES)


def test_names() -> None:
    """All names are PyTorch's; ours are there but for those listed, which are not."""
    assert [name for name in NAMES if not exists(torch, name)] == []
    assert [name for name in NAMES if not exists(cr, name)] == sorted(MISSING, key=NAMES.index)


def test_lists_of_open_rows() -> None:
    ids = [row.id for row in ROWS]
    assert len(set(ids)) == len(ids)
    assert set(ids) >= DISAGREES.keys()


def test_every_layer_of_pytorch_is_in_the_table_or_said_to_be_elsewhere() -> None:
    """A new layer of PyTorch's, or one that somebody forgot, is found here."""
    known = {*NAMES, *elsewhere.TESTED, *elsewhere.ABSENT}
    assert sorted((elsewhere.layers() | elsewhere.functions()) - known) == []
    assert sorted({*elsewhere.TESTED, *elsewhere.ABSENT} & set(NAMES)) == []
    assert [name for name in elsewhere.TESTED if not exists(cr, name)] == []
    assert [name for name in elsewhere.ABSENT if exists(cr, name)] == []


def test_every_documented_argument_is_tried_or_said_to_be_missing() -> None:
    tried: dict[str, set[str]] = {name: set() for name in NAMES}
    for row in ROWS:
        for name in row.names:
            tried[name] |= row.unsupported.keys()
            for seed in range(60):
                case = row.case(random.Random(seed).randrange, (name,))
                tried[name] |= elsewhere.given(case)
    left = {name: elsewhere.arguments(name) - tried[name] for name in NAMES}
    assert {name: parts for name, parts in left.items() if parts} == {}


def test_the_page_says_what_the_table_says() -> None:
    """Written by `python -m tests.layers_parity.document`."""
    assert PAGE.read_text() == text()
