"""All families of the table."""

from __future__ import annotations

from tests.layers_parity.families import activations, batch_norm, linear

FAMILIES = [one.family for one in (linear, activations, batch_norm)]
ROWS = [row for family in FAMILIES for row in family.rows]
