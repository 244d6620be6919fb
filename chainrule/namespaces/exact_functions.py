"""Exact values of the functions of analysis: fractions where they are, SymPy expressions else."""

from __future__ import annotations

from fractions import Fraction

from chainrule.namespaces.exact_forms import MAX_BITS
from chainrule.namespaces.exact_numbers import (
    ONE,
    ZERO,
    Number,
    is_zero,
    quotient,
    root,
    settle,
    short,
    sign_of,
    symbolic,
    sympy,
    unknowns,
    whole_part,
)


def exponential(value: Number) -> Number:
    """``e ** value``.  Raises OverflowError where that is rational and longer than `MAX_BITS`, and
    for a number of more than `MAX_DIGITS`, whose power of e nobody can compare with another."""
    if type(value) is Fraction:
        return ONE if value == 0 else settle(sympy().exp(symbolic(value)))
    if value.is_number and value.has(sympy().log) and abs(value.evalf(5)) > MAX_BITS:
        raise OverflowError(f"exp({value}) may be longer than {MAX_BITS} bits")
    return settle(sympy().exp(short(value, "exp")))


def logarithm(value: Number) -> Number:
    """The natural logarithm.  Raises ZeroDivisionError at 0, ValueError below."""
    if is_zero(value):
        raise ZeroDivisionError("log(0) has no value")
    if sign_of(value) == -1:
        raise ValueError(f"log({value}) is not real")
    return ZERO if value == 1 else settle(sympy().log(symbolic(value)))


def logarithm_to_base_2(value: Number) -> Number:
    """The logarithm to base 2: a fraction for powers of 2.  Raises as `logarithm` does."""
    return _logarithm_to(2, value)


def logarithm_to_base_10(value: Number) -> Number:
    """The logarithm to base 10: a fraction for powers of 10.  Raises as `logarithm` does.

    >>> logarithm_to_base_10(Fraction(1, 1000))
    Fraction(-3, 1)
    """
    return _logarithm_to(10, value)


def _logarithm_to(base: int, value: Number) -> Number:
    logarithm(value)  # refuses what has none
    return settle(sympy().log(symbolic(value), base))


def sine(value: Number) -> Number:
    """The sine.  Raises OverflowError for a number of more than `MAX_DIGITS`."""
    return ZERO if value == 0 else settle(sympy().sin(short(value, "sin")))


def cosine(value: Number) -> Number:
    """The cosine.  Raises OverflowError for a number of more than `MAX_DIGITS`."""
    return ONE if value == 0 else settle(sympy().cos(short(value, "cos")))


def hyperbolic_tangent(value: Number) -> Number:
    """The hyperbolic tangent: a fraction at logarithms of fractions, as sinh and cosh are.

    >>> hyperbolic_tangent(logarithm(Fraction(2)))
    Fraction(3, 5)
    """
    e = _fraction_at(value)
    if e is not None:
        return (e * e - 1) / (e * e + 1)
    return ZERO if value == 0 else settle(sympy().tanh(symbolic(value)))


def _fraction_at(value: Number) -> Fraction | None:
    """The number e to the power ``value``, where that is a fraction though ``value`` is none."""
    e = None if isinstance(value, Fraction) else exponential(value)
    return e if isinstance(e, Fraction) else None


def exponential_minus_1(value: Number) -> Number:
    """``e ** value - 1``."""
    return settle(exponential(value) - 1)


def logarithm_of_1_plus(value: Number) -> Number:
    """The natural logarithm of ``1 + value``."""
    return logarithm(settle(1 + value))


def hyperbolic_sine(value: Number) -> Number:
    """The hyperbolic sine."""
    e = _fraction_at(value)
    if e is not None:
        return (e - 1 / e) / 2
    return ZERO if value == 0 else settle(sympy().sinh(symbolic(value)))


def hyperbolic_cosine(value: Number) -> Number:
    """The hyperbolic cosine."""
    e = _fraction_at(value)
    if e is not None:
        return (e + 1 / e) / 2
    return ONE if value == 0 else settle(sympy().cosh(symbolic(value)))


def inverse_hyperbolic_sine(value: Number) -> Number:
    """The number whose hyperbolic sine this is."""
    return ZERO if value == 0 else settle(sympy().asinh(symbolic(value)))


def inverse_hyperbolic_cosine(value: Number) -> Number:
    """The number from 0 on whose hyperbolic cosine this is.  Raises ValueError below 1."""
    if sign_of(settle(value - 1)) == -1:
        raise ValueError(f"acosh({value}) is not real")
    return ZERO if value == 1 else settle(sympy().acosh(symbolic(value)))


def inverse_hyperbolic_tangent(value: Number) -> Number:
    """The number whose hyperbolic tangent this is.  Raises ZeroDivisionError at -1 and 1,
    ValueError beyond."""
    _within_one("atanh", value)
    return ZERO if value == 0 else settle(sympy().atanh(symbolic(value)))


def inverse_error_function(value: Number) -> Number:
    """The number whose error function this is.  Raises ZeroDivisionError at -1 and 1, ValueError
    beyond."""
    _within_one("erfinv", value)
    return ZERO if value == 0 else settle(sympy().erfinv(symbolic(value)))


def _within_one(name: str, value: Number) -> None:
    left = sign_of(settle(1 - value * value))
    if left == 0:
        raise ZeroDivisionError(f"{name}({value}) has no value")
    if left == -1:
        raise ValueError(f"{name}({value}) is not real")


def error_function(value: Number) -> Number:
    """The error function."""
    return ZERO if value == 0 else settle(sympy().erf(symbolic(value)))


def complementary_error_function(value: Number) -> Number:
    """1 minus the error function."""
    return settle(1 - error_function(value))


def angle(y: Number, x: Number) -> Number:
    """The angle of the point (x, y) with the x axis, from -π to π; 0 for the origin.

    >>> angle(Fraction(1), Fraction(1))
    pi/4
    """
    if is_zero(y) and (is_zero(x) or sign_of(x) == 1):
        return ZERO
    return settle(sympy().atan2(symbolic(y), symbolic(x)))


def hypotenuse(a: Number, b: Number) -> Number:
    """The root of a² + b²."""
    return root(settle(a * a + b * b))


# -- rounding --------------------------------------------------------------------------------------


floor = whole_part


def rounded(value: Number) -> Number:
    """The nearest integer, halves to the even one.  Raises ValueError where that is open."""
    if type(value) is Fraction:
        return Fraction(round(value))
    below = whole_part(value)
    gap = sign_of(settle(value - below - Fraction(1, 2)))  # a number that is no fraction: never 0
    if gap is None:
        raise ValueError(f"round({value}) is open: {unknowns(value)}")
    return below if gap < 0 else settle(below + 1)


def floor_quotient(a: Number, b: Number) -> Number:
    """``a // b``, rounded down.  Raises ZeroDivisionError."""
    return whole_part(quotient(a, b))


def remainder(a: Number, b: Number) -> Number:
    """``a % b``, with the sign of b.  Raises ZeroDivisionError.

    >>> remainder(Fraction(-7, 2), Fraction(2))
    Fraction(1, 2)
    """
    return settle(a - b * floor_quotient(a, b))
