"""What optimizers and schedules refuse: the text of every error, and that PyTorch raises too."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pytest
import torch

import chainrule as cr
from chainrule import nn, optim
from chainrule.core.errors import ArgumentError, CaptureError, ValueCheckError

Make = Callable[[Any, Any], Any]


def parameter(library: Any) -> Any:
    if library is optim:
        return nn.Parameter(cr.ones(2))
    return torch.nn.Parameter(torch.ones(2))


SWITCH = "compile the training step instead: cr.compile"
BOTH: list[tuple[Make, str]] = [
    (lambda o, w: o.SGD([w], lr=-1), "SGD: lr is -1.0, below 0"),
    (lambda o, w: o.SGD([w], momentum=-0.5), "SGD: momentum is -0.5, below 0"),
    (lambda o, w: o.SGD([w], weight_decay=-0.5), "SGD: weight_decay is -0.5, below 0"),
    (lambda o, w: o.SGD([w], nesterov=True), "SGD: nesterov needs a momentum, and no dampening"),
    (
        lambda o, w: o.SGD([w], momentum=0.5, dampening=0.5, nesterov=True),
        "SGD: nesterov needs a momentum, and no dampening",
    ),
    (lambda o, w: o.Adam([w], eps=-1e-8), "Adam: eps is -1e-08, below 0"),
    (lambda o, w: o.Adam([w], betas=(1.0, 0.9)), "Adam: a beta is 1.0"),
    (lambda o, w: o.AdamW([w], betas=(0.9, -0.1)), "AdamW: a beta is -0.1"),
    (lambda o, w: o.AdamW([w], lr=-1.0), "AdamW: lr is -1.0, below 0"),
    (lambda o, w: o.Adamax([w], betas=(0.9, 1.5)), "Adamax: a beta is 1.5"),
    (lambda o, w: o.NAdam([w], momentum_decay=-1.0), "NAdam: momentum_decay is -1.0, below 0"),
    (lambda o, w: o.RAdam([w], weight_decay=-1.0), "RAdam: weight_decay is -1.0, below 0"),
    (lambda o, w: o.Adagrad([w], lr_decay=-1.0), "Adagrad: lr_decay is -1.0, below 0"),
    (
        lambda o, w: o.Adagrad([w], initial_accumulator_value=-1.0),
        "Adagrad: initial_accumulator_value is -1.0, below 0",
    ),
    (lambda o, w: o.RMSprop([w], alpha=-0.1), "RMSprop: alpha is -0.1, below 0"),
    (lambda o, w: o.Adadelta([w], rho=1.5), "Adadelta: rho is 1.5, above 1.0"),
    (lambda o, w: o.Adadelta([w], rho=-0.5), "Adadelta: rho is -0.5, below 0"),
]
OURS: list[tuple[Make, str]] = [
    (lambda o, w: o.SGD([w], foreach=True), "SGD: foreach is not supported"),
    (lambda o, w: o.Adam([w], fused=True), "Adam: fused is not supported"),
    (lambda o, w: o.AdamW([w], capturable=True), "AdamW: capturable is not supported"),
    (lambda o, w: o.RMSprop([w], differentiable=True), "RMSprop: differentiable is not supported"),
    (lambda o, w: o.Adagrad([w], foreach=True), "Adagrad: foreach is not supported"),
    (lambda o, w: o.Adadelta([w], foreach=True), "Adadelta: foreach is not supported"),
    (lambda o, w: o.Adamax([w], foreach=True), "Adamax: foreach is not supported"),
    (lambda o, w: o.NAdam([w], foreach=True), "NAdam: foreach is not supported"),
    (lambda o, w: o.RAdam([w], foreach=True), "RAdam: foreach is not supported"),
    (
        lambda o, w: o.SGD([w], average=True),
        "SGD: average needs a momentum, and neither dampening nor nesterov",
    ),
    (
        lambda o, w: o.SGD([w], momentum=0.5, dampening=0.5, average=True),
        "SGD: average needs a momentum, and neither dampening nor nesterov",
    ),
    (
        lambda o, w: o.SGD([w], momentum=0.5, bias_correction=True),
        "SGD: bias_correction is for an average of gradients",
    ),
    (
        lambda o, w: o.Adam([nn.Parameter(cr.tensor([1j]))]),
        "Adam does not take complex64 parameters",
    ),
    (lambda o, w: o.SGD([w], lr="fast"), "SGD: lr is 'fast'"),
    (lambda o, w: o.SGD([w], lr=None), "SGD: lr is None"),
    (lambda o, w: o.SGD([w], dampening="a"), "SGD: dampening is 'a'"),
    (lambda o, w: o.Adam([w], betas=(0.9, 0.99, 0.999)), "Adam: betas are (0.9, 0.99, 0.999)"),
    (lambda o, w: o.Adam([w], betas=0.9), "Adam: betas are 0.9"),
    (lambda o, w: o.Adam([w], betas=("a", 0.9)), "Adam: a beta is 'a'"),
    (lambda o, w: o.SGD(3), "parameters come in a list"),
    (lambda o, w: o.SGD("w"), "parameters come in a list"),
    (lambda o, w: o.SGD([{"params": 3}]), "parameters come in a list"),
    (lambda o, w: o.SGD([{"lr": 0.1}]), "a group of parameters has no 'params'"),
    (lambda o, w: o.SGD([{"params": [w]}, w]), "a group of parameters has no 'params'"),
    (lambda o, w: o.SGD([w]).explain(), "no parameter has a gradient"),
    (lambda o, w: o.SGD([w]).explain(decimals=-1), "decimals is -1"),
]


@pytest.mark.parametrize(("make", "fact"), BOTH)
def test_what_pytorch_refuses_too(make: Make, fact: str) -> None:
    with pytest.raises(ArgumentError) as raised:
        make(optim, parameter(optim))
    assert raised.value.fact == fact
    with pytest.raises(ValueError):  # noqa: PT011  (each its own words)
        make(torch.optim, parameter(torch.optim))


@pytest.mark.parametrize(("make", "fact"), OURS)
def test_what_is_refused_here(make: Make, fact: str) -> None:
    with pytest.raises(ArgumentError) as raised:
        make(optim, parameter(optim))
    assert raised.value.fact == fact
    if "not supported" in fact:
        differentiable = "write the update as ops on tensors: w - lr * g"
        assert raised.value.hint == (differentiable if "differentiable" in fact else SWITCH)


def test_switches_that_are_off_are_taken() -> None:
    w = parameter(optim)
    optim.Adam([w], foreach=False, fused=None, capturable=False, differentiable=False)
    optim.RMSprop([w], 0.01, 0.99, 1e-8, 0, 0, False, False, None, True)
    assert optim.Adagrad([w], 0.01, 0, 0, 0, 1e-10, None).param_groups[0]["eps"] == 1e-10


def test_parameters_may_come_with_their_names() -> None:
    net = nn.Linear(2, 1)
    optimizer = optim.SGD(net.named_parameters(), lr=0.5)
    assert optimizer.param_groups[0]["params"] == list(net.parameters())


# -- schedules -------------------------------------------------------------------------------------


def momentum(library: Any, **options: Any) -> Any:
    return library.SGD([parameter(library)], lr=1.0, momentum=0.9, **options)


def adagrad(library: Any) -> Any:
    return library.Adagrad([parameter(library)])


Plan = Callable[[Any, Any, Any], Any]
SCHEDULES: list[tuple[Plan, str]] = [
    (lambda s, l, o: s.StepLR(3, 1), "StepLR takes an optimizer, not a int"),
    (lambda s, l, o: s.ReduceLROnPlateau(3), "ReduceLROnPlateau takes an optimizer, not a int"),
    (lambda s, l, o: s.OneCycleLR(3, 1.0, 10), "OneCycleLR takes an optimizer, not a int"),
    (lambda s, l, o: s.CyclicLR(3, 0.1, 1.0), "CyclicLR takes an optimizer, not a int"),
    (
        lambda s, l, o: s.ExponentialLR(o, 0.5, last_epoch=3),
        "ExponentialLR: group 0 has no initial_lr to go on from",
    ),
    (lambda s, l, o: s.ConstantLR(o, factor=1.5), "ConstantLR: factor is 1.5"),
    (lambda s, l, o: s.LinearLR(o, start_factor=0.0), "LinearLR: start_factor is 0.0"),
    (lambda s, l, o: s.LinearLR(o, end_factor=1.5), "LinearLR: end_factor is 1.5"),
    (
        lambda s, l, o: s.LambdaLR(o, [abs, abs]),
        "LambdaLR: lr_lambda has 2 entries for 1 groups",
    ),
    (
        lambda s, l, o: s.CosineAnnealingWarmRestarts(o, T_0=0),
        "CosineAnnealingWarmRestarts: T_0 is 0",
    ),
    (
        lambda s, l, o: s.CosineAnnealingWarmRestarts(o, 2, T_mult=1.5),
        "CosineAnnealingWarmRestarts: T_mult is 1.5",
    ),
    (
        lambda s, l, o: s.CosineAnnealingWarmRestarts(o, 2).step(-1),
        "CosineAnnealingWarmRestarts: the epoch is -1, below 0",
    ),
    (
        lambda s, l, o: s.OneCycleLR(o, 1.0),
        "OneCycleLR misses total_steps, or epochs and steps_per_epoch",
    ),
    (lambda s, l, o: s.OneCycleLR(o, 1.0, 0), "OneCycleLR: total_steps is 0"),
    (
        lambda s, l, o: s.OneCycleLR(o, 1.0, epochs=2, steps_per_epoch=0),
        "OneCycleLR: steps_per_epoch is 0",
    ),
    (lambda s, l, o: s.OneCycleLR(o, 1.0, 9, pct_start=1.5), "OneCycleLR: pct_start is 1.5"),
    (
        lambda s, l, o: s.OneCycleLR(o, 1.0, 9, anneal_strategy="steep"),
        "OneCycleLR: anneal_strategy is 'steep'",
    ),
    (lambda s, l, o: s.OneCycleLR(o, 1.0, 10, pct_start=0.1), "OneCycleLR: a phase has no steps"),
    (
        lambda s, l, o: s.OneCycleLR(o, [1.0, 2.0], 10),
        "OneCycleLR: max_lr has 2 entries for 1 groups",
    ),
    (
        lambda s, l, o: s.OneCycleLR(adagrad(l), 1.0, 10),
        "OneCycleLR: Adagrad has no momentum to cycle",
    ),
    (lambda s, l, o: s.CyclicLR(o, 0.1, 1.0, mode="square"), "CyclicLR: mode is 'square'"),
    (
        lambda s, l, o: s.CyclicLR(o, 0.1, 1.0, step_size_up=0),
        "CyclicLR: step sizes are 0 and 0",
    ),
    (lambda s, l, o: s.ReduceLROnPlateau(o, factor=1.0), "ReduceLROnPlateau: factor is 1.0"),
    (lambda s, l, o: s.ReduceLROnPlateau(o, "low"), "ReduceLROnPlateau: mode is 'low'"),
    (
        lambda s, l, o: s.ReduceLROnPlateau(o, threshold_mode="far"),
        "ReduceLROnPlateau: threshold_mode is 'far'",
    ),
    (
        lambda s, l, o: s.ReduceLROnPlateau(o, min_lr=[0.1, 0.2]),
        "ReduceLROnPlateau: min_lr has 2 entries for 1 groups",
    ),
    (lambda s, l, o: s.ChainedScheduler([]), "ChainedScheduler without schedules"),
    (lambda s, l, o: s.SequentialLR(o, [], []), "SequentialLR without schedules"),
    (
        lambda s, l, o: s.SequentialLR(o, [s.ExponentialLR(o, 0.5)], [3]),
        "SequentialLR: 1 milestones for 1 schedules",
    ),
    (
        lambda s, l, o: s.SequentialLR(o, [s.ReduceLROnPlateau(o)], []),
        "SequentialLR: schedule 0 is a ReduceLROnPlateau",
    ),
    (
        lambda s, l, o: s.ChainedScheduler([s.ExponentialLR(o, 0.5), s.StepLR(momentum(l), 1)]),
        "ChainedScheduler: schedule 1 belongs to another optimizer",
    ),
]  # fmt: skip
STRICTER: list[tuple[Plan, str]] = [
    (lambda s, l, o: s.StepLR(o, 0), "StepLR: step_size is 0"),
    (lambda s, l, o: s.ConstantLR(o, factor=0), "ConstantLR: factor is 0"),
    (lambda s, l, o: s.CosineAnnealingLR(o, 0), "CosineAnnealingLR: T_max is 0"),
]


@pytest.mark.parametrize(("make", "fact"), SCHEDULES)
def test_schedules_that_pytorch_refuses_too(make: Plan, fact: str) -> None:
    with pytest.raises(ArgumentError) as raised:
        make(optim.lr_scheduler, optim, momentum(optim))
    assert raised.value.fact == fact
    with pytest.raises(Exception):  # noqa: B017, PT011  (each its own kind)
        make(torch.optim.lr_scheduler, torch.optim, momentum(torch.optim))


def run(make: Plan) -> None:
    """Some epochs in PyTorch, which warns of steps that the optimizer did not make."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        schedule = make(torch.optim.lr_scheduler, torch.optim, momentum(torch.optim))
        for _ in range(9):
            schedule.step()


