"""Moves with names of their own: transpose, squeeze, unsqueeze, basic indexing, clone."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.axes import axis
from chainrule.core.errors import ArgumentError, DimError
from chainrule.core.indexmap import IndexMap, row_strides
from chainrule.core.node import Node
from chainrule.core.op import example
from chainrule.core.signature import Shape
from chainrule.core.size import Size
from chainrule.core.structural import full
from chainrule.core.tensor import Tensor
from chainrule.ops.elementwise.elementary import where
from chainrule.ops.shape.primitive import Move, Span, check_within, permute, place, reshape


class Clone(Move):
    """A copy: the same entries in storage of their own."""

    methods = ("clone",)
    latex = text = "{0}"
    examples = (example((2, 3)), example(()))

    def forward(self, xp: Any, x: Any) -> Any:
        return x

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        return (g,)

    def index_map(self, node: Node) -> IndexMap:
        return IndexMap(node.shape, 0, row_strides(node.shape))


class Transpose(Move):
    """Two axes exchanged."""

    view = True
    methods = ("transpose", "swapaxes")
    latex, precedence = r"{0}^{{\top}}", 4
    facts = {"involution": True}
    examples = (example((2, 3), dim0=0, dim1=1), example((2, 3, 4), dim0=-1, dim1=0))

    def forward(self, xp: Any, x: Any, *, dim0: int, dim1: int) -> Any:
        return xp.permute(x, _exchanged(len(x.shape), dim0, dim1))

    def shape(self, shape: Shape, *, dim0: int, dim1: int) -> Shape:
        return tuple(shape[d] for d in _exchanged(len(shape), dim0, dim1))

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        return (transpose(g, **node.attrs),)

    def put(self, node: Node, part: Tensor) -> Tensor:
        made: Tensor = transpose(part, **node.attrs)
        return made

    def index_map(self, node: Node) -> IndexMap:
        strides = row_strides(node.parents[0].shape)
        order = _exchanged(len(strides), **node.attrs)
        return IndexMap(node.shape, 0, tuple(strides[d] for d in order))


def _exchanged(rank: int, dim0: int, dim1: int) -> tuple[int, ...]:
    order = list(range(rank))
    a, b = axis(dim0, rank), axis(dim1, rank)
    if rank:
        order[a], order[b] = order[b], order[a]
    return tuple(order)


class Unsqueeze(Move):
    """A new axis of size 1."""

    view = True
    methods = ("unsqueeze",)
    examples = (example((2, 3), dim=1), example((2,), dim=-1))

    def forward(self, xp: Any, x: Any, *, dim: int) -> Any:
        return xp.reshape(x, self.shape(x.shape, dim=dim))

    def shape(self, shape: Shape, *, dim: int) -> Shape:
        d = axis(dim, len(shape) + 1)
        return (*shape[:d], 1, *shape[d:])

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        return (reshape(g, shape=node.parents[0].shape),)

    def put(self, node: Node, part: Tensor) -> Tensor:
        made: Tensor = reshape(part, shape=node.parents[0].shape)
        return made

    def index_map(self, node: Node) -> IndexMap:
        return IndexMap(node.shape, 0, row_strides(node.shape))


class Squeeze(Move):
    """Axes of size 1 dropped: all of them, or those named."""

    view = True
    methods = ("squeeze",)
    examples = (example((2, 1, 3)), example((1, 2, 1), dim=0), example((2, 3), dim=0))

    def forward(self, xp: Any, x: Any, *, dim: Any = None) -> Any:
        return xp.reshape(x, self.shape(x.shape, dim=dim))

    def shape(self, shape: Shape, *, dim: Any) -> Shape:
        given = range(len(shape)) if dim is None else dim if isinstance(dim, tuple) else (dim,)
        dims = {axis(d, len(shape)) for d in given}
        return tuple(size for i, size in enumerate(shape) if i not in dims or size != 1)

    vjp = Unsqueeze.vjp
    put = Unsqueeze.put
    index_map = Unsqueeze.index_map


class Index(Move):
    """Entries by whole numbers (which drop their axis), slices and None (a new axis of size 1)."""

    view = True
    latex = text = "{0}[{index}]"
    examples = (
        example((4, 5), index=(1, Span(0, 5, 2))),
        example((3,), index=(None, Span(1, 3, 1))),
        example((2, 3), index=(1, 2)),
    )

    def forward(self, xp: Any, x: Any, *, index: tuple[Any, ...]) -> Any:
        slices = tuple(slice(*span) for span in _spans(index))
        inner = xp.slice(x, slices) if slices else x  # of no axes, NumPy's slice would be a copy
        return xp.reshape(inner, self.shape(x.shape, index=index))

    def shape(self, shape: Shape, *, index: tuple[Any, ...]) -> Shape:
        check_within(_spans(index), shape)
        return tuple(
            1 if part is None else part.size
            for part in index
            if part is None or isinstance(part, Span)
        )

    def _inner(self, node: Node, x: Tensor) -> Tensor:
        made: Tensor = reshape(x, shape=tuple(span.size for span in _spans(node.attrs["index"])))
        return made

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        index = _spans(node.attrs["index"])
        return (place(self._inner(node, g), index=index, shape=node.parents[0].shape),)

    def put(self, node: Node, part: Tensor) -> Tensor:
        whole, index = node.inputs[0], _spans(node.attrs["index"])
        inner = self._inner(node, part)
        there = place(full(inner.shape, True, dt.bool_), index=index, shape=whole.shape)
        made: Tensor = where(there, place(inner, index=index, shape=whole.shape), whole)
        return made

    def index_map(self, node: Node) -> IndexMap:
        strides = iter(row_strides(node.parents[0].shape))
        offset: Any = 0
        own: list[Any] = []
        for part in node.attrs["index"]:
            if part is None:
                own.append(0)
                continue
            stride = next(strides)
            offset += (part.start if isinstance(part, Span) else part) * stride
            if isinstance(part, Span):
                own.append(part.step * stride)
        return IndexMap(node.shape, offset, tuple(own))


def _spans(index: tuple[Any, ...]) -> tuple[Span, ...]:
    """The index with every number as a span of one entry, and without new axes."""
    return tuple(
        part if isinstance(part, Span) else Span(part, part + 1, 1)
        for part in index
        if part is not None
    )


def canonical_index(index: tuple[Any, ...], shape: Shape) -> tuple[Any, ...]:
    """Numbers counted from the front, slices as spans, no Ellipsis.

    Raises DimError for too many or out of range, ArgumentError for steps below 1.
    """
    used = sum(part is not None and part is not Ellipsis for part in index)
    if used > len(shape):
        raise DimError(f"{used} indices for a tensor of {len(shape)} axes")
    if sum(part is Ellipsis for part in index) > 1:
        raise ArgumentError("an index has at most one '...'")
    spread = (slice(None),) * (len(shape) - used)
    at = next((i for i, part in enumerate(index) if part is Ellipsis), None)
    full_index = (*index, *spread) if at is None else (*index[:at], *spread, *index[at + 1 :])
    sizes = iter(shape)
    return tuple(None if part is None else _part(part, next(sizes)) for part in full_index)


def _part(part: Any, size: int | Size) -> Any:
    """One number or slice, counted from the front."""
    if isinstance(part, slice):
        step = 1 if part.step is None else operator.index(part.step)
        if step < 1:
            raise ArgumentError(f"a slice has a step of {step}", hint="use flip() to reverse")
        return Span(*_bounds(part, size), step)
    if not hasattr(part, "__index__"):
        raise DimError(
            f"an index is {part!r}, which is no whole number",
            expected="whole numbers, slices, ..., None, tensors and lists of whole numbers, masks",
        )
    found = operator.index(part)
    if isinstance(size, int):
        if not -size <= found < size:
            raise DimError(f"index {found} is out of range for an axis of {size}")
        return found % size
    return found if found >= 0 else size + found


def _bounds(part: slice, size: int | Size) -> tuple[Any, Any]:
    """Start and stop of a slice within an axis, clamped to it where that can be told."""
    given: Any = 0 if part.start is None else part.start, size if part.stop is None else part.stop
    if not any(isinstance(at, Size) for at in (size, *given)):
        first, last, _ = slice(*given).indices(operator.index(size))
        return first, max(first, last)
    start, stop = (size + at if isinstance(at, int) and at < 0 else at for at in given)
    return start, stop


transpose, unsqueeze, squeeze = Transpose(), Unsqueeze(), Squeeze()
index, clone = Index(), Clone()

__all__ = ["canonical_index", "clone", "index", "permute", "squeeze", "transpose", "unsqueeze"]
