"""A distribution of a few values, and expectations that are sums over all that can happen."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.core import dtypes as dt
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.tensor import Tensor
from chainrule.distributions.distribution import NOT_NEGATIVE, REAL, Condition, Distribution
from chainrule.ops.creation import rand, tensor
from chainrule.ops.elementwise.elementary import where
from chainrule.ops.shape.moves import stack

ONE: Condition = (lambda total: (total - 1).abs() < 1e-6, "1")
MANY = 4096
"""How many cases an expectation sums over unless it is told otherwise."""


class Finite(Distribution):
    """One of k numbers, ``values``, each with its probability, ``probs``; both (k).

    Raises ShapeError where these are not as many, ValueCheckError unless the probabilities add up
    to 1.

    >>> import chainrule as cr
    >>> Finite([0.5, 1.0], [0.25, 0.75]).mean
    tensor(0.875)
    """

    arg_constraints = {"values": REAL, "probs": NOT_NEGATIVE}

    def __init__(self, values: Any, probs: Any, validate_args: bool | None = None) -> None:
        self.values, self.probs = (_vector(x) for x in (values, probs))
        if self.values.shape != self.probs.shape or self.values.ndim != 1:
            raise ShapeError(
                "each value has one probability",
                got=f"values {self.values.shape}, probs {self.probs.shape}",
            )
        super().__init__((), validate_args=validate_args)
        if self._validate:
            self._require("the sum of the probabilities", self.probs.sum(), ONE)

    def _support(self) -> Condition:
        return (lambda x: self._hits(x).sum(-1) > 0, "one of the values")

    def _hits(self, x: Tensor) -> Tensor:
        """Which of the values each entry is, along a new last axis."""
        made: Tensor = x.unsqueeze(-1).eq(self.values)
        return made

    @property
    def mean(self) -> Tensor:
        made: Tensor = (self.values * self.probs).sum()
        return made

    @property
    def variance(self) -> Tensor:
        made: Tensor = ((self.values - self.mean) ** 2 * self.probs).sum()
        return made

    def sample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        u = rand(*sample_shape, dtype=dt.float64)
        below = self.probs.detach().to(dt.float64).cumsum(0)
        values = self.values.detach()
        made = values[-1].expand(tuple(sample_shape))
        for i in reversed(range(len(values) - 1)):
            made = where(u < below[i], values[i], made)
        return made

    def log_prob(self, value: Tensor) -> Tensor:
        hits = self._hits(self._checked(value))
        made: Tensor = where(hits, self.probs, 0).sum(-1).log()
        return made

    def entropy(self) -> Tensor:
        made: Tensor = -(self.probs * self.probs.log()).sum()
        return made

    def enumerate_support(self, expand: bool = True) -> Tensor:
        return self.values


def _vector(x: Any) -> Tensor:
    made = x if isinstance(x, Tensor) else tensor(x)
    return made.to(dt.get_default_dtype()) if made.dtype.category <= dt.INTEGER else made


def expectation(
    function: Callable[[Tensor], Tensor],
    distribution: Distribution,
    sample_shape: Sequence[int] = (),
    limit: int = MANY,
) -> Tensor:
    """The expected value of ``function(mask)``, where ``mask`` is draws of ``sample_shape``: the
    sum over all masks, each times its probability.  In exact arithmetic it is exact.

    Raises ArgumentError where there are more than ``limit`` masks, NotImplementedError for a
    distribution that has no list of its values.

    >>> import chainrule as cr
    >>> coin = cr.distributions.Bernoulli(cr.tensor(0.5))
    >>> expectation(lambda mask: mask.sum() ** 2, coin, (2,)).item()
    1.5
    """
    values = distribution.enumerate_support()
    chances = distribution.log_prob(values).exp()
    whole = (*sample_shape, *distribution.batch_shape)
    entries, own = int(np.prod(whole)), int(np.prod(distribution.batch_shape))
    count = len(values) ** entries
    if count > limit:
        raise ArgumentError(
            f"{count} masks: {len(values)} values in each of {entries} places",
            expected=f"at most {limit}",
            hint="limit=… allows more; or draw some of them, and take the mean",
        )
    places = [values.reshape(len(values), -1)[:, i % own] for i in range(entries)]
    odds = [chances.reshape(len(values), -1)[:, i % own] for i in range(entries)]
    total: Any = 0
    for case in itertools.product(range(len(values)), repeat=entries):
        mask = stack([place[k] for place, k in zip(places, case, strict=True)])
        chance: Any = 1
        for odd, k in zip(odds, case, strict=True):
            chance = chance * odd[k]
        total = total + function(mask.reshape(whole)) * chance
    made: Tensor = total
    return made
