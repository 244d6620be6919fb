"""What scripts ask of a tensor, or of PyTorch as a whole, beside computing."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np

from chainrule.core import device as places
from chainrule.core.errors import ArgumentError
from chainrule.core.tensor import Tensor
from chainrule.ops.creation import empty, full, ones, tensor, zeros


def is_floating_point(input: Tensor) -> bool:
    """Whether the element type is a real floating-point one."""
    return input.dtype.is_floating_point


def is_complex(input: Tensor) -> bool:
    """Whether the element type is complex."""
    return input.dtype.is_complex


def numel(input: Tensor) -> Any:
    """The number of entries."""
    return input.numel()


def use_deterministic_algorithms(mode: bool, *, warn_only: bool = False) -> None:
    """Accepted: whatever is computed here is the same each time."""


# -- methods of tensors ----------------------------------------------------------------------------


def _cuda(x: Tensor, *args: Any, **kwargs: Any) -> NoReturn:
    """Refused: there is no GPU here."""
    raise ArgumentError(
        "there is no device 'cuda'",
        expected="'cpu'",
        hint="scripts ask first: if torch.cuda.is_available(): x = x.cuda()",
    )


def _device(x: Tensor) -> places.device:
    return places.META if x.node.meta else places.CPU


def _stride(x: Tensor, dim: int | None = None) -> Any:
    """How many entries apart the neighbours along each axis lie, or along one."""
    value = np.asarray(x._value("stride()"))
    steps = tuple(step // value.itemsize for step in value.strides)
    return steps if dim is None else steps[dim]


def _options(x: Tensor, options: dict[str, Any]) -> dict[str, Any]:
    dtype, device = options.get("dtype") or x.dtype, options.get("device") or x.device
    return {**options, "dtype": dtype, "device": device}


def _new_zeros(x: Tensor, *size: Any, **options: Any) -> Tensor:
    """Zeros of another shape, in the type of x unless another is given."""
    return zeros(*size, **_options(x, options))


def _new_ones(x: Tensor, *size: Any, **options: Any) -> Tensor:
    """Ones of another shape, in the type of x unless another is given."""
    return ones(*size, **_options(x, options))


def _new_empty(x: Tensor, *size: Any, **options: Any) -> Tensor:
    """Another tensor to be written to, in the type of x unless another is given."""
    return empty(*size, **_options(x, options))


def _new_full(x: Tensor, size: Any, fill_value: Any, **options: Any) -> Tensor:
    """One number in another shape, in the type of x unless another is given."""
    return full(size, fill_value, **_options(x, options))


def _new_tensor(x: Tensor, data: Any, **options: Any) -> Tensor:
    """A tensor of data, in the type of x unless another is given."""
    return tensor(data, **_options(x, options))


METHODS: dict[str, Any] = {
    "cuda": _cuda,
    "device": property(_device, doc='Where it is: "cpu", or "meta", without values.'),
    "is_cpu": property(lambda x: not x.node.meta, doc="Whether it is on the CPU."),
    "is_meta": property(lambda x: x.node.meta, doc='Whether it is on "meta", without values.'),
    "is_cuda": property(lambda x: False, doc="Whether it is on a GPU: never."),
    "is_sparse": property(lambda x: False, doc="Whether only some entries are stored: never."),
    "itemsize": property(lambda x: x.dtype.itemsize, doc="Bytes of one entry."),
    "nbytes": property(lambda x: x.numel() * x.dtype.itemsize, doc="Bytes of all entries."),
    "element_size": lambda x: x.dtype.itemsize,
    "nelement": numel,
    "ndimension": lambda x: x.ndim,
    "stride": _stride,
    "new_zeros": _new_zeros,
    "new_ones": _new_ones,
    "new_empty": _new_empty,
    "new_full": _new_full,
    "new_tensor": _new_tensor,
}
for _name, _method in METHODS.items():
    setattr(Tensor, _name, _method)
