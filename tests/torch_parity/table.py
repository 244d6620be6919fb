"""What a row of the table is: an op under PyTorch's names, how it is called, and what is known."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tests.torch_parity.drawing import Below, Draw, Sample

Arguments = tuple[tuple[Any, ...], dict[str, Any]]
"""Positional and named arguments; a tensor is a `Sample`."""


@dataclass(frozen=True)
class Call:
    """One drawn case; ``by_name`` says whether positional arguments are to be given by name."""

    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    seed: int
    by_name: bool = False

    def __repr__(self) -> str:
        given = [*map(repr, self.args), *(f"{k}={v!r}" for k, v in self.kwargs.items())]
        return f"{self.name}({', '.join(given)}){' with names' if self.by_name else ''}"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))

    def samples(self) -> list[Sample]:
        """All tensors among the arguments, in lists and dicts too."""
        return _samples((self.args, self.kwargs))


def _samples(tree: Any) -> list[Sample]:
    if isinstance(tree, Sample):
        return [tree]
    if isinstance(tree, dict):
        tree = tree.values()
    elif not isinstance(tree, list | tuple):
        return []
    return [sample for part in tree for sample in _samples(part)]


@dataclass(frozen=True)
class Note:
    """A difference on purpose: the calls it holds for, and a sentence for the docs.

    ``kind``: ``refuses``: we raise and PyTorch does not; ``accepts``: the other way round, where
    PyTorch's message matches ``message``; ``differs``: results are not compared;
    ``gradient differs``: gradients, and whether there are any, are not.
    """

    kind: str
    why: str
    when: Callable[[Call], bool] = lambda call: True
    message: str = ""

    def holds(self, kind: str, call: Call, error: Exception | None = None) -> bool:
        if kind != self.kind or not self.when(call):
            return False
        return not self.message or bool(re.search(self.message, str(error)))


@dataclass(frozen=True)
class Row:
    """An op: its spellings, how a call is drawn, and what differs on purpose.

    ``unsupported``: PyTorch's documented arguments that are not there, each with a sentence.
    ``noise``: how many roundings of the largest operand or adjoint results may be apart besides,
    where a result may be the difference of almost equal numbers.
    """

    names: tuple[str, ...]
    draw: Callable[[Draw], Arguments]
    family: str
    notes: tuple[Note, ...] = ()
    unsupported: Mapping[str, str] = field(default_factory=dict)
    noise: float = 0.0
    id: str = ""

    def call(self, below: Below, names: tuple[str, ...], by_name: bool = False) -> Call:
        """One case, under one of ``names``."""
        d = Draw(below)
        name = d.one(*names)
        args, kwargs = self.draw(d)
        return Call(name, tuple(args), kwargs, d.seed, by_name)


class Family:
    """The rows of one family, in order."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.rows: list[Row] = []

    def row(
        self,
        names: str,
        *notes: Note,
        unsupported: Mapping[str, str] | None = None,
        noise: float = 0.0,
    ) -> Callable[[Callable[[Draw], Arguments]], Callable[[Draw], Arguments]]:
        """Add a row for the spellings ``names``; what is decorated draws the arguments."""

        def add(draw: Callable[[Draw], Arguments]) -> Callable[[Draw], Arguments]:
            spellings = tuple(names.split())
            first = spellings[0].removeprefix("torch.")
            before = sum(row.id.partition("#")[0] == first for row in self.rows)
            made = Row(
                spellings, draw, self.name, notes, unsupported or {}, noise,
                f"{first}#{before + 1}" if before else first,
            )  # fmt: skip
            self.rows.append(made)
            return draw

        return add


def refuses(why: str, when: Callable[[Call], bool]) -> Note:
    """We raise where ``when``, and PyTorch does not."""
    return Note("refuses", why, when)


def accepts(why: str, message: str, when: Callable[[Call], bool] = lambda call: True) -> Note:
    """PyTorch raises with ``message``, and we do not."""
    return Note("accepts", why, when, message)


def gradient_differs(why: str, when: Callable[[Call], bool]) -> Note:
    """Gradients are others on purpose where ``when``."""
    return Note("gradient differs", why, when)


def endless(call: Call) -> bool:
    """Whether there are infinities or NaN among the operands."""
    return not all(np.isfinite(s.array).all() for s in call.samples())


def differs(why: str, when: Callable[[Call], bool]) -> Note:
    """Results are others on purpose where ``when``."""
    return Note("differs", why, when)


def slopes(why: str, when: Callable[[Call], bool]) -> Note:
    """Gradients are others on purpose where ``when``, or are there where PyTorch has none."""
    return Note("gradient differs", why, when)
