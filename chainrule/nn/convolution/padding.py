"""Borders around signals, images and volumes, as layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.size import Size
from chainrule.core.tensor import Tensor
from chainrule.nn.convolution.pad_functions import pad
from chainrule.nn.module import Module
from chainrule.ops.window.sliding import whole


class _Pad(Module):
    """A border on the last ``axes`` axes: one width for all sides, or (before, after) of the last
    axis, then of the one before it, and so on.  Negative widths cut entries off."""

    axes: ClassVar[int]
    mode: ClassVar[str]

    def __init__(self, padding: Any) -> None:
        super().__init__()
        widths = whole(padding)
        widths = widths if isinstance(padding, Sequence) else widths * (2 * self.axes)
        if len(widths) != 2 * self.axes or not all(
            isinstance(width, int | Size) and not isinstance(width, bool) for width in widths
        ):
            raise ArgumentError(
                f"padding is {padding!r}",
                expected=f"a whole number, or {2 * self.axes} of them, the last axis first",
            )
        self.padding = widths

    def forward(self, input: Tensor) -> Tensor:
        if input.ndim not in (self.axes + 1, self.axes + 2):
            spatial = ("l", "h, w", "d, h, w")[self.axes - 1]
            raise ShapeError(f"{type(self).__name__}: input has {input.ndim} axes",
                             expected=f"(n, c, {spatial}) or (c, {spatial})")  # fmt: skip
        return pad(input, self.padding, self.mode)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class _Constant(_Pad):
    """A border of one number, around a tensor of any number of axes."""

    def __init__(self, padding: int | Sequence[int], value: float) -> None:
        super().__init__(padding)
        self.value = value

    def forward(self, input: Tensor) -> Tensor:
        return pad(input, self.padding, "constant", self.value)

    def extra_repr(self) -> str:
        return f"padding={self.padding}, value={self.value}"


class _Zero(_Constant):
    """A border of zeros."""

    def __init__(self, padding: int | Sequence[int]) -> None:
        super().__init__(padding, 0.0)

    extra_repr = _Pad.extra_repr


class ConstantPad1d(_Constant):
    """A border of one number, around a signal.

    Shapes: x (n, c, l) or (c, l), each axis longer by its widths.
    Raises ArgumentError for the wrong number of widths.

    >>> import chainrule as cr
    >>> cr.nn.ConstantPad1d(1, 0.5)(cr.tensor([[1.0, 2.0]])).tolist()
    [[0.5, 1.0, 2.0, 0.5]]
    """

    axes = 1


class ConstantPad2d(_Constant):
    """A border of one number, around images.

    Shapes: x (n, c, h, w) or (c, h, w), each axis longer by its widths.
    Raises ArgumentError for the wrong number of widths.

    >>> import chainrule as cr
    >>> cr.nn.ConstantPad2d((1, 0, 0, 1), 0.5)(cr.tensor([[[1.0, 2.0], [3.0, 4.0]]])).tolist()
    [[[0.5, 1.0, 2.0], [0.5, 3.0, 4.0], [0.5, 0.5, 0.5]]]
    """

    axes = 2


class ConstantPad3d(_Constant):
    """A border of one number, around volumes.

    Shapes: x (n, c, d, h, w) or (c, d, h, w), each axis longer by its widths.
    Raises ArgumentError for the wrong number of widths.

    >>> import chainrule as cr
    >>> cr.nn.ConstantPad3d((0, 1, 0, 1, 0, 1), 0.5)(cr.zeros(1, 2, 3, 4)).shape
    (1, 3, 4, 5)
    """

    axes = 3


class ZeroPad1d(_Zero):
    """A border of zeros, around a signal.

    Shapes: x (n, c, l) or (c, l), each axis longer by its widths.
    Raises ArgumentError for the wrong number of widths.

    >>> import chainrule as cr
    >>> cr.nn.ZeroPad1d(1)(cr.tensor([[1.0, 2.0]])).tolist()
    [[0.0, 1.0, 2.0, 0.0]]
    """

    axes = 1


class ZeroPad2d(_Zero):
    """A border of zeros, around images.

    Shapes: x (n, c, h, w) or (c, h, w), each axis longer by its widths.
    Raises ArgumentError for the wrong number of widths.

    >>> import chainrule as cr
    >>> cr.nn.ZeroPad2d((1, 0, 0, 1))(cr.tensor([[[1.0, 2.0], [3.0, 4.0]]])).tolist()
    [[[0.0, 1.0, 2.0], [0.0, 3.0, 4.0], [0.0, 0.0, 0.0]]]
    """

    axes = 2


class ZeroPad3d(_Zero):
    """A border of zeros, around volumes.

    Shapes: x (n, c, d, h, w) or (c, d, h, w), each axis longer by its widths.
    Raises ArgumentError for the wrong number of widths.

    >>> import chainrule as cr
    >>> cr.nn.ZeroPad3d((0, 1, 0, 1, 0, 1))(cr.zeros(1, 2, 3, 4)).shape
    (1, 3, 4, 5)
    """

    axes = 3


class ReflectionPad1d(_Pad):
    """A border that mirrors the entries at the edge, which stands once, around a signal.

    Shapes: x (n, c, l) or (c, l), each axis longer by its widths.
    Raises ArgumentError for the wrong number of widths, ShapeError where a border is not narrower
    than its axis.

    >>> import chainrule as cr
    >>> cr.nn.ReflectionPad1d(1)(cr.tensor([[1.0, 2.0]])).tolist()
    [[2.0, 1.0, 2.0, 1.0]]
    """

    axes, mode = 1, "reflect"


class ReflectionPad2d(_Pad):
    """A border that mirrors the entries at the edge, which stands once, around images.

    Shapes: x (n, c, h, w) or (c, h, w), each axis longer by its widths.
    Raises ArgumentError for the wrong number of widths, ShapeError where a border is not narrower
    than its axis.

    >>> import chainrule as cr
    >>> cr.nn.ReflectionPad2d((1, 0, 0, 1))(cr.tensor([[[1.0, 2.0], [3.0, 4.0]]])).tolist()
    [[[2.0, 1.0, 2.0], [4.0, 3.0, 4.0], [2.0, 1.0, 2.0]]]
    """

    axes, mode = 2, "reflect"


class ReflectionPad3d(_Pad):
    """A border that mirrors the entries at the edge, which stands once, around volumes.

    Shapes: x (n, c, d, h, w) or (c, d, h, w), each axis longer by its widths.
    Raises ArgumentError for the wrong number of widths, ShapeError where a border is not narrower
    than its axis.

    >>> import chainrule as cr
    >>> cr.nn.ReflectionPad3d((0, 1, 0, 1, 0, 1))(cr.zeros(1, 2, 3, 4)).shape
    (1, 3, 4, 5)
    """

    axes, mode = 3, "reflect"


class ReplicationPad1d(_Pad):
    """A border that repeats the entry at the edge, around a signal.

    Shapes: x (n, c, l) or (c, l), each axis longer by its widths.
    Raises ArgumentError for the wrong number of widths, ShapeError for axes without entries.

    >>> import chainrule as cr
    >>> cr.nn.ReplicationPad1d(1)(cr.tensor([[1.0, 2.0]])).tolist()
    [[1.0, 1.0, 2.0, 2.0]]
    """

    axes, mode = 1, "replicate"


class ReplicationPad2d(_Pad):
    """A border that repeats the entry at the edge, around images.

    Shapes: x (n, c, h, w) or (c, h, w), each axis longer by its widths.
    Raises ArgumentError for the wrong number of widths, ShapeError for axes without entries.

    >>> import chainrule as cr
    >>> cr.nn.ReplicationPad2d((1, 0, 0, 1))(cr.tensor([[[1.0, 2.0], [3.0, 4.0]]])).tolist()
    [[[1.0, 1.0, 2.0], [3.0, 3.0, 4.0], [3.0, 3.0, 4.0]]]
    """

    axes, mode = 2, "replicate"


class ReplicationPad3d(_Pad):
    """A border that repeats the entry at the edge, around volumes.

    Shapes: x (n, c, d, h, w) or (c, d, h, w), each axis longer by its widths.
    Raises ArgumentError for the wrong number of widths, ShapeError for axes without entries.

    >>> import chainrule as cr
    >>> cr.nn.ReplicationPad3d((0, 1, 0, 1, 0, 1))(cr.zeros(1, 2, 3, 4)).shape
    (1, 3, 4, 5)
    """

    axes, mode = 3, "replicate"


class CircularPad1d(_Pad):
    """A border of the entries at the other end, as if the axis were a ring, around a signal.

    Shapes: x (n, c, l) or (c, l), each axis longer by its widths.
    Raises ArgumentError for the wrong number of widths, ShapeError where a border is wider than
    its axis.

    >>> import chainrule as cr
    >>> cr.nn.CircularPad1d(1)(cr.tensor([[1.0, 2.0]])).tolist()
    [[2.0, 1.0, 2.0, 1.0]]
    """

    axes, mode = 1, "circular"


class CircularPad2d(_Pad):
    """A border of the entries at the other end, as if the axis were a ring, around images.

    Shapes: x (n, c, h, w) or (c, h, w), each axis longer by its widths.
    Raises ArgumentError for the wrong number of widths, ShapeError where a border is wider than
    its axis.

    >>> import chainrule as cr
    >>> cr.nn.CircularPad2d((1, 0, 0, 1))(cr.tensor([[[1.0, 2.0], [3.0, 4.0]]])).tolist()
    [[[2.0, 1.0, 2.0], [4.0, 3.0, 4.0], [2.0, 1.0, 2.0]]]
    """

    axes, mode = 2, "circular"


class CircularPad3d(_Pad):
    """A border of the entries at the other end, as if the axis were a ring, around volumes.

    Shapes: x (n, c, d, h, w) or (c, d, h, w), each axis longer by its widths.
    Raises ArgumentError for the wrong number of widths, ShapeError where a border is wider than
    its axis.

    >>> import chainrule as cr
    >>> cr.nn.CircularPad3d((0, 1, 0, 1, 0, 1))(cr.zeros(1, 2, 3, 4)).shape
    (1, 3, 4, 5)
    """

    axes, mode = 3, "circular"
