"""``cr.analysis.memory``: what training a network takes, byte by byte."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from chainrule.analysis.bytes import UNITS, both_units, product, types_of
from chainrule.analysis.inputs import input_of
from chainrule.analysis.summary import plain
from chainrule.analysis.table import Table, Tabled, byte_text, shape_text
from chainrule.core.capture import capture
from chainrule.core.convention import number
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError
from chainrule.core.graph import Input
from chainrule.core.signature import Dim
from chainrule.core.size import prod
from chainrule.core.state import enable_grad
from chainrule.core.tensor import Tensor
from chainrule.nn.module import Module
from chainrule.readings.memory import Kept, Peak, Saving, Training, checkpointing, training
from chainrule.readings.memory.storage import width


@dataclass(frozen=True)
class Row:
    """What is kept of one module's values: ``kept`` was computed in its calls, outside of the
    modules inside it; the row of the path None has the inputs of the network."""

    path: str | None
    type: str
    kept: tuple[Kept, ...]
    bytes: Dim


@dataclass(eq=False, repr=False)
class Memory(Tabled):
    """What `memory` found, in bytes: properties, rows by module, and tables of them."""

    model: Any
    found: Training
    types: dict[str, DType]
    tensors: dict[str, list[Tensor]]
    state: list[Tensor]

    # -- figures ---------------------------------------------------------------------------------

    @property
    def parameters(self) -> Dim:
        """Bytes of the parameters, shared ones once."""
        return self._sum(self.tensors["trainable"] + self.tensors["frozen"], "parameters")

    @property
    def buffers(self) -> Dim:
        """Bytes of the buffers."""
        return self._sum(self.tensors["buffer"], "parameters")

    @property
    def gradients(self) -> Dim:
        """Bytes of the gradients of the parameters that require one."""
        return self._sum(self.tensors["trainable"], "gradients")

    @property
    def optimizer_state(self) -> Dim:
        """Bytes of what the optimizer keeps from step to step."""
        return self._sum(self.state, "optimizer")

    @property
    def activations(self) -> Dim:
        """Bytes that the backward pass reads of the forward pass, inputs among them, parameters
        not."""
        return sum((self.found.bytes_of(k.storage) for k in self.found.activations), 0)

    @property
    def held(self) -> Dim:
        """Bytes that eager execution holds between the passes: every value of the history."""
        return sum((self.found.bytes_of(storage) for storage in self.found.held), 0)

    @cached_property
    def _outside(self) -> Dim:
        """Buffers and parameters that the graph never reads, and the optimizer's state."""
        read = {id(i.tensor) for i in self.found.graph.inputs if i.tensor is not None}
        unread = [t for t in _all(self.tensors) if id(t) not in read]
        return self._sum(unread, "parameters") + self.optimizer_state

    @property
    def peak(self) -> Dim:
        """The most that is in use at a step of training, where everything is freed as soon as
        nobody reads it any more; parameters, gradients and the optimizer's state among it."""
        return self.found.peak.bytes + self._outside

    @property
    def eager_peak(self) -> Dim:
        """The same in eager execution, whose history lives until the backward pass is done."""
        return self.found.eager_peak.bytes + self._outside

    @property
    def inference_peak(self) -> Dim:
        """The most that is in use where no gradients are asked for, without an optimizer."""
        return self.found.inference_peak.bytes + self._outside - self.optimizer_state

    def _sum(self, tensors: list[Tensor], part: str) -> Dim:
        return sum((prod(t.shape) * width(t.dtype, self.types.get(part)) for t in tensors), 0)

    # -- rows ------------------------------------------------------------------------------------

    @cached_property
    def paths(self) -> dict[int, str]:
        """The path of each module, by its identity."""
        if not isinstance(self.model, Module):
            return {}
        return {id(module): path for path, module in self.model.named_modules()}

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """A row for each module of which something is kept, in the order of computation."""
        groups: dict[str | None, list[Kept]] = {}
        for k in self.found.activations:
            scope = k.storage.node.scope
            path = self.paths.get(id(scope[0]), "") if scope is not None else ""
            groups.setdefault(None if k.storage.node.op is None else path, []).append(k)
        return tuple(self._row(path, found) for path, found in groups.items())

    def _row(self, path: str | None, found: list[Kept]) -> Row:
        count = sum((self.found.bytes_of(k.storage) for k in found), 0)
        kind = "input" if path is None else type(self._module(path)).__name__
        return Row(path, kind, tuple(found), count)

    def _module(self, path: str) -> Any:
        if not isinstance(self.model, Module):
            return self.model
        return dict(self.model.named_modules())[path]

    def checkpointing(self, path: str) -> Saving:
        """What checkpointing the module at ``path`` would save; raises ArgumentError for a path
        that is none."""
        if not isinstance(self.model, Module):
            raise ArgumentError("only modules are checkpointed", got="a function")
        modules = dict(self.model.named_modules())
        if path not in modules:
            raise ArgumentError(f"there is no module '{path}'", expected=", ".join(modules))
        return checkpointing(self.found, modules[path])

    def savings(self) -> dict[str, Saving]:
        """The modules whose checkpointing saves something, and what: by path."""
        found = {path: self.checkpointing(path) for path in self.paths.values()}
        return {path: saving for path, saving in found.items() if _more(saving.bytes)}

    # -- as text ---------------------------------------------------------------------------------

    def explain(self, path: str | None = None) -> str:
        """Each figure as formula = substitution = number: what is kept of the module at ``path``,
        and what checkpointing it would save; by default, the whole network."""
        if path is None:
            rows = [line for row in self.rows for line in self._kept_lines(row)]
            return "\n".join([*self.totals(), "", *rows])
        saving = self.checkpointing(path)
        inside = {id(m) for m in self._module(path).modules()}
        lines = []
        for k in self.found.activations:
            scope = k.storage.node.scope
            if scope is not None and id(scope[0]) in inside:
                lines.append(self._told(k))
        if not saving.dropped:
            return "\n".join([*lines, "checkpointed: nothing less, as nothing is for it alone"])
        lines.append(
            f"checkpointed: {number(saving.before)} - {number(saving.before - saving.after)} = "
            f"{number(saving.after)} bytes kept in the whole network, "
            f"{len(saving.again)} ops computed twice"
        )
        return "\n".join(lines)

    def _kept_lines(self, row: Row) -> Iterator[str]:
        name = "inputs" if row.path is None else f"{row.path or 'itself'}: {row.type}"
        yield f"{name}, {both_units(row.bytes)}"
        yield from (f"  {self._told(k)}" for k in row.kept)

    def _told(self, k: Kept) -> str:
        dtype = self.types.get("activations")
        return f"{k.why}: {product(k.storage, dtype, self.found.bytes_of(k.storage))}"

    def totals(self) -> list[str]:
        """The lines below the table: name, two spaces, figure."""
        entries = self._entries()
        lines = [
            f"parameters  {entries['parameters']} = {both_units(self.parameters)}",
            f"buffers  {both_units(self.buffers)}",
            f"gradients  {entries['gradients']} = {both_units(self.gradients)}",
            f"optimizer  {both_units(self.optimizer_state)}",
            f"activations  {both_units(self.activations)}, read by the backward pass",
            f"held  {both_units(self.held)}, by eager execution between the passes",
        ]
        peaks = (
            ("peak", self.peak, self.found.peak, "freed as soon as nobody reads it"),
            ("eager peak", self.eager_peak, self.found.eager_peak, "history held to the end"),
            ("inference", self.inference_peak, self.found.inference_peak, "no gradients"),
        )
        for name, count, at, how in peaks:
            lines.append(f"{name}  {both_units(count)}, {how}; {self._where(at)}")
        return [*lines, f"units  {UNITS}"]

    def _entries(self) -> dict[str, str]:
        """The numbers of entries, and their bytes, as products."""
        found = {}
        trainable, frozen = self.tensors["trainable"], self.tensors["frozen"]
        for part, tensors in (("parameters", trainable + frozen), ("gradients", trainable)):
            widths: dict[int, Dim] = {}
            for t in tensors:
                own = width(t.dtype, self.types.get(part))
                widths[own] = widths.get(own, 0) + prod(t.shape)
            terms = [f"{number(n)} × {own}" for own, n in widths.items()]
            found[part] = " + ".join(terms) or "0"
        return found

    def _where(self, at: Peak) -> str:
        node = at.node
        if node is None or node.op is None:
            return "at the start"
        phase = "forward" if node in set(self.found.graph.nodes) else "backward"
        return f"at {node.op.name} in the {phase} pass"

    def table(self) -> Table:
        """What is kept, module by module, and what checkpointing each would save."""
        savings = self.savings() if isinstance(self.model, Module) else {}
        lines = []
        for row in self.rows:
            saved = savings.get(row.path) if row.path is not None else None
            for i, k in enumerate(row.kept):
                name = "" if i else "inputs" if row.path is None else row.path or "itself"
                lines.append([
                    name, k.why, shape_text(k.storage.shape), k.storage.dtype.name,
                    byte_text(self.found.bytes_of(k.storage)),
                    byte_text(saved.bytes) if saved and not i else "",
                ])  # fmt: skip
        heads = ["computed in", "kept because", "shape", "type", "bytes", "checkpointed, less"]
        return Table(self._title(), heads, lines, self.totals())

    def _title(self) -> str:
        given = [
            f"{i.name or 'x'} {shape_text(i.node.shape)} {i.node.dtype.name}"
            for i in self.found.graph.inputs
            if i.role == "input" and i.tensor is None
        ]
        name = type(self.model).__name__ if isinstance(self.model, Module) else "function"
        types = ", ".join(f"{part} {t.name}" for part, t in self.types.items())
        return f"Memory of {name} on {', '.join(given)}" + (f"; {types}" if types else "")

    # -- as data ---------------------------------------------------------------------------------

    def records(self) -> list[dict[str, Any]]:
        """A dict for each value that is kept, as ``pandas.DataFrame`` takes them."""
        return [
            {
                "path": row.path, "why": k.why, "shape": plain(k.storage.shape),
                "dtype": k.storage.dtype.name, "bytes": plain(self.found.bytes_of(k.storage)),
            }
            for row in self.rows for k in row.kept
        ]  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        """Everything, as numbers, text, lists and dicts."""
        figures = ("parameters", "buffers", "gradients", "optimizer_state", "activations", "held",
                   "peak", "eager_peak", "inference_peak")  # fmt: skip
        return {
            "unit": "bytes",
            "types": {part: dtype.name for part, dtype in self.types.items()},
            **{name: plain(getattr(self, name)) for name in figures},
            "kept": self.records(),
        }

    def to_json(self, indent: int | None = 2) -> str:
        """`to_dict` as JSON."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=indent)


def memory(model: Any, *inputs: Any, optimizer: Any = None, dtype: Any = None) -> Memory:
    """What training takes: bytes of parameters, gradients, optimizer state and activations, by
    which op and why, and the most that is in use at a time.

    ``model`` is a module or a function; it is not run.  ``inputs`` are given as for `cr.summary`;
    letters stay open.  ``optimizer`` is one that was made for the model, or a function that makes
    one from its parameters.  ``dtype`` stands for all floating-point types, or, in a dict, for
    those of some parts: ``{"parameters": cr.float16, "optimizer": cr.float32}``.  The backward pass
    starts from an adjoint for each output.  Raises ArgumentError for other parts and for what is no
    optimizer.

    >>> import chainrule as cr
    >>> net = cr.nn.Sequential(cr.nn.Linear(3, 4), cr.nn.ReLU(), cr.nn.Linear(4, 1))
    >>> found = memory(net, ("B", 3), optimizer=lambda p: cr.optim.Adam(p))
    >>> found.parameters, found.gradients, found.optimizer_state, found.activations
    (84, 84, 168, 28*B)
    """
    with enable_grad():
        graph = capture(model, *(input_of(x) for x in inputs))
    types = types_of(dtype)
    found = training(graph, types, _wanted if isinstance(model, Module) else None)
    return Memory(model, found, types, _tensors(model, found), _state(model, optimizer))


def _more(count: Dim) -> bool:
    """Whether this is more than nothing; with letters, whether it is anything."""
    return not isinstance(count, int) or count > 0


def _wanted(slot: Input) -> bool:
    """Of a module, the gradients of parameters, and of inputs that require one."""
    return slot.role in ("param", "input")


def _all(tensors: dict[str, list[Tensor]]) -> list[Tensor]:
    return [t for kind in tensors.values() for t in kind]


def _tensors(model: Any, found: Training) -> dict[str, list[Tensor]]:
    """Parameters that are trained, those that are not, and buffers, each tensor once."""
    if isinstance(model, Module):
        parameters: list[Tensor] = list(model.parameters())
        buffers = list(model.buffers())
    else:
        given = [(i.role, i.tensor) for i in found.graph.inputs if i.tensor is not None]
        parameters = [t for role, t in given if role == "param"]
        buffers = [t for role, t in given if role == "state"]
    return {
        "trainable": [t for t in parameters if t.requires_grad],
        "frozen": [t for t in parameters if not t.requires_grad],
        "buffer": buffers,
    }


def _state(model: Any, optimizer: Any) -> list[Tensor]:
    """What the optimizer keeps; raises ArgumentError for what is none."""
    if optimizer is None:
        return []
    if not hasattr(optimizer, "param_groups") and callable(optimizer):
        if not isinstance(model, Module):
            raise ArgumentError("a function has no parameters to make an optimizer for",
                                hint="pass the optimizer itself")  # fmt: skip
        optimizer = optimizer(model.parameters())
    if not hasattr(optimizer, "param_groups"):
        raise ArgumentError(f"not an optimizer: a value of type {type(optimizer).__name__}",
                            hint="lambda params: cr.optim.SGD(params, lr=0.1)")  # fmt: skip
    return [t for own in optimizer.state.values() for t in own.values() if isinstance(t, Tensor)]
