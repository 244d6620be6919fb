"""Capture: run a Python function once on tensors without values, and keep the graph.

While a trace is under way, a tensor from outside is given a placeholder for its node when it is
first met, so that reading and writing it are recorded; at the end every such tensor gets its own
node back.  What was read is an input of the graph, what was written an extra output.
"""

from __future__ import annotations

import inspect
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core import tree as trees
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError, CaptureError
from chainrule.core.graph import Graph, Input, Output
from chainrule.core.hooks import hooks
from chainrule.core.node import Node, leaf, next_number
from chainrule.core.op import Op
from chainrule.core.signature import Shape
from chainrule.core.size import Size
from chainrule.core.state import no_grad, switched
from chainrule.core.tensor import Tensor
from chainrule.core.views import Storage, refresh, without_history


@dataclass(frozen=True)
class Spec:
    """A tensor that has a shape and a type and no values yet; made by `spec`."""

    shape: Shape
    dtype: DType
    requires_grad: bool = False


def spec(*shape: int | str | Size, dtype: DType | None = None, requires_grad: bool = False) -> Spec:
    """The shape of an argument: numbers, and letters for sizes that stay open.

    Raises ArgumentError for sizes that are negative or no whole numbers.

    >>> import chainrule as cr
    >>> cr.spec("B", 3).shape
    (B, 3)
    """
    for size in shape:
        whole = isinstance(size, int) and not isinstance(size, bool)
        if not (isinstance(size, str | Size) or (whole and size >= 0)):
            raise ArgumentError(f"not a size: {size!r}", expected="whole numbers from 0, or names",
                                hint="sizes stand beside each other: spec(1, 3)")  # fmt: skip
    sizes = tuple(Size.symbol(s) if isinstance(s, str) else s for s in shape)
    return Spec(sizes, dtype or dt.get_default_dtype(), requires_grad)


@dataclass(eq=False)
class Slot:
    """A tensor from outside that a trace has met: what it was before, and its placeholder."""

    tensor: Tensor
    node: Node
    grad: Tensor | None
    storage: Storage | None
    version: int
    seen: int
    placeholder: Node | None = None
    written: bool = False
    grad_read: bool = False
    grad_written: bool = False


@dataclass(eq=False)
class NumberSlot:
    """A Python number in a dict (a learning rate) that a trace reads as an input; with ``part``,
    the number at that place of a tuple there."""

    holder: dict[Any, Any]
    key: Any
    before: Any
    placeholder: Node
    now: Tensor
    part: int | None = None

    def read(self) -> Any:
        """The number that is there now."""
        value = dict.__getitem__(self.holder, self.key)
        return value if self.part is None else value[self.part]

    @property
    def name(self) -> str:
        """What the graph calls it: ``lr``, ``betas[0]``."""
        return str(self.key) if self.part is None else f"{self.key}[{self.part}]"


