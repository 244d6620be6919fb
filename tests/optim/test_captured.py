"""A whole training step, captured without values, does what it does eagerly, bit for bit."""

import numpy as np
import pytest

import chainrule as cr
from chainrule import nn, optim
from chainrule.core.capture import trace_call
from chainrule.namespaces import numpy as xp
from chainrule.ops.creation.random import default_generator
from chainrule.optim.live import Live


class Training:
    """A network with all kinds of state, and one step of its training."""

    def __init__(self, make):
        cr.manual_seed(5)
        self.net = nn.Sequential(
            nn.Linear(4, 6), nn.BatchNorm1d(6), nn.Tanh(), nn.Dropout(0.25), nn.Linear(6, 3)
        )
        self.optimizer = make(self.net.parameters())
        self.schedule = optim.StepLR(self.optimizer, step_size=2, gamma=0.5)
        cr.manual_seed(6)

    def step(self, x, y):
        self.optimizer.zero_grad()
        loss = nn.functional.cross_entropy(self.net(x), y)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.net.parameters(), 0.5)
        self.optimizer.step()
        self.schedule.step()
        return loss, norm

    def values(self):
        """Everything that a step changes."""
        state = [value for own in self.optimizer.state.values() for value in own.values()]
        tensors = [*self.net.parameters(), *self.net.buffers(), default_generator.state]
        numbers = [self.optimizer.param_groups[0]["lr"], self.schedule.last_epoch]
        return [
            t.detach().numpy() if isinstance(t, cr.Tensor) else t for t in tensors + state + numbers
        ]


def run(captured, x, y):
    """One call of a captured step with the numpy namespace; returns what it returns."""
    graph = captured.graph
    given = iter((x, y))
    values = {
        i.node: (next(given) if i.role == "input" else i.tensor).detach().numpy()
        for i in graph.inputs
        if i.role == "input" or i.tensor is not None
    }
    for number in captured.numbers:
        values[number.placeholder] = np.asarray(number.read(), number.placeholder.dtype.numpy)
    env = graph.evaluate(xp, values)
    with cr.no_grad():
        for effect in captured.effects:
            if effect.kind == "number":
                effect.write_number(np.asarray(env[effect.node]).item())
            elif effect.kind == "value":
                dtype = effect.tensor.dtype
                effect.tensor._write(cr.tensor(np.asarray(env[effect.node]), dtype))
    return [np.asarray(env[node]) for node in graph.outputs]


CHAINS = {
    "adam": lambda params: optim.Adam(params, lr=0.1, weight_decay=0.01),
    "heavy ball": lambda params: optim.SGD(params, lr=0.1, momentum=0.9, dampening=0.5),
    "nesterov": lambda params: optim.SGD(
        params, lr=0.1, momentum=0.9, nesterov=True, maximize=True
    ),
    "plain": lambda params: optim.SGD(params, lr=0.1),
}


@pytest.mark.parametrize("chain", CHAINS)
def test_a_captured_step_equals_the_eager_one(chain):
    draw = np.random.default_rng(0)
    batches = [
        (cr.tensor(draw.normal(size=(8, 4)), cr.float32), cr.tensor(draw.integers(0, 3, 8)))
        for _ in range(5)
    ]
    eager = Training(CHAINS[chain])
    told = [[t.detach().numpy() for t in eager.step(x, y)] for x, y in batches]
    wanted = eager.values()
    training = Training(CHAINS[chain])
    captured = trace_call(training.step, batches[0], ["x", "y"])
    for (x, y), results in zip(batches, told, strict=True):
        for got, result in zip(run(captured, x, y), results, strict=True):
            np.testing.assert_array_equal(got, result)
    for got, result in zip(training.values(), wanted, strict=True):
        np.testing.assert_array_equal(got, result)


def test_a_changed_rate_is_read_by_the_captured_step():
    w = nn.Parameter(cr.ones(2))
    optimizer = optim.SGD([w], lr=0.5)

    def step(g):
        w.grad = g
        optimizer.step()

    g = cr.ones(2)
    captured = trace_call(step, [g], ["g"])
    assert [i.name for i in captured.graph.inputs if i.name] == ["g", "step", "lr"]
    optimizer.param_groups[0]["lr"] = 0.25
    values = {n.placeholder: np.asarray(n.read()) for n in captured.numbers}
    for i in captured.graph.inputs:
        if i.node not in values:
            values[i.node] = (i.tensor if i.tensor is not None else g).detach().numpy()
    env = captured.graph.evaluate(xp, values)
    (update,) = [e for e in captured.effects if e.kind == "value"]
    assert env[update.node].tolist() == [0.75, 0.75]


def test_a_late_parameter_keeps_its_own_count_while_captured():
    a, b = nn.Parameter(cr.ones(2)), nn.Parameter(cr.ones(2))
    optimizer = optim.Adam([a, b], lr=0.5)

    def step(g):
        a.grad, b.grad = g, None
        optimizer.step()

    captured = trace_call(step, [cr.ones(2)], ["g"])
    names = {(e.kind, e.key) for e in captured.effects if e.kind == "number"}
    assert names == {("number", "step"), ("number", "missed")}


def test_state_is_named_after_its_parameter():
    net = nn.Sequential(nn.Linear(2, 1, bias=False))
    optimizer = optim.SGD(net.parameters(), lr=0.5, momentum=0.9)

    def step(x):
        net(x).sum().backward()
        optimizer.step()

    graph = trace_call(step, [cr.ones(1, 2)], ["x"]).graph
    roles = {i.name: i.role for i in graph.inputs}
    assert roles["0.weight"] == "param"
    assert roles["0.weight.momentum_buffer"] == "state"


def test_late_parameters_count_apart_while_captured():
    a, b = nn.Parameter(cr.ones(2)), nn.Parameter(cr.ones(2))
    optimizer = optim.Adam([a, b], lr=0.5)
    a.grad = cr.ones(2)
    optimizer.step()

    def step(g):
        a.grad, b.grad = g, g
        optimizer.step()

    captured = trace_call(step, [cr.ones(2)], ["g"])
    assert ("missed", 1) in [(n.key, n.before) for n in captured.numbers]
    assert [n.op.name for n in captured.graph.nodes if n.op].count("pow") == 4


def test_rules_are_whole_in_the_graph():
    w = nn.Parameter(cr.ones(2))
    optimizer = optim.Adam([w], lr=0.5, weight_decay=0.1)

    def step(g):
        w.grad = g
        optimizer.step()

    graph = trace_call(step, [cr.ones(2)], ["g"]).graph
    names = [node.op.name for node in graph.nodes if node.op]
    for name in ("decay_weights", "adam_moments", "descend"):
        assert names.count(name) == 1


def test_live_numbers():
    live = Live(lr=0.5, betas=(0.9, 0.99), nesterov=True)
    assert live["betas"] == (0.9, 0.99)

    def function():
        rate = live["lr"]
        live["lr"] = rate * 2
        live["lr"] = live["lr"] + 1
        assert live["nesterov"] is True
        assert live.get("nothing") is None
        return live.get("betas")[0] * rate

    captured = trace_call(function, [], [])
    assert dict.__getitem__(live, "lr") == 0.5
    assert [n.name for n in captured.numbers] == ["lr", "betas[0]", "betas[1]"]
    held = {n.placeholder: np.float64(n.read()) for n in captured.numbers}
    env = captured.graph.evaluate(xp, held)
    assert env[captured.effects[0].node] == 2.0
    assert env[captured.graph.outputs[0]] == 0.45


@pytest.mark.parametrize("value", [2, 2.0, cr.tensor(2.0), np.float32(2)])
def test_a_rate_stays_a_float(value):
    live = Live(lr=0.5)
    live.update({"lr": value})
    assert repr(live["lr"]) == "2.0"


def test_numbers_in_a_tuple_are_read_and_written_one_by_one():
    live = Live(betas=(0.9, 0.99))

    def function():
        live["betas"] = (live["betas"][0] / 2, live["betas"][1])
        return live["betas"][0]

    captured = trace_call(function, [], [])
    assert live["betas"] == (0.9, 0.99)
    (effect,) = captured.effects
    assert (effect.key, effect.part) == ("betas", 0)
    held = {n.placeholder: np.float64(n.read()) for n in captured.numbers}
    effect.write_number(captured.graph.evaluate(xp, held)[effect.node].item())
    assert live["betas"] == (0.45, 0.99)


def test_a_number_written_while_captured_is_an_effect():
    live = Live(lr=0.5)

    def function():
        live["lr"] = 0.25

    captured = trace_call(function, [], [])
    assert live["lr"] == 0.5
    assert [e.key for e in captured.effects] == ["lr"]


def test_a_momentum_that_a_schedule_brings_has_its_state_before_the_first_step():
    def train(wrap):
        w = nn.Parameter(cr.tensor([1.0, 2.0]))
        optimizer = optim.SGD([w], lr=0.1)
        schedule = optim.lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=9)

        def step():
            optimizer.zero_grad()
            (w * w).sum().backward()
            optimizer.step()
            schedule.step()

        run = wrap(step)
        for _ in range(5):
            run()
        return w.tolist()

    assert train(cr.compile) == train(lambda step: step)
