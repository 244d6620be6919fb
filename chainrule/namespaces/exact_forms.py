"""One form for each exact number that is not rational, where finding it is cheap.

Radicals are expanded and their denominators freed of roots; powers of e are brought to a quotient
of polynomials in one of them; rational multiples of logarithms of fractions become one logarithm,
or logarithms of primes where that would be a long number.  Expressions in symbols stay as SymPy's
own rules leave them.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache
from typing import Any

MAX_FORM_PARTS = 300
"""Longer numbers are left as they are: a normal form would cost more than it saves."""

MAX_EXPONENT = 24
"""So are higher powers of sums, and quotients of polynomials of higher degree."""

MAX_LOG_BITS = 512
"""The longest fraction that logarithms are gathered into."""

MAX_LOG = 10**6
"""The logarithm of a longer numerator or denominator is written as those of its primes."""

MAX_PRIME = 1000
"""Larger primes are not looked for."""

MAX_BITS = 100_000
"""Whole numbers that are longer, in a fraction or in an expression, are refused."""

MAX_ROOT_BITS = 4096
"""Roots of numbers with longer integers are refused: their primes would be looked for."""

MAX_DENEST_BITS = 512
"""In roots of roots with longer integers no simpler form is looked for."""

MAX_PARTS = 10_000
"""So are expressions of more parts: each use of a long one makes all that follow twice as long."""

MAX_NUMBER_PARTS = 6000
"""Numbers, whose signs are asked for again and again, have fewer."""


def checked(value: Fraction) -> Fraction:
    """The fraction itself.  Raises OverflowError where it is longer than `MAX_BITS`."""
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > MAX_BITS:
        raise OverflowError(f"the result is a fraction longer than {MAX_BITS} bits")
    return value


def _parts(value: Any) -> int:
    """How many parts an expression has.  Raises OverflowError for more than `MAX_PARTS`."""
    most = MAX_PARTS if value.free_symbols else MAX_NUMBER_PARTS
    waiting, count = [value], 0
    while waiting:
        waiting.extend(waiting.pop().args)
        count += 1
        if count > most:
            raise OverflowError(
                f"the result is an expression of more than {most} parts: "
                "put numbers in the place of symbols, or compute in floats"
            )
    return count


def _is_short(normal: Any, parts: int) -> bool:
    """Whether a normal form is worth it: expanding a sum of quotients may make it much longer."""
    waiting, count = [normal], 0
    while waiting and count <= max(parts, MAX_FORM_PARTS):
        waiting.extend(waiting.pop().args)
        count += 1
    return not waiting


def bits(value: Any) -> int:
    """The length of the longest integer in a number; 0 where a power stays a power."""
    if type(value) is Fraction:
        if abs(value) == 1:
            return 0
        return max(value.numerator.bit_length(), value.denominator.bit_length())
    if not value.is_number:
        return 0
    import sympy

    parts = (max(abs(r.p), r.q).bit_length() for r in value.atoms(sympy.Rational))
    return max(map(int, parts), default=0)


def require_short(value: Any) -> None:
    """Raise OverflowError for a number with integers so long that looking for roots in them, by
    their primes, takes seconds."""
    if bits(value) > MAX_ROOT_BITS:
        raise OverflowError(
            f"a root of a number with integers longer than {MAX_ROOT_BITS} bits: compute in floats"
        )


def digits(value: Any) -> int:
    """About how many digits a number has before its point.

    >>> import sympy
    >>> digits(sympy.exp(1000))
    435
    """
    size = abs(value.evalf(3))
    return 0 if size < 1 else int(_log10(size)) + 1


def _log10(size: Any) -> float:
    mantissa, exponent = size._mpf_[1], size._mpf_[2]  # log10 of a float of any size
    return (math.log2(int(mantissa)) + int(exponent)) * math.log10(2)


def is_condition(value: Any) -> bool:
    """Whether a value is a condition, open or decided, and no number."""
    if isinstance(value, Fraction):
        return False
    return isinstance(value, bool) or bool(value.is_Boolean or value.is_Relational)


@lru_cache(maxsize=1 << 16)
def settled(value: Any) -> Any:
    """The form of a SymPy expression; a `Fraction` where it is rational.

    Raises ZeroDivisionError where the expression is infinite or undefined.

    >>> import sympy
    >>> settled(1 / (1 + sympy.sqrt(2))), settled(sympy.log(8) / sympy.log(2))
    (-1 + sqrt(2), Fraction(3, 1))
    """
    import sympy

    if is_condition(value):
        return value
    parts = _parts(value)
    if value.has(sympy.nan, sympy.zoo, sympy.oo, -sympy.oo):
        raise ZeroDivisionError(f"the result is {value}: a division by zero or a limit")
    if value.is_Float:
        return Fraction(str(value))
    if value.is_number and not value.is_Rational:
        normal = _normal(value, parts, sympy)
        value = normal if _is_short(normal, parts) else value
    return Fraction(int(value.p), int(value.q)) if value.is_Rational else value


def _normal(value: Any, parts: int, sympy: Any) -> Any:
    """The normal form of a number."""
    if value.is_Atom or parts > MAX_FORM_PARTS or _has_high_power(value, sympy):
        return value
    expanded = sympy.expand(value)
    if expanded.is_algebraic:
        if not expanded.is_Rational:
            expanded = sympy.expand(sympy.radsimp(expanded))
        return expanded
    return _gather_logs(_cancel(expanded, sympy), sympy)


def _has_high_power(value: Any, sympy: Any) -> bool:
    powers = value.atoms(sympy.Pow)
    return any(p.base.is_Add and abs(p.exp.evalf(3)) > MAX_EXPONENT for p in powers)


def _cancel(value: Any, sympy: Any) -> Any:
    """A quotient of polynomials without common factor; the value itself where it is none, as one
    with powers of e inside of functions."""
    try:
        return _as_quotient(value, sympy)
    except sympy.PolynomialError:
        return value


def _as_quotient(value: Any, sympy: Any) -> Any:
    """A quotient without common factor, all rational powers of e in one polynomial."""
    exponents = {p: sympy.Rational(p.exp) for p in value.atoms(sympy.exp) if p.exp.is_Rational}
    if value.has(sympy.E):
        exponents[sympy.E] = sympy.Integer(1)
    if not exponents:
        return sympy.cancel(value)
    unit = abs(sympy.gcd(list(exponents.values())))
    if max(abs(e / unit) for e in exponents.values()) > MAX_EXPONENT:
        return value
    t = sympy.Dummy("t", positive=True)
    quotient = sympy.cancel(value.xreplace({p: t ** (e / unit) for p, e in exponents.items()}))
    top, bottom = sympy.fraction(quotient)
    power = top.as_coeff_exponent(t)[1]
    if len(bottom.args) == 2 and sympy.degree(bottom, t) == power > 0:
        # The logistic function is written 1 / (1 + exp(-x)), not exp(x) / (1 + exp(x)).
        quotient = (top / t**power) / sympy.expand(bottom / t**power)
    return quotient.xreplace({t: sympy.exp(unit)})


def _gather_logs(value: Any, sympy: Any) -> Any:
    """The rational multiples of logarithms of fractions as one, c * log(r), with c > 0, or as those
    of primes."""
    terms, rest = [], []
    for term in sympy.Add.make_args(value):
        factor, log = term.as_coeff_Mul()
        fits = isinstance(log, sympy.log) and log.args[0].is_Rational and log.args[0].is_positive
        if fits and factor.is_Rational:
            terms.append((Fraction(int(factor.p), int(factor.q)), log.args[0]))
        else:
            rest.append(term)
    if not terms:
        return value
    scale = Fraction(
        math.gcd(*(c.numerator for c, _ in terms)), math.lcm(*(c.denominator for c, _ in terms))
    )
    bits = sum(abs(c / scale) * int(max(r.p, r.q)).bit_length() for c, r in terms)
    if bits > MAX_LOG_BITS:
        return value
    product = Fraction(1)
    for c, r in terms:
        product *= Fraction(int(r.p), int(r.q)) ** int(c / scale)
    product, power = _without_power(product, sympy)
    factor = sympy.Rational((scale * power).numerator, (scale * power).denominator)
    argument = sympy.Rational(product.numerator, product.denominator)
    if max(product.numerator, product.denominator) <= MAX_LOG:
        return sympy.Add(*rest, factor * sympy.log(argument))
    primes = argument.factors(limit=MAX_PRIME).items()
    return sympy.Add(*rest, *(factor * k * sympy.log(prime) for prime, k in primes))


def _without_power(value: Fraction, sympy: Any) -> tuple[Fraction, int]:
    """``base, k`` with the largest k such that ``base ** k`` is the value."""
    if value == 1:
        return value, 1
    for k in range(max(value.numerator, value.denominator).bit_length(), 1, -1):
        top, exact_top = sympy.integer_nthroot(value.numerator, k)
        bottom, exact_bottom = sympy.integer_nthroot(value.denominator, k)
        if exact_top and exact_bottom:
            return Fraction(int(top), int(bottom)), k
    return value, 1
