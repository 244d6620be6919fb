"""Adaptive transforms: the gradient, or its running mean, over a measure of its size."""

from __future__ import annotations

from typing import Any, ClassVar

from chainrule.core.op import Op
from chainrule.core.tensor import Tensor
from chainrule.ops.creation import full_like, ones
from chainrule.optim.adaptive_rules import (
    adadelta_scale,
    adagrad_scale,
    adam_moments,
    amsgrad_moments,
    deviation_scale,
    largest_moments,
    nesterov_moments,
    rectified_moments,
    rms_scale,
)
from chainrule.optim.live import Live, constant, power
from chainrule.optim.transform import Transform


class Moments(Transform):
    """Adam: the running mean of the gradient, over the root of that of its square."""

    rule: ClassVar[Op] = adam_moments
    state: ClassVar[tuple[str, ...]] = ("exp_avg", "exp_avg_sq")

    def active(self, group: Live) -> bool:
        return not group["amsgrad"]

    def numbers(self, group: Live, step: Any) -> tuple[Any, ...]:
        beta1, beta2 = group["betas"]
        means = beta1, 1 - beta1, beta2, 1 - beta2, group["eps"]
        if not group["bias_correction"]:
            return means
        return *means, 1 - power(beta1, step), 1 - power(beta2, step)

    def flags(self, group: Live) -> dict[str, Any]:
        return {"inside": group["eps_inside_root"]}


class LargestSquares(Moments):
    """AMSGrad: Adam with the largest mean square so far."""

    rule = amsgrad_moments
    state = ("exp_avg", "exp_avg_sq", "max_exp_avg_sq")

    def active(self, group: Live) -> bool:
        return bool(group["amsgrad"])


class LargestSizes(Transform):
    """Adamax: the running mean of the gradient over its largest size, both fading."""

    rule = largest_moments
    state = ("exp_avg", "exp_inf")

    def numbers(self, group: Live, step: Any) -> tuple[Any, ...]:
        beta1, beta2 = group["betas"]
        return beta1, 1 - beta1, beta2, group["eps"], 1 - power(beta1, step)


class NesterovMean(Transform):
    """NAdam: Adam that looks one step ahead, with a momentum that grows to beta1."""

    rule = nesterov_moments
    state = ("exp_avg", "exp_avg_sq", "mu_product")

    def start(self, name: str, param: Tensor, group: Live) -> Tensor:
        if name == "mu_product":
            return ones((), dtype=param.dtype, device=param.device)
        return super().start(name, param, group)

    def numbers(self, group: Live, step: Any) -> tuple[Any, ...]:
        beta1, beta2 = group["betas"]
        return (
            _warmed(group, beta1, step), _warmed(group, beta1, step + 1), beta1, 1 - beta1,
            beta2, 1 - beta2, group["eps"], 1 - power(beta2, step),
        )  # fmt: skip


WARMING = 0.96
"""Dozat's: the momentum at step t is beta1 * (1 - 0.96^(t * momentum_decay) / 2)."""


def _warmed(group: Live, beta1: Any, step: Any) -> Any:
    exponent = step * group["momentum_decay"]
    if not isinstance(exponent, float):
        exponent = constant(exponent)
    return beta1 * (1 - power(WARMING, exponent) / 2)


class RectifiedMean(Transform):
    """RAdam: Adam that does without sizes as long as they are averages of too few squares."""

    rule = rectified_moments
    state = ("exp_avg", "exp_avg_sq")

    def numbers(self, group: Live, step: Any) -> tuple[Any, ...]:
        beta1, beta2 = group["betas"]
        reached = 1 - power(beta2, step)
        longest = 2 / (1 - beta2) - 1
        length = longest - 2 * step * power(beta2, step) / reached
        return (
            beta1, 1 - beta1, beta2, 1 - beta2, group["eps"], 1 - power(beta1, step), reached,
            length, longest,
        )  # fmt: skip


class SquareSum(Transform):
    """Adagrad: the gradient over the root of the sum of all its squares."""

    rule = adagrad_scale
    state = ("sum",)

    def start(self, name: str, param: Tensor, group: Live) -> Tensor:
        return full_like(param, group.now("initial_accumulator_value"))

    def numbers(self, group: Live, step: Any) -> tuple[Any, ...]:
        return (group["eps"],)


class MeanSquare(Transform):
    """RMSProp: the gradient over the root of the running mean of its square."""

    rule: ClassVar[Op] = rms_scale
    state: ClassVar[tuple[str, ...]] = ("square_avg",)

    def active(self, group: Live) -> bool:
        return not group["centered"]

    def numbers(self, group: Live, step: Any) -> tuple[Any, ...]:
        return group["alpha"], 1 - group["alpha"], group["eps"]


class Deviation(MeanSquare):
    """Centered RMSProp: the gradient over its running standard deviation."""

    rule = deviation_scale
    state = ("square_avg", "grad_avg")

    def active(self, group: Live) -> bool:
        return bool(group["centered"])


class SameUnit(Transform):
    """Adadelta: the gradient over the root of its mean square, times that of past updates."""

    rule = adadelta_scale
    state = ("square_avg", "acc_delta")

    def numbers(self, group: Live, step: Any) -> tuple[Any, ...]:
        return group["rho"], 1 - group["rho"], group["eps"]
