"""A child process for each part: started, waited for, stopped, and what it leaves read."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import re
import signal
import sys
import tempfile
import threading
import time
from collections import defaultdict
from types import ModuleType
from typing import Any

from chainrule.papers.solution import FAILED
from chainrule.papers.solving import child
from chainrule.papers.solving.blaming import located
from chainrule.papers.solving.job import Job

GRACE = 1.0
"""Seconds beyond its time that a child has, to say where it is stuck."""
START = 60.0
"""Seconds in which a process has to start."""
TICK = 0.02
LARGEST = 64 * 2**20
"""Bytes of an answer; more is none."""
PRELOADED = ["chainrule", "sympy", "chainrule.papers.solving.part"]

_lock = threading.Lock()
_running: dict[str, set[Any]] = defaultdict(set)
_stopped: set[str] = set()


def answer_of(run: str, job: str, seconds: float, memory: int) -> dict[str, Any]:
    """The answer of one part, as plain data, from a process of its own.

    ``run`` names the solving of which this is a part: `stop` stops its children.
    """
    with tempfile.TemporaryDirectory(prefix="chainrule-") as folder:
        started = time.perf_counter()
        process = _start(run, job, folder, seconds, memory)
        if process is None:
            return {"status": FAILED, "error": "stopped"}
        try:
            late = _wait(process, folder, seconds)
        finally:
            _kill(process)
            with _lock:
                _running[run].discard(process)
        found, trace, code = _read(folder), _trace(folder), process.exitcode
        took = time.perf_counter() - started
        process.close()
    late = late or trace.startswith("Timeout")
    if found is None or late:
        lost = _lost(Job.from_json(job), trace, code, f"{seconds:g}" if late else "")
        found = (
            {"status": FAILED, "error": lost} if found is None else found | {"unexplained": lost}
        )
    return found | {"seconds": took}


def context() -> Any:
    """How processes are made: as forks of one that has imported everything, where there are forks.

    The server of forks is Python's own; it is started with the first part.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload(PRELOADED)
    return made


def _start(run: str, job: str, folder: str, seconds: float, memory: int) -> Any:
    process = context().Process(
        target=child.main, args=(job, folder, seconds, memory), daemon=True, name="chainrule part"
    )
    with _lock, _no_main():
        if run in _stopped:
            return None
        process.start()
        _running[run].add(process)
    return process


def _wait(process: Any, folder: str, seconds: float) -> bool:
    """Wait for the child; whether its time was not enough.  Time counts from when it is there."""
    trace = os.path.join(folder, child.TRACE)
    latest = time.monotonic() + START
    while process.is_alive() and not os.path.exists(trace) and time.monotonic() < latest:
        process.join(TICK)
    process.join(seconds + GRACE)
    return bool(process.is_alive())


@contextlib.contextmanager
def _no_main() -> Any:
    """While a process starts, the main module is an empty one: Python would run the user's script
    again in each child, and with it the call that is running now."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def stop(run: str) -> None:
    """Stop all children of a run, and start no more."""
    with _lock:
        _stopped.add(run)
        running = [*_running.pop(run, ())]
    for process in running:
        _kill(process)


def forget(run: str) -> None:
    """A run is over."""
    with _lock:
        _running.pop(run, None)
        _stopped.discard(run)


def _kill(process: Any) -> None:
    """End a child and what it started."""
    with contextlib.suppress(ValueError, OSError):  # it is over already
        process.kill()
        process.join(GRACE)
    if hasattr(os, "killpg"):
        with contextlib.suppress(ValueError, OSError):  # nobody is left
            os.killpg(process.pid, signal.SIGKILL)


def _read(folder: str) -> dict[str, Any] | None:
    """What the child answered; None if it did not, or not with a mapping."""
    path = os.path.join(folder, child.ANSWER)
    try:
        if os.path.getsize(path) > LARGEST:
            return None
        with open(path, encoding="utf-8") as file:
            found = json.load(file)
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and "status" in found else None


def _trace(folder: str) -> str:
    try:
        with open(os.path.join(folder, child.TRACE), encoding="utf-8", errors="replace") as file:
            return file.read(LARGEST)
    except OSError:
        return ""


def _lost(job: Job, trace: str, code: int | None, seconds: str) -> str:
    """Why there is no answer, with the line where the child stood, if it could say that."""
    name = re.escape(job.file.encode("ascii", "backslashreplace").decode())
    threads = re.split(r"\n(?=Thread|Current thread)", trace)  # the main thread is the last
    stood = [re.findall(rf'File "{name}", line (\d+)', thread) for thread in threads]
    at = next((int(lines[0]) for lines in reversed(stood) if lines), job.asked.line)
    hint = None
    if seconds:
        fact, hint = f"not done within {seconds} seconds", "--seconds, or `seconds:` of the part"
    elif code is not None and code < 0:
        fact = f"the part's process was ended by {_signal(-code)}"
    else:
        fact = f"the part's process ended by itself, with code {code}"
    return located(fact, job, at, hint=hint)


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
