"""Losses as modules: of differences, of classes, of probabilities.

``reduction`` is "mean", "sum" or "none".  Weights are buffers: part of `state_dict`, no parameters.
The old arguments ``size_average`` and ``reduce`` keep their places and are refused.
"""

from __future__ import annotations

from typing import Any

from chainrule.core.tensor import Tensor
from chainrule.nn.loss import functions
from chainrule.nn.module import Module
from chainrule.ops.losses.common import reduction_known


class Loss(Module):
    """What all losses share: a reduction.  Raises ArgumentError for one that is not known."""

    def __init__(
        self, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
    ) -> None:
        super().__init__()
        functions.refuse_legacy(size_average, reduce)
        self.known(reduction)
        self.reduction = reduction

    known = staticmethod(reduction_known)


class WeightedLoss(Loss):
    """A loss with a weight, of each class or entry, or None."""

    weight: Tensor | None

    def __init__(
        self, weight: Tensor | None = None, size_average: Any = None, reduce: Any = None,
        reduction: str = "mean",
    ) -> None:  # fmt: skip
        if isinstance(weight, str):
            functions.refuse_legacy(weight, None)
        super().__init__(size_average, reduce, reduction)
        self.register_buffer("weight", weight)


class L1Loss(Loss):
    """|input - target|, the absolute difference.

    >>> import chainrule as cr
    >>> cr.nn.L1Loss()(cr.tensor([1.0, 2.0]), cr.tensor([3.0, 2.0])).item()
    1.0
    """

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return functions.l1_loss(input, target, reduction=self.reduction)


class MSELoss(Loss):
    """(input - target)^2, the squared difference.

    >>> import chainrule as cr
    >>> cr.nn.MSELoss()(cr.tensor([1.0, 2.0]), cr.tensor([3.0, 2.0])).item()
    2.0
    """

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return functions.mse_loss(input, target, reduction=self.reduction)


class SmoothL1Loss(Loss):
    """With d = |input - target|: d^2 / (2 beta) where d < beta, else d - beta / 2.

    >>> import chainrule as cr
    >>> cr.nn.SmoothL1Loss()(cr.tensor([3.0]), cr.tensor([0.0])).item()
    2.5
    """

    def __init__(
        self, size_average: Any = None, reduce: Any = None, reduction: str = "mean", beta: float
        = 1.0,
    ) -> None:  # fmt: skip
        super().__init__(size_average, reduce, reduction)
        self.beta = beta

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return functions.smooth_l1_loss(input, target, reduction=self.reduction, beta=self.beta)


class HuberLoss(Loss):
    """With d = |input - target|: d^2 / 2 where d < delta, else delta (d - delta / 2).

    >>> import chainrule as cr
    >>> cr.nn.HuberLoss(delta=2.0)(cr.tensor([3.0]), cr.tensor([0.0])).item()
    4.0
    """

    def __init__(
        self, reduction: str = "mean", delta: float = 1.0,
    ) -> None:  # fmt: skip
        super().__init__(reduction=reduction)
        self.delta = delta

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return functions.huber_loss(input, target, reduction=self.reduction, delta=self.delta)


class NLLLoss(WeightedLoss):
    """-weight[target] input[target], for input the logarithms of probabilities.

    Shapes: input (n, classes, *d), target (n, *d), weight (classes).

    >>> import chainrule as cr
    >>> cr.nn.NLLLoss()(cr.tensor([[-1.0, -2.0]]), cr.tensor([1])).item()
    2.0
    """

    def __init__(
        self, weight: Tensor | None = None, size_average: Any = None, ignore_index: int = -100,
        reduce: Any = None, reduction: str = "mean",
    ) -> None:  # fmt: skip
        super().__init__(weight, size_average, reduce, reduction)
        self.ignore_index = ignore_index

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return functions.nll_loss(
            input, target, self.weight, ignore_index=self.ignore_index, reduction=self.reduction
        )


