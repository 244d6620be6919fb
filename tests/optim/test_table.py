"""One table runs every optimizer and schedule: against PyTorch, compiled, exactly, and resumed."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy as sp
import torch

import chainrule as cr
from chainrule import nn, optim
from chainrule.core.errors import CaptureError
from tests.optim.plans import LOSSES, SCHEDULES, Plan
from tests.optim.table import OPTIMIZERS, Rule, exact, rational

STEPS, EPOCHS = 50, 30
BOUNDS = {"float64": 1e-12, "float32": 2e-6}
RULES = pytest.mark.parametrize("rule", OPTIMIZERS, ids=lambda rule: rule.id)
PLANS = pytest.mark.parametrize("plan", SCHEDULES, ids=lambda plan: plan.id)


@pytest.fixture(autouse=True)
def torch_in_double() -> Iterator[None]:
    """PyTorch keeps NAdam's product of momentums in its default type."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def start(dtype: str) -> list[np.ndarray]:
    draw = np.random.default_rng(3)
    return [draw.normal(size=(3, 4)).astype(dtype), draw.normal(size=4).astype(dtype)]


def gradients(dtype: str) -> list[list[np.ndarray]]:
    draw = np.random.default_rng(7)
    return [[draw.normal(size=x.shape).astype(dtype) for x in start(dtype)] for _ in range(STEPS)]


def ours(dtype: str) -> list[Any]:
    return [nn.Parameter(cr.tensor(x)) for x in start(dtype)]


def theirs(dtype: str) -> list[Any]:
    return [torch.nn.Parameter(torch.tensor(x)) for x in start(dtype)]


def made(rule: Rule, params: list[Any]) -> Any:
    return getattr(optim, rule.name)(params, **rule.options)


def loss(framework: Any, w: Any, b: Any) -> Any:
    """Not quadratic, so that gradients change their sign."""
    return (framework.tanh(w + b) ** 2).sum() + 0.1 * (w * w).mean()


def close(mine: list[Any], other: list[Any], bound: float) -> None:
    for a, b in zip(mine, other, strict=True):
        found, wanted = a.detach().numpy(), b.detach().numpy()
        scale = max(1.0, float(np.abs(wanted).max()))
        np.testing.assert_allclose(found, wanted, rtol=0, atol=bound * scale)


# -- optimizers ------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", BOUNDS)
@pytest.mark.parametrize("rule", [r for r in OPTIMIZERS if r.torch], ids=lambda rule: rule.id)
def test_steps_along_the_same_gradients_follow_pytorch(rule: Rule, dtype: str) -> None:
    mine, other = ours(dtype), theirs(dtype)
    a, b = made(rule, mine), getattr(torch.optim, rule.name)(other, **rule.options)
    for given in gradients(dtype):
        for p, q, g in zip(mine, other, given, strict=True):
            p.grad, q.grad = cr.tensor(g), torch.tensor(g)
        a.step()
        b.step()
        close(mine, other, BOUNDS[dtype])


@pytest.mark.parametrize("rule", [r for r in OPTIMIZERS if r.torch], ids=lambda rule: rule.id)
def test_training_follows_pytorch_also_where_gradients_are_missing(rule: Rule) -> None:
    mine, other = ours("float64"), theirs("float64")
    a, b = made(rule, mine), getattr(torch.optim, rule.name)(other, **rule.options)
    for step in range(STEPS):
        for framework, params, optimizer in ((cr, mine, a), (torch, other, b)):
            optimizer.zero_grad()
            loss(framework, *params).backward()
            if step % 7 == 3:
                params[0].grad = None
            optimizer.step()
    close(mine, other, 1e-11 if rule.name == "Adadelta" else 1e-12)


