"""Optimizers: groups, state, errors; the table of all variants is in test_table."""

import numpy as np
import pytest
import sympy
import torch

import chainrule as cr
from chainrule import nn, optim
from chainrule.core.errors import ArgumentError


def start(dtype):
    """Two parameters, and a target that makes the loss no quadratic."""
    draw = np.random.default_rng(3)
    return [draw.normal(size=(3, 4)).astype(dtype), draw.normal(size=4).astype(dtype)]


def loss(framework, w, b):
    return (framework.tanh(w + b) ** 2).sum() + 0.1 * (w * w).mean()


def ours(values):
    return [nn.Parameter(cr.tensor(x)) for x in values]


def theirs(values):
    return [torch.nn.Parameter(torch.tensor(x)) for x in values]


def assert_close(mine, other, bound):
    for a, b in zip(mine, other, strict=True):
        np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=bound, atol=bound)


def test_changes_of_hyperparameters_between_steps_count():
    mine, other = ours(start("float64")), theirs(start("float64"))
    a, b = optim.SGD(mine, lr=0.1), torch.optim.SGD(other, lr=0.1)
    changes = [{"lr": 0.2}, {"momentum": 0.9}, {"weight_decay": 0.5}, {"momentum": 0.1, "lr": 0.01}]
    for change in changes:
        for framework, params, optimizer in ((cr, mine, a), (torch, other, b)):
            optimizer.zero_grad()
            loss(framework, *params).backward()
            optimizer.param_groups[0].update(change)
            optimizer.step()
    assert_close(mine, other, 1e-12)


def test_groups_have_hyperparameters_of_their_own():
    mine, other = ours(start("float64")), theirs(start("float64"))
    for framework, params, kind in ((cr, mine, optim.Adam), (torch, other, torch.optim.Adam)):
        optimizer = kind([{"params": params[:1], "lr": 0.5}], lr=0.1)
        for _ in range(2):
            loss(framework, *params).backward()
            optimizer.step()
        optimizer.add_param_group({"params": params[1], "betas": (0.1, 0.2)})
        loss(framework, *params).backward()
        optimizer.step()
    assert_close(mine, other, 1e-12)


def test_exact_parameters_stay_exact():
    w = nn.Parameter(cr.tensor([1], dtype=cr.exact))
    optimizer = optim.SGD([w], lr=0.1, momentum=0.9)
    for _ in range(2):
        w.grad = cr.tensor([2], dtype=cr.exact)
        optimizer.step()
    assert str(w.detach().tolist()) == "[Fraction(21, 50)]"  # 1 - 0.1 * 2 - 0.1 * (0.9 * 2 + 2)


def test_exact_adam_first_step_is_the_sign():
    w = nn.Parameter(cr.tensor([1, 1], dtype=cr.exact))
    w.grad = cr.tensor([3, -5], dtype=cr.exact)
    optim.Adam([w], lr=0.25, eps=0.0).step()
    assert [str(x) for x in w.detach().tolist()] == ["3/4", "5/4"]


def test_closure_is_called_with_gradients_on():
    (w,) = ours([np.ones(2)])
    optimizer = optim.SGD([w], lr=0.5)

    def closure():
        optimizer.zero_grad()
        found = (w * w).sum()
        found.backward()
        return found

    assert optimizer.step(closure).item() == 2.0
    assert w.tolist() == [0.0, 0.0]


def test_zero_grad():
    (w,) = ours([np.ones(2)])
    optimizer = optim.SGD([w], lr=0.5)
    w.grad = cr.tensor([1.0, 2.0], dtype=cr.float64)
    held = w.grad
    optimizer.zero_grad(set_to_none=False)
    assert held.tolist() == [0.0, 0.0]
    optimizer.zero_grad()
    assert w.grad is None


@pytest.mark.parametrize("name", ["SGD", "Adam"])
def test_state_dict_goes_on_where_it_stopped(name):
    options = {"lr": 0.1, **({"momentum": 0.9, "dampening": 0.5} if name == "SGD" else {})}
    reference, first, second = (ours(start("float64")) for _ in range(3))
    whole, before = (getattr(optim, name)(p, **options) for p in (reference, first))
    for params, optimizer, n in ((reference, whole, 6), (first, before, 3)):
        for _ in range(n):
            optimizer.zero_grad()
            loss(cr, *params).backward()
            optimizer.step()
    for a, b in zip(second, first, strict=True):
        a.data = b.detach().clone()
    after = getattr(optim, name)(second, lr=9.0, **{k: v for k, v in options.items() if k != "lr"})
    after.load_state_dict(before.state_dict())
    for _ in range(3):
        after.zero_grad()
        loss(cr, *second).backward()
        after.step()
    assert_close(second, reference, 0)


