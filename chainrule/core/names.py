"""Names of values: what the user calls each value of a graph.

A name given with `named` comes first, then the path of the module whose result the value is, the
name of the argument or parameter, the target it is assigned to, the text that stands for it at its
first use, and at last vN, N being its place in the order of definition.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import takewhile
from typing import Any
from weakref import WeakKeyDictionary

from chainrule.core.errors import ArgumentError
from chainrule.core.graph import Graph
from chainrule.core.node import Node
from chainrule.core.source import describe, target_of
from chainrule.core.state import state
from chainrule.core.tensor import Tensor

Scope = tuple[Any, Any]
"""A call of a module that is under way: (module, outer scope)."""

_chosen: WeakKeyDictionary[Node, str] = WeakKeyDictionary()
_DIGITS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_CALL = re.compile(r"[\w\])]\(")
_IDENTIFIER = re.compile(r"[^\W\d]\w*(\.\w+)*")


def named(x: Tensor, name: str) -> Tensor:
    """``x``, which explanations and errors call ``name`` from here on.

    Raises ArgumentError for what is no text, or text that is empty or goes over several lines.

    >>> import chainrule as cr
    >>> named(cr.tensor(2.0), "speed").name
    'speed'
    """
    is_text = isinstance(name, str) and name.isprintable()  # type: ignore[redundant-expr]
    if not is_text or not name.strip():
        raise ArgumentError(f"not a name: {name!r}", hint='named(x, "h")')
    node = x.node if state.trace is None else state.trace.node_of(x)
    x.name = _chosen[node] = name
    return x


def names(graph: Graph, given: Mapping[Node, str] | None = None) -> dict[Node, str]:
    """A name for every value of the graph, each another one; ``given`` ones, if any, instead of
    `given_names`.  Numbers have none: they are written as they are.

    >>> import chainrule as cr
    >>> graph = cr.capture(lambda x: x.exp() + 1, cr.spec(3))
    >>> list(names(graph).values())
    ['x', 'v2', 'v3']
    """
    found = given_names(graph) if given is None else dict(given)
    values = (node for node in graph.nodes if not _is_number(node))
    numbered = {node: f"v{i}" for i, node in enumerate(values, 1)}
    return _distinct(graph, numbered | found)


def _is_number(node: Node) -> bool:
    return node.op is not None and not node.parents and node.shape == ()


def same_name(old: Node, new: Node) -> Node:
    """``new``, which is called what `named` called ``old``, if it did."""
    if (name := chosen_name(old)) is not None:
        _chosen[new] = name
    return new


def chosen_name(node: Node) -> str | None:
    """What `named` called a value."""
    return _chosen.get(node)


def given_names(graph: Graph) -> dict[Node, str]:
    """The names that come from the user: those of `names` without the vN."""
    return _distinct(graph, called(graph))


def called(graph: Graph) -> dict[Node, str]:
    """What the user calls each value: `given_names` as they are, several values of one name."""
    return _called(graph, _written(graph))


def called_in_step(graph: Graph) -> dict[Node, str]:
    """What a step of a loop calls its values.  Where a layer of this package wrote the step, what
    stands at the user's position says nothing about the inputs."""
    ours = any(node.scope is not None and _inside(node.scope) for node in graph.nodes)
    return _called(replace(graph, names={}), {} if ours else _written(graph))


def _called(graph: Graph, written: Mapping[Node, str]) -> dict[Node, str]:
    results = _results(graph)
    found = {}
    for node in graph.nodes:
        if type(node.dtype) is tuple:  # an op with several outputs, which have names of their own
            continue
        name = _chosen.get(node)
        if name is None and node.op is None:
            name = graph.names.get(node) or _handle_name(node) or written.get(node)
        elif name is None:
            name = _computed_name(node, results.get(node, []))
        if name:
            found[node] = name
    return found


def subscript(number: int | str) -> str:
    """A number set low.

    >>> subscript(12)
    '₁₂'
    """
    return str(number).translate(_DIGITS)


