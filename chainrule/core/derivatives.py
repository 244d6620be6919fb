"""Reverse mode: adjoints are computed with ops, so they differentiate again.

The walk goes from the newest node to the oldest by creation number, without recursion; parents are
always older than what was made from them.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from chainrule.core import pullback
from chainrule.core.device import beside
from chainrule.core.errors import ArgumentError, CaptureError, GradientError, ShapeError, line_text
from chainrule.core.graph import reachable
from chainrule.core.hooks import hooked, hooks
from chainrule.core.node import Node, leaf
from chainrule.core.printing import shape_text
from chainrule.core.signature import Shape
from chainrule.core.source import Position, describe
from chainrule.core.state import enable_grad, quiet, state, switched
from chainrule.core.tensor import Tensor

if TYPE_CHECKING:
    from chainrule.core.op import Op


def unbroadcast(g: Tensor, shape: Shape) -> Tensor:
    """Sum ``g`` over the axes along which an operand of ``shape`` was repeated."""
    got = g.shape
    if got == shape:
        return g
    from chainrule.core.lowering import recorder as xp

    extra = len(got) - len(shape)
    dims = tuple(range(extra)) + tuple(
        i + extra for i, size in enumerate(shape) if size == 1 and got[i + extra] != 1
    )
    summed: Tensor = xp.sum(g, dims, True) if dims else g
    return xp.reshape(summed, shape) if extra else summed


def default_vjp(op: Op, node: Node, g: Any) -> Iterable[Tensor | None]:
    """The adjoints from `Op.partial` where the op has it, else from its lowered form."""
    from chainrule.core.op import Op as Contract

    if type(op).partial is Contract.partial:
        return lowered_vjp(op, node, g)
    return [_elementwise_adjoint(op, node, g, i) for i in range(len(node.parents))]


def _elementwise_adjoint(op: Op, node: Node, g: Tensor, i: int) -> Tensor | None:
    if not node.parents[i].requires_grad:
        return None
    slope = op.partial(node, i)
    if slope is None:
        return None
    if isinstance(slope, int):
        product = g if slope == 1 else -g if slope == -1 else g * slope
    else:
        product = g * slope
    return unbroadcast(product, node.parents[i].shape)


def lowered_vjp(op: Op, node: Node, g: Any) -> Iterable[Tensor | None]:
    """The adjoints by differentiating the op's forward, taken apart into primitives."""
    from chainrule.core.lowering import recorder
    from chainrule.core.structural import aliased

    wanted = state.grad
    with enable_grad():
        values = [aliased(parent) for parent in node.parents]
        result = op.forward(recorder, *values, **node.attrs)
    results, adjoints = (result, g) if op.outputs else ((result,), (g,))
    starts = [(r, a) for r, a in zip(results, adjoints, strict=True) if a is not None]
    return pull_back(starts, values, create_graph=wanted, beyond=False)


def pull_back(
    starts: Sequence[tuple[Tensor, Tensor]],
    targets: Sequence[Tensor],
    create_graph: bool,
    beyond: bool = True,
    met: Callable[[Node, Any], Any] | None = None,
) -> list[Tensor | None]:
    """The adjoints of ``targets``, given those of some values; None where nothing flows.

    The walk goes on ``beyond`` a target, to others that it was made from.  ``met`` is told each
    node with its adjoint, and answers with the adjoint to go on with.
    """
    nodes = [t.node for t in targets]
    found = _walk(starts, set(nodes), create_graph, beyond, met=met)
    return [found.get(node) for node in nodes]


def _walk(
    starts: Sequence[tuple[Tensor, Tensor]],
    targets: set[Node],
    create_graph: bool,
    beyond: bool = True,
    collect: bool = False,
    met: Callable[[Node, Any], Any] | None = None,
) -> dict[Node, Any]:
    """Adjoints of the ``targets``; with ``collect``, also added to the tensors of the leaves met.

    ``met`` is told each node with its adjoint, and answers with the adjoint to go on with.
    """
    adjoints: dict[Node, Any] = {}
    kept: dict[Node, Any] = {}
    if not starts:
        return kept
    with switched(grad=create_graph), beside(starts[0][0]), quiet():
        for tensor, g in starts:
            _add(adjoints, tensor.node, g)
        ends = set() if beyond else targets
        for node in newest_first([t.node for t, _ in starts], ends):
            g = adjoints.pop(node, None)
            if g is None:
                continue
            if met is not None:
                g = met(node, g)
            if hooks:
                g = hooked(node, g)
            if node in targets:
                kept[node] = g
            if collect and node.handle is not None:
                _collect(node, g, create_graph)
            if node.parents and node not in ends:
                _spread(node, g, adjoints)
            elif collect and node.handle is None and state.trace is not None:
                raise CaptureError(
                    "a gradient flows on to what a tensor from outside was made from",
                    got=f"a computed tensor {shape_text(node)}",
                    hint="compute it inside the captured function, or cut it off: x.detach()",
                )
    return kept


