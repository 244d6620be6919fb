"""Hinges and distances as functions, with PyTorch's arguments in PyTorch's order."""

from __future__ import annotations

from typing import Any

from chainrule.core.tensor import Tensor
from chainrule.nn.loss.functions import refuse_legacy
from chainrule.ops.losses import margin_losses as ops
from chainrule.ops.losses.margin_losses import cosine_similarity, pairwise_distance


def hinge_loss(
    input: Tensor, target: Tensor, margin: float = 1.0, reduction: str = "mean"
) -> Tensor:
    """max(0, margin - target input) for scores and targets of 1 and -1: the hinge loss of support
    vector machines.  The name is ours: PyTorch's hinges are of other things, `hinge_embedding_loss`
    of distances and `multi_margin_loss` of several classes.

    >>> import chainrule as cr
    >>> t = cr.tensor([1.0, -1.0])
    >>> cr.nn.functional.hinge_loss(cr.tensor([0.25, -2.0]), t, reduction="none").tolist()
    [0.75, 0.0]
    """
    made: Tensor = ops.hinge_loss(input, target, margin=margin, reduction=reduction)
    return made


def hinge_embedding_loss(
    input: Tensor, target: Tensor, margin: float = 1.0, size_average: Any = None,
    reduce: Any = None, reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """``input`` where the target is 1, max(0, margin - input) where it is -1."""
    refuse_legacy(size_average, reduce)
    made: Tensor = ops.hinge_embedding_loss(
        input, target.detach(), margin=margin, reduction=reduction
    )
    return made


def margin_ranking_loss(
    input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0, size_average: Any = None,
    reduce: Any = None, reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """max(0, margin - target (input1 - input2)): for target 1, input1 should be the larger one."""
    refuse_legacy(size_average, reduce)
    made: Tensor = ops.margin_ranking_loss(
        input1, input2, target, margin=margin, reduction=reduction
    )
    return made


def soft_margin_loss(
    input: Tensor, target: Tensor, size_average: Any = None, reduce: Any = None,
    reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """ln(1 + e^(-target input)) for scores and targets of 1 and -1."""
    refuse_legacy(size_average, reduce)
    made: Tensor = ops.soft_margin_loss(input, target, reduction=reduction)
    return made


def cosine_embedding_loss(
    input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0, size_average: Any = None,
    reduce: Any = None, reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """1 - cos where the target is 1, max(0, cos - margin) where it is -1, for the angle between the
    inputs, (n, d) or (d)."""
    refuse_legacy(size_average, reduce)
    made: Tensor = ops.cosine_embedding_loss(
        input1, input2, target, margin=margin, reduction=reduction
    )
    return made


def triplet_margin_loss(
    anchor: Tensor, positive: Tensor, negative: Tensor, margin: float = 1.0, p: float = 2,
    eps: float = 1e-6, swap: bool = False, size_average: Any = None, reduce: Any = None,
    reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """max(0, d(anchor, positive) - d(anchor, negative) + margin), d being `pairwise_distance`."""
    refuse_legacy(size_average, reduce)
    made: Tensor = ops.triplet_margin_loss(
        anchor, positive, negative, margin=margin, p=p, eps=eps, swap=swap, reduction=reduction
    )
    return made


__all__ = [
    "cosine_embedding_loss", "cosine_similarity", "hinge_embedding_loss", "hinge_loss",
    "margin_ranking_loss", "pairwise_distance", "soft_margin_loss", "triplet_margin_loss",
]  # fmt: skip
