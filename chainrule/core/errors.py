"""Errors that teach: the fact, what was got, what was expected, where, and a hint.

Code low down raises an error with the fact alone.  Where it was raised, an error finds out by
itself; the one place that knows the operands adds them (`ChainruleError.context`) and raises the
error again ``from None``.
"""

from __future__ import annotations

import os

from chainrule.core.source import Source, describe, here


def line_text(source: Source | None) -> str | None:
    """``demo.py:8   h = x @ W``."""
    if source is None:
        return None
    return f"{os.path.basename(source.filename)}:{source.line}   {source.text}".rstrip()


def shortened(value: object) -> str:
    """How Python writes a value, on one line and not too long."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else text[:59] + "…"


class ChainruleError(Exception):
    """A mistake in the use of chainrule.

    ``fact`` is one sentence; the other parts are optional and printed one a line, in this order.
    ``at`` is the user's line that was running when the error was made, unless another is given.

    >>> error = ShapeError("axis 'k' is 3 in one place and 4 in another", hint="try x @ W.mT")
    >>> print(error)  # doctest: +ELLIPSIS
    axis 'k' is 3 in one place and 4 in another
      at        ...   error = ShapeError(...)
      hint      try x @ W.mT
    """

    def __init__(
        self,
        fact: str,
        *,
        got: str | None = None,
        expected: str | None = None,
        at: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(fact)
        self.subject: str | None = None
        self.fact, self.got, self.expected, self.hint = fact, got, expected, hint
        self._at, self._position = at, here()

    @property
    def at(self) -> str | None:
        """The user's line; its source is looked up only now, when somebody asks."""
        return self._at or line_text(describe(self._position))

    def context(
        self, subject: str, *, got: str, expected: str | None = None, at: str | None = None
    ) -> None:
        """Add who speaks, with what, and where; parts that are already there stay."""
        self.subject = self.subject or subject
        self.got, self._at = self.got or got, self._at or at
        self.expected = self.expected or expected

    def __str__(self) -> str:
        named = not self.subject or self.fact.startswith(f"{self.subject} ")
        lines = [self.fact if named else f"{self.subject}: {self.fact}"]
        parts = (("got", self.got), ("expected", self.expected), ("at", self.at))
        lines += [f"  {label:<8}  {text}" for label, text in parts if text]
        hints = (self.hint or "").splitlines()
        lines += [f"  {'' if i else 'hint':<8}  {line}" for i, line in enumerate(hints)]
        return "\n".join(lines)


class ShapeError(ChainruleError, RuntimeError, ValueError):
    """Sizes that do not fit together."""


class DTypeError(ChainruleError, RuntimeError, TypeError):
    """An element type that the op cannot take."""


class ArgumentError(ChainruleError, TypeError, ValueError):
    """An argument that is missing, unknown, of the wrong kind or out of range."""


class UnknownName(ChainruleError, KeyError):
    """A value that is asked for by a name that nothing has."""


class DimError(ChainruleError, IndexError):
    """An axis or index that is not there."""


class ValueCheckError(ChainruleError, ValueError, RuntimeError, IndexError):
    """Values for which the op is not defined: an index out of range, a zero variance."""


class GradientError(ChainruleError, RuntimeError):
    """A gradient that was asked for and does not exist."""


class CaptureError(ChainruleError, RuntimeError):
    """Something that cannot be done while a function is being captured."""


class DeviceError(ChainruleError, NotImplementedError, TypeError):
    """Values that are asked for where there are none, on the device "meta"; or two devices."""


class GraphError(ChainruleError, RuntimeError):
    """A graph that breaks the rules of graphs, or is run with the wrong inputs."""


class CostError(ChainruleError, RuntimeError):
    """An op whose operations nobody has said how to count."""


class AnomalyError(ChainruleError, RuntimeError, FloatingPointError):
    """The first NaN or infinity, under `detect_anomaly`."""


class CheckpointError(ChainruleError, RuntimeError, ValueError):
    """A file that cannot be loaded or does not fit, or an object that cannot be saved."""
