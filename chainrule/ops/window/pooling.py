"""What pooling ops share: their arguments and shapes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.node import Node
from chainrule.core.op import Op
from chainrule.core.reach import Reach, Reads
from chainrule.core.signature import Dim, Shape
from chainrule.core.size import Size
from chainrule.ops.window.lines import Line, Sliding
from chainrule.ops.window.sliding import Slide, counts, whole

AXES = {1: "l", 2: "hw", 3: "dhw"}


def each(name: str, given: Any, rank: int) -> tuple[Dim, ...]:
    """One number for each axis, at least 1: a single one holds for all.  Raises ArgumentError."""
    found = counts(name, given)
    return spread(name, found, rank)


def spread(name: str, found: tuple[Any, ...], rank: int) -> tuple[Any, ...]:
    """The numbers, or the one number for each axis; raises ArgumentError for another count."""
    if len(found) not in (1, rank):
        numbers = "one number" if rank == 1 else f"one number, or {rank}"
        raise ArgumentError(f"{name} is {found}", expected=numbers)
    return found if len(found) == rank else found * rank


def widths(given: Any, kernel: tuple[Dim, ...]) -> tuple[Dim, ...]:
    """Padding as a tuple, at least 0 and at most half of the kernel; raises ArgumentError."""
    found = whole(given)
    for number in found:
        if not isinstance(number, int | Size) or isinstance(number, bool) or number < 0:
            raise ArgumentError(f"padding is {given!r}", expected="whole numbers from 0")
    found = spread("padding", found, len(kernel))
    for number, size in zip(found, kernel, strict=True):
        if 2 * number > size:
            raise ArgumentError(f"padding {number} is more than half of the kernel, {size}")
    return found


def no_stride(given: Any) -> bool:
    """Whether the stride is left to the kernel: None, or no numbers, as PyTorch has it."""
    return given is None or (isinstance(given, Sequence) and len(given) == 0)


def switch(name: str, given: Any) -> bool:
    """A choice of yes or no; raises ArgumentError for anything else."""
    if not isinstance(given, bool):
        raise ArgumentError(f"{name} is {given!r}", expected="True or False")
    return given


def require_axes(shape: Shape, rank: int) -> None:
    """Raise ShapeError unless there are the axes to pool, channels, and perhaps a batch."""
    if len(shape) - rank not in (1, 2):
        axes = ", ".join(AXES[rank])
        raise ShapeError(
            f"input has {len(shape)} axes", expected=f"input (n, c, {axes}) or (c, {axes})"
        )


class Pool(Op, abstract=True):
    """What all ops share that make one entry of each window: ``rank`` axes are pooled, the last.

    Shapes: input (n, c, *size) or (c, *size) -> (n, c, *places) or (c, *places).
    """

    kind = "window"
    dtype_rule = "same"
    keywords = ("input",)
    rank: ClassVar[int]

    def lines(self, spatial: Shape, attrs: dict[str, Any]) -> tuple[Line, ...]:
        """The windows along each axis of a signal of this size; raises ShapeError."""
        raise NotImplementedError

    def shape(self, shape: Shape, **attrs: Any) -> Any:
        require_axes(shape, self.rank)
        cut = len(shape) - self.rank
        return (*shape[:cut], *(line.places for line in self.lines(shape[cut:], attrs)))

    def reads(self, node: Node, output: int = 0) -> Sequence[Reads]:
        shape = node.parents[0].shape
        cut = len(shape) - self.rank
        lines = enumerate(self.lines(shape[cut:], node.attrs), cut)
        return ((*map(Reach.same, range(cut)), *(self.reach(line, axis) for axis, line in lines)),)

    def reach(self, line: Line, axis: int) -> Reach:
        """What the windows along an axis read."""
        return line.reached(axis)

    def windows_of(self, x: Any, attrs: dict[str, Any]) -> tuple[Line, ...]:
        """The windows along each of the last axes of an array."""
        return self.lines(tuple(x.shape)[len(x.shape) - self.rank :], attrs)


class SlidingPool(Pool, abstract=True):
    """Pooling with windows of one size.

    ``stride`` is the kernel's size where it is None.  ``ceil_mode`` counts a last window that hangs
    over, as long as it starts within the input or the padding before it.
    """

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        kernel = each("kernel_size", attrs["kernel_size"], self.rank)
        stride = attrs["stride"]
        stride = kernel if no_stride(stride) else each("stride", stride, self.rank)
        found = {**attrs, "kernel_size": kernel, "stride": stride}
        if "padding" in attrs:
            found["padding"] = widths(attrs["padding"], kernel)
        found["ceil_mode"] = switch("ceil_mode", attrs["ceil_mode"])
        if "dilation" in attrs:
            found["dilation"] = each("dilation", attrs["dilation"], self.rank)
        return found

    def lines(self, spatial: Shape, attrs: dict[str, Any]) -> tuple[Sliding, ...]:
        """One `Sliding` for each axis."""
        padding = attrs.get("padding", (0,) * self.rank)
        dilation = attrs.get("dilation", (1,) * self.rank)
        numbers = zip(
            spatial, attrs["kernel_size"], attrs["stride"], padding, dilation, strict=True
        )
        return tuple(Sliding(*given, attrs["ceil_mode"]) for given in numbers)

    def slides(self, node: Node) -> Iterator[Slide]:
        """How its windows go along each axis, unless the last one may hang over."""
        for line in self.lines(node.parents[0].shape[-self.rank :], node.attrs):
            if not line.ceil:
                yield Slide(line.size, line.reach, line.stride, line.padding, line.padding)
