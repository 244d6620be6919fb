"""Claims on sizes: what must hold for a choice of the unknowns, evaluated fast, and over ranges."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import inf
from typing import Any

from chainrule.core.polynomial import Atom, Extreme, Floor, Polynomial, Symbol
from chainrule.core.size import AnySize, Size, UndecidedSize, decide_equal

Interval = tuple[float, float]
Ranges = Mapping[str, Interval]


@dataclass(frozen=True)
class Claim:
    """That a size is ``"> 0"`` or ``"== 0"``, or, where it does not hold, that it is not."""

    difference: AnySize
    relation: str
    holds: bool = True

    @property
    def names(self) -> frozenset[str]:
        """The symbols that it speaks of."""
        return self.difference.symbols() if isinstance(self.difference, Size) else frozenset()

    def possible(self, ranges: Ranges) -> bool:
        """Whether it may hold somewhere within the ranges of the symbols."""
        low, high = interval(self.difference, ranges)
        if self.relation == "> 0":
            return high > 0 if self.holds else low <= 0
        return low <= 0 <= high if self.holds else not low == high == 0

    def decided(self, ranges: Ranges) -> bool | None:
        """Whether it holds everywhere within the ranges (True), nowhere (False), or who knows."""
        if not self.possible(ranges):
            return False
        opposite = Claim(self.difference, self.relation, not self.holds)
        return True if not opposite.possible(ranges) else None

    def true(self, values: Mapping[str, AnySize]) -> bool:
        """Whether it holds for these values, and for all values of the other symbols."""
        found = self.difference
        try:
            found = found.substitute(values) if isinstance(found, Size) else found
            whether = found > 0 if self.relation == "> 0" else decide_equal(found, 0)
        except (UndecidedSize, ZeroDivisionError):
            return False
        return whether is self.holds


def interval(size: AnySize, ranges: Ranges) -> Interval:
    """Between which numbers a size is while its symbols are within their ranges; symbols without
    one go from their lower bound up to any number.

    >>> interval((Size.symbol("h") - 3) // 2 + 1, {"h": (5, 10)})
    (2, 4)
    """
    if isinstance(size, int):
        return size, size
    return _compiled(size.polynomial)(ranges)


@lru_cache(maxsize=4096)
def _compiled(polynomial: Polynomial) -> Callable[[Ranges], Interval]:
    """A function from ranges to the interval of the polynomial."""
    terms = [(count, [_atom(atom) for atom in atoms]) for atoms, count in polynomial.terms]

    def found(ranges: Ranges) -> Interval:
        low: float = 0
        high: float = 0
        for count, atoms in terms:
            a: float = count
            b: float = count
            for atom in atoms:
                a, b = _product((a, b), atom(ranges))
            low, high = low + a, high + b
        return low, high

    return found


def _atom(atom: Atom) -> Callable[[Ranges], Interval]:
    if isinstance(atom, Symbol):
        name, unit, least = atom.name, atom.unit, atom.lower

        def symbol(ranges: Ranges) -> Interval:
            if name not in ranges:
                return least, inf
            low, high = ranges[name]
            return _over(low, unit), _over(high, unit)

        return symbol
    if isinstance(atom, Extreme):
        args, choose = [_compiled(arg) for arg in atom.args], max if atom.kind == "max" else min

        def extreme(ranges: Ranges) -> Interval:
            lows, highs = zip(*(arg(ranges) for arg in args), strict=True)
            return choose(lows), choose(highs)

        return extreme
    return _floor(atom)


def _floor(atom: Floor) -> Callable[[Ranges], Interval]:
    num, den = _compiled(atom.num), _compiled(atom.den)

    def found(ranges: Ranges) -> Interval:
        (a, b), (c, d) = num(ranges), den(ranges)
        if c <= 0:
            return -inf, inf
        return min(_over(a, c), _over(a, d)), max(_over(b, c), _over(b, d))

    return found


def _over(a: float, b: float) -> float:
    """Floor(a / b) for b > 0, where either may be infinite."""
    if abs(a) == inf:
        return a
    if b == inf:
        return 0 if a >= 0 else -1
    return a // b


def _product(x: Interval, y: Interval) -> Interval:
    ends = [0 if 0 in (a, b) else a * b for a in x for b in y]
    return min(ends), max(ends)


def ranges_of(values: Mapping[str, Any]) -> dict[str, Interval]:
    """Single numbers as ranges."""
    return {name: (value, value) for name, value in values.items() if isinstance(value, int)}
