"""The words of a solved paper: headings, givens, verdicts, the same wherever they are printed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import groupby
from typing import Any

from chainrule.namespaces.unknown import GREEK
from chainrule.papers.paper import Given, Part, Question
from chainrule.papers.printing.mathml import is_formula
from chainrule.papers.solution import (
    FAILED,
    WAITS,
    Line,
    PaperSolution,
    PartSolution,
    Value,
    Working,
)
from chainrule.papers.wording import counted, written
from chainrule.readings.explain.figures import plain_fraction
from chainrule.readings.explain.typeset import typeset

LONGEST_REASON = 90
"""Characters of what differs; more only repeats the answer."""
_FRACTION = re.compile(r"-?\d+/\d+")
FORMULAS = ("symbolic", "exact", "numeric", "shape", "count", "matrix")
"""Kinds of part whose published answers are formulas."""
SIGNS = {"agrees": "✓", "differs": "≠", WAITS: "…", FAILED: "✗", "": ""}


def summary(solution: PaperSolution) -> str:
    """How much is answered, and how much of it agrees.

    >>> from chainrule.papers.paper import Paper
    >>> summary(PaperSolution(Paper("p.md", "A paper", "", {}, "", ()), ()))
    'no parts'
    """
    parts, answered, agree, differ, wait, failed = solution.counts
    if not parts:
        return "no parts"
    told = [f"{answered} of {parts} parts answered"]
    told += [f"{agree} agree{'s' * (agree == 1)} with what was published"] * bool(agree)
    told += [f"{differ} differ{'s' * (differ == 1)}"] * bool(differ)
    told += [f"{wait} wait{'s' * (wait == 1)}"] * bool(wait) + [f"{failed} failed"] * bool(failed)
    return ", ".join(told)


def question_heading(question: Question) -> str:
    """``1. A step with momentum``.

    >>> question_heading(Question("3", 1, "Norms", "", {}, (), {}, ()))
    '3. Norms'
    """
    return f"{question.id}. {question.title}".rstrip(". ") if question.title else question.id


def part_heading(question: Question, part: Part) -> str:
    """``(a) The velocity``: what distinguishes the part within its question; empty for the only
    part of a question."""
    letter = part.id.removeprefix(question.id)
    return " ".join(filter(None, (f"({letter})" if letter else "", part.title)))


def alone(part: Part) -> Question:
    """A question for a part that stands by itself: its heading has the whole id."""
    return Question("", part.line, "", "", {}, (), {}, (part,))


def marks(part: Part | Question) -> str:
    """``2 marks``; empty where none are given, and for a question that its one part is."""
    single = isinstance(part, Question) and [one.id for one in part.parts] == [part.id]
    return "" if part.marks is None or single else counted(part.marks, "mark")


def status_word(part: PartSolution) -> str:
    """One word on how a part stands: agrees, differs, answered, waits, failed."""
    return part.agreement or part.status


def difference(part: PartSolution) -> str:
    """What differs from the published answer, with formulas in print."""
    formula = part.part.asked.kind in FORMULAS
    return typeset(part.because) if formula else part.because


def verdict(part: PartSolution) -> str:
    """Whether the answer agrees with the published one, and what differs."""
    if part.agreement:
        because = _shortened(difference(part))
        reason = f": {because}" if because and part.agreement == "differs" else ""
        return f"{part.agreement}{reason}"
    return f"not compared{': ' if part.because else ''}{part.because}" if part.published else ""


def _shortened(because: str) -> str:
    """As many of the differences as fit on a line or so; the first always.

    >>> _shortened("a: 1 is computed; " * 3 + "b: 2 is computed")
    'a: 1 is computed; a: 1 is computed; a: 1 is computed; b: 2 is computed'
    """
    first, *more = because.split("; ")
    told = first if len(first) <= 2 * LONGEST_REASON else ""
    for one in more:
        if len(told) + len(one) > LONGEST_REASON:
            return f"{told}; …" if told else ""
        told += f"; {one}"
    return told


def conventions(chosen: Mapping[str, Any]) -> str:
    """Conventions on one line.

    >>> conventions({"mac": 2, "bias": False})
    'mac = 2, bias = false'
    """
    return written(chosen)


def labelled(part: PartSolution) -> Iterator[tuple[str, Mapping[str, Value], bool]]:
    """The values of a part under their headings: the answer, but for options and claims, which are
    lists of their own; each reading and whether it is the likely one."""
    asked = part.part.asked
    if part.values and not asked.options and not asked.claims:
        yield "Answer", part.values, False
    likely = part.part.asked.likely
    if part.readings and all(set(values) == {""} for values in part.readings.values()):
        marks = {label: " (likely)" * (label == likely) for label in part.readings}
        yield "Read as", {f"{n}{marks[n]}": v[""] for n, v in part.readings.items()}, False
    else:
        for label, values in part.readings.items():
            yield f"Read as: {label}", values, label == likely


_BARRED = re.compile(r"([^\W\d_]|[a-z]+)(\d*)_?bar")


def label(text: str) -> str:
    """The label of a value with its letters in print: an adjoint has its bar.

    >>> label("u1, rounded"), label("v7bar"), label("the $x_1$ of it")
    ('u₁, rounded', 'v̄₇', 'the $x_1$ of it')
    """
    if "$" in text or "`" in text:
        return text
    barred = _BARRED.fullmatch(text)
    if barred and (len(barred[1]) == 1 or barred[1] in GREEK):
        text = f"{GREEK.get(barred[1], barred[1])}\N{COMBINING MACRON}{barred[2]}"
    return typeset(text)


def shown(text: str) -> str:
    r"""The text of a value: formulas in print; code and drawings, on several lines, as they are.

    >>> shown("2*(y1 - d1)"), shown("def f(x):\n    return 2*x")
    ('2(y₁ - d₁)', 'def f(x):\n    return 2*x')
    """
    return text if "\n" in text else typeset(text)


def printed(part: PartSolution) -> str:
    """The published answer; a formula in print, other texts as they stand."""
    formula = part.part.asked.kind in FORMULAS
    return typeset(part.published) if formula else part.published


def chosen_letters(part: PartSolution) -> set[str]:
    """The letters of the options that were chosen."""
    data = part.values[""].data if part.part.asked.options and "" in part.values else ()
    return {data} if isinstance(data, str) else set(data or ())


def waiting(part: PartSolution) -> tuple[str, str]:
    """What a part waits for: the kind of it, and what is to be shown.

    >>> from chainrule.papers.paper import Asked
    >>> part = Part("1a", 1, "", "", None, (), Asked("proof", 2))
    >>> waiting(PartSolution(part, WAITS, waits_for="derivation: the bound"))
    ('Waits for a derivation', 'the bound')
    """
    kind, colon, rest = part.waits_for.partition(":")
    if colon and kind in ("derivation", "experiment"):
        article = "an" if kind[0] in "aeiou" else "a"
        return f"Waits for {article} {kind}", rest.strip()
    return "Waits", part.waits_for


def given_value(given: Given) -> str:
    """What is given, on one line; of an unknown number, its name.

    >>> given_value(Given("x", [[1, Fraction(1, 2)]], 3))
    '[[1, 0.5]]'
    """
    if given.form != "value":
        kind = {"symbol": "unknown", "symbols": "unknown", "letter": "a size"}[given.form]
        names = nested(given.value)
        return kind if names == given.name else f"{names}, {kind}"
    return nested(given.value)


def nested(value: Any) -> str:
    """Numbers, words and lists of them as text."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(nested, value))}]"
    if isinstance(value, Fraction):
        return plain_fraction(value)
    return written(value)


def given_range(given: Given) -> str:
    """Where a given may vary."""
    shown = "" if given.range is None else str(given.range)
    return _FRACTION.sub(lambda found: plain_fraction(Fraction(found[0])), shown)


def runs(table: Working) -> Iterator[tuple[bool, list[str]]]:
    """The rows of a table in runs: of formulas, in LaTeX, and of rows that are none, as text."""

    def has_formula(line: Line) -> bool:
        return bool(line.latex) and is_formula(line.latex)

    for formulas, lines in groupby(table.lines, has_formula):
        yield formulas, [line.latex if formulas else line.text for line in lines]


def shown_before(part: PartSolution, seen: dict[tuple[Working, ...], str]) -> str:
    """The id of the part that had the same working, empty for a working that is new; ``seen``
    remembers it."""
    first = seen.setdefault(part.working, part.id)
    return first if part.working and first != part.id else ""


def titled(tables: Iterable[Working]) -> Iterator[tuple[str, Working]]:
    """Tables with their titles; a title that stands above the table before is not repeated."""
    before = ""
    for table in tables:
        yield "" if table.title == before else table.title, table
        before = table.title
