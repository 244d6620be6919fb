"""Matrix products of an operand whose axes overlap or stand in another order: piece by piece.

The wide operand has the axes (first, *batch, *rows, *rest): ``first`` and ``rest`` are the columns
of its matrices.  Windows over an image are such an operand: a view whose matrix would be many
times as large as the image.  A piece of it is copied to where the matrix product wants it, small
enough to stay in the cache, long enough for the product to pay.

Where the last two columns are places in an image, whose rows follow each other in memory, steps go
through all its rows at once (`_lines`): NumPy is slow with many short rows.

``n`` says how many batch axes there are, how many left ones (of the thin operand alone), how many
rows; ``lies`` that steps along the first axis are matrices as they lie.
"""

from __future__ import annotations

import math
import string
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

Array = Any
Counts = tuple[int, int, int]

ENTRIES = 1 << 17
"""How many entries a piece should have: half a megabyte of float32."""
COLUMNS = 256
"""How many columns make a matrix product pay."""
TOO_MANY = 1 << 22
"""One step along the first axis with more entries than this is itself taken in pieces."""
FEW = 64
"""Up to this many rows are multiplied one by one, where there is nothing left over them."""

BETWEEN, IN_MATRICES = 4, 16
"""One in so many entries may be read in vain, to go through long rows; where matrices are
multiplied with them, one in so many."""


