"""Activations in straight pieces, as modules; the docstrings of the ops say the derivatives at the
kinks (`chainrule.ops.elementwise.rectifiers`)."""

from __future__ import annotations

from chainrule.core.device import placed
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError
from chainrule.core.structural import full
from chainrule.core.tensor import Parameter, Tensor
from chainrule.nn import functional as F
from chainrule.nn.activation.modules import Activation, InPlace
from chainrule.nn.module import Module


class ReLU(InPlace):
    """Each entry where it is positive, else 0.

    >>> import chainrule as cr
    >>> cr.nn.ReLU()(cr.tensor([-1.0, 2.0])).tolist()
    [0.0, 2.0]
    """

    function = staticmethod(F.relu)


class ReLU6(InPlace):
    """Each entry held between 0 and 6.

    >>> import chainrule as cr
    >>> cr.nn.ReLU6()(cr.tensor([-1.0, 2.0, 8.0])).tolist()
    [0.0, 2.0, 6.0]
    """

    function = staticmethod(F.relu6)


class LeakyReLU(InPlace):
    """Each entry where it is positive, else ``negative_slope`` times it.

    >>> from chainrule import nn
    >>> nn.LeakyReLU()
    LeakyReLU(negative_slope=0.01)
    """

    function = staticmethod(F.leaky_relu)
    settings = ("negative_slope",)

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.negative_slope = negative_slope


class PReLU(Module):
    """`LeakyReLU` whose slope is learned: ``weight``, one for all or one for each channel.

    >>> import chainrule as cr
    >>> layer = cr.nn.PReLU()
    >>> layer(cr.tensor([-1.0, 2.0])).tolist(), layer
    ([-0.25, 2.0], PReLU(num_parameters=1))
    """

    @placed
    def __init__(
        self,
        num_parameters: int = 1,
        init: float = 0.25,
        device: object = None,
        dtype: DType | None = None,
    ) -> None:
        super().__init__()
        self.num_parameters, self.init = num_parameters, init
        self.weight = Parameter(full((num_parameters,), float(init), dtype=dtype))

    def forward(self, x: Tensor) -> Tensor:
        return F.prelu(x, self.weight)

    def extra_repr(self) -> str:
        return f"num_parameters={self.num_parameters}"


class RReLU(InPlace):
    """`LeakyReLU` whose slopes are drawn anew, between ``lower`` and ``upper``, while training.

    >>> import chainrule as cr
    >>> cr.nn.RReLU(0.25, 0.75).eval()(cr.tensor(-1.0)).item()
    -0.5
    """

    function = staticmethod(F.rrelu)
    settings = ("lower", "upper")

    def __init__(self, lower: float = 1 / 8, upper: float = 1 / 3, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.lower, self.upper = lower, upper

    def forward(self, x: Tensor) -> Tensor:
        return F.rrelu(x, self.lower, self.upper, self.training, self.inplace)


class Hardtanh(InPlace):
    """Each entry held between ``min_val`` and ``max_val``.

    Raises ArgumentError unless max_val is above min_val.

    >>> import chainrule as cr
    >>> cr.nn.Hardtanh()(cr.tensor([-3.0, 0.5, 3.0])).tolist()
    [-1.0, 0.5, 1.0]
    """

    function = staticmethod(F.hardtanh)
    settings = ("min_val", "max_val")

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> None:
        super().__init__(inplace)
        if not max_val > min_val:
            raise ArgumentError(f"Hardtanh: max_val {max_val!r} is not above min_val {min_val!r}")
        self.min_val, self.max_val = min_val, max_val


class Hardsigmoid(InPlace):
    """(x + 3) / 6 held between 0 and 1.

    >>> import chainrule as cr
    >>> cr.nn.Hardsigmoid()(cr.tensor([-4.0, 0.0, 4.0])).tolist()
    [0.0, 0.5, 1.0]
    """

    function = staticmethod(F.hardsigmoid)

    def extra_repr(self) -> str:
        return ""


class Hardswish(InPlace):
    """x times `Hardsigmoid` of x.

    >>> import chainrule as cr
    >>> cr.nn.Hardswish()(cr.tensor([-4.0, 0.0, 4.0])).tolist()
    [-0.0, 0.0, 4.0]
    """

    function = staticmethod(F.hardswish)

    def extra_repr(self) -> str:
        return ""


class Softshrink(Activation):
    """Each entry moved ``lambd`` towards 0, and 0 where it is not so far away.

    >>> import chainrule as cr
    >>> cr.nn.Softshrink()(cr.tensor([-2.0, 0.25, 2.0])).tolist()
    [-1.5, 0.0, 1.5]
    """

    function = staticmethod(F.softshrink)
    settings = ("lambd",)

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = lambd

    def extra_repr(self) -> str:
        return str(self.lambd)


class Hardshrink(Softshrink):
    """Each entry, but 0 where it is from -``lambd`` to ``lambd``.

    >>> import chainrule as cr
    >>> cr.nn.Hardshrink()(cr.tensor([-2.0, 0.25, 2.0])).tolist()
    [-2.0, 0.0, 2.0]
    """

    function = staticmethod(F.hardshrink)


class Threshold(InPlace):
    """Each entry where it is above ``threshold``, else ``value``.

    >>> import chainrule as cr
    >>> cr.nn.Threshold(1.0, 20.0)(cr.tensor([0.5, 3.0])).tolist()
    [20.0, 3.0]
    """

    function = staticmethod(F.threshold)
    settings = ("threshold", "value")

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.threshold, self.value = threshold, value
