"""Borders made of the entries themselves: reflected, repeated, or those of the other end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chainrule.core.errors import ShapeError
from chainrule.core.node import Node
from chainrule.core.op import example
from chainrule.core.reach import Reach, Reads
from chainrule.core.signature import Dim, Shape
from chainrule.core.size import bounds
from chainrule.ops.shape.primitive import Move


class _Border(Move, abstract=True):
    """A border on each axis, ``widths`` being (before, after) for each: axis by axis, so that
    corners are borders of borders."""

    def forward(self, xp: Any, x: Any, *, widths: Any) -> Any:
        for dim, (before, after) in enumerate(widths):
            parts = [x]
            if before:
                parts.insert(0, self.before(xp, x, dim, before))
            if after:
                parts.append(self.after(xp, x, dim, after))
            x = xp.cat(parts, dim) if len(parts) > 1 else x
        return x

    def before(self, xp: Any, x: Any, dim: int, width: Dim) -> Any:
        """The entries that stand before the first one along ``dim``."""
        raise NotImplementedError

    def after(self, xp: Any, x: Any, dim: int, width: Dim) -> Any:
        """The entries that stand after the last one along ``dim``."""
        raise NotImplementedError

    def shape(self, shape: Shape, *, widths: Any) -> Shape:
        if len(widths) != len(shape):
            raise ShapeError(f"{len(widths)} pairs of widths for {len(shape)} axes")
        for dim, (size, pair) in enumerate(zip(shape, widths, strict=True)):
            for width in pair:
                room = self.room(size)
                least = 0 if room is None or width == 0 else bounds(width - room)[0]
                if least is not None and least > 0:
                    raise ShapeError(f"axis {dim} of {size} has no border of {width}: "
                                     f"{self.limit}")  # fmt: skip
        return tuple(a + size + b for (a, b), size in zip(widths, shape, strict=True))

    def reads(self, node: Node, output: int = 0) -> Sequence[Reads]:
        """As if the border were read beyond the axis: of the entries that stand there again, a
        place in the middle knows nothing."""
        widths = node.attrs["widths"]
        return (tuple(Reach.same(axis, before) for axis, (before, _) in enumerate(widths)),)

    limit: str
    """Why a border cannot be wider."""

    def room(self, size: Dim) -> Dim | None:
        """How wide a border of an axis of this size may be; None for any width."""
        raise NotImplementedError


class ReflectionPad(_Border):
    """A border that mirrors the entries at the first and at the last one, which stand once.

    Shapes: x (*s) -> each axis longer by its pair of ``widths``.  Raises ShapeError where a border
    is not narrower than its axis.

    >>> import chainrule as cr
    >>> reflection_pad(cr.tensor([1, 2, 3]), widths=((2, 1),)).tolist()
    [3, 2, 1, 2, 3, 2]
    """

    convention = "the entry at the edge is not repeated"
    limit = "it is mirrored at the last entry, and must be narrower than the axis"
    examples = (example((2, 4), widths=((0, 0), (2, 3))), example((2, 3), widths=((1, 0), (1, 2))))

    def before(self, xp: Any, x: Any, dim: int, width: Dim) -> Any:
        return xp.flip(_part(xp, x, dim, 1, 1 + width), (dim,))

    def after(self, xp: Any, x: Any, dim: int, width: Dim) -> Any:
        last = x.shape[dim] - 1
        return xp.flip(_part(xp, x, dim, last - width, last), (dim,))

    def room(self, size: Dim) -> Dim:
        return size - 1


class ReplicationPad(_Border):
    """A border that repeats the first and the last entry.

    Shapes: x (*s) -> each axis longer by its pair of ``widths``.  Raises ShapeError for a border of
    an axis without entries.

    >>> import chainrule as cr
    >>> replication_pad(cr.tensor([1, 2, 3]), widths=((2, 1),)).tolist()
    [1, 1, 1, 2, 3, 3]
    """

    limit = "there is no entry to repeat"
    examples = (example((2, 3), widths=((1, 2), (0, 4))),)

    def before(self, xp: Any, x: Any, dim: int, width: Dim) -> Any:
        return _repeated(xp, _part(xp, x, dim, 0, 1), dim, width)

    def after(self, xp: Any, x: Any, dim: int, width: Dim) -> Any:
        size = x.shape[dim]
        return _repeated(xp, _part(xp, x, dim, size - 1, size), dim, width)

    def room(self, size: Dim) -> Dim | None:
        return 0 if size == 0 else None


class CircularPad(_Border):
    """A border of the entries at the other end, as if the axis were a ring.

    Shapes: x (*s) -> each axis longer by its pair of ``widths``.  Raises ShapeError where a border
    is wider than its axis.

    >>> import chainrule as cr
    >>> circular_pad(cr.tensor([1, 2, 3]), widths=((2, 1),)).tolist()
    [2, 3, 1, 2, 3, 1]
    """

    limit = "it would go round more than once"
    examples = (example((2, 3), widths=((1, 0), (2, 3))),)

    def before(self, xp: Any, x: Any, dim: int, width: Dim) -> Any:
        return _part(xp, x, dim, x.shape[dim] - width, x.shape[dim])

    def after(self, xp: Any, x: Any, dim: int, width: Dim) -> Any:
        return _part(xp, x, dim, 0, width)

    def room(self, size: Dim) -> Dim:
        return size


def _part(xp: Any, x: Any, dim: int, start: Dim, stop: Dim) -> Any:
    """The entries from ``start`` to ``stop`` along ``dim``."""
    index: list[Any] = [slice(0, size, 1) for size in x.shape]
    index[dim] = slice(start, stop, 1)
    return xp.slice(x, tuple(index))


def _repeated(xp: Any, x: Any, dim: int, width: Dim) -> Any:
    """One entry along ``dim`` repeated."""
    return xp.expand(x, (*x.shape[:dim], width, *x.shape[dim + 1 :]))


reflection_pad, replication_pad, circular_pad = ReflectionPad(), ReplicationPad(), CircularPad()
