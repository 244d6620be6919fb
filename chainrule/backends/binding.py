"""Binding: where the inputs of a program come from at each call, and where its results go."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from chainrule.backends.numpy import told
from chainrule.core import tree as trees
from chainrule.core.capture import Captured
from chainrule.core.dtypes import DType
from chainrule.core.errors import ValueCheckError
from chainrule.core.graph import Graph, reachable
from chainrule.core.hooks import Hook, hooks
from chainrule.core.layout import lay_out
from chainrule.core.node import Node, leaf
from chainrule.core.op import Op
from chainrule.core.signature import Dim
from chainrule.core.structural import pick
from chainrule.core.tensor import Tensor
from chainrule.core.views import fresh_leaf, share, view_of
from chainrule.readings.checks import conditions

Place = Callable[[Sequence[Tensor]], Tensor | None]
"""Finds a tensor at a call, given the tensors among the arguments."""


class Call(Op):
    """A captured function, applied as one op: its derivative is that of what it is made of."""

    kind = "structural"
    outputs = ("results",)

    def forward(self, xp: Any, *inputs: Any, graph: Graph) -> Any:
        """The results of the graph under ``xp``."""
        nodes = [slot.node for slot in graph.inputs]
        env = graph.evaluate(xp, dict(zip(nodes, inputs, strict=True)))
        return tuple(env[node] for node in graph.results)

    def shape(self, *shapes: Any, graph: Graph) -> Any:
        """The shapes that the graph says."""
        return tuple(node.shape for node in graph.results)

    def dtypes(self, given: list[DType], ranks: list[int], **attrs: Any) -> tuple[list[DType], Any]:
        """The types that the graph says; operands are taken as they are."""
        graph: Graph = attrs["graph"]
        return given, tuple(node.dtype for node in graph.results)

    def graphs(self, node: Node) -> Iterable[tuple[Graph, Dim]]:
        """The graph, once."""
        return ((node.attrs["graph"], 1),)


call = Call()


class Binding:
    """A program and the tensors that it reads and writes.

    Tensors from outside are found again at each call by their *place*: an argument, the base that
    an argument is a view of, the gradient of another, or simply themselves.
    """

    def __init__(
        self,
        captured: Captured,
        given: Sequence[Tensor],
        known: set[int],
        build: Callable[[Graph], Any],
    ) -> None:
        self.captured, self.known = captured, known
        self.places = _places(captured, given)
        self.aliased = [id(_root(t)) if id(_root(t)) in known else 0 for t in given]
        self.effects = captured.effects
        self.conditions = conditions(captured.graph)
        self.graph = self._graph()
        self.index = {node: i for i, node in enumerate(self.graph.outputs)}
        self.writes = [
            (e, self.places.get(id(e.tensor)), -1 if e.node is None else self.index.get(e.node, -1))
            for e in self.effects
        ]
        self.readers = [self._reader(slot.node) for slot in self.graph.inputs]
        self.gradients = [
            id(slot.grad) for slot in captured.slots if slot.grad is not None and slot.grad_read
        ]
        self.hooked = [
            (self.places[id(slot.tensor)], _hooks_of(slot.node))
            for slot in captured.slots
            if slot.node.is_leaf and slot.node.requires_grad
        ]
        self.hooks = any(found for _, found in self.hooked)
        self.kin = self._kin()
        self.sharing = _sharing(self._members(given))
        self.history = any(_has_history(node) for node in self.graph.outputs)
        self.program = build(self.graph)

    def _graph(self) -> Graph:
        """The captured graph with everything that a call must give as its outputs."""
        returned = trees.tensors(self.captured.returned)
        handles = [*returned, *(t._grad for t in returned), *(e.grad for e in self.effects)]
        made = [_root(t)._node for t in handles if t is not None and not self._outside(_root(t))]
        written = [e.node for e in self.effects if e.kind != "grad" and e.node is not None]
        wrong = [condition for condition, _, _ in self.conditions]
        outputs = tuple(dict.fromkeys([*made, *written, *wrong]))
        inputs = self.captured.graph.inputs
        nodes = {*(slot.node for slot in inputs), *reachable(outputs)}
        ordered = tuple(sorted(nodes, key=lambda node: node.number))
        return Graph(ordered, inputs, outputs, names=self.captured.graph.names)

    def _members(self, given: Sequence[Tensor]) -> list[Tensor]:
        """The tensors that are read or written, without those that are views of others."""
        met = [self.places[id(slot.tensor)](given) for slot in self.captured.slots]
        return [_root(t) for t in (*met, *given) if t is not None]

    def _kin(self) -> dict[int, Tensor]:
        """For a new tensor that is returned, another one whose storage it shares, if any."""
        met: list[Tensor] = []
        kin = {}
        new = [t for t in map(_root, trees.tensors(self.captured.returned)) if not self._outside(t)]
        for t in {id(t): t for t in new if t._storage is not None}.values():
            storage = t._storage
            assert storage is not None  # the others are left out above
            roots = [root for root in storage.roots.values() if self._outside(root)]
            roots += [root for root in met if root._storage is storage]
            kin.update({id(t): root for root in roots if root._chain is None})
            met.append(t)
        return kin

    def _outside(self, tensor: Tensor) -> bool:
        return id(tensor) in self.places

    def _reader(self, placeholder: Node) -> tuple[Any, Any]:
        """(place, placeholder) of a tensor, or (None, slot) of a Python number."""
        for number in self.captured.numbers:
            if number.placeholder is placeholder:
                return None, number
        for slot in self.captured.slots:
            if slot.placeholder is placeholder:
                return self.places[id(slot.tensor)], placeholder
        raise AssertionError("an input belongs to no slot")

    def fits(self, given: Sequence[Tensor]) -> bool:
        """Whether sharing, shapes, types and hooks are what they were when it was captured."""
        for t, expected in zip(given, self.aliased, strict=True):
            root = id(_root(t))
            if (root if root in self.known else 0) != expected:
                return False
        for slot in self.captured.slots:
            if slot.grad_read:
                owner = self.places[id(slot.tensor)](given)
                if owner is None or (owner._grad is None) != (slot.grad is None):
                    return False
        if not all(place is None or _same(place(given), source) for place, source in self.readers):
            return False
        if _sharing(self._members(given)) != self.sharing:
            return False
        return not (hooks or self.hooks) or all(
            (tensor := place(given)) is not None and _hooks_of(tensor._node) == found
            for place, found in self.hooked
        )

    def run(self, given: Sequence[Tensor]) -> Any:
        """Run the program, carry out what it writes, and return what the function returns."""
        nodes = [_input_node(place, source, given) for place, source in self.readers]
        values = self.program.run(*[node.value for node in nodes])
        for wrong, node, sentence in self.conditions:
            if np.any(values[self.index[wrong]]):
                raise told(ValueCheckError(sentence), node)
        results = self._result_nodes(nodes, values)
        made = {key: self.places[key](given) for key in self.gradients}  # before they are replaced
        for effect, place, i in self.writes:
            if place is None:
                effect.write_number(results[i].value.item())
                continue
            key = id(effect.tensor)
            tensor = made[key] if key in made else place(given)
            assert tensor is not None  # `fits` has looked
            if effect.kind == "value":
                assert effect.node is not None  # a value is never removed
                _write(tensor, results[i], effect.node)
            elif effect.grad is None:
                tensor._grad = None
            else:
                tensor._grad = self._found(effect.grad, given, results, made)
        return trees.mapped(
            lambda x: self._found(x, given, results, made) if isinstance(x, Tensor) else x,
            self.captured.returned,
        )

    def _found(
        self,
        t: Tensor,
        given: Sequence[Tensor],
        results: list[Node],
        made: dict[int, Tensor | None],
    ) -> Tensor:
        """The tensor of this call that stands where the capture had ``t``."""
        place = self.places.get(id(t))
        if place is not None:
            found = made[id(t)] if id(t) in made else place(given)
            assert found is not None  # `fits` has looked
            return found
        if t._base is not None:
            return view_of(self._found(t._base, given, results, made), t._chain)
        if (known := made.get(id(t))) is not None:
            return known
        known = made[id(t)] = Tensor(results[self.index[t._node]])
        if t._node.requires_grad and not _has_history(t._node):
            known._node = fresh_leaf(known._node, known)
        if t._grad is not None:
            known._grad = self._found(t._grad, given, results, made)
        if id(t) in self.kin:
            share(known, self._found(self.kin[id(t)], given, results, made), t._chain)
        return known

    def _result_nodes(self, inputs: list[Node], values: Sequence[Any]) -> list[Node]:
        """The results as leaves, or, where gradients may flow on, as outputs of one op."""
        outputs = self.graph.outputs
        if not self.history:
            return [leaf(n.shape, n.dtype, v) for n, v in zip(outputs, values, strict=True)]
        shapes, dtypes = tuple(n.shape for n in outputs), tuple(n.dtype for n in outputs)
        whole = Node(
            call, tuple(inputs), {"graph": self.graph}, shapes, dtypes, tuple(values), True
        )
        return [
            Node(pick, (whole,), {"output": i}, n.shape, n.dtype, v, True)
            if _has_history(n)
            else leaf(n.shape, n.dtype, v)
            for i, (n, v) in enumerate(zip(outputs, values, strict=True))
        ]


def _hooks_of(node: Node) -> list[Hook]:
    return list(hooks.get(node, {}).values())


def _sharing(tensors: Sequence[Tensor]) -> list[Any]:
    """Which of the tensors share storage, and which part of it each of them is."""
    if all(t._storage is None for t in tensors):
        return []
    storages = [t._storage for t in tensors]
    return [
        (storages.index(t._storage), _steps(t._chain))
        for t in tensors
        if t._storage is not None and any(o is not t and o._storage is t._storage for o in tensors)
    ]


def _steps(chain: Any) -> Any:
    """A chain in a form that can be compared."""
    return tuple((op, tuple(attrs.items())) for op, attrs in chain or ())


def _root(tensor: Tensor) -> Tensor:
    return tensor if tensor._base is None else tensor._base


def _has_history(node: Node) -> bool:
    """Whether gradients flow on through a result: not where it was made a leaf, by an op that
    changes no value and passes no gradient on."""
    op = node.op
    if op is None or not op.facts.get("same"):
        return node.requires_grad
    return node.requires_grad and any(part is not None for part in op.vjp(node, Tensor(node)))


def _write(tensor: Tensor, result: Node, captured: Node) -> None:
    """Let a tensor stand for a result; a leaf that requires a gradient again belongs to it."""
    if captured.requires_grad and not _has_history(captured):
        result = fresh_leaf(result, tensor)
    if tensor._base is None and tensor._storage is None and not hooks:
        lay_out(result, tensor._node)
        tensor._node = result
        tensor._version += 1
    else:
        tensor._rebind(result)


def _input_node(place: Place | None, source: Any, given: Sequence[Tensor]) -> Node:
    if place is None:
        dtype = source.placeholder.dtype
        return leaf((), dtype, np.asarray(source.read(), dtype.numpy))
    tensor = place(given)
    assert tensor is not None  # `fits` has looked
    return tensor._node


def _same(tensor: Tensor | None, expected: Node) -> bool:
    if tensor is None:
        return False
    node = tensor._node
    return (
        node.shape == expected.shape
        and node.dtype is expected.dtype
        and node.requires_grad is expected.requires_grad
        and node.meta is expected.meta
    )


def _places(captured: Captured, given: Sequence[Tensor]) -> dict[int, Place]:
    """How each tensor that the capture met is found again."""
    places: dict[int, Place] = {}
    for i, t in enumerate(given):
        if t._base is None:
            places[id(t)] = _argument(i)
        else:
            places.setdefault(id(t._base), _base_of_argument(i))
    for slot in captured.slots:
        places.setdefault(id(slot.tensor), _itself(slot.tensor))
    for slot in captured.slots:
        if slot.grad is not None and slot.grad_read:
            places[id(slot.grad)] = _gradient_of(places[id(slot.tensor)])
    return places


def _argument(i: int) -> Place:
    return lambda given: given[i]


def _base_of_argument(i: int) -> Place:
    return lambda given: given[i]._base


def _itself(tensor: Tensor) -> Place:
    return lambda given: tensor


def _gradient_of(place: Place) -> Place:
    def found(given: Sequence[Tensor]) -> Tensor | None:
        owner = place(given)
        return None if owner is None else owner._grad

    return found
