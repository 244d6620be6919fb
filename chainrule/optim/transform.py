"""Transforms: the small steps of which every optimizer is a chain, from gradient to update."""

from __future__ import annotations

from typing import Any, ClassVar

from chainrule.core.op import Op
from chainrule.core.tensor import Tensor
from chainrule.ops.creation import zeros_like
from chainrule.ops.elementwise.elementary import neg, where
from chainrule.optim.live import Live, power
from chainrule.optim.rules import average_gradient, decay_weights, heavy_ball, slow_update


class Transform:
    """One step of a chain: a rule, the state that it keeps, and the numbers that it takes.

    ``rule`` is an op of the update, the parameter if it ``sees_param``, the state and the numbers;
    it returns the new update and the new state.  ``makes`` is what a person would call that update.
    """

    rule: ClassVar[Op]
    state: ClassVar[tuple[str, ...]] = ()
    sees_param: ClassVar[bool] = False
    makes: ClassVar[str] = "update"

    def active(self, group: Live) -> bool:
        """Whether it has anything to do with these hyperparameters."""
        return True

    def start(self, name: str, param: Tensor, group: Live) -> Tensor:
        """The state called ``name`` before the first step: zeros of the parameter's shape."""
        return zeros_like(param)

    def numbers(self, group: Live, step: Any) -> tuple[Any, ...]:
        """The rule's numbers at a step, counted from 1: Python's, or tensors while capturing."""
        return ()

    def flags(self, group: Live) -> dict[str, Any]:
        """The rule's attributes."""
        return {}


class Maximize(Transform):
    """Climbs instead of descending: the gradient with the opposite sign."""

    rule = neg
    makes = "turned gradient"

    def active(self, group: Live) -> bool:
        return bool(group["maximize"])


class WeightDecay(Transform):
    """Adds the gradient of weight_decay / 2 times the squared parameters."""

    rule = decay_weights
    sees_param = True
    makes = "decayed gradient"

    def active(self, group: Live) -> bool:
        return not _decoupled(group) and group.now("weight_decay") != 0

    def numbers(self, group: Live, step: Any) -> tuple[Any, ...]:
        return (group["weight_decay"],)


class DecoupledDecay(WeightDecay):
    """Adds weight_decay times the parameters to the update, past all averages and sizes.

    Of Loshchilov and Hutter, Decoupled weight decay regularization (2019).
    """

    makes = "decayed update"

    def active(self, group: Live) -> bool:
        return _decoupled(group) and group.now("weight_decay") != 0


def _decoupled(group: Live) -> bool:
    return bool(group.get("decoupled_weight_decay", False))


class Momentum(Transform):
    """Heavy ball or Nesterov momentum; dampening starts with the second step, as in PyTorch."""

    rule = heavy_ball
    state = ("momentum_buffer",)

    def active(self, group: Live) -> bool:
        return group.now("momentum") != 0 and not group.get("average", False)

    def numbers(self, group: Live, step: Any) -> tuple[Any, ...]:
        if "dampening" not in group or group.now("dampening") == 0:
            return (group["momentum"],)
        gain = 1 - group["dampening"]
        if isinstance(step, Tensor):
            return group["momentum"], where(step.eq(1), 1, gain)
        return group["momentum"], 1 if step == 1 else gain

    def flags(self, group: Live) -> dict[str, Any]:
        return {"nesterov": group.get("nesterov", False)}


class Average(Transform):
    """Momentum as the exponential average of the gradients, from the first step on."""

    rule = average_gradient
    state = ("momentum_buffer",)

    def active(self, group: Live) -> bool:
        return group.now("momentum") != 0 and bool(group["average"])

    def numbers(self, group: Live, step: Any) -> tuple[Any, ...]:
        momentum = group["momentum"]
        if not group["bias_correction"]:
            return momentum, 1 - momentum
        return momentum, 1 - momentum, 1 - power(momentum, step)


class SlowDown(Transform):
    """Adagrad's decay of the learning rate: the update over 1 + (step - 1) * lr_decay."""

    rule = slow_update
    makes = "slowed update"

    def active(self, group: Live) -> bool:
        return group.now("lr_decay") != 0

    def numbers(self, group: Live, step: Any) -> tuple[Any, ...]:
        return (1 + (step - 1) * group["lr_decay"],)
