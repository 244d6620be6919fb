"""What went wrong in a part, with the paper's line: the text of an error."""

from __future__ import annotations

import traceback
from typing import Any

from chainrule.core.errors import ChainruleError
from chainrule.papers.errors import PaperError, seen
from chainrule.papers.solving.job import Job, expressions

LONGEST = 600
"""Characters of a message; more is cut."""


def error_text(error: BaseException, job: Job) -> str:
    """The fact, the place, and the hint, as errors of chainrule have them."""
    if isinstance(error, PaperError):
        return cut(str(error))
    line = line_of(error, job.file) or job.asked.line
    got = expected = hint = None
    if isinstance(error, ChainruleError):
        fact = error.fact if not error.subject else f"{error.subject}: {error.fact}"
        got, expected, hint = error.got, error.expected, error.hint
    elif isinstance(error, MemoryError):
        fact = f"there is not enough memory: {_said(error)}".removesuffix(": ")
        hint = "solve(memory=…) gives parts more"
    elif isinstance(error, SystemExit):
        fact = f"the definitions end the process: {_said(error)}"
    else:
        fact = f"{type(error).__name__}: {_said(error)}".removesuffix(": ")
        hint = _cure(error, fact)
    return located(cut(fact), job, line, got=got, expected=expected, hint=hint)


def _cure(error: BaseException, fact: str) -> str | None:
    """What helps against errors of Python that newcomers meet."""
    if isinstance(error, ModuleNotFoundError) and error.name == "torch":
        return "PyTorch's names are those of cr, nn, F and optim, which are there"
    if isinstance(error, TypeError) and ("'list'" in fact or "sequence" in fact):
        return "lists of the givens become tensors by tensor(…) or parameter(…)"
    return None


def located(fact: str, job: Job, line: int, **parts: Any) -> str:
    """An error at a line of the paper, with the line."""
    text = str(PaperError(fact, file=job.file, line=line, **parts))
    at = f"  at        {seen(job.file)}:{line}"
    return text.replace(at, f"{at}   {seen(text_at(job, line))}".rstrip())


def text_at(job: Job, line: int) -> str:
    """The line as it stands in the definitions, or the expression there; empty for other lines."""
    for code in (*job.definitions, *expressions(job)):
        lines = code.text.split("\n")
        if 0 <= line - code.line < len(lines):
            return lines[line - code.line].strip()[:100]
    return ""


def line_of(error: BaseException, file: str) -> int | None:
    """The last line of the paper that the error came through."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == file]
    return lines[-1] if lines else None


def cut(text: str) -> str:
    """A text that is not too long."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _said(error: BaseException) -> str:
    """The message; an error may fail to say it."""
    try:
        return " ".join(str(error)[: 10 * LONGEST].split())
    except Exception:  # noqa: BLE001
        return "its message cannot be read"
