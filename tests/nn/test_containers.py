"""Modules and parameters by name and by number: PyTorch's are the oracle."""

from __future__ import annotations

from typing import Any

import pytest
import torch

import chainrule as cr
from chainrule import nn
from chainrule.core.errors import ArgumentError, DimError


def both(make: Any) -> tuple[Any, Any]:
    """The same container made with chainrule and with PyTorch."""
    return make(cr), make(torch)


def test_a_module_dict_is_that_of_pytorch() -> None:
    def make(lib: Any) -> Any:
        made = lib.nn.ModuleDict({"up": lib.nn.Linear(2, 3)})
        made.update([("act", lib.nn.Tanh()), ("down", lib.nn.Linear(3, 2, bias=False))])
        made["up"] = lib.nn.Linear(2, 4)
        gone = made.pop("act")
        made.update(lib.nn.ModuleDict({"last": gone}))
        return made

    ours, theirs = both(make)
    assert list(ours) == list(theirs) == ["up", "down", "last"]
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert repr(ours) == repr(theirs)
    assert "up" in ours and "act" not in ours and len(ours) == 3
    assert list(ours.keys()) == [k for k, _ in ours.items()]
    assert ours["up"] is ours.up is next(iter(ours.values()))
    del ours["up"]
    assert "up.weight" not in ours.state_dict()
    ours.clear()
    assert not len(ours) and not list(ours.parameters())


def test_a_module_dict_in_a_network() -> None:
    net = nn.ModuleDict({"body": nn.ModuleDict({"a": nn.Linear(2, 2)}), "head": nn.Linear(2, 1)})
    assert list(net.state_dict()) == ["body.a.weight", "body.a.bias", "head.weight", "head.bias"]
    net["head"](net.body.a(cr.ones(1, 2))).sum().backward()
    assert all(p.grad is not None for p in net.parameters())


@pytest.mark.parametrize("name", ["a.b", "", 3, "forward"])
def test_names_that_are_none(name: Any) -> None:
    with pytest.raises(ArgumentError):
        nn.ModuleDict({name: nn.Tanh()})
    with pytest.raises(ArgumentError):
        nn.ParameterDict({name: cr.zeros(2)})


def test_values_that_do_not_belong() -> None:
    with pytest.raises(ArgumentError, match="a Module belongs"):
        nn.ModuleDict({"x": cr.zeros(2)})
    with pytest.raises(ArgumentError, match="a Parameter belongs"):
        nn.ParameterDict({"x": 3})
    with pytest.raises(ArgumentError, match="a Parameter belongs"):
        nn.ParameterList([3])
    with pytest.raises(KeyError):
        nn.ModuleDict()["x"]
    with pytest.raises(KeyError):
        nn.ParameterDict().pop("x")


def test_parameters_are_those_of_pytorch() -> None:
    def listed(lib: Any) -> Any:
        made = lib.nn.ParameterList([lib.zeros(2), lib.nn.Parameter(lib.ones(2, 3))])
        made.append(lib.ones(1)).extend([lib.zeros(4)])
        made[0] = lib.ones(5)
        return made

    ours, theirs = both(listed)
    assert [tuple(p.shape) for p in ours] == [tuple(p.shape) for p in theirs]
    assert list(ours.state_dict()) == list(theirs.state_dict()) == ["0", "1", "2", "3"]
    assert all(p.requires_grad for p in ours) and ours[-1] is ours[3] and len(ours[1:]) == 3

    def named(lib: Any) -> Any:
        made = lib.nn.ParameterDict({"b": lib.zeros(2)})
        made["a"] = lib.ones(3)
        made.update({"c": lib.ones(1)})
        made.pop("b")
        return made

    ours, theirs = both(named)
    assert list(ours) == list(theirs.keys()) == list(ours.state_dict())
    assert ours["a"] is ours.a and ours.get("x", 7) == 7 and "c" in ours
    assert [k for k, _ in ours.items()] == list(ours.keys()) and len(list(ours.values())) == 2
    del ours["a"]
    ours.clear()
    assert not list(ours.parameters())


def test_parameters_are_printed_one_a_line() -> None:
    made = nn.ParameterDict({"w": cr.zeros(2, 3)})
    assert repr(made) == "ParameterDict(\n  (w): Parameter containing: [float32 of size 2x3]\n)"
    assert "(0): Parameter" in repr(nn.ParameterList([cr.zeros(2)]))


def test_a_number_that_is_not_there() -> None:
    with pytest.raises(DimError, match="parameter 2 of a ParameterList of 2"):
        nn.ParameterList([cr.zeros(1), cr.zeros(1)])[2]


@pytest.mark.parametrize("sizes", [(2, 3), (2, -1), [3, 2]])
def test_unflatten(sizes: Any) -> None:
    x = torch.arange(24.0).reshape(4, 6)
    ours, theirs = nn.Unflatten(1, sizes), torch.nn.Unflatten(1, sizes)
    assert ours(cr.tensor(x.numpy())).tolist() == theirs(x).tolist()
    assert repr(ours) == repr(theirs)
