"""Sums of products: ``einsum``, for arrays of any dtype that NumPy multiplies, objects too."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

Array = Any


def einsum(arrays: Sequence[Array], equation: str) -> Array:
    """The sum of products that ``equation`` says; of two operands, by `matmul` where it can.

    >>> einsum([np.eye(2), np.arange(4.0).reshape(2, 2)], "ij,kj->ki")
    array([[0., 1.],
           [2., 3.]])
    """
    plan = _contraction(equation) if len(arrays) == 2 else None
    if len(arrays) == 1 and set(equation.partition("->")[0]) <= set(equation.partition("->")[2]):
        return np.einsum(equation, *arrays)  # nothing is summed: a view
    if plan is None and arrays[0].dtype.char == "e":  # which NumPy would add up in float16
        wide = [x.astype(np.float32) for x in arrays]
        return einsum(wide, equation).astype(np.float16)
    if plan is None:
        return np.einsum(equation, *arrays, optimize=len(arrays) > 2)
    (a, b), (a_dims, b_dims, out_dims, batch, left, shared) = arrays, plan
    a, b = a.transpose(a_dims), b.transpose(b_dims)
    rows, columns = a.shape[batch : batch + left], b.shape[batch + shared :]
    if a.shape != (*b.shape[:batch], *rows, *b.shape[batch : batch + shared]):
        raise ValueError(f"einsum {equation}: {arrays[0].shape} and {arrays[1].shape} do not fit")
    common, inner = a.shape[:batch], math.prod(b.shape[batch : batch + shared])
    product = np.matmul(
        a.reshape(*common, math.prod(rows), inner), b.reshape(*common, inner, math.prod(columns))
    )
    return product.reshape(common + rows + columns).transpose(out_dims)


@lru_cache(maxsize=1024)
def _contraction(equation: str) -> tuple[Any, ...] | None:
    """How two operands become one matrix product: their axes as (batch, left, shared) and (batch,
    shared, right), those of the result, and three of the counts; None where they do not."""
    operands, _, out = equation.replace(" ", "").partition("->")
    a, b = operands.split(",")
    batch = [label for label in out if label in a and label in b]
    left = [label for label in out if label not in b]
    right = [label for label in out if label not in a]
    shared = [label for label in a if label in b and label not in out]
    whole = (*batch, *left, *shared), (*batch, *shared, *right), (*batch, *left, *right)
    as_given = all(sorted(s) == sorted(t) for s, t in zip((a, b, out), whole, strict=True))
    if not (as_given and shared and left + right):
        return None
    a_dims, b_dims = (tuple(map(s.index, t)) for s, t in zip((a, b), whole, strict=False))
    return a_dims, b_dims, tuple(map(whole[2].index, out)), len(batch), len(left), len(shared)
