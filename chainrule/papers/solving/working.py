"""The working of a part: the explanation that it asks for, or the history of its answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from chainrule.analysis import Solutions
from chainrule.core.graph import Graph
from chainrule.core.names import chosen_name, named
from chainrule.core.node import Node
from chainrule.core.source import target_of
from chainrule.core.tensor import Tensor
from chainrule.optim.working import Working as Step
from chainrule.papers.arithmetic import Arithmetic
from chainrule.papers.paper import Asked, Code
from chainrule.papers.solution import Line, Working
from chainrule.papers.solving.names import explaining
from chainrule.readings.explain import Explanation
from chainrule.readings.explain.explanation import rows_text

LARGEST = 400
"""Ops in the history of an answer that is explained without being asked for."""
LONGEST = 20_000
"""Characters of a formula; of a longer one there is only the text."""
WIDTH = 72
"""Columns of a row of working: those of a terminal, without the margin."""

Result = Callable[[Code], Any]


def workings(asked: Asked, arithmetic: Arithmetic, result: Result) -> list[Working]:
    """The tables of working that a part wants; ``result`` gives what an expression gave."""
    if asked.working is not None:
        return list(_tables(result(asked.working)))
    seen: set[str] = set()
    found: list[Working] = []
    explain = explaining(arithmetic)
    for label, tensor in _answers(asked, result):
        if 0 < _ops(tensor.node) <= LARGEST:
            if target_of(tensor.node.where) is None and chosen_name(tensor.node) is None:
                named(tensor, label)
            table = next(_tables(explain(tensor)))  # how it was computed, not its derivatives
            lines = tuple(line for line in table.lines if line.text not in seen)
            seen.update(line.text for line in lines)
            found += [Working(table.title, lines)] * bool(lines)
    return found


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


def _tables(found: Any) -> Iterator[Working]:
    """What an expression for working gives, as tables."""
    if isinstance(found, Explanation | Step):
        for title, rows in found.tables():
            texts = rows_text(rows, found.decimals, WIDTH)
            formulas = (_short(" = ".join(row.latex(found.decimals))) for row in rows)
            yield Working(title, tuple(map(Line, texts, formulas)))
    elif isinstance(found, Solutions | Graph) or not isinstance(found, list | tuple):
        first, *rest = str(found).split("\n")
        yield Working(first, tuple(map(Line, rest)))
    else:
        for part in found:
            yield from _tables(part)
