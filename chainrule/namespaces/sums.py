"""Sums of floats whose error does not grow with their number."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

Array = Any
Shape = tuple[int, ...]

LONG = 2048
"""How many rows may be added one after the other."""

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
    for d in dims:
        if d < end and x.shape[d] > LONG and x.strides[d] != x.itemsize:
            whole = _in_blocks(whole, d)
    return _sum(whole, dims, dtype, None, keepdim)


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
