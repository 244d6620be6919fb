"""Simplification: equal values once, dead ones not at all, and what the facts of the ops allow.

By default every step keeps the bits of the result: a compiled function equals the eager one.
``keep_bits=False`` also allows what holds on paper only, such as ``ln(e^x) = x`` and x + 0 = x.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from chainrule.core.graph import Graph
from chainrule.core.node import Node
from chainrule.readings.lower import rebuilt


def simplify(graph: Graph, keep_bits: bool = True) -> Graph:
    """A graph with the same results and fewer nodes.

    >>> import chainrule as cr
    >>> graph = cr.capture(lambda x: (x * 1).exp() + (x * 1).exp(), cr.spec(3))
    >>> [node.op.name for node in simplify(graph).nodes if node.op]
    ['exp', 'add']
    """
    rules = BITWISE if keep_bits else (*BITWISE, *ON_PAPER)
    made: dict[Any, Node] = {}
    renamed: dict[Node, Node] = {i.node: i.node for i in graph.inputs}
    for node in graph.nodes:
        if node not in renamed:
            renamed[node] = once(_simplest(_moved(node, renamed), rules), made)
    return _pruned(rebuilt(graph, renamed))


def _pruned(graph: Graph) -> Graph:
    """The graph without outputs, of ops with several, that nobody uses."""
    used: dict[Node, set[int]] = {}
    for node in graph.nodes:
        if node.whole is not None:
            used.setdefault(node.whole, set()).add(node.attrs["output"])
    renamed: dict[Node, Node] = {}
    places: dict[Node, dict[int, int]] = {}
    for node in graph.nodes:
        renamed[node] = moved = _moved(node, renamed)
        found = moved.op.pruned(moved, used[node]) if moved.op and node in used else None
        if found is not None:
            renamed[node], places[node] = found
        elif node.whole in places:
            moved.attrs = {"output": places[node.whole][node.attrs["output"]]}
    return rebuilt(graph, renamed) if places else graph


def _moved(node: Node, renamed: dict[Node, Node]) -> Node:
    """The node, made from the simplified parents."""
    parents = tuple(renamed[p] for p in node.parents)
    if all(a is b for a, b in zip(parents, node.parents, strict=True)):
        return node
    copy = Node(node.op, parents, node.attrs, node.shape, node.dtype, None, node.requires_grad)
    copy.where, copy.scope = node.where, node.scope
    return copy


def _simplest(node: Node, rules: tuple[Rule, ...]) -> Node:
    for rule in rules:
        found = rule(node)
        if found is not None:
            return found
    return node


def once(node: Node, made: dict[Any, Node]) -> Node:
    """The node that was made first with the same op, parents and attributes."""
    if node.op is None:
        return node
    attrs = tuple((name, type(v), _told_apart(v)) for name, v in node.attrs.items())
    return made.setdefault((node.op, node.parents, attrs), node)


def _told_apart(value: Any) -> Any:
    """A float by its digits and sign: 0.0 == -0.0, and NaN is not equal to itself."""
    return repr(value) if isinstance(value, float | complex) else value


Rule = Callable[[Node], Node | None]


def number_of(node: Node) -> Any:
    """The number that a node stands for, or None."""
    attribute = _facts(node).get("number")
    return None if attribute is None else node.attrs[attribute]


def _same_type(node: Node, other: Node) -> Node | None:
    return other if other.shape == node.shape and other.dtype is node.dtype else None


def _kept_operand(node: Node) -> Node | None:
    """What x * 1, x / 1 and x - 0 leave: what the fact ``identity`` says of the other operand."""
    for i, unit in enumerate(_facts(node).get("identity", ())):
        if unit is None or len(node.parents) != 2:
            continue
        number = number_of(node.parents[i])
        if number == unit and (unit != 0 or _safe_zero(node, number)):
            return _same_type(node, node.parents[1 - i])
    return None


def _safe_zero(node: Node, zero: Any) -> bool:
    """Only x - 0 keeps the sign of a zero; x + 0 and x - (-0) turn -0 into 0."""
    return not _facts(node).get("commutative") and not str(zero).startswith("-")


def _paper_identity(node: Node) -> Node | None:
    for i, unit in enumerate(_facts(node).get("identity", ())):
        if unit is not None and len(node.parents) == 2 and number_of(node.parents[i]) == unit:
            return _same_type(node, node.parents[1 - i])
    return None


def _undone_twice(node: Node) -> Node | None:
    """f(f(x)) = x, for an involution with the same attributes."""
    inner = node.parents[0] if len(node.parents) == 1 else None
    if inner is None or not _facts(node).get("involution"):
        return None
    if inner.op is node.op and inner.attrs == node.attrs:
        return _same_type(node, inner.parents[0])
    return None


def _done_twice(node: Node) -> Node | None:
    """f(f(x)) = f(x), where the op is idempotent."""
    inner = node.parents[0] if len(node.parents) == 1 else None
    if inner is None or not _facts(node).get("idempotent"):
        return None
    return _same_type(node, inner) if inner.op is node.op and inner.attrs == node.attrs else None


def _identity_move(node: Node) -> Node | None:
    """A move or a mark that changes nothing: the fact ``same`` says so of marks."""
    if len(node.parents) == 1 and _facts(node).get("same"):
        return _same_type(node, node.parents[0])
    return None


def _inverse(node: Node) -> Node | None:
    """ln(e^x) = x: the fact ``undoes`` names the primitive that the op undoes."""
    inner = node.parents[0] if len(node.parents) == 1 else None
    undone = _facts(node).get("undoes")
    if inner is None or undone is None or inner.op is None or inner.op.primitive != undone:
        return None
    return _same_type(node, inner.parents[0])


def _folded(node: Node) -> Node | None:
    """An op on numbers alone, where the result is a whole number or a fraction."""
    from chainrule.core.apply import literal
    from chainrule.namespaces import exact

    numbers = [number_of(p) for p in node.parents]
    if not numbers or node.op is None or node.shape != () or node.op.kind != "elementwise":
        return None
    if any(not isinstance(n, int | float | Fraction) or isinstance(n, bool) for n in numbers):
        return None
    try:
        made = node.op.forward(exact, *(exact.array(n) for n in numbers), **node.attrs)
    except (ArithmeticError, ValueError):
        return None
    value = made.item() if getattr(made, "shape", None) == () else None
    return literal(value, node.dtype) if isinstance(value, Fraction) else None


def _facts(node: Node) -> dict[str, Any]:
    return node.op.facts if node.op is not None else {}


BITWISE: tuple[Rule, ...] = (_kept_operand, _undone_twice, _done_twice, _identity_move)
ON_PAPER: tuple[Rule, ...] = (_paper_identity, _inverse, _folded)
