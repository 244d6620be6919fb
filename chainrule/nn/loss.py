"""Losses as modules; ``reduction`` is mean, sum or none."""

from __future__ import annotations

from chainrule.core.errors import ArgumentError
from chainrule.core.op import Op
from chainrule.core.tensor import Tensor
from chainrule.nn.module import Module
from chainrule.ops.losses import REDUCTIONS, binary_cross_entropy, cross_entropy, mse_loss


class _Loss(Module):
    """What all losses share: they apply one op to prediction and target."""

    op: Op

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__()
        if reduction not in REDUCTIONS:
            raise ArgumentError(f"reduction is {reduction!r}", expected=", ".join(REDUCTIONS))
        self.reduction = reduction

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return self.op(input, target, reduction=self.reduction)


class CrossEntropyLoss(_Loss):
    """Minus the logarithm of the softmax probability of the target class; input is logits.

    Shapes: input (n, classes, *d), target (n, *d) of class numbers or of input's shape.

    >>> import chainrule as cr
    >>> loss = cr.nn.CrossEntropyLoss()
    >>> round(loss(cr.tensor([[0.0, 0.0]]), cr.tensor([1])).item(), 4)
    0.6931
    """

    op = cross_entropy


class MSELoss(_Loss):
    """The squared difference of prediction and target.

    >>> import chainrule as cr
    >>> cr.nn.MSELoss()(cr.tensor([1.0, 2.0]), cr.tensor([3.0, 2.0])).item()
    2.0
    """

    op = mse_loss


class BCELoss(_Loss):
    """-(t ln p + (1 - t) ln(1 - p)) for probabilities p and targets t.

    >>> import chainrule as cr
    >>> round(cr.nn.BCELoss()(cr.tensor([0.5]), cr.tensor([1.0])).item(), 4)
    0.6931
    """

    op = binary_cross_entropy
