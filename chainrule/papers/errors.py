"""What is wrong with a paper, with its file and line."""

from __future__ import annotations

from chainrule.core.errors import ChainruleError


class PaperError(ChainruleError, ValueError):
    """A paper that cannot be read or solved; ``file`` and ``line`` say where.

    >>> raise PaperError("kind 'number' is not known", file="exam.md", line=12)
    Traceback (most recent call last):
    chainrule.papers.errors.PaperError: kind 'number' is not known
      at        exam.md:12
    """

    def __init__(
        self,
        fact: str,
        *,
        file: str,
        line: int,
        got: str | None = None,
        expected: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(fact, got=got, expected=expected, at=f"{file}:{line}", hint=hint)
        self.file, self.line = file, line
