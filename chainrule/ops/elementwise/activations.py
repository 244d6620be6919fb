"""Curved activations.  None of them overflows where its value and its slope are finite."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError
from chainrule.core.node import Node
from chainrule.core.op import Op, Slip, example, require
from chainrule.core.structural import number
from chainrule.core.tensor import Tensor
from chainrule.namespaces.constants import ROOT_2, ROOT_2_OVER_PI
from chainrule.ops.elementwise.elementary import (
    UNARY,
    dtype_name,
    exp,
    sigmoid,
    square,
    tanh,
    where,
)
from chainrule.ops.elementwise.piecewise import abs
from chainrule.ops.elementwise.special import erfc

FLOATING = (dt.REAL, dt.EXACT)


def _below(xp: Any, x: Any) -> Any:
    """X where it is not positive, else 0, so that e^x does not overflow where it is not used."""
    return xp.where(xp.less(0, x), 0, x)


def _slope_below(x: Tensor, above: float, below: float, scale: float = 1) -> Tensor:
    """``below`` e^(x / scale) where x is not positive, else ``above``."""
    bent = x <= 0
    decay = exp(where(bent, x, number(0, x)) / scale)
    slope: Tensor = where(bent, decay * below, number(above, x))
    return slope


class Elu(Op):
    """Each entry where it is positive, else alpha (e^x - 1); the derivative at 0 is alpha.

    Clevert, Unterthiner and Hochreiter, "Fast and accurate deep network learning by exponential
    linear units", 2016.
    """

    takes = FLOATING
    latex = r"\operatorname{{ELU}}_{{{alpha}}}({0})"
    smooth = False
    examples = (*UNARY, example((3, 4), alpha=1.5))

    def forward(self, xp: Any, x: Any, *, alpha: float = 1.0) -> Any:
        return xp.where(xp.less(0, x), x, xp.multiply(xp.expm1(_below(xp, x)), alpha))

    def partial(self, node: Node, i: int) -> Tensor:
        return _slope_below(node.inputs[0], 1, node.attrs["alpha"])


class Celu(Op):
    """Each entry where it is positive, else alpha (e^(x / alpha) - 1); the derivative at 0 is 1.

    Barron, "Continuously differentiable exponential linear units", 2017.  Raises ArgumentError for
    an alpha of 0.
    """

    takes = FLOATING
    latex = r"\operatorname{{CELU}}_{{{alpha}}}({0})"
    smooth = False
    examples = (*UNARY, example((3, 4), alpha=1.5))

    def forward(self, xp: Any, x: Any, *, alpha: float = 1.0) -> Any:
        scaled = xp.divide(_below(xp, x), alpha)
        return xp.where(xp.less(0, x), x, xp.multiply(xp.expm1(scaled), alpha))

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["alpha"] == 0:
            raise ArgumentError("celu divides by alpha, which is 0")
        return attrs

    def partial(self, node: Node, i: int) -> Tensor:
        return _slope_below(node.inputs[0], 1, 1, node.attrs["alpha"])


SELU_ALPHA = 1.6732632423543772848170429916717
SELU_SCALE = 1.0507009873554804934193349852946


class Selu(Op):
    """1.0507 times each entry where it is positive, else 1.0507 · 1.6733 (e^x - 1); the derivative
    at 0 is 1.7581.

    With these numbers layers keep mean 0 and variance 1: Klambauer, Unterthiner, Mayr and
    Hochreiter, "Self-normalizing neural networks", 2017.
    """

    takes = FLOATING
    latex = r"\operatorname{{SELU}}({0})"
    smooth = False
    examples = (*UNARY, example((3, 4)))

    def forward(self, xp: Any, x: Any) -> Any:
        below = xp.multiply(xp.expm1(_below(xp, x)), SELU_ALPHA)
        return xp.multiply(xp.where(xp.less(0, x), x, below), SELU_SCALE)

    def partial(self, node: Node, i: int) -> Tensor:
        return _slope_below(node.inputs[0], 1, SELU_ALPHA) * SELU_SCALE


class Gelu(Op):
    """Each entry times the probability that a standard normal draw is below it, x Φ(x).

    ``approximate="tanh"``: Φ(x) as (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2.  Hendrycks and Gimpel,
    "Gaussian error linear units", 2016.  Raises ArgumentError for other approximations.
    """

    takes = FLOATING
    latex = r"\operatorname{{GELU}}({0})"
    examples = (*UNARY, example((2, 3), approximate="tanh"))

    def forward(self, xp: Any, x: Any, *, approximate: str = "none") -> Any:
        if approximate == "none":  # erfc, because 1 + erf loses all its digits far below 0
            share = xp.divide(xp.erfc(xp.divide(xp.negative(x), ROOT_2)), 2)
        else:
            curved = xp.multiply(xp.multiply(xp.multiply(x, x), x), 0.044715)
            inner = xp.multiply(xp.add(x, curved), ROOT_2_OVER_PI)
            share = xp.divide(xp.add(1, xp.tanh(inner)), 2)
        return xp.multiply(x, xp.step(share, "Φ(x)"))

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["approximate"] not in ("none", "tanh"):
            raise ArgumentError(
                f"gelu has no approximation {attrs['approximate']!r}", expected="'none' or 'tanh'"
            )
        return attrs

    def partial(self, node: Node, i: int) -> Tensor:
        x = node.inputs[0]
        if node.attrs["approximate"] == "none":
            bell = exp(-square(x) / 2) * (ROOT_2_OVER_PI / number(2, x))
            share: Tensor = erfc(-x / ROOT_2) / 2 + x * bell
            return share
        t = tanh((x + 0.044715 * x * square(x)) * ROOT_2_OVER_PI)
        growth = (1 + 3 * number(0.044715, x) * square(x)) * ROOT_2_OVER_PI
        slope: Tensor = (1 + t + x * (1 - square(t)) * growth) / 2
        return slope

    def mistakes(self, node: Node) -> Iterable[Slip]:
        def probability(x: Tensor, **attrs: Any) -> Tensor:
            share: Tensor = gelu(x, **attrs) / x
            return share

        return (Slip("the probability alone, without the factor x", probability),)


class Silu(Op):
    """Each entry times its logistic function, x / (1 + e^-x): swish.

    Elfwing, Uchibe and Doya, "Sigmoid-weighted linear units", 2018.
    """

    takes = FLOATING
    latex = r"{0} \, \sigma({0})"
    examples = UNARY

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.divide(x, xp.add(1, xp.step(xp.exp(xp.negative(x)), "exp(-x)")))

    def partial(self, node: Node, i: int) -> Tensor:
        x = node.inputs[0]
        share = sigmoid(x)
        slope: Tensor = share * (1 + x * (1 - share))
        return slope

    def mistakes(self, node: Node) -> Iterable[Slip]:
        return (Slip("the logistic function alone, without the factor x", sigmoid),)


class Mish(Op):
    """Each entry times tanh(ln(1 + e^x)).

    Misra, "Mish: a self regularized non-monotonic activation function", 2020.
    """

    takes = FLOATING
    latex = r"{0} \tanh(\ln(1 + e^{{{0}}}))"
    examples = UNARY

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.multiply(x, xp.tanh(xp.step(xp.log1p(xp.exp(x)), "softplus")))

    def partial(self, node: Node, i: int) -> Tensor:
        x = node.inputs[0]
        t = tanh(-logsigmoid(-x))  # the logarithm of 1 + e^x, without overflow
        slope: Tensor = t + x * (1 - square(t)) * sigmoid(x)
        return slope

    def mistakes(self, node: Node) -> Iterable[Slip]:
        return (Slip("the factor x was forgotten", lambda x: tanh(softplus(x))),)


class Softplus(Op):
    """ln(1 + e^(beta x)) / beta, entry by entry: a smooth ReLU; x itself where beta x is above
    ``threshold``, as in PyTorch.  The derivative at the threshold is that of the logarithm."""

    takes = FLOATING
    latex = r"\operatorname{{softplus}}({0})"
    examples = (*UNARY, example((2, 3), beta=2.0), example((2, 3), beta=0.5, threshold=0.25))

    def forward(self, xp: Any, x: Any, *, beta: float = 1.0, threshold: float = 20.0) -> Any:
        scaled = xp.multiply(x, beta)
        straight = xp.less(threshold, scaled)
        grown = xp.step(xp.exp(xp.where(straight, 0, scaled)), "exp")
        return xp.where(straight, x, xp.divide(xp.log1p(grown), beta))

    def partial(self, node: Node, i: int) -> Tensor:
        scaled = node.inputs[0] * node.attrs["beta"]
        one = number(1, scaled)
        slope: Tensor = where(scaled > node.attrs["threshold"], one, sigmoid(scaled))
        return slope

    def mistakes(self, node: Node) -> Iterable[Slip]:
        return (Slip("its derivative, the logistic function", lambda x, **attrs: sigmoid(x)),)


LOWEST = {"float16": -11.0, "float32": -87.0, "float64": -708.0}
"""About the smallest x whose e^-x is finite, by type."""


class Logsigmoid(Op):
    """The logarithm of the logistic function of each entry: -ln(1 + e^-x)."""

    takes = FLOATING
    latex = r"\ln \sigma({0})"
    examples = UNARY

    def forward(self, xp: Any, x: Any) -> Any:
        low = LOWEST.get(dtype_name(x))
        if low is None:  # exact numbers do not overflow
            return xp.negative(xp.log1p(xp.step(xp.exp(xp.negative(x)), "exp(-x)")))
        above = xp.clip_below(x, low)  # below, the logarithm is x itself: what was cut off is added
        cut = xp.where(xp.equal(x, above), 0, xp.subtract(x, above))
        decay = xp.step(xp.exp(xp.negative(above)), "exp(-x)")
        return xp.subtract(cut, xp.log1p(decay))

    def partial(self, node: Node, i: int) -> Tensor:
        slope: Tensor = sigmoid(-node.inputs[0])
        return slope

    def mistakes(self, node: Node) -> Iterable[Slip]:
        return (Slip("the logarithm was forgotten", sigmoid),)


class OfNumbers(Op, abstract=True):
    """What softsign and tanhshrink share: whole numbers become floats, truth values do not."""

    dtype_rule = "float"
    takes = FLOATING
    examples = UNARY

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        require(self.name, given[0], *dt.ORDERED_NUMBERS)
        return super().dtypes(given, ranks)


class Softsign(OfNumbers):
    """x / (1 + |x|), entry by entry; the derivative at 0 is 1."""

    latex = r"\frac{{{0}}}{{1 + |{0}|}}"

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.divide(x, xp.add(1, xp.absolute(x)))

    def partial(self, node: Node, i: int) -> Tensor:
        slope: Tensor = 1 / square(1 + abs(node.inputs[0]))
        return slope


class Tanhshrink(OfNumbers):
    """x - tanh(x), entry by entry."""

    latex, precedence = r"{0} - \tanh({0})", 1

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.subtract(x, xp.tanh(x))

    def partial(self, node: Node, i: int) -> Tensor:
        slope: Tensor = square(tanh(node.inputs[0]))
        return slope

    def mistakes(self, node: Node) -> Iterable[Slip]:
        return (Slip("the sign was lost: tanh(x) - x", lambda x: tanh(x) - x),)


elu, celu, selu, gelu = Elu(), Celu(), Selu(), Gelu()
silu, mish, softplus, logsigmoid = Silu(), Mish(), Softplus(), Logsigmoid()
softsign, tanhshrink = Softsign(), Tanhshrink()
