"""The rules of adaptive optimizers: the gradient, or its running mean, over a measure of its size.

Running means are mean <- beta * mean + gain * new with gain = 1 - beta; started at 0, they have
reached the part 1 - beta^t of what they estimate, by which a *correction* divides.
"""

from __future__ import annotations

from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.op import example
from chainrule.optim.rules import Rule

SHARE = (0.2, 0.9)
"""Where tests sample numbers such as betas, gains and corrections."""


class Adaptive(Rule, abstract=True):
    """What these share: they compare sizes, so that complex numbers are none of their operands."""

    takes = dt.ORDERED_NUMBERS


def _mean(xp: Any, mean: Any, beta: Any, gain: Any, new: Any) -> Any:
    """The running mean, one step on."""
    return xp.add(xp.multiply(beta, mean), xp.multiply(gain, new))


def _size(xp: Any, squares: Any, eps: Any, inside: bool) -> Any:
    """The root of a mean of squares, kept away from 0 by eps: outside of the root or in it."""
    if inside:
        return xp.step(xp.sqrt(xp.add(squares, eps)), "denominator")
    return xp.step(xp.add(xp.step(xp.sqrt(squares), "root"), eps), "denominator")


class AdamMoments(Adaptive):
    """Running means m of the gradient and v of its square; the update is m̂ / (√v̂ + eps).

    m̂ and v̂ are m / correction1 and v / correction2; without corrections, m and v themselves.  With
    ``inside``, the update is m̂ / √(v̂ + eps).  Of Kingma and Ba, Adam (2015); eps is outside of the
    root there.
    """

    signature = "=s, =s, =s, , , , , , [], [] -> =s, =s, =s"
    outputs = ("update", "exp_avg", "exp_avg_sq")
    domain = ("real", "real", *(SHARE,) * 8)
    examples = (
        example((2, 3), (2, 3), (2, 3), *((),) * 7), example((3,), (3,), (3,), *((),) * 5),
        example((3,), (3,), (3,), *((),) * 7, inside=True),
    )  # fmt: skip

    def forward(
        self, xp: Any, gradient: Any, m: Any, v: Any, beta1: Any, gain1: Any, beta2: Any,
        gain2: Any, eps: Any, correction1: Any = None, correction2: Any = None,
        *, inside: bool = False,
    ) -> Any:  # fmt: skip
        m = _mean(xp, m, beta1, gain1, gradient)
        v = _mean(xp, v, beta2, gain2, xp.multiply(gradient, gradient))
        mean, squares = m, v
        if correction1 is not None:
            mean = xp.step(xp.divide(m, correction1), "m̂")
            squares = xp.step(xp.divide(v, correction2), "v̂")
        return xp.divide(mean, _size(xp, squares, eps, inside)), m, v


class AmsgradMoments(Adaptive):
    """Adam's, with the largest v so far in the place of v: the step lengths never grow again.

    Of Reddi, Kale and Kumar, On the convergence of Adam and beyond (2018); corrected as by PyTorch.
    """

    signature = "=s, =s, =s, =s, , , , , , [], [] -> =s, =s, =s, =s"
    outputs = ("update", "exp_avg", "exp_avg_sq", "max_exp_avg_sq")
    domain = ("real", "real", *(SHARE,) * 9)
    smooth = False
    examples = (
        example((2, 3), (2, 3), (2, 3), (2, 3), *((),) * 7),
        example((3,), (3,), (3,), (3,), *((),) * 5, inside=True),
    )

    def forward(
        self, xp: Any, gradient: Any, m: Any, v: Any, largest: Any, beta1: Any, gain1: Any,
        beta2: Any, gain2: Any, eps: Any, correction1: Any = None, correction2: Any = None,
        *, inside: bool = False,
    ) -> Any:  # fmt: skip
        m = _mean(xp, m, beta1, gain1, gradient)
        v = _mean(xp, v, beta2, gain2, xp.multiply(gradient, gradient))
        largest = xp.maximum(largest, v)
        mean, squares = m, largest
        if correction1 is not None:
            mean = xp.step(xp.divide(m, correction1), "m̂")
            squares = xp.step(xp.divide(largest, correction2), "v̂")
        return xp.divide(mean, _size(xp, squares, eps, inside)), m, v, largest


