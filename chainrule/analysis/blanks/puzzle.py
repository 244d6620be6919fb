"""The question: a graph with blanks, what may stand in each, and the target; read and checked."""

from __future__ import annotations

import inspect
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np

from chainrule.core import dtypes as dt
from chainrule.core.errors import ArgumentError, ChainruleError
from chainrule.core.op import Op
from chainrule.core.tensor import Tensor
from chainrule.ops.creation import tensor
from chainrule.ops.creation.symbolic import symbols

MANY = 20_000
"""Fillings that are tried unless told otherwise."""

Ops = Mapping[str, Callable[..., Any]]


@dataclass(frozen=True)
class Puzzle:
    """See `fill_blanks`, whose arguments these are."""

    graph: Callable[..., Any]
    target: Any
    inputs: Mapping[str, tuple[int, ...]]
    blanks: Mapping[str, Ops]
    """What may stand in each blank, by label; only what takes as many operands as stand there."""
    operands: Mapping[str, tuple[int, ...]]
    """With how many operands each blank is called."""

    @property
    def count(self) -> int:
        """How many fillings there are."""
        return prod(len(candidates) for candidates in self.blanks.values())

    def letters(self) -> dict[str, Tensor]:
        """The inputs as symbols, under their own names."""
        return {name: symbols(name, shape) for name, shape in self.inputs.items()}

    def point(self, draw: random.Random, least: int) -> dict[str, Tensor]:
        """The inputs as random numbers, in fractions of small numbers."""
        made = {}
        for name, shape in self.inputs.items():
            drawn = [_fraction(draw, least) for _ in range(prod(shape))]
            made[name] = tensor(np.array(drawn, object).reshape(shape).tolist(), dtype=dt.exact)
        return made

    def wanted(self, at: Mapping[str, Tensor]) -> Tensor:
        """The target for these inputs."""
        if not isinstance(self.target, Tensor):
            return tensor_of(self.target(*at.values()), "target")
        values = {
            letter: number
            for name, letters in self.letters().items()
            for letter, number in zip(entries(letters), entries(at[name]), strict=True)
        }
        found = [_put(entry, values) for entry in entries(self.target)]
        return tensor(np.array(found, object).reshape(self.target.shape).tolist(), dtype=dt.exact)


def puzzle(
    graph: Any, target: Any, ops: Any, shapes: Mapping[str, Any], own: Mapping[str, Any], limit: int
) -> Puzzle:
    """The question, read; raises ArgumentError for what is none."""
    if not callable(graph):
        raise ArgumentError(
            f"fill_blanks() fills a function, not {type(graph).__name__}",
            hint="def graph(x, y, *, a, b): return b(a(x, y))",
        )
    given = inspect.signature(graph).parameters.values()
    names = [p.name for p in given if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    blanks = [p.name for p in given if p.kind is p.KEYWORD_ONLY]
    if not blanks or not names:
        raise ArgumentError(
            f"the graph has {len(names)} inputs and {len(blanks)} blanks",
            expected="at least one of each: blanks are keyword-only arguments",
            hint="def graph(x, y, *, a, b): return b(a(x, y))",
        )
    if not callable(target) and not (isinstance(target, Tensor) and target.dtype is dt.exact):
        raise ArgumentError(
            f"the target is {type(target).__name__}",
            expected="a function of the same inputs, or an exact tensor of symbols",
        )
    for what, told, known in (("input", shapes, names), ("blank", own, blanks)):
        for name in told:
            if name not in known:
                raise ArgumentError(f"the graph has no {what} '{name}'", expected=", ".join(known))
    sizes = {name: _shape(name, shapes.get(name, ())) for name in names}
    shared = {} if set(own) == set(blanks) else labelled(ops, "ops")
    may = {name: labelled(own[name], name) if name in own else shared for name in blanks}
    bare = Puzzle(graph, target, sizes, may, {})
    counted = _operands(bare)
    fitting = {
        name: {label: op for label, op in found.items() if takes(op, counted.get(name, ()))}
        for name, found in may.items()
    }
    made = Puzzle(graph, target, sizes, fitting, counted)
    if made.count > limit:
        raise ArgumentError(
            f"{made.count:,} fillings",
            expected=f"at most {limit:,}",
            hint="limit=… allows more; or say what may stand in a blank: a=[…]",
        )
    return made


def labelled(ops: Any, name: str) -> Ops:
    """Ops by label, the label of one in a list being its name; raises ArgumentError."""
    if isinstance(ops, Mapping):
        found = {str(label): op for label, op in ops.items()}
    elif isinstance(ops, list | tuple | set | frozenset):
        found = {str(getattr(op, "name", getattr(op, "__name__", op))): op for op in ops}
    else:
        found = {}
    if not found or not all(callable(op) for op in found.values()):
        raise ArgumentError(
            f"'{name}' is {ops!r}",
            expected="a list of ops, or a dict of them",
            hint="[cr.add, cr.mul]",
        )
    return found


def takes(op: Any, counts: tuple[int, ...]) -> bool:
    """Whether an op may be called with so many operands.

    >>> from chainrule.ops.elementwise.elementary import exp, mul
    >>> takes(mul, (2,)), takes(exp, (2,)), takes(lambda x, y=1: x, (1, 2))
    (True, False, True)
    """
    if isinstance(op, Op):
        return op.variadic or all(count == len(op.inputs) for count in counts)
    try:
        for count in counts:
            inspect.signature(op).bind(*[None] * count)
    except TypeError:
        return False
    except ValueError:  # a function that does not say what it takes
        return True
    return True


def tensor_of(found: Any, what: str) -> Tensor:
    """What a graph or a target gave; raises ArgumentError for what is no tensor."""
    if not isinstance(found, Tensor):
        raise ArgumentError(f"the {what} gave {type(found).__name__}", expected="a tensor")
    return found


def _operands(bare: Puzzle) -> dict[str, tuple[int, ...]]:
    """With how many operands each blank is called; without those that stay unknown, because the
    graph makes nothing of what stands in for its ops."""
    seen: dict[str, set[int]] = {name: set() for name in bare.blanks}

    def stand_in(name: str) -> Callable[..., Any]:
        def called(*operands: Any) -> Any:
            seen[name].add(len(operands))
            return operands[0]

        return called

    try:
        bare.graph(*bare.letters().values(), **{name: stand_in(name) for name in bare.blanks})
    except (ChainruleError, IndexError):
        return {}
    return {name: tuple(sorted(counts)) for name, counts in seen.items()}


def _shape(name: str, given: Any) -> tuple[int, ...]:
    sizes = (given,) if type(given) is int else given
    whole = isinstance(sizes, tuple | list) and all(type(n) is int and n >= 1 for n in sizes)
    if not whole:
        raise ArgumentError(
            f"the input '{name}' has the shape {given!r}",
            expected="whole numbers from 1",
            hint="inputs={'x': (2, 3)}",
        )
    return tuple(sizes)


def _fraction(draw: random.Random, least: int) -> Fraction:
    """A number from ``least`` to 9 that is neither 0 nor 1, which ops may single out."""
    while True:
        made = Fraction(draw.randint(least, 9), draw.choice((1, 1, 2, 3)))
        if made not in (0, 1, -1):
            return made


def entries(x: Tensor) -> list[Any]:
    """The exact numbers of a tensor, row by row."""
    return np.asarray(x.node.value, object).ravel().tolist()


def _put(entry: Any, values: Mapping[Any, Any]) -> Any:
    """A number, or a formula with numbers in the place of its symbols."""
    return entry.subs(values) if hasattr(entry, "subs") else entry
