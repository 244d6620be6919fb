"""The step of a loop as a graph of its own, and as a function of arrays.

Equal steps are one graph: whoever writes a loop in a function that is called again and again has
its step captured each time, and what was found out about it before still holds.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from chainrule.core import pullback
from chainrule.core.apply import apply, project
from chainrule.core.errors import ChainruleError
from chainrule.core.graph import Graph, Input, bind_sizes, perform, reachable, with_sizes
from chainrule.core.names import chosen_name, same_name
from chainrule.core.node import Node, leaf
from chainrule.core.state import state, switched
from chainrule.core.structural import pick
from chainrule.core.tensor import Tensor
from chainrule.namespaces import numpy as numpy_namespace

BODIES_KEPT = 128
STEPS_BEFORE = 100
"""So many steps of a loop are run op by op before its step is compiled, which takes as long as
some hundred of them."""

Key = Node | tuple[Node, int]
"""What names a value of a step: its node, or an output of an op with several."""


def key_of(node: Node) -> Key:
    """The key of a value."""
    return (node.parents[0], node.attrs["output"]) if node.op is pick else node


def picked(node: Node, output: int) -> Node:
    """One output of a node with several."""
    found: Tensor = project(node)[output]
    return found.node


def body_of(inputs: Sequence[Node], outputs: Sequence[Node], names: Sequence[str] = ()) -> Graph:
    """The graph between ``inputs`` and ``outputs``; the first inputs have ``names``."""
    named = [*names, *("" for _ in inputs[len(names) :])]
    slots = tuple(Input(node, "input", name) for node, name in zip(inputs, named, strict=True))
    given = set(inputs)
    rest = [node for node in reachable(outputs) if node not in given]
    free = [node for node in rest if not node.parents]  # numbers, which may be older than inputs
    nodes = [*inputs, *free, *(node for node in rest if node.parents)]
    called = {slot.node: slot.name for slot in slots if slot.name}
    return _same(Graph(tuple(nodes), slots, tuple(outputs), names=called))


def with_outputs(body: Graph, keys: Iterable[Key]) -> Graph:
    """The same step, which also gives out the values under these keys, as rows."""
    inputs, names = [slot.node for slot in body.inputs], [slot.name for slot in body.inputs]
    known = {key_of(node): node for node in body.nodes}
    more = [known[key] if key in known else picked(*key) for key in keys]  # type: ignore[misc]
    return body_of(inputs, [*body.outputs, *more], names)


def live(nodes: Sequence[Node]) -> list[int]:
    """The places of those that can have gradients."""
    return [i for i, node in enumerate(nodes) if node.dtype.differentiable]


# -- equal steps -----------------------------------------------------------------------------------

_bodies: dict[Any, Graph] = {}


def kept(body: Graph, key: Any, make: Callable[[], Any]) -> Any:
    """What ``make`` finds out about a step, the first time that it is asked for."""
    if key not in body.found:
        body.found[key] = make()
    return body.found[key]


def _same(body: Graph) -> Graph:
    """The first graph that was equal to this one, in its names and source lines too."""
    place = {node: i for i, node in enumerate(body.nodes)}
    try:
        key = (
            tuple(_known(node, place) for node in body.nodes),
            tuple((place[slot.node], slot.name) for slot in body.inputs),
            tuple(place[node] for node in body.outputs),
        )
        found = _bodies.get(key)
    except TypeError:  # an attribute that has no hash
        return body
    if found is None:
        if len(_bodies) >= BODIES_KEPT:
            _bodies.clear()
        found = _bodies[key] = body
    return found


def _known(node: Node, place: Mapping[Node, int]) -> Any:
    """All that a node is, but for the nodes that it is made from, which are at a ``place``."""
    where = None if node.where is None else (id(node.where[0]), node.where[1])
    scopes, scope = [], node.scope
    while scope is not None:
        scopes.append(id(scope[0]))
        scope = scope[1]
    value = id(node.value) if node.op is None and node.value is not None else None
    attrs = tuple((name, _told_apart(x)) for name, x in node.attrs.items())
    parents = tuple([place[p] for p in node.parents])
    return (node.op, parents, attrs, node.shape, node.dtype, node.requires_grad, where,
            tuple(scopes), value, chosen_name(node))  # fmt: skip


def _told_apart(x: Any) -> Any:
    """An attribute as a key: 1 is not 1.0, 0.0 is not -0.0."""
    if isinstance(x, tuple):
        return type(x), tuple(map(_told_apart, x))
    return type(x), repr(x) if isinstance(x, float | complex) else x


# -- what changes from step to step ----------------------------------------------------------------


class Hoisted:
    """A step that is left with what changes from step to step.

    ``results`` are its outputs; ``leaves`` its new inputs.  What these stand for follows from the
    nodes ``outside`` alone, and is computed before the loop, once (`values`).
    """

    def __init__(
        self, inputs: Sequence[Node], outputs: Sequence[Node], outside: Collection[Node]
    ) -> None:
        self._moving = {node: node for node in inputs}
        self._before = set(outside)
        self._once: list[Node] = []
        self._leaves: dict[Node, Node] = {}
        for node in reachable(outputs):
            if node in self._moving or node in self._before:
                continue
            if any(p in self._moving for p in node.parents):
                self._moving[node] = _copy(node, tuple(map(self._copied, node.parents)))
            elif node.value is None:
                self._before.add(node)
                self._once.append(node)
        self.results = [self._copied(node) for node in outputs]
        self.leaves = list(self._leaves.values())

    def _copied(self, node: Node) -> Node:
        if node in self._moving or node not in self._before:  # the latter is a number
            return self._moving.get(node, node)
        if node not in self._leaves:
            made = leaf(node.shape, node.dtype, None, node.dtype.differentiable)
            self._leaves[node] = made
        return self._leaves[node]

    def values(self, outside: Mapping[Node, Tensor]) -> list[Tensor]:
        """What the ``leaves`` stand for."""
        before: dict[Node, Any] = dict(outside)
        for node in self._once:
            before[node] = again(node, before)
        return [before[node] for node in self._leaves]


def _copy(node: Node, parents: tuple[Node, ...]) -> Node:
    """The node on other operands, all of which may want a gradient."""
    several = type(node.dtype) is tuple
    wanted = not _cut(node) and (several or node.dtype.differentiable)
    tracked = wanted and any(p.requires_grad for p in parents)
    made = Node(node.op, parents, node.attrs, node.shape, node.dtype, None, tracked)
    made.where, made.scope = node.where, node.scope
    return same_name(node, made)


def again(node: Node, known: Mapping[Node, Any]) -> Any:
    """The value of a node of the step, from tensors outside of it."""
    if node.op is pick:
        return known[node.parents[0]][node.attrs["output"]]
    assert node.op is not None  # leaves are known
    operands = [known[p] if p in known else Tensor(p) for p in node.parents]
    with switched(grad=state.grad and node.requires_grad):
        return apply(node.op, operands, node.attrs)


# -- running ---------------------------------------------------------------------------------------

Stepper = Callable[[Sequence[Any], Sequence[Any]], tuple[tuple[Any, ...], tuple[Any, ...]]]


def stepper(
    xp: Any, body: Graph, carries: int, along: int, operands: Sequence[Any], length: Any
) -> Stepper:
    """The step as a function from tuples of arrays of ``xp`` (carry, x) to such (carry, y)."""
    inputs, split = [slot.node for slot in body.inputs], carries + along
    rows = set(inputs[carries:split])
    pairs = list(zip(inputs, operands, strict=True))
    sizes = bind_sizes(((*x.shape[:1], *p.shape) if p in rows else p.shape, x) for p, x in pairs)
    if xp is numpy_namespace:
        operands = (*operands[:split], *map(_laid_out, operands[split:]))
    if xp is numpy_namespace and not sizes:
        run = _compiled(body, length)
        if run is not None:
            fixed = operands[split:]

            def quick(carry: Sequence[Any], x: Sequence[Any]) -> Any:
                found = run(*carry, *x, *fixed)
                return found[:carries], found[carries:]

            return quick
    return _step_by_op(xp, body, carries, along, operands, sizes)


def _laid_out(x: Any) -> Any:
    """The matrix row by row: one that is turned would be multiplied half as fast, in every step."""
    return np.ascontiguousarray(x) if x.ndim > 1 else x


def _compiled(body: Graph, length: int) -> Callable[..., Any] | None:
    """The step as a function of arrays, once it has been run often enough; else None."""
    if pullback.build is None:
        return None
    known = body.found
    if "run" not in known:
        known["steps"] = known.get("steps", 0) + length
        if known["steps"] <= STEPS_BEFORE:
            return None
        try:
            known["run"] = pullback.build(body)
        except ChainruleError:
            known["run"] = None
    run: Callable[..., Any] | None = known["run"]
    return run


def _step_by_op(
    xp: Any, body: Graph, carries: int, along: int, operands: Sequence[Any], sizes: dict[str, int]
) -> Stepper:
    """The step as it is written, one op after the other."""
    inputs, split = [slot.node for slot in body.inputs], carries + along
    fixed = dict(zip(inputs[split:], operands[split:], strict=True))
    program = []
    for node in body.nodes:
        if node.op is not None and not node.parents:
            fixed[node] = node.op.forward(xp, **node.attrs)
        elif node.op is not None:
            attrs = with_sizes(node.attrs, sizes) if sizes else node.attrs
            program.append((node, node.op, attrs, _cut(node)))

    def step(carry: Sequence[Any], x: Sequence[Any]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        env = fixed | dict(zip(inputs, (*carry, *x), strict=False))
        for node, op, attrs, cut in program:
            value = perform(op, xp, [env[p] for p in node.parents], attrs)
            env[node] = xp.detach(value) if cut else value
        found = tuple(env[node] for node in body.outputs)
        return found[:carries], found[carries:]

    return step


def _cut(node: Node) -> bool:
    """Whether the node was made inside `no_grad`: derivatives end there."""
    if node.requires_grad or type(node.dtype) is tuple or not node.dtype.differentiable:
        return False
    return any(p.requires_grad for p in node.parents)
