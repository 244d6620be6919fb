"""Softmax, and what all losses share: each says its reduction, and takes logarithms to base e."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from chainrule.core import dtypes as dt
from chainrule.core.axes import axis
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError, DTypeError, ShapeError
from chainrule.core.node import Node
from chainrule.core.op import Op, Slip, example, require
from chainrule.core.signature import Shape, broadcast, same_size
from chainrule.core.size import prod
from chainrule.core.tensor import Tensor
from chainrule.ops.elementwise.elementary import exp
from chainrule.ops.reduce.reductions import sum as sum_

REDUCTIONS = ("mean", "sum", "none")


class Softmax(Op):
    """e^x divided by the sum of e^x along an axis."""

    kind = "reduce"
    counted_as = "elementwise"
    methods = ("softmax",)
    takes = dt.CONTINUOUS
    latex = r"\operatorname{{softmax}}({0})"
    facts = {"sums_to_one": "dim", "nonnegative": True}
    examples = (example((2, 3), dim=-1), example((2, 3, 2), dim=1))

    def forward(self, xp: Any, x: Any, *, dim: int) -> Any:
        d = axis(dim, len(x.shape))
        e = xp.step(xp.exp(xp.subtract(x, xp.shift(x, d))), "exp")
        return xp.divide(e, xp.step(xp.sum(e, (d,) if x.shape else (), True), "sum"))

    def shape(self, shape: Shape, *, dim: int) -> Shape:
        axis(dim, len(shape))
        return shape

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        y, dim = node.output, node.attrs["dim"]
        return (y * (g - sum_(g * y, dim=dim, keepdim=True)),)

    def mistakes(self, node: Node) -> Iterable[Slip]:
        if len(node.shape) == 2:
            dim = 1 - axis(node.attrs["dim"], 2)
            yield Slip("softmax along the other axis", lambda x, **a: softmax(x, dim=dim))


class LogSoftmax(Op):
    """The logarithm of softmax along an axis: x minus its log-sum-exp."""

    kind = "reduce"
    counted_as = "elementwise"
    methods = ("log_softmax",)
    takes = dt.CONTINUOUS
    latex = r"\ln\operatorname{{softmax}}({0})"
    convention = "to base e"
    examples = (example((2, 3), dim=-1), example((2, 3, 2), dim=1))

    def forward(self, xp: Any, x: Any, *, dim: int) -> Any:
        d = axis(dim, len(x.shape))
        moved = xp.subtract(x, xp.shift(x, d))
        total = xp.step(xp.sum(xp.exp(moved), (d,) if x.shape else (), True), "sum")
        return xp.subtract(moved, xp.log(total))

    shape = Softmax.shape

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        return (g - exp(node.output) * sum_(g, dim=node.attrs["dim"], keepdim=True),)


def reduction_known(reduction: str) -> None:
    """Raise ArgumentError unless a reduction is mean, sum or none."""
    if reduction not in REDUCTIONS:
        raise ArgumentError(f"reduction is {reduction!r}", expected=", ".join(REDUCTIONS))


class Loss(Op, abstract=True):
    """What all losses share: ``reduction`` is mean, sum or none."""

    kind = "reduce"
    signature: ClassVar[str | None] = "=s, =s -> "

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        common = dt.result_type(given, ranks)
        require(self.name, common, dt.REAL, dt.EXACT)
        return [common] * len(given), common

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        reduction_known(attrs["reduction"])
        return attrs

    def shape(self, *shapes: Shape, reduction: str, **attrs: Any) -> Shape:
        first, second = shapes[:2]
        if len(first) != len(second) or not all(map(same_size, first, second)):
            raise ShapeError(
                f"input has shape {first} and target {second}",
                hint="they must be equal: reshape one of them (nothing is broadcast in a loss)",
            )
        return loss_shape(first, reduction)


def refuse_bools(op: Op, given: Sequence[DType]) -> None:
    """Raise DTypeError for bools, which are not subtracted from anything."""
    if dt.bool_ in given:
        raise DTypeError(f"{op.name} subtracts, and bools are no numbers", hint="x.float()")


def loss_shape(shape: Shape, reduction: str) -> Shape:
    """The shape of a loss whose entries have ``shape``; raises ShapeError for the mean of none."""
    if reduction == "none":
        return shape
    if reduction == "mean" and any(isinstance(size, int) and size == 0 for size in shape):
        raise ShapeError(
            "the mean loss of an empty batch does not exist",
            hint="skip empty batches, or use reduction='sum', which is 0",
        )
    return ()


def typed_as_input(op: Op, given: list[DType], ranks: list[int]) -> tuple[list[DType], DType]:
    """The rule of losses whose result has the type of the input, not the common one."""
    common = dt.result_type(given, ranks)
    require(op.name, common, dt.REAL, dt.EXACT)
    require(f"input of {op.name}", given[0], dt.REAL, dt.EXACT)
    made = common if common is dt.exact else given[0]
    return [made] * len(given), made


def require_weight(weight: Shape, shape: Shape, name: str = "weight") -> None:
    """Raise ShapeError unless a weight can be repeated to the shape of the entries."""
    try:
        fits = broadcast(shape, weight) == shape
    except ShapeError:
        fits = False
    if not fits:
        raise ShapeError(f"{name} has shape {weight}, which cannot be repeated to {shape}")


def share(node: Node, g: Tensor) -> Tensor:
    """The adjoint of each entry's loss, from that of their mean or sum."""
    if node.attrs["reduction"] != "mean":
        return g
    return g / prod(node.parents[0].shape)


def reduce_loss(xp: Any, entries: Any, reduction: str) -> Any:
    """The mean or the sum of the losses of all entries, or the entries themselves."""
    if reduction == "none":
        return entries
    total = xp.sum(entries, tuple(range(len(entries.shape))), False)
    return total if reduction == "sum" else xp.divide(xp.step(total, "sum"), prod(entries.shape))


softmax, log_softmax = Softmax(), LogSoftmax()
