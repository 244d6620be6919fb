"""The reference engine: a graph as straight-line NumPy calls, one a line, without any dispatch.

The text is made from a lowered and simplified graph alone; names in it are numbers of nodes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from chainrule.core.apply import namespace_of
from chainrule.core.blame import line_text
from chainrule.core.errors import ChainruleError, ValueCheckError
from chainrule.core.graph import Graph
from chainrule.core.node import Node
from chainrule.core.printing import shape_text
from chainrule.core.source import describe
from chainrule.core.state import quiet
from chainrule.namespaces.contract import PRIMITIVES
from chainrule.namespaces.recorder import Recorder
from chainrule.readings.lower import lower
from chainrule.readings.simplify import simplify

FILE = "<compiled graph>"


@dataclass(frozen=True)
class Program:
    """A compiled graph: ``step`` takes the arrays of its inputs and returns those of its results.

    ``source`` is the text that was compiled; ``lines`` says which node a line computes.
    """

    step: Callable[..., tuple[Any, ...]]
    source: str
    lines: dict[int, Node]

    def run(self, *arrays: Any) -> tuple[Any, ...]:
        """The results; raises ValueCheckError, with the user's line, where a value is refused."""
        try:
            return self.step(*arrays)
        except ChainruleError:
            raise
        except (ArithmeticError, ValueError, IndexError) as error:
            raise self._told(error) from None

    def _told(self, error: Exception) -> Exception:
        """The error with the op and the line that it comes from."""
        node = self.lines.get(_line_in_text(error.__traceback__))
        return error if node is None else told(ValueCheckError(str(error)), node)


def told(error: ValueCheckError, node: Node) -> ValueCheckError:
    """``error`` with the op and the user's line of ``node`` added."""
    assert node.op is not None  # only ops refuse values
    at = line_text(describe(node.where)) if node.where else None
    got = ", ".join(shape_text(p) for p in node.parents)
    error.context(node.op.name, got=got, expected=node.op.signature, at=at)
    return error


def _line_in_text(trace: TracebackType | None) -> int:
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == FILE:
            return trace.tb_lineno
        trace = trace.tb_next
    return 0


def build(graph: Graph, guarded: bool = True) -> Program:
    """Compile ``graph``, which is lowered and simplified.

    Unless ``guarded``, whoever runs it has switched NumPy's warnings off.
    """
    writer = _Writer(graph, guarded)
    source = writer.source()
    made: dict[str, Any] = dict(writer.bound)
    exec(compile(source, FILE, "exec"), made)  # text made here, from node numbers only
    return Program(made["step"], source, writer.at_line)


def pullback(graph: Graph) -> Callable[..., tuple[Any, ...]]:
    """An adjoint rule as a function of arrays (see `chainrule.core.pullback`)."""
    return build(simplify(lower(graph)), guarded=False).step


class _Writer:
    """Writes the body; a local name is used again when its value is dead."""

    def __init__(self, graph: Graph, guarded: bool) -> None:
        self.graph, self.guarded = graph, guarded
        self.bound: dict[str, Any] = {"quiet": quiet}
        self.names: dict[Node, str] = {}
        self.last_use = _last_uses(graph)
        self.free: list[str] = []
        self.count = 0
        self.at_line: dict[int, Node] = {}

    def source(self) -> str:
        """The text of the function ``step``."""
        for slot in self.graph.inputs:
            self.names[slot.node] = self._new_name()
        arguments = ", ".join(self.names[slot.node] for slot in self.graph.inputs)
        margin = "        " if self.guarded else "    "
        lines = [f"def step({arguments}):"]
        lines += ["    with quiet():", "        pass"] if self.guarded else []
        for i, node in enumerate(self.graph.nodes):
            if node not in self.names and (line := self._line(node)):
                lines.append(margin + line)
                self.at_line[len(lines)] = node
            self._release(i)
        results = "".join(f"{self.names[node]}, " for node in self.graph.results)
        return "\n".join([*lines, f"    return ({results})", ""])

    def _new_name(self) -> str:
        if self.free:
            return self.free.pop()
        self.count += 1
        return f"v{self.count}"

    def _bind(self, prefix: str, value: Any) -> str:
        name = f"{prefix}{len(self.bound)}"
        self.bound[name] = value
        return name

    def _line(self, node: Node) -> str:
        """The statement that computes ``node``; none for a constant, which is computed now."""
        op = node.op
        assert op is not None  # leaves are inputs, named already
        if not node.parents:
            self.names[node] = self._bind("c", op.forward(_space(node), **node.attrs))
            return ""
        call = self._call(node)
        self.names[node] = self._new_name()
        return f"{self.names[node]} = {call}"

    def _call(self, node: Node) -> str:
        """One call of a namespace function, its attributes worked out, where that is all."""
        op, space = node.op, _space(node)
        assert op is not None
        found = _single_call(node)
        if found is None:
            listed = ", ".join(self.names[p] for p in node.parents)
            return f"{self._bind('f', _bound(node))}({listed})"
        name, arrays, attributes = found
        operands = [self.names[a] if isinstance(a, Node) else self._bind("k", a) for a in arrays]
        listed = ", ".join(operands)
        if PRIMITIVES[name].arrays < 0:
            listed = f"({listed},)"
        constants = "".join(f", {self._bind('k', value)}" for value in attributes.values())
        return f"{self._bind(name + '_', getattr(space, name))}({listed}{constants})"

    def _release(self, at: int) -> None:
        """Names whose value is not used after the node at this place may be used again."""
        node = self.graph.nodes[at]
        for dead in {node, *node.parents}:
            if self.last_use.get(dead, -1) == at and self.names[dead].startswith("v"):
                self.free.append(self.names[dead])


class _Several(Exception):
    """A forward that is more than one call of a namespace function."""


def _single_call(node: Node) -> tuple[str, tuple[Any, ...], dict[str, Any]] | None:
    """The one namespace call that the node's forward consists of, or None."""
    assert node.op is not None  # leaves are inputs
    calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []

    def note(name: str, arrays: tuple[Any, ...], attributes: dict[str, Any]) -> object:
        if calls:
            raise _Several
        calls.append((name, arrays, attributes))
        return calls

    try:
        result = node.op.forward(Recorder(note), *node.parents, **node.attrs)
    except (_Several, AttributeError, TypeError, NotImplementedError):
        return None
    return calls[0] if result is calls else None


def _bound(node: Node) -> Callable[..., Any]:
    """The forward of a node with its namespace and attributes already given."""
    assert node.op is not None
    xp, forward, attrs = _space(node), node.op.forward, node.attrs
    return lambda *arrays: forward(xp, *arrays, **attrs)


def _space(node: Node) -> Any:
    results = node.dtype if isinstance(node.dtype, tuple) else (node.dtype,)
    given = [p.dtype for p in node.parents if not isinstance(p.dtype, tuple)]
    return namespace_of([*given, *results])


def _last_uses(graph: Graph) -> dict[Node, int]:
    """The place of the last node that uses each value; results are never dead."""
    last = {node: i for i, node in enumerate(graph.nodes)}
    for i, node in enumerate(graph.nodes):
        for parent in node.parents:
            last[parent] = i
    for node in graph.results:
        last[node] = len(graph.nodes)
    return last


__all__ = ["Program", "build", "pullback"]
