"""Explanations in another arithmetic than that of the tensors: the history is computed again.

In decimal arithmetic what the tables print is what is rounded: the value of each row, the steps
within an op, which have rows then, and the local derivatives, by which adjoints go on; and nothing
else.  Factors of an adjoint that cancel are cancelled before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.core import dtypes as dt
from chainrule.core.derivatives import walk_back
from chainrule.core.dtypes import DType
from chainrule.core.errors import ChainruleError, ValueCheckError
from chainrule.core.node import Node, leaf
from chainrule.core.state import quiet, switched
from chainrule.core.tensor import Tensor
from chainrule.namespaces import exact as exact_space
from chainrule.namespaces import numpy as numpy_space
from chainrule.namespaces.decimal import Decimal
from chainrule.readings.explain.cancelling import cancelled
from chainrule.readings.explain.expression import between, definition, expression
from chainrule.readings.explain.notation import write
from chainrule.readings.explain.tables import Derivation, Row, partial, quantities, unused
from chainrule.readings.explain.terms import Call, Symbol, transparent
from chainrule.readings.run import Retyped, floats
from chainrule.readings.simplify import number_of, once

REAL = (dt.REAL, dt.EXACT)


class Recomputed(Derivation):
    """The history of a loss in the ``arithmetic`` asked for.

    There are three nodes for each value: that of the history; one without a value, from which the
    way back is recorded; and one for all equal values, which expressions are read off.
    ``values`` has the numbers of those that are given, or have a row.
    """

    def __init__(self, loss: Tensor, zoom: str, decimals: int, arithmetic: Decimal | DType) -> None:
        super().__init__(loss, zoom, decimals)
        self.arithmetic = arithmetic
        self.rounding = arithmetic if isinstance(arithmetic, Decimal) else None
        self.floating = arithmetic if isinstance(arithmetic, DType) else dt.exact
        space = self.rounding or (exact_space if self.floating is dt.exact else numpy_space)
        self.xp: Any = Retyped(space, self.floating)
        self.values: dict[Node, Any] = {}
        self.known: dict[Node, Symbol] = {}
        self.meaning: dict[Node, Node] = {}
        self.local: dict[Node, dict[Node, tuple[str, Any]]] = {}
        self.silent: dict[Node, Node] = {}
        self.same: dict[Node, Node] = {}
        self.made: dict[Any, Node] = {}
        self.said: set[tuple[Any, ...]] = set()
        self.rows = [row for node in self.graph.nodes for row in self._met(node)]
        self.local_rows = list(self._slopes())

    def forward(self) -> Iterator[Row]:
        """Every computed value with a name, and the steps before it."""
        return iter(self.rows)

    def derivatives(self) -> Iterator[Row]:
        """The local derivatives that are more than a number or a name."""
        return iter(self.local_rows)

    def given(self) -> Iterator[tuple[str, Any]]:
        """Every value with a name."""
        for node, symbol in self.symbols.items():
            yield symbol.name, self._shown(self.values[self.same[self.silent[node]]])

    # -- forward -------------------------------------------------------------------------------

    def _met(self, node: Node) -> Iterator[Row]:
        """The rows of a node of the history, whose two others are made."""
        if node.op is None:
            silent = leaf(node.shape, node.dtype, None, node.requires_grad)
            self.same[silent] = self._leaf(node, self._number(node.value))
        elif number_of(node) is not None:
            silent = node
        else:
            parents = tuple(self.silent[p] for p in node.parents)
            silent = Node(
                node.op, parents, node.attrs, node.shape, node.dtype, None, node.requires_grad
            )
            silent.where, silent.scope = node.where, node.scope
        self.silent[node] = silent
        symbol = self.symbols.get(node)
        if symbol is None:
            return
        same = self.same[silent] = self._once(silent, shared=False)
        if node.op is not None:
            value, steps = self._compute(same, symbol.name)
            made = definition(same, self.known)
            yield from steps
            yield self._row(symbol.name, made, self._shown(value))
        self._name(same, symbol.name, self.values[same])

    def _number(self, value: Any) -> Any:
        """The values of an input in this arithmetic."""
        array = np.asarray(value)
        if array.dtype.kind in "biu":
            return array
        try:
            if self.rounding is not None:
                return self.rounding.array(array)
            return exact_space.cast(array, self.floating.name)
        except (TypeError, ValueError) as error:
            raise ValueCheckError(f"explain() in {self.arithmetic}: {error}") from None

    def _shown(self, value: Any) -> Any:
        """Values as they print: decimals as the floats next to them."""
        if self.rounding is None:
            return value
        return tuple(map(floats, value)) if isinstance(value, tuple) else floats(value)

    def _leaf(self, like: Node, value: Any) -> Node:
        made = leaf(like.shape, like.dtype, self._shown(value))
        self.values[made] = value
        return made

    def _name(self, node: Node, name: str, value: Any) -> None:
        self.values[node] = value
        self.known[node] = Symbol(name, self._shown(value), node.shape)

    # -- equal values are one node -------------------------------------------------------------

    def _canonical(self, silent: Node) -> Node:
        """The node of a value, made from those of its parents."""
        for part in between(silent, self.same):
            if part not in self.same:
                self.same[part] = self._once(part, shared=True)
        return self.same[silent]

    def _once(self, silent: Node, shared: bool) -> Node:
        if silent in self.same:
            return self.same[silent]
        if silent.op is None:
            return self._leaf(silent, self._number(silent.value))
        parents = tuple(map(self._canonical, silent.parents))
        if shared and _says_nothing(silent):
            return parents[0]
        made = Node(silent.op, parents, silent.attrs, silent.shape, silent.dtype)
        return once(made, self.made) if shared else made

    # -- numbers -------------------------------------------------------------------------------

    def _compute(self, node: Node, name: str) -> tuple[Any, list[Row]]:
        """The value of a row, rounded once, and the rows of the steps before it."""
        if node in self.values:
            return self.values[node], []
        parts = [part for part in between(node, self.values) if part not in self.values]
        heard: list[tuple[str, Any]] = []
        makers: list[Node] = []
        found: dict[Node, Any] = {}

        def compute() -> Any:
            for part in parts:
                assert part.op is not None  # leaves have values
                operands = [found[p] if p in found else self.values[p] for p in part.parents]
                before = len(heard)
                found[part] = part.op.forward(self.xp, *operands, **part.attrs)
                makers[before:] = [part] * (len(heard) - before)
            return found[node]

        value = self._worded(name, compute, heard)
        for part in parts:
            part.value = self._shown(value if part is node else found[part])
        self.values[node] = value
        return value, list(self._steps(name, value, makers, heard))

    def _steps(
        self, name: str, value: Any, makers: list[Node], heard: list[tuple[str, Any]]
    ) -> Iterator[Row]:
        """The rows of the steps, but for what is the value itself, or has been said before."""
        whole = None if isinstance(value, tuple) else np.ravel(value).tolist()
        for maker, (label, step) in zip(makers, heard, strict=True):
            numbers = np.ravel(step).tolist()
            said = (label, *numbers)
            if numbers != whole and said not in self.said:
                yield Row(self._step(name, label, maker), "", "", self._shown(step))
            self.said.add(said)

    def _step(self, name: str, label: str, maker: Node) -> str:
        """What a step is called: exp(-u) where the op calls it exp(-x), else y: sum."""
        assert maker.op is not None  # it has steps
        operands = dict(zip(maker.op.inputs, maker.parents, strict=False))
        words = set(re.findall(r"\w+", label)) & operands.keys()
        if not words or not re.search(r"[(^]", label):
            return f"{name}: {label}"
        if any(operands[word] not in self.known for word in words):
            return f"{name}: {label}"
        called = {word: self.known[operands[word]].name for word in words}
        return re.sub(r"\w+", lambda word: called.get(word[0], word[0]), label)

    def _worded(self, name: str, compute: Callable[[], Any], heard: list[tuple[str, Any]]) -> Any:
        """What ``compute`` gives; what it refuses is said of the row."""
        try:
            with quiet(), np.errstate(all="ignore"):
                return self.rounding.performed(compute, heard) if self.rounding else compute()
        except ChainruleError:
            raise
        except (ArithmeticError, ValueError, IndexError) as error:
            hint = "a rounded number may be 0 or 1 where the full one is not: try more places"
            raise ValueCheckError(
                f"{name} has no value in {self.arithmetic}: {error}",
                hint=hint if self.rounding else None,
            ) from None

    # -- backward ------------------------------------------------------------------------------

    def _slopes(self) -> Iterator[Row]:
        """The local derivatives, each rounded once; what has none at this point has no row."""
        for node, i, name in self.slopes():
            yield from self._slope(name, self.silent[node], i)

    def _slope(self, name: str, silent: Node, i: int) -> Iterator[Row]:
        slope = partial(silent, i)
        if not isinstance(slope, Tensor):
            return
        node = self._canonical(slope.node)
        if node in self.values:
            return
        try:
            value, steps = self._compute(node, name)
        except ValueCheckError:
            return
        del self.values[node]  # only the adjoint of this operand is written with it
        made = definition(node, self.known, tidy=True)
        if isinstance(made, Call):
            yield from steps
            yield self._row(name, made, self._shown(value))
            self.local.setdefault(silent.parents[i], {})[node] = (name, value)

    def adjoints(self) -> list[tuple[Node, Row]]:
        """The adjoint of every value with a name, and of the inputs, newest first."""
        rows: list[tuple[Node, Row]] = []
        if not self.loss.requires_grad or np.prod(self.loss.shape) != 1:
            return rows
        origin = {silent: node for node, silent in self.silent.items()}

        def met(silent: Node, g: Any) -> Any:
            node = origin.get(silent)
            if node not in self.symbols or node is self.loss or node is None:
                return g
            rows.extend(self._named_parts(g.node))
            name = self.adjoint_name(node)
            with self._written_with(self.local.get(silent, {})):
                made = self._adjoint(name, self._canonical(g.node))
            if made is None:
                return g
            steps, row, meaning = made
            rows.extend((self.silent[self.loss], step) for step in steps)
            rows.append((node, row))
            symbol = leaf(silent.shape, silent.dtype)
            same = self.same[symbol] = self._leaf(silent, self.values[meaning])
            self._name(same, name, self.values[meaning])
            self.meaning[same] = meaning
            return Tensor(symbol)

        with switched(record=True):
            walk_back(Tensor(self.silent[self.loss]), met)
        return rows

    @contextmanager
    def _written_with(self, slopes: dict[Node, tuple[str, Any]]) -> Iterator[None]:
        """Inside, local derivatives are values with names, where numbers are rounded."""
        given = slopes if self.rounding else {}
        for node, (name, value) in given.items():
            self._name(node, name, value)
            self.meaning[node] = node
        yield
        for node in given:
            del self.values[node], self.known[node], self.meaning[node]

    def _adjoint(self, name: str, node: Node) -> tuple[list[Row], Row, Node] | None:
        """The steps of an adjoint, its row, and what it is computed from; None where it has no
        value: those that it leads to may have one without it."""
        simple = cancelled(node, self._meaning) if self.rounding else node
        try:
            value, steps = self._compute(simple, name)
        except ValueCheckError:
            if self.rounding is None:
                raise
            return None
        made = expression(simple, self.known, tidy=True)
        row = self._row(name, made, self._shown(value))
        if simple is not node:
            before = expression(node, self.known, tidy=True)
            formula = f"{write(before)} = {row.formula or write(made)}"
            row = replace(row, formula=formula, before=before)
        return steps, row, simple

    def _meaning(self, node: Node) -> Node | None:
        """What a named derivative is made of."""
        return self.meaning.get(node)

    def _named_parts(self, g: Node) -> Iterator[tuple[Node, Row]]:
        """The rows of `quantities`, before that of the adjoint."""
        for part, chosen in quantities(g, self.same):
            node = self._canonical(part)
            if node in self.known:
                continue
            name = unused(chosen, self.known.values())
            value, steps = self._compute(node, name)
            yield from ((part, step) for step in steps)
            yield part, self._row(name, definition(node, self.known, tidy=True), self._shown(value))
            self._name(node, name, value)


def _says_nothing(node: Node) -> bool:
    """Whether a node is its operand, whatever the numbers: a cast from float32 to float64, or what
    only keeps floats from overflowing.  A step is none: it is rounded."""
    assert node.op is not None  # leaves have no operand
    if node.op.kind != "structural" or not transparent(node.op) or "label" in node.op.facts:
        return False
    before = node.parents[0]
    return node.shape == before.shape and all(n.dtype.category in REAL for n in (node, before))
