"""A process that keeps another: when that one ends, however it does, nothing of it goes on.

Definitions may start processes, and these may leave their group or lose their parents.  On Linux
the keeper inherits such orphans, and ends them; and it does not outlive whoever waits for it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
from collections.abc import Callable
from typing import Any

_DEATH_SIGNAL, _ADOPT = 1, 36  # PR_SET_PDEATHSIG and PR_SET_CHILD_SUBREAPER of <sys/prctl.h>


def kept(work: Callable[[], None], folder: str) -> None:
    """Do ``work`` in a process of its own, where orphans can be kept, else here; then end this
    process as that one ended.  ``folder`` is deleted where nobody is left to do it."""
    above = os.getppid()
    os.closerange(3, 1 << 20)  # the pipe by which the server of forks sees who still needs it
    if not (_told(_ADOPT, 1) and _told(_DEATH_SIGNAL, signal.SIGTERM)):
        work()
        return
    os.setpgid(0, 0)  # a signal for the group of what is kept is not for the keeper
    keeper = os.getpid()
    worker = os.fork()
    if worker == 0:
        _told(_DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() == keeper:
            work()
        os._exit(0)

    def leave(*_: Any) -> None:
        end(worker)
        if os.getppid() != above:
            shutil.rmtree(folder, ignore_errors=True)
        os._exit(0)

    signal.signal(signal.SIGTERM, leave)
    if os.getppid() != above:
        leave()
    _, status = os.waitpid(worker, 0)
    end(worker)
    _exit(status)


def end(worker: int) -> None:
    """End the group of a child, and all other children, until there is none: what loses its parent
    by that is a child of this process, too."""
    while True:
        with contextlib.suppress(OSError):
            os.killpg(worker, signal.SIGKILL)
        for child in _children():
            with contextlib.suppress(OSError):
                os.kill(child, signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def _children() -> list[int]:
    try:
        with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as file:
            return [int(word) for word in file.read().split()]
    except OSError:
        return []


def _exit(status: int) -> None:
    """End as a child with that status did."""
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        if -code != signal.SIGKILL:
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code % 256)


def _told(what: int, value: int) -> bool:
    """Tell the kernel something about this process; false where there is no such thing."""
    if sys.platform != "linux":
        return False
    import ctypes

    try:
        return bool(ctypes.CDLL(None).prctl(what, value, 0, 0, 0) == 0)
    except (OSError, AttributeError):
        return False
