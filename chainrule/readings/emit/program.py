"""A network as a program: which values it computes one after the other, there and back.

The graph is that of the function and of its adjoints, by the rules of the ops, in primitives.
Every value that has a name, and every value that is used again and took more than one operation, is
a line of its own; everything else is part of the line that uses it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chainrule.core import tree as trees
from chainrule.core.capture import Spec, argument_names, capture, trace_call
from chainrule.core.derivatives import pull_back
from chainrule.core.errors import ArgumentError
from chainrule.core.graph import Graph, reachable
from chainrule.core.names import given_names
from chainrule.core.node import Node, next_number
from chainrule.core.source import here
from chainrule.core.tensor import Tensor
from chainrule.readings.lower import lower
from chainrule.readings.simplify import number_of, simplify

VALUE, GRAD, LOCAL = "value", "grad", ""
FREE = ("move", "structural")
"""Kinds of ops that are no work.  `HEAVY` ones nobody does twice."""
HEAVY = ("reduce", "contract", "lookup", "window", "random")


@dataclass(frozen=True)
class Name:
    """What a value is called: the tensor, and whether it is its ``value`` or its ``grad``; with
    neither, it is a value that only the program has.

    What is ``outside`` belongs to a tensor that the program is given or gives back.
    """

    tensor: str
    slot: str = VALUE
    outside: bool = False


@dataclass(frozen=True)
class Line:
    """A line: the value that it computes, what that is called, and whether it is on the way
    back."""

    name: Name
    node: Node
    back: bool


@dataclass(frozen=True)
class Program:
    """A graph of primitives there and back, the names of its inputs, its lines in order, and what
    the result is made from: all that is computed on the way ``there``."""

    graph: Graph
    given: Mapping[Node, Name]
    lines: tuple[Line, ...]
    there: frozenset[Node]


Row = tuple[Name, str, bool]
"""What a line is about, its text, and whether it is on the way back."""


@dataclass(frozen=True)
class Listing:
    """A network written out, in whatever language.

    ``forward`` gives the value of the result; ``backward`` has the line for the gradient of each
    input and parameter, by its name; ``shared`` are lines of the way back that several of these
    need; ``lines`` are all of it.
    """

    forward: str
    backward: Mapping[str, str]
    shared: tuple[str, ...]
    lines: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join(self.lines)


def listed(
    rows: Iterable[Row], sizes: Callable[[list[str]], list[str]] = lambda lines: []
) -> dict[str, Any]:
    """What a `Listing` has, from its rows; ``sizes`` gives lines that are to stand before some."""
    there: list[str] = []
    back: list[str] = []
    shared: list[str] = []
    gradients: dict[str, str] = {}
    for name, text, is_back in rows:
        (back if is_back else there).append(text)
        if is_back and name.outside:
            gradients[name.tensor] = text
        elif is_back:
            shared.append(text)
    there = [*sizes(there), *there]
    more = [line for line in sizes(back) if line not in there]
    whole = (*there, *([""] if back else []), *more, *back)
    return {
        "forward": "\n".join(there),
        "backward": gradients,
        "shared": (*more, *shared),
        "lines": whole,
    }


def program(
    function: Callable[..., Any],
    specs: Sequence[Any],
    output: str = "out",
    free: Sequence[str] = FREE,
) -> Program:
    """The program of a function on arguments of these shapes, whose result is called ``output``.

    Ops of the ``free`` kinds are no work, and written again wherever they are used.  Raises
    ArgumentError for what is no function of tensors with one tensor as its result.
    """
    if not callable(function):
        raise ArgumentError(f"a function or module, not {type(function).__name__}")
    plain = capture(function, *specs)
    if len(plain.outputs) != 1 or plain.updates:
        raise ArgumentError(
            f"the function has {len(plain.results)} results, not one",
            hint="a layer that changes its state is written out in evaluation: net.eval()",
        )
    both, adjoints = _there_and_back(function, specs, plain.outputs[0])
    return _arranged(both, adjoints, output, free)


def _there_and_back(
    function: Callable[..., Any], specs: Sequence[Any], result: Node
) -> tuple[Graph, dict[Node, Node]]:
    """The graph of the result and of the adjoints of all leaves, with names; and the adjoint of
    each value."""
    adjoints: dict[Node, Node] = {}
    turn = next_number()

    def both(seed: Tensor, *args: Any) -> list[Tensor]:
        nonlocal turn
        made = function(*args)
        turn = next_number()

        def met(node: Node, g: Any) -> Any:
            if isinstance(g, Tensor):
                adjoints[node] = g.node
            return g

        if made.requires_grad:
            pull_back([(made, seed)], [], create_graph=False, met=met)
        leaves = [adjoint for node, adjoint in adjoints.items() if node.op is None]
        return [made, *map(Tensor, leaves)]

    def asking(x: Any) -> Any:
        wants = isinstance(x, Spec | Tensor) and x.dtype.differentiable
        return Spec(x.shape, x.dtype, True) if wants else x

    given = [Spec(result.shape, result.dtype), *(trees.mapped(asking, x) for x in specs)]
    words = ["", *argument_names(function, specs)]
    graph = trace_call(both, given, words).graph
    position = here()
    called = {
        node: name
        for node, name in given_names(graph).items()
        if node.op is None or (node.number < turn and node.where != position)
    }
    return replace(graph, names=called), adjoints


def _arranged(
    graph: Graph, adjoints: Mapping[Node, Node], output: str, free: Sequence[str]
) -> Program:
    """The lines of the program, from the graph with the names that the user gave."""
    names = _words(graph, output)
    told: dict[Node, Name] = {}
    for node, word in names.items():
        adjoint = adjoints.get(node)
        if node.op is None:
            told[node] = Name(word, outside=True)
        elif node is not graph.outputs[0] and node.op.kind != "move":
            told[node] = Name(word)
            if adjoint is not None and adjoint.op is not None:
                told.setdefault(adjoint, Name(word, GRAD))
    seed = graph.inputs[0].node
    told[seed] = Name(output, GRAD, outside=True)
    leaves = [node for node in adjoints if node.op is None]

    low = simplify(lower(replace(graph, names=told)), keep_bits=False)  # type: ignore[arg-type]
    said: dict[Node, Name] = dict(low.names)  # type: ignore[arg-type]
    given = {i.node: said.get(i.node, Name("", outside=True)) for i in low.inputs}
    result, *gradients = low.outputs
    local = {node: name for node, name in said.items() if node.op is not None}
    local.pop(result, None)
    ends = [Line(Name(output, outside=True), result, False)]
    by_leaf = dict(zip(leaves, gradients, strict=True))
    for i in graph.inputs:
        if i.node in by_leaf:
            name = Name(told[i.node].tensor, GRAD, outside=True)
            ends.append(Line(name, by_leaf[i.node], True))
    local = _with_shared(low, local, [end.node for end in ends], names.values(), free)
    before = frozenset(reachable([result]))
    lines = [Line(name, node, node not in before) for node, name in local.items()]
    there = [line for line in lines if not line.back]
    back = [line for line in lines if line.back]
    return Program(low, given, (*there, *ends[:1], *back, *ends[1:]), before)


def _with_shared(
    low: Graph,
    local: Mapping[Node, Name],
    ends: Sequence[Node],
    taken: Iterable[str],
    free: Sequence[str],
) -> dict[Node, Name]:
    """The values with a line: the named ones, and those that are used again."""
    uses = Counter(parent for node in low.nodes for parent in node.parents)
    uses.update(ends[1:])
    work: dict[Node, int] = {}
    found: dict[Node, Name] = {}
    words, count = set(taken), 0
    heavy = set(HEAVY) - set(free)
    for node in low.nodes:
        if node.op is None or node is ends[0]:
            work[node] = 0
            continue
        work[node] = sum(work[p] for p in node.parents) + (node.op.kind not in free)
        again = uses[node] > 1 and (work[node] > 1 or node.op.kind in heavy)
        if node in local and work[node]:
            found[node] = local[node]
        elif again and number_of(node) is None and work[node]:
            count += 1
            while f"v{count}" in words:
                count += 1
            found[node] = Name(f"v{count}", LOCAL)
        if node in found:
            work[node] = 0
    return found


def _words(graph: Graph, output: str) -> dict[Node, str]:
    """The name of every input, and of every value that the user named, as a Python name, each
    another one."""
    found: dict[Node, str] = {}
    taken = {output, "np", "math"}
    unnamed = [i.node for i in graph.inputs[1:] if i.node not in graph.names]
    for node, name in [*graph.names.items(), *((node, "x") for node in unnamed)]:
        computed = node is graph.outputs[0] and node.op is not None
        if computed or node is graph.inputs[0].node:
            continue
        word = spelled(name)
        plain, n = word, 1
        while word in taken:
            n += 1
            word = f"{plain}{n}"
        taken.add(word)
        found[node] = word
    return found


def spelled(name: str) -> str:
    """A name as Python allows it: digits that are set low as others, ``_`` for dots.

    >>> spelled("h₁"), spelled("0.weight")
    ('h1', '_0_weight')
    """
    word = re.sub(r"\W", "_", unicodedata.normalize("NFKC", name))
    return f"_{word}" if not word or word[0].isdigit() else word


__all__ = [
    "FREE", "GRAD", "LOCAL", "VALUE", "Line", "Listing", "Name", "Program", "Row", "listed",
    "program", "spelled",
]  # fmt: skip
