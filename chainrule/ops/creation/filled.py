"""Making tensors by a rule: of one number, of evenly spaced ones, unit matrices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chainrule.core import device as places
from chainrule.core import dtypes as dt
from chainrule.core import structural
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError
from chainrule.core.tensor import Tensor
from chainrule.ops.elementwise.compare import eq
from chainrule.ops.lookup.primitive import counting
from chainrule.ops.shape.primitive import sizes_of
from chainrule.ops.shape.views import unsqueeze

IGNORED = {"layout", "pin_memory", "memory_format"}
"""Options of PyTorch's that say how memory is laid out: accepted, and without effect."""


def listed(shape: tuple[Any, ...]) -> Any:
    """Sizes that were given as numbers or as one sequence."""
    return sizes_of(shape[0] if len(shape) == 1 and isinstance(shape[0], Sequence) else shape)


def sizes(shape: tuple[Any, ...], named: dict[str, Any] | None = None, who: str = "") -> Any:
    """The shape that was given: as numbers, as one sequence, or as the option ``size``, without
    which the function ``who`` has none."""
    if named is not None and "size" in named:
        shape = (*shape, named.pop("size"))
    if who and not shape:
        raise ArgumentError(
            f"{who} misses its sizes",
            expected=f"{who}(2, 3) or {who}((2, 3)); without axes: {who}(())",
        )
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


@places.placed
def zeros(
    *size: Any,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
    **options: Any,
) -> Tensor:
    """A tensor of zeros."""
    made: Tensor = structural.full(
        sizes(size, options, "zeros"), 0, dtype or dt.get_default_dtype()
    )
    return finished(made, device, requires_grad, options, "zeros")


@places.placed
def ones(
    *size: Any,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
    **options: Any,
) -> Tensor:
    """A tensor of ones."""
    made: Tensor = structural.full(sizes(size, options, "ones"), 1, dtype or dt.get_default_dtype())
    return finished(made, device, requires_grad, options, "ones")


@places.placed
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


@places.placed_like
def zeros_like(
    input: Tensor,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
    **options: Any,
) -> Tensor:
    """Zeros of the shape and type of ``input``."""
    return full_like(input, 0, dtype, device, requires_grad, **options)


@places.placed_like
def ones_like(
    input: Tensor,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
    **options: Any,
) -> Tensor:
    """Ones of the shape and type of ``input``."""
    return full_like(input, 1, dtype, device, requires_grad, **options)


@places.placed_like
def empty_like(input: Tensor, **options: Any) -> Tensor:
    """A tensor to be written to, in the shape and type of ``input``: zeros."""
    return zeros_like(input, **options)


@places.placed_like
def full_like(
    input: Tensor,
    fill_value: Any,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
    **options: Any,
) -> Tensor:
    """One number in the shape and type of ``input``."""
    made: Tensor = structural.full(input.shape, fill_value, dtype or input.dtype)
    return finished(made, device, requires_grad, options, "full_like")


@places.placed
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
