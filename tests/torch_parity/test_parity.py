"""Every op against PyTorch: what it raises, and structure, types, values and gradients of results.

Rows are in ``rows/``; `engine.compare` is the one comparison; ``open.py`` lists what is not there
or does not agree yet, and each entry fails as soon as it is no longer true.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import chainrule as cr
from tests.torch_parity import documented
from tests.torch_parity.document import UNSUPPORTED, text
from tests.torch_parity.engine import compare, exists
from tests.torch_parity.open import DISAGREES, MISSING, UNNAMED
from tests.torch_parity.rows.all import ROWS
from tests.torch_parity.table import Call, Row

SHARE = settings.default.max_examples / 50 if settings.default else 1
"""Of the quick profile; three hundred rows are many, so each has fewer examples than 50."""
NAMES = list(dict.fromkeys(name for row in ROWS for name in row.names))
PAGE = Path(__file__).parents[2] / "docs" / "pytorch.md"


def present(row: Row) -> tuple[str, ...]:
    return tuple(name for name in row.names if name not in MISSING)


def check(row: Row, examples: int, by_name: bool, known: bool) -> None:
    """Compare in drawn cases; what is known to fail is not searched for its smallest case."""
    names = present(row)

    @st.composite
    def calls(draw: st.DrawFn) -> Call:
        return row.call(lambda n: draw(st.integers(0, n - 1)), names, by_name)

    phases = [Phase.explicit, Phase.generate] if known else list(Phase)[:5]

    @settings(
        max_examples=int(examples * SHARE),
        phases=phases,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(calls())
    def agrees(call: Call) -> None:
        compare(row, call)

    agrees()


def rows(known: dict[str, str]) -> list[object]:
    """The rows with a name that exists, those in ``known`` expected to fail."""
    return [
        pytest.param(row, id=row.id, marks=[pytest.mark.xfail(reason=known[row.id])])
        if row.id in known
        else pytest.param(row, id=row.id)
        for row in ROWS
        if present(row)
    ]


@pytest.mark.parametrize("row", rows(DISAGREES))
def test_agrees(row: Row) -> None:
    check(row, 30, False, row.id in DISAGREES)


@pytest.mark.parametrize("row", rows(UNNAMED))
def test_takes_arguments_by_their_documented_names(row: Row) -> None:
    check(row, 8, True, row.id in UNNAMED)


def test_names() -> None:
    """All names are PyTorch's; ours are there but for those listed, which are not."""
    assert [name for name in NAMES if not exists(torch, name)] == []
    assert [name for name in NAMES if not exists(cr, name)] == sorted(MISSING, key=NAMES.index)


def test_lists_of_open_rows() -> None:
    ids = [row.id for row in ROWS]
    assert len(set(ids)) == len(ids)
    assert {*DISAGREES, *UNNAMED} <= set(ids)


def test_every_documented_argument_is_tried_or_said_to_be_missing() -> None:
    tried: dict[str, set[str]] = {name: set(UNSUPPORTED) for name in NAMES}
    for row in ROWS:
        for name in row.names:
            tried[name] |= row.unsupported.keys()
            for seed in range(30):
                call = row.call(random.Random(seed).randrange, (name,))
                tried[name] |= documented.given(name, call.args, call.kwargs)
    left = {name: documented.arguments(name) - tried[name] for name in NAMES}
    assert {name: parts for name, parts in left.items() if parts} == {}


def test_the_page_says_what_the_table_says() -> None:
    """Written by `python -m tests.torch_parity.document`."""
    assert PAGE.read_text() == text()
