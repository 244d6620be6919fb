"""Transposed convolution: the adjoint of a convolution by its input, as a layer of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.lowering import recorder
from chainrule.core.node import Node
from chainrule.core.op import example
from chainrule.core.reach import Reach
from chainrule.core.signature import Dim, Shape, same_size
from chainrule.core.size import Size, bounds, smax
from chainrule.core.tensor import Tensor
from chainrule.ops.window.arguments import numbers, per_axis
from chainrule.ops.window.convolution import conv1d, conv2d, conv3d
from chainrule.ops.window.correlation import correlation
from chainrule.ops.window.filtering import Filtering, Geometry


class _Transposed(Filtering, abstract=True):
    """Every entry of the input adds the kernel times itself to the result: out[o, stride * p +
    dilation * k - padding] gets input[c, p] * weight[c, o, k], for all places p and k; bias[o] is
    added once.

    ``padding`` cuts entries off on both sides, ``output_padding`` adds some after, so that sizes
    which a stride makes equal can be told apart: along each axis the result has
    (l - 1) stride - before - after + dilation (k - 1) + output_padding + 1 entries.
    """

    latex = r"{0} \star^{{\top}} {1} + {2}"
    convention = "the adjoint of cross-correlation, of convolution with flip=True; padding cuts off"
    layout = "c, o / groups"

    def forward(
        self, xp: Any, input: Any, weight: Any, bias: Any = None, *, stride: Any = 1,
        padding: Any = 0, output_padding: Any = 0, groups: int = 1, dilation: Any = 1,
        flip: bool = False,
    ) -> Any:  # fmt: skip
        attrs = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups,
                 "flip": flip}  # fmt: skip
        moves = self.geometry(weight.shape, attrs)
        x, filters = moves.grouped(xp, input), moves.filters(xp, weight)
        spread = xp.einsum((filters, x), self.equation("gcoK,ngcP->ngoPK"))
        more = per_axis(output_padding, self.axes)
        whole = _whole(moves, input.shape[-self.axes :])
        room = (*spread.shape[:3], *whole)
        added = xp.fold(spread, room, moves.kernel, moves.stride, moves.dilation)
        kept = _cut(xp, added, moves, more)
        spatial = kept.shape[3:]
        shape = (*input.shape[: -self.axes - 1], weight.shape[1] * groups, *spatial)
        return self.with_bias(xp, kept, shape, bias)

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if isinstance(attrs["padding"], str):
            raise ArgumentError(
                f"padding is {attrs['padding']!r}", expected="numbers: it is what is cut off"
            )
        found = super().canonical(attrs)
        more = numbers("output_padding", attrs["output_padding"], self.axes, least=0)
        limits = zip(*(per_axis(found[n], self.axes) for n in ("stride", "dilation")), strict=True)
        for number, (stride, dilation) in zip(per_axis(more, self.axes), limits, strict=True):
            low = bounds(number - smax(stride, dilation))[0]
            if low is not None and low >= 0:
                raise ArgumentError(
                    f"output_padding is {number}",
                    expected=f"less than the stride, {stride}, or the dilation, {dilation}",
                )
        return {**found, "output_padding": more}

    def shape(self, input: Shape, weight: Shape, bias: Shape | None = None, **attrs: Any) -> Shape:
        self.check_ranks(input, weight)
        channels, groups = input[-self.axes - 1], attrs["groups"]
        if not same_size(weight[0], channels):
            raise ShapeError(f"axis 'c' is {channels} in input, and weight takes {weight[0]}")
        if not same_size(channels % groups, 0):
            raise ShapeError(f"{channels} channels cannot be shared out among {groups} groups")
        self.check_bias(bias, weight[1] * groups)
        moves = self.geometry(weight, attrs)
        more = per_axis(attrs["output_padding"], self.axes)
        whole = _whole(moves, input[-self.axes :])
        out = tuple(
            n - before - after + extra
            for n, (before, after), extra in zip(whole, moves.borders, more, strict=True)
        )
        if any((high := bounds(n)[1]) is not None and high < 1 for n in out):
            raise ShapeError(f"padding cuts off all of {whole}: nothing of {out} is left")
        return (*input[: -self.axes - 1], weight[1] * groups, *out)

    def reach(
        self, axis: int, size: Dim, kernel: Dim, stride: Dim, dilation: Dim, before: Dim
    ) -> Reach:
        numbers = kernel, stride, dilation, before
        if any(isinstance(number, Size) for number in numbers):
            return Reach.whole(size)
        return Reach.spread(axis, *numbers)  # type: ignore[arg-type]

    def vjp(self, node: Node, g: Tensor) -> Iterator[Tensor | None]:
        x, weight = node.inputs[:2]
        yield self.by_input(node, g, weight) if node.needs(0) else None
        yield self.by_weight(node, g, x) if node.needs(1) else None
        yield from self.by_bias(node, g)

    def by_input(self, node: Node, g: Tensor, weight: Tensor) -> Tensor:
        """The adjoint of the input: the convolution with the same weight."""
        attrs = {name: value for name, value in node.attrs.items() if name != "output_padding"}
        made: Tensor = self.adjoint(g, weight, **attrs)
        sizes = (*made.shape[: -self.axes], *node.parents[0].shape[-self.axes :])
        if made.shape != sizes:  # an output_padding has room for one more window
            made = recorder.slice(made, tuple(slice(0, n, 1) for n in sizes))
        return made

    def by_weight(self, node: Node, g: Tensor, x: Tensor) -> Tensor:
        """The adjoint of the weight: of each of its entries, what it was multiplied with times the
        adjoints of what that was added to."""
        moves = self.geometry(node.parents[1].shape, node.attrs)
        made: Tensor = correlation(g, x, geometry=moves)
        return made

    def explain(self, node: Node) -> str:
        size = " x ".join(map(str, node.parents[1].shape[2:]))
        turned = " turned" * node.attrs["flip"]
        return f"each entry adds its multiple of a{turned} kernel of {size} to the result"


def _whole(moves: Geometry, places: Shape) -> Shape:
    """The sizes before anything is cut off."""
    axes = zip(places, moves.stride, moves.reach, strict=True)
    return tuple((n - 1) * s + reach for n, s, reach in axes)


def _cut(xp: Any, added: Any, moves: Geometry, more: Shape) -> Any:
    """What is left after ``padding``; zeros where ``output_padding`` goes beyond what was cut."""
    index: list[Any] = [slice(0, n, 1) for n in added.shape[:3]]
    ends = []
    for n, (before, after), extra in zip(added.shape[3:], moves.borders, more, strict=True):
        beyond = smax(extra - after, 0)
        index.append(slice(before, n - after + extra - beyond, 1))
        ends.append((0, beyond))
    kept = xp.slice(added, tuple(index))
    if any(after != 0 for _, after in ends):
        kept = xp.pad(kept, ((0, 0), (0, 0), (0, 0), *ends), 0)
    return kept


class ConvTranspose1d(_Transposed):
    """The transposed convolution of a signal: each entry adds the kernel times itself to the
    result, out[o, stride * t + dilation * k - padding] += input[c, t] * weight[c, o, k].

    Shapes: input (n, c, l) or (c, l), weight (c, o / groups, k), bias (o) -> (n, o, size), where
    size = (l - 1) stride - 2 padding + dilation (k - 1) + output_padding + 1.  It is the adjoint of
    `conv1d` with the same weight.  Raises ShapeError where the operands do not fit, ArgumentError
    for numbers that make no sense, as an output_padding that is not below stride or dilation.

    >>> import chainrule as cr
    >>> conv_transpose1d(cr.tensor([[1.0, 2.0]]), cr.tensor([[[1.0, 10.0]]]), stride=2).tolist()
    [[1.0, 10.0, 2.0, 20.0]]
    """

    axes = 1
    examples = (
        example((2, 3, 4), (3, 2, 3), (2,)),
        example((2, 4, 3), (4, 1, 3), (2,), stride=2, padding=1, output_padding=1, groups=2),
        example((2, 3), (2, 1, 2), dilation=2, output_padding=1, padding=((1, 0),), flip=True),
    )


class ConvTranspose2d(_Transposed):
    """The transposed convolution of images, as `conv_transpose1d` along two axes.

    Shapes: input (n, c, h, w) or (c, h, w), weight (c, o / groups, kh, kw), bias (o) ->
    (n, o, size, size).  Raises what `conv_transpose1d` raises.

    >>> import chainrule as cr
    >>> conv_transpose2d(cr.ones(1, 1, 2), cr.tensor([[[[1.0, 2.0]]]])).tolist()
    [[[1.0, 3.0, 2.0]]]
    """

    axes = 2
    examples = (
        example((2, 2, 2, 3), (2, 3, 3, 2), (3,), stride=(2, 1), padding=(1, 0)),
        example((2, 2, 2), (2, 1, 2, 2), stride=2, groups=2, output_padding=(1, 0)),
    )


class ConvTranspose3d(_Transposed):
    """The transposed convolution of volumes, as `conv_transpose1d` along three axes.

    Shapes: input (n, c, d, h, w) or (c, d, h, w), weight (c, o / groups, kd, kh, kw), bias (o) ->
    (n, o, size, size, size).  Raises what `conv_transpose1d` raises.

    >>> import chainrule as cr
    >>> conv_transpose3d(cr.ones(1, 1, 1, 1), cr.ones(1, 1, 1, 1, 2), padding=0).tolist()
    [[[[1.0, 1.0]]]]
    """

    axes = 3
    examples = (example((1, 2, 1, 2, 2), (2, 1, 2, 1, 2), (1,), stride=(1, 1, 2)),)


conv_transpose1d, conv_transpose2d, conv_transpose3d = (
    ConvTranspose1d(), ConvTranspose2d(), ConvTranspose3d()
)  # fmt: skip
for _one, _other in (
    (conv1d, conv_transpose1d), (conv2d, conv_transpose2d), (conv3d, conv_transpose3d)
):  # fmt: skip
    type(_one).adjoint, type(_other).adjoint = _other, _one
