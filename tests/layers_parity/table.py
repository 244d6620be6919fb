"""What a row of the table is: a layer or a function under PyTorch's names, how a case of it is
drawn, and what is known to differ."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.layers_parity.drawing import Draw
from tests.torch_parity.drawing import Below, Sample

Arguments = tuple[tuple[Any, ...], dict[str, Any]]
"""Positional and named arguments; a tensor is a `Sample`, see also `Named`, `Built`, `Packed`."""


@dataclass(frozen=True)
class Named:
    """A function or class of the library: ``F.relu``."""

    name: str

    def __repr__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Built:
    """A module to be built, as an argument of another."""

    name: str
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        return called(self.name, self.args, self.kwargs)


@dataclass(frozen=True)
class Packed:
    """Sequences to be packed: a padded batch and their lengths."""

    padded: Sample
    lengths: tuple[int, ...]
    batch_first: bool = False
    enforce_sorted: bool = True

    def __repr__(self) -> str:
        return (
            f"pack_padded_sequence({self.padded!r}, {list(self.lengths)}, "
            f"batch_first={self.batch_first}, enforce_sorted={self.enforce_sorted})"
        )


def called(name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> str:
    """A call, as one would write it."""
    given = [*map(repr, args), *(f"{key}={value!r}" for key, value in kwargs.items())]
    return f"{name}({', '.join(given)})"


@dataclass(frozen=True)
class Plan:
    """What a row draws: the arguments of the constructor (None for a function), those of one call
    after the other, and the modes in which the calls are made."""

    init: Arguments | None
    runs: tuple[Arguments, ...]
    modes: tuple[str, ...] = ("train",)


BOTH = ("train", "eval")


@dataclass(frozen=True)
class Case:
    """One drawn case."""

    name: str
    plan: Plan
    seed: int
    dtype: str = "float64"
    compiled: bool = False

    def __repr__(self) -> str:
        runs = [called("", *run) for run in self.plan.runs]
        if self.plan.init is None:
            return " then ".join(f"{self.name}{run}" for run in runs)
        built = called(self.name, *self.plan.init)
        return f"{built}{' then '.join(runs)} [{', '.join(self.plan.modes)}; seed {self.seed}]"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))

    @property
    def module(self) -> bool:
        return self.plan.init is not None

    @property
    def kwargs(self) -> dict[str, Any]:
        """The named arguments of the constructor, or of the function."""
        return (self.plan.init or self.plan.runs[0])[1]

    @property
    def args(self) -> tuple[Any, ...]:
        """The positional arguments of the constructor, or of the function."""
        return (self.plan.init or self.plan.runs[0])[0]

    def has(self, *names: str) -> bool:
        """Whether one of these named arguments is given, as something other than None or False."""
        return any(self.kwargs.get(name) not in (None, False) for name in names)

    def samples(self) -> list[Sample]:
        """All tensors of all calls."""
        return [sample for run in self.plan.runs for sample in samples(run)]


def samples(tree: Any) -> list[Sample]:
    """The tensors of a tree of arguments, in the order of writing."""
    if isinstance(tree, Sample):
        return [tree]
    if isinstance(tree, Packed):
        return [tree.padded]
    if isinstance(tree, Built):
        return samples((tree.args, dict(tree.kwargs)))
    if isinstance(tree, dict):
        tree = tree.values()
    elif not isinstance(tree, list | tuple):
        return []
    return [sample for part in tree for sample in samples(part)]


@dataclass(frozen=True)
class Note:
    """A difference on purpose: the cases it holds for, and a sentence for the docs.

    ``kind``: ``refuses``: we raise and PyTorch does not; ``accepts``: the other way round, where
    PyTorch's message matches ``message``; ``differs``: results are not compared; ``gradient
    differs``: gradients are not; ``repr``: the text of the layer is another one; ``eager``: it is
    not compiled, because a value is asked for.
    """

    kind: str
    why: str
    when: Callable[[Case], bool] = lambda case: True
    message: str = ""

    def holds(self, kind: str, case: Case, error: Exception | None = None) -> bool:
        if kind != self.kind or not self.when(case):
            return False
        return not self.message or bool(re.search(self.message, str(error)))


@dataclass(frozen=True)
class Row:
    """Layers or functions that are drawn alike, and what differs on purpose.

    ``unsupported``: PyTorch's documented arguments that are not there, each with a sentence.
    """

    names: tuple[str, ...]
    draw: Callable[[Draw, str], Plan]
    family: str
    notes: tuple[Note, ...] = ()
    unsupported: Mapping[str, str] = field(default_factory=dict)
    noise: float = 64.0
    id: str = ""

    def case(self, below: Below, names: tuple[str, ...]) -> Case:
        """One case, of one of ``names``."""
        d = Draw(below)
        name = d.one(*names)
        plan = self.draw(d, name)
        return Case(name, plan, d.seed, d.float, d.compiled)

    def holds(self, kind: str, case: Case, error: Exception | None = None) -> bool:
        """Whether there is a note of this kind for the case."""
        return any(note.holds(kind, case, error) for note in self.notes)


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
        noise: float = 64.0,
    ) -> Callable[[Callable[[Draw, str], Plan]], Callable[[Draw, str], Plan]]:
        """Add a row for ``names``; what is decorated draws a case of one of them."""

        def add(draw: Callable[[Draw, str], Plan]) -> Callable[[Draw, str], Plan]:
            spellings = tuple(names.split())
            taken = {row.id for row in self.rows}
            tag = spellings[0]
            while tag in taken:
                tag += "'"
            self.rows.append(Row(spellings, draw, self.name, notes, unsupported or {}, noise, tag))
            return draw

        return add


def refuses(why: str, when: Callable[[Case], bool] = lambda case: True) -> Note:
    """We raise where ``when``, and PyTorch does not."""
    return Note("refuses", why, when)


def accepts(why: str, message: str, when: Callable[[Case], bool] = lambda case: True) -> Note:
    """PyTorch raises with ``message``, and we do not."""
    return Note("accepts", why, when, message)


def differs(why: str, when: Callable[[Case], bool] = lambda case: True) -> Note:
    """Results are others on purpose where ``when``."""
    return Note("differs", why, when)


def slopes(why: str, when: Callable[[Case], bool] = lambda case: True) -> Note:
    """Gradients are others on purpose where ``when``."""
    return Note("gradient differs", why, when)
