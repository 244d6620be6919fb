"""Arithmetics by name."""

import pytest

import chainrule as cr
from chainrule.core.errors import ArgumentError
from chainrule.papers.arithmetic import arithmetic_of


@pytest.mark.parametrize("name", ["exact", "float64", "float32"])
def test_types_by_name(name: str) -> None:
    found = arithmetic_of(name)
    assert found.dtype is getattr(cr, name)
    assert found.rounding is None
    assert found.exact == (name == "exact")


@pytest.mark.parametrize(
    ("text", "rounding"),
    [
        ("decimal(places=2)", cr.decimal(places=2)),
        ("decimal(figures=3)", cr.decimal(figures=3)),
        ("decimal( places = 2 , mode='half-even')", cr.decimal(places=2, mode="half-even")),
        ('decimal(figures=3, mode="half-up")', cr.decimal(figures=3)),
    ],
)
def test_decimals_by_name(text: str, rounding: object) -> None:
    found = arithmetic_of(text)
    assert (found.rounding, found.dtype) == (rounding, cr.float64)


@pytest.mark.parametrize(
    ("text", "mode"),
    [("decimal(places=2)", "half-even"), ("decimal(places=2, mode='half-up')", "half-up")],
)
def test_halves_go_where_the_convention_says_unless_the_arithmetic_does(
    text: str, mode: str
) -> None:
    rounding = arithmetic_of(text, "half-even").rounding
    assert rounding is not None
    assert rounding.mode == mode


@pytest.mark.parametrize(
    "text", ["float63", "", "decimal", "decimal(2)", "decimal(places=2", "Exact"]
)
def test_what_is_no_arithmetic_is_refused(text: str) -> None:
    with pytest.raises(ArgumentError, match="there is no arithmetic") as caught:
        arithmetic_of(text)
    assert "decimal(places=2)" in str(caught.value.expected)
