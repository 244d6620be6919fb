"""What is wrong with a paper, with its file and line."""

from __future__ import annotations

import unicodedata

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
        fact, got, expected, hint = map(seen, (fact, got or "", expected or "", hint or ""))
        at = f"{seen(file)}:{line}"
        super().__init__(fact, got=got or None, expected=expected or None, at=at, hint=hint or None)
        self.file, self.line = file, line


def seen(text: str) -> str:
    r"""A text in which nothing hides, and which steers no terminal.

    >>> print(seen("a\x1b[2Jb"))
    a\x1b[2Jb
    """
    return "".join(map(_seen, text))


def _seen(letter: str) -> str:
    if letter.isprintable() or letter == "\n" or unicodedata.category(letter) == "Zs":
        return letter
    return letter.encode("unicode_escape").decode("ascii")
