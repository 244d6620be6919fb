"""Different values and how often each comes: as many results as the values make them."""

from __future__ import annotations

from typing import Any, NoReturn

from chainrule.core import dtypes as dt
from chainrule.core.axes import axis
from chainrule.core.cost import nothing
from chainrule.core.errors import ArgumentError, DimError, GradientError, ShapeError
from chainrule.core.node import Node
from chainrule.core.op import Op
from chainrule.core.signature import Shape
from chainrule.core.size import prod
from chainrule.core.state import state
from chainrule.core.structural import cast
from chainrule.core.tensor import Tensor
from chainrule.ops.elementwise.compare import eq
from chainrule.ops.lookup.primitive import counting, scatter_add
from chainrule.ops.reduce.reductions import cumsum
from chainrule.ops.reduce.sorting import rising_order
from chainrule.ops.shape.arranging import movedim
from chainrule.ops.shape.primitive import cat, reshape


class WithoutDerivative(Op):
    """Entries of a tensor that were found by comparing: how many there are, and which, jumps."""

    kind = "structural"
    cost = nothing
    dtype_rule = "promote"
    text = latex = "{0}"

    def forward(self, xp: Any, found: Any, x: Any, *, rule: str) -> Any:
        if xp.name == "dual":
            raise _no_derivative(rule)
        return found

    def shape(self, *shapes: Shape, rule: str) -> Shape:
        return shapes[0]

    def vjp(self, node: Node, g: Tensor) -> NoReturn:
        raise _no_derivative(node.attrs["rule"])


def _no_derivative(rule: str) -> GradientError:
    return GradientError(
        f"{rule} has no derivative: how many entries it finds changes in jumps",
        hint=f"where none is meant to flow, cut it off: {rule}(x.detach())",
    )


without_derivative = WithoutDerivative()


def unique(
    input: Tensor, sorted: bool = True, return_inverse: bool = False, return_counts: bool = False,
    dim: int | None = None,
) -> Any:  # fmt: skip
    """The different entries in rising order, or with ``dim`` the different slices along an axis; on
    request also where each entry went, and how often each came.

    How many there are depends on values, so it raises CaptureError while capturing.  There is no
    derivative: GradientError where a gradient reaches the result.

    >>> import chainrule as cr
    >>> cr.unique(cr.tensor([3, 1, 3]), return_counts=True)
    (tensor([1, 3]), tensor([1, 2]))
    """
    input._value("unique()")
    rows = _rows(input, dim)
    at: Tensor = counting(stop=rows.shape[0])
    for column in reversed(rows.unbind(1)):
        at = at[rising_order(column[at], dim=0)]
    firsts, group, counts = _runs(rows[at])
    inverse = scatter_add(cast(counting(stop=rows.shape[0]) * 0, dtype=dt.int64), at, group, dim=0)
    found = _slices(input, dim, at[firsts], "unique")
    return _asked(input, dim, found, (return_inverse, inverse), (return_counts, counts))


def unique_consecutive(
    input: Tensor, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None
) -> Any:
    """The entries, or with ``dim`` the slices along an axis, without those that equal the one
    before; on request also where each went, and how often each came in a row.

    How many there are depends on values, so it raises CaptureError while capturing.

    >>> import chainrule as cr
    >>> cr.unique_consecutive(cr.tensor([1, 1, 2, 1])).tolist()
    [1, 2, 1]
    """
    input._value("unique_consecutive()")
    firsts, group, counts = _runs(_rows(input, dim))
    found = _slices(input, dim, firsts, "unique_consecutive")
    return _asked(input, dim, found, (return_inverse, group), (return_counts, counts))


