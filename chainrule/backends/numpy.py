"""The reference engine: a graph as straight-line NumPy calls, one a line, without any dispatch.

The text is made from a lowered and simplified graph alone; names in it are numbers of nodes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chainrule.core.apply import run_checks
from chainrule.core.errors import ChainruleError, ValueCheckError
from chainrule.core.graph import Graph
from chainrule.core.node import Node
from chainrule.core.state import quiet
from chainrule.namespaces import exact as exact_space
from chainrule.namespaces import numpy as numpy_space
from chainrule.namespaces.contract import PRIMITIVES
from chainrule.readings.lower import lower
from chainrule.readings.simplify import simplify


@dataclass(frozen=True)
class Program:
    """A compiled graph: ``run`` takes the arrays of its inputs and returns those of its results;
    ``source`` is the text that was compiled."""

    run: Callable[..., tuple[Any, ...]]
    source: str


def build(graph: Graph, guarded: bool = True) -> Program:
    """Compile ``graph``; a composite op in it is called as it is.

    Unless ``guarded``, whoever runs it has switched NumPy's warnings off.
    """
    writer = _Writer(graph, guarded)
    source = writer.source()
    made: dict[str, Any] = dict(writer.bound)
    exec(compile(source, "<compiled graph>", "exec"), made)  # text made here, from node numbers only
    return Program(made["step"], source)


def pullback(graph: Graph) -> Callable[..., tuple[Any, ...]]:
    """An adjoint rule as a function of arrays (see `chainrule.core.pullback`)."""
    return build(simplify(lower(graph)), guarded=False).run


class _Writer:
    """Writes the body; local names are used again when their value is dead."""

    def __init__(self, graph: Graph, guarded: bool) -> None:
        self.graph, self.guarded = graph, guarded
        self.bound: dict[str, Any] = {"quiet": quiet, "check": _check}
        self.names: dict[Node, str] = {}
        self.last_use = _last_uses(graph)
        self.free: list[str] = []
        self.count = 0

    def source(self) -> str:
        """The text of the function ``step``."""
        lines = []
        for slot in self.graph.inputs:
            self.names[slot.node] = self._new_name()
        arguments = ", ".join(self.names[slot.node] for slot in self.graph.inputs)
        for i, node in enumerate(self.graph.nodes):
            if node in self.names:
                continue
            lines += self._lines(node)
            self._release(i)
        results = "".join(f"{self.names[node]}, " for node in self.graph.results)
        head, margin = (["    with quiet():"], "        ") if self.guarded else ([], "    ")
        body = [*head, *(f"{margin}{line}" for line in lines or ["pass"])]
        return "\n".join([f"def step({arguments}):", *body, f"    return ({results})\n"])

    def _new_name(self) -> str:
        if self.free:
            return self.free.pop()
        self.count += 1
        return f"v{self.count}"

    def _bind(self, prefix: str, value: Any) -> str:
        name = f"{prefix}{len(self.bound)}"
        self.bound[name] = value
        return name

    def _lines(self, node: Node) -> list[str]:
        op = node.op
        assert op is not None  # leaves are inputs, named already
        if not node.parents and node.shape == () and op.primitive == "full":
            self.names[node] = self._bind("c", op.forward(numpy_space, **node.attrs))
            return []
        operands = [self.names[p] for p in node.parents]
        lines = []
        if type(op).checks is not _unchecked():
            lines.append(f"check({self._bind('o', node)}, ({', '.join(operands)},))")
        call = self._call(node, operands)
        self.names[node] = self._new_name()
        return [*lines, f"{self.names[node]} = {call}"]

    def _call(self, node: Node, operands: list[str]) -> str:
        """A direct call of the namespace function where the op is no more than that."""
        op = node.op
        assert op is not None
        direct = PRIMITIVES.get(op.primitive or "")
        if direct is not None and not node.attrs and direct.arrays == len(operands):
            function = getattr(_space(node), direct.name)
            return f"{self._bind(direct.name + '_', function)}({', '.join(operands)})"
        bound = _Bound(node)
        return f"{self._bind('f', bound.call)}({', '.join(operands)})"

    def _release(self, at: int) -> None:
        """Names whose value is not used after the node at this place may be used again."""
        node = self.graph.nodes[at]
        for dead in {node, *node.parents}:
            if self.last_use.get(dead, -1) == at and self.names[dead].startswith("v"):
                self.free.append(self.names[dead])


class _Bound:
    """The forward of a node with its namespace and attributes already given."""

    def __init__(self, node: Node) -> None:
        assert node.op is not None
        xp, forward, attrs = _space(node), node.op.forward, node.attrs
        if attrs:
            self.call: Callable[..., Any] = lambda *arrays: forward(xp, *arrays, **attrs)
        else:
            self.call = lambda *arrays: forward(xp, *arrays)


def _space(node: Node) -> Any:
    from chainrule.core.apply import namespace_of  # noqa: PLC0415

    results = node.dtype if isinstance(node.dtype, tuple) else (node.dtype,)
    given = [p.dtype for p in node.parents if not isinstance(p.dtype, tuple)]
    return namespace_of([*given, *results])


def _unchecked() -> Any:
    from chainrule.core.op import Op  # noqa: PLC0415

    return Op.checks


def _check(node: Node, arrays: tuple[Any, ...]) -> None:
    """Run the op's checks on values; raises ValueCheckError with the line of the op."""
    from chainrule.core.blame import line_text  # noqa: PLC0415
    from chainrule.core.source import describe  # noqa: PLC0415

    assert node.op is not None
    try:
        run_checks(node.op, _space(node), arrays, node.attrs)
    except ValueCheckError as error:
        at = line_text(describe(node.where)) if node.where else None
        error.context(node.op.name, got=", ".join(str(p.shape) for p in node.parents),
                      expected=node.op.signature, at=at)  # fmt: skip
        raise


def _last_uses(graph: Graph) -> dict[Node, int]:
    """The place of the last node that uses each value; results are never dead."""
    last = {node: i for i, node in enumerate(graph.nodes)}
    for i, node in enumerate(graph.nodes):
        for parent in node.parents:
            last[parent] = i
    for node in graph.results:
        last[node] = len(graph.nodes)
    return last


__all__ = ["ChainruleError", "Program", "build", "exact_space"]
