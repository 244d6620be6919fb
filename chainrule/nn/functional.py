"""Layers as functions, under PyTorch's names."""

from __future__ import annotations

from collections.abc import Sequence

from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.size import Size, prod
from chainrule.core.state import no_grad
from chainrule.core.tensor import Tensor
from chainrule.ops.creation import ones_like
from chainrule.ops.elementwise import sigmoid, tanh
from chainrule.ops.linear import linear
from chainrule.ops.lookup import one_hot
from chainrule.ops.losses import (
    binary_cross_entropy,
    cross_entropy,
    log_softmax,
    mse_loss,
    softmax,
)
from chainrule.ops.normalise import standardize
from chainrule.ops.piecewise import relu
from chainrule.ops.products import bilinear
from chainrule.ops.random import default_generator, dropout_mask
from chainrule.ops.shape import pad_constant
from chainrule.ops.window import conv1d


def pad(x: Tensor, pad: Sequence[int], mode: str = "constant", value: float = 0.0) -> Tensor:
    """A border of one number around x; ``pad`` is (before, after) of the last axis, then of the one
    before it, and so on.  Negative widths cut entries off.

    Raises ArgumentError for an odd number of widths, for too many, and for modes other than
    "constant".

    >>> import chainrule as cr
    >>> cr.nn.functional.pad(cr.tensor([1, 2]), (1, 2)).tolist()
    [0, 1, 2, 0, 0]
    """
    if mode != "constant":
        raise ArgumentError(f"pad has no mode {mode!r}", expected="'constant'")
    if len(pad) % 2 or len(pad) > 2 * x.ndim:
        raise ArgumentError(
            f"{len(pad)} widths for {x.ndim} axes", expected="a pair for each axis, the last first"
        )
    pairs = [(pad[i], pad[i + 1]) for i in range(0, len(pad), 2)]
    widths = [(0, 0)] * (x.ndim - len(pairs)) + pairs[::-1]
    if any(w < 0 for pair in widths for w in pair):
        sizes = zip(widths, x.shape, strict=True)
        x = x[tuple(slice(max(-a, 0), size - max(-b, 0)) for (a, b), size in sizes)]
        widths = [(max(a, 0), max(b, 0)) for a, b in widths]
    made: Tensor = pad_constant(x, widths=tuple(widths), value=value)
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


__all__ = ["batch_norm", "bilinear", "binary_cross_entropy", "conv1d", "cross_entropy", "dropout",
           "linear", "log_softmax", "mse_loss", "one_hot", "pad", "relu", "sigmoid", "softmax",
           "tanh"]  # fmt: skip
