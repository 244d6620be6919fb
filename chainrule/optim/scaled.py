"""Adagrad, RMSprop and Adadelta: each parameter has a learning rate of its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chainrule.optim.adaptive import Deviation, MeanSquare, SameUnit, SquareSum
from chainrule.optim.optimizer import Optimizer, refuse_switches
from chainrule.optim.transform import Maximize, Momentum, SlowDown, WeightDecay


class Adagrad(Optimizer):
    """p <- p - lr / (1 + (t - 1) * lr_decay) * gradient / (√sum + eps), where the sum is that of
    all squared gradients and ``initial_accumulator_value`` (Duchi, Hazan and Singer, 2011).

    ``weight_decay`` adds its multiple of p to the gradient; ``maximize`` climbs.  Raises
    ArgumentError for numbers out of range.

    >>> import chainrule as cr
    >>> w = cr.nn.Parameter(cr.tensor([1.0]))
    >>> w.grad = cr.tensor([2.0])
    >>> cr.optim.Adagrad([w], lr=0.5).step()
    >>> w.tolist()
    [0.5]
    """

    chain = (Maximize(), WeightDecay(), SquareSum(), SlowDown())
    saved_at_once = True

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        refuse_switches("Adagrad", foreach=foreach, differentiable=differentiable, fused=fused)
        defaults = {
            "lr": lr, "lr_decay": lr_decay, "eps": eps, "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value, "maximize": maximize,
        }  # fmt: skip
        super().__init__(params, defaults)


class RMSprop(Optimizer):
    """p <- p - lr * gradient / (√v + eps), v being the running mean of the squared gradient:
    v <- alpha * v + (1 - alpha) * gradient² (Tieleman and Hinton, 2012).

    ``centered`` subtracts the square of the mean gradient from v; with ``momentum`` a heavy ball
    takes the place of the quotient; ``weight_decay`` adds its multiple of p to the gradient;
    ``maximize`` climbs.  Raises ArgumentError for numbers out of range.

    >>> import chainrule as cr
    >>> w = cr.nn.Parameter(cr.tensor([1.0]))
    >>> w.grad = cr.tensor([2.0])
    >>> cr.optim.RMSprop([w], lr=0.5, alpha=0.75).step()
    >>> w.tolist()
    [0.0]
    """

    chain = (Maximize(), WeightDecay(), MeanSquare(), Deviation(), Momentum())

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        refuse_switches(
            "RMSprop", foreach=foreach, capturable=capturable, differentiable=differentiable
        )
        defaults = {
            "lr": lr, "momentum": momentum, "alpha": alpha, "eps": eps, "centered": centered,
            "weight_decay": weight_decay, "maximize": maximize,
        }  # fmt: skip
        super().__init__(params, defaults)


class Adadelta(Optimizer):
    """p <- p - lr * √(d + eps) / √(v + eps) * gradient, with v and d the running means of the
    squared gradient and of the squared update (Zeiler, 2012).

    ``weight_decay`` adds its multiple of p to the gradient; ``maximize`` climbs.  Raises
    ArgumentError for numbers out of range.

    >>> import chainrule as cr
    >>> w = cr.nn.Parameter(cr.tensor([1.0]))
    >>> w.grad = cr.tensor([2.0])
    >>> cr.optim.Adadelta([w], rho=0.75, eps=1.0).step()
    >>> [round(x, 4) for x in w.tolist()]
    [-0.4142]
    """

    chain = (Maximize(), WeightDecay(), SameUnit())
    limits = {"rho": 1.0}

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0.0,
        foreach: bool | None = None,
        *,
        capturable: bool = False,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        refuse_switches(
            "Adadelta", foreach=foreach, capturable=capturable, differentiable=differentiable
        )
        defaults = {
            "lr": lr, "rho": rho, "eps": eps, "weight_decay": weight_decay, "maximize": maximize,
        }  # fmt: skip
        super().__init__(params, defaults)
