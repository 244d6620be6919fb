"""Instance normalisation."""

from __future__ import annotations

from typing import Any

from chainrule.core.dtypes import DType
from chainrule.core.errors import ShapeError
from chainrule.core.tensor import Tensor
from chainrule.nn.normalise.functions import Statistics, instance_norm
from chainrule.nn.normalise.norm import RunningNorm
from chainrule.ops import normalise


class InstanceNorm(RunningNorm):
    """What the three instance norms share: each channel of each example with mean 0 and variance 1,
    times ``weight``, plus ``bias`` (Ulyanov, Vedaldi and Lempitsky 2016).

    Parameters and running statistics are (c).  The statistics are those of the input, the variance
    divided by n - ``correction`` (PyTorch: 0); in evaluation the running ones, if they are
    collected.  ``eps`` may be 0; then a channel of variance 0 is an error.  One example may be
    given without the axis n.
    """

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
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
        whole = self._whole(x)
        made = instance_norm(
            whole, self.running_mean, self.running_var, self.weight, self.bias, self._of_input(),
            self.momentum or 0.0, self.eps, correction=self.correction,
        )  # fmt: skip
        return made if whole is x else made.squeeze(0)

    def _of_input(self) -> bool:
        """Whether the statistics of the input are used."""
        return self.training or not self.track_running_stats

    def _whole(self, x: Tensor) -> Tensor:
        """The input with the axis of examples; raises ShapeError."""
        if x.ndim == min(self.ranks):
            self._check(x, 0)
            return x.unsqueeze(0)
        self._check(x)
        return x

    def statistics(self, x: Tensor) -> Statistics:
        """The mean and variance that the layer would use for ``x`` as it stands: (n, c), or the
        running ones, (c).

        >>> import chainrule as cr
        >>> norm = cr.nn.InstanceNorm1d(2)
        >>> norm.statistics(cr.tensor([[[1.0, 3.0], [5.0, 9.0]]])).mean.tolist()
        [[2.0, 7.0]]
        """
        whole = self._whole(x)
        if not self._of_input():
            if self.running_mean is None or self.running_var is None:
                raise ShapeError(f"{type(self).__name__} has no running statistics")
            return Statistics(self.running_mean, self.running_var)
        found = normalise.instance_norm(whole, eps=1, correction=self.correction)
        return Statistics(found.mean.flatten(1), found.var.flatten(1))


class InstanceNorm1d(InstanceNorm):
    """Instance normalisation of signals, (n, c, length): see `InstanceNorm`.

    >>> import chainrule as cr
    >>> cr.nn.InstanceNorm1d(2, eps=0)(cr.tensor([[1.0, 3.0], [5.0, 9.0]])).tolist()
    [[-1.0, 1.0], [-1.0, 1.0]]
    """

    ranks = {2: "({c}, length)", 3: "(n, {c}, length)"}


class InstanceNorm2d(InstanceNorm):
    """Instance normalisation of images, (n, c, height, width): see `InstanceNorm`.

    >>> import chainrule as cr
    >>> cr.nn.InstanceNorm2d(3)(cr.ones(2, 3, 4, 4)).shape
    (2, 3, 4, 4)
    """

    ranks = {3: "({c}, height, width)", 4: "(n, {c}, height, width)"}


class InstanceNorm3d(InstanceNorm):
    """Instance normalisation of volumes, (n, c, depth, height, width): see `InstanceNorm`.

    >>> import chainrule as cr
    >>> cr.nn.InstanceNorm3d(3)(cr.ones(2, 3, 4, 4, 4)).shape
    (2, 3, 4, 4, 4)
    """

    ranks = {4: "({c}, depth, height, width)", 5: "(n, {c}, depth, height, width)"}
