"""Reductions: sums, means, maxima."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.axes import axes, axis, reduced
from chainrule.core.cost import Cost, additions
from chainrule.core.dtypes import DType
from chainrule.core.errors import DimError
from chainrule.core.lowering import recorder
from chainrule.core.node import Node
from chainrule.core.op import Op, Slip, elements, example, require
from chainrule.core.signature import Shape
from chainrule.core.size import prod as size_of
from chainrule.core.structural import cast, dtype_of
from chainrule.core.tensor import Tensor
from chainrule.namespaces.products import products_of_others
from chainrule.ops.elementwise import exp
from chainrule.ops.shape import expand, flip, reshape

REDUCTIONS = (
    example((2, 3)),
    example((2, 3), dim=1),
    example((2, 3, 4), dim=(0, -1), keepdim=True),
)


class Reduction(Op, abstract=True):
    """What all reductions along ``dim`` (None: all axes) share."""

    kind = "reduce"

    def shape(self, shape: Shape, *, dim: Any, keepdim: bool, **attrs: Any) -> Shape:
        return reduced(shape, axes(dim, len(shape)), keepdim)


def spread(g: Tensor, node: Node) -> Tensor:
    """The result (or adjoint) of a reduction, repeated along the axes that it reduced."""
    shape = node.parents[0].shape
    if not node.attrs.get("keepdim"):
        dims = axes(node.attrs["dim"], len(shape))
        g = reshape(g, shape=reduced(shape, dims, True))
    made: Tensor = expand(g, shape=shape)
    return made


class Sum(Reduction):
    """The sum along some axes; whole numbers and bools are summed as int64."""

    primitive = "sum"
    methods = ("sum",)
    latex = r"\sum {0}"
    examples = REDUCTIONS

    def forward(
        self, xp: Any, x: Any, *, dim: Any = None, keepdim: bool = False, dtype: Any = None
    ) -> Any:
        return xp.sum(x, axes(dim, len(x.shape)), keepdim)

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return attrs if attrs["dtype"] is None else {**attrs, "dtype": dtype_of(attrs["dtype"])}

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        wanted = attrs["dtype"] or (given[0] if given[0].category > dt.INTEGER else dt.int64)
        return [wanted], wanted

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        return (spread(g, node),)

    def explain(self, node: Node) -> str:
        return f"adds up {elements(node.parents[0].shape)} entries"

    def mistakes(self, node: Node) -> Iterable[Slip]:
        def slip(x: Tensor, *, dim: Any, keepdim: bool, dtype: DType | None) -> Tensor:
            made: Tensor = mean(x if dtype is None else cast(x, dtype=dtype), dim, keepdim)
            return made

        return (Slip("the mean instead of the sum", slip),)


class Mean(Reduction):
    """The arithmetic mean along some axes."""

    methods = ("mean",)
    dtype_rule = "float"
    latex = r"\operatorname{{mean}}({0})"
    examples = REDUCTIONS

    def forward(self, xp: Any, x: Any, *, dim: Any = None, keepdim: bool = False) -> Any:
        dims = axes(dim, len(x.shape))
        total = xp.step(xp.sum(x, dims, keepdim), "sum")
        return xp.divide(total, size_of(x.shape[d] for d in dims))

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        require(self.name, given[0], *dt.CONTINUOUS)
        return given, given[0]

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        shape = node.parents[0].shape
        n = size_of(shape[d] for d in axes(node.attrs["dim"], len(shape)))
        return (spread(g / n, node),)

    def mistakes(self, node: Node) -> Iterable[Slip]:
        return (Slip("the sum was not divided by the count", lambda x, **a: sum(x, **a)),)


class Prod(Reduction):
    """The product along some axes; whole numbers and bools are multiplied as int64."""

    primitive = "prod"
    methods = ("prod",)
    latex = r"\prod {0}"
    examples = REDUCTIONS

    def forward(
        self, xp: Any, x: Any, *, dim: Any = None, keepdim: bool = False, dtype: Any = None
    ) -> Any:
        return xp.prod(x, axes(dim, len(x.shape)), keepdim)

    canonical = Sum.canonical
    dtypes = Sum.dtypes

    def cost(self, node: Node) -> Cost:
        return {"multiply": additions(elements(node.parents[0].shape), elements(node.shape))}

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        x = node.inputs[0]
        dims = axes(node.attrs["dim"], len(x.shape))
        return (spread(g, node) * products_of_others(recorder, x, dims),)


def _not_empty(name: str, shape: Shape, dims: Iterable[int]) -> None:
    if any(shape[d] == 0 for d in dims):
        raise DimError(f"the {name} of no entries does not exist")


class Amax(Reduction):
    """The maximum along some axes; equal maxima share the derivative evenly."""

    primitive = "amax"
    methods = ("amax",)
    takes = dt.ORDERED
    latex = r"\max {0}"
    smooth = False
    examples = REDUCTIONS

    def forward(self, xp: Any, x: Any, *, dim: Any = (), keepdim: bool = False) -> Any:
        return xp.amax(x, axes(dim, len(x.shape)), keepdim)

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return {**attrs, "dim": None} if attrs["dim"] == () else attrs

    def shape(self, shape: Shape, *, dim: Any, keepdim: bool, **attrs: Any) -> Shape:
        _not_empty("maximum", shape, axes(dim, len(shape)))
        return super().shape(shape, dim=dim, keepdim=keepdim)

    def cost(self, node: Node) -> Cost:
        return {"compare": elements(node.parents[0].shape) - elements(node.shape)}

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        x = node.inputs[0]
        best = cast(spread(node.output, node) == x, dtype=node.dtype)
        ties = sum(best, dim=node.attrs["dim"], keepdim=node.attrs["keepdim"])
        return (best * spread(g / ties, node),)


class Amin(Reduction):
    """The minimum along some axes; equal minima share the derivative evenly."""

    primitive = "amin"
    methods = ("amin",)
    takes = dt.ORDERED
    latex = r"\min {0}"
    smooth = False
    examples = REDUCTIONS

    def forward(self, xp: Any, x: Any, *, dim: Any = (), keepdim: bool = False) -> Any:
        return xp.amin(x, axes(dim, len(x.shape)), keepdim)

    canonical = Amax.canonical
    cost = Amax.cost
    vjp = Amax.vjp

    def shape(self, shape: Shape, *, dim: Any, keepdim: bool, **attrs: Any) -> Shape:
        _not_empty("minimum", shape, axes(dim, len(shape)))
        return super().shape(shape, dim=dim, keepdim=keepdim)


def _first(xp: Any, find: Any, x: Any, dim: Any, keepdim: bool) -> Any:
    """What ``find`` finds along an axis, among all entries, or in the only one."""
    if dim is None:
        found = find(xp.reshape(x, (size_of(x.shape),)), 0, False)
        return xp.reshape(found, (1,) * len(x.shape)) if keepdim else found
    if not x.shape:
        return xp.reshape(find(xp.reshape(x, (1,)), 0, False), ())
    return find(x, axis(dim, len(x.shape)), keepdim)


class Argmax(Op):
    """Where the first maximum along an axis is (None: among all entries)."""

    kind = "reduce"
    primitive = "argmax"
    methods = ("argmax",)
    dtype_rule = "index"
    takes = dt.ORDERED
    latex = r"\operatorname{{argmax}} {0}"
    smooth = False
    convention = "the first of equal entries"
    examples = (example((2, 3), dim=1), example((2, 3)))

    def forward(self, xp: Any, x: Any, *, dim: Any = None, keepdim: bool = False) -> Any:
        return _first(xp, xp.argmax, x, dim, keepdim)

    def shape(self, shape: Shape, *, dim: Any, keepdim: bool) -> Shape:
        dims = axes(None, len(shape)) if dim is None else (axis(dim, len(shape)),)
        _not_empty("maximum", shape, dims if shape else ())
        return reduced(shape, dims, keepdim)

    cost = Amax.cost


class Argmin(Op):
    """Where the first minimum along an axis is (None: among all entries)."""

    kind = "reduce"
    primitive = "argmin"
    methods = ("argmin",)
    dtype_rule = "index"
    takes = dt.ORDERED
    latex = r"\operatorname{{argmin}} {0}"
    smooth = False
    examples = (example((2, 3), dim=1), example((2, 3)))

    def forward(self, xp: Any, x: Any, *, dim: Any = None, keepdim: bool = False) -> Any:
        return _first(xp, xp.argmin, x, dim, keepdim)

    shape = Argmax.shape
    cost = Amax.cost


class Max(Op):
    """The maximum along an axis and where the first one is; the derivative goes there."""

    kind = "reduce"
    outputs = ("values", "indices")
    latex = r"\max {0}"
    smooth = False
    convention = "the first of equal entries"
    examples = (example((2, 3), dim=1), example((2, 3, 2), dim=-2, keepdim=True))

    def forward(self, xp: Any, x: Any, *, dim: int, keepdim: bool = False) -> Any:
        d, rank = axis(dim, len(x.shape)), len(x.shape)
        if not rank:
            return x, xp.full((), 0, "int64")
        at = xp.argmax(x, d, True)
        best = xp.gather(x, at, d)
        if keepdim:
            return best, at
        shape = reduced(x.shape, (d,), False)
        return xp.reshape(best, shape), xp.reshape(at, shape)

    def shape(self, shape: Shape, *, dim: int, keepdim: bool) -> tuple[Shape, Shape]:
        dims = (axis(dim, len(shape)),)
        _not_empty("maximum", shape, dims if shape else ())
        found = reduced(shape, dims, keepdim)
        return found, found

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], tuple[DType, DType]]:
        require(self.name, given[0], *dt.ORDERED)
        return given, (given[0], dt.int64)

    def cost(self, node: Node) -> Cost:
        return {"compare": elements(node.parents[0].shape) - elements(node.shape[0])}


class Logsumexp(Reduction):
    """The logarithm of the sum of exponentials, computed without overflow."""

    methods = ("logsumexp",)
    dtype_rule = "float"
    latex = r"\ln \sum e^{{{0}}}"
    convention = "to base e"
    examples = (example((2, 3), dim=1), example((2, 3, 2), dim=-1, keepdim=True))

    def forward(self, xp: Any, x: Any, *, dim: int, keepdim: bool = False) -> Any:
        dims = axes(dim, len(x.shape))
        if len(dims) != 1:
            return _joint_logsumexp(xp, x, dims, keepdim)
        top = xp.shift(x, dims[0])
        total = xp.step(xp.sum(xp.exp(xp.subtract(x, top)), dims, True), "sum of exponentials")
        found = xp.add(xp.log(total), top)
        return found if keepdim else xp.reshape(found, reduced(x.shape, dims, False))

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        share = exp(node.inputs[0] - spread(node.output, node))
        return (spread(g, node) * share,)


def _joint_logsumexp(xp: Any, x: Any, dims: tuple[int, ...], keepdim: bool) -> Any:
    """Along several axes: moved together to one, then as along one."""
    if not dims:
        return x
    rank = len(x.shape)
    kept = [d for d in range(rank) if d not in dims]
    flat = xp.reshape(xp.permute(x, (*kept, *dims)), (*(x.shape[d] for d in kept), -1))
    found = Logsumexp().forward(xp, flat, dim=-1)
    return xp.reshape(found, reduced(x.shape, dims, keepdim))


class Cumsum(Op):
    """Sums along an axis, up to and with each entry."""

    kind = "reduce"
    primitive = "cumsum"
    methods = ("cumsum",)
    examples = (example((2, 3), dim=1), example((4,), dim=0))

    def forward(self, xp: Any, x: Any, *, dim: int) -> Any:
        if not x.shape:
            return x
        return xp.cumsum(x, axis(dim, len(x.shape)))

    def shape(self, shape: Shape, *, dim: int) -> Shape:
        axis(dim, len(shape))
        return shape

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        wanted = given[0] if given[0].category > dt.INTEGER else dt.int64
        return [wanted], wanted

    def cost(self, node: Node) -> Cost:
        shape = node.parents[0].shape
        if not shape:
            return {}
        lines = size_of(s for i, s in enumerate(shape) if i != axis(node.attrs["dim"], len(shape)))
        return {"add": additions(elements(shape), lines)}

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        if not node.shape:
            return (g,)
        d = (axis(node.attrs["dim"], len(node.shape)),)
        return (flip(cumsum(flip(g, dims=d), dim=d[0]), dims=d),)


sum, prod, mean, amax, amin = Sum(), Prod(), Mean(), Amax(), Amin()
argmax, argmin, max_along, logsumexp, cumsum = Argmax(), Argmin(), Max(), Logsumexp(), Cumsum()

__all__ = [
    "amax",
    "amin",
    "argmax",
    "argmin",
    "cumsum",
    "logsumexp",
    "max_along",
    "mean",
    "prod",
    "spread",
    "sum",
]
