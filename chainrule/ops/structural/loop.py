"""Loops: an op that repeats one step, captured once, along the leading axis of its operands.

The step is a graph of its own.  What does not change from step to step is computed before the loop;
what the way back will read is stacked on the way forth, where a gradient is wanted.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from chainrule.core.apply import apply, literal, project
from chainrule.core.capture import NumberSlot, Spec, Trace, trace_call
from chainrule.core.cost import Cost, total
from chainrule.core.derivatives import pull_back
from chainrule.core.dtypes import DType
from chainrule.core.errors import ShapeError
from chainrule.core.graph import Graph, Input, bind_sizes, reachable, with_sizes
from chainrule.core.node import Node, leaf
from chainrule.core.op import Op
from chainrule.core.pullback import zeros
from chainrule.core.signature import Dim, Shape, same_size
from chainrule.core.state import state, switched
from chainrule.core.structural import pick
from chainrule.core.tensor import Tensor

PLANS_KEPT = 64


class Scan(Op):
    """A step repeated along the leading axis of some operands.

    Operands are the first carry, then what is read row by row, then what every step reads.  The
    inputs of the graph ``body`` come in the same order, ``carries`` and ``along`` say how many of
    the first two there are; its outputs are the next carry, then the rows of the stacked results.
    With ``reverse`` the rows are met from the last to the first.
    """

    kind = "structural"
    primitive = "scan"
    outputs = ("carry", "stacked")

    def forward(
        self, xp: Any, *operands: Any, body: Graph, carries: int, along: int, length: Any,
        reverse: bool = False,
    ) -> Any:  # fmt: skip
        carry, rows = operands[:carries], operands[carries : carries + along]
        if isinstance(length, int) and length == 0:
            empty = (xp.full((0, *o.shape), 0, o.dtype.name) for o in body.outputs[carries:])
            return (*carry, *empty)
        step = _stepper(xp, body, carries, along, operands)
        if not reverse:
            last, stacked = xp.scan(step, carry, rows, length)
            return (*last, *stacked)
        last, stacked = xp.scan(step, carry, tuple(xp.flip(x, (0,)) for x in rows), length)
        return (*last, *(xp.flip(y, (0,)) for y in stacked))

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        # Every capture makes a new body: the plans for old ones only keep them alive.
        if len(self.plans) > PLANS_KEPT:
            self.plans.clear()
        return attrs

    def shape(
        self, *shapes: Shape, body: Graph, carries: int, along: int, length: Dim, **attrs: Any
    ) -> tuple[Shape, ...]:
        for i, (shape, slot) in enumerate(zip(shapes, body.inputs, strict=True)):
            row = carries <= i < carries + along
            wanted = (length, *slot.node.shape) if row else slot.node.shape
            if len(shape) != len(wanted) or not all(map(same_size, shape, wanted)):
                raise ShapeError(f"{slot.name or f'operand {i}'} has shape {shape}, not {wanted}")
        found = [node.shape for node in body.outputs]
        return (*found[:carries], *((length, *shape) for shape in found[carries:]))

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], tuple[DType, ...]]:
        body = attrs["body"]
        return [i.node.dtype for i in body.inputs], tuple(o.dtype for o in body.outputs)

    def vjp(self, node: Node, g: Sequence[Tensor | None]) -> Iterable[Tensor | None]:
        body, n, reverse = node.attrs["body"], node.attrs["carries"], node.attrs["reverse"]
        inputs, operands = [slot.node for slot in body.inputs], node.inputs
        split = n + node.attrs["along"]
        live = _live(inputs[:n])
        heard = [*live, *(i for i in range(n, len(body.outputs)) if g[i] is not None)]
        wanted = [*live, *(i for i in range(n, len(inputs)) if node.needs(i))]
        back = _Backward(body, n, split, heard, wanted)

        known = dict(zip(inputs[n:], operands[n:], strict=True))
        known |= _stacked(node, [key for key in back.read if key not in known])
        once = set(inputs[split:])
        outside = {p: known[key] for key, p in back.read.items() if key in once}
        rows: dict[Node, Any] = {p: g[i] for i, p in back.adjoints.items() if i >= n}
        rows |= {p: known[key] for key, p in back.read.items() if key not in once}
        carry: list[Any] = [zeros(inputs[i]) if g[i] is None else g[i] for i in live]
        carry += [zeros(p) for p in back.sums.values()]
        carries = [*(back.adjoints[i] for i in live), *back.sums.values()]
        made = _repeated(
            carries, list(rows), back.results, carry, rows.values(), outside,
            node.attrs["length"], not reverse,
        )  # fmt: skip
        found = dict(zip([*live, *back.sums, *back.along], made, strict=False))
        return [found.get(i) for i in range(len(inputs))]

    def pruned(self, node: Node, used: Collection[int]) -> tuple[Node, dict[int, int]] | None:
        body, n = node.attrs["body"], node.attrs["carries"]
        kept = [*range(n), *(i for i in sorted(used) if i >= n)]
        if len(kept) == len(body.outputs):
            return None
        inputs, names = [slot.node for slot in body.inputs], [slot.name for slot in body.inputs]
        attrs = {**node.attrs, "body": _graph(inputs, [body.outputs[i] for i in kept], names)}
        shape, dtype = (tuple(of[i] for i in kept) for of in (node.shape, node.dtype))
        made = Node(self, node.parents, attrs, shape, dtype, None, node.requires_grad)
        made.where, made.scope = node.where, node.scope
        return made, {i: place for place, i in enumerate(kept)}

    def cost(self, node: Node) -> Cost:
        body, length = node.attrs["body"], node.attrs["length"]
        once = total([n.op.cost(n) for n in body.nodes if n.op is not None])
        return {kind: count * length for kind, count in once.items()}

    def explain(self, node: Node) -> str:
        return f"repeats its step {node.attrs['length']} times"

    def record(
        self,
        body: Callable[..., Any],
        carry: Sequence[Tensor],
        xs: Sequence[Tensor],
        length: Dim,
        names: Sequence[str] = (),
        reverse: bool = False,
    ) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
        """The loop of ``body``, a function from tuples of tensors (carry, x) to such (carry, y).

        The body runs once, on tensors without values; tensors from outside that it reads become
        operands.  Raises CaptureError where it needs values, or writes to such tensors.
        """
        n, m = len(carry), len(carry) + len(xs)
        shapes = [*(t.shape for t in carry), *(t.shape[1:] for t in xs)]
        dtypes = [t.dtype for t in (*carry, *xs)]
        specs = [Spec(s, d, d.differentiable) for s, d in zip(shapes, dtypes, strict=True)]
        named = [*names, *(f"operand {i}" for i in range(len(names), m))]
        with switched(grad=True):
            captured = trace_call(body, (tuple(specs[:n]), tuple(specs[n:])), named, writes=False)
        slots, outputs = captured.graph.inputs, captured.graph.outputs
        outside = {slot.node: slot.tensor for slot in slots if slot.tensor is not None}
        outside |= {number.placeholder: _number(number) for number in captured.numbers}
        inputs = [slot.node for slot in slots[:m]]
        made = _repeated(
            inputs[:n], inputs[n:], outputs, carry, xs, outside, length, reverse, named
        )
        return made[:n], made[n : len(outputs)]


loop = Scan()


def _live(nodes: Sequence[Node]) -> list[int]:
    """The places of those that can have gradients."""
    return [i for i, node in enumerate(nodes) if node.dtype.differentiable]


def _number(slot: NumberSlot) -> Tensor:
    """A Python number that the body read: an input of the capture around it, or its value."""
    if state.trace is not None:
        return state.trace.number(slot.holder, slot.key, slot.part)
    return Tensor(literal(slot.before, slot.placeholder.dtype))


def _stepper(xp: Any, body: Graph, carries: int, along: int, operands: Sequence[Any]) -> Any:
    """The step as a function from tuples of arrays of ``xp`` (carry, x) to such (carry, y)."""
    inputs, split = [slot.node for slot in body.inputs], carries + along
    rows = set(inputs[carries:split])
    pairs = list(zip(inputs, operands, strict=True))
    sizes = bind_sizes(((*x.shape[:1], *p.shape) if p in rows else p.shape, x) for p, x in pairs)
    fixed = dict(zip(inputs[split:], operands[split:], strict=True))
    program = []
    for node in body.nodes:
        if node.op is not None and not node.parents:
            fixed[node] = node.op.forward(xp, **node.attrs)
        elif node.op is not None:
            attrs = with_sizes(node.attrs, sizes) if sizes else node.attrs
            program.append((node, node.op.forward, attrs, _cut(node)))

    def step(carry: Sequence[Any], x: Sequence[Any]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        env = fixed | dict(zip(inputs, (*carry, *x), strict=False))
        for node, forward, attrs, cut in program:
            value = forward(xp, *[env[p] for p in node.parents], **attrs)
            env[node] = xp.detach(value) if cut else value
        found = tuple(env[node] for node in body.outputs)
        return found[:carries], found[carries:]

    return step


def _cut(node: Node) -> bool:
    """Whether the node was made inside `no_grad`: derivatives end there."""
    if node.requires_grad or type(node.dtype) is tuple or not node.dtype.differentiable:
        return False
    return any(p.requires_grad for p in node.parents)


# -- a step as a graph of its own ------------------------------------------------------------------


def _repeated(
    carries: Sequence[Node],
    along: Sequence[Node],
    outputs: Sequence[Node],
    carry: Iterable[Tensor],
    xs: Iterable[Tensor],
    outside: Mapping[Node, Tensor],
    length: Dim,
    reverse: bool,
    names: Sequence[str] = (),
) -> tuple[Tensor, ...]:
    """The results of the loop of a captured step, from the nodes of its carry and x to its outputs;
    ``outside`` says what its other leaves stand for."""
    inputs, n = [*carries, *along], len(carries)
    results, fixed = _hoisted(inputs, outputs, outside)
    operands = [*carry, *xs, *fixed.values()]
    body = _graph([*inputs, *fixed], results, names)
    if state.grad and any(t.requires_grad for t in operands):
        wanted = [i for i, t in enumerate(operands) if t.requires_grad and i >= n]
        heard = _live(results)
        back = _Backward(body, n, len(inputs), heard, [*_live(carries), *wanted])
        body = _with_outputs(body, [key for key in back.read if key not in [*along, *fixed]])
    made: tuple[Tensor, ...] = loop(
        operands, body=body, carries=n, along=len(along), length=length, reverse=reverse
    )
    return made


def _graph(inputs: Sequence[Node], outputs: Sequence[Node], names: Sequence[str] = ()) -> Graph:
    """The graph between ``inputs`` and ``outputs``; the first inputs have ``names``."""
    named = [*names, *("" for _ in inputs[len(names) :])]
    slots = tuple(Input(node, "input", name) for node, name in zip(inputs, named, strict=True))
    nodes = sorted({*inputs, *reachable(outputs)}, key=lambda node: node.number)
    called = {slot.node: slot.name for slot in slots if slot.name}
    return Graph(tuple(nodes), slots, tuple(outputs), names=called)


def _with_outputs(body: Graph, keys: Iterable[Key]) -> Graph:
    """The same step, which also gives out the values under these keys, as rows."""
    inputs, names = [slot.node for slot in body.inputs], [slot.name for slot in body.inputs]
    known = {_key(node): node for node in body.nodes}
    more = [known[key] if key in known else _picked(*key) for key in keys]  # type: ignore[misc]
    return _graph(inputs, [*body.outputs, *more], names)


def _hoisted(
    inputs: Sequence[Node], outputs: Sequence[Node], outside: Mapping[Node, Tensor]
) -> tuple[list[Node], dict[Node, Tensor]]:
    """The outputs of a step that is left with what changes, and what its new leaves stand for.

    What follows from ``outside`` alone is computed here, once.
    """
    moving = {node: node for node in inputs}
    before: dict[Node, Any] = dict(outside)
    leaves: dict[Node, Node] = {}

    def copied(node: Node) -> Node:
        if node in moving or node not in before:  # the latter is a number
            return moving.get(node, node)
        if node not in leaves:
            leaves[node] = leaf(node.shape, node.dtype, None, node.dtype.differentiable)
        return leaves[node]

    for node in reachable(outputs):
        if node in moving or node in before:
            continue
        if any(p in moving for p in node.parents):
            moving[node] = _copy(node, tuple(map(copied, node.parents)))
        elif node.value is None:
            before[node] = _again(node, before)
    results = [copied(node) for node in outputs]
    return results, {placeholder: before[node] for node, placeholder in leaves.items()}


def _copy(node: Node, parents: tuple[Node, ...]) -> Node:
    """The node on other operands, all of which may want a gradient."""
    several = type(node.dtype) is tuple
    wanted = not _cut(node) and (several or node.dtype.differentiable)
    tracked = wanted and any(p.requires_grad for p in parents)
    made = Node(node.op, parents, node.attrs, node.shape, node.dtype, None, tracked)
    made.where, made.scope = node.where, node.scope
    return made


def _again(node: Node, known: Mapping[Node, Any]) -> Any:
    """The value of a node of the step, from tensors outside of it."""
    if node.op is pick:
        return known[node.parents[0]][node.attrs["output"]]
    assert node.op is not None  # leaves are known
    operands = [known[p] if p in known else Tensor(p) for p in node.parents]
    with switched(grad=state.grad and node.requires_grad):
        return apply(node.op, operands, node.attrs)


# -- the way back ----------------------------------------------------------------------------------

Key = Node | tuple[Node, int]


def _key(node: Node) -> Key:
    """What names a value of a step: its node, or an output of an op with several."""
    return (node.parents[0], node.attrs["output"]) if node.op is pick else node


def _picked(node: Node, output: int) -> Node:
    """One output of a node with several."""
    found: Tensor = project(node)[output]
    return found.node


class _Reading(Trace):
    """A trace in which values of another graph are read: each gets one placeholder."""

    def __init__(self) -> None:
        super().__init__()
        self.read: dict[Key, Node] = {}

    def _own(self, node: Node) -> bool:
        return super()._own(node) and not (node.op is pick and not self._own(node.parents[0]))

    def _lift(self, root: Tensor) -> None:
        node = root._node
        if node.op is None or node.parents:
            made = leaf(node.shape, node.dtype, None, node.dtype.differentiable)
            root._node = self.read.setdefault(_key(node), made)


class _Backward:
    """The way back through one step: from adjoints of its outputs to those of its inputs.

    ``adjoints`` are the placeholders of the former, by output; ``read`` those of the step's own
    values, by key.  ``results`` are the adjoints of the carries; then, for each input that all
    steps share, the sum so far (placeholders in ``sums``) with this step's share; then the adjoints
    of the rows ``along``.
    """

    def __init__(
        self, body: Graph, carries: int, split: int, heard: Sequence[int], wanted: Sequence[int]
    ) -> None:
        inputs = [slot.node for slot in body.inputs]
        trace = _Reading()
        with switched(trace=trace, grad=True):
            given = {i: _blank(body.outputs[i]) for i in heard}
            starts = [(Tensor(body.outputs[i]), g) for i, g in given.items()]
            found = pull_back(starts, [Tensor(inputs[i]) for i in wanted], create_graph=True)
            flows = {i: g for i, g in zip(wanted, found, strict=True) if g is not None}
            sums = {i: _blank(inputs[i]) for i in flows if i >= split}
            last = [flows[i] if i in flows else zeros(inputs[i]) for i in wanted if i < carries]
            last += [total + flows[i] for i, total in sums.items()]
            self.along = [i for i in flows if carries <= i < split]
            results = [trace.node_of(g) for g in [*last, *(flows[i] for i in self.along)]]
        used = set(reachable(results))
        self.results = results
        self.adjoints = {i: g.node for i, g in given.items()}
        self.sums = {i: total.node for i, total in sums.items()}
        self.read = {key: node for key, node in trace.read.items() if node in used}


def _blank(like: Node) -> Tensor:
    return Tensor(leaf(like.shape, like.dtype, None, like.dtype.differentiable))


def _stacked(node: Node, keys: Sequence[Key]) -> dict[Key, Tensor]:
    """These values of all the steps of a loop: kept on the way forth, or else computed again."""
    body = node.attrs["body"]
    at = {_key(o): i for i, o in enumerate(body.outputs) if i >= node.attrs["carries"]}
    missing = [key for key in keys if key not in at]
    if missing:
        at |= {key: len(body.outputs) + i for i, key in enumerate(missing)}
        made = loop(list(node.inputs), **{**node.attrs, "body": _with_outputs(body, missing)})
    else:
        made = project(node)
    return {key: made[at[key]] for key in keys}
