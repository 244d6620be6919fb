"""Functions and methods that give the same entries another shape or order: ``x.flatten()``.

They are moves under other argument lists; what PyTorch returns as a view is one.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.core import signature
from chainrule.core.axes import axis
from chainrule.core.errors import ArgumentError, DimError, DTypeError, ShapeError
from chainrule.core.op import Op
from chainrule.core.signature import Shape
from chainrule.core.tensor import Tensor
from chainrule.core.views import rearrange
from chainrule.ops.creation.filled import listed
from chainrule.ops.creation.fromdata import tensor
from chainrule.ops.linear.matmul import transposed
from chainrule.ops.lookup.indexing import index_by
from chainrule.ops.methods import method
from chainrule.ops.shape.moves import repeat
from chainrule.ops.shape.primitive import expand, flip, permute, reshape, sizes_of
from chainrule.ops.shape.views import squeeze, transpose, unsqueeze


@method
def view(x: Tensor, *shape: Any) -> Tensor:
    """The same storage in another shape; raises ArgumentError where entries would be copied."""
    if not shape:
        raise ArgumentError("view() misses its sizes", hint="x.view(()) has no axes")
    made: Tensor = reshape(x, shape=listed(shape))
    if made._base is None and x.numel():
        raise ArgumentError(
            "view() of entries that do not lie row by row", hint="use reshape(), which may copy"
        )
    return made


def _spread(op: Op, attribute: str) -> Callable[..., Tensor]:
    """A method that takes several numbers, or one sequence of them: ``x.permute(1, 0)``."""

    def takes_several(x: Tensor, *given: Any, **named: Any) -> Tensor:
        if attribute not in named:
            if not given:
                raise ArgumentError(f"{op.name}() misses its {attribute}", expected=op.usage())
            named[attribute] = listed(given)
        elif given:
            raise ArgumentError(f"{op.name} is given {attribute} twice", expected=op.usage())
        made: Tensor = op(x, **named)
        return made

    takes_several.__name__, takes_several.__doc__ = op.name, type(op).__doc__
    return takes_several


_SPREAD: tuple[tuple[Op, str], ...] = (
    (reshape, "shape"), (permute, "dims"), (expand, "shape"), (flip, "dims"), (repeat, "repeats"),
)  # fmt: skip
for _op, _attribute in _SPREAD:
    setattr(Tensor, _op.name, _spread(_op, _attribute))


@method
def expand_as(x: Tensor, other: Tensor) -> Tensor:
    """Axes of size 1 repeated to the shape of another tensor."""
    made: Tensor = expand(x, shape=other.shape)
    return made


@method
def broadcast_to(x: Tensor, size: Any) -> Tensor:
    """Axes of size 1 repeated to the given sizes, new ones added in front: a view."""
    made: Tensor = expand(x, shape=size)
    return made


def broadcast_shapes(*shapes: Any) -> Shape:
    """The shape that shapes broadcast to; raises ShapeError where they do not.

    >>> broadcast_shapes((2, 1), 3)
    (2, 3)
    """
    return signature.broadcast(*map(sizes_of, shapes))


def broadcast_tensors(*tensors: Any) -> tuple[Tensor, ...]:
    """The tensors, each repeated to the shape that all broadcast to: views."""
    if len(tensors) == 1 and isinstance(tensors[0], list | tuple):
        tensors = tuple(tensors[0])
    shape = signature.broadcast(*(x.shape for x in tensors))
    return tuple(expand(x, shape=shape) for x in tensors)


@method
def view_as(x: Tensor, other: Tensor) -> Tensor:
    """The same storage in the shape of another tensor."""
    return view(x, other.shape)


@method
def reshape_as(x: Tensor, other: Tensor) -> Tensor:
    """The same entries in the shape of another tensor."""
    made: Tensor = reshape(x, shape=other.shape)
    return made


@method
def flatten(x: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """Some neighbouring axes as one."""
    shape = x.shape
    if not shape:
        axis(start_dim, 0), axis(end_dim, 0)
        made: Tensor = reshape(x, shape=(1,))
        return made
    a, b = axis(start_dim, len(shape)), axis(end_dim, len(shape))
    if a > b:
        raise ArgumentError(f"start_dim {a} comes after end_dim {b}")
    size: Any = 1
    for s in shape[a : b + 1]:
        size = size * s
    return x if a == b else x.reshape(*shape[:a], size, *shape[b + 1 :])


@method
def ravel(x: Tensor) -> Tensor:
    """All entries in one row."""
    return x if x.ndim == 1 else flatten(x)


@method
def unflatten(x: Tensor, dim: int, sizes: Sequence[int]) -> Tensor:
    """One axis as several, of the given sizes (one of them may be -1): a view.

    Raises ShapeError where their product is not the size of the axis.
    """
    if not x.shape:
        raise DimError("a tensor without axes has none that could be several")
    d, wanted = axis(dim, x.ndim), sizes_of(sizes)
    if not wanted:
        raise ArgumentError("unflatten() into no axes", expected="at least one size")
    try:
        found = reshape.shape((x.shape[d],), shape=wanted)
    except ShapeError as error:
        error.context("unflatten", got=f"axis {d} of {x.shape[d]}, sizes={wanted}")
        raise error from None
    made: Tensor = reshape(x, shape=(*x.shape[:d], *found, *x.shape[d + 1 :]))
    return made


@method
def movedim(x: Tensor, source: Any, destination: Any) -> Tensor:
    """Axes moved to other places, the others keeping their order: a view.

    >>> import chainrule as cr
    >>> cr.movedim(cr.zeros(2, 3, 4), (0, 1), (-1, 0)).shape
    (3, 4, 2)
    """
    rank = x.ndim
    pairs = [tuple(d) if isinstance(d, Sequence) else (d,) for d in (source, destination)]
    if len(pairs[0]) != len(pairs[1]):
        raise ArgumentError(f"{len(pairs[0])} axes are moved to {len(pairs[1])} places")
    old, new = ([axis(d, rank) for d in dims] for dims in pairs)
    if len(set(old)) < len(old) or len(set(new)) < len(new):
        raise DimError(f"an axis is named twice in {source} -> {destination}")
    kept = iter(d for d in range(rank) if d not in old)
    order = [old[new.index(d)] if d in new else next(kept) for d in range(rank)]
    made: Tensor = permute(x, dims=tuple(order)) if rank else x
    return made


moveaxis = movedim


def swapaxes(input: Tensor, axis0: int, axis1: int) -> Tensor:
    """Two axes exchanged: a view."""
    made: Tensor = transpose(input, dim0=axis0, dim1=axis1)
    return made


swapdims = transpose


@method
def t(x: Tensor) -> Tensor:
    """The transpose of a matrix (a vector is its own)."""
    if x.ndim > 2:
        raise ArgumentError(f"t() is for at most 2 axes, not {x.ndim}", hint="use .mT")
    made: Tensor = transpose(x, dim0=0, dim1=1) if x.ndim == 2 else x
    return made


def _mt(x: Tensor) -> Tensor:
    """The last two axes exchanged; raises DimError for vectors."""
    if x.ndim < 2:
        raise DimError(f".mT exchanges the last two axes of a tensor that has {x.ndim}")
    return transposed(x)


def _reversed(x: Tensor) -> Tensor:
    """All axes in reverse order."""
    return t(x) if x.ndim < 3 else x.permute(tuple(reversed(range(x.ndim))))


Tensor.mT = property(_mt)  # type: ignore[attr-defined]
Tensor.T = property(_reversed)  # type: ignore[attr-defined]
Tensor.moveaxis, Tensor.swapaxes = movedim, swapaxes  # type: ignore[attr-defined]
Tensor.swapdims = Tensor.transpose  # type: ignore[attr-defined]


def _rearranging(op: Op, name: str) -> Callable[..., Tensor]:
    """The in-place form of a move: the tensor itself has the new shape from then on."""

    def in_place(x: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        return rearrange(x, op, op.bind((x, *args), kwargs)[1])

    in_place.__name__ = name
    in_place.__doc__ = f"`{op.name}`, in place: the tensor itself has the new shape."
    return in_place


_REARRANGING: dict[str, Op] = {
    "squeeze_": squeeze, "unsqueeze_": unsqueeze,
    "transpose_": transpose, "swapaxes_": transpose, "swapdims_": transpose,
}  # fmt: skip
for _name, _op in _REARRANGING.items():
    setattr(Tensor, _name, _rearranging(_op, _name))


@method
def t_(x: Tensor) -> Tensor:
    """The transpose of a matrix, in place: the tensor itself has the new shape."""
    t(x)
    return rearrange(x, transpose, {"dim0": 0, "dim1": 1}) if x.ndim == 2 else x


@method
def fliplr(x: Tensor) -> Tensor:
    """The columns (axis 1) in reverse order."""
    if x.ndim < 2:
        raise DimError(f"fliplr() reverses axis 1 of a tensor that has {x.ndim}")
    made: Tensor = flip(x, dims=(1,))
    return made


@method
def flipud(x: Tensor) -> Tensor:
    """The rows (axis 0) in reverse order."""
    if x.ndim < 1:
        raise DimError("flipud() reverses axis 0 of a tensor that has none")
    made: Tensor = flip(x, dims=(0,))
    return made


@method
def rot90(x: Tensor, k: int = 1, dims: Sequence[int] = (0, 1)) -> Tensor:
    """Turned by k right angles in the plane of two axes, from the first towards the second."""
    if len(dims) != 2:
        raise ArgumentError(f"a rotation is in the plane of 2 axes, not of {len(dims)}")
    a, b = (axis(d, x.ndim) for d in dims)
    if a == b:
        raise DimError(f"a rotation is in the plane of 2 different axes, not dims={dims}")
    if k % 2 == 0:
        made: Tensor = flip(x, dims=(a, b)) if k % 4 else x.clone()
        return made
    turned: Tensor = transpose(flip(x, dims=(b if k % 4 == 1 else a,)), dim0=a, dim1=b)
    return turned


@method
def tile(x: Tensor, *repeats: Any, dims: Any = None) -> Tensor:
    """The whole tensor repeated along the last axes, or along new ones in front.

    The repeats are several numbers, or one sequence of them, which may be named ``dims``.
    """
    if (dims is None) == (not repeats):
        raise ArgumentError("tile() takes its repeats once", expected="tile(input, dims)")
    counts = listed(repeats if dims is None else (dims,))
    made: Tensor = repeat(x, repeats=(*(1,) * (x.ndim - len(counts)), *counts))
    return made


@method
def repeat_interleave(
    x: Tensor, repeats: Any = None, dim: int | None = None, *, output_size: int | None = None
) -> Tensor:
    """Each entry repeated, a whole number of times or as often as a tensor says; along an axis, or
    along all entries in a row.  One tensor alone says how often its own places are repeated.

    With a tensor the shape depends on values, so it raises CaptureError while capturing.

    >>> import chainrule as cr
    >>> cr.repeat_interleave(cr.tensor([5, 6]), cr.tensor([1, 2])).tolist()
    [5, 6, 6]
    """
    if repeats is None:
        return tensor(np.repeat(np.arange(x.shape[0]), _counts(x)))
    if dim is None:
        x, dim = flatten(x), 0
    d = axis(dim, x.ndim)
    if not x.shape:
        raise DimError("repeat_interleave() along an axis of a tensor that has none")
    if isinstance(repeats, Tensor):
        counts = _counts(repeats)
        if counts.size == 1:
            repeats = int(counts.reshape(()))
        elif counts.shape != (x.shape[d],):
            raise ShapeError(f"repeats of shape {repeats.shape} for axis {d} of {x.shape[d]}")
        else:
            at = tensor(np.repeat(np.arange(counts.size), counts))
            picked: Tensor = index_by([x, at], dims=(d,))
            return picked
    if repeats < 0:
        raise ArgumentError(f"repeats are whole numbers from 0, not {repeats}")
    shape = x.shape
    wide = expand(unsqueeze(x, dim=d + 1), shape=(*shape[: d + 1], repeats, *shape[d + 1 :]))
    joined = reshape(wide, shape=(*shape[:d], shape[d] * repeats, *shape[d + 1 :]))
    made: Tensor = joined.clone()
    return made


def _counts(repeats: Tensor) -> Any:
    """How often each place is repeated, as numbers."""
    counts = np.asarray(repeats._value("repeat_interleave() by a tensor"))
    if counts.dtype.kind not in "iu" or (counts < 0).any():
        raise ArgumentError("repeats are whole numbers from 0", got=str(counts.tolist()))
    return counts


def _at_least(rank: int, tensors: tuple[Any, ...], one: Callable[[Tensor], Tensor]) -> Any:
    """The tensors, those with fewer axes than ``rank`` as ``one`` says; one alone by itself."""
    if len(tensors) == 1 and isinstance(tensors[0], Tensor):
        return tensors[0] if tensors[0].ndim >= rank else one(tensors[0])
    given = tensors[0] if len(tensors) == 1 else tensors
    return tuple(_at_least(rank, (x,), one) for x in given)


def atleast_1d(*tensors: Any) -> Any:
    """The tensors with at least one axis: views."""
    return _at_least(1, tensors, lambda x: x.reshape(1))


def atleast_2d(*tensors: Any) -> Any:
    """The tensors with at least two axes, new ones in front: views."""
    return _at_least(2, tensors, lambda x: x.reshape(1, -1))


def atleast_3d(*tensors: Any) -> Any:
    """The tensors with at least three axes: a vector along the middle one, a matrix along the first
    two.  Views."""
    return _at_least(3, tensors, lambda x: x[..., None] if x.ndim == 2 else x.reshape(1, -1, 1))


def meshgrid(*tensors: Any, indexing: str = "ij") -> tuple[Tensor, ...]:
    """The coordinates of a grid: tensor number k varies along axis k of the results; with
    ``indexing="xy"`` the first two axes are exchanged.  Views.

    Raises ShapeError for tensors of more than one axis, DTypeError for different types.
    """
    if len(tensors) == 1 and isinstance(tensors[0], list | tuple):
        tensors = tuple(tensors[0])
    if indexing not in ("ij", "xy"):
        raise ArgumentError(f"meshgrid has no indexing {indexing!r}", expected="'ij' or 'xy'")
    if not tensors:
        raise ArgumentError("meshgrid of no tensors")
    if builtins.any(x.ndim > 1 for x in tensors):
        raise ShapeError("meshgrid takes tensors of at most one axis")
    if len({x.dtype for x in tensors}) > 1:
        raise DTypeError("meshgrid takes tensors of one type",
                         got=", ".join(x.dtype.name for x in tensors))  # fmt: skip
    shape, n = tuple(x.numel() for x in tensors), len(tensors)
    grid = [
        expand(x.reshape(*(-1 if i == k else 1 for i in range(n))), shape=shape)
        for k, x in enumerate(tensors)
    ]
    swapped = indexing == "xy" and n > 1
    return tuple(transpose(x, dim0=0, dim1=1) if swapped else x for x in grid)
