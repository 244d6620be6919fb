"""The rules of optimizers, each an op: it runs compiled and exactly, and can be explained.

Operands are the update so far (at first the gradient), the state, and numbers without axes.
"""

from __future__ import annotations

from typing import Any

from chainrule.core.dtypes import DType
from chainrule.core.op import Op, example


class Rule(Op, abstract=True):
    """What all rules share: entry by entry, in one type."""

    dtype_rule = "float"

    def dtypes(self, given: list[DType], ranks: list[int], **attrs: Any) -> tuple[list[DType], Any]:
        wanted, common = super().dtypes(given, ranks, **attrs)
        return wanted, (common,) * len(self.outputs) if self.outputs else common


class DecayWeights(Rule):
    """The gradient of the loss plus decay / 2 times the squared parameters."""

    signature = "=s, =s, -> =s"
    text, latex, precedence = "{0} + {2} * {1}", r"{0} + {2}\,{1}", 1
    examples = (example((2, 3), (2, 3), ()),)

    def forward(self, xp: Any, update: Any, param: Any, decay: Any) -> Any:
        return xp.add(update, xp.multiply(decay, param))


class HeavyBall(Rule):
    """velocity <- momentum * velocity + gain * gradient, which is the update.

    Nesterov's update looks one step ahead: gradient + momentum * velocity.  Of Polyak (1964) and
    Sutskever et al., On the importance of initialization and momentum in deep learning (2013).
    """

    signature = "=s, =s, , [] -> =s, =s"
    outputs = ("update", "velocity")
    examples = (
        example((2, 3), (2, 3), ()), example((3,), (3,), (), ()),
        example((2, 3), (2, 3), (), nesterov=True),
    )  # fmt: skip

    def forward(
        self, xp: Any, gradient: Any, velocity: Any, momentum: Any, gain: Any = None,
        *, nesterov: bool = False,
    ) -> Any:  # fmt: skip
        push = gradient if gain is None else xp.multiply(gain, gradient)
        velocity = xp.add(xp.multiply(momentum, velocity), push)
        if nesterov:
            return xp.add(gradient, xp.multiply(momentum, velocity)), velocity
        return velocity, velocity


class AdamMoments(Rule):
    """Running means m of the gradient and v of its square; the update is m̂ / (√v̂ + eps).

    m <- beta1 * m + gain1 * gradient and v <- beta2 * v + gain2 * gradient², with gain = 1 - beta;
    m̂ and v̂ are m and v divided by 1 - beta^t, what means that started at 0 have reached.
    Of Kingma and Ba, Adam (2015), with PyTorch's eps outside the root.
    """

    signature = "=s, =s, =s, , , , , , , -> =s, =s, =s"
    outputs = ("update", "exp_avg", "exp_avg_sq")
    domain = ("real", "real", *((0.2, 0.9),) * 8)
    examples = (example((2, 3), (2, 3), (2, 3), *((),) * 7),)

    def forward(
        self, xp: Any, gradient: Any, m: Any, v: Any, beta1: Any, gain1: Any, beta2: Any,
        gain2: Any, correction1: Any, correction2: Any, eps: Any,
    ) -> Any:  # fmt: skip
        m = xp.add(xp.multiply(beta1, m), xp.multiply(gain1, gradient))
        v = xp.add(xp.multiply(beta2, v), xp.multiply(gain2, xp.multiply(gradient, gradient)))
        mean = xp.step(xp.divide(m, correction1), "m hat")
        size = xp.sqrt(xp.step(xp.divide(v, correction2), "v hat"))
        return xp.divide(mean, xp.add(size, eps)), m, v


class Descend(Rule):
    """A step against the update: param - rate * update."""

    signature = "=s, =s, -> =s"
    text, latex, precedence = "{0} - {2} * {1}", r"{0} - {2}\,{1}", 1
    examples = (example((2, 3), (2, 3), ()),)

    def forward(self, xp: Any, param: Any, update: Any, rate: Any) -> Any:
        return xp.subtract(param, xp.multiply(rate, update))


decay_weights, heavy_ball = DecayWeights(), HeavyBall()
adam_moments, descend = AdamMoments(), Descend()

__all__ = ["adam_moments", "decay_weights", "descend", "heavy_ball"]
