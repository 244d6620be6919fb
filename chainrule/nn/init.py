"""Starting values of parameters, written in place, under the names of ``torch.nn.init``.

For a weight of shape (out, in, *kernel), fan_in is in times the size of the kernel, fan_out is out
times it.  ``xavier_*`` divides by their average, ``kaiming_*`` by the one that ``mode`` names, and
no function by anything else: the convention 1 / fan_in that some texts call Xavier's is
``kaiming_normal_(w, nonlinearity="linear")``.  Beside PyTorch's modes there is "fan_avg", the
average.  What variance the weights have follows from the shape: `xavier_variance` and
`kaiming_variance` say it exactly, whether they are drawn from a normal or a uniform distribution.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from chainrule.core.dtypes import float64
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.size import Size
from chainrule.core.state import no_grad
from chainrule.core.tensor import Tensor
from chainrule.ops.creation import rand, randn
from chainrule.ops.creation import tensor as made_of
from chainrule.ops.creation.random import Generator

GAINS = {
    "linear": 1.0, "conv1d": 1.0, "conv2d": 1.0, "conv3d": 1.0, "conv_transpose1d": 1.0,
    "conv_transpose2d": 1.0, "conv_transpose3d": 1.0, "sigmoid": 1.0, "tanh": 5.0 / 3,
    "relu": math.sqrt(2.0), "selu": 3.0 / 4,
}  # fmt: skip
SQUARED_GAINS = {"relu": Fraction(2), "selu": Fraction(9, 16), "tanh": Fraction(25, 9)}
"""The squares of those gains that are not 1, as fractions."""


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """By how much wider weights start before this activation: √2 for relu, √(2 / (1 + slope²)) for
    leaky_relu, whose slope is ``param`` (0.01 unless given), 5/3 for tanh, 3/4 for selu, else 1.

    Raises ArgumentError for an unknown activation.

    >>> from chainrule import nn
    >>> nn.init.calculate_gain("leaky_relu", 0.0) == 2**0.5
    True
    """
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        if isinstance(slope, bool) or not isinstance(slope, int | float):
            raise ArgumentError(f"the slope of leaky_relu is {slope!r}", expected="a number")
        return math.sqrt(2.0 / (1 + slope**2))
    if nonlinearity not in GAINS:
        raise ArgumentError(
            f"no gain is known for {nonlinearity!r}", expected=", ".join([*GAINS, "leaky_relu"])
        )
    return GAINS[nonlinearity]


def usual_bound(fan: Any) -> float:
    """1/√fan, the bound of the uniform draws that most layers start with; 1 for a fan that is a
    letter: such a layer has a shape and no values.

    >>> usual_bound(4)
    0.5
    """
    return 1.0 if isinstance(fan, Size) else 1 / math.sqrt(fan)


def fans(weight: Tensor | Sequence[int]) -> tuple[int, int]:
    """fan_in and fan_out of a weight (out, in, *kernel), or of its shape: how many values each
    result is made of, and how many results each value goes into.

    Raises ShapeError below two axes.

    >>> from chainrule import nn
    >>> nn.init.fans(nn.Linear(100, 50).weight), nn.init.fans((8, 3, 5, 5))
    ((100, 50), (75, 200))
    """
    shape = tuple(weight.shape) if isinstance(weight, Tensor) else tuple(weight)
    if len(shape) < 2:
        raise ShapeError(
            f"fan_in and fan_out are those of a weight with at least two axes, not {shape}",
            hint="biases start with zeros_ or uniform_",
        )
    kernel = math.prod(shape[2:])
    return shape[1] * kernel, shape[0] * kernel


def _fan(weight: Tensor | Sequence[int], mode: str) -> Fraction:
    """The number that ``mode`` names; raises ArgumentError for another mode."""
    fan_in, fan_out = fans(weight)
    average = Fraction(fan_in + fan_out, 2)
    known = {"fan_in": Fraction(fan_in), "fan_out": Fraction(fan_out), "fan_avg": average}
    if mode not in known:
        raise ArgumentError(f"mode is {mode!r}", expected="fan_in, fan_out or fan_avg")
    return known[mode]


def xavier_variance(weight: Tensor | Sequence[int], gain: float = 1.0) -> Fraction:
    """The variance of Glorot and Bengio (2010), gain² 2 / (fan_in + fan_out), exactly: that of
    `xavier_normal_` and of `xavier_uniform_`, whose bound is √(3 variance).

    >>> from chainrule import nn
    >>> nn.init.xavier_variance((50, 100))
    Fraction(1, 75)
    """
    return Fraction(str(gain)) ** 2 / _fan(weight, "fan_avg")


def kaiming_variance(
    weight: Tensor | Sequence[int],
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
) -> Fraction:
    """The variance of He and others (2015), gain² / fan, exactly: that of `kaiming_normal_` and of
    `kaiming_uniform_`, whose bound is √(3 variance).

    >>> from chainrule import nn
    >>> nn.init.kaiming_variance((50, 100), nonlinearity="relu")
    Fraction(1, 50)
    """
    calculate_gain(nonlinearity, a)
    if nonlinearity == "leaky_relu":
        squared = 2 / (1 + Fraction(str(a)) ** 2)
    else:
        squared = SQUARED_GAINS.get(nonlinearity, Fraction(1))
    return squared / _fan(weight, mode)


def _open(x: Tensor) -> bool:
    """Whether a size is a letter: such a tensor has no values, and its fans are no numbers."""
    return any(isinstance(size, Size) for size in x.shape)


def _written(x: Tensor, value: Any) -> Tensor:
    """Overwrite, unseen by gradients."""
    with no_grad():
        x.copy_(value)
    return x


def uniform_(
    tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Generator | None = None
) -> Tensor:
    """Draws from U(a, b)."""
    with no_grad():
        made: Tensor = tensor.uniform_(a, b, generator=generator)
    return made


def normal_(
    tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Generator | None = None
) -> Tensor:
    """Draws from N(mean, std²)."""
    with no_grad():
        made: Tensor = tensor.normal_(mean, std, generator=generator)
    return made


def trunc_normal_(
    tensor: Tensor,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: Generator | None = None,
) -> Tensor:
    """Draws from N(mean, std²) that lie from a to b; those outside are drawn again.

    Raises ArgumentError where that would take for ever: less than 1 in 10⁴ lies there.
    """
    low, high = ((edge - mean) / std / math.sqrt(2) for edge in (a, b))
    if not a < b or (math.erf(high) - math.erf(low)) / 2 < 1e-4:
        raise ArgumentError(
            f"next to nothing of N({mean}, {std}²) lies from {a} to {b}",
            hint="a and b are values, not multiples of std",
        )
    if tensor.is_meta:
        return tensor
    tensor._value("trunc_normal_()")
    count = tensor.numel()
    found = np.empty(0)
    while len(found) < count:
        draws = randn(count, dtype=float64, generator=generator).numpy() * std + mean
        found = np.concatenate([found, draws[(draws >= a) & (draws <= b)]])
    return _written(tensor, _like(found[:count], tensor))


def _like(values: np.ndarray, x: Tensor) -> Tensor:
    return made_of(values.reshape(x.shape), x.dtype)


def constant_(tensor: Tensor, val: float) -> Tensor:
    """One number."""
    return _written(tensor, val)


def zeros_(tensor: Tensor) -> Tensor:
    """Zeros."""
    return constant_(tensor, 0.0)


def ones_(tensor: Tensor) -> Tensor:
    """Ones."""
    return constant_(tensor, 1.0)


def eye_(tensor: Tensor) -> Tensor:
    """The unit matrix; raises ShapeError for what is no matrix."""
    if tensor.ndim != 2:
        raise ShapeError(f"eye_ is for a matrix, not for shape {tensor.shape}")
    return _written(tensor, _like(np.eye(*tensor.shape), tensor))


def dirac_(tensor: Tensor, groups: int = 1) -> Tensor:
    """A convolution's weight (out, in, *kernel), of one to three kernel axes, that passes on as
    many channels as there are, each group's first ones.

    Raises ShapeError for another rank, ArgumentError where ``groups`` does not divide out.
    """
    if tensor.ndim not in (3, 4, 5):
        raise ShapeError(f"dirac_ is for 3 to 5 axes, not for shape {tensor.shape}")
    if groups < 1 or tensor.shape[0] % groups:
        raise ArgumentError(f"{groups} groups do not divide {tensor.shape[0]} channels")
    values = np.zeros(tensor.shape)
    each = tensor.shape[0] // groups
    middle = tuple(size // 2 for size in tensor.shape[2:])
    for group in range(groups):
        for channel in range(min(each, tensor.shape[1])):
            values[(group * each + channel, channel, *middle)] = 1
    return _written(tensor, _like(values, tensor))


def xavier_uniform_(
    tensor: Tensor, gain: float = 1.0, generator: Generator | None = None
) -> Tensor:
    """Draws from U(-a, a), a = gain √(6 / (fan_in + fan_out)) (Glorot and Bengio 2010)."""
    fan_in, fan_out = fans(tensor)
    if _open(tensor):
        return tensor
    bound = gain * math.sqrt(6.0 / (fan_in + fan_out))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Draws from N(0, std²), std = gain √(2 / (fan_in + fan_out)) (Glorot and Bengio 2010)."""
    fan_in, fan_out = fans(tensor)
    if _open(tensor):
        return tensor
    return normal_(tensor, 0.0, gain * math.sqrt(2.0 / (fan_in + fan_out)), generator)


