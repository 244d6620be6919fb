"""The computed answer beside the published one: "agrees", "differs", or neither, and why."""

from __future__ import annotations

import ast
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from chainrule.core.size import Size
from chainrule.namespaces.exact_numbers import number as exact_number
from chainrule.namespaces.exact_numbers import symbolic
from chainrule.papers.expressions import ExpressionError, Tree, approximate, parse, sympy_of
from chainrule.papers.paper import Asked
from chainrule.papers.solving.applied import formula_with, functions_of
from chainrule.papers.solving.equality import equal
from chainrule.papers.solving.matrices import Misfit, entries_of, matrix_of
from chainrule.papers.solving.numbers import decimal_of, rounded
from chainrule.papers.solving.printed import Printed, printed

AGREES, DIFFERS = "agrees", "differs"
NEAR = {"float32": 1e-5}
USUAL = 1e-9
"""Relative distance of a float from a number that is printed as a formula, or whole."""

SECONDS, LEAST = 5.0, 0.05
"""For simplifying: of a part together, and of a formula when those are over."""


@dataclass(frozen=True)
class Agreement:
    """The word: "agrees", "differs" or "" (nothing to say); and why, where that is not plain."""

    word: str
    because: str = ""


OPEN = Agreement("", "there is nothing to compare")


