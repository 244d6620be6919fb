"""Reductions: sums, means, maxima."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.axes import axes, axis, reduced
from chainrule.core.cost import Cost, additions
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError, DimError, DTypeError
from chainrule.core.node import Node
from chainrule.core.op import Op, Slip, elements, example, require
from chainrule.core.signature import Shape
from chainrule.core.size import prod as size_of
from chainrule.core.state import state
from chainrule.core.structural import cast, dtype_of
from chainrule.core.tensor import Tensor
from chainrule.namespaces.products import products_of_others
from chainrule.ops.elementwise.elementary import exp
from chainrule.ops.shape.primitive import expand, flip, reshape

REDUCTIONS = (
    example((2, 3)),
    example((2, 3), dim=1),
    example((2, 3, 4), dim=(0, -1), keepdim=True),
)


class Reduction(Op, abstract=True):
    """What all reductions along ``dim`` (None: all axes) share."""

    kind = "reduce"

    def bind(self, args: Any, kwargs: Any) -> Any:
        """For users ``dim=()`` means all axes, and ``axis``, ``keepdims`` are NumPy's words."""
        given, attrs = super().bind(args, numpy_words(kwargs))
        return given, {**attrs, "dim": None} if attrs["dim"] == () else attrs

    def shape(self, shape: Shape, *, dim: Any, keepdim: bool, **attrs: Any) -> Shape:
        return reduced(shape, axes(dim, len(shape)), keepdim)


def numpy_words(kwargs: dict[str, Any]) -> dict[str, Any]:
    """Arguments of a call under PyTorch's names, which also takes NumPy's: axis, keepdims."""
    words = {"axis": "dim", "keepdims": "keepdim"}
    return {words.get(name, name): value for name, value in kwargs.items()}


def spread(g: Tensor, node: Node) -> Tensor:
    """The result (or adjoint) of a reduction, repeated along the axes that it reduced."""
    shape = node.parents[0].shape
    if not node.attrs.get("keepdim"):
        dims = axes(node.attrs["dim"], len(shape))
        g = reshape(g, shape=reduced(shape, dims, True))
    made: Tensor = expand(g, shape=shape)
    return made


class InType(Op, abstract=True):
    """What ops share that compute in another element type on request, ``dtype``."""

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return attrs if attrs["dtype"] is None else {**attrs, "dtype": dtype_of(attrs["dtype"])}

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        wanted = attrs["dtype"] or (given[0] if given[0].category > dt.INTEGER else dt.int64)
        return [wanted], wanted

    def _bind_again(self, args: Any, kwargs: Any) -> Any:
        """Refuse a type without derivatives where a gradient is asked for, as PyTorch does."""
        given, attrs = super()._bind_again(args, kwargs)
        made = attrs["dtype"]
        x = given[0]
        cuts = made is not None and not made.differentiable and state.grad
        if cuts and isinstance(x, Tensor) and x.requires_grad:
            raise DTypeError(
                f"{self.name} in {made.name} would cut off the gradient that is asked for",
                hint=f"if that is meant, say so: x.detach().{self.name}(…)",
            )
        return given, attrs


class Sum(InType, Reduction):
    """The sum along some axes; whole numbers and bools are summed as int64."""

    primitive = "sum"
    methods = ("sum",)
    latex = r"\sum {0}"
    examples = REDUCTIONS

    def forward(
        self, xp: Any, x: Any, *, dim: Any = None, keepdim: bool = False, dtype: Any = None
    ) -> Any:
        return xp.sum(x, axes(dim, len(x.shape)), keepdim)

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        return (spread(g, node),)

    def explain(self, node: Node) -> str:
        return f"adds up {elements(node.parents[0].shape)} entries"

    def mistakes(self, node: Node) -> Iterable[Slip]:
        return (Slip("the mean instead of the sum", lambda x, **attrs: mean(x, **attrs)),)


