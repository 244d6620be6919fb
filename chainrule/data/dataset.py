"""Data sets: what has a length and gives an example for every number below it."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Any

from chainrule.core.errors import ArgumentError, DimError
from chainrule.core.tensor import Tensor
from chainrule.ops.creation import randperm
from chainrule.ops.creation.random import Generator


class Dataset:
    """What all data sets share: ``len()``, and an example by its number."""

    def __len__(self) -> int:
        raise NotImplementedError(f"{type(self).__name__} has no __len__()")

    def __getitem__(self, index: int) -> Any:
        raise NotImplementedError(f"{type(self).__name__} has no __getitem__()")

    def __add__(self, other: Dataset) -> ConcatDataset:
        return ConcatDataset([self, other])


class IterableDataset(Dataset):
    """A data set that can only be iterated over, from its first example on: a stream."""

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError(f"{type(self).__name__} has no __iter__()")

    def __len__(self) -> int:
        raise ArgumentError(f"nobody knows how many examples {type(self).__name__} has")


class ConcatDataset(Dataset):
    """Data sets one after the other; raises ArgumentError for none, and for streams.

    >>> both = ConcatDataset([range(3), range(10, 12)])
    >>> len(both), both[3], both[-1]
    (5, 10, 11)
    """

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = list(datasets)
        if not self.datasets:
            raise ArgumentError("a ConcatDataset of no data sets")
        if any(isinstance(part, IterableDataset) for part in self.datasets):
            raise ArgumentError("an IterableDataset has no examples by number")
        self.cumulative_sizes = list(accumulate(map(len, self.datasets)))

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]

    def __getitem__(self, index: int) -> Any:
        if not -len(self) <= index < len(self):
            raise DimError(f"example {index} of {len(self)}")
        number = index % len(self)
        part = bisect_right(self.cumulative_sizes, number)
        before = self.cumulative_sizes[part - 1] if part else 0
        return self.datasets[part][number - before]


class TensorDataset(Dataset):
    """Tensors whose first axes run over the same examples.

    Raises ArgumentError where these have different sizes, or one is no tensor.

    >>> import chainrule as cr
    >>> pairs = cr.data.TensorDataset(cr.zeros(5, 3), cr.arange(5))
    >>> len(pairs), pairs[2][1].item()
    (5, 2)
    """

    def __init__(self, *tensors: Tensor) -> None:
        for part in tensors:
            if not isinstance(part, Tensor):
                raise ArgumentError(f"a TensorDataset holds tensors, not a {type(part).__name__}")
        sizes = [len(t) for t in tensors]
        if len(set(sizes)) != 1:
            raise ArgumentError(
                "the tensors of a data set have different numbers of examples",
                got=", ".join(str(tuple(t.shape)) for t in tensors) or "no tensors",
            )
        self.tensors = tensors

    def __len__(self) -> int:
        return len(self.tensors[0])

    def __getitem__(self, index: Any) -> tuple[Tensor, ...]:
        return tuple(t[index] for t in self.tensors)


class Subset(Dataset):
    """Some examples of a data set, by their numbers; several of them (a list of places, a slice)
    where the data set takes a list: ``train[:]`` of a `TensorDataset` is all of them stacked."""

    def __init__(self, dataset: Dataset, indices: Sequence[int]) -> None:
        self.dataset, self.indices = dataset, indices

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            index = list(range(len(self)))[index]
        if isinstance(index, list):
            several: Any = [self._number(i) for i in index]
            return self.dataset[several]
        return self.dataset[self._number(index)]

    def _number(self, index: int) -> int:
        """The number, in the whole data set, of the example at a place."""
        if not -len(self) <= index < len(self):
            raise DimError(f"example {index} of {len(self)}")
        return self.indices[index]


def random_split(
    dataset: Dataset, lengths: Sequence[float], generator: Generator | None = None
) -> list[Subset]:
    """Parts of the given lengths, or fractions of the whole, that share no example.

    What fractions leave over goes to the first parts, one each.  Raises ArgumentError where the
    lengths do not add up.

    >>> import chainrule as cr
    >>> train, test = cr.data.random_split(cr.data.TensorDataset(cr.zeros(10)), [0.75, 0.25])
    >>> len(train), len(test)
    (8, 2)
    """
    n = len(dataset)
    sizes = [int(size) for size in lengths]
    if math.isclose(sum(lengths), 1):
        sizes = [math.floor(n * share) for share in lengths]
        sizes = [size + (i < n - sum(sizes)) for i, size in enumerate(sizes)]
    if sum(sizes) != n or min(sizes, default=0) < 0:
        raise ArgumentError(f"parts of {list(lengths)} do not make up {n} examples")
    order = randperm(n, generator=generator).tolist()
    starts = [sum(sizes[:i]) for i in range(len(sizes))]
    return [Subset(dataset, order[a : a + size]) for a, size in zip(starts, sizes, strict=True)]
