"""Ranges of givens: the values that a given could have had, from which variants draw."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from chainrule.core.errors import ArgumentError
from chainrule.papers.expressions import ExpressionError, number, parse
from chainrule.papers.paper import Given

_SPAN = re.compile(r"(?P<first>.+?)\s*\.\.\s*(?P<last>.+?)(?:\s+step\s+(?P<step>.+))?", re.DOTALL)


@dataclass(frozen=True)
class Span:
    """The numbers from ``first`` to ``last``, both included, ``step`` apart.

    >>> span("2..9"), span("0.1..0.9").step, span("2..20 step 2").count
    (Span(first=2, last=9, step=1), Fraction(1, 10), 10)
    """

    first: int | Fraction
    last: int | Fraction
    step: int | Fraction

    @property
    def count(self) -> int:
        """How many numbers it has."""
        return int((self.last - self.first) // self.step) + 1

    def __contains__(self, value: object) -> bool:
        return isinstance(value, int | Fraction) and self.first <= value <= self.last

    def draw(self, rng: random.Random, old: Any = None) -> int | Fraction:
        """One of them, not ``old`` where there is another."""
        found = self._at(rng.randrange(self.count))
        if found == old and self.count > 1:
            step = rng.randrange(1, self.count)
            found = self._at((int((found - self.first) // self.step) + step) % self.count)
        return found

    def _at(self, i: int) -> int | Fraction:
        value = Fraction(self.first + i * self.step)
        return value.numerator if value.denominator == 1 else value

    def __str__(self) -> str:
        step = "" if self.step == 1 else f" step {self.step}"
        return f"{self.first}..{self.last}{step}"


@dataclass(frozen=True)
class Choices:
    """Some values, one by one: numbers, flags, words, or whole tensors."""

    values: tuple[Any, ...]

    def __contains__(self, value: object) -> bool:
        return value in self.values

    def draw(self, rng: random.Random, old: Any = None) -> Any:
        """One of them, not ``old`` where there is another."""
        others = [value for value in self.values if value != old]
        return rng.choice(others or self.values)

    def __str__(self) -> str:
        return f"one of {', '.join(map(str, self.values))}"


@dataclass(frozen=True)
class Entries:
    """A range for each entry of a tensor, in its place."""

    ranges: tuple[Any, ...]

    def __str__(self) -> str:
        return f"[{', '.join(map(str, self.ranges))}]"


Range = Span | Choices | Entries


def span(text: str) -> Span | None:
    """The span that ``2..9``, ``-1..1 step 1/4`` or ``0.1..0.9`` says; None where none is meant.

    Without a step, whole numbers go by 1, decimals by their last place.  Raises ExpressionError.
    """
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        return None
    ends = [found["first"], found["last"]]
    first, last = (number(parse(end)) for end in ends)
    if found["step"] is not None:
        step = number(parse(found["step"]))
    elif any(re.fullmatch(r"\s*-?\d*(\.\d*)?\s*", end) is None for end in ends):
        raise ExpressionError("the range has no step", text=text, hint="1/4..3/4 step 1/8")
    else:
        places = max(len(end.strip().partition(".")[2]) for end in ends)
        step = number(parse(f"10^(-{places})"))
    if not (first < last and step > 0):
        raise ExpressionError(
            "the range is empty", text=text, hint="from the smaller to the larger"
        )
    if (last - first) / step > 10**9:
        raise ExpressionError("the range has too many values", text=text)
    return Span(first, last, step)


def other(given: Given, rng: random.Random) -> Any:
    """Another value that the given could have had, in the form of its value.

    A tensor is drawn entry by entry.  For a symbol it is a number to put in its place.  Raises
    ArgumentError for a given without a range.

    >>> k = Given("k", [1, 2], 3, range=span("1..2"))
    >>> other(k, random.Random(0)) != [1, 2]
    True
    """
    if given.range is None:
        raise ArgumentError(f"the given {given.name!r} has no range", hint="range: 2..9")
    old = given.value if given.form == "value" else None
    if given.form == "symbols":
        return _like(given.value, given.range, rng)
    for _ in range(8):  # entries are drawn one by one: all of them may fall on what they were
        found = _drawn(old, given.range, rng)
        if found != old:
            break
    return found


def _drawn(old: Any, range_: Any, rng: random.Random) -> Any:
    if isinstance(range_, Entries):
        return [_drawn(a, b, rng) for a, b in zip(old, range_.ranges, strict=True)]
    whole = isinstance(range_, Choices) and isinstance(range_.values[0], list)
    if isinstance(old, list) and not whole:
        return [_drawn(entry, range_, rng) if isinstance(entry, list) else range_.draw(rng)
                for entry in old]  # fmt: skip
    return range_.draw(rng, old)


def _like(names: Any, range_: Any, rng: random.Random) -> Any:
    """A number for each of some names."""
    return [_like(n, range_, rng) if isinstance(n, list) else range_.draw(rng) for n in names]
