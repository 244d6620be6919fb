"""The affine layer, and the bilinear one."""

from __future__ import annotations

from typing import Any, SupportsIndex

from chainrule.core.device import placed
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError
from chainrule.core.tensor import Parameter, Tensor
from chainrule.nn import init
from chainrule.nn.module import Module
from chainrule.ops.creation import rand
from chainrule.ops.linear.matmul import linear
from chainrule.ops.linear.products import bilinear


class Linear(Module):
    """The affine map x W^T + b.

    Shapes: weight (out_features, in_features), bias (out_features), x (*b, in_features).  Both
    start as draws from U(-1/√in_features, 1/√in_features), PyTorch's default.  Raises
    ArgumentError for sizes that are no whole numbers.

    >>> from chainrule import nn
    >>> nn.Linear(3, 2)
    Linear(in_features=3, out_features=2, bias=True)
    """

    bias: Parameter | None

    @placed
    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        device: Any = None,
        dtype: DType | None = None,
    ) -> None:
        super().__init__()
        for name, size in (("in_features", in_features), ("out_features", out_features)):
            _check(name, size, 0)
        self.in_features, self.out_features = in_features, out_features
        bound = init.usual_bound(in_features) if in_features else 0.0
        self.weight = Parameter(_spread(bound, (out_features, in_features), dtype))
        self.register_parameter(
            "bias", Parameter(_spread(bound, (out_features,), dtype)) if bias else None
        )

    def forward(self, x: Tensor) -> Tensor:
        return linear(x, self.weight, self.bias)

    def extra_repr(self) -> str:
        return (
            f"in_features={self.in_features}, out_features={self.out_features}, "
            f"bias={self.bias is not None}"
        )


class Bilinear(Module):
    """The form x1^T W x2 + b, one matrix W for each feature of the result.

    Shapes: weight (out_features, in1_features, in2_features), bias (out_features), x1
    (*b, in1_features), x2 (*b, in2_features).  Both parameters start as draws from
    U(-1/√in1_features, 1/√in1_features), PyTorch's default.  Raises ArgumentError for sizes that
    are no whole numbers, and for in1_features below 1.

    >>> from chainrule import nn
    >>> nn.Bilinear(3, 2, 4)
    Bilinear(in1_features=3, in2_features=2, out_features=4, bias=True)
    """

    bias: Parameter | None

    @placed
    def __init__(
        self,
        in1_features: int,
        in2_features: int,
        out_features: int,
        bias: bool = True,
        device: Any = None,
        dtype: DType | None = None,
    ) -> None:
        super().__init__()
        _check("in1_features", in1_features, 1)
        _check("in2_features", in2_features, 0)
        _check("out_features", out_features, 0)
        self.in1_features, self.in2_features = in1_features, in2_features
        self.out_features = out_features
        bound = init.usual_bound(in1_features)
        shape = (out_features, in1_features, in2_features)
        self.weight = Parameter(_spread(bound, shape, dtype))
        self.register_parameter(
            "bias", Parameter(_spread(bound, (out_features,), dtype)) if bias else None
        )

    def forward(self, input1: Tensor, input2: Tensor) -> Tensor:
        return bilinear(input1, input2, self.weight, self.bias)

    def extra_repr(self) -> str:
        return (
            f"in1_features={self.in1_features}, in2_features={self.in2_features}, "
            f"out_features={self.out_features}, bias={self.bias is not None}"
        )


def _check(name: str, size: Any, least: int) -> None:
    """Raise ArgumentError unless ``size`` is a whole number from ``least``."""
    if not isinstance(size, SupportsIndex) or size < least:  # type: ignore[operator]
        raise ArgumentError(f"{name} is {size!r}", expected=f"a whole number from {least}")


def _spread(bound: float, shape: tuple[int, ...], dtype: DType | None) -> Tensor:
    """Draws from U(-bound, bound)."""
    return (rand(shape, dtype=dtype) * 2 - 1) * bound
