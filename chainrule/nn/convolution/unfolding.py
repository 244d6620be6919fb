"""Layers that only rearrange images: windows as columns, pixels from channels."""

from __future__ import annotations

from typing import Any

from chainrule.core.tensor import Tensor
from chainrule.nn.module import Module
from chainrule.ops.shape.pixels import channel_shuffle, pixel_shuffle, pixel_unshuffle
from chainrule.ops.window.columns import col2im, im2col


class Unfold(Module):
    """Each window of an image as a column: x (n, c, h, w) -> (n, c * kh * kw, places).

    Raises ArgumentError for numbers below 1, ShapeError where no window fits.

    >>> import chainrule as cr
    >>> cr.nn.Unfold(2, stride=2)(cr.zeros(1, 3, 4, 6)).shape
    (1, 12, 6)
    """

    def __init__(
        self, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
    ) -> None:
        super().__init__()
        self.kernel_size, self.dilation = kernel_size, dilation
        self.padding, self.stride = padding, stride
        im2col.canonical(self.arguments())

    def arguments(self) -> dict[str, Any]:
        """What the function is given."""
        names = ("kernel_size", "dilation", "padding", "stride")
        return {name: getattr(self, name) for name in names}

    def forward(self, input: Tensor) -> Tensor:
        made: Tensor = im2col(input, **self.arguments())
        return made

    def extra_repr(self) -> str:
        return ", ".join(f"{name}={value}" for name, value in self.arguments().items())


class Fold(Module):
    """Columns added back to where `Unfold` reads them: x (n, c * kh * kw, places) -> (n, c, h, w),
    where ``output_size`` is (h, w).

    Raises ArgumentError for numbers below 1, ShapeError where x has no such shape.

    >>> import chainrule as cr
    >>> cr.nn.Fold((4, 6), 2, stride=2)(cr.ones(1, 12, 6)).shape
    (1, 3, 4, 6)
    """

    def __init__(
        self, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0,
        stride: Any = 1,
    ) -> None:  # fmt: skip
        super().__init__()
        self.output_size, self.kernel_size = output_size, kernel_size
        self.dilation, self.padding, self.stride = dilation, padding, stride
        col2im.canonical(self.arguments())

    def arguments(self) -> dict[str, Any]:
        """What the function is given."""
        names = ("output_size", "kernel_size", "dilation", "padding", "stride")
        return {name: getattr(self, name) for name in names}

    def forward(self, input: Tensor) -> Tensor:
        made: Tensor = col2im(input, **self.arguments())
        return made

    def extra_repr(self) -> str:
        return ", ".join(f"{name}={value}" for name, value in self.arguments().items())


class PixelShuffle(Module):
    """Squares of r * r pixels from as many channels: (*b, c * r², h, w) -> (*b, c, h * r, w * r).

    Raises ArgumentError for a factor below 1, ShapeError where its square does not divide the
    channels.

    >>> import chainrule as cr
    >>> cr.nn.PixelShuffle(3)(cr.zeros(1, 9, 4, 4)).shape
    (1, 1, 12, 12)
    """

    def __init__(self, upscale_factor: int) -> None:
        super().__init__()
        self.upscale_factor = upscale_factor
        pixel_shuffle.canonical({"upscale_factor": upscale_factor})

    def forward(self, input: Tensor) -> Tensor:
        made: Tensor = pixel_shuffle(input, upscale_factor=self.upscale_factor)
        return made

    def extra_repr(self) -> str:
        return f"upscale_factor={self.upscale_factor}"


class PixelUnshuffle(Module):
    """The pixels of squares of r * r as channels: (*b, c, h * r, w * r) -> (*b, c * r², h, w).

    Raises ArgumentError for a factor below 1, ShapeError where it does not divide height and width.

    >>> import chainrule as cr
    >>> cr.nn.PixelUnshuffle(3)(cr.zeros(1, 1, 12, 12)).shape
    (1, 9, 4, 4)
    """

    def __init__(self, downscale_factor: int) -> None:
        super().__init__()
        self.downscale_factor = downscale_factor
        pixel_unshuffle.canonical({"downscale_factor": downscale_factor})

    def forward(self, input: Tensor) -> Tensor:
        made: Tensor = pixel_unshuffle(input, downscale_factor=self.downscale_factor)
        return made

    def extra_repr(self) -> str:
        return f"downscale_factor={self.downscale_factor}"


class ChannelShuffle(Module):
    """The first channel of each group, then the second of each, and so on: (n, c, *d) -> the same.

    Raises ArgumentError for less than one group, ShapeError where groups do not divide c.

    >>> import chainrule as cr
    >>> cr.nn.ChannelShuffle(2)(cr.arange(4).reshape(1, 4, 1)).flatten().tolist()
    [0, 2, 1, 3]
    """

    def __init__(self, groups: int) -> None:
        super().__init__()
        self.groups = groups
        channel_shuffle.canonical({"groups": groups})

    def forward(self, input: Tensor) -> Tensor:
        made: Tensor = channel_shuffle(input, groups=self.groups)
        return made

    def extra_repr(self) -> str:
        return f"groups={self.groups}"
