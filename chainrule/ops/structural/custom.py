"""Functions of the user's with a derivative of their own: the op behind ``autograd.Function``.

What the user's ``forward`` computes is a graph, so that such a function is captured, compiled, and
run in other arithmetics like any op.  Its derivative is the user's ``backward``: whoever
differentiates the node applies it, and never takes the node apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from chainrule.core import tree as trees
from chainrule.core.apply import namespace_of, project
from chainrule.core.derivatives import pull_back, pulled
from chainrule.core.dtypes import DType
from chainrule.core.errors import CostError, GradientError, GraphError, line_text
from chainrule.core.graph import Graph
from chainrule.core.lowering import recorder
from chainrule.core.node import Node, leaf
from chainrule.core.op import Op
from chainrule.core.pullback import zeros
from chainrule.core.signature import Dim, Shape
from chainrule.core.source import Position, describe, here
from chainrule.core.state import enable_grad, state
from chainrule.core.structural import aliased, detached
from chainrule.core.tensor import Tensor


@dataclass(frozen=True)
class Slot:
    """The place of a tensor in what a way back reads: the ``operand``, the ``output`` i, or the
    operand that forward ``made`` itself, of data."""

    kind: str
    i: int


@dataclass(frozen=True, eq=False)
class Definition:
    """A call of a user's function, but for the values of its operands.

    ``graph`` is what forward computed: from the operands to the results and the other values that
    the way back reads.  ``arguments`` has, for each argument of forward, its operand, or None;
    ``returned`` what forward returned and ``saved`` what it put aside, with a `Slot` for each
    tensor; ``silent`` the outputs that have no derivative.  ``left`` says where forward computed
    outside of the graph.  ``pull`` and ``push`` are the user's rules: functions of a definition,
    the saved values, the arguments that want a gradient, and the adjoints or tangents.
    """

    name: str
    graph: Graph
    arguments: tuple[int | None, ...]
    returned: tuple[Any, ...]
    saved: Any
    silent: frozenset[int]
    left: Position | None
    pull: Callable[..., Sequence[Tensor | None]]
    push: Callable[..., Sequence[Tensor | None]] | None

    @property
    def results(self) -> int:
        """How many of the outputs the user gets; the others are read by the way back."""
        return sum(isinstance(part, Slot) for part in self.returned)

    def read(self, node: Node) -> Any:
        """What forward put aside, as tensors of ``node``."""
        outputs = project(node)

        def found(part: Any) -> Any:
            if not isinstance(part, Slot):
                return part
            computed = part.kind == "made" or (part.kind == "output" and part.i >= self.results)
            if computed and self.left is not None and node.requires_grad:
                state.left = self.left
            return outputs[part.i] if part.kind == "output" else node.inputs[part.i]

        return trees.mapped(found, self.saved)


class CustomFunction(Op):
    """A function of the user's, with the derivative that the user gave it.

    Operands are the tensors among its arguments, then those from outside that forward reads;
    outputs its results, then the other values that the way back reads.
    """

    kind = "structural"
    outputs = ("results",)
    facts = {"holomorphic": False}

    def forward(self, xp: Any, *operands: Any, definition: Definition) -> Any:
        if xp.name == "dual":
            return _pushed(xp, operands, definition)
        if xp is recorder and state.grad and any(x.requires_grad for x in operands):
            return applied(operands, definition)
        return _computed(xp, operands, definition)

    def shape(self, *shapes: Shape, definition: Definition) -> tuple[Shape, ...]:
        return tuple(node.shape for node in definition.graph.outputs)

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], tuple[DType, ...]]:
        self.plans.clear()  # every call has a definition of its own, which a plan would keep alive
        return given, tuple(node.dtype for node in attrs["definition"].graph.outputs)

    def vjp(self, node: Node, g: Sequence[Tensor | None]) -> Iterable[Tensor | None]:
        definition: Definition = node.attrs["definition"]
        n = definition.results
        found = _by_the_rule(node, list(g[:n]))
        if any(part is not None for part in g[n:]):
            inner = _through_forward(node, g[n:])
            found = [_total(a, b) for a, b in zip(found, inner, strict=True)]
        return found

    def graphs(self, node: Node) -> Iterable[tuple[Graph, Dim]]:
        definition: Definition = node.attrs["definition"]
        if definition.left is not None:
            raise CostError(
                f"{definition.name} computes outside of the graph, where nobody counts",
                at=line_text(describe(definition.left)),
                hint="compute it with tensors to the end, without detach(), numpy() or item()",
            )
        return ((definition.graph, 1),)

    def written(self, attrs: dict[str, Any], latex: bool = False) -> str:
        name: str = attrs["definition"].name
        return name

    def output_text(self, node: Node, i: int) -> str:
        definition: Definition = node.attrs["definition"]
        return "" if definition.results == 1 and i == 0 else f"[{i}]"


custom_function = CustomFunction()


def _computed(xp: Any, operands: Sequence[Any], definition: Definition) -> tuple[Any, ...]:
    """All outputs, by what forward computed."""
    if definition.left is not None:
        _refuse_again(definition)
    inputs = [slot.node for slot in definition.graph.inputs]
    env = definition.graph.evaluate(xp, dict(zip(inputs, operands, strict=True)))
    return tuple(env[node] for node in definition.graph.outputs)


def _refuse_again(definition: Definition) -> NoReturn:
    raise GraphError(
        f"{definition.name}.forward computed outside of the graph, so it cannot be computed again",
        at=line_text(describe(definition.left)),
        hint="compute with tensors to the end, without numpy(), item() or an if on values",
    )


def applied(
    operands: Sequence[Tensor], definition: Definition, values: tuple[Any, ...] | None = None
) -> tuple[Tensor, ...]:
    """All outputs as tensors, with the history that the switches ask for; ``values`` are known
    where forward has just been run."""
    made = project(_node(operands, definition, values))
    return tuple(_cut(x) if i in definition.silent else x for i, x in enumerate(made))


def _node(
    operands: Sequence[Tensor], definition: Definition, values: tuple[Any, ...] | None
) -> Node:
    trace = state.trace
    nodes = tuple(x.node if trace is None else trace.node_of(x) for x in operands)
    outputs = definition.graph.outputs
    shapes, dtypes = tuple(n.shape for n in outputs), tuple(n.dtype for n in outputs)
    if values is None and all(n.value is not None for n in nodes):
        xp = namespace_of([*dtypes, *(n.dtype for n in nodes)])
        values = _computed(xp, [n.value for n in nodes], definition)
    heard = [i for i in range(definition.results) if i not in definition.silent]
    wanted = state.grad and any(
        i is not None and nodes[i].requires_grad for i in definition.arguments
    )
    tracked = wanted and any(dtypes[i].differentiable for i in heard)
    if not (tracked or values is None or state.record):
        return Node(None, (), {}, shapes, dtypes, values)
    attrs = {"definition": definition}
    return Node(custom_function, nodes, attrs, shapes, dtypes, values, tracked, here(), state.scope)


def _cut(x: Tensor) -> Tensor:
    """An output that has no derivative."""
    node = x.node
    if not node.requires_grad:
        return x
    return Tensor(
        detached(node) if node.value is None else leaf(node.shape, node.dtype, node.value)
    )


def _total(a: Tensor | None, b: Tensor | None) -> Tensor | None:
    return b if a is None else a if b is None else a + b


def _by_the_rule(node: Node, g: list[Tensor | None]) -> list[Tensor | None]:
    """The adjoints of the operands by the user's rule; None for those from outside."""
    definition: Definition = node.attrs["definition"]
    found: list[Tensor | None] = [None] * len(node.parents)
    if all(part is None for part in g):
        return found
    needs = tuple(i is not None and node.needs(i) for i in definition.arguments)
    given = iter(g)
    listed = [next(given) if isinstance(part, Slot) else None for part in definition.returned]
    made = definition.pull(definition, node, needs, listed)
    for i, adjoint in zip(definition.arguments, made, strict=True):
        if i is not None:
            found[i] = _total(found[i], adjoint)
    return found


