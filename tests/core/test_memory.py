"""Memory: nothing grows in a long eager loop, long chains need no recursion, importing is light."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import weakref
from pathlib import Path

import pytest

import chainrule as cr

LOOP = """
import gc, resource, sys
import chainrule as cr

x, w = cr.tensor([0.5, -1.0]), cr.tensor([1.0, 2.0], requires_grad=True)
velocity, mean, total, other = cr.zeros(2), cr.zeros(2), cr.zeros(()), cr.zeros(())

def peak():
    gc.collect()
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit

for step in range(20_000):
    if step == 2_000:
        before = peak()
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
    other = other + loss.detach()
print(peak() - before)
"""


def run_python(code: str, **environment: str) -> str:
    """What a process of its own prints."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, check=False, timeout=300, env={**os.environ, **environment},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_an_eager_loop_does_not_grow() -> None:
    assert int(run_python(LOOP)) < 5_000_000


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
    y = y * 0.99999
y.backward()
assert abs(x.grad.item() - 0.99999**100_000) < 1e-9
y = None
"""


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
def test_import_is_fast(tmp_path: Path) -> None:
    cached = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(tmp_path)}
    run_python(IMPORT, **cached)
    seconds = statistics.median(float(run_python(IMPORT, **cached)) for _ in range(5))
    assert seconds < 0.4, "it is below 0.2 s on an idle machine"
