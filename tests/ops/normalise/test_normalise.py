"""The ops of normalisation: statistics as results with gradients of their own, steps, formulas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import chainrule as cr
from chainrule import nn
from chainrule.nn import functional as F
from chainrule.ops import normalise
from tests.ops.beside import agree

DRAW = np.random.default_rng(5)
NORMS = {
    "batch_norm": ((4, 3, 2), (0, 2), {}),
    "layer_norm": ((4, 3, 2), (1, 2), {"normalized_shape": (3, 2)}),
    "instance_norm": ((2, 3, 4), (2,), {}),
    "group_norm": ((2, 4, 3), None, {"num_groups": 2}),
}


@pytest.mark.parametrize("correction", [0, 1])
@pytest.mark.parametrize("name", list(NORMS))
def test_statistics_are_results_with_gradients(name: str, correction: int) -> None:
    shape, dims, attrs = NORMS[name]
    values = DRAW.normal(size=shape)
    x, y = cr.tensor(values, requires_grad=True), torch.tensor(values, requires_grad=True)
    out, mean, var = getattr(normalise, name)(x, **attrs, eps=0.5, correction=correction)
    if dims is None:
        z, dims = y.reshape(2, 2, 2, 3), (2, 3)
    else:
        z = y
    middle, spread = z.mean(dims, True), z.var(dims, correction=correction, keepdim=True)
    wanted = ((z - middle) / (spread + 0.5).sqrt()).reshape(shape)
    agree((out, mean, var), (wanted, middle, spread))
    for f, parts, leaf in ((cr, (out, mean, var), x), (torch, (wanted, middle, spread), y)):
        total = sum((part**3 * (i + 2)).sum() for i, part in enumerate(parts))
        (slope,) = f.autograd.grad(total, leaf, create_graph=True)
        (slope**2).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), y.grad.numpy(), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("alone", [1, 2])
def test_statistics_may_be_used_without_the_output(alone: int) -> None:
    x = cr.tensor([[1.0, 5.0], [3.0, 1.0]], requires_grad=True)
    normalise.batch_norm(x, cr.ones(2, requires_grad=True))[alone].sum().backward()
    wanted = [[[0.5, 0.5], [0.5, 0.5]], [[-1.0, 2.0], [1.0, -2.0]]][alone - 1]
    assert x.grad.tolist() == wanted
    x = cr.tensor([3.0, 4.0], requires_grad=True)
    normalise.rms_norm(x, normalized_shape=2).mean_square.sum().backward()
    assert x.grad.tolist() == [3, 4]


def test_a_norm_says_what_a_person_would_write_down() -> None:
    graph = cr.capture(lambda x: F.layer_norm(x, 3), cr.spec(2, 3))
    steps = [
        node.attrs["label"]
        for node in cr.readings.lower.lower(graph).nodes
        if node.op is not None and "label" in node.attrs
    ]
    assert steps == [
        "mean", "distance from the mean", "variance", "standard deviation", "standardized"
    ]  # fmt: skip


def explained(loss: Any) -> str:
    return " ".join(str(cr.explain(loss)).split())


def test_the_adjoint_of_a_norm_is_written_with_means_and_variances() -> None:
    x = cr.tensor([[2.0, 1.0], [4.0, 5.0], [9.0, 6.0]], requires_grad=True)
    norm = nn.BatchNorm1d(2, eps=0)
    y = norm(x)
    said = explained((y * y).sum())
    assert "y = batch_norm(x, weight, bias, eps=0) = batch_norm([[2, 1]," in said
    assert "centred = x - mean(x, dim=0) = [[2, 1]," in said
    assert "std = sqrt(var(x, dim=0, correction=0)) =" in said
    assert "x̄ = ȳ * (weight / std) - centred * (sum(ȳ * centred * weight, dim=0)" in said
    x = cr.tensor([[3.0, 4.0]], requires_grad=True)
    y = F.rms_norm(x, 2, eps=0)
    said = explained((y**3).sum())
    assert "rms = sqrt(mean(x ** 2, dim=1)) =" in said
    assert "x̄ = ȳ / rms - x * (mean(ȳ * x, dim=1) / rms ** 3)" in said
    x = cr.tensor([[1.0, 2.0, 4.0, 8.0]], requires_grad=True)
    y = F.group_norm(x, 2)
    said = explained((y**3).sum())
    assert "group_norm(x, num_groups=2).mean" in said  # of the groups, which are no axes of x
    assert "y = group_norm(x, num_groups=2) =" in said


def test_a_name_of_several_outputs_is_that_of_the_first_only_where_it_is_the_op_itself() -> None:
    x = cr.tensor([1.0, 3.0, 2.0], requires_grad=True)
    found = x.max(0)
    said = explained(found.values * 2)
    assert "found" not in said


@pytest.mark.parametrize("name", list(NORMS))
def test_compiled_is_eager(name: str) -> None:
    shape, _, attrs = NORMS[name]
    x = cr.tensor(DRAW.normal(size=shape))
    channels = attrs.get("normalized_shape", (shape[1],))
    weight, bias = (cr.tensor(DRAW.normal(size=channels)) for _ in range(2))

    def slopes(x: Any, weight: Any, bias: Any) -> Any:
        made = getattr(normalise, name)(x, weight, bias, **attrs)
        return (made.output**3).sum() + (made.var * made.mean).sum()

    gradients = cr.grad(slopes, argnums=(0, 1, 2))
    eager, compiled = gradients(x, weight, bias), cr.compile(gradients)(x, weight, bias)
    for a, b in zip(eager, compiled, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-12, atol=1e-12)


def test_a_compiled_norm_refuses_a_variance_of_0_too() -> None:
    step = cr.compile(lambda x: F.layer_norm(x, 2, eps=0))
    assert step(cr.tensor([[1.0, 3.0]])).tolist() == [[-1, 1]]
    with pytest.raises(cr.errors.ValueCheckError, match="a row has variance 0"):
        step(cr.tensor([[3.0, 3.0]]))


@pytest.mark.parametrize("size", [1, 2, 3, 4, 7])
def test_the_channels_around_are_those_of_a_loop(size: int) -> None:
    values = DRAW.normal(size=(2, 5, 3))
    made = F.local_response_norm(cr.tensor(values), size, 0.3, 0.6, 1.5).numpy()
    for c in range(5):
        around = values[:, max(0, c - size // 2) : c + (size - 1) // 2 + 1]
        level = 1.5 + 0.3 / size * (around**2).sum(1)
        np.testing.assert_allclose(made[:, c], values[:, c] / level**0.6, rtol=1e-12)
