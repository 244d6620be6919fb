"""``Function``: an operation of the user's, with a forward and a backward of their own."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from chainrule.core import tree as trees
from chainrule.core.apply import literal
from chainrule.core.capture import trace_call
from chainrule.core.derivatives import unbroadcast
from chainrule.core.errors import (
    ArgumentError,
    CaptureError,
    ChainruleError,
    GradientError,
    ShapeError,
    line_text,
)
from chainrule.core.graph import Graph, Input
from chainrule.core.node import Node, leaf, next_number
from chainrule.core.source import Position, describe, here
from chainrule.core.state import no_grad, state, switched
from chainrule.core.structural import full
from chainrule.core.tensor import Tensor
from chainrule.ops.custom import Definition, Slot, applied


class FunctionCtx:
    """What forward leaves for backward; attributes of any other name are kept too."""

    needs_input_grad: tuple[bool, ...] = ()

    def __init__(self) -> None:
        self._saved: tuple[Tensor | None, ...] = ()
        self._dirty: tuple[Tensor, ...] = ()
        self._silent: tuple[Tensor, ...] = ()
        self._materialize = True

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keep tensors (or None) for backward, which finds them in ``saved_tensors``."""
        _only_tensors("save_for_backward", [t for t in tensors if t is not None])
        self._saved = tensors

    save_for_forward = save_for_backward

    @property
    def saved_tensors(self) -> tuple[Tensor | None, ...]:
        """What ``save_for_backward`` was given, with the history of the function's operands."""
        return self._saved

    def mark_dirty(self, *tensors: Tensor) -> None:
        """Say which arguments forward changes in place; it must return them."""
        _only_tensors("mark_dirty", tensors)
        self._dirty = tensors

    def mark_non_differentiable(self, *tensors: Tensor) -> None:
        """Say which results have no derivative."""
        _only_tensors("mark_non_differentiable", tensors)
        self._silent = tensors

    def set_materialize_grads(self, value: bool) -> None:
        """Whether backward gets zeros, not None, for results that nothing came back from."""
        self._materialize = value


def _only_tensors(method: str, given: Iterable[Any]) -> None:
    for x in given:
        if not isinstance(x, Tensor):
            raise ArgumentError(
                f"{method} takes tensors, not a {type(x).__name__}",
                hint="other values are attributes: ctx.name = value",
            )


class Function:
    """A function of tensors with a derivative of one's own, as ``torch.autograd.Function``.

    Subclasses have static methods: ``forward(ctx, *args)``, or ``forward(*args)`` with
    ``setup_context(ctx, inputs, output)``; ``backward(ctx, *grad_outputs)``, which returns one
    gradient, or None, for each argument of forward; and, for forward mode, ``jvp(ctx, *tangents)``
    (without it, backward is turned round).  Written in tensors, backward is differentiated again,
    and the function is captured, compiled and run in exact arithmetic like any op.

    Raises ArgumentError where forward returns no tensor, GradientError and ShapeError where
    backward returns something else than gradients of the arguments.

    >>> import chainrule as cr
    >>> class Square(cr.autograd.Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         ctx.save_for_backward(x)
    ...         return x * x
    ...     @staticmethod
    ...     def backward(ctx, g):
    ...         (x,) = ctx.saved_tensors
    ...         return 2 * x * g
    >>> x = cr.tensor(3.0, requires_grad=True)
    >>> Square.apply(x).backward()
    >>> x.grad
    tensor(6.)
    """

    def __init__(self) -> None:
        raise ArgumentError(
            f"{type(self).__name__} is applied as it is, without an instance",
            hint=f"{type(self).__name__}.apply(x)",
        )

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        """The result from the arguments; to be written by subclasses."""
        raise NotImplementedError("this autograd.Function has no forward()")

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        """Put aside what backward needs, where forward does not take ``ctx``."""
        raise NotImplementedError("this autograd.Function has no setup_context()")

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """The gradients of the arguments from those of the results; to be written by subclasses."""
        raise NotImplementedError("this autograd.Function has no backward()")

    vjp = backward

    @staticmethod
    def jvp(ctx: Any, *grad_inputs: Any) -> Any:
        """The tangents of the results from those of the arguments (None where one has none)."""
        raise NotImplementedError("this autograd.Function has no jvp()")

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """What forward returns for these arguments, with the derivative that backward says."""
        call = _Call(cls, args, kwargs)
        call.run()
        return call.outputs()


