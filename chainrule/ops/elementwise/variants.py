"""Functions that take one of several ops, as their arguments say: add with a factor, rounded
quotients, clamp with one bound or two.

They are methods of tensors as well, also in place, and stand there before the ops' own methods.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from chainrule.core import dtypes as dt
from chainrule.core.apply import number_category
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError, DTypeError
from chainrule.core.op import Op, require
from chainrule.core.structural import cast
from chainrule.core.tensor import Tensor
from chainrule.ops.elementwise import elementary as ops
from chainrule.ops.elementwise.bounds import clamp_between, clamp_max, clamp_min
from chainrule.ops.elementwise.compare import logical_and
from chainrule.ops.elementwise.rounding import floor_divide, trunc_divide
from chainrule.ops.losses import common as losses

Function = TypeVar("Function", bound=Callable[..., Any])


def offered(*names: str) -> Callable[[Function], Function]:
    """Make a function a method of tensors under its own name and ``names``, also in place."""

    def offer(function: Function) -> Function:
        def method(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
            return self._write(function(self, *args, **kwargs))

        method.__doc__ = f"`{function.__name__}`, in place."
        for name in (function.__name__, *names):
            setattr(Tensor, name, function)
            setattr(Tensor, f"{name}_", method)
        return function

    return offer


def result_type(tensor1: Any, tensor2: Any) -> DType:
    """The type that the sum of two tensors or numbers has; raises ArgumentError for other things.

    >>> import chainrule as cr
    >>> cr.result_type(cr.tensor([1, 2], dtype=cr.int8), 1.5)
    chainrule.float32
    """
    tensors = [x for x in (tensor1, tensor2) if isinstance(x, Tensor)]
    numbers = [number_category(x) for x in (tensor1, tensor2) if not isinstance(x, Tensor)]
    kinds = [kind for kind in numbers if kind is not None]
    if len(kinds) < len(numbers):
        raise ArgumentError("result_type takes tensors and numbers")
    if not tensors:
        return dt.default_of(max(kinds))
    common = dt.result_type([x.dtype for x in tensors], [x.ndim for x in tensors])
    highest = max(kinds, default=common.category)
    if highest <= common.category:
        return common
    complex_real = highest == dt.COMPLEX and common.category == dt.REAL
    return dt.complex_of(common) if complex_real else dt.default_of(highest)


@offered()
def add(input: Any, other: Any, *, alpha: Any = 1) -> Tensor:
    """The sum ``x + alpha * other``, entry by entry.

    Raises ArgumentError for a fraction as ``alpha`` of whole numbers.

    >>> import chainrule as cr
    >>> cr.add(cr.tensor([1, 2]), cr.tensor([10, 20]), alpha=2).tolist()
    [21, 42]
    """
    made: Tensor = ops.add(input, _times(input, other, alpha))
    return made


@offered("subtract")
def sub(input: Any, other: Any, *, alpha: Any = 1) -> Tensor:
    """The difference ``x - alpha * other``, entry by entry; raises what `add` does."""
    _no_truths(input, other)
    made: Tensor = ops.sub(input, _times(input, other, alpha))
    return made


def rsub(input: Tensor, other: Any, *, alpha: Any = 1) -> Tensor:
    """The difference ``other - alpha * x``, entry by entry; raises what `add` does."""
    if not isinstance(input, Tensor):
        raise ArgumentError(f"rsub takes a tensor first, not {type(input).__name__}")
    _no_truths(input, other)
    made: Tensor = ops.sub(other, _times(other, input, alpha))
    return made


def _no_truths(*operands: Any) -> None:
    """Raise DTypeError for truth values, which a factor would make numbers, in a difference."""
    for x in operands:
        if isinstance(x, Tensor | bool):
            require("sub", x.dtype if isinstance(x, Tensor) else dt.bool_, *ops.sub.takes)


def _times(x: Any, other: Any, alpha: Any) -> Any:
    """``alpha * other``, in the common type of x and other."""
    if type(alpha) is int and alpha == 1:
        return other
    category = number_category(alpha)
    if category is None or not (isinstance(x, Tensor) or isinstance(other, Tensor)):
        return other * alpha
    common = result_type(x, other)
    if category > max(common.category, dt.INTEGER) or (
        category == dt.BOOL and common is not dt.bool_
    ):
        raise ArgumentError(f"alpha={alpha!r} for a result of type {common.name}")
    if common is dt.bool_:
        return logical_and(other, bool(alpha))
    return (cast(other, dtype=common) if isinstance(other, Tensor) else other) * alpha


@offered("divide")
def div(input: Any, other: Any, *, rounding_mode: str | None = None) -> Tensor:
    """The quotient, entry by entry; rounded towards 0 ("trunc") or down ("floor") where asked for.

    Raises ArgumentError for other rounding modes.

    >>> import chainrule as cr
    >>> x = cr.tensor([-7, 7])
    >>> cr.div(x, 2, rounding_mode="trunc").tolist(), cr.div(x, 2, rounding_mode="floor").tolist()
    ([-3, 3], [-4, 3])
    """
    modes = {None: ops.div, "trunc": trunc_divide, "floor": floor_divide}
    if rounding_mode not in modes:
        raise ArgumentError(
            f"div has no rounding mode {rounding_mode!r}", expected="None, 'trunc' or 'floor'"
        )
    made: Tensor = modes[rounding_mode](input, other)
    return made


@offered("clip")
def clamp(input: Any, min: Any = None, max: Any = None) -> Tensor:
    """Each entry, but not less than ``min`` and not more than ``max``: numbers or tensors, of which
    one may be missing; max where min is above it.

    At the bounds the derivative by x is 1, as in PyTorch.  Raises ArgumentError without a bound.

    >>> import chainrule as cr
    >>> cr.clamp(cr.tensor([-3.0, 0.5, 3.0]), min=-1, max=1).tolist()
    [-1.0, 0.5, 1.0]
    """
    made: Tensor
    if min is None and max is None:
        raise ArgumentError("clamp needs a bound", expected="min, max or both")
    if max is None:
        made = clamp_min(input, min)
    elif min is None:
        made = clamp_max(input, max)
    else:
        made = clamp_between(input, min, max)
    return made


def _double(x: Any) -> Any:
    """A number in double precision; exact ones stay exact."""
    category = x.dtype.category if isinstance(x, Tensor) else number_category(x)
    if category is None or category == dt.EXACT or not isinstance(x, Tensor):
        return x
    return cast(x, dtype=dt.complex128 if category == dt.COMPLEX else dt.float64)


def float_power(input: Any, exponent: Any) -> Tensor:
    """Power, entry by entry, in double precision whatever the operands.

    >>> import chainrule as cr
    >>> cr.float_power(cr.tensor([2, 3]), -1).dtype
    chainrule.float64
    """
    made: Tensor = ops.pow(_double(input), _double(exponent))
    return made


def _float_power_in_place(x: Tensor, exponent: Any) -> Tensor:
    """`float_power`, in place; raises DTypeError unless x has double precision already."""
    made = float_power(x, exponent)
    if made.dtype is not x.dtype:
        raise _narrow(made.dtype, x.dtype)
    return x._write(made)


def _narrow(made: DType, kept: DType) -> DTypeError:
    return DTypeError(f"a result of type {made.name} cannot be written to {kept.name}")


def positive(input: Tensor) -> Tensor:
    """The tensor itself, ``+x``; raises DTypeError for truth values."""
    if input.dtype is dt.bool_:
        raise DTypeError(
            "positive: a truth value has no sign", hint="x.to(cr.int64) makes it 0 or 1"
        )
    return input


def softmax(input: Tensor, dim: int | None = None, dtype: DType | None = None) -> Tensor:
    """e^x divided by the sum of e^x along the axis ``dim``; computed in ``dtype`` where given.

    Raises ArgumentError without ``dim``, which PyTorch would guess.

    >>> import chainrule as cr
    >>> cr.softmax(cr.tensor([1, 1]), dim=0, dtype=cr.float64)
    tensor([0.5, 0.5], dtype=chainrule.float64)
    """
    return _along(losses.softmax, input, dim, dtype)


def log_softmax(input: Tensor, dim: int | None = None, dtype: DType | None = None) -> Tensor:
    """The logarithm of `softmax`; computed in ``dtype`` where given."""
    return _along(losses.log_softmax, input, dim, dtype)


def _along(op: Op, x: Tensor, dim: int | None, dtype: DType | None) -> Tensor:
    """The op along an axis, of x in another type where one is given."""
    axis = {} if dim is None else {"dim": dim}  # the op says what is missing
    made: Tensor = op(x if dtype is None else cast(x, dtype=dtype), **axis)
    return made


Tensor.float_power = float_power  # type: ignore[attr-defined]
Tensor.float_power_ = _float_power_in_place  # type: ignore[attr-defined]
Tensor.positive = positive  # type: ignore[attr-defined]
Tensor.__pos__ = positive  # type: ignore[operator]
Tensor.softmax = softmax  # type: ignore[attr-defined]
Tensor.log_softmax = log_softmax  # type: ignore[attr-defined]
