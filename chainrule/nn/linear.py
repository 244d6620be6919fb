"""The affine layer."""

from __future__ import annotations

import math
from typing import Any, SupportsIndex

from chainrule.core.device import placed
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError
from chainrule.core.tensor import Parameter, Tensor
from chainrule.nn.module import Module
from chainrule.ops.creation import rand
from chainrule.ops.linear.matmul import linear


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
            if not isinstance(size, SupportsIndex) or size < 0:  # type: ignore[redundant-expr]
                raise ArgumentError(f"{name} is {size!r}", expected="a whole number from 0")
        self.in_features, self.out_features = in_features, out_features
        bound = 1 / math.sqrt(in_features) if in_features else 0.0
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


def _spread(bound: float, shape: tuple[int, ...], dtype: DType | None) -> Tensor:
    """Draws from U(-bound, bound)."""
    return (rand(shape, dtype=dtype) * 2 - 1) * bound
