"""What ends a command without a result."""

from __future__ import annotations

PROBLEM, USAGE = 1, 2
"""Exit codes: the work found a problem; the command was not understood."""


class Failure(Exception):
    """One line to tell the user, a hint, and the exit code.

    >>> raise Failure("there is no file net.py", code=USAGE)
    Traceback (most recent call last):
        ...
    chainrule.cli.failure.Failure: there is no file net.py
    """

    def __init__(self, fact: str, *, hint: str = "", code: int = PROBLEM) -> None:
        super().__init__(fact)
        self.hint, self.code = hint, code