class Mean(Reduction):
    """The arithmetic mean along some axes."""

    methods = ("mean",)
    latex = r"\operatorname{{mean}}({0})"
    examples = REDUCTIONS

    def forward(
        self, xp: Any, x: Any, *, dim: Any = None, keepdim: bool = False, dtype: Any = None
    ) -> Any:
        dims = axes(dim, len(x.shape))
        total = xp.step(xp.sum(x, dims, keepdim), "sum")
        return xp.divide(total, size_of(x.shape[d] for d in dims))

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        wanted = attrs["dtype"] or given[0]
        require(self.name, wanted, *dt.CONTINUOUS)
        return [wanted], wanted

    canonical = InType.canonical

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        shape = node.parents[0].shape
        n = size_of(shape[d] for d in axes(node.attrs["dim"], len(shape)))
        return (spread(g / n, node),)

    def mistakes(self, node: Node) -> Iterable[Slip]:
        return (Slip("the sum was not divided by the count", lambda x, **a: sum(x, **a)),)


class Prod(InType, Reduction):
    """The product along an axis; whole numbers and bools are multiplied as int64."""

    primitive = "prod"
    methods = ("prod",)
    latex = r"\prod {0}"
    examples = (example((2, 3)), example((2, 3, 2), dim=-1, keepdim=True))

    def forward(
        self, xp: Any, x: Any, *, dim: Any = None, keepdim: bool = False, dtype: Any = None
    ) -> Any:
        return xp.prod(x, axes(dim, len(x.shape)), keepdim)

    def bind(self, args: Any, kwargs: Any) -> Any:
        """As in PyTorch, users name one axis or none."""
        given, attrs = Op.bind(self, args, numpy_words(kwargs))
        if attrs["dim"] is not None and not isinstance(attrs["dim"], int):
            raise ArgumentError(f"prod goes along one axis, not {attrs['dim']!r}",
                                hint="flatten these axes first, or call prod again")  # fmt: skip
        return given, attrs

    def cost(self, node: Node) -> Cost:
        return {"multiply": additions(elements(node.parents[0].shape), elements(node.shape))}

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        x = node.inputs[0]
        return (spread(g, node) * product_of_others(x, dim=node.attrs["dim"]),)


class ProductOfOthers(Op):
    """For each entry the product of the others along some axes, also where some are 0: the
    derivative of the product."""

    kind = "reduce"
    takes = dt.CONTINUOUS
    dtype_rule = "same"
    latex = r"\prod_{{\text{{others}}}} {0}"
    examples = (example((2, 3)), example((2, 3, 2), dim=1))

    def forward(self, xp: Any, x: Any, *, dim: Any = None) -> Any:
        return products_of_others(xp, x, axes(dim, len(x.shape)))


def not_empty(what: str, shape: Shape, dims: Iterable[int]) -> None:
    """Raise DimError where an axis of ``dims`` has no entries."""
    for d in dims:
        if shape[d] == 0:
            raise DimError(f"axis {d} has no entries, so it has no {what}")


class Bound(Reduction, abstract=True):
    """What the maximum and the minimum along some axes share; equal ones share the derivative."""

    takes = dt.ORDERED
    smooth = False
    examples = REDUCTIONS

    def shape(self, shape: Shape, *, dim: Any, keepdim: bool, **attrs: Any) -> Shape:
        not_empty("maximum or minimum", shape, axes(dim, len(shape)))
        return super().shape(shape, dim=dim, keepdim=keepdim)

    def cost(self, node: Node) -> Cost:
        return {"compare": elements(node.parents[0].shape) - elements(node.shape)}

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        x = node.inputs[0]
        best = cast(spread(node.output, node) == x, dtype=node.dtype)
        ties = sum(best, dim=node.attrs["dim"], keepdim=node.attrs["keepdim"])
        return (best * spread(g / ties, node),)


