"""Expressions: how a value is made from those that have names, as one would write it by hand.

An expression is read off the nodes.  Adjoints are also tidied: numbers that change nothing go, by
the facts of the ops, and moves are taken together and known by what they do to the entries, so that
two transpositions cancel, whatever the ops are called.
"""

from __future__ import annotations

from collections.abc import Container, Mapping

import numpy as np

from chainrule.core.node import Node
from chainrule.readings.explain.figures import line
from chainrule.readings.explain.moving import moved
from chainrule.readings.explain.terms import (
    Call,
    Expression,
    Moved,
    Number,
    Output,
    Symbol,
    transparent,
)
from chainrule.readings.explain.tidying import tidied, together
from chainrule.readings.simplify import number_of

SAME_ENTRIES = ("same", "row", "column")
"""The marks of moves that only add axes of size 1, or take them."""


def expression(node: Node, symbols: Mapping[Node, Symbol], tidy: bool = False) -> Expression:
    """How ``node`` is made from ``symbols``, one of which it may be.

    >>> import chainrule as cr
    >>> x = cr.tensor(2.0, requires_grad=True)
    >>> expression((1 / x).node, {x.node: Symbol("x", 2.0, ())}).args
    (Number(value=1, shape=()), Symbol(name='x', value=2.0, shape=()))
    """
    return symbols[node] if node in symbols else definition(node, symbols, tidy)


def definition(node: Node, symbols: Mapping[Node, Symbol], tidy: bool = False) -> Expression:
    """How ``node`` is made from the other ``symbols``."""
    found: dict[Node, Expression] = {}
    for part in between(node, symbols):
        if part is not node and part in symbols:
            found[part] = symbols[part]
        else:
            made = _written(part, [found[p] for p in part.parents])
            found[part] = tidied(made, part) if tidy else _as_called(made, whole=part is node)
    return found[node]


def between(node: Node, symbols: Container[Node]) -> list[Node]:
    """The node, and what it is made from as far as the symbols, in the order of definition."""
    seen = {node}
    waiting = [node]
    while waiting:
        at = waiting.pop()
        if at is node or at not in symbols:
            new = [p for p in at.parents if p not in seen]
            seen.update(new)
            waiting += new
    return sorted(seen, key=lambda part: part.number)


def _written(node: Node, args: list[Expression]) -> Expression:
    """The expression of a node, given those of its parents."""
    number = number_of(node)
    if number is not None:
        return Number(number, node.shape)
    if node.op is None:
        return _nameless(node)
    whole = node.whole
    if args and whole is not None:
        i = node.attrs["output"]
        part = f"[{i}]" if whole.op is None else whole.op.output_text(whole, i)
        return Output(args[0], part, node.shape)
    if transparent(node.op) and args[0].shape == node.shape:
        return args[0]
    call = Call(node.op, tuple(args), node.attrs, node.shape)
    if node.op.kind == "move" and args and type(node.dtype) is not tuple:
        return moved(node, call)
    return call


def _nameless(node: Node) -> Expression:
    """An input that nobody has named: its number, or its numbers."""
    if node.shape == () and node.value is not None:
        return Number(np.asarray(node.value).item(), ())
    return Symbol(line(node.value, 4), node.value, node.shape)


def _as_called(made: Expression, whole: bool) -> Expression:
    """The expression as the user wrote it, but for ᵀ; and a ``whole`` formula, of something
    computed, without the move that gave it axes of size 1, or took them."""
    if isinstance(made, Moved) and made.mark != "turned":
        computed = isinstance(made.base, Call | Output)
        return made.base if whole and computed and made.mark in SAME_ENTRIES else made.plain
    return together(made)
