"""What norms share: entries are taken together in groups, each with a mean and a variance."""

from __future__ import annotations

import string
from collections.abc import Iterable
from fractions import Fraction
from typing import Any, ClassVar, NamedTuple

from chainrule.core import dtypes as dt
from chainrule.core.axes import reduced
from chainrule.core.dtyperules import DTYPE_RULES, require
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.names import named
from chainrule.core.node import Node
from chainrule.core.op import Op
from chainrule.core.signature import Dim, Shape, same_size
from chainrule.core.size import prod
from chainrule.core.structural import pick
from chainrule.core.tensor import Tensor
from chainrule.ops.elementwise.elementary import sqrt
from chainrule.ops.linear.contract import einsum
from chainrule.ops.reduce.reductions import sum as sum_
from chainrule.ops.shape.primitive import expand, reshape


class View(NamedTuple):
    """How a norm looks at its input: in ``shape``, the input's own or one with groups of channels.

    Entries belong together along ``dims``.  Axes from ``lead`` to ``inner`` are the channels, each
    with its own weight; those before are examples, those after the places of a channel.
    ``statistics`` is the shape of means and variances without ``dims``, ``affine`` that of weight
    and bias.
    """

    shape: Shape
    dims: tuple[int, ...]
    lead: int
    inner: int
    statistics: Shape
    affine: Shape

    @property
    def size(self) -> Dim:
        """How many entries have a mean and a variance in common."""
        return prod(self.shape[d] for d in self.dims)

    @property
    def kept(self) -> Shape:
        """The shape of the statistics with every axis kept: it meets the input."""
        return reduced(self.shape, self.dims, True)

    @property
    def column(self) -> Shape:
        """The shape in which weight and bias meet the input."""
        return (*self.shape[self.lead : self.inner], *(1 for _ in self.shape[self.inner :]))

    def by_channel(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """The sums of x, or of x * y, over the places of each channel of each example."""
        rank = len(self.shape)
        if self.inner == rank:
            return x if y is None else x * y
        if y is None:
            made: Tensor = sum_(x, dim=tuple(range(self.inner, rank)), keepdim=True)
            return made
        axes = string.ascii_letters[:rank]
        sums = einsum(f"{axes},{axes}->{axes[: self.inner]}", x, y)
        return _shaped(sums, (*sums.shape, *(1 for _ in range(self.inner, rank))))

    def by_weight(self, x: Tensor) -> Tensor:
        """Sums `by_channel`, added up over the examples, in the shape of weight and bias."""
        if self.lead:
            x = sum_(x, dim=tuple(range(self.lead)))
        return _shaped(x, self.affine)


class Norm(Op, abstract=True):
    """What norms share: in each group of entries the mean becomes 0 and the variance 1, then each
    channel is multiplied by its weight, and its bias added.

    The results are the output, and the ``mean`` and ``var`` that it was made with, in which the
    axes that were averaged are kept, with size 1.  The variance
    divides by n - correction: ``correction=0`` is PyTorch's norms', 1 the unbiased one.  ``eps``
    may be 0; then a variance of 0 is an error.
    """

    outputs = ("output", "mean", "var")
    counted_as = "normalisation"
    keywords = ("input", "weight", "bias")
    convention = "variance divides by n - correction; eps inside the root"
    group: ClassVar[str]
    """What has statistics of its own: "channel"."""

    def seen(self, shape: Shape, attrs: dict[str, Any]) -> View:
        """How the norm looks at an input of this shape; raises ShapeError."""
        raise NotImplementedError

    def made(self, xp: Any, x: Any, weight: Any, bias: Any, **attrs: Any) -> Any:
        """Output, mean and variance: what ``forward`` returns."""
        view, eps, correction = self.seen(x.shape, attrs), attrs["eps"], attrs["correction"]
        mean, centred, var = _moments(xp, x, view, correction)
        root = xp.step(xp.sqrt(xp.add(var, eps) if eps else var), "standard deviation")
        made = xp.step(xp.divide(centred, root), "standardized")
        if weight is not None:
            made = xp.multiply(made, _as(xp, weight, view.column))
        if bias is not None:
            made = xp.add(made, _as(xp, bias, view.column))
        return _as(xp, made, x.shape), mean, var

    def shape(
        self, x: Shape, weight: Shape | None = None, bias: Shape | None = None, **attrs: Any
    ) -> tuple[Shape, Shape, Shape]:
        view, correction = self.seen(x, attrs), attrs["correction"]
        for name, given in (("weight", weight), ("bias", bias)):
            wanted = view.affine
            fits = given is None or (
                len(given) == len(wanted) and all(map(same_size, given, wanted))
            )
            if not fits:
                raise ShapeError(f"{name} has shape {given}, not {wanted}")
        if isinstance(view.size, int) and view.size <= correction:
            raise ShapeError(
                f"the variance of {view.size} with correction {correction} divides by "
                f"{view.size - correction}"
            )
        return x, view.kept, view.kept

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], tuple[DType, DType, DType]]:
        for dtype in given:
            require(self.name, dtype, dt.REAL, dt.EXACT)
        wanted, made = DTYPE_RULES["alike"](given, ranks)
        return wanted, (made, made, made)

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        eps, correction = checked_eps(attrs["eps"]), attrs["correction"]
        if not isinstance(correction, int | bool) or correction < 0:
            raise ArgumentError(f"correction is {correction!r}", expected="a whole number from 0")
        return {**attrs, "eps": eps, "correction": int(correction)}

    def checks(self, xp: Any, x: Any, *affine: Any, **attrs: Any) -> Iterable[tuple[Any, str]]:
        if attrs["eps"]:
            return ()
        view = self.seen(x.shape, attrs)
        cells = _as(xp, x, view.shape)
        first = tuple(
            slice(0, 1 if d in view.dims else size, 1) for d, size in enumerate(view.shape)
        )
        # not from the mean, which is rounded: three times 0.1 would have a variance
        alike = xp.where(xp.equal(cells, xp.slice(cells, first)), 1, xp.multiply(cells, 0))
        alone = xp.reshape(xp.prod(alike, view.dims, True), view.statistics)
        sentence = f"a {self.group} has variance 0, and eps is 0: its standard form is 0 / 0"
        return ((xp.equal(alone, 1), sentence),)

    def vjp(self, node: Node, g: Any) -> Iterable[Tensor | None]:
        x, *affine = node.inputs
        view = self.seen(x.shape, node.attrs)
        mean, var = (pick(node.output, output=i) for i in (1, 2))
        n, m = view.size, view.size - node.attrs["correction"]
        centred = named(_shaped(x, view.shape) - mean, "centred")
        by_x = None
        by_affine: list[Tensor] = []
        if g[0] is not None:
            eps = node.attrs["eps"]
            root = named(sqrt(var + eps if eps else var), "std")
            out = _shaped(g[0], view.shape)
            sums = view.by_channel(out), view.by_channel(out, centred)
            scale = 1 / root
            if affine:
                weight = _shaped(affine[0], view.column)
                by_affine = [view.by_weight(sums[1] / root), view.by_weight(sums[0])]
                sums, scale = (sums[0] * weight, sums[1] * weight), weight / root
            level, slope = (sum_(part, dim=view.dims, keepdim=True) for part in sums)
            # where weights differ within a group, scale is as large as out, and the sum is there
            scaled = sums[0] / root if view.lead in view.dims else out * scale
            by_x = scaled - centred * (slope / (m * root**3)) - level / (n * root)
        if g[1] is not None:
            by_x = _plus(by_x, expand(g[1] / n, shape=view.shape))
        if g[2] is not None:
            by_x = _plus(by_x, centred * (2 * g[2] / m))
        yield None if by_x is None else _shaped(by_x, x.shape)
        for i in range(len(affine)):
            yield by_affine[i] if by_affine else None

    def output_text(self, node: Node, i: int) -> str:
        shape = node.parents[0].shape
        view = self.seen(shape, node.attrs)
        if i == 0 or view.shape != shape:
            return super().output_text(node, i) if i else ""
        correction = f", correction={node.attrs['correction']}" if i == 2 else ""
        dim = view.dims[0] if len(view.dims) == 1 else view.dims
        return f"{self.outputs[i]}({{0}}, dim={dim}{correction})"


