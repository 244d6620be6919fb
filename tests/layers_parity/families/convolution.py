"""Convolutions, and convolutions turned round."""

from __future__ import annotations

from typing import Any

from tests.layers_parity.drawing import Draw
from tests.layers_parity.families.shapes import axes, lead, lengths, per_axis, span
from tests.layers_parity.table import Family, Plan, accepts, differs

family = Family("Convolution")
row = family.row

CONV = "nn.Conv1d nn.Conv2d nn.Conv3d"
FUNCTIONS = "F.conv1d F.conv2d F.conv3d torch.conv1d torch.conv2d torch.conv3d"
TURNED = "nn.ConvTranspose1d nn.ConvTranspose2d nn.ConvTranspose3d"
TURNED_FUNCTIONS = (
    "F.conv_transpose1d F.conv_transpose2d F.conv_transpose3d "
    "torch.conv_transpose1d torch.conv_transpose2d torch.conv_transpose3d"
)
POSITIVE = (0, -1, 1.5)


def _channels(d: Draw) -> tuple[int, int, int]:
    """Channels in and out, and groups: none, some, or one for each channel."""
    groups = d.one(1, 1, 2, 3)
    return groups * d.size(1, 2), groups * d.size(1, 2), d.mostly((groups,), (groups + 1, 0, -1))


def _windows(d: Draw, n: int) -> dict[str, Any]:
    given = d.some(
        stride=d.each(n, 1, 2, 3, bad=POSITIVE), dilation=d.each(n, 1, 2, 3, bad=POSITIVE)
    )
    if d.flag():
        given["padding"] = d.one(
            d.each(n, 0, 1, 2, bad=(-1, 0.5)),
            d.each(n, 1, 2),
            d.mostly(("same",), ("full",)),
            "valid",
        )
    if given.get("padding") == "same" and d.mostly((True,), (False,)):
        given.pop("stride", None)
    return given


def _room(given: dict[str, Any], n: int) -> tuple[int, ...]:
    """The padding on both sides."""
    padding = given.get("padding", 0)
    return (0,) * n if isinstance(padding, str) else per_axis(padding, n)


def _needed(given: dict[str, Any], kernel: Any, n: int) -> tuple[int, ...]:
    spans, room = span(kernel, given.get("dilation", 1), n), _room(given, n)
    if given.get("padding") == "same":
        return (1,) * n
    return tuple(max(int(s - 2 * p), 1) for s, p in zip(spans, room, strict=True))


@row(CONV)
def conv(d: Draw, name: str) -> Plan:
    n = axes(name)
    c, m, groups = _channels(d)
    kernel = d.each(n, 2, 3, 1, bad=POSITIVE)
    given = _windows(d, n)
    if groups != 1:
        given["groups"] = groups
    given |= d.some(bias=d.flag())
    needed = _needed(given, kernel, n)
    if d.one(False, False, True):
        given["padding_mode"] = d.mostly(("zeros", "reflect", "replicate", "circular"), ("same",))
        if given["padding_mode"] in ("reflect", "circular"):  # no wider than what is reflected
            most = (
                span(kernel, given.get("dilation", 1), n)
                if given.get("padding") == "same"
                else (_room(given, n))
            )
            needed = tuple(max(a, int(b) + 1) for a, b in zip(needed, most, strict=True))
    shape = (*lead(d, c, n), *lengths(d, needed, n))
    return Plan(((c, m, kernel), d.typed(**given)), (((d.x(*shape),), {}),))


