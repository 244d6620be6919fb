"""Adding to an error what only the place of the call knows: the operands, by the user's names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.core.errors import AnomalyError, ChainruleError, line_text, shortened
from chainrule.core.printing import shape_text
from chainrule.core.source import Source, describe, here
from chainrule.core.state import state

if TYPE_CHECKING:
    from chainrule.core.node import Node
    from chainrule.core.op import Op

LONGEST_ATTRIBUTE = 200


def blame(error: ChainruleError, op: Op, nodes: Sequence[Node], attrs: dict[str, Any]) -> None:
    """Complete ``error``, raised while applying ``op`` to ``nodes``."""
    got = _told(op, nodes, describe(here()), attrs)
    error.context(op.name, got=got, expected=op.signature)


def _told(op: Op, nodes: Sequence[Node], source: Source | None, attrs: dict[str, Any]) -> str:
    """Operands by name and shape, and the attributes that were given."""
    body: Any = attrs.get("body")
    if op.kind == "structural" and hasattr(body, "inputs"):  # a loop: its step names its operands
        names = [slot.name or "a tensor from outside" for slot in body.inputs]
        attrs = {k: v for k, v in attrs.items() if k == "length"}
    else:
        names = list(operand_names(op, nodes, source))
    told = [f"{name} {shape_text(n)}" for name, n in zip(names, nodes, strict=True)]
    told += [f"{k}={_text(v)}" for k, v in attrs.items() if not _default(op, k, v)]
    return ", ".join(told)


def _text(value: Any) -> str:
    """An attribute; one that is a whole graph is only begun."""
    text = repr(value)
    return text if len(text) <= LONGEST_ATTRIBUTE else shortened(value)


def _default(op: Op, name: str, value: Any) -> bool:
    """Whether an attribute is what it is when nothing is said."""
    usual = op.defaults.get(name)
    plain = isinstance(value, int | float | str) and type(value) is type(usual)
    return value is usual or (plain and bool(value == usual))


def refuse_anomaly(op: Op, value: Any, nodes: Sequence[Node], attrs: dict[str, Any]) -> None:
    """Raise AnomalyError where ``value``, computed from ``nodes``, holds a NaN, or an infinity that
    came from finite operands (one that the user put in, in a mask, is no anomaly).

    During backward the op that is blamed is the one whose adjoint is being computed, where it was
    applied.
    """
    result = np.asarray(value)
    if result.dtype.kind not in "fc" or np.isfinite(result).all():
        return
    given = [np.asarray(n.value) for n in nodes if n.dtype.differentiable]
    nan = np.isnan(result).any()
    if not nan and not all(np.isfinite(array).all() for array in given):
        return
    came_in = nan and any(np.isnan(array).any() for array in given)
    fact = (
        "holds a NaN, which came in with an operand"
        if came_in
        else "made the first " + ("NaN" if nan else "infinity")
    )
    at = np.argwhere(np.isnan(result) if nan else np.isinf(result))[0].tolist()
    hint, forward = f"the first bad entry is at index {at}", state.adjoint_of
    if forward is None or forward.op is None:
        error = AnomalyError(fact, hint=hint)
        blame(error, op, nodes, attrs)
        raise error
    source = describe(forward.where)
    error = AnomalyError(f"its adjoint {fact}", at=line_text(source), hint=hint)
    error.context(forward.op.name, got=_told(forward.op, forward.parents, source, forward.attrs))
    raise error


def operand_names(op: Op, nodes: Sequence[Node], source: Source | None) -> list[str]:
    """What the user calls each operand: the tensor's own name, the text at the call, or else the
    op's word for it."""
    words = list(op.inputs) if not op.variadic else [f"tensors[{i}]" for i in range(len(nodes))]
    inside = state.scope is not None and type(state.scope[0]).__module__.startswith("chainrule.")
    written = () if source is None or inside else source.operands
    if any(_literal(text) and node.shape for text, node in zip(written, nodes, strict=False)):
        written = tuple(text for text in written if not _literal(text))  # group_norm(x, 2, w, b)
    if len(written) < len(nodes):
        written = ()
    names = []
    for i, node in enumerate(nodes):
        handle = node.handle() if node.handle is not None else None
        own = handle.name if handle is not None else None
        names.append(own or (written[i] if i < len(written) else words[i]))
    return names


def _literal(text: str) -> bool:
    """Whether this is a number as it is written, or None: no name of a tensor with axes."""
    return text.lstrip("-")[:1].isdigit() or text in ("None", "True", "False")


__all__ = ["blame", "line_text", "operand_names", "refuse_anomaly"]
