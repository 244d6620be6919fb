"""Methods of tensors that are more than one op under another argument list."""

from __future__ import annotations

import builtins
import operator
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any, TypeVar

import numpy as np

from chainrule.core import dtypes as dt
from chainrule.core.axes import axis
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError, DimError
from chainrule.core.structural import cast
from chainrule.core.tensor import Tensor
from chainrule.ops.creation import _sizes, full_like, zeros_like
from chainrule.ops.elementwise import where
from chainrule.ops.extremes import max_along, min_along
from chainrule.ops.linear import transposed
from chainrule.ops.piecewise import maximum, minimum
from chainrule.ops.reduce import amax, amin
from chainrule.ops.shape import cat, expand, permute, reshape
from chainrule.ops.truth import all
from chainrule.ops.views import transpose

Function = TypeVar("Function", bound=Callable[..., Any])


def method(function: Function) -> Function:
    """Make ``function`` a method of tensors too."""
    setattr(Tensor, function.__name__, function)
    return function


@method
def to(x: Tensor, *targets: Any, dtype: DType | None = None, device: Any = None) -> Tensor:
    """The same in another element type (devices are accepted: there is one, the CPU)."""
    for target in targets:
        if isinstance(target, DType):
            dtype = target
        elif isinstance(target, Tensor):
            dtype = target.dtype
        elif str(target) != "cpu":
            raise ArgumentError(f"there is no device {target!r}", expected="'cpu'")
    if dtype is None or dtype is x.dtype:
        return x
    made: Tensor = cast(x, dtype=dtype)
    return made


_CASTS = {"half": dt.float16, "float": dt.float32, "double": dt.float64,
          "int": dt.int32, "long": dt.int64, "bool": dt.bool_}  # fmt: skip
for _name, _dtype in _CASTS.items():
    setattr(Tensor, _name, (lambda dtype: lambda self: to(self, dtype))(_dtype))


@method
def type_as(x: Tensor, other: Tensor) -> Tensor:
    """The same in the element type of another tensor."""
    return to(x, other.dtype)


@method
def cpu(x: Tensor) -> Tensor:
    """The tensor itself: tensors live on the CPU."""
    return x


@method
def view(x: Tensor, *shape: Any) -> Tensor:
    """The same storage in another shape; raises ArgumentError where entries would be copied."""
    made: Tensor = reshape(x, shape=_sizes(shape))
    if made._base is None and x.numel():
        raise ArgumentError(
            "view() of entries that do not lie row by row", hint="use reshape(), which may copy"
        )
    return made


def _reshape(x: Tensor, *shape: Any) -> Tensor:
    """The same entries in another shape, a view where that is possible."""
    made: Tensor = reshape(x, shape=_sizes(shape))
    return made


def _permute(x: Tensor, *dims: Any) -> Tensor:
    """The axes in another order."""
    made: Tensor = permute(x, dims=_sizes(dims))
    return made


def _expand(x: Tensor, *shape: Any) -> Tensor:
    """Axes of size 1 repeated to the given sizes."""
    made: Tensor = expand(x, shape=_sizes(shape))
    return made


Tensor.reshape = _reshape  # type: ignore[attr-defined]
Tensor.permute = _permute  # type: ignore[attr-defined]
Tensor.expand = _expand  # type: ignore[attr-defined]


@method
def expand_as(x: Tensor, other: Tensor) -> Tensor:
    """Axes of size 1 repeated to the shape of another tensor."""
    made: Tensor = expand(x, shape=other.shape)
    return made


@method
def view_as(x: Tensor, other: Tensor) -> Tensor:
    """The same storage in the shape of another tensor."""
    return view(x, other.shape)


@method
def reshape_as(x: Tensor, other: Tensor) -> Tensor:
    """The same entries in the shape of another tensor."""
    return _reshape(x, other.shape)


