"""Activations as functions, under PyTorch's names: `nn.functional` has them all.

With ``inplace`` the operand itself is changed and returned.
"""

from __future__ import annotations

from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.axes import axis
from chainrule.core.device import beside
from chainrule.core.dtyperules import require
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.tensor import Tensor
from chainrule.ops.creation.random import default_generator, rand_draw
from chainrule.ops.elementwise import activations as curved
from chainrule.ops.elementwise import piecewise, variants
from chainrule.ops.elementwise import rectifiers as straight
from chainrule.ops.elementwise.activations import gelu, logsigmoid, softplus, softsign, tanhshrink
from chainrule.ops.elementwise.bounds import clamp_min
from chainrule.ops.elementwise.elementary import sigmoid, tanh, where
from chainrule.ops.elementwise.piecewise import abs
from chainrule.ops.elementwise.rectifiers import hardshrink, prelu, softshrink
from chainrule.ops.methods import to
from chainrule.ops.reduce.reductions import amax
from chainrule.ops.reduce.reductions import sum as sum_
from chainrule.ops.shape.splitting import narrow


def _placed(x: Tensor, made: Tensor, inplace: bool) -> Tensor:
    """What was made of x, written to x where asked for."""
    return x._write(made) if inplace else made


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """Each entry where it is positive, else 0; the derivative at 0 is 0.

    >>> import chainrule as cr
    >>> relu(cr.tensor([-1.0, 2.0])).tolist()
    [0.0, 2.0]
    """
    return _placed(input, piecewise.relu(input), inplace)


def relu6(input: Tensor, inplace: bool = False) -> Tensor:
    """Each entry held between 0 and 6; the derivatives at both are 0."""
    return _placed(input, straight.relu6(input), inplace)


def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """Each entry where it is positive, else ``negative_slope`` times it: also the derivative at 0.

    >>> import chainrule as cr
    >>> leaky_relu(cr.tensor([-1.0, 2.0]), 0.5).tolist()
    [-0.5, 2.0]
    """
    return _placed(input, straight.leaky_relu(input, negative_slope=negative_slope), inplace)


def hardtanh(
    input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False
) -> Tensor:
    """Each entry held between two bounds; the derivatives at both are 0."""
    return _placed(input, straight.hardtanh(input, min_val=min_val, max_val=max_val), inplace)


def hardsigmoid(input: Tensor, inplace: bool = False) -> Tensor:
    """(x + 3) / 6 held between 0 and 1; the derivatives at -3 and 3 are 0."""
    return _placed(input, straight.hardsigmoid(input), inplace)


def hardswish(input: Tensor, inplace: bool = False) -> Tensor:
    """X times `hardsigmoid` of x; the derivative at -3 is 0, at 3 it is 1."""
    return _placed(input, straight.hardswish(input), inplace)


def threshold(input: Tensor, threshold: float, value: float, inplace: bool = False) -> Tensor:
    """Each entry where it is above ``threshold``, else ``value``."""
    return _placed(input, straight.threshold(input, threshold=threshold, value=value), inplace)


def rrelu(
    input: Tensor,
    lower: float = 1 / 8,
    upper: float = 1 / 3,
    training: bool = False,
    inplace: bool = False,
) -> Tensor:
    """A leaky ReLU whose slope below 0 is drawn anew for each entry, between ``lower`` and
    ``upper``, while training; else it is their mean.

    Raises ArgumentError where lower is above upper.

    >>> import chainrule as cr
    >>> rrelu(cr.tensor([-24.0, 2.0])).tolist()
    [-5.5, 2.0]
    """
    if lower > upper:
        raise ArgumentError(f"rrelu: lower {lower!r} is above upper {upper!r}")
    if not training:
        return leaky_relu(input, (lower + upper) / 2, inplace)
    with beside(input):
        draws = default_generator.draw(rand_draw, shape=input.shape, dtype=input.dtype)
    slopes = lower + (upper - lower) * draws
    return _placed(input, where(input > 0, input, slopes * input), inplace)


