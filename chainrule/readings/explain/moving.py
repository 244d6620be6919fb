"""Moves of entries, taken together and known by what they do to the entries: two transpositions
cancel, and what is put among others and taken out again is what it was, whatever the ops are
called."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.core.errors import ChainruleError
from chainrule.core.node import Node
from chainrule.namespaces import numpy as arrays
from chainrule.readings.explain.terms import Call, Expression, Moved, Number, Pieced
from chainrule.readings.explain.tidying import is_constant, is_product


def moved(node: Node, call: Call) -> Expression:
    """A move, taken together with those before it."""
    parts = [_parts(arg) for arg in call.args]
    bases: list[Expression] = []
    for own, _ in parts:
        bases += [base for base in own if not any(base is other for other in bases)]
    starts = np.cumsum([1, *(math.prod(base.shape) for base in bases)])
    reads = _read(node, [_counted(own, reads, bases, starts) for own, reads in parts])
    if reads is None:
        return call
    used = [i for i in range(len(bases)) if ((reads >= starts[i]) & (reads < starts[i + 1])).any()]
    if not used:
        return Number(0, node.shape)
    plain = _direct(node, replace(call, args=tuple(map(_plain, call.args))))
    if len(used) > 1 or (reads == 0).any():
        return Pieced(tuple(bases), node.shape, reads, plain)
    base, places = bases[used[0]], reads - starts[used[0]]
    if (inside := _within(base, places)) is not None:
        return inside
    if isinstance(base, Number | Call) and is_constant(base):
        return replace(base, shape=node.shape)
    first = call.args[0]
    if isinstance(first, Moved) and first.base is base and np.array_equal(places, first.reads):
        return first
    found = _marked(base, places, plain)
    unmarked = isinstance(found, Moved) and not found.mark
    if not unmarked or not isinstance(first, Moved) or places.ndim != 2:
        return found
    if np.array_equal(places.T, first.reads):  # a matrix that is turned, whatever it was before
        return Moved(first.plain, "turned", node.shape, _places(first.plain).T, plain)
    return found


def _direct(node: Node, call: Call) -> Call:
    """The call without the move before it, where that makes no difference: of two changes of shape
    the last one counts."""
    inner = call.args[0]
    if len(call.args) != 1 or not isinstance(inner, Call) or len(inner.args) != 1:
        return call
    entries = _places(inner.args[0]) + 1
    try:
        between: Any = inner.op.forward(arrays, entries, **inner.attrs)
    except (ChainruleError, ArithmeticError, LookupError, TypeError, ValueError):
        return call
    made, direct = (_read(node, [marks]) for marks in (between, entries))
    same = inner.op.kind == "move" and made is not None and direct is not None
    return replace(call, args=inner.args) if same and np.array_equal(made, direct) else call  # type: ignore[arg-type]


def _within(base: Expression, places: np.ndarray) -> Expression | None:
    """The same entries of 2 * stack([a, b]) as 2 * b: an element-wise op on what was put together;
    None where it is not made so, or other entries are taken than those of one part."""
    if not isinstance(base, Call) or base.op.kind != "elementwise":
        return None
    found: list[Expression] = []
    for arg in base.args:
        if isinstance(arg, Number):
            found.append(replace(arg, shape=()))
        elif isinstance(arg, Pieced) and arg.shape == base.shape:
            found.append(_whole_part(arg, places) or arg)
        else:
            return None
    if any(isinstance(x, Pieced) for x in found) or all(isinstance(x, Number) for x in found):
        return None
    return replace(base, args=tuple(found), shape=places.shape)


def _whole_part(pieced: Pieced, places: np.ndarray) -> Expression | None:
    """The one base of which ``places`` are all entries as they are."""
    reads, start = pieced.reads.ravel()[places], 1
    for base in pieced.bases:
        own = _places(base)
        if own.shape == reads.shape and np.array_equal(reads, own + start):
            return base
        start += own.size
    return None


def _parts(x: Expression) -> tuple[tuple[Expression, ...], np.ndarray]:
    """What an expression takes its entries from, and which, counted from 1; 0 is no entry."""
    if isinstance(x, Pieced):
        return x.bases, x.reads
    if isinstance(x, Moved):
        return (x.base,), x.reads + 1
    if isinstance(x, Number) and x.value == 0:
        return (), np.zeros(x.shape, np.int64)
    return (x,), _places(x) + 1


def _counted(
    own: tuple[Expression, ...], reads: np.ndarray, bases: list[Expression], starts: np.ndarray
) -> np.ndarray:
    """The same entries, counted through all the bases."""
    found, at = np.zeros_like(reads), 1
    for base in own:
        i = next(i for i, other in enumerate(bases) if other is base)
        size = math.prod(base.shape)
        found = np.where((reads >= at) & (reads < at + size), reads - at + starts[i], found)
        at += size
    return found


def _read(node: Node, marks: list[np.ndarray]) -> np.ndarray | None:
    """Which entries the result has, 0 where it has none; None where that cannot be said, as what
    fills the places without an entry is no zero."""
    assert node.op is not None  # the caller has looked
    try:
        filled: Any = node.op.forward(arrays, *(mark * 0 for mark in marks), **node.attrs)
        found: Any = node.op.forward(arrays, *marks, **node.attrs)
    except (ChainruleError, ArithmeticError, LookupError, TypeError, ValueError):
        return None
    return None if np.any(filled) or found.shape != node.shape else np.asarray(found)


def _plain(x: Expression) -> Expression:
    """An expression as it was called."""
    return x.plain if isinstance(x, Moved | Pieced) else x


def _marked(base: Expression, reads: np.ndarray, plain: Call) -> Expression:
    """The entries ``reads`` of ``base``, in the simplest way to write them."""
    shape, own = reads.shape, _places(base)
    mark = ""
    if shape == own.shape and (reads == own).all():
        return base
    flat = own if own.ndim == 2 else own.reshape(_without_ones(own.shape))
    if own.ndim > 1 and shape == own.mT.shape and (reads == own.mT).all():
        mark = "turned"
    elif flat.ndim == 2 and shape == flat.T.shape and (reads == flat.T).all():
        mark = "turned"  # a batch of one is the matrix alone
    elif _without_ones(shape) == _without_ones(own.shape) and (reads.ravel() == own.ravel()).all():
        mark = "same"
        if own.ndim == 1 and len(shape) == 2:
            mark = "column" if shape[1] == 1 else "row"
    elif _broadcasts(own, reads):
        mark = "spread"
    made = Moved(base, mark, shape, reads, plain)
    if mark == "turned" and isinstance(base, Call) and (terms := _turned_terms(base, plain)):
        return replace(base, args=terms, shape=shape)
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


def _turned_terms(total: Call, plain: Call) -> tuple[Expression, ...] | None:
    """The terms of (a bᵀ + c dᵀ)ᵀ, turned one by one to b aᵀ + d cᵀ; None where one of them gets no
    simpler."""
    products = [x for x in total.args if isinstance(x, Call) and is_product(x.op)]
    if len(products) != len(total.args) or total.op.kind != "elementwise":
        return None
    if any(x.shape != total.shape for x in products):
        return None
    turned = [tuple(_turned(x, plain) for x in reversed(product.args)) for product in products]
    if any(_marks(t) > _marks(product.args) for t, product in zip(turned, products, strict=True)):
        return None
    return tuple(
        replace(product, args=args, shape=total.shape[::-1])
        for product, args in zip(products, turned, strict=True)
    )


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
