"""Sizes against Python's own integers, their normal forms, what they decide and how they read."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from chainrule.core.errors import ArgumentError, ChainruleError
from chainrule.core.size import (
    AnySize,
    Size,
    UndecidedSize,
    bounds,
    ceil_div,
    decide_equal,
    prod,
    smax,
    smin,
)

B, C, h, k, s, w = (Size.symbol(name) for name in "BChksw")
p = Size.symbol("p", lower=0)

# Two-argument functions that work on ints and Sizes alike.
BINARY: list[Callable[[AnySize, AnySize], AnySize]] = [
    lambda a, b: a + b,
    lambda a, b: a - b,
    lambda a, b: a * b,
    lambda a, b: a // b,
    lambda a, b: a % b,
    ceil_div,
    smax,
    smin,
]
RELATIONS: list[Callable[[AnySize, AnySize], bool]] = [
    lambda a, b: a < b,
    lambda a, b: a <= b,
    lambda a, b: a > b,
    lambda a, b: a >= b,
    decide_equal,
]

# A recipe builds the same expression from Sizes and from ints: a leaf, or (function, left, right).
leaves = st.sampled_from(["B", "C", "h"]) | st.integers(-6, 6)
recipes = st.recursive(
    leaves, lambda inner: st.tuples(st.sampled_from(BINARY), inner, inner), max_leaves=7
)
values = st.fixed_dictionaries({name: st.integers(1, 9) for name in ("B", "C", "h")})
SYMBOLS = {"B": B, "C": C, "h": h}


def build(recipe, leaf: dict[str, AnySize]) -> AnySize:
    if isinstance(recipe, tuple):
        function, left, right = recipe
        return function(build(left, leaf), build(right, leaf))
    return leaf[recipe] if isinstance(recipe, str) else recipe


def built(recipe) -> AnySize:
    """The expression of Sizes; a division by a size that is 0 tells nothing."""
    try:
        return build(recipe, SYMBOLS)
    except ZeroDivisionError:
        assume(False)
        raise


def at(recipe, numbers: dict[str, int]) -> int:
    """The expression of ints, by Python's own arithmetic."""
    try:
        return build(recipe, numbers)
    except ZeroDivisionError:
        assume(False)
        raise


def put(size: AnySize, numbers: dict[str, AnySize]) -> AnySize:
    return size.substitute(numbers) if isinstance(size, Size) else size


@given(recipes, values)
@settings(max_examples=150, deadline=None)
def test_substitution_agrees_with_python(recipe, numbers):
    expected, size = at(recipe, numbers), built(recipe)
    result = put(size, numbers)
    assert type(result) is int
    assert result == expected


@given(recipes, values)
@settings(max_examples=75, deadline=None)
def test_bounds_hold(recipe, numbers):
    low, high = bounds(built(recipe))
    value = at(recipe, numbers)
    assert low is None or low <= value
    assert high is None or value <= high


@given(recipes, recipes, values)
@settings(max_examples=75, deadline=None)
def test_what_is_decided_is_true(left, right, numbers):
    a, b = built(left), built(right)
    for relation in RELATIONS:
        try:
            decided = relation(a, b)
        except UndecidedSize:
            continue
        assert decided == relation(at(left, numbers), at(right, numbers))


@given(recipes, recipes, recipes)
@settings(max_examples=50, deadline=None)
def test_ring_laws_are_structural(x, y, z):
    a, b, c = built(x), built(y), built(z)
    assert a + b == b + a
    assert (a + b) + c == a + (b + c)
    assert a * b == b * a
    assert a * (b + c) == a * b + a * c
    assert a - a == 0
    assert hash(a * b) == hash(b * a)


