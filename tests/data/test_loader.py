"""The loader's arguments, streams, and going on in the middle of a pass."""

from collections import namedtuple

import numpy as np
import pytest
import torch.utils.data as theirs

import chainrule as cr
from chainrule import data
from chainrule.core.errors import ArgumentError, CheckpointError


class Stream(data.IterableDataset):
    def __iter__(self):
        return iter(range(7))


class Slow(data.Dataset):
    """Counts the examples that are made."""

    made = 0

    def __len__(self):
        return 10

    def __getitem__(self, index):
        self.made += 1
        return index


def lists(loader):
    return [batch.tolist() if isinstance(batch, cr.Tensor) else batch for batch in loader]


def test_what_belongs_to_workers_changes_nothing():
    quiet = data.DataLoader(range(4), 2)
    loader = data.DataLoader(
        range(4), 2, num_workers=4, pin_memory=True, persistent_workers=True, prefetch_factor=2,
        worker_init_fn=print, timeout=3,
    )  # fmt: skip
    assert lists(loader) == lists(quiet) == [[0, 1], [2, 3]]
    with pytest.raises(ArgumentError, match="num_workers is -1"):
        data.DataLoader(range(4), num_workers=-1)


@pytest.mark.parametrize("size", [0, -1, 1.5, True])
def test_a_batch_size_is_a_number_from_1(size):
    with pytest.raises(ArgumentError) as raised:
        data.DataLoader(range(3), batch_size=size)
    assert raised.value.fact == f"batch_size is {size!r}"


def test_samplers():
    assert lists(data.DataLoader(range(10), 2, sampler=[3, 1, 4])) == [[3, 1], [4]]
    loader = data.DataLoader(range(10), batch_sampler=[[5, 6], [7]])
    assert (lists(loader), len(loader)) == ([[5, 6], [7]], 2)
    assert lists(data.DataLoader(range(3), batch_size=None)) == [0, 1, 2]
    assert len(data.DataLoader(range(3), batch_size=None)) == 3


def test_streams():
    assert lists(data.DataLoader(Stream(), 3)) == [[0, 1, 2], [3, 4, 5], [6]]
    assert lists(data.DataLoader(Stream(), 3, drop_last=True)) == [[0, 1, 2], [3, 4, 5]]
    assert lists(data.DataLoader(Stream(), None)) == list(range(7))
    with pytest.raises(TypeError, match="nobody knows how many examples Stream has"):
        len(data.DataLoader(Stream(), 3))
    Stream.__len__ = lambda self: 7
    try:
        assert [len(data.DataLoader(Stream(), b)) for b in (3, None)] == [3, 7]
        assert len(data.DataLoader(Stream(), 3, drop_last=True)) == 2
    finally:
        del Stream.__len__


@pytest.mark.parametrize(
    ("arguments", "fact"),
    [
        ({"sampler": [0], "shuffle": True}, "sampler and shuffle both say the order"),
        ({"batch_sampler": [[0]], "batch_size": 2}, "batch_sampler says the batches alone"),
        ({"batch_sampler": [[0]], "drop_last": True}, "batch_sampler says the batches alone"),
        ({"batch_size": None, "drop_last": True}, "drop_last without batches"),
    ],
)
def test_contradictions(arguments, fact):
    with pytest.raises(ArgumentError) as raised:
        data.DataLoader(range(3), **arguments)
    assert raised.value.fact == fact
    with pytest.raises(ValueError, match="option"):
        theirs.DataLoader(range(3), **arguments)


def test_a_stream_has_its_own_order():
    with pytest.raises(ArgumentError, match="an IterableDataset has an order of its own"):
        data.DataLoader(Stream(), shuffle=True)


def test_parts_of_tensors_are_looked_up_at_once():
    whole = data.TensorDataset(cr.arange(6) * 10, cr.ones(6, 2))
    loader = data.DataLoader(data.Subset(whole, [4, 0, 5]), 2)
    assert [x.tolist() for x, _ in loader] == [[40, 0], [50]]
    x, _ = next(iter(data.DataLoader(whole, 3)))
    x.zero_()
    assert whole.tensors[0].tolist() == [0, 10, 20, 30, 40, 50]


Pair = namedtuple("Pair", "x y")


@pytest.mark.parametrize(
    "examples",
    [
        [1, 2],
        [0.1, 0.2],
        [True, False],
        [np.float32(0.5), np.float32(2)],
        [np.ones(2), np.zeros(2)],
        [{"a": 1, "b": 0.5}],
        [(1, [2.0, "x"])],
        [Pair(1, 2.0), Pair(3, 4.0)],
        ["a", "b"],
    ],
    ids=str,
)
def test_collate_as_pytorch_does(examples):
    def plain(x):
        if isinstance(x, dict):
            return {k: plain(v) for k, v in x.items()}
        if isinstance(x, tuple | list):
            return [type(x).__name__, *map(plain, x)]
        return x if isinstance(x, str) else (x.tolist(), str(x.dtype).split(".")[-1])

    assert plain(data.default_collate(examples)) == plain(theirs.default_collate(examples))