class _Call:
    """One application: forward run on handles of its own, and what follows from it."""

    def __init__(self, cls: type[Function], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.cls, self.args, self.kwargs = cls, args, kwargs
        self.tensors = [a for a in args if isinstance(a, Tensor)]
        self.ctx = FunctionCtx()
        self.ctx.needs_input_grad = tuple(
            isinstance(a, Tensor) and a.requires_grad and state.grad for a in args
        )
        self.own: list[Tensor] = []
        self.left: Position | None = None

    # -- forward -----------------------------------------------------------------------------------

    def run(self) -> None:
        """Run forward, and keep what it computed as a graph."""
        made = self._captured() if state.trace is not None else self._recorded()
        self.nodes, self.inputs, self.operands = made
        self.graph = _graph(self.inputs, self.nodes)

    def _recorded(self) -> tuple[list[Node], list[Node], list[Tensor]]:
        """The nodes that are wanted, and those they begin with; forward is run on values."""
        start = next_number()
        given = [leaf(t.shape, t.dtype, t.node.value, t.requires_grad) for t in self.tensors]
        with switched(record=True, grad=False, forward=True, left=None):
            wanted = self._forward([Tensor(node) for node in given])
            self.left = state.left
        nodes = [t.node for t in wanted]
        outside = _outside(nodes, given, start)
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
        operands = list(self.tensors)
        for slot in found.graph.inputs[len(operands) :]:
            operands.append(slot.tensor or _number(found.numbers, slot.node))
        return list(found.graph.outputs), [i.node for i in found.graph.inputs], operands

    def _forward(self, own: list[Tensor]) -> list[Tensor]:
        """Run the user's code; the results, then the tensors that were put aside."""
        before = [t.node for t in own]
        self.own = own
        parts = iter(own)
        args = [next(parts) if isinstance(a, Tensor) else a for a in self.args]
        cls, ctx = self.cls, self.ctx
        if cls.forward is Function.forward:
            raise ArgumentError(
                f"{cls.__name__} has no forward",
                hint="@staticmethod\ndef forward(ctx, x): …",
            )
        if cls.setup_context is Function.setup_context:
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

    def outputs(self) -> Any:
        """What the user gets, as outputs of one node."""
        results = [t for t in self.returned if isinstance(t, Tensor)]
        n = len(results)
        silent = {id(t) for t in self.ctx._silent}
        places = {node: Slot("operand", i) for i, node in reversed(list(enumerate(self.inputs)))}
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
            trees.mapped(
                lambda x: places[next(rest)] if isinstance(x, Tensor) else x, self.kept
            ),
            frozenset(i for i, t in enumerate(results) if id(t) in silent),
            self.left,
            functools.partial(_pull, self.cls),
            None if self.cls.jvp is Function.jvp else functools.partial(_push, self.cls),
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
        if node.number < start and (node.op is None or node.parents):
            ends.append(node)
        elif node.op is None:
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


# -- the user's rules ------------------------------------------------------------------------------


def _context(definition: Definition, node: Node, needs: tuple[bool, ...]) -> FunctionCtx:
    """A context as forward left it, with the tensors of ``node``."""
    ctx = FunctionCtx()
    vars(ctx).update(definition.read(node))
    ctx.needs_input_grad = needs
    return ctx


def _pull(
    cls: type[Function],
    definition: Definition,
    node: Node,
    needs: tuple[bool, ...],
    g: Sequence[Tensor | None],
) -> list[Tensor | None]:
    """The user's backward; its answer, checked."""
    ctx = _context(definition, node, needs)
    if cls.backward is not Function.backward:
        rule = cls.backward
    elif cls.vjp is not Function.vjp:
        rule = cls.vjp
    else:
        raise GradientError(
            f"{cls.__name__} has no backward",
            at=line_text(describe(node.where)),
            hint="@staticmethod\ndef backward(ctx, grad_output): …",
        )
    if ctx._materialize:
        g = [
            full(node.shape[slot.i], 0, node.dtype[slot.i])
            if part is None and isinstance(slot, Slot)
            else part
            for part, slot in zip(g, definition.returned, strict=True)
        ]
    made = rule(ctx, *g)
    answer = list(made) if isinstance(made, tuple) else [made]
    try:
        return _checked(f"{cls.__name__}.backward", answer, definition, node)
    except ChainruleError as error:
        error.context("", got="", at=line_text(describe(node.where)))
        raise


def _checked(
    who: str, found: list[Any], definition: Definition, node: Node
) -> list[Tensor | None]:
    """One gradient for each argument, of its shape and type; sums over what broadcasting repeats,
    and leaves out None at the end, as PyTorch does."""
    places = definition.arguments
    while len(found) > len(places) and found[-1] is None:
        found.pop()
    if len(found) != len(places):
        raise GradientError(
            f"{who} returned {len(found)} gradients for {len(places)} arguments of forward",
            hint="one for each, in order; None for what is no tensor or needs none",
        )
    checked: list[Tensor | None] = []
    for i, (g, place) in enumerate(zip(found, places, strict=True)):
        if g is None:
            checked.append(None)
        elif not isinstance(g, Tensor):
            raise GradientError(
                f"{who} returned a {type(g).__name__} as gradient {i}", expected="a tensor or None"
            )
        elif place is None:
            raise GradientError(
                f"{who} returned a gradient for argument {i} of forward, which is no tensor",
                hint="return None in its place",
            )
        else:
            checked.append(_fitted(who, i, g, node.parents[place]))
    return checked


def _fitted(who: str, i: int, g: Tensor, like: Node) -> Tensor | None:
    if not like.requires_grad:
        return None
    pairs = list(zip(reversed(like.shape), reversed(g.shape), strict=False))
    if len(g.shape) < len(like.shape) or any(a != b and a != 1 for a, b in pairs):
        raise ShapeError(
            f"{who} returned gradient {i} of shape {g.shape} for an argument of {like.shape}"
        )
    summed = unbroadcast(g, like.shape)
    made: Tensor = summed if summed.dtype is like.dtype else summed.to(like.dtype)
    return made


def _push(
    cls: type[Function], definition: Definition, node: Node, tangents: Sequence[Tensor | None]
) -> list[Tensor | None]:
    """The user's jvp; its answer, checked."""
    needs = tuple(t is not None for t in tangents)
    made = cls.jvp(_context(definition, node, needs), *tangents)
    found = list(made) if isinstance(made, tuple) else [made]
    if len(found) != len(definition.returned):
        raise GradientError(
            f"{cls.__name__}.jvp returned {len(found)} tangents for "
            f"{len(definition.returned)} results of forward"
        )
    chosen = [t for t, slot in zip(found, definition.returned, strict=True) if slot is not None]
    for i, t in enumerate(chosen):
        if t is not None and (not isinstance(t, Tensor) or t.shape != node.shape[i]):
            raise GradientError(f"{cls.__name__}.jvp returned tangent {i} that does not fit",
                                got=f"{t!r}"[:60], expected=f"a tensor of {node.shape[i]}")  # fmt: skip
    return chosen


def once_differentiable(backward: Callable[..., Any]) -> Callable[..., Any]:
    """A backward whose gradients have no derivative: it may compute outside of the graph.

    Differentiating them raises GradientError.
    """

    @functools.wraps(backward)
    def once(ctx: Any, *g: Any) -> Any:
        with no_grad():
            made = backward(ctx, *g)
        if state.adjoint_of is not None:
            state.left = here()
        return made

    return once


__all__ = ["Function", "FunctionCtx", "once_differentiable"]
