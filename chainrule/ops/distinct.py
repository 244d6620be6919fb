"""Different values and how often each comes: as many results as the values make them."""

from __future__ import annotations

from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.axes import axis
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.size import prod
from chainrule.core.structural import cast
from chainrule.core.tensor import Tensor
from chainrule.ops.arranging import movedim
from chainrule.ops.compare import eq
from chainrule.ops.lookup import counting, scatter_add
from chainrule.ops.reduce import cumsum
from chainrule.ops.shape import cat, reshape
from chainrule.ops.sorting import rising_order


def unique(
    x: Tensor, sorted: bool = True, return_inverse: bool = False, return_counts: bool = False,
    dim: int | None = None,
) -> Any:  # fmt: skip
    """The different entries in rising order, or with ``dim`` the different slices along an axis; on
    request also where each entry went, and how often each came.

    How many there are depends on values, so it raises CaptureError while capturing.

    >>> import chainrule as cr
    >>> cr.unique(cr.tensor([3, 1, 3]), return_counts=True)
    (tensor([1, 3]), tensor([1, 2]))
    """
    x._value("unique()")
    rows = _rows(x, dim)
    at: Tensor = counting(stop=rows.shape[0])
    for column in reversed(rows.unbind(1)):
        at = at[rising_order(column[at], dim=0)]
    firsts, group, counts = _runs(rows[at])
    inverse = scatter_add(cast(counting(stop=rows.shape[0]) * 0, dtype=dt.int64), at, group, dim=0)
    found = _slices(x, dim, at[firsts])
    return _asked(x, dim, found, (return_inverse, inverse), (return_counts, counts))


def unique_consecutive(
    x: Tensor, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None
) -> Any:
    """The entries, or with ``dim`` the slices along an axis, without those that equal the one
    before; on request also where each went, and how often each came in a row.

    How many there are depends on values, so it raises CaptureError while capturing.

    >>> import chainrule as cr
    >>> cr.unique_consecutive(cr.tensor([1, 1, 2, 1])).tolist()
    [1, 2, 1]
    """
    x._value("unique_consecutive()")
    firsts, group, counts = _runs(_rows(x, dim))
    found = _slices(x, dim, firsts)
    return _asked(x, dim, found, (return_inverse, group), (return_counts, counts))


def _rows(x: Tensor, dim: int | None) -> Tensor:
    """What is compared, as the rows of a matrix: entries, or slices along an axis."""
    if dim is None:
        column: Tensor = reshape(x.detach(), shape=(-1, 1))
        return column
    d = axis(dim, x.ndim)
    if 0 in x.shape[:d] + x.shape[d + 1 :]:
        raise ShapeError(f"the slices along axis {d} of {x.shape} have no entries to compare")
    width = prod(x.shape[:d] + x.shape[d + 1 :])
    rows: Tensor = reshape(movedim(x.detach(), d, 0), shape=(x.shape[d], width))
    return rows


def _slices(x: Tensor, dim: int | None, at: Tensor) -> Tensor:
    """The entries, or slices along an axis, at some places."""
    if dim is None:
        row: Tensor = reshape(x.detach(), shape=(-1,))
        return row[at]
    return movedim(movedim(x.detach(), dim, 0)[at], 0, dim)


def _runs(rows: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Where rows that equal the one before them start; the run that each row is in; run lengths."""
    n = rows.shape[0]
    new = rows[1:].ne(rows[:-1]).any(1)
    starts = cat([eq(counting(stop=min(n, 1)), 0), new], dim=0)
    firsts = starts.nonzero(as_tuple=True)[0]
    ends = cat([firsts[1:], counting(stop=1) + n], dim=0)
    return firsts, cumsum(starts, dim=0) - 1, ends[: firsts.shape[0]] - firsts


def _asked(x: Tensor, dim: int | None, found: Tensor, *extra: tuple[bool, Tensor]) -> Any:
    """The values alone, or with those parts that were asked for; the first has a place for each
    entry."""
    (inverted, inverse), *rest = extra
    if dim is None:
        inverse = inverse.reshape(*x.shape) if x.shape else inverse.reshape(())
    given = [part for wanted, part in [(inverted, inverse), *rest] if wanted]
    return (found, *given) if given else found


def bincount(x: Tensor, weights: Tensor | None = None, minlength: int = 0) -> Tensor:
    """How often 0, 1, 2, … are among the whole numbers of a vector; or the sum of their weights.

    How many results there are depends on values, so it raises CaptureError while capturing.
    Raises ArgumentError for negative numbers, and for what is no vector of whole numbers.

    >>> import chainrule as cr
    >>> cr.bincount(cr.tensor([1, 3, 1])).tolist()
    [0, 2, 0, 1]
    """
    found = x._value("bincount()")
    if minlength < 0:
        raise ArgumentError(f"minlength is {minlength}", expected="a whole number from 0 on")
    if x.ndim != 1 or x.dtype.category != dt.INTEGER or (found < 0).any():
        raise ArgumentError(
            "bincount counts whole numbers from 0 on, in a vector",
            got=f"{x.dtype.name} {tuple(x.shape)}"
            + (f", least {found.min()}" if found.size else ""),
        )
    size = max(minlength, int(found.max()) + 1 if found.size else 0)
    if weights is None or not found.size:
        weights = cast(eq(x, x), dtype=dt.int64)
    elif weights.dtype is not dt.float32:
        weights = cast(weights, dtype=weights.dtype if weights.dtype is dt.exact else dt.float64)
    if weights.shape != x.shape:
        raise ArgumentError(f"{x.shape[0]} numbers have weights of shape {tuple(weights.shape)}")
    none = cast(counting(stop=size) * 0, dtype=weights.dtype)
    made: Tensor = scatter_add(none, cast(x, dtype=dt.int64), weights, dim=0)
    return made


Tensor.unique = unique  # type: ignore[attr-defined]
Tensor.unique_consecutive = unique_consecutive  # type: ignore[attr-defined]
Tensor.bincount = bincount  # type: ignore[attr-defined]

__all__ = ["bincount", "unique", "unique_consecutive"]
