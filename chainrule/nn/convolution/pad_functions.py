"""Borders around a tensor, as a function."""

from __future__ import annotations

from collections.abc import Sequence

from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.signature import Dim
from chainrule.core.size import Size
from chainrule.core.tensor import Tensor
from chainrule.ops.shape.borders import circular_pad, reflection_pad, replication_pad
from chainrule.ops.shape.primitive import pad_constant
from chainrule.ops.window.sliding import whole

MODES = {"reflect": reflection_pad, "replicate": replication_pad, "circular": circular_pad}
"""The borders that are made of the entries themselves."""


def pad(
    input: Tensor, pad: Sequence[Dim], mode: str = "constant", value: float | None = None
) -> Tensor:
    """A border around the entries; ``pad`` is (before, after) of the last axis, then of the one
    before it, and so on.  Negative widths cut entries off.

    ``mode`` is "constant" (``value``, 0 unless given), "reflect" (the entries mirrored at the edge,
    which is not repeated), "replicate" (the entry at the edge, repeated) or "circular" (the entries
    of the other end).  Raises ArgumentError for an odd number of widths, for too many, for unknown
    modes and a value where the mode takes none; ShapeError where an axis is too short for its
    border.

    >>> import chainrule as cr
    >>> cr.nn.functional.pad(cr.tensor([1, 2]), (1, 2)).tolist()
    [0, 1, 2, 0, 0]
    >>> cr.nn.functional.pad(cr.tensor([1, 2, 3]), (1, 2), "reflect").tolist()
    [2, 1, 2, 3, 2, 1]
    """
    if mode != "constant" and mode not in MODES:
        names = ", ".join(map(repr, ("constant", *MODES)))
        raise ArgumentError(f"pad has no mode {mode!r}", expected=names)
    if mode != "constant" and value is not None:
        raise ArgumentError(f"pad with mode {mode!r} takes no value, and was given {value!r}")
    x, pad = input, whole(pad)
    if len(pad) % 2 or len(pad) > 2 * x.ndim:
        raise ArgumentError(
            f"{len(pad)} widths for {x.ndim} axes", expected="a pair for each axis, the last first"
        )
    if not all(type(w) in (int, Size) for w in pad):
        raise ArgumentError(f"pad is {pad}", expected="whole numbers")
    pairs = [(pad[i], pad[i + 1]) for i in range(0, len(pad), 2)]
    widths = [(0, 0)] * (x.ndim - len(pairs)) + pairs[::-1]
    return _bordered(x, widths, mode, 0 if value is None else value)


def _bordered(x: Tensor, widths: list[tuple[Dim, Dim]], mode: str, value: float) -> Tensor:
    """The border, and what negative widths leave: mirrored and repeated are entries of the whole
    axis, as PyTorch has it, and round a ring go those that are left."""
    around = tuple((max(a, 0), max(b, 0)) for a, b in widths)
    cut = [(max(-a, 0), max(-b, 0)) for a, b in widths]
    made: Tensor
    if mode == "constant":
        made = pad_constant(_without(x, cut), widths=around, value=value)
    elif mode == "circular":
        made = circular_pad(_without(x, cut), widths=around)
    else:
        made = _without(MODES[mode](x, widths=around), cut)
        if any(size == 0 for size, old in zip(made.shape, x.shape, strict=True) if old != 0):
            raise ShapeError(f"pad leaves no entries: {widths} of {x.shape}")
    return made


def _without(x: Tensor, cut: list[tuple[Dim, Dim]]) -> Tensor:
    """The tensor without so many entries at both ends of each axis; raises ShapeError where there
    are not so many."""
    if all(a == b == 0 for a, b in cut):
        return x
    sizes = list(zip(cut, x.shape, strict=True))
    if any(a + b > size for (a, b), size in sizes if a != 0 or b != 0):
        raise ShapeError(f"pad cuts off more entries than there are: {cut} of {x.shape}")
    made: Tensor = x[tuple(slice(a, size - b) for (a, b), size in sizes)]
    return made
