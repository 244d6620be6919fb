"""Norms of groups of channels of each example."""

from __future__ import annotations

from typing import Any

from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError
from chainrule.core.tensor import Tensor
from chainrule.nn.normalise.functions import Statistics, group_norm
from chainrule.nn.normalise.norm import Normalization, positive
from chainrule.ops import normalise
from chainrule.ops.normalise import checked_eps


class GroupNorm(Normalization):
    """Each group of channels of each example with mean 0 and variance 1, then each channel times
    its ``weight``, plus its ``bias`` (Wu and He 2018).

    Shapes: x (n, c, *d), weight and bias (c), where c is ``num_channels``.  The variance divides by
    n - ``correction`` (PyTorch: 0).  ``eps`` may be 0; then a group of variance 0 is an error.
    Raises ArgumentError where the groups do not divide the channels.

    >>> import chainrule as cr
    >>> cr.nn.GroupNorm(2, 4, eps=0)(cr.tensor([[1.0, 3.0, 5.0, 9.0]])).tolist()
    [[-1.0, 1.0, -1.0, 1.0]]
    """

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        device: Any = None,
        dtype: DType | None = None,
        *,
        bias: bool = True,
        correction: int = 0,
    ) -> None:
        super().__init__()
        groups, c = positive("num_groups", num_groups), positive("num_channels", num_channels)
        if c % groups:
            raise ArgumentError(f"{c} channels cannot be shared out among {groups} groups")
        checked_eps(eps)
        self.num_groups, self.num_channels, self.eps, self.affine = groups, c, eps, affine
        self.correction = correction
        self._scaled(c, affine, affine and bias, device, dtype)

    def forward(self, x: Tensor) -> Tensor:
        return group_norm(
            x, self.num_groups, self.weight, self.bias, self.eps, correction=self.correction
        )

    def statistics(self, x: Tensor) -> Statistics:
        """The mean and variance of each group of each example: (n, num_groups).

        >>> import chainrule as cr
        >>> cr.nn.GroupNorm(2, 4).statistics(cr.tensor([[1.0, 3.0, 5.0, 9.0]])).mean.tolist()
        [[2.0, 7.0]]
        """
        found = normalise.group_norm(
            x, num_groups=self.num_groups, eps=1, correction=self.correction
        )
        return Statistics(found.mean.flatten(1), found.var.flatten(1))

    def extra_repr(self) -> str:
        return (
            f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}, "
            f"bias={self.bias is not None}{self._divisor()}"
        )
