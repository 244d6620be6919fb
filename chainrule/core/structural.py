"""The ops that the core itself needs: numbers, casts, one of several outputs, cut histories."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.apply import number_category
from chainrule.core.cost import nothing
from chainrule.core.dtyperules import require_room
from chainrule.core.dtypes import DTYPES, DType
from chainrule.core.errors import ArgumentError, GradientError, line_text
from chainrule.core.node import Node
from chainrule.core.op import Op, example
from chainrule.core.signature import Shape
from chainrule.core.size import Size
from chainrule.core.source import Position, describe
from chainrule.core.state import state
from chainrule.core.tensor import Tensor
from chainrule.namespaces.constants import Constant


def dtype_of(value: Any) -> DType:
    """The element type that ``value`` names: a `DType`, or its name; raises ArgumentError."""
    if isinstance(value, str):
        value = DTYPES.get(value, value)
    if not isinstance(value, DType):
        raise ArgumentError(f"not an element type: {value!r}", hint="cr.float32, cr.int64, …")
    return value


class Full(Op):
    """A tensor of one number, given as an attribute; without axes, the number itself."""

    kind = "structural"
    cost = nothing
    primitive = "full"
    facts = {"number": "value"}
    examples = (example(shape=(2, 3), value=1.5), example(shape=(), value=2.0))

    def forward(self, xp: Any, *, shape: Shape, value: Any, dtype: DType | None = None) -> Any:
        return xp.full(shape, value, dtype_of(dtype).name)

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        dtype = attrs["dtype"]
        if dtype is None:
            category = number_category(attrs["value"])
            if category is None:
                raise ArgumentError(f"not a number: {attrs['value']!r}")
            dtype = dt.default_of(category)
        require_room(attrs["value"], dtype_of(dtype))
        return {**attrs, "shape": tuple(attrs["shape"]), "dtype": dtype_of(dtype)}

    def shape(self, *, shape: Shape, value: Any, dtype: DType) -> Shape:
        return shape

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        return given, attrs["dtype"]

    def vjp(self, node: Node, g: Tensor) -> Iterable[None]:
        return ()


class Cast(Op):
    """The same values in another element type."""

    kind = "structural"
    cost = nothing
    primitive = "cast"
    examples = (example((2, 3), dtype=dt.float64), example((2, 3), dtype=dt.complex128))
    text = "{0}"
    latex = "{0}"

    def forward(self, xp: Any, x: Any, *, dtype: DType) -> Any:
        return xp.cast(x, dtype.name)

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return {"dtype": dtype_of(attrs["dtype"])}

    def shape(self, shape: Shape, *, dtype: DType) -> Shape:
        return shape

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        return given, attrs["dtype"]

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor | None]:
        before = node.parents[0].dtype
        if not before.differentiable:
            return (None,)
        return (cast(g, dtype=before),)


class Detach(Op):
    """The identity, through which no gradient flows."""

    name = "stop_gradient"
    facts = {"same": True}
    kind = "structural"
    cost = nothing
    primitive = "detach"
    examples = (example((2, 3)),)
    dtype_rule = "same"

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.detach(x)

    def vjp(self, node: Node, g: Tensor) -> Iterable[None]:
        return (None,)


class WithValue(Op):
    """The value of the second operand with the history of the first: a write that gradients do not
    see."""

    kind = "structural"
    cost = nothing
    primitive = "with_value"
    facts = {"selects": (1,)}
    examples = (example((2, 3), (2, 3)),)
    signature = "=s, =s -> =s"

    def forward(self, xp: Any, old: Any, new: Any) -> Any:
        return xp.with_value(old, new)

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        return [given[0], given[0]], given[0]

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor | None]:
        return g, None


class Alias(Op):
    """The operand itself, as a node of its own."""

    facts = {"same": True}
    kind = "structural"
    cost = nothing
    examples = (example((2, 3)),)
    dtype_rule = "same"
    latex = text = "{0}"

    def forward(self, xp: Any, x: Any) -> Any:
        return x

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor | None]:
        return (g,)


class Pick(Op):
    """One output of an op with several."""

    kind = "structural"
    cost = nothing

    def forward(self, xp: Any, outputs: Any, *, output: int) -> Any:
        return outputs[output]

    def shape(self, shapes: Any, *, output: int) -> Shape:
        found: Shape = shapes[output]
        return found

    def dtypes(self, given: list[Any], ranks: list[int], **attrs: Any) -> tuple[list[Any], DType]:
        return given, given[0][attrs["output"]]


full, cast, stop_gradient, pick = Full(), Cast(), Detach(), Pick()
with_value, alias = WithValue(), Alias()


def aliased(node: Node) -> Tensor:
    """The same value as a node of its own, so that what flows to it can be told apart."""
    if state.trace is not None:
        node = state.trace.node_of(Tensor(node))
    return Tensor(
        Node(alias, (node,), {}, node.shape, node.dtype, node.value, node.requires_grad, node.where)
    )


class Severed(Op):
    """The adjoint that a rule computed outside of the graph, from operands that it may depend on:
    nobody knows how, so it cannot be differentiated."""

    kind = "structural"
    cost = nothing
    dtype_rule = "same"

    def forward(self, xp: Any, *adjoint: Any, rule: str) -> Any:
        if xp.name == "dual":
            raise severed_error(rule, None)
        return adjoint[0]

    def shape(self, *shapes: Shape, rule: str) -> Shape:
        return shapes[0]

    def vjp(self, node: Node, g: Tensor) -> Iterable[None]:
        raise severed_error(node.attrs["rule"], node.where)


severed = Severed()


def severed_error(rule: str, where: Position | None) -> GradientError:
    """The error of differentiating an adjoint that was computed outside of the graph."""
    return GradientError(
        f"the gradient of {rule} was computed outside of the graph, so it has no derivative",
        at=line_text(describe(where)),
        hint="compute it with tensors to the end, without detach(), numpy() or item()",
    )


def detached(node: Node) -> Node:
    """A node of a graph with the value of ``node`` and no history before it."""
    return Node(stop_gradient, (node,), {}, node.shape, node.dtype, node.value)


def number(value: float | Fraction | Size | Constant, like: Tensor) -> Tensor:
    """A number as a tensor without axes, of the type of ``like``."""
    from chainrule.core.apply import literal

    return Tensor(literal(value, like.dtype))
