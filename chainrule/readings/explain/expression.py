"""Expressions: how a value is made from those that have names, as one would write it by hand.

An expression is read off the nodes.  Adjoints are also tidied: numbers that change nothing go, by
the facts of the ops, and moves are taken together and known by what they do to the entries, so that
two transpositions cancel, whatever the ops are called.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from chainrule.core.node import Node
from chainrule.readings.explain.figures import line
from chainrule.readings.explain.terms import Call, Expression, Moved, Number, Output, Symbol
from chainrule.readings.explain.tidying import is_constant, is_product, tidied, together
from chainrule.readings.simplify import number_of


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
    for part in _between(node, symbols):
        if part is not node and part in symbols:
            found[part] = symbols[part]
        else:
            made = _written(part, [found[p] for p in part.parents])
            found[part] = tidied(made, part) if tidy else _as_called(made)
    return found[node]


def _between(node: Node, symbols: Mapping[Node, Symbol]) -> list[Node]:
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
    if node.op.text == "{0}" and args[0].shape == node.shape:
        return args[0]
    call = Call(node.op, tuple(args), node.attrs, node.shape)
    if node.op.kind == "move" and len(args) == 1:
        return _moved(node, call)
    return call


def _nameless(node: Node) -> Expression:
    """An input that nobody has named: its number, or its numbers."""
    if node.shape == () and node.value is not None:
        return Number(np.asarray(node.value).item(), ())
    return Symbol(line(node.value, 4), node.value, node.shape)


def _as_called(made: Expression) -> Expression:
    """The expression as the user wrote it, but for ᵀ."""
    if isinstance(made, Moved) and made.mark != "turned":
        return made.plain
    return together(made)


# -- moves ---------------------------------------------------------------------------------------


def _moved(node: Node, call: Call) -> Expression:
    """A move, taken together with those before it and known by what it does to the entries."""
    arg, op = call.args[0], call.op
    where = op.index_map(node)
    if where is None or where.bounds:  # with bounds, the entries beyond them are zero
        return call
    if is_constant(arg):
        return replace(arg, shape=node.shape)
    base = arg.base if isinstance(arg, Moved) else arg
    before = arg.reads if isinstance(arg, Moved) else _places(arg)
    reads = where.read(before.ravel()).reshape(node.shape)
    if isinstance(arg, Moved) and np.array_equal(reads, arg.reads):
        return arg
    plain = replace(call, args=(arg.plain if isinstance(arg, Moved) else arg,))
    return _marked(base, reads, plain)


def _marked(base: Expression, reads: np.ndarray, plain: Call) -> Expression:
    """The entries ``reads`` of ``base``, in the simplest way to write them."""
    shape, own = reads.shape, _places(base)
    mark = ""
    if shape == own.shape and (reads == own).all():
        return base
    if own.ndim > 1 and shape == own.mT.shape and (reads == own.mT).all():
        mark = "turned"
    elif _without_ones(shape) == _without_ones(own.shape) and (reads.ravel() == own.ravel()).all():
        mark = "same"
        if own.ndim == 1 and len(shape) == 2:
            mark = "column" if shape[1] == 1 else "row"
    elif _broadcasts(own, reads):
        mark = "spread"
    made = Moved(base, mark, shape, reads, plain)
    if isinstance(base, Call) and is_product(base.op):
        return _of_product(made, base)
    return made


def _places(x: Expression) -> np.ndarray:
    """Which entry of ``x`` is where in it."""
    return np.arange(int(np.prod(x.shape))).reshape(x.shape)


def _without_ones(shape: tuple[int, ...]) -> list[int]:
    return [size for size in shape if size != 1]


def _broadcasts(own: np.ndarray, reads: np.ndarray) -> bool:
    try:
        return bool((np.broadcast_to(own, reads.shape) == reads).all())
    except ValueError:
        return False


def _of_product(made: Moved, product: Call) -> Expression:
    """The product (a b)ᵀ as bᵀ aᵀ, where that has no more marks; and one with a vector that lay
    down as a row only to be a matrix with the vector itself."""
    a, b = product.args
    if made.mark == "turned" and len(product.shape) == 2:
        turned = _turned(b, made.plain), _turned(a, made.plain)
        if _marks(turned) <= _marks((a, b)) + 1:
            return Call(product.op, turned, product.attrs, made.shape)
    if made.mark == "same" and len(made.shape) < 2:
        a = a.base if isinstance(a, Moved) and a.mark == "row" else a
        b = b.base if isinstance(b, Moved) and b.mark == "column" else b
        if (a, b) != product.args:
            return Call(product.op, (a, b), product.attrs, made.shape)
    return made


def _turned(x: Expression, plain: Call) -> Expression:
    """The transpose of a matrix, in a product."""
    if isinstance(x, Number):
        return replace(x, shape=x.shape[::-1])
    if not isinstance(x, Moved):
        return _marked(x, _places(x).T, plain)
    if x.mark in ("row", "column"):
        other = "column" if x.mark == "row" else "row"
        return replace(x, mark=other, shape=x.shape[::-1], reads=x.reads.T)
    return _marked(x.base, x.reads.T, plain)


def _marks(args: Iterable[Expression]) -> float:
    """How many of the factors are marked ᵀ; too many, where one is not just turned."""
    marks = [arg.mark for arg in args if isinstance(arg, Moved)]
    if not {"turned", "row", "column"}.issuperset(marks):
        return math.inf
    return len(marks) - marks.count("column")
