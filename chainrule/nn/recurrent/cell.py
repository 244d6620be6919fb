"""What the cells share: the parameters of one step, and its call."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chainrule.core.device import placed
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.signature import Shape, same_size
from chainrule.core.tensor import Parameter, Tensor
from chainrule.nn import init
from chainrule.nn.module import Module
from chainrule.nn.recurrent.step import State, Step, told, whole
from chainrule.ops.creation import empty, zeros


class Spread(Module):
    """Parameters that all start as draws from U(-1/√hidden_size, 1/√hidden_size)."""

    hidden_size: int

    def reset_parameters(self) -> None:
        """Draw all parameters anew."""
        bound = init.usual_bound(self.hidden_size)
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def _own(self, shapes: dict[str, Shape], dtype: DType | None) -> None:
        """Register parameters of these shapes."""
        for name, shape in shapes.items():
            self.register_parameter(name, Parameter(empty(shape, dtype=dtype)))


class Cell(Spread):
    """One step as a module: see `RNNCell`, `LSTMCell`, `GRUCell`."""

    @placed
    def __init__(
        self, step: Step, input_size: int, hidden_size: int, bias: bool, device: Any,
        dtype: DType | None,
    ) -> None:  # fmt: skip
        whole("input_size", input_size)
        super().__init__()
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        self._step = step
        self._own(step.weights(input_size), dtype)
        for name in ("bias_ih", "bias_hh"):
            if name not in self._parameters:
                self.register_parameter(name, None)
        self.reset_parameters()

    def _next(self, x: Tensor, state: State | None) -> State:
        """The next state; raises ShapeError where input and state do not fit."""
        require_tensor(x, f"the input of {type(self).__name__}")
        if x.ndim not in (1, 2):
            raise ShapeError(
                f"{type(self).__name__} takes one step of a sequence", got=f"input {x.shape}",
                expected=f"({self.input_size},) or (b, {self.input_size})",
            )  # fmt: skip
        check_features(x, self.input_size, type(self).__name__)
        w = {name: p for name, p in self._parameters.items() if p is not None}
        shapes = [(*x.shape[:-1], size) for size in self._step.sizes()]
        before = started(state, shapes, x, type(self).__name__)
        if state is None:
            told(**{f"{s}₀": h for s, h in zip(self._step.states, before, strict=True)})
        after = self._step(before, self._step.project(x, w), w)
        if len(after) > 1:  # a single one is called what the user calls it
            told(**dict(zip(self._step.states, after, strict=True)))
        return after

    def extra_repr(self) -> str:
        bias = "" if self.bias else ", bias=False"
        return f"{self.input_size}, {self.hidden_size}{bias}"


def require_tensor(x: Any, name: str) -> None:
    """Raise ArgumentError for anything that is no tensor."""
    if not isinstance(x, Tensor):
        raise ArgumentError(
            f"{name} is a {type(x).__name__}, not a tensor", hint="cr.tensor(values) makes one"
        )


def check_features(x: Tensor, input_size: int, name: str) -> None:
    """Raise ShapeError unless the last axis has as many features as the parameters are for."""
    if not same_size(x.shape[-1], input_size):
        raise ShapeError(
            f"{name} is made for {input_size} features", got=f"input {x.shape}",
            expected=f"(…, {input_size})",
        )  # fmt: skip


def started(given: Iterable[Tensor] | None, shapes: list[Shape], x: Tensor, name: str) -> State:
    """The state that a network starts from: zeros like its input, or what is given; raises
    ShapeError and ArgumentError."""
    if given is None:
        return tuple(zeros(shape, dtype=x.dtype, device=x.device) for shape in shapes)
    state = tuple(given)
    if len(state) != len(shapes):
        raise ShapeError(f"{name}: a state of {len(state)} tensors", expected=str(len(shapes)))
    for x, shape in zip(state, shapes, strict=True):
        require_tensor(x, f"the initial state of {name}")
        if len(x.shape) != len(shape) or not all(map(same_size, x.shape, shape)):
            raise ShapeError(
                f"{name}: the initial state does not fit the input", got=str(x.shape),
                expected=str(shape),
            )  # fmt: skip
    return state
