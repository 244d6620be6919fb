"""The working of a part: the explanation that it asks for, or the history of its answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.analysis import Solutions
from chainrule.core.errors import ArgumentError
from chainrule.core.graph import Graph
from chainrule.core.names import chosen_name, named
from chainrule.core.node import Node
from chainrule.core.source import target_of
from chainrule.core.tensor import Tensor
from chainrule.optim.working import Working as Step
from chainrule.papers.arithmetic import Arithmetic
from chainrule.papers.paper import Asked, Code
from chainrule.papers.solution import Line, Working
from chainrule.papers.solving.choosing import predicates, truth
from chainrule.papers.solving.names import explaining
from chainrule.readings.explain import Explanation, Row
from chainrule.readings.explain.explanation import rows_text
from chainrule.readings.explain.typeset import typeset

LARGEST = 400
"""Ops in the history of an answer that is explained without being asked for."""
LONGEST = 20_000
"""Characters of a formula; of a longer one there is only the text."""
CROWDED = 100
"""Characters of a substitution of formulas; nobody reads a longer one."""
WIDTH = 72
"""Columns of a row of working: those of a terminal, without the margin."""

Result = Callable[[Code], Any]
Reasons = Callable[[Code], Mapping[str, str]]


def workings(
    asked: Asked, arithmetic: Arithmetic, result: Result, reasons: Reasons = lambda code: {}
) -> list[Working]:
    """The tables of working that a part wants; ``result`` gives what an expression gave,
    ``reasons`` what the operands of a predicate were."""
    explain, least = explaining(arithmetic), asked.decimals or 0
    if asked.working is not None:
        return list(_once(_tables(result(asked.working), explain, least)))
    if predicates(asked):
        return list(_evidence(asked, result, reasons))
    if asked.kind == "drawing":
        return []
    seen: set[str] = set()
    found: list[Working] = []
    for label, tensor in _answers(asked, result):
        if 0 < _ops(tensor.node) <= LARGEST:
            if target_of(tensor.node.where) is None and chosen_name(tensor.node) is None:
                named(tensor, label)
            # how it was computed, not its derivatives
            table = next(_tables(explain(tensor), explain, least))
            lines = tuple(line for line in table.lines if line.text not in seen)
            seen.update(line.text for line in lines)
            found += [Working(table.title, lines)] * bool(lines)
    return found


def _evidence(asked: Asked, result: Result, reasons: Reasons) -> Iterator[Working]:
    """What decides a choice or a truth: each predicate, whether it holds, and what its operands
    were; of claims those in which numbers are compared."""
    labels = [option.letter for option in asked.options] or [*asked.claims, *asked.values]
    rows: list[str] = []
    known: dict[str, str] = {}
    for label, code in zip(labels, predicates(asked), strict=True):
        why = reasons(code)
        if asked.claims and set(why.values()) <= {"true", "false"}:
            continue
        known |= why
        rows += [f"  {label}"] * bool(asked.claims)
        holds = "true" if truth(result(code)) else "false"
        name = "  " if asked.claims else f"{label}  " if label else ""
        rows.append(f"  {name}{holds:<5}  {' '.join(code.text.split())}")
    if rows:
        told = [f"{text} = {value}" for text, value in known.items()]
        rows += [f"  {'where' if i == 0 else '':<5} {one}" for i, one in enumerate(told)]
        yield Working("What decides", tuple(Line(typeset(row)) for row in rows))


def _answers(asked: Asked, result: Result) -> Iterator[tuple[str, Tensor]]:
    """The tensors of the answer, each with what to call it where it has no name."""
    codes = [*asked.values.items()]
    codes += [(label or name, code) for name, reading in asked.readings.items()
              for label, code in reading.items()]  # fmt: skip
    for label, code in codes:
        for tensor in _tensors(result(code)):
            yield label or "answer", tensor


def _tensors(found: Any) -> Iterator[Tensor]:
    if isinstance(found, Tensor):
        if found.node.value is not None:
            yield found
    elif isinstance(found, list | tuple):
        for part in found:
            yield from _tensors(part)


def _ops(node: Node) -> int:
    """How many ops the history of a node has; no more than one beyond `LARGEST` is looked at."""
    seen: set[int] = set()
    waiting = [node]
    while waiting and len(seen) <= LARGEST:
        one = waiting.pop()
        if one.op is not None and id(one) not in seen:
            seen.add(id(one))
            waiting.extend(one.parents)
    return len(seen)


def _short(latex: str) -> str:
    """A formula, empty where it is too long for anybody to read."""
    return latex if len(latex) <= LONGEST else ""


def _once(tables: Iterable[Working]) -> Iterator[Working]:
    """Tables without the rows of formulas that stand in one before, under the same title."""
    seen: set[tuple[str, str]] = set()
    for table in tables:
        new = [line for line in table.lines
               if not line.latex or (table.title, line.latex) not in seen]  # fmt: skip
        seen.update((table.title, line.latex) for line in table.lines)
        if new or not table.lines:
            yield Working(table.title, tuple(new))


def _readable(row: Row) -> Row:
    """The row without its substitution, where that puts long formulas into one another: what was
    put in stands in the rows before."""
    symbols = any(getattr(entry, "free_symbols", ()) for entry in np.ravel(row.value))
    return replace(row, substitution="") if symbols and len(row.substitution) > CROWDED else row


def _formulas(row: Row, decimals: int) -> list[str]:
    """The row in LaTeX: with its substitution where it has one."""
    name, *parts = row.latex(decimals)
    if row.formula and not row.substitution and row.before is None:
        parts = parts[:1] + parts[-1:] if len(parts) > 1 else parts
    return [name, *parts]


def _tables(found: Any, explain: Callable[..., Any], least: int) -> Iterator[Working]:
    """What an expression for working gives, as tables, with ``least`` decimals or more."""
    if isinstance(found, Tensor):
        found = _explained(found, explain)
    if isinstance(found, Explanation | Step):
        decimals = max(found.decimals, least)
        for title, rows in found.tables():
            rows = tuple(map(_readable, rows))
            texts = rows_text(rows, decimals, WIDTH, typeset)
            formulas = (_short(" = ".join(_formulas(row, decimals))) for row in rows)
            yield Working(typeset(title), tuple(map(Line, texts, formulas)))
    elif isinstance(found, Solutions | Graph) or not isinstance(found, list | tuple):
        first, *rest = map(typeset, str(found).split("\n"))
        yield Working(first, tuple(map(Line, rest)))
    else:
        for part in found:
            yield from _tables(part, explain, least)


def _explained(found: Tensor, explain: Callable[..., Any]) -> Explanation:
    """The explanation of a tensor; raises ArgumentError for one that nothing computed."""
    if found.node.op is None:
        raise ArgumentError(
            "a tensor that nothing computed has no working",
            got=repr(found)[:60],
            hint="explain(loss); of an optimizer, optimizer.explain() before its step",
        )
    told: Explanation = explain(found)
    return told