class Comparison:
    """How answers of a part are compared."""

    def __init__(self, asked: Asked, arithmetic: str = "exact", mode: str = "half-up") -> None:
        self.asked, self.mode = asked, mode
        self.near = NEAR.get(arithmetic, USUAL)
        self.left = SECONDS

    def equal(self, one: Any, another: Any) -> bool | None:
        """Whether formulas are equal; all of a part's have `SECONDS` together to be simplified."""
        started = time.perf_counter()
        try:
            return equal(one, another, min(max(self.left, LEAST), SECONDS))
        finally:
            self.left -= time.perf_counter() - started

    def compare(self, found: Any, published: Any) -> Agreement:
        """Compare plain values (see `answers.plain_of`) with what was published.

        >>> comparison = Comparison(Asked("numeric", 1))
        >>> comparison.compare([0.66666, 2], [0.67, 2]).word
        'agrees'
        """
        if self.asked.kind in ("choice", "truefalse"):
            return self.letters(found, published)
        if self.asked.means:
            return self.claims(found)
        if self.asked.kind in ("code", "drawing", "proof", "explanation"):
            return self.texts(found, published)
        return self.any(found, printed(published, self.asked.unit))

    def letters(self, found: Any, published: Any) -> Agreement:
        """The letters chosen; true and false are letters, too."""
        if isinstance(found, Mapping):
            return self.labels(found, published, self.letters)
        letters = _letters(found)
        return _said(letters == _letters(published), f"{', '.join(letters)} is computed")

    def claims(self, found: Mapping[str, bool]) -> Agreement:
        """A published answer in words agrees where the claims hold that it makes."""
        false = [claim for claim in self.asked.means if not found[claim]]
        return _said(not false, f"this is false: {'; '.join(false)}")

    def texts(self, found: Any, published: Any) -> Agreement:
        """Texts: equal ones agree, and literals of Python differ where they are written otherwise
        (1 is whole, and 1. is not); of others a reader has to judge.

        >>> Comparison(Asked("code", 1)).compare("[1, 2]", "[1., 2.]")
        Agreement(word='differs', because='[1, 2] is computed')
        """
        if _squeezed(found) == _squeezed(published):
            return Agreement(AGREES)
        ours, theirs = _literal(found), _literal(published)
        if ours is not None and theirs is not None:
            return _said(ours == theirs, f"{_shown(found)} is computed")
        return Agreement("", "texts are for a reader to compare")

    def any(self, found: Any, said: Any) -> Agreement:
        """Values of any form."""
        if isinstance(said, Mapping):
            return self.labels(found, said, self.any)
        if isinstance(found, Mapping):
            if not isinstance(said, list):
                return Agreement("", "one value is published, and several are computed")
            found = list(found.values())
        if isinstance(said, list) or isinstance(found, list):
            return self.lists(found, said)
        if isinstance(said, bool) or isinstance(found, bool):
            return _said(_letters(found) == _letters(said), f"{_shown(found)} is computed")
        if isinstance(found, str) or isinstance(said, str):
            return self.words(found, said)
        if isinstance(found, Size):
            return self.sizes(found, said)
        return self.numbers(found, said)

    def labels(self, found: Any, said: Any, compare: Any) -> Agreement:
        """Mappings, label by label; those that are printed count."""
        if not isinstance(found, Mapping):
            return Agreement("", "values are published by label, and computed without")
        if not isinstance(said, Mapping):
            return Agreement("", "one value is published, and several are computed")
        unknown = [label for label in said if label not in found]
        if unknown:
            return Agreement("", f"nothing is computed under {', '.join(unknown)}")
        return _all((compare(found[label], part), label) for label, part in said.items())

    def lists(self, found: Any, said: Any) -> Agreement:
        """Lists, shapes and matrices, entry by entry."""
        if not (isinstance(found, list) and isinstance(said, list)):
            if isinstance(said, str) or isinstance(found, str):
                return self.words(found, said)
            if isinstance(said, Tree) and (names := _unknowns(found)):
                return self.matrices(found, said, names)
            return Agreement(DIFFERS, "one is a list, the other is not")
        if len(found) != len(said):
            return Agreement(DIFFERS, f"there are {len(found)} entries, and {len(said)} printed")
        pairs = zip(found, said, strict=True)
        return _all(
            (self.any(one, another), f"entry {i}") for i, (one, another) in enumerate(pairs, 1)
        )

    def matrices(self, found: Any, said: Tree, names: Mapping[str, Any]) -> Agreement:
        """Entries in unknowns, beside a formula of vectors and matrices."""
        try:
            value = matrix_of(said, names)
        except Misfit as error:
            return Agreement(DIFFERS, error.fact)
        except ExpressionError as error:
            return Agreement("", f"what is published is not read: {error.fact}")
        if not hasattr(value, "shape"):
            return Agreement(DIFFERS, "one is a list, the other is not")
        computed, printed_ = _sizes(found), value.shape
        if len(computed) != 1 + (printed_[1] > 1) or computed != printed_[: len(computed)]:
            sizes = [" × ".join(map(str, one)) for one in ((*computed, 1)[:2], printed_)]
            return Agreement(DIFFERS, f"{sizes[0]} entries are computed, and {sizes[1]} printed")
        return self.lists(found, entries_of(value))

    def words(self, found: Any, said: Any) -> Agreement:
        """Words, and what cannot be read as a number."""
        word = said if isinstance(said, str) else getattr(said, "digits", None) or str(said)
        if isinstance(found, str):
            return _said(_squeezed(found) == _squeezed(word), f"{_shown(found)} is computed")
        if (functions := _unknown_functions(found)) and isinstance(said, str):
            return self.with_functions(found, said, functions)
        if _squeezed(_shown(found)) == _squeezed(word):
            return Agreement(AGREES)
        comma = "; decimals have a point" * bool(re.fullmatch(r"[-+−]?\d+,\d+", word.strip()))
        return Agreement("", f"{_shown(word)} is not read as a formula{comma}")

    def with_functions(self, found: Any, said: str, functions: Any) -> Agreement:
        """A formula with functions that nobody has chosen."""
        names = {symbol.name: symbol for symbol in found.free_symbols}
        try:
            formula = formula_with(said, functions, names)
        except ExpressionError as error:
            return Agreement("", f"what is published is not read: {error.fact}")
        return _decided(self.equal(found, formula), _shown(found))

    def sizes(self, found: Size, said: Any) -> Agreement:
        """A size with letters in it, beside a formula."""
        text = said.digits if isinstance(said, Printed) else str(said)
        try:
            same = self.equal(sympy_of(parse(str(found))), sympy_of(parse(text)))
        except ExpressionError:
            return _said(_squeezed(str(found)) == _squeezed(text), f"{found} is computed")
        return _decided(same, str(found))

    def numbers(self, found: Any, said: Any) -> Agreement:
        """One number or formula."""
        if found is None or said is None:
            return OPEN
        if not isinstance(said, Printed | Tree):  # an entry of a matrix, as SymPy has it
            return _decided(self.equal(symbolic(exact_number(found)), said), _shown(found))
        if isinstance(said, Printed) and not getattr(found, "free_symbols", None):
            return self.printed(found, said)
        tree = parse(said.digits) if isinstance(said, Printed) else said
        try:
            if isinstance(found, float):
                return self.nearly(found, approximate(tree))
            names = {symbol.name: symbol for symbol in getattr(found, "free_symbols", ())}
            formula = sympy_of(tree, names)
        except ExpressionError as error:
            return Agreement("", f"what is published has no value: {error.fact}")
        return _decided(self.equal(symbolic(exact_number(found)), formula), _shown(found))

    def nearly(self, found: float, said: float) -> Agreement:
        """A float beside a number that is known in full."""
        far = abs(found - said) > self.near * max(abs(said), 1)
        return _said(not far, f"{found:.10g} is computed")

    def printed(self, found: Any, said: Printed) -> Agreement:
        """A number beside one that was printed with so many digits."""
        asked = self.asked
        try:
            value = decimal_of(found)
        except ValueError:
            return Agreement(DIFFERS, f"{_shown(found)} is computed")
        exact = said.value
        if asked.tolerance is not None:
            far = abs(Fraction(value) - exact) > Fraction(str(asked.tolerance))
            return _said(not far, f"{value:.10g} is computed")
        if not isinstance(found, float) and _same(found, exact):
            return Agreement(AGREES)
        if isinstance(found, float) and self.nearly(found, float(exact)).word == AGREES:
            return Agreement(AGREES)
        if not self.rounds(said):
            return Agreement(DIFFERS, f"{_shown(found)} is computed")
        scaled = Fraction(value) / said.scale
        shown = self.shown(scaled, said)
        return _said(
            shown == Decimal(said.digits), f"{shown:f} {said.unit}".strip() + " is computed"
        )

    def rounds(self, said: Printed) -> bool:
        """Whether a printed number is a rounded one."""
        asked = self.asked
        if asked.decimals is not None or asked.figures is not None or said.scale != 1:
            return True
        if said.decimals <= 0:
            return False
        return asked.kind == "numeric" or said.figures > 1

    def shown(self, scaled: Fraction, said: Printed) -> Decimal:
        """The number with the digits that were printed."""
        asked = self.asked
        if asked.figures is not None:
            seen = said.figures if said.decimals > 0 else 0
            return rounded(scaled, figures=max(asked.figures, seen), mode=self.mode)
        return rounded(scaled, max(asked.decimals or 0, said.decimals), mode=self.mode)


