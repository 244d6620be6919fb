"""Forward mode: tangents are computed with ops, along a history, oldest value first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chainrule.core.derivatives import newest_first
from chainrule.core.errors import GradientError, line_text
from chainrule.core.node import Node
from chainrule.core.source import describe
from chainrule.core.state import quiet
from chainrule.core.tensor import Tensor


def push_forward(
    outputs: Sequence[Tensor], sources: Sequence[Tensor], tangents: Sequence[Tensor]
) -> list[Tensor | None]:
    """The tangents of ``outputs``, given those of the values they were made from; None for zero."""
    from chainrule.core.lowering import recorder
    from chainrule.namespaces.dual import Dual

    xp: Any = Dual(recorder)
    env = {s.node: xp.array(s, t) for s, t in zip(sources, tangents, strict=True)}
    with quiet():
        for node in reversed(newest_first([y.node for y in outputs], set(env))):
            if node.op is None or node in env or env.keys().isdisjoint(node.parents):
                continue
            operands = [env[p] if p in env else Tensor(p) for p in node.parents]
            try:
                if _has_slopes(node):
                    env[node] = xp.array(Tensor(node), _carried(node, operands, xp))
                else:
                    env[node] = node.op.forward(xp, *operands, **node.attrs)
            except GradientError as error:
                error.context("", got="", at=line_text(describe(node.where)))
                raise
    return [xp.split(env[y.node])[1] if y.node in env else None for y in outputs]


def _has_slopes(node: Node) -> bool:
    """Whether the op says its derivative entry by entry: then that is the same forwards and
    backwards, also where the lowered form overflows or has a kink.

    Not of complex numbers, where the derivative along a direction need not be a product with it.
    """
    from chainrule.core.op import Op as Contract

    if node.op is None or type(node.op).partial is Contract.partial:
        return False
    return not any(part.dtype.is_complex for part in (node, *node.parents))


def _carried(node: Node, operands: Sequence[Any], xp: Any) -> Tensor | None:
    """The tangent of an element-wise op's result from those of its operands."""
    from chainrule.core.lowering import recorder

    assert node.op is not None  # it has slopes
    total: Tensor | None = None
    for i, operand in enumerate(operands):
        tangent = xp.split(operand)[1]
        slope = None if tangent is None else node.op.partial(node, i)
        if slope is not None:
            part = tangent if isinstance(slope, int) and slope == 1 else tangent * slope
            total = part if total is None else total + part
    if total is not None and total.shape != node.shape:
        total = recorder.expand(total, node.shape)
    return total
