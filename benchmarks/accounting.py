"""Counters of operations side by side: chainrule, torchinfo, fvcore, PyTorch's FlopCounterMode.

For each network the figure of each installed tool, its ratio to the multiply-accumulates that there
are, and the convention that reproduces it; then the time that each takes, the building of the
network included: on the device "meta" here and for FlopCounterMode.
Run it as ``python -m benchmarks.accounting``.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import importlib.util
import json
import logging
import statistics
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

import chainrule as cr
from benchmarks._networks import CASES, LARGE

Counter = Callable[[Any, list[Any]], int]
CONVENTIONS = {
    "mac=1": cr.Convention(),
    "mac=2": cr.Convention(mac=2),
    "mac=1, bias": cr.Convention(bias=True),
    "torchinfo": cr.Convention.torchinfo,
    "fvcore": cr.Convention.fvcore,
    "flop_counter": cr.Convention.flop_counter,
    "everything": cr.Convention.everything,
}
OWN = {"torchinfo": "torchinfo", "fvcore": "fvcore", "FlopCounterMode": "flop_counter"}
"""The convention that is called after each tool."""
ROUNDS = 7


def inputs_of(lib: Any, shapes: list[tuple[int, ...]], place: str = "meta") -> list[Any]:
    """Inputs without values; of two axes that are one long sequence, tokens."""
    tokens = shapes[0] == (1, 1024)
    dtype = lib.int64 if tokens else lib.float32
    return [lib.zeros(shape, dtype=dtype, device=place) for shape in shapes]


def by_torchinfo(make: Any, shapes: list[Any], place: str = "cpu") -> int:
    """Its total mult-adds; as it is used, on a network that has its weights."""
    import torchinfo

    with torch.device(place):
        net = make(torch).eval()
    given = inputs_of(torch, shapes, place)
    return int(torchinfo.summary(net, input_data=given, verbose=0, device=place).total_mult_adds)


def by_torchinfo_on_meta(make: Any, shapes: list[Any]) -> int:
    """The same without weights."""
    return by_torchinfo(make, shapes, "meta")


def by_fvcore(make: Any, shapes: list[Any]) -> int:
    """The total of its FlopCountAnalysis; on the CPU, as its tracing stops at a convolution on the
    device "meta" of PyTorch 2.13."""
    from fvcore.nn import FlopCountAnalysis

    place = "cpu"
    with torch.device(place):
        net = make(torch).eval()
    found = FlopCountAnalysis(net, tuple(inputs_of(torch, shapes, place)))
    return int(found.unsupported_ops_warnings(False).uncalled_modules_warnings(False).total())


def by_flop_counter(make: Any, shapes: list[Any]) -> int:
    """The total of FlopCounterMode."""
    from torch.utils.flop_counter import FlopCounterMode

    with torch.device("meta"):
        net = make(torch).eval()
    mode = FlopCounterMode(display=False)
    with mode, torch.no_grad():
        net(*inputs_of(torch, shapes))
    return int(mode.get_total_flops())


def by_chainrule(make: Any, shapes: list[Any]) -> int:
    """The multiply-accumulates of cr.summary."""
    with cr.device("meta"):
        net = make(cr).eval()
    return int(cr.summary(net, *inputs_of(cr, shapes)).count())


TOOLS: dict[str, Counter] = {"torchinfo": by_torchinfo, "fvcore": by_fvcore}
TOOLS = {name: tool for name, tool in TOOLS.items() if importlib.util.find_spec(name)}
TOOLS["FlopCounterMode"] = by_flop_counter


def reproduced(found: cr.Summary, tool: str, figure: int) -> str:
    """A convention under which the network takes that many operations: the tool's own, if it
    does."""
    names = sorted(CONVENTIONS, key=lambda name: name != OWN[tool])
    return next((name for name in names if found.count(CONVENTIONS[name]) == figure), "none")


def compare() -> list[dict[str, Any]]:
    """Print the figure of each tool beside ours."""
    rows = []
    for case, (make, shapes) in {**CASES, **LARGE}.items():
        with cr.device("meta"):
            net = make(cr).eval()
        found = cr.summary(net, *inputs_of(cr, shapes))
        macs = found.count()
        print(f"{case}: {macs:,} multiply-accumulates")
        for name, tool in TOOLS.items():
            try:
                figure = tool(make, shapes)
            except Exception as error:  # noqa: BLE001 - a tool that fails is part of the comparison
                print(f"  {name:<16} fails: {type(error).__name__}")
                rows.append({"case": case, "tool": name, "figure": None})
                continue
            ratio, convention = figure / macs, reproduced(found, name, figure)
            print(f"  {name:<16} {figure:>18,}  ratio {ratio:6.3f}  convention: {convention}")
            rows.append({"case": case, "tool": name, "figure": figure,
                         "ratio": round(ratio, 4), "convention": convention})  # fmt: skip
    return rows


def timed() -> dict[str, dict[str, float]]:
    """Print how long each takes, the network's building included: medians of rounds in turn."""
    times: dict[str, dict[str, float]] = {}
    for case, (make, shapes) in LARGE.items():
        tools = {"chainrule": by_chainrule, **TOOLS}
        if "torchinfo" in tools:
            tools["torchinfo on meta"] = by_torchinfo_on_meta
        seconds: dict[str, list[float]] = {name: [] for name in tools}
        for _ in range(ROUNDS):
            for name, tool in tools.items():
                start = time.perf_counter()
                tool(make, shapes)
                seconds[name].append(time.perf_counter() - start)
        found = {name: statistics.median(values) for name, values in seconds.items()}
        first = {name: values[0] for name, values in seconds.items()}
        times[case] = {name: round(value, 4) for name, value in found.items()}
        print(f"{case}, seconds, building included (in brackets: the first time)")
        for name, value in found.items():
            print(f"  {name:<17} {value:7.4f} ({first[name]:.4f})"
                  f"  {value / found['chainrule']:6.1f} times ours")  # fmt: skip
    return times


def main() -> None:
    """Compare figures, then times, and keep both as JSON."""
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    record = {"figures": compare(), "seconds": timed()}
    Path(__file__).with_suffix(".json").write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
