"""Exact arithmetic: which form results take, what conditions become, and what is refused."""

import subprocess
import sys
from fractions import Fraction as F
from typing import Any

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.namespaces import exact as xp
from chainrule.namespaces.exact import array
from chainrule.namespaces.exact_numbers import compare, number, power, root, settle

x, y = sp.symbols("x y", real=True)
p = sp.Symbol("p", positive=True)
small = st.fractions(-20, 20, max_denominator=12)


def the(result: Any) -> Any:
    """The one entry of a result."""
    assert isinstance(result, np.ndarray)
    return result.item()


# -- entering and leaving ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.1, F(1, 10)),
        (1e-5, F(1, 100_000)),
        (np.float32(0.1), F(1, 10)),
        (np.float16(0.1), F(1, 10)),
        (np.int8(-3), F(-3)),
        (True, F(1)),
        (F(2, 3), F(2, 3)),
        (sp.Rational(2, 3), F(2, 3)),
        (sp.Float("0.5"), F(1, 2)),
        (sp.sqrt(2), sp.sqrt(2)),
        (0.5 + 2j, F(1, 2) + 2 * sp.I),
        (np.complex64(0.1), F(1, 10)),
    ],
)
def test_numbers_enter(value: Any, expected: Any) -> None:
    assert number(value) == expected
    assert type(number(value)) is type(expected) or not isinstance(expected, F)
    assert the(array(value)) == expected


def test_arrays_enter_by_the_decimals_of_their_own_dtype() -> None:
    for dtype in ("float16", "float32", "float64"):
        given = np.array([[0.1, -2.5], [3e-3, 4]], dtype)
        assert array(given).tolist() == [[F(1, 10), F(-5, 2)], [F(3, 1000), F(4)]]
        assert xp.cast(given, "exact").tolist() == array(given).tolist()
    assert array([[1, x], [0.1, F(1, 3)]]).tolist() == [[1, x], [F(1, 10), F(1, 3)]]
    assert array(np.array(True)).shape == ()


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_come_back(value: float) -> None:
    assert xp.cast(array(value), "float64") == value


def test_conditions_enter_as_1_and_0() -> None:
    assert xp.cast(np.array([True, False]), "exact").tolist() == [1, 0]
    decided, open_ = xp.cast(xp.less(array([0, x]), 1), "exact").tolist()
    assert (decided, open_) == (1, sp.Piecewise((1, x < 1), (0, True)))


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [
        ("float64", [3.141592653589793, -7 / 3, 0.0]),
        ("float32", [np.float32(np.pi), np.float32(-7 / 3), 0.0]),
        ("complex64", [np.complex64(np.pi), np.complex64(-7 / 3), 0]),
        ("int64", [3, -2, 0]),
        ("bool", [True, True, False]),
    ],
)
def test_numbers_leave(dtype: str, expected: list[Any]) -> None:
    result = xp.cast(array([sp.pi, F(-7, 3), 0]), dtype)
    assert result.dtype == dtype
    assert result.tolist() == expected


def test_the_real_part_leaves() -> None:
    z = xp.complex(array([1, 2]), array([3, 0]))
    assert xp.cast(z, "float64").tolist() == [1, 2]
    assert xp.cast(z, "complex128").tolist() == [1 + 3j, 2]


# -- forms ---------------------------------------------------------------------------------------


def logistic(v: Any) -> Any:
    return xp.divide(1, xp.add(1, xp.exp(xp.negative(v))))


