"""Diagonals and triangles of matrices: views of a diagonal, matrices made from one, tril and triu.

The diagonal number k of a matrix holds the entries [i, i + k].
"""

from __future__ import annotations

from collections.abc import Iterable
from string import ascii_letters
from typing import Any

from chainrule.core.axes import axis
from chainrule.core.errors import DimError, ShapeError
from chainrule.core.indexmap import IndexMap, row_strides
from chainrule.core.lowering import recorder
from chainrule.core.node import Node
from chainrule.core.op import example
from chainrule.core.signature import Dim, Shape
from chainrule.core.size import smax, smin
from chainrule.core.tensor import Tensor
from chainrule.ops.shape.primitive import Move, Span


def _pair(rank: int, dim1: int, dim2: int) -> tuple[int, int]:
    """The axes of rows and columns; raises DimError where they are one."""
    a, b = axis(dim1, rank), axis(dim2, rank)
    if rank < 2 or a == b:
        raise DimError(f"a diagonal needs two axes, not dim1={dim1} and dim2={dim2} of {rank}")
    return a, b


def _start(offset: int) -> tuple[int, int]:
    """Row and column of the first entry of a diagonal."""
    return max(-offset, 0), max(offset, 0)


def _length(rows: Dim, columns: Dim, offset: int) -> Dim:
    """How many entries a diagonal has."""
    down, right = _start(offset)
    return smax(0, smin(rows - down, columns - right))


def _spans(shape: Shape, offset: int, a: int, b: int) -> tuple[Span, ...]:
    """The square whose main diagonal is the one asked for."""
    n, index = _length(shape[a], shape[b], offset), [Span(0, size, 1) for size in shape]
    for d, first in zip((a, b), _start(offset), strict=True):
        at = first if n else 0  # an empty diagonal may start outside
        index[d] = Span(at, at + n, 1)
    return tuple(index)


def _mask(xp: Any, rows: Dim, columns: Dim, offset: int, rule: str) -> Any:
    """The matrix of bools that is true where column - row and ``offset`` keep the rule."""
    row = xp.add(xp.reshape(xp.arange(rows, "int64"), (rows, 1)), offset)
    column = xp.arange(columns, "int64")
    if rule == "equal":
        return xp.equal(row, column)
    return xp.less_equal(column, row) if rule == "below" else xp.less_equal(row, column)


def _laid(xp: Any, x: Any, shape: Shape, offset: int, a: int, b: int) -> Any:
    """Zeros of ``shape`` with x, whose last axis runs along it, on a diagonal of axes a and b."""
    rows, columns = shape[a], shape[b]
    n, others = x.shape[-1], x.shape[:-1]
    first = _start(offset)[0] if n else 0
    index = (*(slice(0, size, 1) for size in others), slice(first, first + n, 1))
    tall = xp.reshape(xp.place(x, index, (*others, rows)), (*others, rows, 1))
    filled = xp.where(_mask(xp, rows, columns, offset, "equal"), tall, False)
    rank = len(shape)
    order = [*(d for d in range(rank) if d not in (a, b)), a, b]
    return xp.permute(filled, tuple(order.index(d) for d in range(rank)))