@pytest.mark.parametrize(("make", "fact"), STRICTER)
def test_schedules_that_pytorch_fails_with_later(make: Plan, fact: str) -> None:
    with pytest.raises(ArgumentError) as raised:
        make(optim.lr_scheduler, optim, momentum(optim))
    assert raised.value.fact == fact
    with pytest.raises(ZeroDivisionError):
        run(make)


def test_a_step_after_the_last_is_refused_eagerly_and_compiled() -> None:
    schedule = optim.lr_scheduler.OneCycleLR(momentum(optim), 1.0, 5)
    call = cr.compile(schedule.step)
    for _ in range(4):
        schedule.step()
    call()
    for step in (schedule.step, call):
        with pytest.raises(ValueCheckError) as raised:
            step()
        assert raised.value.fact == "a step beyond the 5 that the schedule was made for"
        assert schedule.last_epoch == 5


def test_a_group_that_was_added_later_is_refused() -> None:
    optimizer = momentum(optim)
    schedule = optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
    optimizer.add_param_group({"params": [parameter(optim)]})
    with pytest.raises(ArgumentError) as raised:
        schedule.step()
    assert raised.value.fact == "ExponentialLR was made for 1 groups, and the optimizer has 2"
    assert schedule.last_epoch == 0


def test_saved_states_that_do_not_fit_change_nothing() -> None:
    s = optim.lr_scheduler
    schedule = s.StepLR(momentum(optim), 3, gamma=0.5)
    before = schedule.state_dict()
    other = s.StepLR(momentum(optim), 2).state_dict()
    for change, fact in (
        ({"gammas": 1}, "has an unknown 'gammas'"),
        ({"last_epoch": None}, "has no 'last_epoch'"),
    ):
        saved = {**other, **change}
        saved = {key: value for key, value in saved.items() if value is not None}
        with pytest.raises(ArgumentError) as raised:
            schedule.load_state_dict(saved)
        assert raised.value.fact == f"the saved state of StepLR {fact}; nothing was loaded"
    with pytest.raises(ArgumentError) as raised:
        schedule.load_state_dict({**other, "base_lrs": [1.0, 2.0]})
    assert raised.value.fact == "2 groups were saved, and there are 1; nothing was loaded"
    assert schedule.state_dict() == before
    optimizer = momentum(optim)
    both = s.ChainedScheduler([s.StepLR(optimizer, 3), s.ExponentialLR(optimizer, 0.5)])
    before = both.state_dict()
    with pytest.raises(ArgumentError) as raised:
        both.load_state_dict({**before, "_schedulers": before["_schedulers"][:1]})
    assert raised.value.fact == "1 schedules were saved, and there are 2; nothing was loaded"
    with pytest.raises(ArgumentError, match="the saved state of ExponentialLR"):
        both.load_state_dict({**before, "_schedulers": [other, other]})
    assert both.state_dict() == before


