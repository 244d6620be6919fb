"""Convolutions, and their adjoints, as layers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar

from chainrule.core import device as places
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.op import Op
from chainrule.core.tensor import Parameter, Tensor
from chainrule.nn import init
from chainrule.nn.convolution.pad_functions import pad
from chainrule.nn.module import Module
from chainrule.ops.creation import rand
from chainrule.ops.window import (
    conv1d,
    conv2d,
    conv3d,
    conv_transpose1d,
    conv_transpose2d,
    conv_transpose3d,
)
from chainrule.ops.window.arguments import border, numbers, per_axis, widths

MODES = ("zeros", "reflect", "replicate", "circular")


class _Conv(Module):
    """What all of them share: how a kernel moves, a weight, perhaps a bias."""

    op: ClassVar[Op]
    axes: ClassVar[int]
    transposed: ClassVar[bool] = False
    modes: ClassVar[tuple[str, ...]] = MODES
    bias: Parameter | None

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: Any, stride: Any, padding: Any,
        output_padding: Any, dilation: Any, groups: int, bias: bool, padding_mode: str,
        device: Any, dtype: DType | None, flip: bool,
    ) -> None:  # fmt: skip
        places.checked(device)
        super().__init__()
        for name, count in (("in_channels", in_channels), ("out_channels", out_channels)):
            numbers(name, count, 1)
            if count % numbers("groups", groups, 1):
                raise ArgumentError(f"{name} is {count}, and groups is {groups}",
                                    expected="channels that can be shared out")  # fmt: skip
        if padding_mode not in self.modes:
            raise ArgumentError(
                f"padding_mode is {padding_mode!r}", expected=", ".join(map(repr, self.modes))
            )
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size, self.stride, self.dilation = (
            per_axis(numbers(name, given, self.axes), self.axes)
            for name, given in (
                ("kernel_size", kernel_size), ("stride", stride), ("dilation", dilation)
            )
        )  # fmt: skip
        found = border(padding, self.axes, numbers("stride", stride, self.axes))
        self.padding = padding if isinstance(padding, str) else per_axis(found, self.axes)
        self.output_padding = per_axis(
            numbers("output_padding", output_padding, self.axes, least=0), self.axes
        )
        self.padding_mode, self.flip = padding_mode, flip
        made, taken = out_channels, in_channels // groups
        if self.transposed:
            made, taken = in_channels, out_channels // groups
        bound = init.usual_bound(taken * math.prod(self.kernel_size))
        shape = (made, taken, *self.kernel_size)
        self.weight = Parameter(_spread(bound, shape, device, dtype))
        self.register_parameter(
            "bias", Parameter(_spread(bound, (out_channels,), device, dtype)) if bias else None
        )
        self.op.canonical({**self.op.defaults, **self.arguments()})

    def arguments(self) -> dict[str, Any]:
        """What the function of the same name is given."""
        names = ("stride", "padding", "dilation", "groups", "flip")
        return {name: getattr(self, name) for name in names}

    def reset_parameters(self) -> None:
        """New draws from U(-1/√fan_in, 1/√fan_in), PyTorch's default: Kaiming's with a = √5."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            bound = 1 / math.sqrt(math.prod(self.weight.shape[1:]))
            init.uniform_(self.bias, -bound, bound)

    def extra_repr(self) -> str:
        shown = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}"
        shown += f", stride={self.stride}"
        usual = {"padding": 0, "dilation": 1, "output_padding": 0}
        for name, number in usual.items():
            if getattr(self, name) != (number,) * self.axes:
                shown += f", {name}={getattr(self, name)}"
        shown += f", groups={self.groups}" * (self.groups != 1)
        shown += ", bias=False" * (self.bias is None)
        shown += f", padding_mode={self.padding_mode}" * (self.padding_mode != "zeros")
        return shown + ", flip=True" * self.flip


class _Convolution(_Conv):
    """A convolution; each final class says along how many axes."""

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: Any, stride: Any = 1,
        padding: Any = 0, dilation: Any = 1, groups: int = 1, bias: bool = True,
        padding_mode: str = "zeros", device: Any = None, dtype: DType | None = None,
        *, flip: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, 0, dilation,
                         groups, bias, padding_mode, device, dtype, flip)  # fmt: skip

    def forward(self, input: Tensor) -> Tensor:
        arguments, x = self.arguments(), input
        if self.padding_mode != "zeros":
            found = border(self.padding, self.axes, 1)
            around = widths(found, self.kernel_size, self.dilation)
            last_first = tuple(width for pair in around[::-1] for width in pair)
            x, arguments["padding"] = pad(x, last_first, self.padding_mode), 0
        made: Tensor = self.op(x, self.weight, self.bias, **arguments)
        return made


