"""Rows of a table, looked up by whole numbers."""

from __future__ import annotations

from typing import Any

from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.tensor import Tensor
from chainrule.ops.elementwise.compare import ne
from chainrule.ops.elementwise.elementary import where
from chainrule.ops.lookup.primitive import take


def embedding(
    input: Tensor, weight: Tensor, padding_idx: int | None = None, max_norm: float | None = None,
    norm_type: float = 2.0, scale_grad_by_freq: bool = False, sparse: bool = False,
) -> Tensor:  # fmt: skip
    """The rows of ``weight`` that ``input`` names; the row ``padding_idx`` gets no gradient.

    Shapes: input (*b) of whole numbers from 0, weight (n, d) -> (*b, d).  Raises ShapeError for a
    weight that is no matrix, ValueCheckError for a number that is not among its rows, and
    ArgumentError for a padding_idx outside, and for ``max_norm``, ``scale_grad_by_freq`` and
    ``sparse``, which are PyTorch's and not there.

    >>> import chainrule as cr
    >>> table = cr.tensor([[0.0, 0.0], [1.0, 2.0]])
    >>> cr.nn.functional.embedding(cr.tensor([1, 0, 1]), table).tolist()
    [[1.0, 2.0], [0.0, 0.0], [1.0, 2.0]]
    """
    _refuse(max_norm, norm_type, scale_grad_by_freq, sparse)
    if weight.ndim != 2:
        raise ShapeError(f"the weight of an embedding has {weight.ndim} axes", expected="(n, d)")
    rows: Tensor = take(weight, input, dim=0)
    if padding_idx is None:
        return rows
    n = weight.shape[0]
    if not -n <= padding_idx < n:
        raise ArgumentError(f"padding_idx is {padding_idx}", expected=f"one of {n} rows")
    kept = ne(input, padding_idx % n).unsqueeze(-1)
    made: Tensor = where(kept, rows, rows.detach())
    return made


def _refuse(max_norm: Any, norm_type: float, scale_grad_by_freq: bool, sparse: bool) -> None:
    """Raise ArgumentError for the arguments that would be more than a look-up."""
    if max_norm is not None or norm_type != 2.0:
        raise ArgumentError(
            "embedding has no max_norm: a look-up does not change the weight",
            hint="make the rows shorter yourself, in `with cr.no_grad():`",
        )
    if scale_grad_by_freq:
        raise ArgumentError(
            "embedding has no scale_grad_by_freq: the gradient is that of the look-up",
            hint="divide weight.grad by the counts, cr.bincount(input.flatten())",
        )
    if sparse:
        raise ArgumentError("embedding has no sparse gradients: all tensors are dense")