class Diagonal(Move):
    """The diagonal number ``offset`` of the matrices along two axes, as a new last axis: a view.

    Shapes: x (*b, m, n) -> (*b, k), for dim1=-2 and dim2=-1; k is min(m, n) for offset 0.
    """

    view = True
    methods = ("diagonal",)
    examples = (
        example((3, 3)), example((2, 4), offset=1), example((4, 2), offset=-1),
        example((2, 3, 4), offset=-1, dim1=2, dim2=0), example((2, 3), offset=5),
    )  # fmt: skip

    def forward(self, xp: Any, x: Any, *, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Any:
        a, b = _pair(len(x.shape), dim1, dim2)
        square = xp.slice(x, tuple(slice(*span) for span in _spans(x.shape, offset, a, b)))
        letters = list(ascii_letters[: len(x.shape)])
        letters[b] = letters[a]
        others = "".join(c for d, c in enumerate(letters) if d not in (a, b))
        return xp.einsum((square,), f"{''.join(letters)}->{others}{letters[a]}")

    def shape(self, shape: Shape, *, offset: int, dim1: int, dim2: int) -> Shape:
        a, b = _pair(len(shape), dim1, dim2)
        others = tuple(size for d, size in enumerate(shape) if d not in (a, b))
        return (*others, _length(shape[a], shape[b], offset))

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        shape, attrs = node.parents[0].shape, node.attrs
        a, b = _pair(len(shape), attrs["dim1"], attrs["dim2"])
        return (_laid(recorder, g, shape, attrs["offset"], a, b),)

    def put(self, node: Node, part: Tensor) -> Tensor:
        whole, (wide,) = node.inputs[0], self.vjp(node, part)
        a, b = _pair(whole.ndim, node.attrs["dim1"], node.attrs["dim2"])
        there = _mask(recorder, whole.shape[a], whole.shape[b], node.attrs["offset"], "equal")
        column = [1] * whole.ndim
        column[a], column[b] = whole.shape[a], whole.shape[b]
        turned = there if a < b else recorder.permute(there, (1, 0))
        made: Tensor = recorder.where(recorder.reshape(turned, tuple(column)), wide, whole)
        return made

    def index_map(self, node: Node) -> IndexMap:
        shape, attrs = node.parents[0].shape, node.attrs
        a, b = _pair(len(shape), attrs["dim1"], attrs["dim2"])
        strides, (down, right) = row_strides(shape), _start(attrs["offset"])
        others = tuple(s for d, s in enumerate(strides) if d not in (a, b))
        first = down * strides[a] + right * strides[b]
        return IndexMap(node.shape, first, (*others, strides[a] + strides[b]))


class DiagEmbed(Move):
    """Matrices of zeros with the last axis of x on their diagonal number ``offset``.

    Shapes: x (*b, k) -> (*b, n, n) with n = k + |offset|; dim1 and dim2 say where rows and columns
    stand in the result.
    """

    methods = ("diag_embed",)
    examples = (
        example((3,)),
        example((2, 3), offset=1),
        example((2, 3), offset=-2, dim1=0, dim2=2),
    )

    def forward(self, xp: Any, x: Any, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Any:
        shape = self.shape(x.shape, offset=offset, dim1=dim1, dim2=dim2)
        return _laid(xp, x, shape, offset, *_pair(len(shape), dim1, dim2))

    def shape(self, shape: Shape, *, offset: int, dim1: int, dim2: int) -> Shape:
        if not shape:
            raise DimError("a tensor without axes has no entries to stand on a diagonal")
        pair = _pair(len(shape) + 1, dim1, dim2)
        size, others = shape[-1] + abs(offset), iter(shape[:-1])
        return tuple(size if d in pair else next(others) for d in range(len(shape) + 1))

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        return (diagonal(g, **node.attrs),)


class Triangle(Move, abstract=True):
    """What `tril` and `triu` share."""

    facts = {"idempotent": True}
    examples = (example((3, 3)), example((2, 3, 2), diagonal=1), example((2, 4), diagonal=-1))
    kept: str

    def forward(self, xp: Any, x: Any, *, diagonal: int = 0) -> Any:
        mask = _mask(xp, x.shape[-2], x.shape[-1], diagonal, self.kept)
        return xp.where(mask, x, False)

    def shape(self, shape: Shape, *, diagonal: int) -> Shape:
        if len(shape) < 2:
            raise ShapeError(f"{self.name} is of matrices, and the tensor has {len(shape)} axes")
        return shape

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        return (type(self)()(g, **node.attrs),)


class Tril(Triangle):
    """The lower triangle of each matrix, with zeros above the diagonal number ``diagonal``."""

    methods = ("tril",)
    kept = "below"


class Triu(Triangle):
    """The upper triangle of each matrix, with zeros below the diagonal number ``diagonal``."""

    methods = ("triu",)
    kept = "above"


diagonal, diag_embed, tril, triu = Diagonal(), DiagEmbed(), Tril(), Triu()

__all__ = ["diag_embed", "diagonal", "tril", "triu"]
