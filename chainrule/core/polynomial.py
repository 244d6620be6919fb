"""Integer polynomials in named sizes, floors, maxima and minima: their ring and how they read.

The rules for floors and extremes are in `chainrule.core.rounding`; what the rest of the framework
uses is `chainrule.core.size.Size`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import gcd, prod
from typing import Literal, NamedTuple


@dataclass(frozen=True)
class Symbol:
    """A named size over its unit, at least ``lower``: a size that is declared to be even has the
    unit 2, and its symbol, written h/2, stands for any integer.

    >>> Symbol("B")
    Symbol(name='B', lower=1, unit=1)
    >>> Polynomial.of(Symbol("h", 1, 2)), 2 * Polynomial.of(Symbol("h", 1, 2))
    (h/2, h)
    """

    name: str
    lower: int = 1
    unit: int = 1


@dataclass(frozen=True)
class Floor:
    """floor(num / den), in the form that `rounding.floor_div` gives it.

    >>> Polynomial.of(Floor(Polynomial.of(Symbol("h")), Polynomial.of(Symbol("s"))))
    floor(h/s)
    """

    num: Polynomial
    den: Polynomial


@dataclass(frozen=True)
class Extreme:
    """The largest or smallest of its arguments, in the form that `rounding.extreme` gives it.

    >>> Polynomial.of(Extreme("max", (Polynomial.of(Symbol("B")), Polynomial.of(Symbol("C")))))
    max(B, C)
    """

    kind: Literal["max", "min"]
    args: tuple[Polynomial, ...]


Atom = Symbol | Floor | Extreme
Monomial = tuple[Atom, ...]  # sorted; a power is a repetition: B²C is (B, B, C), and 1 is ()
Term = tuple[Monomial, int]


@dataclass(frozen=True, repr=False)
class Polynomial:
    """A sum of integer multiples of products of atoms; equal polynomials are ``==``.

    >>> B = Polynomial.of(Symbol("B"))
    >>> (B + 1) * (B - 1), (B + 1) * (B - 1) + 1 == B * B
    (B**2 - 1, True)
    """

    terms: tuple[Term, ...]  # leading term first, no coefficient 0

    @classmethod
    def collect(cls, terms: Iterable[Term]) -> Polynomial:
        """The sum of terms given in any order.

        >>> Polynomial.collect([((), 2), ((), 3)])
        5
        """
        total: dict[Monomial, int] = {}
        for monomial, coefficient in terms:
            total[monomial] = total.get(monomial, 0) + coefficient
        kept = [term for term in total.items() if term[1] != 0]
        return cls(tuple(sorted(kept, key=lambda term: rank(term[0]))))

    @classmethod
    def of(cls, value: Atom | int) -> Polynomial:
        """An atom or a number as a polynomial.

        >>> Polynomial.of(7)
        7
        """
        if isinstance(value, int):
            return cls((((), value),) if value else ())
        return cls((((value,), 1),))

    @property
    def constant(self) -> int:
        """The term without atoms: 3 in 2*B + 3.

        >>> (2 * Polynomial.of(Symbol("B")) + 3).constant
        3
        """
        return self.terms[-1][1] if self.terms and not self.terms[-1][0] else 0

    @property
    def number(self) -> int | None:
        """The value, where there are no atoms.

        >>> Polynomial.of(3).number, Polynomial.of(Symbol("B")).number
        (3, None)
        """
        return None if self.terms and self.terms[0][0] else self.constant

    def atoms(self) -> Iterator[Atom]:
        """The atoms of every monomial, leading first, with repetitions.

        >>> list((Polynomial.of(Symbol("B")) + 1).atoms())
        [Symbol(name='B', lower=1, unit=1)]
        """
        return (atom for monomial, _ in self.terms for atom in monomial)

    def replace(self, value: Callable[[Atom], Polynomial]) -> Polynomial:
        """The polynomial with ``value(atom)`` in place of each atom.

        >>> B = Polynomial.of(Symbol("B"))
        >>> (B * B + B).replace(lambda atom: B + 1)
        B**2 + 3*B + 2
        """
        total = Polynomial(())
        for monomial, coefficient in self.terms:
            product = Polynomial.of(coefficient)
            for atom in monomial:
                product *= value(atom)
            total += product
        return total

    def __add__(self, other: Polynomial | int) -> Polynomial:
        other = Polynomial.of(other) if isinstance(other, int) else other
        return Polynomial.collect((*self.terms, *other.terms))

    def __mul__(self, other: Polynomial | int) -> Polynomial:
        if isinstance(other, int):
            return Polynomial(tuple((m, c * other) for m, c in self.terms if other))
        return Polynomial.collect(
            (tuple(sorted(m + n, key=order)), c * d) for m, c in self.terms for n, d in other.terms
        )

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self) -> Polynomial:
        return -1 * self

    def __sub__(self, other: Polynomial | int) -> Polynomial:
        return self + -other

    def __rsub__(self, other: int) -> Polynomial:
        return -self + other

    def __str__(self) -> str:
        return show(self, PLAIN)

    __repr__ = __str__


@lru_cache(maxsize=4096)
def order(atom: Atom) -> tuple[bool, str]:
    """The place of an atom in a monomial: names first, then the others, alphabetically.

    >>> order(Symbol("B"))
    (False, 'B')
    """
    return not isinstance(atom, Symbol), _show_atom(atom, PLAIN)


def rank(monomial: Monomial) -> tuple[int, list[tuple[bool, str]]]:
    """The place of a monomial in a polynomial: by degree, highest first, then as in a dictionary.

    Multiplying keeps this order, as division with remainder needs.

    >>> rank((Symbol("B"), Symbol("B"))) < rank((Symbol("B"), Symbol("C"))) < rank(())
    True
    """
    return -len(monomial), [order(atom) for atom in monomial]


class Notation(NamedTuple):
    """How formulas are written: templates for the product, power, floor, max, and for a name.

    >>> PLAIN.power.format("B", 2)
    'B**2'
    """

    times: str
    power: str
    floor: str
    extreme: str
    name: Callable[[str], str]
    fraction: bool  # a two-storey fraction needs no brackets


def _latex_name(name: str) -> str:
    """``h_in`` as LaTeX: one letter stands alone, words are upright, what follows _ is below."""
    words = [part if len(part) == 1 else rf"\mathrm{{{part}}}" for part in name.split("_") if part]
    return words[0] + (f"_{{{','.join(words[1:])}}}" if words[1:] else "") if words else r"\_"


PLAIN = Notation("*", "{}**{}", "floor({}/{})", "{}({})", str, fraction=False)
LATEX = Notation(
    r" \, ",
    "{}^{{{}}}",
    r"\left\lfloor \frac{{{}}}{{{}}} \right\rfloor",
    r"\{}\left({}\right)",
    _latex_name,
    fraction=True,
)


def show(polynomial: Polynomial, notation: Notation) -> str:
    r"""The polynomial as on paper: positive terms first, the number last.

    >>> h, k = Polynomial.of(Symbol("h")), Polynomial.of(Symbol("k"))
    >>> print(show(1 - k * k + 2 * h, LATEX))
    2 \, h - k^{2} + 1
    """
    terms = sorted(on_paper(polynomial).terms, key=lambda term: (not term[0], term[1] < 0))
    if len(terms) > 1 and terms[0][1] < 0 < terms[-1][1]:
        terms = [terms[-1], *terms[:-1]]  # 1 - B, not -B + 1
    text = ""
    for monomial, coefficient in terms:
        sign = (" - " if coefficient < 0 else " + ") if text else ("-" if coefficient < 0 else "")
        text += sign + _show_term(monomial, abs(coefficient), notation)
    return text or "0"


def on_paper(polynomial: Polynomial) -> Polynomial:
    """With floor((h - 1)/2) again where the normal form has floor((h + 1)/2) - 1, and with
    floor((7 - k)/s) + 1 where it has -floor((k - 8)/s), or 4 - floor(k/2) for s = 2.

    >>> on_paper(Polynomial.of(Floor(Polynomial.of(Symbol("h")) + 1, Polynomial.of(2))) - 1)
    floor((h - 1)/2)
    """
    for monomial, count in polynomial.terms:
        match monomial:
            case (Floor(num, den),) if count < 0 and num.constant < 0:
                upwards = Polynomial.of(Floor(-num - 1, den)) + 1
                return polynomial - count * upwards - Polynomial(((monomial, count),))
            case (Floor(num, den),) if (size := den.number) and count == -1:
                if (whole := polynomial.constant - 1) >= 1:  # places of a window: 26 - floor(k/2)
                    inside = Polynomial.of(Floor(size * whole + size - 1 - num, den))
                    return polynomial + Polynomial.of(monomial[0]) + inside - whole
            case (Floor(num, den),) if (size := den.number) and num.constant > 0:
                if 0 < count <= -polynomial.constant:
                    change = Polynomial.of(Floor(num - size, den)) - Polynomial.of(monomial[0])
                    return polynomial + count * change + count
    return polynomial


def _show_term(monomial: Monomial, coefficient: int, notation: Notation) -> str:
    over = prod(atom.unit for atom in monomial if isinstance(atom, Symbol))
    shared = gcd(coefficient, over)
    coefficient, over = coefficient // shared, over // shared
    factors = [str(coefficient)] if coefficient != 1 or not monomial else []
    for atom, exponent in Counter(monomial).items():
        base = _show_atom(atom, notation)
        factors.append(base if exponent == 1 else notation.power.format(base, exponent))
    text = notation.times.join(factors)
    if over == 1:
        return text
    return rf"\frac{{{text}}}{{{over}}}" if notation.fraction else f"{text}/{over}"


def _show_atom(atom: Atom, notation: Notation) -> str:
    if isinstance(atom, Symbol):
        return notation.name(atom.name)
    if isinstance(atom, Extreme):
        args = ", ".join(show(arg, notation) for arg in atom.args)
        return notation.extreme.format(atom.kind, args)
    num, den = show(atom.num, notation), show(atom.den, notation)
    if not notation.fraction:
        num = f"({num})" if len(atom.num.terms) > 1 or "/" in num else num
        den = f"({den})" if any(not letter.isalnum() and letter != "_" for letter in den) else den
    return notation.floor.format(num, den)
