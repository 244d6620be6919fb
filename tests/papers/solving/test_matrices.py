"""Published formulas of vectors and matrices."""

from typing import Any

import pytest
import sympy

from chainrule.papers.expressions import ExpressionError, parse
from chainrule.papers.paper import Asked
from chainrule.papers.solving.comparing import Comparison
from chainrule.papers.solving.matrices import Misfit, entries_of, matrix_of

NAMES = "d1 d2 x1 x2 x3 W1_1 W1_2 W2_1 W2_2 W3_1 W3_2 beta"
SYMBOLS: dict[str, Any] = {name: sympy.Symbol(name, real=True) for name in NAMES.split()}
d1, d2, x1, x2, x3, *W, beta = SYMBOLS.values()


def read(text: str) -> Any:
    return entries_of(matrix_of(parse(text), SYMBOLS))


def test_a_letter_stands_for_what_is_numbered_after_it() -> None:
    assert read("d") == [d1, d2]
    assert read("W^T") == [[W[0], W[2], W[4]], [W[1], W[3], W[5]]]
    assert read("-2d/3 + d") == [d1 / 3, d2 / 3]
    assert read("beta*W - W*beta") == [[0, 0]] * 3
    assert read("W^T*x") == [
        W[0] * x1 + W[2] * x2 + W[4] * x3,
        W[1] * x1 + W[3] * x2 + W[5] * x3,
    ]
    assert read("x*d^T") == [[x * d for d in (d1, d2)] for x in (x1, x2, x3)]


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("x + d", "a matrix of 3 × 1 and a matrix of 2 × 1 have no sum"),
        ("d*x^T - W", "a matrix of 2 × 3 and a matrix of 3 × 2 have no difference"),
        ("x*d", "a matrix of 3 × 1 and a matrix of 2 × 1 have no product"),
        ("d + 1", "a matrix of 2 × 1 and a number have no sum"),
    ],
)
def test_shapes_that_do_not_fit_are_told(text: str, fact: str) -> None:
    with pytest.raises(Misfit) as told:
        matrix_of(parse(text), SYMBOLS)
    assert told.value.fact == fact


@pytest.mark.parametrize("text", ["q*d", "sqrt(q)*d", "d/z"])
def test_a_letter_that_is_not_known_is_told(text: str) -> None:
    with pytest.raises(ExpressionError, match="is not known"):
        matrix_of(parse(text), SYMBOLS)


@pytest.mark.parametrize(
    ("found", "published", "word", "because"),
    [
        ([2 * d1, 2 * d2], "2d", "agrees", ""),
        ([2 * d1, d2], "2d", "differs", "entry 2: d2 is computed"),
        ([[x1 * d1, x1 * d2], [x2 * d2, x2 * d1]], "x*d^T", "differs", "entry 2, 1"),
        ([[d1 * x1, d1 * x2, d1 * x3], [d2 * x1, d2 * x2, d2 * x3]], "d*x^T", "agrees", ""),
        ([[x * d for d in (d1, d2)] for x in (x1, x2, x3)], "d*x^T", "differs",
         "3 × 2 entries are computed, and 2 × 3 printed"),
        ([d1, d2, x1], "d", "differs", "3 × 1 entries are computed, and 2 × 1 printed"),
        ([d1 + beta, d2], "d + beta", "differs", "a matrix of 2 × 1 and a number have no sum"),
        ([d1, d2], "d^T*d", "differs", "1 × 1 printed"),
        ([d1, d2], "d1", "differs", "one is a list, the other is not"),
        ([d1, d2], "2*q*d", "", "what is published is not read: q is not known"),
    ],
)  # fmt: skip
def test_they_are_compared_entry_by_entry(
    found: Any, published: str, word: str, because: str
) -> None:
    told = Comparison(Asked("symbolic", 1)).compare(found, published)
    assert told.word == word
    assert because in told.because
