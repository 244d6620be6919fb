"""What other tools count, where it is something else than operations; see `Convention`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from chainrule.analysis.rows import Row
from chainrule.core.signature import Dim
from chainrule.core.size import prod
from chainrule.nn.normalise.norm import RunningNorm
from chainrule.nn.recurrent.layer import Recurrent
from chainrule.readings.account import products_of


def torchinfo(row: Row) -> Dim:
    """Parameters times the places that torchinfo takes them to be used at, as its class
    ``LayerInfo`` counts: only of modules without modules inside."""
    if not row.leaf:
        return 0
    found: Dim = 0
    for _, outputs in row.calls:
        shape = outputs[0].shape if outputs else ()
        for held in row.held:
            if held.kind == "buffer":
                continue
            found += held.numel * _places(row.type, held.name, shape)
    return found


def _places(kind: str, name: str, shape: Any) -> Dim:
    if name not in ("weight", "bias"):
        return prod(shape[:2]) if "weight" in name or "bias" in name else 0
    if "Conv" in kind:
        return prod((*shape[:1], *shape[2:]))
    return shape[0] if shape else 1


def fvcore(row: Row) -> Dim:
    """Multiply-accumulates, and 1 to 5 for each entry of what its handlers for norms and means are
    given; there is no handler for recurrent layers and for fused attention."""
    if isinstance(row.module, Recurrent):
        return 0
    found: Dim = 0
    for entry in row.forward:
        products = list(products_of(entry.node))
        if len(products) == 1:  # none of fused attention, which computes two
            found += products[0].count
    return found + _normalised(row) + _averaged(row)


def _normalised(row: Row) -> Dim:
    affine = int(any(held.kind != "buffer" for held in row.held))
    running = isinstance(row.module, RunningNorm) and not row.module.training
    each = (1 if running else 4) + affine
    return _entries(row, "normalisation", each)


def _averaged(row: Row) -> Dim:
    """Adaptive means are counted, pooling with windows of a given size is not."""
    pooled = 1 if row.type.startswith("AdaptiveAvg") else 0
    return _entries(row, "pooling", pooled) + _entries(row, "reductions", 1)


def _entries(row: Row, part: str, each: int) -> Dim:
    """The entries of the first operands of the ops that belong to a part of the count."""
    if not each:
        return 0
    nodes: Iterable[Any] = (e.node for e in row.forward if part in e.parts)
    return sum((each * prod(node.parents[0].shape) for node in nodes), 0)


RULES: dict[str, Callable[[Row], Dim]] = {"torchinfo": torchinfo, "fvcore": fvcore}
"""The figure of a row by the name of a tool."""
