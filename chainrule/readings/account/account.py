"""The operations of a graph, node by node."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from chainrule.core.convention import Convention, number
from chainrule.core.cost import Cost, Parts, joined, parts_of, total
from chainrule.core.graph import Graph
from chainrule.core.node import Node
from chainrule.core.signature import Dim
from chainrule.readings.account.adjoint import adjoint_of


@dataclass(frozen=True)
class Entry:
    """What one node computes.  ``source`` is the node itself, or, in the backward pass, the one
    whose adjoints it belongs to."""

    node: Node
    source: Node
    parts: Parts

    @property
    def cost(self) -> Cost:
        """Its operations by kind."""
        return total(self.parts.values())


@dataclass(frozen=True)
class Account:
    """The operations of a graph: an `Entry` for each node that computes something.

    >>> import chainrule as cr
    >>> found = account(cr.capture(cr.nn.Linear(3, 4), cr.spec("B", 3)))
    >>> found.cost, found.count(cr.Convention(mac=2, bias=True))
    ({'multiply': 12*B, 'add': 12*B}, 28*B)
    """

    graph: Graph
    forward: tuple[Entry, ...]
    backward: tuple[Entry, ...] = ()

    def entries(self, convention: Convention | None = None) -> tuple[Entry, ...]:
        """The entries that a convention looks at: those of the backward pass where it says so."""
        both = convention is not None and convention.backward
        return (*self.forward, *self.backward) if both else self.forward

    @property
    def parts(self) -> Parts:
        """The operations of the forward pass, sorted by what they are for."""
        return joined(entry.parts for entry in self.forward)

    @property
    def cost(self) -> Cost:
        """The operations of the forward pass by kind."""
        return total(self.parts.values())

    @property
    def backward_parts(self) -> Parts:
        """The operations of the backward pass, sorted by what they are for."""
        return joined(entry.parts for entry in self.backward)

    @property
    def backward_cost(self) -> Cost:
        """The operations of the backward pass by kind."""
        return total(self.backward_parts.values())

    def count(self, convention: Convention) -> Dim:
        """The figure under a convention."""
        return convention.count(joined(entry.parts for entry in self.entries(convention)))

    def working(self, convention: Convention) -> str:
        """The figure with its working: formula = substitution = number."""
        parts = joined(entry.parts for entry in self.entries(convention))
        return "\n".join(told(convention, parts))

    def __str__(self) -> str:
        lines = [f"{kind:<12} {number(count)}" for kind, count in self.cost.items()]
        return "\n".join(lines)


def told(convention: Convention, parts: Parts) -> Iterable[str]:
    """The lines of a figure's working."""
    terms = list(convention.terms(parts))
    for term in terms:
        value = number(term.value)
        shown = "" if term.substitution == value else f" = {term.substitution}"
        yield f"{term.part}: {term.formula}{shown} = {value}"
    if len(terms) != 1:
        summands = " + ".join(number(term.value) for term in terms)
        figure = number(sum((term.value for term in terms), 0))
        yield f"total: {summands} = {figure}" if terms else "total: 0"


def account(
    graph: Graph, backward: bool = False, wanted: Callable[[Any], bool] | None = None
) -> Account:
    """How many operations a graph takes, by the cost rules of its ops.

    With ``backward`` also those of its backward pass: of the ops that give the gradients of the
    inputs that require one, and for which ``wanted`` holds, from an adjoint for each output.
    Raises CostError for an op that has no rule.
    """
    forward = tuple(_entries((node, node) for node in graph.nodes))
    if not backward:
        return Account(graph, forward)
    return Account(graph, forward, tuple(_entries(adjoint_of(graph, wanted))))


def _entries(pairs: Iterable[tuple[Node, Node]]) -> Iterable[Entry]:
    for node, source in pairs:
        parts = parts_of(node)
        if not parts:
            continue
        own = source.op.counted_as if source.op is not None else ""
        if own and source is not node:  # what undoes a norm belongs to norms, whatever computes it
            parts = {own: total(parts.values())}
        yield Entry(node, source, parts)
