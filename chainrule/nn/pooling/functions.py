"""Max pooling as functions: the entries alone, or with where each of them is."""

from __future__ import annotations

from typing import Any

from chainrule.core.tensor import Tensor
from chainrule.ops import window


def max_pool1d(
    input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1,
    ceil_mode: bool = False, return_indices: bool = False,
) -> Any:  # fmt: skip
    """The largest entry of each window along the last axis of ``input``, (n, c, l) or (c, l).

    With ``return_indices`` also where each stands.  Padding is at most half of the kernel, and is
    never the largest.  Raises ArgumentError for numbers that are no sizes, ShapeError where no
    window fits.

    >>> import chainrule as cr
    >>> cr.nn.functional.max_pool1d(cr.tensor([[1.0, 3.0, 2.0, 2.0]]), 2).tolist()
    [[3.0, 2.0]]
    """
    pooled = window.max_pool1d_with_indices if return_indices else window.max_pool1d
    return pooled(
        input, kernel_size=kernel_size, stride=stride, padding=padding, dilation=dilation,
        ceil_mode=ceil_mode,
    )  # fmt: skip


def max_pool2d(
    input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1,
    ceil_mode: bool = False, return_indices: bool = False,
) -> Any:  # fmt: skip
    """The largest entry of each window of images (n, c, h, w) or (c, h, w).

    With ``return_indices`` also where each stands, counted row by row; else as `max_pool1d`.

    >>> import chainrule as cr
    >>> x = cr.tensor([[[1.0, 2.0], [4.0, 3.0]]])
    >>> cr.nn.functional.max_pool2d(x, 2, return_indices=True)[1].tolist()
    [[[2]]]
    """
    pooled = window.max_pool2d_with_indices if return_indices else window.max_pool2d
    return pooled(
        input, kernel_size=kernel_size, stride=stride, padding=padding, dilation=dilation,
        ceil_mode=ceil_mode,
    )  # fmt: skip


def max_pool3d(
    input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1,
    ceil_mode: bool = False, return_indices: bool = False,
) -> Any:  # fmt: skip
    """The largest entry of each box of volumes (n, c, d, h, w) or (c, d, h, w); as `max_pool2d`.

    >>> import chainrule as cr
    >>> cr.nn.functional.max_pool3d(cr.ones(1, 2, 4, 6), 2).shape
    (1, 1, 2, 3)
    """
    pooled = window.max_pool3d_with_indices if return_indices else window.max_pool3d
    return pooled(
        input, kernel_size=kernel_size, stride=stride, padding=padding, dilation=dilation,
        ceil_mode=ceil_mode,
    )  # fmt: skip


def adaptive_max_pool1d(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
    """The largest entry of each of ``output_size`` windows along the last axis.

    Window o goes from floor(o l / output_size) up to ceil((o + 1) l / output_size).  Raises
    ArgumentError for a size below 1.

    >>> import chainrule as cr
    >>> cr.nn.functional.adaptive_max_pool1d(cr.tensor([[1.0, 5.0, 2.0]]), 2).tolist()
    [[5.0, 5.0]]
    """
    op, both = window.adaptive_max_pool1d, window.adaptive_max_pool1d_with_indices
    return (both if return_indices else op)(input, output_size=output_size)


def adaptive_max_pool2d(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
    """The largest entry of each of ``output_size`` windows of images; a size of None keeps that
    of the input.  Windows as in `adaptive_max_pool1d`.

    >>> import chainrule as cr
    >>> cr.nn.functional.adaptive_max_pool2d(cr.ones(1, 7, 5), (None, 2)).shape
    (1, 7, 2)
    """
    op, both = window.adaptive_max_pool2d, window.adaptive_max_pool2d_with_indices
    return (both if return_indices else op)(input, output_size=output_size)


def adaptive_max_pool3d(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
    """The largest entry of each of ``output_size`` boxes of volumes; as `adaptive_max_pool2d`.

    >>> import chainrule as cr
    >>> cr.nn.functional.adaptive_max_pool3d(cr.ones(1, 3, 4, 5), 2).shape
    (1, 2, 2, 2)
    """
    op, both = window.adaptive_max_pool3d, window.adaptive_max_pool3d_with_indices
    return (both if return_indices else op)(input, output_size=output_size)