def walk_back(start: Tensor, met: Callable[[Node, Any], Any]) -> None:
    """Tell ``met`` each node that ``start``, one number, is made from, with its adjoint, newest
    first; what it answers is the adjoint to go on with."""
    _walk([(start, _seed(start, None))], set(), create_graph=False, met=met)


def newest_first(starts: Iterable[Node], ends: set[Node]) -> list[Node]:
    """The nodes from ``starts`` to ``ends`` through which gradients flow, newest first."""
    seen: set[Node] = set()
    waiting = list(starts)
    while waiting:
        node = waiting.pop()
        if node in seen or not node.requires_grad:
            continue
        seen.add(node)
        if node not in ends:
            waiting.extend(node.parents)
    return sorted(seen, key=_number, reverse=True)


_number = operator.attrgetter("number")


def _spread(node: Node, g: Any, adjoints: dict[Node, Any]) -> None:
    """Add to the adjoints of the parents what flows to them through ``node``."""
    whole = node.parents[0]
    if type(whole.dtype) is tuple:  # one output of an op with several
        parts = adjoints.setdefault(whole, [None] * len(whole.dtype))
        i = node.attrs["output"]
        parts[i] = g if parts[i] is None else parts[i] + g
        return
    for parent, adjoint in zip(node.parents, pulled(node, g), strict=True):
        if adjoint is not None and parent.requires_grad:
            _add(adjoints, parent, adjoint)


def pulled(node: Node, g: Any) -> Iterable[Tensor | None]:
    """The adjoints of a node's operands by the rule of its op.

    A rule that leaves the graph gives numbers whose own derivatives nobody knows: where those may
    be asked for, they say so.
    """
    assert node.op is not None  # leaves have no parents
    if not (state.grad or state.anomaly):
        return pullback.by_rule(node, g)
    with switched(adjoint_of=node, left=None):
        found = list(pullback.by_rule(node, g))
        left = state.left
    if left is None or not state.grad:
        return found
    given = [a.node for a in (g if isinstance(g, list) else [g]) if a is not None]
    return [None if a is None else _severed(a, (*node.parents, *given), node, left) for a in found]


def _severed(adjoint: Tensor, operands: Iterable[Node], node: Node, left: Position) -> Tensor:
    from chainrule.core.structural import severed

    assert node.op is not None
    whole = adjoint.node
    attrs = {"rule": node.op.written(node.attrs) or node.op.name}
    parents = (whole, *operands)
    return Tensor(Node(severed, parents, attrs, whole.shape, whole.dtype, whole.value, True, left))


def _add(adjoints: dict[Node, Any], node: Node, g: Tensor) -> None:
    before = adjoints.get(node)
    adjoints[node] = g if before is None else before + g


def _collect(node: Node, g: Tensor, create_graph: bool) -> None:
    """Add an adjoint to ``.grad`` of the tensor that the leaf belongs to."""
    tensor = node.handle() if node.handle is not None else None
    if tensor is not None and tensor.requires_grad:  # it may have ceased to
        _accumulate(tensor, g, create_graph)


def _accumulate(tensor: Tensor, g: Tensor, create_graph: bool) -> None:
    before = tensor.grad
    if before is None:
        tensor.grad = Tensor(g.node)
    elif create_graph:
        tensor.grad = before + g
    else:
        before._write(before + g)


def _collect_array(node: Node, g: Any) -> None:
    """`_collect`, of an array."""
    tensor = node.handle() if node.handle is not None else None
    if tensor is not None and tensor._grad is None and tensor._node.requires_grad:
        tensor._grad = Tensor(leaf(node.shape, node.dtype, g))
        return
    _collect(node, Tensor(leaf(node.shape, node.dtype, g)), create_graph=False)


