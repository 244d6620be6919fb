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
            "exact numbers take as many bytes as they need: there is no count before they are there",
            hint="say which type stands for them: dtype=cr.float32",
        )
    return dtype.itemsize


def storages(nodes: Iterable[Node]) -> dict[Node, Storage]:
    """Where the value of each node lies; a node with several outputs is left out, they are not.

    Views read the storage of their operand, and so does what changes nothing; a reshape of entries
    that do not lie together copies them.  Computed values lie row by row, those of element-wise
    ops in the order of their operands.

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
    shapes = enumerate(node.shape)
    if read is None:
        return tuple(strided.rows(shape, Storage(node, i)) for i, shape in shapes)
    return tuple(
        strided.rows(shape, Storage(node, i)) if read[i].home is None else read[i]
        for i, shape in shapes
    )


def _laid(node: Node, operands: Sequence[Strided]) -> Strided:
    own = Storage(node)
    op = node.op
    if op is not None and op.facts.get("same") and not op.outputs and operands:
        return operands[0]
    read = _read_in_place(node, operands)
    if read is not None and read[0].home is not None:
        return read[0]
    if op is not None and op.kind == "elementwise":
        return _in_order(node, operands, own)
    return strided.rows(node.shape, own)


def _read_in_place(node: Node, operands: Sequence[Strided]) -> Sequence[Strided] | None:
    """What a move reads off its operands; None for what computes, or has to copy."""
    op = node.op
    if op is None or not operands or not (op.kind == "move" or op.view):
        return None
    try:
        made = op.forward(strided, *operands, **node.attrs)
    except (AttributeError, TypeError):  # it fills or joins
        return None
    parts = made if op.outputs else (made,)
    return parts if all(isinstance(part, Strided) for part in parts) else None


def _in_order(node: Node, operands: Sequence[Strided], own: Storage) -> Strided:
    """Row by row, with the axes in the order in which the first whole operand has them."""
    shape: Any = node.shape
    for x in operands:
        if x.shape == shape:
            try:
                order = sorted(range(len(shape)), key=lambda d: _Outer(x.strides[d]))
            except UndecidedSize:  # as many letters hide it
                break
            inner = strided.rows(tuple(shape[d] for d in order)).strides
            steps = dict(zip(order, inner, strict=True))
            return Strided(shape, tuple(steps[d] for d in range(len(shape))), own)
    return strided.rows(shape, own)


class _Outer:
    """A stride as a key for sorting: wider ones first."""

    def __init__(self, stride: Any) -> None:
        turned = isinstance(stride, int) and stride < 0
        self.stride = -stride if turned else stride

    def __lt__(self, other: _Outer) -> bool:
        return bool(self.stride != other.stride and self.stride > other.stride)
