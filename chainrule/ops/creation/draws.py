"""Making tensors of random draws, and writing draws into tensors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.core import device as places
from chainrule.core import dtypes as dt
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError, ShapeError, ValueCheckError
from chainrule.core.state import no_grad
from chainrule.core.tensor import Tensor
from chainrule.ops.creation.filled import finished, sizes
from chainrule.ops.creation.fromdata import tensor
from chainrule.ops.creation.random import (
    Generator,
    bernoulli_draw,
    default_generator,
    rand_draw,
    randn_draw,
)
from chainrule.ops.elementwise.elementary import add
from chainrule.ops.reduce.sorting import argsort


def _drawn(op: Any, shape: Any, dtype: DType | None, generator: Generator | None) -> Tensor:
    kind = dtype or dt.get_default_dtype()
    if not (kind.is_floating_point or kind is dt.exact):
        raise ArgumentError(f"draws are floating, not {kind.name}", hint="randint() draws integers")
    return (generator or default_generator).draw(op, shape=shape, dtype=kind)


@places.placed
def rand(
    *size: Any,
    generator: Generator | None = None,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
    **options: Any,
) -> Tensor:
    """Uniform draws from [0, 1)."""
    made = _drawn(rand_draw, sizes(size, options, "rand"), dtype, generator)
    return finished(made, device, requires_grad, options, "rand")


@places.placed
def randn(
    *size: Any,
    generator: Generator | None = None,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
    **options: Any,
) -> Tensor:
    """Draws from the standard normal distribution."""
    made = _drawn(randn_draw, sizes(size, options, "randn"), dtype, generator)
    return finished(made, device, requires_grad, options, "randn")


@places.placed_like
def rand_like(input: Tensor, dtype: DType | None = None, **options: Any) -> Tensor:
    """Uniform draws in the shape and type of ``input``."""
    return rand(input.shape, dtype=dtype or input.dtype, **options)


@places.placed_like
def randn_like(input: Tensor, dtype: DType | None = None, **options: Any) -> Tensor:
    """Standard normal draws in the shape and type of ``input``."""
    return randn(input.shape, dtype=dtype or input.dtype, **options)


def bernoulli(input: Tensor, *, generator: Generator | None = None) -> Tensor:
    """1 with the probability that each entry names, else 0."""
    return (generator or default_generator).draw(bernoulli_draw, input)


@places.placed
def randint(
    low: int,
    high: Any = None,
    size: Sequence[int] | None = None,
    *,
    generator: Generator | None = None,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
    **options: Any,
) -> Tensor:
    """Whole numbers from low to high - 1, all equally likely; ``randint(high, size)`` from 0.

    >>> import chainrule as cr
    >>> cr.randint(1, (2, 3)).tolist()
    [[0, 0, 0], [0, 0, 0]]
    """
    if isinstance(high, Sequence):
        high, size = None, high
    if high is None:
        low, high = 0, low
    if high <= low:
        raise ArgumentError(f"there is no whole number from {low} to {high - 1}")
    draws = rand(sizes((() if size is None else size,)), dtype=dt.float64, generator=generator)
    made: Tensor = add((draws * (high - low)).floor().to(dt.int64), low)
    return finished(made.to(dtype or dt.int64), device, requires_grad, options, "randint")


@places.placed_like
def randint_like(input: Tensor, low: int, high: int | None = None, **options: Any) -> Tensor:
    """`randint` in the shape and type of ``input``."""
    return randint(low, high, input.shape, **{"dtype": input.dtype, **options})


@places.placed
def randperm(
    n: int,
    *,
    generator: Generator | None = None,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
    **options: Any,
) -> Tensor:
    """The whole numbers below n in random order."""
    with no_grad():
        order = argsort(rand(n, dtype=dt.float64, generator=generator), stable=True)
        made = order.to(dtype or dt.int64)
    return finished(made, device, requires_grad, options, "randperm")


@places.placed
def normal(
    mean: Any,
    std: Any = 1.0,
    size: Sequence[int] | None = None,
    *,
    generator: Generator | None = None,
    **options: Any,
) -> Tensor:
    """Normal draws of this mean and standard deviation: of tensors, or of numbers and a size.

    Raises ValueCheckError for a negative deviation.
    """
    if bool(std.lt(0).any()) if isinstance(std, Tensor) else std < 0:
        raise ValueCheckError("a standard deviation is negative")
    if size is not None:
        drawn: Tensor = randn(size, generator=generator, **options) * std + mean
        return drawn
    if not isinstance(mean, Tensor) and not isinstance(std, Tensor):
        raise ArgumentError("normal() of two numbers needs a size", hint="normal(0.0, 1.0, (2, 3))")
    with no_grad():
        place: Tensor = mean + std * 0
        made: Tensor = randn_like(place, generator=generator) * std + mean
    return made


def multinomial(
    input: Tensor,
    num_samples: int,
    replacement: bool = False,
    *,
    generator: Generator | None = None,
) -> Tensor:
    """Indices drawn in proportion to weights (n) or (rows, n), which need not add up to 1; without
    ``replacement`` all different: (num_samples) or (rows, num_samples), int64.

    Without replacement, index i has the key -ln(1 - u) / wᵢ with u uniform, an exponential waiting
    time, and the smallest keys are taken (Efraimidis and Spirakis 2006).  Raises ShapeError and
    ValueCheckError for weights that are none, ArgumentError for too many draws.
    """
    weights = _weights(input)
    if num_samples < 1:
        raise ArgumentError(f"num_samples is {num_samples}", expected="a whole number from 1")
    rows, n = weights.shape[:-1], weights.shape[-1]
    with no_grad():
        if replacement:
            draws = rand((*rows, num_samples), dtype=dt.float64, generator=generator).numpy()
            ends = np.cumsum(weights, axis=-1)
            index = (draws[..., None] * ends[..., None, -1:] >= ends[..., None, :]).sum(-1)
        else:
            if (np.count_nonzero(weights, axis=-1) < num_samples).any():
                raise ArgumentError(
                    f"{num_samples} different indices cannot be drawn",
                    got=f"{int(np.count_nonzero(weights, axis=-1).min())} positive weights",
                    hint="replacement=True draws an index more than once",
                )
            draws = rand((*rows, n), dtype=dt.float64, generator=generator).numpy()
            with np.errstate(divide="ignore"):
                keys = np.where(weights > 0, -np.log1p(-draws) / weights, np.inf)
            index = np.argsort(keys, axis=-1, kind="stable")[..., :num_samples]
    return tensor(index, dt.int64)


def _weights(x: Tensor) -> np.ndarray:
    if x.ndim not in (1, 2) or x.shape[-1] == 0:
        raise ShapeError(f"weights have one or two axes, and entries, not {x.shape}")
    if not x.dtype.is_floating_point:
        raise ArgumentError(f"weights are floating, not {x.dtype.name}", hint="x.float()")
    values = np.asarray(x.detach()._value("multinomial()")).astype(np.float64)
    if not (np.isfinite(values).all() and (values >= 0).all() and (values.sum(-1) > 0).all()):
        raise ValueCheckError("weights are finite, not negative, and not all 0")
    return values


# -- in place --------------------------------------------------------------------------------------


def in_place(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Make a method of tensors that overwrites one with what ``function`` draws for it."""

    def method(x: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        with no_grad(), places.beside(x):
            drawn = function(x, *args, **kwargs)
        return x._write(drawn.to(x.dtype))

    method.__doc__, method.__name__ = function.__doc__, function.__name__
    setattr(Tensor, function.__name__, method)
    return method


@in_place
def normal_(
    x: Tensor, mean: float = 0.0, std: float = 1.0, *, generator: Generator | None = None
) -> Tensor:
    """Overwrite with normal draws."""
    if std < 0:
        raise ValueCheckError(f"a standard deviation is negative: {std}")
    return randn_like(x, generator=generator) * std + mean


@in_place
def uniform_(
    x: Tensor,
    low: float = 0.0,
    to: float = 1.0,
    *,
    generator: Generator | None = None,
    **named: float,
) -> Tensor:
    """Overwrite with uniform draws from [low, to); ``low`` is PyTorch's ``from``."""
    low = named.pop("from", low)
    if named:
        raise ArgumentError(f"uniform_ has no argument {min(named)!r}")
    if not low <= to:
        raise ArgumentError(f"uniform_ from {low} to {to}: the end comes before the start")
    return rand_like(x, generator=generator) * (to - low) + low


@in_place
def bernoulli_(x: Tensor, p: Any = 0.5, *, generator: Generator | None = None) -> Tensor:
    """Overwrite with 1 with probability p, one number or a tensor, else 0."""
    chance = p if isinstance(p, Tensor) else tensor(p, dt.float64)
    return bernoulli(chance.expand(x.shape), generator=generator)


LARGEST = {"float16": 2**11, "float32": 2**24, "float64": 2**53}
"""Up to which whole number a floating type has all of them."""


@in_place
def random_(
    x: Tensor,
    low: int = 0,
    to: int | None = None,
    *,
    generator: Generator | None = None,
    **named: int,
) -> Tensor:
    """Overwrite with whole numbers from low to ``to`` - 1; without ``to``, from 0 to low - 1, and
    without either to the largest that the type has."""
    low = named.pop("from", low)
    if to is None and low:
        low, to = 0, low
    if to is None:
        to = 2 if x.dtype is dt.bool_ else LARGEST.get(x.dtype.name, 0) or _largest(x.dtype)
    return randint(low, to, x.shape, generator=generator)


def _largest(dtype: DType) -> int:
    return min(int(np.iinfo(dtype.numpy).max), 2**53)


@in_place
def exponential_(x: Tensor, lambd: float = 1.0, *, generator: Generator | None = None) -> Tensor:
    """Overwrite with exponential draws of rate ``lambd``: -ln(1 - u) / lambd with u uniform."""
    if not lambd > 0:
        raise ValueCheckError(f"a rate is positive, not {lambd}")
    made: Tensor = (1 - rand_like(x, generator=generator)).log() / -lambd
    return made
