"""A paper as data: questions with givens and definitions, parts with what they ask.

Nothing here is computed or run: it is what the file says, each piece with its line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chainrule.papers.solution import PaperSolution, PartSolution

KINDS = (
    "symbolic", "exact", "numeric", "shape", "count", "matrix", "choice", "truefalse", "code",
    "drawing", "proof", "explanation",
)  # fmt: skip
"""What a part may ask for."""


@dataclass(frozen=True)
class Code:
    """Python of the paper: ``text`` as it stands in the file from ``line`` on."""

    text: str
    line: int


@dataclass(frozen=True)
class Given:
    """What a question gives: its ``value``, and the ``range`` of values that it could have had.

    ``form`` is "value" (a number, nested lists of numbers, a bool, a word), "symbol" and "symbols"
    (unknown numbers), or "letter" (an unknown size); ``assumptions`` belong to symbols.  Numbers
    are exact: ints, fractions, and, for roots and the like, trees of `expressions`.  ``range`` is
    one of `ranges`: a `Span`, `Choices`, or `Entries`.
    """

    name: str
    value: Any
    line: int
    form: str = "value"
    range: Any = None
    says: str = ""
    assumptions: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True)
class Option:
    """One option of a choice: its letter, its text, and the predicate that decides it."""

    letter: str
    says: str
    holds: Code


@dataclass(frozen=True)
class Asked:
    """What a part asks: expressions over the definitions, or options or claims with predicates.

    ``values`` are what is asked for by label (one without a label has the label ""); ``readings``
    every plausible reading of an under-determined question, side by side, ``likely`` the label of
    the one that is compared; ``also`` further figures, under other conventions.  ``options`` are
    those of a choice, ``claims`` sentences that are proved or tested.  ``decimals``, ``figures`` or
    ``tolerance`` say how numbers are compared and written, ``unit`` what they count.
    A ``working`` of ``()`` means none.  ``published`` is text as it was printed, true or false, or
    lists and mappings of these; ``means`` are the claims that it makes, where it is in words.
    ``unaffected`` names the givens on which the answer does not
    depend.  ``derivation`` or ``experiment`` says what a part without computation waits for.
    """

    kind: str
    line: int
    values: Mapping[str, Code] = field(default_factory=dict)
    readings: Mapping[str, Mapping[str, Code]] = field(default_factory=dict)
    likely: str | None = None
    also: Mapping[str, Code] = field(default_factory=dict)
    options: tuple[Option, ...] = ()
    choose: str = "one"
    claims: Mapping[str, Code] = field(default_factory=dict)
    working: Code | None = None
    arithmetic: str | None = None
    decimals: int | None = None
    figures: int | None = None
    tolerance: Any = None
    unit: str = ""
    unaffected: tuple[str, ...] = ()
    seconds: float | None = None
    derivation: str = ""
    experiment: str = ""
    published: Any = None
    means: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """A part of a question: its ``id`` in the paper ("5b"), its text, and what it asks."""

    id: str
    line: int
    title: str
    statement: str
    marks: float | None
    definitions: tuple[Code, ...]
    asked: Asked


@dataclass(frozen=True)
class Question:
    """A question: its text, givens by name, definitions in Python, and parts."""

    id: str
    line: int
    title: str
    statement: str
    givens: Mapping[str, Given]
    definitions: tuple[Code, ...]
    conventions: Mapping[str, Any]
    parts: tuple[Part, ...]
    marks: float | None = None


@dataclass(frozen=True)
class Paper:
    """An exam paper: its title, where it comes from, its conventions, introduction and questions.

    ``file`` is where it was read, as the user wrote it.
    """

    file: str
    title: str
    source: str
    conventions: Mapping[str, Any]
    introduction: str
    questions: tuple[Question, ...]
    language: str = ""

    @property
    def parts(self) -> tuple[Part, ...]:
        """All parts in the order of the paper."""
        return tuple(part for question in self.questions for part in question.parts)

    def part(self, id: str) -> Part:
        """The part with that id; raises KeyError."""
        return with_id(self.parts, id)

    def solve(
        self,
        parts: Iterable[str] | None = None,
        *,
        givens: Mapping[str, Mapping[str, Any]] | None = None,
        conventions: Mapping[str, Any] | None = None,
        arithmetic: str | None = None,
        seconds: float | None = None,
        memory: int | None = None,
        executor: Executor | None = None,
        progress: Callable[[PartSolution, int, int], None] | None = None,
    ) -> PaperSolution:
        """Compute every part, or those with the ids ``parts``, each in a process of its own.

        ``givens`` are other values by question and name, ``{"5": {"k": 7}}``; ``conventions`` go
        before those of the paper, ``arithmetic`` and ``seconds`` before those of the parts; a part
        has 20 seconds, unless it says more, and ``memory`` bytes, 4 GiB.  Parts
        run over ``executor``, by default as many at once as there are processors; ``progress`` is
        called with each part that is done, how many are, and of how many.  A part that fails says
        why, and the others go on.  The paper's Python is run: solve papers of people you trust.
        Raises ArgumentError for parts, givens and an arithmetic that are not there.
        """
        from chainrule.papers.solving import solve

        return solve(
            self,
            parts,
            givens=givens,
            conventions=conventions,
            arithmetic=arithmetic,
            seconds=seconds,
            memory=memory,
            executor=executor,
            progress=progress,
        )


def with_id(parts: Sequence[Any], id: str) -> Any:
    """The part, or the solution of a part, with that id; raises KeyError."""
    for part in parts:
        if part.id == id:
            return part
    raise KeyError(f"the paper has no part {id!r}: {', '.join(part.id for part in parts)}")
