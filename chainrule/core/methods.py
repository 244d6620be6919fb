"""How ops become methods of tensors: ``x.exp()`` and ``x + y``, ``x.exp_()`` and ``x += y``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from chainrule.core.tensor import Tensor

if TYPE_CHECKING:
    from chainrule.core.op import Op

AUGMENTED = {"add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "and", "or", "xor"}
"""Operators that PyTorch carries out in place when augmented; ``x @= y`` is ``x = x @ y``."""


def attach(op: Op) -> None:
    """Give tensors the methods that the op names."""
    for name in op.methods:
        setattr(Tensor, name, _method(op, name))
        if op.kind != "elementwise":
            continue
        if not name.startswith("__"):
            setattr(Tensor, f"{name}_", _in_place(op, f"{name}_"))
        elif (word := name.strip("_")) in AUGMENTED:
            setattr(Tensor, f"__i{word}__", _in_place(op, f"__i{word}__"))


def _method(op: Op, name: str) -> Callable[..., Any]:
    made = _function(op, name)
    made.__name__, made.__doc__ = name, type(op).__doc__
    return made


def _function(op: Op, name: str) -> Callable[..., Any]:
    def method(self: Tensor, *args: Any, **kwargs: Any) -> Any:
        return op(self, *args, **kwargs)

    def binary(self: Tensor, other: Any) -> Any:
        return op(self, other)

    def reflected(self: Tensor, other: Any) -> Any:
        return op(other, self)

    def equality(self: Tensor, other: Any) -> Any:
        return NotImplemented if other is None or isinstance(other, str) else op(self, other)

    if not name.startswith("__") or len(op.inputs) != 2:
        return method
    if name in ("__eq__", "__ne__"):
        return equality
    return reflected if name.startswith("__r") else binary


def _in_place(op: Op, name: str) -> Callable[..., Tensor]:
    def method(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        return self._write(op(self, *args, **kwargs))

    method.__name__ = name
    method.__doc__ = f"`{op.name}`, in place: the tensor then stands for the result."
    return method
