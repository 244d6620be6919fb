"""A solved paper on a terminal: headings, statements, givens, answers, working, each in its column.

In colour where there is colour; the same words and columns without.
"""

from __future__ import annotations

import io
import re
import shutil
import textwrap
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from chainrule.papers.paper import Question
from chainrule.papers.printing import words
from chainrule.papers.printing.statement import clean, plain_text, plain_tokens
from chainrule.papers.solution import FAILED, WAITS, PaperSolution, PartSolution, Value

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

WIDEST = 120
"""Lines are no longer, even in a wider terminal."""
MARGIN = 4
"""Columns before what belongs to a part."""

STYLES = {
    "title": "bold magenta", "question": "bold", "part": "bold cyan", "label": "dim",
    "agrees": "green", "differs": "red", "failed": "red", "waits": "yellow", "answered": "default",
    "chosen": "bold green", "value": "bold",
}  # fmt: skip


def paper_text(solution: PaperSolution, width: int | None = None) -> str:
    """A solved paper as plain text of at most ``width`` columns, by default the terminal's."""
    return _plain(paper_lines(solution), width)


def part_text(part: PartSolution, width: int | None = None) -> str:
    """A solved part as plain text."""
    return _plain(part_lines(words.alone(part.part), part), width)


def show(solution: PaperSolution, console: Console) -> None:
    """Print a solved paper; into a file, without the spaces that fill the lines of a terminal."""
    if not console.is_terminal:
        console.file.write(paper_text(solution, console.width) + "\n")
        return
    for piece in paper_lines(solution):
        console.print(piece)


def console(width: int | None = None, file: Any = None) -> Console:
    """A console for a file, by default standard output; without colour unless it is a terminal."""
    from rich.console import Console
    from rich.theme import Theme

    width = width or min(shutil.get_terminal_size((100, 24)).columns, WIDEST)
    theme = Theme({f"paper.{name}": style for name, style in STYLES.items()})
    return Console(
        file=file, width=width, theme=theme, highlight=False, markup=False, emoji=False, tab_size=4
    )


def _plain(pieces: Iterator[RenderableType], width: int | None) -> str:
    file = io.StringIO()
    screen = console(width, file)
    for piece in pieces:
        screen.print(piece)
    return "\n".join(line.rstrip() for line in file.getvalue().split("\n")).rstrip("\n")


# -- the pieces ------------------------------------------------------------------------------------


def paper_lines(solution: PaperSolution) -> Iterator[RenderableType]:
    """What is printed of a paper, piece by piece."""
    from rich.text import Text

    paper = solution.paper
    yield Text(plain_text(paper.title), "paper.title")
    if paper.source:
        yield Text(plain_text(paper.source), "paper.label")
    yield Text(words.summary(solution))
    if paper.introduction.strip():
        yield Text()
        yield statement(paper.introduction, 0)
    for question, parts in solution.by_question():
        yield from question_lines(question, parts)


def question_lines(question: Question, parts: list[PartSolution]) -> Iterator[RenderableType]:
    """A question: its heading, its text, what it gives, its parts."""
    from rich.rule import Rule
    from rich.text import Text

    yield Text()
    heading = Text(plain_text(words.question_heading(question)), "paper.question")
    if points := words.marks(question):
        heading.append(f"  {points}", "paper.label")
    yield Rule(heading, align="left", characters="─", style="paper.label")
    if question.statement.strip():
        yield statement(question.statement, 2)
    if question.givens:
        yield Text()
        yield givens(question)
    seen: dict[tuple[Any, ...], str] = {}
    for part in parts:
        yield Text()
        yield from part_lines(question, part, words.shown_before(part, seen))


def part_lines(question: Question, part: PartSolution, same: str = "") -> Iterator[RenderableType]:
    """A part: what is asked, the answer beside the published one, the working, or the part that has
    the ``same``."""
    from rich.text import Text

    if part.id != question.id or part.part.marks is not None:
        heading = Text(f"{clean(part.id)}  {plain_text(part.part.title)}".rstrip(), "paper.part")
        points = words.marks(part.part)
        yield heading.append(f"  {points}" if points else "", "paper.label")
    if part.part.statement.strip():
        yield statement(part.part.statement, MARGIN)
    chosen = [*option_rows(part)]
    above = bool(part.part.statement.strip())
    for rows in (chosen, [*answer_rows(part)]):
        if rows:
            yield from [Text()] * above
            yield in_columns(rows)
            above = True
    if part.status == FAILED:
        yield indented(Text(clean(part.error), "paper.failed"), MARGIN)
    if same:
        yield indented(Text(f"Working: that of {clean(same)}", "paper.label"), MARGIN)
    else:
        yield from working(part)


