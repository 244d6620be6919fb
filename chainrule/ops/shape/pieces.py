"""A tensor in pieces, each an output of its own: rows, and equal parts of the last axis.

Unlike views of a tensor, whose adjoints are zeros with something in them, added up, the adjoints of
pieces are put side by side.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from chainrule.core.dtypes import DType
from chainrule.core.errors import ShapeError
from chainrule.core.node import Node
from chainrule.core.op import Op, example
from chainrule.core.pullback import zeros
from chainrule.core.signature import Shape, same_size
from chainrule.core.tensor import Tensor
from chainrule.ops.shape.moves import stack
from chainrule.ops.shape.primitive import cat


class Pieces(Op, abstract=True):
    """What the ops of this file share: ``number`` outputs, whose adjoints fill a tensor again."""

    kind = "move"
    outputs = ("piece",)
    latex = text = "{0}"

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], tuple[DType, ...]]:
        return given, (given[0],) * attrs["number"]

    def _adjoints(self, node: Node, g: Sequence[Tensor | None]) -> list[Tensor]:
        """The adjoints of all pieces."""
        missing = next(part for part in g if part is not None).node
        return [zeros(missing) if part is None else part for part in g]


class EachRow(Pieces):
    """The entries along the first axis, one after the other.

    Shapes: x (number, *d) -> number times (*d).
    """

    examples = (example((3, 2), number=3), example((1,), number=1))

    def forward(self, xp: Any, x: Any, *, number: int) -> Any:
        rest = x.shape[1:]
        spans = [(slice(i, i + 1, 1), *(slice(0, size, 1) for size in rest)) for i in range(number)]
        return tuple(xp.reshape(xp.slice(x, span), rest) for span in spans)

    def shape(self, shape: Shape, *, number: int) -> tuple[Shape, ...]:
        if not shape or shape[0] != number:
            raise ShapeError(f"{number} rows of a tensor of shape {shape}")
        return (shape[1:],) * number

    def vjp(self, node: Node, g: Sequence[Tensor | None]) -> Iterable[Tensor]:
        return (stack(self._adjoints(node, g)),)

    def output_text(self, node: Node, i: int) -> str:
        return f"[{i}]"


class EqualParts(Pieces):
    """The last axis in equal parts.

    Shapes: x (*b, number·n) -> number times (*b, n).
    """

    examples = (example((2, 6), number=3), example((2,), number=1))

    def forward(self, xp: Any, x: Any, *, number: int) -> Any:
        *before, last = x.shape
        n, whole = last // number, [slice(0, size, 1) for size in before]
        return tuple(xp.slice(x, (*whole, slice(i * n, i * n + n, 1))) for i in range(number))

    def shape(self, shape: Shape, *, number: int) -> tuple[Shape, ...]:
        if not shape or not same_size(shape[-1] % number, 0):
            raise ShapeError(f"{number} equal parts of the last axis of a tensor of shape {shape}")
        return ((*shape[:-1], shape[-1] // number),) * number

    def vjp(self, node: Node, g: Sequence[Tensor | None]) -> Iterable[Tensor]:
        return (cat(self._adjoints(node, g), dim=-1),)

    def output_text(self, node: Node, i: int) -> str:
        n, rank = node.shape[0][-1], len(node.shape[0])
        return f"[{'…, ' if rank > 1 else ''}{i * n}:{i * n + n}]"


each_row, equal_parts = EachRow(), EqualParts()
