"""Answers to exam questions on losses: which can train, what reduction they have, their values."""

from typing import Any

import numpy as np
import pytest
import sympy as sp

import chainrule as cr
from chainrule import nn, optim
from chainrule.core.size import Size
from chainrule.core.tensor import Tensor
from chainrule.nn import functional as F


def exact(data: Any, wanted: bool = False) -> Tensor:
    return cr.tensor(data, dtype=cr.exact, requires_grad=wanted)


# -- paper 1, question 3: which losses can train a classifier --------------------------------------


def test_the_zero_one_loss_has_no_gradient() -> None:
    logits = cr.tensor([[1.0, 2.0], [0.5, -1.0]], requires_grad=True)
    chosen = logits.argmax(1)
    assert not chosen.requires_grad
    wrong = (chosen != cr.tensor([0, 1])).to(cr.float32)
    assert not wrong.requires_grad
    # the same indicator as a step of the margin: its derivative is 0 wherever there is one
    steps = ((logits[:, 1] - logits[:, 0]).sign() + 1) / 2
    assert steps.tolist() == [1, 0]
    steps.sum().backward()
    assert logits.grad is None or not logits.grad.abs().sum()


def _clusters() -> tuple[Tensor, Tensor]:
    """Ten clusters around the corners of a box in ten dimensions."""
    rng = np.random.default_rng(3)
    labels = np.repeat(np.arange(10), 12)
    points = np.eye(10)[labels] * 3 + rng.normal(size=(120, 10)) * 0.4
    return cr.tensor(points.astype("float32")), cr.tensor(labels)


@pytest.mark.parametrize("loss", ["mse", "ce"])
def test_squared_error_on_one_hot_targets_trains(loss: str) -> None:
    cr.manual_seed(0)
    x, t = _clusters()
    one_hot = cr.tensor(np.eye(10, dtype="float32")[t.numpy()])
    net = nn.Linear(10, 10)
    optimizer = optim.Adam(net.parameters(), lr=0.1)
    before = (net(x).argmax(1) == t).to(cr.float32).mean()
    for _ in range(60):
        optimizer.zero_grad()
        scores = net(x)
        value = (
            F.mse_loss(scores.softmax(1), one_hot) if loss == "mse" else F.cross_entropy(scores, t)
        )
        value.backward()
        optimizer.step()
    after = (net(x).argmax(1) == t).to(cr.float32).mean()
    assert float(before) < 0.5
    assert float(after) == 1


def test_the_minimiser_of_the_squared_error_is_the_posterior() -> None:
    q, p = cr.symbols("q p", positive=True)
    risk = p * F.mse_loss(q, exact(1)) + (1 - p) * F.mse_loss(q, exact(0))
    slope = cr.grad(lambda q: p * F.mse_loss(q, exact(1)) + (1 - p) * F.mse_loss(q, exact(0)))(q)
    assert sp.solve(slope.item(), q.item()) == [p.item()]
    assert sp.expand(risk.item() - (q.item() ** 2 - 2 * p.item() * q.item() + p.item())) == 0


# -- paper 1, question 4b: shapes, up to the scalar loss -------------------------------------------


@pytest.mark.parametrize("h", [8, 16, 100])
def test_shapes_of_a_classifier(h: int) -> None:
    first, second = nn.Linear(2, h), nn.Linear(h, 20)

    def step(x: Tensor, y: Tensor) -> list[Tensor]:
        z1 = first(x)
        middle, spread = z1.mean(dim=1, keepdim=True), z1.var(dim=1, correction=0, keepdim=True)
        z2 = (z1 - middle) / (spread + 1e-5).sqrt()
        z3 = z2.relu()
        z4 = second(z3)
        return [z1, z2, z3, z4, F.cross_entropy(z4, y)]

    batch = Size.symbol("B")
    graph = cr.capture(step, cr.spec("B", 2), cr.spec("B", dtype=cr.int64))
    wanted = [(batch, h), (batch, h), (batch, h), (batch, 20), ()]
    assert [node.shape for node in graph.outputs] == wanted
    made = cr.run(graph, cr.zeros(7, 2), cr.zeros(7, dtype=cr.int64))
    assert [z.shape for z in made] == [(7, h), (7, h), (7, h), (7, 20), ()]


# -- paper 1, question 9b: dropout on the logits ---------------------------------------------------


def test_dropout_on_logits_costs_half_of_ln_10() -> None:
    target = cr.tensor([0])
    dropped = F.cross_entropy(exact([[0] * 10]), target)
    assert str(dropped.item()) == "log(10)"
    kept = F.cross_entropy(exact([[60] + [0] * 9]), target)  # 30 on the truth, twice as large
    floor = dropped / 2 + kept / 2
    assert float(kept) < 1e-24
    assert round(float(floor), 4) == 1.1513


# -- paper 3, question 1c: the squared error, and where it stands in the graph ---------------------


def test_squared_error_in_the_graph() -> None:
    w, x, label = exact([cr.pi / 2, cr.pi], wanted=True), exact([2, 1]), exact(2)
    y = (w @ x).sin() - exact(0)
    loss = (y - label) ** 2
    assert loss.item() == 4
    assert F.mse_loss(y, label).item() == F.mse_loss(y, label, reduction="sum").item() == 4
    assert (loss / 2).item() == 2
    assert "loss = (y - label) ** 2 = (0 - 2) ** 2 = 4" in str(cr.explain(loss))


# -- paper 4, question 2c: three layers, never rounded ---------------------------------------------

W1 = [[3.2, -2.4, -2.1], [-1.2, -1.4, 2.6]]
W2 = [[3.0, 0.0], [-2.4, -4.2], [-3.0, 2.5]]
W3 = [[2.0], [-1.0]]


def test_output_and_cross_entropy_of_three_layers() -> None:
    h = exact([1.0, 2.0])
    for weight in (W1, W2):
        h = (exact(weight).mT @ h + 0.5).tanh()
    u = exact(W3).mT @ h + 0.5
    y = u.sigmoid()
    loss = F.binary_cross_entropy(y, exact([0]))
    assert [round(float(v), 5) for v in (u, y, loss)] == [1.47265, 0.81346, 1.67911]
    assert f"{float(u):.2f} {float(y):.2f} {float(loss):.2f}" == "1.47 0.81 1.68"
