"""Batch and instance normalisation."""

from __future__ import annotations

from typing import Any

from tests.layers_parity.drawing import Draw
from tests.layers_parity.families.shapes import axes
from tests.layers_parity.table import BOTH, Case, Family, Plan, accepts, refuses

family = Family("Batch and instance normalisation")
row = family.row


NOISE = 2e4
"""Rounding errors of entries are divided by the root of a variance that may be as small as eps."""


def _empty(case: Case) -> bool:
    """Whether statistics would be those of an empty batch."""
    training = case.module or case.kwargs.get("training", case.kwargs.get("use_input_stats", True))
    return bool(training) and any(not run[0][0].array.size for run in case.plan.runs)


def _unlike(case: Case) -> bool:
    """Whether x has other channels than the layer, and PyTorch has nothing to compare them with."""
    return any(run[0][0].shape[-axes(case.name) - 1] != case.args[0] for run in case.plan.runs)


EMPTY = refuses("an empty batch has no mean and no variance", _empty)
UNLIKE = refuses(
    "a number of channels that is not that of the layer, even where it has no weights and no "
    "statistics to compare with",
    lambda case: case.name[-2] in "23" and _unlike(case) and not case.kwargs.get("affine", True)
    and not case.kwargs.get("track_running_stats", True),
)  # fmt: skip
UNLIKE_INSTANCE = refuses(
    "a number of channels that is not that of the layer, even where it has no weights and no "
    "statistics to compare with (PyTorch warns)",
    lambda case: _unlike(case) and not case.has("affine", "track_running_stats"),
)
NOTHING = accepts("no instances have results, in evaluation: none", "index 0 out of range")


def _shape(d: Draw, n: int, c: int, unbatched: bool) -> tuple[int, ...]:
    """(b, c, *d) for ``n`` axes after the channels; the batch may lack."""
    right = [(3,), (2,), (3,), (2,), (1,), (0,)]
    if unbatched:
        right.append(())
    lead = d.mostly(tuple(right), ((2, 2),))
    return (*lead, d.mostly((c,), (c + 1,)), *d.sizes(n, d.one(2, 1), 3))


def _init(d: Draw, c: int) -> tuple[Any, Any]:
    given = d.some(
        eps=d.one(1e-3, 1e-5, 0.1), momentum=d.one(0.3, None, 1.0, 0.0), affine=d.flag(),
        track_running_stats=d.flag(),
    )  # fmt: skip
    return (c,), d.typed(**given, **d.some(bias=d.flag()))


@row("nn.BatchNorm1d nn.BatchNorm2d nn.BatchNorm3d", EMPTY, UNLIKE, noise=NOISE)
def batch_norm(d: Draw, name: str) -> Plan:
    n, c = axes(name), d.size(1, 3)
    init = _init(d, d.mostly((c,), (c,)))
    n = d.one(0, 1) if n == 1 else n
    shapes = [_shape(d, n, c, False) for _ in range(d.size(1, 2))]
    return Plan(init, tuple(((d.x(*shape),), {}) for shape in shapes), BOTH)


@row(
    "nn.InstanceNorm1d nn.InstanceNorm2d nn.InstanceNorm3d",
    EMPTY,
    UNLIKE_INSTANCE,
    NOTHING,
    noise=NOISE,
)
def instance_norm(d: Draw, name: str) -> Plan:
    n, c = axes(name), d.size(1, 3)
    args, given = _init(d, c)
    shapes = [_shape(d, n, c, True) for _ in range(d.size(1, 2))]
    return Plan((args, given), tuple(((d.x(*shape),), {}) for shape in shapes), BOTH)


@row("F.batch_norm", EMPTY, noise=NOISE)
def batch_norm_function(d: Draw, name: str) -> Plan:
    c = d.size(1, 3)
    x = d.x(*d.one((3, c), (2, c, 3), (2, c, 2, 2), (1, c), (0, c)))
    running = (d.x(c, grad=False), d.x(c, low=0.5, grad=False))
    training = d.flag()
    if training and d.flag():
        running = (None, None)
    size = d.mostly((c,), (c + 1,)) if x.array.size else c
    given = d.some(
        weight=d.x(size), bias=d.x(c), momentum=d.one(0.3, 0.0, 1.0), eps=d.one(1e-3, 0.1)
    )
    return Plan(None, (((x, *running), {**given, "training": training}),))


@row("F.instance_norm", EMPTY, NOTHING, noise=NOISE)
def instance_norm_function(d: Draw, name: str) -> Plan:
    c = d.size(1, 3)
    x = d.x(*d.one((3, c, 2), (2, c, 3, 2), (1, c, 2, 1, 2), (2, c, 3), (2, c, 1), (0, c, 2)))
    given = d.some(
        weight=d.x(d.mostly((c,), (c + 1,))), bias=d.x(c), momentum=d.one(0.3, 0.0, 1.0),
        eps=d.one(1e-3, 0.1),
    )  # fmt: skip
    if d.flag():
        given |= {"running_mean": d.x(c, grad=False), "running_var": d.x(c, low=0.5, grad=False)}
        given |= d.some(use_input_stats=d.flag())
    return Plan(None, (((x,), given),))
