"""What norms share: entries are taken together in groups, each with a mean and a variance."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, NamedTuple

from chainrule.core import dtypes as dt
from chainrule.core.dtyperules import DTYPE_RULES, require
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.node import Node
from chainrule.core.op import Op
from chainrule.core.signature import Dim, Shape, same_size
from chainrule.core.size import prod
from chainrule.core.structural import pick
from chainrule.core.tensor import Tensor
from chainrule.ops.elementwise.elementary import sqrt
from chainrule.ops.linear.contract import einsum
from chainrule.ops.reduce.reductions import sum as sum_
from chainrule.ops.shape.primitive import reshape


class View(NamedTuple):
    """How a norm looks at its input: as (n, g, k, l): examples, groups of channels, the channels of
    a group, and the places of a channel.

    ``dims`` are the axes along which entries belong together, ``statistics`` the shape of their
    means and variances, ``affine`` that of weight and bias: one entry for each channel.
    """

    shape: tuple[Dim, Dim, Dim, Dim]
    dims: tuple[int, ...]
    statistics: Shape
    affine: Shape

    @property
    def size(self) -> Dim:
        """How many entries have a mean and a variance in common."""
        return prod(self.shape[d] for d in self.dims)

    @property
    def kept(self) -> Shape:
        """The shape of the statistics with every axis kept: it meets the input."""
        return tuple(1 if d in self.dims else size for d, size in enumerate(self.shape))

    @property
    def column(self) -> Shape:
        """The shape in which weight and bias meet the input."""
        return (1, *self.shape[1:3], 1)

    def by_channel(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """The sums of x, or of x * y, over the places of each channel of each example."""
        if isinstance(self.shape[3], int) and self.shape[3] == 1:
            return x if y is None else x * y
        if y is None:
            made: Tensor = sum_(x, dim=3, keepdim=True)
            return made
        product: Tensor = einsum("ngkl,ngkl->ngk", x, y).unsqueeze(3)
        return product


class Norm(Op, abstract=True):
    """What norms share: in each group of entries the mean becomes 0 and the variance 1, then each
    channel is multiplied by its weight, and its bias added.

    The results are the output, and the ``mean`` and ``var`` that it was made with.  The variance
    divides by n - correction: ``correction=0`` is PyTorch's norms', 1 the unbiased one.  ``eps``
    may be 0; then a variance of 0 is an error.
    """

    outputs = ("output", "mean", "var")
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
            made = xp.multiply(made, xp.reshape(weight, view.column))
        if bias is not None:
            made = xp.add(made, xp.reshape(bias, view.column))
        found = (xp.reshape(part, view.statistics) for part in (mean, var))
        return (xp.reshape(made, x.shape), *found)

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
        return x, view.statistics, view.statistics

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], tuple[DType, DType, DType]]:
        for dtype in given:
            require(self.name, dtype, dt.REAL, dt.EXACT)
        wanted, made = DTYPE_RULES["alike"](given, ranks)
        return wanted, (made, made, made)

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        checked_eps(attrs["eps"])
        correction = attrs["correction"]
        if not isinstance(correction, int | bool) or correction < 0:
            raise ArgumentError(f"correction is {correction!r}", expected="a whole number from 0")
        return {**attrs, "correction": int(correction)}

    def checks(self, xp: Any, x: Any, *affine: Any, **attrs: Any) -> Iterable[tuple[Any, str]]:
        if attrs["eps"]:
            return ()
        view = self.seen(x.shape, attrs)
        cells = xp.reshape(x, view.shape)
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
        mean, var = (reshape(pick(node.output, output=i), shape=view.kept) for i in (1, 2))
        n, m = view.size, view.size - node.attrs["correction"]
        centred = reshape(x, shape=view.shape) - mean
        terms = [] if g[1] is None else [reshape(g[1], shape=view.kept) / n]
        if g[2] is not None:
            terms.append(centred * (2 * reshape(g[2], shape=view.kept) / m))
        by_weight = by_bias = None
        if g[0] is not None:
            root, out = sqrt(var + node.attrs["eps"]), reshape(g[0], shape=view.shape)
            sums = view.by_channel(out), view.by_channel(out, centred)
            scale = 1 / root
            if affine:
                weight = reshape(affine[0], shape=view.column)
                by_weight, by_bias = sum_(sums[1] / root, dim=(0, 3)), sum_(sums[0], dim=(0, 3))
                sums, scale = (sums[0] * weight, sums[1] * weight), weight / root
            level, slope = (sum_(part, dim=view.dims, keepdim=True) for part in sums)
            terms += [out * scale, centred * (-slope / (m * root**3)), -level / (n * root)]
        yield reshape(_total(terms, view.shape), shape=x.shape)
        for part in (by_weight, by_bias)[: len(affine)]:
            yield None if part is None else reshape(part, shape=view.affine)


def _total(terms: list[Tensor], shape: Shape) -> Tensor:
    """The sum of terms, of which some may have to be repeated."""
    made = terms[0]
    for term in terms[1:]:
        made = made + term
    return made if made.shape == shape else made.expand(shape)


def _moments(xp: Any, x: Any, view: View, correction: int) -> tuple[Any, Any, Any]:
    """Mean, distances from it and variance of each group, in the axes of the view."""
    cells = xp.reshape(x, view.shape)
    mean = xp.step(xp.divide(xp.sum(cells, view.dims, True), view.size), "mean")
    centred = xp.step(xp.subtract(cells, mean), "distance from the mean")
    squares = xp.sum(xp.multiply(centred, centred), view.dims, True)
    return mean, centred, xp.step(xp.divide(squares, view.size - correction), "variance")


def checked_eps(eps: Any) -> None:
    """Raise ArgumentError unless ``eps`` is a number from 0."""
    if isinstance(eps, bool) or not isinstance(eps, int | float) or not eps >= 0:
        raise ArgumentError(f"eps is {eps!r}", expected="a number from 0")


def channels(shape: Shape) -> Shape:
    """A shape (n, c, *d); raises ShapeError below two axes."""
    if len(shape) < 2:
        raise ShapeError(f"the input has {len(shape)} axes", expected="n c *d")
    return shape
