"""Layers at typical sizes beside PyTorch: forward alone, and forward with backward, one thread.

Rivals: chainrule eager, chainrule compiled (NumPy backend), PyTorch eager; float32.  Times are of
the processor, which others on the machine disturb less than those of the clock.
Run it as ``python -m benchmarks.layers [PART OF A NAME …]``; only a run of all keeps its figures.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

import chainrule as cr
from benchmarks._timing import kept, ratio, rounds

Shape = tuple[int, ...]


class Case(NamedTuple):
    """A layer, made by ``make(nn)``, and the shape of its input."""

    make: Callable[[Any], Any]
    shape: Shape


CASES = {
    "Linear 256-256, 1024 rows": Case(lambda nn: nn.Linear(256, 256), (1024, 256)),
    "LayerNorm 256, (64, 128)": Case(lambda nn: nn.LayerNorm(256), (64, 128, 256)),
    "LayerNorm 64, (32, 16)": Case(lambda nn: nn.LayerNorm(64), (32, 16, 64)),
    "GroupNorm 8 of 32, (16, 32, 32, 32)": Case(lambda nn: nn.GroupNorm(8, 32), (16, 32, 32, 32)),
    "BatchNorm2d 32, (32, 32, 28, 28)": Case(lambda nn: nn.BatchNorm2d(32), (32, 32, 28, 28)),
    "BatchNorm1d 64, 32 rows": Case(lambda nn: nn.BatchNorm1d(64), (32, 64)),
    "Conv2d 3-32, 3x3, (16, 3, 32, 32)": Case(
        lambda nn: nn.Conv2d(3, 32, 3, padding=1), (16, 3, 32, 32)
    ),
    "Conv2d 32-64, 3x3, (16, 32, 16, 16)": Case(
        lambda nn: nn.Conv2d(32, 64, 3, padding=1), (16, 32, 16, 16)
    ),
    "Conv2d depthwise 64, 3x3, (16, 64, 28, 28)": Case(
        lambda nn: nn.Conv2d(64, 64, 3, padding=1, groups=64), (16, 64, 28, 28)
    ),
    "MaxPool2d 2, (16, 32, 32, 32)": Case(lambda nn: nn.MaxPool2d(2), (16, 32, 32, 32)),
    "LSTM 32-64, (50, 32)": Case(lambda nn: First(nn.LSTM(32, 64)), (50, 32, 32)),
    "GRU 32-64, (50, 32)": Case(lambda nn: First(nn.GRU(32, 64)), (50, 32, 32)),
    "attention 8 heads of 16, (16, 64)": Case(
        lambda nn: Reading(nn.MultiheadAttention(128, 8, batch_first=True)), (16, 64, 128)
    ),
    "encoder layer 128-512, (16, 64)": Case(
        lambda nn: nn.TransformerEncoderLayer(128, 8, 512, dropout=0.0, batch_first=True),
        (16, 64, 128),
    ),
}  # fmt: skip


class First:
    """A recurrent layer's output without its last state."""

    def __init__(self, layer: Any) -> None:
        self.layer = layer

    def __call__(self, x: Any) -> Any:
        return self.layer(x)[0]

    def parameters(self) -> Any:
        """Those of the layer."""
        return self.layer.parameters()


class Reading(First):
    """Self-attention of what it is given."""

    def __call__(self, x: Any) -> Any:
        return self.layer(x, x, x, need_weights=False)[0]


def framework(lib: Any, case: Case, weights: Any, compiled: bool) -> tuple[Any, Any]:
    """Forward, and forward with backward, as a user writes them, in PyTorch or in chainrule."""
    rng = np.random.default_rng(0)
    layer = case.make(lib.nn)
    parameters = list(layer.parameters())
    with lib.no_grad():
        for p, w in zip(parameters, weights, strict=True):
            p.copy_(lib.tensor(w))
    x = lib.tensor(rng.standard_normal(case.shape, np.float32), requires_grad=True)
    with lib.no_grad():
        g = lib.tensor(rng.standard_normal(tuple(layer(x).shape), np.float32))

    def forward(x: Any) -> Any:
        with lib.no_grad():
            return layer(x)

    def step(x: Any, g: Any) -> Any:
        for p in (x, *parameters):
            p.grad = None
        y = layer(x)
        y.backward(g)
        return y, x.grad

    first, both = (lib.compile(forward), lib.compile(step)) if compiled else (forward, step)
    return lambda: first(x), lambda: both(x, g)


def arrays(made: Any) -> list[np.ndarray]:
    """What a call returns, as arrays."""
    parts = made if isinstance(made, tuple) else (made,)
    return [part.detach().numpy() for part in parts]


def measured(case: Case) -> dict[str, dict[str, list[float]]]:
    """Seconds per call of each rival, after it has been seen that all give the same."""
    torch.manual_seed(0)
    weights = [p.detach().numpy().copy() for p in case.make(torch.nn).parameters()]
    rivals = {
        "chainrule eager": framework(cr, case, weights, False),
        "chainrule compiled": framework(cr, case, weights, True),
        "PyTorch eager": framework(torch, case, weights, False),
    }
    found = {}
    for i, what in enumerate(("forward", "forward and backward")):
        calls = {name: pair[i] for name, pair in rivals.items()}
        results = {name: arrays(call()) for name, call in calls.items()}
        for name, made in results.items():
            for a, b in zip(made, results["PyTorch eager"], strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-4, err_msg=name)
        found[what] = rounds(calls, repeats=7, seconds=0.05, clock=time.process_time)
    return found


def main(parts: list[str]) -> None:
    """Measure, print, and keep the figures."""
    torch.set_num_threads(1)
    title = "Layers, float32, one thread: time over that of PyTorch eager"
    print(f"{title}\n{'':44}{'forward':^22}{'forward and backward':^28}")
    print(f"{'':44}{'eager':>9}{'compiled':>10}   {'eager':>9}{'compiled':>10}{'PyTorch':>14}")
    record: dict[str, Any] = {}
    for name, case in CASES.items():
        if parts and not any(part in name for part in parts):
            continue
        line, record[name] = f"{name:<44}", {}
        for what, times in measured(case).items():
            ratios = {
                mode: ratio(times, f"chainrule {mode}", "PyTorch eager")
                for mode in ("eager", "compiled")
            }
            line += "{eager:9.2f}{compiled:10.2f}   ".format(**ratios)
            micro = {n: round(statistics.median(v) * 1e6, 1) for n, v in times.items()}
            record[name][what] = {
                "over PyTorch eager": {mode: round(value, 3) for mode, value in ratios.items()},
                "microseconds": micro,
            }
        print(f"{line}{micro['PyTorch eager']:8.0f} us", flush=True)
    if not parts:
        kept({"title": title, "layers": record}, Path(__file__).with_suffix(".json"))


if __name__ == "__main__":
    main(sys.argv[1:])
