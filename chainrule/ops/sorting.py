"""Order: where entries stand in a sorted row, and what follows from it."""

from __future__ import annotations

from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.axes import axis
from chainrule.core.op import Op, example
from chainrule.core.signature import Shape


class RisingOrder(Op):
    """Where the entries along an axis stand in rising order, equal ones as they come."""

    kind = "lookup"
    primitive = "argsort"
    dtype_rule = "index"
    takes = dt.ORDERED
    smooth = False
    examples = (example((2, 3), dim=1), example((4,), dim=0))

    def forward(self, xp: Any, x: Any, *, dim: int) -> Any:
        return xp.argsort(x, axis(dim, len(x.shape)))

    def shape(self, shape: Shape, *, dim: int) -> Shape:
        axis(dim, len(shape))
        return shape


rising_order = RisingOrder()