@RULES
def test_the_oracle_agrees_in_floats(rule: Rule) -> None:
    (w, _) = ours("float64")
    optimizer = made(rule, [w])
    grads = [g[0] for g in gradients("float64")]
    trajectory = [[], []]
    for g in grads:
        w.grad = cr.tensor(g)
        optimizer.step()
        for n, at in enumerate(((0, 0), (2, 3))):
            trajectory[n].append(w.detach().numpy()[at])
    for n, at in enumerate(((0, 0), (2, 3))):
        begin, steps = float(start("float64")[0][at]), [float(g[at]) for g in grads]
        wanted = list(rule.oracle(begin, steps, {**rule.defaults, **rule.options}))
        np.testing.assert_allclose(trajectory[n], wanted, rtol=1e-12, atol=1e-12)


PARAMS = (Fraction(1),)
GRADS = ((Fraction(3),), (Fraction(0),), (Fraction(-4),))


@RULES
def test_three_exact_steps_are_those_of_the_oracle(rule: Rule) -> None:
    grads = GRADS[: rule.exact_steps]
    w = nn.Parameter(cr.tensor(list(PARAMS), dtype=cr.exact))
    optimizer = made(rule, [w])
    options = {**rule.defaults, **rule.options}
    told = {k: tuple(map(exact, v)) if k == "betas" else exact(v) for k, v in options.items()}
    wanted = [list(rule.oracle(p, [g[i] for g in grads], told)) for i, p in enumerate(PARAMS)]
    for t, given in enumerate(grads):
        w.grad = cr.tensor(list(given), dtype=cr.exact)
        optimizer.step()
        for i, value in enumerate(w.detach().tolist()):
            assert same(value, wanted[i][t]), (t, i)


def same(a: Any, b: Any) -> bool:
    """Equality of exact numbers: of fractions at once, of others to 60 digits; floats are none."""
    assert not isinstance(a, float)
    assert not sp.sympify(rational(b)).has(sp.Float)
    if isinstance(a, Fraction) and isinstance(b, Fraction | int):
        return a == b
    return bool(abs(sp.N(rational(a) - rational(b), 60)) < sp.Float("1e-50"))


def train(rule: Rule, compiled: bool) -> list[bytes]:
    """The bytes of everything after each step, with a rate and betas that change between steps."""
    params = ours("float32")
    optimizer = made(rule, params)

    def step() -> Any:
        optimizer.zero_grad()
        found = loss(cr, *params)
        found.backward()
        optimizer.step()
        return found

    run = cr.compile(step) if compiled else step
    seen = []
    for t in range(12):
        group = optimizer.param_groups[0]
        group["lr"] = 0.1 / (t + 1)
        if "betas" in group:
            group["betas"] = (0.8 + 0.01 * t, 0.99 + 0.0005 * t)
        run()
        state = [v for own in optimizer.state.values() for v in own.values()]
        tensors = [*params, *(v for v in state if isinstance(v, cr.Tensor))]
        seen.append(b"".join(x.detach().numpy().tobytes() for x in tensors))
    if compiled:
        assert run.captures <= 2  # gradients are None before the first step
    return seen


@RULES
def test_compiled_steps_are_the_eager_ones_bit_for_bit(rule: Rule) -> None:
    assert train(rule, compiled=True) == train(rule, compiled=False)


@RULES
def test_training_goes_on_from_a_state_dict(rule: Rule) -> None:
    params, copies = ours("float64"), ours("float64")
    whole, after = made(rule, params), made(rule, copies)
    grads = gradients("float64")[:6]
    for t, given in enumerate(grads):
        if t == 3:
            for mine, other in zip(copies, params, strict=True):
                mine.data = other.detach().clone()
            after.load_state_dict(whole.state_dict())
        for optimizer, held in ((whole, params), (after, copies)):
            if optimizer is whole or t in (0, 3, 4, 5):  # a step of its own first, to be forgotten
                for p, g in zip(held, given, strict=True):
                    p.grad = cr.tensor(g)
                optimizer.step()
    close(copies, params, 0)


