"""``x[...]`` and ``x[...] = value``: basic indices are views, tensors and lists pick entries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from chainrule.core import dtypes as dt
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError, DimError, DTypeError, ShapeError
from chainrule.core.op import Op, example
from chainrule.core.signature import Shape, broadcast, same_size
from chainrule.core.size import prod
from chainrule.core.tensor import Tensor
from chainrule.core.views import overwrite
from chainrule.ops.creation import tensor
from chainrule.ops.elementwise.elementary import where
from chainrule.ops.lookup.primitive import INDEX_TYPES, require_index
from chainrule.ops.shape.primitive import Span, expand
from chainrule.ops.shape.views import canonical_index, index


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
            require_index(self.name, found)
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

    domain = ("real", "real", "index")
    examples = (
        example((4, 3), (2, 3), (2,), dims=(0,), dtypes=(None, None, dt.int64)),
        example((3, 2), (7, 2), (7,), dims=(0,), dtypes=(None, None, dt.int64)),
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


index_by, put_by = IndexBy(), IndexPut()


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
    """``x[key] = value``, the value broadcast to the place; raises ShapeError where it cannot.

    Where tensors pick the entries, a tensor is written only if it is of x's type, as in PyTorch.
    """
    written = value if isinstance(value, Tensor) else tensor(value, x.dtype, device=x.device)
    if isinstance(key, Tensor) and key.dtype is dt.bool_ and written.ndim == 0 and key.ndim:
        require_mask(key.shape, x.shape[: key.ndim])
        mask = key.reshape(*key.shape, *(1,) * (x.ndim - key.ndim))
        x._write(where(mask, written.to(x.dtype), x))
        return
    basic, picks = _sorted_key(x, key)
    place = x if _whole(basic, x.shape) else index(x, index=basic)
    if picks:
        place._write(_put(place, picks, written, False))
        return
    room = place.shape
    written = _without_leading_ones(written, len(room))
    _require_fit(written.shape, room)
    overwrite(place, expand(written.to(x.dtype), shape=room))


def index_put(x: Tensor, indices: Any, values: Tensor, accumulate: bool = False) -> Tensor:
    """``x`` with ``values`` written, or added, where tensors point, one for each axis.

    >>> import chainrule as cr
    >>> cr.zeros(3).index_put((cr.tensor([0, 0]),), cr.tensor(1.0), accumulate=True).tolist()
    [2.0, 0.0, 0.0]
    """
    if not isinstance(indices, tuple | list) or not indices:
        raise ArgumentError("index_put() takes a tuple of index tensors, one for each axis")
    _, picks = _sorted_key(x, tuple(slice(None) if at is None else at for at in indices))
    return _put(x, picks, values, accumulate)


def _put(place: Tensor, picks: dict[int, Tensor], value: Tensor, accumulate: bool) -> Tensor:
    """``place`` with a value at the entries that whole-number tensors pick."""
    if value.dtype is not place.dtype:
        raise DTypeError(
            f"a value of type {value.dtype.name} is written to entries of {place.dtype.name}",
            hint="cast it first: value.to(x.dtype)",
        )
    dims = tuple(sorted(picks))
    joint = broadcast(*(picks[d].shape for d in dims))
    value = _without_leading_ones(value, len(joint) + place.ndim - len(dims))
    made: Tensor = put_by([place, value, *(picks[d] for d in dims)], dims=dims,
                          accumulate=accumulate)  # fmt: skip
    return made


def _without_leading_ones(value: Tensor, rank: int) -> Tensor:
    """A value of more axes than its place has, without those in front, of size 1, that do not
    matter."""
    while value.ndim > rank and value.shape[0] == 1:
        value = value[0]
    return value


def require_mask(mask: Shape, room: Shape) -> None:
    """Raise DimError unless a mask has the sizes of the axes that it is of."""
    if len(mask) != len(room) or not all(map(same_size, mask, room)):
        raise DimError(f"a mask of shape {mask} is used for axes of {room}")


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
    parts = [_read(part) for part in (key if isinstance(key, tuple) else (key,))]
    used = sum(map(_axes_of, parts))
    pairs: list[tuple[Any, Tensor | None]] = []  # of the basic index, and the tensor in its place
    d = 0
    for part in parts:
        pairs += _pairs(part, x.shape[d : d + _axes_of(part)])
        d += x.ndim - used if part is Ellipsis else _axes_of(part)
    basic = canonical_index(tuple(part for part, _ in pairs), x.shape)
    picks: dict[int, Tensor] = {}
    at = 0
    for part, pick in pairs:
        if pick is not None:
            picks[at] = pick
        at += x.ndim - used if part is Ellipsis else part is None or isinstance(part, slice)
    return basic, picks


def _pairs(part: Any, room: Shape) -> list[tuple[Any, Tensor | None]]:
    """One part of a key as parts of a basic index, each with the tensor in its place, if any.

    A mask is the places where it is true; one without axes keeps all, or nothing, along a new axis.
    """
    if not isinstance(part, Tensor):
        return [(part, None)]
    if part.dtype is not dt.bool_:
        return [(slice(None), part)]
    if part.ndim == 0:
        return [(None, nonzero(part, as_tuple=True)[0])]
    require_mask(part.shape, room)
    return [(slice(None), at) for at in nonzero(part, as_tuple=True)]


def _axes_of(part: Any) -> int:
    """How many axes a part of a key is about."""
    if part is None or part is Ellipsis:
        return 0
    return part.ndim if isinstance(part, Tensor) and part.dtype is dt.bool_ else 1


def _read(part: Any) -> Any:
    """One part of a key: lists, ranges, arrays and bools become tensors, single whole numbers
    Python's."""
    if isinstance(part, list | range | np.ndarray | bool | np.bool_):
        part = tensor(list(part) if isinstance(part, range) else part)
        if part.numel() == 0 and part.dtype is not dt.bool_:
            part = part.to(dt.int64)
    if not isinstance(part, Tensor) or part.dtype is dt.bool_:
        return part
    if part.dtype not in INDEX_TYPES:
        raise DimError(f"an index is of type int64, int32 or bool, not {part.dtype.name}")
    return part.item() if part.ndim == 0 and part.node.value is not None else part


def nonzero(input: Tensor, as_tuple: bool = False) -> Any:
    """Where the input is not zero: one row for each place, or one tensor for each axis.

    How many there are depends on values, so it raises CaptureError while capturing.
    """
    value = np.asarray(input._value("nonzero() or an index by a mask"))
    if as_tuple:
        return tuple(tensor(i) for i in np.nonzero(np.atleast_1d(value)))
    found = np.nonzero(np.atleast_1d(value))
    rows = np.stack(found, -1)
    return tensor(rows if value.ndim else rows[:, :0])


Tensor.__getitem__ = getitem  # type: ignore[method-assign]
Tensor.__setitem__ = setitem  # type: ignore[method-assign]
Tensor.nonzero, Tensor.index_put = nonzero, index_put  # type: ignore[attr-defined]