def test_saved_states_of_other_optimizers_change_nothing() -> None:
    def stepped(make: Callable[[Any], Any]) -> Any:
        w = parameter(optim)
        optimizer = make([w])
        w.grad = cr.ones(2)
        optimizer.step()
        return optimizer

    sgd = stepped(lambda p: optim.SGD(p, lr=0.5, momentum=0.5))
    adam = stepped(lambda p: optim.Adam(p, lr=0.25))
    before = sgd.state_dict()
    saved, other = sgd.state_dict(), adam.state_dict()
    (group,) = saved["param_groups"]
    bare = {key: value for key, value in group.items() if key != "lr"}
    for given, fact in (
        ({"state": {}}, "this is not the state_dict of an optimizer"),
        ([1], "this is not the state_dict of an optimizer"),
        (other, "a saved group of SGD has an unknown 'amsgrad'"),
        ({**saved, "param_groups": [bare]}, "a saved group of SGD lacks 'lr'"),
        ({**saved, "state": other["state"]}, "the saved state of SGD has an unknown 'exp_avg'"),
        (
            {**saved, "param_groups": [{**group, "params": [0, 1]}]},
            "the saved groups are of other sizes",
        ),
        (
            {**saved, "state": {0: {"momentum_buffer": cr.ones(3)}}},
            "momentum_buffer of a parameter has shape (2,), and (3,) was saved",
        ),
    ):
        with pytest.raises(ArgumentError) as raised:
            sgd.load_state_dict(given)
        assert raised.value.fact == f"{fact}; nothing was loaded"
    now = sgd.state_dict()
    assert now["param_groups"] == before["param_groups"]
    assert now["state"][0]["momentum_buffer"].tolist() == [1.0, 1.0]


def test_a_schedule_takes_pytorchs_state() -> None:
    for name, given in (("StepLR", (2, 0.5)), ("CosineAnnealingLR", (6,)), ("MultiStepLR", ([3],))):
        a, b = momentum(optim), momentum(torch.optim)
        mine = getattr(optim.lr_scheduler, name)(a, *given)
        other = getattr(torch.optim.lr_scheduler, name)(b, *given)
        b.step()
        other.step()
        mine.load_state_dict(other.state_dict())
        a.load_state_dict(b.state_dict())
        for _ in range(4):
            mine.step()
            other.step()
        assert mine.get_last_lr() == pytest.approx(other.get_last_lr(), rel=1e-12)


def test_explain_needs_values() -> None:
    w = parameter(optim)
    optimizer = optim.SGD([w])
    w.grad = cr.ones(2)
    with pytest.raises(CaptureError, match=r"explain\(\) needs values"):
        cr.compile(lambda: optimizer.explain())()
