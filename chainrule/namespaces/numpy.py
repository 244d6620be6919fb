"""Floats, complex numbers, integers and bools, by NumPy: the arithmetic of eager execution.

The module is the namespace.  Element-wise functions are NumPy's own, so that a call costs nothing
more; a result without axes may be a NumPy scalar.  Warnings are the caller's business
(``np.errstate``), and so is promotion: operands arrive with the dtype they are computed in.

>>> from chainrule.namespaces import numpy as xp
>>> x = xp.reshape(xp.arange(6, "float32"), (2, 3))
>>> xp.sum(xp.multiply(x, 0.5), (1,), False)
array([1.5, 6. ], dtype=float32)
"""

from __future__ import annotations

import builtins
import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from chainrule.namespaces import philox, special
from chainrule.namespaces.contraction import einsum as einsum
from chainrule.namespaces.lookups import gather as gather
from chainrule.namespaces.lookups import index_add as index_add
from chainrule.namespaces.lookups import scatter as scatter
from chainrule.namespaces.lookups import scatter_add as scatter_add
from chainrule.namespaces.lookups import take as take
from chainrule.namespaces.matrices import det as det
from chainrule.namespaces.matrices import slogdet as slogdet
from chainrule.namespaces.matrices import solve as solve
from chainrule.namespaces.sums import sum as sum
from chainrule.namespaces.unknown import refuse as unknown  # noqa: F401  (a function of the contract)

name = "numpy"

Array = Any
Shape = tuple[int, ...]
Body = Callable[..., tuple[tuple[Array, ...], tuple[Array, ...]]]

# -- element-wise, and products --------------------------------------------------------------------

add = np.add
subtract = np.subtract
multiply = np.multiply
divide = np.divide
power = np.power
floor_divide = np.floor_divide
remainder = np.remainder
arctan2 = np.arctan2
hypot = np.hypot
maximum = np.maximum
minimum = np.minimum
larger = np.maximum
negative = np.negative
absolute = np.absolute
sqrt = np.sqrt
exp = np.exp
expm1 = np.expm1
log = np.log
log1p = np.log1p
log2 = np.log2
log10 = np.log10
sin = np.sin
cos = np.cos
sinh = np.sinh
cosh = np.cosh
tanh = np.tanh
arcsinh = np.arcsinh
arccosh = np.arccosh
arctanh = np.arctanh
erf = special.erf
erfc = special.erfc
erfinv = special.erfinv
floor = np.floor
conj = np.conjugate
equal = np.equal
less = np.less
less_equal = np.less_equal
logical_not = np.logical_not
logical_and = np.logical_and
logical_or = np.logical_or
bitwise_and = np.bitwise_and
where = np.where
matmul = np.matmul


def sign(x: Array) -> Array:
    """-1, 0 or 1, and 0 for NaN; for complex numbers x / |x|; of bools themselves."""
    if x.dtype.kind == "f":
        return np.subtract(np.greater(x, 0).astype(x.dtype), np.less(x, 0))
    return x if x.dtype.kind == "b" else np.sign(x)


def relu(x: Array) -> Array:
    """The entries that are positive, 0 for others; NaN stays."""
    return np.maximum(x, 0)


def round(x: Array) -> Array:
    """The nearest integers, halves to the even ones; integers stay of their type."""
    return np.rint(x) if x.dtype.kind == "f" else x


def real(x: Array) -> Array:
    """The real part."""
    return x.real


def imag(x: Array) -> Array:
    """The imaginary part: zeros for real x."""
    return x.imag


def complex(re: Array, im: Array) -> Array:
    """``re + i im``, of twice the width.

    >>> complex(np.float32([1]), 2)
    array([1.+2.j], dtype=complex64)
    """
    dtype = np.result_type(re, im, np.complex64)
    out = np.empty(np.broadcast_shapes(np.shape(re), np.shape(im)), dtype)
    out.real, out.imag = re, im
    return out


# -- reductions ------------------------------------------------------------------------------------

_prod: Any = np.multiply.reduce
_amax: Any = np.maximum.reduce
_amin: Any = np.minimum.reduce


def prod(x: Array, dims: Shape, keepdim: bool) -> Array:
    """The product along ``dims``, in x's own dtype (of float16, multiplied in float32)."""
    if x.dtype.char == "e":
        return _prod(x, dims, np.float32, None, keepdim).astype(x.dtype)
    return _prod(x, dims, x.dtype, None, keepdim)


