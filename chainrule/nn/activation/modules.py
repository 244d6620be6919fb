"""Activations as modules: each applies one function, entry by entry or along an axis.

Those in straight pieces are in `chainrule.nn.activation.rectifiers`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from chainrule.core.errors import ShapeError
from chainrule.core.tensor import Tensor
from chainrule.nn import functional as F
from chainrule.nn.module import Module


class Activation(Module):
    """What activations share: a function, and the numbers that it is called with.

    ``settings`` names the module's attributes that are handed on to ``function`` and shown.
    """

    function: ClassVar[Callable[..., Tensor]]
    settings: ClassVar[tuple[str, ...]] = ()

    def forward(self, x: Tensor) -> Tensor:
        return type(self).function(x, **{name: getattr(self, name) for name in self.settings})

    def extra_repr(self) -> str:
        return ", ".join(f"{name}={getattr(self, name)}" for name in self.settings)


class InPlace(Activation):
    """An activation that can change its operand itself, with ``inplace=True``."""

    inplace = False

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, x: Tensor) -> Tensor:
        numbers: dict[str, Any] = {name: getattr(self, name) for name in self.settings}
        return type(self).function(x, **numbers, inplace=self.inplace)

    def extra_repr(self) -> str:
        shown = [super().extra_repr(), "inplace=True" if self.inplace else ""]
        return ", ".join(filter(None, shown))


class Tanh(Activation):
    """The hyperbolic tangent of each entry.

    >>> from chainrule import nn
    >>> nn.Tanh()
    Tanh()
    """

    function = staticmethod(F.tanh)


class Sigmoid(Activation):
    """The logistic function 1 / (1 + e^-x) of each entry.

    >>> import chainrule as cr
    >>> cr.nn.Sigmoid()(cr.tensor(0.0)).item()
    0.5
    """

    function = staticmethod(F.sigmoid)


class LogSigmoid(Activation):
    """The logarithm of the logistic function of each entry.

    >>> import chainrule as cr
    >>> cr.nn.LogSigmoid()(cr.tensor(-1000.0)).item()
    -1000.0
    """

    function = staticmethod(F.logsigmoid)


class SiLU(InPlace):
    """x / (1 + e^-x), entry by entry: swish.

    >>> import chainrule as cr
    >>> cr.nn.SiLU()(cr.tensor(0.0)).item()
    0.0
    """

    function = staticmethod(F.silu)


class Mish(InPlace):
    """x tanh(ln(1 + e^x)), entry by entry.

    >>> import chainrule as cr
    >>> cr.nn.Mish()(cr.tensor(0.0)).item()
    0.0
    """

    function = staticmethod(F.mish)


class GELU(Activation):
    """x times the probability that a standard normal draw is below it; ``approximate`` is "none" or
    "tanh".

    >>> from chainrule import nn
    >>> nn.GELU("tanh")
    GELU(approximate='tanh')
    """

    function = staticmethod(F.gelu)
    settings = ("approximate",)

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        self.approximate = approximate

    def extra_repr(self) -> str:
        return f"approximate={self.approximate!r}"


class ELU(InPlace):
    """Each entry where it is positive, else alpha (e^x - 1).

    >>> from chainrule import nn
    >>> nn.ELU(0.5, inplace=True)
    ELU(alpha=0.5, inplace=True)
    """

    function = staticmethod(F.elu)
    settings = ("alpha",)

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.alpha = alpha


class CELU(ELU):
    """Each entry where it is positive, else alpha (e^(x / alpha) - 1).

    >>> import chainrule as cr
    >>> cr.nn.CELU(2.0)(cr.tensor(3.0)).item()
    3.0
    """

    function = staticmethod(F.celu)


class SELU(InPlace):
    """`ELU` with the two numbers that keep mean 0 and variance 1.

    >>> import chainrule as cr
    >>> round(cr.nn.SELU()(cr.tensor(1.0)).item(), 4)
    1.0507
    """

    function = staticmethod(F.selu)


class Softplus(Activation):
    """ln(1 + e^(beta x)) / beta, and x itself where beta x is above ``threshold``.

    >>> import chainrule as cr
    >>> cr.nn.Softplus()(cr.tensor(1000.0)).item()
    1000.0
    """

    function = staticmethod(F.softplus)
    settings = ("beta", "threshold")

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta, self.threshold = beta, threshold


class Softsign(Activation):
    """x / (1 + |x|), entry by entry.

    >>> import chainrule as cr
    >>> cr.nn.Softsign()(cr.tensor(-1.0)).item()
    -0.5
    """

    function = staticmethod(F.softsign)


class Tanhshrink(Activation):
    """x - tanh(x), entry by entry.

    >>> import chainrule as cr
    >>> cr.nn.Tanhshrink()(cr.tensor(0.0)).item()
    0.0
    """

    function = staticmethod(F.tanhshrink)


class _AlongAxis(Activation):
    """An activation along the axis ``dim``."""

    settings = ("dim",)

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim


class Softmax(_AlongAxis):
    """e^x divided by the sum of e^x along the axis ``dim``.

    >>> import chainrule as cr
    >>> cr.nn.Softmax(dim=0)(cr.tensor([1.0, 1.0])).tolist()
    [0.5, 0.5]
    """

    function = staticmethod(F.softmax)


class Softmax2d(Module):
    """`Softmax` over the channels of images, (n, c, h, w) or (c, h, w).

    Raises ShapeError for other numbers of axes.

    >>> import chainrule as cr
    >>> cr.nn.Softmax2d()(cr.zeros(2, 1, 1)).flatten().tolist()
    [0.5, 0.5]
    """

    def forward(self, x: Tensor) -> Tensor:
        if x.ndim not in (3, 4):
            raise ShapeError("Softmax2d: x is not (n, c, h, w) or (c, h, w)", got=f"x {x.shape}")
        return F.softmax(x, -3)


class LogSoftmax(_AlongAxis):
    """The logarithm of `Softmax`.

    >>> import chainrule as cr
    >>> cr.nn.LogSoftmax(dim=0)(cr.tensor([5.0])).tolist()
    [0.0]
    """

    function = staticmethod(F.log_softmax)


class Softmin(_AlongAxis):
    """`Softmax` of -x: the smallest entry gets most.

    >>> import chainrule as cr
    >>> cr.nn.Softmin(dim=0)(cr.tensor([1.0, 1.0])).tolist()
    [0.5, 0.5]
    """

    function = staticmethod(F.softmin)


class GLU(_AlongAxis):
    """The first half of an axis times the logistic function of the second half.

    >>> import chainrule as cr
    >>> cr.nn.GLU()(cr.tensor([3.0, 0.0])).tolist()
    [1.5]
    """

    function = staticmethod(F.glu)

    def __init__(self, dim: int = -1) -> None:
        super().__init__(dim)