HALF = array(0.5)
POWERS = xp.exp(array([1, 2, 0.5]))
RATIONAL = {
    "sqrt 4/9": (lambda: xp.sqrt(array(F(4, 9))), F(2, 3)),
    "sqrt 2 squared": (lambda: xp.multiply(xp.sqrt(array(2)), xp.sqrt(array(2))), 2),
    "exp 0": (lambda: xp.exp(array(0)), 1),
    "log 1": (lambda: xp.log(array(1)), 0),
    "exp log 2": (lambda: xp.exp(xp.log(array(2))), 2),
    "exp of 2 log 3": (lambda: xp.exp(xp.multiply(2, xp.log(array(3)))), 9),
    "sin 2 pi": (lambda: xp.sin(array(2 * sp.pi)), 0),
    "cos 0": (lambda: xp.cos(array(0)), 1),
    "tanh 0": (lambda: xp.tanh(array(0)), 0),
    "8 ** 1/3": (lambda: xp.power(array(8), F(1, 3)), 2),
    "0 ** 0": (lambda: xp.power(array(0), 0), 1),
    "conjugate product": (
        lambda: xp.multiply(xp.add(xp.sqrt(array(2)), 1), xp.subtract(xp.sqrt(array(2)), 1)), 1,
    ),
    "1/sqrt 2 is sqrt 2/2": (
        lambda: xp.subtract(xp.divide(1, xp.sqrt(array(2))), xp.divide(xp.sqrt(array(2)), 2)), 0,
    ),
    "log 6 - log 2 - log 3": (
        lambda: xp.sum(xp.multiply(xp.log(array([6, 2, 3])), [1, -1, -1]), (0,), False), 0,
    ),
    "log 8 / log 2": (lambda: xp.divide(xp.log(array(8)), xp.log(array(2))), 3),
    "modulus": (lambda: xp.absolute(xp.complex(array(3), array(4))), 5),
    "logistic and its mirror": (lambda: xp.add(logistic(HALF), logistic(xp.negative(HALF))), 1),
    "softmax": (
        lambda: xp.sum(xp.divide(POWERS, xp.sum(POWERS, (0,), True)), (0,), False), 1,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", RATIONAL)
def test_rational_results_are_fractions(name: str) -> None:
    compute, expected = RATIONAL[name]
    result = the(compute())
    assert type(result) is F
    assert result == expected


FORMS = {
    "log": (lambda: xp.negative(xp.log(array(0.3))), "log(10/3)"),
    "a power in a log": (lambda: xp.log(array(8)), "3*log(2)"),
    "layer norm": (lambda: xp.divide(3, xp.sqrt(array(F(2, 3)))), "3*sqrt(6)/2"),
    "denominator": (lambda: xp.divide(1, xp.add(1, xp.sqrt(array(2)))), "-1 + sqrt(2)"),
    "nested": (lambda: xp.sqrt(array(5 + 2 * sp.sqrt(6))), "sqrt(2) + sqrt(3)"),
    "logistic": (lambda: logistic(HALF), "1/(exp(-1/2) + 1)"),
    "logistic - 1": (lambda: xp.subtract(logistic(HALF), 1), "-1/(1 + exp(1/2))"),
    "complex quotient": (lambda: xp.divide(1, xp.complex(array(1), array(2))), "1/5 - 2*I/5"),
    "symbols": (lambda: xp.multiply(array(x + 1), array(x - 1)), "(x - 1)*(x + 1)"),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_forms(name: str) -> None:
    compute, expected = FORMS[name]
    assert str(the(compute())) == expected


@settings(max_examples=20)
@given(small, small, small, small)
def test_quadratic_numbers_have_one_form(a: F, b: F, c: F, d: F) -> None:
    u, v = array(a + b * sp.sqrt(3)), array(c + d * sp.sqrt(3))
    there = xp.multiply(u, v)
    assert the(there) == settle(a * c + 3 * b * d + (a * d + b * c) * sp.sqrt(3))
    if the(v) != 0:
        assert the(xp.divide(there, v)) == the(u)


def test_long_numbers_are_left_alone() -> None:
    assert the(xp.power(xp.add(xp.exp(array(1)), 1), 1000)) == (sp.E + 1) ** 1000


def test_reductions_without_entries() -> None:
    assert type(the(xp.sum(array([]), (0,), False))) is F
    product = xp.matmul(array(np.zeros((1, 0))), array(np.zeros((0, 1))))
    assert type(the(product)) is F
    with pytest.raises(ValueError, match=r"nothing to compare along \(0,\) of shape \(0,\)"):
        xp.amax(array([]), (0,), False)


# -- conditions ----------------------------------------------------------------------------------


def test_decided_conditions_are_bools() -> None:
    for result, expected in [
        (xp.less(array([1, 2]), 1.5), [True, False]),
        (xp.less(xp.sqrt(array(2)), F(3, 2)), True),
        (xp.less_equal(array(0), array(p)), True),
        (xp.less(xp.exp(array(1000)), xp.exp(array(1001))), True),
        (xp.equal(xp.sqrt(array(5 + 2 * sp.sqrt(6))), array(sp.sqrt(2) + sp.sqrt(3))), True),
        (xp.equal(xp.complex(array(3), array(4)), 1), False),
        (xp.equal(array(x), array(x)), True),
        (xp.logical_or(xp.less(array(x), 0), np.array(True)), True),
        (xp.logical_and(xp.less(array(x), 0), np.array(False)), False),
    ]:
        assert result.dtype == bool
        assert result.tolist() == expected


def test_open_conditions_are_relations() -> None:
    below = xp.less(array([x, 0]), 1)
    assert below.dtype == object
    assert below.tolist() == [x < 1, True]
    assert xp.logical_not(below).tolist() == [x >= 1, False]
    assert the(xp.logical_and(below[:1], xp.less(array(0), array([x])))) == sp.And(x < 1, x > 0)
    assert the(xp.equal(array(x), array(y))) == sp.Eq(x, y)


def test_open_choices_are_cases() -> None:
    relu = sp.Piecewise((x, x >= 0), (0, True))
    assert the(xp.maximum(array(x), 0)) == relu
    assert the(xp.minimum(array(x), 0)) == sp.Piecewise((x, x <= 0), (0, True))
    assert the(xp.where(xp.less(array(x), 0), array(1), array(y))) == sp.Piecewise(
        (1, x < 0), (y, True)
    )
    assert xp.maximum(array([p, 2]), array([-1, 3])).tolist() == [p, 3]
    top = the(xp.amax(array([x, 1, y, 0]), (0,), False))
    for values in [(0, 0), (2, 0), (0, 2), (2, 3), (3, 2), (1, 1)]:
        assert top.subs(dict(zip((x, y), values, strict=True))) == max(1, *values)


def test_absolute_value_and_sign() -> None:
    assert xp.absolute(array([x, -2, p, -sp.pi])).tolist() == [sp.Abs(x), 2, p, sp.pi]
    assert xp.sign(array([x, -2, p, 0])).tolist() == [sp.sign(x), -1, 1, 0]


def test_floor() -> None:
    n = sp.Symbol("n", integer=True)
    assert xp.floor(array([sp.pi, F(-1, 2), 3, n])).tolist() == [3, -1, 3, n]


def test_argmax_is_the_first() -> None:
    assert xp.argmax(array([[1, 3, 3], [sp.sqrt(2), -p, 0]]), 1, True).tolist() == [[1], [0]]


# -- refusals ------------------------------------------------------------------------------------

REFUSED: dict[str, tuple[Any, type[Exception], str]] = {
    "nan": (lambda: array([float("nan")]), ValueError, "nan is no exact number"),
    "inf": (lambda: array(np.array([np.inf])), ValueError, "inf is no exact number"),
    "text": (lambda: array("0.1"), TypeError, "'0.1' of type str is no number"),
    "1 / 0": (lambda: xp.divide(array([1, 2]), array([0, 1])), ZeroDivisionError, r"1 / 0 has no"),
    "x / 0": (
        lambda: xp.divide(array(x), array((x + 1) ** 2 - x**2 - 2 * x - 1)),
        ZeroDivisionError, "x / 0 has no value",
    ),
    "1 / hidden 0": (
        lambda: xp.divide(1, array(sp.sqrt(sp.sqrt(2) + 3) ** 2 - sp.sqrt(2) - 3)),
        ZeroDivisionError, "1 / 0 has no value",
    ),
    "0 ** -1": (lambda: xp.power(array(0), -1), ZeroDivisionError, r"0 \*\* -1 has no value"),
    "log 0": (lambda: xp.log(array(0)), ZeroDivisionError, r"log\(0\) has no value"),
    "infinite": (lambda: xp.add(array(1), array(sp.oo)), ZeroDivisionError, "the result is oo"),
    "log -1": (lambda: xp.log(array(-1)), ValueError, r"log\(-1\) is not real"),
    "sqrt -4": (lambda: xp.sqrt(array(-4)), ValueError, r"sqrt\(-4\) is not real"),
    "(-8) ** 1/3": (lambda: xp.power(array(-8), F(1, 3)), ValueError, r"\(1/3\) is not real"),
    "2 ** 1e9": (lambda: xp.power(array(2), 10**9), OverflowError, "longer than 100000 bits"),
    "sqrt 2 ** 1e9": (lambda: xp.power(xp.sqrt(array(2)), 10**9), OverflowError, "100000 bits"),
    "exp(1e9 log 2)": (
        lambda: xp.exp(xp.multiply(10**9, xp.log(array(2)))), OverflowError, "100000 bits",
    ),
    "floor x": (lambda: xp.floor(array(x)), ValueError, r"floor\(x\) is open: x unknown"),
    "argmax": (lambda: xp.argmax(array([x, y]), 0, False), ValueError, "is open: x, y unknown"),
    "order of i": (
        lambda: xp.less(xp.complex(array(0), array(1)), 1), ValueError, "only real numbers have an",
    ),
    "float of x": (lambda: xp.cast(array([1, x]), "float64"), ValueError, "x is no number yet"),
    "int of x": (lambda: xp.cast(array(x), "int64"), ValueError, "x unknown"),
    "bool of x": (lambda: xp.cast(array(x), "bool"), ValueError, "x unknown"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_value_is_refused(name: str) -> None:
    compute, error, message = REFUSED[name]
    with pytest.raises(error, match=message):
        compute()


# -- mechanics -----------------------------------------------------------------------------------


@given(small, small)
def test_fractions_are_ordered_as_such(a: F, b: F) -> None:
    assert (compare(a, b, "<"), compare(a, b, "<=")) == (a < b, a <= b)
    assert (compare(a, b, "=="), compare(a, b, ">=")) == (a == b, a >= b)


@given(small.filter(lambda v: v > 0), st.integers(-6, 6))
def test_powers_and_roots_of_fractions(a: F, n: int) -> None:
    assert power(a, F(n)) == a**n
    assert root(a * a) == a
    assert power(root(a), F(2)) == a


def test_scan_of_no_steps() -> None:
    _, (ys,) = xp.scan(None, (), (), 0, [((2,), "exact")])
    assert (ys.shape, ys.dtype) == ((0, 2), object)


def test_sympy_is_imported_for_irrational_numbers_only() -> None:
    program = """
import sys
from chainrule.namespaces import dual, exact as xp, numpy, philox, recorder
a = xp.array([[1, 0.5], [2, 4]])
xp.divide(xp.matmul(a, a), xp.sqrt(xp.maximum(a, 4)))
xp.amax(xp.where(xp.less(a, 1), a, xp.exp(xp.multiply(a, 0))), (0,), False)
assert "sympy" not in sys.modules
xp.exp(a)
assert "sympy" in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)
