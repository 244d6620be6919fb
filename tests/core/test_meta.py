"""The device "meta": shapes and types as with values, no memory, and errors that teach.

That every op infers there what it computes elsewhere is a check of the registry.
"""

from __future__ import annotations

import copy
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import chainrule as cr
from chainrule import nn, optim
from chainrule.nn import functional as F
from tests.core.mistakes import mistake

M = cr.empty(2, 3, device="meta")
X = cr.ones(2, 3, requires_grad=True)

MAKERS: dict[str, Callable[[Any], Any]] = {
    "zeros": lambda t: t.zeros(2, 3),
    "ones": lambda t: t.ones((2, 3), dtype=t.float64),
    "full": lambda t: t.full((2,), 7),
    "empty": lambda t: t.empty(0, 3),
    "eye": lambda t: t.eye(3, 4),
    "arange": lambda t: t.arange(1, 9, 2),
    "linspace": lambda t: t.linspace(0, 1, 5),
    "logspace": lambda t: t.logspace(0, 1, 5),
    "tensor": lambda t: t.tensor([[1, 2], [3, 4]]),
    "as_tensor": lambda t: t.as_tensor([1.5, 2]),
    "rand": lambda t: t.rand(2, 2),
    "randn": lambda t: t.randn(2, 2),
    "randint": lambda t: t.randint(0, 4, (3,)),
    "randperm": lambda t: t.randperm(5),
    "tril_indices": lambda t: t.tril_indices(3, 3),
}


@pytest.mark.parametrize("name", MAKERS)
def test_new_tensors(name: str) -> None:
    with cr.device("meta"):
        ours = MAKERS[name](cr)
    theirs = MAKERS[name](torch)  # with values: without, PyTorch imports much
    assert ours.is_meta and not ours.is_cpu and ours.device == cr.device("meta")
    assert (ours.shape, ours.dtype.name) == (tuple(theirs.shape), str(theirs.dtype)[6:])
    assert not MAKERS[name](cr).is_meta


def test_those_that_follow_their_operand() -> None:
    here = cr.ones(2)
    for function in (cr.zeros_like, cr.ones_like, cr.rand_like, cr.randn_like, cr.empty_like):
        assert function(M).is_meta
        assert not function(M, device="cpu").is_meta
        with cr.device("meta"):
            assert not function(here).is_meta
    assert M.new_zeros(3).is_meta and M.new_tensor([1.0]).is_meta
    with cr.device("meta"):
        assert not here.new_ones(3).is_meta
        assert not cr.from_numpy(np.ones(2)).is_meta
        assert not cr.FloatTensor([1.0]).is_meta
        assert cr.as_tensor(here).is_meta and cr.tensor([0.5]).is_meta
    assert cr.as_tensor(M) is M


def test_draws_of_values_move_the_counter_on_in_any_context() -> None:
    cr.manual_seed(5)
    p = cr.full((4,), 0.5)
    wanted = [cr.bernoulli(p).tolist(), cr.rand(2).tolist()]
    cr.manual_seed(5)
    with cr.device("meta"):
        found = [cr.bernoulli(p).tolist(), cr.rand(2, device="cpu").tolist()]
    assert found == wanted


def test_the_default_device() -> None:
    assert cr.get_default_device() == cr.device("cpu")
    cr.set_default_device("meta")
    try:
        assert cr.zeros(2).is_meta and cr.get_default_device().type == "meta"
        assert not cr.zeros(2, device="cpu").is_meta
        with cr.device("cpu"):
            assert not cr.zeros(2).is_meta
    finally:
        cr.set_default_device(None)
    assert not cr.zeros(2).is_meta


def test_a_device_as_decorator() -> None:
    @cr.device("meta")
    def made() -> cr.Tensor:
        return cr.zeros(3)

    assert made().is_meta and not cr.zeros(3).is_meta


def test_contexts_end_with_errors() -> None:
    with pytest.raises(ZeroDivisionError), cr.device("meta"):
        raise ZeroDivisionError
    assert not cr.zeros(1).is_meta


# -- computing -------------------------------------------------------------------------------------


def test_nothing_is_drawn() -> None:
    cr.manual_seed(3)
    wanted = cr.rand(4).tolist()
    cr.manual_seed(3)
    cr.rand(100, device="meta")
    cr.empty(5, device="meta").normal_().uniform_().bernoulli_().random_(3).exponential_()
    cr.bernoulli(M)
    F.dropout(M, 0.5)
    nn.Linear(3, 4, device="meta")
    assert cr.rand(4).tolist() == wanted


def test_writing_in_place() -> None:
    x = cr.zeros(4, 3, device="meta")
    version = x._version
    x[0] = 1
    x[1] = cr.ones(3)
    x[:, 1] += 2
    x.add_(1).mul_(x).zero_().fill_(3).copy_(cr.ones(3))
    x.t().mul_(2)
    x.detach().zero_()
    assert x.is_meta and x.shape == (4, 3) and x._version > version


