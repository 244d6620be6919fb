"""Samplers: in which order the examples of a data set come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Sized
from itertools import islice
from typing import Any

import numpy as np

from chainrule.core import dtypes as dt
from chainrule.core.errors import ArgumentError
from chainrule.ops.creation import as_tensor, rand, randint, randperm
from chainrule.ops.creation.random import Generator


class Sampler:
    """What all samplers share: iterating gives the numbers of examples, in an order.

    A sampler that draws does so from its ``generator`` (None: that of `manual_seed`), so that a
    `DataLoader` can go on in the middle of a pass.
    """

    generator: Generator | None = None

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError(f"{type(self).__name__} has no __iter__()")


class SequentialSampler(Sampler):
    """The examples in their own order."""

    def __init__(self, data_source: Sized) -> None:
        self.data_source = data_source

    def __len__(self) -> int:
        return len(self.data_source)

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))


class RandomSampler(Sampler):
    """The examples in random order, or, with ``replacement``, each drawn from all of them.

    ``num_samples`` is how many are drawn, as many as there are if None; without replacement, more
    than there are means several passes.  Raises ArgumentError unless it is at least 1.

    >>> import chainrule as cr
    >>> sorted(cr.data.RandomSampler(range(4), generator=cr.Generator(1)))
    [0, 1, 2, 3]
    """

    def __init__(
        self,
        data_source: Sized,
        replacement: bool = False,
        num_samples: int | None = None,
        generator: Generator | None = None,
    ) -> None:
        _check_count("num_samples", 1 if num_samples is None else num_samples)
        self.data_source, self.replacement, self.generator = data_source, replacement, generator
        self._num_samples = num_samples

    @property
    def num_samples(self) -> int:
        """How many examples are drawn."""
        return len(self.data_source) if self._num_samples is None else self._num_samples

    def __len__(self) -> int:
        return self.num_samples

    def __iter__(self) -> Iterator[int]:
        n, wanted = len(self.data_source), self.num_samples
        if n == 0:
            return
        if self.replacement:
            yield from randint(0, n, (wanted,), generator=self.generator).tolist()
            return
        while wanted > 0:
            yield from randperm(n, generator=self.generator).tolist()[:wanted]
            wanted -= n


class SubsetRandomSampler(Sampler):
    """The examples of these numbers, in random order."""

    def __init__(self, indices: Sequence[int], generator: Generator | None = None) -> None:
        self.indices, self.generator = indices, generator

    def __len__(self) -> int:
        return len(self.indices)

    def __iter__(self) -> Iterator[int]:
        order = randperm(len(self.indices), generator=self.generator).tolist()
        return (self.indices[i] for i in order)


class WeightedRandomSampler(Sampler):
    """Examples drawn with probabilities in proportion to ``weights``.

    Without ``replacement`` no example comes twice, and each next one is drawn in proportion to the
    weights of those left: the largest of u^(1/w) over uniform draws u (Efraimidis and Spirakis,
    2006).  Raises ArgumentError for weights that are no such proportions.

    >>> import chainrule as cr
    >>> list(cr.data.WeightedRandomSampler([0.0, 1.0], num_samples=3))
    [1, 1, 1]
    """

    def __init__(
        self,
        weights: Any,
        num_samples: int,
        replacement: bool = True,
        generator: Generator | None = None,
    ) -> None:
        _check_count("num_samples", num_samples)
        given = weights if hasattr(weights, "__array__") else list(weights)
        self.weights = as_tensor(given, dtype=dt.float64)
        values = self.weights.detach().numpy()
        if values.ndim != 1 or not (np.isfinite(values) & (values >= 0)).all() or not values.any():
            raise ArgumentError(
                "weights are a list of finite numbers from 0, not all 0",
                got=f"shape {self.weights.shape}",
            )
        if not replacement and num_samples > np.count_nonzero(values):
            raise ArgumentError(
                f"{num_samples} different examples of {np.count_nonzero(values)} with a weight"
            )
        self.num_samples, self.replacement, self.generator = num_samples, replacement, generator

    def __len__(self) -> int:
        return self.num_samples

    def __iter__(self) -> Iterator[int]:
        values = self.weights.detach().numpy()
        n = self.num_samples if self.replacement else len(values)
        draws = rand(n, dtype=dt.float64, generator=self.generator).numpy()
        if self.replacement:
            sums = np.cumsum(values)
            found = np.searchsorted(sums, draws * sums[-1], side="right")
        else:
            with np.errstate(divide="ignore"):  # weight 0 comes last, at minus infinity
                keys = np.where(values > 0, np.log1p(-draws) / values, -np.inf)
            found = np.argsort(-keys, kind="stable")[: self.num_samples]
        return iter(found.tolist())


class BatchSampler(Sampler):
    """The numbers of another sampler in lists of ``batch_size``; the last list may be shorter,
    unless ``drop_last``.

    >>> list(BatchSampler(SequentialSampler(range(5)), batch_size=2, drop_last=False))
    [[0, 1], [2, 3], [4]]
    """

    def __init__(self, sampler: Iterable[int], batch_size: int, drop_last: bool) -> None:
        _check_count("batch_size", batch_size)
        self.sampler, self.batch_size, self.drop_last = sampler, batch_size, drop_last

    def __len__(self) -> int:
        whole, rest = divmod(len(self.sampler), self.batch_size)  # type: ignore[arg-type]
        return whole + (rest > 0 and not self.drop_last)

    def __iter__(self) -> Iterator[list[int]]:
        numbers = iter(self.sampler)
        while batch := list(islice(numbers, self.batch_size)):
            if len(batch) < self.batch_size and self.drop_last:
                return
            yield batch


def _check_count(name: str, value: Any, least: int = 1) -> None:
    """Raise ArgumentError unless the value is a whole number from ``least``."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ArgumentError(f"{name} is {value!r}", expected=f"a whole number from {least}")
