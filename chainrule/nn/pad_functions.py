"""Borders around a tensor, as a function."""

from __future__ import annotations

from collections.abc import Sequence

from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.signature import Dim
from chainrule.core.size import Size
from chainrule.core.tensor import Tensor
from chainrule.ops.shape.borders import circular_pad, reflection_pad, replication_pad
from chainrule.ops.shape.primitive import pad_constant

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
    x = input
    if len(pad) % 2 or len(pad) > 2 * x.ndim:
        raise ArgumentError(
            f"{len(pad)} widths for {x.ndim} axes", expected="a pair for each axis, the last first"
        )
    if not all(type(w) in (int, Size) for w in pad):
        raise ArgumentError(f"pad is {tuple(pad)}", expected="whole numbers")
    pairs = [(pad[i], pad[i + 1]) for i in range(0, len(pad), 2)]
    widths = [(0, 0)] * (x.ndim - len(pairs)) + pairs[::-1]
    if any(w < 0 for pair in widths for w in pair):
        sizes = list(zip(widths, x.shape, strict=True))
        if any(max(-a, 0) + max(-b, 0) > size for (a, b), size in sizes):
            raise ShapeError(f"pad cuts off more entries than there are: {tuple(pad)} of {x.shape}")
        x = x[tuple(slice(max(-a, 0), size - max(-b, 0)) for (a, b), size in sizes)]
        widths = [(max(a, 0), max(b, 0)) for a, b in widths]
    made: Tensor
    if mode == "constant":
        made = pad_constant(x, widths=tuple(widths), value=0 if value is None else value)
    else:
        made = MODES[mode](x, widths=tuple(widths))
    return made