def _through_forward(node: Node, g: Sequence[Tensor | None]) -> Sequence[Tensor | None]:
    """The adjoints of the operands from those of the values that the way back read, which are what
    forward computed them to be."""
    definition: Definition = node.attrs["definition"]
    create_graph = state.grad
    with enable_grad():
        values = [aliased(parent) for parent in node.parents]
        made = definition.graph.evaluate(
            recorder,
            dict(zip([i.node for i in definition.graph.inputs], values, strict=True)),
        )
    nodes = definition.graph.outputs[definition.results :]
    starts = [
        (made[n], a)
        for n, a in zip(nodes, g, strict=True)
        if a is not None and made[n].requires_grad
    ]
    return pull_back(starts, values, create_graph, beyond=False)


# -- forward mode ----------------------------------------------------------------------------------


def _pushed(xp: Any, operands: Sequence[Any], definition: Definition) -> tuple[Any, ...]:
    """The outputs with their tangents.

    Those of results come from the user's ``jvp``, or from ``backward``, which is linear in its
    adjoints: turned round, it takes tangents to tangents.
    """
    if xp.base is not recorder:
        raise GradientError(f"{definition.name} has no derivative rule in this arithmetic")
    pairs = [xp.split(x) for x in operands]
    tangents = [t for _, t in pairs]
    keep = state.grad
    with enable_grad():
        own = [aliased(p.node) for p, _ in pairs]
        for x, t in zip(own, tangents, strict=True):
            x.node.requires_grad = x.dtype.differentiable and (t is not None or x.requires_grad)
        node = _node(own, definition, None)
        moved = _moved(node, tangents, keep)
    primals = project(node)
    if len(primals) > definition.results:
        inner = definition.graph.evaluate(
            xp, dict(zip([i.node for i in definition.graph.inputs], operands, strict=True))
        )
        nodes = definition.graph.outputs[definition.results :]
        moved += [xp.split(inner[n])[1] for n in nodes]
    return tuple(xp.array(p, t) for p, t in zip(primals, moved, strict=True))


def _moved(node: Node, tangents: Sequence[Tensor | None], keep: bool) -> list[Tensor | None]:
    """The tangents of the results of ``node`` from those of its operands."""
    definition: Definition = node.attrs["definition"]
    n = definition.results
    if definition.push is not None:
        given = [None if i is None else tangents[i] for i in definition.arguments]
        return list(definition.push(definition, node, given))
    blanks: list[Tensor | None] = [
        Tensor(leaf(shape, dtype, zeros(leaf(shape, dtype)).node.value, True))
        if dtype.differentiable and i not in definition.silent
        else None
        for i, (shape, dtype) in enumerate(zip(node.shape[:n], node.dtype[:n], strict=True))
    ]
    rest: list[Tensor | None] = [None] * (len(node.shape) - n)
    found = pulled(node, [*blanks, *rest])
    starts = [
        (a, t)
        for a, t in zip(found, tangents, strict=True)
        if a is not None and t is not None and a.requires_grad
    ]
    wanted = [b for b in blanks if b is not None]
    made = iter(pull_back(starts, wanted, create_graph=keep))
    return [None if b is None else next(made) for b in blanks]
