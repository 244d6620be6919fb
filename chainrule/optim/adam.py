"""Adam."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chainrule.core.errors import ArgumentError
from chainrule.optim.live import Live
from chainrule.optim.optimizer import Optimizer
from chainrule.optim.transform import Maximize, Moments, WeightDecay


class Adam(Optimizer):
    """p <- p - lr * m̂ / (√v̂ + eps), with m̂ and v̂ the running means, corrected for their start at 0,
    of the gradient and its square (Kingma and Ba, 2015).

    ``weight_decay`` adds its multiple of p to the gradient; ``maximize`` climbs.

    >>> import chainrule as cr
    >>> w = cr.nn.Parameter(cr.tensor([1.0]))
    >>> w.grad = cr.tensor([2.0])
    >>> cr.optim.Adam([w], lr=0.5).step()
    >>> w.tolist()
    [0.5]
    """

    chain = (Maximize(), WeightDecay(), Moments())

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {
            "lr": lr, "betas": tuple(betas), "eps": eps, "weight_decay": weight_decay,
            "maximize": maximize,
        }  # fmt: skip
        super().__init__(params, defaults)

    def _check(self, group: Live) -> None:
        super()._check(group)
        for beta in group["betas"]:
            if not 0 <= beta < 1:
                raise ArgumentError(f"Adam: a beta is {beta}", expected="from 0 to below 1")
