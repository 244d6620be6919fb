"""Norms of vectors and matrices, and distances."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.axes import axes, axis
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError, DimError, DTypeError, ShapeError
from chainrule.core.node import Node
from chainrule.core.op import example, require
from chainrule.core.signature import Shape
from chainrule.core.structural import cast, dtype_of
from chainrule.core.tensor import Tensor
from chainrule.ops.elementwise.compare import eq
from chainrule.ops.elementwise.elementary import where
from chainrule.ops.elementwise.piecewise import sign
from chainrule.ops.reduce.reductions import Reduction, amax, amin, not_empty, spread
from chainrule.ops.reduce.reductions import sum as sum_

LIMITS = (math.inf, -math.inf)


class VectorNorm(Reduction):
    """The norm of order ``ord`` along some axes: (Σ |x|^ord)^(1 / ord).

    Order 0 counts the entries that are not zero, ∞ is the largest, -∞ the smallest absolute value.
    Where the norm is not smooth, its derivative is 0 at entries that are 0, as in PyTorch.  Raises
    DimError for axes without entries where the order has no norm for them (below 0, and ∞).
    """

    latex = r"\left\lVert {0} \right\rVert_{{{ord}}}"
    smooth = False
    domain = ((0.5, 2.0),)
    examples = (
        example((2, 3)), example((2, 3), ord=1, dim=1), example((3,), ord=3, keepdim=True),
        example((3,), ord=math.inf), example((2, 3), ord=-math.inf, dim=0),
        example((2, 3), ord=0, dim=1), example((2, 3), ord=1.5), example((2, 3), ord=-1, dim=1),
        example((), ord=2),
    )  # fmt: skip

    def forward(
        self, xp: Any, x: Any, *, ord: Any = 2, dim: Any = None, keepdim: bool = False,
        dtype: Any = None,
    ) -> Any:  # fmt: skip
        dims, size = axes(dim, len(x.shape)), xp.step(xp.absolute(x), "absolute values")
        if ord in LIMITS:
            return (xp.amax if ord > 0 else xp.amin)(size, dims, keepdim)
        one = xp.power(xp.detach(size), 0)
        if ord == 0:
            return xp.sum(xp.where(xp.equal(size, 0), 0, one), dims, keepdim)
        if ord == 1:
            return xp.sum(size, dims, keepdim)
        powers = xp.multiply(size, size) if ord == 2 else xp.power(size, ord)
        total = xp.step(xp.sum(powers, dims, keepdim), "sum of powers")
        if ord == 2:
            return xp.sqrt(total)
        return xp.power(total, xp.divide(xp.power(xp.detach(total), 0), ord))

    def written(self, attrs: dict[str, Any], latex: bool = False) -> str | None:
        plain = {"ord": 2, "dim": None, "keepdim": False, "dtype": None}
        return "norm" if attrs == plain else None

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if isinstance(attrs["ord"], bool) or not isinstance(attrs["ord"], int | float):
            raise ArgumentError(
                f"the order of a vector norm is a number, not {attrs['ord']!r}",
                hint="'fro' and 'nuc' are for matrices: linalg.matrix_norm",
            )
        return attrs if attrs["dtype"] is None else {**attrs, "dtype": dtype_of(attrs["dtype"])}

    def shape(self, shape: Shape, *, dim: Any, keepdim: bool, **attrs: Any) -> Shape:
        if attrs["ord"] < 0 or attrs["ord"] == math.inf:
            not_empty(f"norm of order {attrs['ord']}", shape, axes(dim, len(shape)))
        return super().shape(shape, dim=dim, keepdim=keepdim)

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        require(self.name, given[0], *dt.CONTINUOUS)
        wanted: DType = attrs["dtype"] or given[0]
        require(self.name, wanted, *dt.CONTINUOUS)
        if wanted.bits < given[0].bits or wanted.category != given[0].category:
            raise DTypeError(f"{given[0].name} would not be widened to {wanted.name}",
                             hint=f"x.to(cr.{wanted.name}) first, if that is meant")  # fmt: skip
        return [wanted], dt.real_of(wanted)

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor | None]:
        x, p = node.inputs[0], node.attrs["ord"]
        if p == 0:
            return (None,)
        size, y = x.abs(), spread(node.output, node)
        if p == 2:
            turned, zero = x.conj() if x.dtype.is_complex else x, eq(y, 0)
            return (spread(g, node) * where(zero, 0, turned / where(zero, 1, y)),)
        none = eq(size, 0)
        unit = x.conj() / where(none, 1, size) if x.dtype.is_complex else sign(x)
        g = spread(g, node)
        if p == 1:
            return (g * unit,)
        if p in LIMITS:
            hit = eq(size, y)
            ties = sum_(
                cast(hit, dtype=g.dtype), dim=node.attrs["dim"], keepdim=node.attrs["keepdim"]
            )
            return (where(hit, g / spread(ties, node) * unit, 0),)
        share = where(eq(y, 0), 0, size / where(eq(y, 0), 1, y))
        return (g * share ** (p - 1) * unit if p > 1 else g * _inverse(share, 1 - p) * unit,)


def _inverse(x: Tensor, exponent: float) -> Tensor:
    """X ** -exponent, 0 where x is 0."""
    none = eq(x, 0)
    made: Tensor = where(none, 0, where(none, 1, x) ** -exponent)
    return made


vector_norm = VectorNorm()


def matrix_norm(
    input: Tensor, ord: Any = "fro", dim: Any = (-2, -1), keepdim: bool = False, dtype: Any = None
) -> Tensor:
    """The norm of matrices: ``"fro"``, the root of the sum of squares; 1 and ∞, the largest sum of
    absolute values of a column or a row; -1 and -∞, the smallest.

    Raises ArgumentError for ``"nuc"``, 2 and -2, which need singular values.

    >>> import chainrule as cr
    >>> cr.linalg.matrix_norm(cr.tensor([[1.0, -2.0], [3.0, 4.0]]), 1).item()
    6.0
    """
    if input.ndim < 2:
        raise DimError(f"a matrix has at least 2 axes, and this tensor {input.ndim}")
    if not isinstance(dim, tuple | list) or len(dim) != 2:
        raise ArgumentError(f"a matrix lies along two axes, not dim={dim!r}")
    rows, columns = (axis(d, input.ndim) for d in dim)
    if rows == columns:
        raise DimError(f"a matrix lies along two different axes, not dim={dim!r}")
    if ord == "fro":
        made: Tensor = vector_norm(input, dim=(rows, columns), keepdim=keepdim, dtype=dtype)
        return made
    if ord not in (1, -1, *LIMITS):
        raise ArgumentError(
            f"there is no matrix norm of order {ord!r}", expected="'fro', 1, -1, inf or -inf",
            hint="'nuc', 2 and -2 are made of singular values, which are not computed",
        )  # fmt: skip
    along, over = (rows, columns) if abs(ord) == 1 else (columns, rows)
    sums = vector_norm(input, ord=1, dim=along, keepdim=True, dtype=dtype)
    found: Tensor = (amax if ord > 0 else amin)(sums, dim=over, keepdim=True)
    return found if keepdim else found.squeeze((rows, columns))


def linalg_norm(
    input: Tensor, ord: Any = None, dim: Any = None, keepdim: bool = False, dtype: Any = None
) -> Tensor:
    """``linalg.norm``: the norm of all entries; of vectors along one axis, or where there is one,
    of order ``ord``; of matrices along two axes, or where there are two, of order ``ord``.

    Raises ArgumentError for an order, and no axes, of a tensor with more than two.

    >>> import chainrule as cr
    >>> cr.linalg.norm(cr.tensor([[3.0, 4.0]])).item(), cr.linalg.norm(cr.eye(2), 1).item()
    (5.0, 1.0)
    """
    two = isinstance(dim, tuple | list) and len(dim) == 2
    whole = ord is None
    if dim is None and not whole and input.ndim not in (1, 2):
        raise ArgumentError(f"a norm of order {ord!r} of {input.ndim} axes is of none of them",
                            hint="say which with dim=")  # fmt: skip
    if isinstance(ord, str) or (not whole and (two or (dim is None and input.ndim == 2))):
        return matrix_norm(input, ord, (-2, -1) if dim is None else dim, keepdim, dtype)
    if not whole and isinstance(dim, tuple | list) and len(dim) != 1:
        raise ArgumentError(f"a norm of order {ord!r} is along 1 axis or 2, not dim={dim!r}",
                            hint="vector_norm takes any axes")  # fmt: skip
    order = 2 if whole else ord
    made: Tensor = vector_norm(input, ord=order, dim=dim, keepdim=keepdim, dtype=dtype)
    return made


def norm(
    input: Tensor, p: Any = "fro", dim: Any = None, keepdim: bool = False, dtype: Any = None
) -> Tensor:
    """The norm of order p of all entries, or of those along some axes; ``"fro"`` is order 2.

    Raises ArgumentError for ``"nuc"``, which needs singular values.

    >>> import chainrule as cr
    >>> cr.tensor([3.0, -4.0]).norm().item(), cr.tensor([3.0, -4.0]).norm(1).item()
    (5.0, 7.0)
    """
    if p == "nuc":
        raise ArgumentError(
            "the nuclear norm is the sum of singular values, which are not computed"
        )
    if p == "fro" and isinstance(dim, tuple | list) and len(dim) > 2:
        raise ArgumentError(
            f"'fro' is a norm of matrices, along two axes, not dim={dim!r}",
            hint="p=2 is the same along any axes",
        )
    order = 2 if p is None or p == "fro" else p
    made: Tensor = vector_norm(input, ord=order, dim=dim, keepdim=keepdim, dtype=dtype)
    return made


def dist(input: Tensor, other: Tensor, p: float = 2) -> Tensor:
    """The norm of order p of the difference.

    >>> import chainrule as cr
    >>> cr.dist(cr.tensor([1.0, 1.0]), cr.tensor([4.0, 5.0])).item()
    5.0
    """
    made: Tensor = vector_norm(input - other, ord=p)
    return made


def cdist(x1: Tensor, x2: Tensor, p: float = 2.0, compute_mode: str | None = None) -> Tensor:
    """The distance of every row of x1 from every row of x2: (*b, m, k), (*b, n, k) -> (*b, m, n).

    ``compute_mode`` is accepted: the differences are always computed.  Raises ShapeError.

    >>> import chainrule as cr
    >>> cr.cdist(cr.tensor([[0.0, 0.0]]), cr.tensor([[3.0, 4.0], [0.0, 0.0]])).tolist()
    [[5.0, 0.0]]
    """
    if x1.ndim < 2 or x2.ndim < 2 or x1.shape[-1] != x2.shape[-1]:
        raise ShapeError("distances are between rows of equal length", expected="m k, n k -> m n",
                         got=f"{tuple(x1.shape)}, {tuple(x2.shape)}")  # fmt: skip
    order = p if x1.shape[-1] != 0 else 2  # rows of no entries have distance 0
    made: Tensor = vector_norm(x1.unsqueeze(-2) - x2.unsqueeze(-3), ord=order, dim=-1)
    return made


Tensor.norm, Tensor.dist = norm, dist  # type: ignore[attr-defined]

__all__ = ["cdist", "dist", "linalg_norm", "matrix_norm", "norm", "vector_norm"]
