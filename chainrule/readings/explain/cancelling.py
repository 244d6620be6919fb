"""Factors that cancel: (y - d) / (y (1 - y)) times y (1 - y) is y - d, as everybody writes.

The same for any op that may exchange its operands and has another that takes it back: a - b + b.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from chainrule.core.node import Node
from chainrule.core.op import Op
from chainrule.readings.simplify import number_of

Expand = Callable[[Node], Node | None]


def cancelled(node: Node, expand: Expand) -> Node:
    """The value of ``node`` without what it is both multiplied with and divided by; the node itself
    where there is no such thing.  Equal values must be the same node.

    ``expand`` says what a value with a name is made of: it is taken apart where a part of it
    cancels, and stays whole where not.
    """
    op = node.op
    facts = {} if op is None else op.facts
    if op is None or not (facts.get("commutative") and facts.get("associative")):
        return node
    chain = _Chain(op, node, expand)
    items = chain.terms(node, True)
    parts = [chain.terms(part, direct, opened=True) for part, direct in items]
    kept = _without_pairs(parts)
    if kept == parts:
        return node
    left: list[Term] = []
    for item, before, after in zip(items, parts, kept, strict=True):
        left += [item] if before == after else after
    return chain.built(left) or node


Term = tuple[Node, bool]
"""A factor, and whether it is multiplied with; else it is divided by."""


@dataclass
class _Chain:
    """A product, or what else the facts make one."""

    op: Op
    node: Node
    expand: Expand
    back: Node | None = field(default=None)

    def terms(self, node: Node, direct: bool, opened: bool = False) -> list[Term]:
        """The factors of a part of the product; those with a name whole, unless ``opened``."""
        meaning = None if node is self.node else self.expand(node)
        if meaning is not None and not opened:
            return [(node, direct)]
        if meaning is not None and meaning is not node:
            return self.terms(meaning, direct, opened)
        if node.op is None or node.shape != self.node.shape:
            return [(node, direct)]
        taken_back = node.op.facts.get("takes_back") == self.op.primitive
        if node.op is not self.op and not taken_back:
            return [(node, direct)]
        if taken_back:
            self.back = node
        first, second = node.parents
        direct_too = direct is not taken_back
        return self.terms(first, direct, opened) + self.terms(second, direct_too, opened)

    def built(self, terms: list[Term]) -> Node | None:
        """The product of what is left; None where that is nothing, or too small."""
        units = self.op.facts["identity"]
        told = [t for t in terms if number_of(t[0]) not in units] or terms
        for chosen in (told, terms):
            above = [part for part, direct in chosen if direct]
            below = [part for part, direct in chosen if not direct]
            shapes = [part.shape for part, _ in chosen]
            if above and np.broadcast_shapes(*shapes) == self.node.shape:
                made = self.product(above)
                if below and self.back is not None:
                    made = self.joined(self.back.op, made, self.product(below))
                return made
        return None

    def product(self, parts: list[Node]) -> Node:
        made, *others = parts
        for other in others:
            made = self.joined(self.op, made, other)
        return made

    def joined(self, op: Op | None, a: Node, b: Node) -> Node:
        shape = np.broadcast_shapes(a.shape, b.shape)
        return Node(op, (a, b), {}, shape, self.node.dtype)


def _without_pairs(parts: list[list[Term]]) -> list[list[Term]]:
    """The terms without those that stand on both sides."""
    kept = [list(terms) for terms in parts]
    for terms in parts:
        for node, direct in terms:
            here = [t for t in kept if (node, direct) in t]
            there = [t for t in kept if (node, not direct) in t]
            if here and there:
                here[0].remove((node, direct))
                there[0].remove((node, not direct))
    return kept
