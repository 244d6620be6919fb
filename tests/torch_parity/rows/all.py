"""All rows, family by family."""

from tests.torch_parity.rows import (
    activations,
    creation,
    elementwise,
    indexing,
    linear,
    losses,
    reductions,
    shape,
)

FAMILIES = [module.family for module in (elementwise, activations, reductions, shape, indexing,
                                         linear, losses, creation)]  # fmt: skip
ROWS = [row for family in FAMILIES for row in family.rows]
