"""Adding to an error what only the place of the call knows: operands by the user's names, and the
user's line."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from chainrule.core.errors import ChainruleError
from chainrule.core.source import Source, describe, here
from chainrule.core.state import state

if TYPE_CHECKING:
    from chainrule.core.node import Node
    from chainrule.core.op import Op


def blame(error: ChainruleError, op: Op, nodes: Sequence[Node], attrs: dict[str, Any]) -> None:
    """Complete ``error``, raised while applying ``op`` to ``nodes``."""
    position = here()
    source = describe(position) if position else None
    names = operand_names(op, nodes, source)
    got = ", ".join(f"{name} {shape_text(n)}" for name, n in zip(names, nodes, strict=True))
    shown = {k: v for k, v in attrs.items() if v is not op.defaults.get(k)}
    got += "".join(f", {k}={v!r}" for k, v in shown.items())
    error.context(op.name, got=got, expected=op.signature, at=line_text(source))


def operand_names(op: Op, nodes: Sequence[Node], source: Source | None) -> list[str]:
    """What the user calls each operand: the tensor's own name, the text at the call, or else the
    op's word for it."""
    words = list(op.inputs) if not op.variadic else [f"tensors[{i}]" for i in range(len(nodes))]
    inside_module = state.scope is not None
    written = () if source is None or inside_module else source.operands
    if len(written) < len(nodes):
        written = ()
    names = []
    for i, node in enumerate(nodes):
        handle = node.handle() if node.handle is not None else None
        own = handle.name if handle is not None else None
        names.append(own or (written[i] if i < len(written) else words[i]))
    return names


def shape_text(node: Node) -> str:
    """``(2, 3)``, with the type where it is not the usual one."""
    sizes = ", ".join(map(str, node.shape))
    text = f"({sizes},)" if len(node.shape) == 1 else f"({sizes})"
    return text if node.dtype.name in ("float32", "float64") else f"{text} {node.dtype.name}"


def line_text(source: Source | None) -> str | None:
    """``demo.py:8   h = x @ W``."""
    if source is None:
        return None
    return f"{os.path.basename(source.filename)}:{source.line}   {source.text}".rstrip()
