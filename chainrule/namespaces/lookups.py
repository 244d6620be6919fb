"""Look-ups of the NumPy namespace: entries named by whole numbers, replaced or added to."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

Array = Any
Shape = tuple[int, ...]

_amax: Any = np.maximum.reduce


def gather(x: Array, index: Array, dim: int) -> Array:
    """``out[i, j] = x[index[i, j], j]`` for dim 0, and so on.  Raises IndexError."""
    check_range(index, x.shape[dim], dim)
    return x[_entries(index, dim)]


def scatter(x: Array, index: Array, source: Array, dim: int) -> Array:
    """Put each ``source[i, j]`` at ``[index[i, j], j]`` (for dim 0).  Raises IndexError."""
    check_range(index, x.shape[dim], dim)
    out = x.copy()
    out[_entries(index, dim)] = source[tuple(map(slice, index.shape))]
    return out


def scatter_add(x: Array, index: Array, source: Array, dim: int) -> Array:
    """Add each ``source[i, j]`` to x at ``[index[i, j], j]`` (for dim 0).  Raises IndexError."""
    check_range(index, x.shape[dim], dim)
    places = np.ravel_multi_index(_entries(index, dim), x.shape)
    return _add_at(x, places, source[tuple(map(slice, index.shape))])


def take(x: Array, index: Array, dim: int) -> Array:
    """Replace axis ``dim`` by the entries that ``index`` names.  Raises IndexError."""
    check_range(index, x.shape[dim], dim)
    return np.take(x, index, axis=dim)


def index_add(x: Array, index: Array, source: Array, dim: int) -> Array:
    """Add ``source`` to x where ``take(x, index, dim)`` would read.  Raises IndexError.

    >>> index_add(np.zeros(3), np.array([0, 2, 0]), np.array([1.0, 2.0, 3.0]), 0)
    array([4., 0., 2.])
    """
    check_range(index, x.shape[dim], dim)
    before, n, after = math.prod(x.shape[:dim]), x.shape[dim], math.prod(x.shape[dim + 1 :])
    rows = np.arange(before)[:, None] * n + np.reshape(index, -1)
    return _add_at(x, rows[:, :, None] * after + np.arange(after), source)


def check_range(index: Array, size: int, dim: int) -> None:
    """Raise IndexError unless every index is at least 0 and below ``size``."""
    if index.size == 0:
        return
    # as unsigned numbers, negative ones are the largest of all: one reduction finds both ends
    if _amax(index.view(np.uint64), None) >= size:
        wrong = index[(index < 0) | (index >= size)].flat[0]
        raise IndexError(f"index {wrong} is out of range for axis {dim} of size {size}")


def _entries(index: Array, dim: int) -> tuple[Array, ...]:
    """The full coordinates of the entries that `gather` reads."""
    before, after = _coordinates(index.shape, dim)
    return (*before, index, *after)


@functools.lru_cache(maxsize=256)
def _coordinates(shape: Shape, dim: int) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
    """The coordinates along the other axes than ``dim``, those before it and those after it."""
    last = len(shape) - 1
    grid = [np.arange(n).reshape((-1,) + (1,) * (last - axis)) for axis, n in enumerate(shape)]
    return tuple(grid[:dim]), tuple(grid[dim + 1 :])


def _add_at(x: Array, places: Array, source: Array) -> Array:
    """A copy of x with ``source`` added at flat places, repeated ones too.  (``add.at`` is fast on
    one axis only.)"""
    out = np.array(x, order="C")
    np.add.at(out.reshape(-1), places.reshape(-1), source.reshape(-1))
    return out
