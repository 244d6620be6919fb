"""Pooling with windows that slide: the largest entry, or the mean, of each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from chainrule.core.op import Op
from chainrule.core.tensor import Tensor
from chainrule.nn import functional as F
from chainrule.nn.module import Module
from chainrule.ops import window


class Pooling(Module):
    """What pooling layers share: a function, and the settings that it is called with.

    ``settings`` names the module's attributes that are handed on, ``shown`` those that are printed.
    """

    function: ClassVar[Callable[..., Any]]
    settings: ClassVar[tuple[str, ...]]
    shown: ClassVar[tuple[str, ...]]

    def forward(self, input: Tensor) -> Any:
        return type(self).function(input, **{name: getattr(self, name) for name in self.settings})

    def extra_repr(self) -> str:
        return ", ".join(f"{name}={getattr(self, name)}" for name in self.shown)


class _MaxPool(Pooling):
    """The largest entry of each window.

    ``padding`` is never the largest; ``return_indices`` also gives where each entry stands;
    ``ceil_mode`` counts a last window that hangs over.  The derivative belongs to the first of
    several largest ones.  Raises ArgumentError for numbers that are no sizes.
    """

    op: ClassVar[Op]
    settings = ("kernel_size", "stride", "padding", "dilation", "ceil_mode", "return_indices")
    shown = settings[:-1]

    def __init__(
        self, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1,
        return_indices: bool = False, ceil_mode: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        self.kernel_size, self.padding, self.dilation = kernel_size, padding, dilation
        self.stride = kernel_size if stride is None else stride
        self.return_indices, self.ceil_mode = return_indices, ceil_mode
        numbers = (self.kernel_size, self.stride, padding, dilation, ceil_mode)
        self.op.bind((None, *numbers), {})


class MaxPool1d(_MaxPool):
    """The largest entry of each window along the last axis: see `functional.max_pool1d`.

    Shapes: (n, c, l) -> (n, c, places), where
    places = floor((l + 2 padding - dilation (kernel_size - 1) - 1) / stride) + 1.

    >>> import chainrule as cr
    >>> cr.nn.MaxPool1d(2)(cr.tensor([[1.0, 3.0, 2.0, 2.0]])).tolist()
    [[3.0, 2.0]]
    """

    function, op = staticmethod(F.max_pool1d), window.max_pool1d


class MaxPool2d(_MaxPool):
    """The largest entry of each window of an image: see `functional.max_pool2d`.

    Shapes: (n, c, h, w) -> (n, c, *places), along each axis as for `MaxPool1d`.

    >>> from chainrule import nn
    >>> nn.MaxPool2d(3, stride=2)
    MaxPool2d(kernel_size=3, stride=2, padding=0, dilation=1, ceil_mode=False)
    """

    function, op = staticmethod(F.max_pool2d), window.max_pool2d


class MaxPool3d(_MaxPool):
    """The largest entry of each box of a volume: see `functional.max_pool3d`.

    Shapes: (n, c, d, h, w) -> (n, c, *places), along each axis as for `MaxPool1d`.

    >>> import chainrule as cr
    >>> cr.nn.MaxPool3d(2)(cr.ones(1, 1, 4, 4, 6)).shape
    (1, 1, 2, 2, 3)
    """

    function, op = staticmethod(F.max_pool3d), window.max_pool3d


class AvgPool1d(Pooling):
    """The mean of each window along the last axis.

    Zeros of the padding are counted, unless ``count_include_pad`` is False.

    Shapes: (n, c, l) -> (n, c, places), where
    places = floor((l + 2 padding - kernel_size) / stride) + 1.

    >>> import chainrule as cr
    >>> cr.nn.AvgPool1d(2)(cr.tensor([[1.0, 3.0, 2.0, 2.0]])).tolist()
    [[2.0, 2.0]]
    """

    function = staticmethod(F.avg_pool1d)
    settings = ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad")
    shown = settings[:3]

    def __init__(
        self, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:  # fmt: skip
        super().__init__()
        stride = kernel_size if stride is None else stride
        numbers = (kernel_size, stride, padding, ceil_mode, count_include_pad)
        found = window.avg_pool1d.bind((None, *numbers), {})[1]
        self.kernel_size, self.stride = found["kernel_size"], found["stride"]
        self.padding, self.ceil_mode = found["padding"], ceil_mode
        self.count_include_pad = count_include_pad


class _AvgPool(Pooling):
    """The mean of each window, or its sum divided by ``divisor_override``.

    Zeros of the padding are counted, unless ``count_include_pad`` is False.  Raises ArgumentError
    for numbers that are no sizes.
    """

    op: ClassVar[Op]
    settings = (*AvgPool1d.settings, "divisor_override")
    shown = settings[:3]

    def __init__(
        self, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False,
        count_include_pad: bool = True, divisor_override: int | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.kernel_size, self.padding, self.ceil_mode = kernel_size, padding, ceil_mode
        self.stride = kernel_size if stride is None else stride
        self.count_include_pad, self.divisor_override = count_include_pad, divisor_override
        self.op.bind((None, *(getattr(self, name) for name in self.settings)), {})


class AvgPool2d(_AvgPool):
    """The mean of each window of an image: see `AvgPool1d`.

    Shapes: (n, c, h, w) -> (n, c, *places).

    >>> import chainrule as cr
    >>> cr.nn.AvgPool2d(2)(cr.tensor([[[1.0, 2.0], [4.0, 3.0]]])).tolist()
    [[[2.5]]]
    """

    function, op = staticmethod(F.avg_pool2d), window.avg_pool2d


class AvgPool3d(_AvgPool):
    """The mean of each box of a volume: see `AvgPool1d`.

    Shapes: (n, c, d, h, w) -> (n, c, *places).

    >>> from chainrule import nn
    >>> nn.AvgPool3d(2)
    AvgPool3d(kernel_size=2, stride=2, padding=0)
    """

    function, op = staticmethod(F.avg_pool3d), window.avg_pool3d
