"""Dropout."""

from __future__ import annotations

from chainrule.core.errors import ArgumentError
from chainrule.core.tensor import Tensor
from chainrule.nn import functional as F
from chainrule.nn.module import Module


class Dropout(Module):
    """While training, each entry becomes 0 with probability p, and the others are scaled by
    1 / (1 - p), so that the mean stays; in evaluation, the identity.

    >>> import chainrule as cr
    >>> cr.nn.Dropout(0.5).eval()(cr.ones(3)).tolist()
    [1.0, 1.0, 1.0]
    """

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        if not 0 <= p <= 1:
            raise ArgumentError(f"a dropout probability is from 0 to 1, not {p!r}")
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        return F.dropout(x, self.p, self.training)

    def extra_repr(self) -> str:
        return f"p={self.p}"
