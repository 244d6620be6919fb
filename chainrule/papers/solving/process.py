"""A child process for each part: started, waited for, stopped, and what it leaves read."""

from __future__ import annotations

import contextlib
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
from chainrule.papers.solving.received import received

GRACE = 2.0
"""Seconds beyond its time that a child has, to say where it is stuck."""
START = 60.0
"""Seconds in which a process has to start."""
TICK = 0.02
LOST = 255
"""The code of a process of which nobody knows how it ended: the server of forks is gone."""
XCPU = getattr(signal, "SIGXCPU", 0)
TRIES = 2
"""How often a process is started that ends before it has come to the paper's own."""
PRELOADED = ["chainrule", "sympy", "chainrule.papers.solving.part"]

_lock = threading.Lock()
_running: dict[str, set[Any]] = defaultdict(set)
_stopped: set[str] = set()


def answer_of(run: str, job: str, seconds: float, memory: int) -> dict[str, Any]:
    """The answer of one part, as plain data, from a process of its own.

    ``run`` names the solving of which this is a part: `stop` stops its children.
    """
    started = time.perf_counter()
    found: dict[str, Any] | None = None
    for tried in range(TRIES):
        try:
            found = _answer(run, job, seconds, memory, last=tried == TRIES - 1)
        except (OSError, EOFError, AssertionError, ValueError, RuntimeError) as error:
            what = f"the part's process cannot be started: {type(error).__name__}: {error}"
            found = _failed(_told(what, job, 0))
            continue
        if found is not None:
            break
    return (found or _failed("stopped")) | {"seconds": time.perf_counter() - started}


def _failed(error: str) -> dict[str, Any]:
    return {"status": FAILED, "error": error}


def _answer(run: str, job: str, seconds: float, memory: int, last: bool) -> dict[str, Any] | None:
    """The answer of one process; None for one that never came to the definitions, unless it is the
    ``last``."""
    with tempfile.TemporaryDirectory(prefix="chainrule-", ignore_cleanup_errors=True) as folder:
        started = time.perf_counter()
        process = _start(run, job, folder, seconds, memory)
        if process is None:
            return _failed("stopped")
        try:
            late = _wait(process, folder, seconds)
        finally:
            _end(process)
            with _lock:
                _running[run].discard(process)
            code = process.exitcode
            with contextlib.suppress(ValueError):  # it hangs in the kernel
                process.close()
        found, trace = _read(folder), _trace(folder)
        begun = code == child.UNTOLD or os.path.exists(os.path.join(folder, child.BEGUN))
    over = code == child.GIVEN_UP and time.perf_counter() - started >= seconds
    late = late or over or code == -XCPU or trace.startswith("Timeout")
    if found is not None and not late:
        return found
    if found is None and not late and not last and (not begun or code == LOST):
        return None
    lost = _lost(Job.from_json(job), trace, code, f"{seconds:g}" if late else "", begun)
    return _failed(lost) if found is None else found | {"unexplained": lost}


def context() -> Any:
    """How processes are made: as forks of one that has imported everything, where there are forks.

    The server of forks is Python's own; it is started with the first part.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload(PRELOADED)
    return made


def _anew() -> None:
    """In a fork of this process, such as a worker of a pool, nothing is running yet, and the server
    of forks is another's: it cannot be asked whether it is there."""
    global _lock
    _lock = threading.Lock()
    _running.clear()
    _stopped.clear()
    server = getattr(sys.modules.get("multiprocessing.forkserver"), "_forkserver", None)
    alive = getattr(server, "_forkserver_alive_fd", None)
    if server is not None and alive is not None:
        with contextlib.suppress(OSError):
            os.close(alive)
        server.__init__()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_anew)


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


def _end(process: Any) -> None:
    """End a child and what it started: it does so itself, if it can."""
    with contextlib.suppress(ValueError, OSError):  # it is over already
        if process.is_alive():
            process.terminate()
            process.join(GRACE)
        if process.is_alive():
            process.kill()
            process.join(GRACE)
    if hasattr(os, "killpg"):
        with contextlib.suppress(ValueError, OSError):  # nobody is left
            os.killpg(process.pid, signal.SIGKILL)


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
        with contextlib.suppress(ValueError, OSError):
            process.terminate()
    for process in running:
        _end(process)


def forget(run: str) -> None:
    """A run is over."""
    with _lock:
        _running.pop(run, None)
        _stopped.discard(run)


def _read(folder: str) -> dict[str, Any] | None:
    """What the child answered; None if it did not, or not what an answer is."""
    try:
        with open(os.path.join(folder, child.ANSWER), encoding="utf-8") as file:
            return received(file.read(child.LARGEST + 1))
    except (OSError, ValueError):
        return None


def _trace(folder: str) -> str:
    try:
        with open(os.path.join(folder, child.TRACE), encoding="utf-8", errors="replace") as file:
            return file.read(child.LARGEST)
    except OSError:
        return ""


def _lost(job: Job, trace: str, code: int | None, seconds: str, begun: bool) -> str:
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
    elif code == 0:
        fact = "the part's process left no answer that can be read"
    elif code == child.UNTOLD:
        fact = "the part's process could not leave its answer"
    else:
        fact = f"the part's process ended by itself, with code {code}"
    if not begun and not seconds:
        fact += ", before it came to the definitions"
        hint = "solve(memory=…) gives parts more"
    return located(fact, job, at, hint=hint)


def _told(fact: str, job: str, line: int) -> str:
    read = Job.from_json(job)
    return located(fact, read, line or read.asked.line)


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
