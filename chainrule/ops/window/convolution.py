"""Convolution: a product with each of the windows that slide over a signal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.lowering import recorder
from chainrule.core.node import Node
from chainrule.core.op import Op, Slip, example
from chainrule.core.signature import Dim, Shape, same_size
from chainrule.core.size import Size
from chainrule.core.tensor import Tensor
from chainrule.ops.shape.primitive import flip
from chainrule.ops.window.sliding import counts, places


class Conv1d(Op):
    """The cross-correlation of a signal with filters: out[o, t] is the sum over c and k of
    input[c, stride * t + dilation * k - padding] * weight[o, c, k], plus bias[o].

    Shapes: input (n, c, l) or (c, l), weight (o, c / groups, k), bias (o) -> (n, o, places), where
    places = floor((l + 2 padding - dilation (k - 1) - 1) / stride) + 1.  ``padding`` is a number,
    "valid" (none) or "same" (the result is as long as the input).
    """

    kind = "contract"
    latex, precedence = r"{0} \star {1} + {2}", 1
    convention = "cross-correlation: the kernel is not turned"
    examples = (
        example((2, 3, 7), (4, 3, 3), (4,)),
        example((2, 4, 8), (6, 2, 3), (6,), stride=2, padding=1, groups=2),
        example((1, 2, 6), (3, 2, 2), padding="same", dilation=3),
        example((3, 5), (2, 3, 5), padding="valid"),
    )

    def forward(
        self, xp: Any, input: Any, weight: Any, bias: Any = None, *, stride: Any = 1,
        padding: Any = 0, dilation: Any = 1, groups: int = 1,
    ) -> Any:  # fmt: skip
        read = _grouped_windows(xp, input, weight.shape, stride, padding, dilation, groups)
        filters = xp.reshape(weight, _grouped(weight.shape, groups))
        product = xp.einsum((read, filters), "ngclk,gock->ngol")
        product = xp.reshape(product, (*input.shape[:-2], weight.shape[0], read.shape[3]))
        if bias is None:
            return product
        return xp.add(xp.step(product, "weighted sum"), xp.reshape(bias, (*bias.shape, 1)))

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        names = ("stride", "dilation", "groups")
        found = {name: _single(name, counts(name, attrs[name])) for name in names}
        padding = _single("padding", attrs["padding"])
        if isinstance(padding, str):
            if padding not in ("same", "valid"):
                raise ArgumentError(f"padding is {padding!r}", expected="a number, 'same', 'valid'")
            if padding == "same" and found["stride"] != 1:
                raise ArgumentError(f"padding='same' with a stride of {found['stride']}",
                                    hint="only a stride of 1 keeps the length")  # fmt: skip
        elif not isinstance(padding, int | Size) or padding < 0:
            raise ArgumentError(f"padding is {padding!r}", expected="a whole number from 0")
        return {**found, "padding": padding}

    def shape(
        self, input: Shape, weight: Shape, bias: Shape | None = None, *, stride: Dim, padding: Any,
        dilation: Dim, groups: int,
    ) -> Shape:  # fmt: skip
        if len(input) not in (2, 3) or len(weight) != 3:
            raise ShapeError(
                f"input has {len(input)} axes and weight {len(weight)}",
                expected="input (n, c, l) or (c, l), weight (o, c / groups, k)",
            )
        channels, length = input[-2:]
        if not same_size(weight[1] * groups, channels):
            share = f"{weight[1]} in each of {groups} groups" if groups != 1 else weight[1]
            raise ShapeError(f"axis 'c' is {channels} in input, and weight takes {share}")
        if not same_size(weight[0] % groups, 0):
            raise ShapeError(f"{weight[0]} filters cannot be shared out among {groups} groups")
        if bias is not None and (len(bias) != 1 or not same_size(bias[0], weight[0])):
            raise ShapeError(f"bias has shape {bias}, and axis 'o' of weight is {weight[0]}")
        before, after = _border(padding, weight[2], dilation)
        out = places(before + length + after, weight[2], stride, dilation)
        return (*input[:-2], weight[0], out)

    def vjp(self, node: Node, g: Tensor) -> Iterator[Tensor | None]:
        xp, (x, weight, *bias) = recorder, node.inputs
        stride, padding, dilation, groups = (
            node.attrs[name] for name in ("stride", "padding", "dilation", "groups")
        )
        read = _grouped_windows(xp, x, weight.shape, stride, padding, dilation, groups)
        n, _, _, length, kernel = read.shape
        flat = xp.reshape(g, (n, groups, weight.shape[0] // groups, length))
        if node.needs(0):
            filters = xp.reshape(weight, _grouped(weight.shape, groups))
            by_window = xp.einsum((flat, filters), "ngol,gock->ngclk")
            before, after = _border(padding, kernel, dilation)
            channels, size = x.shape[-2:]
            by_window = xp.reshape(by_window, (n, channels, length, kernel))
            padded = (n, channels, before + size + after)
            by_x = xp.fold(by_window, padded, (kernel,), (stride,), (dilation,))
            whole = slice(0, n, 1), slice(0, channels, 1), slice(before, before + size, 1)
            yield xp.reshape(xp.slice(by_x, whole), x.shape)
        else:
            yield None
        by_filter = xp.einsum((flat, read), "ngol,ngclk->gock") if node.needs(1) else None
        yield None if by_filter is None else xp.reshape(by_filter, weight.shape)
        if bias:
            yield xp.reshape(xp.sum(flat, (0, 3), False), bias[0].shape) if node.needs(2) else None

    def explain(self, node: Node) -> str:
        _, channels, kernel = node.parents[1].shape
        terms = f"{channels} channels times {kernel} places"
        return f"each entry is a dot product of length {channels * kernel}: {terms}"

    def mistakes(self, node: Node) -> Iterable[Slip]:
        if node.parents[1].shape[2] != 1:
            yield Slip(
                "the filter was flipped: convolution as mathematics has it, not cross-correlation",
                lambda x, w, *b, **attrs: conv1d(x, flip(w, dims=(2,)), *b, **attrs),
            )
        if len(node.parents) == 3:
            yield Slip("the bias was forgotten", lambda x, w, b, **attrs: conv1d(x, w, **attrs))


def _single(name: str, value: Any) -> Any:
    """The number itself, where it was given as PyTorch's tuple of one."""
    if isinstance(value, tuple):
        if len(value) != 1:
            raise ArgumentError(f"{name} is {value}", expected="one number: there is one axis")
        return value[0]
    return value


def _border(padding: Any, kernel: Dim, dilation: Dim) -> tuple[Dim, Dim]:
    """How many zeros stand before and after the signal."""
    if padding == "valid":
        return 0, 0
    if padding == "same":
        missing = dilation * (kernel - 1)
        return missing // 2, missing - missing // 2
    return padding, padding


def _grouped(weight: Shape, groups: int) -> Shape:
    """The shape of filters taken apart into groups: (groups, o, c, k)."""
    return (groups, weight[0] // groups, *weight[1:])


def _grouped_windows(
    xp: Any, x: Any, weight: Shape, stride: Dim, padding: Any, dilation: Dim, groups: int
) -> Any:
    """What each filter is multiplied with: (n, groups, c, places, k)."""
    *batch, channels, _ = x.shape
    before, after = _border(padding, weight[2], dilation)
    if before or after:
        x = xp.pad(x, (*((0, 0) for _ in batch), (0, 0), (before, after)), 0)
    read = xp.windows(x, (weight[2],), (stride,), (dilation,))
    n = batch[0] if batch else 1
    return xp.reshape(read, (n, groups, channels // groups, *read.shape[-2:]))


conv1d = Conv1d()
