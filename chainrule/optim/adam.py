"""Adam, AdamW and their kin Adamax, NAdam and RAdam."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chainrule.optim.adaptive import (
    LargestSizes,
    LargestSquares,
    Moments,
    NesterovMean,
    RectifiedMean,
)
from chainrule.optim.optimizer import Optimizer, refuse_switches
from chainrule.optim.transform import DecoupledDecay, Maximize, WeightDecay

Betas = tuple[float, float]


class Adam(Optimizer):
    """p <- p - lr * m̂ / (√v̂ + eps), with m̂ and v̂ the running means, corrected for their start at 0,
    of the gradient and its square (Kingma and Ba, 2015).

    ``weight_decay`` adds its multiple of p to the gradient, with ``decoupled_weight_decay`` to what
    the learning rate multiplies; ``amsgrad`` takes the largest v so far; ``maximize`` climbs.

    ``eps_inside_root`` and ``bias_correction`` are ours: they take √(v̂ + eps), and, where it is
    False, m and v as they are.  Raises ArgumentError for numbers out of range.

    >>> import chainrule as cr
    >>> w = cr.nn.Parameter(cr.tensor([1.0]))
    >>> w.grad = cr.tensor([2.0])
    >>> cr.optim.Adam([w], lr=0.5).step()
    >>> w.tolist()
    [0.5]
    """

    chain = (Maximize(), WeightDecay(), Moments(), LargestSquares(), DecoupledDecay())

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: Betas = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        decoupled_weight_decay: bool = False,
        eps_inside_root: bool = False,
        bias_correction: bool = True,
    ) -> None:
        refuse_switches(
            type(self).__name__, foreach=foreach, capturable=capturable,
            differentiable=differentiable, fused=fused,
        )  # fmt: skip
        defaults = {
            "lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay,
            "amsgrad": amsgrad, "maximize": maximize,
            "decoupled_weight_decay": decoupled_weight_decay,
            "eps_inside_root": eps_inside_root, "bias_correction": bias_correction,
        }  # fmt: skip
        super().__init__(params, defaults)


class AdamW(Adam):
    """Adam whose weight decay is decoupled: p <- p - lr * (m̂ / (√v̂ + eps) + weight_decay * p).

    Of Loshchilov and Hutter, Decoupled weight decay regularization (2019).  The other arguments are
    Adam's.

    >>> import chainrule as cr
    >>> w = cr.nn.Parameter(cr.tensor([1.0]))
    >>> w.grad = cr.tensor([2.0])
    >>> cr.optim.AdamW([w], lr=0.5, weight_decay=0.5).step()
    >>> w.tolist()
    [0.25]
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: Betas = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        eps_inside_root: bool = False,
        bias_correction: bool = True,
    ) -> None:
        super().__init__(
            params, lr, betas, eps, weight_decay, amsgrad,
            foreach=foreach, maximize=maximize, capturable=capturable,
            differentiable=differentiable, fused=fused, decoupled_weight_decay=True,
            eps_inside_root=eps_inside_root, bias_correction=bias_correction,
        )  # fmt: skip


class Adamax(Optimizer):
    """p <- p - lr * m̂ / u, with u the largest size that the gradient has had, fading: the limit of
    Adam for ever higher moments (Kingma and Ba, 2015, section 7.1).

    ``weight_decay`` adds its multiple of p to the gradient; ``maximize`` climbs.  Raises
    ArgumentError for numbers out of range.

    >>> import chainrule as cr
    >>> w = cr.nn.Parameter(cr.tensor([1.0]))
    >>> w.grad = cr.tensor([2.0])
    >>> cr.optim.Adamax([w], lr=0.5).step()
    >>> w.tolist()
    [0.5]
    """

    chain = (Maximize(), WeightDecay(), LargestSizes())

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 2e-3,
        betas: Betas = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        refuse_switches(
            "Adamax", foreach=foreach, capturable=capturable, differentiable=differentiable
        )
        defaults = {
            "lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay,
            "maximize": maximize,
        }  # fmt: skip
        super().__init__(params, defaults)


class NAdam(Optimizer):
    """Adam with Nesterov's look ahead, and a momentum that grows from beta1 / 2 to beta1:
    beta1 * (1 - 0.96^(t * momentum_decay) / 2) at step t (Dozat, 2016).

    ``weight_decay`` adds its multiple of p to the gradient, with ``decoupled_weight_decay`` to what
    the learning rate multiplies; ``maximize`` climbs.  The product of all momentums is kept in the
    parameter's type, where PyTorch rounds it to the default type.  Raises ArgumentError for numbers
    out of range.

    >>> import chainrule as cr
    >>> w = cr.nn.Parameter(cr.tensor([1.0]))
    >>> w.grad = cr.tensor([2.0])
    >>> cr.optim.NAdam([w], lr=0.5, momentum_decay=0.0).step()
    >>> [round(x, 4) for x in w.tolist()]
    [0.4718]
    """

    chain = (Maximize(), WeightDecay(), NesterovMean(), DecoupledDecay())

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 2e-3,
        betas: Betas = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        refuse_switches(
            "NAdam", foreach=foreach, capturable=capturable, differentiable=differentiable
        )
        defaults = {
            "lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay,
            "momentum_decay": momentum_decay, "decoupled_weight_decay": decoupled_weight_decay,
            "maximize": maximize,
        }  # fmt: skip
        super().__init__(params, defaults)


class RAdam(Optimizer):
    """Adam that is momentum alone as long as v is a mean of too few squares, and then scaled by how
    far it can be relied on (Liu et al., 2020).

    ``weight_decay`` adds its multiple of p to the gradient, with ``decoupled_weight_decay`` to what
    the learning rate multiplies; ``maximize`` climbs.  Raises ArgumentError for numbers out of
    range.

    >>> import chainrule as cr
    >>> w = cr.nn.Parameter(cr.tensor([1.0]))
    >>> w.grad = cr.tensor([2.0])
    >>> cr.optim.RAdam([w], lr=0.25).step()
    >>> w.tolist()
    [0.5]
    """

    chain = (Maximize(), WeightDecay(), RectifiedMean(), DecoupledDecay())

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: Betas = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        refuse_switches(
            "RAdam", foreach=foreach, capturable=capturable, differentiable=differentiable
        )
        defaults = {
            "lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay,
            "decoupled_weight_decay": decoupled_weight_decay, "maximize": maximize,
        }  # fmt: skip
        super().__init__(params, defaults)