class NesterovMoments(Adaptive):
    """Adam's, with a look ahead: the update is (share1 * gradient + share2 * m) / (√v̂ + eps).

    The momentum is another one at each step; ``product`` is that of all so far.  share1 is
    (1 - momentum) / (1 - product), share2 is following / (1 - product * following), where
    ``following`` is the momentum of the next step.  Of Dozat, Incorporating Nesterov momentum into
    Adam (2016), as PyTorch has it.
    """

    signature = "=s, =s, =s, , , , , , , , , -> =s, =s, =s, "
    outputs = ("update", "exp_avg", "exp_avg_sq", "mu_product")
    domain = ("real", "real", *(SHARE,) * 10)
    examples = (example((2, 3), (2, 3), (2, 3), *((),) * 9),)

    def forward(
        self, xp: Any, gradient: Any, m: Any, v: Any, product: Any, momentum: Any, following: Any,
        beta1: Any, gain1: Any, beta2: Any, gain2: Any, eps: Any, correction2: Any,
    ) -> Any:  # fmt: skip
        m = _mean(xp, m, beta1, gain1, gradient)
        v = _mean(xp, v, beta2, gain2, xp.multiply(gradient, gradient))
        product = xp.multiply(product, momentum)
        share1 = xp.divide(xp.subtract(1, momentum), xp.subtract(1, product))
        share2 = xp.divide(following, xp.subtract(1, xp.multiply(product, following)))
        ahead = xp.add(
            xp.multiply(xp.step(share1, "share1"), gradient),
            xp.multiply(xp.step(share2, "share2"), m),
        )
        squares = xp.step(xp.divide(v, correction2), "v̂")
        size = _size(xp, squares, eps, inside=False)
        return xp.divide(xp.step(ahead, "mean ahead"), size), m, v, product


class RectifiedMoments(Adaptive):
    """Adam's, with the size of the gradient left out until enough squares have been averaged.

    ``length`` is over how many squares v is as good as a plain mean, ``longest`` what that tends
    to.  Up to 5 the update is m̂; after that, m̂ * rectifier * √correction2 / (√v + eps), where the
    rectifier is √((length - 4)(length - 2) longest / ((longest - 4)(longest - 2) length)).  Of Liu
    et al., On the variance of the adaptive learning rate and beyond (2020).
    """

    signature = "=s, =s, =s, , , , , , , , , -> =s, =s, =s"
    outputs = ("update", "exp_avg", "exp_avg_sq")
    domain = ("real", "real", *(SHARE,) * 8, (6.0, 9.0), (10.0, 12.0))
    examples = (example((2, 3), (2, 3), (2, 3), *((),) * 9),)

    def forward(
        self, xp: Any, gradient: Any, m: Any, v: Any, beta1: Any, gain1: Any, beta2: Any,
        gain2: Any, eps: Any, correction1: Any, correction2: Any, length: Any, longest: Any,
    ) -> Any:  # fmt: skip
        m = _mean(xp, m, beta1, gain1, gradient)
        v = _mean(xp, v, beta2, gain2, xp.multiply(gradient, gradient))
        mean = xp.step(xp.divide(m, correction1), "m̂")
        enough = xp.less(5, length)
        # where the squares are too few, any lengths will do that have a rectifier
        now = xp.step(xp.where(enough, length, 6), "length in use")
        last = xp.step(xp.where(enough, longest, 6), "longest in use")
        above = xp.multiply(_from_2_and_4(xp, now), last)
        below = xp.multiply(_from_2_and_4(xp, last), now)
        rectifier = xp.step(xp.sqrt(xp.divide(above, below)), "rectifier")
        size = xp.divide(_size(xp, v, eps, inside=False), xp.sqrt(correction2))
        scale = xp.where(enough, xp.divide(rectifier, size), 1)
        return xp.multiply(mean, xp.step(scale, "scale")), m, v


def _from_2_and_4(xp: Any, length: Any) -> Any:
    return xp.multiply(xp.subtract(length, 4), xp.subtract(length, 2))


class LargestMoments(Adaptive):
    """The running mean m over the largest size u that the gradient has had, both fading: Adamax.

    u <- max(beta2 * u, |gradient| + eps); the update is m / (correction * u).  Of Kingma and Ba,
    Adam (2015), section 7.1, with PyTorch's eps.
    """

    signature = "=s, =s, =s, , , , , -> =s, =s, =s"
    outputs = ("update", "exp_avg", "exp_inf")
    domain = ("real", "real", *(SHARE,) * 6)
    smooth = False
    examples = (example((2, 3), (2, 3), (2, 3), *((),) * 5),)

    def forward(
        self, xp: Any, gradient: Any, m: Any, u: Any, beta1: Any, gain1: Any, beta2: Any,
        eps: Any, correction: Any,
    ) -> Any:  # fmt: skip
        m = _mean(xp, m, beta1, gain1, gradient)
        u = xp.maximum(xp.multiply(beta2, u), xp.add(xp.absolute(gradient), eps))
        mean = xp.step(xp.divide(m, correction), "m̂")
        return xp.divide(mean, u), m, u


