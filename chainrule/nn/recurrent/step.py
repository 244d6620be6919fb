"""What one step of a recurrent network is: the part that differs between Elman's, the LSTM, …"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from chainrule.core.errors import ArgumentError
from chainrule.core.names import named
from chainrule.core.op import Op
from chainrule.core.signature import Shape
from chainrule.core.size import is_size
from chainrule.core.tensor import Tensor
from chainrule.ops.elementwise.elementary import sigmoid, tanh
from chainrule.ops.elementwise.piecewise import relu

State = tuple[Tensor, ...]
Weights = Mapping[str, Tensor]


class Step(ABC):
    """One step: from the state and what this step's input contributes to the next state.

    ``weights`` says which parameters it has, under PyTorch's names; ``project`` is what the inputs
    of all steps contribute, as one matrix product; calling it makes the step.  The first tensor of
    a state is also the output of the step.
    """

    states: ClassVar[tuple[str, ...]] = ("h",)
    """What a text calls the tensors of the state."""

    @abstractmethod
    def sizes(self) -> tuple[int, ...]:
        """The number of features of each tensor of the state, the output first."""

    @abstractmethod
    def weights(self, input_size: int) -> dict[str, Shape]:
        """The parameters and their shapes, in PyTorch's order."""

    @abstractmethod
    def project(self, x: Tensor, w: Weights) -> Tensor:
        """What the inputs contribute: x (*b, input_size) -> (*b, n)."""

    @abstractmethod
    def __call__(self, state: State, u: Tensor, w: Weights) -> State:
        """The next state from the one before; ``u`` is a row of what `project` gives."""


def told(**values: Tensor) -> None:
    """Let explanations call values of a step what the text calls them."""
    for name, x in values.items():
        named(x, name)


def gated(
    gates: int, hidden_size: int, input_size: int, output_size: int, bias: bool
) -> dict[str, Shape]:
    """The parameters that PyTorch's networks share, ``gates`` blocks of rows in each."""
    rows = gates * hidden_size
    found: dict[str, Shape] = {"weight_ih": (rows, input_size), "weight_hh": (rows, output_size)}
    return found | ({"bias_ih": (rows,), "bias_hh": (rows,)} if bias else {})


NONLINEARITIES: dict[str, Callable[[Tensor], Tensor]] = {
    "tanh": tanh, "relu": relu, "sigmoid": sigmoid, "identity": lambda x: x,
}  # fmt: skip


def nonlinearity_of(name: Any) -> Callable[[Tensor], Tensor]:
    """The function that a nonlinearity is: PyTorch's ``"tanh"`` and ``"relu"``, ``"sigmoid"``,
    ``"identity"``, or a function of one tensor itself.

    Raises ArgumentError for anything else.
    """
    if isinstance(name, str) and name in NONLINEARITIES:
        return NONLINEARITIES[name]
    if isinstance(name, str) or not (callable(name) or isinstance(name, Op)):
        raise ArgumentError(
            f"nonlinearity is {name!r}",
            expected=f"{', '.join(map(repr, NONLINEARITIES))}, or a function of a tensor",
        )
    function: Callable[[Tensor], Tensor] = name
    return function


def whole(name: str, value: Any, least: int = 1) -> int:
    """A size that is a whole number from ``least``; raises ArgumentError."""
    if not is_size(value, least):
        raise ArgumentError(f"{name} is {value!r}", expected=f"a whole number from {least}")
    return value


def flag(name: str, value: Any) -> bool:
    """An argument that is True or False; raises ArgumentError."""
    if not isinstance(value, bool):
        raise ArgumentError(f"{name} is {value!r}", expected="True or False")
    return value
