"""Layers as functions, under PyTorch's names."""

from __future__ import annotations

from collections.abc import Sequence

from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.tensor import Tensor
from chainrule.nn.dropout_functions import (
    alpha_dropout,
    dropout,
    dropout1d,
    dropout2d,
    dropout3d,
    feature_alpha_dropout,
)
from chainrule.nn.embedding import embedding
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
from chainrule.nn.norm_functions import (
    batch_norm,
    group_norm,
    instance_norm,
    layer_norm,
    local_response_norm,
    rms_norm,
)
from chainrule.ops.linear.matmul import linear
from chainrule.ops.linear.products import bilinear
from chainrule.ops.lookup.picking import one_hot
from chainrule.ops.shape.primitive import pad_constant
from chainrule.ops.window import conv1d


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


__all__ = [
    "alpha_dropout", "batch_norm", "bilinear", "binary_cross_entropy",
    "binary_cross_entropy_with_logits", "celu", "conv1d", "cosine_embedding_loss",
    "cosine_similarity", "cross_entropy", "dropout", "dropout1d", "dropout2d", "dropout3d", "elu",
    "embedding", "feature_alpha_dropout", "gaussian_nll_loss", "gelu", "glu", "group_norm",
    "hardshrink", "hardsigmoid", "hardswish", "hardtanh", "hinge_embedding_loss", "hinge_loss",
    "huber_loss", "instance_norm", "kl_div", "l1_loss", "layer_norm", "leaky_relu", "linear",
    "local_response_norm", "log_softmax", "logsigmoid", "margin_ranking_loss", "mish", "mse_loss",
    "multi_margin_loss", "multilabel_soft_margin_loss", "nll_loss", "normalize", "one_hot", "pad",
    "pairwise_distance", "poisson_nll_loss", "prelu", "relu", "relu6", "rms_norm", "rrelu", "selu",
    "sigmoid", "silu", "smooth_l1_loss", "soft_margin_loss", "softmax", "softmin", "softplus",
    "softshrink", "softsign", "tanh", "tanhshrink", "threshold", "triplet_margin_loss",
]  # fmt: skip
