"""Entries brought to mean 0 and variance 1, with statistics that are given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from chainrule.core.node import Node
from chainrule.core.op import Op, example
from chainrule.core.reach import Reads
from chainrule.core.reads import by_signature
from chainrule.core.signature import Dim, Shape
from chainrule.core.tensor import Tensor
from chainrule.ops.elementwise.elementary import sqrt
from chainrule.ops.reduce.reductions import sum as sum_
from chainrule.ops.shape.primitive import reshape


class Standardize(Op):
    """(x - mean) / √(var + eps) for each channel, times its weight, plus its bias.

    Shapes: x (n, c, *d), all others (c).  Of Ioffe and Szegedy, Batch Normalization (2015).
    """

    signature = "n c *d, c, c, [c], [c] -> n c *d"
    dtype_rule = "float"
    counted_as = "normalisation"
    latex, precedence = r"\frac{{{0} - {1}}}{{\sqrt{{{2} + {eps}}}}} \odot {3} + {4}", 1
    domain = ("real", "real", (0.5, 2.0), "real", "real")
    convention = "eps inside the root"
    examples = (
        example((4, 3), (3,), (3,)),
        example((4, 3), (3,), (3,), (3,), (3,), eps=0.0),
        example((2, 3, 2), (3,), (3,), (3,), eps=0.5),
    )

    def forward(
        self, xp: Any, x: Any, mean: Any, var: Any, weight: Any = None, bias: Any = None,
        *, eps: float = 1e-5,
    ) -> Any:  # fmt: skip
        column = _column(x.shape)
        root = xp.step(xp.sqrt(xp.add(var, eps) if eps else var), "standard deviation")
        centred = xp.step(xp.subtract(x, xp.reshape(mean, column)), "distance from the mean")
        made = xp.divide(centred, xp.reshape(root, column))
        if weight is not None:
            made = xp.multiply(xp.step(made, "standardized"), xp.reshape(weight, column))
        return made if bias is None else xp.add(made, xp.reshape(bias, column))

    def reads(self, node: Node, output: int = 0) -> Sequence[Reads | None]:
        return by_signature(str(self.signature), [p.shape for p in node.parents], node.shape)

    def checks(
        self, xp: Any, x: Any, mean: Any, var: Any, *affine: Any, eps: float
    ) -> Iterable[tuple[Any, str]]:
        if eps:
            return ()
        sentence = "a channel has variance 0, and eps is 0: its standard form is 0 / 0"
        return ((xp.equal(var, 0), sentence),)

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor | None]:
        x, centre, var, *affine = node.inputs
        column = _column(x.shape)
        others = tuple(d for d in range(len(x.shape)) if d != 1)
        variance = var + node.attrs["eps"]
        root = reshape(sqrt(variance), shape=column)
        standard = (x - reshape(centre, shape=column)) / root
        scaled = g * reshape(affine[0], shape=column) if affine else g
        by_x = scaled / root
        yield by_x
        yield -sum_(by_x, dim=others)
        yield sum_(scaled * standard, dim=others) / (-2 * variance)
        if affine:
            yield sum_(g * standard, dim=others)
        if len(affine) == 2:
            yield sum_(g, dim=others)

    def explain(self, node: Node) -> str:
        channels: Dim = node.parents[1].shape[0]
        return f"each of {channels} channels is moved to mean 0 and scaled to variance 1"


def _column(shape: Shape) -> Shape:
    """The shape in which a number per channel meets x: (c, 1, …)."""
    return (shape[1], *(1 for _ in shape[2:]))


standardize = Standardize()
