"""Expressions: how a value is made from those that have names, as one would write it by hand.

An expression is read off the nodes.  Adjoints are also tidied: numbers that change nothing go, by
the facts of the ops, and moves are taken together and known by what they do to the entries, so that
two transpositions cancel, whatever the ops are called.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np

from chainrule.core.node import Node
from chainrule.core.op import Op
from chainrule.core.signature import Signature
from chainrule.readings.explain.figures import line
from chainrule.readings.simplify import number_of


@dataclass(frozen=True, eq=False)
class Symbol:
    """A value with a name."""

    name: str
    value: Any
    shape: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Number:
    """A number; with a shape, that many of it."""

    value: Any
    shape: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Call:
    """An op applied to expressions; to more than two, where it is written between its operands."""

    op: Op
    args: tuple[Expression, ...]
    attrs: dict[str, Any]
    shape: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Output:
    """One output of an op with several: ``.values``, or ``[0]`` where there are any number."""

    whole: Expression
    part: str
    shape: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Moved:
    """Entries of ``base`` in other places: ``reads`` says which; ``plain`` is it as it was called.

    ``mark`` is how it is written: ``turned`` (ᵀ), ``row`` (of a vector), ``column``, ``same`` (but
    for axes of size 1), ``spread`` (repeated as in broadcasting), or empty, and then ``plain`` is.
    """

    base: Expression
    mark: str
    shape: tuple[int, ...]
    reads: np.ndarray = field(repr=False)
    plain: Call = field(repr=False)


Expression = Symbol | Number | Call | Output | Moved


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
            found[part] = _tidied(made, part) if tidy else _as_called(made)
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
    return _together(made)


def _together(made: Expression, places: slice = slice(1)) -> Expression:
    """``(a + b) + c`` as one sum, for all ops that are written between their operands and may
    exchange them; with all ``places``, ``a + (b + c)`` too."""
    if not isinstance(made, Call) or not _in_a_row(made.op):
        return made
    args: list[Expression] = []
    for i, arg in enumerate(made.args):
        inner = isinstance(arg, Call) and arg.op is made.op and i in range(len(made.args))[places]
        args += arg.args if inner else [arg]  # type: ignore[union-attr]
    return replace(made, args=tuple(args))


def _in_a_row(op: Op) -> bool:
    text = op.text or ""
    between = text.startswith("{0}") and text.endswith("{1}")
    return between and bool(op.facts.get("commutative"))


# -- tidying -------------------------------------------------------------------------------------


def _tidied(made: Expression, node: Node) -> Expression:
    """The expression without what changes nothing."""
    for rule in _RULES:
        if isinstance(made, Call):
            made = rule(made, node)
    return _together(made, slice(None))


def _folded(made: Call, node: Node) -> Expression:
    """An op on numbers alone, where the result is a whole number or a fraction."""
    if not made.args or not all(isinstance(arg, Number) for arg in made.args):
        return made
    if made.op.kind != "elementwise" or node.value is None or np.size(node.value) == 0:
        return made
    entries = np.asarray(node.value).ravel()
    first = entries[0].item() if isinstance(entries[0], np.generic) else entries[0]
    whole = isinstance(first, int | Fraction) or (isinstance(first, float) and first.is_integer())
    return Number(first, made.shape) if whole and (entries == first).all() else made


def _without_identity(made: Call, node: Node) -> Expression:
    """Nothing for a factor 1: what the fact ``identity`` says, where no shape depends on it."""
    units = made.op.facts.get("identity", ())
    if len(made.args) != len(units):
        return made
    for i, unit in enumerate(units):
        arg, other = made.args[i], made.args[1 - i]
        is_unit = unit is not None and isinstance(arg, Number) and arg.value == unit
        if is_unit and other.shape == made.shape:
            return other
    return made


def _undone(made: Call, node: Node) -> Expression:
    """Back to x from -(-x): what the fact ``involution`` says."""
    inner = made.args[0] if len(made.args) == 1 else None
    again = isinstance(inner, Call) and inner.op is made.op and inner.attrs == made.attrs
    return inner.args[0] if again and made.op.facts.get("involution") else made  # type: ignore[union-attr]


def _outer(made: Call, node: Node) -> Expression:
    """The outer product of vectors, where the second has one entry and is row and column alike."""
    if not is_product(made.op):
        return made
    a, b = made.args
    if isinstance(a, Moved) and isinstance(b, Moved) and a.mark == b.mark == "column":
        return replace(made, args=(a, replace(b, mark="row")))
    return made


def _selected(made: Call, node: Node) -> Expression:
    """What was chosen everywhere, where the other choice was a number that nobody asked for: the 1
    that keeps a quotient from 0 / 0.  The fact ``selects`` says between which operands."""
    choices = made.op.facts.get("selects", ())
    for i in choices if len(made.args) == len(node.parents) else ():
        kept: Expression = made.args[i]
        others = [made.args[j] for j in choices if j != i]
        stands = not isinstance(kept, Number) and kept.shape == made.shape
        if stands and all(isinstance(other, Number) for other in others) and _agree(node, i):
            return kept
    return made


def _agree(node: Node, i: int) -> bool:
    """Whether operand ``i`` has the value of the node in every entry."""
    value, operand = node.value, node.parents[i].value
    return value is not None and operand is not None and bool(np.all(value == operand))


_RULES: tuple[Callable[[Call, Node], Expression], ...] = (
    _folded, _selected, _without_identity, _undone, _outer,
)  # fmt: skip


# -- moves ---------------------------------------------------------------------------------------


def _moved(node: Node, call: Call) -> Expression:
    """A move, taken together with those before it and known by what it does to the entries."""
    arg, op = call.args[0], call.op
    where = op.index_map(node)
    if where is None or where.bounds:  # with bounds, the entries beyond them are zero
        return call
    if _is_constant(arg):
        return replace(arg, shape=node.shape)
    base = arg.base if isinstance(arg, Moved) else arg
    before = arg.reads if isinstance(arg, Moved) else _places(arg)
    reads = where.read(before.ravel()).reshape(node.shape)
    if isinstance(arg, Moved) and np.array_equal(reads, arg.reads):
        return arg
    plain = replace(call, args=(arg.plain if isinstance(arg, Moved) else arg,))
    return _marked(base, reads, plain)


def _is_constant(x: Expression) -> bool:
    """Whether all entries are one number, such as 1 / 2 * (1 / 3), wherever they are moved."""
    if isinstance(x, Number) or not isinstance(x, Call):
        return isinstance(x, Number)
    return x.op.kind == "elementwise" and bool(x.args) and all(map(_is_constant, x.args))


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


@cache
def is_product(op: Op) -> bool:
    """Whether turning the result is the same as turning both operands and exchanging them: read off
    the signature, ``*b m k, *b k n -> *b m n``."""
    if op.kind != "contract" or op.signature is None:
        return False
    parsed = Signature.parse(op.signature)
    axes = [part.after for part in (*parsed.operands, *parsed.results)]
    if [len(names) for names in axes] != [2, 2, 2]:
        return False
    (m, k), (k2, n), result = axes
    return k == k2 and result == (m, n)


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
