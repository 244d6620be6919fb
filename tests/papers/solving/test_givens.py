"""Other values for givens, of the same form."""

from fractions import Fraction
from typing import Any

import pytest

from chainrule.core.errors import ArgumentError
from chainrule.papers.expressions import parse
from chainrule.papers.solving.givens import other
from tests.papers.solving.made import given


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        (3, 5, 5),
        (3, 0.1, Fraction(1, 10)),
        (Fraction(1, 2), 2.0, 2),
        (parse("sqrt(2)"), 3, 3),
        (3, parse("sqrt(2)"), parse("sqrt(2)")),
        (True, False, False),
        ("tanh", "relu", "relu"),
        ([[1, 2], [3, 4]], ((0, 1), (0.5, 2)), [[0, 1], [Fraction(1, 2), 2]]),
    ],
)
def test_values(before: Any, value: Any, after: Any) -> None:
    assert other(given("k", before), value).value == after


@pytest.mark.parametrize(
    ("form", "before", "value", "after"),
    [("symbol", "g", 0.5, Fraction(1, 2)), ("symbols", ["x", "y"], [1, 2], [1, 2]),
     ("symbols", [["a"], ["b"]], [[1], [2]], [[1], [2]])],
)  # fmt: skip
def test_numbers_in_the_place_of_symbols(form: str, before: Any, value: Any, after: Any) -> None:
    found = other(given("g", before, form), value)
    assert (found.form, found.value) == ("tensor", after)


def test_a_size_in_the_place_of_a_letter() -> None:
    found = other(given("h", "h", "letter"), 5)
    assert (found.form, found.value) == ("value", 5)


@pytest.mark.parametrize(
    ("before", "value", "form", "expected"),
    [
        (3, "x", "value", "a number"),
        (3, True, "value", "a number"),
        (3, [3], "value", "a number"),
        (3, float("nan"), "value", "a number"),
        (True, 1, "value", "true or false"),
        ("tanh", 1, "value", "a word"),
        ([1, 2], [1, 2, 3], "value", "a list of 2 entries"),
        ([1, 2], 3, "value", "a list of 2 entries"),
        ([1, 2], [1, [2]], "value", "a number"),
        ("g", "h", "symbol", "a number"),
        (["x", "y"], [1], "symbols", "a list of 2 entries"),
        (["x", "y"], 1, "symbols", "a list of 2 entries"),
        ("h", 0, "letter", "a size: a whole number from 1"),
        ("h", 1.5, "letter", "a size: a whole number from 1"),
    ],
)
def test_values_of_another_form_are_refused(
    before: Any, value: Any, form: str, expected: str
) -> None:
    with pytest.raises(ArgumentError, match="k cannot be") as caught:
        other(given("k", before, form), value)
    assert caught.value.expected == expected