@pytest.mark.parametrize("rule", [r for r in OPTIMIZERS if r.torch], ids=lambda rule: rule.id)
def test_the_state_dict_is_pytorchs_and_can_be_loaded_from_it(rule: Rule) -> None:
    mine, other = ours("float64"), theirs("float64")
    a, b = made(rule, mine), getattr(torch.optim, rule.name)(other, **rule.options)
    assert a.state_dict()["state"].keys() == b.state_dict()["state"].keys()
    for params, optimizer in ((mine, a), (other, b)):
        for p, g in zip(params, gradients("float64")[0], strict=True):
            p.grad = cr.tensor(g) if optimizer is a else torch.tensor(g)
        optimizer.step()
    saved, wanted = a.state_dict(), b.state_dict()
    assert saved["state"].keys() == wanted["state"].keys()
    for n, entry in wanted["state"].items():
        assert saved["state"][n].keys() == {k for k, v in entry.items() if v is not None}
    for key, value in wanted["param_groups"][0].items():
        if key in saved["param_groups"][0]:
            assert saved["param_groups"][0][key] == value
    again = made(rule, mine)
    again.load_state_dict(wanted)
    for params, optimizer in ((mine, again), (other, b)):
        for p, g in zip(params, gradients("float64")[1], strict=True):
            p.grad = cr.tensor(g) if optimizer is again else torch.tensor(g)
        optimizer.step()
    close(mine, other, 1e-12)


# -- schedules -------------------------------------------------------------------------------------


def optimizer_for(plan: Plan, library: Any, lr: Any = 1.0, name: str = "SGD") -> Any:
    """An optimizer whose momentum can cycle."""
    w = nn.Parameter(cr.zeros(1)) if library is optim else torch.nn.Parameter(torch.zeros(1))
    options = {"momentum": 0.9} if name == "SGD" else {}
    return getattr(library, name)([w], lr=lr, **options)


def advance(plan: Plan, schedule: Any, t: int) -> None:
    """One epoch on; PyTorch warns where the optimizer has not stepped."""
    given = [(*plan.metrics, *LOSSES, *LOSSES)[t]] if plan.metrics else []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        schedule.step(*given)


def numbers(optimizer: Any) -> list[float]:
    """The rate, and what cycles with it."""
    group = optimizer.param_groups[0]
    return [group["lr"], *(group["betas"] if "betas" in group else [group["momentum"]])]