def _distinct(graph: Graph, found: Mapping[Node, str]) -> dict[Node, str]:
    """Values of one name told apart by subscripts; an input keeps its name where it is the only one
    of its kind."""
    alike: dict[str, list[Node]] = {}
    for node in graph.nodes:
        if node in found:
            alike.setdefault(found[node], []).append(node)
    made: dict[Node, str] = {}
    taken = set(alike)
    for name, nodes in alike.items():
        inputs = [node for node in nodes if node.op is None]
        kept = nodes if len(nodes) == 1 else inputs if len(inputs) == 1 else []
        made |= dict.fromkeys(kept, name)
        for i, node in enumerate((n for n in nodes if n not in kept), 1):
            marked = name + subscript(i)
            while marked in taken:
                marked += "′"
            taken.add(marked)
            made[node] = marked
    return {node: made[node] for node in graph.nodes if node in made}


# -- modules -------------------------------------------------------------------------------------


def _chain(scope: Scope | None) -> Iterator[Scope]:
    """The calls around a node, innermost first."""
    while scope is not None:
        yield scope
        scope = scope[1]


def _results(graph: Graph) -> dict[Node, list[Scope]]:
    """The calls of modules whose result a node is, outermost first: the last node of the call that
    is used outside it."""
    readers: dict[Node, list[Node | None]] = {node: [None] for node in graph.outputs}
    for node in graph.nodes:
        for parent in node.parents:
            readers.setdefault(parent, []).append(node)
    last: dict[int, tuple[Scope, Node]] = {}
    for node in graph.nodes:
        if node.scope is None or node.op is None:
            continue
        outside = [{id(s) for s in _chain(r.scope)} if r else set() for r in readers.get(node, [])]
        for scope in _chain(node.scope):
            if any(id(scope) not in around for around in outside):
                last[id(scope)] = scope, node
    found: dict[Node, list[Scope]] = {}
    for scope, node in last.values():
        found.setdefault(node, []).append(scope)
    return {node: sorted(scopes, key=_depth) for node, scopes in found.items()}


def _depth(scope: Scope) -> int:
    return sum(1 for _ in _chain(scope))


def _path(scope: Scope) -> str:
    """The path of the module from the outermost one being called; empty for that one itself."""
    *_, (root, _outer) = _chain(scope)
    return next((path for path, module in root.named_modules() if module is scope[0]), "")


def _inside(scope: Scope) -> bool:
    """Whether the module is one of this package: the user's position is then that of its call."""
    return type(scope[0]).__module__.partition(".")[0] == __name__.partition(".")[0]


# -- names of nodes ------------------------------------------------------------------------------


def _handle_name(node: Node) -> str | None:
    handle = node.handle() if node.handle is not None else None
    return handle.name if handle is not None else None


def _computed_name(node: Node, results: list[Scope]) -> str | None:
    """The outermost module's path or the assignment's target; the whole network's result is called
    after its target, if it has one."""
    paths = [path for path in map(_path, results) if path]
    target = _target(node, results)
    if len(paths) < len(results) and target:
        return target
    return paths[0] if paths else target


def _target(node: Node, results: list[Scope]) -> str | None:
    """What the value is assigned to, where the position is that of this value alone."""
    for scope in _chain(node.scope):
        if not _inside(scope):
            break
        if not any(scope is result for result in results):
            return None
    target = target_of(node.where) or ""
    if node.whole is not None:
        target = _part_of(target.strip("()[]").split(", "), node, node.whole)
    return target if _IDENTIFIER.fullmatch(target) else None


def _part_of(targets: list[str], node: Node, whole: Node) -> str:
    """The target of one output of an op with several; a single one is that of the output that is
    written as the op itself."""
    i: int = node.attrs["output"]
    if len(targets) == len(whole.dtype):
        return targets[i]
    itself = whole.op is not None and not whole.op.output_text(whole, i)
    return targets[0] if itself and len(targets) == 1 else ""


