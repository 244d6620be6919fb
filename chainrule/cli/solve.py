"""``chainrule solve PAPER``: every part of an exam paper, with its answer and its working."""

from __future__ import annotations

import json as json_format
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from chainrule.cli.failure import PROBLEM, USAGE, Failure
from chainrule.core.errors import ChainruleError
from chainrule.papers import Paper, PaperError, load
from chainrule.papers.conventions import chosen
from chainrule.papers.solution import FAILED, PaperSolution, PartSolution

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
        with progress_bar(paper) as tell:
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
    return error.hint or (f"expected: {error.expected}" if error.expected else "")


@contextmanager
def progress_bar(paper: Paper) -> Iterator[Told | None]:
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


def show_solutions(
    solutions: Sequence[PaperSolution], json: bool, markdown: bool, html: str | None
) -> None:
    """Print solved papers, or write their pages and say how many parts are answered."""
    if json:
        show_json(solutions)
    elif markdown:
        show_markdown(solutions)
    elif html is not None:
        try:
            write_html(solutions, html)
        except Failure:  # what was computed is not lost
            for solution in solutions:
                show_text(solution)
            raise
        show_totals(solutions)
    else:
        for solution in solutions:
            show_text(solution)


def show_json(solutions: Sequence[PaperSolution]) -> None:
    """Print one paper as an object, several as a list of them."""
    plain = [solution.to_dict() for solution in solutions]
    shown = plain[0] if len(plain) == 1 else plain
    print(json_format.dumps(shown, ensure_ascii=False, indent=2))


def show_text(solution: PaperSolution) -> None:
    """Print the parts one below the other, in colour where there is colour."""
    from chainrule.papers.printing import console, show

    show(solution, console())


def show_markdown(solutions: Iterable[PaperSolution]) -> None:
    """Print papers as Markdown."""
    for solution in solutions:
        print(solution.markdown())


def write_html(solutions: Sequence[PaperSolution], place: str) -> None:
    """Write a page: of one paper to that file; of several, or to a folder, one each and an index.

    Raises Failure where it cannot be written.
    """
    from chainrule.papers.printing import index_html

    target = Path(place)
    try:
        if _is_page(target, len(solutions)):
            _written(target, solutions[0].html())
            return
        target.mkdir(parents=True, exist_ok=True)
        names = page_names([solution.paper.file for solution in solutions])
        for name, solution in zip(names, solutions, strict=True):
            _written(target / name, solution.html())
        _written(target / "index.html", index_html(list(zip(names, solutions, strict=True))))
    except OSError as error:
        raise _unwritable(error, place) from error


def check_place(place: str, papers: Sequence[str]) -> None:
    """Make the folder of the pages, and see whether something can be written there, before anything
    is computed; raises Failure, also where a page would take the place of a paper."""
    target = Path(place)
    if any(target.resolve() == Path(paper).resolve() for paper in papers):
        raise Failure(f"{place} is a paper, which its page would replace",
                      hint="--html FILE.html, or a folder", code=USAGE)  # fmt: skip
    try:
        if _is_page(target, len(papers)):
            if target.exists():
                with target.open("ab"):
                    pass
            target = target.parent
        else:
            target.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=target):
            pass
    except OSError as error:
        raise _unwritable(error, place) from error


def _is_page(target: Path, papers: int) -> bool:
    """Whether a place is that of one page, not of a folder of them."""
    return papers == 1 and not target.is_dir() and bool(target.suffix)


def _unwritable(error: OSError, place: str) -> Failure:
    return Failure(f"{place} cannot be written: {error.strerror or error}", code=USAGE)


def page_names(files: Iterable[str]) -> list[str]:
    """A name for the page of each paper, each another one.

    >>> page_names(["a/exam.md", "b/exam.md", "index.md"])
    ['exam.html', 'exam-2.html', 'index-2.html']
    """
    found = ["index.html"]
    for file in files:
        name, i = f"{Path(file).stem}.html", 2
        while name in found:
            name, i = f"{Path(file).stem}-{i}.html", i + 1
        found.append(name)
    return found[1:]


def _written(file: Path, page: str) -> None:
    new = file.with_name(f".{file.name}.new")  # what is there stays whole until the new one is
    try:
        new.write_text(page, "utf-8", errors="replace")
        new.replace(file)
    except OSError:
        new.unlink(missing_ok=True)
        raise
    print(f"wrote {file}", file=sys.stderr)


def show_totals(solutions: Sequence[PaperSolution]) -> None:
    """Print a line for each paper: how many parts it has, and what became of them."""
    for solution in solutions:
        told = [f"{count} {word}" for word, count in solution.counts._asdict().items()]
        print(f"{solution.paper.file}: {', '.join(told)}")


def refuse_failures(solutions: Iterable[PaperSolution]) -> None:
    """Raise Failure with the parts that failed, if any did."""
    failed = [
        f"{', '.join(ids)} of {solution.paper.file}"
        for solution in solutions
        if (ids := [part.id for part in solution.parts if part.status == FAILED])
    ]
    if failed:
        raise Failure(f"not answered: {'; '.join(failed)}")
