"""Whether some or all entries are not zero, how many are, and sums that leave NaN out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.axes import axes
from chainrule.core.dtypes import DType
from chainrule.core.node import Node
from chainrule.core.op import Op, example, require
from chainrule.core.structural import cast
from chainrule.core.tensor import Tensor
from chainrule.ops.elementwise.compare import eq
from chainrule.ops.elementwise.elementary import where
from chainrule.ops.reduce.reductions import REDUCTIONS, InType, Reduction, numpy_words, spread
from chainrule.ops.reduce.reductions import sum as sum_


def nonzeros(xp: Any, x: Any, dims: tuple[int, ...], keepdim: bool) -> Any:
    """How many entries are not zero; NaN is one of them."""
    found = xp.cast(xp.logical_not(xp.equal(x, 0)), "int64")
    return xp.sum(found, dims, keepdim)


class Truth(Reduction, abstract=True):
    """What "some" and "all" share."""

    smooth = False
    examples = REDUCTIONS

    def bind(self, args: Any, kwargs: Any) -> Any:
        """``dim=()`` names no axis here, as in PyTorch."""
        return Op.bind(self, args, numpy_words(kwargs))

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        return given, dt.bool_


class Some(Truth):
    """Whether some entry is not zero: of all, or along some axes."""

    latex = r"\exists {0}"

    def forward(self, xp: Any, x: Any, *, dim: Any = None, keepdim: bool = False) -> Any:
        return xp.less(0, nonzeros(xp, x, axes(dim, len(x.shape)), keepdim))


class Every(Truth):
    """Whether no entry is zero: of all, or along some axes."""

    latex = r"\forall {0}"

    def forward(self, xp: Any, x: Any, *, dim: Any = None, keepdim: bool = False) -> Any:
        zeros = xp.cast(xp.equal(x, 0), "int64")
        return xp.equal(xp.sum(zeros, axes(dim, len(x.shape)), keepdim), 0)


class CountNonzero(Reduction):
    """How many entries are not zero: of all, or along some axes."""

    methods = ("count_nonzero",)
    dtype_rule = "index"
    smooth = False
    examples = (example((2, 3)), example((2, 3, 2), dim=(0, -1)))

    def forward(self, xp: Any, x: Any, *, dim: Any = None) -> Any:
        return nonzeros(xp, x, axes(dim, len(x.shape)), False)

    def shape(self, shape: Any, *, dim: Any, **attrs: Any) -> Any:
        return super().shape(shape, dim=dim, keepdim=False)


class Nansum(InType, Reduction):
    """The sum along some axes of the entries that are not NaN; the others have derivative 0."""

    methods = ("nansum",)
    latex = r"\sum {0}"
    takes = dt.ORDERED
    examples = REDUCTIONS

    def forward(
        self, xp: Any, x: Any, *, dim: Any = None, keepdim: bool = False, dtype: Any = None
    ) -> Any:
        known = xp.where(xp.equal(x, x), x, False)  # the zero of every type
        return xp.sum(known, axes(dim, len(x.shape)), keepdim)

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        require(self.name, given[0], *dt.ORDERED)
        return super().dtypes(given, ranks, **attrs)

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        x = node.inputs[0]
        return (where(eq(x, x), spread(g, node), 0),)


class Nanmean(Reduction):
    """The mean along some axes of the entries that are not NaN; NaN where there are none."""

    methods = ("nanmean",)
    latex = r"\operatorname{{mean}}({0})"
    examples = REDUCTIONS

    def forward(
        self, xp: Any, x: Any, *, dim: Any = None, keepdim: bool = False, dtype: Any = None
    ) -> Any:
        dims, there = axes(dim, len(x.shape)), xp.equal(x, x)
        count = xp.sum(xp.where(there, xp.power(xp.detach(x), 0), 0), dims, keepdim)
        total = xp.step(xp.sum(xp.where(there, x, 0), dims, keepdim), "sum")
        return xp.divide(total, count)

    canonical = type(sum_).canonical

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        wanted = attrs["dtype"] or given[0]
        require(self.name, given[0], dt.REAL, dt.EXACT)
        require(self.name, wanted, dt.REAL, dt.EXACT)
        return [wanted], wanted


some, every, count_nonzero = Some(), Every(), CountNonzero()
nansum, nanmean = Nansum(), Nanmean()


def any(input: Tensor, dim: Any = None, keepdim: bool = False, **words: Any) -> Tensor:
    """Whether some entry is not zero: of all, or along some axes.  Of bytes it makes a byte.

    >>> import chainrule as cr
    >>> cr.any(cr.tensor([[0, 0], [0, 2]]), dim=1).tolist()
    [False, True]
    """
    return _as_bytes(input, some(input, dim=dim, keepdim=keepdim, **words))


def all(input: Tensor, dim: Any = None, keepdim: bool = False, **words: Any) -> Tensor:
    """Whether no entry is zero: of all, or along some axes.  Of bytes it makes a byte.

    >>> import chainrule as cr
    >>> cr.all(cr.tensor([[1, 0], [1, 2]]), dim=1).tolist()
    [False, True]
    """
    return _as_bytes(input, every(input, dim=dim, keepdim=keepdim, **words))


def _as_bytes(x: Tensor, made: Tensor) -> Tensor:
    return cast(made, dtype=dt.uint8) if x.dtype is dt.uint8 else made


Tensor.any, Tensor.all = any, all  # type: ignore[attr-defined]

__all__ = ["all", "any", "count_nonzero", "nansum", "nanmean"]
