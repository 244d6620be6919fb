"""The working of a step: every quantity on the way from gradient to parameter, as formula =
substitution = number.

It is read off the rules as they are computed: their operands, what they mark as a step, and their
results.  No rule is known by name.
"""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chainrule.core.errors import ArgumentError, CaptureError
from chainrule.core.graph import reachable
from chainrule.core.lowering import recorder
from chainrule.core.names import subscript
from chainrule.core.node import Node, leaf
from chainrule.core.op import Op
from chainrule.core.state import quiet, state, switched
from chainrule.core.tensor import Tensor
from chainrule.optim.rules import descend
from chainrule.readings.explain.explanation import NO_BREAK, WIDEST, plain_rows, row_lines
from chainrule.readings.explain.expression import definition
from chainrule.readings.explain.figures import line
from chainrule.readings.explain.naming import plain_name
from chainrule.readings.explain.tables import Row, row
from chainrule.readings.explain.terms import Symbol

if TYPE_CHECKING:
    from chainrule.optim.live import Live
    from chainrule.optim.optimizer import Optimizer

NEXT = "′"
"""Marks what a quantity is after the step."""


@dataclass(frozen=True)
class ParameterStep:
    """The step of one parameter: ``numbers`` are hyperparameters and what follows from them,
    ``rows`` the quantities in the order of computation, from the gradient to the new parameter."""

    name: str
    step: int
    numbers: tuple[Row, ...]
    rows: tuple[Row, ...]

    def __getitem__(self, key: int | str) -> Row:
        """A row by its place or name; the new value of a quantity also by the name of the old."""
        if isinstance(key, int):
            return self.rows[key]
        for name in (key, key + NEXT):
            for found in (*self.rows, *self.numbers):
                if found.name == name:
                    return found
        raise ArgumentError(
            f"the step of {self.name} has no row {key!r}",
            expected=", ".join(found.name for found in (*self.rows, *self.numbers)),
        )

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)


@dataclass(frozen=True)
class Working:
    """What a step of an optimizer does: for each parameter with a gradient, a table.

    Printed, each row is ``name = formula = substitution = value``; ``m′`` is what m is after the
    step.  Indexed by the place of a parameter or its name, it gives a `ParameterStep`.
    """

    optimizer: str
    parameters: tuple[ParameterStep, ...]
    decimals: int = 4

    def __getitem__(self, key: int | str) -> ParameterStep:
        if isinstance(key, int):
            return self.parameters[key]
        for found in self.parameters:
            if found.name == key:
                return found
        raise ArgumentError(
            f"there is no parameter {key!r} with a gradient",
            expected=", ".join(found.name for found in self.parameters),
        )

    def __len__(self) -> int:
        return len(self.parameters)

    def __iter__(self) -> Iterator[ParameterStep]:
        return iter(self.parameters)

    def __str__(self) -> str:
        return self.text()

    def text(self, width: int | None = None) -> str:
        """The tables in lines of at most ``width`` columns, by default those of the terminal."""
        width = width or min(shutil.get_terminal_size((WIDEST, 24)).columns, WIDEST)
        tables = []
        for title, rows in self.tables():
            wrapped = textwrap.wrap(title, width, subsequent_indent="  ")
            tables.append("\n".join([*wrapped, *row_lines(rows, self.decimals, width)]))
        return "\n\n".join(tables).replace(NO_BREAK, " ")

    def tables(self) -> Iterator[tuple[str, tuple[Row, ...]]]:
        """The title of each table, where hyperparameters stand, and its rows."""
        for p in self.parameters:
            told = [f"{n.name} = {line(n.value, self.decimals)}" for n in p.numbers]
            numbers = ", ".join(told).replace(" = ", f"{NO_BREAK}={NO_BREAK}")
            yield f"{p.name}, step {p.step} of {self.optimizer}: {numbers}", p.rows

    def to_dict(self) -> dict[str, Any]:
        """The tables as dicts and lists of numbers and text, ready for JSON."""
        steps = [
            {
                "name": p.name,
                "step": p.step,
                "numbers": plain_rows(p.numbers),
                "rows": plain_rows(p.rows),
            }
            for p in self.parameters
        ]
        return {"optimizer": self.optimizer, "parameters": steps}


