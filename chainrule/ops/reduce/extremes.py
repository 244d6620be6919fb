"""Maxima and minima along an axis together with where they are, and running ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar

from chainrule.core import dtypes as dt
from chainrule.core.axes import axes, axis, reduced
from chainrule.core.dtypes import DType
from chainrule.core.node import Node
from chainrule.core.op import Example, Op, example, require
from chainrule.core.signature import Shape
from chainrule.core.structural import full, pick
from chainrule.core.tensor import Tensor
from chainrule.ops.lookup.primitive import scatter_add
from chainrule.ops.reduce.reductions import Reduction, amax, not_empty, numpy_words
from chainrule.ops.shape.primitive import reshape


class Found(Op, abstract=True):
    """What ops share that find entries along an axis: the result is the entries and where they
    stand, and the derivative goes to these entries."""

    kind = "reduce"
    outputs = ("values", "indices")
    takes: ClassVar[tuple[int, ...]] = dt.ORDERED
    smooth = False

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], tuple[DType, DType]]:
        require(self.name, given[0], *self.takes)
        return given, (given[0], dt.int64)

    def bind(self, args: Any, kwargs: Any) -> Any:
        """``axis`` and ``keepdims`` are NumPy's words."""
        return super().bind(args, numpy_words(kwargs))

    def vjp(self, node: Node, g: Any) -> Iterable[Tensor | None]:
        values, shape = g[0], node.parents[0].shape
        if values is None or not shape:
            return (values,)
        at, dim = pick(node.output, output=1), axis(node.attrs["dim"], len(shape))
        if not node.attrs.get("keepdim", True):
            kept = (*shape[:dim], 1, *shape[dim + 1 :])
            values, at = reshape(values, shape=kept), reshape(at, shape=kept)
        return (scatter_add(full(shape, 0, values.dtype), at, values, dim=dim),)


class FoundOne(Found, abstract=True):
    """Of each line along an axis one entry; `place` says where it is."""

    examples: ClassVar[Sequence[Example]] = (
        example((2, 3), dim=1),
        example((2, 3, 2), dim=-2, keepdim=True),
        example((), dim=0),
    )

    def place(self, xp: Any, x: Any, dim: int) -> Any:
        """The index of the entry in each line, the axis kept."""
        raise NotImplementedError

    def forward(self, xp: Any, x: Any, *, dim: int, keepdim: bool = False) -> Any:
        return self.found(xp, x, self.place, dim, keepdim)

    def found(self, xp: Any, x: Any, place: Callable[..., Any], dim: int, keepdim: bool) -> Any:
        """The entries and where they are."""
        d = axis(dim, len(x.shape))
        if not x.shape:
            return x, xp.full((), 0, "int64")
        at = place(xp, x, d)
        best = xp.gather(x, at, d)
        if keepdim:
            return best, at
        shape = reduced(x.shape, (d,), False)
        return xp.reshape(best, shape), xp.reshape(at, shape)

    def shape(self, shape: Shape, *, dim: int, keepdim: bool, **attrs: Any) -> tuple[Shape, Shape]:
        dims = (axis(dim, len(shape)),)
        not_empty(self.name, shape, dims if shape else ())
        found = reduced(shape, dims, keepdim)
        return found, found


class Max(FoundOne):
    """The maximum along an axis and where the first one is; the derivative goes there."""

    latex = r"\max({0})"

    def place(self, xp: Any, x: Any, dim: int) -> Any:
        return xp.argmax(x, dim, True)


class Min(FoundOne):
    """The minimum along an axis and where the first one is; the derivative goes there."""

    latex = r"\min({0})"

    def place(self, xp: Any, x: Any, dim: int) -> Any:
        return xp.argmin(x, dim, True)


def part(xp: Any, x: Any, dim: int, start: Any, stop: Any) -> Any:
    """The entries from ``start`` to ``stop`` along one axis, of any namespace's array."""
    cuts = enumerate(x.shape)
    return xp.slice(
        x, tuple(slice(start, stop, 1) if i == dim else slice(0, n, 1) for i, n in cuts)
    )


def counted(xp: Any, shape: Shape, dim: int) -> Any:
    """The place 0, 1, … of each entry along an axis."""
    column = tuple(n if i == dim else 1 for i, n in enumerate(shape))
    return xp.expand(xp.reshape(xp.arange(shape[dim], "int64"), column), shape)


class Running(Found, abstract=True):
    """The best entry along an axis up to and with each one, and where the last such entry is.

    Each round compares every entry with the best of those 1, 2, 4, … places before it.
    """

    examples = (example((2, 3), dim=1), example((5,), dim=0), example((), dim=0))

    def ahead(self, xp: Any, old: Any, new: Any) -> Any:
        """Where an earlier entry is better than a later one."""
        raise NotImplementedError

    def forward(self, xp: Any, x: Any, *, dim: int) -> Any:
        if not x.shape:
            return x, xp.full((), 0, "int64")
        d = axis(dim, len(x.shape))
        n, distance, at = x.shape[d], 1, counted(xp, x.shape, d)
        while distance < n:
            old, new = part(xp, x, d, 0, n - distance), part(xp, x, d, distance, n)
            lost = xp.logical_and(xp.equal(new, new), xp.logical_not(xp.equal(old, old)))
            stays = xp.cast(xp.logical_or(self.ahead(xp, old, new), lost), "bool")
            first, place = part(xp, at, d, 0, n - distance), part(xp, at, d, distance, n)
            x = xp.cat((part(xp, x, d, 0, distance), xp.where(stays, old, new)), d)
            at = xp.cat((part(xp, at, d, 0, distance), xp.where(stays, first, place)), d)
            distance *= 2
        return x, at

    def shape(self, shape: Shape, *, dim: int) -> tuple[Shape, Shape]:
        axis(dim, len(shape))
        return shape, shape


class Cummax(Running):
    """The maximum along an axis up to and with each entry, and where the last one is; NaN wins."""

    methods = ("cummax",)

    def ahead(self, xp: Any, old: Any, new: Any) -> Any:
        return xp.less(new, old)


class Cummin(Running):
    """The minimum along an axis up to and with each entry, and where the last one is; NaN wins."""

    methods = ("cummin",)

    def ahead(self, xp: Any, old: Any, new: Any) -> Any:
        return xp.less(old, new)


class Aminmax(Reduction):
    """The minimum and the maximum along an axis (None: of all entries); equal ones share the
    derivative evenly."""

    outputs = ("min", "max")
    methods = ("aminmax",)
    takes = dt.ORDERED
    smooth = False
    examples = (example((2, 3)), example((2, 3, 2), dim=-2, keepdim=True), example((), dim=0))

    def forward(self, xp: Any, x: Any, *, dim: Any = None, keepdim: bool = False) -> Any:
        dims = axes(dim, len(x.shape))
        return xp.amin(x, dims, keepdim), xp.amax(x, dims, keepdim)

    def shape(self, shape: Shape, *, dim: Any, keepdim: bool, **attrs: Any) -> Any:
        found: Shape = amax.shape(shape, dim=dim, keepdim=keepdim)
        return found, found

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], tuple[DType, DType]]:
        require(self.name, given[0], *dt.ORDERED)
        return given, (given[0], given[0])


max_along, min_along, aminmax = Max(), Min(), Aminmax()
cummax, cummin = Cummax(), Cummin()
