"""What keeps floats from overflowing, and marks of quantities worth showing: identities in exact
arithmetic."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.axes import axis
from chainrule.core.cost import Cost, nothing
from chainrule.core.node import Node
from chainrule.core.op import Op, elements, example
from chainrule.core.signature import Shape
from chainrule.core.tensor import Tensor
from chainrule.ops.elementwise.elementary import where


class Shift(Op):
    """A stabiliser along an axis, constant for derivatives: the maximum in floats, 0 when exact."""

    kind = "structural"
    primitive = "shift"
    takes = dt.CONTINUOUS
    dtype_rule = "same"
    smooth = False
    convention = "0 in exact arithmetic"
    examples = (example((2, 3), dim=1),)

    def forward(self, xp: Any, x: Any, *, dim: int) -> Any:
        return xp.shift(x, axis(dim, len(x.shape)))

    def shape(self, shape: Shape, *, dim: int) -> Shape:
        d = axis(dim, len(shape))
        return tuple(1 if i == d else size for i, size in enumerate(shape))

    def vjp(self, node: Node, g: Tensor) -> Iterable[None]:
        return (None,)

    def reads(self, node: Node, output: int = 0) -> Sequence[None]:
        return (None,)

    def cost(self, node: Node) -> Cost:
        return {"compare": elements(node.parents[0].shape) - elements(node.shape)}


class ClipBelow(Op):
    """A stabiliser: at least ``low`` in floats, the entries themselves in exact arithmetic."""

    kind = "structural"
    primitive = "clip_below"
    takes = dt.CONTINUOUS
    latex = text = "{0}"
    smooth = False
    convention = "no bound in exact arithmetic"
    examples = (example((2, 3), low=-0.5),)

    def forward(self, xp: Any, x: Any, *, low: float) -> Any:
        return xp.clip_below(x, low)

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        return (where(node.inputs[0] == node.output, g, 0),)

    def cost(self, node: Node) -> Cost:
        return {"compare": elements(node.shape)}


class Step(Op):
    """The operand itself: a quantity that a person would write down."""

    facts = {"same": True, "label": "label"}
    kind = "structural"
    primitive = "step"
    cost = nothing
    dtype_rule = "same"
    latex = text = "{0}"
    examples = (example((2, 3), label="h"),)

    def forward(self, xp: Any, x: Any, *, label: str) -> Any:
        return xp.step(x, label)

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        return (g,)


shift, clip_below, step = Shift(), ClipBelow(), Step()
