"""How entries lie in memory, which decides whether ``reshape`` is a view or a copy.

In a graph there are no entries: what would happen is found out on arrays of zeros.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.core.errors import CaptureError
from chainrule.core.node import Node
from chainrule.core.size import Size
from chainrule.core.state import quiet, state
from chainrule.namespaces import numpy as xp

if TYPE_CHECKING:
    from chainrule.core.op import Op
    from chainrule.core.tensor import Tensor

Step = tuple["Op", dict[str, Any]]


def lay_out(node: Node, like: Node) -> None:
    """Let the value of ``node`` lie row by row where that of ``like`` does: the entries of a
    storage stay where they are, and how they lie decides whether ``view()`` is possible."""
    old, new = like.value, node.value
    if not isinstance(new, np.ndarray) or new.flags.c_contiguous:
        return
    if isinstance(old, np.ndarray) and old.flags.c_contiguous:
        node.value = np.ascontiguousarray(new)


KNOWN = 1024
_known: dict[Any, bool] = {}
"""What `reads_in_place` has found: asking makes an array as large as the base."""


def lay_row_by_row(node: Node) -> None:
    """Let the value of ``node``, if there is one, lie row by row; the node is nobody else's yet."""
    if isinstance(node.value, np.ndarray):
        node.value = np.ascontiguousarray(node.value).reshape(node.value.shape)


def reads_in_place(view: Tensor, op: Op, attrs: dict[str, Any]) -> bool:
    """Whether ``op`` can read a view of a graph without copying entries, if its base lies row by
    row, which `refuse_copy` makes sure of where it matters."""
    base = view._base
    assert base is not None  # only views are asked about
    steps = [*(view._chain or ()), (op, attrs)]
    key = (base.shape, *((step, *attributes.items()) for step, attributes in steps))
    found = _known.get(key)
    if found is None:
        sizes = _numbers([base.shape, *(attributes for _, attributes in steps)])
        found = _reads(steps, np.empty(_with(base.shape, sizes), np.int8), sizes)
        if len(_known) >= KNOWN:
            _known.clear()
        _known[key] = found
    return found


def in_rows(view: Tensor) -> bool:
    """Whether a view without values lies row by row, if its base does."""
    base = view._base
    assert base is not None  # only views are asked about
    steps = list(view._chain or ())
    sizes = _numbers([base.shape, *(attributes for _, attributes in steps)])
    array = np.empty(_with(base.shape, sizes), np.int8)
    for op, attrs in steps:
        array = op.forward(xp, array, **_with(attrs, sizes))
    return bool(array.flags.c_contiguous)


def refuse_copy(view: Tensor) -> None:
    """Raise CaptureError where a view of what is computed in the captured function would be a copy
    when it is run; called where that makes a difference."""
    base = view._base
    assert base is not None  # only views are asked about
    if base._node.op is None:
        return
    steps = list(view._chain or ())
    sizes = _numbers([base.shape, *(attributes for _, attributes in steps)])
    if _reads(steps, np.empty(_with(base.shape, sizes), np.int8, "F"), sizes):
        return  # however they lie
    from chainrule.core.graph import reachable

    nodes = reachable([base._node])
    sizes = _numbers([part for n in nodes for part in (n.shape, n.attrs)])
    arrays: dict[Node, Any] = {}
    with quiet():
        for node in nodes:
            arrays[node] = (
                _zeros(node, sizes)
                if node.op is None
                else node.op.forward(
                    xp, *(arrays[parent] for parent in node.parents), **_with(node.attrs, sizes)
                )
            )
    if not _reads(steps, arrays[base._node], sizes):
        raise CaptureError(
            "reshape() copied entries here, as they lie in memory; writing would not reach them",
            hint="write before the reshape, or to a copy: x.reshape(...).clone()",
        )


def _zeros(node: Node, sizes: dict[str, int]) -> Any:
    """Zeros that lie as the entries of a tensor from outside do."""
    assert state.trace is not None  # there are no graphs otherwise
    found = (slot.node for slot in state.trace.slots.values() if slot.placeholder is node)
    outside = next(found, node).value
    if outside is not None:
        return np.zeros_like(outside)
    return np.zeros(_with(node.shape, sizes), node.dtype.numpy)


def _reads(steps: Iterable[Step], whole: Any, sizes: dict[str, int]) -> bool:
    """Whether the steps read ``whole`` without copying entries."""
    array = whole
    for op, attrs in steps:
        array = op.forward(xp, array, **_with(attrs, sizes))
    return not array.size or np.may_share_memory(array, whole)


def _numbers(parts: list[Any]) -> dict[str, int]:
    """A number for each letter among the sizes."""
    from chainrule.core.tree import leaves

    letters = {s for size in leaves(parts) if isinstance(size, Size) for s in size.symbols()}
    return {letter: 2 + i for i, letter in enumerate(sorted(letters))}


def _with(value: Any, sizes: dict[str, int]) -> Any:
    from chainrule.core.graph import with_sizes

    return with_sizes(value, sizes) if sizes else value
