"""The search: fillings are tried at random points; what agrees there is compared in symbols."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chainrule.analysis.blanks.puzzle import Puzzle, entries, tensor_of
from chainrule.core.errors import ArgumentError, ChainruleError
from chainrule.core.state import enable_grad, no_grad, quiet, record, switched
from chainrule.core.tensor import Tensor
from chainrule.namespaces.exact_zero import vanishes

POINTS = 3
CLOSE = 1e-12
"""Relative to the numbers compared; points only sort out: a coincidence costs time alone."""
UNDEFINED = (ChainruleError, ArithmeticError, ValueError)
"""What an op raises for operands that it is not defined for."""


@dataclass(frozen=True)
class Point:
    """Numbers for the inputs, what the target is there, and how many fillings were sorted out."""

    at: Mapping[str, Tensor]
    wanted: Tensor
    differ: int
    others: int
    """How many different values these had."""
    undefined: int
    """How many of them could not be computed there: shapes or numbers do not fit."""
    error: str
    """What the first of those raised."""


@dataclass(frozen=True)
class Found:
    """The fillings that are the target, each with whether symbols showed it; and the points."""

    fillings: list[tuple[dict[str, str], bool]]
    points: list[Point]
    disproved: int
    """How many agreed at all points, and differ in symbols."""


def search(puzzle: Puzzle) -> Found:
    """All fillings; raises what the target raises."""
    left = list(_fillings(puzzle))
    draw = random.Random(0)
    points: list[Point] = []
    for _ in range(POINTS if left else 0):
        at, wanted = _drawn(puzzle, draw)
        left, point = _sorted_out(puzzle, left, at, wanted)
        points.append(point)
    proofs = [(filling, _same_in_symbols(puzzle, filling)) for filling in left]
    kept = [(filling, proved is True) for filling, proved in proofs if proved is not False]
    return Found(kept, points, len(left) - len(kept))


def _fillings(puzzle: Puzzle) -> Iterator[dict[str, str]]:
    for labels in itertools.product(*puzzle.blanks.values()):
        yield dict(zip(puzzle.blanks, labels, strict=True))


def _drawn(puzzle: Puzzle, draw: random.Random) -> tuple[dict[str, Tensor], Tensor]:
    """A point at which the target is defined: of any sign, or else of positive numbers."""
    with no_grad(), switched(record=False), quiet():
        for least in (-9, -9, 1, 1):
            at = puzzle.point(draw, least)
            try:
                return at, puzzle.wanted(at)
            except ArgumentError:
                raise
            except UNDEFINED:
                continue
        return at, puzzle.wanted(at)


def _sorted_out(
    puzzle: Puzzle, fillings: list[dict[str, str]], at: dict[str, Tensor], wanted: Tensor
) -> tuple[list[dict[str, str]], Point]:
    """The fillings that agree with the target at a point."""
    blanks = {
        name: {label: _once(op) for label, op in ops.items()} for name, ops in puzzle.blanks.items()
    }
    kept, values, errors = [], set(), []
    with no_grad(), switched(record=False), quiet():
        for filling in fillings:
            try:
                ops = {name: blanks[name][label] for name, label in filling.items()}
                made = puzzle.graph(*at.values(), **ops)
            except UNDEFINED as error:
                errors.append(str(error).partition("\n")[0])
                continue
            value = tensor_of(made, "graph")
            if _close(value, wanted):
                kept.append(filling)
            else:
                values.add(str(value.tolist()))
    first = errors[0] if errors else ""
    differ = len(fillings) - len(kept)
    return kept, Point(at, wanted, differ, len(values), len(errors), first)


def _once(op: Callable[..., Any]) -> Callable[..., Any]:
    """The op, which computes once what it is asked of the same tensors: fillings that begin alike
    share their beginning."""
    made: dict[tuple[int, ...], Any] = {}

    def called(*operands: Any) -> Any:
        key = tuple(map(id, operands))
        if key not in made:
            made[key] = (operands, op(*operands))  # operands live on, so that no id comes again
        return made[key][1]

    return called


def _close(value: Tensor, wanted: Tensor) -> bool:
    if value.shape != wanted.shape:
        return False
    pairs = zip(entries(value), entries(wanted), strict=True)
    return all(a == b or _nearly(a, b) for a, b in pairs)


def _nearly(a: Any, b: Any) -> bool:
    """Whether two exact numbers agree to so many digits, roots and logarithms among them."""
    try:
        x, y = complex(a), complex(b)
    except (TypeError, ValueError):
        return True  # open: symbols decide
    return abs(x - y) <= CLOSE * max(1.0, abs(x), abs(y))


def _same_in_symbols(puzzle: Puzzle, filling: dict[str, str]) -> bool | None:
    """Whether graph and target are the same formula; None where that stays open."""
    try:
        letters = puzzle.letters()
        value, wanted = formula(puzzle, letters, filling), puzzle.wanted(letters)
    except UNDEFINED:
        return None
    if value.shape != wanted.shape:
        return False
    found = [_is_zero(a - b) for a, b in zip(entries(value), entries(wanted), strict=True)]
    return None if None in found else all(found)


def _is_zero(difference: Any) -> bool | None:
    if not hasattr(difference, "free_symbols"):
        return bool(difference == 0)
    import sympy

    try:
        if vanishes(difference) or sympy.simplify(difference) == 0:
            return True
    except UNDEFINED:
        return None
    return False if difference.is_polynomial() else None


def formula(
    puzzle: Puzzle, letters: Mapping[str, Tensor], filling: Mapping[str, str] | None
) -> Tensor:
    """The graph, or without a filling the target, of these symbols, with its history."""
    with record(), enable_grad(), quiet():
        if filling is None:
            return puzzle.wanted(letters)
        ops = {name: puzzle.blanks[name][label] for name, label in filling.items()}
        return tensor_of(puzzle.graph(*letters.values(), **ops), "graph")
