"""Stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chainrule.core.errors import ArgumentError
from chainrule.optim.live import Live
from chainrule.optim.optimizer import Optimizer, refuse_switches
from chainrule.optim.transform import Average, Maximize, Momentum, WeightDecay


class SGD(Optimizer):
    """p <- p - lr * u, where u is the gradient or, with momentum, a velocity:
    v <- momentum * v + (1 - dampening) * gradient, which starts at the first gradient.

    ``nesterov`` takes gradient + momentum * v; ``weight_decay`` adds its multiple of p to the
    gradient; ``maximize`` climbs.

    ``average`` and ``bias_correction`` are ours: v <- momentum * v + (1 - momentum) * gradient, the
    exponential average of the gradients, from the first step on (with PyTorch's dampening the first
    gradient counts in full), and u = v / (1 - momentum^t).  Raises ArgumentError for numbers out of
    range, and for forms of momentum that exclude each other.

    >>> import chainrule as cr
    >>> w = cr.nn.Parameter(cr.tensor([1.0]))
    >>> w.grad = cr.tensor([2.0])
    >>> cr.optim.SGD([w], lr=0.25).step()
    >>> w.tolist()
    [0.5]
    """

    chain = (Maximize(), WeightDecay(), Momentum(), Average())

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
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
        average: bool = False,
        bias_correction: bool = False,
    ) -> None:
        refuse_switches("SGD", foreach=foreach, differentiable=differentiable, fused=fused)
        defaults = {
            "lr": lr, "momentum": momentum, "dampening": dampening, "weight_decay": weight_decay,
            "nesterov": nesterov, "maximize": maximize, "average": average,
            "bias_correction": bias_correction,
        }  # fmt: skip
        super().__init__(params, defaults)

    def _check(self, group: Live) -> None:
        super()._check(group)
        if group["nesterov"] and (group["momentum"] == 0 or group["dampening"] != 0):
            raise ArgumentError("SGD: nesterov needs a momentum, and no dampening")
        if group["average"] and (
            group["momentum"] == 0 or group["dampening"] != 0 or group["nesterov"]
        ):
            raise ArgumentError(
                "SGD: average needs a momentum, and neither dampening nor nesterov",
                hint="average=True weighs each gradient with 1 - momentum already",
            )
        if group["bias_correction"] and not group["average"]:
            raise ArgumentError(
                "SGD: bias_correction is for an average of gradients", hint="add average=True"
            )

    def _saves_step(self, group: Live) -> bool:
        return bool(group["average"])
