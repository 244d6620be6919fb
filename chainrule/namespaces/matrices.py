"""Systems of linear equations and determinants: of floats by LAPACK, of exact numbers by hand."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from chainrule.namespaces import exact_numbers as number

Array = Any

SINGULAR = "a matrix is singular: its determinant is 0"


def solve(a: Array, y: Array) -> Array:
    """The x of ``a @ x = y``.  Raises ZeroDivisionError for a singular matrix.

    >>> solve(np.array([[2.0, 0.0], [1.0, 1.0]]), np.array([[4.0], [3.0]])).tolist()
    [[2.0], [1.0]]
    """
    wide = [x.astype(np.float32) if x.dtype.char == "e" else x for x in (a, y)]
    try:
        return np.linalg.solve(*wide).astype(a.dtype)
    except np.linalg.LinAlgError:
        raise ZeroDivisionError(SINGULAR) from None


def det(a: Array) -> Array:
    """The determinant of each matrix."""
    wide = a.astype(np.float32) if a.dtype.char == "e" else a
    return np.linalg.det(wide).astype(a.dtype)


def slogdet(a: Array) -> Array:
    """The signs of the determinants, and the logarithms of their absolute values: (2, *b).

    >>> slogdet(np.array([[0.0, 1.0], [1.0, 0.0]])).tolist()
    [-1.0, 0.0]
    """
    wide = a.astype(np.float32) if a.dtype.char == "e" else a
    return np.stack(np.linalg.slogdet(wide)).astype(a.dtype)


# -- exact -----------------------------------------------------------------------------------------


class Undecided(Exception):
    """Whether an entry is 0 depends on symbols."""


def solve_exactly(a: Array, y: Array) -> Array:
    """`solve` of exact numbers: by elimination, or where symbols leave a pivot open by Cramer's
    rule, which divides by nothing but the determinant."""
    return _each_matrix(_solved, a.shape[:-2], y.shape[-2:], a, y)


def det_exactly(a: Array) -> Array:
    """`det` of exact numbers."""
    return _each_matrix(_determinant, a.shape[:-2], (), a)


def _each_matrix(function: Callable[..., Any], batch: Any, shape: Any, *stacks: Array) -> Array:
    out = np.empty((*batch, *shape), dtype=object)
    for at in np.ndindex(*batch):
        out[at] = function(*(stack[at] for stack in stacks))
    return out


def _solved(a: Array, y: Array) -> Array:
    n = len(a)
    try:
        rows, determinant = _eliminated(np.concatenate([a, y], axis=1))
        if determinant == 0:
            raise ZeroDivisionError(SINGULAR)
        return rows[:, n:]
    except Undecided:
        matrix, right = _matrix(a), _matrix(y)
        determinant = number.settle(matrix.det(method="berkowitz"))
        if number.is_zero(determinant):
            raise ZeroDivisionError(SINGULAR) from None
        top = matrix.adjugate(method="berkowitz") * right
        entries = [number.quotient(number.settle(v), determinant) for v in top]
        out = np.empty(y.shape, dtype=object)
        out.reshape(-1)[:] = entries
        return out


def _determinant(a: Array) -> Any:
    try:
        return _eliminated(a)[1]
    except Undecided:
        return number.settle(_matrix(a).det(method="berkowitz"))


def _eliminated(rows: Array) -> tuple[Array, Any]:
    """The rows after Gauss and Jordan's elimination of the leading square, and its determinant."""
    rows, determinant = rows.copy(), Fraction(1)
    for i in range(len(rows)):
        known = [number.is_zero(v) for v in rows[i:, i]]
        if None in known:
            raise Undecided
        if all(known):
            return rows, Fraction(0)
        pivot = i + known.index(False)
        if pivot != i:
            rows[[i, pivot]], determinant = rows[[pivot, i]], -determinant
        determinant = number.settle(determinant * rows[i, i])
        rows[i] = [number.quotient(v, rows[i, i]) for v in rows[i]]
        for j in range(len(rows)):
            if j != i:
                factor = rows[j, i]
                pairs = zip(rows[j], rows[i], strict=True)
                rows[j] = [number.settle(v - factor * w) for v, w in pairs]
    return rows, determinant


def _matrix(a: Array) -> Any:
    """A SymPy matrix."""
    return number.sympy().Matrix(*a.shape, [number.symbolic(v) for v in a.reshape(-1)])
