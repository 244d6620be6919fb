"""Hooks before and after a module's forward, beside PyTorch's."""

from __future__ import annotations

from typing import Any

import pytest
import torch

import chainrule as cr
from chainrule import nn
from chainrule.core.errors import ArgumentError


def story(lib: Any) -> list[Any]:
    """What hooks of all kinds see and change, in order."""
    seen: list[Any] = []

    class Sum(lib.nn.Module):
        def forward(self, x: Any, *, plus: float = 0.0) -> Any:
            seen.append(("forward", x.tolist(), plus))
            return x + plus

    net = Sum()

    def tell(name: str) -> Any:
        return lambda module, args, *output: seen.append((name, module is net, len(args)))

    handles = [
        net.register_forward_pre_hook(tell("first")),
        net.register_forward_pre_hook(lambda module, args: args[0] * 2),
        net.register_forward_pre_hook(tell("before all"), prepend=True),
        net.register_forward_pre_hook(
            lambda module, args, kwargs: (args, {"plus": kwargs["plus"] + 1}), with_kwargs=True
        ),
        net.register_forward_hook(lambda module, args, output: output * 10),
        net.register_forward_hook(lambda module, args, output: seen.append(output.tolist())),
        net.register_forward_hook(
            lambda module, args, kwargs, output: seen.append(kwargs), with_kwargs=True, prepend=True
        ),
    ]
    seen.append(net(lib.ones(2), plus=3.0).tolist())
    for handle in handles:
        handle.remove()
    seen.append(net(lib.ones(2), plus=3.0).tolist())
    return seen


def test_hooks_are_called_as_torchs() -> None:
    assert story(cr) == story(torch)


def test_hooks_after_an_error() -> None:
    for lib in (cr, torch):
        net, seen = lib.nn.Module(), []
        net.register_forward_hook(lambda *given, seen=seen: seen.append(given[-1]))
        net.register_forward_hook(lambda *given, seen=seen: seen.append("always"), always_call=True)
        with pytest.raises(NotImplementedError):
            net()
        assert seen == ["always"]


def test_gradients_flow_through_what_a_hook_returns() -> None:
    layer = nn.Linear(2, 1, bias=False)
    layer.register_forward_hook(lambda module, args, output: output * 3)
    layer(cr.ones(1, 2)).sum().backward()
    assert layer.weight.grad.tolist() == [[3.0, 3.0]]
    compiled = cr.compile(layer)
    assert compiled(cr.ones(1, 2)).tolist() == layer(cr.ones(1, 2)).tolist()


def test_what_is_no_hook_is_refused() -> None:
    layer = nn.Tanh()
    with pytest.raises(ArgumentError) as raised:
        layer.register_forward_hook("print")
    assert raised.value.fact == "a hook is a function, not str"
    layer.register_forward_pre_hook(lambda *given: given[1], with_kwargs=True)
    with pytest.raises(ArgumentError) as raised:
        layer(cr.ones(1))
    assert raised.value.fact == (
        "a forward pre-hook with_kwargs returned neither None nor new arguments"
    )
    assert raised.value.expected == "(args, kwargs): a tuple and a dict"


def test_half() -> None:
    assert nn.Linear(1, 1).half().weight.dtype is cr.float16
