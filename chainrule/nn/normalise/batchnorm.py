"""Batch normalisation."""

from __future__ import annotations

from typing import Any

from chainrule.core.dtypes import DType
from chainrule.core.state import no_grad
from chainrule.core.tensor import Tensor
from chainrule.nn.normalise.functions import Statistics, batch_norm
from chainrule.nn.normalise.norm import RunningNorm
from chainrule.ops import normalise


class BatchNorm(RunningNorm):
    """What the three batch norms share: each channel with mean 0 and variance 1 over the batch,
    times ``weight``, plus ``bias`` (Ioffe and Szegedy 2015).

    Parameters and statistics are (c).  While training the statistics are those of the batch, the
    variance divided by n - ``correction`` (PyTorch: 0); in evaluation the running ones, if they are
    collected.  ``eps`` may be 0; then a channel of variance 0 is an error.
    """

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: DType | None = None,
        *,
        bias: bool = True,
        correction: int = 0,
    ) -> None:
        super().__init__(
            num_features, eps, momentum, affine, track_running_stats, device, dtype, bias,
            correction,
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        self._check(x)
        momentum = self._momentum() if self.training else 0.0
        made = batch_norm(
            x, *self._collected(), self.weight, self.bias, self._of_batch(), momentum, self.eps,
            correction=self.correction,
        )  # fmt: skip
        if self.training and self.track_running_stats and self.num_batches_tracked is not None:
            with no_grad():
                self.num_batches_tracked.add_(1)  # last: a batch that is refused does not count
        return made

    def _of_batch(self) -> bool:
        """Whether the statistics of the batch are used."""
        return self.training or (self.running_mean is None and self.running_var is None)

    def _momentum(self) -> float | Tensor:
        """How far the running statistics move towards those of this batch."""
        count = self.num_batches_tracked
        if self.momentum is None and count is not None and self.running_mean is not None:
            with no_grad():
                averaged: Tensor = 1 / (count + 1).to(self.running_mean.dtype)
                return averaged
        return self.momentum or 0.0

    def statistics(self, x: Tensor) -> Statistics:
        """The mean and variance of each channel that the layer would use for ``x`` as it stands:
        those of the batch while training, else the running ones.

        >>> import chainrule as cr
        >>> norm = cr.nn.BatchNorm1d(1)
        >>> norm.statistics(cr.tensor([[1.0], [3.0]]))
        Statistics(mean=tensor([2.]), var=tensor([1.]))
        """
        self._check(x)
        if not self._of_batch():
            assert self.running_mean is not None  # there are both, or batch statistics are used
            assert self.running_var is not None
            return Statistics(self.running_mean, self.running_var)
        found = normalise.batch_norm(x, eps=1, correction=self.correction)
        return Statistics(found.mean.flatten(), found.var.flatten())


class BatchNorm1d(BatchNorm):
    """Batch normalisation of features, (n, c), or of signals, (n, c, length): see `BatchNorm`.

    >>> import chainrule as cr
    >>> norm = cr.nn.BatchNorm1d(1)
    >>> _ = norm(cr.tensor([[1.0], [3.0]]))
    >>> norm.running_mean.tolist(), norm.running_var.tolist()
    ([0.20000000298023224], [1.100000023841858])
    """

    ranks = {2: "(n, {c})", 3: "(n, {c}, length)"}


class BatchNorm2d(BatchNorm):
    """Batch normalisation of images, (n, c, height, width): see `BatchNorm`.

    >>> import chainrule as cr
    >>> cr.nn.BatchNorm2d(3)(cr.ones(2, 3, 4, 4)).shape
    (2, 3, 4, 4)
    """

    ranks = {4: "(n, {c}, height, width)"}


class BatchNorm3d(BatchNorm):
    """Batch normalisation of volumes, (n, c, depth, height, width): see `BatchNorm`.

    >>> import chainrule as cr
    >>> cr.nn.BatchNorm3d(3)(cr.ones(2, 3, 4, 4, 4)).shape
    (2, 3, 4, 4, 4)
    """

    ranks = {5: "(n, {c}, depth, height, width)"}
