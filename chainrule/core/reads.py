"""Which places of its operands one place of an op's result reads: the rules of whole kinds of op.

An op may say it itself (`Op.reads`); a composite that does not is read off its lowered form.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from chainrule.core.axes import axes
from chainrule.core.reach import Reach, Reads, entry_by_entry, everything
from chainrule.core.signature import Operand, Shape, Signature

if TYPE_CHECKING:
    from chainrule.core.node import Node
    from chainrule.core.op import Op

KEPT = 1024
_of_lowered: dict[Any, tuple[Reads | None, ...]] = {}


def default_reads(op: Op, node: Node, output: int) -> Sequence[Reads | None]:
    """The rule of the op's kind; a composite without one reads what its lowered form does."""
    shapes = [parent.shape for parent in node.parents]
    made = node.shape[output] if op.outputs else node.shape
    if _has_slopes(op) and all(_broadcasts(shape, made) for shape in shapes):
        return [entry_by_entry(shape, made) for shape in shapes]
    if op.composite:
        return _lowered(op, node, output)
    if op.kind == "contract" and op.signature is not None:
        return by_signature(op.signature, shapes, made)
    if op.kind == "reduce" and "dim" in node.attrs and not op.outputs:
        return [along(shape, node.attrs["dim"], made) for shape in shapes]
    if op.kind == "structural" and not op.outputs:
        same = [shape == made for shape in shapes]
        if all(same):
            return [entry_by_entry(shape, made) for shape in shapes]
    return [everything(shape) for shape in shapes]


def _has_slopes(op: Op) -> bool:
    """Whether its operands are taken entry by entry."""
    from chainrule.core.op import Op as Contract

    entries = op.primitive is not None or type(op).partial is not Contract.partial
    return op.kind == "elementwise" and not op.outputs and entries


def _broadcasts(shape: Shape, made: Shape) -> bool:
    """Whether an operand of this shape can be one that is taken entry by entry."""
    ends = zip(reversed(shape), reversed(made), strict=False)
    return len(shape) <= len(made) and all(a == b or a == 1 for a, b in ends)


def along(shape: Shape, dim: Any, made: Shape) -> Reads:
    """An operand that is taken together along ``dim``, and may have lost these axes.

    >>> [reach.axis for reach in along((2, 3, 4), 1, (2, 4))]
    [0, None, 1]
    """
    dims = axes(dim, len(shape))
    kept = len(made) == len(shape)
    free = [a for a in range(len(shape)) if kept or a not in dims]
    return tuple(
        Reach.whole(size) if a in dims else Reach.same(free.index(a))
        for a, size in enumerate(shape)
    )


def by_signature(text: str, shapes: Sequence[Shape], made: Shape) -> list[Reads | None]:
    """Axes that the result names too are followed, others read whole.

    >>> [
    ...     [reach.axis for reach in reads or ()]
    ...     for reads in by_signature("*b m k, *b k n -> *b m n", [(2, 3), (3, 4)], (2, 4))
    ... ]
    [[0, None], [None, 1]]
    """
    signature = Signature.parse(text)
    result = signature.results[0]
    follows = {name: axis for axis, name in enumerate(_named(result, made)) if name is not None}
    found: list[Reads | None] = []
    for operand, shape in zip(signature.operands, shapes, strict=False):
        names = _named(operand, shape)
        found.append(
            tuple(
                Reach.same(follows[name])
                if name in follows and size == made[follows[name]]
                else Reach.whole(size)
                for name, size in zip(names, shape, strict=True)
            )
        )
    return found


def _named(operand: Operand, shape: Shape) -> list[Any]:
    """A name for each axis; those of a star are counted from its end, as they broadcast."""
    rest = len(shape) - len(operand.before) - len(operand.after)
    stars = [(operand.star, i - rest) for i in range(rest)]
    return [*operand.before, *stars, *operand.after]


def _lowered(op: Op, node: Node, output: int) -> Sequence[Reads | None]:
    """What the op's forward reads, taken apart into primitives."""
    from chainrule.core.graph import reachable
    from chainrule.core.lowering import lowered

    operands = tuple((p.shape, p.dtype) for p in node.parents)
    key = (op, output, operands, tuple(node.attrs.items()))
    try:
        known = _of_lowered.get(key)
    except TypeError:  # an attribute that cannot be a key
        known = None
    if known is not None:
        return known
    inputs, results = lowered(op, operands, node.attrs)
    nodes = reachable([results[output]])
    found = tuple(reads_of(nodes, i).get(results[output]) for i in inputs)
    if len(_of_lowered) >= KEPT:
        _of_lowered.clear()
    with suppress(TypeError):
        _of_lowered[key] = found
    return found


def reads_of(nodes: Sequence[Node], source: Node) -> dict[Node, Reads]:
    """What one place of each of ``nodes``, in definition order, reads of ``source``; nodes that
    read nothing of it are left out."""
    found: dict[Node, Reads] = {source: tuple(Reach.same(a) for a in range(len(source.shape)))}
    for node in nodes:
        if node in found or node.op is None or not node.parents:
            continue
        whole = node.whole
        made = whole if whole is not None else node
        if type(node.dtype) is tuple or not any(parent in found for parent in made.parents):
            continue
        read = combined(made, node.attrs["output"] if whole is not None else 0, found, source.shape)
        if read is not None:
            found[node] = read
    return found


def combined(node: Node, output: int, found: Mapping[Node, Reads], source: Shape) -> Reads | None:
    """What an output of a node reads of the source, given what its operands do."""
    assert node.op is not None  # it has operands
    total: Reads | None = None
    for parent, outer in zip(node.parents, node.op.reads(node, output), strict=False):
        if outer is None or parent not in found:
            continue
        read = tuple(
            inner if inner.axis is None else inner.through(outer[inner.axis], size)
            for inner, size in zip(found[parent], source, strict=True)
        )
        total = (
            read
            if total is None
            else tuple(a.beside(b, size) for a, b, size in zip(total, read, source, strict=True))
        )
    return total