class Trace:
    """A capture under way: the tensors met so far and the nodes made."""

    def __init__(self) -> None:
        self.start = next_number()
        self.slots: dict[int, Slot] = {}
        self.numbers: dict[tuple[int, Any, int | None], NumberSlot] = {}
        self.wholes: dict[Storage, Node] = {}

    def slot_of(self, tensor: Tensor) -> Slot | None:
        """The slot of a tensor that is about to be read or written; None for the trace's own."""
        slot = self.slots.get(id(tensor))
        if slot is None and not self._own(tensor._node):
            seen = -1 if tensor._base is None else tensor._seen
            slot = Slot(tensor, tensor._node, tensor._grad, tensor._storage, tensor._version, seen)
            self.slots[id(tensor)] = slot
        return slot

    def _own(self, node: Node) -> bool:
        return node.value is None and node.number > self.start

    def node_of(self, tensor: Tensor) -> Node:
        """The node that stands for ``tensor`` in this graph."""
        root = tensor if tensor._base is None else tensor._base
        if not self._own(root._node):
            self._lift(root)
        node = tensor._current()
        if tensor is not root and not self._own(node):  # a view from outside, not read here yet
            refresh(tensor)
            if not node.requires_grad:
                tensor._node = without_history(tensor._node)
        return tensor._node

    def has_met(self, root: Tensor) -> bool:
        """Whether a tensor, which is no view, stands for a node of this graph."""
        return self._own(root._node)

    def _lift(self, root: Tensor) -> None:
        node = root._node
        if node.op is not None and not node.parents and node.value is not None:
            return  # a number, made by an op without operands: part of the graph as it is
        slot = self.slot_of(root)
        assert slot is not None  # its node is not this trace's own
        made = leaf(node.shape, node.dtype, None, node.requires_grad)
        made.handle = node.handle if node.is_leaf else None
        made.where, made.scope = node.where, node.scope
        if hooks and made.handle is not None and node in hooks:
            hooks[made] = hooks[node]
        slot.placeholder = root._node = made
        if root._storage in self.wholes:
            with no_grad():
                root._storage.follow(root, self.wholes[root._storage])

    def writes_value(self, tensor: Tensor) -> None:
        """Note that the value of a tensor from outside is written, not just following another's."""
        slot = self.slot_of(tensor)
        if slot is not None:
            slot.written = True

    def reads_grad(self, tensor: Tensor) -> None:
        """Note that the gradient of a tensor from outside is looked at before it is written."""
        slot = self.slot_of(tensor)
        if slot is not None and not slot.grad_written:
            slot.grad_read = True

    def writes_grad(self, tensor: Tensor) -> None:
        """Note that the gradient of a tensor from outside is replaced."""
        slot = self.slot_of(tensor)
        if slot is not None:
            slot.grad_written = True

    def number(self, holder: dict[Any, Any], key: Any, part: int | None = None) -> Tensor:
        """The number ``holder[key]``, or ``holder[key][part]``, as an input of the graph."""
        slot = self.numbers.get((id(holder), key, part))
        if slot is None:
            value = dict.__getitem__(holder, key)
            value = value if part is None else value[part]
            node = leaf((), dt.int64 if isinstance(value, int) else dt.float64)
            slot = NumberSlot(holder, key, value, node, Tensor(node), part)
            self.numbers[(id(holder), key, part)] = slot
        return slot.now

    def write_number(
        self, holder: dict[Any, Any], key: Any, value: Tensor, part: int | None = None
    ) -> None:
        """Let ``holder[key]``, or ``holder[key][part]``, stand for ``value`` from here on."""
        self.number(holder, key, part)
        self.numbers[(id(holder), key, part)].now = value

    def restore(self) -> None:
        """Give every tensor from outside its own node back."""
        for slot in self.slots.values():
            tensor = slot.tensor
            tensor._node, tensor._grad, tensor._version = slot.node, slot.grad, slot.version
            if tensor._base is not None:
                tensor._seen = slot.seen
            tensor._storage = slot.storage
        for storage in {slot.storage for slot in self.slots.values() if slot.storage}:
            for root in list(storage.roots.values()):
                if self._own(root._node):
                    del storage.roots[id(root)]


@dataclass(frozen=True)
class Effect:
    """What running a captured function changes: a tensor's value or gradient, or a number."""

    kind: str  # "value", "grad" or "number"
    tensor: Tensor | None
    holder: Any
    key: Any
    node: Node | None  # None: the gradient becomes None
    grad: Tensor | None = None  # the handle that becomes the gradient
    part: int | None = None  # the place of the number in a tuple

    def write_number(self, value: Any) -> None:
        """Put a number where it belongs."""
        if self.part is not None:
            parts = list(dict.__getitem__(self.holder, self.key))
            parts[self.part] = value
            value = tuple(parts)
        self.holder[self.key] = value


@dataclass(frozen=True)
class Captured:
    """The result of a trace: the graph, what its inputs and results are tied to, and what the
    function returned."""

    graph: Graph
    slots: tuple[Slot, ...]
    numbers: tuple[NumberSlot, ...]
    effects: tuple[Effect, ...]
    returned: Any


def trace_call(
    function: Callable[..., Any],
    args: Sequence[Any],
    names: Sequence[str],
    writes: bool = True,
    in_place: bool = False,
) -> Captured:
    """Run ``function`` on ``args``, in which specs and tensors become placeholders.

    ``names`` are those of the placeholders, in order.  With ``in_place``, tensors are passed on
    themselves and met as tensors from outside, so that writing to them is an effect.  Raises
    CaptureError for what needs values, and, unless ``writes``, for an effect.
    """
    trace = Trace()
    placeholders: list[Node] = []

    def placeholder(x: Any) -> Any:
        if not isinstance(x, Spec | Tensor):
            return x
        if in_place and isinstance(x, Tensor):
            return x
        node = leaf(x.shape, x.dtype, None, x.requires_grad)
        placeholders.append(node)
        made = Tensor(node)
        if node.requires_grad:
            node.handle = weakref.ref(made)
        keep.append(made)
        return made

    keep: list[Tensor] = []
    with switched(trace=None):
        given = [trees.mapped(placeholder, a) for a in args]
    with switched(trace=trace):
        try:
            returned = function(*given)
            outputs = [trace.node_of(t) for t in trees.tensors(returned)]
            effects = _effects(trace)
        finally:
            trace.restore()
    if not writes and effects:
        raise CaptureError(
            "a tensor from outside is written in a step that must not write",
            hint="return it: what changes from step to step belongs to the carry",
        )
    told = dict(zip(map(id, trees.tensors(list(args))), names, strict=True)) if in_place else {}
    return _assemble(trace, placeholders, names, told, returned, outputs, effects)


