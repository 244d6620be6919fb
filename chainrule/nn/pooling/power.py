"""Pooling by the p-norm of each window."""

from __future__ import annotations

from typing import Any, ClassVar

from chainrule.core.op import Op
from chainrule.nn import functional as F
from chainrule.nn.pooling.windows import Pooling
from chainrule.ops import window


class _LPPool(Pooling):
    """The p-norm of each window, p being ``norm_type``: the p-th root of the sum of x^p.

    An infinite p gives the largest absolute value.  Raises ArgumentError for an order that is no
    number or 0, and for numbers that are no sizes.
    """

    op: ClassVar[Op]
    settings = ("norm_type", "kernel_size", "stride", "ceil_mode")
    shown = settings

    def __init__(
        self, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False
    ) -> None:
        super().__init__()
        self.norm_type, self.kernel_size = norm_type, kernel_size
        self.stride, self.ceil_mode = stride, ceil_mode
        self.op.bind((None, norm_type, kernel_size, stride, ceil_mode), {})


class LPPool1d(_LPPool):
    """The p-norm of each window along the last axis.

    Shapes: (n, c, l) -> (n, c, places).

    >>> import chainrule as cr
    >>> cr.nn.LPPool1d(2, 2)(cr.tensor([[3.0, 4.0, 0.0, 1.0]])).tolist()
    [[5.0, 1.0]]
    """

    function, op = staticmethod(F.lp_pool1d), window.lp_pool1d


class LPPool2d(_LPPool):
    """The p-norm of each window of an image.

    Shapes: (n, c, h, w) -> (n, c, *places).

    >>> from chainrule import nn
    >>> nn.LPPool2d(2, 3, stride=2)
    LPPool2d(norm_type=2, kernel_size=3, stride=2, ceil_mode=False)
    """

    function, op = staticmethod(F.lp_pool2d), window.lp_pool2d


class LPPool3d(_LPPool):
    """The p-norm of each box of a volume.

    Shapes: (n, c, d, h, w) -> (n, c, *places).

    >>> import chainrule as cr
    >>> cr.nn.LPPool3d(1, 2)(cr.ones(1, 2, 2, 2)).tolist()
    [[[[8.0]]]]
    """

    function, op = staticmethod(F.lp_pool3d), window.lp_pool3d
