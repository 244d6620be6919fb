"""Arguments that name axes: ``dim=-1``, ``dim=(0, 2)``, ``dim=None``."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

from chainrule.core.errors import ArgumentError, DimError


def axis(dim: Any, rank: int) -> int:
    """One axis, counted from the front; raises DimError where the tensor does not have it.

    >>> axis(-1, 3)
    2
    """
    try:
        if isinstance(dim, bool):
            raise TypeError
        found = operator.index(dim)
    except TypeError:
        raise ArgumentError(f"dim takes a whole number, not {dim!r}") from None
    wide = max(rank, 1)
    if not -wide <= found < wide:
        raise DimError(f"there is no axis {found} in a tensor of {rank} axes")
    return found % wide


def own_axis(dim: Any, rank: int) -> int:
    """As `axis`, but a tensor without axes has none, not even 0 and -1.

    >>> own_axis(-1, 3)
    2
    """
    if rank == 0:
        raise DimError(f"there is no axis {dim} in a tensor without axes")
    return axis(dim, rank)


def axes(dim: Any, rank: int) -> tuple[int, ...]:
    """Several axes, in order: all of them for None; raises DimError for one named twice.

    >>> axes((-1, 0), 3), axes(None, 2)
    ((0, 2), (0, 1))
    """
    if dim is None:
        return tuple(range(rank))
    given = dim if isinstance(dim, Sequence) else (dim,)
    if rank == 0:
        for d in given:
            axis(d, rank)
        return ()
    found = sorted(axis(d, rank) for d in given)
    if len(set(found)) < len(found):
        raise DimError(f"an axis is named twice in dim={dim!r}")
    return tuple(found)


def reduced(shape: Sequence[Any], dims: Sequence[int], keepdim: bool) -> tuple[Any, ...]:
    """A shape after a reduction along ``dims``.

    >>> reduced((2, 3, 4), (1,), False), reduced((2, 3, 4), (1,), True)
    ((2, 4), (2, 1, 4))
    """
    if keepdim:
        return tuple(1 if i in dims else size for i, size in enumerate(shape))
    return tuple(size for i, size in enumerate(shape) if i not in dims)