def _rows(x: Tensor, dim: int | None) -> Tensor:
    """What is compared, as the rows of a matrix: entries, or slices along an axis."""
    if dim is None:
        column: Tensor = reshape(x.detach(), shape=(-1, 1))
        return column
    d = axis(dim, x.ndim)
    if not x.ndim:
        raise DimError("a single number has no slices along an axis", hint="leave out dim")
    if 0 in x.shape[:d] + x.shape[d + 1 :]:
        raise ShapeError(f"the slices along axis {d} of {x.shape} have no entries to compare")
    width = prod(x.shape[:d] + x.shape[d + 1 :])
    rows: Tensor = reshape(movedim(x.detach(), d, 0), shape=(x.shape[d], width))
    return rows


def _slices(x: Tensor, dim: int | None, at: Tensor, rule: str) -> Tensor:
    """The entries, or slices along an axis, at some places; a gradient that reaches them is
    refused, where one is asked for."""
    if dim is None:
        row: Tensor = reshape(x.detach(), shape=(-1,))
        found = row[at]
    else:
        found = movedim(movedim(x.detach(), dim, 0)[at], 0, dim)
    if not (state.grad and x.requires_grad):
        return found
    made: Tensor = without_derivative(found, x, rule=rule)
    return made


def _runs(rows: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Where rows that equal the one before them start; the run that each row is in; run lengths."""
    n = rows.shape[0]
    new = rows[1:].ne(rows[:-1]).any(1)
    starts = cat([eq(counting(stop=min(n, 1)), 0), new], dim=0)
    firsts = starts.nonzero(as_tuple=True)[0]
    ends = cat([firsts[1:], counting(stop=1) + n], dim=0)
    return firsts, cumsum(starts, dim=0) - 1, ends[: firsts.shape[0]] - firsts


def _asked(x: Tensor, dim: int | None, found: Tensor, *extra: tuple[bool, Tensor]) -> Any:
    """The values alone, or with those parts that were asked for; the first has a place for each
    entry."""
    (inverted, inverse), *rest = extra
    if dim is None:
        inverse = inverse.reshape(*x.shape) if x.shape else inverse.reshape(())
    given = [part for wanted, part in [(inverted, inverse), *rest] if wanted]
    return (found, *given) if given else found


def bincount(input: Tensor, weights: Tensor | None = None, minlength: int = 0) -> Tensor:
    """How often 0, 1, 2, … are among the whole numbers of a vector; or the sum of their weights.

    How many results there are depends on values, so it raises CaptureError while capturing.
    Raises ArgumentError for negative numbers, and for what is no vector of whole numbers.

    >>> import chainrule as cr
    >>> cr.bincount(cr.tensor([1, 3, 1])).tolist()
    [0, 2, 0, 1]
    """
    found = input._value("bincount()")
    if minlength < 0:
        raise ArgumentError(f"minlength is {minlength}", expected="a whole number from 0 on")
    if input.ndim != 1 or input.dtype.category != dt.INTEGER or (found < 0).any():
        raise ArgumentError(
            "bincount counts whole numbers from 0 on, in a vector",
            got=f"{input.dtype.name} {tuple(input.shape)}"
            + (f", least {found.min()}" if found.size else ""),
        )
    size = max(minlength, int(found.max()) + 1 if found.size else 0)
    if weights is None or not found.size:
        weights = cast(eq(input, input), dtype=dt.int64)
    elif weights.dtype is not dt.float32:
        weights = cast(weights, dtype=weights.dtype if weights.dtype is dt.exact else dt.float64)
    if weights.shape != input.shape:
        raise ArgumentError(
            f"{input.shape[0]} numbers have weights of shape {tuple(weights.shape)}"
        )
    none = cast(counting(stop=size) * 0, dtype=weights.dtype)
    made: Tensor = scatter_add(none, cast(input, dtype=dt.int64), weights, dim=0)
    return made


Tensor.unique = unique  # type: ignore[attr-defined]
Tensor.unique_consecutive = unique_consecutive  # type: ignore[attr-defined]
Tensor.bincount = bincount  # type: ignore[attr-defined]

__all__ = ["bincount", "unique", "unique_consecutive"]
