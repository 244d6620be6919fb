"""Losses of differences between prediction and target: squared, absolute, and between the two."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError
from chainrule.core.node import Node
from chainrule.core.op import Slip, example
from chainrule.core.tensor import Tensor
from chainrule.ops.elementwise.elementary import where
from chainrule.ops.elementwise.piecewise import abs as abs_
from chainrule.ops.elementwise.piecewise import sign
from chainrule.ops.losses.common import Loss, reduce_loss, refuse_bools, share, typed_as_input

PAIRS = (
    example((2, 3), (2, 3)),
    example((2,), (2,), reduction="sum"),
    example((2, 3), (2, 3), reduction="none"),
)


class MseLoss(Loss):
    """The squared difference of prediction and target: mean, sum or each."""

    latex = r"\operatorname{{MSE}}({0}, {1})"
    convention = "no factor 1/2"
    examples = PAIRS

    def forward(self, xp: Any, input: Any, target: Any, *, reduction: str = "mean") -> Any:
        difference = xp.step(xp.subtract(input, target), "difference")
        return reduce_loss(xp, xp.step(xp.multiply(difference, difference), "squares"), reduction)

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor | None]:
        a, b = node.inputs
        slope = (a - b) * share(node, g * 2)
        return slope, (-slope if node.needs(1) else None)

    def mistakes(self, node: Node) -> Iterable[Slip]:
        if node.attrs["reduction"] == "mean":
            yield Slip("the sum was not divided by the count",
                       lambda a, b, **attrs: mse_loss(a, b, reduction="sum"))  # fmt: skip
            yield Slip("half of the squared error", lambda a, b, **attrs: mse_loss(a, b) / 2)


class L1Loss(Loss):
    """The absolute difference of prediction and target: mean, sum or each.

    The derivative is 0 where they are equal.
    """

    latex = r"\operatorname{{L1}}({0}, {1})"
    convention = "derivative 0 at 0"
    smooth = False
    examples = PAIRS

    def forward(self, xp: Any, input: Any, target: Any, *, reduction: str = "mean") -> Any:
        difference = xp.step(xp.subtract(input, target), "difference")
        return reduce_loss(xp, xp.absolute(difference), reduction)

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        refuse_bools(self, given)
        return super().dtypes(given, ranks, **attrs)

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor | None]:
        a, b = node.inputs
        slope = sign(a - b) * share(node, g)
        return slope, (-slope if node.needs(1) else None)

    def mistakes(self, node: Node) -> Iterable[Slip]:
        yield Slip("the squared difference instead of the absolute one", mse_loss)


class SmoothL1Loss(Loss):
    """With d = |input - target|: d^2 / (2 beta) where d < beta, else d - beta / 2.

    Of Girshick, Fast R-CNN (2015), where beta is 1; for beta 0 it is the absolute difference.
    """

    name = "smooth_l1_loss"
    latex = r"\operatorname{{SmoothL1}}({0}, {1})"
    convention = "the parabola is d^2 / (2 beta)"
    smooth = False
    examples = (
        *PAIRS, example((2, 3), (2, 3), beta=0.5), example((2, 3), (2, 3), beta=0),
    )  # fmt: skip

    def forward(
        self, xp: Any, input: Any, target: Any, *, reduction: str = "mean", beta: float = 1.0
    ) -> Any:
        distance = xp.step(xp.absolute(xp.subtract(input, target)), "distance")
        if beta == 0:
            return reduce_loss(xp, distance, reduction)
        inside = xp.divide(xp.multiply(xp.multiply(distance, distance), 0.5), beta)
        outside = xp.subtract(distance, beta / 2)
        return reduce_loss(xp, xp.where(xp.less(distance, beta), inside, outside), reduction)

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs["beta"] >= 0:
            raise ArgumentError(f"beta is {attrs['beta']}", expected="a number from 0")
        return super().canonical(attrs)

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        refuse_bools(self, given)
        return super().dtypes(given, ranks, **attrs)

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor | None]:
        (a, b), beta = node.inputs, node.attrs["beta"]
        difference = a - b
        slope = sign(difference)
        if beta:  # NaN is on no side, and stays NaN
            slope = where(abs_(difference) >= beta, slope, difference / beta)
        slope = slope * share(node, g)
        return slope, (-slope if node.needs(1) else None)

    def mistakes(self, node: Node) -> Iterable[Slip]:
        if node.attrs["beta"]:
            yield Slip("the absolute difference, without the parabola around 0",
                       lambda a, b, *, beta, **attrs: l1_loss(a, b, **attrs))  # fmt: skip


class HuberLoss(Loss):
    """With d = |input - target|: d^2 / 2 where d < delta, else delta (d - delta / 2).

    Of Huber, Robust Estimation of a Location Parameter (1964); delta times the smooth L1 loss.
    """

    latex = r"\operatorname{{Huber}}({0}, {1})"
    convention = "the parabola is d^2 / 2; result typed as the input"
    smooth = False
    examples = (*PAIRS, example((2, 3), (2, 3), delta=0.5))

    def forward(
        self, xp: Any, input: Any, target: Any, *, reduction: str = "mean", delta: float = 1.0
    ) -> Any:
        distance = xp.step(xp.absolute(xp.subtract(input, target)), "distance")
        inside = xp.multiply(xp.multiply(distance, distance), 0.5)
        outside = xp.multiply(xp.subtract(distance, delta / 2), delta)
        return reduce_loss(xp, xp.where(xp.less(distance, delta), inside, outside), reduction)

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs["delta"] > 0:
            raise ArgumentError(f"delta is {attrs['delta']}", expected="a number above 0")
        return super().canonical(attrs)

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        """The result has the type of the input, not the common one, as in PyTorch."""
        return typed_as_input(self, given, ranks)

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor | None]:
        (a, b), delta = node.inputs, node.attrs["delta"]
        difference = a - b
        slope = where(abs_(difference) >= delta, sign(difference) * delta, difference)
        slope = slope * share(node, g)
        return slope, (-slope if node.needs(1) else None)


mse_loss, l1_loss = MseLoss(), L1Loss()
smooth_l1_loss, huber_loss = SmoothL1Loss(), HuberLoss()

__all__ = ["huber_loss", "l1_loss", "mse_loss", "smooth_l1_loss"]
