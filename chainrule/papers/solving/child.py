"""The process of one part: its limits, and how it answers.

It writes its answer into a folder: JSON in `ANSWER`, and in `TRACE` what Python says when the
process is stuck or breaks down, with the lines where it stood; `BEGUN` is there once its own work
is done, and that of the paper begins.
"""

from __future__ import annotations

import faulthandler
import json
import math
import mmap
import os
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from chainrule.papers.solving.keeping import kept

ANSWER, TRACE, BEGUN = "answer.json", "trace.txt", "begun"
LARGEST = 64 * 2**20
"""Characters of an answer; more is none."""
GIVEN_UP = 1
"""The exit code of a child whose time is over."""
UNBEGUN, UNTOLD = 69, 70
"""The exit codes of a child that did not come to the paper's own, or could not leave its answer."""
RESERVE = 16 * 2**20
"""Bytes that are there to say that there is no memory."""

_open, _replace, _dumps = open, os.replace, json.dumps  # whatever definitions make of them


def main(job: str, folder: str, seconds: float, memory: int) -> None:
    """Compute the part that the text ``job`` tells, and end the process with all its threads, and
    with all that it started."""
    _silence()
    kept(partial(_work, job, folder, seconds, memory), folder)


def _work(job: str, folder: str, seconds: float, memory: int) -> None:
    code = UNBEGUN
    try:
        with open(os.path.join(folder, TRACE), "w", encoding="utf-8") as trace:
            faulthandler.enable(trace)
            faulthandler.dump_traceback_later(max(seconds, 1e-3), exit=True, file=trace)
            limit(seconds, memory)
            read, free = _prepared(job), mmap.mmap(-1, RESERVE).close
            with open(os.path.join(folder, BEGUN), "w", encoding="utf-8"):
                code = UNTOLD
            _answer(read, folder, free)
            code = 0
            faulthandler.cancel_dump_traceback_later()
    finally:
        os._exit(code)


def _prepared(job: str) -> Any:
    """The job, once all is there that it needs."""
    from chainrule.papers.solving.job import Job

    read = Job.from_json(job)
    sys.path.append(os.path.dirname(read.file) or ".")  # what lies beside the paper
    _seed()
    return read


def _answer(job: Any, folder: str, free: Callable[[], object]) -> None:
    from chainrule.papers.solving.blaming import error_text
    from chainrule.papers.solving.part import answered

    tell = partial(_tell, folder)
    try:
        answered(job, tell, free)
    except BaseException as error:  # noqa: BLE001 (of what cannot be told, too)
        free()
        tell({"status": "failed", "error": error_text(error, job)})


def _tell(folder: str, told: dict[str, Any]) -> None:
    """Put the answer in its place, whole or not at all."""
    text = _dumps(told)
    if len(text) > LARGEST:
        raise ValueError(f"the answer takes {len(text):,} characters, and {LARGEST:,} are read")
    path = os.path.join(folder, ANSWER)
    new = f"{path}.{os.getpid()}"  # definitions may have made two processes of one
    with _open(new, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)
    _replace(new, path)


def _seed() -> None:
    """Draws are the same each time: an answer does not change from one day to the next."""
    import random

    import numpy as np

    from chainrule.ops.creation.random import manual_seed

    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 (definitions may use it)
    manual_seed(0)


def _silence() -> None:
    """What definitions print goes nowhere, and there is nothing to read: the answer is a file."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    sys.stdin.close()  # a file of its own, which `kept` would close under it
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 (for good)


def limit(seconds: float, memory: int) -> None:
    """Limit memory, in bytes, and time, so that not even an orphan goes on; where there are such
    limits at all.  A process group of its own is stopped with all that it started."""
    try:
        import resource
    except ImportError:  # Windows
        return
    if hasattr(os, "setsid"):
        os.setsid()
    busy = math.ceil(seconds + 1) * max(os.cpu_count() or 1, 2)
    for kind, most, later in (
        (resource.RLIMIT_AS, memory, 0),
        (resource.RLIMIT_CPU, busy, 5),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        _, hard = resource.getrlimit(kind)
        top = sys.maxsize if hard == resource.RLIM_INFINITY else hard
        try:
            resource.setrlimit(kind, (min(most, top), min(most + later, top)))
        except (ValueError, OSError):  # macOS has no limit of address space
            continue
