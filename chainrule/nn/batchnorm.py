"""Batch normalisation."""

from __future__ import annotations

from chainrule.core import dtypes as dt
from chainrule.core.dtypes import DType
from chainrule.core.errors import ShapeError
from chainrule.core.state import no_grad
from chainrule.core.tensor import Parameter, Tensor
from chainrule.nn import functional as F
from chainrule.nn.module import Module
from chainrule.ops.creation import ones, zeros

BUFFERS = ("running_mean", "running_var", "num_batches_tracked")


class BatchNorm1d(Module):
    """Each feature with mean 0 and variance 1 over the batch, times ``weight``, plus ``bias``.

    Shapes: x (n, c) or (n, c, length), parameters and statistics (c).  Running statistics, used in
    evaluation, move towards the batch's by ``momentum``, or are the average of all batches (None).
    ``eps`` may be 0; then a feature of variance 0 is an error.

    >>> import chainrule as cr
    >>> norm = cr.nn.BatchNorm1d(1)
    >>> _ = norm(cr.tensor([[1.0], [3.0]]))
    >>> norm.running_mean.tolist(), norm.running_var.tolist()
    ([0.20000000298023224], [1.100000023841858])
    """

    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor | None

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        dtype: DType | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        scale = Parameter(ones(num_features, dtype=dtype)) if affine else None
        self.register_parameter("weight", scale)
        shift = Parameter(zeros(num_features, dtype=dtype)) if affine and bias else None
        self.register_parameter("bias", shift)
        mean, var = zeros(num_features, dtype=dtype), ones(num_features, dtype=dtype)
        start = (mean, var, zeros((), dtype=dt.int64))
        for name, value in zip(BUFFERS, start, strict=True):
            self.register_buffer(name, value if track_running_stats else None)

    def forward(self, x: Tensor) -> Tensor:
        if x.ndim not in (2, 3) or x.shape[1] != self.num_features:
            c = self.num_features
            raise ShapeError(
                f"BatchNorm1d: x is not (n, {c}) or (n, {c}, length)", got=f"x {x.shape}"
            )
        training = self.training or self.running_mean is None
        return F.batch_norm(
            x, self.running_mean, self.running_var, self.weight, self.bias, training,
            self._momentum() if self.training else 0.0, self.eps,
        )  # fmt: skip

    def _momentum(self) -> float | Tensor:
        """How far the running statistics move towards those of this batch, which is counted."""
        if self.num_batches_tracked is None or self.running_mean is None:
            return 0.0
        with no_grad():
            self.num_batches_tracked.add_(1)
            if self.momentum is None:
                return 1 / self.num_batches_tracked.to(self.running_mean.dtype)
        return self.momentum

    def extra_repr(self) -> str:
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )
