"""Memory against what is really there: histories walked, backward passes run on what is kept,
schedules simulated."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

import chainrule as cr
from chainrule import nn
from chainrule.core.errors import DTypeError
from chainrule.namespaces import numpy as xp
from chainrule.readings.memory import Storage, checkpointing, held, peak, training
from chainrule.readings.memory.liveness import spans, timeline
from tests.readings.memory.networks import held_bytes, image, network, networks


def captured(model: Any, *inputs: Any) -> Any:
    """The graph of a model."""
    return cr.capture(model, *inputs)


@settings(max_examples=80)
@given(networks)
def test_held_is_what_the_eager_history_holds(chosen: list[int]) -> None:
    model, x = network(chosen), image()
    found = training(captured(model, x))
    assert sum(s.bytes() for s in found.held) == held_bytes([model(x)], model)


@pytest.mark.parametrize(
    ("model", "shape"),
    [
        (lambda: nn.LSTM(8, 12, batch_first=True), (2, 5, 8)),
        (lambda: nn.GRU(8, 12, num_layers=2), (5, 2, 8)),
        (lambda: nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), (2, 5, 8)),
        (lambda: nn.LayerNorm(8), (2, 5, 8)),
    ],
)
def test_held_by_larger_layers(model: Any, shape: tuple[int, ...]) -> None:
    made, x = model(), cr.randn(*shape)

    def first(x: cr.Tensor) -> cr.Tensor:
        out = made(x)
        return out[0] if isinstance(out, tuple) else out

    found = training(captured(first, x))
    assert sum(s.bytes() for s in found.held) == held_bytes([first(x)], made)


def test_values_without_gradient_are_held_only_where_they_are_used() -> None:
    w = nn.Parameter(cr.ones(3))
    graph = captured(lambda x: (x.exp().log() * w).sum(), cr.spec(3))
    shapes = [(s.node.op.name if s.node.op else "leaf") for s in held(graph)]
    assert shapes == ["log", "leaf", "mul", "sum"]


# -- what the backward pass reads ----------------------------------------------------------------


def forward_values(graph: Any, x: cr.Tensor) -> dict[Any, Any]:
    """The value of every node of a graph."""
    given = {
        i.node: np.asarray((i.tensor if i.tensor is not None else x).node.value)
        for i in graph.inputs
    }
    return graph.evaluate(xp, given)


def gradients(found: Any, values: dict[Any, Any], without: Storage | None = None) -> list[Any]:
    """The gradients, computed from what is kept alone."""
    kept = {k.storage for k in found.kept} - {without}
    env = {
        node: values[node]
        for node in found.graph.nodes
        if node in found.homes
        and (found.homes[node] in kept or (node.op is not None and not node.parents))
    }
    env |= {node: np.ones(node.shape, node.dtype.numpy) for node in found.backward.starts}
    for node, _ in found.backward.nodes:
        if node.whole is not None:
            first, output = node.whole, node.attrs["output"]
            if Storage(first, output) in kept:
                env[node] = values[first][output]
            else:
                env[node] = env[first][output]
        else:
            env[node] = node.op.forward(xp, *(env[p] for p in node.parents), **node.attrs)
    return [env[node] for node in found.backward.gradients.values()]


@settings(max_examples=25)
@given(networks)
def test_what_is_kept_is_enough_and_nothing_too_many(chosen: list[int]) -> None:
    model, x = network(chosen).eval(), image()
    found = training(captured(model, x))
    values = forward_values(found.graph, x)
    made = gradients(found, values)
    model(x).backward(cr.ones(2, 3))
    wanted = [i.tensor.grad for i in found.graph.inputs if i.node in found.backward.gradients]
    for a, b in zip(made, wanted, strict=True):
        np.testing.assert_allclose(a, np.asarray(b), rtol=1e-4, atol=1e-5)
    for k in found.kept:
        with pytest.raises(KeyError):
            gradients(found, values, without=k.storage)


def test_who_reads_what() -> None:
    net = nn.Sequential(nn.Linear(3, 4), nn.Sigmoid(), nn.Linear(4, 2))
    found = training(captured(net, cr.spec(5, 3)))
    told = [(k.role, k.storage.shape, k.why) for k in found.kept]
    assert told == [
        ("input", (5, 3), "linear reads its x"),
        ("activation", (5, 4), "linear reads its x, sigmoid reads its result"),
        ("param", (2, 4), "linear reads its weight"),
    ]


# -- when it is there ----------------------------------------------------------------------------


def simulated(nodes: Any, lasting: Any, homes: Any) -> list[int]:
    """The bytes in use at each step, by looking, at each, who reads what later."""
    totals = []
    own = {(n.whole, n.attrs["output"]): homes[n] for n in nodes if n.whole is not None}

    def made(node: Any) -> list[Storage]:
        if type(node.dtype) is tuple:
            return [own.get((node, i), Storage(node, i)) for i in range(len(node.dtype))]
        return [homes[node]]

    for at in range(len(nodes)):
        before = {s for node in nodes[: at + 1] for s in made(node)}
        before |= {s for s in lasting if s.node.op is None}
        later = {homes[p] for node in nodes[at:] for p in node.parents if p in homes}
        later |= {*lasting, *made(nodes[at])}
        for node in nodes[at + 1 :]:  # a view that is still to be made needs its storage by then
            later |= {s for s in made(node) if s.node is not node}
        totals.append(sum(s.bytes() for s in before & later if not s.is_number))
    return totals


@settings(max_examples=15)
@given(networks)
def test_peak_is_that_of_a_simulated_run(chosen: list[int]) -> None:
    found = training(captured(network(chosen), image()))
    wanted = simulated(found.schedule, found.lasting, found.homes)
    made = spans(found.schedule, found.lasting, found.homes)
    assert timeline(made, len(found.schedule), Storage.bytes) == wanted
    assert found.peak.bytes == max(wanted)
    assert sum(s.bytes() for s in found.peak.alive) == max(wanted)


def test_peak_of_a_chain() -> None:
    """Of 100 numbers of 4 bytes: the input, and two neighbours of the chain."""
    graph = captured(lambda x: x.exp().sin().cos(), cr.spec(100))
    assert peak(graph.nodes, Storage.bytes).bytes == 800
    assert training(graph).inference_peak.bytes == 1200


def test_letters_stay_open() -> None:
    net = network([0, 3, 5, 10])
    open_sizes = training(captured(net, cr.spec("B", 4, 6, 6)))
    for batch in (1, 2, 7):
        numbers = training(captured(net, cr.spec(batch, 4, 6, 6)))
        for name in ("peak", "eager_peak", "inference_peak"):
            found = getattr(open_sizes, name).bytes
            assert found.substitute({"B": batch}) == getattr(numbers, name).bytes, name
        kept = sum((k.storage.bytes() for k in open_sizes.activations), 0)
        assert kept.substitute({"B": batch}) == sum(k.storage.bytes() for k in numbers.activations)


# -- checkpointing -------------------------------------------------------------------------------


def test_checkpointing_keeps_inputs_alone() -> None:
    """Two blocks of linear, tanh, linear on (5, 8) in float32: each keeps its input, 160 bytes, and
    the result of tanh, 640; checkpointed it keeps the input."""
    blocks = [nn.Sequential(nn.Linear(8, 32), nn.Tanh(), nn.Linear(32, 8)) for _ in range(2)]
    net = nn.Sequential(*blocks)
    found = training(captured(net, cr.spec(5, 8)))
    assert sum(k.storage.bytes() for k in found.activations) == 1600
    saving = checkpointing(found, blocks[1])
    assert (saving.before, saving.after, saving.bytes) == (1600, 960, 640)
    assert [node.op.name for node in saving.again] == ["linear", "tanh", "linear"]
    whole = checkpointing(found, net)
    assert whole.after == 160
    assert checkpointing(found, blocks[1][1]).bytes == 0, "its result is read outside, too"


def test_an_input_that_nobody_kept_is_added() -> None:
    """Of x -> sigmoid -> times 2 only the sigmoid's result is kept; checkpointed, x instead."""
    w = nn.Parameter(cr.ones(4))

    class Layer(nn.Module):
        def forward(self, x: cr.Tensor) -> cr.Tensor:
            return x.sigmoid() * 2

    layer = Layer()
    found = training(captured(lambda x: layer(x + w), cr.spec(4)))
    saving = checkpointing(found, layer)
    assert [s.node.op.name for s in (*saving.dropped, *saving.added)] == ["sigmoid", "add"]
    assert saving.bytes == 0


def test_exact_numbers_have_no_fixed_size() -> None:
    graph = captured(lambda x: x * 2, cr.spec(3, dtype=cr.exact))
    storage = Storage(graph.inputs[0].node)
    with pytest.raises(DTypeError, match="exact numbers take the bytes they need"):
        storage.bytes()
    assert storage.bytes(cr.float32) == 12
