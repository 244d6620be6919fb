"""Numbers as a person writes them."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from chainrule.papers.solving.numbers import decimal_of, number_text, rounded


@pytest.mark.parametrize(
    ("x", "told", "text"),
    [
        (3, {}, "3"),
        (True, {}, "true"),
        (23296, {"grouped": True}, "23,296"),
        (1.0, {}, "1"),
        (0.1 + 0.2, {}, "0.3"),
        (1 / 3, {}, "0.3333"),
        (float("inf"), {}, "∞"),
        (float("nan"), {"decimals": 2}, "NaN"),
        (2.489249, {"decimals": 2}, "2.49"),
        (0.99999, {"decimals": 4}, "1.0000"),
        (0.5, {"decimals": 4}, "0.5"),
        (-0.004, {"decimals": 2}, "0.00"),
        (2.675, {"decimals": 2}, "2.68"),
        (Fraction(2, 3), {}, "2/3"),
        (Fraction(2, 3), {"decimals": 3}, "0.667"),
        (Fraction(1, 8), {"figures": 2}, "0.13"),
        (72855552, {"figures": 3}, "72855552"),
        (72.855552, {"figures": 3}, "72.9"),
        (123456.789, {"figures": 3, "grouped": True}, "123,000"),
        (sympy.sqrt(2) / 2, {}, "sqrt(2)/2"),
        (sympy.sqrt(2) / 2, {"decimals": 4}, "0.7071"),
        (sympy.Symbol("x") + 1, {"decimals": 4}, "x + 1"),
        (1e-7, {}, "1.0e-07".replace(".0", "")),
    ],
)
def test_texts(x: object, told: dict, text: str) -> None:
    assert number_text(x, **told) == text


@given(st.fractions(-1000, 1000, max_denominator=999), st.integers(0, 6))
def test_rounding_is_half_up(x: Fraction, places: int) -> None:
    scaled = abs(x) * 10**places
    whole = int(scaled + Fraction(1, 2))
    assert abs(rounded(x, places)) == Decimal(whole).scaleb(-places)


@given(st.integers(-(10**6), 10**6), st.integers(1, 6))
def test_a_float_is_the_decimal_that_it_writes(n: int, places: int) -> None:
    exact = Decimal(n).scaleb(-places)
    wanted = exact.quantize(Decimal(1).scaleb(1 - places), ROUND_HALF_UP)
    assert rounded(float(exact), places - 1) == wanted


def test_half_even() -> None:
    assert [rounded(Fraction(n, 2), 0, mode="half-even") for n in (1, 3, 5)] == [0, 2, 2]


def test_no_numbers_are_refused() -> None:
    for x in (float("nan"), sympy.Symbol("x"), "1"):
        with pytest.raises(ValueError, match="is no number"):
            decimal_of(x)
