"""What norm layers share: scale and shift, and statistics that they show and may collect."""

from __future__ import annotations

import operator
from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.size import Size
from chainrule.core.state import no_grad
from chainrule.core.tensor import Parameter, Tensor
from chainrule.nn.module import Module
from chainrule.nn.normalise.functions import Statistics
from chainrule.ops.creation import ones, zeros
from chainrule.ops.normalise import checked_eps

BUFFERS = ("running_mean", "running_var", "num_batches_tracked")


def positive(name: str, value: Any) -> int:
    """A whole number from 1; raises ArgumentError for anything else.

    >>> positive("num_features", 3)
    3
    """
    if isinstance(value, Size) and value >= 1:
        return value  # type: ignore[return-value]  # as good as a number
    try:
        found = 0 if isinstance(value, bool) else operator.index(value)
    except TypeError:
        found = 0
    if found < 1:
        raise ArgumentError(f"{name} is {value!r}", expected="a whole number from 1")
    return found


class Normalization(Module):
    """What norm layers share: ``weight``, which starts with ones, and ``bias``, with zeros.

    Subclasses say which `statistics` they bring to 0 and 1.
    """

    weight: Any
    bias: Any
    eps: Any
    correction: int

    def _scaled(
        self, shape: Any, scale: bool, shift: bool, device: Any = None, dtype: DType | None = None
    ) -> None:
        """Make the parameters that are wanted."""
        weight = Parameter(ones(shape, device=device, dtype=dtype)) if scale else None
        self.register_parameter("weight", weight)
        bias = Parameter(zeros(shape, device=device, dtype=dtype)) if shift else None
        self.register_parameter("bias", bias)

    def reset_parameters(self) -> None:
        """Begin again: a scale of 1 and a shift of 0."""
        with no_grad():
            if self.weight is not None:
                self.weight.fill_(1)
            if self.bias is not None:
                self.bias.zero_()

    def statistics(self, x: Tensor) -> Statistics:
        """The means and variances that the layer would use for ``x`` as it stands."""
        raise NotImplementedError(f"{type(self).__name__} has no statistics()")

    def _divisor(self) -> str:
        """How the divisor of the variance is shown where it is not PyTorch's."""
        return f", correction={self.correction}" if self.correction else ""


class RunningNorm(Normalization):
    """What the norms of channels share: statistics that are collected while training.

    They move towards those of each batch, running = (1 - momentum) running + momentum batch, the
    variance towards the unbiased one, or are the average of all batches (``momentum=None``).
    ``ranks`` are the numbers of axes that the input may have.
    """

    ranks: dict[int, str]
    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor | None

    def __init__(
        self,
        num_features: int,
        eps: float,
        momentum: float | None,
        affine: bool,
        track_running_stats: bool,
        device: Any,
        dtype: DType | None,
        bias: bool,
        correction: int,
    ) -> None:
        super().__init__()
        c = self.num_features = positive("num_features", num_features)
        checked_eps(eps)
        if momentum is not None and (
            isinstance(momentum, bool) or not isinstance(momentum, int | float)
        ):
            raise ArgumentError(f"momentum is {momentum!r}", expected="a number, or None")
        self.eps, self.momentum, self.correction = eps, momentum, correction
        self.affine, self.track_running_stats = affine, track_running_stats
        self._scaled(c, affine, affine and bias, device, dtype)
        start = (
            zeros(c, device=device, dtype=dtype),
            ones(c, device=device, dtype=dtype),
            zeros((), device=device, dtype=dt.int64),
        )
        for name, value in zip(BUFFERS, start, strict=True):
            self.register_buffer(name, value if track_running_stats else None)

    def reset_running_stats(self) -> None:
        """Forget what was collected: mean 0, variance 1, no batches."""
        with no_grad():
            for name, start in zip(BUFFERS, (0, 1, 0), strict=True):
                if self._buffers[name] is not None:
                    self._buffers[name].fill_(start)  # type: ignore[union-attr]

    def reset_parameters(self) -> None:
        """Begin again: statistics, a scale of 1 and a shift of 0."""
        self.reset_running_stats()
        super().reset_parameters()

    def _check(self, x: Tensor, axis: int = 1) -> None:
        """Raise ShapeError unless ``x`` has the axes and the channels of this layer."""
        if x.ndim not in self.ranks or x.shape[axis] != self.num_features:
            wanted = " or ".join(self.ranks.values()).format(c=self.num_features)
            raise ShapeError(f"{type(self).__name__}: x is not {wanted}", got=f"x {x.shape}")

    def _collected(self) -> tuple[Tensor | None, Tensor | None]:
        """The running statistics that a call uses or moves."""
        if self.training and not self.track_running_stats:
            return None, None
        return self.running_mean, self.running_var

    def extra_repr(self) -> str:
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
            f"{self._divisor()}"
        )
