"""The loader: batches of a data set, in order or shuffled."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from chainrule.core.dtypes import int64
from chainrule.core.errors import ArgumentError, CheckpointError
from chainrule.core.state import no_grad
from chainrule.core.tensor import Tensor
from chainrule.data.collate import default_collate, default_convert
from chainrule.data.dataset import Dataset, IterableDataset, Subset, TensorDataset
from chainrule.data.sampler import BatchSampler, RandomSampler, SequentialSampler, _check_count
from chainrule.ops.creation import tensor
from chainrule.ops.creation.random import Generator, default_generator


class DataLoader:
    """Batches of ``batch_size`` examples; the last one may be smaller, unless ``drop_last``.

    With ``shuffle`` every pass has an order of its own, which the generator's seed and counter
    determine (without a generator, those of `manual_seed`).  ``sampler`` gives the numbers of the
    examples instead, ``batch_sampler`` lists of them; with ``batch_size=None`` there are examples,
    not batches.

    Batches are made here, when they are asked for: ``num_workers``, ``pin_memory`` and what belongs
    to them are accepted, so that scripts run, and change nothing.  `state_dict` says where a pass
    is, and `load_state_dict` goes on there.

    >>> import chainrule as cr
    >>> pairs = cr.data.TensorDataset(cr.arange(5), cr.arange(5) * 2)
    >>> [y.tolist() for x, y in cr.data.DataLoader(pairs, batch_size=2)]
    [[0, 2], [4, 6], [8]]
    """

    def __init__(
        self,
        dataset: Dataset,
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Iterable[int] | None = None,
        batch_sampler: Iterable[Sequence[int]] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[list[Any]], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Callable[[int], None] | None = None,
        multiprocessing_context: Any = None,
        generator: Generator | None = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        pin_memory_device: str = "",
        in_order: bool = True,
    ) -> None:
        _check_count("num_workers", num_workers, least=0)
        if batch_size is not None:
            _check_count("batch_size", batch_size)
        _check_choices(dataset, batch_size, shuffle, sampler, batch_sampler, drop_last)
        _check_kinds(dataset, sampler, batch_sampler, collate_fn, generator)
        self.dataset, self.generator, self.collate_fn = dataset, generator, collate_fn
        self.num_workers, self.pin_memory = num_workers, pin_memory
        self.batch_size = None if batch_sampler is not None else batch_size
        self.drop_last, self.shuffle = drop_last, bool(shuffle)
        self.sampler, self.batch_sampler = sampler, batch_sampler
        if not isinstance(dataset, IterableDataset) and batch_sampler is None:
            if sampler is None:
                sampler = (
                    RandomSampler(dataset, generator=generator)
                    if shuffle
                    else SequentialSampler(dataset)
                )
            self.sampler = sampler
            if batch_size is not None:
                self.batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self._start: list[int] | None = None  # the state of the draws when the pass began
        self._done = 0  # how many batches the pass has given
        self._goes_on = False

    def __len__(self) -> int:
        """How many batches a pass has; raises TypeError where nobody knows."""
        if not isinstance(self.dataset, IterableDataset):
            return len(self.sampler if self.batch_sampler is None else self.batch_sampler)  # type: ignore[arg-type]
        n = len(self.dataset)
        if self.batch_size is None:
            return n
        return n // self.batch_size if self.drop_last else -(-n // self.batch_size)

    def __iter__(self) -> Iterator[Any]:
        done = self._done if self._goes_on else 0
        chosen = self._order(done)
        self._goes_on, self._done = False, done
        for numbers in chosen:
            batch = self._batch(numbers)
            self._done = done = done + 1
            yield batch
        self._start, self._done = None, 0

    def _order(self, done: int) -> Iterator[Any]:
        """What the batches of a pass are made of, from batch ``done`` on."""
        if isinstance(self.dataset, IterableDataset):
            self._start = []
            return islice(self._stream(), done, None)
        numbers = self.sampler if self.batch_sampler is None else self.batch_sampler
        assert numbers is not None
        draws = self._draws().state
        if not self._goes_on:
            self._start = draws.tolist()
            return iter(numbers)
        # The order is drawn again as it was drawn then; the generator is where it is now.
        now = draws.tolist()
        _put(draws, self._start)
        found = iter(numbers)
        for _ in range(done):
            next(found, None)
        _put(draws, now)
        return found

    def _stream(self) -> Iterator[Any]:
        """The examples, or lists of them, of a data set that can only be iterated over."""
        examples = iter(self.dataset)
        if self.batch_size is None:
            yield from examples
            return
        while batch := list(islice(examples, self.batch_size)):
            if len(batch) < self.batch_size and self.drop_last:
                return
            yield batch

    def _batch(self, chosen: Any) -> Any:
        """The examples of these numbers; those of tensors by one look-up for each tensor."""
        alone = self.batch_size is None and self.batch_sampler is None
        collate = self.collate_fn or (default_convert if alone else default_collate)
        if isinstance(self.dataset, IterableDataset):
            return collate(chosen)
        if alone:
            return collate(self.dataset[chosen])
        if self.collate_fn is None and (tensors := _tensors(self.dataset)) is not None:
            whole, numbers = tensors
            index = tensor(
                [_place(i if numbers is None else numbers[_place(i)]) for i in chosen], int64
            )
            return [x[index] for x in whole.tensors]
        return collate([self.dataset[number] for number in chosen])

    # -- going on --------------------------------------------------------------------------------

    def _draws(self) -> Generator:
        """The generator that the order is drawn from."""
        source: Any = self.sampler if self.batch_sampler is None else self.batch_sampler
        while getattr(source, "generator", None) is None and hasattr(source, "sampler"):
            source = source.sampler
        return getattr(source, "generator", None) or self.generator or default_generator

    def _size(self) -> int | None:
        return None if isinstance(self.dataset, IterableDataset) else len(self.dataset)

    def state_dict(self) -> dict[str, Any]:
        """Where the pass is: how many batches it has given, and the draws of its order.

        The counter of `manual_seed` is not part of it: who saves the state saves that too.
        """
        draws = self._draws()
        return {
            "start": self._start,
            "batches": self._done,
            "generator": None if draws is default_generator else draws.state.tolist(),
            "examples": self._size(),
            "batch_size": self.batch_size,
        }

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on where another loader of the same data was: the next pass gives what is left.

        Raises CheckpointError, having changed nothing, where the data or batches differ.

        >>> import chainrule as cr
        >>> def loader():
        ...     return cr.data.DataLoader(range(6), 2, shuffle=True, generator=cr.Generator(3))
        >>> first, second = loader(), loader()
        >>> batches = iter(first)
        >>> _ = next(batches)
        >>> second.load_state_dict(first.state_dict())
        >>> [b.tolist() for b in second] == [b.tolist() for b in batches]
        True
        """
        given: Any = state_dict
        if not isinstance(given, Mapping) or self.state_dict().keys() - given.keys():
            raise CheckpointError("this is no state of a DataLoader; nothing was loaded")
        for key, now in (("examples", self._size()), ("batch_size", self.batch_size)):
            if state_dict[key] != now:
                raise CheckpointError(
                    "the data were others when the state was saved; nothing was loaded",
                    got=f"{key} {now}", expected=f"{key} {state_dict[key]}",
                )  # fmt: skip
        draws, saved = self._draws(), state_dict["generator"]
        if (saved is None) != (draws is default_generator):
            raise CheckpointError(
                "the order was drawn from another generator when the state was saved",
                hint="give the loader a generator if, and only if, it had one; nothing was loaded",
            )
        if saved is not None:
            _put(draws.state, saved)
        self._start, self._done = state_dict["start"], state_dict["batches"]
        self._goes_on = self._start is not None