def _written(graph: Graph) -> dict[Node, str]:
    """What stands for each input in the source where it is first used: the ``x`` of ``x @ W``."""
    held = _held(graph)
    found = held | _given_to_layers(graph, held)
    for node in graph.nodes:
        source = describe(node.where) if any(p.op is None for p in node.parents) else None
        if source is None:
            continue
        operands, texts = node.parents, source.operands
        if node.scope is not None and _inside(node.scope):  # a layer's own tensors are not written
            if node.op is not None and node.op.kind == "structural":  # it has operands of its own
                continue
            operands = tuple(p for p in operands if not _of_layer(p, node.scope, held))
            texts = texts[:1] if len(set(texts)) == 1 else texts  # attention(x, x, x)
            texts = texts if len(texts) == len(operands) else ()
        elif len(operands) > 1 and not _applies(source.expression, node):
            continue
        if len(texts) < len(operands):  # what is written after the operands are attributes
            continue
        for parent, text in zip(operands, texts, strict=False):
            name = text.removeprefix("self.")
            if parent.op is None and _IDENTIFIER.fullmatch(name):
                found.setdefault(parent, name)
    return found


def _given_to_layers(graph: Graph, held: Mapping[Node, str]) -> dict[Node, str]:
    """The inputs that a layer of this package was called with, ``net(x, (h, c))``, where it uses as
    many values from outside, which it uses in this order."""
    calls: dict[int, tuple[Scope, list[Node]]] = {}
    for node in graph.nodes:
        around = list(takewhile(_inside, _chain(node.scope)))
        if around:
            calls.setdefault(id(around[-1]), (around[-1], []))[1].append(node)
    found: dict[Node, str] = {}
    for scope, nodes in calls.values():
        parents = dict.fromkeys(p for node in nodes for p in node.parents)
        outside = [p for p in parents if not _of_layer(p, scope, held) and not _is_number(p)]
        source = describe(nodes[0].where) if any(p.op is None for p in outside) else None
        texts = [text for operand in source.operands for text in _each(operand)] if source else []
        if len(texts) != len(outside):
            texts = list(dict.fromkeys(texts))  # attention(x, x, x)
        if len(texts) == len(outside):
            found |= {
                p: text for p, text in zip(outside, texts, strict=True)
                if p.op is None and _IDENTIFIER.fullmatch(text) and p not in found
            }  # fmt: skip
    return found


def _each(operand: str) -> list[str]:
    """What stands in the tuples of an operand, ``(h, c)``; a call stays as it is.

    >>> _each("(h, c)"), _each("tensor(x)")
    (['h', 'c'], ['tensor(x)'])
    """
    if _CALL.search(operand):
        return [operand]
    return operand.replace("(", "").replace(")", "").split(", ")


def _held(graph: Graph) -> dict[Node, str]:
    """The parameters and buffers of the modules that were called, frozen ones too."""
    scopes = (node.scope for node in graph.nodes if node.scope is not None)
    roots = {id(module): module for *_, (module, _) in map(_chain, scopes)}
    inputs = {node for node in graph.nodes if node.op is None}
    found: dict[Node, str] = {}
    for root in roots.values():
        for path, x in (*root.named_parameters(), *root.named_buffers()):
            if x.node in inputs:
                found.setdefault(x.node, x.name or path)
    return found


def _of_layer(node: Node, scope: Scope, held: Mapping[Node, str]) -> bool:
    """Whether a value is a parameter, or made within a call, so that it is not written there."""
    if node.op is None:
        return bool(_chosen.get(node) or _handle_name(node) or node in held)
    return any(around is scope for around in _chain(node.scope))


def _applies(expression: str, node: Node) -> bool:
    """Whether the expression is the op itself, as an operator or under its name: a function that
    uses the op may take its arguments in another order, and what is structural stands for more than
    it is called with."""
    if node.op is None or node.op.kind == "structural":
        return False
    try:
        written = ast.parse(expression, mode="eval").body
    except SyntaxError:  # h += x is no expression, and an operator
        return True
    if not isinstance(written, ast.Call):
        return True
    name = getattr(written.func, "attr", getattr(written.func, "id", ""))
    return name in (node.op.name, *node.op.methods)