def test_what_lies_row_by_row() -> None:
    x = M.t()
    assert not x.is_contiguous() and x.contiguous().view(-1).shape == (6,)
    assert x.reshape(-1).shape == (6,) and M.is_contiguous()


@pytest.mark.parametrize("name", [n for n in nn.init.__all__ if n.endswith("_")])
def test_init_does_nothing(name: str) -> None:
    more = {"constant_": {"val": 1.0}, "sparse_": {"sparsity": 0.5}}.get(name, {})
    x = cr.empty(*((4, 4, 3) if name == "dirac_" else (4, 3)), device="meta")
    assert getattr(nn.init, name)(x, **more) is x and x.is_meta


def test_numbers_and_indices_may_have_values() -> None:
    assert (M + cr.tensor(2.0)).is_meta and (2 * M).is_meta
    assert M[cr.tensor([0, 1, 0])].shape == (3, 3)
    assert M[:, cr.tensor([True, False, True])].shape == (2, 2)
    assert F.embedding(cr.tensor([[0, 1]]), M).shape == (1, 2, 3)


def test_gradients() -> None:
    net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2)).to("meta")
    x = cr.empty(5, 3, device="meta", requires_grad=True)
    F.cross_entropy(net(x), cr.empty(5, dtype=cr.int64, device="meta")).backward()
    assert x.grad.is_meta and x.grad.shape == (5, 3)
    assert all(p.grad.is_meta and p.grad.shape == p.shape for p in net.parameters())
    for name in ("SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "NAdam", "RAdam"):
        optimizer = getattr(optim, name)(net.parameters(), lr=0.1)
        optimizer.step()
        optimizer.zero_grad(set_to_none=False)
    assert net[0].weight.grad.is_meta and net[0].weight.is_meta


def test_gradients_of_values_beside_the_context() -> None:
    x = cr.tensor([2.0, 3.0], requires_grad=True)
    with cr.device("meta"):
        (x * x).sum().backward()
        (slope,) = cr.autograd.grad((x * x).sum(), x, create_graph=True)
    assert x.grad.tolist() == slope.tolist() == [4.0, 6.0]


def test_compiled_functions_have_nothing_to_compute() -> None:
    double = cr.compile(lambda x: x * 2)
    assert double(M).is_meta and double(cr.ones(2)).tolist() == [2.0, 2.0]
    assert double.captures == 1


def test_it_prints() -> None:
    assert repr(M) == str(M) == "tensor(..., device='meta', size=(2, 3))"
    assert repr(M.long()) == "tensor(..., device='meta', size=(2, 3), dtype=chainrule.int64)"
    weight = nn.Linear(2, 3, device="meta").weight
    assert repr(weight) == "Parameter(..., device='meta', size=(3, 2), requires_grad=True)"


# -- networks --------------------------------------------------------------------------------------


def tied() -> nn.Module:
    net = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3), nn.Linear(3, 3))
    net[2].weight = net[0].weight
    return net


def test_to_empty_makes_room() -> None:
    with cr.device("meta"):
        net = tied()
    weight = net[0].weight
    assert net.to_empty(device="cpu") is net
    assert net[0].weight is weight is net[2].weight and not weight.is_meta
    assert weight.requires_grad and weight.is_leaf
    assert not any(t.is_meta for t in (*net.parameters(), *net.buffers()))
    values = tied().state_dict()
    net.load_state_dict(values)
    net(cr.ones(2, 3)).sum().backward()
    assert net[0].weight.grad.shape == (3, 3)


def test_assigning_saved_values() -> None:
    with cr.device("meta"):
        net = tied()
    net[0].bias.requires_grad_(False)
    saved = tied().double().state_dict()
    told = net.load_state_dict(saved, assign=True)
    assert str(told) == "<All keys matched successfully>"
    assert net[0].weight is net[2].weight and net[0].weight.dtype is cr.float64
    assert net[0].weight.requires_grad and not net[0].bias.requires_grad
    assert net[0].weight.tolist() == saved["0.weight"].tolist()
    assert net[1].running_var.tolist() == [1.0, 1.0, 1.0]


def test_assigning_with_names_left_out() -> None:
    net = nn.Linear(2, 2, device="meta")
    told = net.load_state_dict({"bias": cr.ones(2), "more": M}, strict=False, assign=True)
    assert told == (["weight"], ["more"])
    assert net.weight.is_meta and net.bias.tolist() == [1.0, 1.0]


def test_a_network_gives_its_values_up() -> None:
    net = tied().to("meta")
    assert all(t.is_meta for t in (*net.parameters(), *net.buffers()))
    assert net[1].num_batches_tracked.dtype is cr.int64
    assert net(cr.empty(4, 3, device="meta")).shape == (4, 3)
    assert copy.deepcopy(net)[0].weight.is_meta
    assert tied().to(device="meta", dtype=cr.float64)[0].bias.dtype is cr.float64


