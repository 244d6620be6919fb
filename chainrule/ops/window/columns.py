"""Windows of images as the columns of a matrix, and columns added up to images again."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import Any

from chainrule.core.errors import ShapeError
from chainrule.core.node import Node
from chainrule.core.op import Op, example
from chainrule.core.signature import Dim, Shape, same_size
from chainrule.core.tensor import Tensor
from chainrule.ops.window.arguments import numbers, per_axis
from chainrule.ops.window.sliding import places

AXES = 2
Attrs = dict[str, Any]


class _Columns(Op, abstract=True):
    """What both share: windows slide over the last two axes."""

    kind = "window"
    dtype_rule = "same"

    def canonical(self, attrs: Attrs) -> Attrs:
        found = {name: numbers(name, attrs[name], AXES) for name in ("dilation", "stride")}
        size = per_axis(numbers("kernel_size", attrs["kernel_size"], AXES), AXES)
        padding = numbers("padding", attrs["padding"], AXES, least=0)
        return {**attrs, **found, "kernel_size": size, "padding": padding}


def _moves(attrs: Attrs) -> tuple[Shape, Shape, Shape, Shape]:
    """Size, stride, dilation and padding, a number for each axis."""
    names = ("kernel_size", "stride", "dilation", "padding")
    size, stride, dilation, padding = (per_axis(attrs[name], AXES) for name in names)
    return size, stride, dilation, padding


def _places(spatial: Shape, attrs: Attrs) -> Shape:
    """How many windows there are along each axis."""
    size, stride, dilation, padding = _moves(attrs)
    padded = (n + 2 * p for n, p in zip(spatial, padding, strict=True))
    return tuple(places(*move) for move in zip(padded, size, stride, dilation, strict=True))


class Im2col(_Columns):
    """Each window of an image as a column: PyTorch's `torch.nn.functional.unfold`.

    Shapes: x (n, c, h, w) or (c, h, w) -> (n, c * kh * kw, places), where all places of a row of
    windows come before the next row, and each of both axes has
    floor((l + 2 padding - dilation (k - 1) - 1) / stride) + 1 of them.  Raises ShapeError for
    another number of axes and where no window fits, ArgumentError for numbers below 1.

    >>> import chainrule as cr
    >>> im2col(cr.tensor([[[1, 2, 3], [4, 5, 6]]]), kernel_size=2).tolist()
    [[1, 2], [2, 3], [4, 5], [5, 6]]
    """

    examples = (
        example((2, 1, 3, 4), kernel_size=(2, 3), padding=(1, 0)),
        example((2, 4, 3), kernel_size=2, stride=(2, 1), dilation=(1, 2)),
    )

    def forward(
        self, xp: Any, input: Any, *, kernel_size: Any, dilation: Any = 1, padding: Any = 0,
        stride: Any = 1,
    ) -> Any:  # fmt: skip
        attrs = {"kernel_size": kernel_size, "dilation": dilation, "padding": padding,
                 "stride": stride}  # fmt: skip
        size, steps, spread, border = _moves(attrs)
        x, free = input, len(input.shape) - AXES
        if any(border):
            x = xp.pad(x, (*((0, 0),) * free, *((p, p) for p in border)), 0)
        read = xp.windows(x, size, steps, spread)  # (*b, c, *places, *size)
        rank = free + 2 * AXES
        turned = xp.permute(read, (*range(free), *range(free + AXES, rank), free, free + 1))
        return xp.reshape(turned, self.shape(input.shape, **attrs))

    def shape(self, input: Shape, **attrs: Any) -> Shape:
        if len(input) not in (3, 4):
            raise ShapeError(f"input has {len(input)} axes", expected="(n, c, h, w) or (c, h, w)")
        entries = input[-3] * prod(attrs["kernel_size"])
        return (*input[:-3], entries, prod(_places(input[-2:], attrs)))

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        size = tuple(node.parents[0].shape[-2:])
        return (col2im(g, output_size=size, **node.attrs),)


class Col2im(_Columns):
    """Columns added back to where `im2col` reads them: PyTorch's `torch.nn.functional.fold`.

    Shapes: x (n, c * kh * kw, places) or (c * kh * kw, places) -> (n, c, h, w), where
    ``output_size`` is (h, w).  Entries that several windows share are added up.  Raises ShapeError
    where x has no such shape, ArgumentError for numbers below 1.

    >>> import chainrule as cr
    >>> col2im(cr.ones(4, 2), output_size=(2, 3), kernel_size=2).tolist()
    [[[1.0, 2.0, 1.0], [1.0, 2.0, 1.0]]]
    """

    dtype_rule = "promote"
    examples = (
        example((2, 6, 8), output_size=(3, 4), kernel_size=(2, 3), padding=(1, 0)),
        example((8, 2), output_size=(4, 3), kernel_size=2, stride=(2, 1), dilation=(1, 2)),
    )

    def forward(
        self, xp: Any, input: Any, *, output_size: Any, kernel_size: Any, dilation: Any = 1,
        padding: Any = 0, stride: Any = 1,
    ) -> Any:  # fmt: skip
        attrs = {"kernel_size": kernel_size, "dilation": dilation, "padding": padding,
                 "stride": stride}  # fmt: skip
        size, steps, spread, border = _moves(attrs)
        whole = self.shape(input.shape, output_size=output_size, **attrs)
        free = len(whole) - AXES
        apart = xp.reshape(input, (*whole[:free], *size, *_places(whole[free:], attrs)))
        rank = free + 2 * AXES
        turned = xp.permute(apart, (*range(free), *range(free + AXES, rank), free, free + 1))
        padded = tuple(n + 2 * p for n, p in zip(whole[free:], border, strict=True))
        added = xp.fold(turned, (*whole[:free], *padded), size, steps, spread)
        if not any(border):
            return added
        ends = ((p, p + n) for n, p in zip(whole[free:], border, strict=True))
        index = (*((0, n) for n in whole[:free]), *ends)
        return xp.slice(added, tuple(slice(start, stop, 1) for start, stop in index))

    def canonical(self, attrs: Attrs) -> Attrs:
        size = per_axis(numbers("output_size", attrs["output_size"], AXES), AXES)
        return {**super().canonical(attrs), "output_size": size}

    def shape(self, input: Shape, *, output_size: Shape, **attrs: Any) -> Shape:
        if len(input) not in (2, 3):
            raise ShapeError(f"input has {len(input)} axes",
                             expected="(n, c * kh * kw, places) or without n")  # fmt: skip
        entries, window = input[-2], prod(attrs["kernel_size"])
        if not same_size(entries % window, 0):
            raise ShapeError(f"columns of {entries} are no windows of {window}",
                             expected="those of all channels, one after the other")  # fmt: skip
        wanted: Dim = prod(_places(output_size, attrs))
        if not same_size(wanted, input[-1]):
            raise ShapeError(f"an image of {output_size} has {wanted} windows, not {input[-1]}")
        return (*input[:-2], entries // window, *output_size)

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        attrs = {name: value for name, value in node.attrs.items() if name != "output_size"}
        return (im2col(g, **attrs),)


im2col, col2im = Im2col(), Col2im()
