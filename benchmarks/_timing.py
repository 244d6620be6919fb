"""Fair timing of a few rivals in one process: in turn, several rounds, medians, ratios.

Machines drift; a ratio of medians from interleaved rounds drifts much less.
"""

from __future__ import annotations

import gc
import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def rounds(
    rivals: dict[str, Callable[[], Any]],
    repeats: int = 11,
    seconds: float = 0.15,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, list[float]]:
    """Seconds per call of each rival, one figure a round; the rivals take turns in every round."""
    counts = {}
    for name, call in rivals.items():
        for _ in range(20):
            call()
        start = clock()
        call()
        counts[name] = max(1, int(seconds / max(clock() - start, 1e-6)))
    found: dict[str, list[float]] = {name: [] for name in rivals}
    gc.collect()
    for _ in range(repeats):
        for name, call in rivals.items():
            n = counts[name]
            start = clock()
            for _ in range(n):
                call()
            found[name].append((clock() - start) / n)
    return found


def ratio(times: dict[str, list[float]], over: str, under: str) -> float:
    """The median over the rounds of time(over) / time(under), each ratio from one round."""
    return statistics.median(a / b for a, b in zip(times[over], times[under], strict=True))


def report(title: str, times: dict[str, list[float]], ratios: dict[str, float], path: Path) -> None:
    """Print medians and ratios, and keep them as JSON beside the benchmark."""
    print(title)
    width = max(map(len, times))
    for name, values in times.items():
        low, middle = min(values) * 1e6, statistics.median(values) * 1e6
        print(f"  {name:<{width}}  median {middle:8.1f} us   minimum {low:8.1f} us")
    for name, value in ratios.items():
        print(f"  {name}: {value:.2f}")
    record = {
        "title": title,
        "microseconds": {n: [round(v * 1e6, 2) for v in values] for n, values in times.items()},
        "ratios": {name: round(value, 3) for name, value in ratios.items()},
    }
    kept(record, path)


def kept(record: dict[str, Any], path: Path) -> None:
    """Write figures, and the machine they are of, as JSON."""
    machine = {
        "processor": platform.machine(), "cores": os.cpu_count(),
        "python": platform.python_version(),
    }  # fmt: skip
    path.write_text(json.dumps({**record, "machine": machine}, indent=1) + "\n")
