"""Normalisation: the variance, and entries brought to mean 0 and variance 1."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.axes import axes
from chainrule.core.dtypes import DType
from chainrule.core.errors import ShapeError
from chainrule.core.node import Node
from chainrule.core.op import Op, Slip, example, require
from chainrule.core.signature import Dim, Shape
from chainrule.core.size import prod
from chainrule.core.tensor import Tensor
from chainrule.ops.elementwise import sqrt
from chainrule.ops.reduce import Reduction, mean, spread
from chainrule.ops.reduce import sum as sum_
from chainrule.ops.shape import reshape


class Var(Reduction):
    """The variance along some axes: squared distances from the mean, divided by n - correction.

    ``correction=1`` is the unbiased variance of a sample (PyTorch's default), 0 that of a whole
    population.
    """

    methods = ("var",)
    dtype_rule = "float"
    latex = r"\operatorname{{var}}({0})"
    facts = {"nonnegative": True}
    convention = "divides by n - correction"
    examples = (
        example((2, 3)), example((4, 3), dim=0, correction=0),
        example((2, 3, 2), dim=(0, -1), keepdim=True),
    )  # fmt: skip

    def forward(
        self, xp: Any, x: Any, *, dim: Any = None, correction: int = 1, keepdim: bool = False
    ) -> Any:
        dims = axes(dim, len(x.shape))
        n = prod(x.shape[d] for d in dims)
        middle = xp.step(xp.divide(xp.sum(x, dims, True), n), "mean")
        distance = xp.subtract(x, middle)
        squares = xp.step(xp.multiply(distance, distance), "squared distances")
        return xp.divide(xp.sum(squares, dims, keepdim), n - correction)

    def bind(self, args: Any, kwargs: Any) -> Any:
        """PyTorch's older word for ``correction`` is ``unbiased``."""
        if "unbiased" in kwargs:
            kwargs["correction"] = int(kwargs.pop("unbiased"))
        return super().bind(args, kwargs)

    def shape(self, shape: Shape, *, dim: Any, keepdim: bool, **attrs: Any) -> Shape:
        n, correction = prod(shape[d] for d in axes(dim, len(shape))), attrs["correction"]
        if isinstance(n, int) and n <= correction:
            raise ShapeError(
                f"the variance of {n} with correction {correction} divides by {n - correction}",
                hint="correction=0 is the variance of the entries themselves",
            )
        return super().shape(shape, dim=dim, keepdim=keepdim)

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        require(self.name, given[0], dt.REAL, dt.EXACT)
        return given, given[0]

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        x, dim = node.inputs[0], node.attrs["dim"]
        n = prod(x.shape[d] for d in axes(dim, len(x.shape)))
        slope = 2 * g / (n - node.attrs["correction"])
        return (spread(slope, node) * (x - mean(x, dim=dim, keepdim=True)),)

    def mistakes(self, node: Node) -> Iterable[Slip]:
        c = node.attrs["correction"]
        yield Slip(f"divided by n{' - 1' if c == 0 else ''} instead of n{' - 1' if c else ''}",
                   lambda x, **attrs: var(x, **{**attrs, "correction": 1 - c}))  # fmt: skip


class Standardize(Op):
    """(x - mean) / √(var + eps) for each channel, times its weight, plus its bias.

    Shapes: x (n, c, *d), all others (c).  Of Ioffe and Szegedy, Batch Normalization (2015).
    """

    signature = "n c *d, c, c, [c], [c] -> n c *d"
    dtype_rule = "float"
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


var, standardize = Var(), Standardize()
