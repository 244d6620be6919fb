"""Norms as functions: of batches, layers, groups, instances; RMS; local response."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from chainrule.core import dtypes as dt
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.signature import Dim
from chainrule.core.size import Size, prod
from chainrule.core.state import no_grad
from chainrule.core.tensor import Tensor
from chainrule.ops import normalise
from chainrule.ops.creation import ones_like


class Statistics(NamedTuple):
    """What a norm takes its input to have: means and variances, one of each group."""

    mean: Tensor
    var: Tensor


def _scale(weight: Tensor | None, bias: Tensor | None) -> Tensor | None:
    """The weight; ones, where there is a bias alone."""
    return ones_like(bias) if weight is None and bias is not None else weight


def batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float | Tensor = 0.1,
    eps: float = 1e-5,
    *,
    correction: int = 0,
) -> Tensor:
    """Each channel of x (n, c, *d) with mean 0 and variance 1, times ``weight``, plus ``bias``.

    While training, mean and variance are those of the batch, the variance divided by n - correction
    (PyTorch: 0), and the running statistics move towards them, running = (1 - momentum) running +
    momentum batch, the variance towards the unbiased one; else the running ones are used.  ``eps``
    may be 0.  Raises ShapeError for a batch of one value per channel.

    >>> import chainrule as cr
    >>> cr.nn.functional.batch_norm(
    ...     cr.tensor([[1.0], [3.0]]), None, None, training=True, eps=0
    ... ).tolist()
    [[-1.0], [1.0]]
    """
    x, scale = input, _scale(weight, bias)
    if not training and running_mean is not None and running_var is not None:
        made: Tensor = normalise.standardize(x, running_mean, running_var, scale, bias, eps=eps)
        return made
    n = prod(x.shape[d] for d in range(x.ndim) if d != 1)
    if training and not isinstance(n, Size) and n <= 1:
        raise ShapeError(
            f"batch_norm: {n} value{'s' * (n != 1)} per channel, whose variance is no measure",
            got=f"x {x.shape}",
            hint="train on larger batches (drop_last=True), or switch to eval()",
        )
    made, mean, var = normalise.batch_norm(x, scale, bias, eps=eps, correction=correction)
    if training:
        with no_grad():
            _move(running_mean, mean.flatten(), momentum)
            _move(running_var, _unbiased(var.flatten(), n, correction), momentum)
    return made


def _unbiased(var: Tensor, n: Dim, correction: int) -> Tensor:
    """The variance that divides by n - 1, from the one that divides by n - correction."""
    return var if correction == 1 else var * (n - correction) / (n - 1)


def _move(running: Tensor | None, towards: Tensor, momentum: float | Tensor) -> None:
    """Move a running statistic towards that of a batch."""
    if running is not None:
        running.copy_((1 - momentum) * running + momentum * towards)


def layer_norm(
    input: Tensor,
    normalized_shape: Dim | Sequence[Dim],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
    *,
    correction: int = 0,
) -> Tensor:
    """The last axes of each example with mean 0 and variance 1, times ``weight``, plus ``bias``.

    Shapes: input (*b, *d), weight and bias (*d), where ``normalized_shape`` is d.  The variance
    divides by n - correction (PyTorch: 0); ``eps`` may be 0.  Raises ShapeError for other shapes.

    >>> import chainrule as cr
    >>> cr.nn.functional.layer_norm(cr.tensor([[8.0, 2.0], [0.0, 4.0]]), (2,), eps=0).tolist()
    [[1.0, -1.0], [-1.0, 1.0]]
    """
    made: Tensor = normalise.layer_norm(
        input, _scale(weight, bias), bias, normalized_shape=normalized_shape, eps=eps,
        correction=correction,
    ).output  # fmt: skip
    return made


def group_norm(
    input: Tensor,
    num_groups: int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
    *,
    correction: int = 0,
) -> Tensor:
    """Each of ``num_groups`` groups of channels of each example with mean 0 and variance 1, then
    each channel times its weight, plus its bias.

    Shapes: input (n, c, *d), weight and bias (c).  The variance divides by n - correction
    (PyTorch: 0); ``eps`` may be 0.  Raises ShapeError where the groups do not divide c, and for one
    value per group in all.

    >>> import chainrule as cr
    >>> cr.nn.functional.group_norm(cr.tensor([[1.0, 3.0, 5.0, 9.0]]), 2, eps=0).tolist()
    [[-1.0, 1.0, -1.0, 1.0]]
    """
    n = prod(input.shape)
    if n == num_groups and input.ndim > 1:
        raise ShapeError(
            "group_norm: 1 value per group, whose variance is no measure", got=f"x {input.shape}"
        )
    made: Tensor = normalise.group_norm(
        input, _scale(weight, bias), bias, num_groups=num_groups, eps=eps, correction=correction
    ).output
    return made


def rms_norm(
    input: Tensor,
    normalized_shape: Dim | Sequence[Dim],
    weight: Tensor | None = None,
    eps: float | None = None,
) -> Tensor:
    """The last axes of each example divided by the root of their mean square, times ``weight``.

    Shapes: input (*b, *d), weight (*d), where ``normalized_shape`` is d.  ``eps`` inside the root
    is that of the type unless given, 0 in exact arithmetic.

    >>> import chainrule as cr
    >>> cr.nn.functional.rms_norm(cr.tensor([1.0, -7.0]), 2, eps=0).tolist()
    [0.20000000298023224, -1.399999976158142]
    """
    eps = epsilon(input.dtype) if eps is None else eps
    made: Tensor = normalise.rms_norm(
        input, weight, normalized_shape=normalized_shape, eps=eps
    ).output
    return made


def epsilon(dtype: DType) -> float:
    """The distance from 1 to the next number of the type; 0 for exact ones.

    >>> epsilon(dt.float64) == 2.0**-52
    True
    """
    return float(np.finfo(dtype.numpy).eps) if dtype.category == dt.REAL else 0.0


def instance_norm(
    input: Tensor,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
    *,
    correction: int = 0,
) -> Tensor:
    """Each channel of each example of x (n, c, *d) with mean 0 and variance 1, times ``weight``,
    plus ``bias``.

    With ``use_input_stats`` mean and variance are those of the channel itself, and the running
    statistics (c), if given, move towards their averages over the examples, as in `batch_norm`;
    else the running ones are used.  Raises ShapeError for one value per channel, ArgumentError
    where there are no running statistics to use.

    >>> import chainrule as cr
    >>> cr.nn.functional.instance_norm(cr.tensor([[[1.0, 3.0], [5.0, 9.0]]]), eps=0).tolist()
    [[[-1.0, 1.0], [-1.0, 1.0]]]
    """
    x, scale = input, _scale(weight, bias)
    if not use_input_stats:
        if running_mean is None or running_var is None:
            raise ArgumentError("instance_norm: there are no running statistics to use",
                                hint="use_input_stats=True takes those of the input")  # fmt: skip
        kept: Tensor = normalise.standardize(x, running_mean, running_var, scale, bias, eps=eps)
        return kept
    n = prod(x.shape[2:])
    if not isinstance(n, Size) and n <= 1:
        raise ShapeError(
            f"instance_norm: {n} value{'s' * (n != 1)} per channel, whose variance is no measure",
            got=f"x {x.shape}",
        )
    if x.shape[0] == 0:
        raise ShapeError("instance_norm: an empty batch has no mean and no variance",
                         got=f"x {x.shape}")  # fmt: skip
    made, mean, var = normalise.instance_norm(x, scale, bias, eps=eps, correction=correction)
    with no_grad():
        _move(running_mean, mean.flatten(1).mean(0), momentum)
        _move(running_var, _unbiased(var.flatten(1), n, correction).mean(0), momentum)
    output: Tensor = made
    return output


def local_response_norm(
    input: Tensor, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Tensor:
    """X / (k + alpha / size * the sum of x² over ``size`` channels around)^beta.

    Shapes: input (n, c, *d).  Channels that are not there count as 0.  Raises ShapeError below
    three axes, ArgumentError for a size below 1.

    >>> import chainrule as cr
    >>> x = cr.tensor([[[1.0], [2.0], [2.0]]])
    >>> cr.nn.functional.local_response_norm(x, 3, alpha=3.0, beta=1.0, k=0.0).tolist()
    [[[0.20000000298023224], [0.2222222238779068], [0.25]]]
    """
    made: Tensor = normalise.local_response_norm(input, size=size, alpha=alpha, beta=beta, k=k)
    return made