@given(recipes, values)
@settings(max_examples=50, deadline=None)
def test_substitution_in_steps(recipe, numbers):
    size = built(recipe)
    expected = at(recipe, {**numbers, "C": numbers["C"] + 2})
    partly = put(size, {"B": numbers["B"], "C": C + 2})
    assert put(partly, numbers) == expected


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ((B + 1) * (B + 1), B * B + 2 * B + 1),
        (B**3, B * B * B),
        (2 * B // 2, B),
        ((4 * B + 2) // 4, B),
        (6 * B // 4, 3 * B // 2),
        ((4 * B + 2 * C + 3) // 4, B + (C + 1) // 2),
        (h // 2 // 3, h // 6),
        ((h // s + 1) // s, (h + s) // (s * s)),
        (ceil_div(ceil_div(h, 2), 2), ceil_div(h, 4)),
        (-(-h // 2), (h + 1) // 2),
        ((h - 1) // 2 + 1, (h + 2 - 1) // 2),
        (B * C // C, B),
        ((B * B - 1) // (B + 1), B - 1),
        (B * C // (B * h), C // h),
        ((h - k + s) // s, (h - k) // s + 1),
        (h // -s, -h // s),
        (B // (B + 1), 0),
        (-B // (B + 1), -1),
        (B % B, 0),
        ((2 * B + 1) % 2, 1),
        (B % 3 // 3, 0),
        (h % s, h - s * (h // s)),
        (7 % B, 7 - B * (7 // B)),
        (smax(B, 1), B),
        (smin(B, 1), 1),
        (smax(p, 1) - smax(p, 1), 0),
        (smax(B + 1, C + 1), smax(C, B) + 1),
        (smax(2 * B, 2 * C), 2 * smax(B, C)),
        (smax(smax(B, h), C), smax(B, smax(h, C))),
        (smax(-B, -C), -smin(B, C)),
        (smin(B, B + C, C), smin(B, C)),
        (prod([2, B, 3, C]), 6 * B * C),
        (-B + B, 0),
        (B**0, 1),
    ],
)
def test_one_normal_form(left, right):
    assert left == right
    assert Size.same(left, right)
    assert hash(left) == hash(right)
    assert type(left) is type(right)


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (2 * B + 1, "2*B + 1"),
        (1 - B, "1 - B"),
        (-B, "-B"),
        (B * B * C - 3, "B**2*C - 3"),
        ((h + 2 * p - k) // s + 1, "floor((h + 2*p - k)/s) + 1"),
        ((w - k) // s + 1, "floor((w - k)/s) + 1"),
        ((h + 2 - 3) // 2 + 1, "floor((h + 1)/2)"),
        ((h - 3) // 2 + 1, "floor((h - 1)/2)"),
        (h // (2 * s), "floor(h/(2*s))"),
        (smax(B, C), "max(B, C)"),
        (smax(0, h - k), "max(h - k, 0)"),
        (2 * smin(B, C, 3), "2*min(B, C, 3)"),
        (B * (h // 2), "B*floor(h/2)"),
    ],
)
def test_reads_as_on_paper(size, text):
    assert str(size) == repr(size) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (2 * B * B + 1, r"2 \, B^{2} + 1"),
        ((h - k) // s + 1, r"\left\lfloor \frac{h - k}{s} \right\rfloor + 1"),
        (smax(B, C), r"\max\left(B, C\right)"),
        (Size.symbol("h_in") * Size.symbol("batch"), r"\mathrm{batch} \, h_{\mathrm{in}}"),
    ],
)
def test_latex(size, text):
    assert size.latex() == text


@pytest.mark.parametrize(
    ("claim", "answer"),
    [
        (lambda: B > 0, True),
        (lambda: p > 0, None),
        (lambda: p >= 0, True),
        (lambda: B * C >= B, True),
        (lambda: B < B + C, True),
        (lambda: B <= C, None),
        (lambda: B > 3, None),
        (lambda: B // 2 <= B, True),
        (lambda: B % 4 < 4, True),
        (lambda: B // 2 >= 0, True),
        (lambda: h // s <= h, True),
        (lambda: (h - k) // s >= 0, None),
        (lambda: smax(B, C) >= C, True),
        (lambda: smin(B, C) <= C, True),
        (lambda: smax(B, C) < B + C, True),
        (lambda: smin(B, C) > 0, True),
        (lambda: bool(B), True),
        (lambda: bool(p), None),
        (lambda: decide_equal(B, B), True),
        (lambda: decide_equal(B, B + 1), False),
        (lambda: decide_equal(B, 0), False),
        (lambda: decide_equal(2 * B, 2 * C + 1), False),
        (lambda: decide_equal(B, C), None),
        (lambda: decide_equal(B, 32), None),
        (lambda: decide_equal((h - k) // 2 + k, (h + k) // 2), True),
        (lambda: decide_equal(h - h // 2, (h + 1) // 2), True),
        (lambda: decide_equal(3, 3), True),
    ],
)
def test_decisions(claim, answer):
    if answer is None:
        with pytest.raises(UndecidedSize):
            claim()
    else:
        assert claim() is answer


def test_undecided_says_both_sides_and_the_difference():
    with pytest.raises(UndecidedSize) as caught:
        decide_equal(B + 1, p)
    assert isinstance(caught.value, ChainruleError)
    assert isinstance(caught.value, ValueError)
    lines = str(caught.value).splitlines()
    assert lines.pop(3).endswith("decide_equal(B + 1, p)")  # the line of the caller
    assert lines == [
        "cannot decide whether B + 1 == p",
        "  got       B + 1 and p, whose difference is B - p + 1",
        "  expected  one answer for all B >= 1, p >= 0",
        "  hint      put numbers in with substitute, or give equal sizes one name",
    ]


def test_equality_is_structural_and_never_raises():
    assert B != C
    assert B != 3
    assert B != "B"
    assert not Size.same(B, C)
    assert {B: 1, C: 2, B + C: 3}[C + B] == 3


@pytest.mark.parametrize(
    ("act", "error", "text"),
    [
        (lambda: int(B), TypeError, "the size B is not a number yet\n.*substitute"),
        (lambda: range(B + 1), TypeError, r"the size B \+ 1 is not a number yet"),
        (lambda: B // 0, ZeroDivisionError, "B is divided by a size that is 0"),
        (lambda: (h // s - h).substitute({"s": C - C}), ArgumentError, "s is declared to be at"),
        (
            lambda: B.substitute({"B": 0}),
            ArgumentError,
            r"at least 1\n  got       B = 0\n  at .*\n.*lower=0",
        ),
        (lambda: B.substitute({"B": -C}), ArgumentError, "got       B = -C"),
        (lambda: Size.symbol("two words"), ArgumentError, "needs a name"),
        (lambda: Size.symbol("B", lower=-1), ArgumentError, "lower=-1"),
        (lambda: B**-1, ArgumentError, "no negative powers"),
        (lambda: B / 2, TypeError, "unsupported operand"),
        (lambda: B + 0.5, TypeError, "unsupported operand"),
    ],
)
def test_errors_teach(act, error, text):
    with pytest.raises(error, match=text):
        act()


def test_a_size_that_may_be_zero():
    out = (h + 2 * p - k) // s + 1
    assert out.substitute({"h": 32, "p": 0, "k": 3, "s": 2}) == 15
    assert out.substitute({"p": 1, "k": 3, "s": 2}) == (h + 1) // 2
    assert out.symbols() == {"h", "p", "k", "s"}


def test_numbers_stay_plain_ints():
    for result in (ceil_div(7, 2), smax(1, 4), smin(4, 9), prod([2, 2]), prod([]), B - B + 4):
        assert type(result) is int


def test_numpy_integers_are_integers():
    assert np.int64(3) * B == B * np.int64(3) == 3 * B
    assert (7 + B) // np.int32(7) == 1 + B // 7
    assert isinstance(np.int64(3) + B, Size)


@pytest.mark.parametrize("twin", [copy.deepcopy, lambda size: pickle.loads(pickle.dumps(size))])
def test_copies_are_equal(twin):
    size = smax((h - k) // s, B) % 3
    assert twin(size) == size
    assert hash(twin(size)) == hash(size)