@pytest.mark.parametrize("name", ["SGD", "Adam"])
@PLANS
def test_rates_follow_pytorch(plan: Plan, name: str) -> None:
    a, b = (optimizer_for(plan, library, 1.0, name) for library in (optim, torch.optim))
    mine = plan.make(optim.lr_scheduler, a)
    other = plan.make(torch.optim.lr_scheduler, b)
    for t in range(EPOCHS):
        np.testing.assert_allclose(numbers(a), numbers(b), rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(mine.get_last_lr(), other.get_last_lr(), rtol=1e-12, atol=1e-15)
        assert all(isinstance(x, float) for x in numbers(a))
        if plan.id != "ChainedScheduler":  # PyTorch's has no last_epoch
            assert mine.last_epoch == other.last_epoch
        for schedule in (mine, other):
            advance(plan, schedule, t)


@PLANS
def test_four_exact_rates_are_those_of_the_oracle(plan: Plan) -> None:
    optimizer = optimizer_for(plan, optim, Fraction(1))
    schedule = plan.make(optim.lr_scheduler, optimizer)
    for t, wanted in enumerate(plan.rates):
        assert same(optimizer.param_groups[0]["lr"], wanted), t
        advance(plan, schedule, t)


@pytest.mark.parametrize("plan", [p for p in SCHEDULES if not p.momentum], ids=lambda plan: plan.id)
def test_three_exact_steps_take_exact_rates(plan: Plan) -> None:
    w = nn.Parameter(cr.tensor([0], dtype=cr.exact))
    optimizer = optim.SGD([w], lr=cr.tensor(1, dtype=cr.exact), momentum=0.5)
    schedule = plan.make(optim.lr_scheduler, optimizer)
    travelled: Any = 0
    for t in range(3):
        w.grad = cr.tensor([1], dtype=cr.exact)
        travelled -= rational(plan.rates[t]) * (2 - sp.Rational(1, 2**t))
        optimizer.step()
        advance(plan, schedule, t)
    assert same(w.detach().tolist()[0], travelled)


@pytest.mark.parametrize("name", ["SGD", "Adam"])
@pytest.mark.parametrize("plan", [p for p in SCHEDULES if p.captured], ids=lambda plan: plan.id)
def test_a_schedule_in_a_compiled_step_is_the_eager_one_bit_for_bit(plan: Plan, name: str) -> None:
    def run(compiled: bool) -> list[Any]:
        w = nn.Parameter(cr.ones(2))
        options = {"momentum": 0.9} if name == "SGD" else {}
        optimizer = getattr(optim, name)([w], lr=1.0, **options)
        schedule = plan.make(optim.lr_scheduler, optimizer)

        def step(g: Any) -> None:
            w.grad = g
            optimizer.step()
            schedule.step()

        call = cr.compile(step) if compiled else step
        seen = []
        for _ in range(EPOCHS):
            call(cr.tensor([1.0, -2.0]))
            seen.append((numbers(optimizer), w.tolist(), schedule.state_dict()))
        assert not compiled or call.captures <= 2
        return seen

    assert run(compiled=True) == run(compiled=False)


@pytest.mark.parametrize("plan", [p for p in SCHEDULES if not p.captured], ids=lambda plan: plan.id)
def test_what_cannot_be_captured_says_so_and_works_from_outside(plan: Plan) -> None:
    w = nn.Parameter(cr.ones(2))
    optimizer = optim.SGD([w], lr=1.0, momentum=0.9)
    schedule = plan.make(optim.lr_scheduler, optimizer)
    with pytest.raises(CaptureError, match=r"cannot be part of a captured function[^$]*outside"):
        cr.compile(lambda: advance(plan, schedule, 0))()

    class Trainer:
        """Reaches the schedule, whose epoch is no reason to capture again."""

        def __init__(self) -> None:
            self.schedule, self.optimizer = schedule, optimizer

        def step(self, g: Any) -> None:
            w.grad = g
            self.optimizer.step()

    step = cr.compile(Trainer().step)
    before = numbers(optimizer)
    for t in range(EPOCHS):
        step(cr.ones(2))
        advance(plan, schedule, t)
    assert numbers(optimizer) != before or plan.id == "CyclicLR-scale_fn"
    assert step.captures <= 2


@PLANS
def test_rates_go_on_from_a_state_dict(plan: Plan) -> None:
    a, b = (optimizer_for(plan, optim) for _ in range(2))
    whole, after = (plan.make(optim.lr_scheduler, optimizer) for optimizer in (a, b))
    for t in range(EPOCHS):
        if t == 11:
            b.load_state_dict(a.state_dict())
            after.load_state_dict(whole.state_dict())
        advance(plan, whole, t)
        if t >= 11 or t < 2:  # two epochs of its own first, to be forgotten
            advance(plan, after, t)
    assert numbers(a) == numbers(b)
    assert whole.state_dict() == after.state_dict()


@pytest.mark.parametrize("last", [0, 2, 4])
@pytest.mark.parametrize(
    "plan", [p for p in SCHEDULES if "Seq" not in p.id and "Ch" not in p.id and not p.metrics],
    ids=lambda plan: plan.id,
)  # fmt: skip
def test_a_schedule_made_for_a_later_epoch_follows_pytorch(plan: Plan, last: int) -> None:
    found = []
    for library in (optim, torch.optim):
        optimizer = optimizer_for(plan, library, 0.5)
        plan.make(library.lr_scheduler, optimizer)
        schedule = plan.make(Late(library.lr_scheduler, last), optimizer)
        rates = []
        for t in range(6):
            rates.append([schedule.last_epoch, *numbers(optimizer)])
            advance(plan, schedule, t)
        found.append(rates)
    np.testing.assert_allclose(found[0], found[1], rtol=1e-12, atol=1e-15)


class Late:
    """A library whose schedules are made for a later epoch."""

    def __init__(self, library: Any, last: int) -> None:
        self.library, self.last = library, last

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **kw: getattr(self.library, name)(*args, **kw, last_epoch=self.last)