def _shaped(x: Tensor, shape: Shape) -> Tensor:
    """``x`` in another shape, or as it is."""
    return x if x.shape == shape else reshape(x, shape=shape)


def _as(xp: Any, x: Any, shape: Shape) -> Any:
    """An array in another shape, or as it is."""
    return x if tuple(x.shape) == shape else xp.reshape(x, shape)


def _plus(a: Tensor | None, b: Tensor) -> Tensor:
    return b if a is None else a + b


def _moments(xp: Any, x: Any, view: View, correction: int) -> tuple[Any, Any, Any]:
    """Mean, distances from it and variance of each group, in the axes of the view."""
    cells = _as(xp, x, view.shape)
    mean = xp.step(xp.divide(xp.sum(cells, view.dims, True), view.size), "mean")
    centred = xp.step(xp.subtract(cells, mean), "distance from the mean")
    squares = xp.sum(xp.multiply(centred, centred), view.dims, True)
    return mean, centred, xp.step(xp.divide(squares, view.size - correction), "variance")


def checked_eps(eps: Any) -> int | float:
    """``eps`` as nodes store it; a fraction as the float that is written so: 1/100000 is 1e-05.

    Raises ArgumentError unless it is a number from 0, and for a fraction that no float is.

    >>> checked_eps(Fraction(1, 100000))
    1e-05
    """
    if isinstance(eps, bool) or not isinstance(eps, int | float | Fraction) or not eps >= 0:
        raise ArgumentError(f"eps is {eps!r}", expected="a number from 0")
    if isinstance(eps, Fraction):
        if Fraction(repr(float(eps))) != eps:
            raise ArgumentError(f"eps is {eps}", expected="a decimal: 0.001")
        return float(eps)
    return eps


def channels(shape: Shape) -> Shape:
    """A shape (n, c, *d); raises ShapeError below two axes."""
    if len(shape) < 2:
        raise ShapeError(f"the input has {len(shape)} axes", expected="n c *d")
    return shape
