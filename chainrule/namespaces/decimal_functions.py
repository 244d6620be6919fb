"""Fractions next to irrational numbers: roots, powers, logarithms and their like, to many digits.

What is rational is exact: a root of a perfect square, a logarithm of a power of the base.  Anything
else is within 10^-digits of the true value, relatively, and leaves a mark that it is `rough`; how
many digits are wanted is up to whoever rounds the result.  The functions are those of mpmath, which
is imported when first needed.
"""

from __future__ import annotations

import math
import operator
import threading
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from typing import Any

from chainrule.namespaces import exact_functions as precise
from chainrule.namespaces import exact_numbers as number
from chainrule.namespaces.constants import Constant
from chainrule.namespaces.exact_forms import MAX_BITS, checked
from chainrule.namespaces.exact_numbers import ONE, ZERO

DIGITS = 64
GUARD = 20
"""So many more digits than wanted are computed with."""
MAX_DIGITS = 4000
"""Of a longer number no function is computed."""


class Working(threading.local):
    """How exactly irrational numbers are wanted now, whether one was met, whether the rounding that
    waits for them must be decided with these digits, and who hears of the steps."""

    digits = DIGITS
    rough = False
    last = True
    heard: list[tuple[str, Any]] | None = None


working = Working()


class _Library(threading.local):
    """mpmath, with a precision that nobody else changes."""

    def __init__(self) -> None:
        import mpmath

        self.functions = mpmath.MPContext()


@cache
def _library() -> _Library:
    return _Library()


def approximate(function: Callable[..., Any], *values: Fraction) -> Fraction:
    """What ``function``, given mpmath and the values as its numbers, makes of them.

    Raises OverflowError where the result, or a value, is longer than can be.
    """
    working.rough = True
    size = max((_bits(v) for v in values), default=0)
    if size > MAX_DIGITS / math.log10(2):
        raise OverflowError(f"a function of a number of more than {MAX_DIGITS} digits")
    mp = _library().functions
    mp.dps = working.digits + GUARD + int(size * math.log10(2))
    numbers = [mp.mpf(v.numerator) / v.denominator for v in values]
    return _fraction(function(mp, *numbers))


def _bits(value: Fraction) -> int:
    """How many bits stand before the point."""
    return max(value.numerator.bit_length() - value.denominator.bit_length(), 0)


def _fraction(found: Any) -> Fraction:
    sign, mantissa, exponent, bits = found._mpf_
    if not mantissa:
        return ZERO
    if exponent + bits > MAX_BITS:
        raise OverflowError(f"the result has more than {int(MAX_BITS * math.log10(2))} digits")
    if exponent < -4 * MAX_BITS:
        return ZERO  # so small that nobody writes it
    size = Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
    return -size if sign else size


def constant(value: Constant) -> Fraction:
    """The number that a constant names, to the digits wanted.

    >>> from chainrule.namespaces.constants import PI
    >>> round(constant(PI), 20)
    Fraction(157079632679489661923, 50000000000000000000)
    """
    return _of_form(value.form)


def _of_form(form: Any) -> Fraction:
    if isinstance(form, Fraction):
        return form
    if form == "pi":
        return approximate(lambda mp: +mp.pi)
    if form == "E":
        return approximate(lambda mp: +mp.e)
    operation, *operands = form
    parts = [_of_form(part) for part in operands]
    function: Callable[..., Fraction] = _FORMS[operation]
    return function(*parts)


# -- powers and logarithms -------------------------------------------------------------------------


def root(value: Fraction) -> Fraction:
    """The square root.  Raises ValueError below 0.

    >>> root(Fraction(9, 4)), round(root(Fraction(2)), 3)
    (Fraction(3, 2), Fraction(707, 500))
    """
    if value < 0:
        raise ValueError(f"sqrt({value}) is not real")
    found = _exact_root(value, 2)
    return approximate(lambda mp, x: mp.sqrt(x), value) if found is None else found


def _exact_root(value: Fraction, n: int) -> Fraction | None:
    """The n-th root of a positive fraction, where it is one."""
    parts = [_whole_root(part, n) for part in (value.numerator, value.denominator)]
    return None if None in parts else Fraction(*parts)  # type: ignore[arg-type]


