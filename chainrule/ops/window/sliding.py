"""Windows that slide along axes, and their adjoint."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from numbers import Integral
from typing import Any, NamedTuple

from chainrule.core.cost import Cost, nothing
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.indexmap import IndexMap, row_strides
from chainrule.core.node import Node
from chainrule.core.op import Op, elements, example
from chainrule.core.reach import Reach, Reads
from chainrule.core.signature import Dim, Shape, same_size
from chainrule.core.size import Size, UndecidedSize, asked, bounds
from chainrule.core.tensor import Tensor


def places(size: Dim, kernel: Dim, stride: Dim, dilation: Dim) -> Dim:
    """How many windows there are along an axis; raises ShapeError where not even one fits.

    >>> places(10, 3, 2, 1), places(Size.symbol("L"), 3, 1, 1)
    (4, L - 2)
    """
    reach = dilation * (kernel - 1) + 1
    highest = bounds(size - reach)[1]
    if (highest is not None and highest < 0) or (asked.oracle is not None and _short(size, reach)):
        spread = f" (kernel {kernel}, dilation {dilation})" if reach != kernel else ""
        raise ShapeError(f"a window of {reach}{spread} does not fit into an axis of {size}")
    return (size - reach) // stride + 1


class Slide(NamedTuple):
    """How windows go along an axis of an operand: what the number of their places is made from."""

    size: Dim
    reach: Dim
    stride: Dim
    before: Dim
    after: Dim

    def told(self, name: str) -> str:
        """The places along an axis of that name: formula = substitution = number.

        >>> Slide(32, 3, 1, 0, 0).told("h")
        'h - 3 + 1 = 32 - 3 + 1 = 30'
        >>> Slide(9, 3, 4, 1, 1).told("h")
        '(h + 2 · 1 - 3)/4 + 1 = (9 + 2 · 1 - 3)/4 + 1 = 3'
        """
        both = (
            f"2 · {self.before}" if self.before == self.after else f"{self.before} + {self.after}"
        )
        padding = "" if self.before == 0 and self.after == 0 else f" + {both}"
        room = self.size + self.before + self.after - self.reach
        even = isinstance(room, int) and isinstance(self.stride, int) and room % self.stride == 0
        shape = "{} + 1" if self.stride == 1 else f"({{}})/{self.stride} + 1"
        if self.stride != 1 and not even:
            shape = f"floor(({{}})/{self.stride}) + 1"
        formula, numbers = (shape.format(f"{n}{padding} - {self.reach}") for n in (name, self.size))
        said = f"{formula} = {numbers} = {room // self.stride + 1}"
        if even or not isinstance(room, int) or not isinstance(self.stride, int):
            return said
        return f"{said}   ({room}/{self.stride} is rounded down to {room // self.stride})"


def _short(size: Dim, reach: Dim) -> bool:
    """Whether the axis is said to be too short; False where nobody knows."""
    try:
        return size < reach
    except UndecidedSize:
        return False


def whole(given: Any) -> tuple[Any, ...]:
    """A number, or a tuple of them, as a tuple, those of NumPy as Python's.

    >>> import numpy as np
    >>> whole(np.int64(2)), whole([1, 2.5])
    ((2,), (1, 2.5))
    """
    found = given if type(given) is tuple else None
    if found is None:
        found = tuple(given) if isinstance(given, Sequence) else (given,)
    if all(type(n) is int for n in found):
        return found  # asking the abstract classes of numbers takes ten times as long
    return tuple(
        int(n) if isinstance(n, Integral) and not isinstance(n, bool) else n for n in found
    )


def counts(name: str, given: Any) -> tuple[Dim, ...]:
    """A number, or a tuple of them, as a tuple; raises ArgumentError for numbers below 1."""
    found = whole(given)
    for number in found:
        if not isinstance(number, int | Size) or isinstance(number, bool) or number < 1:
            raise ArgumentError(f"{name} is {given!r}", expected="whole numbers from 1")
    return found


def _sliding(attrs: dict[str, Any]) -> dict[str, Any]:
    """Size, stride and dilation as tuples, one number for each axis; raises ArgumentError."""
    found = {name: counts(name, attrs[name]) for name in ("size", "stride", "dilation")}
    if len(set(map(len, found.values()))) > 1:
        got = ", ".join(f"{name}={given}" for name, given in found.items())
        raise ArgumentError(f"one number for each axis that windows slide along: {got}")
    return {**attrs, **found}


class Windows(Op):
    """All windows over the last axes: out[o, k] = x[stride * o + dilation * k], for each such axis.

    Shapes: x (*b, *spatial) -> (*b, *places, *size).
    """

    kind = "window"
    primitive = "windows"
    cost = nothing
    dtype_rule = "same"
    examples = (
        example((2, 7), size=(3,), stride=(2,), dilation=(1,)),
        example((4, 5), size=(2, 2), stride=(1, 2), dilation=(3, 1)),
    )

    def forward(self, xp: Any, x: Any, *, size: Any, stride: Any, dilation: Any) -> Any:
        return xp.windows(x, size, stride, dilation)

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return _sliding(attrs)

    def shape(self, shape: Shape, *, size: Any, stride: Any, dilation: Any) -> Shape:
        free = len(shape) - len(size)
        if free < 0:
            raise ShapeError(f"windows over {len(size)} axes of a tensor of {len(shape)}")
        slid = zip(shape[free:], size, stride, dilation, strict=True)
        return (*shape[:free], *(places(*axis) for axis in slid), *size)

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        return (fold(g, shape=node.parents[0].shape, **node.attrs),)

    def reads(self, node: Node, output: int = 0) -> Sequence[Reads]:
        free = len(node.parents[0].shape) - len(node.attrs["size"])
        names = ("size", "stride", "dilation")
        moves = zip(*(node.attrs[name] for name in names), strict=True)
        slid = (Reach.window(axis, *move) for axis, move in enumerate(moves, free))
        return ((*map(Reach.same, range(free)), *slid),)

    def index_map(self, node: Node) -> IndexMap:
        own = row_strides(node.parents[0].shape)
        free = len(own) - len(node.attrs["size"])
        steps = (
            step * jump
            for name in ("stride", "dilation")
            for step, jump in zip(own[free:], node.attrs[name], strict=True)
        )
        return IndexMap(node.shape, 0, (*own[:free], *steps))


class Fold(Op):
    """Windows added back to where they were read: the adjoint of `windows`.

    Shapes: x (*b, *places, *size) -> (*b, *spatial), which is the attribute ``shape``.
    """

    kind = "window"
    primitive = "fold"
    examples = (
        example((2, 3, 3), shape=(2, 7), size=(3,), stride=(2,), dilation=(1,)),
        example((1, 2, 2, 2), shape=(4, 5), size=(2, 2), stride=(1, 2), dilation=(3, 1)),
    )

    def forward(
        self, xp: Any, x: Any, *, shape: Shape, size: Any, stride: Any, dilation: Any
    ) -> Any:
        return xp.fold(x, shape, size, stride, dilation)

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return _sliding(attrs)

    def shape(self, given: Shape, *, shape: Shape, **attrs: Any) -> Shape:
        wanted = windows.shape(shape, **attrs)
        if len(given) != len(wanted) or not all(map(same_size, given, wanted)):
            raise ShapeError(f"a tensor of shape {shape} has windows of {wanted}, not {given}")
        return shape

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        attrs = {name: node.attrs[name] for name in ("size", "stride", "dilation")}
        return (windows(g, **attrs),)

    def reads(self, node: Node, output: int = 0) -> Sequence[Reads]:
        x, size = node.parents[0].shape, node.attrs["size"]
        free = len(node.shape) - len(size)
        moves = zip(
            *(node.attrs[n] for n in ("size", "stride", "dilation")), x[free:], strict=False
        )
        slid = (
            Reach.spread(axis, *move)
            if all(isinstance(number, int) for number in move)
            else Reach.whole(places)
            for axis, (*move, places) in enumerate(moves, free)
        )
        return ((*map(Reach.same, range(free)), *slid, *map(Reach.whole, size)),)

    def cost(self, node: Node) -> Cost:
        return {"add": elements(node.parents[0].shape)}


windows, fold = Windows(), Fold()
