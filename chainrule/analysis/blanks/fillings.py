"""The answer: all fillings, how many there are, and the working."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from chainrule.analysis.answers import Answer, Answers
from chainrule.analysis.blanks.puzzle import Puzzle
from chainrule.analysis.blanks.search import Found, Point, formula
from chainrule.core.tensor import Tensor
from chainrule.readings.explain.expression import expression
from chainrule.readings.explain.figures import line
from chainrule.readings.explain.notation import write
from chainrule.readings.explain.terms import Symbol

PROVED, OPEN = "the same in symbols", "the same at all points; in symbols it stays open"


class Filling(Answer[str]):
    """What stands in the blanks, a mapping from blanks to labels of ops; ``formula`` is the graph
    written with them, ``proved`` whether symbols showed that it is the target."""

    def __init__(self, puzzle: Puzzle, labels: Mapping[str, str], proved: bool) -> None:
        super().__init__(labels)
        self._puzzle, self.proved = puzzle, proved

    @cached_property
    def formula(self) -> str:
        """The graph with these ops."""
        return _written(self._puzzle, self)


class Fillings(Answers[Filling]):
    """All fillings, a sequence of them: "unique", "k fillings", or "none, because …".

    >>> import chainrule as cr
    >>> found = cr.fill_blanks(lambda x, *, a: a(x, x), lambda x: 0 * x, [cr.sub, cr.mul])
    >>> found.unique, found.only["a"], found.only.formula
    (True, 'sub', 'x - x')
    """

    noun = "filling"

    def __init__(self, puzzle: Puzzle, found: Found) -> None:
        super().__init__([Filling(puzzle, *filling) for filling in found.fillings])
        self._puzzle, self._found = puzzle, found

    @cached_property
    def target(self) -> str:
        """The target as a formula."""
        return _written(self._puzzle, None)

    def to_dict(self) -> dict[str, Any]:
        """Everything, in lists, dicts, numbers and text, as JSON has them."""
        return {
            "verdict": self.verdict,
            "because": list(self.because),
            "target": self.target,
            "blanks": {blank: list(ops) for blank, ops in self._puzzle.blanks.items()},
            "tried": self._puzzle.count,
            "differ": [point.differ for point in self._found.points],
            "fillings": [
                {"ops": dict(one), "formula": one.formula, "proved": one.proved} for one in self
            ],
        }

    def question_lines(self) -> Iterator[str]:
        """What was asked and what was tried, line by line."""
        yield "Fill " + "; ".join(_choices(self._puzzle))
        yield f"  target  {self.target}"
        yield f"  tried   {'; '.join(self._trials())}"

    def working_lines(self, one: Filling) -> Iterator[str]:
        """Its formula, and how it was seen to be the target."""
        yield f"{one.formula}, {PROVED if one.proved else OPEN}"

    def _trials(self) -> Iterator[str]:
        count = self._puzzle.count
        yield f"{count:,} filling{'s' * (count != 1)}"
        for point in self._found.points:
            if point.differ:
                yield f"{point.differ:,} differ at {_place(point)}"
        if self._found.disproved:
            yield f"{self._found.disproved:,} differ in symbols"

    def reasons(self) -> Iterator[str]:
        """Why there is none."""
        for blank, ops in self._puzzle.blanks.items():
            if not ops:
                counts = " and ".join(map(str, self._puzzle.operands[blank]))
                yield f"{blank} has {counts} operands, and no op takes so many"
        for point in self._found.points:
            if point.differ == 0:
                continue
            there = f"at {_place(point)}"
            if point.others:
                met = f"which is none of the {point.others:,} values that fillings have"
                yield f"{there} the target is {_number(point.wanted)}, {met}"
            if point.undefined:
                yield f"{there} {point.undefined:,} fillings are not defined: {point.error}"


def _choices(puzzle: Puzzle) -> Iterator[str]:
    """``a, c with +, -, *``: blanks with the same candidates together."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for blank, ops in puzzle.blanks.items():
        groups.setdefault(tuple(ops), []).append(blank)
    for labels, blanks in groups.items():
        yield f"{', '.join(blanks)} with {', '.join(labels) or 'nothing'}"


def _place(point: Point) -> str:
    return ", ".join(f"{name} = {_number(x)}" for name, x in point.at.items())


def _number(x: Tensor) -> str:
    return line(x.node.value, 4)


def _written(puzzle: Puzzle, filling: Mapping[str, str] | None) -> str:
    """The graph with a filling, or the target, as a formula; as a value where it has no history."""
    letters = puzzle.letters()
    made = formula(puzzle, letters, filling)
    if made.node.op is None:
        return _number(made)
    names = {x.node: Symbol(name, x.node.value, x.shape) for name, x in letters.items()}
    return write(expression(made.node, names))
