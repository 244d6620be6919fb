"""Distributions of real numbers: normal, Laplace's, uniform, exponential."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chainrule.core.errors import ValueCheckError
from chainrule.core.tensor import Tensor
from chainrule.distributions.distribution import (
    NOT_NEGATIVE,
    POSITIVE,
    REAL,
    UNIT,
    Condition,
    Distribution,
    tensors_of,
)
from chainrule.namespaces.constants import PI, ROOT_2, log
from chainrule.ops.creation import rand, randn
from chainrule.ops.elementwise.special import erfc, erfinv

LN_2_PI = log(2 * PI)


class Normal(Distribution):
    """The normal distribution of mean ``loc`` and standard deviation ``scale``.

    Raises ValueCheckError for a scale that is not positive.

    >>> import chainrule as cr
    >>> Normal(cr.tensor([0.0, 1.0]), 2.0).log_prob(cr.tensor(1.0))
    tensor([-1.7371, -1.6121])
    """

    has_rsample = True
    arg_constraints = {"loc": REAL, "scale": POSITIVE}

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        self.loc, self.scale = tensors_of(loc, scale)
        super().__init__(self.loc.shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        return self.loc

    @property
    def mode(self) -> Tensor:
        return self.loc

    @property
    def stddev(self) -> Tensor:
        return self.scale

    @property
    def variance(self) -> Tensor:
        return self.scale * self.scale

    def rsample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        eps = randn(self._extended_shape(sample_shape), dtype=self.loc.dtype)
        return self.loc + eps * self.scale

    def log_prob(self, value: Tensor) -> Tensor:
        x = self._checked(value)
        square = (x - self.loc) ** 2 / (2 * self.variance)
        made: Tensor = -square - self.scale.log() - LN_2_PI / 2
        return made

    def cdf(self, value: Tensor) -> Tensor:
        made: Tensor = erfc((self.loc - self._checked(value)) / (self.scale * ROOT_2)) / 2
        return made

    def icdf(self, value: Tensor) -> Tensor:
        made: Tensor = self.loc + self.scale * ROOT_2 * erfinv(2 * value - 1)
        return made

    def entropy(self) -> Tensor:
        made: Tensor = self.scale.log() + (LN_2_PI + 1) / 2
        return made

    def expand(self, batch_shape: Sequence[int]) -> Normal:
        made: Normal = self._rebuilt(batch_shape, loc=self.loc, scale=self.scale)
        return made


class Laplace(Distribution):
    """Laplace's distribution: the density e^(-|x - loc| / scale) / (2 scale).

    Raises ValueCheckError for a scale that is not positive.

    >>> import chainrule as cr
    >>> Laplace(0.0, 1.0).cdf(cr.tensor(0.0))
    tensor(0.5)
    """

    has_rsample = True
    arg_constraints = {"loc": REAL, "scale": POSITIVE}

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        self.loc, self.scale = tensors_of(loc, scale)
        super().__init__(self.loc.shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        return self.loc

    @property
    def mode(self) -> Tensor:
        return self.loc

    @property
    def variance(self) -> Tensor:
        return 2 * self.scale * self.scale

    @property
    def stddev(self) -> Tensor:
        return self.scale * 2**0.5

    def rsample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        u = rand(self._extended_shape(sample_shape), dtype=self.loc.dtype) * 2 - 1
        made: Tensor = self.loc - self.scale * u.sign() * (1 - u.abs()).log()
        return made

    def log_prob(self, value: Tensor) -> Tensor:
        x = self._checked(value)
        made: Tensor = -(2 * self.scale).log() - (x - self.loc).abs() / self.scale
        return made

    def cdf(self, value: Tensor) -> Tensor:
        x = self._checked(value) - self.loc
        made: Tensor = (1 + x.sign() * (1 - (-x.abs() / self.scale).exp())) / 2
        return made

    def icdf(self, value: Tensor) -> Tensor:
        term = value - 0.5
        made: Tensor = self.loc - self.scale * term.sign() * (1 - 2 * term.abs()).log()
        return made

    def entropy(self) -> Tensor:
        made: Tensor = 1 + (2 * self.scale).log()
        return made

    def expand(self, batch_shape: Sequence[int]) -> Laplace:
        made: Laplace = self._rebuilt(batch_shape, loc=self.loc, scale=self.scale)
        return made


class Uniform(Distribution):
    """The uniform distribution from ``low`` up to, but not including, ``high``.

    Raises ValueCheckError where low is not below high.

    >>> import chainrule as cr
    >>> Uniform(0.0, 4.0).log_prob(cr.tensor(1.0)).exp()
    tensor(0.25)
    """

    has_rsample = True
    arg_constraints = {"low": REAL, "high": REAL}

    def __init__(self, low: Any, high: Any, validate_args: bool | None = None) -> None:
        self.low, self.high = tensors_of(low, high)
        super().__init__(self.low.shape, validate_args=validate_args)
        if self._validate:
            try:
                self._require("high - low", self.high - self.low, POSITIVE)
            except ValueCheckError as error:
                raise ValueCheckError("Uniform goes from low to a greater high",
                                      got=f"high - low = {error.got}") from None  # fmt: skip

    def _support(self) -> Condition:
        return (lambda x: (x >= self.low).logical_and(x <= self.high), "from low to high")

    @property
    def mean(self) -> Tensor:
        return (self.high + self.low) / 2

    @property
    def variance(self) -> Tensor:
        return (self.high - self.low) ** 2 / 12

    @property
    def stddev(self) -> Tensor:
        return (self.high - self.low) / 12**0.5

    @property
    def mode(self) -> Tensor:
        return self.high * float("nan")

    def rsample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        u = rand(self._extended_shape(sample_shape), dtype=self.low.dtype)
        return self.low + u * (self.high - self.low)

    def log_prob(self, value: Tensor) -> Tensor:
        x = self._checked(value)
        inside = (self.low <= x).logical_and(self.high > x)
        made: Tensor = inside.to(self.low.dtype).log() - (self.high - self.low).log()
        return made

    def cdf(self, value: Tensor) -> Tensor:
        x = self._checked(value)
        made: Tensor = ((x - self.low) / (self.high - self.low)).maximum(0.0).minimum(1.0)
        return made

    def icdf(self, value: Tensor) -> Tensor:
        return value * (self.high - self.low) + self.low

    def entropy(self) -> Tensor:
        made: Tensor = (self.high - self.low).log()
        return made

    def expand(self, batch_shape: Sequence[int]) -> Uniform:
        made: Uniform = self._rebuilt(batch_shape, low=self.low, high=self.high)
        return made


class Exponential(Distribution):
    """The exponential distribution: the density rate e^(-rate x) from 0 on.

    Raises ValueCheckError for a rate that is not positive.

    >>> import chainrule as cr
    >>> Exponential(cr.tensor(2, dtype=cr.exact)).entropy()
    tensor(1 - log(2), dtype=chainrule.exact)
    """

    has_rsample = True
    arg_constraints = {"rate": POSITIVE}

    def __init__(self, rate: Any, validate_args: bool | None = None) -> None:
        (self.rate,) = tensors_of(rate)
        super().__init__(self.rate.shape, validate_args=validate_args)

    def _support(self) -> Condition:
        return NOT_NEGATIVE

    @property
    def mean(self) -> Tensor:
        return 1 / self.rate

    @property
    def stddev(self) -> Tensor:
        return 1 / self.rate

    @property
    def mode(self) -> Tensor:
        return self.rate * 0

    @property
    def variance(self) -> Tensor:
        return 1 / (self.rate * self.rate)

    def rsample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        u = rand(self._extended_shape(sample_shape), dtype=self.rate.dtype)
        made: Tensor = -(1 - u).log() / self.rate
        return made

    def log_prob(self, value: Tensor) -> Tensor:
        made: Tensor = self.rate.log() - self.rate * self._checked(value)
        return made

    def cdf(self, value: Tensor) -> Tensor:
        made: Tensor = 1 - (-self.rate * self._checked(value)).exp()
        return made

    def icdf(self, value: Tensor) -> Tensor:
        if self._validate:
            self._require("a probability", value, UNIT)
        made: Tensor = -(1 - value).log() / self.rate
        return made

    def entropy(self) -> Tensor:
        made: Tensor = 1 - self.rate.log()
        return made

    def expand(self, batch_shape: Sequence[int]) -> Exponential:
        made: Exponential = self._rebuilt(batch_shape, rate=self.rate)
        return made
