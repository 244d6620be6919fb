"""What convolutions and transposed ones share: filters, groups, and how a kernel moves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar

from chainrule.core import dtypes as dt
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.node import Node
from chainrule.core.op import Op, Slip
from chainrule.core.reach import Reach, Reads, everything
from chainrule.core.signature import Dim, Shape, same_size
from chainrule.core.size import Size
from chainrule.core.tensor import Tensor
from chainrule.ops.window.arguments import Pair, border, numbers, per_axis, widths
from chainrule.ops.window.sliding import places

PLACES, KERNEL = "xyz", "uvw"
"""The letters of the axes that windows slide along, and of those within a window."""


@dataclass(frozen=True)
class Geometry:
    """How a kernel moves over its axes, everything one number an axis; and the groups."""

    kernel: Shape
    stride: Shape
    dilation: Shape
    borders: tuple[Pair, ...]
    groups: int
    flip: bool

    def grouped(self, xp: Any, x: Any) -> Any:
        """The operand with its channels in groups: (n, groups, c, *spatial)."""
        *batch, channels = x.shape[: len(x.shape) - len(self.kernel)]
        spatial = x.shape[len(x.shape) - len(self.kernel) :]
        n = batch[0] if batch else 1
        return xp.reshape(x, (n, self.groups, channels // self.groups, *spatial))

    def filters(self, xp: Any, weight: Any) -> Any:
        """The weight taken apart into groups, (groups, first / groups, second, *kernel), turned
        where a convolution turns it."""
        first, *rest = weight.shape
        found = xp.reshape(weight, (self.groups, first // self.groups, *rest))
        return self.turned(xp, found)

    def turned(self, xp: Any, filters: Any) -> Any:
        """Filters with the kernel turned along all its axes, where a convolution turns it."""
        rank = len(filters.shape)
        return xp.flip(filters, tuple(range(rank - self.axes, rank))) if self.flip else filters

    def windows(self, xp: Any, x: Any) -> Any:
        """What each filter is multiplied with: (n, groups, c, *places, *kernel)."""
        x = self.grouped(xp, x)
        if any(isinstance(n, Size) or n for pair in self.borders for n in pair):
            x = xp.pad(x, ((0, 0), (0, 0), (0, 0), *self.borders), 0)
        return xp.windows(x, self.kernel, self.stride, self.dilation)

    @property
    def axes(self) -> int:
        """How many axes windows slide along."""
        return len(self.kernel)

    @property
    def reach(self) -> Shape:
        """How many places a window spans along each axis."""
        return tuple(d * (k - 1) + 1 for k, d in zip(self.kernel, self.dilation, strict=True))

    @property
    def opposite(self) -> tuple[Pair, ...]:
        """The borders with which a turned kernel goes back, where the stride is 1."""
        pairs = zip(self.borders, self.reach, strict=True)
        return tuple((reach - 1 - before, reach - 1 - after) for (before, after), reach in pairs)

    def places(self, spatial: Shape) -> Shape:
        """How many windows there are along each axis; raises ShapeError where not one fits."""
        padded = (b + n + a for n, (b, a) in zip(spatial, self.borders, strict=True))
        moves = zip(padded, self.kernel, self.stride, self.dilation, strict=True)
        return tuple(places(*move) for move in moves)


def equation(text: str, axes: int) -> str:
    """An equation in which P stands for the places and K for the kernel.

    >>> equation("ngoP,ngcPK->gocK", 2)
    'ngoxy,ngcxyuv->gocuv'
    """
    return text.replace("P", PLACES[:axes]).replace("K", KERNEL[:axes])


class Filtering(Op, abstract=True):
    """Filters that slide over the last axes; each final class says over how many."""

    kind = "contract"
    dtype_rule = "alike"
    takes = dt.NUMBERS
    precedence = 1
    axes: ClassVar[int]
    layout: ClassVar[str]
    adjoint: ClassVar[Any]
    """The op that is linear in the same weight, the other way: convolution and its transposed."""

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        found = {name: numbers(name, attrs[name], self.axes) for name in ("stride", "dilation")}
        found["groups"] = numbers("groups", attrs["groups"], 1)
        found["padding"] = border(attrs["padding"], self.axes, found["stride"])
        if not isinstance(attrs["flip"], bool):
            raise ArgumentError(f"flip is {attrs['flip']!r}", expected="True or False")
        return {**attrs, **found}

    def geometry(self, weight: Shape, attrs: dict[str, Any]) -> Geometry:
        """How a weight of this shape moves."""
        kernel = weight[2:]
        stride, dilation = (per_axis(attrs[n], self.axes) for n in ("stride", "dilation"))
        borders = widths(attrs["padding"], kernel, dilation)
        return Geometry(kernel, stride, dilation, borders, attrs["groups"], attrs["flip"])

    def equation(self, text: str) -> str:
        """An equation in which P stands for the places and K for the kernel."""
        return equation(text, self.axes)

    def check_bias(self, bias: Shape | None, made: Dim) -> None:
        """Raise ShapeError where there is not one bias for each of the filters that were made."""
        if bias is not None and (len(bias) != 1 or not same_size(bias[0], made)):
            raise ShapeError(f"bias has shape {bias}, and axis 'o' of weight is {made}")

    def check_ranks(self, input: Shape, weight: Shape) -> None:
        """Raise ShapeError where there are too many axes, or too few, or a kernel of no places."""
        if len(input) not in (self.axes + 1, self.axes + 2) or len(weight) != self.axes + 2:
            spatial = ("l", "h, w", "d, h, w")[self.axes - 1]
            kernel = ("k", "kh, kw", "kd, kh, kw")[self.axes - 1]
            raise ShapeError(
                f"input has {len(input)} axes and weight {len(weight)}",
                expected=f"input (n, c, {spatial}) or (c, {spatial}), "
                f"weight ({self.layout}, {kernel})",
            )
        if any(k == 0 for k in weight[2:]):
            raise ShapeError(f"weight of shape {weight} has a kernel of no places")

    def reads(self, node: Node, output: int = 0) -> Sequence[Reads]:
        x, weight, *bias = (p.shape for p in node.parents)
        moves, channel = self.geometry(weight, node.attrs), len(x) - self.axes - 1
        made = node.shape[channel]
        own = _shared(channel, made, x[channel], moves.groups)
        spatial = zip(
            range(channel + 1, len(x)), x[channel + 1 :], moves.kernel, moves.stride,
            moves.dilation, (before for before, _ in moves.borders), strict=True,
        )  # fmt: skip
        read = (self.reach(*given) for given in spatial)
        by_input = (*map(Reach.same, range(channel)), own, *read)
        return (by_input, everything(weight), *(everything(shape) for shape in bias))

    def reach(
        self, axis: int, size: Dim, kernel: Dim, stride: Dim, dilation: Dim, before: Dim
    ) -> Reach:
        """What the filters read along an axis of this size."""
        return Reach.window(axis, kernel, stride, dilation, before)

    def with_bias(self, xp: Any, product: Any, shape: Shape, bias: Any) -> Any:
        """The product in its final shape, the bias of each filter added."""
        product = xp.reshape(product, shape)
        if bias is None:
            return product
        return xp.add(
            xp.step(product, "weighted sum"), xp.reshape(bias, (*bias.shape, *(1,) * self.axes))
        )

    def by_bias(self, node: Node, g: Tensor) -> Iterable[Tensor | None]:
        """The adjoint of the bias, where there is one."""
        if len(node.parents) < 3:
            return ()
        channel = len(g.shape) - self.axes - 1
        return (g.sum([d for d in range(g.ndim) if d != channel]) if node.needs(2) else None,)

    def mistakes(self, node: Node) -> Iterable[Slip]:
        def again(x: Tensor, w: Tensor, *b: Tensor, **attrs: Any) -> Tensor:
            made: Tensor = self(x, w, *b, **attrs)
            return made

        if prod(node.parents[1].shape[2:]) != 1:
            flip = node.attrs["flip"]
            yield Slip(
                "the kernel was not turned: cross-correlation, not convolution" if flip else
                "the kernel was turned: convolution as mathematics has it, not cross-correlation",
                lambda *operands, **attrs: again(*operands, **{**attrs, "flip": not flip}),
            )  # fmt: skip
        if len(node.parents) == 3:
            yield Slip("the bias was forgotten", lambda x, w, b, **attrs: again(x, w, **attrs))
        for name, plain in (("padding", 0), ("stride", 1)):
            if node.attrs[name] != plain:
                yield from self.without(node, name, plain, again)

    def without(self, node: Node, name: str, plain: int, again: Any) -> Iterable[Slip]:
        """The slip of leaving an argument out, where something comes out at all."""
        left_out = {**node.attrs, name: plain}
        try:
            self.shape(*(p.shape for p in node.parents), **self.canonical(left_out))
        except (ArgumentError, ShapeError):
            return
        yield Slip(
            f"the {name} was forgotten",
            lambda *operands, **attrs: again(*operands, **{**attrs, name: plain}),
        )

    def told(self, node: Node, channels: Dim) -> str:
        """Length of the dot products, and which way the kernel lies."""
        kernel = node.parents[1].shape[2:]
        size = prod(kernel)
        turned = ", of a kernel that is turned" if node.attrs["flip"] else ""
        many = [
            f"{n} {what}{'s' * (n != 1)}" for n, what in ((channels, "channel"), (size, "place"))
        ]
        return f"{channels * size}: {' times '.join(many)}{turned}"


def _shared(channel: int, made: Dim, taken: Dim, groups: int) -> Reach:
    """Which channels each of those that are made reads: those of its group."""
    if groups == 1 or not isinstance(made, int):
        return Reach.whole(taken)
    return Reach.repeated(channel, made // groups, taken // groups)
