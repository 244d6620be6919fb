"""Pooling layers against PyTorch's: texts, results, refusals when they are made."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import chainrule as cr
from chainrule import nn
from chainrule.core.errors import ArgumentError

LAYERS: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("MaxPool1d", (2,), {}), ("MaxPool1d", (3, 2, 1, 2, False, True), {}),
    ("MaxPool2d", (2,), {}), ("MaxPool2d", ((3, 2), 2), {"padding": (1, 0), "ceil_mode": True}),
    ("MaxPool2d", (2,), {"return_indices": True}), ("MaxPool3d", (2, 1), {"dilation": 2}),
    ("AvgPool1d", (2,), {}), ("AvgPool1d", (3, 2, 1, True, False), {}),
    ("AvgPool2d", (2,), {}), ("AvgPool2d", (3, 2, 1), {"count_include_pad": False}),
    ("AvgPool2d", (2,), {"divisor_override": 3}), ("AvgPool3d", (2, 1), {}),
    ("AdaptiveAvgPool1d", (3,), {}), ("AdaptiveAvgPool2d", (1,), {}),
    ("AdaptiveAvgPool2d", ((None, 2),), {}), ("AdaptiveAvgPool3d", ((2, 1, 3),), {}),
    ("AdaptiveMaxPool1d", (3,), {}), ("AdaptiveMaxPool2d", (2, True), {}),
    ("AdaptiveMaxPool3d", (2,), {}),
    ("LPPool1d", (2, 2), {}), ("LPPool2d", (3.0, (2, 3)), {"stride": 2, "ceil_mode": True}),
    ("LPPool3d", (1, 2), {}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "args", "kwargs"), LAYERS)
def test_layers_are_pytorchs(name: str, args: Any, kwargs: Any) -> None:
    ours, theirs = (getattr(n, name)(*args, **kwargs) for n in (nn, torch.nn))
    assert repr(ours) == repr(theirs)
    assert not ours.state_dict()
    rank = int(name[-2])
    values = np.random.default_rng(3).uniform(0.5, 2, (2, 2, *(7, 6, 5)[:rank]))
    x, y = cr.tensor(values, requires_grad=True), torch.tensor(values, requires_grad=True)
    made, wanted = ours(x), theirs(y)
    if isinstance(wanted, tuple):
        assert made[1].tolist() == wanted[1].tolist()
        made, wanted = made[0], wanted[0]
    np.testing.assert_allclose(made.detach().numpy(), wanted.detach().numpy(), rtol=1e-12)
    made.pow(2).sum().backward()
    wanted.pow(2).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), y.grad.numpy(), rtol=1e-12)


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_unpooling_layers_are_pytorchs(rank: int) -> None:
    ours, theirs = (getattr(n, f"MaxUnpool{rank}d")(2, stride=2) for n in (nn, torch.nn))
    assert repr(ours) == repr(theirs)
    for shape, size in (((2, 6, 4, 4), None), ((2, 7, 6, 5), (7, 6, 5)[:rank])):
        values = np.random.default_rng(3).normal(size=shape[: rank + 1])
        pool = getattr(torch.nn, f"MaxPool{rank}d")(2, return_indices=True)
        y, at = pool(torch.tensor(values))
        made = ours(cr.tensor(y.numpy()), cr.tensor(at.numpy()), size)
        np.testing.assert_array_equal(made.numpy(), theirs(y, at, size).numpy())


@pytest.mark.parametrize(
    ("name", "args", "text"),
    [
        ("MaxPool2d", (0,), "kernel_size is 0"),
        ("MaxPool1d", ((2, 2),), r"kernel_size is \(2, 2\)"),
        ("MaxPool2d", (2, 2, 2), "padding 2 is more than half of the kernel, 2"),
        ("MaxPool3d", (2, 1, 0, 0), "dilation is 0"),
        ("AvgPool1d", (2, -1), "stride is -1"),
        ("AvgPool2d", (2, 2, 0, False, True, 0), "divisor_override is 0"),
        ("AdaptiveAvgPool2d", ((1, 2, 3),), r"output_size is \(1, 2, 3\)"),
        ("AdaptiveMaxPool1d", (-2,), "output_size is -2"),
        ("LPPool1d", (0, 2), "norm_type is 0"),
        ("MaxUnpool2d", (2.5,), "kernel_size is 2.5"),
    ],
)
def test_what_is_no_size_is_refused_at_once(name: str, args: Any, text: str) -> None:
    with pytest.raises(ArgumentError, match=text):
        getattr(nn, name)(*args)


def test_a_network_with_pools_is_compiled_once() -> None:
    net = nn.Sequential(
        nn.MaxPool2d(3, 2, 1), nn.AvgPool2d(2), nn.AdaptiveAvgPool2d((None, 1)), nn.Flatten()
    )
    step = cr.compile(lambda x: net(x).sum())
    for seed in range(2):
        x = cr.tensor(np.random.default_rng(seed).normal(size=(2, 3, 9, 9)))
        assert step(x).item() == net(x).sum().item()
    assert step.captures == 1


def test_names_at_the_top_are_pytorchs() -> None:
    x, y = cr.arange(12.0).reshape(1, 2, 6), torch.arange(12.0).reshape(1, 2, 6)
    assert cr.max_pool1d(x, 2).tolist() == torch.max_pool1d(y, 2).tolist()
    assert cr.avg_pool1d(x, 3).tolist() == torch.avg_pool1d(y, 3).tolist()
    assert cr.adaptive_avg_pool1d(x, 4).tolist() == torch.adaptive_avg_pool1d(y, 4).tolist()
    for ours, theirs in (
        (cr.adaptive_max_pool1d(x, 4), torch.adaptive_max_pool1d(y, 4)),
        (cr.max_pool1d_with_indices(x, 2), torch.max_pool1d_with_indices(y, 2)),
    ):
        assert [part.tolist() for part in ours] == [part.tolist() for part in theirs]
    assert cr.max_pool2d(x, 2).tolist() == torch.max_pool2d(y, 2).tolist()
