"""Normalisation of each channel by those around it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.lowering import recorder
from chainrule.core.node import Node
from chainrule.core.op import Op, example
from chainrule.core.signature import Shape
from chainrule.core.tensor import Tensor


class LocalResponseNorm(Op):
    """x / (k + alpha / size * the sum of x² over ``size`` channels around)^beta.

    Shapes: x (n, c, *d).  Channels that are not there count as 0; of an even ``size`` one more lies
    before than after.  Of Krizhevsky, Sutskever and Hinton, ImageNet Classification with Deep
    Convolutional Neural Networks (2012), who do not divide alpha by ``size``; PyTorch does.
    """

    signature = "n c *d -> n c *d"
    dtype_rule = "float"
    counted_as = "normalisation"
    keywords = ("input",)
    convention = "alpha is divided by size"
    examples = (
        example((2, 4, 2), size=3, alpha=0.5, beta=2.0),
        example((1, 3, 1, 2), size=2, alpha=1.0, beta=0.5, k=2.0),
    )

    def forward(
        self, xp: Any, x: Any, *, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
    ) -> Any:
        return xp.divide(x, xp.power(_level(xp, x, size, alpha, k), beta))

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        size = attrs["size"]
        if isinstance(size, bool) or not isinstance(size, int) or size < 1:
            raise ArgumentError(f"size is {size!r}", expected="a whole number of channels from 1")
        for name in ("alpha", "beta", "k"):
            if isinstance(attrs[name], bool) or not isinstance(attrs[name], int | float):
                raise ArgumentError(f"{name} is {attrs[name]!r}", expected="a number")
        return attrs

    def shape(self, x: Shape, **attrs: Any) -> Shape:
        if len(x) < 3:
            raise ShapeError(f"the input has {len(x)} axes", expected="n c *d, with places d")
        return x

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        x, xp = node.inputs[0], recorder
        size, alpha, beta, k = (node.attrs[name] for name in ("size", "alpha", "beta", "k"))
        level = _level(xp, x, size, alpha, k)
        direct = level**-beta
        shared = _around(xp, g * x * (direct / level), (size - 1) // 2, size // 2)
        return (g * direct - x * (shared * alpha * beta * 2 / size),)


def _level(xp: Any, x: Any, size: int, alpha: float, k: float) -> Any:
    """What each channel is held against: k + alpha / size times the squares around it."""
    squares = _around(xp, xp.multiply(x, x), size // 2, (size - 1) // 2)
    return xp.step(xp.add(xp.multiply(xp.divide(squares, size), alpha), k), "response around")


def _around(xp: Any, x: Any, before: int, after: int) -> Any:
    """The sum over the channels from ``before`` before to ``after`` after each."""
    rank = len(x.shape)
    to_end = (0, *range(2, rank), 1)
    back = (0, rank - 1, *range(1, rank - 1))
    last = xp.permute(x, to_end)
    last = xp.pad(last, (*((0, 0) for _ in range(rank - 1)), (before, after)), 0)
    seen = xp.windows(last, (before + after + 1,), (1,), (1,))
    return xp.permute(xp.sum(seen, (rank,), False), back)


local_response_norm = LocalResponseNorm()
