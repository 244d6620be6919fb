"""Convolution: a product with each of the windows that slide over the last axes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chainrule.core.errors import ShapeError
from chainrule.core.lowering import recorder
from chainrule.core.node import Node
from chainrule.core.op import example
from chainrule.core.signature import Shape, same_size
from chainrule.core.size import bounds
from chainrule.core.tensor import Tensor
from chainrule.ops.window.correlation import correlation
from chainrule.ops.window.filtering import Filtering, Geometry
from chainrule.ops.window.sliding import Slide


class _Convolution(Filtering, abstract=True):
    """Out[o, p] is the sum over c and k of input[c, stride * p + dilation * k - padding] times
    weight[o, c, k], plus bias[o], where p and k are places along each axis.

    ``padding`` is a number, one for each axis, a pair (before, after) for each axis, "valid" (none)
    or "same" (the result is as large as the input).  Along each axis there are
    floor((l + before + after - dilation (k - 1) - 1) / stride) + 1 places.  ``groups`` of channels
    have filters of their own.  ``flip=True`` turns the kernel along all its axes.
    """

    latex = r"{0} \star {1} + {2}"
    convention = "cross-correlation: the kernel is not turned unless flip=True"
    layout = "o, c / groups"

    def forward(
        self, xp: Any, input: Any, weight: Any, bias: Any = None, *, stride: Any = 1,
        padding: Any = 0, dilation: Any = 1, groups: int = 1, flip: bool = False,
    ) -> Any:  # fmt: skip
        attrs = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups,
                 "flip": flip}  # fmt: skip
        moves = self.geometry(weight.shape, attrs)
        read, filters = moves.windows(xp, input), moves.filters(xp, weight)
        product = xp.einsum((filters, read), self.equation("gocK,ngcPK->ngoP"))
        batch = input.shape[: -self.axes - 1]
        shape = (*batch, weight.shape[0], *read.shape[3 : 3 + self.axes])
        return self.with_bias(xp, product, shape, bias)

    def shape(self, input: Shape, weight: Shape, bias: Shape | None = None, **attrs: Any) -> Shape:
        self.check_ranks(input, weight)
        channels, groups = input[-self.axes - 1], attrs["groups"]
        if not same_size(weight[1] * groups, channels):
            share = f"{weight[1]} in each of {groups} groups" if groups != 1 else weight[1]
            raise ShapeError(f"axis 'c' is {channels} in input, and weight takes {share}")
        if not same_size(weight[0] % groups, 0):
            raise ShapeError(f"{weight[0]} filters cannot be shared out among {groups} groups")
        self.check_bias(bias, weight[0])
        out = self.geometry(weight, attrs).places(input[-self.axes :])
        return (*input[: -self.axes - 1], weight[0], *out)

    def vjp(self, node: Node, g: Tensor) -> Iterator[Tensor | None]:
        x, weight = node.inputs[:2]
        yield self.by_input(node, g, weight) if node.needs(0) else None
        yield self.by_weight(node, g, x) if node.needs(1) else None
        yield from self.by_bias(node, g)

    def by_input(self, node: Node, g: Tensor, weight: Tensor) -> Tensor:
        """The adjoint of the input: the transposed convolution, made as large as the input; where
        that is faster, as convolution with the kernel turned and in and out exchanged."""
        moves = self.geometry(weight.shape, node.attrs)
        if _goes_back(weight.shape, moves):
            turned = {"padding": moves.opposite, "flip": not moves.flip}
            again: Tensor = self(g, _exchanged(weight, moves), **{**node.attrs, **turned})
            return again
        spatial = node.parents[0].shape[-self.axes :]
        sizes = zip(spatial, moves.borders, moves.reach, moves.stride, strict=True)
        left = tuple((b + n + a - reach) % s for n, (b, a), reach, s in sizes)
        attrs = {**node.attrs, "padding": moves.borders, "output_padding": left}
        made: Tensor = self.adjoint(g, weight, **attrs)
        return made

    def by_weight(self, node: Node, g: Tensor, x: Tensor) -> Tensor:
        """The adjoint of the weight: of each of its entries, what it was multiplied with times the
        adjoint of what came out."""
        moves = self.geometry(node.parents[1].shape, node.attrs)
        made: Tensor = correlation(x, g, geometry=moves)
        return made

    def slides(self, node: Node) -> Iterator[Slide]:
        """How its windows go along each axis."""
        moves = self.geometry(node.parents[1].shape, node.attrs)
        spatial = node.parents[0].shape[-self.axes :]
        for size, reach, stride, (before, after) in zip(
            spatial, moves.reach, moves.stride, moves.borders, strict=True
        ):
            yield Slide(size, reach, stride, before, after)

    def explain(self, node: Node) -> str:
        return f"each entry is a dot product of length {self.told(node, node.parents[1].shape[1])}"


def _goes_back(weight: Shape, moves: Geometry) -> bool:
    """Whether the transposed convolution is better computed as a convolution: it moves on by single
    places, and has not many more channels to read than to write, each of them in all windows."""
    made, taken = weight[:2]
    few = isinstance(made, int) and isinstance(taken, int) and made <= 2 * taken * moves.groups
    least = [bounds(width)[0] for pair in moves.opposite for width in pair]
    inside = all(low is not None and low >= 0 for low in least)
    return few and inside and all(stride == 1 for stride in moves.stride)


def _exchanged(weight: Tensor, moves: Geometry) -> Tensor:
    """The weight (o, c / groups, *k) as (c, o / groups, *k)."""
    xp, (made, taken, *kernel), groups = recorder, weight.shape, moves.groups
    apart = xp.reshape(weight, (groups, made // groups, taken, *kernel))
    order = (0, 2, 1, *range(3, 3 + moves.axes))
    shape = (groups * taken, made // groups, *kernel)
    turned: Tensor = xp.reshape(xp.permute(apart, order), shape)
    return turned


class Conv1d(_Convolution):
    """The cross-correlation of a signal with filters: out[o, t] is the sum over c and k of
    input[c, stride * t + dilation * k - padding] * weight[o, c, k], plus bias[o].

    Shapes: input (n, c, l) or (c, l), weight (o, c / groups, k), bias (o) -> (n, o, places), where
    places = floor((l + 2 padding - dilation (k - 1) - 1) / stride) + 1.  ``padding`` is a number, a
    pair ((before, after),), "valid" (none) or "same" (the result is as long as the input);
    ``flip=True`` turns the kernel: convolution as mathematics has it.  Raises ShapeError where the
    operands do not fit, ArgumentError for numbers that say no window.

    >>> import chainrule as cr
    >>> x, w = cr.tensor([[1.0, 2.0, 4.0]]), cr.tensor([[[1.0, -1.0]]])
    >>> conv1d(x, w).tolist(), conv1d(x, w, flip=True).tolist()
    ([[-1.0, -2.0]], [[1.0, 2.0]])
    """

    axes = 1
    examples = (
        example((2, 3, 7), (4, 3, 3), (4,)),
        example((2, 4, 8), (6, 2, 3), (6,), stride=2, padding=1, groups=2),
        example((1, 2, 6), (3, 2, 2), padding="same", dilation=3),
        example((3, 5), (2, 3, 5), padding="valid"),
        example((1, 2, 5), (4, 1, 2), padding=((2, 0),), stride=2, groups=2, flip=True),
    )


class Conv2d(_Convolution):
    """The cross-correlation of images with filters: out[o, y, x] is the sum over c, i and j of
    input[c, stride * y + dilation * i - padding, stride * x + …] * weight[o, c, i, j], plus
    bias[o].

    Shapes: input (n, c, h, w) or (c, h, w), weight (o, c / groups, kh, kw), bias (o) ->
    (n, o, places, places), by the formula of `conv1d` along each axis.  ``padding`` is a number,
    one for each axis, a pair for each axis, "valid" or "same"; ``flip=True`` turns the kernel by
    180 degrees.  Raises what `conv1d` raises.

    >>> import chainrule as cr
    >>> image = cr.tensor([[[2.0, 4, 5], [2, 1, 3], [3, 1, 5]]])
    >>> conv2d(image, cr.tensor([[[[1.0, 0], [2, -1]]]]), padding=((0, 1), (0, 1))).tolist()
    [[[5.0, 3.0, 11.0], [7.0, -2.0, 13.0], [3.0, 1.0, 5.0]]]
    """

    axes = 2
    examples = (
        example((2, 2, 4, 3), (3, 2, 3, 2), (3,), stride=(2, 1), padding=(1, 0)),
        example((1, 2, 4, 4), (2, 1, 2, 2), padding=((0, 1), (1, 0)), groups=2, flip=True),
        example((2, 3, 3), (2, 2, 1, 1), (2,)),
    )


class Conv3d(_Convolution):
    """The cross-correlation of volumes with filters, as `conv2d` along three axes.

    Shapes: input (n, c, d, h, w) or (c, d, h, w), weight (o, c / groups, kd, kh, kw), bias (o) ->
    (n, o, places, places, places).  Raises what `conv1d` raises.

    >>> import chainrule as cr
    >>> conv3d(cr.ones(1, 2, 2, 2), cr.ones(1, 1, 2, 2, 2)).tolist()
    [[[[8.0]]]]
    """

    axes = 3
    examples = (example((1, 2, 2, 3, 3), (1, 2, 1, 2, 2), (1,), stride=(1, 1, 2), padding="valid"),)


conv1d, conv2d, conv3d = Conv1d(), Conv2d(), Conv3d()