def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """Each entry where it is positive, else alpha (e^x - 1); the derivative at 0 is alpha."""
    return _placed(input, curved.elu(input, alpha=alpha), inplace)


def selu(input: Tensor, inplace: bool = False) -> Tensor:
    """`elu` with the two numbers that keep mean 0 and variance 1."""
    return _placed(input, curved.selu(input), inplace)


def celu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """Each entry where it is positive, else alpha (e^(x / alpha) - 1)."""
    return _placed(input, curved.celu(input, alpha=alpha), inplace)


def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """X / (1 + e^-x), entry by entry: swish."""
    return _placed(input, curved.silu(input), inplace)


def mish(input: Tensor, inplace: bool = False) -> Tensor:
    """X tanh(ln(1 + e^x)), entry by entry."""
    return _placed(input, curved.mish(input), inplace)


def glu(input: Tensor, dim: int = -1) -> Tensor:
    """The first half of an axis times the logistic function of the second half.

    Raises ShapeError for an axis that has no halves.

    >>> import chainrule as cr
    >>> glu(cr.tensor([1.0, 2.0, 0.0, 0.0])).tolist()
    [0.5, 1.0]
    """
    require("glu", input.dtype, dt.REAL, dt.EXACT)
    if not input.ndim:
        raise ShapeError("glu halves an axis, and the input has none")
    d = axis(dim, input.ndim)
    if input.shape[d] % 2:
        raise ShapeError(
            f"glu halves an axis; axis {d} has {input.shape[d]} entries", got=f"input {input.shape}"
        )
    half = input.shape[d] // 2
    return narrow(input, d, 0, half) * sigmoid(narrow(input, d, half, half))


def softmax(
    input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: DType | None = None
) -> Tensor:
    """e^x divided by the sum of e^x along the axis ``dim``; computed in ``dtype`` where given."""
    return variants.softmax(input, dim, dtype)


def log_softmax(
    input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: DType | None = None
) -> Tensor:
    """The logarithm of `softmax`; computed in ``dtype`` where given."""
    return variants.log_softmax(input, dim, dtype)


def softmin(
    input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: DType | None = None
) -> Tensor:
    """`softmax` of -x: the smallest entry gets most.  Raises DTypeError for truth values."""
    require("softmin", input.dtype, *dt.NUMBERS)
    return softmax(-(input if dtype is None else to(input, dtype)), dim)


def normalize(input: Tensor, p: float = 2.0, dim: int = 1, eps: float = 1e-12) -> Tensor:
    """X divided by its p-norm along an axis, or by ``eps`` where that is larger.

    The derivative of the norm at 0 counts as 0.

    >>> import chainrule as cr
    >>> normalize(cr.tensor([[3.0, 4.0], [0.0, 0.0]])).tolist()
    [[0.6..., 0.8...], [0.0, 0.0]]
    """
    require("normalize", input.dtype, *dt.CONTINUOUS)
    wide = input.to(dt.float32) if input.dtype is dt.float16 else input  # its squares overflow
    made: Tensor = (wide / clamp_min(_norm(wide, p, dim), eps)).to(input.dtype)
    return made


def _norm(x: Tensor, p: float, dim: Any) -> Tensor:
    """The p-norm along an axis, which is kept; where it is 0 it has no derivative."""
    size = abs(x)
    if p == float("inf"):
        largest: Tensor = amax(size, dim=dim, keepdim=True)
        return largest
    total = sum_(size**p, dim=dim, keepdim=True)
    empty = total.eq(0)
    norm: Tensor = where(empty, total, where(empty, 1, total) ** (1 / p))
    return norm


__all__ = ["celu", "elu", "gelu", "glu", "hardshrink", "hardsigmoid", "hardswish", "hardtanh",
           "leaky_relu", "log_softmax", "logsigmoid", "mish", "normalize", "prelu", "relu", "relu6",
           "rrelu", "selu", "sigmoid", "silu", "softmax", "softmin", "softplus", "softshrink",
           "softsign", "tanh", "tanhshrink", "threshold"]  # fmt: skip
