"""Moves that are not views but for `unfold`: stack, repeat, roll; and windows along an axis."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chainrule.core.axes import axis, own_axis
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.indexmap import IndexMap, row_strides
from chainrule.core.lowering import recorder
from chainrule.core.node import Node
from chainrule.core.op import example
from chainrule.core.signature import Shape, same_size
from chainrule.core.size import Size, bounds, prod
from chainrule.core.tensor import Tensor
from chainrule.ops.shape.primitive import Move, sizes_of


class Stack(Move):
    """Tensors of one shape along a new axis."""

    dtype_rule = "promote"
    examples = (example((2, 3), (2, 3), dim=1), example((2,), (2,), (2,), dim=-1), example((), ()))

    def forward(self, xp: Any, *tensors: Any, dim: int = 0) -> Any:
        shape = tensors[0].shape
        d = axis(dim, len(shape) + 1)
        return xp.cat([xp.reshape(x, (*shape[:d], 1, *shape[d:])) for x in tensors], d)

    def shape(self, *shapes: Shape, dim: int) -> Shape:
        if not shapes:
            raise ShapeError("stack of no tensors")
        first = shapes[0]
        for i, other in enumerate(shapes[1:], 1):
            if len(other) != len(first) or not all(map(same_size, first, other)):
                raise ShapeError(f"tensor 0 has shape {first} and tensor {i} has {other}")
        d = axis(dim, len(first) + 1)
        return (*first[:d], len(shapes), *first[d:])

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        d = axis(node.attrs["dim"], len(node.shape))
        spread = (slice(None),) * d
        return [g[(*spread, i)] for i in range(len(node.parents))]


class Repeat(Move):
    """The whole tensor repeated along each axis; new axes come in front, as in `expand`."""

    examples = (
        example((2, 3), repeats=(2, 1)),
        example((2,), repeats=(2, 3)),
        example((2,), repeats=(0,)),
    )

    def forward(self, xp: Any, x: Any, *, repeats: Any) -> Any:
        if not repeats:
            return x
        shape = (1,) * (len(repeats) - len(x.shape)) + tuple(x.shape)
        spaced = tuple(s for size in shape for s in (1, size))
        wide = tuple(s for n, size in zip(repeats, shape, strict=True) for s in (n, size))
        full = xp.expand(xp.reshape(x, spaced), wide)
        return xp.reshape(full, self.shape(x.shape, repeats=repeats))

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        repeats = sizes_of(attrs["repeats"])
        if any(isinstance(n, int) and n < 0 for n in repeats):
            raise ArgumentError(f"repeats are whole numbers from 0, not {repeats}")
        return {"repeats": repeats}

    def shape(self, shape: Shape, *, repeats: Shape) -> Shape:
        new = len(repeats) - len(shape)
        if new < 0:
            raise ShapeError(f"{len(repeats)} repeats for a tensor of {len(shape)} axes",
                             hint="one for each axis, those of new axes first")  # fmt: skip
        whole = (1,) * new + tuple(shape)
        return tuple(n * size for n, size in zip(repeats, whole, strict=True))

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        shape, repeats = node.parents[0].shape, node.attrs["repeats"]
        if not repeats:
            return (g,)
        whole = (1,) * (len(repeats) - len(shape)) + tuple(shape)
        wide = tuple(s for n, size in zip(repeats, whole, strict=True) for s in (n, size))
        copies = recorder.reshape(g, wide)
        added = recorder.sum(copies, tuple(range(0, len(wide), 2)), False)
        return (recorder.reshape(added, shape),)


class Roll(Move):
    """The entries moved on along some axes, those that leave at the end coming in at the start;
    without ``dims``, along all entries in a row."""

    methods = ("roll",)
    examples = (
        example((2, 3), shifts=1), example((2, 3), shifts=(1, -5), dims=(0, 1)),
        example((4,), shifts=2, dims=0), example((2, 3), shifts=(1, 1), dims=(1, 1)),
    )  # fmt: skip

    def forward(self, xp: Any, x: Any, *, shifts: Any, dims: Any = None) -> Any:
        if dims is None:
            line = _rolled(xp, xp.reshape(x, (prod(x.shape),)), shifts[0], 0)
            return xp.reshape(line, x.shape)
        for shift, dim in zip(shifts, dims, strict=True):
            x = _rolled(xp, x, shift, axis(dim, len(x.shape)))
        return x

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        shifts, dims = (
            None if given is None else sizes_of(given) for given in (attrs["shifts"], attrs["dims"])
        )
        dims = dims or None
        assert shifts is not None  # it has no default
        if len(shifts) != (1 if dims is None else len(dims)):
            raise ArgumentError(f"roll has {len(shifts)} shifts for dims={dims}",
                                expected="a shift for each of dims, one alone without")  # fmt: skip
        return {"shifts": shifts, "dims": dims}

    def shape(self, shape: Shape, *, shifts: Any, dims: Any) -> Shape:
        for dim in dims or ():
            own_axis(dim, len(shape))
        return shape

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        back = tuple(-shift for shift in node.attrs["shifts"])
        return (roll(g, shifts=back, dims=node.attrs["dims"]),)


def _rolled(xp: Any, x: Any, shift: Any, d: int) -> Any:
    """``x`` moved on by ``shift`` places along one axis."""
    size = x.shape[d]
    empty = isinstance(size, int) and size == 0
    cut = 0 if empty else size - shift % size
    index = [slice(0, n, 1) for n in x.shape]
    parts = []
    for start, stop in ((cut, size), (0, cut)):
        index[d] = slice(start, stop, 1)
        parts.append(xp.slice(x, tuple(index)))
    return xp.cat(parts, d)


class Unfold(Move):
    """Windows of ``size`` entries along an axis, one every ``step``, as a new last axis: a view.

    Shapes: x (*a, l, *b) -> (*a, places, *b, size), where places = floor((l - size) / step) + 1.
    """

    view = True
    methods = ("unfold",)
    examples = (
        example((7,), dimension=0, size=3, step=2),
        example((2, 5, 3), dimension=1, size=2, step=2),
        example((3, 4), dimension=-1, size=1, step=3),
    )

    def forward(self, xp: Any, x: Any, *, dimension: int, size: int, step: int) -> Any:
        if not x.shape:
            return xp.slice(xp.reshape(x, (1,)), (slice(0, size, 1),))
        d, rank = axis(dimension, len(x.shape)), len(x.shape)
        turned = xp.permute(x, (*(k for k in range(rank) if k != d), d))
        found = xp.windows(turned, (size,), (step,), (1,))  # (*a, *b, places, size)
        return xp.permute(found, (*range(d), rank - 1, *range(d, rank - 1), rank))

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        for name, least in (("size", 0), ("step", 1)):
            found = attrs[name]
            if not isinstance(found, int | Size) or (isinstance(found, int) and found < least):
                raise ArgumentError(f"{name} is {found!r}", expected=f"a whole number from {least}")
        return attrs

    def shape(self, shape: Shape, *, dimension: int, size: int, step: int) -> Shape:
        d = axis(dimension, len(shape))
        whole = shape[d] if shape else 1
        room = bounds(whole - size)[1]
        if room is not None and room < 0:
            raise ShapeError(f"a window of {size} does not fit into axis {d} of {whole}")
        if not shape:
            return (size,)
        places = (whole - size) // step + 1
        return (*shape[:d], places, *shape[d + 1 :], size)

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        shape, attrs = node.parents[0].shape, node.attrs
        if not attrs["size"]:
            return (recorder.full(shape, 0, g.dtype.name),)
        if not shape:
            return (recorder.reshape(recorder.sum(g, (0,), False), ()),)
        d, rank = axis(attrs["dimension"], len(shape)), len(shape)
        kept = tuple(k for k in range(rank) if k != d)
        windows = recorder.permute(g, (*kept, d, rank))
        turned = tuple(shape[k] for k in (*kept, d))
        whole = recorder.fold(windows, turned, (attrs["size"],), (attrs["step"],), (1,))
        return (recorder.permute(whole, (*range(d), rank - 1, *range(d, rank - 1))),)

    def put(self, node: Node, part: Tensor) -> Tensor:
        whole, size, step = node.inputs[0], node.attrs["size"], node.attrs["step"]
        if size > step and node.shape[axis(node.attrs["dimension"], len(node.shape) - 1)] > 1:
            raise ArgumentError(
                "windows that overlap are written in place: several entries share one place",
                hint="write to a copy: x.unfold(...).clone()",
            )
        (there,), (filled,) = (
            self.vjp(node, x) for x in (recorder.full(node.shape, 1, "int64"), part)
        )
        made: Tensor = recorder.where(recorder.equal(there, 1), filled, whole)
        return made

    def index_map(self, node: Node) -> IndexMap:
        strides = row_strides(node.parents[0].shape)
        if not strides:
            return IndexMap(node.shape, 0, (0,))
        d = axis(node.attrs["dimension"], len(strides))
        own = [s * node.attrs["step"] if k == d else s for k, s in enumerate(strides)]
        return IndexMap(node.shape, 0, (*own, strides[d]))


stack, repeat, roll, unfold = Stack(), Repeat(), Roll(), Unfold()

__all__ = ["repeat", "roll", "stack", "unfold"]
