"""Moves: the same entries in other places.  As in PyTorch, most are views."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.axes import axes, axis
from chainrule.core.errors import ArgumentError, DimError, ShapeError
from chainrule.core.indexmap import Bound, IndexMap, row_strides
from chainrule.core.node import Node
from chainrule.core.op import Op, example
from chainrule.core.reach import Reach, Reads, entry_by_entry
from chainrule.core.signature import Dim, Shape, same_size
from chainrule.core.size import Size
from chainrule.core.tensor import Tensor
from chainrule.ops.elementwise.elementary import where
from chainrule.ops.shape.reshaped import reshaped_reads
from chainrule.ops.shape.sizes import Span, check_within, resolved, sizes_of, slices, spans


class Move(Op, abstract=True):
    """What all moves share: no arithmetic, no change of type."""

    kind = "move"
    dtype_rule = "same"


class Reshape(Move):
    """The same entries, row by row, in another shape; -1 stands for the size that is left."""

    primitive = "reshape"
    view = True
    examples = (
        example((2, 3), shape=(3, 2)),
        example((2, 3), shape=(-1,)),
        example((1,), shape=()),
    )

    def forward(self, xp: Any, x: Any, *, shape: Any) -> Any:
        return xp.reshape(x, resolved(shape, x.shape))

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return {"shape": sizes_of(attrs["shape"])}

    def shape(self, given: Shape, *, shape: Shape) -> Shape:
        return resolved(shape, given)

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        return (reshape(g, shape=node.parents[0].shape),)

    def put(self, node: Node, part: Tensor) -> Tensor:
        made: Tensor = reshape(part, shape=node.parents[0].shape)
        return made

    def reads(self, node: Node, output: int = 0) -> Sequence[Reads]:
        return (reshaped_reads(node.parents[0].shape, node.shape),)

    def index_map(self, node: Node) -> IndexMap:
        return IndexMap(node.shape, 0, row_strides(node.shape))


class Permute(Move):
    """The axes in another order."""

    primitive = "permute"
    view = True
    examples = (example((2, 3, 4), dims=(2, 0, 1)), example((2, 3), dims=(1, 0)))

    def forward(self, xp: Any, x: Any, *, dims: Any) -> Any:
        return xp.permute(x, tuple(axis(d, len(x.shape)) for d in dims))

    def shape(self, shape: Shape, *, dims: Any) -> Shape:
        order = [axis(d, len(shape)) for d in dims]
        if sorted(order) != list(range(len(shape))):
            raise DimError(f"dims={dims} is no order of the {len(shape)} axes")
        return tuple(shape[d] for d in order)

    def _inverse(self, node: Node, x: Tensor) -> Tensor:
        order = [axis(d, len(node.shape)) for d in node.attrs["dims"]]
        made: Tensor = permute(x, dims=tuple(order.index(i) for i in range(len(order))))
        return made

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        return (self._inverse(node, g),)

    def put(self, node: Node, part: Tensor) -> Tensor:
        return self._inverse(node, part)

    def reads(self, node: Node, output: int = 0) -> Sequence[Reads]:
        order = [axis(d, len(node.shape)) for d in node.attrs["dims"]]
        return (tuple(Reach.same(order.index(a)) for a in range(len(order))),)

    def index_map(self, node: Node) -> IndexMap:
        strides = row_strides(node.parents[0].shape)
        return IndexMap(node.shape, 0, tuple(strides[d] for d in node.attrs["dims"]))


class Expand(Move):
    """Axes of size 1 repeated, and new ones added in front; -1 keeps a size."""

    primitive = "expand"
    view = True
    examples = (
        example((3,), shape=(2, 3)),
        example((2, 1), shape=(-1, 4)),
        example((), shape=(2,)),
    )

    def forward(self, xp: Any, x: Any, *, shape: Any) -> Any:
        return xp.expand(x, _expanded(shape, x.shape))

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return {"shape": sizes_of(attrs["shape"])}

    def shape(self, given: Shape, *, shape: Shape) -> Shape:
        return _expanded(shape, given)

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        from chainrule.core.derivatives import unbroadcast

        return (unbroadcast(g, node.parents[0].shape),)

    def put(self, node: Node, part: Tensor) -> Tensor:
        if node.parents[0].shape == node.shape:
            return part
        raise ArgumentError(
            "an expanded tensor is written in place: several entries share one place",
            hint="write to a copy: x.expand(...).clone()",
        )

    def reads(self, node: Node, output: int = 0) -> Sequence[Reads]:
        return (entry_by_entry(node.parents[0].shape, node.shape),)

    def index_map(self, node: Node) -> IndexMap:
        before = node.parents[0].shape
        new = len(node.shape) - len(before)
        own = row_strides(before)
        kept = [0 if size == 1 else stride for size, stride in zip(before, own, strict=True)]
        return IndexMap(node.shape, 0, (0,) * new + tuple(kept))


def _expanded(shape: Shape, given: Shape) -> Shape:
    new = len(shape) - len(given)
    if new < 0:
        raise ShapeError(f"{len(given)} axes do not fit into the {len(shape)} of {shape}")
    found = []
    for i, wanted in enumerate(shape):
        before = given[i - new] if i >= new else 1
        if isinstance(wanted, int) and wanted == -1:
            if i < new:
                raise ShapeError(f"a new axis needs a size: -1 at {i} in {shape}")
            wanted = before
        elif before != 1 and not same_size(before, wanted):
            raise ShapeError(f"axis {i - len(shape)} of {before} cannot be repeated to {wanted}")
        found.append(wanted)
    return tuple(found)


class Slice(Move):
    """Every step-th entry from a start to a stop, along each axis."""

    primitive = "slice"
    view = True
    latex = text = "{0}[{index}]"
    examples = (
        example((4, 5), index=(Span(1, 3, 1), Span(0, 5, 2))),
        example((3,), index=(Span(2, 2, 1),)),
    )

    def forward(self, xp: Any, x: Any, *, index: tuple[Span, ...]) -> Any:
        return xp.slice(x, slices(index))

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return {**attrs, "index": spans(attrs["index"])}

    def shape(self, shape: Shape, *, index: tuple[Span, ...]) -> Shape:
        check_within(index, shape)
        return tuple(span.size for span in index)

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        return (place(g, index=node.attrs["index"], shape=node.parents[0].shape),)

    def put(self, node: Node, part: Tensor) -> Tensor:
        whole = node.inputs[0]
        index = node.attrs["index"]
        from chainrule.core.structural import full

        there = place(full(part.shape, True, dt.bool_), index=index, shape=whole.shape)
        made: Tensor = where(there, place(part, index=index, shape=whole.shape), whole)
        return made

    def reads(self, node: Node, output: int = 0) -> Sequence[Reads]:
        index = enumerate(node.attrs["index"])
        return (tuple(Reach(a, (s.start,), (s.start,), s.step) for a, s in index),)

    def index_map(self, node: Node) -> IndexMap:
        strides, index = row_strides(node.parents[0].shape), node.attrs["index"]
        offset = sum(s.start * step for s, step in zip(index, strides, strict=True))
        return IndexMap(
            node.shape, offset, tuple(s.step * n for s, n in zip(index, strides, strict=True))
        )


class Place(Move):
    """Zeros, with the operand at the given slices: what `slice` reads back."""

    primitive = "place"
    examples = (
        example((2, 3), index=(Span(1, 3, 1), Span(0, 5, 2)), shape=(4, 5)),
        example((0,), index=(Span(2, 2, 1),), shape=(3,)),
    )

    def forward(self, xp: Any, x: Any, *, index: tuple[Span, ...], shape: Shape) -> Any:
        return xp.place(x, slices(index), shape)

    canonical = Slice.canonical

    def shape(self, given: Shape, *, index: tuple[Span, ...], shape: Shape) -> Shape:
        check_within(index, shape)
        room = tuple(span.size for span in index)
        if len(room) != len(given) or not all(map(same_size, room, given)):
            raise ShapeError(f"{given} does not fit into slices of shape {room}")
        return shape

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        return (slice_(g, index=node.attrs["index"]),)

    def reads(self, node: Node, output: int = 0) -> Sequence[Reads]:
        index = enumerate(zip(node.attrs["index"], node.parents[0].shape, strict=True))
        return (tuple(_read_back(axis, *given) for axis, given in index),)


def _read_back(axis: int, span: Span, size: Dim) -> Reach:
    """Which entry of an axis of this size comes to stand where, if it is put at the slice."""
    if isinstance(span.start, Size):
        return Reach.same(axis, span.start) if span.step == 1 else Reach.whole(size)
    return Reach.spread(axis, 1, span.step, before=-span.start)


class Flip(Move):
    """The entries along some axes in reverse order (a copy, as in PyTorch)."""

    primitive = "flip"
    methods = ("flip",)
    facts = {"involution": True}
    examples = (example((2, 3), dims=(1,)), example((2, 3), dims=(0, -1)))

    def forward(self, xp: Any, x: Any, *, dims: Any) -> Any:
        return xp.flip(x, axes(dims, len(x.shape)))

    def shape(self, shape: Shape, *, dims: Any) -> Shape:
        axes(dims, len(shape))
        return shape

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        return (flip(g, dims=node.attrs["dims"]),)

    def reads(self, node: Node, output: int = 0) -> Sequence[Reads]:
        turned = axes(node.attrs["dims"], len(node.shape))
        ends = ((a, size - 1) for a, size in enumerate(node.shape))
        return (tuple(Reach(a, (n,), (n,), -1) if a in turned else Reach.same(a) for a, n in ends),)

    def index_map(self, node: Node) -> IndexMap:
        strides = row_strides(node.shape)
        dims = axes(node.attrs["dims"], len(node.shape))
        offset = sum((node.shape[d] - 1) * strides[d] for d in dims)
        return IndexMap(
            node.shape, offset, tuple(-s if i in dims else s for i, s in enumerate(strides))
        )


class PadConstant(Move):
    """A border of one number around the operand: (before, after) for each axis."""

    primitive = "pad"
    examples = (
        example((2, 3), widths=((1, 0), (2, 1))),
        example((3,), widths=((1, 1),), value=-1.5),
    )

    def forward(self, xp: Any, x: Any, *, widths: Any, value: float = 0.0) -> Any:
        return xp.pad(x, widths, value)

    def shape(self, shape: Shape, *, widths: Any, value: float) -> Shape:
        if len(widths) != len(shape):
            raise ShapeError(f"{len(widths)} pairs of widths for {len(shape)} axes")
        return tuple(a + size + b for (a, b), size in zip(widths, shape, strict=True))

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        inner = zip(node.attrs["widths"], node.parents[0].shape, strict=True)
        return (slice_(g, index=tuple(Span(a, a + size, 1) for (a, _), size in inner)),)

    def reads(self, node: Node, output: int = 0) -> Sequence[Reads]:
        widths = enumerate(node.attrs["widths"])
        return (tuple(Reach.same(axis, before) for axis, (before, _) in widths),)

    def index_map(self, node: Node) -> IndexMap:
        shape = node.parents[0].shape
        strides, rank = row_strides(shape), len(shape)
        before = [a for a, _ in node.attrs["widths"]]
        bounds = tuple(
            Bound(-a, tuple(int(i == k) for i in range(rank)), shape[k])
            for k, a in enumerate(before)
        )
        offset = -sum(a * s for a, s in zip(before, strides, strict=True))
        return IndexMap(node.shape, offset, strides, bounds, node.attrs["value"])


class Cat(Move):
    """Tensors one after the other along an axis."""

    primitive = "cat"
    dtype_rule = "promote"
    examples = (example((2, 3), (2, 1), dim=1), example((2,), (3,), (1,), dim=0))

    def bind(self, args: Any, kwargs: Any) -> Any:
        """Give tensors of no entries and one axis the shape of others, as PyTorch does."""
        operands, attrs = super().bind(args, kwargs)
        shapes = [getattr(x, "shape", ()) for x in operands]
        others = [shape for shape in shapes if shape != (0,)]
        if shapes and not others:
            return operands, {**attrs, "dim": 0}
        if others and len(others[0]) > 1 and len(others) < len(shapes):
            d = axis(attrs["dim"], len(others[0]))
            room = (*others[0][:d], 0, *others[0][d + 1 :])
            operands = tuple(
                reshape(x, shape=room) if shape == (0,) else x
                for x, shape in zip(operands, shapes, strict=True)
            )
        return operands, attrs

    def forward(self, xp: Any, *tensors: Any, dim: int = 0) -> Any:
        return xp.cat(tensors, axis(dim, len(tensors[0].shape)))

    def shape(self, *shapes: Shape, dim: int) -> Shape:
        if not shapes:
            raise ArgumentError("cat of no tensors")
        first = shapes[0]
        if not first:
            raise ShapeError("tensors without axes cannot be joined along one", hint="use stack")
        d = axis(dim, len(first))
        for i, other in enumerate(shapes[1:], 1):
            if len(other) != len(first):
                raise ShapeError(f"tensor 0 has {len(first)} axes and tensor {i} has {len(other)}")
            for k, (a, b) in enumerate(zip(first, other, strict=True)):
                if k != d and not same_size(a, b):
                    raise ShapeError(f"axis {k} is {a} in tensor 0 and {b} in tensor {i}")
        total = sum(shape[d] for shape in shapes)
        return (*first[:d], total, *first[d + 1 :])

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        d = axis(node.attrs["dim"], len(node.shape))
        at: Any = 0
        for parent in node.parents:
            index = [Span(0, size, 1) for size in node.shape]
            index[d] = Span(at, at + parent.shape[d], 1)
            at = at + parent.shape[d]
            yield slice_(g, index=tuple(index))

    def reads(self, node: Node, output: int = 0) -> Sequence[Reads]:
        d = axis(node.attrs["dim"], len(node.shape))
        at: Dim = 0
        found: list[Reads] = []
        for parent in node.parents:
            read = [Reach.same(a) for a in range(len(parent.shape))]
            read[d] = Reach.fixed(0, 0) if parent.shape[d] == 1 else Reach.same(d, at)
            found.append(tuple(read))
            at = at + parent.shape[d]
        return found


reshape, permute, expand, flip = Reshape(), Permute(), Expand(), Flip()
slice_, place, pad_constant, cat = Slice(), Place(), PadConstant(), Cat()

__all__ = ["Move", "Span", "cat", "check_within", "expand", "flip", "pad_constant", "permute",
           "place", "reshape", "resolved", "sizes_of", "slice_", "spans"]  # fmt: skip
