"""What is done to parameters as a whole, against PyTorch."""

import math

import numpy as np
import pytest
import torch

import chainrule as cr
from chainrule import nn
from chainrule.core.errors import ArgumentError


def pair(*shapes):
    """The same parameters with the same gradients, here and in PyTorch."""
    draw = np.random.default_rng(1)
    made = []
    for shape in shapes:
        value, grad = draw.normal(size=shape), 3 * draw.normal(size=shape)
        mine, other = nn.Parameter(cr.tensor(value)), torch.nn.Parameter(torch.tensor(value))
        mine.grad, other.grad = cr.tensor(grad), torch.tensor(grad)
        made.append((mine, other))
    return [list(side) for side in zip(*made, strict=True)]


@pytest.mark.parametrize("bound", [0.5, 0, math.inf])
def test_clip_grad_value(bound):
    mine, other = pair((2, 3), (4,))
    mine[0].grad[0, 0] = math.nan
    other[0].grad[0, 0] = math.nan
    held = mine[1].grad
    nn.utils.clip_grad_value_([*mine, nn.Parameter(cr.zeros(1))], bound)
    torch.nn.utils.clip_grad_value_(other, bound)
    for a, b in zip(mine, other, strict=True):
        np.testing.assert_array_equal(a.grad.numpy(), b.grad.numpy())
    assert mine[1].grad is held


def test_clip_grad_value_of_one_tensor_exactly_and_compiled():
    w = nn.Parameter(cr.tensor([1, 1], dtype=cr.exact))
    w.grad = cr.tensor([3, -3], dtype=cr.exact)
    nn.utils.clip_grad_value_(w, 0.1)
    assert [str(x) for x in w.grad.tolist()] == ["1/10", "-1/10"]
    v = nn.Parameter(cr.ones(2))

    @cr.compile
    def step(g):
        v.grad = g * 2
        nn.utils.clip_grad_value_(v, 1.0)

    step(cr.tensor([5.0, 0.25]))
    assert v.grad.tolist() == [1.0, 0.5]


def test_vectors_of_parameters():
    mine, other = pair((2, 3), (), (4,))
    a, b = nn.utils.parameters_to_vector(mine), torch.nn.utils.parameters_to_vector(other)
    np.testing.assert_array_equal(a.detach().numpy(), b.detach().numpy())
    (a * a).sum().backward()
    assert mine[0].grad is not None
    new = np.arange(11.0)
    vector, theirs = cr.tensor(new), torch.tensor(new)
    nn.utils.vector_to_parameters(vector, mine)
    torch.nn.utils.vector_to_parameters(theirs, other)
    vector[0] = theirs[0] = 100.0
    for p, q in zip(mine, other, strict=True):
        np.testing.assert_array_equal(p.detach().numpy(), q.detach().numpy())
        assert p.is_leaf
        assert p.requires_grad


@pytest.mark.parametrize(
    ("call", "fact"),
    [
        (lambda w: nn.utils.clip_grad_value_(w, -1.0), "clip_value is -1.0"),
        (lambda w: nn.utils.clip_grad_value_(w, math.nan), "clip_value is nan"),
        (
            lambda w: nn.utils.parameters_to_vector([]),
            "there are no parameters to make a vector of",
        ),
        (
            lambda w: nn.utils.vector_to_parameters(cr.zeros(3), [w, w]),
            "a vector of shape (3,) for 4 entries of parameters",
        ),
        (lambda w: nn.utils.vector_to_parameters([0.0], [w]), "vec is a list, not a tensor"),
    ],
)
def test_errors(call, fact):
    w = nn.Parameter(cr.tensor([1.0, 2.0]))
    w.grad = cr.tensor([3.0, 4.0])
    with pytest.raises(ArgumentError) as raised:
        call(w)
    assert raised.value.fact == fact
    assert (w.tolist(), w.grad.tolist()) == ([1.0, 2.0], [3.0, 4.0])


def test_how_loaded_keys_print():
    net = cr.nn.Linear(1, 1)
    saved = net.state_dict()
    assert repr(net.load_state_dict(saved)) == "<All keys matched successfully>"
    del saved["bias"]
    found = net.load_state_dict(saved, strict=False)
    assert repr(found) == "IncompatibleKeys(missing_keys=['bias'], unexpected_keys=[])"


def test_an_empty_tensor_prints_its_shape():
    assert repr(cr.zeros(2, 0)) == "tensor([], size=(2, 0))"
    assert repr(cr.zeros(0)) == "tensor([])"
