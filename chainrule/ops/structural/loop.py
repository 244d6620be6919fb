"""Loops: an op that repeats one step, captured once, along the leading axis of its operands.

The step is a graph of its own.  What does not change from step to step is computed before the loop;
what the way back will read is stacked on the way forth, where a gradient is wanted.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from chainrule.core.apply import literal, project
from chainrule.core.capture import NumberSlot, Spec, trace_call
from chainrule.core.dtypes import DType
from chainrule.core.errors import ShapeError
from chainrule.core.graph import Graph, with_sizes
from chainrule.core.node import Node
from chainrule.core.op import Op
from chainrule.core.pullback import zeros
from chainrule.core.signature import Dim, Shape, same_size
from chainrule.core.size import Size
from chainrule.core.state import state, switched
from chainrule.core.tensor import Tensor
from chainrule.ops.structural.loop_back import Backward
from chainrule.ops.structural.loop_body import (
    Hoisted,
    Key,
    body_of,
    kept,
    key_of,
    live,
    stepper,
    with_outputs,
)
from chainrule.ops.structural.loop_unrolled import written_out

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
        step = stepper(xp, body, carries, along, operands, length)
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
        wanted_shapes = [
            (length, *slot.node.shape) if carries <= i < carries + along else slot.node.shape
            for i, slot in enumerate(body.inputs)
        ]
        sizes = _letters(wanted_shapes, shapes)
        for i, (shape, open_shape) in enumerate(zip(shapes, wanted_shapes, strict=True)):
            wanted, slot = with_sizes(open_shape, sizes), body.inputs[i]
            if len(shape) != len(wanted) or not all(map(same_size, shape, wanted)):
                raise ShapeError(f"{slot.name or f'operand {i}'} has shape {shape}, not {wanted}")
        found = [with_sizes(node.shape, sizes) for node in body.outputs]
        return (*found[:carries], *((length, *shape) for shape in found[carries:]))

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], tuple[DType, ...]]:
        body = attrs["body"]
        return [i.node.dtype for i in body.inputs], tuple(o.dtype for o in body.outputs)

    def vjp(self, node: Node, g: Sequence[Tensor | None]) -> Iterable[Tensor | None]:
        body, n, along = node.attrs["body"], node.attrs["carries"], node.attrs["along"]
        inputs = [slot.node for slot in body.inputs]
        alive = live(inputs[:n])
        heard = (*alive, *(i for i in range(n, len(body.outputs)) if g[i] is not None))
        wanted = (*alive, *(i for i in range(n, len(inputs)) if node.needs(i)))
        key = ("back", n, along, heard, wanted)
        way = kept(body, key, lambda: _WayBack(body, n, along, heard, wanted))
        back = way.back

        known = dict(zip(inputs[n:], node.inputs[n:], strict=True))
        known |= _stacked(node, [key for key in back.read if key not in known])
        carry: list[Any] = [zeros(inputs[i]) if g[i] is None else g[i] for i in alive]
        carry += [zeros(p) for p in back.sums.values()]
        rows = [g[i] for i in way.given] + [known[key] for key in way.rows]
        outside = [known[key] for key in way.outside]
        length, reverse = node.attrs["length"], not node.attrs["reverse"]
        made = way.loop.run(carry, rows, outside, length, reverse)
        found = dict(zip([*alive, *back.sums, *back.along], made, strict=False))
        return [found.get(i) for i in range(len(inputs))]

    def pruned(self, node: Node, used: Collection[int]) -> tuple[Node, dict[int, int]] | None:
        body, n = node.attrs["body"], node.attrs["carries"]
        left = [*range(n), *(i for i in sorted(used) if i >= n)]
        if len(left) == len(body.outputs):
            return None
        inputs, names = [slot.node for slot in body.inputs], [slot.name for slot in body.inputs]
        attrs = {**node.attrs, "body": body_of(inputs, [body.outputs[i] for i in left], names)}
        shape, dtype = (tuple(of[i] for i in left) for of in (node.shape, node.dtype))
        made = Node(self, node.parents, attrs, shape, dtype, None, node.requires_grad)
        made.where, made.scope = node.where, node.scope
        return made, {i: place for place, i in enumerate(left)}

    def unrolled(
        self, node: Node, operands: Sequence[Tensor], call: Callable[..., None], most: int
    ) -> Sequence[Tensor] | None:
        length = node.attrs["length"]
        if not isinstance(length, int) or not 0 < length <= most:
            return None
        return written_out(node, operands, call)

    def graphs(self, node: Node) -> Iterable[tuple[Graph, Dim]]:
        return ((node.attrs["body"], node.attrs["length"]),)

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
        inputs = [*(slot.node for slot in slots[:m]), *outside]
        step = body_of(inputs, outputs, named)
        repeated = kept(step, ("loop", n, m), lambda: Repeated(step, n, m - n))
        made = repeated.run(carry, xs, outside.values(), length, reverse)
        return made[:n], made[n : len(outputs)]


def _letters(wanted: Sequence[Shape], shapes: Sequence[Shape]) -> dict[str, int]:
    """The numbers that letters of the step's shapes stand for, where the operands have numbers."""
    pairs = (pair for two in zip(wanted, shapes, strict=True) for pair in zip(*two, strict=False))
    return {
        str(size): number
        for size, number in pairs
        if isinstance(size, Size) and isinstance(number, int) and str(size) in size.symbols()
    }