MEMORY = """
import resource, sys, time
import chainrule as cr
from chainrule import nn

def peak():
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit

before = peak()
with cr.device("meta"):
    net = nn.Sequential(nn.Linear(100_000, 100_000), nn.Tanh(), nn.Linear(100_000, 10))
loss = net(cr.empty(64, 100_000, device="meta")).sum()
loss.backward()
print(peak() - before)
"""


def test_ten_thousand_million_weights_take_no_memory() -> None:
    done = subprocess.run([sys.executable, "-c", MEMORY], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 20e6


# -- mistakes --------------------------------------------------------------------------------------


@mistake
def test_an_entry() -> None:
    """DeviceError: item() needs a value, and a tensor on the device 'meta' has none
    got       a tensor ()
    hint      give it one: net.to_empty(device='cpu'), or load_state_dict(…, assign=True)
    """
    M.sum().item()


@pytest.mark.parametrize(
    "action", [np.asarray, bool, float, int, "{:.2f}".format, cr.Tensor.numpy, cr.Tensor.tolist,
               cr.Tensor.cpu, cr.nonzero, lambda x: [0, 1][x.long()]]
)  # fmt: skip
def test_values_out(action: Callable[[Any], Any]) -> None:
    with pytest.raises(cr.errors.DeviceError, match="a tensor on the device 'meta' has none"):
        action(cr.zeros((), device="meta"))


@mistake
def test_two_devices() -> None:
    """DeviceError: add: some operands have values, and some are on the device 'meta' and have none
    got       M (2, 3), cr.ones(3) (3,)
    expected  all on one device
    hint      x.to('meta') drops the values; net.to_empty(device='cpu') and
              load_state_dict(…, assign=True) give some
    """
    M + cr.ones(3)


@mistake
def test_copying_out() -> None:
    """DeviceError: to('cpu') needs a value, and a tensor on the device 'meta' has none
    got       a tensor (2, 3)
    hint      give it one: net.to_empty(device='cpu'), or load_state_dict(…, assign=True)
    """
    cr.ones(2, 3).copy_(M)


@mistake
def test_a_number_from_there_into_values() -> None:
    """DeviceError: a result on the device 'meta' for a tensor on 'cpu'
    hint      x.copy_(values) and x.to(device) move values; from 'meta' there are none to move
    """
    cr.tensor(1.0).add_(M.sum())


@mistake
def test_a_gradient_from_there() -> None:
    """DeviceError: .grad on the device 'meta' for a tensor on 'cpu'
    hint      x.copy_(values) and x.to(device) move values; from 'meta' there are none to move
    """
    X.to("meta").sum().backward()


@mistake
def test_a_network_moved_out() -> None:
    """DeviceError: to('cpu') needs a value, and a tensor on the device 'meta' has none
    got       a tensor (2, 3)
    hint      give it one: net.to_empty(device='cpu'), or load_state_dict(…, assign=True)
    """
    nn.Linear(3, 2, device="meta").to("cpu")


@mistake
def test_loading_into_nothing() -> None:
    """StateDictError: weight is on the device 'meta', which keeps no values; nothing was loaded
    hint      load_state_dict(…, assign=True) takes the tensors themselves;
              to_empty(device='cpu') before it makes room to copy to
    """
    nn.Linear(2, 2, device="meta").load_state_dict(nn.Linear(2, 2).state_dict())


@mistake
def test_loading_nothing() -> None:
    """StateDictError: weight was saved without values; nothing was loaded"""
    nn.Linear(2, 2).load_state_dict(nn.Linear(2, 2, device="meta").state_dict())


@mistake
def test_explaining_nothing() -> None:
    """DeviceError: explain() needs a value, and a tensor on the device 'meta' has none
    got       a tensor ()
    hint      give it one: net.to_empty(device='cpu'), or load_state_dict(…, assign=True)
    """
    cr.explain(M.sum())


@mistake
def test_compiling_with_weights_that_are_nowhere() -> None:
    """DeviceError: a compiled function needs a value, and a tensor on the device 'meta' has none
    got       a tensor (1, 2)
    hint      give it one: net.to_empty(device='cpu'), or load_state_dict(…, assign=True)
    """
    cr.compile(nn.Linear(2, 1, bias=False, device="meta").forward)(cr.ones(2))


@mistake
def test_a_generator_nowhere() -> None:
    """ArgumentError: there are no draws on the device 'meta'
    expected  'cpu'
    """
    cr.Generator(device="meta")


@mistake
def test_a_layer_on_no_device() -> None:
    """ArgumentError: there is no device 'tpu'
    expected  'cpu', or 'meta', where tensors have no values
    hint      scripts ask first: 'cuda' if torch.cuda.is_available() else 'cpu'
    """
    nn.Linear(2, 2, device="tpu")
