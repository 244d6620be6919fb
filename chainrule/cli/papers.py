"""`chainrule papers check`: whether papers can be read, and what is in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chainrule.cli.failure import USAGE, Failure
from chainrule.cli.show import console, table
from chainrule.papers import Paper, PaperError, load, problems
from chainrule.papers.outline import outline, size
from chainrule.papers.printing.statement import clean


def show_check(files: Sequence[str], no_code: bool) -> None:
    """Print what is in each paper, or all that is wrong with it; raises Failure for the latter."""
    if not files:
        raise Failure("no paper is named", hint="chainrule papers check exam.md", code=USAGE)
    wrong = {}
    for i, file in enumerate(files):
        if i:
            print()
        if found := problems(file):
            wrong[file] = len(found)
            for problem in found:
                print(problem_text(problem))
        elif no_code:
            print(outline(load(file)))
        else:
            _show(load(file))
    if wrong:
        told = [f"{count} problem{'s' * (count > 1)} in {file}" for file, count in wrong.items()]
        raise Failure(", ".join(told))


def problem_text(problem: PaperError) -> str:
    """A problem with its place in front, as compilers tell it."""
    lines = [f"{problem.file}:{problem.line}: {problem.fact}"]
    parts = (("got", problem.got), ("expected", problem.expected), ("hint", problem.hint))
    return "\n".join(lines + [f"  {label:<8}  {text}" for label, text in parts if text])


def _show(paper: Paper) -> None:
    table(clean(f"{paper.title} ({paper.file}: {size(paper)})"), map(clean, _parts(paper)))
    waiting = [part.id for part in paper.parts if part.asked.derivation or part.asked.experiment]
    if waiting:
        console().print(f"wait for a derivation or an experiment: {', '.join(waiting)}")


def _parts(paper: Paper) -> Iterator[str]:
    """A row for each part: its id, kind, marks and title."""
    rows = [
        (part.id, part.asked.kind, "" if part.marks is None else f"{part.marks:g}",
         part.title or question.title)
        for question in paper.questions for part in question.parts
    ]  # fmt: skip
    widths = [max(len(row[i]) for row in [*rows, ("part", "kind", "marks", "")]) for i in range(3)]
    for id, kind, marks, title in [("part", "kind", "marks", "title"), *rows]:
        yield f"{id:<{widths[0]}}  {kind:<{widths[1]}}  {marks:>{widths[2]}}  {title}".rstrip()
