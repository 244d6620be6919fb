"""Memory: nothing grows in a long eager loop, long chains need no recursion, importing is light."""

from __future__ import annotations

import gc
import statistics
import subprocess
import sys
import tracemalloc
import weakref

import pytest

import chainrule as cr

WARM_UP, STEPS, ROOM = 2_000, 20_000, 5_000_000


def train(steps: int, w: cr.Tensor, velocity: cr.Tensor, mean: cr.Tensor, total: cr.Tensor) -> None:
    """Momentum, running statistics and a sum of losses, kept as people write them."""
    x = cr.tensor([0.5, -1.0])
    for _ in range(steps):
        y = (w * x).tanh()
        loss = (y * y).sum()
        loss.backward()
        with cr.no_grad():
            velocity.mul_(0.9).add_(w.grad)
            w -= 0.01 * velocity
            w.grad.zero_()
        w.data.mul_(0.999)
        mean *= 0.9
        mean += 0.1 * y.detach()
        total += loss.detach()
        total = total + loss.detach()


def test_an_eager_loop_does_not_grow() -> None:
    state = [cr.tensor([1.0, 2.0], requires_grad=True), cr.zeros(2), cr.zeros(2), cr.zeros(())]
    train(WARM_UP, *state)
    gc.collect()
    tracemalloc.start()
    try:
        train(STEPS - WARM_UP, *state)
        gc.collect()
        grown, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert grown < ROOM


def test_a_kept_loss_does_not_keep_its_graph() -> None:
    w = cr.tensor([1.0, 2.0], requires_grad=True)
    losses, nodes = [], []
    for _ in range(3):
        loss = (w * w).sum()
        loss.backward()
        nodes += [weakref.ref(loss.node), weakref.ref(loss.node.parents[0])]
        losses.append(loss.detach())
        losses.append(loss[None].detach()[0])
    del loss
    assert [node() for node in nodes] == [None] * len(nodes)


def test_views_and_detached_tensors_do_not_keep_each_other() -> None:
    x = cr.zeros(3)
    d, v = x.detach(), x[1:]
    gone = [weakref.ref(t) for t in (d, v)]
    del d, v
    assert [ref() for ref in gone] == [None, None]


CHAIN = """
import chainrule as cr
x = cr.tensor(1.0, dtype=cr.float64, requires_grad=True)
y = x
for _ in range(100_000):
    y = y * 0.99999 + 0.0
y.backward()
assert abs(x.grad.item() - 0.99999 ** 100_000) < 1e-9
first = cr.autograd.grad(y, x, create_graph=True)
y = z = None
"""


def run_python(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_long_chain_is_differentiated_and_freed() -> None:
    run_python(CHAIN)


def test_import_loads_nothing_heavy() -> None:
    code = "import sys, chainrule; print(*{m.partition('.')[0] for m in sys.modules})"
    loaded = set(run_python(code).split())
    assert not loaded & {"sympy", "rich", "torch", "sklearn", "cyclopts", "matplotlib"}


IMPORT = """
import time
import numpy
start = time.perf_counter()
import chainrule
print(time.perf_counter() - start)
"""


@pytest.mark.slow
def test_import_is_fast() -> None:
    seconds = statistics.median(float(run_python(IMPORT)) for _ in range(5))
    assert seconds < 0.4, "0.2 s on an idle machine"