class AdagradScale(Adaptive):
    """total <- total + gradient²; the update is gradient / (√total + eps).

    Of Duchi, Hazan and Singer, Adaptive subgradient methods (2011).
    """

    signature = "=s, =s, -> =s, =s"
    outputs = ("update", "sum")
    domain = ("real", (0.2, 0.9), SHARE)
    examples = (example((2, 3), (2, 3), ()),)

    def forward(self, xp: Any, gradient: Any, total: Any, eps: Any) -> Any:
        total = xp.add(total, xp.multiply(gradient, gradient))
        return xp.divide(gradient, _size(xp, total, eps, inside=False)), total


class RmsScale(Adaptive):
    """v <- alpha * v + gain * gradient²; the update is gradient / (√v + eps).

    Of Tieleman and Hinton, RMSProp, lecture 6.5 of Neural networks for machine learning (2012).
    """

    signature = "=s, =s, , , -> =s, =s"
    outputs = ("update", "square_avg")
    domain = ("real", *(SHARE,) * 4)
    examples = (example((2, 3), (2, 3), (), (), ()),)

    def forward(self, xp: Any, gradient: Any, v: Any, alpha: Any, gain: Any, eps: Any) -> Any:
        v = _mean(xp, v, alpha, gain, xp.multiply(gradient, gradient))
        return xp.divide(gradient, _size(xp, v, eps, inside=False)), v


class DeviationScale(Adaptive):
    """RMSProp's, with the variance v - m² of the gradient in the place of its mean square v.

    Of Graves, Generating sequences with recurrent neural networks (2013).
    """

    signature = "=s, =s, =s, , , -> =s, =s, =s"
    outputs = ("update", "square_avg", "grad_avg")
    domain = ((-1.0, 1.0), (2.0, 3.0), (-0.5, 0.5), *(SHARE,) * 3)
    examples = (example((2, 3), (2, 3), (2, 3), (), (), ()),)

    def forward(
        self, xp: Any, gradient: Any, v: Any, m: Any, alpha: Any, gain: Any, eps: Any
    ) -> Any:
        v = _mean(xp, v, alpha, gain, xp.multiply(gradient, gradient))
        m = _mean(xp, m, alpha, gain, gradient)
        variance = xp.step(xp.subtract(v, xp.multiply(m, m)), "variance")
        return xp.divide(gradient, _size(xp, variance, eps, inside=False)), v, m


class AdadeltaScale(Adaptive):
    """The gradient times √(d + eps) / √(v + eps), v and d running means of its square and of the
    square of that update: the two have the same unit.

    Of Zeiler, Adadelta: an adaptive learning rate method (2012).
    """

    signature = "=s, =s, =s, , , -> =s, =s, =s"
    outputs = ("update", "square_avg", "acc_delta")
    domain = ("real", *(SHARE,) * 5)
    examples = (example((2, 3), (2, 3), (2, 3), (), (), ()),)

    def forward(self, xp: Any, gradient: Any, v: Any, d: Any, rho: Any, gain: Any, eps: Any) -> Any:
        v = _mean(xp, v, rho, gain, xp.multiply(gradient, gradient))
        reach = xp.step(xp.sqrt(xp.add(d, eps)), "reach")
        ratio = xp.divide(reach, _size(xp, v, eps, inside=True))
        update = xp.multiply(ratio, gradient)
        return update, v, _mean(xp, d, rho, gain, xp.multiply(update, update))


adam_moments, amsgrad_moments, largest_moments = AdamMoments(), AmsgradMoments(), LargestMoments()
nesterov_moments, rectified_moments = NesterovMoments(), RectifiedMoments()
adagrad_scale, rms_scale = AdagradScale(), RmsScale()
deviation_scale, adadelta_scale = DeviationScale(), AdadeltaScale()

__all__ = [
    "adadelta_scale", "adagrad_scale", "adam_moments", "amsgrad_moments", "deviation_scale",
    "largest_moments", "nesterov_moments", "rectified_moments", "rms_scale",
]  # fmt: skip
