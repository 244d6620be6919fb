"""A graph: the nodes of a captured computation in the order of their definition.

A graph holds no values.  Everything that comes from outside is an input with a role: ``input`` (an
argument), ``param``, ``state`` (read and written: running statistics, optimizer state, the random
counter), ``constant`` (a captured tensor); what is written is an extra output.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from chainrule.core.apply import has_checks, run_checks
from chainrule.core.errors import ChainruleError, GraphError, line_text
from chainrule.core.node import Node
from chainrule.core.signature import Shape, same_size
from chainrule.core.size import Size, UndecidedSize, prod
from chainrule.core.source import describe
from chainrule.core.tensor import Tensor

if TYPE_CHECKING:
    from chainrule.core.op import Op

ROLES = ("input", "param", "state", "constant", "random")


@dataclass(frozen=True)
class Input:
    """A placeholder: its node, its role, its name, and, for a tensor from outside, that tensor."""

    node: Node
    role: str
    name: str
    tensor: Tensor | None = None


class Output(int):
    """The number of an output, in the place of the tensor that a captured function returned."""


@dataclass(frozen=True)
class Graph:
    """``nodes`` in definition order, ``inputs`` with roles, ``outputs``, and ``updates``: pairs
    of (input that is written, node that it then stands for).  ``tree`` is what the captured
    function returned, with an `Output` for each tensor.  ``found`` is what others found out about
    the graph, and is gone with it.

    >>> import chainrule as cr
    >>> graph = cr.capture(lambda x: (x * 2).exp(), cr.spec("B", 3))
    >>> [node.op.name for node in graph.nodes if node.op]
    ['full', 'mul', 'exp']
    """

    nodes: tuple[Node, ...]
    inputs: tuple[Input, ...]
    outputs: tuple[Node, ...]
    updates: tuple[tuple[Input, Node], ...] = ()
    tree: Any = None
    names: dict[Node, str] = field(default_factory=dict, compare=False)
    found: dict[Any, Any] = field(default_factory=dict, compare=False, init=False, repr=False)

    def __hash__(self) -> int:
        return id(self)

    @property
    def results(self) -> tuple[Node, ...]:
        """Outputs, then updates."""
        return (*self.outputs, *(node for _, node in self.updates))

    @property
    def numbers(self) -> dict[Node, int]:
        """The number i of each node's name vᵢ: 1 for the first defined."""
        return {node: i for i, node in enumerate(self.nodes, 1)}

    def evaluate(
        self, xp: Any, values: Mapping[Node, Any], checked: bool = False
    ) -> dict[Node, Any]:
        """The value of every node under the namespace ``xp``, given those of the inputs.

        >>> import chainrule as cr
        >>> from chainrule.namespaces import exact
        >>> graph = cr.capture(lambda x: x / 3, cr.spec())
        >>> env = graph.evaluate(exact, {graph.inputs[0].node: exact.array(1)})
        >>> print(env[graph.outputs[0]])
        1/3

        Raises what an op has against the sizes that letters now stand for: a kernel may fit into an
        axis of ``L``, and not into one of 2; where it is ``checked``, to values as well.
        """
        env = dict(values)
        sizes = bind_sizes((node.shape, env[node]) for node in env)
        for node in self.nodes:
            if node in env:
                continue
            if node.op is None:
                raise GraphError(f"the input {self.names.get(node, node)} has no value")
            attrs = with_sizes(node.attrs, sizes) if sizes else node.attrs
            operands = [env[p] for p in node.parents]
            if sizes or checked:
                _refuse(node, xp, operands, attrs, checked)
            env[node] = perform(node.op, xp, operands, attrs)
        return env