def amax(x: Array, dims: Shape, keepdim: bool) -> Array:
    """The maximum along ``dims``."""
    return _amax(x, dims, None, None, keepdim)


def amin(x: Array, dims: Shape, keepdim: bool) -> Array:
    """The minimum along ``dims``."""
    return _amin(x, dims, None, None, keepdim)


def argmax(x: Array, dim: int, keepdim: bool) -> Array:
    """Where the first maximum along ``dim`` is."""
    return np.argmax(x, axis=dim, keepdims=keepdim)


def argmin(x: Array, dim: int, keepdim: bool) -> Array:
    """Where the first minimum along ``dim`` is."""
    return np.argmin(x, axis=dim, keepdims=keepdim)


def argsort(x: Array, dim: int) -> Array:
    """Where the entries along ``dim`` stand, in rising order; equal ones in the order they have."""
    return np.argsort(x, axis=dim, kind="stable")


def cumsum(x: Array, dim: int) -> Array:
    """Sums along ``dim`` up to and with each entry (of float16, added up in float32)."""
    if x.dtype.char == "e":
        return np.add.accumulate(x, axis=dim, dtype=np.float32).astype(x.dtype)
    return np.add.accumulate(x, axis=dim, dtype=x.dtype)


# -- moves -----------------------------------------------------------------------------------------


def reshape(x: Array, shape: Shape) -> Array:
    """The same entries, row by row, in another shape."""
    return x.reshape(shape)


def permute(x: Array, dims: Shape) -> Array:
    """Axis i of the result is axis ``dims[i]`` of x."""
    return x.transpose(dims)


def expand(x: Array, shape: Shape) -> Array:
    """A view of x broadcast to ``shape``."""
    x = np.asarray(x)
    new = len(shape) - x.ndim
    pairs = zip(x.shape, x.strides, shape[new:], strict=True)
    steps = tuple(s if size == wide else _repeat(size, wide) for size, s, wide in pairs)
    return _view(x, shape, (0,) * new + steps)


def _repeat(size: int, wide: int) -> int:
    """The stride that repeats an axis: 0, where the axis has but one entry."""
    if size != 1:
        raise ValueError(f"an axis of {size} cannot be expanded to {wide}")
    return 0


def _view(x: Array, shape: Shape, strides: Shape) -> Array:
    """A read-only view of x; ``as_strided`` takes ten times as long, but can do it for any x."""
    if not x.flags.c_contiguous or x.dtype.hasobject:
        return as_strided(x, shape, strides, writeable=False)
    view: Array = np.ndarray(shape, x.dtype, x, 0, strides)
    view.flags.writeable = False
    return view


def slice(x: Array, index: tuple[builtins.slice, ...]) -> Array:
    """A view of every step-th entry of each axis from start to stop."""
    return x[index]


def place(x: Array, index: tuple[builtins.slice, ...], shape: Shape) -> Array:
    """Zeros of ``shape`` with x at ``index``."""
    out = np.zeros(shape, x.dtype)
    out[index] = x
    return out


def flip(x: Array, dims: Shape) -> Array:
    """A view with the entries along ``dims`` in reverse."""
    return x[tuple(np.s_[::-1] if dim in dims else np.s_[:] for dim in range(x.ndim))]


def pad(x: Array, widths: Sequence[tuple[int, int]], value: Any) -> Array:
    """Surround x with ``value``.

    >>> pad(np.array([1, 2]), [(1, 2)], 0)
    array([0, 1, 2, 0, 0])
    """
    pairs = tuple(zip(widths, x.shape, strict=True))
    out = np.full([before + n + after for (before, after), n in pairs], value, x.dtype)
    out[tuple(np.s_[before : before + n] for (before, _), n in pairs)] = x
    return out


def cat(arrays: Sequence[Array], dim: int) -> Array:
    """The arrays one after the other along ``dim``."""
    return np.concatenate(arrays, axis=dim)


def windows(x: Array, size: Shape, stride: Shape, dilation: Shape) -> Array:
    """A view of all windows over the trailing axes: (*b, *spatial) -> (*b, *out, *size).

    >>> windows(np.arange(5), (3,), (2,), (1,))
    array([[0, 1, 2],
           [2, 3, 4]])
    """
    x = np.asarray(x)
    free = x.ndim - len(size)
    batch, steps = x.strides[:free], x.strides[free:]
    between = tuple(map(operator.mul, steps, stride))
    within = tuple(map(operator.mul, steps, dilation))
    out = _places(x.shape[free:], size, stride, dilation)
    return _view(x, x.shape[:free] + out + tuple(size), batch + between + within)


