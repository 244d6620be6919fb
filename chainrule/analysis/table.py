"""Tables as text, Markdown, HTML and for rich; columns that do not fit are left out, last ones
first."""

from __future__ import annotations

import shutil
import textwrap
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from chainrule.core.convention import number
from chainrule.core.signature import Dim

GAP = "  "
WIDEST = 120
NARROWEST, FIGURE = 12, 16
"""Cells are not cut to less: shapes and names, figures."""
LEFT = 2
"""How many columns, from the first, are written from the left; figures stand at the right."""
UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


@dataclass(frozen=True)
class Table:
    """A title, headings, rows of cells, and lines below."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str]

    def without(self, column: int) -> Table:
        """The same without one column."""
        cut = [[*row[:column], *row[column + 1 :]] for row in (self.heads, *self.rows)]
        return Table(self.title, cut[0], cut[1:], self.notes)

    @property
    def widths(self) -> list[int]:
        """The width of each column."""
        columns = zip(self.heads, *self.rows, strict=True)
        return [max(len(cell) for cell in column) for column in columns]


class Tabled(ABC):
    """What is printed as a table: in terminals, notebooks and Markdown."""

    @abstractmethod
    def table(self) -> Table:
        """The table that is printed."""

    def text(self, width: int | None = None) -> str:
        """The table in lines of at most ``width`` columns, by default those of the terminal."""
        return text(self.table(), width)

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return self.text()

    def to_markdown(self) -> str:
        """The table in Markdown."""
        return markdown(self.table())

    def _repr_html_(self) -> str:
        return html(self.table())

    def __rich__(self) -> Any:
        return rich_table(self.table())


def byte_text(count: Dim) -> str:
    """Bytes in units of 1,024.

    >>> byte_text(512), byte_text(37632), byte_text(46758048)
    ('512 B', '36.8 KiB', '44.6 MiB')
    """
    if not isinstance(count, int):
        return f"{number(count)} bytes"
    place, scaled = 0, float(count)
    while scaled >= 1024 and place < len(UNITS) - 1:
        place, scaled = place + 1, scaled / 1024
    return f"{count} B" if place == 0 else f"{scaled:.1f} {UNITS[place]}"


def shape_text(shape: Any) -> str:
    """A shape, or several, or nothing.

    >>> shape_text((1, 3)), shape_text(((2, 1), (2,))), shape_text(None)
    ('(1, 3)', '(2, 1), (2,)', '')
    """
    if shape is None:
        return ""
    if shape and all(isinstance(part, tuple) for part in shape):
        return ", ".join(map(shape_text, shape))
    inside = ", ".join(map(str, shape))
    return f"({inside},)" if len(shape) == 1 else f"({inside})"


def fitted(table: Table, width: int) -> Table:
    """The table with as many columns as fit; then ends are cut off."""
    while sum(table.widths) + len(GAP) * (len(table.heads) - 1) > width and len(table.heads) > 4:
        table = table.without(len(table.heads) - 1)
    over = sum(table.widths) + len(GAP) * (len(table.heads) - 1) - width
    for column in range(len(table.heads)):
        if over > 0:  # figures last: formulas of open sizes, which the lines below give in full
            room = max(table.widths[column] - over, NARROWEST if column < LEFT else FIGURE)
            room = min(room, table.widths[column])
            over -= table.widths[column] - room
            table = Table(
                table.title, table.heads, [_cut(row, column, room) for row in table.rows],
                table.notes,
            )  # fmt: skip
    return table


def _cut(row: Sequence[str], column: int, room: int) -> list[str]:
    cell = row[column]
    shown = cell if len(cell) <= room else cell[: room - 1] + "…"
    return [*row[:column], shown, *row[column + 1 :]]


def text(table: Table, width: int | None = None) -> str:
    """Lines of at most ``width`` columns, by default those of the terminal."""
    width = width or min(shutil.get_terminal_size((WIDEST, 24)).columns, WIDEST)
    table = fitted(table, width)
    widths = table.widths
    rule = "─" * (sum(widths) + len(GAP) * (len(widths) - 1))
    lines = [*textwrap.wrap(table.title, width), rule, _line(table.heads, widths), rule]
    lines += [_line(row, widths) for row in table.rows]
    return "\n".join([*lines, rule, *_notes(table.notes, width)])


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    placed = [
        cell.ljust(width) if i < LEFT else cell.rjust(width)
        for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return GAP.join(placed).rstrip()


def _notes(notes: Sequence[str], width: int) -> list[str]:
    """The lines below, their first words in a column of their own, broken where they are long."""
    pairs = [note.partition("  ")[::2] for note in notes]
    first = max((len(name) for name, _ in pairs), default=0)
    lines = []
    for name, told in pairs:
        lines += textwrap.wrap(
            told, width, initial_indent=f"{name:<{first}}  ", subsequent_indent=" " * (first + 2)
        )
    return lines


def markdown(table: Table) -> str:
    r"""A table in Markdown.

    >>> print(markdown(Table("t", ["a", "b", "n"], [["x", "y|z", "1"]], [])))
    **t**
    <BLANKLINE>
    | a | b | n |
    |:--|:--|--:|
    | x | y\|z | 1 |
    """
    marks = [":--" if i < LEFT else "--:" for i in range(len(table.heads))]
    lines = [f"**{table.title}**", "", _marked(table.heads), f"|{'|'.join(marks)}|"]
    lines += [_marked(row) for row in table.rows]
    if table.notes:
        lines += ["", *(f"- {note.replace('  ', ': ', 1)}" for note in table.notes)]
    return "\n".join(lines)


def _marked(cells: Sequence[str]) -> str:
    shown = (cell.replace("|", "\\|") for cell in cells)
    spaced = ("\N{NO-BREAK SPACE}" * (len(c) - len(c.lstrip())) + c.lstrip() for c in shown)
    return f"| {' | '.join(spaced)} |"


def html(table: Table) -> str:
    """A table in HTML, without script or style sheet."""
    heads = "".join(f"<th>{escape(head)}</th>" for head in table.heads)
    rows = "".join(f"<tr>{''.join(map(_cell, row, range(len(row))))}</tr>" for row in table.rows)
    notes = "".join(f"<div>{escape(note.replace('  ', ': ', 1))}</div>" for note in table.notes)
    return (
        f"<table><caption>{escape(table.title)}</caption><thead><tr>{heads}</tr></thead>"
        f"<tbody>{rows}</tbody></table>{notes}"
    )


def _cell(cell: str, column: int) -> str:
    depth = (len(cell) - len(cell.lstrip())) / 2
    side = f"left;padding-left:{depth + 0.5:g}em" if column < LEFT else "right"
    return f'<td style="text-align:{side}">{escape(cell.lstrip())}</td>'


def rich_table(table: Table, width: int | None = None) -> Any:
    """The table for a terminal in colour, by the library rich."""
    from rich.console import Group
    from rich.table import Table as Rich
    from rich.text import Text

    width = width or min(shutil.get_terminal_size((WIDEST, 24)).columns, WIDEST)
    table = fitted(table, width)
    made = Rich(
        title=Text(table.title, "bold"), title_justify="left", box=None, padding=(0, 1, 0, 0)
    )
    for i, head in enumerate(table.heads):
        made.add_column(Text(head, "dim"), justify="left" if i < LEFT else "right", no_wrap=True)
    for row in table.rows:
        made.add_row(*(Text(cell, "cyan" if i == 0 else "") for i, cell in enumerate(row)))
    return Group(made, Text(""), *(Text(line) for line in _notes(table.notes, width)))