def statement(text: str, margin: int) -> RenderableType:
    """A statement, laid out as Markdown with its formulas as text."""
    from rich.markdown import Markdown

    made = Markdown("", hyperlinks=False, code_theme="bw")
    made.parsed = plain_tokens(text)
    return indented(made, margin)


def indented(piece: RenderableType, margin: int) -> RenderableType:
    """A piece with a margin on its left."""
    from rich.padding import Padding

    return Padding(piece, (0, 0, 0, margin))


def in_columns(rows: list[tuple[Any, Any]], margin: int = MARGIN) -> RenderableType:
    """Labels, and beside them what they label."""
    from rich.table import Table

    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="paper.label", no_wrap=True, max_width=24)
    table.add_column(overflow="fold")
    for label, value in rows:
        table.add_row(label, value)
    return indented(table, margin)


def givens(question: Question) -> RenderableType:
    """The givens: name, value, range, and what each is."""
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_column(overflow="fold", style="paper.label")
    for given in question.givens.values():
        says = [plain_text(given.says)] * bool(given.says)
        span = words.given_range(given)
        says += [f"({clean(words.shown(span))})"] * bool(span)
        table.add_row(
            Text(f"{clean(words.label(given.name))} ="),
            Text(clean(words.shown(words.given_value(given)))),
            Text(" ".join(says)),
        )
    return indented(table, 2)


def option_rows(part: PartSolution) -> Iterator[tuple[Any, Any]]:
    """The options of a choice, the chosen ones marked; claims, each true or false."""
    from rich.text import Text

    asked = part.part.asked
    chosen = words.chosen_letters(part)
    for option in asked.options:
        mark, style = ("✓", "paper.chosen") if option.letter in chosen else (" ", "")
        label = Text(f"{mark} {clean(option.letter)}", style)
        yield label, Text(plain_text(option.says), style)
    if asked.claims:
        for claim, value in part.values.items():
            mark, style = ("✓", "paper.agrees") if value.data else ("✗", "paper.differs")
            said = f"{plain_text(claim).rstrip('.:')}: {clean(value.text)}"
            yield Text(mark, style), Text(said)


def answer_rows(part: PartSolution) -> Iterator[tuple[Any, Any]]:
    """The answer, the published one, conventions, what is waited for."""
    from rich.text import Text

    if part.status == WAITS:
        what, rest = words.waiting(part)
        yield Text(what, "paper.waits"), Text(plain_text(rest))
    else:
        for title, values, likely in words.labelled(part):
            label = Text(plain_text(title) + " (likely)" * likely)
            yield label, values_piece(values)
    if part.published:
        said = Text(clean(words.printed(part)))
        verdict = clean(words.verdict(part))
        mark = words.SIGNS.get(part.agreement, "")
        said.append(f"   {mark} {verdict}".rstrip(), f"paper.{part.agreement or 'label'}")
        yield Text("Published"), said
    if part.also:
        yield Text("Also"), values_piece(part.also)
    if part.conventions:
        yield Text("Conventions"), Text(clean(words.conventions(part.conventions)), "paper.label")
    if part.arithmetic.startswith("decimal"):
        yield Text("Arithmetic"), Text(clean(part.arithmetic), "paper.label")


def values_piece(values: Mapping[str, Value]) -> RenderableType:
    """One value, or several with their labels."""
    from rich.table import Table
    from rich.text import Text

    if set(values) == {""}:
        return Text(clean(words.shown(values[""].text)), "paper.value")
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(max_width=36)
    table.add_column(overflow="fold", style="paper.value")
    for label, value in values.items():
        name, shown = plain_text(words.label(label)), clean(words.shown(value.text))
        table.add_row(Text(name), Text(shown))
    return table


def working(part: PartSolution) -> Iterator[RenderableType]:
    """The tables of working, as they are."""
    from rich.text import Text

    for title, table in words.titled(part.working):
        if title or not any(line.latex for line in table.lines):
            yield Text()
        if title:
            yield indented(Text(clean(title), "paper.label"), MARGIN)
        lines = [row for line in table.lines for row in clean(line.text).split("\n")]
        yield indented(Rows(lines), MARGIN)


class Rows:
    """Lines as they are; one that is too long goes on below its text."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines

    def __rich_console__(self, console: Console, options: Any) -> Iterator[RenderableType]:
        from rich.text import Text

        for line in self.lines:
            start = _CONTENT.match(line)
            margin = min(start.end() if start else 0, options.max_width // 2)
            shown = textwrap.wrap(
                line, options.max_width, subsequent_indent=" " * margin, drop_whitespace=True,
                replace_whitespace=False, break_on_hyphens=False,
            )  # fmt: skip
            yield Text("\n".join(shown), overflow="fold")


_CONTENT = re.compile(r" *(?:\S+ = |= |\S+ {2,})?")
"""What stands before the text of a line: a name and an equals sign, or a label."""
