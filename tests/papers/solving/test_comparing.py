"""Computed answers beside published ones."""

from fractions import Fraction
from typing import Any

import pytest
import sympy

from chainrule import Size
from chainrule.papers.paper import Asked
from chainrule.papers.solving import comparing
from chainrule.papers.solving.comparing import Comparison

X, W = sympy.Symbol("x", real=True), sympy.Symbol("w", positive=True)
F = sympy.Function("σ'")
B = Size.symbol("B")
A, D, NEITHER = "agrees", "differs", ""


def said(kind: str, found: Any, published: Any, **told: Any) -> str:
    return Comparison(Asked(kind, 1, **told)).compare(found, published).word


@pytest.mark.parametrize(
    ("found", "published", "told", "word"),
    [
        (2.489249, "2.48", {"decimals": 2}, D),
        (2.489249, "2.49", {"decimals": 2}, A),
        (2.489249, "2.5", {}, A),
        (2.489249, "2.5", {"decimals": 2}, D),
        (0.5, "0.50", {}, A),
        (0.285, "0.29", {}, A),
        (-0.125, "-0.13", {}, A),
        (1.0000000001, "1", {}, A),
        (1.2, "1", {}, D),
        (1.2, "1", {"decimals": 0}, A),
        (0.66667, "2/3", {}, D),
        (2 / 3, "2/3", {}, A),
        (3.14159265358979, "pi", {}, A),
        (72855552, "72.8M", {"unit": "M"}, D),
        (72855552, "72.9M", {"unit": "M"}, A),
        (72855552, "72.9 M", {}, A),
        (72855552, "72.9", {"unit": "M", "decimals": 1}, A),
        (123456, "123,000", {"figures": 3}, A),
        (123456, "124,000", {"figures": 3}, D),
        (1e-3, "1e-3", {}, A),
        (0.0123, "1.2e-2", {}, A),
        (9.81, "9.8", {"tolerance": Fraction(1, 20)}, A),
        (9.9, "9.8", {"tolerance": Fraction(1, 20)}, D),
        (float("nan"), "1", {}, D),
        (float("inf"), "1.0", {}, D),
        (Fraction(1, 3), "0.33", {}, A),
        (Fraction(1, 3), "0.34", {}, D),
        ([0.5, 1.5], ["0.5", "1.5"], {}, A),
        ([0.5, 1.5], ["0.5", "1.6"], {}, D),
        ([0.5, 1.5], ["0.5"], {}, D),
        (0.5, ["0.5"], {}, D),
        (0.1155, 0.1, {}, A),
    ],
)
def test_numbers(found: Any, published: Any, told: dict, word: str) -> None:
    assert said("numeric", found, published, **told) == word


@pytest.mark.parametrize(
    ("kind", "found", "published", "word"),
    [
        ("exact", Fraction(1, 10), "0.1", A),
        ("exact", sympy.sqrt(75) / 75, "0.1", D),
        ("exact", sympy.sqrt(2) / 2, "sqrt(2)/2", A),
        ("exact", sympy.sqrt(2) / 2, "1/sqrt(2)", A),
        ("exact", sympy.sqrt(2) / 2, "0.71", A),
        ("exact", sympy.sqrt(2) / 2, "0.70", D),
        ("exact", 4, "2^2", A),
        ("exact", Fraction(1, 2), "1/3", D),
        ("exact", sympy.exp(6), "403.43", A),
        ("symbolic", X**2 - 1, "(x - 1)(x + 1)", A),
        ("symbolic", X**2 - 1, "x^2 + 1", D),
        ("symbolic", sympy.sin(X) ** 2, "1 - cos(x)^2", A),
        ("symbolic", 9 * X / 10, "0.9x", A),
        ("symbolic", X, "y = x", A),
        ("symbolic", W * F(W * X), "w*sigma'(x*w)", A),
        ("symbolic", W * F(W * X), "w*σ'(x + w)", D),
        ("symbolic", W * F(2 * (X + 1)), "w*σ'(2x + 2)", A),
        ("symbolic", W * F(X), "w*σ'(x", NEITHER),
        ("symbolic", X + 1, "as above", NEITHER),
        ("symbolic", [X, 2 * X], ["x", "x + x"], A),
        ("count", 23296, "23,296", A),
        ("count", 23296, "23297", D),
        ("count", 54, "54 bytes", A),
        ("count", 20 * B + 20, "20*(B + 1)", A),
        ("count", 20 * B + 20, "20B", D),
        ("shape", [B, 64, 56], ["B", "64", "56"], A),
        ("shape", [8, 30, 30], "(8, 30, 30)", A),
        ("shape", [8, 30, 30], ["8", "30", "31"], D),
        ("matrix", [[1, Fraction(1, 2)], [0, 2]], [["1", "0.5"], ["0", "2"]], A),
        ("matrix", [[1, 2]], [["1", "2"], ["3", "4"]], D),
        ("exact", {"a": 1, "b": 2}, {"a": "1", "b": "2"}, A),
        ("exact", {"a": 1, "b": 2}, {"a": "1"}, A),
        ("exact", {"a": 1, "b": 2}, {"a": "1", "b": "3"}, D),
        ("exact", {"a": 1}, {"c": "1"}, NEITHER),
        ("exact", {"a": 1, "b": 2}, "3", NEITHER),
        ("exact", {"a": 1, "b": 2}, ["1", "2"], A),
        ("exact", 1, {"a": "1"}, NEITHER),
        ("exact", "tanh", "Tanh", A),
        ("exact", "tanh", "relu", D),
        ("exact", True, True, A),
        ("exact", True, False, D),
        ("exact", None, "1", NEITHER),
        ("choice", "B", "B", A),
        ("choice", "none of the options", "B", D),
        ("choice", ["A", "C"], "C, A", A),
        ("choice", ["A", "C"], ["A", "C"], A),
        ("choice", ["A", "C"], "A", D),
        ("truefalse", "T", "T", A),
        ("truefalse", "F", True, D),
        ("truefalse", {"a": "T", "b": "F"}, {"a": True, "b": "false"}, A),
        ("code", "return x", "return  x", A),
        ("code", "return x", "return y", NEITHER),
        ("proof", {"x is 1": True}, "obvious", NEITHER),
    ],
)
def test_other_kinds(kind: str, found: Any, published: Any, word: str) -> None:
    more = {"unit": "bytes"} if "bytes" in str(published) else {}
    assert said(kind, found, published, **more) == word


