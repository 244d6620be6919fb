"""Losses of one class among several: cross-entropy, negative log-likelihood, the margins between.

Input is (n, classes, *d) or (classes), the target (n, *d) or () of class numbers.  A target that is
``ignore_index`` (None: there is none) counts for nothing, nor in the mean; if all are ignored, the
mean is 0 / 0, NaN in floats, as in PyTorch, and an error in exact arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.axes import reduced
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError, DTypeError, ShapeError
from chainrule.core.node import Node
from chainrule.core.op import Slip, elements, example
from chainrule.core.signature import Shape, same_size
from chainrule.core.size import prod
from chainrule.core.structural import number
from chainrule.core.tensor import Tensor
from chainrule.ops.elementwise.compare import ne
from chainrule.ops.elementwise.elementary import where
from chainrule.ops.lookup.primitive import counting, one_hot, take
from chainrule.ops.losses.common import Loss, log_softmax, loss_shape, reduce_loss, softmax
from chainrule.ops.reduce.reductions import sum as sum_
from chainrule.ops.shape.primitive import reshape


def class_axis(shape: Shape) -> int:
    """The axis of the classes."""
    return 0 if len(shape) == 1 else 1


def _column(weight: Any, rank: int, d: int) -> tuple[int, ...]:
    """The shape in which a number for each class meets the input."""
    return (*weight.shape, *(1 for _ in range(rank - d - 1)))


def _kept(xp: Any, target: Any, ignore_index: int | None) -> tuple[Any, Any]:
    """Which targets count (None: all), and the classes, 0 standing for those that do not."""
    if ignore_index is None:
        return None, target
    kept = xp.logical_not(xp.equal(target, ignore_index))
    return kept, xp.where(kept, target, 0)


def _chosen(xp: Any, table: Any, at: Any) -> Any:
    """The entry of the table for each target."""
    d = class_axis(table.shape)
    column = (*at.shape[:d], 1, *at.shape[d:])
    return xp.reshape(xp.gather(table, xp.reshape(at, column), d), at.shape)


def _reduced(xp: Any, entries: Any, weights: Any, kept: Any, reduction: str) -> Any:
    """Entries, their sum, or their mean, which is over the weights of the targets that count."""
    if kept is not None:
        entries = xp.where(kept, entries, 0)
    if reduction != "mean" or (kept is None and weights is None):
        return reduce_loss(xp, entries, reduction)
    if weights is None:
        weights = xp.power(xp.detach(entries), 0)  # 1 for each, in the type of the entries
    if kept is not None:
        weights = xp.where(kept, weights, 0)
    dims = tuple(range(len(entries.shape)))
    total = xp.step(xp.sum(entries, dims, False), "sum")
    return xp.divide(total, xp.step(xp.sum(weights, dims, False), "weight of the targets"))


class ClassLoss(Loss, abstract=True):
    """What losses of class numbers share."""

    signature = None
    checks_late = True
    domain = ("real", "index", (0.5, 2.0))

    def shape(self, *shapes: Shape, reduction: str, **attrs: Any) -> Shape:
        input, target, *weights = shapes
        if not input:
            raise ShapeError("input has no axis of classes")
        d = class_axis(input)
        wanted = self.target_shape(input, target)
        if len(wanted) != len(target) or not all(map(same_size, wanted, target)):
            raise ShapeError(
                f"target has shape {target} where input {input} needs {wanted}",
                hint=f"axis {d} of input holds the classes",
            )
        for weight in weights:
            if len(weight) != 1 or not same_size(weight[0], input[d]):
                raise ShapeError(f"weight has shape {weight}, and there are {input[d]} classes")
        return loss_shape(reduced(input, (d,), False), reduction)

    def target_shape(self, input: Shape, target: Shape) -> Shape:
        """The shape that the target has to have."""
        return reduced(input, (class_axis(input),), False)

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        scores, target, *weight = given
        if scores.category not in (dt.REAL, dt.EXACT):
            raise DTypeError(f"input of {self.name} must be floating, not {scores.name}")
        if target not in (dt.int64, dt.uint8):
            raise DTypeError(
                f"a target of class numbers is of type int64, not {target.name}",
                hint="target.long(), or pass probabilities of input's shape",
            )
        if weight and weight[0] is not scores:
            raise DTypeError(f"weight is of type {weight[0].name} and input of {scores.name}")
        return [scores, dt.int64, *weight], scores

    def checks(
        self, xp: Any, input: Any, target: Any, weight: Any = None, *,
        ignore_index: int | None = None, **attrs: Any,
    ) -> Iterable[tuple[Any, str]]:  # fmt: skip
        classes = input.shape[class_axis(input.shape)]
        wrong = xp.logical_or(xp.less(target, 0), xp.less_equal(classes, target))
        if ignore_index is not None:
            wrong = xp.logical_and(wrong, xp.logical_not(xp.equal(target, ignore_index)))
        return ((wrong, f"a target is not among the classes 0 … {classes - 1}"),)


TARGETS = (None, dt.int64)


class NllLoss(ClassLoss):
    """Minus the input's entry at the target class, times the weight of that class: the negative
    log-likelihood, if input are the logarithms of probabilities.

    Shapes: input (n, classes, *d) or (classes), target (n, *d), weight (classes).  The mean is the
    sum divided by the weights of the targets.
    """

    latex = r"\operatorname{{NLL}}({0}, {1})"
    convention = "the mean is over the weights of the targets"
    examples = (
        example((4, 3), (4,), dtypes=TARGETS),
        example((4, 3), (4,), (3,), ignore_index=1, dtypes=TARGETS),
        example((2, 3, 2), (2, 2), reduction="none", ignore_index=0, dtypes=TARGETS),
        example((4, 3), (4,), reduction="sum", dtypes=TARGETS),
        example((3,), (), (3,), dtypes=TARGETS),
        example((4, 3), (4,), ignore_index=-100, dtypes=TARGETS),
    )

    def forward(
        self, xp: Any, input: Any, target: Any, weight: Any = None, *, reduction: str = "mean",
        ignore_index: int | None = None,
    ) -> Any:  # fmt: skip
        kept, at = _kept(xp, target, ignore_index)
        entries, weights = xp.negative(_chosen(xp, input, at)), None
        if weight is not None:
            weights = xp.take(weight, at, 0)
            entries = xp.multiply(entries, weights)
        return _reduced(xp, entries, weights, kept, reduction)

    def mistakes(self, node: Node) -> Iterable[Slip]:
        if len(node.parents) == 2 and node.attrs["ignore_index"] is None:
            yield Slip("softmax was taken once more: these are logarithms already", cross_entropy)


class CrossEntropy(ClassLoss):
    """Minus the logarithm of the softmax probability of the target class, over axis 1.

    Shapes: input (n, classes, *d) or (classes), target (n, *d) of class numbers, or of input's
    shape for class probabilities, weight (classes).  The mean is over the n * d targets; of
    weighted class numbers, it is the sum divided by the weights of the targets.  Smoothing by ε
    mixes the target, (1 - ε) of it, with ε of the uniform distribution.
    """

    latex = r"\operatorname{{CE}}({0}, {1})"
    convention = "to base e; the mean is over the weights of the targets"
    examples = (
        example((4, 3), (4,), dtypes=TARGETS),
        example((4, 3), (4,), reduction="sum", dtypes=TARGETS),
        example((2, 3, 2), (2, 2), reduction="none", dtypes=TARGETS),
        example((4, 3), (4, 3)),
        example((3,), (), dtypes=TARGETS),
        example((4, 3), (4,), ignore_index=2, dtypes=TARGETS),
        example((4, 3), (4,), (3,), ignore_index=0, label_smoothing=0.5, dtypes=TARGETS),
        example((2, 3, 2), (2, 2), (3,), reduction="none", dtypes=TARGETS),
        example((2, 3), (2, 3), (3,), label_smoothing=0.25),
    )

    def forward(
        self, xp: Any, input: Any, target: Any, weight: Any = None, *, reduction: str = "mean",
        ignore_index: int | None = None, label_smoothing: float = 0.0,
    ) -> Any:  # fmt: skip
        if len(input.shape) == len(target.shape):
            entries = _soft(xp, input, target, weight, label_smoothing)
            return reduce_loss(xp, entries, reduction)
        d = class_axis(input.shape)
        kept, at = _kept(xp, target, ignore_index)
        if weight is None and not label_smoothing:
            moved = xp.subtract(input, xp.shift(input, d))
            total = xp.step(xp.sum(xp.exp(moved), (d,), False), "sum of exponentials")
            entries = xp.subtract(xp.log(total), _chosen(xp, moved, at))
            return _reduced(xp, entries, None, kept, reduction)
        scores = log_softmax.forward(xp, input, dim=d)
        entries, weights = xp.negative(_chosen(xp, scores, at)), None
        if weight is not None:
            weights = xp.take(weight, at, 0)
            entries = xp.multiply(entries, weights)
        entries = _smoothed(xp, entries, scores, weight, label_smoothing)
        return _reduced(xp, entries, weights, kept, reduction)

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not 0 <= attrs["label_smoothing"] <= 1:
            raise ArgumentError(
                f"label_smoothing is {attrs['label_smoothing']}", expected="a number from 0 to 1"
            )
        return super().canonical(attrs)

    def target_shape(self, input: Shape, target: Shape) -> Shape:
        return input if len(target) == len(input) else super().target_shape(input, target)

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        if ranks[0] != ranks[1]:
            return super().dtypes(given, ranks, **attrs)
        for name, dtype in zip(("input", "class probabilities", "weight"), given, strict=False):
            if dtype.category not in (dt.REAL, dt.EXACT):
                raise DTypeError(f"{name} of {self.name} must be floating, not {dtype.name}")
        if attrs["ignore_index"] is not None:
            raise ArgumentError("class probabilities have no ignore_index")
        common = dt.result_type(given, ranks)
        return [common] * len(given), common

    def checks(
        self, xp: Any, input: Any, target: Any, weight: Any = None, **attrs: Any
    ) -> Iterable[tuple[Any, str]]:
        if len(input.shape) == len(target.shape):
            return ()
        return super().checks(xp, input, target, weight, **attrs)

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor | None]:
        scores, target, *weight = node.inputs
        d, soft = class_axis(scores.shape), scores.ndim == target.ndim
        if any(map(node.needs, range(1, len(node.parents)))):
            from chainrule.core.derivatives import lowered_vjp

            return lowered_vjp(self, node, g)
        g = _share(node, g)
        if g.ndim:
            g = g.unsqueeze(d)
        p = softmax(scores, dim=d)
        wanted = _wanted(node, d)
        if soft or weight:  # else it adds up to 1
            p = p * sum_(wanted, dim=d, keepdim=True)
        return (p - wanted) * g, *[None] * (len(node.parents) - 1)

    def mistakes(self, node: Node) -> Iterable[Slip]:
        shape = node.parents[0].shape
        if node.attrs["reduction"] == "mean" and elements(shape) != shape[class_axis(shape)]:
            yield Slip("the sum over the batch instead of the mean",
                       lambda *x, **a: cross_entropy(*x, **a | {"reduction": "sum"}))  # fmt: skip


def _wanted(node: Node, d: int) -> Tensor:
    """What softmax is compared with: the target as a distribution, smoothed and weighted."""
    scores, target, *weight = node.inputs
    shape, smoothing = scores.shape, node.attrs["label_smoothing"]
    wanted: Any = target
    if target.ndim < scores.ndim:
        if d == len(shape) - 1 and node.attrs["ignore_index"] is None:
            wanted = one_hot(target, num_classes=shape[d]).to(scores.dtype)
        else:
            column = reshape(target, shape=(*shape[:d], 1, *shape[d + 1 :]))
            classes = counting(stop=shape[d])
            hit = column == reshape(classes, shape=(shape[d], *(1,) * (len(shape) - d - 1)))
            wanted = hit.to(scores.dtype)
    if smoothing:
        epsilon = number(smoothing, scores)
        wanted = wanted * (1 - epsilon) + epsilon / shape[d]
    if weight:
        wanted = wanted * reshape(weight[0], shape=_column(weight[0], len(shape), d))
    return wanted  # type: ignore[no-any-return]


def _share(node: Node, g: Tensor) -> Tensor:
    """The adjoint of each target's loss: 0 for those that are ignored."""
    scores, target, *weight = node.inputs
    ignored, mean = node.attrs["ignore_index"], node.attrs["reduction"] == "mean"
    soft = scores.ndim == target.ndim
    kept = None if ignored is None else ne(target, ignored)
    if mean and weight and not soft:
        at = target if kept is None else where(kept, target, 0)
        weights = take(weight[0], at, dim=0)
        g = g / sum_(weights if kept is None else where(kept, weights, 0))
    elif mean and kept is not None:
        g = g / sum_(kept).to(g.dtype)
    elif mean:
        d = class_axis(scores.shape)
        g = g / prod(size for i, size in enumerate(scores.shape) if i != d)
    share: Tensor = g if kept is None else where(kept, g, 0)
    return share