def _pieces(wide: Array, rows: int, each: int) -> Iterator[slice]:
    """Steps along the first axis, of ``rows`` times ``each`` entries."""
    step = max(ENTRIES // (rows * each), -(-COLUMNS // each), 1)
    for start in range(0, len(wide), step):
        yield slice(start, min(start + step, len(wide)))


def _sizes(wide: Array, n: Counts) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """The sizes of batch, rows and rest."""
    shape, end = wide.shape[1:], n[0] + n[2]
    return shape[: n[0]], shape[n[0] : end], shape[end:]


def _inner(x: Array, ahead: int) -> Array:
    """The first axis behind ``ahead`` others."""
    return x.transpose([*range(1, ahead + 1), 0, *range(ahead + 1, x.ndim)])


def _outer(x: Array, ahead: int) -> Array:
    """The axis behind ``ahead`` others as the first one."""
    return x.transpose([ahead, *range(ahead), *range(ahead + 1, x.ndim)])


class _Buffer:
    """Matrices (batch, rows, columns) of pieces, in one place that is used again."""

    def __init__(self) -> None:
        self.room: Array = None

    def matrices(self, piece: Array, n: Counts) -> Array:
        batch, rows, rest = _sizes(piece, n)
        shape = (*batch, *rows, len(piece), *rest)
        size = math.prod(shape)
        if self.room is None or self.room.size < size:
            self.room = np.empty(size, piece.dtype)
        copy = self.room[:size].reshape(shape)
        copy[...] = _inner(piece, n[0] + n[2])
        return copy.reshape(math.prod(batch), math.prod(rows), -1)


def _lines(wide: Array, n: Counts, most: int) -> tuple[Array, int]:
    """The view in which the last two columns are one, and how long the rows are that it consists
    of; between two rows of windows it reads what stands between them in memory.  The view itself,
    and 0, where it has no such columns, or more than one in ``most`` entries stands between."""
    size = wide.itemsize
    if len(_sizes(wide, n)[2]) < 2 or wide.dtype.kind != "f" or wide.strides[-1] != size:
        return wide, 0
    (high, broad), width = wide.shape[-2:], wide.strides[-2] // size
    if high == 1 or wide.strides[-2] % size or not broad <= width <= broad + broad // most:
        return wide, 0
    shape = (*wide.shape[:-2], (high - 1) * width + broad)
    strides = (*wide.strides[:-2], size)
    return as_strided(wide, shape, strides, writeable=False), width


def columns_made(thin: Array, wide: Array, n: Counts, lies: bool = False) -> Array:
    """Each column of the result from the same column of ``wide``: thin (*batch, *left, *rows) ->
    (first, *batch, *left, *rest).

    >>> columns_made(np.array([[1, 10]]), np.arange(6).reshape(3, 2), (0, 1, 1))
    array([[10],
           [32],
           [54]])
    """
    batch, rows, rest = _sizes(wide, n)
    left = thin.shape[n[0] : n[0] + n[1]]
    read, width = (wide, 0) if lies else _lines(wide, n, IN_MATRICES if left else BETWEEN)
    columns = (*rest[:-2], read.shape[-1]) if width else rest
    out = np.empty((len(wide), *batch, *left, *columns), np.result_type(thin, wide))
    if not left and math.prod(rows) <= FEW:
        _row_by_row(thin, read, out, n)
    else:
        matrices = thin.reshape(math.prod(batch), math.prod(left), math.prod(rows))
        _make(matrices, read, out, n, None if lies else _Buffer())
    if not width:
        return out
    steps = (*out.strides[:-1], width * out.itemsize, out.itemsize)
    return as_strided(out, (*out.shape[:-1], *rest[-2:]), steps, writeable=False).copy()


def _make(matrices: Array, wide: Array, out: Array, n: Counts, buffer: _Buffer | None) -> None:
    """Write the products with ``matrices`` (batch, left, rows) to ``out``; without a buffer, those
    of pieces as they lie, where they are long enough."""
    batch, rows, rest = _sizes(wide, n)
    left = out.shape[1 + n[0] : 1 + n[0] + n[1]]
    height, each = math.prod(rows), math.prod(rest)
    if buffer is None and each >= COLUMNS:
        folded = wide.reshape(len(wide), math.prod(batch), height, each)
        np.matmul(matrices, folded, out=out.reshape(len(wide), *matrices.shape[:2], each))
        return
    buffer = buffer or _Buffer()
    if height * each > TOO_MANY and rest:
        for x, y in zip(wide, out, strict=True):
            turned = _outer(x, n[0] + n[2]), _outer(y, n[0] + n[1])
            _make(matrices, *turned, n, buffer)
        return
    for at in _pieces(wide, height, each):
        product = np.matmul(matrices, buffer.matrices(wide[at], n))
        made = product.reshape(*batch, *left, -1, *rest)
        out[at] = _outer(made, n[0] + n[1])


def _row_by_row(thin: Array, wide: Array, out: Array, n: Counts) -> None:
    """Write the sum over all rows of a number for each batch times the row to ``out``: no product
    is larger than a piece of the result.  All the rows of one last index are added in one go."""
    batch, rows, rest = _sizes(wide, n)
    step = max(ENTRIES // math.prod(batch + rest), 1)
    room = np.empty((min(step, len(wide)), *batch, *rest), out.dtype)
    b, r, c = _letters(len(batch), len(rows) - 1, len(rest))
    equation = f"{b}{r},Z{b}{r}{c}->Z{b}{c}"
    last = n[0] + len(rows)
    for start in range(0, len(wide), step):
        total = out[start : start + step]
        term = room[: len(total)]
        for i in range(rows[-1]):
            read = wide[(slice(start, start + step), *(np.s_[:],) * (last - 1), i)]
            np.einsum(equation, thin[..., i], read, out=total if i == 0 else term)
            if i:
                np.add(total, term, out=total)


def _letters(*counts: int) -> Iterator[str]:
    """So many letters of an equation, for each of the counts."""
    start = 0
    for count in counts:
        yield string.ascii_letters[start : start + count]
        start += count


def columns_summed(thin: Array, wide: Array, n: Counts, lies: bool = False) -> Array:
    """The sum over all columns of products with ``wide``: thin (first, *batch, *left, *rest) ->
    (*batch, *left, *rows).

    >>> columns_summed(np.array([[1], [10], [100]]), np.arange(6).reshape(3, 2), (0, 1, 1))
    array([[420, 531]])
    """
    read, width = (wide, 0) if lies else _lines(wide, n, IN_MATRICES if n[1] else BETWEEN)
    if width:
        spaced = np.zeros((*thin.shape[:-1], width), thin.dtype)
        spaced[..., : thin.shape[-1]] = thin
        flat = spaced.reshape(*spaced.shape[:-2], -1)[..., : read.shape[-1]]
        made = _summed(flat, read, n, lies)
        if np.isfinite(made).all():  # else 0 times what is read between rows may be no 0
            return made
    return _summed(thin, wide, n, lies)


def _summed(thin: Array, wide: Array, n: Counts, lies: bool) -> Array:
    """What `columns_summed` gives."""
    batch, rows, rest = _sizes(wide, n)
    left = thin.shape[1 + n[0] : 1 + n[0] + n[1]]
    dtype = np.result_type(thin, wide)
    if not left and math.prod(rows) <= FEW:
        return _products_summed(thin, wide, n)
    total = np.zeros((math.prod(batch), math.prod(left), math.prod(rows)), dtype)
    if lies and math.prod(rest) >= COLUMNS:
        for x, y in zip(thin, wide, strict=True):
            turned = y.reshape(total.shape[0], total.shape[2], -1).mT
            total += np.matmul(x.reshape(*total.shape[:2], -1), turned)
    else:
        _add(thin, wide, total, n, _Buffer())
    return total.reshape((*batch, *left, *rows))


def _products_summed(thin: Array, wide: Array, n: Counts) -> Array:
    """`_summed`, row by row, where there is nothing left over the rows."""
    batch, rows, rest = _sizes(wide, n)
    out = np.empty((*batch, *rows), np.result_type(thin, wide))
    dots = wide.dtype.kind == "f" and bool(rest)
    b, c = _letters(len(batch), len(rest))
    equation = f"Z{b}{c},Z{b}{c}->{b}"
    axes = (0, *range(1 + len(batch), len(batch) + len(rest)))
    for row in np.ndindex(*rows):
        read = wide[(np.s_[:], *(np.s_[:],) * n[0], *row)]
        if dots:
            out[(..., *row)] = np.vecdot(thin, read).sum(axes)
        else:
            out[(..., *row)] = np.einsum(equation, thin, read)
    return out


def _add(thin: Array, wide: Array, total: Array, n: Counts, buffer: _Buffer) -> None:
    """Add the products of all columns to ``total`` (batch, left, rows)."""
    _, rows, rest = _sizes(wide, n)
    height, each = math.prod(rows), math.prod(rest)
    if height * each > TOO_MANY and rest:
        for x, y in zip(thin, wide, strict=True):
            _add(_outer(x, n[0] + n[1]), _outer(y, n[0] + n[2]), total, n, buffer)
        return
    for at in _pieces(wide, height, each):
        columns = _inner(thin[at], n[0] + n[1]).reshape(*total.shape[:2], -1)
        total += np.matmul(columns, buffer.matrices(wide[at], n).mT)


def spread(thin: Array, wide: Array, n: Counts) -> Array:
    """Every product of an entry with one of the same batch: thin (*batch, *left) ->
    (first, *batch, *left, *rest); there are no rows.

    >>> spread(np.array([1, 10]), np.array([1, 2, 3]), (0, 1, 0))
    array([[ 1, 10],
           [ 2, 20],
           [ 3, 30]])
    """
    batch, _, rest = _sizes(wide, n)
    left = thin.shape[n[0] :]
    factor = thin.reshape((*batch, *left, *(1,) * len(rest)))
    return np.multiply(factor, wide.reshape(len(wide), *batch, *(1,) * len(left), *rest))
