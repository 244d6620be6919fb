"""A scale and a shift of each channel that start from one batch: the simple norm."""

from __future__ import annotations

from typing import Any, Self

from chainrule.core.axes import axis
from chainrule.core.dtypes import DType
from chainrule.core.errors import ShapeError
from chainrule.core.state import no_grad
from chainrule.core.tensor import Tensor
from chainrule.nn.normalise.functions import Statistics
from chainrule.nn.normalise.norm import Normalization, positive
from chainrule.ops import normalise
from chainrule.ops.normalise import checked_eps


class ScaleShift(Normalization):
    """weight * x + bias for each channel; with ``shift_first``, weight * (x + bias).

    Shapes: x with c = ``num_features`` channels along ``dim``, weight and bias (c).  Both are
    trained like any others; `initialize` chooses them so that one batch comes out with mean 0 and
    variance 1, the variance divided by n - ``correction``.  Unlike batch normalisation the layer
    then does the same in training and evaluation, and to each example alone.

    >>> import chainrule as cr
    >>> norm = cr.nn.ScaleShift(1).initialize(cr.tensor([[1.0], [5.0]]))
    >>> norm(cr.tensor([[1.0], [5.0], [3.0]])).tolist()
    [[-1.0], [1.0], [0.0]]
    """

    def __init__(
        self,
        num_features: int,
        dim: int = 1,
        eps: float = 0.0,
        shift_first: bool = False,
        correction: int = 0,
        device: Any = None,
        dtype: DType | None = None,
    ) -> None:
        super().__init__()
        self.num_features, self.dim = positive("num_features", num_features), dim
        checked_eps(eps)
        self.eps, self.shift_first, self.correction = eps, shift_first, correction
        self._scaled(self.num_features, True, True, device, dtype)

    def forward(self, x: Tensor) -> Tensor:
        column = self._column(x)
        weight, bias = self.weight.reshape(column), self.bias.reshape(column)
        return weight * (x + bias) if self.shift_first else weight * x + bias

    def _column(self, x: Tensor) -> tuple[int, ...]:
        """The shape in which a number for each channel meets x; raises ShapeError, DimError."""
        d, c = axis(self.dim, x.ndim), self.num_features
        if x.ndim == 0 or x.shape[d] != c:
            raise ShapeError(
                f"ScaleShift: x has no {c} channels along axis {self.dim}", got=f"x {x.shape}"
            )
        return (c, *(1 for _ in range(x.ndim - d - 1)))

    def initialize(self, x: Tensor) -> Self:
        """Choose scale and shift so that this batch has mean 0 and variance 1 in each channel.

        Raises ValueCheckError for a channel of variance 0, unless ``eps`` is positive.
        """
        self._column(x)
        with no_grad():
            channels = x.detach().movedim(self.dim, -1).reshape(-1, self.num_features)
            _, mean, var = normalise.batch_norm(channels, eps=self.eps, correction=self.correction)
            mean, scale = mean.flatten(), 1 / (var.flatten() + self.eps).sqrt()
            self.weight.copy_(scale)
            self.bias.copy_(-mean if self.shift_first else -mean * scale)
        return self

    def statistics(self, x: Tensor | None = None) -> Statistics:
        """The mean and variance that come out as 0 and 1: what scale and shift stand for.

        They are those of the batch of `initialize` until they are trained.

        >>> import chainrule as cr
        >>> cr.nn.ScaleShift(1).initialize(cr.tensor([[1.0], [5.0]])).statistics().mean.tolist()
        [3.0]
        """
        mean = -self.bias if self.shift_first else -self.bias / self.weight
        return Statistics(mean, 1 / self.weight**2)

    def extra_repr(self) -> str:
        return (
            f"{self.num_features}, dim={self.dim}, eps={self.eps}, shift_first={self.shift_first}"
            f"{self._divisor()}"
        )
