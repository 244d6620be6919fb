"""Ranges of givens, and other values drawn from them."""

import random
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.core.errors import ArgumentError
from chainrule.papers import Given, parse
from chainrule.papers.expressions import ExpressionError
from chainrule.papers.ranges import Choices, Span, other, span

PAPER = """---
title: T
---
# 1. Q
```yaml givens
{}
```
```yaml answer
kind: exact
value: k
```
"""


def read(line):
    return parse(PAPER.format(line)).questions[0].givens["k"]


@pytest.mark.parametrize(
    ("text", "first", "last", "step"),
    [
        ("2..9", 2, 9, 1),
        ("-9 .. 9", -9, 9, 1),
        ("2..20 step 2", 2, 20, 2),
        ("0.1..0.9", Fraction(1, 10), Fraction(9, 10), Fraction(1, 10)),
        ("0..0.50", 0, Fraction(1, 2), Fraction(1, 100)),
        ("1/4..3/4 step 1/8", Fraction(1, 4), Fraction(3, 4), Fraction(1, 8)),
    ],
)
def test_spans(text, first, last, step):
    assert span(text) == Span(first, last, step)
    assert span(str(span(text))) == Span(first, last, step)


def test_what_is_no_span():
    assert span("2-9") is None


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("9..2", "the range is empty"),
        ("2..2", "the range is empty"),
        ("2..9 step -1", "the range is empty"),
        ("1/4..3/4", "the range has no step"),
        ("0..10^10", "the range has no step"),
        ("0..10^10 step 1", "the range has too many values"),
        ("a..b", "it is not a fraction of whole numbers"),
        ("2..x step 1", "it is not a fraction of whole numbers"),
    ],
)
def test_spans_that_are_refused(text, fact):
    with pytest.raises(ExpressionError, match=fact):
        span(text)


@given(st.integers(-20, 20), st.integers(1, 20), st.integers(1, 5), st.integers(0, 99))
def test_another_number_lies_in_the_span(first, width, step, seed):
    bounds = Span(first, first + width, step)
    values = list(range(first, first + width + 1, step))
    assert bounds.count == len(values)
    for old in (None, values[0], values[-1]):
        found = bounds.draw(random.Random(seed), old)
        assert found in values
        assert found != old or len(values) == 1


@pytest.mark.parametrize(
    "line",
    [
        "k: {value: 3, range: 2..4}",
        "k: {value: 3, range: [3, 4]}",
        "k: {value: 0.5, range: 0.1..0.9}",
        "k: {value: true, range: [true, false]}",
        "k: {word: tanh, range: [tanh, sigmoid]}",
        "k: {value: [[1, 2], [3, 4]], range: -1..9}",
        "k: {value: [1, 2], range: [1, 2, 3]}",
        "k: {value: [1, 2], range: [1..2, 2..9]}",
        "k: {value: [[1, 2], [3, 4]], range: [[1..2, 2..9], -9..9]}",
        "k: {value: [1, 2], range: [[1, 2], [4, 5, 6]]}",
        "k: {value: sqrt(3), range: [sqrt(2), sqrt(3)]}",
    ],
)
def test_another_value(line):
    given = read(line)
    for seed in range(20):
        found = other(given, random.Random(seed))
        assert found != given.value
        assert found == other(given, random.Random(seed))


def test_entries_keep_to_their_own_ranges():
    given = read("k: {value: [[1, 2], [3, 4]], range: [[1..2, 2..90], [3, 30]]}")
    for seed in range(20):
        (a, b), row = other(given, random.Random(seed))
        assert a in (1, 2)
        assert 2 <= b <= 90
        assert set(row) <= {3, 30}


def test_numbers_for_unknowns():
    assert other(read("k: {symbol: k, range: 1..3}"), random.Random(0)) in (1, 2, 3)
    assert other(read("k: {letter: h, range: [8, 16]}"), random.Random(0)) in (8, 16)
    found = other(read("k: {symbols: [[a, b], [c, d]], range: 1..3}"), random.Random(0))
    assert [len(row) for row in found] == [2, 2]
    assert {entry for row in found for entry in row} <= {1, 2, 3}


def test_a_given_without_a_range_is_fixed():
    with pytest.raises(ArgumentError, match="the given 'k' has no range"):
        other(Given("k", 3, 1), random.Random(0))


def test_ranges_as_text():
    assert str(Choices((1, Fraction(1, 2)))) == "one of 1, 1/2"
    given = read("k: {value: [1, 2], range: [1..2, 2..9]}")
    assert str(given.range) == "[1..2, 2..9]"
    assert 3 in Span(2, 9, 1)
    assert 3 not in Choices((1, 2))
