"""Making tensors of evenly spaced numbers."""

from __future__ import annotations

import math
import operator
from fractions import Fraction
from typing import Any

import numpy as np

from chainrule.core import device as places
from chainrule.core import dtypes as dt
from chainrule.core.dtyperules import require_room
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError, DTypeError
from chainrule.core.tensor import Tensor
from chainrule.ops.creation.filled import finished
from chainrule.ops.creation.fromdata import tensor
from chainrule.ops.elementwise.elementary import add, mul
from chainrule.ops.lookup.primitive import counting


def _plain(*numbers: Any) -> list[Any]:
    """Python numbers, of numbers and tensors; raises ArgumentError for infinities and NaN."""
    found = [x.item() if isinstance(x, Tensor) else x for x in numbers]
    for x in found:
        if isinstance(x, float) and not math.isfinite(x):
            raise ArgumentError(f"a range has finite ends and steps, not {x}")
    return found


def _no_truths(dtype: DType | None, who: str) -> None:
    if dtype is dt.bool_:
        raise DTypeError(f"{who} makes numbers, not truth values")


@places.placed
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

    In a type of whole numbers, start and step are cut off to whole numbers first, as in PyTorch.
    Raises ArgumentError for a step that does not lead to the end, and for numbers that the type
    does not have; DTypeError for bool.

    >>> import chainrule as cr
    >>> cr.arange(1, 7, 2).tolist(), cr.arange(0.5, 3.5, dtype=cr.int64).tolist()
    ([1, 3, 5], [0, 1, 2])
    """
    _no_truths(dtype, "arange")
    if end is None:
        start, end = 0, start
    start, end, step = _plain(start, end, step)
    whole = all(not isinstance(x, float | Fraction) for x in (start, end, step))
    kind = dtype or (dt.int64 if whole else dt.get_default_dtype())
    n = _count(start, end, step)
    if kind.category == dt.INTEGER:
        if not whole:
            start, end, step, whole = int(start), int(end), int(step), True
            # PyTorch counts between the whole numbers for int64, between those given for others
            n = _count(start, end, step) if kind is dt.int64 or step == 0 else n
        if isinstance(n, int) and n > 0:
            require_room(start, kind)
            require_room(start + (n - 1) * step, kind)
    count: Tensor = counting(stop=n, dtype=dt.int64 if whole else dt.float64)
    scaled = count if step == 1 else mul(count, step)
    moved: Tensor = scaled if isinstance(start, int) and start == 0 else add(scaled, start)
    return finished(moved.to(kind), device, requires_grad, options, "arange")


def _count(start: Any, end: Any, step: Any) -> Any:
    """How many steps there are before the end; raises ArgumentError where none leads there."""
    if isinstance(step, int | float | Fraction) and step == 0:
        raise ArgumentError("arange with a step of 0 never ends")
    n = -((start - end) // step)
    if isinstance(n, float | Fraction):
        n = math.ceil((end - start) / step)
    if isinstance(n, int) and (n < 0 or (end - start) * step < 0):
        raise ArgumentError(f"arange from {start} to {end} goes against its step of {step}")
    return n


@places.placed
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

    In a type of whole numbers both ends, and then all numbers, are cut off to whole ones.  Raises
    ArgumentError for ends that the type does not have, and DTypeError for bool.

    >>> import chainrule as cr
    >>> cr.linspace(0, 1, 4, dtype=cr.exact)
    tensor([0, 1/3, 2/3, 1], dtype=chainrule.exact)
    """
    _no_truths(dtype, "linspace")
    made = tensor(_spaced(start, end, steps, dtype), dtype or dt.get_default_dtype())
    return finished(made, device, requires_grad, options, "linspace")


def _spaced(start: Any, end: Any, steps: int, dtype: DType | None) -> Any:
    a, b = (x.item() if isinstance(x, Tensor) else x for x in (start, end))
    n = operator.index(steps)
    if n < 0:
        raise ArgumentError(f"a number of steps is from 0, not {n}")
    if dtype is dt.exact:
        first, last = Fraction(str(a)), Fraction(str(b))
        return [first + (last - first) * Fraction(i, max(n - 1, 1)) for i in range(n)]
    if dtype is None or dtype.category != dt.INTEGER:
        return np.linspace(a, b, n)
    require_room(a, dtype)
    require_room(b, dtype)
    a, b = int(a), int(b)
    step, half = Fraction((b - a) / max(n - 1, 1)), n // 2
    # as PyTorch has it: from the nearer end by a step in float64, rounded once, without decimals
    exact = [a + step * i if i < half or n == 1 else b - step * (n - 1 - i) for i in range(n)]
    return [int(float(number)) for number in exact]


@places.placed
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
    _no_truths(dtype, "logspace")
    powers = np.power(float(base), _spaced(start, end, steps, None))
    made = tensor(powers, dtype or dt.get_default_dtype())
    return finished(made, device, requires_grad, options, "logspace")
