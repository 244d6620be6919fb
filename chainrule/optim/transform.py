"""Transforms: the small steps of which every optimizer is a chain, from gradient to update."""

from __future__ import annotations

from typing import Any, ClassVar

from chainrule.core.op import Op
from chainrule.core.tensor import Tensor
from chainrule.ops.elementwise import neg, where
from chainrule.optim.live import Live, power
from chainrule.optim.rules import adam_moments, decay_weights, heavy_ball


class Transform:
    """One step of a chain: a rule, the state that it keeps, and the numbers that it takes.

    ``rule`` is an op of the update, the parameter if it ``sees_param``, the state and the numbers;
    it returns the new update and the new state.  State tensors have the parameter's shape and start
    at zero.
    """

    rule: ClassVar[Op]
    state: ClassVar[tuple[str, ...]] = ()
    sees_param: ClassVar[bool] = False

    def active(self, group: Live) -> bool:
        """Whether it has anything to do with these hyperparameters."""
        return True

    def numbers(self, group: Live, step: Any) -> tuple[Any, ...]:
        """The rule's numbers at a step, counted from 1: Python's, or tensors while capturing."""
        return ()

    def flags(self, group: Live) -> dict[str, Any]:
        """The rule's attributes."""
        return {}


class Maximize(Transform):
    """Climbs instead of descending: the gradient with the opposite sign."""

    rule = neg

    def active(self, group: Live) -> bool:
        return bool(group["maximize"])


class WeightDecay(Transform):
    """Adds the gradient of weight_decay / 2 times the squared parameters."""

    rule = decay_weights
    sees_param = True

    def active(self, group: Live) -> bool:
        return group.now("weight_decay") != 0

    def numbers(self, group: Live, step: Any) -> tuple[Any, ...]:
        return (group["weight_decay"],)


class Momentum(Transform):
    """Heavy ball or Nesterov momentum; dampening starts with the second step, as in PyTorch."""

    rule = heavy_ball
    state = ("momentum_buffer",)

    def active(self, group: Live) -> bool:
        return group.now("momentum") != 0

    def numbers(self, group: Live, step: Any) -> tuple[Any, ...]:
        if group.now("dampening") == 0:
            return (group["momentum"],)
        gain = 1 - group["dampening"]
        if isinstance(step, Tensor):
            return group["momentum"], where(step.eq(1), 1, gain)
        return group["momentum"], 1 if step == 1 else gain

    def flags(self, group: Live) -> dict[str, Any]:
        return {"nesterov": group["nesterov"]}


class Moments(Transform):
    """Adam: the running mean of the gradient, over the root of that of its square."""

    rule = adam_moments
    state = ("exp_avg", "exp_avg_sq")

    def numbers(self, group: Live, step: Any) -> tuple[Any, ...]:
        beta1, beta2 = group["betas"]
        return (
            beta1, 1 - beta1, beta2, 1 - beta2,
            1 - power(beta1, step), 1 - power(beta2, step), group["eps"],
        )  # fmt: skip
