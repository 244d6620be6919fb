"""What a compiled function depends on: whatever Python reads may change between two calls."""

from __future__ import annotations

import collections
import functools
import gc
import types
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import nn
from chainrule.backends.compiled import MOST_SIGNATURES, MOST_VARIANTS
from chainrule.core.errors import AnomalyError, CaptureError
from chainrule.core.state import state

FACTOR = 2.0
TOOLS = types.ModuleType("tools")
TOOLS.__file__ = __file__
exec("q = 3.0\ntable = {'a': 1.0}\ndef scaled(x): return x * q + table['a']", TOOLS.__dict__)


class Config:
    scale = 2.0
    rates = [1.0]

    @property
    def factor(self) -> float:
        return FACTOR


@dataclass(slots=True)
class Slotted:
    scale: float = 1.0
    parts: list[float] = field(default_factory=lambda: [1.0])


def scaled(x: Any, by: float = 2.0, *, plus: float = 0.5) -> Any:
    return x * by + plus


def other(x: Any, by: float = 2.0, *, plus: float = 0.5) -> Any:
    return x * by - plus


def case_global() -> tuple[Any, list[Any]]:
    values = [lambda v=v: globals().update(FACTOR=v) for v in (3.0, 0.0, -0.0, 2.0)]
    return lambda x: x * FACTOR, values


def case_defaults() -> tuple[Any, list[Any]]:
    code = scaled.__code__
    return lambda x: scaled(x), [
        lambda: setattr(scaled, "__defaults__", (7.0,)),
        lambda: setattr(scaled, "__kwdefaults__", {"plus": 1.0}),
        lambda: setattr(scaled, "__code__", other.__code__),
        lambda: setattr(scaled, "__code__", code),
    ]


def case_class() -> tuple[Any, list[Any]]:
    c = Config()
    return lambda x: x * Config.scale + c.scale + Config.rates[0] * c.factor, [
        lambda: setattr(Config, "scale", 3.0),
        lambda: setattr(c, "scale", 4.0),
        lambda: Config.rates.__setitem__(0, 5.0),
        lambda: globals().update(FACTOR=9.0),
    ]


def case_module() -> tuple[Any, list[Any]]:
    return lambda x: TOOLS.scaled(x), [
        lambda: setattr(TOOLS, "q", 4.0),
        lambda: TOOLS.table.update(a=5.0),
    ]


def case_slots() -> tuple[Any, list[Any]]:
    c = Slotted()
    changes = [lambda: setattr(c, "scale", 3.0), lambda: c.parts.append(4.0)]
    return lambda x: x * c.scale + sum(c.parts), changes


def case_containers() -> tuple[Any, list[Any]]:
    flags, queue, array = {"a"}, collections.deque([1.0]), np.ones(2, np.float32)
    order = {"a": 1.0, "b": 2.0}

    def f(x: Any) -> Any:
        for value in order.values():
            x = x * 2 + value
        return x * queue[0] * (2 if "b" in flags else 1) + cr.tensor(array)

    def reorder() -> None:
        order["a"] = order.pop("a")

    return f, [
        lambda: flags.add("b"),
        lambda: queue.__setitem__(0, 3.0),
        lambda: array.__setitem__(0, 5.0),
        reorder,
    ]


def case_wrapped() -> tuple[Any, list[Any]]:
    box = [2.0]
    slope = cr.grad(lambda x: (x * x * box[0]).sum())
    partial = functools.partial(lambda x, s: x * s["s"], s=(s := {"s": 2.0}))
    changes = [lambda: box.__setitem__(0, 3.0), lambda: s.update(s=5.0)]
    return lambda x: slope(x) + partial(x), changes


CASES: dict[str, Callable[[], tuple[Any, list[Any]]]] = {
    name[5:]: case for name, case in list(globals().items()) if name.startswith("case_")
}


@pytest.mark.parametrize("name", CASES)
def test_a_change_is_seen(name: str) -> None:
    f, changes = CASES[name]()
    g, x = cr.compile(f), cr.tensor([0.5, -0.25])
    for change in (lambda: None, *changes):
        change()
        assert g(x).numpy().tobytes() == f(x).numpy().tobytes()
        count = g.captures
        g(x)
        assert g.captures == count


@pytest.mark.parametrize("number", [0.0, -0.0, 0, False, True, float("nan"), np.float32(2), 0j])
def test_numbers_among_the_arguments_are_told_apart(number: Any) -> None:
    g = cr.compile(lambda x, s: x * s)
    x = cr.tensor([1.0, -1.0])
    for s in (1.0, number, type(number)(number), number):
        assert g(x, s).numpy().tobytes() == (x * s).numpy().tobytes()
    assert g.captures == 2


