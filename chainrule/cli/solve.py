"""``chainrule solve PAPER``: every part of an exam paper, with its answer and its working."""

from __future__ import annotations

import json as json_format
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from chainrule.cli.failure import PROBLEM, USAGE, Failure
from chainrule.core.errors import ChainruleError
from chainrule.papers import Paper, PaperError, load
from chainrule.papers.conventions import chosen
from chainrule.papers.solution import FAILED, WAITS, PaperSolution, PartSolution

Told = Callable[[PartSolution, int, int], None]


def solve_papers(files: Sequence[str], **options: Any) -> list[PaperSolution]:
    """The solutions of papers, one after the other, with a bar of progress on a terminal.

    Raises Failure for what cannot be read, and for parts, conventions or an arithmetic that are not
    there.
    """
    if not files:
        raise Failure("no paper is named", hint="chainrule solve PAPER.md", code=USAGE)
    papers = [_loaded(file) for file in files]
    found = []
    for paper in papers:
        with progress_bar(paper, options["parts"]) as tell:
            try:
                found.append(paper.solve(**options, progress=tell))
            except ChainruleError as error:
                raise Failure(
                    f"{paper.file}: {error.fact}", hint=_hint(error), code=USAGE
                ) from error
    return found


def _loaded(file: str) -> Paper:
    try:
        return load(file)
    except PaperError as error:
        raise Failure(str(error), code=PROBLEM) from error


def _hint(error: ChainruleError) -> str:
    return error.hint or (f"there are {error.expected}" if error.expected else "")


@contextmanager
def progress_bar(paper: Paper, parts: Iterable[str] | None) -> Iterator[Told | None]:
    """What is told of each part that is done; nothing where nobody looks."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = [TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()]
    with Progress(
        *columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True
    ) as bar:
        task = bar.add_task(os.path.basename(paper.file), total=len(paper.parts))

        def tell(solution: PartSolution, done: int, of: int) -> None:
            bar.update(
                task, completed=done, total=of, description=f"{solution.id} {solution.status}"
            )

        yield tell


def conventions_of(words: Sequence[str]) -> dict[str, Any]:
    """The conventions that words choose: ``variance=unbiased``; raises Failure for what is none."""
    found: dict[str, Any] = {}
    for word in words:
        try:
            name, value = chosen(word)
        except ChainruleError as error:
            raise Failure(error.fact, hint=_hint(error), code=USAGE) from error
        found[name] = value
    return found


def show_json(solutions: Sequence[PaperSolution]) -> None:
    """Print one paper as an object, several as a list of them."""
    plain = [solution.to_dict() for solution in solutions]
    shown = plain[0] if len(plain) == 1 else plain
    print(json_format.dumps(shown, ensure_ascii=False, indent=2))


def show_text(solution: PaperSolution) -> None:
    """Print the parts one below the other."""
    print(solution.paper.title)
    for part in solution.parts:
        print()
        for line in text_lines(part):
            print(line)


def text_lines(part: PartSolution) -> Iterator[str]:
    """A part in lines: answer, published answer, working."""
    if part.status == WAITS:
        yield f"{part.id}  waits for {part.waits_for}"
    elif part.status == FAILED:
        yield f"{part.id}  failed"
        yield from (f"  {line}" for line in part.error.splitlines())
    else:
        for title, values in (("", part.values), *part.readings.items(), ("also", part.also)):
            for label, value in values.items():
                yield "  ".join(filter(None, (part.id, title, label, value.text)))
        if part.published:
            yield f"  published  {part.published}   {part.agreement}".rstrip()
        if part.conventions:
            chosen = ", ".join(f"{name} = {value}" for name, value in part.conventions.items())
            yield f"  convention  {chosen}"
        for table in part.working:
            yield f"  {table.title}"
            yield from (f"    {line.text}" for line in table.lines)


def failures(solutions: Iterable[PaperSolution]) -> list[str]:
    """The parts that failed."""
    return [
        f"{solution.paper.file} {part.id}"
        for solution in solutions
        for part in solution.parts
        if part.status == FAILED
    ]
