"""Highway networks: each layer passes on a share of what it was given."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from chainrule import nn
from chainrule.core.errors import ArgumentError
from chainrule.core.tensor import Parameter, Tensor
from chainrule.nn import init
from chainrule.ops.creation import full

GATES = ("constant", "value")


class HighwayLayer(nn.Module):
    """F x + (1 - F) D(x): the share F of what comes in goes on as it is, the rest by way of the
    diversion D, any module that keeps the shape.

    The gate F lies between 0 and 1.  With ``gate="constant"`` it is one learned number, sigmoid of
    ``carry``, and starts at ``share``; with ``gate="value"`` each entry has its own, sigmoid(W x +
    b), which starts near ``share``: Srivastava, Greff and Schmidhuber, Highway networks (2015),
    whose transform gate is 1 - F.  Shapes: x (*b, features), or any shape for a constant gate.
    Raises ArgumentError for other gates and for a share outside of 0 to 1.

    >>> import chainrule as cr
    >>> layer = HighwayLayer(2, cr.nn.Tanh(), gate="constant", share=0.75)
    >>> layer(cr.zeros(2)).tolist(), layer.gate(cr.zeros(2)).item()
    ([0.0, 0.0], 0.75)
    """

    def __init__(
        self, features: int, diversion: nn.Module, gate: str = "value", share: float = 0.5
    ) -> None:
        super().__init__()
        if gate not in GATES:
            raise ArgumentError(f"gate is {gate!r}", expected=" or ".join(map(repr, GATES)))
        if not 0 < share < 1:
            raise ArgumentError(f"share is {share!r}", expected="a number between 0 and 1")
        self.diversion = diversion
        start = math.log(share / (1 - share))
        if gate == "constant":
            self.carry: Any = Parameter(full((), start))
        else:
            self.carry = nn.Linear(features, features)
            init.constant_(self.carry.bias, start)

    def gate(self, x: Tensor) -> Tensor:
        """The share of x that goes on as it is."""
        raw = self.carry if isinstance(self.carry, Tensor) else self.carry(x)
        share: Tensor = raw.sigmoid()
        return share

    def forward(self, x: Tensor) -> Tensor:
        F = self.gate(x)
        made: Tensor = F * x + (1 - F) * self.diversion(x)
        return made


def _layer_and_tanh(features: int) -> nn.Module:
    return nn.Sequential(nn.Linear(features, features), nn.Tanh())


class Highway(nn.Sequential):
    """Highway layers one after the other, each with a gate and a diversion of its own.

    ``diversion`` makes one from the number of features: a linear layer and tanh by default.
    """

    def __init__(
        self,
        features: int,
        layers: int,
        gate: str = "value",
        share: float = 0.5,
        diversion: Callable[[int], nn.Module] = _layer_and_tanh,
    ) -> None:
        super().__init__(
            *(HighwayLayer(features, diversion(features), gate, share) for _ in range(layers))
        )

    def skip_gain(self, x: Tensor) -> Tensor:
        """By how much the straight way through all layers scales each entry of x: the product of
        the gates, each at the value that reaches it.

        >>> import chainrule as cr
        >>> net = Highway(1, 3, gate="constant", share=0.5)
        >>> net.skip_gain(cr.zeros(1)).item()
        0.125
        """
        gain: Any = 1.0
        for layer in self:
            gain = gain * layer.gate(x)
            x = layer(x)
        made: Tensor = gain
        return made


def highway(features: int = 64, layers: int = 10, **kwargs: Any) -> Highway:
    """`Highway`.

    >>> import chainrule as cr
    >>> cr.models.highway(8, 3)(cr.zeros(5, 8)).shape
    (5, 8)
    """
    return Highway(features, layers, **kwargs)
