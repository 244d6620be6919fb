"""What formulas stand for, against Python's and SymPy's own arithmetic; and what is too large."""

import math
import operator
import time
from fractions import Fraction

import pytest
import sympy
from hypothesis import assume, given
from hypothesis import strategies as st

from chainrule.papers.expressions import (
    Binary,
    Call,
    ExpressionError,
    Name,
    Number,
    Unary,
    approximate,
    number,
    parse,
    sympy_of,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.1", Fraction(1, 10)),
        ("1e-3", Fraction(1, 1000)),
        ("6/4", Fraction(3, 2)),
        ("4/2", 2),
        ("-2^2", -4),
        ("2^-2", Fraction(1, 4)),
        ("2^3^2", 512),
        ("sqrt(9/4)", Fraction(3, 2)),
        ("abs(-3) + max(1, 2, 3) - min(4, 5)", 2),
        ("floor(-7/2)", -4),
        ("ceil(7/2) + relu(-1)", 4),
        ("1^(10^100)", None),
    ],
)
def test_numbers_are_exact(text, value):
    if value is None:
        with pytest.raises(ExpressionError, match="too long"):
            number(parse(text))
        return
    assert number(parse(text)) == value
    assert type(number(parse(text))) is type(value)


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("sqrt(2)", "it is not a fraction of whole numbers"),
        ("2^(1/2)", "it is not a fraction of whole numbers"),
        ("pi", "it is not a fraction of whole numbers"),
        ("1/(2 - 2)", "it divides by zero"),
        ("0^-1", "it divides by zero"),
        ("10^10^10", "a number becomes too long"),
        ("(10^400)^(10^3)", "a number becomes too long"),
        ("*".join(["9^9999"] * 9), "a number becomes too long"),
    ],
)
def test_what_is_no_exact_number(text, fact):
    with pytest.raises(ExpressionError, match=fact):
        number(parse(text))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("sqrt(2)", math.sqrt(2)),
        ("sqrt(8, 3)", 2.0),
        ("pi*e", math.pi * math.e),
        ("ln(2) + log(8, 2) + log10(100) + log2(2)", math.log(2) + 6),
        ("sigmoid(0) + sigmoid(-1000)", 0.5),
        ("sin(1) + cos(1) + tan(1)", math.sin(1) + math.cos(1) + math.tan(1)),
        ("tanh(1) + sinh(1) + cosh(1)", math.tanh(1) + math.sinh(1) + math.cosh(1)),
        ("relu(-2) + abs(-1) + max(1, 2) + min(1, 2)", 4.0),
        ("-x^2", -9.0),
    ],
)
def test_approximate(text, value):
    assert approximate(parse(text), {"x": 3.0}) == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("y", "y has no value"),
        ("sqrt(-1)", "it has no value: "),
        ("(-8)^(1/3)", "it has no value: a root of a negative number"),
        ("1/0", "it has no value: "),
        ("exp(1000)", "it has no value: "),
        ("1e300*1e300", "it has no value among real numbers"),
        ("[1, 2]", "a single number is wanted"),
    ],
)
def test_what_has_no_value(text, fact):
    with pytest.raises(ExpressionError, match=fact):
        approximate(parse(text))


x, y = sympy.symbols("x y")


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("2x^2 - sqrt(8)", 2 * x**2 - 2 * sympy.sqrt(2)),
        ("sigmoid(x)", 1 / (1 + sympy.exp(-x))),
        ("relu(x) + max(x, 1)", sympy.Max(0, x) + sympy.Max(1, x)),
        ("log2(8) + log10(100) + ln(1)", sympy.Integer(5)),
        ("e^x + pi", sympy.exp(x) + sympy.pi),
        ("x = 2", sympy.Eq(x, 2)),
        ("x != 2", sympy.Ne(x, 2)),
        ("1 < 2", sympy.true),
        ("x >= y", x >= y),
        ("[[1, x], [3, 4]]", sympy.Matrix([[1, x], [3, 4]])),
        ("[1, x]", sympy.Matrix([1, x])),
        ("x - y/3/2", x - y / 6),
        ("sqrt(x, 3)", x ** sympy.Rational(1, 3)),
    ],
)
def test_sympy_of(text, formula):
    assert sympy_of(parse(text)) == formula