def _effects(trace: Trace) -> tuple[Effect, ...]:
    found = []
    settled = {slot.tensor._storage for slot in trace.slots.values() if slot.written}
    for slot in list(trace.slots.values()):
        tensor, storage = slot.tensor, slot.tensor._storage
        changed = tensor._node is not (slot.placeholder or slot.node) and tensor._base is None
        if changed and (slot.written or storage is None or storage not in settled):
            settled.add(storage)  # whoever shares it follows when this one is written
            found.append(Effect("value", tensor, None, None, trace.node_of(tensor)))
        if tensor._grad is not slot.grad:
            grad = tensor._grad
            node = None if grad is None else trace.node_of(grad)
            found.append(Effect("grad", tensor, None, None, node, grad))
    for number in trace.numbers.values():
        if number.now._node is not number.placeholder:
            node = trace.node_of(number.now)
            effect = Effect("number", None, number.holder, number.key, node, part=number.part)
            found.append(effect)
    return tuple(found)


def _assemble(
    trace: Trace,
    placeholders: Sequence[Node],
    names: Sequence[str],
    told: Mapping[int, str],
    returned: Any,
    outputs: Sequence[Node],
    effects: Sequence[Effect],
) -> Captured:
    """Put the graph together."""
    from chainrule.core.graph import reachable

    written = {id(e.tensor) for e in effects if e.kind == "value"}
    inputs = {
        node: Input(node, "input", name) for node, name in zip(placeholders, names, strict=False)
    }
    for slot in trace.slots.values():
        node = slot.placeholder
        if node is not None and node.op is None:
            argument = told.get(id(slot.tensor))
            outside = "state" if id(slot.tensor) in written else "constant"
            role = slot.tensor.role or ("input" if argument else outside)
            inputs[node] = Input(node, role, slot.tensor.name or argument or "", slot.tensor)
    for number in trace.numbers.values():
        inputs[number.placeholder] = Input(number.placeholder, "state", number.name)
    results = [e.node for e in effects if e.node is not None]
    nodes = tuple(sorted({*inputs, *reachable([*outputs, *results])}, key=lambda n: n.number))
    by_tensor = {id(i.tensor): i for i in inputs.values() if i.tensor is not None}
    updates = tuple(
        (by_tensor[id(e.tensor)], e.node)
        for e in effects
        if e.kind == "value" and e.node is not None and id(e.tensor) in by_tensor
    )
    position = {id(t): Output(i) for i, t in enumerate(trees.tensors(returned))}
    tree = trees.mapped(lambda x: position[id(x)] if isinstance(x, Tensor) else x, returned)
    named = {i.node: i.name for i in inputs.values() if i.name}
    graph = Graph(nodes, tuple(inputs.values()), tuple(outputs), updates, tree, named)
    return Captured(
        graph, tuple(trace.slots.values()), tuple(trace.numbers.values()), tuple(effects),
        returned,
    )  # fmt: skip


def capture(function: Callable[..., Any], *specs: Any) -> Graph:
    """The graph of ``function`` on arguments of the given shapes.

    ``specs`` are made by `spec`, or are tensors, of which only shape and type count, or lists,
    tuples and dicts of them; anything else is passed on.  Parameters and other tensors that the
    function reads become inputs with a role.  Raises CaptureError where it needs values.

    >>> import chainrule as cr
    >>> w = cr.nn.Parameter(cr.zeros(3))
    >>> [(i.name, i.role) for i in cr.capture(lambda x: x @ w, cr.spec("B", 3)).inputs]
    [('x', 'input'), ('', 'param')]
    """
    return trace_call(function, specs, argument_names(function, specs)).graph


def argument_names(function: Callable[..., Any], args: Sequence[Any]) -> list[str]:
    """A name for every tensor in ``args``: the parameter's, with a path where it is nested."""
    forward = getattr(function, "forward", function)  # of a module or an op
    try:
        signature = inspect.signature(forward)
        own = args if not isinstance(function, Op) else [None, *args]  # the namespace comes first
        words = list(signature.bind(*own).arguments)[len(own) - len(args) :]
        tail = [f"{words[-1]}[{i}]" for i in range(len(args) - len(words) + 1)] if words else []
        words = words[:-1] + tail if len(args) > len(words) else words
    except (TypeError, ValueError):
        words = [f"x{i}" for i in range(len(args))]
    return [name for word, arg in zip(words, args, strict=False) for name in paths(word, arg)]


def paths(word: str, arg: Any) -> list[str]:
    """A name for every tensor in ``arg``, which itself is called ``word``."""
    if isinstance(arg, Spec | Tensor):
        return [word]
    if isinstance(arg, tuple | list):
        return [name for i, part in enumerate(arg) for name in paths(f"{word}[{i}]", part)]
    if isinstance(arg, dict):
        return [name for key, part in arg.items() for name in paths(f"{word}.{key}", part)]
    return []
