"""From a file to a `Paper`: Markdown, YAML and Python are read, and nothing is run."""

from __future__ import annotations

import os

from chainrule.papers.errors import PaperError
from chainrule.papers.paper import Paper
from chainrule.papers.reading.blocks import text_of
from chainrule.papers.reading.reader import Reader


def load(path: str | os.PathLike[str]) -> Paper:
    """The paper in a file; nothing in it is run.  Raises PaperError, with file and line.

    >>> load("no such file.md")
    Traceback (most recent call last):
    chainrule.papers.errors.PaperError: the paper cannot be opened: No such file or directory
      at        no such file.md:1
    """
    return parse(text_of(path), file=os.fspath(path))


def parse(text: str, *, file: str = "paper.md") -> Paper:
    """The paper that a text is; ``file`` is what errors call it.  Raises PaperError.

    >>> paper = parse('''---
    ... title: A first paper
    ... ---
    ... # 1. Twice
    ... ```yaml givens
    ... k: {value: 3, range: 2..9}
    ... ```
    ... ```yaml answer
    ... kind: exact
    ... value: 2 * k
    ... ```
    ... ''')
    >>> paper.parts[0].id, paper.parts[0].asked.values[""].text
    ('1', '2 * k')
    """
    reader = Reader(file)
    paper = reader.paper(text)
    if reader.problems or paper is None:
        raise reader.problems[0]
    return paper


def problems(path: str | os.PathLike[str]) -> list[PaperError]:
    """All that is wrong with the paper in a file, in the order of its lines; empty for none."""
    reader = Reader(os.fspath(path))
    try:
        reader.paper(text_of(path))
    except PaperError as error:
        return [error]
    return sorted(reader.problems, key=lambda error: error.line)


__all__ = ["load", "parse", "problems"]
