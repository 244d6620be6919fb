"""A solved paper: what `chainrule solve` prints, as objects."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from chainrule.papers.paper import Paper, Part, Question, with_id

ANSWERED, WAITS, FAILED = "answered", "waits", "failed"
"""A part is answered, waits for what is not there yet, or failed with an error."""


@dataclass(frozen=True)
class Value:
    """One computed value: as plain ``data`` (numbers, nested lists of them, text, letters; exact
    numbers as text), as one line of ``text``, as ``latex``, where formulas have one, and as a
    ``picture``, a piece of SVG, where it is a drawing."""

    data: Any
    text: str
    latex: str = ""
    picture: str = ""


@dataclass(frozen=True)
class Line:
    """A row of working, name = formula = substitution = value, as text and as LaTeX."""

    text: str
    latex: str = ""


@dataclass(frozen=True)
class Working:
    """A table of working: its title and its rows."""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class PartSolution:
    """The answer to a part, beside the published one where there is one.

    ``values`` are the answer by label ("" for one without); for a choice the letter of the option
    that holds; for a proof or an explanation the claims, each true or false.  ``readings`` and
    ``also`` are further values side by side.  ``conventions`` are those that were asked for on the
    way.  ``agreement`` is "agrees", "differs" or "" (nothing was published, or it
    cannot be compared), and ``because`` says why it is not "agrees"; ``waits_for`` says
    what a waiting part waits for, ``error`` why one failed, with file and line.  ``ops`` is how
    many ops its graphs have.
    """

    part: Part
    status: str
    values: Mapping[str, Value] = field(default_factory=dict)
    readings: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    also: Mapping[str, Value] = field(default_factory=dict)
    working: tuple[Working, ...] = ()
    conventions: Mapping[str, Any] = field(default_factory=dict)
    arithmetic: str = ""
    published: str = ""
    agreement: str = ""
    because: str = ""
    waits_for: str = ""
    error: str = ""
    ops: int = 0
    seconds: float = 0.0

    @property
    def id(self) -> str:
        """The part's id in the paper: "5b"."""
        return self.part.id

    @property
    def answer(self) -> Any:
        """The answer as plain data: one value, or a dict of them by label; of several readings that
        of the likely one.  None without an answer."""
        values = self.values or self.readings.get(self.part.asked.likely or "", {})
        if set(values) == {""}:
            return values[""].data
        return {label: value.data for label, value in values.items()} or None

    def text(self, width: int | None = None) -> str:
        """The part as text of at most ``width`` columns, by default those of the terminal."""
        from chainrule.papers.printing import part_text

        return part_text(self, width)

    def __str__(self) -> str:
        return self.text()

    def markdown(self) -> str:
        """The part as Markdown, as GitHub shows it."""
        from chainrule.papers.printing import part_markdown

        return part_markdown(self)

    def html(self) -> str:
        """The part as a page of HTML that needs nothing else."""
        from chainrule.papers.printing import part_html

        return part_html(self)

    def _repr_html_(self) -> str:
        from chainrule.papers.printing import framed

        return framed(self.html())

    def to_dict(self) -> dict[str, Any]:
        """The part in dicts, lists, numbers and text, as JSON has them."""
        return {
            "id": self.id,
            "title": self.part.title,
            "marks": self.part.marks,
            "kind": self.part.asked.kind,
            "status": self.status,
            "answer": self.answer,
            "values": _plain(self.values),
            "readings": {label: _plain(reading) for label, reading in self.readings.items()},
            "also": _plain(self.also),
            "working": [
                {"title": table.title, "lines": [asdict(line) for line in table.lines]}
                for table in self.working
            ],
            "conventions": {name: _number(one) for name, one in self.conventions.items()},
            "arithmetic": self.arithmetic,
            "published": self.published,
            "agreement": self.agreement,
            "because": self.because,
            "waits_for": self.waits_for,
            "error": self.error,
            "ops": self.ops,
            "seconds": round(self.seconds, 3),
        }


def _number(value: Any) -> Any:
    """A number as JSON has it; a fraction as text."""
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def _plain(values: Mapping[str, Value]) -> dict[str, Any]:
    return {label: asdict(value) for label, value in values.items()}


class Counts(NamedTuple):
    """How many parts a solution has, and what became of them."""

    parts: int
    answered: int
    agree: int
    differ: int
    wait: int
    failed: int


@dataclass(frozen=True)
class PaperSolution:
    """A solved paper: its parts in order."""

    paper: Paper
    parts: tuple[PartSolution, ...]

    def __getitem__(self, id: str) -> PartSolution:
        """The solution of the part with that id; raises KeyError."""
        return with_id(self.parts, id)

    @property
    def counts(self) -> Counts:
        """How many parts there are, answered, agreeing, differing, waiting, failed."""
        status = Counter(part.status for part in self.parts)
        word = Counter(part.agreement for part in self.parts)
        return Counts(len(self.parts), status[ANSWERED], word["agrees"], word["differs"],
                      status[WAITS], status[FAILED])  # fmt: skip

    def by_question(self) -> Iterator[tuple[Question, list[PartSolution]]]:
        """The questions of which parts were solved, each with those."""
        for question in self.paper.questions:
            ids = {part.id for part in question.parts}
            if parts := [part for part in self.parts if part.id in ids]:
                yield question, parts

    @property
    def without_graph(self) -> tuple[str, ...]:
        """The ids of the parts that were answered without building a graph."""
        return tuple(p.id for p in self.parts if p.status == ANSWERED and not p.ops)

    def text(self, width: int | None = None) -> str:
        """The solution as text of at most ``width`` columns, by default those of the terminal."""
        from chainrule.papers.printing import paper_text

        return paper_text(self, width)

    def __str__(self) -> str:
        return self.text()

    def markdown(self) -> str:
        """The solution as Markdown, as GitHub shows it."""
        from chainrule.papers.printing import paper_markdown

        return paper_markdown(self)

    def html(self) -> str:
        """The solution as one page of HTML that opens offline: no script, formulas in MathML."""
        from chainrule.papers.printing import paper_html

        return paper_html(self)

    def _repr_html_(self) -> str:
        from chainrule.papers.printing import framed

        return framed(self.html())

    def to_dict(self) -> dict[str, Any]:
        """The solution in dicts, lists, numbers and text, as JSON has them."""
        return {
            "title": self.paper.title,
            "file": self.paper.file,
            "parts": [part.to_dict() for part in self.parts],
            "without_graph": list(self.without_graph),
        }

    def to_json(self) -> str:
        """The same as JSON."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=2)
