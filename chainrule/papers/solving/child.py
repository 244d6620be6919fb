"""The process of one part: its limits, and how it answers.

It writes its answer into a folder: JSON in `ANSWER`, and in `TRACE` what Python says when the
process is stuck or breaks down, with the lines where it stood.
"""

from __future__ import annotations

import faulthandler
import json
import math
import os
import sys
from typing import Any

ANSWER, TRACE = "answer.json", "trace.txt"


def main(job: str, folder: str, seconds: float, memory: int) -> None:
    """Compute the part that the text ``job`` tells, and end the process with all its threads."""
    _silence()
    with open(os.path.join(folder, TRACE), "w", encoding="utf-8") as trace:
        faulthandler.enable(trace)
        faulthandler.dump_traceback_later(seconds, exit=True, file=trace)
        limit(seconds, memory)
        _answer(job, folder)
        faulthandler.cancel_dump_traceback_later()
    os._exit(0)


def _answer(job: str, folder: str) -> None:
    from chainrule.papers.solving.job import Job
    from chainrule.papers.solving.part import answered

    told_job = Job.from_json(job)
    sys.path.append(os.path.dirname(os.path.abspath(told_job.file)))  # what lies beside the paper
    _seed()

    def tell(told: dict[str, Any]) -> None:
        """Put the answer in its place, whole or not at all."""
        path = os.path.join(folder, ANSWER)
        with open(path + ".new", "w", encoding="utf-8", errors="backslashreplace") as file:
            json.dump(told, file)
        os.replace(path + ".new", path)

    answered(told_job, tell)


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
    for kind, most in (
        (resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, busy), (resource.RLIMIT_CORE, 0),
    ):  # fmt: skip
        _, hard = resource.getrlimit(kind)
        lower = most if hard == resource.RLIM_INFINITY else min(most, hard)
        try:
            resource.setrlimit(kind, (lower, hard))
        except (ValueError, OSError):  # macOS has no limit of address space
            continue