class _Transposed(_Conv):
    """A transposed convolution; each final class says along how many axes."""

    transposed = True
    modes = ("zeros",)

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: Any, stride: Any = 1,
        padding: Any = 0, output_padding: Any = 0, groups: int = 1, bias: bool = True,
        dilation: Any = 1, padding_mode: str = "zeros", device: Any = None,
        dtype: DType | None = None, *, flip: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, output_padding,
                         dilation, groups, bias, padding_mode, device, dtype, flip)  # fmt: skip

    def arguments(self) -> dict[str, Any]:
        return {**super().arguments(), "output_padding": self.output_padding}

    def forward(self, input: Tensor, output_size: Sequence[int] | None = None) -> Tensor:
        arguments = self.arguments()
        if output_size is not None:
            arguments["output_padding"] = self._missing(input, tuple(output_size))
        made: Tensor = self.op(input, self.weight, self.bias, **arguments)
        return made

    def _missing(self, input: Tensor, wanted: tuple[int, ...]) -> tuple[Any, ...]:
        """The output_padding that makes the result as large as wanted; raises ArgumentError for the
        wrong number of sizes, ShapeError for sizes that none makes."""
        if len(wanted) == input.ndim:
            wanted = wanted[-self.axes :]
        if len(wanted) != self.axes:
            raise ArgumentError(f"output_size is {wanted}", expected=f"{self.axes} sizes")
        plain = {**self.op.canonical({**self.op.defaults, **super().arguments()})}
        least = self.op.shape(input.shape, self.weight.shape, **plain)[-self.axes :]
        missing = tuple(size - low for size, low in zip(wanted, least, strict=True))
        if any(not 0 <= m < s for m, s in zip(missing, self.stride, strict=True)):
            most = tuple(low + s - 1 for low, s in zip(least, self.stride, strict=True))
            raise ShapeError(f"output_size is {wanted}", expected=f"from {least} to {most}")
        return missing


class Conv1d(_Convolution):
    """`conv1d` with a weight and a bias of its own, which start as draws from
    U(-1/√fan_in, 1/√fan_in).

    Shapes: x (n, in_channels, l) or (in_channels, l), weight (out_channels, in_channels / groups,
    kernel_size).  ``padding_mode`` is "zeros", "reflect", "replicate" or "circular"; ``padding`` is
    a number, "same", "valid", or a pair ((before, after),); ``flip=True`` turns the kernel.  Raises
    ArgumentError for sizes that are no whole numbers from 1 and groups that do not divide.

    >>> from chainrule import nn
    >>> nn.Conv1d(4, 8, 3, padding="same", groups=2)
    Conv1d(4, 8, kernel_size=(3,), stride=(1,), padding=same, groups=2)
    """

    op, axes = conv1d, 1


class Conv2d(_Convolution):
    """`conv2d` with a weight and a bias of its own, which start as draws from
    U(-1/√fan_in, 1/√fan_in).

    Shapes: x (n, in_channels, h, w) or (in_channels, h, w), weight (out_channels,
    in_channels / groups, kh, kw).  Numbers for both axes are given as one, or as two.  Arguments
    and errors are those of `Conv1d`.

    >>> import chainrule as cr
    >>> layer = cr.nn.Conv2d(3, 8, 3, padding=1)
    >>> layer, layer(cr.zeros(2, 3, 5, 5)).shape
    (Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1)), (2, 8, 5, 5))
    """

    op, axes = conv2d, 2


class Conv3d(_Convolution):
    """`conv3d` with a weight and a bias of its own, which start as draws from
    U(-1/√fan_in, 1/√fan_in).

    Shapes: x (n, in_channels, d, h, w) or (in_channels, d, h, w), weight (out_channels,
    in_channels / groups, kd, kh, kw).  Arguments and errors are those of `Conv1d`.

    >>> import chainrule as cr
    >>> cr.nn.Conv3d(1, 1, 3)(cr.zeros(3, 1, 6, 6, 7)).shape
    (3, 1, 4, 4, 5)
    """

    op, axes = conv3d, 3


class ConvTranspose1d(_Transposed):
    """`conv_transpose1d` with a weight and a bias of its own, which start as draws from
    U(-1/√fan_in, 1/√fan_in), where PyTorch takes out_channels / groups times the kernel as fan_in.

    Shapes: x (n, in_channels, l) or (in_channels, l), weight (in_channels, out_channels / groups,
    kernel_size).  ``output_size`` of a call says which of the sizes is meant that a stride makes
    equal.  Raises ArgumentError for sizes that are no whole numbers, groups that do not divide, an
    output_padding that is not below stride or dilation; ShapeError for an output_size that none
    makes.

    >>> import chainrule as cr
    >>> layer = cr.nn.ConvTranspose1d(1, 1, 3, stride=2, padding=1)
    >>> x = cr.zeros(1, 4)
    >>> layer(x).shape, layer(x, output_size=(8,)).shape
    ((1, 7), (1, 8))
    """

    op, axes = conv_transpose1d, 1


class ConvTranspose2d(_Transposed):
    """`conv_transpose2d` with a weight and a bias of its own; all as in `ConvTranspose1d`, along
    two axes.

    >>> from chainrule import nn
    >>> nn.ConvTranspose2d(8, 3, 4, stride=2, padding=1, bias=False)
    ConvTranspose2d(8, 3, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1), bias=False)
    """

    op, axes = conv_transpose2d, 2


class ConvTranspose3d(_Transposed):
    """`conv_transpose3d` with a weight and a bias of its own; all as in `ConvTranspose1d`, along
    three axes.

    >>> import chainrule as cr
    >>> cr.nn.ConvTranspose3d(1, 1, 2, stride=2)(cr.zeros(1, 1, 2, 3)).shape
    (1, 2, 4, 6)
    """

    op, axes = conv_transpose3d, 3


def _spread(bound: float, shape: tuple[int, ...], device: Any, dtype: DType | None) -> Tensor:
    """Draws from U(-bound, bound)."""
    return (rand(shape, dtype=dtype, device=device) * 2 - 1) * bound