def working(optimizer: Optimizer, decimals: int) -> Working:
    """The working of the step that the optimizer would make now; see `Optimizer.explain`."""
    if state.trace is not None:
        raise CaptureError("explain() needs values, and there are none while capturing")
    if type(decimals) is not int or decimals < 0:
        raise ArgumentError(f"decimals is {decimals!r}", expected="a whole number from 0")
    made = []
    for p, group, name in _named(optimizer):
        if p.grad is not None:
            with switched(record=True, grad=False), quiet():
                made.append(_Table(optimizer, group, p, name, decimals).made())
    if not made:
        raise ArgumentError("no parameter has a gradient", hint="call loss.backward() first")
    return Working(type(optimizer).__name__, tuple(made), decimals)


def _named(optimizer: Optimizer) -> Iterator[tuple[Tensor, Live, str]]:
    """The parameters with their groups and names: p, or p₀, p₁, …, where they have none."""
    pairs = [(p, group) for group in optimizer.param_groups for p in group["params"]]
    for i, (p, group) in enumerate(pairs):
        bare = "p" if len(pairs) == 1 else "p" + subscript(i)
        yield p, group, plain_name(p.name) if p.name else bare


class _Table:
    """The table of one parameter while it is made."""

    def __init__(
        self, optimizer: Optimizer, group: Live, p: Tensor, name: str, decimals: int
    ) -> None:
        optimizer._allocate(group)
        own = optimizer.state[p]
        self.step = optimizer._count["step"] + 1 - own["missed"]
        self.rules, self.lr = optimizer._program(group, self.step, p.dtype)
        self.own, self.p, self.decimals = own, p, decimals
        used = {word for rule, *_ in self.rules for word in rule.inputs}
        self.name = "parameter" if name in used else name
        self.symbols: dict[Node, Symbol] = {}
        self.numbers: dict[str, Row] = {}
        self.rows: list[Row] = []

    def made(self) -> ParameterStep:
        """The rules one after the other, then the step itself."""
        grad = self.p.grad
        assert grad is not None  # the others have no table
        value = grad if grad.dtype is self.p.dtype else grad.to(self.p.dtype)
        update, param = self.symbol("gradient", value), self.symbol(self.name, self.p)
        self.rows.append(Row("gradient", "", "", value.node.value))
        lr = self.number(descend.inputs[-1], self.lr)
        for rule, transform, numbers, flags in self.rules:
            seen = [param] if transform.sees_param else []
            words = rule.inputs[1 + len(seen) :]
            kept = [self.own[name] for name in transform.state]
            old = [self.symbol(word, x) for word, x in zip(words, kept, strict=False)]
            rest = [
                self.number(word, x) for word, x in zip(words[len(old) :], numbers, strict=False)
            ]
            names = [transform.makes, *(word + NEXT for word in words[: len(old)])]
            update, *_ = self.apply(rule, [update, *seen, *old, *rest], names, flags)
        self.apply(descend, [param, update, lr], [self.name + NEXT], {})
        return ParameterStep(self.name, self.step, tuple(self.numbers.values()), tuple(self.rows))

    def symbol(self, name: str, x: Tensor) -> Tensor:
        """A tensor as an input that formulas call by name."""
        node = leaf(x.shape, x.dtype, x.node.value)
        self.symbols[node] = Symbol(name, node.value, node.shape)
        return Tensor(node)

    def number(self, name: str, x: Tensor) -> Tensor:
        """The same for a number, which is listed."""
        self.numbers[name] = Row(name, "", "", x.node.value)
        return self.symbol(name, x)

    def apply(
        self, rule: Op, operands: Sequence[Tensor], names: Sequence[str], flags: dict[str, Any]
    ) -> list[Tensor]:
        """Compute a rule step by step, and write down what it marks and its results."""
        made = rule.forward(recorder, *operands, **flags)
        results = list(made) if rule.outputs else [made]
        called = {x.node: name for x, name in zip(results, names, strict=True)}  # the state's last
        for node in sorted(reachable([x.node for x in results]), key=lambda node: node.number):
            name = called.get(node) or node.attrs.get("label")
            if name and node not in self.symbols:
                self.rows.append(
                    row(name, definition(node, self.symbols), node.value, self.decimals)
                )
                self.symbols[node] = Symbol(name, node.value, node.shape)
        return results


__all__ = ["ParameterStep", "Working", "working"]
