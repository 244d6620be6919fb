"""Activations as modules and functions against PyTorch's: values, gradients, texts, in place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import chainrule as cr
from chainrule import nn
from chainrule.core.errors import ArgumentError, GradientError
from chainrule.nn import functional as F

TF = torch.nn.functional

MODULES: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("ReLU", (), {}), ("ReLU", (True,), {}), ("ReLU6", (), {}), ("ReLU6", (True,), {}),
    ("LeakyReLU", (0.2, True), {}), ("LeakyReLU", (), {}), ("ELU", (), {}),
    ("ELU", (2.0, True), {}),
    ("SELU", (True,), {}), ("SELU", (), {}), ("CELU", (), {"alpha": 1.5, "inplace": True}),
    ("GELU", (), {}), ("GELU", ("tanh",), {}), ("SiLU", (), {}), ("SiLU", (True,), {}),
    ("Mish", (), {}), ("Mish", (True,), {}), ("Softplus", (), {}), ("Softplus", (2.0, 1.0), {}),
    ("Softsign", (), {}), ("Hardtanh", (), {}), ("Hardtanh", (-0.5, 0.25, True), {}),
    ("Hardsigmoid", (), {}), ("Hardsigmoid", (True,), {}), ("Hardswish", (True,), {}),
    ("LogSigmoid", (), {}), ("Tanhshrink", (), {}), ("Softshrink", (), {}),
    ("Softshrink", (1.0,), {}), ("Hardshrink", (0.75,), {}), ("Threshold", (0.5, 2.0), {}),
    ("Threshold", (0.5, 2.0, True), {}), ("PReLU", (), {}), ("PReLU", (4, 0.5), {}),
    ("RReLU", (0.1, 0.3), {}), ("GLU", (), {}), ("GLU", (0,), {}), ("Softmin", (1,), {}),
    ("LogSoftmax", (), {"dim": 0}), ("Softmax", (1,), {}), ("Tanh", (), {}), ("Sigmoid", (), {}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "args", "kwargs"), MODULES)
def test_modules_are_pytorchs(name: str, args: Any, kwargs: Any) -> None:
    values = np.random.default_rng(3).normal(size=(6, 4, 2)) * 2
    ours, theirs = (getattr(n, name)(*args, **kwargs).eval() for n in (nn, torch.nn))
    theirs = theirs.double()
    if name == "PReLU":
        ours.load_state_dict({"weight": cr.tensor(theirs.weight.detach().numpy())})
        ours.weight.data = ours.weight.data.double()
    assert repr(ours) == repr(theirs)
    x, y = cr.tensor(values, requires_grad=True), torch.tensor(values, requires_grad=True)
    a, b = x * 1, y * 1
    made, wanted = ours(a), theirs(b)
    assert (made is a) == (wanted is b)
    np.testing.assert_allclose(
        made.detach().numpy(), wanted.detach().numpy(), rtol=1e-12, atol=1e-15
    )
    made.pow(2).sum().backward()
    wanted.pow(2).sum().backward()
    rough = 1e-7 if name == "Hardsigmoid" else 1e-12  # PyTorch takes 1/6 from float32
    np.testing.assert_allclose(x.grad.numpy(), y.grad.numpy(), rtol=rough, atol=1e-14)
    if name == "PReLU":
        found, known = ours.weight.grad.numpy(), theirs.weight.grad.numpy()
        np.testing.assert_allclose(found, known, rtol=1e-12)


@pytest.mark.parametrize(
    ("shape", "slopes"),
    [((5,), 1), ((2, 3), 1), ((2, 3), 3), ((2, 3, 4, 5), 1), ((2, 3, 4, 5), 3), ((), 1)],
)
def test_prelu_has_its_slopes_along_the_channels(shape: tuple[int, ...], slopes: int) -> None:
    rng = np.random.default_rng(1)
    values, weight = rng.normal(size=shape), rng.normal(size=slopes)
    ours, theirs = F.prelu(cr.tensor(values), cr.tensor(weight)), TF.prelu(
        torch.tensor(values), torch.tensor(weight)
    )  # fmt: skip
    np.testing.assert_array_equal(ours.numpy(), theirs.numpy())


def test_in_place_activations_change_their_operand() -> None:
    for function in (F.relu, F.relu6, F.leaky_relu, F.elu, F.selu, F.celu, F.silu, F.mish,
                     F.hardtanh, F.hardsigmoid, F.hardswish, F.rrelu):  # fmt: skip
        x = cr.tensor([-1.0, 2.0])
        wanted = function(x).tolist()
        assert x.tolist() == [-1.0, 2.0]
        assert function(x, inplace=True) is x
        assert x.tolist() == wanted
    leaf = cr.tensor([1.0], requires_grad=True)
    with pytest.raises(GradientError, match="changed in place"):
        F.relu(leaf, inplace=True)


def test_rrelu_draws_a_slope_for_each_negative_entry() -> None:
    cr.manual_seed(3)
    x = cr.full((1000,), -1.0, dtype=cr.float64)
    slopes = -F.rrelu(x, 0.25, 0.75, training=True).numpy()
    assert slopes.min() >= 0.25 and slopes.max() < 0.75
    assert abs(slopes.mean() - 0.5) < 0.03
    assert F.rrelu(-x, training=True).tolist() == (-x).tolist()
    layer = nn.RReLU(0.25, 0.75)
    assert len({*layer(x).tolist()}) > 900
    assert {*layer.eval()(x).tolist()} == {-0.5}
    x = cr.tensor([-2.0, 2.0], requires_grad=True)
    y = F.rrelu(x, training=True)
    y.sum().backward()
    assert x.grad.tolist() == pytest.approx([-y[0].item() / 2, 1.0])


@pytest.mark.parametrize("p", [1.0, 2.0, 3.0, float("inf")])
@pytest.mark.parametrize("dim", [0, 1])
def test_normalize_is_pytorchs(p: float, dim: int) -> None:
    values = np.array([[3.0, -4.0, 0.0], [0.0, 0.0, 0.0], [1.0, 0.5, -2.0]])
    x, y = cr.tensor(values, requires_grad=True), torch.tensor(values, requires_grad=True)
    a, b = F.normalize(x, p, dim), TF.normalize(y, p, dim)
    np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-12)
    if p < float("inf"):
        (a**2 * cr.tensor(values + 1)).sum().backward()
        (b**2 * torch.tensor(values + 1)).sum().backward()
        np.testing.assert_allclose(x.grad.numpy(), y.grad.numpy(), rtol=1e-10, atol=1e-12)


def test_softmax_computes_in_the_type_asked_for() -> None:
    x = cr.tensor([1, 2, 3])
    for ours, theirs in ((F.softmax, TF.softmax), (F.log_softmax, TF.log_softmax),
                         (F.softmin, TF.softmin)):  # fmt: skip
        made = ours(x, 0, dtype=cr.float64)
        assert made.dtype is cr.float64
        wanted = theirs(torch.tensor([1, 2, 3]), 0, dtype=torch.float64)
        np.testing.assert_allclose(made.numpy(), wanted.numpy(), rtol=1e-12)


def test_a_hardtanh_without_room_is_refused() -> None:
    with pytest.raises(ArgumentError, match=r"Hardtanh: max_val 1 is not above min_val 1"):
        nn.Hardtanh(1, 1)
