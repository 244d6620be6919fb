"""Normalisation of each channel by those around it."""

from __future__ import annotations

from chainrule.core.tensor import Tensor
from chainrule.nn.module import Module
from chainrule.nn.normalise.functions import local_response_norm
from chainrule.nn.normalise.norm import positive


class LocalResponseNorm(Module):
    """x / (k + alpha / size * the sum of x² over ``size`` channels around)^beta, as in Krizhevsky,
    Sutskever and Hinton (2012), who do not divide alpha by ``size``; PyTorch does.

    Shapes: x (n, c, *d).

    >>> import chainrule as cr
    >>> norm = cr.nn.LocalResponseNorm(3, alpha=3.0, beta=1.0, k=0.0)
    >>> norm(cr.tensor([[[1.0], [2.0], [2.0]]])).shape
    (1, 3, 1)
    """

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        super().__init__()
        self.size, self.alpha, self.beta, self.k = positive("size", size), alpha, beta, k

    def forward(self, x: Tensor) -> Tensor:
        return local_response_norm(x, self.size, self.alpha, self.beta, self.k)

    def extra_repr(self) -> str:
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"
