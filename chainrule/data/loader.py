"""The loader: batches of a data set, in order or shuffled."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from chainrule.core.errors import ArgumentError
from chainrule.core.tensor import Tensor
from chainrule.data.dataset import Dataset, TensorDataset
from chainrule.ops.creation import randperm, tensor
from chainrule.ops.moves import stack
from chainrule.ops.random import Generator


def default_collate(examples: Sequence[Any]) -> Any:
    """Examples as one batch: tensors stacked, numbers as a tensor, tuples and dicts part by part.

    >>> default_collate([(1, "a"), (2, "b")])
    [tensor([1, 2]), ['a', 'b']]
    """
    first = examples[0]
    if isinstance(first, Tensor):
        return stack(examples)
    if isinstance(first, tuple | list):
        if len({len(example) for example in examples}) != 1:
            raise ArgumentError("the examples of a batch have different numbers of parts")
        return [default_collate(column) for column in zip(*examples, strict=True)]
    if isinstance(first, dict):
        return {key: default_collate([example[key] for example in examples]) for key in first}
    if isinstance(first, str | bytes):
        return list(examples)
    return tensor(list(examples))


class DataLoader:
    """Batches of ``batch_size`` examples; the last one may be smaller, unless ``drop_last``.

    With ``shuffle`` every pass has an order of its own, which the generator's seed and counter
    determine (without a generator, those of `manual_seed`).  There are no worker processes.

    >>> import chainrule as cr
    >>> pairs = cr.data.TensorDataset(cr.arange(5), cr.arange(5) * 2)
    >>> [y.tolist() for x, y in cr.data.DataLoader(pairs, batch_size=2)]
    [[0, 2], [4, 6], [8]]
    """

    def __init__(
        self,
        dataset: Dataset,
        batch_size: Any = 1,
        shuffle: bool = False,
        *,
        num_workers: int = 0,
        collate_fn: Callable[[list[Any]], Any] | None = None,
        drop_last: bool = False,
        generator: Generator | None = None,
    ) -> None:
        if isinstance(batch_size, bool) or not isinstance(batch_size, int) or batch_size < 1:
            raise ArgumentError(f"batch_size is {batch_size!r}", expected="a whole number from 1")
        if num_workers != 0:
            raise ArgumentError(
                f"num_workers is {num_workers}: there are no worker processes",
                hint="leave it out: batches of tensors are made by one look-up",
            )
        self.dataset, self.batch_size, self.shuffle = dataset, batch_size, shuffle
        self.collate_fn, self.drop_last, self.generator = collate_fn, drop_last, generator

    def __len__(self) -> int:
        whole, rest = divmod(len(self.dataset), self.batch_size)
        return whole + (rest > 0 and not self.drop_last)

    def __iter__(self) -> Iterator[Any]:
        n = len(self.dataset)
        order = randperm(n, generator=self.generator) if self.shuffle else None
        for i in range(len(self)):
            span = slice(i * self.batch_size, min((i + 1) * self.batch_size, n))
            yield self._batch(span if order is None else order[span])

    def _batch(self, chosen: slice | Tensor) -> Any:
        """The examples of these numbers; those of a `TensorDataset` by one look-up per tensor."""
        if type(self.dataset) is TensorDataset and self.collate_fn is None:
            return list(self.dataset[chosen])
        numbers = range(chosen.start, chosen.stop) if isinstance(chosen, slice) else chosen.tolist()
        collate = self.collate_fn or default_collate
        return collate([self.dataset[number] for number in numbers])
