"""The rows of an explanation: forward values, local derivatives, adjoints.

Adjoints are read off the graph like everything else: the backward walk is recorded, each adjoint
that has a row becomes a symbol, and its row says how it is made from those before it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chainrule.core.derivatives import walk_back
from chainrule.core.graph import Graph, history
from chainrule.core.lowering import recorder
from chainrule.core.names import chosen_name, given_names, names
from chainrule.core.node import Node, leaf
from chainrule.core.op import Op
from chainrule.core.state import enable_grad, quiet, switched
from chainrule.core.tensor import Tensor
from chainrule.readings.explain.expression import between, definition, expression
from chainrule.readings.explain.figures import line
from chainrule.readings.explain.latex import latex_of
from chainrule.readings.explain.naming import adjoint_name, escaped, latex_name, plain_name
from chainrule.readings.explain.notation import write
from chainrule.readings.explain.style_latex import LATEX
from chainrule.readings.explain.terms import Call, Expression, Symbol, transparent
from chainrule.readings.explain.unrolling import unrolled
from chainrule.readings.simplify import number_of

ZOOMS = ("lines", "ops", "primitives")
LONGEST = 4
"""With zoom ``lines``, a value without a name is part of the formula that uses it, if that applies
no more ops than this."""
SHORT = 4
"""Numbers that nobody has named are written out, if they are no more than so many."""


@dataclass(frozen=True)
class Row:
    """One value: its name, the formula in names, the same in numbers, and the value.

    ``substitution`` is empty where it would repeat the formula or the value; ``made`` is what both
    were written from, ``before`` what stood there before something was cancelled.
    """

    name: str
    formula: str
    substitution: str
    value: Any
    made: Expression | None = field(default=None, repr=False, compare=False)
    before: Expression | None = field(default=None, repr=False, compare=False)

    def latex(self, decimals: int = 4) -> list[str]:
        r"""The name, the formula, the substitution and the value in LaTeX, what repeats left out.

        >>> Row("y", "", "", 0.5).latex()
        ['y', '0.5']
        """
        value = latex_of(self.value, decimals)
        found = [latex_name(self.name)]
        if self.made is not None:
            written = [write(self.made, style=LATEX), write(self.made, decimals, LATEX)]
            if self.before is not None:
                written.insert(0, write(self.before, style=LATEX))
            found += [part for part in dict.fromkeys(written) if part != value]
        elif self.formula:
            found += [
                rf"\text{{{escaped(part)}}}" for part in (self.formula, self.substitution) if part
            ]
        return [*found, value]


class Derivation:
    """The history of a loss, its values named: what the rows are read from."""

    def __init__(self, loss: Tensor, zoom: str, decimals: int) -> None:
        graph = history([loss])
        given = given_names(graph)
        given.setdefault(loss.node, "loss")
        graph, given = unrolled(graph, given)
        if zoom == ZOOMS[2]:
            graph, given = _lowered(graph, given)
        self.decimals = decimals
        self.graph = graph
        self.loss = graph.outputs[0]
        self.symbols = _symbols(graph, given, apart=zoom != ZOOMS[0])

    def forward(self) -> Iterator[Row]:
        """Every computed value with a name, in the order of definition."""
        for node, symbol in self.symbols.items():
            if node.op is not None:
                yield self._row(symbol.name, definition(node, self.symbols), node.value)

    def derivatives(self) -> Iterator[Row]:
        """The local derivatives of element-wise ops that are more than a number or a name."""
        for node, i, name in self.slopes():
            slope = partial(node, i)
            if isinstance(slope, Tensor):
                made = expression(slope.node, self.symbols, tidy=True)
                if isinstance(made, Call):
                    yield self._row(name, made, slope.node.value)

    def slopes(self) -> Iterator[tuple[Node, int, str]]:
        """The values and operands that have a local derivative, and what that is called."""
        for node, symbol in self.symbols.items():
            if node.op is None or type(node.op).partial is Op.partial:
                continue
            for i, parent in enumerate(node.parents):
                once = parent in self.symbols and node.parents.count(parent) == 1
                if once and parent.requires_grad:
                    yield node, i, f"∂{symbol.name}/∂{self.symbols[parent].name}"

    def adjoints(self) -> list[tuple[Node, Row]]:
        """The adjoint of every value with a name, and of the inputs, newest first."""
        rows: list[tuple[Node, Row]] = []
        if not self.loss.requires_grad or np.size(self.loss.value) != 1:
            return rows
        known = dict(self.symbols)

        def met(node: Node, g: Any) -> Any:
            if node not in self.symbols or node is self.loss:
                return g
            rows.extend(self._quantities(g.node, known))
            name = self.adjoint_name(node)
            made = expression(g.node, known, tidy=True)
            rows.append((node, self._row(name, made, g.node.value)))
            symbol = leaf(node.shape, node.dtype, g.node.value)
            known[symbol] = Symbol(name, symbol.value, symbol.shape)
            return Tensor(symbol)

        with switched(record=True):
            walk_back(Tensor(self.loss), met)
        return rows

    def _quantities(self, node: Node, known: dict[Node, Symbol]) -> Iterator[tuple[Node, Row]]:
        """The rows of `quantities`; each enters ``known``."""
        for part, chosen in quantities(node, known):
            name = unused(chosen, known.values())
            yield part, self._row(name, definition(part, known, tidy=True), part.value)
            known[part] = Symbol(name, part.value, part.shape)

    def given(self) -> Iterator[tuple[str, Any]]:
        """Every value with a name."""
        return ((symbol.name, symbol.value) for symbol in self.symbols.values())

    def adjoint_name(self, node: Node) -> str:
        """What the derivative of the loss by a value is called."""
        return adjoint_name(self.symbols[node].name, self.symbols[self.loss].name)

    def _row(self, name: str, made: Expression, value: Any) -> Row:
        return row(name, made, value, self.decimals)


def partial(node: Node, i: int) -> Any:
    """The local derivative by operand ``i``, as its op has it; recorded, to be read."""
    assert node.op is not None  # leaves have no operands
    with switched(record=True, grad=False), quiet():
        return node.op.partial(node, i)


def quantities(node: Node, known: Container[Node]) -> Iterator[tuple[Node, str]]:
    """What an adjoint is made of, beside what is ``known``, that has a name of its own, given where
    the op is defined: the standard deviation of a norm."""
    for part in between(node, known):
        name = chosen_name(part)
        if name is None or part is node or part in known or part.op is None:
            continue
        if type(part.dtype) is not tuple and part.whole is None:
            yield part, name


def unused(name: str, symbols: Iterable[Symbol]) -> str:
    """The name with as many primes as it takes to be another one.

    >>> unused("y", [Symbol("y", 1.0, ())])
    'y′'
    """
    taken = {symbol.name for symbol in symbols}
    while name in taken:
        name += "′"
    return name


def row(name: str, made: Expression, value: Any, decimals: int) -> Row:
    """The row of a value, from the expression that it is made by.

    >>> from chainrule.ops.elementwise.elementary import mul
    >>> x = Symbol("x", 2.0, ())
    >>> row("y", Call(mul, (x, x), {}, ()), 4.0, 4)
    Row(name='y', formula='x * x', substitution='2 * 2', value=4.0)
    """
    formula, substitution = write(made), write(made, decimals)
    if substitution in (formula, line(value, decimals)):
        substitution = ""
    return Row(name, formula, substitution, value, made)


def _symbols(graph: Graph, given: Mapping[Node, str], apart: bool) -> dict[Node, Symbol]:
    """The values that are called by name; with ``apart``, the result of every op."""
    called = names(graph, given)
    uses = Counter(parent for node in graph.nodes for parent in node.parents)
    found: dict[Node, Symbol] = {}
    ops: dict[Node, int] = {}  # applied in the formula of a value without a name
    taken: set[str] = set()
    for node in graph.nodes:
        ops[node] = sum(ops[p] for p in node.parents if p not in found)
        ops[node] += bool(node.parents) and node.op is not None and node.op.kind != "move"
        if type(node.dtype) is tuple or node not in called or number_of(node) is not None:
            continue
        if node.op is None:
            few = node.shape == () or (node not in given and np.size(node.value) <= SHORT)
            row = node.requires_grad or not few
        elif apart:  # but for what only says something of a value, which has its row already
            row = node.op.kind not in ("structural", "move") or not transparent(node.op)
        else:
            row = ops[node] > LONGEST or (uses[node] > 1 and ops[node] > 0)
        if row or node in given:
            name = plain_name(called[node])
            name = called[node] if name in taken else name
            taken.add(name)
            found[node] = Symbol(name, node.value, node.shape)
    return found


def _lowered(graph: Graph, given: Mapping[Node, str]) -> tuple[Graph, dict[Node, str]]:
    """The history computed again in primitives, and the names of its values.  A copy is what it was
    made of, whose name it takes: an adjoint of its own it has not."""
    inputs = {i.node: Tensor(i.node) for i in graph.inputs}
    with switched(record=True), enable_grad(), quiet():
        made = graph.evaluate(recorder, inputs)
    single = {old: x.node for old, x in made.items() if isinstance(x, Tensor)}
    loss = Tensor(single[graph.outputs[0]])
    found: dict[Node, str] = {}
    for old, new in reversed(single.items()):
        found.pop(new, None)
        if old in given:
            found[new] = given[old]
    found.setdefault(loss.node, given[graph.outputs[0]])
    lowered = history([loss])
    return lowered, _labelled(lowered, found)


def _labelled(graph: Graph, given: Mapping[Node, str]) -> dict[Node, str]:
    """The names, and what ops call the quantities that they are made of, ``standard_deviation``,
    where it is a name, and another one than that of the op that makes it."""
    found = dict(given)
    for node in graph.nodes:
        attribute = None if node.op is None else node.op.facts.get("label")
        of = None if attribute is None else node.parents[0]
        if attribute is None or of is None or of.op is None or of in found:
            continue
        label = node.attrs[str(attribute)]
        if node in found and node not in graph.outputs:  # what it says something of is that value
            found[of] = found.pop(node)
        elif re.fullmatch("[a-z]+( [a-z]+)*", label) and label != of.op.name:
            found[of] = label.replace(" ", "_")
    return found
