"""Arithmetics by name."""

import pytest

import chainrule as cr
from chainrule.core.errors import ArgumentError
from chainrule.papers.solving.arithmetic import arithmetic_of


@pytest.mark.parametrize("name", ["exact", "float64", "float32"])
def test_types_by_name(name: str) -> None:
    found = arithmetic_of(name)
    assert found.dtype is getattr(cr, name)
    assert not found.rounds
    assert found.exact == (name == "exact")


@pytest.mark.parametrize(
    ("text", "places", "figures", "mode"),
    [
        ("decimal(places=2)", 2, None, None),
        ("decimal(figures=3)", None, 3, None),
        ("decimal( places = 2 , mode='half-even')", 2, None, "half-even"),
        ('decimal(figures=3, mode="half-up")', None, 3, "half-up"),
    ],
)
def test_decimals_by_name(text: str, places: int, figures: int, mode: str) -> None:
    found = arithmetic_of(text)
    assert (found.places, found.figures, found.mode, found.rounds) == (places, figures, mode, True)


@pytest.mark.parametrize(
    "text", ["float63", "", "decimal", "decimal(2)", "decimal(places=2", "Exact"]
)
def test_what_is_no_arithmetic_is_refused(text: str) -> None:
    with pytest.raises(ArgumentError, match="there is no arithmetic") as caught:
        arithmetic_of(text)
    assert "decimal(places=2)" in str(caught.value.expected)
