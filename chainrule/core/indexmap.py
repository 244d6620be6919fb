"""Index maps: which entry of its operand each entry of a moved tensor reads.

Entry o of the result reads the operand's entry ``offset + Σ strides[k] * o[k]``, counted row by row
through the operand.  Where a `Bound` fails, nothing is read and the entry is ``fill``.  Engines
compose loads from this; a move needs no code of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.core.signature import Dim, Shape
from chainrule.core.size import prod


@dataclass(frozen=True)
class Bound:
    """A condition on an entry's coordinates: 0 <= offset + Σ strides[k] * o[k] < size."""

    offset: Dim
    strides: tuple[Dim, ...]
    size: Dim


@dataclass(frozen=True)
class IndexMap:
    """An affine map from the entries of a result to those of one operand."""

    shape: Shape
    offset: Dim
    strides: tuple[Dim, ...]
    bounds: tuple[Bound, ...] = ()
    fill: float = 0.0

    def read(self, flat: np.ndarray) -> np.ndarray:
        """The result, given the operand's entries row by row: what an engine would compute.

        >>> IndexMap((2, 2), 0, (1, 2)).read(np.arange(4))
        array([[0, 2],
               [1, 3]])
        """
        shape: Any = self.shape  # numbers, as there are entries to read
        grid: Any = np.indices(shape)
        at = self.offset + sum(s * g for s, g in zip(self.strides, grid, strict=True))
        inside = np.ones(shape, bool)
        for bound in self.bounds:
            place = bound.offset + sum(s * g for s, g in zip(bound.strides, grid, strict=True))
            inside &= (place >= 0) & (place < bound.size)
        at = np.broadcast_to(np.where(inside, at, 0), shape)
        source = flat if flat.size else np.zeros(1, flat.dtype)
        return np.where(inside, source[at], np.asarray(self.fill, flat.dtype))


def row_strides(shape: Sequence[Dim]) -> tuple[Dim, ...]:
    """How far apart neighbours along each axis are, row by row.

    >>> row_strides((2, 3, 4))
    (12, 4, 1)
    """
    return tuple(prod(shape[i + 1 :]) for i in range(len(shape)))
