"""Batch normalisation with the statistics of the batch."""

from __future__ import annotations

from typing import Any

from chainrule.core.op import example
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

    def seen(self, shape: Shape, attrs: dict[str, Any]) -> View:
        c = channels(shape)[1]
        return View(shape, (0, *range(2, len(shape))), 1, 2, (c,), (c,))


batch_norm = BatchNorm()
