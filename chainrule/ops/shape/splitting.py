"""Tensors taken apart along an axis, which gives views, and put together, which copies."""

from __future__ import annotations

import builtins
import operator
from collections.abc import Sequence
from itertools import accumulate, combinations_with_replacement, pairwise
from itertools import combinations as choices
from typing import Any

import numpy as np

from chainrule.core import dtypes as dt
from chainrule.core.axes import axis
from chainrule.core.errors import ArgumentError, DimError, ShapeError
from chainrule.core.signature import Dim
from chainrule.core.size import Size
from chainrule.core.tensor import Tensor
from chainrule.ops.creation import tensor
from chainrule.ops.lookup.indexing import index_by
from chainrule.ops.methods import method
from chainrule.ops.shape.arranging import atleast_1d, atleast_2d, atleast_3d, flatten, meshgrid
from chainrule.ops.shape.moves import stack
from chainrule.ops.shape.primitive import cat, pad_constant, reshape


@method
def select(x: Tensor, dim: int, index: int) -> Tensor:
    """The entries at one place along an axis, which is dropped: a view."""
    if not x.shape:
        raise DimError("select() along an axis of a tensor that has none")
    return x[(slice(None),) * axis(dim, x.ndim) + (index,)]


@method
def narrow(x: Tensor, dim: int, start: Any, length: Dim) -> Tensor:
    """The entries from ``start`` on, ``length`` of them, along an axis: a view.

    Raises DimError where they are not all there.
    """
    if not x.shape:
        raise DimError("narrow() along an axis of a tensor that has none")
    d = axis(dim, x.ndim)
    size = x.shape[d]
    start = start.item() if isinstance(start, Tensor) else start
    first = start + size if start < 0 else start
    if isinstance(size, int) and not 0 <= first <= first + length <= size:
        raise DimError(f"axis {d} of {size} has no {length} entries from {start} on")
    return x[(slice(None),) * d + (slice(first, first + length),)]


