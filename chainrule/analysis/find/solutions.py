"""The answer to a question: all solutions, how many there are, and the working."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import pairwise
from typing import Any

from chainrule.analysis.answers import Answer, Answers
from chainrule.analysis.find.question import Question, kind_text
from chainrule.analysis.find.search import Found, why_none
from chainrule.analysis.find.working import Row, rows
from chainrule.core.size import AnySize


class Solution(Answer[AnySize]):
    """One choice of the unknowns, a mapping from names to numbers, with its working."""

    def __init__(self, question: Question, values: Mapping[str, AnySize]) -> None:
        super().__init__(values)
        self._question = question

    @cached_property
    def working(self) -> tuple[Row, ...]:
        """A row for each thing that was asked: formula, numbers put in, value."""
        return rows(self._question, self)


class Solutions(Answers[Solution]):
    """All solutions of a question, a sequence of them: "unique", "k solutions", or "none,
    because …"; printed with the working.

    >>> import chainrule as cr
    >>> from chainrule import nn
    >>> make = lambda k, p: nn.Conv2d(12, 6, k, padding=p)
    >>> found = cr.find(make, input=(12, 55, 55), output=(6, 49, 49), k=range(1, 56), p=[0])
    >>> found.unique, found[0]["k"]
    (True, 7)
    """

    noun = "solution"

    def __init__(self, question: Question, found: Found) -> None:
        super().__init__([Solution(question, values) for values in found.solutions])
        self._question, self._found = question, found

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
                for one in self
            ],
        }

    def reasons(self) -> Iterator[str]:
        """Why there is none."""
        yield from why_none(self._question, self._found)

    def working_lines(self, one: Solution) -> Iterator[str]:
        """The rows of its working."""
        yield from map(str, one.working)

    def question_lines(self) -> Iterator[str]:
        """What was asked, line by line."""
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
