"""Normalisation by the root of the mean square."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.dtyperules import DTYPE_RULES, require
from chainrule.core.dtypes import DType
from chainrule.core.errors import ShapeError
from chainrule.core.names import named
from chainrule.core.node import Node
from chainrule.core.op import Op, example
from chainrule.core.signature import Shape, same_size
from chainrule.core.structural import pick
from chainrule.core.tensor import Tensor
from chainrule.ops.elementwise.elementary import sqrt
from chainrule.ops.normalise.grouped import checked_eps
from chainrule.ops.normalise.layer import LayerNorm, layer_norm, trailing
from chainrule.ops.reduce.reductions import mean as mean_
from chainrule.ops.reduce.reductions import sum as sum_


class RmsNorm(Op):
    """x / √(mean of x² + eps) over the last axes of each example, times ``weight``: layer
    normalisation that takes the mean to be 0.

    Shapes: x (*b, *d), weight (*d), where ``normalized_shape`` is d -> output (*b, *d),
    mean_square (*b, 1, …).  Of Zhang and Sennrich, Root Mean Square Layer Normalization (2019).
    """

    outputs = ("output", "mean_square")
    counted_as = "normalisation"
    keywords = ("input", "weight")
    convention = "eps inside the root; the mean is not subtracted"
    examples = (
        example((2, 3), (3,), normalized_shape=(3,)),
        example((2, 1, 4), (1, 4), normalized_shape=(1, 4), eps=0.0),
        example((3,), normalized_shape=3, eps=0.5),
    )

    def forward(
        self, xp: Any, x: Any, weight: Any = None, *, normalized_shape: Any, eps: float = 1e-5
    ) -> Any:
        dims = _last(x.shape, normalized_shape)
        n = layer_norm.seen(x.shape, {"normalized_shape": normalized_shape}).size
        squares = xp.step(xp.multiply(x, x), "squares")
        square = xp.step(xp.divide(xp.sum(squares, dims, True), n), "mean square")
        root = xp.step(xp.sqrt(xp.add(square, eps) if eps else square), "root mean square")
        made = xp.step(xp.divide(x, root), "standardized")
        if weight is not None:
            made = xp.multiply(made, weight)
        return made, square

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        eps = checked_eps(attrs["eps"])
        return {**attrs, "eps": eps, "normalized_shape": trailing(attrs["normalized_shape"])}

    def shape(self, x: Shape, weight: Shape | None = None, **attrs: Any) -> tuple[Shape, Shape]:
        view = layer_norm.seen(x, attrs)
        wanted = view.affine
        if weight is not None and not (
            len(weight) == len(wanted) and all(map(same_size, weight, wanted))
        ):
            raise ShapeError(f"weight has shape {weight}, not {wanted}")
        return x, view.kept

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], tuple[DType, DType]]:
        for dtype in given:
            require(self.name, dtype, dt.REAL, dt.EXACT)
        wanted, made = DTYPE_RULES["alike"](given, ranks)
        return wanted, (made, made)

    def checks(self, xp: Any, x: Any, *affine: Any, **attrs: Any) -> Iterable[tuple[Any, str]]:
        if attrs["eps"]:
            return ()
        dims = _last(x.shape, attrs["normalized_shape"])
        zeros = xp.where(xp.equal(x, 0), 1, xp.multiply(x, 0))
        sentence = f"a {LayerNorm.group} is all 0, and eps is 0: its standard form is 0 / 0"
        return ((xp.equal(xp.prod(zeros, dims, False), 1), sentence),)

    def vjp(self, node: Node, g: Any) -> Iterable[Tensor | None]:
        x, *affine = node.inputs
        dims = _last(x.shape, node.attrs["normalized_shape"])
        n = layer_norm.seen(x.shape, node.attrs).size
        out, square = g
        total = None if square is None else x * (2 * square / n)
        if out is not None:
            eps, found = node.attrs["eps"], pick(node.output, output=1)
            root = named(sqrt(found + eps if eps else found), "rms")
            scaled = out * affine[0] if affine else out
            slope = mean_(scaled * x, dim=dims, keepdim=True)
            by_x = scaled / root - x * (slope / root**3)
            total = by_x if total is None else by_x + total
        yield total
        if affine:
            leading = tuple(range(dims[0]))
            by_weight = None if out is None else out * x / root
            yield sum_(by_weight, dim=leading) if leading and by_weight is not None else by_weight

    def output_text(self, node: Node, i: int) -> str:
        dims = _last(node.parents[0].shape, node.attrs["normalized_shape"])
        return f"mean({{0}} ** 2, dim={dims[0] if len(dims) == 1 else dims})" if i else ""


def _last(shape: Shape, normalized_shape: Any) -> tuple[int, ...]:
    """The axes that are taken together."""
    own = trailing(normalized_shape)
    return tuple(range(len(shape) - len(own), len(shape)))


rms_norm = RmsNorm()