def backward(
    tensor: Tensor, gradient: Tensor | None, create_graph: bool, inputs: Sequence[Tensor] | None
) -> None:
    """See `Tensor.backward`."""
    if state.trace is not None:
        state.trace.node_of(tensor)
    start = [(tensor, _seed(tensor, gradient))]
    if inputs is None and not create_graph and pullback.applies(tensor.node):
        nodes = newest_first([tensor.node], set())
        with beside(tensor):
            pullback.walk(nodes, start[0][1].node.value, _collect_array)
        return
    if inputs is None:
        _walk(start, set(), create_graph, collect=True)
        return
    for target, g in zip(inputs, pull_back(start, inputs, create_graph), strict=True):
        if g is not None:
            _accumulate(target, g, create_graph)


def _seed(tensor: Tensor, gradient: Tensor | None) -> Tensor:
    """The adjoint to start from; raises GradientError and ShapeError."""
    if not tensor.requires_grad:
        end = end_of_history([tensor.node])
        raise GradientError(
            "no gradient flows from here: nothing it was made from requires one"
            if end is None
            else "no gradient flows from here: its history ends at a value that requires none",
            at=end,
            hint="requires_grad=True at the start, and no detach(), numpy(), no_grad()\n"
            "or whole-number type on the way",
        )
    if gradient is None:
        if tensor.numel() != 1:
            raise ShapeError(
                f"backward() starts from one number; this tensor has shape {tensor.shape}",
                hint="sum or average it first, or pass the adjoint: y.backward(g)",
            )
        from chainrule.core.lowering import recorder as xp

        with beside(tensor):
            one: Tensor = xp.full(tensor.shape, 1, tensor.dtype.name)
        return one
    if gradient.shape != tensor.shape:
        raise ShapeError(f"an adjoint of shape {gradient.shape} for a value of {tensor.shape}")
    return gradient


def end_of_history(nodes: Sequence[Node]) -> str | None:
    """The user's line at which the history of these values last ends without a gradient being asked
    for: where it was detached, or made from data.

    Values computed without history do not know how: `record` keeps it.
    """
    free = (n for n in reachable(nodes) if n.where is not None and not n.requires_grad)
    ends = [n for n in free if n.op is None or n.op.primitive == "detach"]
    return line_text(describe(ends[-1].where)) if ends else None


def grad(
    outputs: Tensor | Sequence[Tensor],
    inputs: Tensor | Sequence[Tensor],
    grad_outputs: Tensor | Sequence[Tensor | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple[Tensor | None, ...]:
    """The gradients of ``outputs`` by ``inputs``, returned instead of collected.

    As ``torch.autograd.grad``: raises GradientError where an input has no part in the outputs,
    unless ``allow_unused``, which gives None there, or ``materialize_grads``, which gives zeros.
    ``is_grads_batched`` is refused: `jacobian` has the rows.

    >>> import chainrule as cr
    >>> x = cr.tensor(3.0, requires_grad=True)
    >>> cr.autograd.grad(x * x, x)[0].item()
    6.0
    """
    if is_grads_batched:
        raise ArgumentError(
            "grad() takes one adjoint for each output, not a batch of them",
            hint="cr.autograd.functional.jacobian has all rows at once",
        )
    if materialize_grads and allow_unused is False:
        raise ArgumentError("materialize_grads gives zeros for unused inputs: allow them")
    outs = [outputs] if isinstance(outputs, Tensor) else list(outputs)
    targets = [inputs] if isinstance(inputs, Tensor) else list(inputs)
    seeds = [grad_outputs] if isinstance(grad_outputs, Tensor) else grad_outputs
    given = seeds or [None] * len(outs)
    if state.trace is not None:
        for t in (*outs, *targets):
            state.trace.node_of(t)
    for t in targets:
        if not t.requires_grad:
            raise GradientError("an input of grad() does not require a gradient")
    starts = [(o, _seed(o, g)) for o, g in zip(outs, given, strict=True)]
    found = pull_back(starts, targets, create_graph)
    if materialize_grads:
        return tuple(
            pullback.zeros(t.node) if g is None else g for t, g in zip(targets, found, strict=True)
        )
    if not allow_unused:
        for i, g in enumerate(found):
            if g is None:
                raise GradientError(
                    f"input {i} of grad() has no part in the outputs",
                    at=end_of_history([o.node for o in outs]),
                    hint="allow_unused=True returns None for it",
                )
    return tuple(found)