def _kaiming_std(x: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    return calculate_gain(nonlinearity, a) / math.sqrt(_fan(x, mode))


def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    """Draws from U(-b, b), b = gain √(3 / fan), where the gain is that of leaky_relu with slope
    ``a``, or of another activation (He and others 2015); ``mode`` is "fan_in", "fan_out" or
    "fan_avg"."""
    if _open(tensor) or 0 in tensor.shape:
        return tensor
    bound = math.sqrt(3.0) * _kaiming_std(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    """Draws from N(0, std²), std = gain / √fan: see `kaiming_uniform_`."""
    if _open(tensor) or 0 in tensor.shape:
        return tensor
    return normal_(tensor, 0.0, _kaiming_std(tensor, a, mode, nonlinearity), generator)


def orthogonal_(tensor: Tensor, gain: float = 1, generator: Generator | None = None) -> Tensor:
    """``gain`` times a matrix with orthonormal rows or columns, whichever are fewer; further axes
    are taken together with the second (Saxe and others 2013).

    It is the Q of normal draws, with the signs of the diagonal of R, so that all are equally
    likely.  Raises ShapeError below two axes.
    """
    if tensor.ndim < 2:
        raise ShapeError(f"orthogonal_ is for at least two axes, not for shape {tensor.shape}")
    if tensor.numel() == 0:
        return tensor
    if tensor.is_meta:
        return tensor
    tensor._value("orthogonal_()")
    rows, columns = tensor.shape[0], math.prod(tensor.shape[1:])
    tall = (rows, columns) if rows >= columns else (columns, rows)
    q, r = np.linalg.qr(randn(tall, dtype=float64, generator=generator).numpy())
    q = q * np.where(np.diag(r) < 0, -1.0, 1.0)
    return _written(tensor, _like(gain * (q if rows >= columns else q.T), tensor))


def sparse_(
    tensor: Tensor, sparsity: float, std: float = 0.01, generator: Generator | None = None
) -> Tensor:
    """Draws from N(0, std²), of which in each column the share ``sparsity``, rounded up, is zero
    (Martens 2010).  Raises ShapeError for what is no matrix."""
    if tensor.ndim != 2:
        raise ShapeError(f"sparse_ is for a matrix, not for shape {tensor.shape}")
    if not 0 <= sparsity <= 1:
        raise ArgumentError(f"sparsity is {sparsity}", expected="a share from 0 to 1")
    if tensor.is_meta:
        return tensor
    tensor._value("sparse_()")
    zeros = math.ceil(sparsity * tensor.shape[0])
    values = randn(*tensor.shape, dtype=float64, generator=generator).numpy() * std
    order = np.argsort(rand(*tensor.shape, dtype=float64, generator=generator).numpy(), axis=0)
    np.put_along_axis(values, order[:zeros], 0.0, axis=0)
    return _written(tensor, _like(values, tensor))


__all__ = [
    "calculate_gain", "constant_", "dirac_", "eye_", "fans", "kaiming_normal_", "kaiming_uniform_",
    "kaiming_variance", "normal_", "ones_", "orthogonal_", "sparse_", "trunc_normal_", "uniform_",
    "xavier_normal_", "xavier_uniform_", "xavier_variance", "zeros_",
]  # fmt: skip
