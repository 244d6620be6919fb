"""Tensors named after their types, as older scripts make them: ``torch.LongTensor([1, 2])``."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.core import device as places
from chainrule.core import dtypes as dt
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError, shortened
from chainrule.core.tensor import Tensor
from chainrule.ops.creation import empty, tensor
from chainrule.ops.methods import to


class Typed:
    """A maker of tensors of one type, and a name for it in ``isinstance`` and `Tensor.type`.

    Called with data (a list, an array, a tensor) it makes a tensor of them, with whole numbers one
    of that shape, to be written to.  ``dtype`` None stands for the default type.

    >>> import chainrule as cr
    >>> y = cr.LongTensor([0, 2, 1])
    >>> y.dtype, isinstance(y, cr.LongTensor), cr.FloatTensor(2, 3).shape
    (chainrule.int64, True, (2, 3))
    """

    def __init__(self, name: str, dtype: DType | None) -> None:
        self.__name__ = name
        self.dtype = dtype

    def __call__(self, *args: Any) -> Tensor:
        with places.CPU:  # as in PyTorch, whatever the default
            return self._made(args, self.dtype or dt.get_default_dtype())

    def _made(self, args: tuple[Any, ...], wanted: DType) -> Tensor:
        if not args or (len(args) > 1 and all(type(n) is int for n in args)):
            return empty(*(args or (0,)), dtype=wanted)
        (data,) = args if len(args) == 1 else (args,)
        if type(data) is int:
            return empty(data, dtype=wanted)
        if isinstance(data, Tensor):
            return self._same(data, wanted)
        if not isinstance(data, list | tuple | np.ndarray):
            raise ArgumentError(
                f"{self.__name__} takes a list, an array, a tensor or a shape",
                got=shortened(data),
                hint=f"torch.tensor({shortened(data)}) makes a tensor of one number",
            )
        if dt.default_of(wanted.category) is not wanted or not isinstance(data, np.ndarray):
            return to(tensor(data), wanted)
        return tensor(data, wanted)

    def _same(self, data: Tensor, wanted: DType) -> Tensor:
        if self.dtype and data.dtype is not wanted:
            raise ArgumentError(
                f"{self.__name__} of a tensor of another type",
                got=str(data.dtype),
                expected=str(wanted),
                hint=f"x.to(torch.{wanted.name})",
            )
        return data.detach()

    def __instancecheck__(self, x: Any) -> bool:
        return isinstance(x, Tensor) and x.dtype is self.dtype

    def __repr__(self) -> str:
        return f"chainrule.{self.__name__}"


FloatTensor = Typed("FloatTensor", dt.float32)
DoubleTensor = Typed("DoubleTensor", dt.float64)
HalfTensor = Typed("HalfTensor", dt.float16)
ByteTensor = Typed("ByteTensor", dt.uint8)
CharTensor = Typed("CharTensor", dt.int8)
ShortTensor = Typed("ShortTensor", dt.int16)
IntTensor = Typed("IntTensor", dt.int32)
LongTensor = Typed("LongTensor", dt.int64)
BoolTensor = Typed("BoolTensor", dt.bool_)

_TYPED = (FloatTensor, DoubleTensor, HalfTensor, ByteTensor, CharTensor, ShortTensor, IntTensor,
          LongTensor, BoolTensor)  # fmt: skip
_NAMES = {maker.dtype: repr(maker) for maker in _TYPED}


def _type(x: Tensor, dtype: Any = None, non_blocking: bool = False) -> Any:
    """The name of the type, such as ``'chainrule.FloatTensor'``; or the same in another type, which
    is given as such, as ``torch.LongTensor``, or by that name."""
    if dtype is None:
        return _NAMES.get(x.dtype, str(x.dtype))
    if isinstance(dtype, Typed):
        dtype = dtype.dtype
    elif isinstance(dtype, str):
        found = {maker.__name__: maker.dtype for maker in _TYPED}
        dtype = found.get(dtype.rpartition(".")[2], dtype)
    if not isinstance(dtype, DType):
        raise ArgumentError(
            "no element type", got=shortened(dtype), expected="torch.float32, torch.LongTensor, …"
        )
    return to(x, dtype)


METHODS: dict[str, Any] = {"type": _type}
for _name, _method in METHODS.items():
    setattr(Tensor, _name, _method)
Tensor._of_data = Typed("Tensor", None)