def _unknowns(found: Any) -> dict[str, Any]:
    """The unknowns in all entries of a list, by name."""
    if isinstance(found, list):
        return {name: one for entry in found for name, one in _unknowns(entry).items()}
    return {symbol.name: symbol for symbol in getattr(found, "free_symbols", ())}


def _sizes(found: Any) -> tuple[int, ...]:
    """The sizes of nested lists."""
    return (len(found), *_sizes(found[0])) if isinstance(found, list) else ()


def _unknown_functions(found: Any) -> Any:
    return functions_of(found) if getattr(found, "free_symbols", None) else {}


def _literal(text: Any) -> str | None:
    """A literal of Python as Python writes it; None for other text."""
    try:
        return repr(ast.literal_eval(text)) if isinstance(text, str) else None
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None


def _same(found: Any, exact: Fraction) -> bool:
    if isinstance(found, int | Fraction):
        return found == exact
    return bool(equal(symbolic(exact_number(found)), symbolic(exact)))


def _all(each: Iterable[tuple[Agreement, str]]) -> Agreement:
    """One word for several: they agree where all do, and differ where one does."""
    found = list(each)
    for word in (DIFFERS, ""):
        first = [_placed(where, one.because) for one, where in found if one.word == word]
        if first:
            return Agreement(word, "; ".join(first[:4]) + "; …" * (len(first) > 4))
    return Agreement(AGREES)


def _placed(where: str, because: str) -> str:
    """Why, with the place: ``u2, entry 1: …``; of an entry of an entry, ``entry 2, 1``."""
    if where.startswith("entry ") and because.startswith("entry "):
        return because.replace("entry ", f"{where}, ")
    return f"{where}{', ' if because.startswith('entry ') else ': '}{because}"


def _said(same: bool, because: str) -> Agreement:
    return Agreement(AGREES) if same else Agreement(DIFFERS, because)


def _decided(same: bool | None, text: str) -> Agreement:
    if same is None:
        return Agreement("", f"whether it equals {_shown(text)} is not decided")
    return _said(same, f"{_shown(text)} is computed")


def _letters(said: Any) -> list[str]:
    """The letters of an answer: ``A``, ``A, C``, ``[A, C]``; true is T."""
    if isinstance(said, list | tuple):
        return sorted(letter for part in said for letter in _letters(part))
    if isinstance(said, bool):
        return ["T" if said else "F"]
    words = [word for word in re.split(r"[\s,;]+|\band\b", str(said)) if word]
    return sorted({"true": "T", "false": "F"}.get(word.lower(), word) for word in words)


def _squeezed(said: Any) -> str:
    return re.sub(r"\s+", "", str(said)).lower()


def _shown(found: Any) -> str:
    text = str(found)
    return text if len(text) <= 80 else text[:79] + "…"
