"""Exact values of functions, and exact linear systems: SymPy is the oracle, refusals are told."""

from fractions import Fraction as F

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.namespaces import exact as xp
from chainrule.namespaces import numpy as floats
from chainrule.namespaces.constants import PI, log, sqrt
from chainrule.namespaces.exact import array

x, y = sp.symbols("x y", real=True)
small = st.fractions(-20, 20, max_denominator=12)

KNOWN = [
    (xp.expm1, 0, 0),
    (xp.expm1, sp.log(3), 2),
    (xp.log1p, F(-1, 2), -sp.log(2)),
    (xp.log1p, sp.E - 1, 1),
    (xp.sinh, 0, 0),
    (xp.cosh, sp.log(2), F(5, 4)),
    (xp.erf, x, sp.erf(x)),
    (xp.erfc, 0, 1),
    (xp.round, F(5, 2), 2),
    (xp.round, F(-7, 2), -4),
    (xp.round, sp.sqrt(2), 1),
    (xp.round, sp.pi + F(1, 2), 4),
]
PAIRS = [
    (xp.arctan2, 1, 1, sp.pi / 4),
    (xp.arctan2, 0, -1, sp.pi),
    (xp.arctan2, 0, 0, 0),
    (xp.arctan2, F(1, 2), sp.sqrt(3) / 2, sp.pi / 6),
    (xp.hypot, 3, 4, 5),
    (xp.hypot, 1, 1, sp.sqrt(2)),
    (xp.floor_divide, F(-7, 2), 2, -2),
    (xp.remainder, F(-7, 2), 2, F(1, 2)),
    (xp.remainder, sp.pi, 3, sp.pi - 3),
]


@pytest.mark.parametrize(("function", "value", "wanted"), KNOWN)
def test_values(function, value, wanted):
    assert sp.simplify(function(array(value)).item() - wanted) == 0


@pytest.mark.parametrize(("function", "a", "b", "wanted"), PAIRS)
def test_values_of_two(function, a, b, wanted):
    assert sp.simplify(function(array(a), array(b)).item() - wanted) == 0


@given(small, small)
def test_division_with_remainder_is_pythons(a, b):
    if b == 0:
        for function in (xp.floor_divide, xp.remainder):
            with pytest.raises(ZeroDivisionError):
                function(array(a), array(b))
        return
    assert xp.floor_divide(array(a), array(b)).item() == a // b
    assert xp.remainder(array(a), array(b)).item() == a % b
    assert xp.round(array(a)).item() == round(a)


@pytest.mark.parametrize("function", [xp.round, xp.floor])
def test_rounding_of_the_unknown_is_refused(function):
    with pytest.raises(ValueError, match="is open: x unknown"):
        function(array(x))


def test_order():
    rows = array([[3, sp.sqrt(2), 1, sp.sqrt(2)], [0, -1, sp.pi, 4]])
    assert xp.argsort(rows, 1).tolist() == [[2, 1, 3, 0], [1, 0, 2, 3]]
    assert xp.argsort(rows, 0).dtype == np.int64
    assert xp.argmin(rows, 1, False).tolist() == [2, 1]
    with pytest.raises(ValueError, match="whether x < 1 is open: x unknown"):
        xp.argsort(array([1, x]), 0)


@settings(max_examples=25)
@given(st.lists(st.lists(small, min_size=3, max_size=3), min_size=3, max_size=3))
def test_systems_of_fractions(entries):
    a, y = array(entries), array([[1, 0], [0, 1], [F(1, 2), 3]])
    determinant = sp.Matrix(a.tolist()).det()
    assert xp.det(a).item() == determinant
    if determinant == 0:
        with pytest.raises(ZeroDivisionError, match="a matrix is singular"):
            xp.solve(a, y)
    else:
        assert (xp.matmul(a, xp.solve(a, y)) == y).all()


def test_systems_of_radicals_and_symbols():
    a = array([[[sp.sqrt(2), 1], [0, 2]], [[x, 1], [1, y]]])
    right = array(np.eye(2, dtype=int).tolist())
    first, second = xp.solve(a, np.stack([right, right]))
    assert first.tolist() == [[sp.sqrt(2) / 2, -sp.sqrt(2) / 4], [0, F(1, 2)]]
    assert sp.simplify(sp.Matrix(second.tolist()) - sp.Matrix([[x, 1], [1, y]]).inv()) == sp.zeros(
        2, 2
    )
    assert [sp.expand(d) for d in xp.det(a)] == [2 * sp.sqrt(2), x * y - 1]
    with pytest.raises(ZeroDivisionError, match="a matrix is singular"):
        xp.solve(array([[x, x], [x, x]]), right)


@pytest.mark.parametrize(
    ("constant", "wanted"),
    [(PI, sp.pi), (2 / sqrt(PI), 2 / sp.sqrt(sp.pi)), (log(2), sp.log(2)), (sqrt(2), sp.sqrt(2))],
    ids=["pi", "two over root pi", "ln 2", "root 2"],
)
def test_constants_are_the_same_number_everywhere(constant, wanted):
    assert float(constant) == pytest.approx(float(wanted), rel=1e-15)
    assert xp.full((), constant, "exact").item() == wanted
    assert xp.multiply(array(1), constant).item() == wanted
    single = np.ones(2, np.float32)
    assert floats.multiply(single, constant).dtype == np.float32
    assert floats.full((2,), constant, "float32").tolist() == [np.float32(float(wanted))] * 2


@pytest.mark.parametrize(
    ("name", "given", "wanted"),
    [
        ("log2", F(1, 8), F(-3)),
        ("log10", 1000, F(3)),
        ("arcsinh", 0, F(0)),
        ("arcsinh", 1, sp.log(1 + sp.sqrt(2))),
        ("arccosh", 1, F(0)),
        ("arccosh", 2, sp.acosh(2)),
        ("arctanh", F(1, 2), sp.atanh(sp.Rational(1, 2))),
        ("erfinv", 0, F(0)),
        ("erfinv", F(1, 2), sp.erfinv(sp.Rational(1, 2))),
    ],
)
def test_logarithms_to_other_bases_and_inverses(name, given, wanted):
    assert getattr(xp, name)(array([given])).item() == wanted


@pytest.mark.parametrize(
    ("name", "given", "error"),
    [
        ("log2", 0, ZeroDivisionError),
        ("log10", -1, ValueError),
        ("arccosh", 0, ValueError),
        ("arctanh", -1, ZeroDivisionError),
        ("arctanh", 2, ValueError),
        ("erfinv", 1, ZeroDivisionError),
        ("erfinv", -2, ValueError),
    ],
)
def test_inverses_refuse_what_has_none(name, given, error):
    with pytest.raises(error, match=r"is not real|has no value"):
        getattr(xp, name)(array([given]))