@row(FUNCTIONS)
def conv_function(d: Draw, name: str) -> Plan:
    n = axes(name)
    c, m, groups = _channels(d)
    kernel = per_axis(d.each(n, 2, 3, 1), n)
    given = _windows(d, n)
    if groups != 1:
        given["groups"] = groups
    shape = (*lead(d, c, n), *lengths(d, _needed(given, kernel, n), n))
    weight = d.x(m, max(c // max(groups, 1), 1), *kernel)
    bias = d.some(bias=d.x(d.mostly((m,), (m + 1,))))
    return Plan(None, (((d.x(*shape), weight), {**bias, **given}),))


def _turned(d: Draw, n: int) -> dict[str, Any]:
    given = d.some(
        stride=d.each(n, 1, 2, 3, bad=POSITIVE), dilation=d.each(n, 1, 2, 3, bad=POSITIVE),
        padding=d.each(n, 0, 1, bad=(-1, 0.5, "same")),
    )  # fmt: skip
    if d.flag():
        stride, dilation = given.get("stride", 1), given.get("dilation", 1)
        pairs = zip(per_axis(stride, n), per_axis(dilation, n), strict=True)
        most = min(max(int(a), int(b)) for a, b in pairs) - 1
        given["output_padding"] = d.mostly((max(most, 0),), (most + 1, most + 3, -1))
    return given


def _least(given: dict[str, Any], kernel: Any, n: int) -> tuple[int, ...]:
    """Lengths for which something is left when the padding is cut off."""
    return tuple(1 + 2 * int(p) if isinstance(p, int) else 1 for p in _room(given, n))


@row(TURNED)
def conv_transpose(d: Draw, name: str) -> Plan:
    n = axes(name)
    c, m, groups = _channels(d)
    kernel = d.each(n, 2, 3, 1, bad=POSITIVE)
    given = _turned(d, n)
    if groups != 1:
        given["groups"] = groups
    given |= d.some(bias=d.flag(), padding_mode=d.mostly(("zeros",), ("reflect",)))
    shape = (*lead(d, c, n), *lengths(d, _least(given, kernel, n), n))
    run: dict[str, Any] = {}
    stride = given.get("stride", 1)
    if d.one(False, False, True) and min(per_axis(stride, n)) >= 1:
        run["output_size"] = _output_size(d, given, kernel, shape[-n:], n)
    return Plan(((c, m, kernel), d.typed(**given)), (((d.x(*shape),), run),))


def _output_size(
    d: Draw, given: dict[str, Any], kernel: Any, shape: tuple[int, ...], n: int
) -> list[int]:
    """A size that can be reached, or, in a faulty case, perhaps not."""
    strides, rooms = per_axis(given.get("stride", 1), n), _room(given, n)
    spans = span(kernel, given.get("dilation", 1), n)
    more = d.mostly((0, 1), (3, -1))
    return [
        int((length - 1) * s - 2 * p + size + min(more, s - 1))
        for length, s, p, size in zip(shape, strides, rooms, spans, strict=True)
    ]


@row(TURNED_FUNCTIONS)
def conv_transpose_function(d: Draw, name: str) -> Plan:
    n = axes(name)
    c, m, groups = _channels(d)
    kernel = per_axis(d.each(n, 2, 3, 1), n)
    given = _turned(d, n)
    if groups != 1:
        given["groups"] = groups
    shape = (*lead(d, c, n), *lengths(d, _least(given, kernel, n), n))
    weight = d.x(c, max(m // max(groups, 1), 1), *kernel)
    bias = d.some(bias=d.x(d.mostly((m,), (m + 1,))))
    return Plan(None, (((d.x(*shape), weight), {**bias, **given}),))


@row("nn.Unfold F.unfold")
def unfold(d: Draw, name: str) -> Plan:
    kernel = d.each(2, 2, 1, 3, bad=(0, -1))
    given = d.some(
        dilation=d.each(2, 1, 2, bad=(0,)), padding=d.each(2, 0, 1, bad=(-1,)),
        stride=d.each(2, 1, 2, bad=(0,)),
    )  # fmt: skip
    shape = (*lead(d, 2, 2), *lengths(d, _needed(given, kernel, 2), 2))
    if name.startswith("F."):
        return Plan(None, (((d.x(*shape), kernel), given),))
    return Plan(((kernel,), given), (((d.x(*shape),), {}),))


@row("nn.Fold F.fold")
def fold(d: Draw, name: str) -> Plan:
    kernel = d.each(2, 2, 1, 3, bad=(0, -1))
    given = d.some(
        dilation=d.each(2, 1, 2, bad=(0,)), padding=d.each(2, 0, 1, bad=(-1,)),
        stride=d.each(2, 1, 2, bad=(0,)),
    )  # fmt: skip
    size = tuple(lengths(d, _needed(given, kernel, 2), 2))
    spans, rooms = span(kernel, given.get("dilation", 1), 2), _room(given, 2)
    steps = per_axis(given.get("stride", 1), 2)
    blocks, area = 1, 1
    for length, s, p, step, k in zip(size, spans, rooms, steps, per_axis(kernel, 2), strict=True):
        blocks *= max((length + 2 * p - s) // max(step, 1) + 1, 0)
        area *= max(k, 1)
    shape = (*d.one((2,), (), (1,)), 2 * area, blocks + d.mostly((0,), (1,)))
    target = size[0] if size[0] == size[1] else d.one(size, list(size))
    if name.startswith("F."):
        return Plan(None, (((d.x(*shape), target, kernel), given),))
    return Plan(((target, kernel), given), (((d.x(*shape),), {}),))


EMPTY = accepts(
    "an empty batch has a gradient, too: empty",
    "invalid gradient|channel' dimension",
    lambda case: not case.samples()[0].array.size,
)


@row("nn.PixelShuffle F.pixel_shuffle torch.pixel_shuffle", EMPTY)
def pixel_shuffle(d: Draw, name: str) -> Plan:
    r = d.mostly((2, 1, 3), (0, -1))
    c = max(r, 1) ** 2 * d.size(1, 2) + d.mostly((0,), (1,)) * (r > 1)
    x = d.x(*d.mostly(((2,), (), (2, 1), (0,)), ((2,),)), c, *d.sizes(2, 1, 3))
    if name[0] != "n":
        return Plan(None, (((x, r), {}),))
    return Plan(((r,), {}), (((x,), {}),))


@row(
    "nn.PixelUnshuffle F.pixel_unshuffle torch.pixel_unshuffle",
    EMPTY,
    differs(
        "an empty batch has the shape of any other; PyTorch returns that of the input",
        lambda case: not case.samples()[0].array.size,
    ),
)
def pixel_unshuffle(d: Draw, name: str) -> Plan:
    r = d.mostly((2, 1, 3), (0, -1))
    h, w = (max(r, 1) * size for size in d.sizes(2, 1, 2))
    more = d.mostly((0,), (1,)) * (r > 1)
    x = d.x(*d.mostly(((2,), (), (2, 1), (0,)), ((2,),)), 2, h + more, w)
    if name[0] != "n":
        return Plan(None, (((x, r), {}),))
    return Plan(((r,), {}), (((x,), {}),))
