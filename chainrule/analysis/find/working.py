"""The working of a solution: each size as a formula in the unknowns, the numbers put in, the
number; and where a quotient is rounded down."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import gcd

from chainrule.analysis.find.paths import symbols_of
from chainrule.analysis.find.question import Question
from chainrule.analysis.substitution import Values, rounded, substituted
from chainrule.core.assuming import assuming
from chainrule.core.polynomial import Polynomial, Symbol
from chainrule.core.size import AnySize, OpenSize, Size, UndecidedSize, prod


@dataclass(frozen=True)
class Row:
    """One thing that was asked: the words for it, the formula, the numbers put in, the value, and
    the quotients that are rounded down."""

    what: str
    formula: str
    substitution: str
    value: str
    floors: tuple[str, ...] = ()

    def __str__(self) -> str:
        parts = [self.formula, self.substitution, self.value]
        told = " = ".join(dict.fromkeys(parts))
        note = f"   ({'; '.join(self.floors)})" if self.floors else ""
        return f"{self.what}: {told}{note}"


def rows(question: Question, solution: Values) -> tuple[Row, ...]:
    """The working of one solution; axes that say the same share a row."""
    found: dict[tuple[str, str, str], list[str]] = {}
    floors: dict[tuple[str, str, str], tuple[str, ...]] = {}
    for what, size, goal in _formulas(question, solution):
        if isinstance(size, int) or size == goal:
            continue  # it is as it should be, whatever the unknowns are
        key = str(size), substituted(size.polynomial, solution), str(goal)
        found.setdefault(key, []).append(what)
        floors[key] = tuple(dict.fromkeys(rounded(size.polynomial, solution)))
    return tuple(Row(_joined(whats), *key, floors[key]) for key, whats in found.items())


def _sides(difference: Size) -> tuple[str, AnySize, AnySize]:
    """A difference that must be 0 as a rule: what depends on letters, and the number it is."""
    difference = _shortest(difference)
    constant = difference.polynomial.constant
    left, right = difference - constant, -constant
    if isinstance(left, Size) and left.polynomial.terms[0][1] < 0:
        left, right = -left, constant
    return "sizes that must agree", left, right


def _shortest(difference: Size) -> Size:
    """Without the factors that all terms have in common, which are never 0."""
    terms = difference.polynomial.terms
    shared = Counter(terms[0][0])
    for monomial, _ in terms:
        shared &= Counter(monomial)
    factor = prod(
        Size(Polynomial.of(atom))
        for atom in shared.elements()
        if isinstance(atom, Symbol) and atom.lower > 0
    )
    found = difference // (factor * gcd(*(count for _, count in terms)))
    return found if isinstance(found, Size) else difference


def _joined(whats: list[str]) -> str:
    """``axis 2, axis 3`` as ``axes 2, 3``."""
    axes = [what.removeprefix("axis ") for what in whats if what.startswith("axis ")]
    if len(axes) == len(whats) > 1:
        return f"axes {', '.join(axes)}"
    return ", ".join(whats)


def _formulas(question: Question, solution: Values) -> list[tuple[str, AnySize, AnySize]]:
    """What was asked, with letters for all unknowns that need not be numbers: whatever depends on
    them is answered for this solution."""
    letters = {
        name: tuple(v for v in values if isinstance(v, int))
        for name, values in question.domains.items()
        if len(values) > 1 and all(isinstance(v, int) and v >= 0 for v in values)
    }

    rules: dict[Polynomial, Size] = {}

    def answer(difference: AnySize, relation: str) -> bool:
        found = difference.substitute(solution) if isinstance(difference, Size) else difference
        if isinstance(found, Size):
            if relation == "is 0":
                return False
            raise UndecidedSize(found, relation.split()[0], 0)
        if relation == "== 0" and found == 0 and isinstance(difference, Size):
            rules.setdefault(difference.polynomial, difference)
        return found > 0 if relation == "> 0" else found == 0

    while True:
        values = {**solution, **symbols_of(letters)}
        try:
            rules.clear()
            with assuming(answer):
                seen = question.see(values)
            asked = question.asked(seen, solution)
            return [_sides(one) for one in rules.values()] + asked
        except OpenSize as error:
            needed = error.open.symbols() & letters.keys() if isinstance(error.open, Size) else ()
        except TypeError:
            if not letters:
                raise
            needed = ()
        letters = {name: v for name, v in letters.items() if name not in (needed or letters)}
