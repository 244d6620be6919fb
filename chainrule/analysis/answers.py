"""What has no answer, one, or several: the answers, and how many there are."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar, Generic, TypeVar

from chainrule.core.errors import ArgumentError

Value = TypeVar("Value")
One = TypeVar("One", bound="Answer[Any]")
SHOWN = 20
"""Of more answers only these are printed."""


class Answer(Mapping[str, Value]):
    """One answer, a mapping from the names of what was unknown."""

    def __init__(self, chosen: Mapping[str, Value]) -> None:
        self._chosen = dict(chosen)

    def __getitem__(self, name: str) -> Value:
        return self._chosen[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._chosen)

    def __len__(self) -> int:
        return len(self._chosen)

    def __repr__(self) -> str:
        return ", ".join(f"{name} = {value}" for name, value in self._chosen.items())


class Answers(ABC, Generic[One]):
    """All answers, a sequence of them: "unique", "3 solutions", or "none, because …"."""

    noun: ClassVar[str]
    """What one of them is called."""

    def __init__(self, found: Sequence[One]) -> None:
        self._all = list(found)

    @abstractmethod
    def question_lines(self) -> Iterator[str]:
        """What was asked, line by line."""

    @abstractmethod
    def working_lines(self, one: One) -> Iterator[str]:
        """What is to be said of one answer, line by line."""

    @abstractmethod
    def reasons(self) -> Iterator[str]:
        """Why there is none."""

    @property
    def unique(self) -> bool:
        """Whether there is exactly one."""
        return len(self._all) == 1

    @property
    def verdict(self) -> str:
        """``unique``, ``3 solutions``, or ``none``."""
        return {0: "none", 1: "unique"}.get(len(self), f"{len(self)} {self.noun}s")

    @cached_property
    def because(self) -> tuple[str, ...]:
        """Why there is none; empty where there is one."""
        return () if self._all else tuple(self.reasons())

    @property
    def only(self) -> One:
        """The one answer; raises ArgumentError where there is none, or more."""
        if not self.unique:
            raise ArgumentError(
                f"there is not one {self.noun}: {self.verdict}",
                got="; ".join(self.because or map(repr, self._all[:3])),
            )
        return self._all[0]

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[One]:
        return iter(self._all)

    def __getitem__(self, i: int) -> One:
        return self._all[i]

    def __str__(self) -> str:
        return "\n".join(self.lines())

    __repr__ = __str__

    def lines(self) -> Iterator[str]:
        """The text, line by line."""
        yield from self.question_lines()
        yield self.verdict if self._all else "none, because"
        yield from (f"  {reason}" for reason in self.because)
        for one in self._all[:SHOWN]:
            yield f"  {one!r}"
            yield from (f"    {line}" for line in self.working_lines(one))
        if len(self) > SHOWN:
            yield f"  … and {len(self) - SHOWN} more"