def _refuse(
    node: Node, xp: Any, operands: Sequence[Any], attrs: dict[str, Any], checked: bool
) -> None:
    """Raise what the op has against operands of these shapes and, ``checked``, values."""
    op = node.op
    if op is None or not all(hasattr(x, "shape") for x in operands):
        return  # operands that several results are in are for `pick` alone
    shapes = [tuple(x.shape) for x in operands]
    try:
        op.shape(*shapes, **attrs)
        if checked and has_checks(op) and not op.checks_late:
            run_checks(op, xp, operands, attrs)
    except UndecidedSize:
        return  # a loop's step has letters too: they get their numbers when it is evaluated
    except ChainruleError as error:
        names = [""] * len(shapes) if op.variadic else op.inputs
        got = ", ".join(
            f"{name} {shape}".lstrip() for name, shape in zip(names, shapes, strict=False)
        )
        error.context(op.name, got=got, at=line_text(describe(node.where)))
        raise


def perform(op: Op, xp: Any, operands: Sequence[Any], attrs: dict[str, Any]) -> Any:
    """The op's result under the namespace ``xp``.  One that has a function ``performed`` rounds
    it, but for a number, which stays as it was written."""
    rounding = getattr(xp, "performed", None)
    if rounding is None or "number" in op.facts:
        return op.forward(xp, *operands, **attrs)
    return rounding(partial(op.forward, xp, *operands, **attrs))


def reachable(results: Iterable[Node]) -> tuple[Node, ...]:
    """Everything that ``results`` are made from, and they themselves, in definition order."""
    seen: set[Node] = set()
    waiting = list(results)
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting.extend(node.parents)
    return tuple(sorted(seen, key=lambda node: node.number))


def history(outputs: Sequence[Tensor], inputs: Sequence[Tensor] = ()) -> Graph:
    """The graph of what was computed eagerly: from ``inputs`` (and whatever leaves there are) to
    ``outputs``.  Nodes keep their values."""
    starts = {t.node for t in inputs}
    seen: set[Node] = set()
    waiting = [t.node for t in outputs]
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            if node not in starts:
                waiting.extend(node.parents)
    nodes = tuple(sorted(seen, key=lambda node: node.number))
    found = [
        Input(n, _role_of(n), "", n.handle() if n.handle else None)
        for n in nodes
        if n in starts or n.op is None
    ]
    return Graph(nodes, tuple(found), tuple(t.node for t in outputs))


def _role_of(node: Node) -> str:
    handle = node.handle() if node.handle is not None else None
    return (handle.role if handle is not None else None) or "input"


def bind_sizes(pairs: Iterable[tuple[Shape, Any]]) -> dict[str, int]:
    """The numbers that the letters in shapes stand for, read from actual arrays.

    Raises GraphError where two arrays disagree.
    """
    sizes: dict[str, int] = {}
    late: list[tuple[Size, int]] = []
    for shape, array in pairs:
        for wanted, got in zip(shape, getattr(array, "shape", ()), strict=False):
            if not isinstance(wanted, Size):
                if isinstance(got, int) and wanted != got:
                    raise GraphError(f"an input has size {got} where the graph has {wanted}")
            elif len(wanted.symbols()) == 1 and str(wanted) in wanted.symbols():
                known = sizes.setdefault(str(wanted), got)
                if not same_size(known, got):
                    raise GraphError(f"size {wanted} is {known} in one input and {got} in another")
            else:
                late.append((wanted, got))
    for wanted, got in late:
        if wanted.substitute(sizes) != got:
            raise GraphError(f"size {wanted} is {wanted.substitute(sizes)}, but an input has {got}")
    return sizes


def with_sizes(value: Any, sizes: Mapping[str, int]) -> Any:
    """An attribute, or a dict of them, with numbers for letters."""
    if isinstance(value, Size):
        return value.substitute(sizes)
    if isinstance(value, tuple):
        parts = (with_sizes(part, sizes) for part in value)
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    if isinstance(value, dict):
        return {name: with_sizes(part, sizes) for name, part in value.items()}
    return value


__all__ = [
    "ROLES", "Graph", "Input", "Output", "bind_sizes", "history", "perform", "prod", "reachable",
    "with_sizes",
]  # fmt: skip
