"""Cofactors of small matrices, which are the derivative of the determinant."""

from __future__ import annotations

from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.op import Op, example
from chainrule.ops.reduce.extremes import part

DIVISION_FREE = 3
"""Up to how many rows cofactors are computed by themselves."""


class Cofactor(Op):
    """The cofactors of matrices of at most three rows: the derivative of the determinant by each
    entry, which needs no division: (*b, n, n) -> (*b, n, n).

    Of three rows each is a product of the entries one row and one column on and two on, minus that
    of those between, counted round (Strang, Introduction to Linear Algebra, 5.2).
    """

    kind = "contract"
    signature = "*b n n -> *b n n"
    dtype_rule = "same"
    takes = dt.CONTINUOUS
    text, latex = "cofactors({0})", r"\operatorname{{cof}}({0})"
    examples = (example((3, 3)), example((2, 2, 2)), example((1, 1)))

    def forward(self, xp: Any, a: Any) -> Any:
        n = a.shape[-1]
        if n < 2:
            return xp.power(xp.detach(a), 0)
        moved = {(i, j): _rolled(xp, _rolled(xp, a, -2, i), -1, j) for i in (1, 2) for j in (1, 2)}
        if n == 2:
            even = xp.expand(xp.equal(*places(xp, 2)), a.shape)
            return xp.where(even, moved[1, 1], xp.negative(moved[1, 1]))
        first = xp.multiply(moved[1, 1], moved[2, 2])
        return xp.subtract(first, xp.multiply(moved[1, 2], moved[2, 1]))


def _rolled(xp: Any, x: Any, dim: int, by: int) -> Any:
    """The entries ``by`` places on along an axis, counted round."""
    d, n = len(x.shape) + dim, x.shape[dim]
    if by % n == 0:
        return x
    return xp.cat((part(xp, x, d, by, n), part(xp, x, d, 0, by)), d)


def places(xp: Any, n: int) -> tuple[Any, Any]:
    """The numbers of rows, as a column, and of columns."""
    here = xp.arange(n, "int64")
    return xp.reshape(here, (n, 1)), here


cofactor = Cofactor()
