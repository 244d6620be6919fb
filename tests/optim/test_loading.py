"""Damaged states of optimizers, and steps that fail: nothing is changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import chainrule as cr
from chainrule import nn, optim
from chainrule.core.errors import ArgumentError, ValueCheckError


def _in_group(**entries: Any) -> Any:
    return lambda saved: saved["param_groups"][0].update(entries)


def _in_state(**entries: Any) -> Any:
    return lambda saved: saved["state"][1].update(entries)


DAMAGED: list[tuple[Callable[[Any], Any], str]] = [
    (_in_group(lr="fast"), "Adam: lr is 'fast'"),
    (_in_group(lr=None), "Adam: lr is None"),
    (_in_group(lr=-1.0), "Adam: lr is -1.0, below 0"),
    (_in_group(lr=float("nan")), "Adam: lr is nan, below 0"),
    (_in_group(lr=object()), "Adam: lr is <object"),
    (_in_group(lr=cr.ones(3)), "Adam: lr is None"),
    (_in_group(betas=(0.9,)), "Adam: betas are (0.9,)"),
    (_in_group(amsgrad="yes"), "a saved group of Adam: amsgrad is 'yes'; nothing was loaded"),
    (_in_group(params=3), "a saved group does not say which parameters it has"),
    (_in_group(params=[0, 0]), "a saved group does not say which parameters it has"),
    (_in_group(params=[[0], 1]), "a saved group does not say which parameters it has"),
    (_in_group(params=[0]), "the saved groups are of other sizes; nothing was loaded"),
    (lambda s: s.update(param_groups=[None]), "a saved group does not say which parameters"),
    (lambda s: s.update(param_groups=None), "this is not the state_dict of an optimizer"),
    (lambda s: s.update(state=[]), "this is not the state_dict of an optimizer"),
    (lambda s: s["state"].update({1: None}), "the saved state of Adam for a parameter is no dict"),
    (_in_state(step="x"), "the saved state of Adam: step is 'x'; nothing was loaded"),
    (_in_state(step=-4), "the saved state of Adam: step is -4; nothing was loaded"),
    (_in_state(step=0.5), "the saved state of Adam: step is 0.5; nothing was loaded"),
    (_in_state(step=cr.ones(2)), "the saved state of Adam: step is tensor([1., 1.])"),
    (_in_state(exp_avg="x"), "exp_avg of a parameter is no tensor; nothing was loaded"),
    (_in_state(exp_avg=cr.ones(3)), "exp_avg of a parameter has shape (2,), and (3,) was saved"),
    (
        _in_state(exp_avg=cr.tensor([1j, 2j])),
        "exp_avg of a parameter is float32, and complex64 was saved; nothing was loaded",
    ),
]


@pytest.mark.parametrize(("damage", "fact"), DAMAGED)
def test_a_damaged_state_changes_nothing(damage: Callable[[Any], Any], fact: str) -> None:
    def made(start: float) -> Any:
        params = [nn.Parameter(cr.full((n,), start)) for n in (3, 2)]
        optimizer = optim.Adam(params, lr=0.1)
        for _ in range(2):
            optimizer.zero_grad()
            sum((p * p).sum() for p in params).backward()
            optimizer.step()
        return optimizer

    saved, optimizer = made(1.0).state_dict(), made(2.0)
    before = repr(optimizer.state_dict())
    damage(saved)
    with pytest.raises(ArgumentError) as raised:
        optimizer.load_state_dict(saved)
    assert raised.value.fact.startswith(fact)
    assert repr(optimizer.state_dict()) == before


def test_an_exact_step_that_grows_too_long_changes_nothing() -> None:
    w = nn.Parameter(cr.tensor([1, 2], dtype=cr.exact))
    optimizer = optim.Adam([w], lr=0.1)

    def step() -> None:
        optimizer.zero_grad()
        (w * w).sum().backward()
        optimizer.step()

    kept: Any = None
    with pytest.raises(  # noqa: PT012  (which step is refused depends on the forms met)
        ValueCheckError, match=r"expression of more than|integers longer than"
    ):
        for _ in range(8):
            kept = w.tolist(), repr(optimizer.state_dict())
            step()
    assert (w.tolist(), repr(optimizer.state_dict())) == kept


SCHEDULES: list[Callable[[Any], Any]] = [
    lambda o: optim.lr_scheduler.StepLR(o, 2),
    optim.lr_scheduler.ReduceLROnPlateau,
    lambda o: optim.lr_scheduler.OneCycleLR(o, 0.1, total_steps=9),
    lambda o: optim.lr_scheduler.SequentialLR(
        o, [optim.lr_scheduler.ConstantLR(o), optim.lr_scheduler.StepLR(o, 2)], [2]
    ),
    lambda o: optim.lr_scheduler.CosineAnnealingWarmRestarts(o, 3),
    lambda o: optim.lr_scheduler.CyclicLR(o, 0.1, 0.2),
    lambda o: optim.lr_scheduler.ChainedScheduler([optim.lr_scheduler.StepLR(o, 2)]),
]


@pytest.mark.parametrize("make", SCHEDULES)
def test_a_damaged_schedule_changes_nothing(make: Callable[[Any], Any]) -> None:
    schedule = make(optim.SGD([nn.Parameter(cr.ones(1))], lr=0.1, momentum=0.9))
    saved = schedule.state_dict()
    name, before = type(schedule).__name__, repr(saved)
    for key in saved:
        wrong = 3 if isinstance(saved[key], str) else "x"
        with pytest.raises(ArgumentError) as raised:
            schedule.load_state_dict({**saved, key: wrong})
        assert raised.value.fact == (
            f"the saved state of {name}: {key} is {wrong!r}; nothing was loaded"
        )
    for given in (None, 3, []):
        with pytest.raises(ArgumentError) as raised:
            schedule.load_state_dict(given)
        assert raised.value.fact == f"the saved state of {name} is no dict; nothing was loaded"
    assert repr(schedule.state_dict()) == before


def test_another_number_of_milestones_changes_nothing() -> None:
    schedule = SCHEDULES[3](optim.SGD([nn.Parameter(cr.ones(1))], lr=0.1))
    saved = schedule.state_dict()
    with pytest.raises(ArgumentError) as raised:
        schedule.load_state_dict({**saved, "_milestones": []})
    assert raised.value.fact == "another number of milestones was saved; nothing was loaded"
    with pytest.raises(ArgumentError, match="last_epoch is nan"):
        schedule.load_state_dict({**saved, "last_epoch": float("nan")})
    assert repr(schedule.state_dict()) == repr(saved)
