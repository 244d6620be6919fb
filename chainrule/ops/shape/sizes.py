"""Sizes, shapes and slices as moves take them."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any, NamedTuple

from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.signature import Shape, same_size
from chainrule.core.size import Size, bounds, prod


def sizes_of(shape: Any) -> Shape:
    """A shape given as numbers, letters' sizes or a sequence of them; raises ArgumentError."""
    given = shape if isinstance(shape, Sequence) else (shape,)
    found = []
    for size in given:
        if isinstance(size, bool) or not (isinstance(size, Size) or hasattr(size, "__index__")):
            hint = "a size that stays open is for cr.spec and cr.summary"
            raise ArgumentError(f"not a size: {size!r}",
                                hint=hint if isinstance(size, str) else None)  # fmt: skip
        found.append(size if isinstance(size, Size) else operator.index(size))
    return tuple(found)


def resolved(shape: Shape, given: Shape) -> Shape:
    """``shape`` with its -1 replaced by what is left; raises ShapeError where nothing fits."""
    open_axes = [i for i, size in enumerate(shape) if isinstance(size, int) and size < 0]
    total = prod(given)
    if len(open_axes) > 1 or any(shape[i] != -1 for i in open_axes):
        raise ShapeError(f"a shape has at most one -1 and nothing below: {shape}")
    if not open_axes:
        if not same_size(prod(shape), total):
            raise ShapeError(f"{total} entries do not fit into shape {shape}")
        return shape
    known = prod(size for size in shape if not (isinstance(size, int) and size == -1))
    if isinstance(known, int) and known == 0:
        raise ShapeError(f"the -1 in {shape} could be anything: another size is 0")
    left = total // known
    if not same_size(left * known, total):
        raise ShapeError(f"{total} entries do not fit into shape {shape}")
    return tuple(left if i in open_axes else size for i, size in enumerate(shape))


class Span(NamedTuple):
    """A slice with all three numbers written out; unlike Python's own, it can be hashed."""

    start: Any
    stop: Any
    step: int

    @property
    def size(self) -> Any:
        """How many entries it takes."""
        return -((self.start - self.stop) // self.step)


def spans(index: Sequence[Any]) -> tuple[Span, ...]:
    """An index of slices as `Span`s."""
    return tuple(
        Span(part.start, part.stop, part.step) if isinstance(part, slice) else Span(*part)
        for part in index
    )


def check_within(index: Sequence[Span], shape: Shape) -> None:
    """Raise ShapeError unless there is one slice for each axis, and none is proved to leave it."""
    if len(index) != len(shape):
        raise ShapeError(f"{len(index)} slices for {len(shape)} axes")
    for k, (span, size) in enumerate(zip(index, shape, strict=True)):
        room = bounds(size - span.stop)[1]
        if room is not None and room < 0:
            raise ShapeError(f"a slice of axis {k} goes to {span.stop}, and the axis to {size}")


def slices(index: Sequence[Span]) -> tuple[slice, ...]:
    """Spans as Python's slices."""
    return tuple(slice(*span) for span in index)
