"""Expressions without what changes nothing: by the facts of the ops, whatever they are called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np

from chainrule.core.node import Node
from chainrule.core.op import Op
from chainrule.core.signature import Signature
from chainrule.readings.explain.terms import Call, Expression, Moved, Number


def tidied(made: Expression, node: Node) -> Expression:
    """The expression without what changes nothing."""
    for rule in _RULES:
        if isinstance(made, Call):
            made = rule(made, node)
    return numbers_joined(together(made, slice(None)))


def numbers_joined(made: Expression) -> Expression:
    """2 * (y - d) * 3 as 6 * (y - d), where the result is a whole number or the numbers are exact:
    what the facts ``commutative`` and ``associative`` allow."""
    if not isinstance(made, Call) or not made.op.facts.get("associative"):
        return made
    numbers = [arg for arg in made.args if is_constant(arg)]
    others = [arg for arg in made.args if not is_constant(arg)]
    if len(numbers) < 2 or not others:
        return made
    if np.broadcast_shapes(*(arg.shape for arg in others)) != made.shape:
        return made
    exact = all(isinstance(arg, Number) for arg in numbers)
    value = _fraction(replace(made, args=tuple(numbers)))
    if value is None or not (exact or value.denominator == 1):
        return made
    kept = [] if value in made.op.facts["identity"] else [Number(_plain(value), ())]
    return replace(made, args=(*kept, *others)) if len(kept) + len(others) > 1 else others[0]


def _fraction(made: Expression) -> Fraction | None:
    """The number that an expression without names stands for, where it is a fraction."""
    from chainrule.namespaces import exact

    if isinstance(made, Number):
        return Fraction(made.value) if _is_fraction(made.value) else None
    parts = [_fraction(arg) for arg in made.args] if isinstance(made, Call) else []
    if not isinstance(made, Call) or len(parts) < 2 or None in parts:
        return None
    try:
        found = exact.array(parts[0])
        for part in parts[1:]:  # of a chain, one after the other
            found = made.op.forward(exact, found, exact.array(part), **made.attrs)
    except (ArithmeticError, ValueError):
        return None
    return found.item() if isinstance(found.item(), Fraction) else None


def _is_fraction(value: Any) -> bool:
    whole = isinstance(value, float) and value.is_integer()
    return whole or (isinstance(value, int | Fraction) and not isinstance(value, bool))


def _plain(value: Fraction) -> int | Fraction:
    return value.numerator if value.denominator == 1 else value


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


def together(made: Expression, places: slice = slice(1)) -> Expression:
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


def is_constant(x: Expression) -> bool:
    """Whether all entries are one number, such as 1 / 2 * (1 / 3), wherever they are moved."""
    if isinstance(x, Number) or not isinstance(x, Call):
        return isinstance(x, Number)
    return x.op.kind == "elementwise" and bool(x.args) and all(map(is_constant, x.args))


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
