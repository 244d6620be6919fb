"""Data sets and loaders: what is in a batch, in which order, and what is refused."""

import sys
from itertools import chain

import numpy as np
import pytest
import torch

import chainrule as cr
from chainrule import data
from chainrule.core.errors import ArgumentError


class Squares(data.Dataset):
    def __len__(self):
        return 5

    def __getitem__(self, index):
        return {"x": cr.tensor([float(index)]), "pair": (index, index**2), "name": str(index)}


def pairs(n=10):
    return data.TensorDataset(cr.arange(n), cr.arange(n) * 10)


def test_batches_in_order():
    loader = data.DataLoader(pairs(), batch_size=4)
    assert len(loader) == 3
    assert [x.tolist() for x, _ in loader] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    short = data.DataLoader(pairs(), batch_size=4, drop_last=True)
    assert len(short) == len(list(short)) == 2


def test_examples_are_collated_part_by_part():
    first, *_ = data.DataLoader(Squares(), batch_size=3)
    assert first["x"].tolist() == [[0.0], [1.0], [2.0]]
    assert [part.tolist() for part in first["pair"]] == [[0, 1, 2], [0, 1, 4]]
    assert first["name"] == ["0", "1", "2"]
    assert [len(b) for b in data.DataLoader(Squares(), batch_size=2, collate_fn=list)] == [2, 2, 1]


@pytest.mark.parametrize("dataset", [pairs(), Squares()], ids=["tensors", "examples"])
def test_shuffling_follows_the_generator(dataset):
    def numbers(generator):
        loader = data.DataLoader(dataset, batch_size=3, shuffle=True, generator=generator)
        first = [b[0].tolist() if isinstance(b, list) else b["name"] for b in loader]
        second = [b[0].tolist() if isinstance(b, list) else b["name"] for b in loader]
        return first, second

    first, second = numbers(cr.Generator(3))
    assert first != second
    assert sorted(chain(*first)) == sorted(chain(*second))
    assert numbers(cr.Generator(3)) == (first, second)
    cr.manual_seed(3)
    assert numbers(None) == (first, second)


def test_a_tensor_data_set_holds_tensors():
    with pytest.raises(ArgumentError, match="a TensorDataset holds tensors, not a list"):
        data.TensorDataset(cr.zeros(2), [1, 2])


def test_tensors_of_different_lengths_are_refused():
    with pytest.raises(ArgumentError) as raised:
        data.TensorDataset(cr.zeros(2, 3), cr.zeros(3))
    assert raised.value.fact == "the tensors of a data set have different numbers of examples"
    assert raised.value.got == "(2, 3), (3,)"


def test_ragged_examples_are_refused():
    with pytest.raises(ArgumentError) as raised:
        data.default_collate([(1, 2), (1,)])
    assert raised.value.fact == "the examples of a batch have different numbers of parts"


@pytest.mark.parametrize(
    ("lengths", "sizes"),
    [([7, 3], [7, 3]), ([0.5, 0.5], [5, 5]), ([0.33, 0.33, 0.34], [4, 3, 3]), ([1], [10])],
)
def test_random_split(lengths, sizes):
    parts = data.random_split(pairs(), lengths, cr.Generator(1))
    assert [len(part) for part in parts] == sizes
    assert sorted(x.item() for part in parts for x, _ in part) == list(range(10))
    again = data.random_split(pairs(), lengths, cr.Generator(1))
    assert [part.indices for part in parts] == [part.indices for part in again]
    with pytest.raises(IndexError):
        parts[0][len(parts[0])]


@pytest.mark.parametrize("lengths", [[5, 4], [11, -1]])
def test_lengths_must_add_up(lengths):
    with pytest.raises(ArgumentError) as raised:
        data.random_split(pairs(), lengths)
    assert raised.value.fact == f"parts of {lengths} do not make up 10 examples"


def test_abstract_data_sets():
    for use in (len, lambda d: d[0]):
        with pytest.raises(NotImplementedError, match="Dataset has no __"):
            use(data.Dataset())


def test_digits():
    images, digits = data.load_digits()
    assert images.shape == (1797, 64)
    assert (images.dtype, digits.dtype) == (cr.float32, cr.int64)
    assert (images.min().item(), images.max().item()) == (0.0, 1.0)
    assert sorted(set(digits.tolist())) == list(range(10))
    train, test = data.split_digits(test=300)
    assert (len(train), len(test)) == (1497, 300)
    assert train[0][0].tolist() == data.split_digits(test=300)[0][0][0].tolist()


def test_digits_without_scikit_learn(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(ImportError, match=r"pip install 'chainrule\[data\]'"):
        data.load_digits()


def test_several_examples_of_a_subset():
    x = np.arange(12.0).reshape(6, 2)
    for source, make in ((cr.data, cr.tensor), (torch.utils.data, torch.tensor)):
        part = source.Subset(source.TensorDataset(make(x)), [4, 1, 5])
        assert part[:][0].tolist() == x[[4, 1, 5]].tolist()
        assert part[1:][0].tolist() == x[[1, 5]].tolist()
        assert part[[2, 0]][0].tolist() == x[[5, 4]].tolist()
    with pytest.raises(IndexError, match="example 3 of 3"):
        cr.data.Subset(cr.data.TensorDataset(cr.tensor(x)), [4, 1, 5])[[0, 3]]
