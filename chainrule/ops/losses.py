"""Softmax and the losses: each says its reduction, and takes logarithms to base e."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.axes import axis, reduced
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError, DTypeError, ShapeError
from chainrule.core.node import Node
from chainrule.core.op import Op, Slip, elements, example
from chainrule.core.signature import Shape, same_size
from chainrule.core.size import prod
from chainrule.core.tensor import Tensor
from chainrule.ops.elementwise import exp, log
from chainrule.ops.lookup import counting
from chainrule.ops.reduce import sum as sum_
from chainrule.ops.shape import reshape
from chainrule.ops.stable import clip_below

REDUCTIONS = ("mean", "sum", "none")


class Softmax(Op):
    """e^x divided by the sum of e^x along an axis."""

    kind = "reduce"
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
        product = g * y
        return (product - y * sum_(product, dim=dim, keepdim=True),)

    def mistakes(self, node: Node) -> Iterable[Slip]:
        if len(node.shape) == 2:
            dim = 1 - axis(node.attrs["dim"], 2)
            yield Slip("softmax along the other axis", lambda x, **a: softmax(x, dim=dim))


class LogSoftmax(Op):
    """The logarithm of softmax along an axis: x minus its log-sum-exp."""

    kind = "reduce"
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


class Loss(Op, abstract=True):
    """What all losses share: ``reduction`` is mean, sum or none."""

    kind = "reduce"
    signature = "=s, =s -> "

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["reduction"] not in REDUCTIONS:
            raise ArgumentError(
                f"reduction is {attrs['reduction']!r}", expected=", ".join(REDUCTIONS)
            )
        return attrs

    def shape(self, *shapes: Shape, reduction: str, **attrs: Any) -> Shape:
        first, second = shapes[:2]
        if len(first) != len(second) or not all(map(same_size, first, second)):
            raise ShapeError(
                f"input has shape {first} and target {second}",
                hint="they must be equal: reshape one of them (nothing is broadcast in a loss)",
            )
        return _loss_shape(first, reduction)


def _loss_shape(shape: Shape, reduction: str) -> Shape:
    if reduction == "none":
        return shape
    if reduction == "mean" and any(isinstance(size, int) and size == 0 for size in shape):
        raise ShapeError(
            "the mean loss of an empty batch does not exist",
            hint="skip empty batches, or use reduction='sum', which is 0",
        )
    return ()


def reduce_loss(xp: Any, entries: Any, reduction: str) -> Any:
    """The mean or the sum of the losses of all entries, or the entries themselves."""
    if reduction == "none":
        return entries
    total = xp.sum(entries, tuple(range(len(entries.shape))), False)
    return total if reduction == "sum" else xp.divide(xp.step(total, "sum"), prod(entries.shape))


class MseLoss(Loss):
    """The squared difference of prediction and target: mean, sum or each."""

    dtype_rule = "float"
    latex = r"\operatorname{{MSE}}({0}, {1})"
    convention = "no factor 1/2"
    examples = (
        example((2, 3), (2, 3)), example((2,), (2,), reduction="sum"),
        example((2, 3), (2, 3), reduction="none"),
    )  # fmt: skip

    def forward(self, xp: Any, input: Any, target: Any, *, reduction: str = "mean") -> Any:
        difference = xp.step(xp.subtract(input, target), "difference")
        return reduce_loss(xp, xp.step(xp.multiply(difference, difference), "squares"), reduction)

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor | None]:
        a, b = node.inputs
        doubled = g * 2
        scale = doubled / prod(a.shape) if node.attrs["reduction"] == "mean" else doubled
        slope = (a - b) * scale
        return slope, (-slope if node.needs(1) else None)

    def mistakes(self, node: Node) -> Iterable[Slip]:
        if node.attrs["reduction"] == "mean":
            yield Slip("the sum was not divided by the count",
                       lambda a, b, **attrs: mse_loss(a, b, reduction="sum"))  # fmt: skip
            yield Slip("half of the squared error", lambda a, b, **attrs: mse_loss(a, b) / 2)


class BinaryCrossEntropy(Loss):
    """-(t ln p + (1 - t) ln(1 - p)) for probabilities p and targets t; logarithms stop at -100."""

    dtype_rule = "float"
    latex = r"\operatorname{{BCE}}({0}, {1})"
    domain = ("prob", "prob")
    convention = "to base e; in floats logarithms stop at -100"
    examples = (
        example((2, 3), (2, 3)), example((2,), (2,), reduction="sum"),
        example((2, 3), (2, 3), reduction="none"),
    )  # fmt: skip

    def forward(self, xp: Any, input: Any, target: Any, *, reduction: str = "mean") -> Any:
        yes = xp.multiply(target, xp.clip_below(xp.log(input), -100))
        against = xp.clip_below(xp.log(xp.subtract(1, input)), -100)
        no = xp.multiply(xp.subtract(1, target), against)
        return reduce_loss(xp, xp.negative(xp.add(yes, no)), reduction)

    def checks(self, xp: Any, input: Any, target: Any, **attrs: Any) -> Iterable[tuple[Any, str]]:
        outside = xp.logical_or(xp.less(input, 0), xp.less(1, input))
        return ((outside, "a probability is outside 0 … 1 (were these logits?)"),)

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor | None]:
        p, t = node.inputs
        g = g / prod(p.shape) if node.attrs["reduction"] == "mean" else g
        yield (p - t) / clip_below(p * (1 - p), low=1e-12) * g
        if node.needs(1):
            yes, no = (clip_below(log(chance), low=-100) for chance in (p, 1 - p))
            yield (no - yes) * g
        else:
            yield None


class CrossEntropy(Op):
    """Minus the logarithm of the softmax probability of the target class, over axis 1.

    Shapes: input (n, classes, *d) or (classes), target (n, *d) of class numbers, or of input's
    shape for class probabilities; the mean is over the n * d targets.
    """

    kind = "reduce"
    checks_late = True
    latex = r"\operatorname{{CE}}({0}, {1})"
    domain = ("real", "index")
    convention = "to base e; the mean is over the targets"
    examples = (
        example((4, 3), (4,), dtypes=(None, dt.int64)),
        example((4, 3), (4,), reduction="sum", dtypes=(None, dt.int64)),
        example((2, 3, 2), (2, 2), reduction="none", dtypes=(None, dt.int64)),
        example((4, 3), (4, 3)),
        example((3,), (), dtypes=(None, dt.int64)),
    )

    canonical = Loss.canonical

    def forward(self, xp: Any, input: Any, target: Any, *, reduction: str = "mean") -> Any:
        d = _class_axis(input.shape)
        if len(input.shape) == len(target.shape):
            scores = log_softmax.forward(xp, input, dim=d)
            entries = xp.negative(xp.sum(xp.multiply(target, scores), (d,), False))
            return reduce_loss(xp, entries, reduction)
        moved = xp.subtract(input, xp.shift(input, d))
        total = xp.step(xp.sum(xp.exp(moved), (d,), False), "sum of exponentials")
        column = (*target.shape[:d], 1, *target.shape[d:])
        chosen = xp.reshape(xp.gather(moved, xp.reshape(target, column), d), target.shape)
        return reduce_loss(xp, xp.subtract(xp.log(total), chosen), reduction)

    def shape(self, input: Shape, target: Shape, *, reduction: str) -> Shape:
        if not input:
            raise ShapeError("input has no axis of classes")
        d = _class_axis(input)
        wanted = input if len(target) == len(input) else reduced(input, (d,), False)
        if len(wanted) != len(target) or not all(map(same_size, wanted, target)):
            raise ShapeError(
                f"target has shape {target} where input {input} needs {wanted}",
                hint=f"axis {d} of input holds the classes",
            )
        return _loss_shape(reduced(input, (d,), False), reduction)

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        scores, target = given
        if scores.category < dt.REAL:
            raise DTypeError(f"input of {self.name} must be floating, not {scores.name}")
        if ranks[0] == ranks[1]:
            if target.category < dt.REAL:
                raise DTypeError(f"a target of class probabilities is floating, not {target.name}")
            common = dt.result_type(given, ranks)
            return [common, common], common
        if target.category != dt.INTEGER:
            raise DTypeError(
                f"a target of class numbers is of whole-number type, not {target.name}",
                hint="target.long(), or pass probabilities of input's shape",
            )
        return [scores, dt.int64], scores

    def checks(self, xp: Any, input: Any, target: Any, **attrs: Any) -> Iterable[tuple[Any, str]]:
        if len(input.shape) == len(target.shape):
            return ()
        classes = input.shape[_class_axis(input.shape)]
        wrong = xp.logical_or(xp.less(target, 0), xp.less_equal(classes, target))
        return ((wrong, f"a target is not among the classes 0 … {classes - 1}"),)

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor | None]:
        scores, target = node.inputs
        d = _class_axis(scores.shape)
        if len(scores.shape) == len(target.shape) and node.needs(1):
            from chainrule.core.derivatives import lowered_vjp

            return lowered_vjp(self, node, g)
        count = prod(size for i, size in enumerate(scores.shape) if i != d)
        g = g / count if node.attrs["reduction"] == "mean" else g
        if node.attrs["reduction"] == "none":
            g = g.unsqueeze(d)
        p = softmax(scores, dim=d)
        if len(scores.shape) == len(target.shape):
            return (p * sum_(target, dim=d, keepdim=True) - target) * g, None
        shape = scores.shape
        column = reshape(target, shape=(*shape[:d], 1, *shape[d + 1 :]))
        classes = counting(stop=shape[d])
        hit = column == reshape(classes, shape=(shape[d], *(1,) * (len(shape) - d - 1)))
        return (p - hit.to(p.dtype)) * g, None

    def mistakes(self, node: Node) -> Iterable[Slip]:
        shape = node.parents[0].shape
        if node.attrs["reduction"] == "mean" and elements(shape) != shape[_class_axis(shape)]:
            yield Slip("the sum over the batch instead of the mean",
                       lambda x, t, **attrs: cross_entropy(x, t, reduction="sum"))  # fmt: skip


def _class_axis(shape: Shape) -> int:
    return 0 if len(shape) == 1 else 1


softmax, log_softmax = Softmax(), LogSoftmax()
mse_loss, binary_cross_entropy, cross_entropy = MseLoss(), BinaryCrossEntropy(), CrossEntropy()
