"""Modules against PyTorch's: registration, walking, modes, saving, printing."""

import copy
import re
import types

import numpy as np
import pytest
import torch

import chainrule as cr
from chainrule import nn
from chainrule.core.errors import ArgumentError
from chainrule.core.state import state
from chainrule.nn.checkpoint import StateDictError


def block(n):
    """A network in the words that both frameworks share; ``n`` is the one's ``nn``."""

    class Block(n.Module):
        def __init__(self):
            super().__init__()
            self.inner = n.Sequential(n.Linear(2, 3), n.BatchNorm1d(3), n.Tanh())
            self.layers = n.ModuleList([n.Linear(3, 3), n.ReLU(), n.Flatten(), n.Identity()])
            self.head = n.Linear(3, 1, bias=False)
            self.again = self.head
            self.note = None

        def forward(self, x):
            x = self.inner(x)
            for layer in self.layers:
                x = layer(x)
            return self.head(x)

    return Block()


@pytest.fixture
def both():
    """The network in both frameworks, with the same parameters."""
    mine, other = block(nn), block(torch.nn)
    mine.load_state_dict({name: value.numpy() for name, value in other.state_dict().items()})
    return mine, other


@pytest.mark.parametrize(
    "walk", ["named_parameters", "named_buffers", "named_modules", "named_children"]
)
def test_walks_as_pytorch_does(both, walk):
    mine, other = both
    assert [name for name, _ in getattr(mine, walk)()] == [
        name for name, _ in getattr(other, walk)()
    ]


def test_prefix_and_recurse(both):
    mine, other = both
    for options in ({"prefix": "net"}, {"recurse": False}, {"prefix": "net", "recurse": False}):
        got, wanted = (
            mine.inner[0].named_parameters(**options),
            other.inner[0].named_parameters(**options),
        )
        assert [name for name, _ in got] == [name for name, _ in wanted]


def test_state_dict_as_pytorch(both):
    mine, other = both
    assert list(mine.state_dict()) == list(other.state_dict())
    for name, value in other.state_dict().items():
        np.testing.assert_array_equal(mine.state_dict()[name].numpy(), value.numpy())


def test_repr_as_pytorch(both):
    mine, other = both
    assert repr(mine) == repr(other)
    assert repr(nn.Sequential()) == repr(torch.nn.Sequential())


def test_forward_and_gradients_as_pytorch(both):
    mine, other = both
    x = np.random.default_rng(0).normal(size=(5, 2)).astype(np.float32)
    a, b = mine(cr.tensor(x)), other(torch.tensor(x))
    (a * a).sum().backward()
    (b * b).sum().backward()
    np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-5, atol=1e-6)
    for p, q in zip(mine.parameters(), other.parameters(), strict=True):
        np.testing.assert_allclose(p.grad.numpy(), q.grad.numpy(), rtol=1e-4, atol=1e-5)


def test_paths_are_told_at_the_outermost_call():
    net = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2)))
    assert net[0].weight.name is None
    net(cr.zeros(3, 2))
    assert net[0].weight.name == "0.weight"
    assert net[1][1].running_mean.name == "1.1.running_mean"
    assert net[1]._path == "1"
    net[1](cr.zeros(3, 2))
    assert net[1][0].bias.name == "1.0.bias"
    net.append(nn.Linear(2, 2))
    net(cr.zeros(3, 2))
    assert net[2].weight.name == "2.weight"


def test_errors_call_parameters_by_their_paths():
    net = nn.Sequential(nn.Tanh(), nn.Linear(3, 2))
    with pytest.raises(cr.errors.ShapeError) as raised:
        net(cr.zeros(4, 5))
    assert "1.weight (2, 3)" in str(raised.value)


def test_scope_is_that_of_the_call():
    seen = []

    class Look(nn.Module):
        def forward(self, x):
            seen.append(state.scope)
            return x

    net = nn.Sequential(Look())
    net(1)
    assert seen == [(net[0], (net, None))]
    assert state.scope is None


def test_scope_ends_with_an_error():
    with pytest.raises(NotImplementedError, match="Module has no forward"):
        nn.Module()(1)
    assert state.scope is None
    assert not state.quiet


def test_nodes_remember_their_module():
    net = nn.Sequential(nn.Linear(2, 2))
    assert net(cr.zeros(1, 2)).node.scope[0] is net[0]


