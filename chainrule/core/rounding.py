"""Rules for floor, max and min of polynomials in sizes: normal forms, and bounds that are proved.

Everything here holds for every integer value of the symbols not below their lower bounds.  A rule
that does not apply leaves an atom behind (`Floor`, `Extreme`), never a wrong answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from math import gcd
from typing import Literal

from chainrule.core.polynomial import Atom, Extreme, Floor, Monomial, Polynomial, Symbol, Term


def floor_div(num: Polynomial, den: Polynomial) -> Polynomial:
    """floor(num / den).

    What ``den`` divides is pulled out, common factors are cancelled, floors in floors are merged.
    Raises ZeroDivisionError where ``den`` is 0; where it only may be 0, the result supposes that
    it is not.

    >>> h, s = Polynomial.of(Symbol("h")), Polynomial.of(Symbol("s"))
    >>> floor_div(4 * h + 3, Polynomial.of(2)), floor_div(h + s * s, s), floor_div(h * s, s)
    (2*h + 1, s + floor(h/s), h)
    """
    if den.number == 0:
        raise ZeroDivisionError(f"{num} is divided by a size that is 0")
    if den.terms[0][1] < 0:
        num, den = -num, -den
    positive = at_least(den, 1)
    num, den = _cancel(num, den, positive)
    if positive and (merged := _merge(num, den)):
        return floor_div(*merged)
    quotient, rest = _divide(num, den)
    if not rest.terms:
        return quotient
    if quotient.terms:
        return quotient + floor_div(rest, den)
    if positive:
        if at_least(rest, 0) and at_least(den - rest, 1):
            return Polynomial.of(0)
        if all(c < 0 for m, c in rest.terms if m or rest.number):
            return -1 - floor_div(-rest - 1, den)  # -(-h // 2) is the ceiling (h + 1) // 2
    return Polynomial.of(Floor(rest, den))


def _cancel(num: Polynomial, den: Polynomial, positive: bool) -> tuple[Polynomial, Polynomial]:
    """Without the common factors of num and den: numbers, and symbols that are never 0.

    Over a positive denominator the constant of num need not be divisible:
    floor((g y + c)/(g d)) = floor((y + floor(c/g))/d).
    """
    g = gcd(*(c for m, c in num.terms if m or not positive), *(c for _, c in den.terms))
    shared = Counter(den.terms[0][0])
    for monomial, _ in (*num.terms, *den.terms):
        shared &= Counter(monomial)
    factor = tuple(a for a in shared.elements() if isinstance(a, Symbol) and a.lower > 0)

    def divided(terms: Iterable[Term]) -> Polynomial:
        return Polynomial.collect((_quotient(m, factor) or (), c // g) for m, c in terms)

    return divided(num.terms), divided(den.terms)


def _merge(num: Polynomial, den: Polynomial) -> tuple[Polynomial, Polynomial] | None:
    """floor((floor(x/a) + r)/b) = floor((x + a r)/(a b)) for b > 0; also with -floor(x/a), which
    is floor((-x - 1)/a) + 1 for a > 0."""
    for monomial, sign in num.terms:
        if len(monomial) == 1 and isinstance(inner := monomial[0], Floor):
            rest = num - Polynomial(((monomial, sign),))
            if sign == 1:
                return inner.num + inner.den * rest, inner.den * den
            if sign == -1 and at_least(inner.den, 1):
                return inner.den * (rest + 1) - inner.num - 1, inner.den * den
    return None


def _divide(num: Polynomial, den: Polynomial) -> tuple[Polynomial, Polynomial]:
    """Quotient and rest: num = quotient * den + rest, no term of the rest divisible by den's first.

    Coefficients are divided towards zero, so that h - k stays as it is written; the number is
    rounded down, so that (h - 1) // 2 + 1 and (h + 1) // 2 are the same.
    """
    lead, size = den.terms[0]
    quotient, rest = Polynomial.of(0), Polynomial.of(0)
    while num.terms:
        monomial, c = num.terms[0]
        factor = _quotient(monomial, lead)
        q = 0 if factor is None else c // size if c > 0 or not monomial else -(-c // size)
        step = Polynomial(((factor or (), q),)) if q else Polynomial.of(0)
        left = Polynomial.collect([(monomial, c - q * size if q else c)])
        quotient, rest, num = quotient + step, rest + left, num - step * den - left
    return quotient, rest


def _quotient(monomial: Monomial, divisor: Monomial) -> Monomial | None:
    """The monomial over the divisor, or None where it does not divide."""
    rest = list(monomial)
    for atom in divisor:
        if atom not in rest:
            return None
        rest.remove(atom)
    return tuple(rest)


def extreme(kind: Literal["max", "min"], values: Iterable[Polynomial]) -> Polynomial:
    """The largest or smallest of the values: nested ones flattened, losers and twins dropped,
    what all share taken out.

    >>> B, C = Polynomial.of(Symbol("B")), Polynomial.of(Symbol("C"))
    >>> extreme("max", [B + C, 3 * C, C]), extreme("min", [B + 1, C + 1])
    (C + max(2*C, B), min(B, C) + 1)
    """
    flat = dict.fromkeys(arg for value in values for arg in _spread(kind, value))
    kept: list[Polynomial] = []
    for arg in sorted(flat, key=lambda p: (p.number is not None, str(p))):
        if not any(_wins(kind, other, arg) for other in kept):
            kept = [other for other in kept if not _wins(kind, arg, other)] + [arg]
    if len(kept) == 1:
        return kept[0]
    if all(c < 0 for arg in kept for _, c in arg.terms):
        return -extreme("min" if kind == "max" else "max", [-arg for arg in kept])
    if (shared := _shared(kept)).terms:
        return shared + extreme(kind, [arg - shared for arg in kept])
    g = gcd(*(c for arg in kept for _, c in arg.terms))
    args = tuple(Polynomial(tuple((m, c // g) for m, c in arg.terms)) for arg in kept)
    return g * Polynomial.of(Extreme(kind, args))


def _wins(kind: str, a: Polynomial, b: Polynomial) -> bool:
    """Whether a can stand for both in a max (or min)."""
    return at_least(a - b if kind == "max" else b - a, 0)


def _spread(kind: str, value: Polynomial) -> Iterator[Polynomial]:
    """The arguments that a term of the same kind adds: r + 2 max(a, b) gives r + 2a, r + 2b."""
    for monomial, c in value.terms:
        inner = monomial[0] if len(monomial) == 1 else None
        if isinstance(inner, Extreme) and (inner.kind == kind) == (c > 0):
            rest = value - Polynomial(((monomial, c),))
            for arg in inner.args:
                yield from _spread(kind, rest + c * arg)
            return
    yield value


def _shared(args: list[Polynomial]) -> Polynomial:
    """The terms that all arguments have with one sign: B + 1 of B + 1 + C and 2 B + 3."""
    columns = [[dict(arg.terms).get(m, 0) for arg in args] for m, _ in args[0].terms]
    pairs = zip((m for m, _ in args[0].terms), columns, strict=True)
    return Polynomial.collect(
        (m, min(column, key=abs)) for m, column in pairs if min(column) > 0 or max(column) < 0
    )


def substitute(polynomial: Polynomial, value: Callable[[Symbol], Polynomial]) -> Polynomial:
    """The polynomial with ``value(symbol)`` for each symbol, in floors and extremes too.

    >>> h = Polynomial.of(Symbol("h"))
    >>> substitute(floor_div(h, Polynomial.of(2)) + h, lambda symbol: Polynomial.of(7))
    10
    """

    def replaced(atom: Atom) -> Polynomial:
        if isinstance(atom, Symbol):
            return value(atom)
        if isinstance(atom, Floor):
            return floor_div(substitute(atom.num, value), substitute(atom.den, value))
        return extreme(atom.kind, [substitute(arg, value) for arg in atom.args])

    return polynomial.replace(replaced)


def at_least(polynomial: Polynomial, number: int) -> bool:
    """Whether the polynomial is proved never to fall below the number.

    >>> at_least(Polynomial.of(Symbol("B")), 1)
    True
    """
    low = lower(polynomial)
    return low is not None and low >= number


def upper(polynomial: Polynomial) -> int | None:
    """A number the polynomial is proved never to exceed, None where we find none.

    >>> upper(3 - Polynomial.of(Symbol("B")))
    2
    """
    low = lower(-polynomial)
    return None if low is None else -low


@lru_cache(maxsize=4096)
def lower(polynomial: Polynomial) -> int | None:
    """A number the polynomial is proved never to fall below, None where we find none.

    Without floors and extremes: each symbol is its lower bound plus something >= 0; if after
    expanding no coefficient is negative, the constant is the bound.  With them, one atom is taken
    at a time, and the best of the bounds that follow from its own limits is kept.

    >>> B, C = Polynomial.of(Symbol("B")), Polynomial.of(Symbol("C"))
    >>> lower(B * C - B), lower(B - 2 * floor_div(B, Polynomial.of(2))), lower(B - C)
    (0, 0, None)
    """
    atom = next((atom for atom in polynomial.atoms() if not isinstance(atom, Symbol)), None)
    if atom is None:
        grown = substitute(polynomial, lambda s: Polynomial.of(Symbol(s.name, 0)) + s.lower)
        return grown.constant if all(c >= 0 for m, c in grown.terms if m) else None
    if isinstance(atom, Floor):
        return _best(_floor_cases(polynomial, atom))
    return _best(_extreme_cases(polynomial, atom))


def _best(bounds: Iterable[int | None]) -> int | None:
    return max((bound for bound in bounds if bound is not None), default=None)


def _extreme_cases(polynomial: Polynomial, atom: Extreme) -> Iterator[int | None]:
    """Lower bounds: the worst over which argument the atom is, or that a max is >= each."""

    def case(arg: Polynomial) -> int | None:
        return lower(polynomial.replace(lambda a: arg if a == atom else Polynomial.of(a)))

    known = [bound for arg in atom.args if (bound := case(arg)) is not None]
    yield min(known) if len(known) == len(atom.args) else None
    for arg in atom.args:
        low, high = (arg, None) if atom.kind == "max" else (None, arg)
        yield _relaxed(polynomial, atom, 1, low, high)


def _floor_cases(polynomial: Polynomial, atom: Floor) -> Iterator[int | None]:
    """Lower bounds from (num - den + 1)/den <= floor(num/den) <= num/den and from numbers."""
    scale = lower(atom.den)
    if scale is None or scale < 1:
        return
    exact, low, high = atom.den.number is not None, lower(atom.num), upper(atom.num)
    lows: list[Polynomial | None] = [atom.num - scale + 1] if exact else []
    highs: list[Polynomial | None] = [atom.num] if exact or (low is not None and low >= 0) else []
    if low is not None:
        lows.append(Polynomial.of(scale * (low // scale if exact or low < 0 else 0)))
    if high is not None:
        highs.append(Polynomial.of(scale * (high // scale if exact or high >= 0 else -1)))
    for below in lows or [None]:
        for above in highs or [None]:
            yield _relaxed(polynomial, atom, scale, below, above)


def _relaxed(
    polynomial: Polynomial,
    atom: Atom,
    scale: int,
    low: Polynomial | None,
    high: Polynomial | None,
) -> int | None:
    """A lower bound from low <= scale * atom <= high, taken where a term needs it.

    The polynomial times ``scale`` has integer values, so its bound over ``scale`` is rounded up.
    """
    total = Polynomial.of(0)
    for monomial, c in polynomial.terms:
        rest = _quotient(monomial, (atom,))
        if rest is None:
            total += Polynomial(((monomial, scale * c),))
            continue
        limit, others = low if c > 0 else high, Polynomial(((rest, 1),))
        if limit is None or not at_least(others, 0):
            return None
        total += c * limit * others
    bound = lower(total)
    return None if bound is None else -(-bound // scale)
