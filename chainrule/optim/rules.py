"""The rules of optimizers, each an op: it runs compiled and exactly, and can be explained.

Operands are the update so far (at first the gradient), the state, and numbers without axes.  Here
are the rules that only scale and add; those that divide by a size are in `adaptive_rules`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chainrule.core.cost import nothing
from chainrule.core.dtypes import DType
from chainrule.core.node import Node
from chainrule.core.op import Op, example
from chainrule.core.tensor import Tensor


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


class AverageGradient(Rule):
    """velocity <- momentum * velocity + gain * gradient with gain = 1 - momentum: the exponential
    average of the gradients, which is the update.

    With ``correction``, 1 - momentum^t, the update is velocity / correction: an average that
    started at 0 has reached that part of what it averages.
    """

    signature = "=s, =s, , , [] -> =s, =s"
    outputs = ("update", "velocity")
    domain = ("real", "real", *((0.2, 0.9),) * 3)
    examples = (example((2, 3), (2, 3), (), ()), example((3,), (3,), (), (), ()))

    def forward(
        self, xp: Any, gradient: Any, velocity: Any, momentum: Any, gain: Any,
        correction: Any = None,
    ) -> Any:  # fmt: skip
        velocity = xp.add(xp.multiply(momentum, velocity), xp.multiply(gain, gradient))
        if correction is None:
            return velocity, velocity
        return xp.divide(velocity, correction), velocity


class SlowUpdate(Rule):
    """A step that gets shorter: update / slowdown."""

    signature = "=s, -> =s"
    text, latex, precedence = "{0} / {1}", r"\frac{{{0}}}{{{1}}}", 2
    domain = ("real", (1.0, 2.0))
    examples = (example((2, 3), ()),)

    def forward(self, xp: Any, update: Any, slowdown: Any) -> Any:
        return xp.divide(update, slowdown)


class Descend(Rule):
    """A step against the update: param - lr * update."""

    signature = "=s, =s, -> =s"
    text, latex, precedence = "{0} - {2} * {1}", r"{0} - {2}\,{1}", 1
    examples = (example((2, 3), (2, 3), ()),)

    def forward(self, xp: Any, param: Any, update: Any, lr: Any) -> Any:
        return xp.subtract(param, xp.multiply(lr, update))


class Within(Op):
    """The number of a step, which must not be above the last of a schedule."""

    kind = "structural"
    cost = nothing
    dtype_rule = "same"
    facts = {"same": True}
    domain = ((0.0, 5.0),)
    examples = (example((), last=5),)

    def forward(self, xp: Any, step: Any, *, last: int) -> Any:
        return step

    def checks(self, xp: Any, step: Any, *, last: int) -> Any:
        yield xp.less(last, step), f"a step beyond the {last} that the schedule was made for"

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        return (g,)


within = Within()
decay_weights, heavy_ball = DecayWeights(), HeavyBall()
average_gradient, descend, slow_update = AverageGradient(), Descend(), SlowUpdate()

__all__ = ["average_gradient", "decay_weights", "descend", "heavy_ball", "slow_update", "within"]
