"""Batch normalisation with the statistics of the batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chainrule.core.node import Node
from chainrule.core.op import example
from chainrule.core.reach import Reach, Reads, entry_by_entry
from chainrule.core.signature import Shape
from chainrule.ops.normalise.grouped import Norm, View, channels


class BatchNorm(Norm):
    """Each channel over the whole batch: (x - mean) / √(var + eps), times ``weight``, plus
    ``bias``.

    Shapes: x (n, c, *d), weight and bias (c) -> output (n, c, *d), mean and var (1, c, 1, …).  With
    the statistics that training collects it is `standardize`.  Of Ioffe and Szegedy, Batch
    Normalization (2015).
    """

    group = "channel"
    examples = (
        example((4, 2), (2,), (2,)),
        example((3, 2, 2), (2,), eps=0.0),
        example((2, 2, 1, 2), eps=0.5, correction=1),
    )

    def forward(
        self, xp: Any, x: Any, weight: Any = None, bias: Any = None, *, eps: float = 1e-5,
        correction: int = 0,
    ) -> Any:  # fmt: skip
        return self.made(xp, x, weight, bias, eps=eps, correction=correction)

    def reads(self, node: Node, output: int = 0) -> Sequence[Reads | None]:
        """Entry by entry, as when evaluating: the statistics of a batch count as numbers."""
        x, *affine = (p.shape for p in node.parents)
        if output:
            return super().reads(node, output)
        return (entry_by_entry(x, x), *((Reach.same(1),) for _ in affine))

    def seen(self, shape: Shape, attrs: dict[str, Any]) -> View:
        c = channels(shape)[1]
        return View(shape, (0, *range(2, len(shape))), 1, 2, (c,), (c,))


batch_norm = BatchNorm()
