"""Layers as functions, under PyTorch's names."""

from __future__ import annotations

from collections.abc import Sequence

from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.size import Size, prod
from chainrule.core.state import no_grad
from chainrule.core.tensor import Tensor
from chainrule.nn.embedding import embedding
from chainrule.nn.interpolation import interpolate
from chainrule.nn.loss_functions import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    gaussian_nll_loss,
    huber_loss,
    kl_div,
    l1_loss,
    mse_loss,
    multi_margin_loss,
    multilabel_soft_margin_loss,
    nll_loss,
    poisson_nll_loss,
    smooth_l1_loss,
)
from chainrule.nn.margin_functions import (
    cosine_embedding_loss,
    cosine_similarity,
    hinge_embedding_loss,
    hinge_loss,
    margin_ranking_loss,
    pairwise_distance,
    soft_margin_loss,
    triplet_margin_loss,
)
from chainrule.nn.nonlinear import (
    celu,
    elu,
    gelu,
    glu,
    hardshrink,
    hardsigmoid,
    hardswish,
    hardtanh,
    leaky_relu,
    log_softmax,
    logsigmoid,
    mish,
    normalize,
    prelu,
    relu,
    relu6,
    rrelu,
    selu,
    sigmoid,
    silu,
    softmax,
    softmin,
    softplus,
    softshrink,
    softsign,
    tanh,
    tanhshrink,
    threshold,
)
from chainrule.nn.pooling_functions import (
    adaptive_max_pool1d,
    adaptive_max_pool2d,
    adaptive_max_pool3d,
    max_pool1d,
    max_pool2d,
    max_pool3d,
)
from chainrule.ops.creation import ones_like
from chainrule.ops.creation.random import default_generator, dropout_mask
from chainrule.ops.linear.matmul import linear
from chainrule.ops.linear.products import bilinear
from chainrule.ops.lookup.picking import one_hot
from chainrule.ops.normalise import standardize
from chainrule.ops.shape.primitive import pad_constant
from chainrule.ops.window import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_avg_pool3d,
    avg_pool1d,
    avg_pool2d,
    avg_pool3d,
    conv1d,
    lp_pool1d,
    lp_pool2d,
    lp_pool3d,
    max_unpool1d,
    max_unpool2d,
    max_unpool3d,
)


def pad(
    input: Tensor, pad: Sequence[int], mode: str = "constant", value: float | None = None
) -> Tensor:
    """A border of one number; ``pad`` is (before, after) of the last axis, then of the one before
    it, and so on.  Negative widths cut entries off.

    Raises ArgumentError for an odd number of widths, for too many, and for modes other than
    "constant".

    >>> import chainrule as cr
    >>> cr.nn.functional.pad(cr.tensor([1, 2]), (1, 2)).tolist()
    [0, 1, 2, 0, 0]
    """
    if mode != "constant":
        raise ArgumentError(f"pad has no mode {mode!r}", expected="'constant'")
    x = input
    if len(pad) % 2 or len(pad) > 2 * x.ndim:
        raise ArgumentError(
            f"{len(pad)} widths for {x.ndim} axes", expected="a pair for each axis, the last first"
        )
    pairs = [(pad[i], pad[i + 1]) for i in range(0, len(pad), 2)]
    widths = [(0, 0)] * (x.ndim - len(pairs)) + pairs[::-1]
    if any(w < 0 for pair in widths for w in pair):
        sizes = list(zip(widths, x.shape, strict=True))
        if any(max(-a, 0) + max(-b, 0) > size for (a, b), size in sizes):
            raise ShapeError(f"pad cuts off more entries than there are: {tuple(pad)} of {x.shape}")
        x = x[tuple(slice(max(-a, 0), size - max(-b, 0)) for (a, b), size in sizes)]
        widths = [(max(a, 0), max(b, 0)) for a, b in widths]
    made: Tensor = pad_constant(x, widths=tuple(widths), value=0 if value is None else value)
    return made


def dropout(x: Tensor, p: float = 0.5, training: bool = True) -> Tensor:
    """While training, x times a mask: 0 with probability p, 1 / (1 - p) otherwise; else x.

    Raises ArgumentError where p is not from 0 to 1.
    """
    if not training or p == 0:
        return x
    return x * default_generator.draw(dropout_mask, shape=x.shape, p=p, dtype=x.dtype)


def batch_norm(
    x: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float | Tensor = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Each channel of x (n, c, *d) with mean 0 and variance 1, times ``weight``, plus ``bias``.

    While training, mean and (biased) variance are those of the batch, and the running statistics
    move towards them by ``momentum``, the variance towards the unbiased one; else the running ones
    are used.  Raises ShapeError for a batch of one value per channel.

    >>> import chainrule as cr
    >>> cr.nn.functional.batch_norm(
    ...     cr.tensor([[1.0], [3.0]]), None, None, training=True, eps=0
    ... ).tolist()
    [[-1.0], [1.0]]
    """
    if bias is not None and weight is None:
        weight = ones_like(bias)
    if not training and running_mean is not None and running_var is not None:
        return standardize(x, running_mean, running_var, weight, bias, eps=eps)
    others = tuple(d for d in range(x.ndim) if d != 1)
    n = prod(x.shape[d] for d in others)
    if training and not isinstance(n, Size) and n <= 1:
        raise ShapeError(
            f"batch_norm: {n} value{'s' * (n != 1)} per channel, whose variance is no measure",
            got=f"x {x.shape}",
            hint="train on larger batches (drop_last=True), or switch to eval()",
        )
    mean, var = x.mean(others), x.var(others, correction=0)
    if training:
        with no_grad():
            _move(running_mean, mean, momentum)
            _move(running_var, var * n / (n - 1), momentum)
    return standardize(x, mean, var, weight, bias, eps=eps)


def _move(running: Tensor | None, towards: Tensor, momentum: float | Tensor) -> None:
    """Move a running statistic towards that of a batch."""
    if running is not None:
        running.copy_((1 - momentum) * running + momentum * towards)


__all__ = [
    "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d", "interpolate",
    "adaptive_max_pool1d", "adaptive_max_pool2d", "adaptive_max_pool3d",
    "avg_pool1d", "avg_pool2d", "avg_pool3d", "lp_pool1d", "lp_pool2d", "lp_pool3d",
    "max_unpool1d", "max_unpool2d", "max_unpool3d", "max_pool1d", "max_pool2d", "max_pool3d",
    "batch_norm", "bilinear", "binary_cross_entropy", "binary_cross_entropy_with_logits",
    "celu", "conv1d", "cosine_embedding_loss", "cosine_similarity", "cross_entropy", "dropout",
    "elu", "embedding", "gaussian_nll_loss", "gelu", "glu", "hardshrink", "hardsigmoid",
    "hardswish", "hardtanh", "hinge_embedding_loss", "hinge_loss", "huber_loss", "kl_div",
    "l1_loss", "leaky_relu", "linear", "log_softmax", "logsigmoid", "margin_ranking_loss", "mish",
    "mse_loss", "multi_margin_loss", "multilabel_soft_margin_loss", "nll_loss", "normalize",
    "one_hot", "pad", "pairwise_distance", "poisson_nll_loss", "prelu", "relu", "relu6",
    "rrelu", "selu", "sigmoid", "silu", "smooth_l1_loss", "soft_margin_loss", "softmax",
    "softmin", "softplus", "softshrink", "softsign", "tanh", "tanhshrink", "threshold",
    "triplet_margin_loss",
]  # fmt: skip
