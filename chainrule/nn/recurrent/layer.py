"""What all recurrent layers share: a step scanned along a sequence, both ways, in a stack."""

from __future__ import annotations

import warnings
from typing import Any

from chainrule.core.device import placed
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.names import named
from chainrule.core.signature import Shape
from chainrule.core.tensor import Parameter, Tensor
from chainrule.nn import functional as F
from chainrule.nn.recurrent.cell import Spread, check_features, require_tensor, started
from chainrule.nn.recurrent.step import State, Step, flag, told, whole
from chainrule.nn.utils.rnn import PackedSequence, repacked, unpacked
from chainrule.ops.creation.spaced import arange
from chainrule.ops.elementwise.elementary import where
from chainrule.ops.shape.moves import stack
from chainrule.ops.shape.primitive import cat
from chainrule.ops.structural.scan import scan


class Recurrent(Spread):
    """A recurrent network along a sequence, as PyTorch has it.

    Shapes: input (t, b, input_size), with ``batch_first`` (b, t, input_size), or (t, input_size);
    initial state (layers·directions, b, size) or (layers·directions, size), zeros if not given.
    The result is (output, last state): output (t, b, directions·size), the steps of the last layer.

    Each layer but the first takes the output of the one before, to which ``dropout`` is applied
    while training.  With ``bidirectional`` a second set of parameters, ``…_reverse``, goes from the
    last step to the first, and the two outputs stand one behind the other.  Parameters are
    ``weight_ih_l0``, ``weight_hh_l0``, ``bias_ih_l0``, ``bias_hh_l0``, then those of layer 1; all
    start as draws from U(-1/√hidden_size, 1/√hidden_size).

    Gradients go back through the whole sequence.  With ``truncate=k`` they are cut every k steps:
    the state in which step k, 2k, … starts (counting from 0, in the direction of travel) counts as
    a constant.  Values stay as they are, and so does what flows to the initial state from the first
    k steps.

    Raises ArgumentError for sizes that are no whole numbers from 1 and a dropout outside [0, 1],
    ShapeError for inputs and states that do not fit.
    """

    @placed
    def __init__(
        self, step: Step, input_size: int, hidden_size: int, num_layers: int, bias: bool,
        batch_first: bool, dropout: float, bidirectional: bool, device: Any,
        dtype: DType | None, truncate: int | None,
    ) -> None:  # fmt: skip
        whole("input_size", input_size)
        whole("num_layers", num_layers)
        if truncate is not None:
            whole("truncate", truncate)
        _check_dropout(dropout, num_layers)
        super().__init__()
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.bias, self.batch_first = bias, flag("batch_first", batch_first)
        self.dropout, self.bidirectional = float(dropout), flag("bidirectional", bidirectional)
        self.proj_size, self.truncate, self._step = 0, truncate, step
        for layer in range(num_layers):
            size = step.sizes()[0] * self._directions if layer else input_size
            for end in self._ends(layer):
                shapes = {name + end: shape for name, shape in step.weights(size).items()}
                self._own(shapes, dtype)
        self.reset_parameters()

    @property
    def _directions(self) -> int:
        return 2 if self.bidirectional else 1

    def _ends(self, layer: int) -> list[str]:
        """How the names of a layer's parameters end, for each direction."""
        return [f"_l{layer}", f"_l{layer}_reverse"][: self._directions]

    @property
    def all_weights(self) -> list[list[Parameter]]:
        """The parameters of each layer and direction."""
        return [
            [p for name, p in self.named_parameters() if name.endswith(end)]
            for layer in range(self.num_layers)
            for end in self._ends(layer)
        ]

    def flatten_parameters(self) -> None:
        """Nothing: PyTorch's word for laying parameters out as cuDNN wants them."""

    # -- running ---------------------------------------------------------------------------------

    def forward(self, input: Any, hx: Any = None) -> Any:
        """(output, last state); of a `PackedSequence`, the output is packed as well."""
        if isinstance(input, PackedSequence):
            x, live = unpacked(input)
            state = self._started(x, _reordered(hx, input.sorted_indices))
            output, last = self._run(x, state, live)
            packed = repacked(output, input)
            return packed, self._given_back(_reordered(last, input.unsorted_indices))
        x = self._checked(input)
        turned = self.batch_first and x.ndim == 3
        x = x.transpose(0, 1) if turned else x
        output, last = self._run(x, self._started(x, hx))
        return output.transpose(0, 1) if turned else output, self._given_back(last)

    def _checked(self, x: Tensor) -> Tensor:
        """The input; raises ArgumentError or ShapeError where it is no sequence."""
        require_tensor(x, f"the input of {type(self).__name__}")
        if x.ndim not in (2, 3):
            form = "b, t" if self.batch_first else "t, b"
            raise ShapeError(
                f"{type(self).__name__} takes a sequence", got=f"input {x.shape}",
                expected=f"({form}, {self.input_size}) or (t, {self.input_size})",
            )  # fmt: skip
        steps = x.shape[1 if self.batch_first and x.ndim == 3 else 0]
        if isinstance(steps, int) and steps == 0:
            raise ShapeError(
                f"{type(self).__name__}: a sequence of no steps", got=f"input {x.shape}"
            )
        return x

    def _started(self, x: Tensor, hx: Any) -> State:
        """The initial states of all layers; x is (t, *b, input_size)."""
        name = type(self).__name__
        check_features(x, self.input_size, name)
        sizes = self._step.sizes()
        if hx is not None and (len(sizes) > 1) is isinstance(hx, Tensor):
            expected = "(h_0, c_0)" if len(sizes) > 1 else "one tensor"
            raise ArgumentError(f"{name}: hx is the initial state", expected=expected)
        given = (hx,) if isinstance(hx, Tensor) else hx
        rows = self.num_layers * self._directions
        shapes: list[Shape] = [(rows, *x.shape[1:-1], size) for size in sizes]
        return started(given, shapes, x, name)

    def _run(self, x: Tensor, state: State, live: Tensor | None = None) -> tuple[Tensor, State]:
        """All layers; ``live`` (t, b) says which steps belong to each sequence."""
        last: list[State] = []
        for layer in range(self.num_layers):
            if layer and self.dropout:
                x = F.dropout(x, self.dropout, self.training)
            outputs = []
            for end in self._ends(layer):
                start = tuple(part[len(last)] for part in state)
                output, final = self._scanned(x, start, end, live)
                outputs.append(output)
                last.append(final)
            x = outputs[0] if len(outputs) == 1 else cat(outputs, dim=-1)
        return x, tuple(stack(parts) for parts in zip(*last, strict=True))

    def _scanned(
        self, x: Tensor, state: State, end: str, live: Tensor | None
    ) -> tuple[Tensor, State]:
        """One layer in one direction: its outputs (t, *b, size) and its last state."""
        w: dict[str, Tensor] = {n: getattr(self, n + end) for n in self._step.weights(1)}
        reverse = end.endswith("_reverse")
        rows = {"u": named(self._step.project(x, w), "U")}
        if live is not None:
            rows["live"] = live
        if self.truncate is not None:
            rows["cut"] = cuts(x, self.truncate, reverse)

        def body(state: State, row: dict[str, Tensor]) -> tuple[State, Tensor]:
            before = state
            if "cut" in row:
                before = tuple(where(row["cut"], part.detach(), part) for part in state)
            after = self._step(before, row["u"], w)
            if "live" in row:
                on = row["live"].unsqueeze(-1)
                after = tuple(where(on, b, a) for a, b in zip(state, after, strict=True))
            told(**dict(zip(self._step.states, after, strict=True)))
            return after, after[0]

        last, output = scan(body, state, rows, reverse=reverse)
        return output, last

    def _given_back(self, state: State) -> Any:
        """A state as it is returned: a pair, or the one tensor that it is."""
        return state if len(state) > 1 else state[0]

    def extra_repr(self) -> str:
        extra = f"{self.input_size}, {self.hidden_size}"
        for name, usual in DEFAULTS.items():
            value = getattr(self, name)
            extra += "" if value == usual else f", {name}={value}"
        return extra


