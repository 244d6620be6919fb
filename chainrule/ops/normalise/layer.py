"""Layer normalisation."""

from __future__ import annotations

import operator
from typing import Any

from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.op import example
from chainrule.core.signature import Shape, same_size
from chainrule.core.size import Size
from chainrule.ops.normalise.grouped import Norm, View


def trailing(given: Any) -> Shape:
    """``normalized_shape`` as a tuple; raises ArgumentError for what is no shape.

    >>> trailing(3), trailing([2, 3])
    ((3,), (2, 3))
    """
    sizes = tuple(given) if isinstance(given, list | tuple) else (given,)
    whole = [s if isinstance(s, Size) else _index(s) for s in sizes]
    if not sizes or any(s is None or (isinstance(s, int) and s < 1) for s in whole):
        raise ArgumentError(
            f"normalized_shape is {given!r}", expected="sizes of the last axes, from 1"
        )
    return tuple(whole)  # type: ignore[arg-type]


def _index(value: Any) -> int | None:
    try:
        return None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        return None


class LayerNorm(Norm):
    """Each example by itself: (x - mean) / √(var + eps) over the last axes, times ``weight``, plus
    ``bias``.

    Shapes: x (*b, *d), weight and bias (*d), where ``normalized_shape`` is d -> output (*b, *d),
    mean and var (*b, 1, …).  Of Ba, Kiros and Hinton, Layer Normalization (2016).
    """

    group = "row"
    examples = (
        example((2, 3), (3,), (3,), normalized_shape=(3,)),
        example((2, 2, 3), (2, 3), normalized_shape=(2, 3), eps=0.0),
        example((3,), normalized_shape=3, eps=0.5, correction=1),
    )

    def forward(
        self, xp: Any, x: Any, weight: Any = None, bias: Any = None, *, normalized_shape: Any,
        eps: float = 1e-5, correction: int = 0,
    ) -> Any:  # fmt: skip
        return self.made(
            xp, x, weight, bias, eps=eps, correction=correction, normalized_shape=normalized_shape
        )

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return {**super().canonical(attrs), "normalized_shape": trailing(attrs["normalized_shape"])}

    def seen(self, shape: Shape, attrs: dict[str, Any]) -> View:
        own: Shape = attrs["normalized_shape"]
        rank = len(shape)
        free = rank - len(own)
        if free < 0 or not all(map(same_size, shape[free:], own)):
            raise ShapeError(f"the last axes of the input are not {own}")
        return View(shape, tuple(range(free, rank)), free, rank, shape[:free], own)


layer_norm = LayerNorm()
