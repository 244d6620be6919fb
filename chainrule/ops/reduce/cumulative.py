"""Running products and sums of exponentials along an axis, and differences of neighbours."""

from __future__ import annotations

from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.axes import axis
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.op import Op, example
from chainrule.core.signature import Shape
from chainrule.core.structural import cast
from chainrule.core.tensor import Tensor
from chainrule.namespaces.products import running_product
from chainrule.ops.methods import write_in_place
from chainrule.ops.reduce.extremes import part
from chainrule.ops.reduce.reductions import InType, cumsum
from chainrule.ops.shape.primitive import cat

LINES = (example((2, 3), dim=1), example((5,), dim=0), example((), dim=0))


class Cumprod(InType):
    """Products along an axis, up to and with each entry."""

    kind = "reduce"
    methods = ("cumprod",)
    examples = LINES

    def forward(self, xp: Any, x: Any, *, dim: int, dtype: Any = None) -> Any:
        return running_product(xp, x, axis(dim, len(x.shape))) if x.shape else x

    dtypes = type(cumsum).dtypes
    shape = type(cumsum).shape


class Logcumsumexp(Op):
    """Logarithms of sums of exponentials along an axis, up to and with each entry.

    Each round joins every entry with the one 1, 2, 4, … places before it, without overflow.
    """

    kind = "reduce"
    methods = ("logcumsumexp",)
    takes = dt.CONTINUOUS
    dtype_rule = "same"
    examples = LINES

    def forward(self, xp: Any, x: Any, *, dim: int) -> Any:
        if not x.shape:
            return x
        d = axis(dim, len(x.shape))
        n, distance = x.shape[d], 1
        while distance < n:
            old, new = part(xp, x, d, 0, n - distance), part(xp, x, d, distance, n)
            x = xp.cat((part(xp, x, d, 0, distance), _joined(xp, old, new)), d)
            distance *= 2
        return x

    def shape(self, shape: Shape, *, dim: int) -> Shape:
        axis(dim, len(shape))
        return shape


def _joined(xp: Any, a: Any, b: Any) -> Any:
    """ln(e^a + e^b), entry by entry."""
    pair = xp.cat((xp.reshape(a, (1, *a.shape)), xp.reshape(b, (1, *b.shape))), 0)
    top = xp.shift(pair, 0)
    total = xp.sum(xp.exp(xp.subtract(pair, top)), (0,), True)
    return xp.reshape(xp.add(xp.log(total), top), a.shape)


class Steps(Op):
    """Each entry along an axis minus the one before it, n times over."""

    kind = "reduce"
    takes = dt.NUMBERS
    examples = (
        example((2, 3)),
        example((4, 2), n=2, dim=0),
        example((2,), n=3),
        example((2,), n=0),
    )

    def forward(self, xp: Any, x: Any, *, n: int = 1, dim: int = -1) -> Any:
        d = axis(dim, len(x.shape))
        for _ in range(min(n, x.shape[d])):
            length = x.shape[d]
            x = xp.subtract(part(xp, x, d, 1, length), part(xp, x, d, 0, length - 1))
        return x

    def shape(self, shape: Shape, *, n: int, dim: int) -> Shape:
        if not shape:
            raise ShapeError("there are no neighbours along the axes of a single number")
        d = axis(dim, len(shape))
        return (*shape[:d], max(shape[d] - n, 0), *shape[d + 1 :])


cumprod, logcumsumexp, steps = Cumprod(), Logcumsumexp(), Steps()


def diff(
    input: Tensor, n: int = 1, dim: int = -1, prepend: Tensor | None = None,
    append: Tensor | None = None,
) -> Tensor:  # fmt: skip
    """Each entry along an axis minus the one before it, n times over; of bools, where they change.

    ``prepend`` and ``append`` are first put before and after the entries.  Raises ShapeError for a
    single number, ArgumentError for a negative n.

    >>> import chainrule as cr
    >>> cr.diff(cr.tensor([1, 4, 9])).tolist()
    [3, 5]
    """
    if n < 0:
        raise ArgumentError(f"differences are taken {n} times over", expected="0, 1, 2, …")
    ends = [end for end in (prepend, input, append) if end is not None]
    whole: Tensor = cat(ends, dim=dim) if len(ends) > 1 else input
    if n == 0:  # then PyTorch leaves the ends out again
        if not input.shape:
            raise ShapeError("there are no neighbours along the axes of a single number")
        return input
    if whole.dtype is not dt.bool_:
        made: Tensor = steps(whole, n=n, dim=dim)
        return made
    for _ in range(n):  # the change of a bool is that of 0 and 1, in either direction
        whole = cast(steps(cast(whole, dtype=dt.int8), dim=dim), dtype=dt.bool_)
    return whole


Tensor.diff = diff  # type: ignore[attr-defined]
for _name in ("cumsum", "cumprod"):
    write_in_place(_name)

__all__ = ["cumprod", "diff", "logcumsumexp"]
