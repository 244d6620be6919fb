"""Pooling to a given size, whatever comes in."""

from __future__ import annotations

from typing import Any, ClassVar

from chainrule.core.op import Op
from chainrule.nn import functional as F
from chainrule.nn.pooling.windows import Pooling
from chainrule.ops import window


class _Adaptive(Pooling):
    """Pooling to ``output_size`` places along each axis; None keeps the size of the input.

    Window o of an axis goes from floor(o size / places) up to ceil((o + 1) size / places).  Raises
    ArgumentError for sizes below 1.
    """

    op: ClassVar[Op]
    settings: ClassVar[tuple[str, ...]] = ("output_size",)
    shown = ("output_size",)

    def __init__(self, output_size: Any) -> None:
        super().__init__()
        self.output_size = output_size
        self.op.bind((None, output_size), {})


class AdaptiveAvgPool1d(_Adaptive):
    """The mean of each of ``output_size`` windows along the last axis.

    Shapes: (n, c, l) -> (n, c, output_size).

    >>> import chainrule as cr
    >>> cr.nn.AdaptiveAvgPool1d(2)(cr.tensor([[1.0, 3.0, 2.0]])).tolist()
    [[2.0, 2.5]]
    """

    function, op = staticmethod(F.adaptive_avg_pool1d), window.adaptive_avg_pool1d


class AdaptiveAvgPool2d(_Adaptive):
    """The mean of each of ``output_size`` windows of an image; of size 1, of the whole image.

    Shapes: (n, c, h, w) -> (n, c, *output_size).

    >>> import chainrule as cr
    >>> cr.nn.AdaptiveAvgPool2d(1)(cr.ones(2, 3, 5, 7)).shape
    (2, 3, 1, 1)
    """

    function, op = staticmethod(F.adaptive_avg_pool2d), window.adaptive_avg_pool2d


class AdaptiveAvgPool3d(_Adaptive):
    """The mean of each of ``output_size`` boxes of a volume.

    Shapes: (n, c, d, h, w) -> (n, c, *output_size).

    >>> from chainrule import nn
    >>> nn.AdaptiveAvgPool3d((None, 2, 1))
    AdaptiveAvgPool3d(output_size=(None, 2, 1))
    """

    function, op = staticmethod(F.adaptive_avg_pool3d), window.adaptive_avg_pool3d


class _AdaptiveMax(_Adaptive):
    """`_Adaptive`, and with ``return_indices`` also where each entry stands."""

    settings = ("output_size", "return_indices")

    def __init__(self, output_size: Any, return_indices: bool = False) -> None:
        super().__init__(output_size)
        self.return_indices = return_indices


class AdaptiveMaxPool1d(_AdaptiveMax):
    """The largest entry of each of ``output_size`` windows along the last axis.

    Shapes: (n, c, l) -> (n, c, output_size).

    >>> import chainrule as cr
    >>> cr.nn.AdaptiveMaxPool1d(2)(cr.tensor([[1.0, 5.0, 2.0]])).tolist()
    [[5.0, 5.0]]
    """

    function, op = staticmethod(F.adaptive_max_pool1d), window.adaptive_max_pool1d


class AdaptiveMaxPool2d(_AdaptiveMax):
    """The largest entry of each of ``output_size`` windows of an image.

    Shapes: (n, c, h, w) -> (n, c, *output_size).

    >>> import chainrule as cr
    >>> cr.nn.AdaptiveMaxPool2d((None, 2))(cr.ones(2, 3, 5, 7)).shape
    (2, 3, 5, 2)
    """

    function, op = staticmethod(F.adaptive_max_pool2d), window.adaptive_max_pool2d


class AdaptiveMaxPool3d(_AdaptiveMax):
    """The largest entry of each of ``output_size`` boxes of a volume.

    Shapes: (n, c, d, h, w) -> (n, c, *output_size).

    >>> from chainrule import nn
    >>> nn.AdaptiveMaxPool3d(2)
    AdaptiveMaxPool3d(output_size=2)
    """

    function, op = staticmethod(F.adaptive_max_pool3d), window.adaptive_max_pool3d
