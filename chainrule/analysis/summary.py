"""``cr.summary``: what a network makes, holds and computes, module by module."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from chainrule.analysis import working
from chainrule.analysis.inputs import input_of
from chainrule.analysis.rows import Row, rows_of
from chainrule.analysis.stepping import step_cost
from chainrule.analysis.table import Table, Tabled, byte_text, markdown, shape_text, text
from chainrule.analysis.tools import RULES
from chainrule.core.convention import INNER, Convention, number, parsed
from chainrule.core.cost import Cost, joined
from chainrule.core.errors import ArgumentError, ChainruleError
from chainrule.core.graph import Graph
from chainrule.core.node import Node
from chainrule.core.signature import Dim
from chainrule.readings.account import Account
from chainrule.readings.receptive import Field, receptive_fields

COLUMNS = {
    "layer": "layer", "output": "output", "parameters": "parameters", "count": "", "share": "share",
    "field": "field", "weights": "weights", "outputs": "outputs",
}  # fmt: skip
"""What a table shows: key and heading (that of the count is the convention's)."""
USUAL = (
    *(Convention(inner=inner, bias=bias) for inner in INNER for bias in (False, True)),
    Convention.everything, Convention.torchinfo, Convention.fvcore,
)  # fmt: skip
"""The conventions that `Summary.compare` puts side by side."""


@dataclass(eq=False, repr=False)
class Summary(Tabled):
    """What `summary` found: a `Row` for each module, the graph, and totals.

    It is printed as a table; ``to_dict``, ``to_json``, ``to_markdown`` and ``records`` give the
    same as data, and a notebook shows it in HTML.  ``found["layer1.0.conv1"]``, ``found["conv1"]``
    and ``found[3]`` are rows.
    """

    rows: tuple[Row, ...]
    graph: Graph
    account: Account
    convention: Convention
    with_backward: bool = False
    optimizer_cost: Cost | None = None

    # -- totals ----------------------------------------------------------------------------------

    def of(self, kind: str) -> Dim:
        """How many entries of a kind, "trainable", "frozen" or "buffer", there are."""
        return sum((row.numbers(kind) for row in self.rows), 0)

    @property
    def parameters(self) -> Dim:
        """Trainable and frozen parameters, shared ones once."""
        return sum((row.parameters for row in self.rows), 0)

    @property
    def weight_bytes(self) -> Dim:
        """Bytes of parameters and buffers."""
        return sum((row.weight_bytes for row in self.rows), 0)

    @property
    def gradient_bytes(self) -> Dim:
        """Bytes of the gradients of the parameters that are trained."""
        return sum((row.gradient_bytes for row in self.rows), 0)

    @property
    def output_bytes(self) -> Dim:
        """Bytes of what modules without modules inside return."""
        return sum((row.output_bytes for row in self.rows if row.leaf), 0)

    @property
    def cost(self) -> Cost:
        """Operations of the forward pass by kind."""
        return self.account.cost

    @property
    def backward_cost(self) -> Cost:
        """Operations of the backward pass by kind."""
        return self.account.backward_cost

    def count(self, convention: Convention | None = None, row: Row | None = None) -> Dim:
        """The figure of the network, or of one row, under a convention, by default its own.

        Raises ArgumentError where the convention counts what was not looked at.
        """
        convention = self._able(convention or self.convention)
        rows = self.rows if row is None else [row]
        if convention.rule:
            return sum((RULES[convention.rule](r) for r in rows), 0)
        found = convention.count(joined(r.parts_under(convention) for r in rows))
        if convention.optimizer and row is None:
            found += sum((self.optimizer_cost or {}).values(), 0)
        return found

    def _able(self, convention: Convention) -> Convention:
        if convention.backward and not self.with_backward:
            raise ArgumentError("the backward pass was not counted",
                                hint="cr.summary(model, …, backward=True)")  # fmt: skip
        if convention.optimizer and self.optimizer_cost is None:
            raise ArgumentError(
                "no optimizer's step was counted",
                hint="cr.summary(model, …, optimizer=cr.optim.Adam(…))",
            )
        return convention

    @cached_property
    def fields(self) -> dict[Node, Field]:
        """The receptive field of every node on the first input; empty where there is none."""
        try:
            return receptive_fields(self.graph)
        except ChainruleError:
            return {}

    def field_of(self, row: Row) -> Field | None:
        """The receptive field of a module's output, at its first call; None where it has none."""
        return self.fields.get(row.calls[0][1][0]) if row.calls and row.calls[0][1] else None

    # -- rows ------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __getitem__(self, key: int | str) -> Row:
        """The row at a place, at a path, or with a name that only one module has; raises
        ArgumentError where there is none, or more than one."""
        if isinstance(key, int):
            if not -len(self.rows) <= key < len(self.rows):
                raise ArgumentError(f"there is no row {key}", got=f"{len(self.rows)} rows")
            return self.rows[key]
        found = [row for row in self.rows if row.path == key]
        found = found or [row for row in self.rows if row.name == key]
        if len(found) == 1:
            return found[0]
        paths = [row.path for row in found or self.rows if row.path]
        near = paths if found else difflib.get_close_matches(str(key), paths) or paths
        raise ArgumentError(
            f"{len(found) or 'no'} modules are called '{key}'",
            hint=f"paths: {', '.join(near[:6])}" if near else "there is one row, 0",
        )

    def explain(
        self, key: int | str | None = None, convention: Convention | None = None,
        show: str | Iterable[str] | None = None,
    ) -> str:  # fmt: skip
        """Each figure of a row, or of the whole network, as formula = substitution = number.

        ``show`` says which: "shapes", "fields", "parameters", "bytes", "operations", one or
        several of them, by default all.

        >>> import chainrule as cr
        >>> print(summary(cr.nn.Conv2d(3, 4, 5, stride=2), (3, 9, 9)).explain(show="parameters"))
        Conv2d
          parameter    weight: 4 · 3 · 5 · 5 = 300
          parameter    bias: 4
          parameters   300 + 4 = 304
        """
        convention = self._able(convention or self.convention)
        if key is not None:
            return working.of_row(self, self[key], convention, show)
        return working.of_all(self, convention, show)

    def compare(self, *conventions: Convention, row: int | str | None = None) -> str:
        """The figure under several conventions side by side, by default the usual ones and those
        of other tools; of one row, or of the whole network.

        >>> import chainrule as cr
        >>> print(
        ...     summary(cr.nn.Linear(3, 4), (1, 3)).compare(cr.Convention(), cr.Convention(mac=2))
        ... )
        12  inner product of n terms = n, nothing else counted; forward only
        24  inner product of n terms = 2n, nothing else counted; forward only
        """
        chosen = None if row is None else self[row]
        found = [(number(self.count(c, chosen)), str(c)) for c in conventions or USUAL]
        width = max(len(figure) for figure, _ in found)
        return "\n".join(f"{figure:>{width}}  {told}" for figure, told in found)

    # -- as data ---------------------------------------------------------------------------------

    def records(self) -> list[dict[str, Any]]:
        """A dict for each row, as ``pandas.DataFrame`` takes them; open sizes as text."""
        total = self.count()
        return [self._record(i, row, total) for i, row in enumerate(self.rows)]

    def _record(self, i: int, row: Row, total: Dim) -> dict[str, Any]:
        count = self.count(row=row)
        return {
            "index": i, "path": row.path, "type": row.type, "depth": row.depth,
            "calls": len(row.calls), "input": plain(row.input_shape),
            "output": plain(row.output_shape), "parameters": plain(row.parameters),
            "trainable": plain(row.numbers("trainable")), "frozen": plain(row.numbers("frozen")),
            "buffers": plain(row.numbers("buffer")),
            "shared": [f"{h.name} = {h.first}" for h in row.held if h.first],
            "operations": {kind: plain(n) for kind, n in row.cost.items()},
            "backward": {kind: plain(n) for kind, n in row.backward_cost.items()},
            "count": plain(count), "share": share(count, total),
            **_field_record(self.field_of(row)),
            "weight_bytes": plain(row.weight_bytes), "gradient_bytes": plain(row.gradient_bytes),
            "output_bytes": plain(row.output_bytes),
        }  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        """Everything, as numbers, text, lists and dicts."""
        totals = {
            "parameters": self.parameters, "trainable": self.of("trainable"),
            "frozen": self.of("frozen"), "buffers": self.of("buffer"), "count": self.count(),
            "weight_bytes": self.weight_bytes, "gradient_bytes": self.gradient_bytes,
            "output_bytes": self.output_bytes,
        }  # fmt: skip
        return {
            "convention": str(self.convention), "unit": self.convention.unit, "mode": self.mode,
            **{name: plain(n) for name, n in totals.items()},
            "operations": {kind: plain(n) for kind, n in self.cost.items()},
            "backward": {kind: plain(n) for kind, n in self.backward_cost.items()},
            "optimizer": {kind: plain(n) for kind, n in (self.optimizer_cost or {}).items()},
            "rows": self.records(),
        }  # fmt: skip

    def to_json(self, indent: int | None = 2) -> str:
        """`to_dict` as JSON."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=indent)

    # -- as text ---------------------------------------------------------------------------------

    @property
    def mode(self) -> str:
        """Training or evaluation, in which batch norm and dropout compute other things."""
        return "training" if getattr(self.rows[0].module, "training", False) else "evaluation"

    def table(self, depth: int | None = None) -> Table:
        """The table: modules deeper than ``depth`` are added up in the row above them."""
        total, lines = self.count(), []
        for row in self.rows:
            if depth is None or row.depth <= depth:
                folded = depth is not None and row.depth == depth
                lines.append(self._line(row, list(row.within()) if folded else [row], total))
        heads = [self.convention.short if name == "count" else head
                 for name, head in COLUMNS.items()]  # fmt: skip
        return Table(self._title(), heads, lines, list(self.totals()))

    def _line(self, row: Row, rows: list[Row], total: Dim) -> list[str]:
        count = sum((self.count(row=r) for r in rows), 0)
        parameters = sum((r.parameters for r in rows), 0)
        weights = sum((r.weight_bytes for r in rows), 0)
        within = len(rows) == 1 and bool(row.inner)  # what is inside has rows of its own
        again = f" ×{len(row.calls)}" if len(row.calls) > 1 else ""
        shared = " (shared)" if any(h.first for r in rows for h in r.held) else ""
        name = f"{row.name}: {row.type}" if row.path else row.type

        def told(value: Dim, shown: str) -> str:
            return "" if within and value == 0 else shown

        return [
            "  " * row.depth + name + again,
            shape_text(row.output_shape),
            told(parameters, number(parameters)) + shared,
            told(count, number(count)),
            told(count, share_text(count, total)),
            _field_text(self.field_of(row)),
            told(weights, byte_text(weights)),
            "" if within else byte_text(row.output_bytes),
        ]

    def _title(self) -> str:
        given = [
            f"{i.name or 'x'} {shape_text(i.node.shape)} {i.node.dtype.name}"
            for i in self.graph.inputs
            if i.role == "input" and i.tensor is None
        ]
        return f"{self.rows[0].type} on {', '.join(given)}, in {self.mode} mode"

    def totals(self) -> Iterator[str]:
        """The lines below the table."""
        words = {"frozen": "frozen", "buffer": "in buffers"}
        kinds = [f"{number(self.of(k))} {word}" for k, word in words.items() if self.of(k) != 0]
        rest = f" ({', '.join(kinds)})" if kinds else ""
        yield f"parameters  {number(self.parameters)}{rest}"
        yield f"{self.convention.unit}  {number(self.count())}"
        yield f"convention  {self.convention}"
        if self.optimizer_cost:
            yield f"optimizer  {number(sum(self.optimizer_cost.values(), 0))} operations a step"
        yield f"weights  {byte_text(self.weight_bytes)}, gradients {byte_text(self.gradient_bytes)}"

    def text(self, width: int | None = None, depth: int | None = None) -> str:
        """The table in lines of at most ``width`` columns, by default those of the terminal."""
        return text(self.table(depth), width)

    def to_markdown(self, depth: int | None = None) -> str:
        """The table in Markdown."""
        return markdown(self.table(depth))


def _field_text(seen: Field | None) -> str:
    """The sizes of a receptive field, 3 x 3; nothing where no windows slide."""
    return str(seen) if seen is not None and seen.axes else ""


def _field_record(seen: Field | None) -> dict[str, Any]:
    """Size, jump and start of a receptive field, along the axes that windows slide over."""
    if seen is None:
        return {"field": None, "field_jump": None, "field_start": None}
    return {
        "field": plain(seen.size), "field_jump": plain(seen.jump), "field_start": plain(seen.start)
    }  # fmt: skip


def plain(value: Any) -> Any:
    """A figure as JSON has it: open sizes as text, shapes as lists."""
    if isinstance(value, tuple):
        return [plain(part) for part in value]
    return value if value is None or isinstance(value, int) else str(value)


def share(count: Dim, total: Dim) -> float | None:
    """The part of the total, from 0 to 1; None where sizes are open."""
    if not isinstance(count, int) or not isinstance(total, int):
        return None
    return count / total if total else 0.0


def share_text(count: Dim, total: Dim) -> str:
    """The part of the total in percent."""
    part = share(count, total)
    return "" if part is None or part == 0 else f"{100 * part:.1f}%" if part >= 0.0005 else "<0.1%"


def summary(
    model: Any,
    *inputs: Any,
    convention: Convention | str | None = None,
    backward: bool = False,
    optimizer: Any = None,
) -> Summary:
    """What a network makes, holds and computes: shapes, parameters, operations, bytes.

    ``model`` is a module or a function; it is not run, only its shapes are worked out.  ``inputs``
    are tensors, specs, shapes such as ``(1, 3, 224, 224)`` and ``("B", 10)``, or text,
    ``"B,T:int64"``; letters stay open.  ``convention``, or a text such as ``"mac=2,bias"``, says
    what counts as an operation (by default multiply-accumulates), ``backward=True`` also looks at
    the backward pass, and ``optimizer`` at its step.  Modules are counted in the mode they are in.
    Raises ShapeError and ArgumentError for inputs that do not fit, CostError for an op that does
    not say what it takes.

    >>> import chainrule as cr
    >>> found = summary(cr.nn.Linear(3, 4), ("B", 3))
    >>> found.parameters, found.count(), found.count(cr.Convention(mac=2, bias=True))
    (16, 12*B, 28*B)
    """
    chosen: Any = Convention() if convention is None else convention
    chosen = parsed(chosen) if isinstance(chosen, str) else chosen
    if not isinstance(chosen, Convention):
        raise ArgumentError(f"not a convention: {chosen!r}", hint="cr.Convention(mac=2)")
    both = backward or chosen.backward
    rows, graph, found = rows_of(model, [input_of(x) for x in inputs], both)
    step = None if optimizer is None else step_cost(optimizer)
    made = Summary(tuple(rows), graph, found, chosen, both, step)
    made._able(chosen)
    return made
