"""Entries of a tensor scattered to the places that an index names along an axis.

All return copies; those whose name ends in ``_`` write to the tensor itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.core import dtypes as dt
from chainrule.core.axes import axis
from chainrule.core.device import beside
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError, DTypeError, ShapeError
from chainrule.core.structural import full, number
from chainrule.core.tensor import Tensor
from chainrule.ops.elementwise import elementary as elementwise
from chainrule.ops.lookup import primitive as lookup
from chainrule.ops.lookup.picking import filling, require_same_type
from chainrule.ops.methods import method, write_in_place
from chainrule.ops.reduce.reductions import amax, amin, prod
from chainrule.ops.shape.primitive import cat, expand, reshape


@method
def scatter(
    x: Tensor, dim: int, index: Tensor, src: Any = None, *, value: Any = None,
    reduce: str | None = None,
) -> Tensor:  # fmt: skip
    """The entries, with those at ``index`` along an axis replaced by those of ``src`` or a number;
    with ``reduce="add"`` or ``"multiply"``, added to them or multiplied by them.

    ``src`` may be larger than the index; its first entries are taken.

    >>> import chainrule as cr
    >>> cr.zeros(2, 2).scatter(1, cr.tensor([[0], [1]]), 5.0).tolist()
    [[5.0, 0.0], [0.0, 5.0]]
    """
    if (src is None) == (value is None):
        raise ArgumentError("scatter takes src, a tensor, or value, a number")
    if reduce not in (None, "add", "multiply"):
        raise ArgumentError(f"scatter has no reduce={reduce!r}", expected="'add' or 'multiply'")
    given = src if value is None else value
    if isinstance(given, Tensor) and (given.ndim or value is None):
        source = _source(x, index, given, "scatter")
    else:
        source = expand(filling(x, given, "scatter"), shape=index.shape)
    if reduce == "add":
        made: Tensor = lookup.scatter_add(x, index, source, dim=dim)
    elif reduce == "multiply":
        made = scatter_reduce(x, dim, index, source, "prod")
    else:
        made = lookup.scatter(x, index, source, dim=dim)
    return made


def _source(x: Tensor, index: Tensor, src: Tensor, name: str) -> Tensor:
    """The part of a source that an index uses."""
    require_same_type(x, src, name)
    if src.ndim != index.ndim or any(n > m for n, m in zip(index.shape, src.shape, strict=True)):
        raise ShapeError(f"the index has shape {index.shape} and the source {src.shape}")
    return src if src.shape == index.shape else src[tuple(slice(0, n) for n in index.shape)]


@method
def scatter_add(x: Tensor, dim: int, index: Tensor, src: Tensor) -> Tensor:
    """``x`` plus the entries of ``src`` added at ``index`` along an axis."""
    made: Tensor = lookup.scatter_add(x, index, _source(x, index, src, "scatter_add"), dim=dim)
    return made


@method
def scatter_reduce(
    x: Tensor, dim: int, index: Tensor, src: Tensor, reduce: str, *, include_self: bool = True
) -> Tensor:
    """The entries of ``src`` that go to each place of x, and x's own if ``include_self``, as one:
    their "sum", "mean", "prod", "amax" or "amin".  Places that get none keep x's own.

    For the last three, each place is compared with each index: that takes room for all pairs.
    """
    source = _source(x, index, src, "scatter_reduce")
    if reduce == "mean" and x.dtype is dt.bool_:
        raise DTypeError("scatter_reduce by mean of bool entries", hint="x.float()")
    hits = lookup.scatter_add(full(x.shape, 0, dt.int64), index,
                              full(index.shape, 1, dt.int64), dim=dim)  # fmt: skip
    start = x
    if not include_self:
        start = elementwise.where(hits > 0, number(_neutral(reduce, x.dtype), x), x)
    if reduce in ("sum", "mean"):
        total: Tensor = lookup.scatter_add(start, index, source, dim=dim)
        if reduce == "sum":
            return total
        count = hits + 1 if include_self else elementwise.where(hits > 0, hits, 1)
        mean: Tensor = total // count if x.dtype.category <= dt.INTEGER else total / count
        return mean
    return _dense_reduce(start, dim, index, source, reduce)


_WHOLE = {"prod": prod, "amax": amax, "amin": amin}


def _neutral(reduce: str, dtype: DType) -> Any:
    """The number that changes no result of a reduction."""
    if reduce in ("sum", "mean", "prod"):
        return int(reduce == "prod")
    if reduce not in _WHOLE:
        raise ArgumentError(f"scatter_reduce has no reduce={reduce!r}",
                            expected="sum, mean, prod, amax or amin")  # fmt: skip
    if dtype is dt.bool_:
        return reduce == "amin"
    if dtype.category == dt.INTEGER:
        limits = np.iinfo(dtype.numpy)
        return int(limits.min if reduce == "amax" else limits.max)
    if dtype.category != dt.REAL:
        raise DTypeError(f"scatter_reduce by {reduce} of {dtype.name} entries")
    return float("-inf") if reduce == "amax" else float("inf")


def _dense_reduce(x: Tensor, dim: int, index: Tensor, src: Tensor, reduce: str) -> Tensor:
    """Each place with all entries of ``src``, the neutral number standing for those not meant."""
    d = axis(dim, x.ndim)
    neutral = number(_neutral(reduce, x.dtype), x)
    if any(isinstance(n, int) and n == 0 for n in index.shape):
        nothing: Tensor = lookup.scatter_add(x, index, src, dim=dim)
        return nothing
    if not x.shape:
        whole, at, given = (reshape(t, shape=(1,)) for t in (x, index, src))
        one: Tensor = reshape(_dense_reduce(whole, 0, at, given, reduce), shape=())
        return one
    inner = tuple(slice(0, n) if k != d else slice(None) for k, n in enumerate(index.shape))
    part = x[inner]
    at, given, own = (t.movedim(d, -1) for t in (index, src, part))
    with beside(x):
        places = lookup.counting(stop=x.shape[d])
    meant = at.unsqueeze(-1) == places  # (*others, index, place)
    rows = elementwise.where(meant, given.unsqueeze(-1), neutral)
    found = _WHOLE[reduce](cat([own.unsqueeze(-2), rows], dim=-2), dim=-2)
    made: Tensor = x.clone()
    made[inner] = found.movedim(-1, d)
    return made


for _name in ("scatter", "scatter_add", "scatter_reduce"):
    write_in_place(_name)
