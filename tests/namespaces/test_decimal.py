"""Decimal arithmetic: rounding, and every primitive against floats and exact numbers."""

import subprocess
import sys
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP
from decimal import Decimal as Number
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.namespaces import constants, exact
from chainrule.namespaces import numpy as floats
from chainrule.namespaces.contract import PRIMITIVES, has
from chainrule.namespaces.decimal import MODES, Decimal
from tests.namespaces.test_primitives import CASES, call, is_float

TWO = Decimal(places=2)
PYTHON = dict(zip(MODES, (ROUND_HALF_UP, ROUND_HALF_EVEN), strict=True))


def rounded(text: str, xp: Decimal = TWO) -> Fraction:
    return xp.rounded(xp.array([Fraction(text)]))[0]


# -- rounding --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "up", "even"),
    [
        ("0.125", "0.13", "0.12"),
        ("0.135", "0.14", "0.14"),
        ("-0.125", "-0.13", "-0.12"),
        ("2.675", "2.68", "2.68"),
        ("0.005", "0.01", "0"),
        ("-0.004", "0", "0"),
        ("0.1249", "0.12", "0.12"),
        ("7", "7", "7"),
    ],
)
def test_halves(number: str, up: str, even: str) -> None:
    assert rounded(number) == Fraction(up)
    assert rounded(number, Decimal(places=2, mode="half-even")) == Fraction(even)


@pytest.mark.parametrize(
    ("number", "three"),
    [
        ("1234.5", "1230"),
        ("0.00012345", "0.000123"),
        ("9.995", "10"),
        ("-2.345", "-2.35"),
        ("0", "0"),
        ("100", "100"),
        ("0.0999499", "0.0999"),
    ],
)
def test_figures(number: str, three: str) -> None:
    assert rounded(number, Decimal(figures=3)) == Fraction(three)


@given(st.fractions(-1000, 1000, max_denominator=4000), st.integers(0, 6), st.sampled_from(MODES))
def test_places_are_those_of_python(x: Fraction, places: int, mode: str) -> None:
    xp = Decimal(places=places, mode=mode)
    # a fraction as a decimal that is long enough to be on the same side of every tie
    number = Number(x.numerator) / Number(x.denominator)
    expected = number.quantize(Number(1).scaleb(-places), rounding=PYTHON[mode])
    assert xp.round_one(x) == Fraction(str(expected))


@given(st.fractions(-(10**6), 10**6), st.integers(1, 8))
def test_figures_are_those_of_format(x: Fraction, figures: int) -> None:
    found = Decimal(figures=figures).round_one(x)
    assert abs(found - x) <= abs(x) * Fraction(1, 2) / 10 ** (figures - 1)
    assert Fraction(f"{float(found):.{figures - 1}e}") == found


def test_a_rounded_zero_has_no_sign() -> None:
    assert str(float(rounded("-0.001"))) == "0.0"


@given(st.fractions(-50, 50, max_denominator=1000), st.integers(0, 10))
def test_what_is_irrational_is_rounded_once(x: Fraction, places: int) -> None:
    """Against mpmath with so many digits that no tie can be near."""
    import mpmath

    xp = Decimal(places=places)
    with mpmath.workdps(120):
        value = mpmath.tanh(mpmath.mpf(x.numerator) / x.denominator) * 10**places
        expected = Fraction(int(mpmath.sign(value)) * int(mpmath.floor(abs(value) + 0.5)))
    assert xp.performed(lambda: xp.tanh(xp.array([x])))[0] == expected / 10**places


@pytest.mark.parametrize(
    ("make", "value"),
    [
        (lambda xp: xp.log(xp.exp(xp.array(0.125))), "0.13"),
        (lambda xp: xp.power(xp.sqrt(xp.array(2)), xp.array(2)), "2"),
        (lambda xp: xp.multiply(xp.sqrt(xp.array(0.0225)), xp.array(0.1)), "0.02"),
        (lambda xp: xp.power(xp.array(8), xp.array(Fraction(2, 3))), "4"),
        (lambda xp: xp.log2(xp.array(0.125)), "-3"),
        (lambda xp: xp.log10(xp.array(1000)), "3"),
    ],
)
def test_ties_and_roots_are_exact(make: Any, value: str) -> None:
    found = TWO.performed(lambda: make(TWO))
    assert found.item() == Fraction(value)


def test_digits_that_cancel_are_computed_anew() -> None:
    """Tanh 100 is 1 but for the 87th digit: what is left of 1 - tanh 100 has three figures yet."""
    xp = Decimal(figures=3)
    found = xp.performed(lambda: xp.subtract(1, xp.tanh(xp.array(100))))
    assert found.item() == Fraction(277, 10**89)


def test_what_cancels_altogether_is_zero() -> None:
    xp = Decimal(figures=3)
    found = xp.performed(lambda: xp.subtract(xp.log(xp.exp(xp.array(3))), 3))
    assert found.item() == 0


def test_steps_are_rounded_and_heard_of() -> None:
    heard: list[tuple[str, Any]] = []

    def softmax() -> Any:
        e = TWO.step(TWO.exp(TWO.array([1, 2])), "exp")
        return TWO.divide(e, TWO.sum(e, (0,), True))

    found = TWO.performed(softmax, heard)
    assert [(label, list(map(float, step))) for label, step in heard] == [("exp", [2.72, 7.39])]
    assert list(map(float, found)) == [0.27, 0.73]


# -- the contract ----------------------------------------------------------------------------------