def test_names_are_the_symbols_that_are_there():
    positive = sympy.Symbol("x1", positive=True)
    assert sympy_of(parse("sqrt(x_1^2)"), {"x1": positive}) == positive
    assert sympy_of(parse("e"), {"e": y}) == y


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("x/0", "it divides by zero"),
        ("0^-1", "it divides by zero"),
        ("log(0)", "it has no value among real numbers"),
        ("10^10^10", "a number becomes too long"),
        ("x^(10^9)", "an exponent is too large"),
        ("floor(exp(exp(exp(10))))", "a number becomes too large"),
        ("2^exp(10^6)", "a number becomes too large"),
        ("[[1, 2], [3]]", "the rows of a matrix differ in length"),
        ("[1, 2] + 1", "a vector stands where a number is wanted"),
        ("[1, 2]^2", "a power of a vector is not understood"),
        ("sqrt(-1) < 2", "it has no value"),
        ("max(sqrt(-1), 2)", "it has no value"),
    ],
)
def test_what_sympy_is_not_given(text, fact):
    with pytest.raises(ExpressionError, match=fact):
        sympy_of(parse(text))


LEAVES = st.integers(0, 20).map(lambda n: Number(str(n))) | st.sampled_from(["x", "y"]).map(Name)
OPS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}
TREES = st.recursive(
    LEAVES,
    lambda t: (
        t.map(Unary)
        | st.builds(Binary, st.sampled_from(sorted(OPS)), t, t)
        | st.builds(lambda a, n: Binary("^", a, Number(str(n))), t, st.integers(0, 3))
        | st.builds(lambda f, a: Call(f, (a,)), st.sampled_from(["sin", "exp", "abs"]), t)
    ),
    max_leaves=8,
)


def by_sympy(tree):
    """The same formula built with Python's operators on SymPy's objects."""
    match tree:
        case Number(text):
            return sympy.Integer(text)
        case Name(text):
            return sympy.Symbol(text)
        case Unary(operand):
            return -by_sympy(operand)
        case Binary("^", base, exponent):
            return by_sympy(base) ** by_sympy(exponent)
        case Binary(op, left, right):
            return OPS[op](by_sympy(left), by_sympy(right))
        case Call(function, (argument,)):
            name = {"abs": "Abs"}.get(function, function)
            return getattr(sympy, name)(by_sympy(argument))
    raise AssertionError(tree)


@given(TREES)
def test_formulas_agree_with_sympys_own_arithmetic(tree):
    try:
        found = sympy_of(tree)
    except ExpressionError:
        assume(False)
    expected = by_sympy(tree)
    assert found == expected or sympy.simplify(found - expected) == 0


@given(TREES)
def test_exact_numbers_agree_with_floats(tree):
    tree = parse(str(tree).replace("x", "(1/2)").replace("y", "3").replace("e(1/2)p", "exp"))
    try:
        exact = number(tree)
    except ExpressionError:
        assume(False)
    assert float(exact) == pytest.approx(approximate(tree), rel=1e-9, abs=1e-9)


LARGE = st.recursive(
    st.sampled_from(["1", "10", "99999999", "1e300", "x", "pi"]),
    lambda t: (
        st.builds("({}{}{})".format, t, st.sampled_from("+*^/"), t)
        | st.builds(
            "{}({})".format, st.sampled_from(["exp", "floor", "sqrt", "log", "tan", "abs"]), t
        )
    ),
    max_leaves=12,
)


@given(LARGE)
def test_nothing_takes_long(text):
    start = time.process_time()
    for read in (number, approximate, sympy_of):
        try:
            read(parse(text))
        except ExpressionError:
            continue
    assert time.process_time() - start < 2
