"""Images made larger and smaller, and looked up at places between their entries."""

from __future__ import annotations

from typing import Any

from tests.layers_parity.drawing import Draw
from tests.layers_parity.families.shapes import per_axis
from tests.layers_parity.table import Case, Family, Plan, slopes

family = Family("Interpolation")
row = family.row

MODES = {
    1: ("nearest", "linear", "nearest-exact", "area"),
    2: ("nearest", "bilinear", "bicubic", "nearest-exact", "area"),
    3: ("nearest", "trilinear", "nearest-exact", "area"),
}
ALIGNED = ("linear", "bilinear", "bicubic", "trilinear")


def _uneven(case: Case) -> bool:
    """Whether an axis of a signal or volume keeps its size or doubles by another factor."""
    shape = case.samples()[0].shape[2:]
    factors = case.kwargs.get("scale_factor")
    if factors is None or len(shape) == 2 or case.kwargs.get("mode", "nearest") != "nearest":
        return False
    pairs = zip(shape, per_axis(factors, len(shape)), strict=True)
    return any(int(old * f) in (old, 2 * old) and f not in (1, 2) for old, f in pairs)


KEPT = slopes(
    "that of the entries taken; PyTorch's takes each once, or twice, where an axis of a signal or "
    "volume keeps its size, or doubles, by another factor than 1 or 2",
    _uneven,
)


def _target(d: Draw, n: int) -> dict[str, Any]:
    """A size or a factor, for each axis or for all."""
    if d.one(True, False):
        size: Any = d.one(d.one(4, 1, 2, 5), tuple(d.sizes(n, 1, 5)))
        return {"size": d.mostly((size,), (0, (2,) * (n + 1), -1))}
    factor: Any = d.one(2, 1.5, 0.5, 1, 0.7, 3.0, 2.3)
    if d.flag():
        factor = tuple(d.one(2.0, 0.5, 1.3, 1.0) for _ in range(n))
    return {"scale_factor": d.mostly((factor,), (0.01, (2.0,) * (n + 1), -1.0))}


def _given(d: Draw, n: int) -> dict[str, Any]:
    mode = d.mostly(MODES[n], ("cubic", "linear", "bilinear"))
    given = _target(d, n) | d.some(mode=mode)
    if given.get("mode") in ALIGNED or d.faulty:
        given |= d.some(align_corners=d.flag())
    if "scale_factor" in given:
        given |= d.some(recompute_scale_factor=d.flag())
    elif d.faulty:
        given |= d.one({}, {"scale_factor": 2.0}, {"recompute_scale_factor": True})
    return given


def _x(d: Draw, n: int) -> Any:
    return d.x(*d.mostly(((2, 2), (1, 1), (2, 1)), ((2,), (0, 2), (2, 2, 2, 2))), *d.sizes(n, 1, 4))


@row("F.interpolate", KEPT)
def interpolate(d: Draw, name: str) -> Plan:
    n = d.one(2, 1, 3)
    given = _given(d, n)
    if (n == 2 and given.get("mode") in ("bilinear", "bicubic")) or d.faulty:
        given |= d.some(antialias=d.flag())
    return Plan(None, (((_x(d, n),), given),))


@row("nn.Upsample", KEPT)
def upsample(d: Draw, name: str) -> Plan:
    n = d.one(2, 1, 3)
    given = _given(d, n)
    return Plan(((), given), (((_x(d, n),), {}),))


@row("nn.UpsamplingNearest2d nn.UpsamplingBilinear2d")
def upsampling(d: Draw, name: str) -> Plan:
    given = _target(d, 2)
    return Plan(((), given), (((_x(d, 2),), {}),))


@row("F.grid_sample")
def grid_sample(d: Draw, name: str) -> Plan:
    n = d.one(2, 2, 3)
    b = d.one(2, 1)
    x = d.x(b, 2, *d.sizes(n, 1, 4))
    grid = d.x(
        d.mostly((b,), (b + 1,)), *d.sizes(n, 1, 3), d.mostly((n,), (n + 1,)), low=-1.5, high=1.5
    )
    modes = ("bilinear", "nearest", "bicubic") if n == 2 else ("bilinear", "nearest")
    given = d.some(
        mode=d.mostly(modes, ("linear",)),
        padding_mode=d.mostly(("zeros", "border", "reflection"), ("circular",)),
        align_corners=d.flag(),
    )
    return Plan(None, (((x, grid), given),))


@row("F.affine_grid")
def affine_grid(d: Draw, name: str) -> Plan:
    n = d.one(2, 2, 3)
    b = d.one(2, 1)
    theta = d.x(d.mostly((b,), (b + 1,)), n, n + 1)
    size = (b, 2, *d.sizes(n, 1, 3))
    given = d.some(align_corners=d.flag())
    return Plan(None, (((theta, d.one(size, list(size))), given),))
