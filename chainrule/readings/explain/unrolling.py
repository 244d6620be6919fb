"""Repetitions written out: a graph in which every step of a short loop is there, under names such
as h₁, h₂, …"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from chainrule.core.apply import apply
from chainrule.core.graph import Graph, history
from chainrule.core.names import subscript
from chainrule.core.node import Node
from chainrule.core.state import enable_grad, quiet, switched
from chainrule.core.tensor import Tensor

MOST = 8
"""Loops of more steps stay as they are."""
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def unrolled(graph: Graph, given: Mapping[Node, str]) -> tuple[Graph, dict[Node, str]]:
    """The history computed again with its loops written out, and the names of its values.

    Of several loops whose steps have values of the same name, the first has h⁽¹⁾₁, h⁽¹⁾₂, …, the
    second h⁽²⁾₁, h⁽²⁾₂, …
    """
    made: dict[Node, Any] = {}
    said: list[dict[Node, tuple[str, int | None]]] = []
    for node in graph.nodes:
        written: dict[Node, tuple[str, int | None]] = {}
        found = None if node.op is None else _written_out(node, made, written)
        if found is not None:
            made[node] = found
            said.append(written)
        elif any(p in made for p in node.parents):
            made[node] = _again(node, made)
    if not said:
        return graph, dict(given)
    ends = [made.get(node, Tensor(node)) for node in graph.outputs]
    names = {made[n].node if n in made else n: name for n, name in given.items()}
    return unrolled(history(ends), _told(said) | names)  # there may be loops in loops


def _written_out(
    node: Node, made: Mapping[Node, Any], said: dict[Node, tuple[str, int | None]]
) -> Any:
    """The results of a node that is a short loop; what its steps call their values goes to
    ``said``."""

    def call(x: Tensor, name: str, step: int | None = None) -> None:
        said.setdefault(x.node, (name, step))

    assert node.op is not None  # the caller has looked
    operands = [made[p] if p in made else Tensor(p) for p in node.parents]
    with switched(record=True), enable_grad(), quiet():
        return node.op.unrolled(node, operands, call, MOST)


def _again(node: Node, made: Mapping[Node, Any]) -> Any:
    """The value of a node on other operands."""
    if node.whole is not None:
        return made[node.parents[0]][node.attrs["output"]]
    operands = [made[p] if p in made else Tensor(p) for p in node.parents]
    assert node.op is not None  # it has operands
    with switched(record=True, grad=node.requires_grad), quiet():
        return apply(node.op, operands, node.attrs)


def _told(said: Sequence[Mapping[Node, tuple[str, int | None]]]) -> dict[Node, str]:
    """The names in full: with the step set low and, where it is needed, the loop set high."""
    loops = Counter(
        name for loop in said for name in {n for n, t in loop.values() if t is not None}
    )
    found: dict[Node, str] = {}
    for i, loop in enumerate(said, 1):
        for node, (name, step) in loop.items():
            mark = f"⁽{str(i).translate(_RAISED)}⁾" if loops[name] > 1 else ""
            found.setdefault(node, name if step is None else name + mark + subscript(step))
    return found