def test_concatenated():
    both = data.TensorDataset(cr.arange(3)) + data.TensorDataset(cr.arange(10, 12))
    assert [both[i][0].item() for i in (0, 2, 3, 4, -1, -5)] == [0, 2, 10, 11, 11, 0]
    for index in (5, -6):
        with pytest.raises(IndexError, match=f"example {index} of 5"):
            both[index]
    with pytest.raises(ArgumentError, match="a ConcatDataset of no data sets"):
        data.ConcatDataset([])
    with pytest.raises(ArgumentError, match="an IterableDataset has no examples by number"):
        data.ConcatDataset([Stream()])
    with pytest.raises(NotImplementedError, match=r"IterableDataset has no __iter__\(\)"):
        iter(data.IterableDataset())


# -- going on ------------------------------------------------------------------------------------


def shuffled(generator):
    return data.DataLoader(range(10), 3, shuffle=True, generator=generator)


def weighted(generator):
    sampler = data.WeightedRandomSampler(range(1, 11), 10, generator=generator)
    return data.DataLoader(range(10), 3, sampler=sampler)


def nested(generator):
    sampler = data.BatchSampler(data.RandomSampler(range(10), generator=generator), 3, False)
    return data.DataLoader(range(10), batch_sampler=sampler)


def stream(generator):
    return data.DataLoader(Stream(), 2)


@pytest.mark.parametrize("own", [True, False], ids=["own generator", "default generator"])
@pytest.mark.parametrize("make", [shuffled, weighted, nested, stream])
@pytest.mark.parametrize("done", range(5))
def test_going_on_in_a_pass(make, own, done):
    cr.manual_seed(3)
    loader = make(cr.Generator(8) if own else None)
    lists(loader)  # a pass before
    batches = iter(loader)
    for _ in range(done):
        next(batches)
        cr.rand(2)  # dropout, say
    state, counter = loader.state_dict(), cr.ops.creation.random.default_generator.state.clone()
    expected = [b.tolist() for b in batches] if done else []
    expected += lists(loader) if done else lists(loader) + lists(loader)
    after = cr.rand(1).item()

    other = make(cr.Generator(99) if own else None)
    cr.manual_seed(55)
    other.load_state_dict(state)
    cr.ops.creation.random.default_generator.state.copy_(counter)
    assert lists(other) + lists(other) == expected
    assert cr.rand(1).item() == after


def test_examples_that_were_given_are_not_made_again():
    first, second = Slow(), Slow()
    loader = data.DataLoader(first, 2, shuffle=True)
    batches = iter(loader)
    next(batches), next(batches), next(batches)
    other = data.DataLoader(second, 2, shuffle=True)
    other.load_state_dict(loader.state_dict())
    assert len(list(other)) == 2
    assert second.made == 4


@pytest.mark.parametrize(
    ("loader", "got"),
    [
        (data.DataLoader(range(9), 3, generator=cr.Generator()), "examples 9"),
        (data.DataLoader(range(10), 5, generator=cr.Generator()), "batch_size 5"),
    ],
)
def test_other_data_are_refused(loader, got):
    before = loader.state_dict()
    state = shuffled(cr.Generator()).state_dict()
    with pytest.raises(CheckpointError) as raised:
        loader.load_state_dict(state)
    assert raised.value.fact == "the data were others when the state was saved; nothing was loaded"
    assert raised.value.got == got
    assert loader.state_dict() == before


def test_another_source_of_draws_is_refused():
    with pytest.raises(CheckpointError, match="the order was drawn from another generator"):
        shuffled(None).load_state_dict(shuffled(cr.Generator()).state_dict())


@pytest.mark.parametrize("state", [{}, 3, {"start": None}], ids=str)
def test_no_state_of_a_loader(state):
    with pytest.raises(CheckpointError, match="this is no state of a DataLoader"):
        shuffled(None).load_state_dict(state)


@pytest.mark.parametrize(
    ("make", "fact"),
    [
        (lambda d: data.DataLoader(d, sampler=3), "sampler is a int"),
        (lambda d: data.DataLoader(d, batch_sampler=3), "batch_sampler is a int"),
        (lambda d: data.DataLoader(d, collate_fn=3), "collate_fn is a int"),
        (lambda d: data.DataLoader(d, generator=3), "generator is a int"),
        (lambda d: data.DataLoader(None), "a NoneType is no data set"),
        (lambda d: data.DataLoader(iter([1])), "a list_iterator is no data set"),
        (lambda d: list(data.DataLoader(d, sampler=["a"])), "the sampler gave 'a'"),
        (lambda d: list(data.DataLoader(d, sampler=[1.5])), "the sampler gave 1.5"),
        (
            lambda d: list(data.DataLoader([{"a": 1}, {"b": 1}], 2)),
            "the examples of a batch have different keys",
        ),
    ],
)
def test_parts_of_other_kinds(make, fact):
    with pytest.raises(ArgumentError) as raised:
        make(data.TensorDataset(cr.arange(10.0)))
    assert raised.value.fact == fact
