"""The command line: ``chainrule demo``, ``chainrule explain FILE.py:NAME``."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; by default the one the process was started with.

    Returns the exit code: 0 for success, 1 where the work found a problem, 2 for wrong usage.

    >>> main(["explain"])
    2
    """
    from chainrule.cli.app import run  # the command line's libraries are not needed elsewhere

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal without Unicode still shows the rest
            stream.reconfigure(errors="replace")
    return run(sys.argv[1:] if arguments is None else arguments)


__all__ = ["main"]
