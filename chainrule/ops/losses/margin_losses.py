"""Hinges and distances: losses that ask for a margin, with targets 1 and -1.

PyTorch's hinges have the derivative of their slope at the kink, where the loss is just 0.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.axes import axis, reduced
from chainrule.core.derivatives import lowered_vjp, unbroadcast
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.node import Node
from chainrule.core.op import Op, Slip, example, require
from chainrule.core.signature import Shape, broadcast, same_size
from chainrule.core.tensor import Tensor
from chainrule.namespaces.constants import Constant
from chainrule.ops.elementwise.compare import eq
from chainrule.ops.elementwise.elementary import sigmoid, where
from chainrule.ops.losses.common import (
    Loss,
    loss_shape,
    reduce_loss,
    refuse_bools,
    share,
    typed_as_input,
)
from chainrule.ops.losses.probability_losses import log_of_one_plus_exp
from chainrule.ops.losses.regression_losses import PAIRS

TINY = 1e-38
"""Below it a sum of squares counts as 0, so that its root has the derivative 0 there."""


def at_least_zero(xp: Any, x: Any) -> Any:
    """``x`` where it is 0 or more, else 0: unlike that of relu, the derivative at 0 is 1."""
    return xp.where(xp.less(x, 0), 0, x)


class HingeLoss(Loss):
    """max(0, 1 - t x) for scores x and targets t of 1 and -1: the hinge loss of support vector
    machines, which PyTorch does not have under a name; the derivative at the kink is 0.

    Of Cortes and Vapnik, Support-Vector Networks (1995).
    """

    latex = r"\operatorname{{hinge}}({0}, {1})"
    convention = "targets 1 and -1; derivative 0 at the kink"
    smooth = False
    examples = (*PAIRS, example((2, 3), (2, 3), margin=0.5))

    def forward(
        self, xp: Any, input: Any, target: Any, *, margin: float = 1.0, reduction: str = "mean"
    ) -> Any:
        agreement = xp.step(xp.multiply(target, input), "target times score")
        return reduce_loss(xp, xp.relu(xp.subtract(margin, agreement)), reduction)

    def mistakes(self, node: Node) -> Iterable[Slip]:
        yield Slip("the sign of the target was turned", lambda x, t, **a: hinge_loss(x, -t, **a))


class HingeEmbeddingLoss(Loss):
    """x where the target is 1, max(0, margin - x) where it is -1: x is a distance, small for what
    is alike.  (Both are added for a target that is neither, as in PyTorch.)"""

    latex = r"\operatorname{{HingeEmbedding}}({0}, {1})"
    convention = "targets 1 and -1; derivative -1 at the kink"
    smooth = False
    examples = (*PAIRS, example((2, 3), (2, 3), margin=0.5))

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        return typed_as_input(self, given, ranks)

    def forward(
        self, xp: Any, input: Any, target: Any, *, margin: float = 1.0, reduction: str = "mean"
    ) -> Any:
        missing = at_least_zero(xp, xp.subtract(margin, input))
        apart = xp.where(xp.equal(target, 1), 0, missing)
        alike = xp.where(xp.equal(target, -1), 0, input)
        return reduce_loss(xp, xp.add(apart, alike), reduction)


class MarginRankingLoss(Loss):
    """max(0, margin - t (x1 - x2)): 0 once x1 is above x2 by the margin (for t = 1), or below it
    (for t = -1)."""

    signature = None
    latex = r"\operatorname{{MarginRanking}}({0}, {1}, {2})"
    convention = "targets 1 and -1; derivative of the slope at the kink"
    smooth = False
    examples = (
        example((2, 3), (2, 3), (2, 3)),
        example((3,), (3,), (3,), margin=0.5, reduction="none"),
    )

    def forward(
        self, xp: Any, input1: Any, input2: Any, target: Any, *, margin: float = 0.0,
        reduction: str = "mean",
    ) -> Any:  # fmt: skip
        ahead = xp.multiply(target, xp.step(xp.subtract(input1, input2), "difference"))
        return reduce_loss(xp, at_least_zero(xp, xp.subtract(margin, ahead)), reduction)

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        refuse_bools(self, given)
        return super().dtypes(given, ranks, **attrs)

    def shape(self, *shapes: Shape, reduction: str, **attrs: Any) -> Shape:
        super().shape(*shapes[1:], reduction=reduction)
        return super().shape(*shapes[:2], reduction=reduction)

    def mistakes(self, node: Node) -> Iterable[Slip]:
        yield Slip("the two inputs were exchanged",
                   lambda a, b, t, **attrs: margin_ranking_loss(b, a, t, **attrs))  # fmt: skip


class SoftMarginLoss(Loss):
    """ln(1 + e^(-t x)) for scores x and targets t of 1 and -1, without overflow (PyTorch's is
    infinite above some 88 in float32)."""

    latex = r"\operatorname{{SoftMargin}}({0}, {1})"
    convention = "to base e; targets 1 and -1"
    examples = PAIRS

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        return typed_as_input(self, given, ranks)

    def forward(self, xp: Any, input: Any, target: Any, *, reduction: str = "mean") -> Any:
        agreement = xp.step(xp.multiply(target, input), "target times score")
        return reduce_loss(xp, log_of_one_plus_exp(xp, xp.negative(agreement)), reduction)

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor | None]:
        x, t = node.inputs
        slope = sigmoid(-(t * x)) * share(node, g)
        return -t * slope, (-x * slope if node.needs(1) else None)


def _along(shapes: Any, dim: Any, keepdim: bool) -> Shape:
    """The shape of what is computed of vectors along an axis."""
    whole = broadcast(*shapes)
    return reduced(whole, (axis(dim, len(whole)),) if whole else (), keepdim)


class CosineSimilarity(Op):
    """The cosine of the angle between two vectors along ``dim``: their product divided by both
    lengths, of which each counts as at least ``eps`` (in exact arithmetic as it is).

    Shapes: x1 and x2 broadcast; the result lacks the axis.
    """

    kind = "reduce"
    latex = r"\cos({0}, {1})"
    convention = "each length counts as at least eps"
    examples = (
        example((2, 3), (2, 3)),
        example((2, 3), (3,), dim=-1),
        example((3, 2), (3, 2), dim=0),
    )

    def forward(self, xp: Any, x1: Any, x2: Any, *, dim: int = 1, eps: float = 1e-8) -> Any:
        shape = broadcast(x1.shape, x2.shape)
        d = axis(dim, len(shape))
        vectors = [x if x.shape == shape else xp.expand(x, shape) for x in (x1, x2)]
        if not shape:
            vectors, d = [xp.reshape(x, (1,)) for x in vectors], 0
        units = []
        for x in vectors:
            square = xp.clip_below(xp.sum(xp.power(x, 2), (d,), True), TINY)
            length = xp.step(xp.sqrt(square), "length")
            units.append(xp.divide(x, xp.with_value(length, xp.clip_below(length, eps))))
        return xp.sum(xp.multiply(*units), (d,), False)

    def shape(self, *shapes: Shape, dim: int, eps: float) -> Shape:
        axis(dim, len(broadcast(*shapes)))
        return _along(shapes, dim, False)

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        common = dt.promote(*given)  # also of an operand without axes
        require(self.name, common, dt.REAL, dt.EXACT)
        return [common] * len(given), common


def _inverse(p: float) -> Constant:
    """1 / p, which floats round."""
    return Constant(1 / p, 1 / Fraction(str(p)))


def norm(xp: Any, x: Any, p: float, d: int, keepdim: bool) -> Any:
    """The p-norm along an axis: the p-th root of the sum of |x|^p; the largest |x| for p = ∞, the
    number of entries that are not 0 for p = 0."""
    if p == 2:
        return xp.sqrt(xp.sum(xp.multiply(x, x), (d,), keepdim))
    size = xp.absolute(x)
    if p == 1:
        return xp.sum(size, (d,), keepdim)
    if p == 0:
        return xp.sum(xp.sign(size), (d,), keepdim)
    if p in (float("inf"), float("-inf")):
        return (xp.amax if p > 0 else xp.amin)(size, (d,), keepdim)
    return xp.power(xp.sum(xp.power(size, p), (d,), keepdim), _inverse(p))


class PairwiseDistance(Op):
    """The p-norm of x1 - x2 + eps along the last axis.

    Shapes: x1 and x2 broadcast; the result lacks the last axis, unless ``keepdim``.
    """

    kind = "reduce"
    dtype_rule = "float"
    takes = (dt.REAL, dt.EXACT)
    latex = r"\left\|{0} - {1}\right\|_{{{p}}}"
    convention = "eps is added to the difference"
    smooth = False
    examples = (
        example((2, 3), (2, 3)),
        example((2, 3), (3,), p=1.0, keepdim=True),
        example((2, 3), (2, 3), p=3.0, eps=0.0),
        example((2, 3), (2, 3), p=float("inf")),
    )

    def forward(
        self, xp: Any, x1: Any, x2: Any, *, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False
    ) -> Any:
        difference = xp.step(xp.subtract(x1, x2), "difference")
        moved = xp.add(difference, eps) if eps else difference
        if not moved.shape:
            return xp.reshape(norm(xp, xp.reshape(moved, (1,)), p, 0, True), ())
        return norm(xp, moved, p, len(moved.shape) - 1, keepdim)

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        refuse_bools(self, given)
        return super().dtypes(given, ranks, **attrs)

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor | None]:
        if node.attrs["p"] != 2:
            return lowered_vjp(self, node, g)
        (a, b), length = node.inputs, node.output
        moved = a - b + node.attrs["eps"]
        if moved.ndim and not node.attrs["keepdim"]:
            length, g = length.unsqueeze(-1), g.unsqueeze(-1)
        slope = moved / where(eq(length, 0), 1, length) * g  # 0 for equal vectors, as in PyTorch
        return unbroadcast(slope, a.shape), unbroadcast(-slope, b.shape)

    def shape(self, *shapes: Shape, p: float, eps: float, keepdim: bool) -> Shape:
        return _along(shapes, -1, keepdim)


class CosineEmbeddingLoss(Loss):
    """1 - cos where the target is 1, max(0, cos - margin) where it is -1, else 0; cos is that of
    the angle between x1 and x2, with 1e-12 added to the squares of both lengths, as in PyTorch.

    Shapes: x1 and x2 (n, d) and target (n), or (d) and ().
    """

    signature = None
    latex = r"\operatorname{{CosineEmbedding}}({0}, {1}, {2})"
    convention = "targets 1 and -1; 1e-12 is added to the squared lengths"
    smooth = False
    examples = (
        example((2, 3), (2, 3), (2,), margin=-0.5),
        example((3,), (3,), (), reduction="none"),
    )
    EPS = Constant(9.999999960041972e-13, Fraction(1, 10**12))  # in PyTorch it is a float32

    def forward(
        self, xp: Any, input1: Any, input2: Any, target: Any, *, margin: float = 0.0,
        reduction: str = "mean",
    ) -> Any:  # fmt: skip
        d = (len(input1.shape) - 1,)
        product = xp.step(xp.sum(xp.multiply(input1, input2), d, False), "product")
        squares = [xp.add(xp.sum(xp.multiply(x, x), d, False), self.EPS) for x in (input1, input2)]
        cosine = xp.step(xp.divide(product, xp.sqrt(xp.multiply(*squares))), "cosine")
        alike = xp.where(xp.equal(target, 1), xp.subtract(1, cosine), 0)
        apart = at_least_zero(xp, xp.subtract(cosine, margin))
        return reduce_loss(xp, xp.add(alike, xp.where(xp.equal(target, -1), apart, 0)), reduction)

    def shape(self, *shapes: Shape, reduction: str, **attrs: Any) -> Shape:
        super().shape(*shapes[:2], reduction="none")
        if len(shapes[0]) not in (1, 2):
            raise ShapeError(f"inputs have {len(shapes[0])} axes", expected="(n, d) or (d)")
        if len(shapes[2]) != len(shapes[0]) - 1 or not all(map(same_size, shapes[2], shapes[0])):
            raise ShapeError(f"target has shape {shapes[2]} for inputs of {shapes[0]}",
                             expected="one number, 1 or -1, for each pair")  # fmt: skip
        return loss_shape(shapes[2], reduction)


class TripletMarginLoss(Loss):
    """max(0, d(anchor, positive) - d(anchor, negative) + margin), where d is `pairwise_distance`;
    with ``swap``, the distance of positive and negative counts if it is smaller.

    Shapes: all (*b, d), the losses (*b).  Of Schroff et al., FaceNet (2015), there with squares.
    """

    signature = None
    latex = r"\operatorname{{Triplet}}({0}, {1}, {2})"
    convention = "distances, not their squares"
    smooth = False
    examples = (
        example((2, 3), (2, 3), (2, 3)),
        example((2, 3), (2, 3), (2, 3), margin=2.0, p=1.0, swap=True, reduction="none"),
    )

    def forward(
        self, xp: Any, anchor: Any, positive: Any, negative: Any, *, margin: float = 1.0,
        p: float = 2.0, eps: float = 1e-6, swap: bool = False, reduction: str = "mean",
    ) -> Any:  # fmt: skip
        def distance(x: Any, y: Any) -> Any:
            return pairwise_distance.forward(xp, x, y, p=p, eps=eps)

        near = xp.step(distance(anchor, positive), "distance of the positive")
        far = xp.step(distance(anchor, negative), "distance of the negative")
        if swap:
            far = xp.minimum(far, distance(positive, negative))
        return reduce_loss(xp, at_least_zero(xp, xp.add(xp.subtract(near, far), margin)), reduction)

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs["margin"] > 0:
            raise ArgumentError(f"margin is {attrs['margin']}", expected="a number above 0")
        return super().canonical(attrs)

    def shape(self, *shapes: Shape, reduction: str, **attrs: Any) -> Shape:
        super().shape(*shapes[:2], reduction="none")
        super().shape(*shapes[1:], reduction="none")
        if not shapes[0]:
            raise ShapeError("the distance of numbers without axes")
        return loss_shape(shapes[0][:-1], reduction)

    def mistakes(self, node: Node) -> Iterable[Slip]:
        yield Slip("positive and negative were exchanged",
                   lambda x, y, z, **attrs: triplet_margin_loss(x, z, y, **attrs))  # fmt: skip


hinge_loss, hinge_embedding_loss = HingeLoss(), HingeEmbeddingLoss()
margin_ranking_loss, soft_margin_loss = MarginRankingLoss(), SoftMarginLoss()
cosine_similarity, pairwise_distance = CosineSimilarity(), PairwiseDistance()
cosine_embedding_loss, triplet_margin_loss = CosineEmbeddingLoss(), TripletMarginLoss()

__all__ = [
    "cosine_embedding_loss", "cosine_similarity", "hinge_embedding_loss", "hinge_loss",
    "margin_ranking_loss", "norm", "pairwise_distance", "soft_margin_loss", "triplet_margin_loss",
]  # fmt: skip
