"""Losses of probabilities: cross-entropies of yes and no, divergences, negative log-likelihoods.

Logarithms are to base e.  Weights multiply the loss of an entry and are repeated to the input's
shape; the mean stays that of all entries.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from chainrule.core import dtypes as dt
from chainrule.core.axes import reduced
from chainrule.core.derivatives import unbroadcast
from chainrule.core.dtypes import DType
from chainrule.core.errors import DTypeError, ShapeError
from chainrule.core.node import Node
from chainrule.core.op import Slip, example, require
from chainrule.core.signature import Shape
from chainrule.core.tensor import Tensor
from chainrule.namespaces import constants
from chainrule.namespaces.constants import PI
from chainrule.ops.elementwise.elementary import log, sigmoid
from chainrule.ops.losses.common import (
    Loss,
    loss_shape,
    reduce_loss,
    refuse_bools,
    require_weight,
    share,
)
from chainrule.ops.structural.stable import clip_below

LEAST = 9.999999960041972e-13
"""The least that p (1 - p) counts as in the derivative: 1e-12 as a float32, as in PyTorch."""

HALF_LN_2_PI = constants.log(2 * PI) / 2


def log_of_one_plus_exp(xp: Any, x: Any) -> Any:
    """ln(1 + e^x), without overflow: in floats max(x, 0) + ln(1 + e^-|x|), which it is."""
    top = xp.clip_below(x, 0)
    return xp.add(xp.log1p(xp.exp(xp.subtract(x, xp.multiply(top, 2)))), top)


def _weighted(xp: Any, entries: Any, weight: Any) -> Any:
    return entries if weight is None else xp.multiply(entries, weight)


class WeightedLoss(Loss, abstract=True):
    """A loss whose third operand, if given, is a weight for each entry."""

    signature = None

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        """Weights take the type of input and target, whatever their own."""
        for name, dtype in zip(self.inputs, given, strict=False):
            if name in self.floating:
                require(f"{name} of {self.name}", dtype, dt.REAL, dt.EXACT)
        _, made = super().dtypes(given[:2], ranks[:2], **attrs)
        if dt.exact in given:
            made = dt.exact
        return [made] * len(given), made

    floating: ClassVar[tuple[str, ...]] = ("input", "target")
    """The operands that are floating (or exact) themselves."""

    def shape(self, *shapes: Shape, reduction: str, **attrs: Any) -> Shape:
        for name, weight in zip(self.inputs[2:], shapes[2:], strict=False):
            require_weight(weight, shapes[0], name)
        return super().shape(*shapes[:2], reduction=reduction)


class BinaryCrossEntropy(WeightedLoss):
    """-(t ln p + (1 - t) ln(1 - p)) for probabilities p and targets t; logarithms stop at -100."""

    latex = r"\operatorname{{BCE}}({0}, {1})"
    convention = "to base e; in floats logarithms stop at -100; weights do not divide the mean"
    domain = ("prob", "prob", (0.5, 2.0))
    examples = (
        example((2, 3), (2, 3)),
        example((2,), (2,), reduction="sum"),
        example((2, 3), (2, 3), reduction="none"),
        example((2, 3), (2, 3), (3,)),
    )

    def forward(
        self, xp: Any, input: Any, target: Any, weight: Any = None, *, reduction: str = "mean"
    ) -> Any:
        yes = xp.multiply(target, xp.clip_below(xp.log(input), -100))
        against = xp.clip_below(xp.log(xp.subtract(1, input)), -100)
        no = xp.multiply(xp.subtract(1, target), against)
        return reduce_loss(xp, _weighted(xp, xp.negative(xp.add(yes, no)), weight), reduction)

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        input, target = given[:2]
        if input is not target and dt.exact not in given:
            raise DTypeError(f"input is of type {input.name} and target of {target.name}",
                             hint="target.to(input.dtype)")  # fmt: skip
        return super().dtypes(given, ranks, **attrs)

    def checks(
        self, xp: Any, input: Any, target: Any, weight: Any = None, **attrs: Any
    ) -> Iterable[tuple[Any, str]]:
        for x, sentence in (
            (input, "a probability is outside 0 … 1 (were these logits?)"),
            (target, "a target is outside 0 … 1"),
        ):
            outside = xp.logical_or(xp.less(x, 0), xp.less(1, x))
            yield xp.logical_or(outside, xp.logical_not(xp.equal(x, x))), sentence  # NaN, too

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor | None]:
        p, t, *weight = node.inputs
        g = share(node, g)
        by_entry = g * weight[0] if weight else g
        yield (p - t) / clip_below(p * (1 - p), low=LEAST) * by_entry
        if not weight and not node.needs(1):
            yield None
            return
        yield (log(1 - p) - log(p)) * by_entry  # unclamped, as PyTorch has it
        if weight:
            yes, no = (clip_below(log(chance), low=-100) for chance in (p, 1 - p))
            yield unbroadcast(-(t * yes + (1 - t) * no) * g, weight[0].shape)


class BinaryCrossEntropyWithLogits(WeightedLoss):
    """ln(1 + e^x) - t x for logits x and targets t: the binary cross-entropy of the logistic
    function of x, which never overflows."""

    latex = r"\operatorname{{BCE}}(\sigma({0}), {1})"
    convention = "to base e; weights do not divide the mean"
    domain = ("real", "prob", (0.5, 2.0))
    examples = (
        example((2, 3), (2, 3)),
        example((2,), (2,), reduction="sum"),
        example((2, 3), (2, 3), (3,), reduction="none"),
    )

    def forward(
        self, xp: Any, input: Any, target: Any, weight: Any = None, *, reduction: str = "mean"
    ) -> Any:
        minus = xp.negative(input)
        no = xp.multiply(xp.subtract(1, target), input)
        entries = xp.add(no, log_of_one_plus_exp(xp, minus))
        return reduce_loss(xp, _weighted(xp, entries, weight), reduction)

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor | None]:
        x, t, *weight = node.inputs
        g = share(node, g)
        by_entry = g * weight[0] if weight else g
        yield (sigmoid(x) - t) * by_entry
        yield -x * by_entry if node.needs(1) else None
        if weight:
            entries = binary_cross_entropy_with_logits(x, t, reduction="none")
            yield unbroadcast(entries * g, weight[0].shape)

    def mistakes(self, node: Node) -> Iterable[Slip]:
        if len(node.parents) == 2:
            yield Slip("the logits were taken for probabilities of the other class",
                       lambda x, t, **a: binary_cross_entropy_with_logits(-x, t, **a))  # fmt: skip


class PosWeightedBinaryCrossEntropyWithLogits(WeightedLoss):
    """(1 - t) x + (1 + (pos_weight - 1) t) ln(1 + e^-x): the binary cross-entropy of logits x, in
    which a positive target counts ``pos_weight`` times."""

    latex = r"\operatorname{{BCE}}(\sigma({0}), {1})"
    convention = "to base e; weights do not divide the mean"
    domain = ("real", "prob", (0.5, 2.0), (0.5, 2.0))
    examples = (
        example((2, 3), (2, 3), (3,)),
        example((2, 3), (2, 3), (2, 1), (3,), reduction="none"),
    )

    def forward(
        self, xp: Any, input: Any, target: Any, pos_weight: Any, weight: Any = None, *,
        reduction: str = "mean",
    ) -> Any:  # fmt: skip
        factor = xp.add(1, xp.multiply(xp.subtract(pos_weight, 1), target))
        loss = log_of_one_plus_exp(xp, xp.negative(input))
        no = xp.multiply(xp.subtract(1, target), input)
        entries = xp.add(no, xp.multiply(factor, loss))
        return reduce_loss(xp, _weighted(xp, entries, weight), reduction)

    def mistakes(self, node: Node) -> Iterable[Slip]:
        plain = binary_cross_entropy_with_logits
        yield Slip("the positive weight was forgotten",
                   lambda x, t, pos_weight, *w, **a: plain(x, t, *w, **a))  # fmt: skip


class MultilabelSoftMarginLoss(WeightedLoss):
    """The binary cross-entropy of logits, as the mean over the last axis, the classes; then over
    the others."""

    latex = r"\operatorname{{MultiLabel}}({0}, {1})"
    convention = "to base e; the mean over the classes first"
    floating = ("input",)
    domain = BinaryCrossEntropyWithLogits.domain
    examples = (
        example((2, 3), (2, 3)),
        example((2, 3), (2, 3), (3,), reduction="none"),
        example((3,), (3,), reduction="sum"),
    )

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        refuse_bools(self, given[1:2])
        return super().dtypes(given, ranks, **attrs)

    def forward(
        self, xp: Any, input: Any, target: Any, weight: Any = None, *, reduction: str = "mean"
    ) -> Any:
        entries = binary_cross_entropy_with_logits.forward(
            xp, input, target, weight, reduction="none"
        )
        d = len(input.shape) - 1
        return reduce_loss(xp, xp.divide(xp.sum(entries, (d,), False), input.shape[d]), reduction)

    def shape(self, *shapes: Shape, reduction: str, **attrs: Any) -> Shape:
        super().shape(*shapes, reduction="none")
        if not shapes[0]:
            raise ShapeError("input has no axis of classes")
        return loss_shape(reduced(shapes[0], (len(shapes[0]) - 1,), False), reduction)


class KlDiv(Loss):
    """target (ln target - input), entry by entry, for ``input`` the logarithms of probabilities:
    summed, the Kullback-Leibler divergence of the input from the target.

    With ``log_target`` the target is logarithms, too.  The mean is over all entries; "batchmean",
    the sum divided by the size of axis 0, is the divergence per sample.
    """

    latex = r"\operatorname{{KL}}({1} \,\|\, e^{{{0}}})"
    convention = "to base e; the mean is over all entries, batchmean over samples; 0 ln 0 is 0"
    domain = ("real", (0.1, 1.0))
    examples = (
        example((2, 3), (2, 3)),
        example((2, 3), (2, 3), reduction="batchmean"),
        example((2, 3), (2, 3), reduction="none", log_target=True),
    )

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        for name, dtype in zip(self.inputs, given, strict=True):
            require(f"{name} of {self.name}", dtype, dt.REAL, dt.EXACT)
        return super().dtypes(given, ranks, **attrs)

    def forward(
        self, xp: Any, input: Any, target: Any, *, reduction: str = "mean", log_target: bool = False
    ) -> Any:
        if log_target:
            entries = xp.multiply(xp.exp(target), xp.subtract(target, input))
        else:
            nothing = xp.equal(target, 0)  # 0 ln 0 is 0
            logarithm = xp.log(xp.where(nothing, 1, target))
            entries = xp.subtract(xp.multiply(target, logarithm), xp.multiply(target, input))
        if reduction != "batchmean":
            return reduce_loss(xp, entries, reduction)
        total = reduce_loss(xp, entries, "sum")
        return xp.divide(xp.step(total, "sum"), input.shape[0]) if input.shape else total

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return attrs if attrs["reduction"] == "batchmean" else super().canonical(attrs)

    def shape(self, *shapes: Shape, reduction: str, **attrs: Any) -> Shape:
        return super().shape(*shapes, reduction="mean" if reduction == "batchmean" else reduction)

    def mistakes(self, node: Node) -> Iterable[Slip]:
        if node.attrs["reduction"] == "mean":
            yield Slip("the mean over all entries instead of the samples (batchmean)",
                       lambda *x, **a: kl_div(*x, **a | {"reduction": "batchmean"}))  # fmt: skip


class PoissonNllLoss(Loss):
    """e^x - t x for the logarithm x of a Poisson rate and counts t; x - t ln(x + eps) for the rate
    itself.

    ``full`` adds Stirling's t ln t - t + ln(2 π t) / 2 for t above 1, in place of ln t!.
    """

    latex = r"\operatorname{{PoissonNLL}}({0}, {1})"
    convention = "to base e; ln t! only with full"
    domain = ((0.5, 2.0), (0.5, 4.0))
    examples = (
        example((2, 3), (2, 3)),
        example((2, 3), (2, 3), log_input=False, reduction="none"),
        example((2, 3), (2, 3), full=True, reduction="sum"),
    )

    def forward(
        self, xp: Any, input: Any, target: Any, *, log_input: bool = True, full: bool = False,
        eps: float = 1e-8, reduction: str = "mean",
    ) -> Any:  # fmt: skip
        if log_input:
            entries = xp.subtract(xp.exp(input), xp.multiply(target, input))
        else:
            entries = xp.subtract(input, xp.multiply(target, xp.log(xp.add(input, eps))))
        if full:
            many = xp.less(1, target)
            count = xp.where(many, target, 1)
            circle = xp.multiply(xp.multiply(count, PI), 2)
            stirling = xp.add(
                xp.subtract(xp.multiply(count, xp.log(count)), count),
                xp.multiply(xp.log(circle), 0.5),
            )
            entries = xp.add(entries, xp.where(many, stirling, 0))
        return reduce_loss(xp, entries, reduction)

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        if not attrs["log_input"]:
            refuse_bools(self, given[:1])
        return super().dtypes(given, ranks, **attrs)


class GaussianNllLoss(Loss):
    """(ln v + (x - t)^2 / v) / 2 for the mean x and variance v of a normal distribution and targets
    t; ``full`` adds ln(2 π) / 2.

    Variances count as at least ``eps``, unseen by derivatives (in exact arithmetic as they are).
    Of Nix and Weigend, Estimating the Mean and Variance of the Target Distribution (1994).
    """

    signature = None
    latex = r"\operatorname{{GaussianNLL}}({0}, {1}, {2})"
    convention = "to base e; var is the variance; ln(2 π) / 2 only with full"
    domain = ("real", "real", (0.5, 2.0))
    examples = (
        example((2, 3), (2, 3), (2, 3)),
        example((2, 3), (2, 3), (2, 1), full=True, reduction="sum"),
        example((2,), (2,), (1,), reduction="none"),
    )

    def forward(
        self, xp: Any, input: Any, target: Any, var: Any, *, full: bool = False, eps: float = 1e-6,
        reduction: str = "mean",
    ) -> Any:  # fmt: skip
        variance = xp.with_value(var, xp.clip_below(var, eps))
        difference = xp.step(xp.subtract(input, target), "difference")
        squares = xp.divide(xp.power(difference, 2), variance)
        entries = xp.multiply(xp.add(xp.log(variance), squares), 0.5)
        if full:
            entries = xp.add(entries, HALF_LN_2_PI)
        return reduce_loss(xp, entries, reduction)

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        refuse_bools(self, given)
        require(f"var of {self.name}", given[2], dt.REAL, dt.EXACT)
        return super().dtypes(given, ranks, **attrs)

    def shape(self, *shapes: Shape, reduction: str, **attrs: Any) -> Shape:
        require_weight(shapes[2], shapes[0], "var")
        return super().shape(*shapes[:2], reduction=reduction)

    def checks(
        self, xp: Any, input: Any, target: Any, var: Any, **attrs: Any
    ) -> Iterable[tuple[Any, str]]:
        return ((xp.less(var, 0), "a variance is negative"),)

    def mistakes(self, node: Node) -> Iterable[Slip]:
        yield Slip("the standard deviation was taken for the variance",
                   lambda x, t, v, **attrs: gaussian_nll_loss(x, t, v * v, **attrs))  # fmt: skip


binary_cross_entropy = BinaryCrossEntropy()
binary_cross_entropy_with_logits = BinaryCrossEntropyWithLogits()
pos_weighted_binary_cross_entropy_with_logits = PosWeightedBinaryCrossEntropyWithLogits()
multilabel_soft_margin_loss, kl_div = MultilabelSoftMarginLoss(), KlDiv()
poisson_nll_loss, gaussian_nll_loss = PoissonNllLoss(), GaussianNllLoss()

__all__ = [
    "binary_cross_entropy", "binary_cross_entropy_with_logits", "gaussian_nll_loss", "kl_div",
    "log_of_one_plus_exp", "multilabel_soft_margin_loss", "poisson_nll_loss",
    "pos_weighted_binary_cross_entropy_with_logits",
]  # fmt: skip