loop = Scan()


def _number(slot: NumberSlot) -> Tensor:
    """A Python number that the body read: an input of the capture around it, or its value."""
    if state.trace is not None:
        return state.trace.number(slot.holder, slot.key, slot.part)
    return Tensor(literal(slot.before, slot.placeholder.dtype))


class Repeated:
    """The loop of a step whose inputs are its carry, its rows, and what stands outside."""

    def __init__(self, step: Graph, carries: int, along: int) -> None:
        self.carries, self.along = carries, along
        inputs, names = [slot.node for slot in step.inputs], [slot.name for slot in step.inputs]
        n = carries + along
        self.outside = inputs[n:]
        self.hoisted = Hoisted(inputs[:n], step.outputs, self.outside)
        self.body = body_of([*inputs[:n], *self.hoisted.leaves], self.hoisted.results, names[:n])

    def run(
        self, carry: Iterable[Tensor], xs: Iterable[Tensor], outside: Iterable[Tensor],
        length: Dim, reverse: bool,
    ) -> tuple[Tensor, ...]:  # fmt: skip
        """The last carry, the stacked results, and what the way back will read."""
        fixed = self.hoisted.values(dict(zip(self.outside, outside, strict=True)))
        operands, body = [*carry, *xs, *fixed], self.body
        if state.grad and any(t.requires_grad for t in operands):
            wanted = tuple(
                i for i, t in enumerate(operands) if t.requires_grad and i >= self.carries
            )
            body = kept(body, wanted, lambda: self._keeping(wanted))
        made: tuple[Tensor, ...] = loop(
            operands, body=body, carries=self.carries, along=self.along, length=length,
            reverse=reverse,
        )  # fmt: skip
        return made

    def _keeping(self, wanted: Sequence[int]) -> Graph:
        """The body that also gives out what the way back to the operands ``wanted`` reads."""
        inputs, n = [slot.node for slot in self.body.inputs], self.carries
        heard, started = live(self.body.outputs), live(inputs[:n])
        back = Backward(self.body, n, n + self.along, heard, [*started, *wanted])
        return with_outputs(self.body, [key for key in back.read if key not in inputs[n:]])


class _WayBack:
    """The loop that goes back through one: ``given`` are the results whose adjoints are its first
    rows, ``rows`` and ``outside`` the keys of the values that it reads."""

    def __init__(
        self, body: Graph, carries: int, along: int, heard: Sequence[int], wanted: Sequence[int]
    ) -> None:
        split = carries + along
        self.back = back = Backward(body, carries, split, heard, wanted)
        shared = {slot.node for slot in body.inputs[split:]}
        self.given = [i for i in back.adjoints if i >= carries]
        self.rows = [key for key in back.read if key not in shared]
        self.outside = [key for key in back.read if key in shared]
        carry = [*(p for i, p in back.adjoints.items() if i < carries), *back.sums.values()]
        rows = [*(back.adjoints[i] for i in self.given), *(back.read[key] for key in self.rows)]
        inputs = [*carry, *rows, *(back.read[key] for key in self.outside)]
        self.loop = Repeated(body_of(inputs, back.results), len(carry), len(rows))


def _stacked(node: Node, keys: Sequence[Key]) -> dict[Key, Tensor]:
    """These values of all the steps of a loop: kept on the way forth, or else computed again."""
    body = node.attrs["body"]
    at = {key_of(o): i for i, o in enumerate(body.outputs) if i >= node.attrs["carries"]}
    missing = [key for key in keys if key not in at]
    if missing:
        at |= {key: len(body.outputs) + i for i, key in enumerate(missing)}
        made = loop(list(node.inputs), **{**node.attrs, "body": with_outputs(body, missing)})
    else:
        made = project(node)
    return {key: made[at[key]] for key in keys}
