"""Exact numbers, one at a time: fractions while they last, SymPy expressions after.

A number is a `fractions.Fraction` whenever its value is rational and known to be; anything else is
a SymPy expression, brought to a form of its own where that is cheap.  SymPy is imported when the
first such value is met.  Nothing here is ever infinite, undefined or rounded: where a float would
be ``inf``, ``nan`` or silently complex, an error says which value has no value.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cache, cmp_to_key
from numbers import Integral
from typing import Any

import numpy as np

from chainrule.namespaces.constants import Constant
from chainrule.namespaces.exact_forms import (
    MAX_BITS,
    MAX_DENEST_BITS,
    bits,
    checked,
    digits,
    is_condition,
    require_short,
    settled,
)
from chainrule.namespaces.exact_zero import vanishes

Number = Any
Condition = Any

MAX_DIGITS = 4000
"""Of longer numbers neither the whole part nor the place in a period is looked for."""

ZERO, ONE = Fraction(0), Fraction(1)


@cache
def sympy() -> Any:
    """The library, imported when first needed."""
    import sympy as library

    return library


def number(value: Any) -> Number:
    """The exact number that ``value`` writes: floats by their shortest decimal form.

    Raises ValueError for NaN and infinity, TypeError for what is no number.

    >>> number(0.1), number(np.float32(0.1)), number(3)
    (Fraction(1, 10), Fraction(1, 10), Fraction(3, 1))
    """
    if isinstance(value, Fraction):
        return value
    if isinstance(value, bool | np.bool_ | Integral):
        return Fraction(int(value))
    if isinstance(value, Constant):
        return settle(value.expression(sympy()))
    if isinstance(value, float | np.floating | Decimal):
        if not math.isfinite(value):
            raise ValueError(f"{value} is no exact number")
        return Fraction(str(value))
    if isinstance(value, complex | np.complexfloating):
        return join(number(value.real), number(value.imag))
    if hasattr(value, "free_symbols"):
        return settle(value)
    raise TypeError(f"{value!r} of type {type(value).__name__} is no number")


def symbolic(value: Number) -> Any:
    """The number as a SymPy expression."""
    if type(value) is Fraction:
        return sympy().Rational(value.numerator, value.denominator)
    return value


def settle(value: Any) -> Number:
    """The settled form of a result: a fraction where it is rational.

    >>> settle(sympy().sqrt(2) ** 2)
    Fraction(2, 1)
    """
    if type(value) is Fraction:
        return checked(value)
    if isinstance(value, int):
        return Fraction(value)
    return settled(value)


# -- what is known about a value -------------------------------------------------------------------


def sign_of(value: Number) -> int | None:
    """-1, 0 or 1, or None where symbols leave it open or it is not real."""
    if type(value) is Fraction:
        return (value > 0) - (value < 0)
    if value.is_positive:
        return 1
    if value.is_negative:
        return -1
    return 0 if is_zero(value) else None


def is_zero(value: Number) -> bool | None:
    """Whether the value is 0; None where symbols leave it open."""
    if type(value) is Fraction:
        return value == 0
    known: bool | None = value.is_zero
    if known is None and value.is_number:
        known = value.equals(0)
    elif known is None and vanishes(value):
        known = True
    return known


def unknowns(*values: Any) -> str:
    """What leaves the values open: their symbols, by name."""
    names = {str(s) for v in values for s in getattr(v, "free_symbols", ())}
    names |= {str(f) for v in values if not isinstance(v, Fraction) for f in v.atoms(_applied())}
    return f"{', '.join(sorted(names))} unknown" if names else "not decided by any bound on it"


def _applied() -> Any:
    """The type of abstract functions of something: what has one may have no symbol, σ(0)."""
    return sympy().core.function.AppliedUndef


def compare(a: Number, b: Number, relation: str) -> Condition:
    """``a relation b``, for ``==``, ``<``, ``<=`` and ``>=``: a bool, or a SymPy condition."""
    if type(a) is Fraction and type(b) is Fraction:
        gap: int | None = (a > b) - (a < b)
    else:
        gap = sign_of(settle(a - b))
        if gap is None and relation == "==" and is_zero(settle(a - b)) is False:
            return False
    if gap is not None:
        return {"==": gap == 0, "<": gap < 0, "<=": gap <= 0, ">=": gap >= 0}[relation]
    if relation != "==" and not all(getattr(v, "is_extended_real", True) for v in (a, b)):
        raise ValueError(f"{a} {relation} {b}: only real numbers have an order")
    kind = {"==": "Eq", "<": "Lt", "<=": "Le", ">=": "Ge"}[relation]
    condition = getattr(sympy(), kind)(symbolic(a), symbolic(b))
    if condition.is_Relational and condition.lhs.is_number:
        condition = condition.reversed  # x > 0, not 0 < x
    return _decided(condition)


def _decided(condition: Any) -> Condition:
    """The condition, as a bool where it is one.  Raises ValueError for two numbers so close that
    SymPy cannot tell."""
    if condition.free_symbols or condition.has(_applied()):
        return condition
    if condition not in (sympy().true, sympy().false):
        raise ValueError(f"whether {condition} is open: {unknowns(condition)}")
    return bool(condition)


def truth(value: Any) -> Condition:
    """Whether a value is not 0; a condition is its own truth."""
    if is_condition(value):
        return value
    return negation(compare(value, ZERO, "=="))


def negation(condition: Condition) -> Condition:
    """Not ``condition``."""
    condition = truth(condition)
    return not condition if type(condition) is bool else _decided(sympy().Not(condition))


def both(a: Condition, b: Condition) -> Condition:
    """``a`` and ``b``."""
    return _decided(sympy().And(truth(a), truth(b)))


def either(a: Condition, b: Condition) -> Condition:
    """``a`` or ``b``."""
    return _decided(sympy().Or(truth(a), truth(b)))


def choose(condition: Condition, a: Number, b: Number) -> Number:
    """``a`` where the condition holds, ``b`` where not; both, as cases, where it is open."""
    condition = truth(condition)
    if type(condition) is bool:
        return a if condition else b
    return settle(sympy().Piecewise((symbolic(a), condition), (symbolic(b), True)))


def extreme(values: Iterable[Number], relation: str) -> Number:
    """The maximum (``>=``) or minimum (``<=``), as cases where it is open.

    >>> x = sympy().Symbol("x", real=True)
    >>> extreme([x, Fraction(-1), Fraction(0)], ">=")
    Piecewise((x, x >= 0), (0, True))
    """
    kept: list[Number] = []
    for value in values:
        known = [compare(other, value, relation) for other in kept]
        if True not in known:
            kept = [other for other, k in zip(kept, known, strict=True) if k is not False] + [value]
    *others, last = kept
    if not others:
        return last
    cases = [
        (symbolic(a), sympy().And(*(compare(a, b, relation) for b in kept if b is not a)))
        for a in others
    ]
    return settle(sympy().Piecewise(*cases, (symbolic(last), True)))


def larger(a: Number, b: Number) -> Number:
    """The maximum of two values."""
    return extreme((a, b), ">=")


def rectified(x: Number) -> Number:
    """The number itself where it is positive, else 0."""
    return choose(compare(Fraction(0), x, "<"), x, Fraction(0))


def smaller(a: Number, b: Number) -> Number:
    """The minimum of two values."""
    return extreme((a, b), "<=")


def first_maximum(line: Sequence[Number]) -> int:
    """Where the first of the largest values is.  Raises ValueError where that is open."""
    best = 0
    for i, value in enumerate(line):
        best = i if _decidedly_less(line[best], value) else best
    return best


def rising_order(line: Sequence[Number]) -> list[int]:
    """Where the values stand, in rising order, equal ones as they come.  Raises ValueError."""

    def order(i: int, j: int) -> int:
        return -1 if _decidedly_less(line[i], line[j]) else int(_decidedly_less(line[j], line[i]))

    return sorted(range(len(line)), key=cmp_to_key(order))


def _decidedly_less(a: Number, b: Number) -> bool:
    below = compare(a, b, "<")
    if type(below) is not bool:
        raise ValueError(f"whether {below} is open: {unknowns(below)}")
    return below


# -- functions -------------------------------------------------------------------------------------


def quotient(a: Number, b: Number) -> Number:
    """``a / b``.  Raises ZeroDivisionError.

    >>> quotient(Fraction(1), Fraction(0))
    Traceback (most recent call last):
    ZeroDivisionError: 1 / 0 has no value
    """
    if is_zero(b):
        raise ZeroDivisionError(f"{a} / 0 has no value")
    return settle(a / b)


def power(a: Number, b: Number) -> Number:
    """``a ** b``; 0 ** 0 is 1.  Raises ZeroDivisionError, ValueError where the result is not real,
    and OverflowError where it is longer than `MAX_BITS`."""
    if type(b) is not Fraction:
        return settle(symbolic(a) ** b)
    if b == 0:
        return ONE
    if is_zero(a):
        if b < 0:
            raise ZeroDivisionError(f"0 ** {b} has no value")
        return ZERO
    if b.denominator != 1 and sign_of(a) == -1:
        raise ValueError(f"({a}) ** ({b}) is not real")
    if bits(a) * abs(b) > MAX_BITS:
        raise OverflowError(f"a power with exponent {b} is longer than {MAX_BITS} bits")
    if type(a) is Fraction and b.denominator == 1:
        return a**b.numerator
    if type(b) is Fraction and b.denominator != 1:
        require_short(a)
    return settle(symbolic(a) ** symbolic(b))


def root(value: Number) -> Number:
    """The square root.  Raises ValueError below 0, OverflowError for long integers.

    >>> root(Fraction(4, 9)), root(Fraction(2))
    (Fraction(2, 3), sqrt(2))
    """
    if sign_of(value) == -1:
        raise ValueError(f"sqrt({value}) is not real")
    if type(value) is Fraction:
        top, bottom = math.isqrt(value.numerator), math.isqrt(value.denominator)
        if top * top == value.numerator and bottom * bottom == value.denominator:
            return Fraction(top, bottom)
    require_short(value)
    taken = sympy().sqrt(symbolic(value))
    simple = taken.is_number and bits(taken) <= MAX_DENEST_BITS
    return settle(sympy().sqrtdenest(taken) if simple else taken)


def short(value: Number, function: str) -> Any:
    """The value as an expression.  Raises OverflowError for a number of more than `MAX_DIGITS`, of
    which a function would need every digit."""
    made = symbolic(value)
    if made.is_number and not made.is_Atom and digits(made) > MAX_DIGITS:
        raise OverflowError(f"{function} of a number of more than {MAX_DIGITS} digits")
    return made


def absolute(value: Number) -> Number:
    """The absolute value, or the modulus."""
    return abs(value) if type(value) is Fraction else settle(sympy().Abs(value))


def sign(value: Number) -> Number:
    """-1, 0 or 1; ``value / |value|`` for complex ones."""
    known = sign_of(value)
    return settle(sympy().sign(value)) if known is None else Fraction(known)


def whole_part(value: Number) -> Number:
    """The largest integer that is not above.  Raises ValueError where that is open."""
    if type(value) is Fraction:
        return Fraction(math.floor(value))
    result = settle(sympy().floor(short(value, "floor")))
    if type(result) is Fraction or result == value:
        return result
    raise ValueError(f"floor({value}) is open: {unknowns(value)}")


# -- complex numbers -------------------------------------------------------------------------------


def join(re: Number, im: Number) -> Number:
    """``re + i im``."""
    return re if is_zero(im) else settle(symbolic(re) + sympy().I * symbolic(im))


def real(value: Number) -> Number:
    """The real part."""
    return value if type(value) is Fraction else settle(sympy().re(value))


def imag(value: Number) -> Number:
    """The imaginary part."""
    return ZERO if type(value) is Fraction else settle(sympy().im(value))


def conjugate(value: Number) -> Number:
    """The complex conjugate."""
    return value if type(value) is Fraction else settle(sympy().conjugate(value))


# -- out of the exact ------------------------------------------------------------------------------


def to_complex(value: Number) -> complex:
    """The nearest floats to both parts.  Raises ValueError where symbols leave them open."""
    if type(value) is Fraction:
        return complex(float(value))
    if is_condition(value) or not value.is_number:
        raise ValueError(f"{value} is no number yet: {unknowns(value)}")
    return complex(value.evalf(40))


def to_integer(value: Number) -> int:
    """The integer next to the value towards 0.  Raises ValueError where symbols leave it open."""
    if type(value) is Fraction:
        return math.trunc(value)
    if is_condition(value):
        return int(to_bool(value))
    size = whole_part(absolute(real(value)))
    return int(size) if sign_of(real(value)) != -1 else -int(size)


def to_bool(value: Any) -> bool:
    """Whether the value is not 0.  Raises ValueError where symbols leave it open."""
    known = truth(value)
    if type(known) is not bool:
        raise ValueError(f"whether {known} is open: {unknowns(known)}")
    return known
