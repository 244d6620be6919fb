"""The rows of a summary: what each module of a network makes, holds and computes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from chainrule.core import tree as trees
from chainrule.core.capture import capture
from chainrule.core.convention import Convention
from chainrule.core.cost import Cost, Parts, joined, total
from chainrule.core.graph import Graph, Input
from chainrule.core.node import Node
from chainrule.core.signature import Dim, Shape
from chainrule.core.size import prod
from chainrule.core.state import enable_grad, no_grad
from chainrule.core.tensor import Tensor
from chainrule.nn.module import Module
from chainrule.readings.account import Account, Entry, account


@dataclass(frozen=True)
class Held:
    """A parameter or buffer: its name in its module, and where it was met before, if it was."""

    name: str
    shape: Shape
    bytes: Dim
    kind: str  # "trainable", "frozen" or "buffer"
    first: str = ""

    @property
    def numel(self) -> Dim:
        """Its entries."""
        return prod(self.shape)


@dataclass(eq=False)
class Row:
    """One module of a network.

    What it holds and computes is its own, without the modules inside, so that a column adds up to
    the total; ``inner`` has the rows of those.  ``calls`` has the nodes of (inputs, outputs) of
    each call.
    """

    path: str
    type: str
    depth: int
    module: Any
    held: tuple[Held, ...] = ()
    calls: list[tuple[list[Node], list[Node]]] = field(default_factory=list)
    forward: list[Entry] = field(default_factory=list)
    backward: list[Entry] = field(default_factory=list)
    inner: list[Row] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition(".")[2]

    @property
    def leaf(self) -> bool:
        """Whether there is no module inside."""
        return not self.inner

    @property
    def input_shape(self) -> Any:
        """The shape of the first input of the first call; None where it was not called."""
        return self.calls[0][0][0].shape if self.calls and self.calls[0][0] else None

    @property
    def output_shape(self) -> Any:
        """The shape of the output of the first call, a tuple of shapes if it has several; None
        where it was not called."""
        made = self.calls[0][1] if self.calls else ()
        if not made:
            return None
        return made[0].shape if len(made) == 1 else tuple(s.shape for s in made)

    def numbers(self, kind: str) -> Dim:
        """How many entries of a kind it holds, each tensor once in the network."""
        return sum((h.numel for h in self.held if h.kind == kind and not h.first), 0)

    @property
    def parameters(self) -> Dim:
        """Trainable and frozen parameters."""
        return self.numbers("trainable") + self.numbers("frozen")

    @property
    def weight_bytes(self) -> Dim:
        """Bytes of parameters and buffers."""
        return sum((h.bytes for h in self.held if not h.first), 0)

    @property
    def gradient_bytes(self) -> Dim:
        """Bytes of the gradients of the parameters that are trained."""
        return sum((h.bytes for h in self.held if h.kind == "trainable" and not h.first), 0)

    @property
    def output_bytes(self) -> Dim:
        """Bytes of what its calls return."""
        found: Dim = 0
        for made in (node for _, outputs in self.calls for node in outputs):
            found += prod(made.shape) * made.dtype.itemsize
        return found

    @property
    def parts(self) -> Parts:
        """Operations of the forward pass, sorted by what they are for."""
        return joined(entry.parts for entry in self.forward)

    @property
    def backward_parts(self) -> Parts:
        """Operations of the backward pass, sorted by what they are for."""
        return joined(entry.parts for entry in self.backward)

    @property
    def cost(self) -> Cost:
        """Operations of the forward pass by kind."""
        return total(self.parts.values())

    @property
    def backward_cost(self) -> Cost:
        """Operations of the backward pass by kind."""
        return total(self.backward_parts.values())

    def parts_under(self, convention: Convention) -> Parts:
        """The operations that a convention looks at."""
        entries = [*self.forward, *self.backward] if convention.backward else self.forward
        return joined(entry.parts for entry in entries)

    def within(self) -> Iterator[Row]:
        """This row, and those of all modules inside."""
        yield self
        for row in self.inner:
            yield from row.within()


def rows_of(model: Any, inputs: Sequence[Any], backward: bool) -> tuple[list[Row], Graph, Account]:
    """The rows of a network in the order of its modules, its graph, and what that takes."""
    rows, places = _laid_out(model)
    with ExitStack() as stack:
        if isinstance(model, Module):
            for row in rows:
                stack.enter_context(row.module.register_forward_hook(_noting(row)))
        stack.enter_context(enable_grad() if backward else no_grad())
        graph = capture(model, *inputs)
    if not isinstance(model, Module):
        given = [i.node for i in graph.inputs if i.role == "input"]
        rows[0].calls.append((given, list(graph.outputs)))
        rows[0].held = tuple(_held(i.name, i.tensor) for i in graph.inputs if i.tensor is not None)
    found = account(graph, backward, _is_parameter if isinstance(model, Module) else None)
    for entry in found.forward:
        places.get(_module_of(entry.source), rows[0]).forward.append(entry)
    for entry in found.backward:
        places.get(_module_of(entry.source), rows[0]).backward.append(entry)
    return rows, graph, found


def _laid_out(model: Any) -> tuple[list[Row], dict[int, Row]]:
    """A row for each module, and where to find it by the identity of the module."""
    if not isinstance(model, Module):
        return [Row("", getattr(model, "__name__", "function"), 0, model)], {}
    rows: list[Row] = []
    places: dict[int, Row] = {}
    paths: dict[str, Row] = {}
    met: dict[int, str] = {}
    for path, module in model.named_modules():
        above = paths.get(path.rpartition(".")[0]) if path else None
        row = Row(path, type(module).__name__, above.depth + 1 if above else 0, module)
        row.held = tuple(_of_module(module, path, met))
        rows.append(row)
        places[id(module)] = paths[path] = row
        if above is not None:
            above.inner.append(row)
    return rows, places


def _of_module(module: Module, path: str, met: dict[int, str]) -> Iterator[Held]:
    """What a module holds itself; a tensor that another one holds too says where it was first."""
    for registry in (module._parameters, module._buffers):
        for name, tensor in registry.items():
            if tensor is None:
                continue
            kind = "buffer" if registry is module._buffers else None
            yield _held(name, tensor, kind, met.get(id(tensor), ""))
            met.setdefault(id(tensor), f"{path}.{name}" if path else name)


def _held(name: str, tensor: Tensor, kind: str | None = None, first: str = "") -> Held:
    kind = kind or ("trainable" if tensor.requires_grad else "frozen")
    shape = tensor.shape
    return Held(name, shape, prod(shape) * tensor.dtype.itemsize, kind, first)


def _nodes(given: Any) -> list[Node]:
    """The nodes of the tensors among what a call is given, or gives."""
    if isinstance(given, Tensor):
        return [given.node]
    return [t.node for t in trees.tensors(given)]


def _noting(row: Row) -> Callable[[Any, Any, Any], None]:
    """A hook that notes the shapes of a call."""

    def note(module: Any, args: Any, output: Any) -> None:
        row.calls.append((_nodes(args), _nodes(output)))

    return note


def _module_of(node: Node) -> int:
    """The identity of the module that a node belongs to."""
    return id(node.scope[0]) if node.scope else 0


def _is_parameter(slot: Input) -> bool:
    """Whether the backward pass gives the gradient of an input: of parameters, and of the tensors
    given that require one."""
    return slot.role in ("param", "input")
