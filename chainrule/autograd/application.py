"""One application of a user's function: forward is run, and what it computed kept as a graph."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from typing import Any

from chainrule.autograd.context import FunctionCtx
from chainrule.autograd.rules import is_written, pull, push
from chainrule.core import tree as trees
from chainrule.core.apply import literal
from chainrule.core.capture import trace_call
from chainrule.core.errors import ArgumentError, CaptureError, GradientError
from chainrule.core.graph import Graph, Input
from chainrule.core.node import Node, leaf, next_number
from chainrule.core.source import Position
from chainrule.core.state import no_grad, state, switched
from chainrule.core.tensor import Tensor
from chainrule.ops.structural.custom import Definition, Slot, applied


class Application:
    """One application: forward run on handles of its own, and what follows from it."""

    def __init__(self, cls: type[Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.cls, self.args, self.kwargs = cls, args, kwargs
        self.tensors = [a for a in args if isinstance(a, Tensor)]
        self.ctx = FunctionCtx()
        self.ctx.needs_input_grad = tuple(
            isinstance(a, Tensor) and a.requires_grad and state.grad for a in args
        )
        self.own: list[Tensor] = []
        self.left: Position | None = None
        self.start = next_number()

    # -- forward -----------------------------------------------------------------------------------

    def _recorded(self) -> tuple[list[Node], list[Node], list[Tensor]]:
        """The nodes that are wanted, and those they begin with; forward is run on values."""
        self.start = next_number()
        given = [leaf(t.shape, t.dtype, t.node.value, t.requires_grad) for t in self.tensors]
        with switched(record=True, grad=False, forward=True, left=None):
            wanted = self._forward([Tensor(node) for node in given])
            self.left = state.left
        nodes = [t.node for t in wanted]
        outside = _outside(nodes, given, self.start)
        return nodes, [*given, *outside], [*self.tensors, *map(Tensor, outside)]

    def _captured(self) -> tuple[list[Node], list[Node], list[Tensor]]:
        """The same, while a function around this one is captured, and there are no values."""
        names = [f"argument {i}" for i in range(len(self.tensors))]
        with no_grad():
            found = trace_call(lambda *own: self._forward(list(own)), self.tensors, names)
        if found.effects:
            raise CaptureError(
                f"{self.cls.__name__}.forward writes to what is outside, while it is captured",
                hint="return what it computes, or mark the argument: ctx.mark_dirty(x)",
            )
        outside = [
            _number(found.numbers, slot.node) if slot.tensor is None else slot.tensor
            for slot in found.graph.inputs[len(self.tensors) :]
        ]
        inputs = [slot.node for slot in found.graph.inputs]
        return list(found.graph.outputs), inputs, [*self.tensors, *outside]

    def _forward(self, own: list[Tensor]) -> list[Tensor]:
        """Run the user's code; the results, then the tensors that were put aside."""
        before = [t.node for t in own]
        self.own = own
        parts = iter(own)
        args = [next(parts) if isinstance(a, Tensor) else a for a in self.args]
        cls, ctx = self.cls, self.ctx
        if not is_written(cls.forward):
            raise ArgumentError(
                f"{cls.__name__} has no forward",
                hint="@staticmethod\ndef forward(ctx, x): …",
            )
        if not is_written(cls.setup_context):
            made = cls.forward(ctx, *args, **self.kwargs)
        else:
            made = cls.forward(*args, **self.kwargs)
            cls.setup_context(ctx, tuple(args), made)
        self.made = made
        self.returned = list(made) if isinstance(made, tuple | list) else [made]
        results = [t for t in self.returned if isinstance(t, Tensor)]
        if not results:
            raise ArgumentError(
                f"{cls.__name__}.forward returned no tensor",
                got=type(made).__name__,
                expected="a tensor, or a tuple with tensors",
            )
        self._refuse_writes(before, results)
        self.kept = {k: v for k, v in vars(ctx).items() if k not in ("_dirty", "_silent")}
        return [*results, *trees.tensors(self.kept)]

    def _refuse_writes(self, before: list[Node], results: list[Tensor]) -> None:
        """Raise where an argument was changed unannounced, or announced and not returned."""
        dirty = {id(t) for t in self.ctx._dirty}
        for i, (t, node) in enumerate(zip(self.own, before, strict=True)):
            if t.node is not node and id(t) not in dirty:
                raise GradientError(
                    f"{self.cls.__name__}.forward changed its tensor argument {i} in place",
                    hint="say so, ctx.mark_dirty(x), and return it; or change a copy: x.clone()",
                )
        if not dirty <= {id(t) for t in results}:
            raise GradientError(
                f"{self.cls.__name__}.forward does not return a tensor that it marked as dirty"
            )

    # -- the node ----------------------------------------------------------------------------------

    def result(self) -> Any:
        """What the user gets, as outputs of one node."""
        made = self._captured() if state.trace is not None else self._recorded()
        self.nodes, self.inputs, self.operands = made
        results = [t for t in self.returned if isinstance(t, Tensor)]
        n = len(results)
        silent = {id(t) for t in self.ctx._silent}
        places = {
            node: Slot("made" if node.number > self.start else "operand", i)
            for i, node in enumerate(self.inputs)
        }
        places |= {node: Slot("operand", i) for i, node in enumerate(self.inputs[: len(self.own)])}
        places |= {node: Slot("output", i) for i, node in enumerate(self.nodes[:n])}
        extra = [node for node in dict.fromkeys(self.nodes[n:]) if node not in places]
        places |= {node: Slot("output", n + i) for i, node in enumerate(extra)}
        graph = _graph(self.inputs, [*self.nodes[:n], *extra])
        rest = iter(self.nodes[n:])
        number = iter(range(n))
        definition = Definition(
            self.cls.__name__,
            graph,
            _argument_places(self.args),
            tuple(
                Slot("output", next(number)) if isinstance(t, Tensor) else None
                for t in self.returned
            ),
            trees.mapped(lambda x: places[next(rest)] if isinstance(x, Tensor) else x, self.kept),
            frozenset(i for i, t in enumerate(results) if id(t) in silent),
            self.left,
            functools.partial(pull, self.cls),
            functools.partial(push, self.cls) if is_written(self.cls.jvp) else None,
        )
        known = None
        if state.trace is None:
            known = tuple(node.value for node in graph.outputs)
        return self._handed_out(applied(self.operands, definition, known))

    def _handed_out(self, made: Sequence[Tensor]) -> Any:
        """The results in the form in which forward returned them; what was changed in place is the
        caller's own tensor."""
        owners = {id(t): outer for t, outer in zip(self.own, self.tensors, strict=True)}
        dirty = {id(t) for t in self.ctx._dirty}
        parts = iter(made)
        found: list[Any] = []
        for t in self.returned:
            if not isinstance(t, Tensor):
                found.append(t)
                continue
            result = next(parts)
            if id(t) in dirty:
                result = owners[id(t)]._write(result)
            found.append(result)
        if isinstance(self.made, tuple | list):
            return type(self.made)(found)
        return found[0]


