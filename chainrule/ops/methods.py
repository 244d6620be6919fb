"""Methods of tensors that are more than one op under another argument list."""

from __future__ import annotations

import builtins
import functools
import operator
from collections.abc import Callable
from typing import Any, TypeVar
from typing import cast as cast_type

import numpy as np

from chainrule.core import device as places
from chainrule.core import dtypes as dt
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError, DTypeError, ShapeError
from chainrule.core.layout import in_rows, lay_row_by_row
from chainrule.core.meta import moved
from chainrule.core.structural import cast
from chainrule.core.tensor import Tensor
from chainrule.core.views import overwrite
from chainrule.ops.creation import full_like, zeros_like
from chainrule.ops.elementwise.piecewise import maximum, minimum
from chainrule.ops.elementwise.predicates import isclose
from chainrule.ops.reduce.extremes import max_along, min_along
from chainrule.ops.reduce.reductions import amax, amin
from chainrule.ops.reduce.truth import all
from chainrule.ops.shape.primitive import expand

Function = TypeVar("Function", bound=Callable[..., Any])


def method(function: Function) -> Function:
    """Make ``function`` a method of tensors too; as a function, its tensor may be named ``input``,
    as in PyTorch."""
    setattr(Tensor, function.__name__, function)

    @functools.wraps(function)
    def named(*args: Any, **kwargs: Any) -> Any:
        if "input" in kwargs and not args:
            args = (kwargs.pop("input"),)
        return function(*args, **kwargs)

    return cast_type(Function, named)


def write_in_place(name: str) -> None:
    """Give tensors the form of a method that writes its result to them: ``x.tril_()``."""
    function = getattr(Tensor, name)

    def write(x: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        wanted = kwargs.get("dtype")
        if wanted is not None and wanted is not x.dtype:
            raise DTypeError(f"{name}_ is asked for {wanted}, and writes to {x.dtype.name}",
                             hint=f"x = x.{name}(…) may change the type")  # fmt: skip
        return x._write(function(x, *args, **kwargs))

    write.__name__ = f"{name}_"
    write.__doc__ = f"`{name}`, in place: the tensor then stands for the result."
    setattr(Tensor, f"{name}_", write)


def destination(
    targets: tuple[Any, ...], device: Any = None, dtype: DType | None = None
) -> tuple[places.device | None, DType | None]:
    """The device and the type that the arguments of `to` name."""
    for target in targets:
        if isinstance(target, DType):
            dtype = target
        elif isinstance(target, Tensor):
            device, dtype = target.device, target.dtype
        elif target is not None and not isinstance(target, bool):
            device = target
    return (None if device is None else places.checked(device)), dtype


@method
def to(
    x: Tensor,
    *targets: Any,
    dtype: DType | None = None,
    device: Any = None,
    non_blocking: bool = False,
    copy: bool = False,
) -> Tensor:
    """The same in another element type, or on another device: on "meta" without its values.

    Raises DeviceError from there to the CPU: there are no values to take along.
    """
    place, dtype = destination(targets, device, dtype)
    if place is not None:
        x = moved(x, place)
    if copy and dtype in (None, x.dtype):
        made: Tensor = x.clone()
        return made
    if dtype is None or dtype is x.dtype:
        return x
    cast_to: Tensor = cast(x, dtype=dtype)
    return cast_to


_CASTS = {"half": dt.float16, "float": dt.float32, "double": dt.float64,
          "byte": dt.uint8, "char": dt.int8, "short": dt.int16, "int": dt.int32, "long": dt.int64,
          "bool": dt.bool_}  # fmt: skip
for _name, _dtype in _CASTS.items():
    setattr(Tensor, _name, (lambda dtype: lambda self: to(self, dtype))(_dtype))


@method
def type_as(x: Tensor, other: Tensor) -> Tensor:
    """The same in the element type of another tensor."""
    return to(x, other.dtype)


@method
def cpu(x: Tensor) -> Tensor:
    """The tensor itself; raises DeviceError on the device "meta", which has no values."""
    return moved(x, places.CPU)


@method
def max(
    x: Tensor, dim_or_other: Any = None, keepdim: bool = False, *, dim: Any = None,
    other: Tensor | None = None,
) -> Any:  # fmt: skip
    """The largest entry; with ``dim``, the largest along an axis and where the first one is; with
    ``other``, the larger of two entries each.  Either may be the second argument."""
    if isinstance(dim_or_other, Tensor):
        other = dim_or_other
    elif dim_or_other is not None:
        dim = dim_or_other
    return _extreme(x, dim, other, keepdim, (amax, max_along, maximum))


@method
def min(
    x: Tensor, dim_or_other: Any = None, keepdim: bool = False, *, dim: Any = None,
    other: Tensor | None = None,
) -> Any:  # fmt: skip
    """The smallest entry; with ``dim``, the smallest along an axis and where the first one is; with
    ``other``, the smaller of two entries each.  Either may be the second argument."""
    if isinstance(dim_or_other, Tensor):
        other = dim_or_other
    elif dim_or_other is not None:
        dim = dim_or_other
    return _extreme(x, dim, other, keepdim, (amin, min_along, minimum))


def _extreme(x: Tensor, dim: Any, other: Any, keepdim: bool, ops: tuple[Any, Any, Any]) -> Any:
    whole, along, of_two = ops
    if other is not None:
        return of_two(x, other)
    if isinstance(dim, Tensor):
        dim = dim.item()
    return whole(x) if dim is None else along(x, dim=dim, keepdim=keepdim)


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
    """Whether the entries lie row by row; without values, as far as views tell."""
    value = x.node.value
    if value is None:
        return x._base is None or in_rows(x)
    return bool(getattr(getattr(value, "flags", None), "c_contiguous", True))


@method
def contiguous(x: Tensor) -> Tensor:
    """The tensor itself, or a copy where its entries do not lie row by row."""
    if is_contiguous(x):
        return x
    made: Tensor = x.clone()
    lay_row_by_row(made.node)
    return made


@method
def copy_(x: Tensor, source: Any) -> Tensor:
    """Overwrite the entries with those of another tensor, broadcast to this one's shape."""
    value = source if isinstance(source, Tensor) else full_like(x, source)
    return overwrite(x, expand(to(value, x.dtype), shape=x.shape))


@method
def zero_(x: Tensor) -> Tensor:
    """Overwrite the entries with zeros."""
    return x._write(zeros_like(x))


@method
def fill_(x: Tensor, value: Any) -> Tensor:
    """Overwrite the entries with one number, or that of a tensor without axes.

    Raises ShapeError for a tensor with axes, and ArgumentError for a number that does not fit.
    """
    if isinstance(value, Tensor) and value.ndim:
        raise ShapeError(f"fill_ takes a number or a tensor without axes, not {value.shape}",
                         hint="x.copy_(value) broadcasts")  # fmt: skip
    return copy_(x, value) if isinstance(value, Tensor) else x._write(full_like(x, value))


@method
def equal(input: Tensor, other: Tensor) -> bool:
    """Whether two tensors have the same shape and the same entries."""
    return input.shape == other.shape and bool(all(input.eq(other)))


@method
def allclose(
    input: Tensor, other: Tensor, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> bool:
    """Whether all entries are close, as `isclose` has it; raises what that raises."""
    return bool(all(isclose(input, other, rtol=rtol, atol=atol, equal_nan=equal_nan)))


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