def test_state_dict_has_pytorch_layout():
    mine, other = ours(start("float64")), theirs(start("float64"))
    a, b = optim.Adam(mine), torch.optim.Adam(other)
    loss(cr, *mine).backward()
    loss(torch, *other).backward()
    a.step()
    b.step()
    saved, wanted = a.state_dict(), b.state_dict()
    assert saved["state"].keys() == wanted["state"].keys()
    assert saved["state"][0].keys() == wanted["state"][0].keys()
    assert saved["state"][0]["step"] == wanted["state"][0]["step"].item()
    (group,), (theirs_,) = saved["param_groups"], wanted["param_groups"]
    switches = {"foreach", "fused", "capturable", "differentiable"}
    assert theirs_.keys() - group.keys() == switches
    assert group.keys() - theirs_.keys() == {"eps_inside_root", "bias_correction"}
    assert {k: v for k, v in theirs_.items() if k in group} == {
        k: group[k] for k in group.keys() & theirs_
    }


def test_loading_other_shapes_changes_nothing():
    (w,) = ours([np.ones(3)])
    a, b = optim.Adam(ours([np.ones(2)]), lr=0.1), optim.Adam([w], lr=0.2)
    w.grad = cr.ones(3, dtype=cr.float64)
    b.step()
    with pytest.raises(ArgumentError) as raised:
        a.load_state_dict(b.state_dict())
    assert raised.value.fact == (
        "exp_avg of a parameter has shape (2,), and (3,) was saved; nothing was loaded"
    )
    assert a.param_groups[0]["lr"] == 0.1


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda w: optim.SGD([]), "an optimizer without parameters"),
        (lambda w: optim.SGD(w), "an optimizer takes several parameters"),
        (lambda w: optim.SGD([w, w]), "parameter (2,) comes twice"),
        (lambda w: optim.SGD([w * 2]), "a computed tensor cannot be optimized"),
        (lambda w: optim.SGD([3]), "a parameter is a int, not a tensor"),
        (lambda w: optim.SGD([w], lr=-1), "SGD: lr is -1.0, below 0"),
        (
            lambda w: optim.SGD([w], nesterov=True),
            "SGD: nesterov needs a momentum, and no dampening",
        ),
        (lambda w: optim.Adam([w], betas=(1.0, 0.9)), "Adam: a beta is 1.0"),
        (lambda w: optim.Adam([{"params": [w], "lrs": 1}]), "Adam has no hyperparameter 'lrs'"),
        (lambda w: optim.StepLR(optim.SGD([w]), 0), "StepLR: step_size is 0"),
    ],
)
def test_errors(make, text):
    (w,) = ours([np.ones(2)])
    with pytest.raises(ArgumentError) as raised:
        make(w)
    assert raised.value.fact == text


def test_momentum_by_symbols():
    start, eta, mu = cr.symbols("w eta mu")
    w = nn.Parameter(cr.symbols("w"))
    sgd = optim.SGD([w], lr=eta, momentum=mu)
    for _ in range(2):
        sgd.zero_grad()
        (w * w).backward()
        sgd.step()
    first = start - eta * 2 * start
    second = first - eta * (mu * 2 * start + 2 * first)
    assert sympy.expand(w.item() - second.item()) == 0


def test_repr():
    assert repr(optim.SGD(ours([np.ones(2)]), lr=0.5)).splitlines()[:4] == [
        "SGD (", "Parameter Group 0", "    average: False", "    bias_correction: False"
    ]  # fmt: skip


def test_step_lr_follows_pytorch():
    a = optim.SGD(ours([np.ones(2)]), lr=0.3)
    b = torch.optim.SGD(theirs([np.ones(2)]), lr=0.3)
    mine = optim.lr_scheduler.StepLR(a, step_size=3, gamma=0.5)
    other = torch.optim.lr_scheduler.StepLR(b, step_size=3, gamma=0.5)
    b.step()  # PyTorch warns where the schedule steps first
    for _ in range(10):
        assert mine.get_last_lr() == other.get_last_lr()
        mine.step()
        other.step()
    assert mine.last_epoch == 10
    assert isinstance(a.param_groups[0]["lr"], float)
