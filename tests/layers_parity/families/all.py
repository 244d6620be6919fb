"""All families of the table."""

from __future__ import annotations

from tests.layers_parity.families import (
    activations,
    attention,
    batch_norm,
    convolution,
    dropping,
    embedding,
    layer_norm,
    linear,
    padding,
    pooling,
    recurrent,
    resampling,
)

FAMILIES = [
    one.family
    for one in (
        linear, activations, convolution, padding, pooling, resampling, batch_norm, layer_norm,
        dropping, recurrent, embedding, attention,
    )
]  # fmt: skip
ROWS = [row for family in FAMILIES for row in family.rows]