@pytest.mark.parametrize(
    ("kind", "found", "published", "because"),
    [
        ("numeric", 2.489, "2.48", "2.49 is computed"),
        ("exact", [1, 2], ["1", "3"], "entry 2: 2 is computed"),
        ("exact", {"a": 1}, {"a": "2"}, "a: 1 is computed"),
        (
            "matrix",
            [[1, 2], [3, 4]],
            [["1", "2"], ["0", "5"]],
            "entry 2, 1: 3 is computed; entry 2, 2: 4 is computed",
        ),
        ("exact", [1], ["1", "3"], "there are 1 entries, and 2 printed"),
        ("code", "a", "b", "texts are for a reader to compare"),
        ("symbolic", X, "as above", "as above is not read as a formula"),
        ("numeric", 0.5, "0,6", "0,6 is not read as a formula; decimals have a point"),
        ("choice", ["A", "C"], ["B"], "A, C is computed"),
    ],
)
def test_why(kind: str, found: Any, published: Any, because: str) -> None:
    assert Comparison(Asked(kind, 1)).compare(found, published).because == because


def test_halves_go_to_the_even_digit_where_that_is_the_convention() -> None:
    asked = Asked("numeric", 1, decimals=1)
    found = [Comparison(asked, "float64", mode).compare(0.25, "0.3").word
             for mode in ("half-up", "half-even")]  # fmt: skip
    assert found == ["agrees", "differs"]


def test_floats_of_32_bits_are_compared_with_their_own_precision() -> None:
    found = float(sympy.Float(2 / 3, 7))
    words = [Comparison(Asked("numeric", 1), name).compare(found, "2/3").word
             for name in ("float32", "float64")]  # fmt: skip
    assert words == ["agrees", "differs"]


def test_formulas_of_a_part_have_a_time_together(monkeypatch: pytest.MonkeyPatch) -> None:
    asked_for: list[float] = []

    def slow(one: Any, another: Any, seconds: float) -> None:
        asked_for.append(seconds)

    monkeypatch.setattr(comparing, "equal", slow)
    comparison = Comparison(Asked("symbolic", 1))
    comparison.left = -1
    found = comparison.compare([X, X], ["x", "2x"])
    assert (found.word, asked_for) == (NEITHER, [comparing.LEAST] * 2)
    told = [f"entry {i}: whether it equals x is not decided" for i in (1, 2)]
    assert found.because == "; ".join(told)


def test_words_agree_where_the_claims_hold_that_they_make() -> None:
    asked = Asked("explanation", 1, claims={}, means=("equal", "small"))
    comparison = Comparison(asked)
    found = {"equal": True, "small": True, "else": False}
    assert comparison.compare(found, "they are small, and equal").word == A
    told = comparison.compare(found | {"small": False}, "they are small, and equal")
    assert (told.word, told.because) == (D, "this is false: small")
