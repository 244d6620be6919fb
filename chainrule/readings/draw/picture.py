"""What is drawn of a graph: a box for each operator, input and output, and arrows between them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.core.graph import Graph, reachable
from chainrule.core.names import given_names, names
from chainrule.core.node import Node
from chainrule.readings.explain.figures import line
from chainrule.readings.explain.naming import plain_name
from chainrule.readings.explain.notation import write
from chainrule.readings.explain.terms import Call, Number, Symbol, transparent
from chainrule.readings.lower import lowered
from chainrule.readings.simplify import number_of

OPERAND = "·"
SHORT = 4
"""Inputs without a name show their numbers, if they are no more than so many; else their shape."""


@dataclass(frozen=True)
class Box:
    """What is drawn at one place: an ``op``, an ``input`` or an ``output``.

    ``label`` is what stands in it, ``name`` what the value is called in lists, ``arity`` how many
    arrows come in, ``says`` a sentence on it.
    """

    kind: str
    label: str
    name: str
    arity: int = 0
    says: str = ""


@dataclass(frozen=True)
class Arrow:
    """From the box of a value to a box that uses it, as its operand ``slot``; ``name`` is what the
    user calls the value, and empty if that is nothing, or stands in the box already."""

    source: int
    target: int
    slot: int
    name: str = ""


def picture_of(graph: Graph, apart: bool) -> tuple[tuple[Box, ...], tuple[Arrow, ...]]:
    """The boxes and arrows of a graph; with ``apart``, of its primitives."""
    given = given_names(graph)
    if apart:
        graph, became = lowered(graph)
        given = {became[node]: name for node, name in reversed(given.items()) if node in became}
    return _Picture(graph, given).made()


class _Picture:
    """A picture while it is made."""

    def __init__(self, graph: Graph, given: Mapping[Node, str]) -> None:
        self.graph = graph
        self.given = {node: plain_name(name) for node, name in given.items()}
        self.called = {node: plain_name(name) for node, name in names(graph, given).items()}
        self.boxes: list[Box] = []
        self.arrows: list[Arrow] = []
        self.place: dict[Node, int] = {}
        self.same: dict[Node, Node] = {}

    def made(self) -> tuple[tuple[Box, ...], tuple[Arrow, ...]]:
        results = self.graph.outputs
        for node in reachable(results):  # not what only changes state
            if node.op is None:
                self._input(node)
            elif number_of(node) is None:
                self._operator(node)
        for node in dict.fromkeys(results):
            self._output(node)
        return tuple(self.boxes), tuple(self.arrows)

    def _input(self, node: Node) -> None:
        name = self.called.get(node, "")
        label = self.given.get(node) or _values(node)
        shape = _shape(node.shape)
        self.place[node] = self._box(Box("input", label, name, 0, f"{label} {shape}".strip()))

    def _operator(self, node: Node) -> None:
        assert node.op is not None  # inputs have boxes of their own
        if node.whole is not None:
            return  # one of several outputs: its arrow starts at the op
        if _is_mark(node):
            self.same[node] = node.parents[0]
            if node in self.given:
                self.given.setdefault(node.parents[0], self.given[node])
            return
        operands = [p for p in node.parents if number_of(p) is None]
        label = _label(node)
        name = ", ".join(self._parts(node)) or self.called.get(node, label)
        at = self._box(Box("op", label, name, len(operands), node.op.explain(node)))
        self.place[node] = at
        for slot, operand in enumerate(operands):
            self._arrow(operand, at, slot)

    def _parts(self, whole: Node) -> list[str]:
        """What the outputs of an op with several are called."""
        return [self.called[part] for part in self.graph.nodes
                if part.whole is whole and part in self.given]  # fmt: skip

    def _output(self, node: Node) -> None:
        at = self._box(Box("output", self.called.get(node) or _values(node), "", 1))
        self._arrow(node, at, 0, named=False)

    def _box(self, box: Box) -> int:
        self.boxes.append(box)
        return len(self.boxes) - 1

    def _arrow(self, value: Node, target: int, slot: int, named: bool = True) -> None:
        name = self.given.get(value, "")
        source = value
        while source in self.same or source.whole is not None:
            if source in self.same:
                source = self.same[source]
                name = name or self.given.get(source, "")
                continue
            whole = source.whole
            assert whole is not None  # the loop's condition
            if not name and whole.op is not None:
                name = whole.op.output_text(whole, source.attrs["output"]).lstrip(".")
                name = name.format(*[OPERAND] * len(whole.parents)) if "{" in name else name
            source = whole
        if source not in self.place:  # a number, or what was left out
            self.place[source] = self._box(Box("input", _values(source), _values(source)))
        shown = name if named and source.op is not None else ""
        self.arrows.append(Arrow(self.place[source], target, slot, shown))


def _is_mark(node: Node) -> bool:
    """Whether the op only says something of a value, so that formulas leave it out."""
    op = node.op
    if op is None or len(node.parents) != 1 or node.shape != node.parents[0].shape:
        return False
    return bool(op.facts.get("same")) or transparent(op)


def _label(node: Node) -> str:
    """What stands in an operator: what formulas call it, with the numbers and attributes that it
    uses, and without its operands: ``@``, ``sin``, ``· ** 2``, ``sum(dim=1)``."""
    assert node.op is not None  # only operators have this label
    args = [
        Symbol(OPERAND, None, p.shape) if (n := number_of(p)) is None else Number(n, p.shape)
        for p in node.parents
    ]
    text = write(Call(node.op, tuple(args), node.attrs, node.shape))
    if match := re.fullmatch(rf"{OPERAND} (\S+) {OPERAND}", text):
        return match[1]
    if match := re.fullmatch(rf"(\S+?)\(\[?((?:{OPERAND}(?:, )?)*)\]?(?:, )?(.*)\)", text):
        return f"{match[1]}({match[3]})" if match[3] else match[1]
    return node.op.name if text == OPERAND else text


def _values(node: Node) -> str:
    """The numbers of a value that nobody has named, or its shape."""
    if node.value is not None and type(node.dtype) is not tuple and np.size(node.value) <= SHORT:
        return line(node.value, SHORT)
    return _shape(node.shape) or "number"


def _shape(shape: Any) -> str:
    """A shape in words: nothing for a number."""
    return f"({', '.join(map(str, shape))})" if shape else ""


def operators(boxes: tuple[Box, ...]) -> Iterator[Box]:
    """The boxes of operators."""
    return (box for box in boxes if box.kind == "op")
