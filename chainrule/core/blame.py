"""Adding to an error what only the place of the call knows: the operands, by the user's names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from chainrule.core.errors import ChainruleError, line_text
from chainrule.core.printing import shape_text
from chainrule.core.source import Source, describe, here
from chainrule.core.state import state

if TYPE_CHECKING:
    from chainrule.core.node import Node
    from chainrule.core.op import Op


def blame(error: ChainruleError, op: Op, nodes: Sequence[Node], attrs: dict[str, Any]) -> None:
    """Complete ``error``, raised while applying ``op`` to ``nodes``."""
    names = operand_names(op, nodes, describe(here()))
    got = [f"{name} {shape_text(n)}" for name, n in zip(names, nodes, strict=True)]
    got += [f"{k}={v!r}" for k, v in attrs.items() if v is not op.defaults.get(k)]
    error.context(op.name, got=", ".join(got), expected=op.signature)


def operand_names(op: Op, nodes: Sequence[Node], source: Source | None) -> list[str]:
    """What the user calls each operand: the tensor's own name, the text at the call, or else the
    op's word for it."""
    words = list(op.inputs) if not op.variadic else [f"tensors[{i}]" for i in range(len(nodes))]
    inside = state.scope is not None and type(state.scope[0]).__module__.startswith("chainrule.")
    written = () if source is None or inside else source.operands
    if len(written) < len(nodes):
        written = ()
    names = []
    for i, node in enumerate(nodes):
        handle = node.handle() if node.handle is not None else None
        own = handle.name if handle is not None else None
        names.append(own or (written[i] if i < len(written) else words[i]))
    return names


__all__ = ["blame", "line_text", "operand_names"]