class Amax(Bound):
    """The maximum along some axes; equal maxima share the derivative evenly."""

    primitive = "amax"
    methods = ("amax",)
    latex = r"\max({0})"

    def forward(self, xp: Any, x: Any, *, dim: Any = None, keepdim: bool = False) -> Any:
        return xp.amax(x, axes(dim, len(x.shape)), keepdim)


class Amin(Bound):
    """The minimum along some axes; equal minima share the derivative evenly."""

    primitive = "amin"
    methods = ("amin",)
    latex = r"\min({0})"

    def forward(self, xp: Any, x: Any, *, dim: Any = None, keepdim: bool = False) -> Any:
        return xp.amin(x, axes(dim, len(x.shape)), keepdim)


class PlaceOfBound(Op, abstract=True):
    """What the places of the first maximum and the first minimum share."""

    kind = "reduce"
    dtype_rule = "index"
    takes = dt.ORDERED_NUMBERS
    smooth = False
    examples = (example((2, 3), dim=1), example((2, 3)))

    def shape(self, shape: Shape, *, dim: Any, keepdim: bool) -> Shape:
        dims = axes(None, len(shape)) if dim is None else (axis(dim, len(shape)),)
        not_empty("maximum or minimum", shape, dims if shape else ())
        return reduced(shape, dims, keepdim)

    def cost(self, node: Node) -> Cost:
        return {"compare": elements(node.parents[0].shape) - elements(node.shape)}


def _first(xp: Any, find: Any, x: Any, dim: Any, keepdim: bool) -> Any:
    """What ``find`` finds along an axis, among all entries, or in the only one."""
    if dim is None:
        found = find(xp.reshape(x, (size_of(x.shape),)), 0, False)
        return xp.reshape(found, (1,) * len(x.shape)) if keepdim else found
    if not x.shape:
        return xp.reshape(find(xp.reshape(x, (1,)), 0, False), ())
    return find(x, axis(dim, len(x.shape)), keepdim)


class Argmax(PlaceOfBound):
    """Where the first maximum along an axis is (None: among all entries)."""

    primitive = "argmax"
    methods = ("argmax",)
    latex = r"\operatorname{{argmax}}({0})"
    convention = "the first of equal entries"

    def forward(self, xp: Any, x: Any, *, dim: Any = None, keepdim: bool = False) -> Any:
        return _first(xp, xp.argmax, x, dim, keepdim)


class Argmin(PlaceOfBound):
    """Where the first minimum along an axis is (None: among all entries)."""

    primitive = "argmin"
    methods = ("argmin",)
    latex = r"\operatorname{{argmin}}({0})"

    def forward(self, xp: Any, x: Any, *, dim: Any = None, keepdim: bool = False) -> Any:
        return _first(xp, xp.argmin, x, dim, keepdim)


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


class Cumsum(InType):
    """Sums along an axis, up to and with each entry."""

    kind = "reduce"
    primitive = "cumsum"
    methods = ("cumsum",)
    examples = (example((2, 3), dim=1), example((4,), dim=0))

    def forward(self, xp: Any, x: Any, *, dim: int, dtype: Any = None) -> Any:
        if not x.shape:
            return x
        return xp.cumsum(x, axis(dim, len(x.shape)))

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        wanted, made = InType.dtypes(self, given, ranks, **attrs)
        require(self.name, made, *dt.NUMBERS)
        return wanted, made

    def shape(self, shape: Shape, *, dim: int, **attrs: Any) -> Shape:
        axis(dim, len(shape))
        return shape

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
product_of_others = ProductOfOthers()
argmax, argmin, logsumexp, cumsum = Argmax(), Argmin(), Logsumexp(), Cumsum()

__all__ = [
    "InType",
    "amax",
    "amin",
    "argmax",
    "argmin",
    "cumsum",
    "logsumexp",
    "mean",
    "not_empty",
    "numpy_words",
    "prod",
    "spread",
    "sum",
]