class CrossEntropyLoss(WeightedLoss):
    """Minus the logarithm of the softmax probability of the target class; input is logits.

    Shapes: input (n, classes, *d), target (n, *d) of class numbers or of input's shape, weight
    (classes).

    >>> import chainrule as cr
    >>> loss = cr.nn.CrossEntropyLoss()
    >>> round(loss(cr.tensor([[0.0, 0.0]]), cr.tensor([1])).item(), 4)
    0.6931
    """

    def __init__(
        self, weight: Tensor | None = None, size_average: Any = None, ignore_index: int = -100,
        reduce: Any = None, reduction: str = "mean", label_smoothing: float = 0.0,
    ) -> None:  # fmt: skip
        super().__init__(weight, size_average, reduce, reduction)
        self.ignore_index, self.label_smoothing = ignore_index, label_smoothing

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return functions.cross_entropy(
            input,
            target,
            self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
            label_smoothing=self.label_smoothing,
        )


class BCELoss(WeightedLoss):
    """-(t ln p + (1 - t) ln(1 - p)) for probabilities p and targets t.

    >>> import chainrule as cr
    >>> round(cr.nn.BCELoss()(cr.tensor([0.5]), cr.tensor([1.0])).item(), 4)
    0.6931
    """

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return functions.binary_cross_entropy(input, target, self.weight, reduction=self.reduction)


class BCEWithLogitsLoss(WeightedLoss):
    """ln(1 + e^x) - t x for logits x and targets t; a positive target counts pos_weight times.

    >>> import chainrule as cr
    >>> round(cr.nn.BCEWithLogitsLoss()(cr.tensor([0.0]), cr.tensor([1.0])).item(), 4)
    0.6931
    """

    pos_weight: Tensor | None

    def __init__(
        self, weight: Tensor | None = None, size_average: Any = None, reduce: Any = None,
        reduction: str = "mean", pos_weight: Tensor | None = None,
    ) -> None:  # fmt: skip
        super().__init__(weight, size_average, reduce, reduction)
        self.register_buffer("pos_weight", pos_weight)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return functions.binary_cross_entropy_with_logits(
            input, target, self.weight, reduction=self.reduction, pos_weight=self.pos_weight
        )


class KLDivLoss(Loss):
    """target (ln target - input), for input the logarithms of probabilities; "batchmean" gives the
    Kullback-Leibler divergence of each sample, on average.

    >>> import chainrule as cr
    >>> p = cr.tensor([[0.5, 0.5]])
    >>> cr.nn.KLDivLoss(reduction="batchmean")(p.log(), p).item()
    0.0
    """

    @staticmethod
    def known(reduction: str) -> None:
        if reduction != "batchmean":
            reduction_known(reduction)

    def __init__(
        self, size_average: Any = None, reduce: Any = None, reduction: str = "mean", log_target:
        bool = False,
    ) -> None:  # fmt: skip
        super().__init__(size_average, reduce, reduction)
        self.log_target = log_target

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return functions.kl_div(input, target, reduction=self.reduction, log_target=self.log_target)


class PoissonNLLLoss(Loss):
    """e^input - target input, for input the logarithm of a Poisson rate; with log_input=False,
    input - target ln(input + eps).
    """

    def __init__(
        self, log_input: bool = True, full: bool = False, size_average: Any = None, eps: float =
        1e-8, reduce: Any = None, reduction: str = "mean",
    ) -> None:  # fmt: skip
        super().__init__(size_average, reduce, reduction)
        self.log_input, self.full, self.eps = log_input, full, eps

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return functions.poisson_nll_loss(
            input,
            target,
            log_input=self.log_input,
            full=self.full,
            eps=self.eps,
            reduction=self.reduction,
        )


class GaussianNLLLoss(Loss):
    """(ln var + (input - target)^2 / var) / 2: a normal distribution's mean and variance."""

    def __init__(
        self, *, full: bool = False, eps: float = 1e-6, reduction: str = "mean",
    ) -> None:  # fmt: skip
        super().__init__(reduction=reduction)
        self.full, self.eps = full, eps

    def forward(self, input: Tensor, target: Tensor, var: Tensor | float) -> Tensor:
        return functions.gaussian_nll_loss(
            input, target, var, full=self.full, eps=self.eps, reduction=self.reduction
        )


class MultiLabelSoftMarginLoss(WeightedLoss):
    """The binary cross-entropy of logits, as the mean over the last axis, the classes."""

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return functions.multilabel_soft_margin_loss(
            input, target, self.weight, reduction=self.reduction
        )
