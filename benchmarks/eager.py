"""A whole training step of an MLP 4-64-64-2 (Adam, batch 32, float32), one thread.

Rivals: chainrule eager, chainrule compiled (NumPy backend), PyTorch eager, NumPy written by hand.
Run it as ``python -m benchmarks.eager``.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch

import chainrule as cr
from benchmarks._timing import ratio, report, rounds

SIZES = (4, 64, 64, 2)
BATCH = 32
LR, BETA1, BETA2, EPS = 1e-3, 0.9, 0.999, 1e-8


def data() -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    """A batch, its labels, and the starting weights and biases."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((BATCH, SIZES[0]), np.float32)
    labels = rng.integers(0, SIZES[-1], BATCH)
    weights = []
    for i, o in pairwise(SIZES):
        weights += [
            rng.uniform(-1, 1, (o, i)).astype(np.float32) / np.sqrt(np.float32(i)),
            np.zeros(o, np.float32),
        ]
    return x, labels, weights


def framework_step(lib: Any, compiled: bool = False) -> Callable[[], Any]:
    """The step as a user writes it, in PyTorch or in chainrule."""
    x, labels, weights = data()
    nn = lib.nn
    layers: list[Any] = []
    for i, o in pairwise(SIZES):
        layers += [nn.Linear(i, o), nn.ReLU()]
    net = nn.Sequential(*layers[:-1])
    with lib.no_grad():
        for p, w in zip(net.parameters(), weights, strict=True):
            p.copy_(lib.tensor(w))
    optimizer = lib.optim.Adam(net.parameters(), lr=LR, betas=(BETA1, BETA2), eps=EPS)
    inputs, targets = lib.tensor(x), lib.tensor(labels)

    def step(inputs: Any, targets: Any) -> Any:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(inputs), targets)
        loss.backward()
        optimizer.step()
        return loss

    run = lib.compile(step) if compiled else step
    return lambda: run(inputs, targets)


def numpy_step() -> Callable[[], np.floating]:
    """The same by hand: what is left when there is no framework at all."""
    x, labels, (w1, b1, w2, b2, w3, b3) = data()
    parameters = [w1, b1, w2, b2, w3, b3]
    first = [np.zeros_like(p) for p in parameters]
    second = [np.zeros_like(p) for p in parameters]
    rows = np.arange(BATCH)
    count = 0

    def step() -> np.floating:
        nonlocal count
        count += 1
        h1 = np.maximum(x @ w1.T + b1, 0)
        h2 = np.maximum(h1 @ w2.T + b2, 0)
        scores = h2 @ w3.T + b3
        scores -= scores.max(1, keepdims=True)
        e = np.exp(scores)
        total = e.sum(1, keepdims=True)
        loss = -(scores - np.log(total))[rows, labels].mean()
        d3 = e / total
        d3[rows, labels] -= 1
        d3 /= BATCH
        d2 = (d3 @ w3) * (h2 > 0)
        d1 = (d2 @ w2) * (h1 > 0)
        grads = [d1.T @ x, d1.sum(0), d2.T @ h1, d2.sum(0), d3.T @ h2, d3.sum(0)]
        c1, c2 = 1 - BETA1**count, 1 - BETA2**count
        for p, g, m, v in zip(parameters, grads, first, second, strict=True):
            m *= BETA1
            m += (1 - BETA1) * g
            v *= BETA2
            v += (1 - BETA2) * g * g
            p -= LR / c1 * m / (np.sqrt(v) / np.sqrt(c2) + EPS)
        return loss

    return step


def main() -> None:
    """Measure, print, and keep the figures."""
    torch.set_num_threads(1)
    rivals = {
        "chainrule eager": framework_step(cr),
        "chainrule compiled": framework_step(cr, compiled=True),
        "PyTorch eager": framework_step(torch),
        "NumPy by hand": numpy_step(),
    }
    losses = {name: [call().item() for _ in range(20)] for name, call in rivals.items()}
    for name, found in losses.items():
        np.testing.assert_allclose(found, losses["PyTorch eager"], rtol=1e-4, err_msg=name)
    times = rounds(rivals)
    pairs = (
        ("PyTorch eager", "chainrule eager"),
        ("chainrule eager", "chainrule compiled"),
        ("PyTorch eager", "chainrule compiled"),
        ("chainrule compiled", "NumPy by hand"),
    )
    ratios = {f"{over} / {under}": ratio(times, over, under) for over, under in pairs}
    title = f"Training step, MLP {'-'.join(map(str, SIZES))}, Adam, batch {BATCH}, one thread"
    report(title, times, ratios, Path(__file__).with_suffix(".json"))


if __name__ == "__main__":
    main()
