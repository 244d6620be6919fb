"""Making tensors by a rule: of one number, of evenly spaced ones, unit matrices."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from chainrule.core import device as places
from chainrule.core import dtypes as dt
from chainrule.core import structural
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError
from chainrule.core.tensor import Tensor
from chainrule.ops.compare import eq
from chainrule.ops.elementwise import add, mul
from chainrule.ops.fromdata import tensor
from chainrule.ops.lookup import counting
from chainrule.ops.shape import sizes_of
from chainrule.ops.views import unsqueeze

IGNORED = {"layout", "pin_memory", "memory_format"}
"""Options of PyTorch's that say how memory is laid out: accepted, and without effect."""


def listed(shape: tuple[Any, ...]) -> Any:
    """Sizes that were given as numbers or as one sequence."""
    return sizes_of(shape[0] if len(shape) == 1 and isinstance(shape[0], Sequence) else shape)


def sizes(shape: tuple[Any, ...], named: dict[str, Any] | None = None) -> Any:
    """The shape that was given: as numbers, as one sequence, or as the option ``size``."""
    if named is not None and "size" in named:
        shape = (*shape, named.pop("size"))
    found = listed(shape)
    if any(isinstance(size, int) and size < 0 for size in found):
        raise ArgumentError(f"a size is negative: {tuple(found)}")
    return found


def finished(
    made: Tensor, device: Any, requires_grad: bool, options: dict[str, Any], who: str
) -> Tensor:
    """A new tensor as its options want it; raises ArgumentError for unknown ones."""
    places.checked(device)
    unknown = options.keys() - IGNORED
    if unknown:
        raise ArgumentError(f"{who} has no argument {min(unknown)!r}")
    return made.detach().requires_grad_() if requires_grad else made


def zeros(
    *size: Any,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
    **options: Any,
) -> Tensor:
    """A tensor of zeros."""
    made: Tensor = structural.full(sizes(size, options), 0, dtype or dt.get_default_dtype())
    return finished(made, device, requires_grad, options, "zeros")


def ones(
    *size: Any,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
    **options: Any,
) -> Tensor:
    """A tensor of ones."""
    made: Tensor = structural.full(sizes(size, options), 1, dtype or dt.get_default_dtype())
    return finished(made, device, requires_grad, options, "ones")


def full(
    size: Any,
    fill_value: Any,
    *,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
    **options: Any,
) -> Tensor:
    """A tensor of one number, which says the type where none is given.

    >>> import chainrule as cr
    >>> cr.full((2,), 3)
    tensor([3, 3])
    """
    if isinstance(fill_value, Tensor):
        dtype, fill_value = dtype or fill_value.dtype, fill_value.item()
    made: Tensor = structural.full(sizes((size,)), fill_value, dtype)
    return finished(made, device, requires_grad, options, "full")


def empty(*size: Any, **options: Any) -> Tensor:
    """A tensor to be written to: of zeros here, so that what is read too early is always the
    same."""
    return zeros(*size, **options)


def zeros_like(
    x: Tensor,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
    **options: Any,
) -> Tensor:
    """Zeros of the shape and type of x."""
    return full_like(x, 0, dtype, device, requires_grad, **options)


def ones_like(
    x: Tensor,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
    **options: Any,
) -> Tensor:
    """Ones of the shape and type of x."""
    return full_like(x, 1, dtype, device, requires_grad, **options)


def empty_like(x: Tensor, **options: Any) -> Tensor:
    """A tensor to be written to, in the shape and type of x: zeros."""
    return zeros_like(x, **options)


def full_like(
    x: Tensor,
    fill_value: Any,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
    **options: Any,
) -> Tensor:
    """One number in the shape and type of x."""
    made: Tensor = structural.full(x.shape, fill_value, dtype or x.dtype)
    return finished(made, device, requires_grad, options, "full_like")


def arange(
    start: Any,
    end: Any = None,
    step: Any = 1,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
    **options: Any,
) -> Tensor:
    """The numbers start, start + step, … before end (0 to ``start`` where there is no end).

    >>> import chainrule as cr
    >>> cr.arange(1, 7, 2).tolist()
    [1, 3, 5]
    """
    if end is None:
        start, end = 0, start
    start, end, step = (x.item() if isinstance(x, Tensor) else x for x in (start, end, step))
    if isinstance(step, int | float | Fraction) and step == 0:
        raise ArgumentError("arange with a step of 0 never ends")
    whole = all(not isinstance(x, float | Fraction) for x in (start, end, step))
    n = -((start - end) // step) if whole else max(0, math.ceil((end - start) / step))
    if isinstance(n, int) and n < 0:
        raise ArgumentError(f"arange from {start} to {end} goes against its step of {step}")
    kind = dtype or (dt.int64 if whole else dt.get_default_dtype())
    count: Tensor = counting(stop=n, dtype=dt.int64 if whole else dt.float64)
    scaled = count if step == 1 else mul(count, step)
    moved: Tensor = scaled if isinstance(start, int) and start == 0 else add(scaled, start)
    return finished(moved.to(kind), device, requires_grad, options, "arange")


def linspace(
    start: Any,
    end: Any,
    steps: int,
    *,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
    **options: Any,
) -> Tensor:
    """``steps`` numbers from start to end, evenly spaced, both ends included; as fractions in exact
    arithmetic.

    >>> import chainrule as cr
    >>> cr.linspace(0, 1, 4, dtype=cr.exact)
    tensor([0, 1/3, 2/3, 1], dtype=chainrule.exact)
    """
    made = tensor(_spaced(start, end, steps, dtype), dtype or dt.get_default_dtype())
    return finished(made, device, requires_grad, options, "linspace")


def _spaced(start: Any, end: Any, steps: int, dtype: DType | None) -> Any:
    a, b = (x.item() if isinstance(x, Tensor) else x for x in (start, end))
    n = operator.index(steps)
    if n < 0:
        raise ArgumentError(f"a number of steps is from 0, not {n}")
    if dtype is not dt.exact:
        return np.linspace(a, b, n)
    first, last = Fraction(str(a)), Fraction(str(b))
    return [first + (last - first) * Fraction(i, max(n - 1, 1)) for i in range(n)]


def logspace(
    start: Any,
    end: Any,
    steps: int,
    base: float = 10.0,
    *,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
    **options: Any,
) -> Tensor:
    """``base`` to the powers of `linspace`.

    >>> import chainrule as cr
    >>> cr.logspace(0, 2, 3)
    tensor([  1.,  10., 100.])
    """
    powers = np.power(float(base), _spaced(start, end, steps, None))
    made = tensor(powers, dtype or dt.get_default_dtype())
    return finished(made, device, requires_grad, options, "logspace")


def eye(
    n: int,
    m: int | None = None,
    *,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
    **options: Any,
) -> Tensor:
    """The unit matrix: ones on the diagonal of n rows and m columns."""
    rows, columns = sizes((n, n if m is None else m))
    hit: Tensor = eq(unsqueeze(counting(stop=rows), dim=1), counting(stop=columns))
    made = hit.to(dtype or dt.get_default_dtype())
    return finished(made, device, requires_grad, options, "eye")
