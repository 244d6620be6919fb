"""Look-ups: entries chosen by whole-number tensors, and their adjoints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.axes import axis
from chainrule.core.cost import Cost, nothing
from chainrule.core.dtypes import DType
from chainrule.core.errors import DTypeError, ShapeError
from chainrule.core.node import Node
from chainrule.core.op import Op, elements, example
from chainrule.core.reach import Reach, Reads
from chainrule.core.signature import Shape, same_size
from chainrule.core.size import Size, prod
from chainrule.core.structural import full
from chainrule.core.tensor import Tensor
from chainrule.ops.elementwise.compare import eq
from chainrule.ops.elementwise.elementary import where

INDEX_TYPES = (dt.int64, dt.int32)


def require_index(op: str, dtype: DType) -> None:
    """Raise DTypeError unless ``dtype`` is one that PyTorch takes for an index."""
    if dtype not in INDEX_TYPES:
        raise DTypeError(
            f"the index of {op} is of type int64 or int32, not {dtype.name}",
            hint="index.long(); a mask is used as x[mask] or in where(mask, a, b)",
        )


class Lookup(Op, abstract=True):
    """What all look-ups share: the second operand is an index, and stays one."""

    kind = "lookup"
    checks_late = True

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        require_index(self.name, given[1])
        values = dt.result_type([given[0], *given[2:]], [1] * (len(given) - 1))
        return [values, dt.int64, *[values] * (len(given) - 2)], values

    def checks(self, xp: Any, *arrays: Any, dim: int, **attrs: Any) -> Iterable[tuple[Any, str]]:
        x, index = arrays[:2]
        size = x.shape[axis(dim, len(x.shape))] if x.shape else 1
        sentence = f"an index is out of range for axis {dim} of {size}"
        return ((xp.logical_or(xp.less(index, 0), xp.less_equal(size, index)), sentence),)


def _fits(index: Shape, shape: Shape, dim: int, what: str) -> None:
    """Raise ShapeError unless ``index`` is within ``shape`` along every axis but ``dim``."""
    if len(index) != len(shape):
        raise ShapeError(f"the index has {len(index)} axes and the {what} has {len(shape)}")
    nothing = any(isinstance(n, int) and n == 0 for n in index)
    for k, (a, b) in enumerate(zip(index, shape, strict=True)):
        if k != dim and not nothing and not (a <= b):
            raise ShapeError(f"axis {k} of the index is {a}, more than the {what}'s {b}")


class AlongAxis(Lookup, abstract=True):
    """Look-ups whose index has the tensor's rank; PyTorch's order is (x, dim, index, …)."""

    def bind(self, args: Any, kwargs: Any) -> Any:
        """Take ``dim`` from its place before the index, too."""
        if len(args) > 1 and isinstance(args[1], int):
            args, kwargs = (args[0], *args[2:]), {**kwargs, "dim": args[1]}
        return super().bind(args, kwargs)


class Gather(AlongAxis):
    """The entries of x at ``index`` along an axis: out[i, j] = x[i, index[i, j]] for dim=1."""

    primitive = "gather"
    cost = nothing
    methods = ("gather",)
    domain = ("real", "index")
    examples = (
        example((2, 3), (2, 2), dim=1, dtypes=(None, dt.int64)),
        example((4, 3), (2, 3), dim=0, dtypes=(None, dt.int64)),
    )

    def forward(self, xp: Any, x: Any, index: Any, *, dim: int) -> Any:
        d = axis(dim, len(x.shape))
        if not x.shape:
            return xp.reshape(xp.gather(*(xp.reshape(a, (1,)) for a in (x, index)), d), ())
        return xp.gather(x, index, d)

    def shape(self, x: Shape, index: Shape, *, dim: int) -> Shape:
        _fits(index, x, axis(dim, len(x)), "tensor")
        return index

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor | None]:
        x, index = node.inputs
        zeros = full(x.shape, 0, x.dtype)
        return scatter_add(zeros, index, g, dim=node.attrs["dim"]), None

    def reads(self, node: Node, output: int = 0) -> Sequence[Reads]:
        x, rank = node.parents[0].shape, len(node.shape)
        d = axis(node.attrs["dim"], rank)
        own = (Reach.whole(size) if a == d else Reach.same(a) for a, size in enumerate(x))
        return tuple(own), tuple(map(Reach.same, range(rank)))


class Scatter(AlongAxis):
    """x with the entries at ``index`` along an axis replaced by those of ``src``."""

    primitive = "scatter"
    cost = nothing
    domain = ("real", "index", "real")
    convention = "of equal indices the last one stays"
    examples = (
        example((2, 3), (2, 2), (2, 2), dim=1, dtypes=(None, dt.int64)),
        example((3, 2), (7, 2), (7, 2), dim=0, dtypes=(None, dt.int64)),
    )

    def forward(self, xp: Any, x: Any, index: Any, src: Any, *, dim: int) -> Any:
        d = axis(dim, len(x.shape))
        if not x.shape:
            return xp.reshape(xp.scatter(*(xp.reshape(a, (1,)) for a in (x, index, src)), d), ())
        return xp.scatter(x, index, src, d)

    def shape(self, x: Shape, index: Shape, src: Shape, *, dim: int) -> Shape:
        _fits(index, x, axis(dim, len(x)), "tensor")
        _same_shape(index, src)
        return x

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor | None]:
        _, index, src = node.inputs
        dim = node.attrs["dim"]
        kept = scatter(g, index, full(src.shape, 0, g.dtype), dim=dim) if node.needs(0) else None
        if not node.needs(2):
            return kept, None, None
        return kept, None, where(_stays(index, node.shape, dim), gather(g, index, dim=dim), 0)


def _stays(index: Tensor, shape: Shape, dim: int) -> Tensor:
    """Where an entry scattered to ``index`` is the last one that is written to its place: each
    writes its number, and reads whose number is there in the end."""
    number = counting(stop=prod(index.shape)).reshape(index.shape)
    written = scatter(full(shape, 0, dt.int64), index, number, dim=dim)
    stays: Tensor = eq(gather(written, index, dim=dim), number)
    return stays


def _same_shape(index: Shape, src: Shape) -> None:
    if len(index) != len(src) or not all(map(same_size, index, src)):
        raise ShapeError(f"the index has shape {index} and the source {src}")


class ScatterAdd(AlongAxis):
    """x plus the entries of ``src`` added at ``index`` along an axis."""

    primitive = "scatter_add"
    domain = ("real", "index", "real")
    examples = (example((2, 3), (2, 2), (2, 2), dim=1, dtypes=(None, dt.int64)),)

    def forward(self, xp: Any, x: Any, index: Any, src: Any, *, dim: int) -> Any:
        d = axis(dim, len(x.shape))
        if not x.shape:
            whole = [xp.reshape(a, (1,)) for a in (x, index, src)]
            return xp.reshape(xp.scatter_add(*whole, d), ())
        return xp.scatter_add(x, index, src, d)

    shape = Scatter.shape

    def cost(self, node: Node) -> Cost:
        return {"add": elements(node.parents[1].shape)}

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor | None]:
        return g, None, gather(g, node.inputs[1], dim=node.attrs["dim"])


class Take(Lookup):
    """The slices of x along an axis that ``index``, of any shape, names."""

    name = "take_along"
    primitive = "take"
    cost = nothing
    domain = ("real", "index")
    examples = (
        example((4, 3), (2, 2), dim=0, dtypes=(None, dt.int64)),
        example((2, 3), (4,), dim=1, dtypes=(None, dt.int64)),
        example((3,), (), dim=0, dtypes=(None, dt.int64)),
    )

    def forward(self, xp: Any, x: Any, index: Any, *, dim: int) -> Any:
        return xp.take(x, index, axis(dim, len(x.shape)))

    def shape(self, x: Shape, index: Shape, *, dim: int) -> Shape:
        d = axis(dim, len(x))
        return (*x[:d], *index, *x[d + 1 :])

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor | None]:
        x, index = node.inputs
        return index_add(full(x.shape, 0, x.dtype), index, g, dim=node.attrs["dim"]), None

    def reads(self, node: Node, output: int = 0) -> Sequence[Reads]:
        x, index = (p.shape for p in node.parents)
        d, more = axis(node.attrs["dim"], len(x)), len(index) - 1
        own = [Reach.same(a if a < d else a + more) for a in range(len(x))]
        own[d] = Reach.whole(x[d])
        return tuple(own), tuple(Reach.same(d + k) for k in range(len(index)))


class IndexAdd(Lookup):
    """x plus the slices of ``source`` added where ``index`` says along an axis."""

    primitive = "index_add"
    domain = ("real", "index", "real")
    examples = (example((4, 3), (2,), (2, 3), dim=0, dtypes=(None, dt.int64)),)

    def forward(self, xp: Any, x: Any, index: Any, source: Any, *, dim: int) -> Any:
        return xp.index_add(x, index, source, axis(dim, len(x.shape)))

    def shape(self, x: Shape, index: Shape, source: Shape, *, dim: int) -> Shape:
        _same_shape(take.shape(x, index, dim=dim), source)
        return x

    def cost(self, node: Node) -> Cost:
        return {"add": elements(node.parents[2].shape)}

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor | None]:
        return g, None, take(g, node.inputs[1], dim=node.attrs["dim"])


class Arange(Op):
    """The whole numbers 0, 1, … below ``stop``."""

    name = "counting"
    kind = "structural"
    primitive = "arange"
    cost = nothing
    examples = (example(stop=4),)

    def forward(self, xp: Any, *, stop: int | Size, dtype: DType = dt.int64) -> Any:
        return xp.arange(stop, dtype.name)

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        from chainrule.core.structural import dtype_of

        return {**attrs, "dtype": dtype_of(attrs["dtype"])}

    def shape(self, *, stop: int | Size, dtype: DType) -> Shape:
        return (stop,)

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        return given, attrs["dtype"]

    def vjp(self, node: Node, g: Tensor) -> Iterable[None]:
        return ()


class OneHot(Op):
    """1 at the class that each entry names, else 0; the classes are a new last axis."""

    kind = "lookup"
    domain = ("index",)
    examples = (example((3,), num_classes=4, dtypes=(dt.int64,)),)

    def forward(self, xp: Any, x: Any, *, num_classes: int) -> Any:
        column = xp.reshape(x, (*x.shape, 1))
        return xp.cast(xp.equal(column, xp.arange(num_classes, "int64")), "int64")

    def shape(self, shape: Shape, *, num_classes: int) -> Shape:
        return (*shape, num_classes)

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        if given[0] is not dt.int64:
            raise DTypeError(f"one_hot takes classes of type int64, not {given[0].name}",
                             hint="x.long()")  # fmt: skip
        return given, dt.int64

    def checks(self, xp: Any, x: Any, *, num_classes: int) -> Iterable[tuple[Any, str]]:
        wrong = xp.logical_or(xp.less(x, 0), xp.less_equal(num_classes, x))
        return ((wrong, f"a class is not among 0 … {num_classes - 1}"),)


gather, scatter, scatter_add = Gather(), Scatter(), ScatterAdd()
take, index_add, counting, one_hot = Take(), IndexAdd(), Arange(), OneHot()

__all__ = ["INDEX_TYPES", "counting", "gather", "index_add", "one_hot", "require_index", "scatter",
           "scatter_add", "take"]  # fmt: skip
