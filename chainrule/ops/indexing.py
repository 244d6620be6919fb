"""``x[...]`` and ``x[...] = value``: basic indices are views, tensors and lists pick entries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from chainrule.core import dtypes as dt
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError, DimError, ShapeError
from chainrule.core.op import Op, example, require
from chainrule.core.signature import Shape, broadcast, same_size
from chainrule.core.size import prod
from chainrule.core.tensor import Tensor
from chainrule.ops.creation import tensor
from chainrule.ops.elementwise import where
from chainrule.ops.shape import Span, expand
from chainrule.ops.views import canonical_index, index


class Entries(Op, abstract=True):
    """What reading and writing by whole-number tensors share.

    ``dims`` are the axes that the last operands index; these broadcast against each other.  In the
    result their axes stand where neighbouring ``dims`` were, and in front if they are apart.
    """

    kind = "lookup"

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        n = len(attrs["dims"])
        for found in given[-n:]:
            require(f"the index of {self.name}", found, dt.INTEGER)
        return [*[given[0]] * (len(given) - n), *[dt.int64] * n], given[0]

    def checks(self, xp: Any, *arrays: Any, dims: Any, **attrs: Any) -> Iterable[tuple[Any, str]]:
        for d, at in zip(dims, arrays[-len(dims) :], strict=True):
            size = arrays[0].shape[d]
            wrong = xp.logical_or(xp.less(at, -size), xp.less_equal(size, at))
            yield wrong, f"an index is out of range for axis {d} of {size}"


class IndexBy(Entries):
    """The entries of the first tensor that whole-number tensors name along ``dims``."""

    domain = ("real", "index", "index")
    examples = (
        example((4, 3), (2,), dims=(0,), dtypes=(None, dt.int64)),
        example((4, 3, 4), (2,), (2,), dims=(0, 2), dtypes=(None, dt.int64, dt.int64)),
        example((2, 4, 4), (2, 1), (2,), dims=(1, 2), dtypes=(None, dt.int64, dt.int64)),
    )

    def forward(self, xp: Any, *tensors: Any, dims: tuple[int, ...]) -> Any:
        x, *at = tensors
        picked = xp.take(_flat(xp, x, dims), _places(xp, x.shape, at, dims), 0)
        joint = broadcast(*(i.shape for i in at))
        rest = [size for d, size in enumerate(x.shape) if d not in dims]
        return xp.permute(xp.reshape(picked, (*joint, *rest)), _home(len(joint), len(rest), dims))

    def shape(self, *shapes: Shape, dims: tuple[int, ...]) -> Shape:
        joint = broadcast(*shapes[1:])
        rest = tuple(size for d, size in enumerate(shapes[0]) if d not in dims)
        k = _start(dims)
        return (*rest[:k], *joint, *rest[k:])


class IndexPut(Entries):
    """The first tensor with the second written (or added) where whole-number tensors point."""

    domain = ("real", "real", "distinct")
    examples = (
        example((4, 3), (2, 3), (2,), dims=(0,), dtypes=(None, None, dt.int64)),
        example((4, 3), (2, 3), (2,), dims=(0,), accumulate=True, dtypes=(None, None, dt.int64)),
    )

    def forward(self, xp: Any, *tensors: Any, dims: Any, accumulate: bool = False) -> Any:
        x, value, *at = tensors
        joint = broadcast(*(i.shape for i in at))
        order = _order(len(x.shape), dims)
        rest = [x.shape[d] for d in order[len(dims) :]]
        shape = index_by.shape(x.shape, *(i.shape for i in at), dims=dims)
        home = _home(len(joint), len(rest), dims)
        rows = xp.permute(xp.expand(value, shape), [home.index(i) for i in range(len(home))])
        rows = xp.reshape(rows, (prod(joint), prod(rest)))
        flat = _flat(xp, x, dims)
        places = xp.reshape(_places(xp, x.shape, at, dims), (prod(joint),))
        if accumulate:
            written = xp.index_add(flat, places, rows, 0)
        else:
            column = xp.expand(xp.reshape(places, (prod(joint), 1)), (prod(joint), prod(rest)))
            written = xp.scatter(flat, column, rows, 0)
        turned = xp.reshape(written, tuple(x.shape[d] for d in order))
        return xp.permute(turned, tuple(order.index(i) for i in range(len(order))))

    def shape(self, *shapes: Shape, dims: Any, accumulate: bool) -> Shape:
        room = index_by.shape(shapes[0], *shapes[2:], dims=dims)
        _require_fit(shapes[1], room)
        return shapes[0]


def _order(rank: int, dims: Sequence[int]) -> list[int]:
    """The axes with ``dims`` in front."""
    return [*dims, *(d for d in range(rank) if d not in dims)]


def _start(dims: Sequence[int]) -> int:
    """Where the axes of the index stand in the result."""
    together = list(dims) == list(range(dims[0], dims[0] + len(dims)))
    return dims[0] if together else 0


def _home(joint: int, rest: int, dims: Sequence[int]) -> tuple[int, ...]:
    """The permutation that moves the axes of the index from the front to their place."""
    k, others = _start(dims), range(joint, joint + rest)
    return (*others[:k], *range(joint), *others[k:])


def _flat(xp: Any, x: Any, dims: Sequence[int]) -> Any:
    """A matrix of the entries: one row for each combination along ``dims``."""
    order = _order(len(x.shape), dims)
    rows = prod(x.shape[d] for d in dims)
    columns = prod(x.shape[d] for d in order[len(dims) :])
    return xp.reshape(xp.permute(x, tuple(order)), (rows, columns))


def _places(xp: Any, shape: Shape, at: Sequence[Any], dims: Sequence[int]) -> Any:
    """Row numbers of that matrix; negative indices count from the end."""
    place: Any = None
    for d, i in zip(dims, at, strict=True):
        wrapped = xp.where(xp.less(i, 0), xp.add(i, shape[d]), i)
        place = wrapped if place is None else xp.add(xp.multiply(place, shape[d]), wrapped)
    return place


index_by, index_put = IndexBy(), IndexPut()


def getitem(x: Tensor, key: Any) -> Tensor:
    """``x[key]``: a view for numbers, slices, ``...``, None; a copy for tensors, lists, masks."""
    basic, picks = _sorted_key(x, key)
    made: Tensor = x
    if not _whole(basic, x.shape):
        made = index(x, index=basic)
    if not picks:
        return made if made is not x else view_all(x)
    dims = tuple(sorted(picks))
    picked: Tensor = index_by([made, *(picks[d] for d in dims)], dims=dims)
    return picked


def view_all(x: Tensor) -> Tensor:
    """``x[...]``: a view of everything."""
    made: Tensor = index(x, index=canonical_index((Ellipsis,), x.shape))
    return made


def setitem(x: Tensor, key: Any, value: Any) -> None:
    """``x[key] = value``, the value broadcast to the place; raises ShapeError where it cannot."""
    if not isinstance(value, Tensor):
        value = tensor(value, dtype=x.dtype)
    if isinstance(key, Tensor) and key.dtype is dt.bool_ and value.ndim == 0:
        mask = key.reshape(*key.shape, *(1,) * (x.ndim - key.ndim))
        x._write(where(mask, value.to(x.dtype), x))
        return
    basic, picks = _sorted_key(x, key)
    place = x if _whole(basic, x.shape) else index(x, index=basic)
    if picks:
        dims = tuple(sorted(picks))
        written = index_put([place, value.to(x.dtype), *(picks[d] for d in dims)], dims=dims)
        place._write(written)
        return
    while value.ndim > place.ndim and value.shape[0] == 1:
        value = value[0]
    _require_fit(value.shape, place.shape)
    place._write(expand(value, shape=place.shape))


def _require_fit(shape: Shape, room: Shape) -> None:
    """Raise ShapeError unless a value of this shape can be repeated to fill the room."""
    try:
        fits = broadcast(room, shape) == room
    except ShapeError:
        fits = False
    if not fits:
        raise ShapeError(f"a value of shape {shape} does not fit into {room}")


def _whole(basic: tuple[Any, ...], shape: Shape) -> bool:
    """Whether a basic index takes everything as it is."""
    return len(basic) == len(shape) and all(
        isinstance(p, Span) and p.start == 0 and p.step == 1 and same_size(p.stop, size)
        for p, size in zip(basic, shape, strict=True)
    )


def _sorted_key(x: Tensor, key: Any) -> tuple[tuple[Any, ...], dict[int, Tensor]]:
    """A key as a basic index, and the tensors that index axes of what it gives."""
    parts = list(key) if isinstance(key, tuple) else [key]
    parts = [found for part in parts for found in _expanded(part)]
    picks = [part for part in parts if isinstance(part, Tensor)]
    used = sum(part is not None and part is not Ellipsis for part in parts)
    plain = tuple(slice(None) if isinstance(part, Tensor) else part for part in parts)
    basic = canonical_index(plain, x.shape)
    if not picks:
        return basic, {}
    gap = len(x.shape) - used
    dims: dict[int, Tensor] = {}
    at = 0
    for part in parts:
        if isinstance(part, Tensor):
            dims[at] = part
            at += 1
        elif part is Ellipsis:
            at += gap
        elif part is None or isinstance(part, slice):
            at += 1
    return basic, dims


def _expanded(part: Any) -> list[Any]:
    """One part of a key: lists become tensors, a mask becomes the places where it is true."""
    if isinstance(part, bool | np.bool_):
        raise ArgumentError("an index is a bool", hint="use a mask tensor, or 0 and 1")
    if isinstance(part, list | range | np.ndarray):
        part = tensor(list(part) if isinstance(part, range) else part)
    if not isinstance(part, Tensor):
        return [part]
    if part.dtype is dt.bool_:
        return list(nonzero(part, as_tuple=True))
    if part.dtype.category != dt.INTEGER:
        raise DimError(f"an index is of whole-number or bool type, not {part.dtype.name}")
    return [part.item()] if part.ndim == 0 and part.node.value is not None else [part]


def nonzero(x: Tensor, as_tuple: bool = False) -> Any:
    """Where x is not zero: one row for each place, or one tensor for each axis.

    How many there are depends on values, so it raises CaptureError while capturing.
    """
    found = np.nonzero(np.asarray(x._value("nonzero() or an index by a mask")))
    if as_tuple:
        return tuple(tensor(i) for i in found)
    return tensor(np.stack(found, -1) if found else np.zeros((0, 0), np.int64))


Tensor.__getitem__ = getitem  # type: ignore[method-assign]
Tensor.__setitem__ = setitem  # type: ignore[method-assign]
Tensor.nonzero = nonzero  # type: ignore[attr-defined]
