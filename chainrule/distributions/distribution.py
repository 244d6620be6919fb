"""What all distributions share: shapes, draws, and the check of parameters and values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np

from chainrule.core import dtypes as dt
from chainrule.core.errors import ArgumentError, ShapeError, ValueCheckError
from chainrule.core.signature import broadcast
from chainrule.core.state import no_grad
from chainrule.core.tensor import Tensor
from chainrule.ops.creation import tensor

Shape = tuple[int, ...]
Condition = tuple[Callable[[Tensor], Tensor], str]
"""What holds where a value is allowed, and words for it."""

REAL: Condition = (lambda x: x.eq(x), "a number")
POSITIVE: Condition = (lambda x: x > 0, "greater than 0")
NOT_NEGATIVE: Condition = (lambda x: x >= 0, "at least 0")
UNIT: Condition = (lambda x: (x >= 0).logical_and(x <= 1), "from 0 to 1")
BINARY: Condition = (lambda x: x.eq(0).logical_or(x.eq(1)), "0 or 1")


class Distribution:
    """A probability distribution: ``batch_shape`` of independent ones, each over values of
    ``event_shape``.

    ``validate_args`` says whether parameters and values are checked; the default is yes.  While a
    function is captured there are no values to check.  Methods that a distribution does not have
    raise NotImplementedError, as in PyTorch.
    """

    has_rsample: ClassVar[bool] = False
    arg_constraints: ClassVar[dict[str, Condition]] = {}
    """What each parameter must be."""
    validates: ClassVar[bool] = True

    @staticmethod
    def set_default_validate_args(value: bool) -> None:
        """Say whether distributions check unless they are told otherwise."""
        if not isinstance(value, bool):
            raise ArgumentError(f"validate_args is True or False, not {value!r}")
        Distribution.validates = value

    def __init__(
        self,
        batch_shape: Sequence[int] = (),
        event_shape: Sequence[int] = (),
        validate_args: bool | None = None,
    ) -> None:
        self._batch_shape, self._event_shape = tuple(batch_shape), tuple(event_shape)
        self._validate = Distribution.validates if validate_args is None else validate_args
        if self._validate:
            for name, condition in self.arg_constraints.items():
                if name in vars(self):
                    self._require(f"parameter {name} of {type(self).__name__}",
                                  vars(self)[name], condition)  # fmt: skip

    def _require(self, what: str, x: Tensor, condition: Condition) -> None:
        """Raise ValueCheckError where a condition fails; symbols that leave it open pass."""
        holds, words = condition
        try:
            with no_grad():
                found = holds(x.detach()).node.value
        except TypeError:  # two conditions that are both open
            if x.dtype is not dt.exact:
                raise
            return
        if found is None:
            return
        bad = np.asarray(np.equal(np.asarray(found), False))
        if bad.any():
            at = np.argwhere(bad)[0].tolist()
            raise ValueCheckError(
                f"{what} is not {words}",
                got=f"{np.asarray(x.detach().node.value)[tuple(at)]}",
                hint=f"first at index {at}" if at else None,
            )

    def _checked(self, value: Any) -> Tensor:
        """A value to be judged; raises ArgumentError, ShapeError, ValueCheckError."""
        if not isinstance(value, Tensor):
            raise ArgumentError(f"the value of a distribution is a tensor, not {value!r}")
        if not self._validate:
            return value
        shape, whole = tuple(value.shape), self._batch_shape + self._event_shape
        n = len(self._event_shape)
        if n and shape[len(shape) - n :] != self._event_shape:
            raise ShapeError(f"a value of shape {shape} for events of shape {self._event_shape}")
        try:
            broadcast(shape, whole)
        except ShapeError:
            raise ShapeError(
                f"a value of shape {shape} does not go with a distribution of shape {whole}"
            ) from None
        support = self._support()
        if support is not None:
            self._require(f"a value of {type(self).__name__}", value, support)
        return value

    def _support(self) -> Condition | None:
        """Where values may lie."""
        return REAL

    @property
    def batch_shape(self) -> Shape:
        """The shape of the independent distributions."""
        return self._batch_shape

    @property
    def event_shape(self) -> Shape:
        """The shape of one value."""
        return self._event_shape

    @property
    def mean(self) -> Tensor:
        """The expected value."""
        raise NotImplementedError(f"{type(self).__name__} has no mean")

    @property
    def variance(self) -> Tensor:
        """The expected square of the distance from the mean."""
        raise NotImplementedError(f"{type(self).__name__} has no variance")

    @property
    def stddev(self) -> Tensor:
        """The square root of the variance."""
        made: Tensor = self.variance.sqrt()
        return made

    @property
    def mode(self) -> Tensor:
        """The likeliest value."""
        raise NotImplementedError(f"{type(self).__name__} has no mode")

    def sample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        """Draws, without history: (*sample_shape, *batch_shape, *event_shape)."""
        with no_grad():
            return self.rsample(sample_shape).detach()

    def sample_n(self, n: int) -> Tensor:
        """``sample((n,))``."""
        return self.sample((n,))

    def rsample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        """Draws that are functions of the parameters, so that gradients flow to these."""
        raise NotImplementedError(f"{type(self).__name__} has no rsample: draws have no gradient")

    def log_prob(self, value: Tensor) -> Tensor:
        """The logarithm of the density, or of the probability, at a value."""
        raise NotImplementedError(f"{type(self).__name__} has no log_prob")

    def cdf(self, value: Tensor) -> Tensor:
        """The probability of a value that is not greater."""
        raise NotImplementedError(f"{type(self).__name__} has no cdf")

    def icdf(self, value: Tensor) -> Tensor:
        """The value below which this probability lies."""
        raise NotImplementedError(f"{type(self).__name__} has no icdf")

    def entropy(self) -> Tensor:
        """The expected value of -log_prob, in nats."""
        raise NotImplementedError(f"{type(self).__name__} has no entropy")

    def perplexity(self) -> Tensor:
        """E to the entropy."""
        made: Tensor = self.entropy().exp()
        return made

    def enumerate_support(self, expand: bool = True) -> Tensor:
        """All values, along a new first axis."""
        raise NotImplementedError(f"{type(self).__name__} has no list of its values")

    def expand(self, batch_shape: Sequence[int]) -> Distribution:
        """The same distribution, repeated over a batch."""
        raise NotImplementedError(f"{type(self).__name__} cannot be repeated")

    def _extended_shape(self, sample_shape: Sequence[int] = ()) -> Shape:
        return (*sample_shape, *self._batch_shape, *self._event_shape)

    def _rebuilt(self, batch_shape: Sequence[int], **parameters: Tensor) -> Any:
        """A distribution of this class with its parameters over another batch."""
        before = len(self._batch_shape)
        made: dict[str, Any] = {
            name: x.expand((*batch_shape, *x.shape[before:])) for name, x in parameters.items()
        }
        return type(self)(**made, validate_args=False)

    def __repr__(self) -> str:
        shown = [
            f"{name}: {x.item() if x.numel() == 1 and x.node.value is not None else x.shape}"
            for name, x in vars(self).items()
            if name in self.arg_constraints and isinstance(x, Tensor)
        ]
        return f"{type(self).__name__}({', '.join(shown)})"


def tensors_of(*given: Any) -> list[Tensor]:
    """Parameters as tensors of one shape; numbers take the type of the tensors beside them.

    Raises ArgumentError for anything else, ShapeError where shapes do not go together.
    """
    dtype = next((x.dtype for x in given if isinstance(x, Tensor)), None)
    made = [x if isinstance(x, Tensor) else _number(x, dtype) for x in given]
    shape = broadcast(*(x.shape for x in made))
    return [x if tuple(x.shape) == tuple(shape) else x.expand(shape) for x in made]


def _number(x: Any, dtype: Any) -> Tensor:
    made = tensor(x, dtype)
    if dtype is None and made.dtype.category <= dt.INTEGER:
        made = made.to(dt.get_default_dtype())
    if made.shape:
        raise ArgumentError(f"a parameter is a number or a tensor, not {x!r}")
    return made


def either(who: str, probs: Any, logits: Any) -> str:
    """Which of the two was given; raises ArgumentError unless it is exactly one."""
    if (probs is None) == (logits is None):
        raise ArgumentError(
            f"{who} takes probs or logits: one of them",
            got="both" if probs is not None else "none",
        )
    return "logits" if probs is None else "probs"


def clamped(probs: Tensor) -> Tensor:
    """Probabilities kept off 0 and 1 by the precision of their type, so that logarithms are finite;
    exact ones as they are."""
    if probs.dtype.category != dt.REAL:
        return probs
    eps = float(np.finfo(probs.dtype.numpy).eps)
    made: Tensor = probs.maximum(eps).minimum(1 - eps)
    return made
