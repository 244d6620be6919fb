"""Published answers, read as they are printed."""

from fractions import Fraction
from typing import Any

import pytest

from chainrule.papers.expressions import parse
from chainrule.papers.solving.printed import Printed, printed, scale_of


@pytest.mark.parametrize(
    ("text", "value", "decimals", "figures"),
    [
        ("2.50", Fraction(5, 2), 2, 3),
        ("-0.9598", Fraction(-9598, 10000), 4, 4),
        ("1,814,073,344", 1814073344, 0, 10),
        ("72.8M", 72800000, 1, 3),
        ("1.1 k", 1100, 1, 2),
        ("3e-4", Fraction(3, 10000), 4, 1),
        ("−5", -5, 0, 1),
        ("12%", Fraction(12, 100), 0, 2),
        ("2 KiB", 2048, 0, 1),
    ],
)
def test_numbers(text: str, value: Fraction, decimals: int, figures: int) -> None:
    found = printed(text)
    assert isinstance(found, Printed)
    assert (found.value, found.decimals, found.figures) == (value, decimals, figures)


@pytest.mark.parametrize(
    ("published", "read"),
    [
        (7, Printed("7")),
        (0.5, Printed("0.5")),
        (True, True),
        (None, None),
        ("x + 1", parse("x + 1")),
        ("y = x", parse("x")),
        ("[1, x]", [Printed("1"), parse("x")]),
        ("no formula at all", "no formula at all"),
        ({"a": "1"}, {"a": Printed("1")}),
        (Fraction(1, 3), parse("1/3")),
        ("12 green bottles!", "12 green bottles!"),
    ],
)
def test_other_things(published: Any, read: Any) -> None:
    assert printed(published) == read


def test_a_unit_scales_what_has_none_of_its_own() -> None:
    assert printed("72.8", "M").value == 72800000
    assert printed("72.8k", "M").value == 72800
    assert printed("54 bytes", "bytes").value == 54
    assert scale_of("M FLOPs") == 10**6
