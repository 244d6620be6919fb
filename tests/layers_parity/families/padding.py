"""Borders."""

from __future__ import annotations

from typing import Any

from tests.layers_parity.drawing import Draw
from tests.layers_parity.families.shapes import axes
from tests.layers_parity.table import Case, Family, Plan, refuses

family = Family("Padding")
row = family.row


def _nothing(case: Case) -> bool:
    """Whether nothing is left between the borders."""
    n, widths, shape = axes(case.name), case.args[0], case.samples()[0].shape
    if not isinstance(widths, tuple) or len(widths) != 2 * n:
        return False
    return any(shape[-1 - i] + sum(widths[2 * i : 2 * i + 2]) <= 0 for i in range(n))


def _widths(d: Draw, n: int, least: int, most: int) -> tuple[int, ...]:
    return d.sizes(2 * n, least, most)


def _plan(d: Draw, name: str, least: int, most: int, room: int, *more: Any) -> Plan:
    """A layer with widths from ``least`` to ``most``, and lengths from ``room`` on."""
    n = axes(name)
    widths: Any = d.one(d.one(1, 0, most), _widths(d, n, least, most), _widths(d, n, 0, most))
    if d.faulty:
        lowest = 0 if "Circular" in name else least - 3
        widths = d.one(widths, _widths(d, n, lowest, most + 2), (1,), "1")
    shape = (
        *d.mostly(((2, 2), (2,), (1, 1), (0, 2)), ((2, 2, 2), ())),
        *d.sizes(n, room, room + 1),
    )
    return Plan(((widths, *more), {}), (((d.x(*shape),), {}),))


@row("nn.ReflectionPad1d nn.ReflectionPad2d nn.ReflectionPad3d")
def reflection(d: Draw, name: str) -> Plan:
    return _plan(d, name, d.one(0, -1), 2, 3)


@row(
    "nn.ReplicationPad1d nn.ReplicationPad2d nn.ReplicationPad3d",
    refuses("widths that leave no entries of a sequence or an image", _nothing),
)
def replication(d: Draw, name: str) -> Plan:
    return _plan(d, name, d.one(0, -1), 3, d.one(2, 3, 1))


@row("nn.CircularPad1d nn.CircularPad2d nn.CircularPad3d")
def circular(d: Draw, name: str) -> Plan:
    return _plan(d, name, 0, 2, d.one(2, 3))  # below 0, PyTorch's own fails or is refused


@row("nn.ConstantPad1d nn.ConstantPad2d nn.ConstantPad3d")
def constant(d: Draw, name: str) -> Plan:
    return _plan(d, name, d.one(0, -1), 2, 3, d.one(0.5, 0, -2, 0.0))


@row("nn.ZeroPad1d nn.ZeroPad2d nn.ZeroPad3d")
def zeros(d: Draw, name: str) -> Plan:
    return _plan(d, name, d.one(0, -1), 2, 3)


@row("F.pad")
def pad(d: Draw, name: str) -> Plan:
    mode = d.mostly(("constant", "reflect", "replicate", "circular"), ("zeros", "mirror"))
    n = d.one(1, 2, 3)
    least = d.one(0, 0, -1)
    widths: Any = _widths(d, n, least, 2)
    if d.faulty:
        widths = d.one(widths, widths[1:], (4, 0), widths * 2)
    more = d.one(1, 2) if mode != "constant" else d.one(0, 1, 2)
    x = d.x(*d.sizes(more, 1, 2), *d.sizes(n, 3, 4))
    given: dict[str, Any] = d.some(mode=mode)
    if given.get("mode", "constant") == "constant":
        given |= d.some(value=d.one(1.5, None, -1))
    else:
        given |= d.mostly(({},), ({"value": 1.0},))
    return Plan(None, (((x, d.one(widths, list(widths))), given),))