def _put(state: Tensor, numbers: Any) -> None:
    with no_grad():
        state.copy_(tensor(numbers))


def _tensors(dataset: Any) -> tuple[TensorDataset, Sequence[int] | None] | None:
    """The tensors behind a data set that is made of them, or part of such a one, and its part."""
    if type(dataset) is TensorDataset:
        return dataset, None
    if type(dataset) is Subset and type(dataset.dataset) is TensorDataset:
        return dataset.dataset, dataset.indices
    return None


def _check_kinds(
    dataset: Any, sampler: Any, batch_sampler: Any, collate_fn: Any, generator: Any
) -> None:
    """Raise ArgumentError for parts that cannot be what they are given for."""
    if not isinstance(dataset, IterableDataset) and not (
        hasattr(dataset, "__len__") and hasattr(dataset, "__getitem__")
    ):
        raise ArgumentError(
            f"a {type(dataset).__name__} is no data set",
            expected="something with a length and examples by number",
            hint="what can only be iterated over is a class of its own:\n"
            "class Stream(cr.data.IterableDataset)",
        )
    iterable = "something that gives numbers of examples"
    for name, given, fits, expected in (
        ("sampler", sampler, hasattr(sampler, "__iter__"), iterable),
        ("batch_sampler", batch_sampler, hasattr(batch_sampler, "__iter__"), iterable),
        ("collate_fn", collate_fn, callable(collate_fn), "a function of a list of examples"),
        ("generator", generator, isinstance(generator, Generator), "a cr.Generator"),
    ):
        if given is not None and not fits:
            raise ArgumentError(f"{name} is a {type(given).__name__}", expected=expected)


def _place(number: Any) -> int:
    """The number of an example; raises ArgumentError for what is no whole number."""
    try:
        return operator.index(number)
    except TypeError:
        raise ArgumentError(
            f"the sampler gave {number!r}", expected="whole numbers: those of examples"
        ) from None


def _check_choices(
    dataset: Any, batch_size: Any, shuffle: Any, sampler: Any, batch_sampler: Any, drop_last: bool
) -> None:
    """Raise ArgumentError for arguments that contradict one another."""
    if isinstance(dataset, IterableDataset) and (shuffle or sampler or batch_sampler):
        raise ArgumentError(
            "an IterableDataset has an order of its own",
            expected="no shuffle, sampler or batch_sampler",
        )
    if sampler is not None and shuffle:
        raise ArgumentError("sampler and shuffle both say the order", expected="one of them")
    if batch_sampler is not None and (batch_size != 1 or shuffle or sampler or drop_last):
        raise ArgumentError(
            "batch_sampler says the batches alone",
            expected="no batch_size, shuffle, sampler or drop_last beside it",
        )
    if batch_size is None and drop_last:
        raise ArgumentError("drop_last without batches", expected="a batch_size")
