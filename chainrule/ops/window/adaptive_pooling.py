"""Pooling to a given size: each axis is shared out among windows as evenly as it can be."""

from __future__ import annotations

from typing import Any

from chainrule.core.errors import ShapeError
from chainrule.core.op import example
from chainrule.core.reach import Reach
from chainrule.core.signature import Shape
from chainrule.ops.window.average_pooling import Average
from chainrule.ops.window.lines import Line, shared_out
from chainrule.ops.window.max_pooling import Largest, LargestWithPlaces
from chainrule.ops.window.pooling import Pool, require_axes, spread
from chainrule.ops.window.sliding import counts, whole


class AdaptivePool(Pool, abstract=True):
    """Pooling to ``output_size`` places along each axis, or as many as there are (None).

    Window o of an axis goes from floor(o size / places) up to ceil((o + 1) size / places).
    """

    convention = "windows from floor(o size / places) up to ceil((o + 1) size / places)"

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        found = whole(attrs["output_size"])
        for size in found:
            if size is not None:
                counts("output_size", size)
        return {"output_size": spread("output_size", found, self.rank)}

    def shape(self, shape: Shape, **attrs: Any) -> Any:
        require_axes(shape, self.rank)
        cut = len(shape) - self.rank
        if any(isinstance(size, int) and size == 0 for size in shape[cut:]):
            raise ShapeError("an axis to be pooled has no entries")
        wanted = zip(shape[cut:], attrs["output_size"], strict=True)
        return (*shape[:cut], *(n if size is None else size for n, size in wanted))

    def lines(self, spatial: Shape, attrs: dict[str, Any]) -> tuple[Line, ...]:
        """The windows along each axis."""
        pairs = zip(spatial, attrs["output_size"], strict=True)
        return tuple(shared_out(n, n if wanted is None else wanted) for n, wanted in pairs)

    def reach(self, line: Line, axis: int) -> Reach:
        return Reach.whole(line.size) if line.places == 1 else line.reached(axis)


class AdaptiveAvgPool(AdaptivePool, Average, abstract=True):
    """What adaptive average pooling shares in all dimensions."""

    def forward(self, xp: Any, input: Any, *, output_size: Any) -> Any:
        return self.averaged(xp, input, {"output_size": output_size})


class AdaptiveAvgPool1d(AdaptiveAvgPool):
    """The mean of each of ``output_size`` windows along an axis.

    Shapes: input (n, c, l) or (c, l) -> (n, c, output_size) or (c, output_size).
    """

    rank = 1
    examples = (example((2, 1, 6), output_size=3), example((1, 5), output_size=3))


class AdaptiveAvgPool2d(AdaptiveAvgPool):
    """The mean of each of ``output_size`` windows of an image; 1 is global average pooling.

    Shapes: input (n, c, h, w) or (c, h, w) -> (n, c, *output_size) or (c, *output_size).
    """

    rank = 2
    examples = (example((1, 2, 3, 4), output_size=1), example((1, 5, 4), output_size=(None, 3)))


class AdaptiveAvgPool3d(AdaptiveAvgPool):
    """The mean of each of ``output_size`` boxes of a volume.

    Shapes: input (n, c, d, h, w) or (c, d, h, w) -> (n, c, *output_size) or (c, *output_size).
    """

    rank = 3
    examples = (example((1, 2, 3, 4), output_size=(1, 2, 2)),)


class AdaptiveMaxPool(AdaptivePool, Largest, abstract=True):
    """What adaptive max pooling shares in all dimensions."""

    convention = Largest.convention

    def forward(self, xp: Any, input: Any, *, output_size: Any) -> Any:
        return self.pooled(xp, input, {"output_size": output_size})


class AdaptiveMaxPool1d(AdaptiveMaxPool):
    """The largest entry of each of ``output_size`` windows along an axis.

    Shapes: input (n, c, l) or (c, l) -> (n, c, output_size) or (c, output_size).
    """

    rank = 1
    examples = (example((2, 1, 6), output_size=3), example((1, 5), output_size=3))


class AdaptiveMaxPool2d(AdaptiveMaxPool):
    """The largest entry of each of ``output_size`` windows of an image.

    Shapes: input (n, c, h, w) or (c, h, w) -> (n, c, *output_size) or (c, *output_size).
    """

    rank = 2
    examples = (example((1, 2, 3, 4), output_size=1), example((1, 5, 4), output_size=(None, 3)))


class AdaptiveMaxPool3d(AdaptiveMaxPool):
    """The largest entry of each of ``output_size`` boxes of a volume.

    Shapes: input (n, c, d, h, w) or (c, d, h, w) -> (n, c, *output_size) or (c, *output_size).
    """

    rank = 3
    examples = (example((1, 2, 3, 4), output_size=(1, 2, 2)),)


class AdaptiveMaxPool1dWithIndices(LargestWithPlaces, AdaptiveMaxPool):
    """`AdaptiveMaxPool1d`, and where each of the entries is."""

    rank = 1
    examples = (example((2, 1, 5), output_size=3),)


class AdaptiveMaxPool2dWithIndices(LargestWithPlaces, AdaptiveMaxPool):
    """`AdaptiveMaxPool2d`, and where each of the entries is, counted row by row."""

    rank = 2
    examples = (example((1, 5, 4), output_size=(None, 3)),)


class AdaptiveMaxPool3dWithIndices(LargestWithPlaces, AdaptiveMaxPool):
    """`AdaptiveMaxPool3d`, and where each of the entries is, counted row by row."""

    rank = 3
    examples = (example((1, 2, 3, 4), output_size=(1, 2, 2)),)


adaptive_avg_pool1d, adaptive_avg_pool2d = AdaptiveAvgPool1d(), AdaptiveAvgPool2d()
adaptive_avg_pool3d = AdaptiveAvgPool3d()
adaptive_max_pool1d, adaptive_max_pool2d = AdaptiveMaxPool1d(), AdaptiveMaxPool2d()
adaptive_max_pool3d = AdaptiveMaxPool3d()
adaptive_max_pool1d_with_indices = AdaptiveMaxPool1dWithIndices()
adaptive_max_pool2d_with_indices = AdaptiveMaxPool2dWithIndices()
adaptive_max_pool3d_with_indices = AdaptiveMaxPool3dWithIndices()