DEFAULTS = {
    "proj_size": 0, "num_layers": 1, "bias": True, "batch_first": False, "dropout": 0.0,
    "bidirectional": False, "truncate": None,
}  # fmt: skip


def cuts(x: Tensor, every: int, reverse: bool) -> Tensor:
    """In which steps (t) of a truncated sequence the state they start from counts as a constant."""
    step: Tensor = arange(x.shape[0], device=x.device)
    made: Tensor = step.remainder(every).eq(0).logical_and(step.gt(0))
    return made.flip(0) if reverse else made


def _reordered(state: Any, order: Tensor | None) -> Any:
    """A state with its sequences in another order."""
    if state is None or order is None:
        return state
    if isinstance(state, Tensor):
        return state.index_select(1, order)
    return tuple(part.index_select(1, order) for part in state)


def _check_dropout(dropout: Any, layers: int) -> None:
    """Raise ArgumentError unless ``dropout`` is a probability; warn, as PyTorch does, where there
    is no layer behind which it could act."""
    number = isinstance(dropout, int | float) and not isinstance(dropout, bool)
    if not number or not 0 <= dropout <= 1:
        raise ArgumentError(f"dropout is {dropout!r}", expected="a number from 0 to 1")
    if dropout > 0 and layers == 1:
        warnings.warn(
            f"dropout={dropout} does nothing here: it acts between layers, and there is one",
            stacklevel=5,
        )
