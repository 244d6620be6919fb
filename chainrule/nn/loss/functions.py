"""The losses as functions, with PyTorch's arguments in PyTorch's order.

``reduction`` is "mean", "sum" or "none".  The old arguments ``size_average`` and ``reduce`` keep
their places and are refused.  Input and target have one shape: nothing is broadcast in a loss.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.core import dtypes as dt
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.state import state
from chainrule.core.tensor import Tensor
from chainrule.ops.creation import full_like
from chainrule.ops.losses import class_losses, probability_losses, regression_losses
from chainrule.ops.losses.common import loss_shape, reduction_known, refuse_bools


def refuse_legacy(size_average: Any, reduce: Any) -> None:
    """Raise ArgumentError for the arguments that ``reduction`` has replaced."""
    if size_average is None and reduce is None:
        return
    if isinstance(size_average, str):
        raise ArgumentError(
            "the reduction of a loss is given by name", hint=f"write reduction={size_average!r}"
        )
    average = size_average is None or bool(size_average)
    meant = "none" if reduce is not None and not reduce else "mean" if average else "sum"
    raise ArgumentError(
        "losses have no size_average and no reduce any more", hint=f'write reduction="{meant}"'
    )


def _by_weight(op: Any, input: Tensor, target: Tensor, weight: Tensor | None, reduction: str,
               **attrs: Any) -> Tensor:  # fmt: skip
    """A loss whose entries may have weights, by whose sum a mean is then divided."""
    if weight is None:
        made: Tensor = op(input, target, reduction=reduction, **attrs)
        return made
    if weight.shape != input.shape:
        raise ShapeError(f"weight has shape {weight.shape} and input {input.shape}")
    reduction_known(reduction)
    loss_shape(input.shape, reduction)
    entries: Tensor = op(input, target, reduction="none", **attrs) * weight
    if reduction == "none":
        return entries
    total: Tensor = entries.sum()
    return total / weight.sum() if reduction == "mean" else total


def mse_loss(
    input: Tensor, target: Tensor, size_average: Any = None, reduce: Any = None,
    reduction: str = "mean", weight: Tensor | None = None,
) -> Tensor:  # fmt: skip
    """(input - target)^2; with weights, their mean is divided by the sum of the weights.

    >>> import chainrule as cr
    >>> cr.nn.functional.mse_loss(cr.tensor([1.0, 2.0]), cr.tensor([3.0, 2.0])).item()
    2.0
    """
    refuse_legacy(size_average, reduce)
    if weight is not None:
        refuse_bools(regression_losses.mse_loss, (input.dtype, target.dtype))
    return _by_weight(regression_losses.mse_loss, input, target, weight, reduction)


def l1_loss(
    input: Tensor, target: Tensor, size_average: Any = None, reduce: Any = None,
    reduction: str = "mean", weight: Tensor | None = None,
) -> Tensor:  # fmt: skip
    """|input - target|; with weights, their mean is divided by the sum of the weights.

    >>> import chainrule as cr
    >>> cr.nn.functional.l1_loss(cr.tensor([1.0, 2.0]), cr.tensor([3.0, 2.0])).item()
    1.0
    """
    refuse_legacy(size_average, reduce)
    return _by_weight(regression_losses.l1_loss, input, target, weight, reduction)


def smooth_l1_loss(
    input: Tensor, target: Tensor, size_average: Any = None, reduce: Any = None,
    reduction: str = "mean", beta: float = 1.0,
) -> Tensor:  # fmt: skip
    """With d = |input - target|: d^2 / (2 beta) where d < beta, else d - beta / 2.

    >>> import chainrule as cr
    >>> cr.nn.functional.smooth_l1_loss(
    ...     cr.tensor([0.5, 3.0]), cr.zeros(2), reduction="none"
    ... ).tolist()
    [0.125, 2.5]
    """
    refuse_legacy(size_average, reduce)
    made: Tensor = regression_losses.smooth_l1_loss(input, target, reduction=reduction, beta=beta)
    return made


def huber_loss(
    input: Tensor, target: Tensor, reduction: str = "mean", delta: float = 1.0,
    weight: Tensor | None = None,
) -> Tensor:  # fmt: skip
    """With d = |input - target|: d^2 / 2 where d < delta, else delta (d - delta / 2); with weights,
    their mean is over all entries, unlike that of `mse_loss`, as in PyTorch.

    >>> import chainrule as cr
    >>> cr.nn.functional.huber_loss(cr.tensor([3.0]), cr.zeros(1), delta=2.0).item()
    4.0
    """
    op = regression_losses.huber_loss
    if weight is None or reduction != "mean":
        return _by_weight(op, input, target, weight, reduction, delta=delta)
    loss_shape(input.shape, reduction)
    made: Tensor = _by_weight(op, input, target, weight, "none", delta=delta).mean()
    return made


# -- classes ---------------------------------------------------------------------------------------


def _ignored(target: Tensor, ignore_index: int) -> int | None:
    """The index to be ignored, or None where the values show that there is none: a loss without
    it is simpler to explain.  While capturing there are no values, so it is always looked for."""
    if state.trace is None and target.node.value is not None:
        return ignore_index if np.equal(target.node.value, ignore_index).any() else None
    return ignore_index


def nll_loss(
    input: Tensor, target: Tensor, weight: Tensor | None = None, size_average: Any = None,
    ignore_index: int = -100, reduce: Any = None, reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """-weight[target] input[target], for ``input`` the logarithms of probabilities.

    Shapes: input (n, classes, *d) or (classes), target (n, *d) of class numbers.  The mean is the
    sum divided by the weights of the targets that are not ignored; NaN if all are.

    >>> import chainrule as cr
    >>> cr.nn.functional.nll_loss(cr.tensor([[-1.0, -2.0]]), cr.tensor([1])).item()
    2.0
    """
    refuse_legacy(size_average, reduce)
    made: Tensor = class_losses.nll_loss(
        input, target, weight, reduction=reduction, ignore_index=_ignored(target, ignore_index)
    )
    return made


def cross_entropy(
    input: Tensor, target: Tensor, weight: Tensor | None = None, size_average: Any = None,
    ignore_index: int = -100, reduce: Any = None, reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:  # fmt: skip
    """-weight[target] ln softmax(input)[target]; input is logits, whose classes are on axis 1.

    Shapes: input (n, classes, *d) or (classes), target (n, *d) of class numbers, or of input's
    shape for class probabilities.  The mean of class numbers is the sum divided by the weights of
    the targets that are not ignored, NaN if all are; that of probabilities is over the n * d
    targets.  ``label_smoothing`` mixes the target with so much of the uniform distribution
    (Szegedy et al., Rethinking the Inception Architecture, 2015).

    >>> import chainrule as cr
    >>> round(cr.nn.functional.cross_entropy(cr.tensor([[0.0, 0.0]]), cr.tensor([1])).item(), 4)
    0.6931
    """
    refuse_legacy(size_average, reduce)
    if input.ndim == target.ndim:
        if ignore_index >= 0:
            raise ArgumentError("class probabilities have no ignore_index")
        ignored = None
    else:
        ignored = _ignored(target, ignore_index)
    made: Tensor = class_losses.cross_entropy(
        input, target, weight, reduction=reduction, ignore_index=ignored,
        label_smoothing=label_smoothing,
    )  # fmt: skip
    return made


def multi_margin_loss(
    input: Tensor, target: Tensor, p: int = 1, margin: float = 1.0, weight: Tensor | None = None,
    size_average: Any = None, reduce: Any = None, reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """The hinge loss of several classes: the sum over j != target of
    max(0, margin - input[target] + input[j])^p, divided by the number of classes.

    >>> import chainrule as cr
    >>> cr.nn.functional.multi_margin_loss(cr.tensor([[1.0, 0.5]]), cr.tensor([0])).item()
    0.25
    """
    refuse_legacy(size_average, reduce)
    made: Tensor = class_losses.multi_margin_loss(
        input, target, weight, p=p, margin=margin, reduction=reduction
    )
    return made


# -- probabilities ---------------------------------------------------------------------------------


def binary_cross_entropy(
    input: Tensor, target: Tensor, weight: Tensor | None = None, size_average: Any = None,
    reduce: Any = None, reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """-weight (target ln input + (1 - target) ln(1 - input)) for probabilities; logarithms stop at
    -100.  The mean is over all entries, whatever the weights.

    >>> import chainrule as cr
    >>> round(cr.nn.functional.binary_cross_entropy(cr.tensor([0.5]), cr.tensor([1.0])).item(), 4)
    0.6931
    """
    refuse_legacy(size_average, reduce)
    made: Tensor = probability_losses.binary_cross_entropy(
        input, target, weight, reduction=reduction
    )
    return made


def binary_cross_entropy_with_logits(
    input: Tensor, target: Tensor, weight: Tensor | None = None, size_average: Any = None,
    reduce: Any = None, reduction: str = "mean", pos_weight: Tensor | None = None,
) -> Tensor:  # fmt: skip
    """Weight (ln(1 + e^x) - target x) for logits x: the binary cross-entropy of their logistic
    function, without overflow.  A positive target counts ``pos_weight`` times.

    >>> import chainrule as cr
    >>> x, t = cr.tensor([1000.0, -1000.0]), cr.tensor([0.0, 0.0])
    >>> cr.nn.functional.binary_cross_entropy_with_logits(x, t, reduction="none").tolist()
    [1000.0, 0.0]
    """
    refuse_legacy(size_average, reduce)
    made: Tensor
    if pos_weight is None:
        made = probability_losses.binary_cross_entropy_with_logits(
            input, target, weight, reduction=reduction
        )
    else:
        made = probability_losses.pos_weighted_binary_cross_entropy_with_logits(
            input, target, pos_weight, weight, reduction=reduction
        )
    return made


def multilabel_soft_margin_loss(
    input: Tensor, target: Tensor, weight: Tensor | None = None, size_average: Any = None,
    reduce: Any = None, reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """The binary cross-entropy of logits, as the mean over the last axis, the classes."""
    refuse_legacy(size_average, reduce)
    made: Tensor = probability_losses.multilabel_soft_margin_loss(
        input, target, weight, reduction=reduction
    )
    return made


def kl_div(
    input: Tensor, target: Tensor, size_average: Any = None, reduce: Any = None,
    reduction: str = "mean", log_target: bool = False,
) -> Tensor:  # fmt: skip
    """Target (ln target - input), for ``input`` the logarithms of probabilities (and the target,
    too, with ``log_target``).  "batchmean" divides the sum by the number of samples, which is the
    Kullback-Leibler divergence; "mean" divides it by the number of entries.

    >>> import chainrule as cr
    >>> p = cr.tensor([[0.5, 0.5]])
    >>> cr.nn.functional.kl_div(p.log(), p, reduction="batchmean").item()
    0.0
    """
    refuse_legacy(size_average, reduce)
    made: Tensor = probability_losses.kl_div(
        input, target, reduction=reduction, log_target=log_target
    )
    return made


def poisson_nll_loss(
    input: Tensor, target: Tensor, log_input: bool = True, full: bool = False,
    size_average: Any = None, eps: float = 1e-8, reduce: Any = None, reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """e^input - target input for the logarithm of a rate; with ``log_input=False``, for the rate,
    input - target ln(input + eps).  ``full`` adds Stirling's approximation of ln target!."""
    refuse_legacy(size_average, reduce)
    made: Tensor = probability_losses.poisson_nll_loss(
        input, target, log_input=log_input, full=full, eps=eps, reduction=reduction
    )
    return made


def gaussian_nll_loss(
    input: Tensor, target: Tensor, var: Tensor | float, full: bool = False, eps: float = 1e-6,
    reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """(ln var + (input - target)^2 / var) / 2; ``full`` adds ln(2 π) / 2.

    ``var`` is a number, of input's shape, or lacks the last axis, or has it as 1; it counts as at
    least ``eps``.  Raises ValueCheckError for negative ones.
    """
    if not isinstance(var, Tensor):
        whole = input.dtype.category <= dt.INTEGER
        var = full_like(input, var, dtype=dt.get_default_dtype() if whole else input.dtype)
    elif var.shape == input.shape[:-1] != input.shape:
        var = var.unsqueeze(-1)
    elif var.shape not in (input.shape, (*input.shape[:-1], 1)):
        raise ShapeError(f"var has shape {var.shape} and input {input.shape}",
                         expected="input's shape, or the last axis missing or 1")  # fmt: skip
    made: Tensor = probability_losses.gaussian_nll_loss(
        input, target, var, full=full, eps=eps, reduction=reduction
    )
    return made
