"""Exact arithmetic: arrays of fractions while they last, of SymPy numbers and symbols after.

The module is the namespace.  An exact array is a NumPy array of objects, without axes too.
Conditions are ordinary bool arrays where every entry is decided, else arrays of SymPy conditions;
indices are ordinary integer arrays.  A function whose operands are all ordinary arrays is NumPy's.

>>> from chainrule.namespaces import exact as xp
>>> x = xp.array([0.1, 2])
>>> xp.divide(xp.sqrt(xp.add(x, x)), 2)
array([sqrt(5)/10, Fraction(1, 1)], dtype=object)
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from chainrule.namespaces import exact_functions as functions
from chainrule.namespaces import exact_numbers as number
from chainrule.namespaces import matrices
from chainrule.namespaces import numpy as native
from chainrule.namespaces.exact_forms import is_condition
from chainrule.namespaces.unknown import refuse, symbolic

name = "exact"

Array = Any
Shape = tuple[int, ...]

# SymPy tries floats out, and NumPy would report the flags that they raise.
_quiet = np.errstate(all="ignore")

_number = np.frompyfunc(number.number, 1, 1)
_settle = np.frompyfunc(number.settle, 1, 1)


@_quiet
def array(data: Any) -> Array:
    """An exact array: floats enter by the shortest decimal form of their own type.

    Raises ValueError for NaN and infinity, TypeError for what is no number.

    >>> array([[1, 0.1]])
    array([[Fraction(1, 1), Fraction(1, 10)]], dtype=object)
    """
    given = np.asarray(data) if isinstance(data, np.ndarray | np.generic) else None
    if given is None or given.dtype.hasobject:
        return _boxed(_number(np.asarray(data, dtype=object)))
    out = np.empty(given.shape, dtype=object)
    out.reshape(-1)[:] = [number.number(v) for v in given.reshape(-1)]
    return out


def _is_exact(x: Any) -> bool:
    """Whether an operand calls for this arithmetic: not an ordinary array or Python number."""
    if isinstance(x, np.ndarray):
        return bool(x.dtype.hasobject)
    return not isinstance(x, int | float | builtins.complex | np.generic)


def _exact(x: Any) -> Array:
    """An operand as an exact array."""
    return x if isinstance(x, np.ndarray) and x.dtype.hasobject else array(x)


def _boxed(x: Any) -> Array:
    """The array itself; NumPy hands out the bare object where there are no axes."""
    if isinstance(x, np.ndarray | np.generic):
        return x
    out = np.empty((), dtype=object)
    out[()] = x
    return out


def _settled(x: Any) -> Array:
    """Exact results in settled form; other arrays as they are."""
    x = _boxed(x)
    return _boxed(_settle(x)) if x.dtype.hasobject else x


def _conditions(x: Any) -> Array:
    """Conditions as a bool array where all are decided."""
    x = _boxed(x)
    decided = builtins.all(type(c) is bool for c in x.flat)
    return x.astype(bool) if decided else x


def elementwise(ordinary: Any, function: Any, finish: Callable[[Any], Array] = _boxed) -> Any:
    """NumPy's function for ordinary operands, ``function`` of each entry for exact ones."""
    ufunc = function if isinstance(function, np.ufunc) else None
    if ufunc is None:
        ufunc = np.frompyfunc(function, function.__code__.co_argcount, 1)

    @_quiet
    def apply(*operands: Any) -> Array:
        if not builtins.any(map(_is_exact, operands)):
            return ordinary(*operands)
        return finish(ufunc(*map(_exact, operands)))

    return apply


def _through(function: Callable[..., Any], finish: Callable[[Any], Array] = _settled) -> Any:
    """NumPy's function of arrays of any dtype, which leaves ints where it starts from zeros."""

    @_quiet
    def apply(*operands: Any, **attributes: Any) -> Array:
        return finish(function(*operands, **attributes))

    return apply


# -- element-wise ----------------------------------------------------------------------------------

