"""The working of a summary's figures: formula = substitution = number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from chainrule.analysis.rows import Row
from chainrule.analysis.substitution import rounded, substituted
from chainrule.analysis.table import byte_text, shape_text
from chainrule.analysis.tools import RULES
from chainrule.core.capture import capture, spec
from chainrule.core.convention import Convention, number
from chainrule.core.cost import joined
from chainrule.core.errors import ArgumentError, ChainruleError
from chainrule.core.size import Size
from chainrule.core.state import no_grad
from chainrule.readings.account import products_of
from chainrule.readings.account.account import told

if TYPE_CHECKING:
    from chainrule.analysis.summary import Summary

LETTERS = {1: ("n",), 2: ("n", ""), 3: ("n", "t", ""), 4: ("n", "", "h", "w"),
           5: ("n", "", "d", "h", "w")}  # fmt: skip
"""What the axes of an input are called, by their number; channels and widths are fixed by the
parameters."""


FIGURES = ("shapes", "fields", "parameters", "bytes", "operations")
"""What a working may show."""


def wanted(show: str | Iterable[str] | None) -> tuple[str, ...]:
    """The figures that are to be shown, by default all; raises ArgumentError for others.

    >>> wanted("parameters"), wanted(None) == FIGURES
    (('parameters',), True)
    """
    chosen = FIGURES if show is None else (show,) if isinstance(show, str) else tuple(show)
    for one in chosen:
        if one not in FIGURES:
            raise ArgumentError(
                "a summary has no such figures", got=repr(one), expected=", ".join(FIGURES)
            )
    return chosen


def of_row(
    summary: Summary, row: Row, convention: Convention, show: str | Iterable[str] | None = None
) -> str:
    """The working of one module, with all that is inside it."""
    title = f"{row.path or row.type}: {row.type}" if row.path else row.type
    rows = list(row.within())
    sections: dict[str, Callable[[], Iterable[str]]] = {
        "shapes": lambda: _shapes(row),
        "fields": lambda: _seen(summary, row),
        "parameters": lambda: _held(rows, buffers=show is None),
        "bytes": lambda: _bytes(rows),
        "operations": lambda: _operations(rows, convention),
    }
    chosen = wanted(show)
    lines = [line for name, told in sections.items() if name in chosen for line in told()]
    return "\n".join([title, *(f"  {line}" for line in lines)])


def of_all(
    summary: Summary, convention: Convention, show: str | Iterable[str] | None = None
) -> str:
    """The working of the whole network: the sum over its rows, then by kind."""
    whole = of_row(summary, summary.rows[0], convention, show)
    if "operations" not in wanted(show):
        return whole
    lines = [whole]
    counts = [(row, summary.count(convention, row)) for row in summary.rows]
    counts = [(row, count) for row, count in counts if count != 0]
    if len(counts) < 2 and not summary.optimizer_cost:
        return whole  # there is nothing to add up
    lines += [f"  {row.path or row.type}  {number(count)}" for row, count in counts]
    if summary.optimizer_cost and convention.optimizer:
        lines.append(f"  optimizer  {number(sum(summary.optimizer_cost.values(), 0))}")
    return "\n".join([*lines, f"  total  {number(summary.count(convention))}"])


def _shapes(row: Row) -> Iterator[str]:
    if row.input_shape is not None:
        yield f"input        {shape_text(row.input_shape)}"
    if row.output_shape is None:
        yield "output       none: it was not called"
        return
    yield f"output       {shape_text(row.output_shape)}"
    yield from _in_letters(row)


def _seen(summary: Summary, row: Row) -> Iterator[str]:
    seen = summary.field_of(row)
    for axis, extent in zip(seen.axes, seen.extents, strict=True) if seen is not None else ():
        yield f"sees         {extent} along axis {axis} of the input"


def _in_letters(row: Row) -> Iterator[str]:
    """The sizes of the output from those of the input, where they are made from them."""
    if slides := _slides(row):
        yield from slides
        return
    shape = row.input_shape
    names = LETTERS.get(len(shape or ()), ())
    if not callable(row.module) or len(row.calls[0][0]) != 1 or not names:
        return
    open_sizes = [
        name if name and isinstance(size, int) and size > 1 else size
        for name, size in zip(names, shape, strict=True)
    ]
    values = {n: s for n, s in zip(names, shape, strict=True) if n and isinstance(s, int)}
    try:
        with no_grad():
            given = spec(*open_sizes, dtype=row.calls[0][0][0].dtype)
            made = capture(row.module, given).outputs[0].shape
    except ChainruleError:
        return
    for size in dict.fromkeys(made):
        if isinstance(size, Size) and size.symbols() & values.keys() and str(size) not in names:
            numbers, told = substituted(size.polynomial, values), rounded(size.polynomial, values)
            note = f"   ({'; '.join(told)})"
            line = f"             {size} = {numbers} = {size.substitute(values)}{note}"
            yield line.removesuffix("   ()")


def _slides(row: Row) -> list[str]:
    """The places of windows that slide over the input, where the module does nothing else."""
    nodes = [entry.node for entry in row.forward]
    told = getattr(nodes[0].op, "slides", None) if len(nodes) == 1 else None
    slides = list(told(nodes[0])) if told is not None else []
    names = LETTERS[5][-len(slides) :] if len(slides) > 1 else ("t",)
    if len(slides) > 3 or not all(isinstance(one.size, int) for one in slides):
        return []
    return [f"             {one.told(name)}" for one, name in zip(slides, names, strict=False)]


def _held(rows: list[Row], buffers: bool = True) -> Iterator[str]:
    for row in rows:
        for held in row.held:
            if held.kind == "buffer" and not buffers:
                continue
            name = f"{row.path}.{held.name}" if len(rows) > 1 and row.path else held.name
            sizes = " · ".join(map(str, held.shape)) or "1"
            value = number(held.numel)
            shown = sizes if sizes == value else f"{sizes} = {value}"
            what = {"trainable": "parameter", "frozen": "frozen", "buffer": "buffer"}[held.kind]
            shared = f", counted at {held.first}" if held.first else ""
            yield f"{what:<12} {name}: {shown}{shared}"
    counted = [h.numel for row in rows for h in row.held if h.kind != "buffer" and not h.first]
    if len(counted) > 1:
        summands = (
            " + ".join(map(number, counted)) if len(counted) <= 8 else f"{len(counted)} sizes"
        )
        yield f"parameters   {summands} = {number(sum(counted, 0))}"


def _bytes(rows: list[Row]) -> Iterator[str]:
    weights = sum((row.weight_bytes for row in rows), 0)
    if weights != 0:
        yield f"weights      {number(weights)} bytes = {byte_text(weights)}"


def _operations(rows: list[Row], convention: Convention) -> Iterator[str]:
    for row in rows:
        for entry in row.forward:
            assert entry.node.op is not None  # it computes something
            made = list(products_of(entry.node))
            for product in made:
                yield f"products     {product}"
            if made and len(rows) == 1:
                yield f"             {entry.node.op.explain(entry.node)}"
        for entry in row.backward if convention.backward else ():
            for product in products_of(entry.node):
                yield f"backward     {product}"
    if convention.rule:
        found = sum((RULES[convention.rule](row) for row in rows), 0)
        yield f"{convention.short:<12} {number(found)}"
    else:
        parts = joined(row.parts_under(convention) for row in rows)
        for line in told(convention, parts):
            yield f"{convention.short:<12} {line}"
    yield f"convention   {convention}"