@method
def flatten(x: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """Some neighbouring axes as one."""
    shape = x.shape
    if not shape:
        return _reshape(x, 1)
    a, b = axis(start_dim, len(shape)), axis(end_dim, len(shape))
    if a > b:
        raise ArgumentError(f"start_dim {a} comes after end_dim {b}")
    size: Any = 1
    for s in shape[a : b + 1]:
        size = size * s
    return x if a == b else _reshape(x, (*shape[:a], size, *shape[b + 1 :]))


@method
def movedim(x: Tensor, source: int, destination: int) -> Tensor:
    """One axis moved to another place, the others keeping their order."""
    rank = len(x.shape)
    a, b = axis(source, rank), axis(destination, rank)
    order = [d for d in range(rank) if d != a]
    order.insert(b, a)
    made: Tensor = permute(x, dims=tuple(order))
    return made


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
    return t(x) if x.ndim < 3 else _permute(x, tuple(reversed(range(x.ndim))))


Tensor.mT = property(_mt)  # type: ignore[attr-defined]
Tensor.T = property(_reversed)  # type: ignore[attr-defined]


@method
def max(x: Tensor, dim: Any = None, keepdim: bool = False) -> Any:
    """The largest entry; with ``dim``, the largest along an axis and where the first one is."""
    return _extreme(x, dim, keepdim, (amax, max_along, maximum))


@method
def min(x: Tensor, dim: Any = None, keepdim: bool = False) -> Any:
    """The smallest entry; with ``dim``, the smallest along an axis and where the first one is."""
    return _extreme(x, dim, keepdim, (amin, min_along, minimum))


def _extreme(x: Tensor, dim: Any, keepdim: bool, ops: tuple[Any, Any, Any]) -> Any:
    whole, along, of_two = ops
    if dim is None:
        return whole(x)
    return of_two(x, dim) if isinstance(dim, Tensor) else along(x, dim=dim, keepdim=keepdim)


@method
def is_floating_point(x: Tensor) -> bool:
    """Whether the element type is a real floating-point one."""
    return x.dtype.is_floating_point


@method
def is_complex(x: Tensor) -> bool:
    """Whether the element type is complex."""
    return x.dtype.is_complex


@method
def is_contiguous(x: Tensor) -> bool:
    """Whether the entries lie row by row; in a captured function, as far as views tell."""
    value = x.node.value
    return bool(getattr(getattr(value, "flags", None), "c_contiguous", True))


@method
def contiguous(x: Tensor) -> Tensor:
    """The tensor itself, or a copy where its entries do not lie row by row."""
    return x if is_contiguous(x) else x.clone()


@method
def copy_(x: Tensor, source: Any) -> Tensor:
    """Overwrite the entries with those of another tensor, broadcast to this one's shape."""
    value = source if isinstance(source, Tensor) else full_like(x, source)
    return x._write(expand(to(value, x.dtype), shape=x.shape))


@method
def zero_(x: Tensor) -> Tensor:
    """Overwrite the entries with zeros."""
    return x._write(zeros_like(x))


@method
def fill_(x: Tensor, value: Any) -> Tensor:
    """Overwrite the entries with one number."""
    return copy_(x, value) if isinstance(value, Tensor) else x._write(full_like(x, value))


@method
def masked_fill(x: Tensor, mask: Tensor, value: Any) -> Tensor:
    """The entries, with one number where the mask is true."""
    made: Tensor = where(mask, value, x)
    return made


@method
def masked_fill_(x: Tensor, mask: Tensor, value: Any) -> Tensor:
    """Overwrite the entries where the mask is true with one number."""
    return x._write(masked_fill(x, mask, value))


@method
def equal(x: Tensor, other: Tensor) -> bool:
    """Whether two tensors have the same shape and the same entries."""
    return x.shape == other.shape and bool(all(x.eq(other)))


@method
def allclose(x: Tensor, other: Tensor, rtol: float = 1e-5, atol: float = 1e-8) -> bool:
    """Whether all entries are equal, or differ by at most rtol * |other| + atol."""
    if x.dtype.category <= dt.INTEGER:  # differences may not fit
        x, other = to(x, dt.float64), to(other, dt.float64)
    error = (x - other).abs()
    close = (error <= atol + rtol * other.abs()) & (error < float("inf"))
    return bool(all(x.eq(other) | close))


@method
def select(x: Tensor, dim: int, index: int) -> Tensor:
    """The entries at one place along an axis, which is dropped: a view."""
    return x[(slice(None),) * axis(dim, x.ndim) + (index,)]


@method
def narrow(x: Tensor, dim: int, start: int, length: int) -> Tensor:
    """The entries from ``start`` on, ``length`` of them, along an axis: a view.

    Raises DimError where they are not all there.
    """
    d = axis(dim, x.ndim)
    size = x.shape[d]
    first = start + size if start < 0 else start
    if isinstance(size, int) and not 0 <= first <= first + length <= size:
        raise DimError(f"axis {d} of {size} has no {length} entries from {start} on")
    return x[(slice(None),) * d + (slice(first, first + length),)]


@method
def unbind(x: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    """The slices along an axis, which is dropped: views."""
    return tuple(select(x, dim, i) for i in range(x.shape[axis(dim, x.ndim)]))


@method
def split(x: Tensor, size: int | Sequence[int], dim: int = 0) -> tuple[Tensor, ...]:
    """Pieces along an axis: of one size, the last perhaps smaller, or of the given sizes."""
    d = axis(dim, x.ndim)
    total = x.shape[d]
    if isinstance(size, int):
        sizes = [size] * (total // size) + ([total % size] if total % size else [])
    else:
        sizes = list(size)
    if sum(sizes) != total:
        raise ArgumentError(f"pieces of {sizes} do not add up to axis {d} of {total}")
    starts = accumulate(sizes, initial=0)
    return tuple(narrow(x, d, start, n) for start, n in zip(starts, sizes, strict=False))


@method
def chunk(x: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """At most ``chunks`` equal pieces along an axis, the last perhaps smaller."""
    total = x.shape[axis(dim, x.ndim)]
    return split(x, operator.index(-(-total // chunks)), dim)


def stack(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Tensors of one shape along a new axis."""
    made: Tensor = cat([t.unsqueeze(dim) for t in tensors], dim=dim)
    return made


OPERATORS = {
    np.add: operator.add, np.subtract: operator.sub, np.multiply: operator.mul,
    np.true_divide: operator.truediv, np.power: operator.pow, np.less: operator.lt,
    np.less_equal: operator.le, np.greater: operator.gt, np.greater_equal: operator.ge,
    np.equal: operator.eq, np.not_equal: operator.ne,
}  # fmt: skip


def _ufunc(x: Tensor, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
    """What NumPy calls for ``array + tensor`` and ``np.exp(tensor)``: refused, unless the array is
    a single number, as in ``np.float64(2) * tensor``."""
    single = not builtins.any(isinstance(part, np.ndarray) and part.ndim for part in inputs)
    if ufunc in OPERATORS and method == "__call__" and single and not kwargs:
        return OPERATORS[ufunc](
            *(p if isinstance(p, Tensor) else np.asarray(p).item() for p in inputs)
        )
    raise ArgumentError(
        f"NumPy's {ufunc.__name__} was given a tensor",
        got=", ".join(f"{type(part).__name__} {np.shape(part)}" for part in inputs),
        hint="make an array a tensor, cr.tensor(array), and use the functions of chainrule;\n"
        "or take the values out: x.detach().numpy()",
    )


Tensor.__array_ufunc__ = _ufunc  # type: ignore[attr-defined]