class Attributes(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(cr.ones(2))
        self.register_buffer("total", cr.zeros(2))
        self.register_buffer("scratch", cr.zeros(2), persistent=False)
        self.register_parameter("bias", None)
        self.child = nn.Tanh()


def test_attributes():
    m = Attributes()
    assert set(m.state_dict()) == {"weight", "total"}
    assert m.bias is None
    m.bias = nn.Parameter(cr.zeros(2))
    assert [name for name, _ in m.named_parameters()] == ["weight", "bias"]
    m.total = cr.ones(2)
    assert [name for name, _ in m.named_buffers()] == ["total", "scratch"]
    assert m.total.tolist() == [1.0, 1.0]
    m.weight = None
    del m.child, m.scratch
    assert list(m.modules()) == [m]
    assert {"weight", "bias", "total"} <= set(dir(m))
    m.child = 3  # the name is free again
    assert m.child == 3
    m.child = nn.ReLU()
    assert [name for name, _ in m.named_children()] == ["child"]
    with pytest.raises(AttributeError, match="Attributes has no attribute 'nothing'"):
        _ = m.nothing


@pytest.mark.parametrize(
    ("wrong", "fact"),
    [
        (lambda m: setattr(m, "weight", cr.ones(2)),
         "'weight' becomes a Tensor where a Parameter belongs"),
        (lambda m: setattr(m, "child", 3), "'child' becomes a int where a Module belongs"),
        (lambda m: setattr(m, "total", 3), "'total' becomes a int where a Tensor belongs"),
        (lambda m: m.register_buffer("a.b", None), "not a name: 'a.b'"),
        (lambda m: m.register_buffer("", None), "not a name: ''"),
        (lambda m: m.register_buffer("forward", None),
         "Attributes has an attribute 'forward' already"),
        (lambda m: m.add_module("weight", nn.Tanh()),
         "Attributes has an attribute 'weight' already"),
        (lambda m: m.register_parameter("w", 3), "'w' becomes a int where a Parameter belongs"),
    ],
)  # fmt: skip
def test_errors_of_registration(wrong, fact):
    with pytest.raises(ArgumentError) as raised:
        wrong(Attributes())
    assert raised.value.fact == fact


def test_a_state_dict_is_a_dict():
    with pytest.raises(ArgumentError, match="a state_dict is a dict, not a str"):
        nn.Linear(1, 1).load_state_dict("weights.npz")


@pytest.mark.parametrize("size", ["4", 4.0, -4, None])
def test_sizes_of_a_layer(size):
    with pytest.raises(ArgumentError, match="in_features is "):
        nn.Linear(size, 2)


def test_super_init_comes_first():
    class Hasty(nn.Module):
        def __init__(self):
            self.weight = nn.Parameter(cr.ones(2))

    with pytest.raises(
        AttributeError, match=r"super\(\).__init__\(\) comes before 'weight' in Hasty"
    ):
        Hasty()


def test_modes_and_gradients_on_and_off(both):
    mine, _ = both
    assert all(not m.training for m in mine.eval().modules())
    assert all(m.training for m in mine.train().modules())
    assert not any(p.requires_grad for p in mine.requires_grad_(False).parameters())
    seen = []
    mine.apply(lambda m: seen.append(type(m).__name__))
    assert seen[0] == "Linear"
    assert seen[-1] == "Block"


def test_zero_grad(both):
    mine, _ = both
    mine(cr.ones(4, 2)).sum().backward()
    held = mine.head.weight.grad
    mine.zero_grad(set_to_none=False)
    assert held.abs().max().item() == 0.0
    mine.zero_grad()
    assert all(p.grad is None for p in mine.parameters())


def test_other_types(both):
    mine, _ = both
    weight = mine.head.weight
    mine(cr.ones(4, 2)).sum().backward()
    mine.double()
    assert mine.head.weight is weight
    assert weight.dtype is weight.grad.dtype is cr.float64
    assert mine.inner[1].running_mean.dtype is cr.float64
    assert mine.inner[1].num_batches_tracked.dtype is cr.int64
    mine(cr.ones(4, 2, dtype=cr.float64)).sum().backward()
    assert mine.float().head.weight.dtype is cr.float32
    assert mine.to("cpu", cr.float64).head.weight.requires_grad


def test_deepcopy_is_independent(both):
    mine, _ = both
    twin = copy.deepcopy(mine)
    assert list(twin.state_dict()) == list(mine.state_dict())
    with cr.no_grad():
        twin.head.weight.zero_()
    assert mine.head.weight.abs().max().item() > 0
    assert twin.again is twin.head


def test_state_dict_shares_storage():
    layer = nn.Linear(2, 1)
    saved = layer.state_dict()
    with cr.no_grad():
        layer.weight.zero_()
    assert saved["weight"].tolist() == [[0.0, 0.0]]


def test_loading_tells_everything_and_changes_nothing(both):
    mine, _ = both
    before = {name: value.clone() for name, value in mine.state_dict().items()}
    wrong = {**before, "head.weight": cr.zeros(2, 2), "more": cr.zeros(1)}
    wrong["inner.0.weight"] = before["inner.0.weight"] * 0
    del wrong["inner.0.bias"]
    with pytest.raises(StateDictError) as raised:
        mine.load_state_dict(wrong)
    assert raised.value.fact == "the saved values do not fit into Block; nothing was loaded"
    assert raised.value.got == (
        "head.weight has shape (1, 3), and (2, 2) was saved; inner.0.bias was not saved; "
        "more was saved, and is not in the module"
    )
    for name, value in mine.state_dict().items():
        assert cr.Tensor.equal(value, before[name])
    with pytest.raises(RuntimeError, match=r"head\.weight has shape"):
        mine.load_state_dict(wrong, strict=False)
    del wrong["head.weight"]
    missing, unexpected = mine.load_state_dict(wrong, strict=False)
    assert (missing, unexpected) == (["inner.0.bias", "head.weight"], ["more"])
    assert mine.inner[0].weight.abs().max().item() == 0.0


def test_buffers_assigned_while_captured_keep_their_tensor():
    class Total(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("total", cr.zeros(2))

        def forward(self, x):
            self.total = self.total + x
            return self.total * 1

    net = Total()
    total = net.total
    graph = cr.capture(net, cr.spec(2))
    assert net.total is total
    assert [i.name for i, _ in graph.updates] == ["total"]


def test_containers():
    net = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.ReLU())
    assert len(net) == 3
    assert isinstance(net[-1], nn.ReLU)
    assert list(net[1:]._modules) == ["1", "2"]
    assert list(nn.ModuleList(net)[1:]._modules) == ["0", "1"]
    net[1] = nn.Sigmoid()
    assert [type(m).__name__ for m in net] == ["Linear", "Sigmoid", "ReLU"]
    del net[0]
    assert list(net._modules) == ["0", "1"]
    net.extend([nn.Tanh()]).append(nn.Tanh())
    assert len(net) == 4
    named = nn.Sequential({"first": nn.Tanh(), "second": nn.ReLU()})
    assert named.second is named[1]
    with pytest.raises(IndexError, match="module 4 of a Sequential of 4"):
        net[4]


def test_shared_functions_are_pytorch_names():
    own = {name for name in nn.functional.__all__ if not hasattr(torch.nn.functional, name)}
    ours = {"apply_rotary", "hinge_loss", "sinusoidal_positions"}
    assert own == ours, "names of our own, which cannot be taken for PyTorch's"
    assert isinstance(nn.functional, types.ModuleType)


def test_parts_are_found_by_their_paths(both):
    ours, theirs = both
    for path in ("", "inner", "inner.0", "layers.3"):
        assert type(ours.get_submodule(path)).__name__ == type(theirs.get_submodule(path)).__name__
    assert ours.get_parameter("inner.1.bias") is ours.inner[1].bias
    assert ours.get_parameter("again.weight") is ours.head.weight
    assert ours.get_buffer("inner.1.running_var") is ours.inner[1].running_var
    assert ours.cpu() is ours


@pytest.mark.parametrize(
    ("ask", "path", "words"),
    [
        ("get_submodule", "inner.7", "Block has no module at 'inner.7'"),
        ("get_submodule", "note", "Block has no module at 'note'"),
        ("get_parameter", "head.bias", "Block has no parameter at 'head.bias'"),
        ("get_buffer", "head.weight", "Block has no buffer at 'head.weight'"),
    ],
)
def test_parts_that_are_not_there(both, ask, path, words):
    for net in both:
        with pytest.raises(AttributeError):
            getattr(net, ask)(path)
    with pytest.raises(AttributeError, match=re.escape(words)):
        getattr(both[0], ask)(path)
