"""Statistics of sorted entries: medians, quantiles, the most frequent entry."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.axes import axes, reduced
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.node import Node
from chainrule.core.op import Op, example
from chainrule.core.signature import Shape
from chainrule.core.size import prod
from chainrule.core.structural import cast
from chainrule.core.tensor import Tensor
from chainrule.ops.elementwise.compare import eq, logical_and, logical_not, logical_or
from chainrule.ops.reduce.extremes import FoundOne, counted, part
from chainrule.ops.reduce.reductions import not_empty
from chainrule.ops.reduce.reductions import sum as sum_

INTERPOLATIONS = ("linear", "lower", "higher", "midpoint", "nearest")


def middle(xp: Any, x: Any, dim: int) -> Any:
    """Where the lower median of each line along an axis is; the first NaN, where there is one."""
    n, numbers = x.shape[dim], xp.cast(xp.equal(x, x), "int64")
    at = part(xp, xp.argsort(x, dim), dim, (n - 1) // 2, (n - 1) // 2 + 1)
    complete = xp.equal(xp.sum(numbers, (dim,), True), n)
    return xp.where(complete, at, xp.argmax(x, dim, True))


def middle_number(xp: Any, x: Any, dim: int) -> Any:
    """Where the lower median of the entries that are not NaN is, in each line along an axis."""
    count = xp.sum(xp.cast(xp.equal(x, x), "int64"), (dim,), True)
    half = xp.maximum(xp.floor_divide(xp.subtract(count, 1), 2), 0)
    return xp.gather(xp.argsort(x, dim), half, dim)


class MedianAlong(FoundOne):
    """The lower of the two middle entries along an axis, and where it is; NaN where there is one.

    The derivative goes to that entry.
    """

    takes = dt.ORDERED_NUMBERS

    def place(self, xp: Any, x: Any, dim: int) -> Any:
        return middle(xp, x, dim)


class NanmedianAlong(FoundOne):
    """The lower of the two middle entries along an axis, NaN left out, and where it is."""

    takes = dt.ORDERED_NUMBERS

    def place(self, xp: Any, x: Any, dim: int) -> Any:
        return middle_number(xp, x, dim)


class Mode(FoundOne):
    """The most frequent entry along an axis, the smallest of several, and where the last one is."""

    methods = ("mode",)
    examples = (example((2, 3)), example((2, 3, 2), dim=-2, keepdim=True), example((), dim=0))

    def forward(self, xp: Any, x: Any, *, dim: int = -1, keepdim: bool = False) -> Any:
        return self.found(xp, x, self.place, dim, keepdim)

    def place(self, xp: Any, x: Any, dim: int) -> Any:
        """The end of the longest run of equal entries in the sorted line, the first of several."""
        at = xp.argsort(x, dim)
        row, n = xp.gather(x, at, dim), x.shape[dim]
        before, after = part(xp, row, dim, 0, n - 1), part(xp, row, dim, 1, n)
        here = counted(xp, x.shape, dim)
        first = part(xp, here, dim, 0, 1)
        new = xp.logical_not(xp.equal(before, after))
        start = xp.cat((first, xp.where(new, part(xp, here, dim, 1, n), 0)), dim)
        distance = 1
        while distance < n:
            far = part(xp, start, dim, distance, n)
            best = xp.maximum(far, part(xp, start, dim, 0, n - distance))
            start = xp.cat((part(xp, start, dim, 0, distance), best), dim)
            distance *= 2
        return xp.gather(at, xp.argmax(xp.subtract(here, start), dim, True), dim)


class WholeMedian(Op, abstract=True):
    """A median of all entries; those that equal it share the derivative evenly."""

    kind = "reduce"
    takes = (dt.REAL, dt.EXACT)
    smooth = False
    examples = (example((2, 3)), example((3,)), example(()))

    def shape(self, shape: Shape) -> Shape:
        return ()

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        x, y = node.inputs[0], node.output
        both_nan = logical_and(logical_not(eq(x, x)), logical_not(eq(y, y)))
        equal = cast(logical_or(eq(x, y), both_nan), dtype=node.dtype)
        return (equal * (g / sum_(equal)),)


def _of_all(xp: Any, x: Any, place: Any) -> Any:
    n = prod(x.shape)
    flat = xp.reshape(x, (n,))
    if n == 0:
        return xp.divide(xp.sum(flat, (0,), False), 0)  # NaN
    found = xp.gather(flat, place(xp, flat, 0), 0)
    both_nan = xp.logical_not(xp.logical_or(xp.equal(flat, flat), xp.equal(found, found)))
    equal = xp.logical_or(xp.equal(flat, found), both_nan)
    count = xp.sum(xp.where(equal, xp.power(xp.detach(flat), 0), 0), (0,), True)
    shared = xp.divide(xp.sum(xp.where(equal, flat, 0), (0,), True), count)
    return xp.reshape(xp.with_value(shared, found), ())


class MedianOfAll(WholeMedian):
    """The lower of the two middle entries of all; NaN where there is one."""

    text, latex = "median({0})", r"\operatorname{{median}}({0})"

    def forward(self, xp: Any, x: Any) -> Any:
        return _of_all(xp, x, middle)


class NanmedianOfAll(WholeMedian):
    """The lower of the two middle entries of all that are not NaN."""

    text, latex = "nanmedian({0})", r"\operatorname{{nanmedian}}({0})"

    def forward(self, xp: Any, x: Any) -> Any:
        return _of_all(xp, x, middle_number)


class Share(Op, abstract=True):
    """What a share q of the entries along some axes stays below, between two of them as
    ``interpolation`` says.

    Shapes: x any, q () or (k); the result has the axes of q in front.  Raises ValueCheckError for
    a share that is not between 0 and 1.
    """

    kind = "reduce"
    dtype_rule = "alike"
    takes = (dt.REAL, dt.EXACT)
    domain = ("real", "prob")
    smooth = False

    def rank(self, xp: Any, row: Any, q: Any) -> Any:
        """How far along each sorted row (m, n) the shares q (1, k) are: (m, k)."""
        raise NotImplementedError

    def forward(
        self, xp: Any, x: Any, q: Any, *, dim: Any = None, keepdim: bool = False,
        interpolation: str = "linear",
    ) -> Any:  # fmt: skip
        dims = axes(dim, len(x.shape))
        kept = tuple(d for d in range(len(x.shape)) if d not in dims)
        n, m = prod(x.shape[d] for d in dims), prod(x.shape[d] for d in kept)
        lines = xp.reshape(xp.permute(x, (*kept, *dims)), (m, n))
        row = xp.gather(lines, xp.argsort(lines, 1), 1)
        rank = self.rank(xp, row, xp.reshape(q, (1, prod(q.shape))))
        made = xp.permute(_between(xp, row, rank, interpolation), (1, 0))
        return xp.reshape(made, (*q.shape, *reduced(x.shape, dims, keepdim)))

    def _bind_again(self, args: Any, kwargs: Any) -> Any:
        """Only between entries that are joined by a line does a gradient flow to the shares."""
        (x, q), attrs = super()._bind_again(args, kwargs)
        if attrs["interpolation"] != "linear" and isinstance(q, Tensor):
            q = q.detach()
        return (x, q), attrs

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["interpolation"] not in INTERPOLATIONS:
            raise ArgumentError(f"there is no interpolation {attrs['interpolation']!r}",
                                expected=", ".join(INTERPOLATIONS))  # fmt: skip
        return attrs

    def shape(self, x: Shape, q: Shape, *, dim: Any, keepdim: bool, **attrs: Any) -> Shape:
        if len(q) > 1:
            raise ShapeError(f"the shares have {len(q)} axes, at most 1 belongs there")
        dims = axes(dim, len(x))
        not_empty(self.name, x, range(len(x)))
        return (*q, *reduced(x, dims, keepdim))

    def checks(self, xp: Any, x: Any, q: Any, **attrs: Any) -> Iterable[tuple[Any, str]]:
        wrong = xp.logical_not(xp.logical_and(xp.less_equal(0, q), xp.less_equal(q, 1)))
        return ((wrong, "a share is not between 0 and 1"),)


def _between(xp: Any, row: Any, rank: Any, interpolation: str) -> Any:
    """The values at fractional places (m, k) of rows (m, n)."""
    if interpolation == "nearest":
        return xp.gather(row, xp.cast(xp.round(rank), "int64"), 1)
    start, end = xp.floor(rank), xp.negative(xp.floor(xp.negative(rank)))
    low, high = (xp.gather(row, xp.cast(at, "int64"), 1) for at in (start, end))
    if interpolation in ("lower", "higher"):
        return low if interpolation == "lower" else high
    step = xp.subtract(high, low)
    if interpolation == "midpoint":
        return xp.add(low, xp.multiply(step, 0.5))
    weight = xp.subtract(rank, start)
    before = xp.add(low, xp.multiply(step, weight))
    after = xp.subtract(high, xp.multiply(step, xp.subtract(1, weight)))
    return xp.where(xp.less(weight, 0.5), before, after)  # PyTorch's lerp: exact at both ends


class Quantile(Share):
    """What a share q of the entries along some axes stays below; NaN where one of them is NaN."""

    methods = ("quantile",)
    examples = (
        example((5,), ()), example((2, 3), (2,), dim=1), example((2, 3), (2,), keepdim=True),
        example((4,), (), interpolation="midpoint"), example((4,), (2,), interpolation="nearest"),
    )  # fmt: skip

    def rank(self, xp: Any, row: Any, q: Any) -> Any:
        n, top = row.shape[1], part(xp, row, 1, row.shape[1] - 1, row.shape[1])
        return xp.where(xp.equal(top, top), xp.multiply(q, n - 1), n - 1)


class Nanquantile(Share):
    """What a share q of the entries along some axes that are not NaN stays below."""

    methods = ("nanquantile",)
    examples = (
        example((5,), ()), example((4, 2), (3,), dim=0, interpolation="lower"),
        example((2, 3), (2,), dim=1, keepdim=True, interpolation="higher"),
    )  # fmt: skip

    def rank(self, xp: Any, row: Any, q: Any) -> Any:
        one = xp.power(xp.detach(row), 0)
        last = xp.subtract(xp.sum(xp.where(xp.equal(row, row), one, 0), (1,), True), 1)
        return xp.multiply(q, xp.where(xp.less(last, 0), 0, last))


median_along, nanmedian_along, mode = MedianAlong(), NanmedianAlong(), Mode()
median_of_all, nanmedian_of_all = MedianOfAll(), NanmedianOfAll()
quantile, nanquantile = Quantile(), Nanquantile()


def median(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """The lower of the two middle entries, NaN where one is; with ``dim``, along an axis and where
    it is, as ``(values, indices)``.

    Raises DimError where there are no whole numbers to choose from.

    >>> import chainrule as cr
    >>> cr.median(cr.tensor([3, 1, 4, 2])).item()
    2
    """
    return _median(input, dim, keepdim, median_of_all, median_along)


def nanmedian(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """The lower of the two middle entries that are not NaN; with ``dim``, along an axis and where
    it is, as ``(values, indices)``.

    Raises DimError where there are no whole numbers to choose from.

    >>> import chainrule as cr
    >>> cr.nanmedian(cr.tensor([3.0, float("nan"), 1.0, 2.0])).item()
    2.0
    """
    return _median(input, dim, keepdim, nanmedian_of_all, nanmedian_along)


def _median(x: Tensor, dim: Any, keepdim: bool, whole: Any, along: Any) -> Any:
    if dim is not None:
        return along(x, dim=dim, keepdim=keepdim)
    if x.dtype.category in (dt.REAL, dt.EXACT):
        return whole(x)
    return along(x.reshape(-1), dim=0).values


Tensor.median, Tensor.nanmedian = median, nanmedian  # type: ignore[attr-defined]

__all__ = ["median", "mode", "nanmedian", "nanquantile", "quantile"]
