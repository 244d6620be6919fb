"""Stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chainrule.core.errors import ArgumentError
from chainrule.optim.live import Live
from chainrule.optim.optimizer import Optimizer
from chainrule.optim.transform import Maximize, Momentum, WeightDecay


class SGD(Optimizer):
    """p <- p - lr * u, where u is the gradient or, with momentum, a velocity:
    v <- momentum * v + (1 - dampening) * gradient, which starts at the first gradient.

    ``nesterov`` takes gradient + momentum * v; ``weight_decay`` adds its multiple of p to the
    gradient; ``maximize`` climbs.

    >>> import chainrule as cr
    >>> w = cr.nn.Parameter(cr.tensor([1.0]))
    >>> w.grad = cr.tensor([2.0])
    >>> cr.optim.SGD([w], lr=0.25).step()
    >>> w.tolist()
    [0.5]
    """

    chain = (Maximize(), WeightDecay(), Momentum())

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {
            "lr": lr, "momentum": momentum, "dampening": dampening, "weight_decay": weight_decay,
            "nesterov": nesterov, "maximize": maximize,
        }  # fmt: skip
        super().__init__(params, defaults)

    def _check(self, group: Live) -> None:
        super()._check(group)
        if group["nesterov"] and (group["momentum"] == 0 or group["dampening"] != 0):
            raise ArgumentError("SGD: nesterov needs a momentum, and no dampening")