add = elementwise(np.add, np.add, _settled)
subtract = elementwise(np.subtract, np.subtract, _settled)
multiply = elementwise(np.multiply, np.multiply, _settled)
negative = elementwise(np.negative, np.negative, _settled)
divide = elementwise(np.divide, number.quotient)
power = elementwise(np.power, number.power)
floor_divide = elementwise(np.floor_divide, functions.floor_quotient)
remainder = elementwise(np.remainder, functions.remainder)
arctan2 = elementwise(np.arctan2, functions.angle)
hypot = elementwise(np.hypot, functions.hypotenuse)
maximum = elementwise(np.maximum, number.larger)
minimum = elementwise(np.minimum, number.smaller)
larger = elementwise(np.maximum, number.larger)
absolute = elementwise(np.absolute, number.absolute)
sign = elementwise(native.sign, number.sign)
relu = elementwise(native.relu, number.rectified)
sqrt = elementwise(np.sqrt, number.root)
exp = elementwise(np.exp, functions.exponential)
expm1 = elementwise(np.expm1, functions.exponential_minus_1)
log = elementwise(np.log, functions.logarithm)
log1p = elementwise(np.log1p, functions.logarithm_of_1_plus)
log2 = elementwise(np.log2, functions.logarithm_to_base_2)
log10 = elementwise(np.log10, functions.logarithm_to_base_10)
sin = elementwise(np.sin, functions.sine)
cos = elementwise(np.cos, functions.cosine)
sinh = elementwise(np.sinh, functions.hyperbolic_sine)
cosh = elementwise(np.cosh, functions.hyperbolic_cosine)
tanh = elementwise(np.tanh, functions.hyperbolic_tangent)
arcsinh = elementwise(np.arcsinh, functions.inverse_hyperbolic_sine)
arccosh = elementwise(np.arccosh, functions.inverse_hyperbolic_cosine)
arctanh = elementwise(np.arctanh, functions.inverse_hyperbolic_tangent)
erf = elementwise(native.erf, functions.error_function)
erfc = elementwise(native.erfc, functions.complementary_error_function)
erfinv = elementwise(native.erfinv, functions.inverse_error_function)
floor = elementwise(np.floor, functions.floor)
round = elementwise(native.round, functions.rounded)
conj = elementwise(np.conjugate, number.conjugate)
real = elementwise(native.real, number.real)
imag = elementwise(native.imag, number.imag)
complex = elementwise(native.complex, number.join)


def _equal(a: Any, b: Any) -> Any:
    if is_condition(a) or is_condition(b):
        return number.either(number.both(a, b), number.negation(number.either(a, b)))
    return number.compare(a, b, "==")


def _less(a: Any, b: Any) -> Any:
    if is_condition(a) or is_condition(b):
        return number.both(number.negation(a), b)
    return number.compare(a, b, "<")


def _less_equal(a: Any, b: Any) -> Any:
    if is_condition(a) or is_condition(b):
        return number.either(number.negation(a), b)
    return number.compare(a, b, "<=")


equal = elementwise(np.equal, _equal, _conditions)
less = elementwise(np.less, _less, _conditions)
less_equal = elementwise(np.less_equal, _less_equal, _conditions)
logical_not = elementwise(np.logical_not, number.negation, _conditions)
logical_and = elementwise(np.logical_and, number.both, _conditions)
logical_or = elementwise(np.logical_or, number.either, _conditions)
bitwise_and = elementwise(np.bitwise_and, number.both, _conditions)  # numbers have no bits here

_choose = np.frompyfunc(number.choose, 3, 1)


@_quiet
def where(condition: Array, a: Array, b: Array) -> Array:
    """``a`` where the condition holds, else ``b``; cases (SymPy's Piecewise) where it is open."""
    if _is_exact(condition):
        return _boxed(_choose(condition, _exact(a), _exact(b)))
    if _is_exact(a) or _is_exact(b):
        return np.where(condition, _exact(a), _exact(b))
    return np.where(condition, a, b)


# -- products and reductions -----------------------------------------------------------------------

matmul = _through(np.matmul)
einsum = _through(native.einsum)
cumsum = _through(native.cumsum)
sum = _through(native.sum)
prod = _through(native.prod)


def solve(a: Array, y: Array) -> Array:
    """The x of ``a @ x = y``.  Raises ZeroDivisionError for a singular matrix."""
    if not (_is_exact(a) or _is_exact(y)):
        return native.solve(a, y)
    return matrices.solve_exactly(_exact(a), _exact(y))


def det(a: Array) -> Array:
    """The determinant of each matrix."""
    return matrices.det_exactly(a) if _is_exact(a) else native.det(a)


def slogdet(a: Array) -> Array:
    """The signs of the determinants, and the logarithms of their absolute values: (2, *b)."""
    if not _is_exact(a):
        return native.slogdet(a)
    found = det(a)
    return native.cat([x.reshape(1, *x.shape) for x in (sign(found), log(absolute(found)))], 0)


@_quiet
def _along(function: Callable[[Any], Any], x: Array, dims: Shape, keepdim: bool) -> Array:
    """What ``function`` makes of each list of entries along ``dims``."""
    kept = [dim for dim in range(x.ndim) if dim not in dims]
    length = math.prod(x.shape[dim] for dim in dims)
    out = np.empty([x.shape[dim] for dim in kept], dtype=object)
    if out.size and not length:
        raise ValueError(f"there is nothing to compare along {dims} of shape {x.shape}")
    lines = x.transpose(*kept, *dims).reshape(*out.shape, length)
    for at in np.ndindex(out.shape):
        out[at] = function(lines[at])
    return np.expand_dims(out, dims) if keepdim else out