@method
def unbind(x: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    """The slices along an axis, which is dropped: views."""
    if not x.shape:
        raise DimError("unbind() along an axis of a tensor that has none")
    return tuple(select(x, dim, i) for i in range(x.shape[axis(dim, x.ndim)]))


def split(
    tensor: Tensor, split_size_or_sections: int | Sequence[int], dim: int = 0
) -> tuple[Tensor, ...]:
    """Pieces along an axis: of one size, the last perhaps smaller, or of the given sizes.  Views.

    Raises ArgumentError where the sizes do not add up.
    """
    given = split_size_or_sections
    if not isinstance(given, int | Size):
        return split_with_sizes(tensor, given, dim)
    total = _total(tensor, dim)
    if given < 0 or (given == 0 and total != 0):
        raise ArgumentError(f"pieces of {given} along an axis of {total}")
    if total == 0:
        return (narrow(tensor, dim, 0, 0),)
    sizes = [given] * (total // given) + ([total % given] if total % given else [])
    return split_with_sizes(tensor, sizes, dim)


def _split(x: Tensor, split_size: int | Sequence[int], dim: int = 0) -> tuple[Tensor, ...]:
    """Pieces along an axis, as the function `split` has them: views."""
    return split(x, split_size, dim)


Tensor.split = _split  # type: ignore[attr-defined]


@method
def split_with_sizes(x: Tensor, split_sizes: Sequence[Dim], dim: int = 0) -> tuple[Tensor, ...]:
    """Pieces of the given sizes along an axis: views."""
    sizes, total = list(split_sizes), _total(x, dim)
    if builtins.any(size < 0 for size in sizes) or sum(sizes) != total:
        raise ArgumentError(
            f"pieces of {sizes} do not add up to axis {axis(dim, x.ndim)} of {total}"
        )
    starts = accumulate(sizes, initial=0)
    return tuple(narrow(x, dim, start, n) for start, n in zip(starts, sizes, strict=False))


def _total(x: Tensor, dim: int) -> Any:
    """The size of the axis that is split."""
    if not x.shape:
        raise DimError("a tensor without axes cannot be split along one")
    return x.shape[axis(dim, x.ndim)]


@method
def chunk(x: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """At most ``chunks`` equal pieces along an axis, the last perhaps smaller: views."""
    total = _total(x, dim)
    if chunks < 1:
        raise ArgumentError(f"chunk() into {chunks} pieces", expected="at least 1")
    if total == 0:
        return tuple(narrow(x, dim, 0, 0) for _ in range(chunks))
    if isinstance(total, Size) and total == total // chunks * chunks:
        return split_with_sizes(x, [total // chunks] * chunks, dim)
    return split(x, -(-total // operator.index(chunks)), dim)


@method
def tensor_split(x: Tensor, indices_or_sections: Any, dim: int = 0) -> tuple[Tensor, ...]:
    """So many pieces along an axis, the first ones perhaps larger by one; or pieces cut at the
    given places.  Views."""
    total, given = _total(x, dim), indices_or_sections
    if isinstance(given, Tensor):
        given = given.tolist()
    if isinstance(given, int):
        if given < 1:
            raise ArgumentError(f"tensor_split() into {given} pieces", expected="at least 1")
        small, larger = divmod(total, given)
        cuts = list(accumulate([small + (i < larger) for i in range(given)], initial=0))
    else:
        cuts = [0, *(slice(None, at).indices(total)[1] for at in given), total]
    return tuple(narrow(x, dim, a, max(b - a, 0)) for a, b in pairwise(cuts))


def _even_split(x: Tensor, given: Any, dim: int, name: str) -> tuple[Tensor, ...]:
    """`tensor_split` that refuses pieces of different sizes."""
    total = _total(x, dim)
    if isinstance(given, int) and (given < 1 or total % given):
        raise ArgumentError(f"{name}() of axis {dim} of {total} into {given} equal pieces")
    return tensor_split(x, given, dim)


@method
def hsplit(x: Tensor, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """Pieces along the columns (axis 1, or the only one): equal ones, or cut at places.  Views."""
    if not x.shape:
        raise DimError("hsplit() of a tensor without axes")
    return _even_split(x, indices_or_sections, 0 if x.ndim == 1 else 1, "hsplit")


@method
def vsplit(x: Tensor, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """Pieces along the rows (axis 0): equal ones, or cut at the given places.  Views."""
    if x.ndim < 2:
        raise DimError(f"vsplit() is of matrices, and the tensor has {x.ndim} axes")
    return _even_split(x, indices_or_sections, 0, "vsplit")


@method
def dsplit(x: Tensor, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """Pieces along axis 2: equal ones, or cut at the given places.  Views."""
    if x.ndim < 3:
        raise DimError(f"dsplit() splits axis 2 of a tensor that has {x.ndim}")
    return _even_split(x, indices_or_sections, 2, "dsplit")


# -- put together ----------------------------------------------------------------------


def hstack(tensors: Sequence[Tensor]) -> Tensor:
    """Tensors beside each other: along axis 1, vectors along their only one."""
    given = atleast_1d(list(tensors))
    made: Tensor = cat(given, dim=0 if given and given[0].ndim == 1 else 1)
    return made


def vstack(tensors: Sequence[Tensor]) -> Tensor:
    """Tensors below each other; vectors are rows."""
    made: Tensor = cat(atleast_2d(list(tensors)), dim=0)
    return made


def dstack(tensors: Sequence[Tensor]) -> Tensor:
    """Tensors behind each other: along axis 2."""
    made: Tensor = cat(atleast_3d(list(tensors)), dim=2)
    return made


row_stack = vstack


def column_stack(tensors: Sequence[Tensor]) -> Tensor:
    """Matrices and columns beside each other: vectors are columns here."""
    return hstack([x.reshape(x.numel(), 1) if x.ndim < 2 else x for x in tensors])


def block_diag(*tensors: Tensor) -> Tensor:
    """The matrix of zeros with the given matrices along its diagonal; vectors are rows.

    Raises ShapeError for tensors of more than two axes.
    """
    given = [atleast_2d(x) for x in tensors]
    if builtins.any(x.ndim > 2 for x in given):
        raise ShapeError("block_diag() takes tensors of at most two axes")
    if not given:
        return tensor(np.zeros((1, 0)), dtype=dt.get_default_dtype())
    width, at = sum(x.shape[1] for x in given), 0
    rows = []
    for x in given:
        after = width - at - x.shape[1]
        rows.append(pad_constant(x, widths=((0, 0), (at, after)), value=0))
        at += x.shape[1]
    made: Tensor = cat(rows, dim=0)
    return made


@method
def kron(x: Tensor, other: Tensor) -> Tensor:
    """The Kronecker product: each entry of x times the whole of the other tensor.

    >>> import chainrule as cr
    >>> cr.kron(cr.tensor([1, 10]), cr.tensor([[1, 2]])).tolist()
    [[1, 2, 10, 20]]
    """
    rank = max(x.ndim, other.ndim)
    a, b = ((1,) * (rank - t.ndim) + tuple(t.shape) for t in (x, other))
    left = x.reshape(tuple(s for size in a for s in (size, 1)))
    right = other.reshape(tuple(s for size in b for s in (1, size)))
    made: Tensor = reshape(left * right, shape=tuple(m * n for m, n in zip(a, b, strict=True)))
    return made


def cartesian_prod(*tensors: Tensor) -> Tensor:
    """All ways to take one entry of each of some vectors, one in a row."""
    if builtins.any(x.ndim != 1 for x in tensors):
        raise ShapeError("cartesian_prod() takes vectors")
    if len(tensors) == 1:
        return tensors[0]
    made: Tensor = stack([flatten(x) for x in meshgrid(*tensors)], dim=1)
    return made


@method
def combinations(x: Tensor, r: int = 2, with_replacement: bool = False) -> Tensor:
    """All ways to take ``r`` entries of a vector in order, one in a row."""
    if x.ndim != 1:
        raise ShapeError(f"combinations() are of a vector, and the tensor has {x.ndim} axes")
    if r < 0:
        raise ArgumentError(f"combinations() of {r} entries", expected="a number from 0")
    if r == 0:
        return tensor(np.zeros(0), dtype=x.dtype)
    ways = (combinations_with_replacement if with_replacement else choices)(range(x.shape[0]), r)
    at = np.array(list(ways), np.int64).reshape(-1, r)
    made: Tensor = index_by([x, tensor(at)], dims=(0,))
    return made
