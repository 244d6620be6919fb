"""Sums of floats whose error does not grow with their number."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

Array = Any
Shape = tuple[int, ...]

LONG = 2048
"""How many rows may be added one after the other."""

SHORT = 1024
"""Rows of up to so many entries, which lie one behind the other, are multiplied by ones: BLAS adds
them twice as fast as NumPy, into a few dozen sums at a time."""

_sum: Any = np.add.reduce


def sum(x: Array, dims: Shape, keepdim: bool) -> Array:
    """The sum along ``dims``, in x's own dtype (of float16, added up in float32).

    NumPy adds pairs of pairs along the last axis, but along others row after row, so that a million
    rows of float32 keep three digits.  Such axes are added in blocks of √n rows first.

    >>> sum(np.ones((100_000, 2), np.float32), (0,), False)
    array([100000., 100000.], dtype=float32)
    """
    dtype = x.dtype
    if dtype.char == "e":
        return sum(x.astype(np.float32), dims, keepdim).astype(dtype)
    if x.size <= LONG or dtype.kind not in "fc":
        return _sum(x, dims, dtype, None, keepdim)
    whole, end = x, x.ndim
    while x.flags.c_contiguous and end - 1 in dims:
        end -= 1  # NumPy sees all the trailing axes of the sum as one
    n, start = 1, x.ndim
    while start > end and n * x.shape[start - 1] <= SHORT:
        start -= 1
        n *= x.shape[start]
    if n > 1 and dtype.kind == "f":
        made = np.vecdot(x.reshape(*x.shape[:start], n), _ones(n, dtype))
        if rest := tuple(d for d in dims if d < start):
            made = sum(made, rest, False)
        kept = [1 if d in dims else size for d, size in enumerate(x.shape)]
        return made.reshape(kept) if keepdim else made
    for d in dims:
        if d < end and x.shape[d] > LONG and x.strides[d] != x.itemsize:
            whole = _in_blocks(whole, d)
    return _sum(whole, dims, dtype, None, keepdim)


@lru_cache(maxsize=256)
def _ones(n: int, dtype: Any) -> Array:
    """Ones, which nobody writes to."""
    made = np.ones(n, dtype)
    made.flags.writeable = False
    return made


def _in_blocks(x: Array, d: int) -> Array:
    """The sums of blocks of rows along an axis, and of the rows that are left over."""
    n = x.shape[d]
    rows = math.isqrt(n)
    blocks = n // rows
    before = (np.s_[:],) * d
    head = x[(*before, np.s_[: blocks * rows])]
    parts = _sum(head.reshape(*x.shape[:d], blocks, rows, *x.shape[d + 1 :]), d + 1)
    if blocks * rows == n:
        return parts
    rest = _sum(x[(*before, np.s_[blocks * rows :])], d, None, None, True)
    return np.concatenate([parts, rest], d)