def _soft(xp: Any, input: Any, target: Any, weight: Any, label_smoothing: float) -> Any:
    """The cross-entropy with class probabilities, of each target."""
    d = class_axis(input.shape)
    scores = log_softmax.forward(xp, input, dim=d)
    products = xp.multiply(target, scores)
    if weight is not None:
        products = xp.multiply(products, xp.reshape(weight, _column(weight, len(input.shape), d)))
    entries = xp.negative(xp.sum(products, (d,), False))
    return _smoothed(xp, entries, scores, weight, label_smoothing)


def _smoothed(xp: Any, entries: Any, scores: Any, weight: Any, label_smoothing: float) -> Any:
    """The entries, moved by ``label_smoothing`` towards those of the uniform distribution."""
    if not label_smoothing:
        return entries
    d = class_axis(scores.shape)
    if weight is not None:
        scores = xp.multiply(scores, xp.reshape(weight, _column(weight, len(scores.shape), d)))
    total = xp.negative(xp.sum(scores, (d,), False))
    uniform = xp.step(xp.divide(total, scores.shape[d]), "loss of the uniform distribution")
    return xp.add(entries, xp.multiply(xp.subtract(uniform, entries), label_smoothing))


class MultiMarginLoss(ClassLoss):
    """The sum over the other classes j of max(0, margin - x[y] + x[j])^p, divided by the number of
    classes: the hinge loss of several classes, whose derivative at the kink is 0.

    Shapes: input (n, classes) or (classes), target (n) or (), weight (classes), which multiplies
    the loss of a target; the mean is over the targets.
    """

    latex = r"\operatorname{{MultiMargin}}({0}, {1})"
    convention = "divided by all classes; derivative 0 at the kink"
    smooth = False
    examples = (
        example((4, 3), (4,), dtypes=TARGETS),
        example((4, 3), (4,), (3,), p=2, margin=0.5, reduction="none", dtypes=TARGETS),
        example((3,), (), reduction="sum", dtypes=TARGETS),
    )

    def forward(
        self, xp: Any, input: Any, target: Any, weight: Any = None, *, p: int = 1,
        margin: float = 1.0, reduction: str = "mean",
    ) -> Any:  # fmt: skip
        d, classes = class_axis(input.shape), input.shape[class_axis(input.shape)]
        column = (*target.shape, 1)
        own = xp.reshape(_chosen(xp, input, target), column)
        missing = xp.step(xp.relu(xp.add(xp.subtract(input, own), margin)), "missing margin")
        terms = missing if p == 1 else xp.multiply(missing, missing)
        its_own = xp.equal(xp.reshape(target, column), xp.arange(classes, "int64"))
        entries = xp.divide(xp.sum(xp.where(its_own, 0, terms), (d,), False), classes)
        if weight is not None:
            entries = xp.multiply(entries, xp.take(weight, target, 0))
        return reduce_loss(xp, entries, reduction)

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["p"] not in (1, 2):
            raise ArgumentError(f"p is {attrs['p']}", expected="1 or 2")
        return super().canonical(attrs)

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        if given[1] is not dt.int64:
            raise DTypeError(f"a target of multi_margin_loss is of type int64, not {given[1].name}",
                             hint="target.long()")  # fmt: skip
        return super().dtypes(given, ranks, **attrs)

    def shape(self, *shapes: Shape, reduction: str, **attrs: Any) -> Shape:
        if len(shapes[0]) > 2:
            raise ShapeError(f"input has {len(shapes[0])} axes", expected="(n, classes)")
        return super().shape(*shapes, reduction=reduction)


cross_entropy, nll_loss, multi_margin_loss = CrossEntropy(), NllLoss(), MultiMarginLoss()

__all__ = ["class_axis", "cross_entropy", "multi_margin_loss", "nll_loss"]
