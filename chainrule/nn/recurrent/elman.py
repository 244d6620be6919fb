"""Elman's network: the hidden state is fed back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chainrule.core.dtypes import DType
from chainrule.core.signature import Shape
from chainrule.core.tensor import Tensor
from chainrule.nn.recurrent.cell import Cell
from chainrule.nn.recurrent.layer import Recurrent
from chainrule.nn.recurrent.step import (
    State,
    Step,
    Weights,
    flag,
    gated,
    nonlinearity_of,
    told,
    whole,
)
from chainrule.ops.linear.matmul import linear


@dataclass(frozen=True)
class ElmanStep(Step):
    """h_t = σ(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh) (J. L. Elman, Finding structure in time,
    1990)."""

    hidden_size: int
    bias: bool
    nonlinearity: Any

    def sizes(self) -> tuple[int, ...]:
        return (self.hidden_size,)

    def weights(self, input_size: int) -> dict[str, Shape]:
        return gated(1, self.hidden_size, input_size, self.hidden_size, self.bias)

    def project(self, x: Tensor, w: Weights) -> Tensor:
        u: Tensor = linear(x, w["weight_ih"], w["bias_ih"] + w["bias_hh"] if self.bias else None)
        return u

    def __call__(self, state: State, u: Tensor, w: Weights) -> State:
        (h,) = state
        sigma = nonlinearity_of(self.nonlinearity)
        a = u + h @ w["weight_hh"].mT
        told(u=u, a=a)
        h = sigma(a)
        return (h,)


class RNNCell(Cell):
    """One step of Elman's network: h′ = tanh(W_ih x + b_ih + W_hh h + b_hh).

    Shapes: x (input_size) or (b, input_size), h (hidden_size) or (b, hidden_size), the same for
    the result; without h it is 0.  ``nonlinearity`` is "tanh" or "relu" as in PyTorch, "sigmoid",
    "identity" (a linear recurrence), or a function.  Parameters start as draws from
    U(-1/√hidden_size, 1/√hidden_size).  Raises ArgumentError for sizes that are no whole numbers
    from 1, ShapeError for inputs and states that do not fit.

    >>> import chainrule as cr
    >>> from chainrule import nn
    >>> cell = nn.RNNCell(3, 2)
    >>> cell, cell(cr.zeros(5, 3)).shape
    (RNNCell(3, 2), (5, 2))
    """

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, nonlinearity: Any = "tanh",
        device: Any = None, dtype: DType | None = None,
    ) -> None:  # fmt: skip
        nonlinearity_of(nonlinearity)
        step = ElmanStep(whole("hidden_size", hidden_size), flag("bias", bias), nonlinearity)
        super().__init__(step, input_size, hidden_size, bias, device, dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        """The next hidden state."""
        return self._next(input, None if hx is None else (hx,))[0]

    def extra_repr(self) -> str:
        extra = super().extra_repr()
        return (
            extra if self.nonlinearity == "tanh" else f"{extra}, nonlinearity={self.nonlinearity}"
        )


class RNN(Recurrent):
    """Elman's network along a sequence: h_t = tanh(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh).

    Arguments, shapes, parameters and results are those of `Recurrent`; ``nonlinearity`` as for
    `RNNCell`.

    >>> import chainrule as cr
    >>> from chainrule import nn
    >>> output, h_n = nn.RNN(3, 2, num_layers=2)(cr.zeros(7, 5, 3))
    >>> output.shape, h_n.shape
    ((7, 5, 2), (2, 5, 2))
    """

    def __init__(
        self, input_size: int, hidden_size: int, num_layers: int = 1, nonlinearity: Any = "tanh",
        bias: bool = True, batch_first: bool = False, dropout: float = 0.0,
        bidirectional: bool = False, device: Any = None, dtype: DType | None = None,
        truncate: int | None = None,
    ) -> None:  # fmt: skip
        nonlinearity_of(nonlinearity)
        step = ElmanStep(whole("hidden_size", hidden_size), flag("bias", bias), nonlinearity)
        super().__init__(
            step, input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional,
            device, dtype, truncate,
        )  # fmt: skip
        self.nonlinearity = nonlinearity
        self.mode = f"RNN_{str(nonlinearity).upper()}"