def fold(x: Array, shape: Shape, size: Shape, stride: Shape, dilation: Shape) -> Array:
    """Windows added back into zeros of ``shape``: (*b, *out, *size) -> (*b, *spatial).

    >>> fold(np.array([[1, 1, 1], [1, 1, 1]]), (5,), (3,), (2,), (1,))
    array([1, 1, 2, 1, 1])
    """
    out: Array = np.zeros(shape, x.dtype)
    count = _places(tuple(shape)[len(shape) - len(size) :], size, stride, dilation)
    for offset in np.ndindex(*size):
        starts = tuple(map(operator.mul, offset, dilation))
        index = [np.s_[a : a + s * n : s] for a, s, n in zip(starts, stride, count, strict=True)]
        out[(..., *index)] += x[(..., *offset)]
    return out


def _places(spatial: Shape, size: Shape, stride: Shape, dilation: Shape) -> Shape:
    """How many windows there are along each axis."""
    axes = zip(spatial, size, stride, dilation, strict=True)
    count = tuple((n - d * (k - 1) - 1) // s + 1 for n, k, s, d in axes)
    if any(n < 0 for n in count):
        raise ValueError(f"windows of {size}, dilation {dilation}, do not fit in {spatial}")
    return count


# -- sources and structure -------------------------------------------------------------------------


def full(shape: Shape, value: Any, dtype: str) -> Array:
    """An array of one value; one that the type cannot hold is infinite."""
    with np.errstate(over="ignore"):
        return np.full(shape, value, dtype)


def arange(stop: int, dtype: str) -> Array:
    """0, 1, …, stop - 1."""
    return np.arange(stop, dtype=dtype)


def uniform(state: Array, shape: Shape) -> Array:
    """float64 draws from [0, 1); `philox.blocks` says how far they take the counter."""
    seed, counter = state.tolist()
    return philox.uniform(seed, counter, math.prod(shape)).reshape(shape)


def cast(x: Array, dtype: str) -> Array:
    """Change the dtype: towards 0 for integers, the real part for real numbers."""
    if x.dtype.kind == "c" and np.dtype(dtype).kind not in "cb":
        x = x.real
    return x.astype(dtype, copy=False)


def detach(x: Array) -> Array:
    """The identity."""
    return x


def with_value(old: Array, new: Array) -> Array:
    """The second operand."""
    return new


def shift(x: Array, dim: int) -> Array:
    """The maximum along ``dim``, axis kept; 0 where it is not finite, so that ``x - shift`` makes
    no NaN of its own, and along an axis of no entries."""
    top = _amax(x, dim, None, None, True, -np.inf)
    return np.where(np.isfinite(top), top, 0)


def clip_below(x: Array, low: float) -> Array:
    """The maximum of x and ``low``."""
    return np.maximum(x, low)


def step(x: Array, label: str) -> Array:
    """The identity."""
    return x


def scan(
    body: Body,
    carry: tuple[Array, ...],
    xs: tuple[Array, ...],
    length: int,
    out_specs: Sequence[tuple[Shape, str]] | None = None,
    full: Callable[..., Array] = full,
) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
    """Call ``carry, y = body(carry, x)`` along xs; the last carry and the stacked ys.

    Without steps there is no y to learn shapes from: ``out_specs`` has (shape, dtype) of each, and
    ``full`` makes them.  Raises ValueError where they are missing.

    >>> scan(lambda c, x: ((c[0] + x[0],), (c[0],)), (np.int64(0),), (np.arange(4),), 4)
    ((np.int64(6),), (array([0, 0, 1, 3]),))
    """
    if length == 0:
        if out_specs is None:
            raise ValueError("a scan of length 0 needs out_specs, the shapes and dtypes of its ys")
        return carry, tuple(full((0, *shape), 0, dtype) for shape, dtype in out_specs)
    stacked: list[Array] = []
    for i in range(length):
        carry, y = body(carry, tuple(x[i, ...] for x in xs))
        if not i:
            stacked = [np.empty((length, *np.shape(part)), np.asarray(part).dtype) for part in y]
        for rows, part in zip(stacked, y, strict=True):
            rows[i] = part
    return carry, tuple(stacked)
