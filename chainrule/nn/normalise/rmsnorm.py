"""Normalisation by the root of the mean square."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chainrule.core.dtypes import DType
from chainrule.core.signature import Dim
from chainrule.core.tensor import Tensor
from chainrule.nn.normalise.functions import Statistics, rms_norm
from chainrule.nn.normalise.norm import Normalization
from chainrule.ops import normalise
from chainrule.ops.creation import zeros_like
from chainrule.ops.normalise import checked_eps, trailing


class RMSNorm(Normalization):
    """The last axes of each example divided by the root of their mean square, times ``weight``, as
    in Zhang and Sennrich, Root Mean Square Layer Normalization (2019).

    Shapes: x (*b, *d), weight (*d), where ``normalized_shape`` is d.  ``eps`` is that of the type
    unless given; it may be 0, and then a row of zeros is an error.

    >>> import chainrule as cr
    >>> cr.nn.RMSNorm(2, eps=0)(cr.tensor([[3.0, 3.0]])).tolist()
    [[1.0, 1.0]]
    """

    def __init__(
        self,
        normalized_shape: Dim | Sequence[Dim],
        eps: float | None = None,
        elementwise_affine: bool = True,
        device: Any = None,
        dtype: DType | None = None,
    ) -> None:
        super().__init__()
        self.normalized_shape = trailing(normalized_shape)
        if eps is not None:
            checked_eps(eps)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        self._scaled(self.normalized_shape, elementwise_affine, False, device, dtype)

    def forward(self, x: Tensor) -> Tensor:
        return rms_norm(x, self.normalized_shape, self.weight, self.eps)

    def statistics(self, x: Tensor) -> Statistics:
        """The mean of each row, which is taken to be 0, and its mean square.

        >>> import chainrule as cr
        >>> cr.nn.RMSNorm(2).statistics(cr.tensor([[1.0, 7.0]]))
        Statistics(mean=tensor([0.]), var=tensor([25.]))
        """
        square = normalise.rms_norm(x, normalized_shape=self.normalized_shape, eps=1).mean_square
        square = square.reshape(x.shape[: x.ndim - len(self.normalized_shape)])
        return Statistics(zeros_like(square), square)

    def extra_repr(self) -> str:
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"
        )
