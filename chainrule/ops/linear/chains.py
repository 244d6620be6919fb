"""Products over chosen axes, and of whole chains of matrices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.axes import axis
from chainrule.core.dtyperules import require
from chainrule.core.errors import ArgumentError, DimError, ShapeError
from chainrule.core.signature import same_size
from chainrule.core.tensor import Tensor
from chainrule.ops.linear.contract import einsum
from chainrule.ops.linear.matmul import matmul
from chainrule.ops.reduce.reductions import sum as sum_


def tensordot(a: Tensor, b: Tensor, dims: Any = 2) -> Tensor:
    """The sums of products over some axes of a and as many of b: the last and first ``dims`` of
    them, or those that ``dims`` lists, first a's, then b's.

    Raises ArgumentError and ShapeError where these do not fit together.

    >>> import chainrule as cr
    >>> cr.tensordot(cr.ones(2, 3, 4), cr.ones(4, 3), dims=([1, 2], [1, 0])).tolist()
    [12.0, 12.0]
    """
    if isinstance(dims, int):
        if not 0 <= dims <= min(a.ndim, b.ndim):
            raise ArgumentError(f"tensordot over {dims} axes of {a.ndim} and {b.ndim}")
        dims = range(a.ndim - dims, a.ndim), range(dims)
    for x in (a, b):
        require("tensordot", x.dtype, *dt.NUMBERS)
    left, right = ([axis(d, x.ndim) for d in part] for x, part in zip((a, b), dims, strict=True))
    if (left or right) and not (a.ndim and b.ndim):
        raise DimError(f"tensordot over axes {left} and {right} of a number without axes")
    if len(left) != len(right) or len({*left}) < len(left) or len({*right}) < len(right):
        raise ArgumentError(f"tensordot pairs axes {left} of a with axes {right} of b")
    for i, j in zip(left, right, strict=True):
        one, two = a.shape[i], b.shape[j]
        if one == 1 != two:
            b = sum_(b, dim=j, keepdim=True)
        elif two == 1 != one:
            a = sum_(a, dim=i, keepdim=True)
        elif not same_size(one, two):
            raise ShapeError(f"axis {i} of a is {one}, and axis {j} of b is {two}")
    letters = [chr(ord("a") + i) for i in range(a.ndim + b.ndim)]
    of_a, of_b = letters[: a.ndim], letters[a.ndim :]
    for i, j in zip(left, right, strict=True):
        of_b[j] = of_a[i]
    summed = {of_a[i] for i in left}
    kept = [c for c in (*of_a, *of_b) if c not in summed]
    made: Tensor = einsum(f"{''.join(of_a)},{''.join(of_b)}->{''.join(kept)}", a, b)
    return made


def multi_dot(tensors: Sequence[Tensor]) -> Tensor:
    """The product of several matrices, in the order that takes the fewest multiplications; the
    first and the last may be vectors, a row and a column.

    The order is found as in Cormen, Leiserson, Rivest and Stein, Introduction to Algorithms, 15.2.
    Raises ArgumentError for less than two, ShapeError where they do not fit.

    >>> import chainrule as cr
    >>> cr.linalg.multi_dot([cr.ones(2, 3), cr.ones(3, 4), cr.ones(4)]).tolist()
    [12.0, 12.0]
    """
    chain = list(tensors)
    if len(chain) < 2:
        raise ArgumentError(f"multi_dot multiplies at least two tensors, not {len(chain)}")
    for i, x in enumerate(chain):
        if x.ndim != 2 and not (x.ndim == 1 and i in (0, len(chain) - 1)):
            raise ShapeError(f"factor {i} of multi_dot has {x.ndim} axes", expected="matrices, at "
                             "the ends also vectors")  # fmt: skip
    sizes = [1, *chain[0].shape] if chain[0].ndim == 1 else list(chain[0].shape)
    sizes += [x.shape[1] if x.ndim == 2 else 1 for x in chain[1:]]
    return _multiplied(chain, _cuts(sizes), 0, len(chain) - 1)


def _cuts(sizes: Sequence[Any]) -> dict[tuple[int, int], int]:
    """Where each part of a chain of matrices is best cut in two."""
    n = len(sizes) - 1
    cost = {(i, i): 0 for i in range(n)}
    cut = {}
    for length in range(1, n):
        for i in range(n - length):
            j = i + length
            prices = [
                (cost[i, k] + cost[k + 1, j] + sizes[i] * sizes[k + 1] * sizes[j + 1], k)
                for k in range(i, j)
            ]
            cost[i, j], cut[i, j] = min(prices)
    return cut


def _multiplied(chain: list[Tensor], cut: dict[tuple[int, int], int], i: int, j: int) -> Tensor:
    if i == j:
        return chain[i]
    k = cut[i, j]
    made: Tensor = matmul(_multiplied(chain, cut, i, k), _multiplied(chain, cut, k + 1, j))
    return made


def chain_matmul(*matrices: Tensor) -> Tensor:
    """The product of several matrices: the older form of `multi_dot`.

    >>> import chainrule as cr
    >>> cr.chain_matmul(cr.ones(1, 2), cr.ones(2, 3), cr.ones(3, 1)).tolist()
    [[6.0]]
    """
    return matrices[0] if len(matrices) == 1 else multi_dot(matrices)


__all__ = ["chain_matmul", "multi_dot", "tensordot"]
