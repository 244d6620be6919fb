"""A paper solved: its parts, each a job, over an executor; what comes back as objects."""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from dataclasses import replace
from typing import Any

from chainrule.core.errors import ArgumentError
from chainrule.papers.arithmetic import arithmetic_of
from chainrule.papers.conventions import valid
from chainrule.papers.paper import Paper, Part, Question
from chainrule.papers.solution import (
    ANSWERED,
    FAILED,
    WAITS,
    Line,
    PaperSolution,
    PartSolution,
    Value,
    Working,
)
from chainrule.papers.solving.givens import changed, comparable
from chainrule.papers.solving.job import Job, read
from chainrule.papers.solving.process import answer_of, forget, stop
from chainrule.papers.wording import written

SECONDS, MEMORY = 20.0, 4 * 2**30
"""What a part may take, unless it, or who solves, says more: seconds, and bytes."""
LONGEST = 86_400
"""Seconds that a part may be given."""

OTHER_GIVENS = "other givens"
"""Why an answer is not compared with what was published for those of the paper."""

Progress = Callable[[PartSolution, int, int], None]
"""Is told of each part that is done, how many are, and of how many."""


def solve(
    paper: Paper,
    parts: Iterable[str] | None = None,
    *,
    givens: Mapping[str, Mapping[str, Any]] | None = None,
    conventions: Mapping[str, Any] | None = None,
    arithmetic: str | None = None,
    seconds: float | None = None,
    memory: int | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> PaperSolution:
    """Solve a paper; see `Paper.solve`."""
    wanted = _wanted(paper, parts)
    if arithmetic is not None:
        arithmetic_of(arithmetic)
    chosen = valid(conventions or {})
    for name, told, most in (("seconds", seconds, LONGEST), ("memory", memory, sys.maxsize)):
        if told is not None and not 0 < told <= most:
            raise ArgumentError(f"{name} is {told}", expected=f"a number above 0, at most {most}")
    questions = changed(paper, givens or {})
    run = uuid.uuid4().hex
    jobs: list[tuple[Part, Job | None]] = [
        (part, _job(paper, question, _to_compare(part, before, question), chosen, arithmetic))
        for before, question in zip(paper.questions, questions, strict=True)
        for part in question.parts
        if part.id in wanted
    ]
    done: dict[str, PartSolution] = {}

    def note(solution: PartSolution) -> None:
        done[solution.id] = solution
        if progress is not None:
            progress(solution, len(done), len(jobs))

    pool = executor or ThreadPoolExecutor(os.cpu_count() or 1, "chainrule")
    futures: dict[Future[Any], tuple[Part, Job]] = {}
    try:
        for part, job in jobs:
            if job is None:
                note(_waiting(part))
                continue
            time_ = seconds or part.asked.seconds or SECONDS
            future = pool.submit(answer_of, run, job.to_json(), time_, int(memory or MEMORY))
            futures[future] = part, job
        for future in as_completed(futures):
            part, job = futures[future]
            note(_solution(part, job, future))
    except BaseException:  # Ctrl-C, or a progress that raises: no child goes on
        for future in futures:
            future.cancel()
        stop(run)
        raise
    finally:
        if executor is None:
            pool.shutdown(cancel_futures=True)
        forget(run)
    return PaperSolution(paper, tuple(done[part.id] for part, _ in jobs))


def _wanted(paper: Paper, parts: Iterable[str] | None) -> set[str]:
    """The ids of the parts to solve; a question's stands for all of its parts."""
    ids = [part.id for part in paper.parts]
    if parts is None:
        return set(ids)
    found: set[str] = set()
    of_question = {
        question.id: [part.id for part in question.parts] for question in paper.questions
    }
    for id in [parts] if isinstance(parts, str) else parts:
        if id not in ids and id not in of_question:
            raise ArgumentError(f"the paper has no part {id!r}", expected=", ".join(ids))
        found.update([id] if id in ids else of_question[id])
    return found


def _to_compare(part: Part, before: Question, after: Question) -> Part:
    """The part; without what was published where that answers a question with other givens."""
    if comparable(part, before, after):
        return part
    return replace(part, asked=replace(part.asked, published=None))


def _job(
    paper: Paper,
    question: Question,
    part: Part,
    conventions: Mapping[str, Any],
    arithmetic: str | None,
) -> Job | None:
    """What a child is told of a part; None for one that waits."""
    asked = part.asked
    if asked.derivation or asked.experiment:
        return None
    usual = "float64" if asked.kind == "numeric" else "exact"
    return Job(
        paper.file,
        part.id,
        part.line,
        arithmetic or asked.arithmetic or usual,
        {name: replace(given, range=None) for name, given in question.givens.items()},
        _in_force(paper.conventions, question.conventions, conventions),
        (*question.definitions, *part.definitions),
        asked,
    )


def _in_force(*chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Conventions, the later ones first: ``mac`` and ``inner`` say the same, and replace each
    other."""
    found: dict[str, Any] = {}
    for some in chosen:
        if "mac" in some or "inner" in some:
            found.pop("mac", None)
            found.pop("inner", None)
        found |= some
    return found


def _waiting(part: Part) -> PartSolution:
    asked = part.asked
    what = (
        f"derivation: {asked.derivation}" if asked.derivation else f"experiment: {asked.experiment}"
    )
    return PartSolution(part, WAITS, waits_for=what, published=written(part.asked.published))


def _solution(part: Part, job: Job, future: Future[Any]) -> PartSolution:
    """The solution of a part from what its process answered."""
    try:
        told = future.result()
    except Exception as error:  # noqa: BLE001 (of the executor: the other parts go on)
        told = {"status": FAILED, "error": f"{type(error).__name__}: {error}"}
    if told["status"] != ANSWERED:
        return PartSolution(
            part, FAILED, error=told["error"], arithmetic=job.arithmetic,
            published=written(part.asked.published), ops=told.get("ops", 0),
            seconds=told.get("seconds", 0.0),
        )  # fmt: skip
    return PartSolution(
        part,
        ANSWERED,
        values=_values(told["values"]),
        readings={label: _values(reading) for label, reading in told["readings"].items()},
        also=_values(told["also"]),
        working=_workings(told),
        conventions=read(told["conventions"]),
        arithmetic=job.arithmetic,
        published=written(part.asked.published),
        agreement=told["agreement"],
        because=told["because"] if job.asked.published == part.asked.published else OTHER_GIVENS,
        ops=told["ops"],
        seconds=told["seconds"],
    )


def _workings(told: Mapping[str, Any]) -> tuple[Working, ...]:
    """The tables of working, or why there are none."""
    if "unexplained" in told:
        lines = tuple(Line(line) for line in told["unexplained"].split("\n"))
        return (Working("The working cannot be shown", lines),)
    return tuple(
        Working(one["title"], tuple(Line(**line) for line in one["lines"]))
        for one in told.get("working", ())
    )


def _values(told: Mapping[str, Any]) -> dict[str, Value]:
    return {label: Value(**value) for label, value in told.items()}
