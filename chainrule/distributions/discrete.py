"""Distributions of whole numbers: Bernoulli's, categorical."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.errors import ShapeError
from chainrule.core.signature import broadcast
from chainrule.core.state import no_grad
from chainrule.core.tensor import Tensor
from chainrule.distributions.distribution import (
    BINARY,
    REAL,
    UNIT,
    Condition,
    Distribution,
    clamped,
    either,
    tensors_of,
)
from chainrule.ops.creation import arange, bernoulli, full_like, multinomial
from chainrule.ops.elementwise.elementary import where
from chainrule.ops.reduce.reductions import argmax, logsumexp
from chainrule.ops.shape.moves import stack

SIMPLEX: Condition = (
    lambda x: (x >= 0).logical_and((x.sum(-1, True) - 1).abs() < 1e-6),
    "a share, or the shares do not add up to 1",
)


class Bernoulli(Distribution):
    """1 with probability ``probs``, else 0; ``logits`` are ln(probs / (1 - probs)).

    Raises ArgumentError unless exactly one of the two is given, ValueCheckError for probabilities
    outside 0 … 1.

    >>> import chainrule as cr
    >>> Bernoulli(cr.tensor(0.25)).log_prob(cr.tensor(1.0)).exp()
    tensor(0.25)
    """

    arg_constraints = {"probs": UNIT, "logits": REAL}

    def __init__(
        self, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        self._given = either("Bernoulli", probs, logits)
        (x,) = tensors_of(logits if probs is None else probs)
        vars(self)[self._given] = x
        super().__init__(x.shape, validate_args=validate_args)

    def __getattr__(self, name: str) -> Tensor:
        """``probs`` from logits, ``logits`` from probs."""
        if name == "probs" and "logits" in vars(self):
            probs: Tensor = self.logits.sigmoid()
            return probs
        if name == "logits" and "probs" in vars(self):
            p = clamped(self.probs)
            logits: Tensor = p.log() - (1 - p).log()
            return logits
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    def _support(self) -> Condition:
        return BINARY

    @property
    def param_shape(self) -> tuple[int, ...]:
        """The shape of the parameter."""
        return self._batch_shape

    @property
    def mean(self) -> Tensor:
        return self.probs

    @property
    def mode(self) -> Tensor:
        p = self.probs
        made: Tensor = where(p.eq(0.5), full_like(p, float("nan")), (p >= 0.5).to(p.dtype))
        return made

    @property
    def variance(self) -> Tensor:
        return self.probs * (1 - self.probs)

    def sample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        with no_grad():
            return bernoulli(self.probs.expand(self._extended_shape(sample_shape)))

    def log_prob(self, value: Tensor) -> Tensor:
        return -self._cross_entropy(self._checked(value))

    def _cross_entropy(self, x: Tensor) -> Tensor:
        """-x ln p - (1 - x) ln(1 - p), of p in exact arithmetic, of logits in floats."""
        if self._given == "probs" and self.probs.dtype is dt.exact:
            p = self.probs
            exact: Tensor = -x * p.log() - (1 - x) * (1 - p).log()
            return exact
        z = self.logits
        return _softplus(z) - x * z

    def entropy(self) -> Tensor:
        return self._cross_entropy(self.probs)

    def enumerate_support(self, expand: bool = True) -> Tensor:
        x = vars(self)[self._given]
        both: Tensor = arange(2, dtype=x.dtype).reshape(2, *[1] * len(self._batch_shape))
        return both.expand((2, *self._batch_shape)) if expand else both

    def expand(self, batch_shape: Sequence[int]) -> Bernoulli:
        made: Bernoulli = self._rebuilt(batch_shape, **{self._given: vars(self)[self._given]})
        return made


def _softplus(x: Tensor) -> Tensor:
    """ln(1 + e^x), as the logarithm of a sum, which is safe and smooth everywhere."""
    made: Tensor = logsumexp(stack([x * 0, x], -1), -1)
    return made


class Categorical(Distribution):
    """One of the numbers 0 … n - 1, in proportion to ``probs`` or to e^logits (*b, n).

    ``probs`` and ``logits`` are then those that are normalised.  Raises ArgumentError unless
    exactly one is given, ShapeError without axes, ValueCheckError for weights that are none.

    >>> import chainrule as cr
    >>> Categorical(cr.tensor([1.0, 3.0])).probs
    tensor([0.25, 0.75])
    """

    arg_constraints = {"probs": SIMPLEX, "logits": REAL}

    def __init__(
        self, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        self._given = either("Categorical", probs, logits)
        (x,) = tensors_of(logits if probs is None else probs)
        if not x.shape:
            raise ShapeError("the weights of Categorical have at least one axis")
        total = logsumexp(x, -1, True) if probs is None else x.sum(-1, True)
        vars(self)[self._given] = x - total if probs is None else x / total
        super().__init__(x.shape[:-1], validate_args=validate_args)

    def __getattr__(self, name: str) -> Tensor:
        """``probs`` from logits, ``logits`` from probs."""
        if name == "probs" and "logits" in vars(self):
            probs: Tensor = self.logits.softmax(-1)
            return probs
        if name == "logits" and "probs" in vars(self):
            logits: Tensor = clamped(self.probs).log()
            return logits
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    def _support(self) -> Condition:
        n = self._n
        return (
            lambda x: (x >= 0).logical_and(x <= n - 1).logical_and(x.eq(x.floor())),
            f"a whole number from 0 to {n - 1}",
        )

    @property
    def _n(self) -> int:
        return int(vars(self)[self._given].shape[-1])

    @property
    def param_shape(self) -> tuple[int, ...]:
        """The shape of the parameter."""
        return (*self._batch_shape, self._n)

    @property
    def mean(self) -> Tensor:
        return self._nan()

    @property
    def variance(self) -> Tensor:
        return self._nan()

    def _nan(self) -> Tensor:
        """Classes are no numbers: they have no mean."""
        return full_like(vars(self)[self._given].sum(-1), float("nan"))

    @property
    def mode(self) -> Tensor:
        made: Tensor = argmax(self.probs, -1)
        return made

    def sample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        count = 1
        for size in sample_shape:
            count *= size
        with no_grad():
            rows = self.probs.detach().reshape(-1, self._n)
            if count == 0 or rows.shape[0] == 0:
                empty: Tensor = arange(0).reshape(self._extended_shape(sample_shape))
                return empty
            drawn = multinomial(rows, count, replacement=True)
            made: Tensor = drawn.t().reshape(self._extended_shape(sample_shape))
        return made

    def log_prob(self, value: Tensor) -> Tensor:
        x = self._checked(value).to(dt.int64)
        shape = broadcast(x.shape, self._batch_shape)
        logits = self.logits.expand((*shape, self._n))
        made: Tensor = logits.gather(-1, x.expand(shape).unsqueeze(-1)).squeeze(-1)
        return made

    def entropy(self) -> Tensor:
        made: Tensor = -(self.probs * self.logits).sum(-1)
        return made

    def enumerate_support(self, expand: bool = True) -> Tensor:
        every: Tensor = arange(self._n).reshape(self._n, *[1] * len(self._batch_shape))
        return every.expand((self._n, *self._batch_shape)) if expand else every

    def expand(self, batch_shape: Sequence[int]) -> Categorical:
        made: Categorical = self._rebuilt(batch_shape, **{self._given: vars(self)[self._given]})
        return made
