"""``cr.analysis.receptive_field``: what one place of a result sees of the input."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from chainrule.analysis.inputs import input_of
from chainrule.analysis.summary import plain
from chainrule.analysis.table import Table, Tabled, shape_text
from chainrule.core.capture import capture
from chainrule.core.errors import ArgumentError
from chainrule.core.graph import Graph, Input, reachable
from chainrule.core.node import Node
from chainrule.core.reach import Reach
from chainrule.core.state import no_grad
from chainrule.nn.module import Module
from chainrule.readings.receptive import (
    CONVENTION,
    Extent,
    Field,
    changes,
    receptive_fields,
    written,
)


@dataclass(frozen=True)
class Row:
    """A value at which the field changes: the module that computes it, the op, and the field."""

    path: str
    node: Node
    field: Field
    working: str

    @property
    def op(self) -> str:
        """The op's name."""
        made = self.node.whole or self.node
        return made.op.name if made.op is not None else ""


@dataclass(eq=False, repr=False)
class ReceptiveField(Tabled):
    """The field of the output of a network, and how it grows: a row for each value that sees more
    than its operands did.  ``size``, ``jump`` and ``start`` are those of the output; ``last`` is
    the field of the last value that does not see everything."""

    model: Any
    graph: Graph
    source: Input
    fields: dict[Node, Field]

    @property
    def output(self) -> Field:
        """The field of the first output; raises ArgumentError where it does not depend on the
        input."""
        found = self.fields.get(self.graph.outputs[0])
        if found is None:
            raise ArgumentError("the output does not depend on this input")
        return found

    @property
    def size(self) -> tuple[Any, ...]:
        """How many places of the input one of the output sees, along each axis."""
        return self.output.size

    @property
    def jump(self) -> tuple[Any, ...]:
        """How far apart the fields of neighbours are; None where all see the same."""
        return self.output.jump

    @property
    def start(self) -> tuple[Any, ...]:
        """The first place that place 0 sees, below 0 in padding; None where all see the same."""
        return self.output.start

    @property
    def last(self) -> Row | None:
        """The last row whose places still see different parts of the input."""
        apart = [row for row in self.rows if any(jump is not None for jump in row.field.jump)]
        return apart[-1] if apart else None

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The values at which the field changes, in the order of computation."""
        paths: dict[int, str] = {}
        if isinstance(self.model, Module):
            paths = {id(module): path for path, module in self.model.named_modules()}
        seen = set(reachable(self.graph.outputs))  # statistics that are only collected are not
        return tuple(
            Row(
                paths.get(id(node.scope[0]), "") if node.scope else "",
                node,
                self.fields[node],
                self._working(node),
            )
            for node in changes(self.graph, self.fields)
            if node in seen
        )

    def _working(self, node: Node) -> str:
        """How the field follows from that of the operand, along the first axis of windows."""
        whole = node.whole
        made, output = (node, 0) if whole is None else (whole, node.attrs["output"])
        assert made.op is not None  # the field changed here
        seen = [
            (self.fields[parent], outer)
            for parent, outer in zip(made.parents, made.op.reads(made, output), strict=False)
            if outer is not None and parent in self.fields
        ]
        if len(seen) != 1:
            return "from the first to the last place that any operand sees"
        (field, outer), after = seen[0], self.fields[node]
        for axis, before, now in zip(field.axes, field.extents, after.extents, strict=True):
            inner = field.reads[axis]
            if before == now or inner.axis is None:
                continue
            if now.whole:
                return "sees everything"
            return _growth(before, now, outer[inner.axis], inner)
        return ""

    # -- as text and data ------------------------------------------------------------------------

    def table(self) -> Table:
        """How the field grows."""
        lines = [
            [row.path, row.op, shape_text(row.node.shape), _shown(row.field),
             written(row.field.jump), written(row.field.start), row.working]
            for row in self.rows
        ]  # fmt: skip
        name = type(self.model).__name__ if isinstance(self.model, Module) else "function"
        given = f"{self.source.name or 'x'} {shape_text(self.source.node.shape)}"
        axes = ", ".join(map(str, self.output.axes))
        heads = ["computed in", "op", "output", "size", "jump", "start", "working, first axis"]
        return Table(f"Receptive field of {name} on {given}, along axes {axes}", heads, lines,
                     list(self._notes()))  # fmt: skip

    def _notes(self) -> Iterator[str]:
        yield f"output  {_told(self.output)}"
        if self.output.whole and self.last is not None:
            yield f"before  {_told(self.last.field)}, in {self.last.path or self.last.op}"
        yield f"convention  {CONVENTION}"

    def records(self) -> list[dict[str, Any]]:
        """A dict for each row, as ``pandas.DataFrame`` takes them."""
        return [
            {
                "path": row.path, "op": row.op, "output": plain(row.node.shape),
                "size": plain(row.field.size), "jump": plain(row.field.jump),
                "start": plain(row.field.start), "whole": row.field.whole, "working": row.working,
            }
            for row in self.rows
        ]  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        """Everything, as numbers, text, lists and dicts."""
        found = self.output
        return {
            "convention": CONVENTION, "axes": list(found.axes), "size": plain(found.size),
            "jump": plain(found.jump), "start": plain(found.start), "whole": found.whole,
            "rows": self.records(),
        }  # fmt: skip

    def to_json(self, indent: int | None = 2) -> str:
        """`to_dict` as JSON."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=indent)


