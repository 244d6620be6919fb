"""What is wrong with a formula, and at which character."""

from __future__ import annotations

from chainrule.core.errors import ChainruleError


class ExpressionError(ChainruleError, ValueError):
    """A formula that cannot be read or has no value; ``column`` counts characters from 1.

    >>> raise ExpressionError("a bracket is never closed", text="2*(3 + x", column=3)
    Traceback (most recent call last):
    chainrule.papers.expressions.errors.ExpressionError: a bracket is never closed
      got       2*(3 + x, at character 3
      at        the formula
    """

    def __init__(
        self,
        fact: str,
        *,
        text: str = "",
        column: int = 0,
        expected: str | None = None,
        hint: str | None = None,
    ) -> None:
        got = text if len(text) <= 60 else text[:59] + "…"
        if column:
            got += f", at character {column}"
        super().__init__(fact, got=got or None, expected=expected, at="the formula", hint=hint)
        self.column = column


class NoFraction(ExpressionError):
    """A formula that is no fraction of whole numbers, such as ``sqrt(2)``."""

    def __init__(self, text: str) -> None:
        super().__init__("it is not a fraction of whole numbers", text=text)
