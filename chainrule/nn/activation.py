"""Activations as modules: each applies one op, entry by entry or along an axis."""

from __future__ import annotations

from chainrule.core.tensor import Tensor
from chainrule.nn.module import Module
from chainrule.ops.elementwise import sigmoid, tanh
from chainrule.ops.losses import softmax
from chainrule.ops.piecewise import relu


class Tanh(Module):
    """The hyperbolic tangent of each entry.

    >>> from chainrule import nn
    >>> nn.Tanh()
    Tanh()
    """

    def forward(self, x: Tensor) -> Tensor:
        return tanh(x)


class Sigmoid(Module):
    """The logistic function 1 / (1 + e^-x) of each entry.

    >>> import chainrule as cr
    >>> cr.nn.Sigmoid()(cr.tensor(0.0)).item()
    0.5
    """

    def forward(self, x: Tensor) -> Tensor:
        return sigmoid(x)


class ReLU(Module):
    """Each entry where it is positive, else 0.

    >>> import chainrule as cr
    >>> cr.nn.ReLU()(cr.tensor([-1.0, 2.0])).tolist()
    [0.0, 2.0]
    """

    def forward(self, x: Tensor) -> Tensor:
        return relu(x)


class Softmax(Module):
    """e^x divided by the sum of e^x along the axis ``dim``.

    >>> import chainrule as cr
    >>> cr.nn.Softmax(dim=0)(cr.tensor([1.0, 1.0])).tolist()
    [0.5, 0.5]
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, x: Tensor) -> Tensor:
        return softmax(x, dim=self.dim)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"
