"""Dropout as functions: of entries, of channels, and for networks of SELUs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule.core.device import beside
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.names import named
from chainrule.core.signature import Shape
from chainrule.core.tensor import Tensor
from chainrule.ops.creation.random import default_generator, dropout_mask
from chainrule.ops.elementwise.compare import ne

SATURATED = -1.7580993408473766
"""Where a SELU ends for ever smaller inputs: what alpha dropout puts in the place of an entry
(Klambauer and others, Self-Normalizing Neural Networks, 2017)."""


def probability(p: Any) -> float:
    """A dropout probability; raises ArgumentError for what is none.

    >>> probability(0.25)
    0.25
    """
    if isinstance(p, bool) or not isinstance(p, int | float | np.floating) or not 0 <= p <= 1:
        raise ArgumentError(f"a dropout probability is from 0 to 1, not {p!r}")
    return float(p) if isinstance(p, np.floating) else p


def _placed(input: Tensor, made: Tensor, inplace: bool) -> Tensor:
    """The result, or the input overwritten with it."""
    return input.copy_(made) if inplace else made


def _dropped(input: Tensor, shape: Shape, p: float, training: bool, inplace: bool) -> Tensor:
    """``input`` times a mask of ``shape``: 0 with probability p, 1 / (1 - p) otherwise."""
    p = probability(p)
    if not training or p == 0:
        return input
    with beside(input):
        mask = default_generator.draw(dropout_mask, shape=shape, p=p, dtype=input.dtype)
    return _placed(input, input * named(mask, "mask"), inplace)


def _of_channels(shape: Shape, channels: int) -> Shape:
    """A shape with 1 for the axes after that of the channels."""
    return (*shape[: channels + 1], *(1 for _ in shape[channels + 1 :]))


def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """While training, each entry becomes 0 with probability p and is divided by 1 - p otherwise;
    else nothing happens.

    ``inplace`` overwrites the input.  Raises ArgumentError where p is not from 0 to 1.

    >>> import chainrule as cr
    >>> cr.nn.functional.dropout(cr.ones(3), 0.5, training=False).tolist()
    [1.0, 1.0, 1.0]
    """
    return _dropped(input, input.shape, p, training, inplace)


def dropout1d(
    input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
) -> Tensor:
    """`dropout` of whole channels of signals, (n, c, length) or (c, length)."""
    return _by_channel("dropout1d", input, {2: 0, 3: 1}, p, training, inplace)


def dropout2d(
    input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
) -> Tensor:
    """`dropout` of whole channels of images, (n, c, height, width).

    As in PyTorch, an input of three axes is (n, c, length), not an image alone.
    """
    return _by_channel("dropout2d", input, {3: 1, 4: 1}, p, training, inplace)


def dropout3d(
    input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
) -> Tensor:
    """`dropout` of whole channels of volumes, (n, c, depth, height, width), or of one of them."""
    return _by_channel("dropout3d", input, {4: 0, 5: 1}, p, training, inplace)


def _by_channel(
    name: str, input: Tensor, channels: dict[int, int], p: float, training: bool, inplace: bool
) -> Tensor:
    """Dropout of channels, which are along the axis that the rank says; raises ShapeError."""
    if input.ndim not in channels:
        ranks = " or ".join(map(str, channels))
        raise ShapeError(f"{name} takes {ranks} axes, not {input.ndim}", got=f"x {input.shape}",
                         hint="dropout() takes any")  # fmt: skip
    return _dropped(input, _of_channels(input.shape, channels[input.ndim]), p, training, inplace)


def alpha_dropout(
    input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False
) -> Tensor:
    """Dropout that keeps mean 0 and variance 1: entries become the value at which a SELU ends, and
    all are scaled and moved (Klambauer and others 2017).

    Raises ArgumentError where p is not from 0 to 1.

    >>> import chainrule as cr
    >>> cr.nn.functional.alpha_dropout(cr.ones(2), 0.5).tolist()
    [1.0, 1.0]
    """
    return _saturated(input, input.shape, p, training, inplace)


def feature_alpha_dropout(
    input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False
) -> Tensor:
    """`alpha_dropout` of whole channels, (n, c, *d); raises ShapeError below two axes."""
    if input.ndim < 2:
        raise ShapeError(f"feature_alpha_dropout takes 2 axes and more, not {input.ndim}",
                         got=f"x {input.shape}")  # fmt: skip
    return _saturated(input, _of_channels(input.shape, 1), p, training, inplace)


def _saturated(input: Tensor, shape: Shape, p: float, training: bool, inplace: bool) -> Tensor:
    p = probability(p)
    if not training or p == 0:
        return input
    if p == 1:
        return _placed(input, input * 0, inplace)
    with beside(input):
        mask = default_generator.draw(dropout_mask, shape=shape, p=p, dtype=input.dtype)
    kept = ne(mask, 0).to(input.dtype)
    scale = 1 / math.sqrt((1 - p) * (1 + p * SATURATED**2))
    shift = -SATURATED * p
    return _placed(input, (input * kept + SATURATED * (1 - kept) + shift) * scale, inplace)
