"""Channels and pixels exchanged: moves that make images larger, smaller, or mix channels."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chainrule.core.errors import ShapeError
from chainrule.core.node import Node
from chainrule.core.op import example
from chainrule.core.signature import Shape, same_size
from chainrule.core.tensor import Tensor
from chainrule.ops.shape.primitive import Move
from chainrule.ops.window.arguments import numbers


class PixelShuffle(Move):
    """Squares of r * r pixels from as many channels: out[c, r y + i, r x + j] is
    input[c r² + r i + j, y, x].

    Shapes: x (*b, c * r², h, w) -> (*b, c, h * r, w * r), where r is ``upscale_factor``.  Raises
    ShapeError where r² does not divide the channels.  Of Shi and others, Real-Time Single Image and
    Video Super-Resolution (2016).

    >>> import chainrule as cr
    >>> pixel_shuffle(cr.tensor([[[1]], [[2]], [[3]], [[4]]]), 2).tolist()
    [[[1, 2], [3, 4]]]
    """

    examples = (example((2, 4, 2, 3), upscale_factor=2), example((9, 1, 2), upscale_factor=3))

    def forward(self, xp: Any, input: Any, *, upscale_factor: int) -> Any:
        *batch, channels, height, width = input.shape
        r, free = upscale_factor, len(batch)
        apart = xp.reshape(input, (*batch, channels // r**2, r, r, height, width))
        order = (0, 3, 1, 4, 2)  # c, h, i, w, j
        turned = xp.permute(apart, (*range(free), *(free + axis for axis in order)))
        return xp.reshape(turned, self.shape(input.shape, upscale_factor=r))

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return {"upscale_factor": numbers("upscale_factor", attrs["upscale_factor"], 1)}

    def shape(self, shape: Shape, *, upscale_factor: int) -> Shape:
        *batch, channels, height, width = _image(shape)
        r = upscale_factor
        if not same_size(channels % r**2, 0):
            raise ShapeError(f"{channels} channels make no squares of {r} x {r} pixels")
        return (*batch, channels // r**2, height * r, width * r)

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        return (pixel_unshuffle(g, node.attrs["upscale_factor"]),)


class PixelUnshuffle(Move):
    """The pixels of squares of r * r as so many channels: what `pixel_shuffle` undoes.

    Shapes: x (*b, c, h * r, w * r) -> (*b, c * r², h, w), where r is ``downscale_factor``.  Raises
    ShapeError where r does not divide height and width.

    >>> import chainrule as cr
    >>> pixel_unshuffle(cr.tensor([[[1, 2], [3, 4]]]), 2).flatten().tolist()
    [1, 2, 3, 4]
    """

    examples = (example((1, 4, 6), downscale_factor=2), example((2, 1, 3, 3), downscale_factor=3))

    def forward(self, xp: Any, input: Any, *, downscale_factor: int) -> Any:
        *batch, channels, height, width = input.shape
        r, free = downscale_factor, len(batch)
        apart = xp.reshape(input, (*batch, channels, height // r, r, width // r, r))
        order = (0, 2, 4, 1, 3)  # c, i, j, h, w
        turned = xp.permute(apart, (*range(free), *(free + axis for axis in order)))
        return xp.reshape(turned, self.shape(input.shape, downscale_factor=r))

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return {"downscale_factor": numbers("downscale_factor", attrs["downscale_factor"], 1)}

    def shape(self, shape: Shape, *, downscale_factor: int) -> Shape:
        *batch, channels, height, width = _image(shape)
        r = downscale_factor
        if not (same_size(height % r, 0) and same_size(width % r, 0)):
            raise ShapeError(f"an image of {height} x {width} has no squares of {r} x {r} pixels")
        return (*batch, channels * r**2, height // r, width // r)

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        return (pixel_shuffle(g, node.attrs["downscale_factor"]),)


class ChannelShuffle(Move):
    """The first channel of each group, then the second of each, and so on.

    Shapes: x (n, c, *d) -> the same.  Raises ShapeError for fewer than three axes, and where
    ``groups`` does not divide c.  Of Zhang and others, ShuffleNet (2018).

    >>> import chainrule as cr
    >>> channel_shuffle(cr.arange(4).reshape(1, 4, 1), 2).flatten().tolist()
    [0, 2, 1, 3]
    """

    examples = (example((2, 6, 2), groups=3), example((1, 4, 2, 1), groups=2))

    def forward(self, xp: Any, input: Any, *, groups: int) -> Any:
        n, channels, *rest = input.shape
        apart = xp.reshape(input, (n, groups, channels // groups, *rest))
        turned = xp.permute(apart, (0, 2, 1, *range(3, 3 + len(rest))))
        return xp.reshape(turned, input.shape)

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return {"groups": numbers("groups", attrs["groups"], 1)}

    def shape(self, shape: Shape, *, groups: int) -> Shape:
        if len(shape) < 3:
            raise ShapeError(f"input has {len(shape)} axes", expected="at least (n, c, l)")
        if not same_size(shape[1] % groups, 0):
            raise ShapeError(f"{shape[1]} channels cannot be shared out among {groups} groups")
        return shape

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        return (channel_shuffle(g, node.shape[1] // node.attrs["groups"]),)


def _image(shape: Shape) -> Shape:
    """The shape of something with channels, height and width; raises ShapeError."""
    if len(shape) < 3:
        raise ShapeError(f"input has {len(shape)} axes", expected="(*b, c, h, w)")
    return shape


pixel_shuffle, pixel_unshuffle = PixelShuffle(), PixelUnshuffle()
channel_shuffle = ChannelShuffle()
