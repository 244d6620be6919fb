"""Constructors named after types, and `Tensor.type`, beside PyTorch's."""

import numpy as np
import pytest
import torch

import chainrule as cr

NAMES = ("FloatTensor", "DoubleTensor", "HalfTensor", "ByteTensor", "CharTensor", "ShortTensor",
         "IntTensor", "LongTensor", "BoolTensor", "Tensor")  # fmt: skip
DATA = ([1, 2], [1.5, 0.0], [[1, 0], [0, 1]], (2, 3), np.array([1.0, 2.0]), np.array([3, 4]))


@pytest.mark.parametrize("name", NAMES)
def test_of_data(name):
    for data in DATA:
        ours, theirs = getattr(cr, name)(data), getattr(torch, name)(data)
        assert ours.dtype.name == str(theirs.dtype).removeprefix("torch.")
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy())


@pytest.mark.parametrize("name", NAMES)
def test_of_a_shape(name):
    for size in ((), (5,), (2, 3)):
        assert getattr(cr, name)(*size).shape == getattr(torch, name)(*size).shape
    assert isinstance(getattr(cr, name)(2, 3), getattr(cr, name))


def test_the_default_type_is_that_of_tensor():
    cr.set_default_dtype(cr.float64)
    try:
        assert cr.Tensor([1, 2]).dtype is cr.float64
        assert cr.FloatTensor([1, 2]).dtype is cr.float32
    finally:
        cr.set_default_dtype(cr.float32)


def test_type():
    x = cr.tensor([1.5, -2.5])
    assert x.type() == "chainrule.FloatTensor"
    assert torch.tensor([1.5]).type() == "torch.FloatTensor"
    for wanted in (cr.LongTensor, "torch.LongTensor", cr.int64):
        assert x.type(wanted).tolist() == torch.tensor([1.5, -2.5]).type(torch.int64).tolist()
    assert cr.tensor(1, dtype=cr.exact).type() == "chainrule.exact"
    assert isinstance(x, cr.FloatTensor) and not isinstance(x, cr.LongTensor)
    assert not isinstance(1.0, cr.FloatTensor)


def test_errors():
    with pytest.raises(TypeError, match="FloatTensor of a tensor of another type") as info:
        cr.FloatTensor(cr.tensor([1]))
    assert "x.to(torch.float32)" in str(info.value)
    with pytest.raises(
        TypeError, match="Tensor takes a list, an array, a tensor or a shape"
    ) as info:
        cr.Tensor(2.5)
    assert "torch.tensor(2.5)" in str(info.value)
    with pytest.raises(TypeError, match="no element type"):
        cr.tensor(1.0).type("Long")
