"""Samplers: which numbers come, how often, and in what order."""

import numpy as np
import pytest

import chainrule as cr
from chainrule import data
from chainrule.core.errors import ArgumentError


def test_random_order():
    sampler = data.RandomSampler(range(20), generator=cr.Generator(1))
    first, second = list(sampler), list(sampler)
    assert sorted(first) == sorted(second) == list(range(20))
    assert first != second
    assert list(data.RandomSampler(range(20), generator=cr.Generator(1))) == first
    assert list(data.RandomSampler(range(0))) == []


def test_several_passes_and_a_part_of_one():
    seven = list(data.RandomSampler(range(3), num_samples=7, generator=cr.Generator(1)))
    assert [sorted(seven[:3]), sorted(seven[3:6]), len(seven)] == [[0, 1, 2], [0, 1, 2], 7]
    assert len(set(data.RandomSampler(range(9), num_samples=4))) == 4


def test_with_replacement():
    cr.manual_seed(0)
    found = list(data.RandomSampler(range(3), replacement=True, num_samples=300))
    assert set(found) == {0, 1, 2}
    assert len(found) == 300
    assert min(map(found.count, range(3))) > 60


def test_a_subset_in_random_order():
    sampler = data.SubsetRandomSampler([5, 7, 9], generator=cr.Generator(1))
    assert len(sampler) == 3
    assert sorted(sampler) == [5, 7, 9]


@pytest.mark.parametrize("replacement", [True, False])
def test_weights_are_proportions(replacement):
    weights = np.array([0.0, 1.0, 3.0])
    n = 4000 if replacement else 1
    generator = cr.Generator(5)
    sampler = data.WeightedRandomSampler(weights, n, replacement, generator)
    found = [number for _ in range(1 if replacement else 4000) for number in sampler]
    shares = np.bincount(found, minlength=3) / 4000
    assert np.abs(shares - weights / 4).max() < 0.03  # three standard deviations are 0.02
    assert shares[0] == 0


def test_without_replacement_nothing_comes_twice():
    sampler = data.WeightedRandomSampler([1e-300, 0, 1, 5, 2], 4, replacement=False)
    assert sorted(sampler) == [0, 2, 3, 4]


@pytest.mark.parametrize(
    ("make", "fact"),
    [
        (lambda: data.RandomSampler(range(3), num_samples=0), "num_samples is 0"),
        (lambda: data.WeightedRandomSampler([1.0], True), "num_samples is True"),
        (lambda: data.WeightedRandomSampler([1.0, -1.0], 1), "weights are a list of finite"),
        (lambda: data.WeightedRandomSampler([0.0], 1), "weights are a list of finite"),
        (lambda: data.WeightedRandomSampler([[1.0]], 1), "weights are a list of finite"),
        (
            lambda: data.WeightedRandomSampler([1.0, 0.0], 2, replacement=False),
            "2 different examples of 1 with a weight",
        ),
        (lambda: data.BatchSampler(range(3), 0, False), "batch_size is 0"),
    ],
)
def test_bad_arguments(make, fact):
    with pytest.raises(ArgumentError) as raised:
        make()
    assert raised.value.fact.startswith(fact)


def test_batches_of_numbers():
    sampler = data.BatchSampler(data.SequentialSampler(range(5)), 2, drop_last=True)
    assert (len(sampler), list(sampler)) == (2, [[0, 1], [2, 3]])


def test_abstract_sampler():
    with pytest.raises(NotImplementedError, match=r"Sampler has no __iter__\(\)"):
        iter(data.Sampler())