def amax(x: Array, dims: Shape, keepdim: bool) -> Array:
    """The maximum along ``dims``, in cases where it is open."""
    if not _is_exact(x):
        return native.amax(x, dims, keepdim)
    return _along(partial(number.extreme, relation=">="), x, dims, keepdim)


def amin(x: Array, dims: Shape, keepdim: bool) -> Array:
    """The minimum along ``dims``, in cases where it is open."""
    if not _is_exact(x):
        return native.amin(x, dims, keepdim)
    return _along(partial(number.extreme, relation="<="), x, dims, keepdim)


def argmax(x: Array, dim: int, keepdim: bool) -> Array:
    """Where the first maximum along ``dim`` is.  Raises ValueError where that is open."""
    if not _is_exact(x):
        return native.argmax(x, dim, keepdim)
    return _along(number.first_maximum, x, (dim,), keepdim).astype(np.int64)


def argmin(x: Array, dim: int, keepdim: bool) -> Array:
    """Where the first minimum along ``dim`` is.  Raises ValueError where that is open."""
    return native.argmin(x, dim, keepdim) if not _is_exact(x) else argmax(-x, dim, keepdim)


def argsort(x: Array, dim: int) -> Array:
    """Where the entries stand in rising order.  Raises ValueError where that is open."""
    if not _is_exact(x):
        return native.argsort(x, dim)
    out = np.empty(x.shape, dtype=np.int64)
    for at in np.ndindex(*x.shape[:dim], 1, *x.shape[dim + 1 :]):
        line = (*at[:dim], np.s_[:], *at[dim + 1 :])
        out[line] = number.rising_order(x[line])
    return out


# -- moves and look-ups: NumPy's -------------------------------------------------------------------

reshape = native.reshape
permute = native.permute
expand = native.expand
cat = native.cat
windows = native.windows
slice = _through(native.slice, _boxed)
flip = _through(native.flip, _boxed)
take = _through(native.take, _boxed)
gather = native.gather
scatter = native.scatter
place = _through(native.place)
fold = _through(native.fold)
scatter_add = _through(native.scatter_add)
index_add = _through(native.index_add)


def pad(x: Array, widths: Sequence[tuple[int, int]], value: Any) -> Array:
    """Surround x with ``value``."""
    return native.pad(x, widths, number.number(value) if _is_exact(x) else value)


# -- sources and structure -------------------------------------------------------------------------


def full(shape: Shape, value: Any, dtype: str) -> Array:
    """An array of one value."""
    if dtype == name:
        return native.full(shape, number.number(value), "object")
    return native.full(shape, value, dtype)


def arange(stop: int, dtype: str) -> Array:
    """0, 1, …, stop - 1."""
    return array(np.arange(stop)) if dtype == name else native.arange(stop, dtype)


def uniform(state: Array, shape: Shape) -> Array:
    """NumPy's draws, by their shortest decimal forms."""
    return array(native.uniform(state, shape))


@_quiet
def cast(x: Array, dtype: str) -> Array:
    """Change the dtype; ``exact`` is one.  Raises ValueError for symbols, which have no float.

    >>> cast(array([2, 0.5]), "float32")
    array([2. , 0.5], dtype=float32)
    """
    if dtype == name:
        return _boxed(_from_any(x)) if _is_exact(x) else array(x)
    if not _is_exact(x):
        return native.cast(x, dtype)
    convert = {"b": number.to_bool, "i": number.to_integer, "u": number.to_integer}.get(
        np.dtype(dtype).kind, number.to_complex
    )
    values = np.array([convert(v) for v in x.flat], dtype=object).reshape(x.shape)
    if convert is number.to_complex:
        return native.cast(values.astype(np.complex128), dtype)
    return values.astype(dtype)


def _entry(value: Any) -> Any:
    """A value itself; a condition as 1 or 0."""
    return number.choose(value, number.ONE, number.ZERO) if is_condition(value) else value


_from_any = np.frompyfunc(_entry, 1, 1)

detach = native.detach
with_value = native.with_value
step = native.step


def shift(x: Array, dim: int) -> Array:
    """Zeros: nothing overflows that would need a stabiliser."""
    if not _is_exact(x):
        return native.shift(x, dim)
    return full((*x.shape[:dim], 1, *x.shape[dim + 1 :]), 0, name)


def clip_below(x: Array, low: Any) -> Array:
    """The identity: nothing is so small that it would need a stabiliser."""
    return x if _is_exact(x) else native.clip_below(x, low)


@_quiet
def unknown(arrays: Sequence[Array], function: str, orders: tuple[int, ...]) -> Array:
    """An abstract function of the entries, as SymPy's."""
    if not builtins.any(map(_is_exact, arrays)):
        return refuse(arrays, function, orders)
    of = symbolic(function, tuple(orders))
    entries = np.frompyfunc(lambda *values: of(*map(number.symbolic, values)), len(arrays), 1)
    return _boxed(entries(*map(_exact, arrays)))


scan = partial(native.scan, full=full)
