"""A solved paper as Markdown, as GitHub shows it: formulas in $…$ and in fences of math."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from chainrule.papers.paper import Question
from chainrule.papers.printing import words
from chainrule.papers.printing.mathml import equations, is_formula
from chainrule.papers.printing.statement import clean, phrase, statement_markdown
from chainrule.papers.solution import FAILED, WAITS, PaperSolution, PartSolution, Value, Working
from chainrule.readings.explain.naming import latex_name

LONG = 110
"""Characters of LaTeX on a line of a row of working."""


def paper_markdown(solution: PaperSolution) -> str:
    """A solved paper as one document."""
    return "\n\n".join(paper_blocks(solution)) + "\n"


def part_markdown(part: PartSolution) -> str:
    """A solved part."""
    return "\n\n".join(part_blocks(words.alone(part.part), part)) + "\n"


def paper_blocks(solution: PaperSolution) -> Iterator[str]:
    """The blocks of a paper: headings, paragraphs, tables."""
    paper = solution.paper
    yield f"# {line(paper.title)}"
    if paper.source:
        yield f"*{line(paper.source)}*"
    yield f"**{words.summary(solution)}**"
    if paper.introduction.strip():
        yield statement_markdown(paper.introduction.strip())
    for question, parts in solution.by_question():
        yield from question_blocks(question, parts)


def question_blocks(question: Question, parts: list[PartSolution]) -> Iterator[str]:
    """A question and its parts."""
    points = words.marks(question)
    yield f"## {line(words.question_heading(question))}" + f" ({points})" * bool(points)
    if question.statement.strip():
        yield statement_markdown(question.statement.strip())
    if question.givens:
        yield givens(question)
    yield from folded(code.text for code in question.definitions)
    seen: dict[tuple[Working, ...], str] = {}
    for part in parts:
        yield from part_blocks(question, part, words.shown_before(part, seen))


def part_blocks(question: Question, part: PartSolution, same: str = "") -> Iterator[str]:
    """A part: what is asked, the answer beside the published one, the working."""
    heading = " ".join(filter(None, (words.part_heading(question, part.part), _marks(part))))
    if heading:
        yield f"### {line(heading)}"
    if part.part.statement.strip():
        yield statement_markdown(part.part.statement.strip())
    yield from folded(code.text for code in part.part.definitions)
    if part.status == WAITS:
        what, rest = words.waiting(part)
        yield f"> **{what}.** {line(rest)}"
    elif part.status == FAILED:
        yield fence(part.error)
    else:
        yield from answer(part)
    if part.published:
        sign = words.SIGNS.get(part.agreement, "")
        said = code(words.printed(part))
        told = f"Published: {said} {sign} {phrase(words.verdict(part))}"
        yield " ".join(told.split())
    if part.also:
        yield from labelled_values("Also", part.also)
    if part.conventions:
        yield f"Conventions: {phrase(words.conventions(part.conventions))}"
    if part.arithmetic.startswith("decimal"):
        yield f"Arithmetic: {code(part.arithmetic)}"
    if same:
        yield f"Working: that of {phrase(same)}"
    else:
        yield from working(part.working)


def _marks(part: PartSolution) -> str:
    points = words.marks(part.part)
    return f"({points})" if points else ""


def line(text: str) -> str:
    """Markdown of one line."""
    return statement_markdown(" ".join(text.split()))


def code(text: str) -> str:
    """Text as it is, within a line.

    >>> print(code("a`b"))
    ``a`b``
    """
    text = " ".join(clean(text).split())
    marks = "`" * (max(map(len, _runs(text)), default=0) + 1)
    edge = " " if text[:1] == "`" or text[-1:] == "`" else ""
    return f"{marks}{edge}{text}{edge}{marks}"


def fence(text: str, language: str = "") -> str:
    """Text as it is, in a block of its own."""
    text = clean(text).strip("\n")
    marks = "`" * max(3, max(map(len, _runs(text)), default=0) + 1)
    return f"{marks}{language}\n{text}\n{marks}"


