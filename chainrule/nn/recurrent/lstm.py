"""The LSTM: a memory cell behind three gates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError
from chainrule.core.signature import Shape
from chainrule.core.tensor import Tensor
from chainrule.nn.recurrent.cell import Cell
from chainrule.nn.recurrent.layer import Recurrent
from chainrule.nn.recurrent.step import State, Step, Weights, flag, gated, told, whole
from chainrule.ops.elementwise.elementary import sigmoid, tanh
from chainrule.ops.linear.matmul import linear
from chainrule.ops.shape.pieces import equal_parts


@dataclass(frozen=True)
class LSTMStep(Step):
    """The step of the LSTM with a forget gate (S. Hochreiter, J. Schmidhuber, Long short-term
    memory, 1997; F. Gers et al., Learning to forget, 2000), rows in the order i, f, g, o:

    i = σ(a_i), f = σ(a_f), g = tanh(a_g), o = σ(a_o), where a = W_ih x + b_ih + W_hh h + b_hh;
    c′ = f c + i g and h′ = o tanh(c′), or W_hr o tanh(c′) with a projection.
    """

    hidden_size: int
    bias: bool
    proj_size: int = 0
    states = ("h", "c")

    def sizes(self) -> tuple[int, ...]:
        return self.proj_size or self.hidden_size, self.hidden_size

    def weights(self, input_size: int) -> dict[str, Shape]:
        found = gated(4, self.hidden_size, input_size, self.sizes()[0], self.bias)
        return found | ({"weight_hr": self.sizes()} if self.proj_size else {})

    def project(self, x: Tensor, w: Weights) -> Tensor:
        u: Tensor = linear(x, w["weight_ih"], w["bias_ih"] + w["bias_hh"] if self.bias else None)
        return u

    def __call__(self, state: State, u: Tensor, w: Weights) -> State:
        h, c = state
        a = u + h @ w["weight_hh"].mT
        a_i, a_f, a_g, a_o = equal_parts(a, number=4)
        i = sigmoid(a_i)
        f = sigmoid(a_f)
        g = tanh(a_g)
        o = sigmoid(a_o)
        c = f * c + i * g
        told(u=u, a=a, i=i, f=f, g=g, o=o, c=c)
        h = o * tanh(c)
        if self.proj_size:
            h = h @ w["weight_hr"].mT
        return h, c


class LSTMCell(Cell):
    """One step of the LSTM: from (h, c) to (h′, c′).

    Shapes: x (input_size) or (b, input_size), h and c (hidden_size) or (b, hidden_size); without
    them they are 0.  Rows of the parameters come in the order input gate, forget gate, cell,
    output gate.  Parameters start as draws from U(-1/√hidden_size, 1/√hidden_size).  Raises
    ArgumentError and ShapeError as `RNNCell`.

    >>> import chainrule as cr
    >>> from chainrule import nn
    >>> h, c = nn.LSTMCell(3, 2)(cr.zeros(5, 3))
    >>> h.shape, c.shape
    ((5, 2), (5, 2))
    """

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None,
        dtype: DType | None = None,
    ) -> None:  # fmt: skip
        step = LSTMStep(whole("hidden_size", hidden_size), flag("bias", bias))
        super().__init__(step, input_size, hidden_size, bias, device, dtype)

    def forward(
        self, input: Tensor, hx: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, Tensor]:
        """The next hidden state and the next memory."""
        if isinstance(hx, Tensor):
            raise ArgumentError("the state of an LSTM is a pair: hx=(h_0, c_0)")
        h, c = self._next(input, hx)
        return h, c


class LSTM(Recurrent):
    """The LSTM along a sequence.

    Arguments, shapes, parameters and results are those of `Recurrent`, but that the state is a
    pair (h, c), and that ``proj_size``, if not 0, is the size to which W_hr takes each hidden
    state.

    >>> import chainrule as cr
    >>> from chainrule import nn
    >>> output, (h_n, c_n) = nn.LSTM(3, 4, proj_size=2)(cr.zeros(7, 5, 3))
    >>> output.shape, h_n.shape, c_n.shape
    ((7, 5, 2), (1, 5, 2), (1, 5, 4))
    """

    def __init__(
        self, input_size: int, hidden_size: int, num_layers: int = 1, bias: bool = True,
        batch_first: bool = False, dropout: float = 0.0, bidirectional: bool = False,
        proj_size: int = 0, device: Any = None, dtype: DType | None = None,
        truncate: int | None = None,
    ) -> None:  # fmt: skip
        if whole("proj_size", proj_size, 0) >= whole("hidden_size", hidden_size):
            raise ArgumentError(
                f"proj_size is {proj_size}", expected=f"less than hidden_size, {hidden_size}"
            )
        step = LSTMStep(hidden_size, flag("bias", bias), proj_size)
        super().__init__(
            step, input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional,
            device, dtype, truncate,
        )  # fmt: skip
        self.proj_size = proj_size
        self.mode = "LSTM"
