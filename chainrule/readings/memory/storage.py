"""Storages: which values of a graph have entries of their own, and which read those of another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from chainrule.core import dtypes as dt
from chainrule.core.dtypes import DType
from chainrule.core.errors import DTypeError
from chainrule.core.node import Node
from chainrule.core.signature import Dim
from chainrule.core.size import UndecidedSize, prod
from chainrule.namespaces import strided
from chainrule.namespaces.strided import Strided

FOLLOWING = ("elementwise", "reduce", "window")
"""Kinds of op whose results lie as their operands do."""


class Storage(NamedTuple):
    """The entries of one value: that of a node, or one output of a node with several."""

    node: Node
    output: int = 0

    @property
    def shape(self) -> Any:
        """How many entries there are along each axis."""
        several = type(self.node.dtype) is tuple
        return self.node.shape[self.output] if several else self.node.shape

    @property
    def dtype(self) -> DType:
        """Their type."""
        several = type(self.node.dtype) is tuple
        found: DType = self.node.dtype[self.output] if several else self.node.dtype
        return found

    @property
    def is_number(self) -> bool:
        """Whether it is a number that belongs to the program, such as the 2 of ``x * 2``: there is
        one of each, whatever is computed."""
        node = self.node
        return node.op is not None and not node.parents and node.shape == ()

    def bytes(self, dtype: DType | None = None) -> Dim:
        """How many bytes they take; with ``dtype``, if floating-point numbers were of that type.

        Raises DTypeError for exact numbers, which have no fixed size.
        """
        return prod(self.shape) * width(self.dtype, dtype)


def width(own: DType, instead: DType | None) -> int:
    """Bytes of an entry; of a floating-point type, those of the type that stands for it."""
    kept = own.category not in (dt.REAL, dt.EXACT)
    dtype = own if kept or instead is None else instead
    if dtype.category == dt.EXACT:
        raise DTypeError(
            "exact numbers take the bytes they need, and nobody knows these before",
            hint="say which type stands for them: dtype=cr.float32",
        )
    return dtype.itemsize


def storages(nodes: Iterable[Node]) -> dict[Node, Storage]:
    """Where the value of each node lies; a node with several outputs is left out, they are not.

    Views read the storage of their operand, and so does what changes nothing; a reshape of entries
    that do not lie together copies them.  Computed values lie row by row, those of element-wise
    ops, norms and pooling in the order of their operands.

    >>> import chainrule as cr
    >>> graph = cr.capture(lambda x: x.exp().mT.flatten().reshape(2, -1), cr.spec(3, 4))
    >>> homes = storages(graph.nodes)
    >>> [homes[n].node is n for n in graph.nodes]
    [True, True, False, True, False]
    """
    lies: dict[Node, tuple[Strided, ...]] = {}
    found: dict[Node, Storage] = {}
    for node in nodes:
        if type(node.dtype) is tuple:
            lies[node] = _several(node, [lies[p][0] for p in node.parents])
            continue
        whole = node.whole
        if whole is not None:
            lies[node] = (lies[whole][node.attrs["output"]],)
        else:
            lies[node] = (_laid(node, [lies[p][0] for p in node.parents]),)
        found[node] = lies[node][0].home
    return found


def _several(node: Node, operands: Sequence[Strided]) -> tuple[Strided, ...]:
    read = _read_in_place(node, operands)
    return tuple(
        _in_order(node, shape, operands, Storage(node, i))
        if read is None or read[i].home is None
        else read[i]
        for i, shape in enumerate(node.shape)
    )


def _laid(node: Node, operands: Sequence[Strided]) -> Strided:
    own = Storage(node)
    op = node.op
    if op is not None and operands and not op.outputs:
        chosen = (0,) if op.facts.get("same") else op.facts.get("selects", ())
        if len(chosen) == 1:  # it is one of the operands
            return operands[chosen[0]]
    read = _read_in_place(node, operands)
    if read is not None and read[0].home is not None:
        return read[0]
    if op is not None and op.view and read is None:
        where = op.index_map(node)
        steps = node.shape if where is None else where.strides
        return Strided(node.shape, steps, operands[0].home)
    return _in_order(node, node.shape, operands, own)


def _read_in_place(node: Node, operands: Sequence[Strided]) -> Sequence[Strided] | None:
    """What a move reads off its operands; None for what computes, or has to copy."""
    op = node.op
    if op is None or not operands or op.kind not in ("move", "window"):
        return None
    try:
        made = op.forward(strided, *operands, **node.attrs)
    except (AttributeError, TypeError):  # it fills or joins
        return None
    parts = made if op.outputs else (made,)
    return parts if all(isinstance(part, Strided) for part in parts) else None


def _in_order(node: Node, shape: Any, operands: Sequence[Strided], own: Storage) -> Strided:
    """Entries of their own: row by row, or with the axes in the order in which the operands have
    them, where these are worked through entry by entry, or window by window."""
    kind = "" if node.op is None else node.op.kind
    followed = [
        x for x in operands if kind in FOLLOWING and (kind == "window" or _repeats(x.shape, shape))
    ]
    if not any(len(x.shape) == len(shape) for x in followed):
        return strided.rows(shape, own)
    steps = [_aligned(x, len(shape)) for x in followed if len(x.shape) <= len(shape)]
    order: list[int] = []
    try:
        for axis in range(len(shape)):  # as NumPy sorts axes: where operands differ, rows win
            at = len(order)
            while at and _outer(axis, order[at - 1], steps):
                at -= 1
            order.insert(at, axis)
    except UndecidedSize:  # letters leave it open
        return strided.rows(shape, own)
    inner = strided.rows(tuple(shape[d] for d in order)).strides
    found = dict(zip(order, inner, strict=True))
    return Strided(shape, tuple(found[d] for d in range(len(shape))), own)


def _repeats(shape: Any, result: Any) -> bool:
    """Whether an operand of this shape broadcasts to the result."""
    pairs = zip(reversed(shape), reversed(result), strict=False)
    return all(n == wide or (isinstance(n, int) and n == 1) for n, wide in pairs)


def _aligned(x: Strided, rank: int) -> list[Any]:
    """The strides along the axes of the result; 0 where entries are repeated."""
    own = (
        0 if isinstance(n, int) and n == 1 else step
        for n, step in zip(x.shape, x.strides, strict=True)
    )
    return [0] * (rank - len(x.shape)) + list(own)


def _outer(later: int, earlier: int, steps: Sequence[Sequence[Any]]) -> bool:
    """Whether an axis lies outside of one that stands before it, for all operands that know."""
    known = [(s[later], s[earlier]) for s in steps]
    known = [(a, b) for a, b in known if not (_is_zero(a) or _is_zero(b))]
    return bool(known) and all(bool(_size(a) > _size(b)) for a, b in known)


def _is_zero(step: Any) -> bool:
    return isinstance(step, int) and step == 0


def _size(step: Any) -> Any:
    return abs(step) if isinstance(step, int) else step
