"""Order: where entries stand in a sorted row, and what follows from it."""

from __future__ import annotations

from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.axes import axis, reduced
from chainrule.core.cost import Cost
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError
from chainrule.core.node import Node
from chainrule.core.op import Op, elements, example, require
from chainrule.core.signature import Shape
from chainrule.core.tensor import Tensor
from chainrule.ops.reduce.extremes import Found, FoundOne, counted, part


class RisingOrder(Op):
    """Where the entries along an axis stand in rising order, equal ones as they come."""

    kind = "lookup"
    primitive = "argsort"
    dtype_rule = "index"
    takes = dt.ORDERED
    smooth = False
    examples = (example((2, 3), dim=1), example((4,), dim=0))

    def forward(self, xp: Any, x: Any, *, dim: int) -> Any:
        return xp.argsort(x, axis(dim, len(x.shape)))

    def shape(self, shape: Shape, *, dim: int) -> Shape:
        axis(dim, len(shape))
        return shape

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        require(self.name, given[0], *dt.ORDERED)
        return given, dt.int64

    def cost(self, node: Node) -> Cost:
        """Entries sorted: how many comparisons that takes depends on their order."""
        return {"sort": elements(node.shape)}


def order(xp: Any, x: Any, dim: int, descending: bool = False) -> Any:
    """Where the entries stand in order; equal ones keep theirs, and NaN is the largest."""
    if not descending:
        return xp.argsort(x, dim)
    found = xp.flip(xp.argsort(xp.flip(x, (dim,)), dim), (dim,))
    return xp.gather(xp.flip(counted(xp, x.shape, dim), (dim,)), found, dim)


class Sort(Found):
    """The entries along an axis in order, and where each stood; equal ones keep theirs."""

    methods = ("sort",)
    examples = (
        example((2, 3), dim=1), example((4, 2), dim=0, descending=True), example(()),
    )  # fmt: skip

    def forward(
        self, xp: Any, x: Any, *, dim: int = -1, descending: bool = False, stable: bool = False
    ) -> Any:
        d = axis(dim, len(x.shape))
        if not x.shape:
            return x, xp.full((), 0, "int64")
        at = order(xp, x, d, descending)
        return xp.gather(x, at, d), at

    def bind(self, args: Any, kwargs: Any) -> Any:
        """All sorting is stable."""
        kwargs.pop("stable", None)
        return super().bind(args, kwargs)

    def shape(self, shape: Shape, *, dim: int, **attrs: Any) -> tuple[Shape, Shape]:
        axis(dim, len(shape))
        return shape, shape


class Argsort(Op):
    """Where the entries along an axis stand in order; equal ones keep theirs."""

    kind = "lookup"
    methods = ("argsort",)
    dtype_rule = "index"
    smooth = False
    examples = Sort.examples

    def forward(
        self, xp: Any, x: Any, *, dim: int = -1, descending: bool = False, stable: bool = False
    ) -> Any:
        d = axis(dim, len(x.shape))
        return order(xp, x, d, descending) if x.shape else xp.full((), 0, "int64")

    def shape(self, shape: Shape, *, dim: int, **attrs: Any) -> Shape:
        axis(dim, len(shape))
        return shape

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        require(self.name, given[0], *dt.ORDERED)
        return given, dt.int64


class Topk(Found):
    """The k largest (or smallest) entries along an axis, the best first, and where each stood.

    Of equal entries the first ones are taken.
    """

    methods = ("topk",)
    takes = dt.ORDERED_NUMBERS
    examples = (example((2, 4), k=2), example((3, 2), k=1, dim=0, largest=False))

    def forward(
        self, xp: Any, x: Any, *, k: int, dim: int = -1, largest: bool = True, sorted: bool = True
    ) -> Any:
        d = axis(dim, len(x.shape))
        if not x.shape:
            return x, xp.full((), 0, "int64")
        at = part(xp, order(xp, x, d, largest), d, 0, k)
        return xp.gather(x, at, d), at

    def shape(self, shape: Shape, *, k: int, dim: int, **attrs: Any) -> tuple[Shape, Shape]:
        d = axis(dim, len(shape))
        _check_rank(k, shape, d, least=0)
        found = (*shape[:d], k, *shape[d + 1 :]) if shape else ()
        return found, found


class Kthvalue(FoundOne):
    """The k-th smallest entry along an axis, counted from 1, and where it stands."""

    methods = ("kthvalue",)
    takes = dt.ORDERED_NUMBERS
    examples = (example((2, 3), k=2), example((3, 2), k=3, dim=0, keepdim=True))

    def forward(  # type: ignore[override]
        self, xp: Any, x: Any, *, k: int, dim: int = -1, keepdim: bool = False
    ) -> Any:
        def place(xp: Any, x: Any, d: int) -> Any:
            return part(xp, order(xp, x, d), d, k - 1, k)

        return self.found(xp, x, place, dim, keepdim)

    def shape(self, shape: Shape, *, k: int, dim: int, keepdim: bool) -> tuple[Shape, Shape]:  # type: ignore[override]
        d = axis(dim, len(shape))
        _check_rank(k, shape, d, least=1)
        found = reduced(shape, (d,), keepdim)
        return found, found


def _check_rank(k: Any, shape: Shape, dim: int, least: int) -> None:
    n = shape[dim] if shape else 1
    if not isinstance(k, int) or not least <= k <= n:
        raise ArgumentError(f"k is {k!r}, and axis {dim} has {n} entries",
                            expected=f"a whole number from {least} to {n}")  # fmt: skip


rising_order, sort, argsort, topk, kthvalue = RisingOrder(), Sort(), Argsort(), Topk(), Kthvalue()


def msort(x: Tensor) -> Tensor:
    """The entries in rising order along the first axis.

    >>> import chainrule as cr
    >>> cr.msort(cr.tensor([[3, 1], [2, 5]])).tolist()
    [[2, 1], [3, 5]]
    """
    made: Tensor = sort(x, dim=0).values
    return made


Tensor.msort = msort  # type: ignore[attr-defined]