def _whole_root(value: int, n: int) -> int | None:
    if n == 2:
        found = math.isqrt(value)
    elif value < 2 or n >= value.bit_length():
        found = min(value, 1)
    else:
        low, high = 1, 1 << (value.bit_length() // n + 1)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if middle**n <= value else (low, middle - 1)
        found = low
    return found if found**n == value else None


def power(a: Fraction, b: Fraction) -> Fraction:
    """``a ** b``; 0 ** 0 is 1.  Raises ZeroDivisionError, ValueError where the result is not real,
    and OverflowError where it is too long.

    >>> power(Fraction(8, 27), Fraction(2, 3))
    Fraction(4, 9)
    """
    if b.denominator == 1 or a <= 0:
        return checked(number.power(a, b))
    found = _exact_root(a, b.denominator) if b.denominator < MAX_DIGITS else None
    if found is not None:
        return checked(number.power(found, Fraction(b.numerator)))
    return approximate(lambda mp, x, y: mp.power(x, y), a, b)


def logarithm(value: Fraction) -> Fraction:
    """The natural logarithm.  Raises ZeroDivisionError at 0, ValueError below."""
    if value <= 0 or value == 1:
        return precise.logarithm(value)  # type: ignore[no-any-return]
    if abs(value - 1) < Fraction(1, 2):
        return approximate(lambda mp, x: mp.log1p(x), value - 1)
    return approximate(lambda mp, x: mp.log(x), value)


def logarithm_of_1_plus(value: Fraction) -> Fraction:
    """The natural logarithm of 1 + value.  Raises as `logarithm` does."""
    return logarithm(1 + value)


def logarithm_to_base_2(value: Fraction) -> Fraction:
    """The logarithm to base 2, exact for powers of 2.  Raises as `logarithm` does."""
    return _logarithm_to(2, value)


def logarithm_to_base_10(value: Fraction) -> Fraction:
    """The logarithm to base 10, exact for powers of 10.  Raises as `logarithm` does."""
    return _logarithm_to(10, value)


def _logarithm_to(base: int, value: Fraction) -> Fraction:
    if value <= 0 or value == 1:
        return precise.logarithm(value)  # type: ignore[no-any-return]
    found = approximate(lambda mp, x: mp.log(x, base), value)
    whole = round(found)
    return Fraction(whole) if Fraction(base) ** whole == value else found


# -- exponentials, circles, hyperbolas, errors -----------------------------------------------------


def _rational_at_zero(name: str, there: Fraction) -> Callable[[Fraction], Fraction]:
    """The function that mpmath calls so, of fractions: a fraction at 0 alone."""

    def function(value: Fraction) -> Fraction:
        return there if value == 0 else approximate(lambda mp, x: getattr(mp, name)(x), value)

    return function


exponential = _rational_at_zero("exp", ONE)
exponential_minus_1 = _rational_at_zero("expm1", ZERO)
sine, cosine = _rational_at_zero("sin", ZERO), _rational_at_zero("cos", ONE)
hyperbolic_sine = _rational_at_zero("sinh", ZERO)
hyperbolic_cosine = _rational_at_zero("cosh", ONE)
hyperbolic_tangent = _rational_at_zero("tanh", ZERO)
inverse_hyperbolic_sine = _rational_at_zero("asinh", ZERO)
error_function = _rational_at_zero("erf", ZERO)
complementary_error_function = _rational_at_zero("erfc", ONE)


def inverse_hyperbolic_cosine(value: Fraction) -> Fraction:
    """The number from 0 on whose hyperbolic cosine this is.  Raises ValueError below 1."""
    if value <= 1:
        return precise.inverse_hyperbolic_cosine(value)  # type: ignore[no-any-return]
    return approximate(lambda mp, x: mp.acosh(x), value)


def inverse_hyperbolic_tangent(value: Fraction) -> Fraction:
    """The number whose hyperbolic tangent this is.  Raises ZeroDivisionError at -1 and 1,
    ValueError beyond."""
    if value == 0 or abs(value) >= 1:
        return precise.inverse_hyperbolic_tangent(value)  # type: ignore[no-any-return]
    return logarithm((1 + value) / (1 - value)) / 2


def inverse_error_function(value: Fraction) -> Fraction:
    """The number whose error function this is.  Raises ZeroDivisionError at -1 and 1, ValueError
    beyond."""
    if value == 0 or abs(value) >= 1:
        return precise.inverse_error_function(value)  # type: ignore[no-any-return]
    return approximate(lambda mp, x: mp.erfinv(x), value)


def angle(y: Fraction, x: Fraction) -> Fraction:
    """The angle of the point (x, y) with the x axis, from -π to π; 0 for the origin."""
    if y == 0 and x >= 0:
        return ZERO
    return approximate(lambda mp, a, b: mp.atan2(a, b), y, x)


def hypotenuse(a: Fraction, b: Fraction) -> Fraction:
    """The root of a² + b²."""
    return root(a * a + b * b)


_FORMS: dict[str, Callable[..., Fraction]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "truediv": number.quotient,
    "pow": power,
    "log": logarithm,
    "sqrt": root,
}
"""What the forms of constants are made with."""
