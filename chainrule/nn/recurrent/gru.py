"""The GRU: a state that is mixed with a candidate, behind two gates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chainrule.core.dtypes import DType
from chainrule.core.signature import Shape
from chainrule.core.tensor import Tensor
from chainrule.nn.recurrent.cell import Cell
from chainrule.nn.recurrent.layer import Recurrent
from chainrule.nn.recurrent.step import State, Step, Weights, flag, gated, told, whole
from chainrule.ops.elementwise.elementary import sigmoid, tanh
from chainrule.ops.linear.matmul import linear
from chainrule.ops.shape.pieces import equal_parts


@dataclass(frozen=True)
class GRUStep(Step):
    """The step of the GRU (K. Cho et al., 2014), rows in the order r, z, n:

    r = σ(u_r + v_r), z = σ(u_z + v_z), n = tanh(u_n + r v_n), h′ = (1 - z) n + z h,
    where u = W_ih x + b_ih and v = W_hh h + b_hh: as in PyTorch and cuDNN, the reset gate acts on
    the product W_hh h, bias included; in the paper it acts on h.
    """

    hidden_size: int
    bias: bool

    def sizes(self) -> tuple[int, ...]:
        return (self.hidden_size,)

    def weights(self, input_size: int) -> dict[str, Shape]:
        return gated(3, self.hidden_size, input_size, self.hidden_size, self.bias)

    def project(self, x: Tensor, w: Weights) -> Tensor:
        u: Tensor = linear(x, w["weight_ih"], w.get("bias_ih"))
        return u

    def __call__(self, state: State, u: Tensor, w: Weights) -> State:
        (h,) = state
        v = linear(h, w["weight_hh"], w.get("bias_hh"))
        u_r, u_z, u_n = equal_parts(u, number=3)
        v_r, v_z, v_n = equal_parts(v, number=3)
        r = sigmoid(u_r + v_r)
        z = sigmoid(u_z + v_z)
        n = tanh(u_n + r * v_n)
        told(u=u, v=v, r=r, z=z, n=n)
        h = (1 - z) * n + z * h
        return (h,)


class GRUCell(Cell):
    """One step of the GRU.

    Shapes: x (input_size) or (b, input_size), h (hidden_size) or (b, hidden_size), the same for
    the result; without h it is 0.  Rows of the parameters come in the order reset gate, update
    gate, candidate.  Parameters start as draws from U(-1/√hidden_size, 1/√hidden_size).  Raises
    ArgumentError and ShapeError as `RNNCell`.

    >>> import chainrule as cr
    >>> from chainrule import nn
    >>> nn.GRUCell(3, 2)(cr.zeros(5, 3)).shape
    (5, 2)
    """

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None,
        dtype: DType | None = None,
    ) -> None:  # fmt: skip
        step = GRUStep(whole("hidden_size", hidden_size), flag("bias", bias))
        super().__init__(step, input_size, hidden_size, bias, device, dtype)

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        """The next hidden state."""
        return self._next(input, None if hx is None else (hx,))[0]


class GRU(Recurrent):
    """The GRU along a sequence.

    Arguments, shapes, parameters and results are those of `Recurrent`.

    >>> import chainrule as cr
    >>> from chainrule import nn
    >>> output, h_n = nn.GRU(3, 2, bidirectional=True)(cr.zeros(7, 5, 3))
    >>> output.shape, h_n.shape
    ((7, 5, 4), (2, 5, 2))
    """

    def __init__(
        self, input_size: int, hidden_size: int, num_layers: int = 1, bias: bool = True,
        batch_first: bool = False, dropout: float = 0.0, bidirectional: bool = False,
        device: Any = None, dtype: DType | None = None, truncate: int | None = None,
    ) -> None:  # fmt: skip
        step = GRUStep(whole("hidden_size", hidden_size), flag("bias", bias))
        super().__init__(
            step, input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional,
            device, dtype, truncate,
        )  # fmt: skip
        self.mode = "GRU"