def test_it_has_every_primitive() -> None:
    assert [name for name in [*PRIMITIVES, "scan"] if not has(TWO, name)] == []


@pytest.mark.parametrize("name", [n for n in CASES if n != "complex"])
def test_a_primitive_is_the_float_rounded(name: str) -> None:
    xp, (arrays, attributes) = Decimal(places=3), CASES[name]
    expected = call(floats, name, arrays, attributes)
    if attributes.get("dtype") == "float64":
        attributes = {**attributes, "dtype": "exact"}
    given = tuple(xp.array(x) if is_float(x) else x for x in arrays)
    if name == "shift":
        expected = np.zeros_like(expected)
    elif name == "clip_below":
        expected = arrays[0]
    found = xp.performed(lambda: call(xp, name, given, attributes))
    assert found.shape == np.shape(expected)
    if found.dtype != object:
        np.testing.assert_array_equal(found, expected)
        return
    assert all(type(v) is Fraction for v in found.flat)
    # no value of the table is near a tie but where it is one, and there halves go up
    shifted = np.floor(np.abs(expected) * 1000 + 0.5 + 1e-9) / 1000 * np.sign(expected)
    np.testing.assert_allclose(found.astype(float), shifted, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", [n for n in CASES if n not in ("complex", "step")])
def test_nothing_is_rounded_on_the_way(name: str) -> None:
    arrays, attributes = CASES[name]
    if attributes.get("dtype") == "float64":
        attributes = {**attributes, "dtype": "exact"}
    given = tuple(TWO.array(x) if is_float(x) else x for x in arrays)
    expected = call(exact, name, given, attributes)
    found = call(TWO, name, given, attributes)
    for a, b in zip(found.flat, expected.flat, strict=True):
        if isinstance(b, Fraction | np.generic | int):
            assert a == b, "what is rational is exact"
        else:
            assert abs(a - Fraction(str(b.evalf(80)))) < abs(a) / 10**60


def test_constants_are_more_than_floats() -> None:
    found = TWO.multiply(TWO.array(10**20), constants.PI).item()
    assert round(found) == 314159265358979323846
    product = TWO.add(TWO.array(0), constants.sqrt(2) * constants.PI / constants.log(3)).item()
    assert abs(float(product) - 2**0.5 * np.pi / np.log(3)) < 1e-15


def test_exact_numbers_become_decimals() -> None:
    from sympy import pi, sqrt

    assert [float(TWO.round_one(v)) for v in TWO.array([sqrt(2), pi])] == [1.41, 3.14]


# -- what is refused -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("refused", "sentence"),
    [
        (lambda xp: xp.array([np.nan]), "nan is no exact number"),
        (lambda xp: xp.array([np.inf]), "inf is no exact number"),
        (lambda xp: xp.array([1j]), "decimal arithmetic has real numbers"),
        (lambda xp: xp.log(xp.array(0)), r"log\(0\) has no value"),
        (lambda xp: xp.log(xp.array(-1)), r"log\(-1\) is not real"),
        (lambda xp: xp.sqrt(xp.array(-2)), r"sqrt\(-2\) is not real"),
        (lambda xp: xp.power(xp.array(-2), xp.array(0.5)), r"\(-2\) \*\* \(1/2\) is not real"),
        (lambda xp: xp.power(xp.array(0), xp.array(-1)), r"0 \*\* -1 has no value"),
        (lambda xp: xp.divide(xp.array(1), xp.array(0)), "1 / 0 has no value"),
        (lambda xp: xp.arctanh(xp.array(1)), r"atanh\(1\) has no value"),
        (lambda xp: xp.arctanh(xp.array(2)), r"atanh\(2\) is not real"),
        (lambda xp: xp.arccosh(xp.array(0)), r"acosh\(0\) is not real"),
        (lambda xp: xp.erfinv(xp.array(1)), r"erfinv\(1\) has no value"),
        (lambda xp: xp.exp(xp.array(10**6)), "the result has more than 30102 digits"),
        (lambda xp: xp.exp(xp.array(10**5000)), "a number of more than 4000 digits"),
        (lambda xp: xp.complex(xp.array(1), xp.array(2)), "has no complex numbers"),
        (lambda xp: xp.unknown((xp.array(1),), "f", (0,)), "f is an abstract function"),
    ],
)
def test_refused_in_words(refused: Any, sentence: str) -> None:
    with pytest.raises((ArithmeticError, ValueError), match=sentence):
        refused(TWO)


def test_a_symbol_is_no_number() -> None:
    from sympy import Symbol

    with pytest.raises(ValueError, match="x is no number yet: decimal arithmetic needs numbers"):
        TWO.array([Symbol("x")])


def test_numbers_too_small_to_be_written() -> None:
    assert TWO.performed(lambda: TWO.exp(TWO.array(-(10**6)))).item() == 0
    assert TWO.performed(lambda: TWO.erfc(TWO.array(10**5))).item() == 0


def test_sympy_is_not_imported_and_mpmath_only_when_needed() -> None:
    code = (
        "import sys, chainrule as cr\n"
        "xp = cr.decimal(places=2)\n"
        "xp.performed(lambda: xp.divide(xp.array([1, 2]), 3))\n"
        "print('mpmath' in sys.modules, 'sympy' in sys.modules)\n"
        "xp.performed(lambda: xp.tanh(xp.array([1, 2])))\n"
        "print('mpmath' in sys.modules, 'sympy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False", "True", "False"]
