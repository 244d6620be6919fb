"""Arrays without entries that know where these would lie: which storage, and how far apart.

Running a move's ``forward`` in this namespace shows whether its result can be read off the
operand's storage, as NumPy does it, or has to be copied.  It has the primitives that move nothing;
asking for another one is an AttributeError: its result has a storage of its own.
"""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

name = "strided"

Sizes = tuple[Any, ...]


class Strided(NamedTuple):
    """Entries that lie in the storage ``home``, neighbours along each axis ``strides`` apart,
    counted in entries; ``home`` is None for a copy, which has a storage of its own."""

    shape: Sizes
    strides: Sizes
    home: Any


def rows(shape: Sizes, home: Any = None) -> Strided:
    """Entries that lie row by row.

    >>> rows((2, 3, 4)).strides
    (12, 4, 1)
    """
    strides: list[Any] = []
    step: Any = 1
    for size in reversed(shape):
        strides.insert(0, step)
        step = step * size
    return Strided(tuple(shape), tuple(strides), home)


def reshape(x: Strided, shape: Sizes) -> Strided:
    """The same storage where the axes that become one another lie together; else a copy.

    >>> reshape(rows((2, 3, 4), "x"), (6, 4)).home
    'x'
    >>> print(reshape(permute(rows((2, 3, 4), "x"), (1, 0, 2)), (6, 4)).home)
    None
    """
    old = [(n, s) for n, s in zip(x.shape, x.strides, strict=True) if n != 1]
    new = [n for n in shape if n != 1]
    if any(isinstance(n, int) and n == 0 for n in x.shape):
        return rows(shape, x.home)
    strides: list[Any] = []
    while old and new:
        taken, made = _group([n for n, _ in old], new)
        if not taken or not _together(old[:taken]):
            return rows(shape)
        step = old[taken - 1][1]
        inner: list[Any] = []
        for n in reversed(new[:made]):
            inner.insert(0, step)
            step = step * n
        strides += inner
        old, new = old[taken:], new[made:]
    left = iter(strides)
    return Strided(tuple(shape), tuple(1 if n == 1 else next(left) for n in shape), x.home)


def _group(old: Sequence[Any], new: Sequence[Any]) -> tuple[int, int]:
    """How many of the first axes of both have as many entries; (0, 0) where letters hide it."""
    pairs = [(i, j) for i in range(1, len(old) + 1) for j in range(1, len(new) + 1)]
    for i, j in sorted(pairs, key=builtins.sum):
        if _product(old[:i]) == _product(new[:j]):
            return i, j
    return 0, 0


def _product(sizes: Sequence[Any]) -> Any:
    found: Any = 1
    for size in sizes:
        found = found * size
    return found


def _together(axes: Sequence[tuple[Any, Any]]) -> bool:
    """Whether a step along each axis is one round of the next."""
    return all(s == n * t for (_, s), (n, t) in pairwise(axes))


def permute(x: Strided, dims: Sizes) -> Strided:
    """The axes in another order."""
    return Strided(tuple(x.shape[d] for d in dims), tuple(x.strides[d] for d in dims), x.home)


def expand(x: Strided, shape: Sizes) -> Strided:
    """Axes that are repeated have the stride 0."""
    new = len(shape) - len(x.shape)
    kept = zip(x.shape, x.strides, shape[new:], strict=True)
    steps = (s if n == wide else 0 for n, s, wide in kept)
    return Strided(tuple(shape), (*(0 for _ in range(new)), *steps), x.home)


def slice(x: Strided, index: Sequence[Any]) -> Strided:
    """Every step-th entry from a start to a stop."""
    sizes = tuple(-((s.start - s.stop) // s.step) for s in index)
    return Strided(sizes, tuple(t * s.step for t, s in zip(x.strides, index, strict=True)), x.home)


def flip(x: Strided, dims: Sizes) -> Strided:
    """The other way round."""
    turned = (-s if d in dims else s for d, s in enumerate(x.strides))
    return Strided(x.shape, tuple(turned), x.home)


def windows(x: Strided, size: Sizes, stride: Sizes, dilation: Sizes) -> Strided:
    """All windows: entries lie in several of them."""
    free = len(x.shape) - len(size)
    moves = list(zip(x.shape[free:], x.strides[free:], size, stride, dilation, strict=True))
    places = tuple((n - d * (k - 1) - 1) // s + 1 for n, _, k, s, d in moves)
    between = tuple(t * s for _, t, _, s, _ in moves)
    within = tuple(t * d for _, t, _, _, d in moves)
    return Strided(
        (*x.shape[:free], *places, *size), (*x.strides[:free], *between, *within), x.home
    )


def step(x: Strided, label: str) -> Strided:
    """The identity."""
    return x


def detach(x: Strided) -> Strided:
    """The identity."""
    return x