def _shown(field: Field) -> str:
    return f"all {written(field.size)}" if field.whole else written(field.size)


def _told(field: Field) -> str:
    if field.whole:
        return f"sees all {written(field.size)}"
    return f"size {written(field.size)}, jump {written(field.jump)}, start {written(field.start)}"


def _growth(before: Extent, now: Extent, outer: Reach, inner: Reach) -> str:
    """Formula = substitution = number, for windows that slide."""
    if now.jump is None or outer.period != 1 or inner.period != 1 or outer.axis is None:
        return "by the places that are read in turn"
    reach, low = outer.highs[0] - outer.lows[0], outer.lows[0]
    parts = []
    if now.size != before.size:
        parts.append(f"size + (reach - 1) · jump = {before.size} + {reach} · {before.jump} "
                     f"= {now.size}")  # fmt: skip
    if now.jump != before.jump:
        parts.append(f"jump · stride = {before.jump} · {outer.advance} = {now.jump}")
    if now.start != before.start:
        sign = "-" if isinstance(low, int) and low < 0 else "+"
        shift = -low if sign == "-" else low
        parts.append(f"start {sign} {shift} · {before.jump} = {now.start}")
    return "; ".join(parts)


def receptive_field(model: Any, *inputs: Any, source: int | str = 0) -> ReceptiveField:
    """Which places of an input one place of the output depends on: size, jump and start.

    ``model`` is a module or a function of any form, with branches too; it is not run.  ``inputs``
    are given as for `cr.summary`; letters stay open.  ``source`` is the input that is looked at, by
    its place or its name.  Raises ArgumentError where there is no such input.

    >>> import chainrule as cr
    >>> net = cr.nn.Sequential(cr.nn.Conv2d(1, 4, 3), cr.nn.MaxPool2d(2), cr.nn.Conv2d(4, 4, 3))
    >>> found = receptive_field(net, (1, 1, 28, 28))
    >>> found.size, found.jump, found.start
    ((8, 8), (2, 2), (0, 0))
    """
    with no_grad():
        graph = capture(model, *(input_of(x) for x in inputs))
    given = [i for i in graph.inputs if i.role == "input" and i.tensor is None]
    named = {i.name: i for i in given}
    if isinstance(source, str) and source in named:
        chosen = named[source]
    elif isinstance(source, int) and not isinstance(source, bool) and 0 <= source < len(given):
        chosen = given[source]
    else:
        raise ArgumentError(f"there is no input {source!r}", expected=", ".join(named) or "inputs")
    return ReceptiveField(model, graph, chosen, receptive_fields(graph, chosen.node))