def _outside(nodes: Sequence[Node], given: Sequence[Node], start: int) -> list[Node]:
    """The leaves of what was recorded: values from before, and data that forward made."""
    seen, ends = set(given), []
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        if node in seen:
            continue
        seen.add(node)
        if (node.number < start and (node.op is None or node.parents)) or node.op is None:
            ends.append(node)
        else:
            waiting.extend(node.parents)
    return sorted(ends, key=lambda node: node.number)


def _graph(inputs: Sequence[Node], outputs: Sequence[Node]) -> Graph:
    """The graph between these nodes; what the inputs were made from is no part of it."""
    seen, waiting = set(inputs), list(outputs)
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting.extend(node.parents)
    ordered = tuple(sorted(seen, key=lambda node: node.number))
    return Graph(ordered, tuple(Input(node, "input", "") for node in inputs), tuple(outputs))


def _number(numbers: Iterable[Any], placeholder: Node) -> Tensor:
    """A Python number that forward read: an input of the capture around it."""
    slot = next(n for n in numbers if n.placeholder is placeholder)
    if state.trace is not None:
        return state.trace.number(slot.holder, slot.key)
    return Tensor(literal(slot.before, placeholder.dtype))


def _argument_places(args: Sequence[Any]) -> tuple[int | None, ...]:
    """The operand that each argument is; None for what is no tensor."""
    places: list[int | None] = []
    count = 0
    for a in args:
        places.append(count if isinstance(a, Tensor) else None)
        count += isinstance(a, Tensor)
    return tuple(places)
