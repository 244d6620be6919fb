"""Factors that cancel: (y - d) / (y (1 - y)) times y (1 - y) is y - d, as everybody writes.

The same for any op that may exchange its operands and has another that takes it back: a - b + b.
Changes of shape between the factors make no difference.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from chainrule.core.node import Node
from chainrule.core.op import Op
from chainrule.core.size import prod
from chainrule.namespaces import numpy as arrays
from chainrule.readings.simplify import number_of

Expand = Callable[[Node], Node | None]

MOST = 64
"""In longer products nothing is looked for."""
DEEPEST = 8
"""Factors are told apart by their first so many ops, then by what they are."""


@dataclass(frozen=True)
class Factor:
    """A factor, or with ``direct`` False a divisor.

    ``core`` is it without changes of shape, and those, ``moves``, it is still to go through, the
    last one first; ``within`` says that it is a part of a value with a name.
    """

    core: Node
    direct: bool
    moves: tuple[Node, ...] = ()
    within: bool = False

    def against(self, other: Factor) -> bool:
        """Whether the two cancel."""
        return self.direct is not other.direct and _key(self.core) == _key(other.core)

    def node(self) -> Node:
        """The factor in the shape that it has in the product."""
        made = self.core
        for move in reversed(self.moves):
            if made.shape == move.parents[0].shape:  # else one number for all entries
                made = Node(move.op, (made,), move.attrs, move.shape, move.dtype)
        return made


def cancelled(node: Node, expand: Expand) -> Node:
    """The value of ``node`` without what it is both multiplied with and divided by; the node itself
    where there is no such thing.  Equal values must be the same node.

    ``expand`` says what a value with a name is made of: it is taken apart where a part of it
    cancels, and stays whole where not, as do those that it is made of itself.
    """
    op = node.op
    facts = {} if op is None else op.facts
    if op is None or not (facts.get("commutative") and facts.get("associative")):
        return node
    chain = _Chain(op, node, expand)
    whole = chain.factors(Factor(node, True))
    if len(whole) > MOST:
        return node
    parts = [chain.factors(factor, opened=True) for factor in whole]
    if sum(map(len, parts)) > MOST:
        return node
    kept = _without_pairs(parts)
    if kept == parts:
        return node
    left: list[Factor] = []
    for factor, before, after in zip(whole, parts, kept, strict=True):
        left += [factor] if before == after else after
    return chain.built(left) or node


@dataclass
class _Chain:
    """A product, or what else the facts make one."""

    op: Op
    node: Node
    expand: Expand
    back: Op | None = field(default=None)

    def factors(self, start: Factor, opened: bool = False) -> list[Factor]:
        """The factors of a part of the product; those with a name whole, unless ``opened``."""
        found: list[Factor] = []
        waiting = [start]
        while waiting and len(found) <= MOST:
            factor = waiting.pop()
            inside = self.inside(factor, opened)
            if inside is None:
                found.append(factor)
            else:
                waiting.extend(reversed(inside))
        return found

    def inside(self, of: Factor, opened: bool) -> list[Factor] | None:
        """What a factor is made of; None for one that is no product."""
        node = of.core
        meaning = None if node is self.node else self.expand(node)
        if meaning is not None and not opened:
            return None
        if meaning is not None and meaning is not node:
            return None if of.within else [replace(of, core=meaning, within=True)]
        if node.op is None or prod(node.shape) != prod(self.node.shape):
            return None
        if only_shapes(node):
            return [replace(of, core=node.parents[0], moves=(*of.moves, node))]
        taken_back = node.op.facts.get("takes_back") == self.op.primitive
        if node.op is not self.op and not taken_back:
            return None
        if taken_back:
            self.back = node.op
        first, second = node.parents
        return [
            replace(of, core=first),
            replace(of, core=second, direct=of.direct is not taken_back),
        ]

    def built(self, factors: list[Factor]) -> Node | None:
        """The product of what is left; None where that is nothing, or too small."""
        units = self.op.facts["identity"]
        told = [f for f in factors if number_of(f.core) not in units]
        for chosen in (told, factors):
            above = [f.node() for f in chosen if f.direct]
            below = [f.node() for f in chosen if not f.direct]
            shapes = [node.shape for node in (*above, *below)]
            if above and np.broadcast_shapes(*shapes) == self.node.shape:
                made = self.product(above)
                return made if not below else self.joined(self.back, made, self.product(below))
        return None

    def product(self, parts: list[Node]) -> Node:
        """The parts, multiplied one after the other."""
        made, *others = parts
        for other in others:
            made = self.joined(self.op, made, other)
        return made

    def joined(self, op: Op | None, a: Node, b: Node) -> Node:
        """One op on two parts."""
        shape = np.broadcast_shapes(a.shape, b.shape)
        return Node(op, (a, b), {}, shape, self.node.dtype)


def only_shapes(node: Node) -> bool:
    """Whether a move leaves all entries in their order."""
    if node.op is None or node.op.kind != "move" or len(node.parents) != 1:
        return False
    shape, before = node.shape, node.parents[0].shape
    if type(node.dtype) is tuple or prod(shape) != prod(before):
        return False
    places = np.arange(int(prod(before))).reshape(before)
    try:
        moved: Any = node.op.forward(arrays, places, **node.attrs)
    except (ArithmeticError, LookupError, TypeError, ValueError):
        return False
    return bool((np.ravel(moved) == np.ravel(places)).all())


def _key(node: Node, depth: int = 0) -> Hashable:
    """What equal factors have in common, whatever their shapes: 1 - y, with y as a row or not."""
    if depth < DEEPEST and only_shapes(node):
        return _key(node.parents[0], depth + 1)
    if node.op is None or node.op.kind != "elementwise" or depth == DEEPEST or node.attrs:
        return node
    if any(p.shape not in ((), node.shape) for p in node.parents):
        return node
    return (node.op, *(_key(parent, depth + 1) for parent in node.parents))


def _without_pairs(parts: list[list[Factor]]) -> list[list[Factor]]:
    """The factors without those that stand on both sides."""
    kept = [list(factors) for factors in parts]
    for factors in parts:
        for factor in factors:
            here = next((own for own in kept if factor in own), None)
            pairs = [(own, f) for own in kept for f in own if factor.against(f)]
            if here is not None and pairs:
                own, other = pairs[0]
                here.remove(factor)
                own.remove(other)
    return kept