def test_objects_among_the_arguments_are_read() -> None:
    net = nn.Sequential(nn.Linear(3, 3), nn.Dropout(0.5))
    g, x = cr.compile(lambda net, c, x: net(x) * c.scale), cr.rand(2, 3)
    c = Slotted()
    g(net, c, x)
    net.eval()
    c.scale = 3.0
    assert g(net, c, x).tolist() == (net(x) * 3.0).tolist()
    other = nn.Linear(3, 3)
    assert g(other, c, x).tolist() == (other(x) * 3.0).tolist()


def test_a_method_is_compiled_for_each_object() -> None:
    class Scale:
        def __init__(self, by: float) -> None:
            self.by = by

        @cr.compile
        def __call__(self, x: cr.Tensor) -> cr.Tensor:
            return x * self.by

    a, b, x = Scale(2.0), Scale(3.0), cr.ones(1)
    assert [a(x).item(), b(x).item()] == [2.0, 3.0]
    a.by = 5.0
    assert [a(x).item(), b(x).item()] == [5.0, 3.0]


def test_what_fails_has_not_happened() -> None:
    class Thing:
        pass

    items, table, thing, names = [1.0], {"a": 1}, Thing(), {"x"}
    net = nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.5))
    optimizer = cr.optim.Adam(net.parameters())
    w = net[0].weight.tolist()

    def f(x: cr.Tensor, broken: bool) -> None:
        net.eval()
        net(x).sum().backward()
        optimizer.step()
        items.append(net(x).sum())
        table.update(a=2, b=3)
        names.add("y")
        thing.last = x
        cr.set_default_dtype(cr.float64)
        if broken:
            raise RuntimeError("broken")

    for broken, error in ((True, RuntimeError), (False, CaptureError)):
        with pytest.raises(error):
            cr.compile(f)(cr.ones(1, 2), broken)
        assert items == [1.0] and table == {"a": 1} and names == {"x"} and not vars(thing)
        assert all(m.training for m in net.modules()) and net[0].weight.tolist() == w
        assert net[0].weight.grad is None and cr.get_default_dtype() is cr.float32
        assert state.trace is None and not state.quiet and state.scope is None


def test_switches_must_be_left_as_they_were() -> None:
    def f(x: cr.Tensor) -> cr.Tensor:
        cr.set_grad_enabled(False)
        return x

    with pytest.raises(CaptureError, match="grad mode was True"):
        cr.compile(f)(cr.ones(1))
    assert cr.is_grad_enabled()


def test_history_made_inside_no_grad_is_kept() -> None:
    w = cr.Parameter(cr.ones(2))

    def f(x: cr.Tensor) -> cr.Tensor:
        with cr.enable_grad():
            return w * x

    with cr.no_grad():
        y = cr.compile(f)(cr.ones(2))
    y.sum().backward()
    assert w.grad is not None and w.grad.tolist() == [1.0, 1.0]


def test_hooks_are_run_and_noticed() -> None:
    w, factor = cr.Parameter(cr.ones(2)), [2.0]

    @cr.compile
    def f(x: cr.Tensor) -> None:
        (w * x).sum().backward()

    def gradient() -> list[float]:
        w.grad = None
        f(cr.ones(2))
        assert w.grad is not None
        found: list[float] = w.grad.tolist()
        return found

    assert gradient() == [1.0, 1.0]
    with w.register_hook(lambda g: g * factor[0]):
        assert gradient() == [2.0, 2.0]
        factor[0] = 3.0
        assert gradient() == [3.0, 3.0]
    assert gradient() == [1.0, 1.0]


def test_what_is_watched_runs_op_by_op() -> None:
    g = cr.compile(lambda x: x.log() * 2)
    g(cr.ones(1))
    with cr.detect_anomaly(), pytest.raises(AnomalyError, match="log"):
        g(cr.tensor([-1.0]))
    with cr.record():
        assert g(cr.ones(1)).node.op.name == "mul"


def test_what_is_remembered_is_bounded() -> None:
    box = [0.0]
    g, x = cr.compile(lambda x, i: x + i + box[0]), cr.ones(1)
    for i in range(MOST_SIGNATURES + 20):
        g(x, i)
    for i in range(MOST_VARIANTS + 20):
        box[0] = float(i)
        assert g(x, 0).item() == 1 + i
    gc.collect()
    assert len(g._entries) <= MOST_SIGNATURES
    assert max(map(len, g._entries.values())) <= MOST_VARIANTS
