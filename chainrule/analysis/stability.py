"""When the powers of a matrix go to zero: its eigenvalues as functions of a rate, the rates for
which all of them are inside the unit circle, and the rate for which the largest is smallest.

Everything is exact: the rates at which an eigenvalue crosses the circle, or two are equally large,
are roots of polynomials, and between two such roots a single sample decides.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any

from chainrule.core.errors import ArgumentError

DIGITS = 30
CLOSE = 1e-20
"""Sizes are compared with this many digits, and are equal when they are so close."""


@dataclass(frozen=True)
class Mode:
    """One eigenvalue, or two that come as a pair, as functions of the rate.

    One of ``edges`` is zero, or infinite, wherever an eigenvalue is on the unit circle; one of
    ``turns`` is zero wherever the larger size may be smallest; one of ``squares`` is, at each rate,
    the square of the larger size.
    """

    values: tuple[Any, ...]
    edges: tuple[Any, ...]
    turns: tuple[Any, ...]
    squares: tuple[Any, ...]

    def size(self, rate: Any, at: Any) -> Any:
        """The larger size at a rate, exactly."""
        import sympy as sp

        found = [sp.Abs(value.subs(rate, at)) for value in self.values]
        return max(found, key=lambda size: size.evalf(DIGITS))


def real(value: Any, rate: Any) -> Mode:
    """One eigenvalue that is real at every rate."""
    edges = (value - 1, value + 1, *_inverse(value))
    return Mode((value,), edges, (value, value.diff(rate)), (value**2,))


def pair(b: Any, c: Any, rate: Any) -> Mode:
    """The roots of z² + b z + c, which are real at some rates and conjugate at others.

    Both are inside the circle where |c| < 1 and |b| < 1 + c (E. I. Jury, Theory and Application of
    the z-Transform Method, 1964).
    """
    import sympy as sp

    under = sp.factor(b**2 - 4 * c)
    values = ((-b + sp.sqrt(under)) / 2, (-b - sp.sqrt(under)) / 2)
    db, dc = b.diff(rate), c.diff(rate)
    flat = dc**2 - b * db * dc + c * db**2  # z² + bz + c and its derivative have a common root
    edges = (c - 1, 1 + b + c, 1 - b + c, *_inverse(b), *_inverse(c))
    return Mode(values, edges, (under, b, dc, flat), (c, *(value**2 for value in values)))


def _inverse(x: Any) -> tuple[Any, ...]:
    """1/x, which is zero where x is infinite; nothing where x is zero everywhere."""
    return () if x == 0 else (1 / x,)


def modes(matrix: Any, rate: Any) -> list[Mode]:
    """The eigenvalues of a SymPy matrix; raises ArgumentError where they have no closed form."""
    import sympy as sp

    if matrix.is_upper or matrix.is_lower:
        return [real(sp.expand(value), rate) for value in matrix.diagonal()]
    z = sp.Dummy("z")
    whole, _ = sp.fraction(sp.together(matrix.charpoly().as_expr(z)))
    found: list[Mode] = []
    for factor, times in _factors(whole):
        if factor.has(z):
            found += [mode for mode in _of_factor(factor, z, rate) for _ in range(times)]
    return sorted(found, key=lambda mode: [sp.default_sort_key(value) for value in mode.values])


def _of_factor(factor: Any, z: Any, rate: Any) -> list[Mode]:
    """The modes of an irreducible factor of the characteristic polynomial."""
    import sympy as sp

    first, *rest = sp.Poly(factor, z).all_coeffs()
    coefficients = [sp.expand(sp.cancel(part / first)) for part in rest]
    if len(coefficients) == 1:
        return [real(sp.expand(-coefficients[0]), rate)]
    if len(coefficients) > 2:
        raise ArgumentError(
            f"{len(coefficients)} factors of the iteration have no closed form together",
            hint="look at fewer weights, or at one direction after the other",
        )
    b, c = coefficients
    root = _square_root(b**2 - 4 * c)
    if root is None:
        return [pair(b, c, rate)]
    return [real(sp.expand((-b + sign * root) / 2), rate) for sign in (1, -1)]


def _square_root(x: Any) -> Any:
    """The root of a square of a polynomial times a number that is not negative, else None."""
    import sympy as sp

    number, factors = sp.factor_list(x)
    if not number.is_nonnegative or any(times % 2 for _, times in factors):
        return None
    return sp.sqrt(number) * sp.Mul(*(base ** (times // 2) for base, times in factors))


def _surds(x: Any) -> list[Any]:
    """The roots of numbers that occur in an expression."""
    import sympy as sp

    return [p for p in x.atoms(sp.Pow) if p.is_number and not p.exp.is_integer]


def _factors(x: Any) -> list[tuple[Any, int]]:
    """The irreducible factors of a polynomial, over the roots that occur in it."""
    import sympy as sp

    surds = _surds(x)
    found: list[tuple[Any, int]] = sp.factor_list(x, **({"extension": surds} if surds else {}))[1]
    return found


def roots(x: Any, rate: Any) -> list[Any]:
    """The real rates at which an expression is zero; none where it is zero everywhere."""
    import sympy as sp

    numerator, _ = sp.fraction(sp.together(sp.expand(x)))
    if not numerator.has(rate):
        return []
    whole = sp.Poly(sp.expand(numerator), rate)
    if whole.degree() > 2:
        surds = {"extension": True} if _surds(numerator) else {}
        parts = [part for part, _ in sp.Poly(whole.as_expr(), rate, **surds).factor_list()[1]]
    else:
        parts = [whole]
    found = [root for part in parts for root in _roots_of(part)]
    return [root for root in found if abs(sp.im(root.evalf(DIGITS))) < CLOSE]


def _roots_of(poly: Any) -> list[Any]:
    """The roots of a polynomial in the rate: by formula up to degree 2, else the real ones."""
    import sympy as sp

    if poly.degree() > 2:
        return list(sp.real_roots(poly))
    if poly.degree() < 1:
        return []
    *square, b, c = poly.all_coeffs()
    if not square:
        return [sp.radsimp(-c / b)]
    under = sp.sqrt(b**2 - 4 * square[0] * c)
    return [sp.radsimp((-b + sign * under) / (2 * square[0])) for sign in (1, -1)]


def _sorted(found: Iterable[Any]) -> list[Any]:
    """Exact numbers in ascending order, each once."""
    ordered = sorted(((x.evalf(DIGITS), x) for x in found), key=lambda pair: pair[0])
    kept = [pair for i, pair in enumerate(ordered) if not i or pair[0] - ordered[i - 1][0] > CLOSE]
    return [x for _, x in kept]


def _between(edges: Sequence[Any]) -> Iterator[tuple[Any, Any, Any]]:
    """Each gap, from minus to plus infinity, with a rational number in it."""
    import sympy as sp

    ends = [-math.inf, *edges, math.inf]
    for low, high in pairwise(ends):
        if low == -math.inf:
            inside = 0 if high == math.inf else high.evalf() - 1
        else:
            inside = low.evalf() + 1 if high == math.inf else (low.evalf() + high.evalf()) / 2
        yield low, high, sp.Rational(sp.nsimplify(inside, rational=True))


def largest(found: Sequence[Mode], rate: Any, at: Any) -> Any:
    """The size of the largest eigenvalue at a rate, exactly."""
    return max((mode.size(rate, at) for mode in found), key=lambda size: size.evalf(DIGITS))


def stable(found: Sequence[Mode], rate: Any) -> list[tuple[Any, Any]]:
    """The open intervals of rates at which every eigenvalue is inside the unit circle."""
    edges = _sorted(root for mode in found for edge in mode.edges for root in _zeros(edge, rate))
    return [
        (low, high)
        for low, high, inside in _between(edges)
        if largest(found, rate, inside).evalf(DIGITS) < 1 - CLOSE
    ]


def _zeros(edge: Any, rate: Any) -> list[Any]:
    """Where an edge is zero, or, of 1/x, where x is infinite."""
    import sympy as sp

    return roots(sp.cancel(edge), rate)


def smallest(found: Sequence[Mode], rate: Any) -> tuple[Any, Any] | None:
    """The rate at which the largest size is smallest, and that size; the smallest of several such
    rates; None where every rate has a better one."""
    import sympy as sp

    places = [root for mode in found for turn in mode.turns for root in roots(turn, rate)]
    for one, other in combinations(found, 2):
        for a in one.squares:
            for b in other.squares:
                places += _equal(a, b, rate)
    ordered = _sorted(places)
    sizes = [(largest(found, rate, at), at) for at in ordered]
    sizes = [pair for pair in sizes if pair[0].is_finite]
    if not sizes:
        return None
    size, at = min(sizes, key=lambda pair: (round(pair[0].evalf(DIGITS), 20), pair[1].evalf()))
    inner = (largest(found, rate, inside).evalf(DIGITS) for _, _, inside in _between(ordered))
    if any(other < size.evalf(DIGITS) - CLOSE for other in inner):
        return None
    return at, sp.simplify(sp.sqrtdenest(size))


def _equal(a: Any, b: Any, rate: Any) -> list[Any]:
    """The rates at which two squared sizes are equal, whose roots are cleared by squaring."""
    import sympy as sp

    difference = sp.expand(a - b)
    for _ in range(2):
        surds = [p for p in difference.atoms(sp.Pow) if p.exp == sp.Rational(1, 2) and p.has(rate)]
        if not surds:
            break
        inside = difference.coeff(surds[0])
        rest = sp.expand(difference - inside * surds[0])
        difference = sp.expand(rest**2 - inside**2 * surds[0].base)
    return roots(difference, rate)
