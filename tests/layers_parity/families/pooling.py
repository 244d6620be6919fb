"""Pooling: windows of which the largest entry, the mean or a norm is kept, and the way back."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.layers_parity.drawing import Draw
from tests.layers_parity.families.shapes import axes, lead, lengths, per_axis, span
from tests.layers_parity.table import Case, Family, Plan, accepts, differs, refuses, slopes
from tests.torch_parity.drawing import Sample

family = Family("Pooling")
row = family.row

POSITIVE = (0, -1)


def _bare(shape: tuple[int, ...], kernel: Any, given: dict[str, Any], n: int) -> bool:
    """Whether a window holds nothing but padding.  Its largest entry is refused here; PyTorch's has
    no place, and its gradient is written outside the tensor: not to be tried."""
    step = given.get("stride") or kernel
    pads, gaps = given.get("padding", 0), given.get("dilation", 1)
    several = [per_axis(part, n) for part in (kernel, step, pads, gaps)]
    for length, (k, s, p, gap) in zip(shape[-n:], zip(*several, strict=True), strict=True):
        if min(k, s, gap) < 1:
            return False
        for start in range(-p, length + p, s):
            if not any(0 <= start + j * gap < length for j in range(k)):
                return True
    return False


SMALL = accepts(
    "the kernel is no longer than the padded length; PyTorch wants that of the unpadded length, "
    "in three dimensions",
    "smaller than kernel size",
)
NONE = accepts("None alone keeps all lengths, as it does in a tuple", "NoneType")
RANK = refuses(
    "a number of axes that is not that of the layer, where PyTorch takes the mean of all without a "
    "look",
    lambda case: _ones(case) and not _rank(case),
)


def _ones(case: Case) -> bool:
    size = case.args[0] if case.module else case.plan.runs[0][0][1]
    return size in (1, (1, 1), [1, 1], (1, 1, 1), [1, 1, 1])


def _rank(case: Case) -> bool:
    return case.samples()[0].ndim - axes(case.name) in (1, 2)


def _finish(name: str, x: Sample, args: tuple[Any, ...], given: dict[str, Any]) -> Plan:
    """The layer that is then called, or the function."""
    if name.startswith("nn."):
        return Plan((args, given), (((x,), {}),))
    return Plan(None, (((x, *args), given),))


def _windows(d: Draw, n: int, kernel: Any, dilated: bool) -> dict[str, Any]:
    most = min(per_axis(kernel, n)) // 2
    given = d.some(
        stride=d.each(n, 1, 2, 3, bad=POSITIVE),
        padding=d.each(n, *range(max(most, 0) + 1), bad=(-1, most + 1)),
        ceil_mode=d.flag(),
    )
    if dilated:
        given |= d.some(dilation=d.each(n, 1, 2, 3, bad=POSITIVE))
    return given


def _shape(d: Draw, n: int, kernel: Any, given: dict[str, Any]) -> tuple[int, ...]:
    rooms = per_axis(given.get("padding", 0), n)
    spans = span(kernel, given.get("dilation", 1), n)
    needed = tuple(max(int(s - 2 * p), 1) for s, p in zip(spans, rooms, strict=True))
    found = lengths(d, needed, n)
    if "dilation" in given and _bare(found, kernel, given, n):
        given.pop("padding", None)
        found = tuple(int(max(a, b)) for a, b in zip(found, spans, strict=True))
    return (*lead(d, 2, n, empty=d.flag()), *found)


@row(
    "nn.MaxPool1d nn.MaxPool2d nn.MaxPool3d F.max_pool1d F.max_pool2d F.max_pool3d "
    "torch.max_pool1d torch.max_pool2d torch.max_pool3d",
    differs(
        "of several NaN in a window the first is its largest entry; PyTorch takes the last",
        lambda case: bool(np.isnan(case.samples()[0].array).sum() > 1),
    ),
)
def max_pool(d: Draw, name: str) -> Plan:
    n = axes(name)
    kernel = d.each(n, 2, 3, 1, bad=POSITIVE)
    given = _windows(d, n, kernel, True)
    if not name.startswith("torch."):
        given |= d.some(return_indices=d.flag())
    x = d.x(*_shape(d, n, kernel, given), special=d.one(False, False, False, True))
    return _finish(name, x, (kernel,), given)


@row(
    "torch.max_pool1d_with_indices",
)
def with_indices(d: Draw, name: str) -> Plan:
    kernel = d.each(1, 2, 3, 1, bad=POSITIVE)
    given = _windows(d, 1, kernel, True)
    return _finish(name, d.x(*_shape(d, 1, kernel, given)), (kernel,), given)


@row(
    "nn.AvgPool1d nn.AvgPool2d nn.AvgPool3d F.avg_pool1d F.avg_pool2d F.avg_pool3d "
    "torch.avg_pool1d",
    SMALL,
)
def avg_pool(d: Draw, name: str) -> Plan:
    n = axes(name)
    kernel = d.each(n, 2, 3, 1, bad=POSITIVE)
    given = _windows(d, n, kernel, False) | d.some(count_include_pad=d.flag())
    if n > 1:
        given |= d.some(divisor_override=d.mostly((3, 1, -2, None), (0,)))
    return _finish(name, d.x(*_shape(d, n, kernel, given)), (kernel,), given)


@row("nn.LPPool1d nn.LPPool2d nn.LPPool3d F.lp_pool1d F.lp_pool2d F.lp_pool3d", SMALL)
def lp_pool(d: Draw, name: str) -> Plan:
    n = axes(name)
    several = n if n > 1 else 0
    kernel = d.each(several, 2, 3, 1, bad=POSITIVE)
    given = d.some(stride=d.each(several, 1, 2, 3, bad=POSITIVE), ceil_mode=d.flag())
    power = d.one(2, 1, 3.0, 1.5, 4)
    d.mode = "wide"
    low = 0.25 if power == 1.5 else d.one(0.25, -2)
    return _finish(name, d.x(*_shape(d, n, kernel, given), low=low), (power, kernel), given)


def _output(d: Draw, n: int) -> Any:
    size: Any = d.one(d.one(1, 2, 3, 5), tuple(d.sizes(n, 1, 4)), d.one(1, 2))
    if n > 1 and d.one(False, False, True):
        size = tuple(d.one(None, 1, 2) for _ in range(n))
    return d.mostly((size,), (-1, (1,) * (n + 1), 1.5, None, 0))


def _adaptive(d: Draw, n: int) -> tuple[int, ...]:
    return (*d.mostly(((2, 2), (2,), (1, 3), (0, 2)), ((2, 1, 2, 2), ())), *d.sizes(n, 1, 5))


@row(
    "nn.AdaptiveAvgPool1d nn.AdaptiveAvgPool2d nn.AdaptiveAvgPool3d F.adaptive_avg_pool1d "
    "F.adaptive_avg_pool2d F.adaptive_avg_pool3d torch.adaptive_avg_pool1d",
    NONE,
    RANK,
)
def adaptive_avg_pool(d: Draw, name: str) -> Plan:
    n = axes(name)
    return _finish(name, d.x(*_adaptive(d, n)), (_output(d, n),), {})


@row(
    "nn.AdaptiveMaxPool1d nn.AdaptiveMaxPool2d nn.AdaptiveMaxPool3d F.adaptive_max_pool1d "
    "F.adaptive_max_pool2d F.adaptive_max_pool3d",
    NONE,
)
def adaptive_max_pool(d: Draw, name: str) -> Plan:
    n = axes(name)
    given = d.some(return_indices=d.flag())
    return _finish(name, d.x(*_adaptive(d, n)), (_output(d, n),), given)


@row(
    "torch.adaptive_max_pool1d",
    NONE,
)
def adaptive_with_indices(d: Draw, name: str) -> Plan:
    return _finish(name, d.x(*_adaptive(d, 1)), (_output(d, 1),), {})


def _indices(d: Draw, shape: tuple[int, ...], area: int, n: int) -> Sample:
    """Places in each plane, mostly no two alike, or, in a faulty case, perhaps outside."""
    each, planes = int(np.prod(shape[-n:])), int(np.prod(shape[:-n]))
    if d.one(False, False, False, True):
        return Sample(d.random.integers(0, area, shape))
    area = max(area, each) + d.mostly((0,), (40,))
    drawn = [d.random.permutation(area)[:each] for _ in range(planes)]
    return Sample(np.concatenate(drawn).reshape(shape))


def _twice(case: Case) -> bool:
    """Whether two entries of a plane have one place."""
    indices = case.samples()[1].array
    flat = indices.reshape(-1, int(np.prod(indices.shape[-axes(case.name) :])))
    return any(len(set(plane)) < len(plane) for plane in flat.tolist())


def _several(case: Case) -> bool:
    """Whether there are other numbers of them than axes."""
    kernel = case.args[0] if case.module else case.args[2]
    parts = (kernel, case.kwargs.get("stride"), case.kwargs.get("padding"))
    several = [part for part in parts if isinstance(part, tuple | list)]
    return any(len(part) != axes(case.name) for part in several)


TWICE = slopes(
    "of entries with one place the last is written and has a gradient; PyTorch's all have one",
    _twice,
)
SEVERAL = refuses("more numbers than axes, of which PyTorch takes the first ones", _several)


@row(
    "nn.MaxUnpool1d nn.MaxUnpool2d nn.MaxUnpool3d F.max_unpool1d F.max_unpool2d F.max_unpool3d",
    TWICE,
    SEVERAL,
)
def max_unpool(d: Draw, name: str) -> Plan:
    n = axes(name)
    kernel = d.each(n, 2, 3, bad=(0,))
    given = d.some(stride=d.each(n, 2, 3, bad=(0,)), padding=d.each(n, 0, 0, 1))
    steps = per_axis(given.get("stride", kernel), n)
    rooms = per_axis(given.get("padding", 0), n)
    small = d.sizes(n, 2, 3)
    full = [
        (length - 1) * s - 2 * p + k
        for length, s, p, k in zip(small, steps, rooms, per_axis(kernel, n), strict=True)
    ]
    before = d.mostly(((2, 2), (2,), (1, 1)), ((2, 2, 2),))
    x = d.x(*before, *small)
    wide = d.one(0, 0, 1)
    target = [size + wide for size in full]
    area = int(np.prod([max(size, 1) for size in full]))
    indices = _indices(d, (*before, *small), area, n)
    if d.one(False, True) or wide:
        form = d.one(target, tuple(target), [1] * (2 - len(before)) + [*before, *target])
        run = {"output_size": d.mostly((form,), (target * 2, [1] * n))}
    else:
        run = {}
    if name.startswith("nn."):
        return Plan(((kernel,), given), (((x, indices), run),))
    return Plan(None, (((x, indices, kernel), given | run),))
