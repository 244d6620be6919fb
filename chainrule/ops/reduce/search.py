"""Where values belong among boundaries, and how many fall between them."""

from __future__ import annotations

from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError, DTypeError, ShapeError
from chainrule.core.op import Op, example, require
from chainrule.core.signature import Shape, same_size
from chainrule.core.size import prod
from chainrule.core.tensor import Tensor
from chainrule.ops.reduce.truth import any as any_


class Searchsorted(Op):
    """Before which of the sorted boundaries each value belongs, or, with ``right``, after which.

    Shapes: boundaries (n) and any values, or boundaries (*b, n) and values (*b, k).  Each value is
    compared with each boundary.
    """

    kind = "lookup"
    keywords = ("sorted_sequence", "input")
    smooth = False
    examples = (
        example((4,), (2, 3)), example((2, 4), (2, 3), right=True), example((3,), (), side="right"),
    )  # fmt: skip

    def forward(
        self, xp: Any, sorted_sequence: Any, values: Any, *, out_int32: bool = False,
        right: bool = False, side: str | None = None,
    ) -> Any:  # fmt: skip
        bounds = sorted_sequence
        if len(bounds.shape) > 1:
            bounds = xp.reshape(bounds, (*bounds.shape[:-1], 1, bounds.shape[-1]))
        column = xp.reshape(values, (*values.shape, 1))
        after = xp.less(column, bounds) if right else xp.less_equal(column, bounds)
        before = xp.cast(xp.logical_not(after), "int32" if out_int32 else "int64")
        return xp.sum(before, (len(before.shape) - 1,), False)

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        side = attrs["side"]
        if side not in (None, "left", "right"):
            raise ArgumentError(f"there is no side {side!r}", expected="'left' or 'right'")
        if side == "left" and attrs["right"]:
            raise ArgumentError("side='left' contradicts right=True")
        return {**attrs, "right": attrs["right"] or side == "right", "side": None}

    def shape(self, sorted_sequence: Shape, values: Shape, **attrs: Any) -> Shape:
        bounds = sorted_sequence
        if not bounds:
            raise ShapeError("the boundaries have no axis to be searched along")
        fits = len(bounds) == len(values) and all(map(same_size, bounds[:-1], values[:-1]))
        if len(bounds) > 1 and not fits:
            raise ShapeError(f"boundaries of shape {bounds} are for values of other axes, {values}",
                             expected="*b n, *b k -> *b k")  # fmt: skip
        return values

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        common = dt.result_type(given, ranks)
        require(self.name, common, *dt.ORDERED_NUMBERS)
        return [common, common], dt.int32 if attrs["out_int32"] else dt.int64


class Histc(Op):
    """How many entries fall into each of ``bins`` equal parts from ``min`` to ``max``, both of
    them included; where these are equal, of the range of the entries."""

    kind = "lookup"
    methods = ("histc",)
    dtype_rule = "same"
    takes = (dt.REAL, dt.EXACT)
    smooth = False
    examples = (example((2, 3), bins=4), example((5,), bins=3, min=-1, max=1))

    def forward(self, xp: Any, x: Any, *, bins: int = 100, min: Any = 0, max: Any = 0) -> Any:
        n = prod(x.shape)
        row = xp.detach(xp.reshape(x, (1, n)))
        low, high = xp.multiply(xp.power(row, 0), min), xp.multiply(xp.power(row, 0), max)
        if min == max and n:
            low, high = xp.amin(row, (0, 1), True), xp.amax(row, (0, 1), True)
            flat = xp.equal(low, high)
            low, high = (
                xp.where(flat, xp.subtract(low, 1), low), xp.where(flat, xp.add(high, 1), high),
            )  # fmt: skip
        share = xp.divide(xp.subtract(row, low), xp.subtract(high, low))
        place = xp.floor(xp.multiply(share, bins))
        place = xp.where(xp.equal(row, high), bins - 1, place)
        inside = xp.logical_and(xp.less_equal(low, row), xp.less_equal(row, high))
        hit = xp.equal(xp.cast(xp.where(inside, place, -1), "int64"), _column(xp, bins))
        one = xp.expand(xp.power(row, 0), (bins, n))
        return xp.sum(xp.where(hit, one, 0), (1,), False)

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["bins"] < 1 or attrs["min"] > attrs["max"]:
            raise ArgumentError(
                f"{attrs['bins']} parts from {attrs['min']} to {attrs['max']}",
                expected="at least one, and min not above max",
            )
        return attrs

    def shape(self, shape: Shape, *, bins: int, **attrs: Any) -> Shape:
        return (bins,)


def _column(xp: Any, n: int) -> Any:
    return xp.reshape(xp.arange(n, "int64"), (n, 1))


searchsorted, histc = Searchsorted(), Histc()


def bucketize(
    input: Any, boundaries: Tensor, *, out_int32: bool = False, right: bool = False
) -> Tensor:
    """Between which of the sorted boundaries each value is: `searchsorted` the other way round.

    >>> import chainrule as cr
    >>> cr.bucketize(cr.tensor([0, 3, 9]), cr.tensor([1, 3, 5])).tolist()
    [0, 1, 3]
    """
    if boundaries.ndim != 1:
        raise ShapeError(f"boundaries have one axis, not {boundaries.ndim}")
    made: Tensor = searchsorted(boundaries, input, out_int32=out_int32, right=right)
    return made


def isin(
    elements: Any, test_elements: Any, *, assume_unique: bool = False, invert: bool = False
) -> Tensor:
    """Which elements are among the test elements, or with ``invert`` which are not.

    One of the two may be a number.  ``assume_unique`` promises PyTorch that no element comes twice;
    the answer is the same without.  Raises DTypeError for bools.

    >>> import chainrule as cr
    >>> cr.isin(cr.tensor([1, 2, 3]), cr.tensor([3, 1])).tolist()
    [True, False, True]
    """
    given = [x for x in (elements, test_elements) if isinstance(x, Tensor)]
    if not given:
        raise ArgumentError("isin() of two numbers", expected="a tensor, and a tensor or a number")
    if any(x.dtype is dt.bool_ for x in given):
        raise DTypeError("isin() of bools", hint="x == value, or ~x")
    column = elements.unsqueeze(-1) if isinstance(elements, Tensor) else elements
    row = test_elements.reshape(-1) if isinstance(test_elements, Tensor) else test_elements
    hits: Tensor = any_(column == row, dim=-1)
    return hits.logical_not() if invert else hits
