"""The answer to a question: all solutions, how many there are, and the working."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import pairwise
from typing import Any

from chainrule.analysis.find.question import Question, kind_text
from chainrule.analysis.find.search import Found, why_none
from chainrule.analysis.find.working import Row, rows
from chainrule.core.errors import ArgumentError
from chainrule.core.size import AnySize

SHOWN = 20


class Solution(Mapping[str, AnySize]):
    """One choice of the unknowns, a mapping from names to numbers, with its working."""

    def __init__(self, question: Question, values: Mapping[str, AnySize]) -> None:
        self._question, self._values = question, dict(values)

    @cached_property
    def working(self) -> tuple[Row, ...]:
        """A row for each thing that was asked: formula, numbers put in, value."""
        return rows(self._question, self._values)

    def __getitem__(self, name: str) -> AnySize:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return ", ".join(f"{name} = {value}" for name, value in self._values.items())


class Solutions:
    """All solutions of a question, a sequence of them: "unique", "k solutions", or "none,
    because …"; printed with the working.

    >>> import chainrule as cr
    >>> from chainrule import nn
    >>> make = lambda k, p: nn.Conv2d(12, 6, k, padding=p)
    >>> found = cr.find(make, input=(12, 55, 55), output=(6, 49, 49), k=range(1, 56), p=[0])
    >>> found.unique, found[0]["k"]
    (True, 7)
    """

    def __init__(self, question: Question, found: Found) -> None:
        self._question, self._found = question, found
        self._solutions = [Solution(question, values) for values in found.solutions]

    @property
    def unique(self) -> bool:
        """Whether there is exactly one."""
        return len(self._solutions) == 1

    @property
    def verdict(self) -> str:
        """``unique``, ``3 solutions``, or ``none``."""
        return {0: "none", 1: "unique"}.get(len(self), f"{len(self)} solutions")

    @cached_property
    def because(self) -> tuple[str, ...]:
        """Why there is none; empty where there is one."""
        return () if self._solutions else tuple(why_none(self._question, self._found))

    @property
    def only(self) -> Solution:
        """The one solution; raises ArgumentError where there is none, or more."""
        if not self.unique:
            raise ArgumentError(
                f"there is not one solution: {self.verdict}",
                got="; ".join(self.because or map(repr, self._solutions[:3])),
            )
        return self._solutions[0]

    def __len__(self) -> int:
        return len(self._solutions)

    def __iter__(self) -> Iterator[Solution]:
        return iter(self._solutions)

    def __getitem__(self, i: int) -> Solution:
        return self._solutions[i]

    def to_dict(self) -> dict[str, Any]:
        """Everything, in lists, dicts, numbers and text, as JSON has them."""
        return {
            "verdict": self.verdict,
            "because": list(self.because),
            "unknowns": {n: domain_text(v) for n, v in self._question.domains.items()},
            "solutions": [
                {
                    "values": {n: v if isinstance(v, int) else str(v) for n, v in one.items()},
                    "working": [str(row) for row in one.working],
                }
                for one in self._solutions
            ],
        }

    def __str__(self) -> str:
        return "\n".join(self.lines())

    __repr__ = __str__

    def lines(self) -> Iterator[str]:
        """The text, line by line."""
        question = self._question
        unknowns = [f"{n} in {domain_text(v)}" for n, v in question.domains.items()]
        yield f"Find {', '.join(unknowns)}" if unknowns else "Check"
        for word, shapes in (
            ("input", [one.shape for one in question.inputs]), ("output", question.outputs or ()),
        ):  # fmt: skip
            if shapes:
                yield f"  {word:<6}  {', '.join(map(str, shapes))}"
        if question.parameters is not None:
            yield f"  parameters  {question.parameters}"
        for kind, wanted in (question.operations or {}).items():
            counted = "" if kind else f", {question.convention}"
            yield f"  {kind_text(kind)}  {wanted}{counted}"
        yield self.verdict if self._solutions else "none, because"
        yield from (f"  {reason}" for reason in self.because)
        for one in self._solutions[:SHOWN]:
            yield f"  {one!r}"
            yield from (f"    {row}" for row in one.working)
        if len(self) > SHOWN:
            yield f"  … and {len(self) - SHOWN} more"


def domain_text(values: tuple[AnySize, ...]) -> str:
    """``1..7``, ``2, 4, …, 98`` or ``{B, C}``.

    >>> domain_text((1, 2, 3)), domain_text((2, 4, 6, 8)), domain_text((1, 5))
    ('1..3', '2, 4, ..., 8', '{1, 5}')
    """
    steps = {b - a for a, b in pairwise(values)} if _numbers(values) else ()
    if len(values) > 2 and len(steps) == 1:
        (step,) = steps
        if step == 1:
            return f"{values[0]}..{values[-1]}"
        return f"{values[0]}, {values[1]}, ..., {values[-1]}"
    return f"{{{', '.join(map(str, values))}}}"


def _numbers(values: tuple[AnySize, ...]) -> bool:
    return all(isinstance(value, int) for value in values)
