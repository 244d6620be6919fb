"""A whole training step, compiled: bit for bit the eager one, whatever changes between calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import nn

STEPS = 50


class Setup:
    """A network with batch norm and dropout, its optimizer and schedule, and one training step."""

    def __init__(self, compiled: bool) -> None:
        cr.manual_seed(1)
        self.net = nn.Sequential(
            nn.Linear(5, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.25), nn.Linear(8, 3)
        )
        self.optimizer = cr.optim.Adam(self.net.parameters(), lr=0.02, weight_decay=0.01)
        self.schedule = cr.optim.StepLR(self.optimizer, step_size=7, gamma=0.5)
        self.config = {"scale": 1.0}
        self.step: Callable[..., Any] = self.train_step
        if compiled:
            self.step = cr.compile(self.train_step)

    def train_step(self, x: cr.Tensor, target: cr.Tensor) -> tuple[cr.Tensor, cr.Tensor]:
        self.optimizer.zero_grad()
        loss = nn.functional.cross_entropy(self.net(x) * self.config["scale"], target)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.net.parameters(), 0.5)
        self.optimizer.step()
        self.schedule.step()
        return loss, norm

    def everything(self) -> list[np.ndarray]:
        """All that training changes."""
        tensors = [*self.net.parameters(), *self.net.buffers()]
        tensors += [p.grad for p in self.net.parameters() if p.grad is not None]
        rates = [np.float64(group["lr"]) for group in self.optimizer.param_groups]
        return [np.asarray(t.detach().numpy()) for t in tensors] + rates


def batches() -> list[tuple[cr.Tensor, cr.Tensor]]:
    rng = np.random.default_rng(3)
    return [
        (cr.tensor(rng.standard_normal((6, 5), np.float32)), cr.tensor(rng.integers(0, 3, 6)))
        for _ in range(STEPS)
    ]


def run(compiled: bool, change: Callable[[Setup, int], None]) -> tuple[list[Any], Setup]:
    setup = Setup(compiled)
    cr.manual_seed(2)
    found = []
    for i, (x, target) in enumerate(batches()):
        change(setup, i)
        loss, norm = setup.step(x, target)
        found.append([loss.item(), norm.item(), *(a.tobytes() for a in setup.everything())])
    return found, setup


def nothing(setup: Setup, i: int) -> None:
    pass


def rate(setup: Setup, i: int) -> None:
    if i in (10, 30):
        setup.optimizer.param_groups[0]["lr"] = 0.1 / (i + 1)


def mode(setup: Setup, i: int) -> None:
    setup.net.train(i % 10 < 6)


def constant(setup: Setup, i: int) -> None:
    setup.config["scale"] = 1.0 + (i // 20)


def betas(setup: Setup, i: int) -> None:
    if i == 25:
        setup.optimizer.param_groups[0]["betas"] = (0.8, 0.99)


CHANGES = {"nothing": (nothing, 1), "learning rate": (rate, 1), "mode": (mode, 2),
           "closure constant": (constant, 3), "betas": (betas, 2)}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_fifty_steps_bit_for_bit(name: str) -> None:
    change, captures = CHANGES[name]
    eager, _ = run(False, change)
    compiled, setup = run(True, change)
    for i, (a, b) in enumerate(zip(eager, compiled, strict=True)):
        assert a == b, f"step {i}"
    assert setup.step.captures <= captures + 1  # gradients are None before the first step
    assert eager[0][0] != eager[-1][0]
