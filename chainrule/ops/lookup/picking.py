"""Functions and methods that read or write entries by an index or a mask: ``x.index_select(0, i)``.

All return copies; those whose name ends in ``_`` write to the tensor itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.core import device as places
from chainrule.core import dtypes as dt
from chainrule.core.axes import axis
from chainrule.core.dtyperules import require_room
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError, DimError, DTypeError, ShapeError, ValueCheckError
from chainrule.core.meta import moved
from chainrule.core.signature import broadcast
from chainrule.core.state import state
from chainrule.core.structural import full, number
from chainrule.core.tensor import Tensor
from chainrule.ops.creation import tensor
from chainrule.ops.elementwise import elementary as elementwise
from chainrule.ops.lookup import primitive as lookup
from chainrule.ops.lookup.indexing import index_by, nonzero, put_by
from chainrule.ops.methods import method, write_in_place
from chainrule.ops.reduce.reductions import cumsum
from chainrule.ops.shape.diagonals import diag_embed
from chainrule.ops.shape.diagonals import diagonal as diagonal_of
from chainrule.ops.shape.primitive import expand, reshape


def where(condition: Tensor, input: Any = None, other: Any = None) -> Any:
    """``input`` where the condition holds, else ``other``; of the condition alone, the places where
    it holds, one tensor for each axis.  A condition is of truth values, or bytes.

    >>> import chainrule as cr
    >>> cr.where(cr.tensor([True, False]), cr.tensor([1, 2]), 0).tolist()
    [1, 0]
    """
    if input is None and other is None:
        return nonzero(condition, as_tuple=True)
    if input is None or other is None:
        raise ArgumentError("where() takes a condition, or a condition and two choices")
    if getattr(condition, "dtype", None) is dt.uint8:
        condition = condition.to(dt.bool_)
    return elementwise.where(condition, input, other)


Tensor.where = lambda self, condition, other: elementwise.where(condition, self, other)  # type: ignore[attr-defined]


@method
def argwhere(x: Tensor) -> Tensor:
    """Where x is not zero, one row for each place."""
    made: Tensor = nonzero(x)
    return made


def _vector(index: Tensor, x: Tensor, dim: int, name: str) -> tuple[Tensor, Tensor, int]:
    """An index of at most one axis as a vector; x, of no axes, as one of one entry; the axis."""
    if index.ndim > 1:
        raise DimError(f"the index of {name} is a vector, and this one has {index.ndim} axes")
    whole = x if x.shape else reshape(x, shape=(1,))
    return reshape(index, shape=(-1,)), whole, axis(dim, whole.ndim)


def _shaped_as(x: Tensor, made: Tensor) -> Tensor:
    """A result, of one entry in an axis where x has no axes, in the shape of x."""
    fitted: Tensor = made if x.shape else reshape(made, shape=())
    return fitted


@method
def index_select(x: Tensor, dim: int, index: Tensor) -> Tensor:
    """The slices of x along an axis that a vector of whole numbers names, from 0 on.

    >>> import chainrule as cr
    >>> cr.index_select(cr.tensor([[1, 2], [3, 4]]), 1, cr.tensor([1, 1])).tolist()
    [[2, 2], [4, 4]]
    """
    at, whole, d = _vector(index, x, dim, "index_select")
    made: Tensor = lookup.take(whole, at, dim=d)
    if x.shape:
        return made
    if at.numel() != 1:
        raise ShapeError(f"{at.numel()} indices for a tensor without axes", expected="one")
    one: Tensor = reshape(made, shape=())
    return one


def _require_long(index: Tensor, name: str) -> None:
    """Raise DTypeError unless an index is of type int64, where PyTorch takes no other."""
    if index.dtype is not dt.int64:
        raise DTypeError(f"the index of {name} is of type int64, not {index.dtype.name}",
                         hint="index.long()")  # fmt: skip


@method
def take(x: Tensor, index: Tensor) -> Tensor:
    """The entries of x, counted row by row, that the index names; negative ones from the end."""
    _require_long(index, "take")
    made: Tensor = index_by([reshape(x, shape=(-1,)), index], dims=(0,))
    return made


@method
def take_along_dim(x: Tensor, indices: Tensor, dim: int | None = None) -> Tensor:
    """The entries of x at ``indices`` along an axis, as `gather`; other axes broadcast, and
    negative indices count from the end.  Without ``dim``, of all entries in a row, counted from
    the front."""
    if dim is None:
        line, at = reshape(x, shape=(-1,)), reshape(indices, shape=(-1,))
        found: Tensor = lookup.gather(line, at, dim=0)
        return found
    _require_long(indices, "take_along_dim")
    if not x.shape:
        raise DimError("take_along_dim() along an axis of a tensor that has none")
    if x.ndim != indices.ndim:
        raise ShapeError(f"the tensor has {x.ndim} axes and the indices have {indices.ndim}")
    d = axis(dim, x.ndim)
    others = broadcast(*((*t.shape[:d], 1, *t.shape[d + 1 :]) for t in (x, indices)))
    whole, at = (expand(t, shape=(*others[:d], t.shape[d], *others[d + 1 :])) for t in (x, indices))
    made: Tensor = lookup.gather(whole, elementwise.where(at < 0, at + x.shape[d], at), dim=d)
    return made


@method
def masked_select(x: Tensor, mask: Tensor) -> Tensor:
    """The entries where the mask, broadcast against x, is true, in a row.

    How many there are depends on values, so it raises CaptureError while capturing.
    """
    _require_mask(mask, "masked_select")
    shape = broadcast(x.shape, mask.shape)
    at = nonzero(reshape(expand(mask, shape=shape), shape=(-1,)), as_tuple=True)
    made: Tensor = index_by([reshape(expand(x, shape=shape), shape=(-1,)), *at], dims=(0,))
    return made


def _require_mask(mask: Tensor, name: str) -> None:
    if mask.dtype is not dt.bool_:
        raise DTypeError(f"the mask of {name} is of type bool, not {mask.dtype.name}",
                         hint="compare: mask != 0")  # fmt: skip


def filling(x: Tensor, value: Any, name: str) -> Tensor:
    """A number, or a tensor without axes, in the type of x."""
    if not isinstance(value, Tensor):
        kind = dt.COMPLEX if isinstance(value, complex) else dt.REAL
        if kind == dt.COMPLEX and x.dtype.category != dt.COMPLEX:
            raise DTypeError(f"{name} of {x.dtype.name} entries with {value}")
        require_room(value, x.dtype)
        return moved(number(value, x), x.device)
    if value.ndim:
        raise ShapeError(f"{name} takes a number or a tensor without axes, not {value.shape}",
                         hint="cr.where(mask, value, x) broadcasts")  # fmt: skip
    if state.trace is None and value.node.value is not None:
        require_room(np.asarray(value.node.value).item(), x.dtype)
    cast: Tensor = value.to(x.dtype)
    return cast


@method
def masked_fill(x: Tensor, mask: Tensor, value: Any) -> Tensor:
    """The entries, with one number (or that of a tensor without axes) where the mask is true."""
    _require_mask(mask, "masked_fill")
    made: Tensor = elementwise.where(mask, filling(x, value, "masked_fill"), x)
    return made


@method
def masked_scatter(x: Tensor, mask: Tensor, source: Tensor) -> Tensor:
    """The entries, with those of ``source``, one after the other, where the mask is true.

    Raises ValueCheckError where there are too few.
    """
    _require_mask(mask, "masked_scatter")
    require_same_type(x, source, "masked_scatter")
    shape = broadcast(x.shape, mask.shape)
    holes = reshape(expand(mask, shape=shape), shape=(-1,))
    needed = int(np.asarray(mask.expand(shape)._value("masked_scatter()")).sum())
    if needed > source.numel():
        raise ValueCheckError(f"{source.numel()} entries for {needed} true ones of the mask")
    if source.numel() == 0:
        copied: Tensor = expand(x, shape=shape).clone()
        return copied
    place = elementwise.where(holes, cumsum(holes.to(dt.int64), dim=0) - 1, 0)
    picked = lookup.take(reshape(source, shape=(-1,)), place, dim=0)
    made: Tensor = elementwise.where(reshape(holes, shape=shape), reshape(picked, shape=shape), x)
    return made


def require_same_type(x: Tensor, source: Tensor, name: str) -> None:
    """Raise DTypeError unless a source has the type of what it is written to."""
    if x.dtype is not source.dtype:
        raise DTypeError(
            f"{name} of a {x.dtype.name} tensor with a source of {source.dtype.name}",
            hint="cast the source first: source.to(x.dtype)",
        )


# -- written along an axis -----------------------------------------------------------------------


@method
def index_add(x: Tensor, dim: int, index: Tensor, source: Tensor, *, alpha: Any = 1) -> Tensor:
    """``x`` plus ``alpha`` times the slices of ``source`` where a vector of whole numbers says.

    Raises DTypeError for whole numbers with an ``alpha`` that is none.
    """
    require_same_type(x, source, "index_add")
    if x.dtype.category <= dt.INTEGER and not isinstance(alpha, int):
        raise DTypeError(f"index_add of {x.dtype.name} entries with alpha={alpha!r}",
                         hint="cast the tensors first: x.float()")  # fmt: skip
    at, whole, d = _vector(index, x, dim, "index_add")
    added = source if source.shape else reshape(source, shape=(1,))
    made = lookup.index_add(whole, at, added if alpha == 1 else (added * alpha).to(x.dtype), dim=d)
    return _shaped_as(x, made)


@method
def index_copy(x: Tensor, dim: int, index: Tensor, source: Tensor) -> Tensor:
    """The tensor with slices along an axis replaced by those of ``source``; of those for one place
    the last stays."""
    require_same_type(x, source, "index_copy")
    at, whole, d = _vector(index, x, dim, "index_copy")
    _require_places(at, whole.shape[d])
    new = source if source.shape else reshape(source, shape=(1,))
    room = (*whole.shape[:d], at.shape[0], *whole.shape[d + 1 :])
    if new.shape != room:
        raise ShapeError(f"a source of shape {new.shape} for slices of {room}")
    made = put_by([whole, new, at], dims=(d,))
    return _shaped_as(x, made)


def _require_places(at: Tensor, size: Any) -> None:
    """Raise DimError for negative places, where PyTorch takes none."""
    value = at.node.value
    if value is not None and (np.asarray(value) < 0).any():
        raise DimError(f"an index is negative; the places are 0 … {size - 1}")


@method
def index_fill(x: Tensor, dim: int, index: Tensor, value: Any) -> Tensor:
    """``x`` with one number in the slices along an axis that a vector of whole numbers names."""
    _require_long(index, "index_fill")
    at, whole, d = _vector(index, x, dim, "index_fill")
    size = whole.shape[d]
    places = index_by([lookup.counting(stop=size), at], dims=(0,))  # negative ones, from the end
    ones = full(places.shape, 1, dt.int64)
    hits = lookup.index_add(full((size,), 0, dt.int64), places, ones, dim=0)
    column = reshape(hits > 0, shape=(size, *(1,) * (whole.ndim - d - 1)))
    made = elementwise.where(column, filling(x, value, "index_fill"), whole)
    return _shaped_as(x, made)


# -- diagonals and classes ------------------------------------------------------------


@method
def diag(x: Tensor, diagonal: int = 0) -> Tensor:
    """The matrix with a vector on its diagonal; of a matrix, a copy of its diagonal."""
    if x.ndim == 1:
        made: Tensor = diag_embed(x, offset=diagonal)
        return made
    if x.ndim != 2:
        raise ShapeError(f"diag() is of vectors and matrices, and the tensor has {x.ndim} axes")
    copied: Tensor = diagonal_of(x, offset=diagonal).clone()
    return copied


def _places_of(find: Any, row: int, col: int, offset: int, dtype: DType) -> Tensor:
    if row < 0 or col < 0:
        raise ArgumentError(f"a matrix of {row} rows and {col} columns")
    if dtype.category != dt.INTEGER:
        raise DTypeError(f"places are whole numbers, not {dtype.name}")
    return tensor(np.stack(find(row, offset, col)), dtype=dtype)


@places.placed
def tril_indices(row: int, col: int, offset: int = 0, *, dtype: DType = dt.int64,
                 device: Any = None) -> Tensor:  # fmt: skip
    """Where the lower triangle of a matrix is: a row of row numbers, and one of column numbers."""
    return _places_of(np.tril_indices, row, col, offset, dtype)


@places.placed
def triu_indices(row: int, col: int, offset: int = 0, *, dtype: DType = dt.int64,
                 device: Any = None) -> Tensor:  # fmt: skip
    """Where the upper triangle of a matrix is: a row of row numbers, and one of column numbers."""
    return _places_of(np.triu_indices, row, col, offset, dtype)


@method
def diagflat(x: Tensor, offset: int = 0) -> Tensor:
    """The square matrix with all entries of x, row by row, on the diagonal number ``offset``.

    >>> import chainrule as cr
    >>> cr.diagflat(cr.tensor([1, 2]), 1).tolist()
    [[0, 1, 0], [0, 0, 2], [0, 0, 0]]
    """
    made: Tensor = diag_embed(reshape(x, shape=(-1,)), offset=offset)
    return made


@method
def fill_diagonal_(x: Tensor, fill_value: Any, wrap: bool = False) -> Tensor:
    """Write a number on the main diagonal; with ``wrap``, that of a tall matrix goes on below.

    Raises ShapeError for vectors, and for more than two axes of different sizes.
    """
    shape = x.shape
    if len(shape) < 2 or (len(shape) > 2 and len(set(shape)) > 1):
        raise ShapeError(f"a tensor of shape {shape} has no main diagonal",
                         expected="a matrix, or axes of one size")  # fmt: skip
    step = sum(int(np.prod(shape[k + 1 :])) for k in range(len(shape)))
    end = x.numel() if wrap or shape[0] <= shape[-1] else shape[-1] * step
    end = min(end, shape[0] * step) if len(shape) == 2 else end
    at = tensor(np.arange(0, end, step))
    flat = put_by([reshape(x, shape=(-1,)), filling(x, fill_value, "fill_diagonal_"), at],
                  dims=(0,))  # fmt: skip
    return x._write(reshape(flat, shape=shape))


def one_hot(tensor: Tensor, num_classes: int = -1) -> Tensor:
    """1 at the class that each entry names, else 0, along a new last axis of ``num_classes``; -1
    stands for as many as the largest entry needs, which while capturing raises CaptureError.

    >>> import chainrule as cr
    >>> cr.nn.functional.one_hot(cr.tensor([0, 2])).tolist()
    [[1, 0, 0], [0, 0, 1]]
    """
    if num_classes == 0 and tensor.numel() == 0:
        raise ArgumentError("one_hot() of no entries into no classes", hint="pass num_classes")
    if num_classes == -1 and tensor.dtype is dt.int64:
        value = np.asarray(tensor._value("one_hot() without num_classes"))
        if value.size == 0:
            raise ArgumentError("one_hot() of no entries cannot tell the number of classes",
                                hint="pass num_classes")  # fmt: skip
        num_classes = int(value.max()) + 1 if value.max() >= 0 else 1
    made: Tensor = lookup.one_hot(tensor, num_classes=num_classes)
    return made


for _name in ("masked_fill", "masked_scatter", "index_add", "index_copy", "index_fill", "index_put",
              "tril", "triu"):  # fmt: skip
    write_in_place(_name)
