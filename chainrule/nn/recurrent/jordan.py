"""Jordan's network: the output is fed back.  PyTorch has no counterpart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chainrule.core.dtypes import DType
from chainrule.core.signature import Shape
from chainrule.core.tensor import Tensor
from chainrule.nn.recurrent.layer import Recurrent
from chainrule.nn.recurrent.step import State, Step, Weights, flag, nonlinearity_of, told, whole
from chainrule.ops.linear.matmul import linear


@dataclass(frozen=True)
class JordanStep(Step):
    """h_t = σ(W_ih x_t + b_ih + W_yh y_{t-1}) and y_t = σ_y(W_hy h_t + b_hy) (M. I. Jordan, Serial
    order, 1986)."""

    hidden_size: int
    output_size: int
    bias: bool
    nonlinearity: Any
    output_nonlinearity: Any
    states = ("y",)

    def sizes(self) -> tuple[int, ...]:
        return (self.output_size,)

    def weights(self, input_size: int) -> dict[str, Shape]:
        hidden, output = self.hidden_size, self.output_size
        found: dict[str, Shape] = {
            "weight_ih": (hidden, input_size),
            "weight_yh": (hidden, output),
            "weight_hy": (output, hidden),
        }
        return found | ({"bias_ih": (hidden,), "bias_hy": (output,)} if self.bias else {})

    def project(self, x: Tensor, w: Weights) -> Tensor:
        u: Tensor = linear(x, w["weight_ih"], w.get("bias_ih"))
        return u

    def __call__(self, state: State, u: Tensor, w: Weights) -> State:
        (y,) = state
        sigma, sigma_y = map(nonlinearity_of, (self.nonlinearity, self.output_nonlinearity))
        a = u + y @ w["weight_yh"].mT
        h = sigma(a)
        told(u=u, a=a, h=h)
        y = sigma_y(linear(h, w["weight_hy"], w.get("bias_hy")))
        return (y,)


class JordanRNN(Recurrent):
    """Jordan's network along a sequence: h_t = tanh(W_ih x_t + b_ih + W_yh y_{t-1}) and
    y_t = σ(W_hy h_t + b_hy).

    The state is the output y: it starts from the one given, or 0; what the hidden units start
    from does not matter.  Shapes are those of `Recurrent`, with output_size as the size of state
    and output; parameters ``weight_ih_l0``, ``weight_yh_l0``, ``weight_hy_l0``, ``bias_ih_l0``,
    ``bias_hy_l0``.  Both nonlinearities as for `RNNCell`.

    >>> import chainrule as cr
    >>> from chainrule import nn
    >>> output, y_n = nn.JordanRNN(3, 4, 2)(cr.zeros(7, 5, 3))
    >>> output.shape, y_n.shape
    ((7, 5, 2), (1, 5, 2))
    """

    def __init__(
        self, input_size: int, hidden_size: int, output_size: int, num_layers: int = 1,
        nonlinearity: Any = "tanh", output_nonlinearity: Any = "sigmoid", bias: bool = True,
        batch_first: bool = False, dropout: float = 0.0, bidirectional: bool = False,
        device: Any = None, dtype: DType | None = None, truncate: int | None = None,
    ) -> None:  # fmt: skip
        for name in (nonlinearity, output_nonlinearity):
            nonlinearity_of(name)
        step = JordanStep(
            whole("hidden_size", hidden_size), whole("output_size", output_size),
            flag("bias", bias), nonlinearity, output_nonlinearity,
        )  # fmt: skip
        super().__init__(
            step, input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional,
            device, dtype, truncate,
        )  # fmt: skip
        self.output_size = output_size
        self.nonlinearity, self.output_nonlinearity = nonlinearity, output_nonlinearity

    def extra_repr(self) -> str:
        return super().extra_repr().replace(
            f"{self.input_size}, {self.hidden_size}",
            f"{self.input_size}, {self.hidden_size}, {self.output_size}", 1,
        )  # fmt: skip
