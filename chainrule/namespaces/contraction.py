"""Sums of products: ``einsum``, for arrays of any dtype that NumPy multiplies, objects too.

Two operands become matrix products.  Where their axes stand so that no entry has to be moved, one
product does it; else the larger operand is worked through in pieces (see `pieces`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from chainrule.namespaces import pieces

Array = Any


def einsum(arrays: Sequence[Array], equation: str) -> Array:
    """The sum of products that ``equation`` says; of two operands, by `matmul` where it can.

    >>> einsum([np.eye(2), np.arange(4.0).reshape(2, 2)], "ij,kj->ki")
    array([[0., 1.],
           [2., 3.]])
    """
    plan = _plan(equation) if len(arrays) == 2 else None
    if len(arrays) == 1 and set(equation.partition("->")[0]) <= set(equation.partition("->")[2]):
        return np.einsum(equation, *arrays)  # nothing is summed: a view
    if arrays[0].dtype.char == "e" and (plan is None or not plan.in_place):
        wide = [x.astype(np.float32) for x in arrays]  # NumPy would add up in float16
        return einsum(wide, equation).astype(np.float16)
    if plan is None:
        return np.einsum(equation, *arrays, optimize=len(arrays) > 2)
    a, b = arrays
    sizes = dict(zip(plan.a + plan.b, a.shape + b.shape, strict=True))
    if tuple(map(sizes.get, plan.a)) != a.shape:  # sizes are those of b where both have a letter
        raise ValueError(f"einsum {equation}: {a.shape} and {b.shape} do not fit")
    if plan.in_place:
        return _product(plan, a, b, sizes)
    return _squeezed(plan, a, b, sizes)


@dataclass(frozen=True)
class Plan:
    """Which letters are where: in both operands and the result (``batch``), in one operand and the
    result (``left``, ``right``), in both operands only (``shared``).

    ``in_place`` says that matrices can be read off both operands as they are.
    """

    a: str
    b: str
    out: str
    batch: str
    left: str
    right: str
    shared: str
    in_place: bool


@lru_cache(maxsize=1024)
def _plan(equation: str) -> Plan | None:
    """How two operands become matrix products; None where a letter is in one operand alone and not
    in the result, or twice in one."""
    operands, _, out = equation.replace(" ", "").partition("->")
    a, b = operands.split(",")
    batch = "".join(label for label in out if label in a and label in b)
    left = "".join(label for label in out if label not in b)
    right = "".join(label for label in out if label not in a)
    shared = "".join(label for label in a if label in b and label not in out)
    whole = (batch + left + shared, batch + shared + right, batch + left + right)
    if any(sorted(s) != sorted(t) for s, t in zip((a, b, out), whole, strict=True)):
        return None
    matrices = {batch + left + shared, batch + shared + left}, {batch + shared + right,
                                                                batch + right + shared}  # fmt: skip
    in_place = bool(shared and left + right) and a in matrices[0] and b in matrices[1]
    return Plan(a, b, out, batch, left, right, shared, in_place)


def _product(plan: Plan, a: Array, b: Array, sizes: dict[str, int]) -> Array:
    """One matrix product, batched."""

    def sized(labels: str) -> tuple[int, ...]:
        return tuple(sizes[label] for label in labels)

    batch, left, right = map(sized, (plan.batch, plan.left, plan.right))
    inner = math.prod(sized(plan.shared))
    product = np.matmul(
        _turned(a, plan.a, plan.batch + plan.left + plan.shared).reshape(
            *batch, math.prod(left), inner
        ),
        _turned(b, plan.b, plan.batch + plan.shared + plan.right).reshape(
            *batch, inner, math.prod(right)
        ),
    )
    return _turned(
        product.reshape(batch + left + right), plan.batch + plan.left + plan.right, plan.out
    )


def _turned(x: Array, given: str, wanted: str) -> Array:
    """The view of x whose axes stand in the order ``wanted``."""
    return x if given == wanted else x.transpose([given.index(label) for label in wanted])


def _squeezed(plan: Plan, a: Array, b: Array, sizes: dict[str, int]) -> Array:
    """The product without the axes of one entry, which can only be in the way."""
    kept = {label: size for label, size in sizes.items() if size != 1}
    shape = tuple(sizes[label] for label in plan.out)
    a, b = (
        x[(..., *(np.s_[:] if label in kept else 0 for label in labels))]
        for x, labels in ((a, plan.a), (b, plan.b))
    )
    terms = ["".join(filter(kept.__contains__, t)) for t in (plan.a, plan.b, plan.out)]
    short = _plan(f"{terms[0]},{terms[1]}->{terms[2]}")
    assert short is not None  # letters were only left out
    if 0 in kept.values() or not short.shared + short.left + short.right:
        made = np.einsum(f"{short.a},{short.b}->{short.out}", a, b)
        return np.asarray(made, a.dtype).reshape(shape)  # of objects without axes, one of them
    if short.in_place:
        return _product(short, a, b, kept).reshape(shape)
    if a.size > b.size or not short.shared + short.right:
        short = Plan(short.b, short.a, short.out, short.batch, short.right, short.left,
                     short.shared, short.in_place)  # fmt: skip
        a, b = b, a
    return _by_pieces(short, a, b, kept).reshape(shape)


def _by_pieces(plan: Plan, a: Array, b: Array, sizes: dict[str, int]) -> Array:
    """The product where b, the larger operand, has its axes in no order that a matrix has.

    Its letters are batch, rows and columns; the larger of what it shares with a and what it has
    alone are the columns, of which so many are taken at a time as the cache holds.
    """
    own, shared = (math.prod(sizes[label] for label in s) for s in (plan.right, plan.shared))
    columns, rows = (plan.right, plan.shared) if own >= shared else (plan.shared, plan.right)
    columns = "".join(label for label in plan.b if label in columns)
    first, rest = columns[:1], columns[1:]
    batch, left = plan.batch, plan.left
    order = first + batch + rows + rest
    wide, lies = _turned(b, plan.b, order), plan.b == order
    n = len(batch), len(left), len(rows)
    if not plan.shared:
        made = pieces.spread(_turned(a, plan.a, batch + left), wide, n)
        return _turned(made, first + batch + left + rest, plan.out)
    if own >= shared:
        thin = _turned(a, plan.a, batch + left + rows)
        made = pieces.columns_made(thin, wide, n, lies)
        return _turned(made, first + batch + left + rest, plan.out)
    thin = _turned(a, plan.a, first + batch + left + rest)
    return _turned(pieces.columns_summed(thin, wide, n, lies), batch + left + rows, plan.out)
