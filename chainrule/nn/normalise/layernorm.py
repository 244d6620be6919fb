"""Norms of each example by itself, over its last axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chainrule.core.dtypes import DType
from chainrule.core.signature import Dim
from chainrule.core.tensor import Tensor
from chainrule.nn.normalise.functions import Statistics, layer_norm
from chainrule.nn.normalise.norm import Normalization
from chainrule.ops import normalise
from chainrule.ops.normalise import checked_eps, trailing


class LayerNorm(Normalization):
    """The last axes of each example with mean 0 and variance 1, times ``weight``, plus ``bias``,
    as in Ba, Kiros and Hinton, Layer Normalization (2016).

    Shapes: x (*b, *d), weight and bias (*d), where ``normalized_shape`` is d.  The variance divides
    by n - ``correction`` (PyTorch: 0).  ``eps`` may be 0; then a row of variance 0 is an error.

    >>> import chainrule as cr
    >>> norm = cr.nn.LayerNorm(2, eps=0)
    >>> norm(cr.tensor([[8.0, 2.0], [0.0, 4.0]])).tolist()
    [[1.0, -1.0], [-1.0, 1.0]]
    """

    def __init__(
        self,
        normalized_shape: Dim | Sequence[Dim],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: Any = None,
        dtype: DType | None = None,
        *,
        correction: int = 0,
    ) -> None:
        super().__init__()
        self.normalized_shape = trailing(normalized_shape)
        checked_eps(eps)
        self.eps, self.elementwise_affine, self.correction = eps, elementwise_affine, correction
        self._scaled(
            self.normalized_shape, elementwise_affine, elementwise_affine and bias, device, dtype
        )

    def forward(self, x: Tensor) -> Tensor:
        return layer_norm(
            x, self.normalized_shape, self.weight, self.bias, self.eps, correction=self.correction
        )

    def statistics(self, x: Tensor) -> Statistics:
        """The mean and variance of each row.

        >>> import chainrule as cr
        >>> cr.nn.LayerNorm(2).statistics(cr.tensor([[8.0, 2.0], [0.0, 4.0]])).mean.tolist()
        [5.0, 2.0]
        """
        rows = x.shape[: x.ndim - len(self.normalized_shape)]
        found = normalise.layer_norm(
            x, normalized_shape=self.normalized_shape, eps=1, correction=self.correction
        )
        return Statistics(*(part.reshape(rows) for part in found[1:]))

    def extra_repr(self) -> str:
        return (
            f"{self.normalized_shape}, eps={self.eps}, "
            f"elementwise_affine={self.elementwise_affine}, "
            f"bias={self.bias is not None}{self._divisor()}"
        )