def _runs(text: str) -> list[str]:
    """The runs of back quotes."""
    return [run for run in "".join(c if c == "`" else " " for c in text).split() if run]


def folded(texts: Iterable[str]) -> Iterator[str]:
    """Definitions, folded away where the reader can unfold them."""
    text = "\n\n".join(part.strip("\n") for part in texts)
    if text:
        yield "<details><summary>Definitions in Python</summary>"
        yield fence(text, "python")
        yield "</details>"


def givens(question: Question) -> str:
    """The givens of a question as a table."""
    rows = [("name", "value", "range", "what it is"), ("---",) * 4]
    rows += [
        (
            f"${latex_name(given.name)}$",
            phrase(words.shown(words.given_value(given))),
            phrase(words.shown(words.given_range(given))),
            cell(given.says),
        )
        for given in question.givens.values()
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def cell(text: str) -> str:
    """Markdown in a cell of a table."""
    return line(text).replace("|", "\\|")


def answer(part: PartSolution) -> Iterator[str]:
    """The values of a part; of a choice its options, of claims each with its truth."""
    asked = part.part.asked
    chosen = words.chosen_letters(part)
    if asked.options:
        yield "\n".join(
            f"- [{'x' if o.letter in chosen else ' '}] **{phrase(o.letter)}** {line(o.says)}"
            for o in asked.options
        )
    if asked.claims:
        yield "\n".join(
            f"- [{'x' if value.data else ' '}] {line(claim)}: **{phrase(value.text)}**"
            for claim, value in part.values.items()
        )
    for title, values, likely in words.labelled(part):
        yield from labelled_values(f"{line(title)}{' (likely)' * likely}", values)


def labelled_values(title: str, values: Mapping[str, Value]) -> Iterator[str]:
    """Values below their title, or beside it where there is one that is short."""
    name = f"**{title}**"
    if set(values) == {""} and "\n" not in value(values[""]):
        yield f"{name}: {value(values[''])}"
    elif set(values) == {""}:
        yield name
        yield value(values[""])
    else:
        yield name
        yield table_of(values)


def table_of(values: Mapping[str, Value]) -> str:
    """Values by label as a table; where one takes several lines, as a list."""
    if any("\n" in value(one) for one in values.values()):
        return "\n\n".join(
            f"{line(words.label(label))}:\n\n{value(one)}" for label, one in values.items()
        )
    rows = [
        f"| {cell(words.label(label))} | {value(one).replace('|', chr(92) + '|')} |"
        for label, one in values.items()
    ]
    return "\n".join(["| | |", "| --- | --- |", *rows])


def value(one: Value) -> str:
    """A value: a formula where there is one, else its text."""
    if one.latex and is_formula(one.latex):
        if len(one.latex) > LONG or re.search(r"\\\\|[<$`\n]|\]\(", one.latex):
            return fence(one.latex, "math")
        return f"${one.latex}$"
    return fence(one.text) if "\n" in one.text else code(words.shown(one.text))


def working(tables: Iterable[Working]) -> Iterator[str]:
    """The tables of working: formulas with their equals signs one below the other."""
    for title, table in words.titled(tables):
        if title:
            yield f"**{phrase(title)}**"
        for formulas, rows in words.runs(table):
            yield aligned(rows) if formulas else fence("\n".join(rows))


def aligned(rows: list[str]) -> str:
    r"""Rows of formulas, a long one on several lines.

    >>> print(aligned(["y = x + 1 = 3"]))
    ```math
    \begin{aligned}
    y &= x + 1 = 3
    \end{aligned}
    ```
    """
    lines = []
    for row in rows:
        name, *parts = equations(row)
        if sum(map(len, parts)) <= LONG:
            lines.append(f"{name} &= {' = '.join(parts)}")
        else:
            lines += [f"{name if i == 0 else ''} &= {part}".strip() for i, part in enumerate(parts)]
    body = " \\\\\n".join(lines)
    return fence(f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}", "math")
