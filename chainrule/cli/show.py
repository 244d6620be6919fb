"""Explanations on a terminal: the text of `Explanation`, in colour where there is colour."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.highlighter import RegexHighlighter
from rich.theme import Theme

from chainrule.readings.explain import Explanation


class _Rows(RegexHighlighter):
    """Names, numbers and equals signs of a row."""

    base_style = "row."
    highlights = [
        r"^ *(?P<name>[^\s=]+)(?= = )",
        r"(?P<number>(?<![\w.\u0304])\d+(\.\d+)?(e[+-]\d+)?\b)",
        r"(?P<equals>(?<= )=(?= ))",
    ]


_THEME = Theme({"row.name": "bold cyan", "row.number": "green", "row.equals": "dim"})


def console() -> Console:
    """A console for standard output as it is now; without colour unless it is a terminal."""
    return Console(theme=_THEME, highlighter=_Rows(), markup=False, emoji=False, soft_wrap=True)


def show(explanation: Explanation) -> None:
    """Print the tables of an explanation, with an empty line between them."""
    for i, (title, lines) in enumerate(explanation.sections()):
        if i:
            print()
        table(title, lines)


def table(title: str, lines: Iterable[str]) -> None:
    """Print a title and the lines below it."""
    screen = console()
    screen.print(title, style="bold", highlight=False)
    for line in lines:
        screen.print(line)
