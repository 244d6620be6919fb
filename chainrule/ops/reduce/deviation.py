"""Variance and standard deviation, alone or together with the mean."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.axes import axes
from chainrule.core.dtypes import DType
from chainrule.core.errors import ShapeError
from chainrule.core.node import Node
from chainrule.core.op import Slip, example, require
from chainrule.core.signature import Shape
from chainrule.core.size import prod
from chainrule.core.tensor import Tensor
from chainrule.ops.elementwise.compare import eq
from chainrule.ops.elementwise.elementary import sqrt, where
from chainrule.ops.reduce.reductions import Reduction, mean, spread


class Deviation(Reduction, abstract=True):
    """What variance and standard deviation share.

    ``correction=1`` is that of a sample (PyTorch's default), 0 that of a whole population.  Raises
    ShapeError where n is not above it: PyTorch warns there, and gives NaN.
    """

    facts = {"nonnegative": True}
    examples = (
        example((2, 3)), example((4, 3), dim=0, correction=0),
        example((2, 3, 2), dim=(0, -1), keepdim=True),
    )  # fmt: skip

    def bind(self, args: Any, kwargs: Any) -> Any:
        """PyTorch's older word for ``correction`` is ``unbiased``."""
        return super().bind(*_corrected(args, kwargs))

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


def _corrected(args: Any, kwargs: Any) -> Any:
    """Arguments of `var` with PyTorch's older word ``unbiased``, by name or position, as
    ``correction``."""
    x, rest = args[:1], list(args[1:])
    if rest and isinstance(rest[0], bool):  # var(x, False)
        rest.insert(0, None)
    if "unbiased" in kwargs:
        kwargs["correction"] = kwargs.pop("unbiased")
    found = kwargs["correction"] if "correction" in kwargs else [*rest, 1, 1][1]
    if found is None or isinstance(found, bool):
        found = 1 if found is None else int(found)
    if len(rest) > 1:
        rest[1] = found
    else:
        kwargs["correction"] = found
    return (*x, *rest), kwargs


class Var(Deviation):
    """The variance along some axes: squared distances from the mean, divided by n - correction.

    ``correction=1`` is the unbiased variance of a sample (PyTorch's default), 0 that of a whole
    population.  Raises ShapeError where n is not above it: PyTorch warns there, and gives NaN.
    """

    methods = ("var",)
    latex = r"\operatorname{{var}}({0})"

    def forward(
        self, xp: Any, x: Any, *, dim: Any = None, correction: Any = 1, keepdim: bool = False
    ) -> Any:
        dims = axes(dim, len(x.shape))
        n = prod(x.shape[d] for d in dims)
        middle = xp.step(xp.divide(xp.sum(x, dims, True), n), "mean")
        distance = xp.subtract(x, middle)
        squares = xp.step(xp.multiply(distance, distance), "squared distances")
        return xp.divide(xp.sum(squares, dims, keepdim), n - correction)

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        x, dim = node.inputs[0], node.attrs["dim"]
        n = prod(x.shape[d] for d in axes(dim, len(x.shape)))
        slope = 2 * g / (n - node.attrs["correction"])
        return (spread(slope, node) * (x - mean(x, dim=dim, keepdim=True)),)

    def mistakes(self, node: Node) -> Iterable[Slip]:
        c = node.attrs["correction"]
        yield Slip(f"divided by n{' - 1' if c == 0 else ''} instead of n{' - 1' if c else ''}",
                   lambda x, **attrs: var(x, **{**attrs, "correction": 1 - c}))  # fmt: skip


class Std(Deviation):
    """The standard deviation along some axes: the root of the variance; its derivative at 0 is 0.

    ``correction`` and errors are those of `var`.
    """

    methods = ("std",)
    latex = r"\operatorname{{std}}({0})"

    def forward(
        self, xp: Any, x: Any, *, dim: Any = None, correction: Any = 1, keepdim: bool = False
    ) -> Any:
        found = var.forward(xp, x, dim=dim, correction=correction, keepdim=keepdim)
        return xp.sqrt(xp.step(found, "variance"))

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        x, y, dim = node.inputs[0], node.output, node.attrs["dim"]
        n = prod(x.shape[d] for d in axes(dim, len(x.shape)))
        flat = eq(y, 0)
        slope = where(flat, 0, g / where(flat, 1, y)) / (n - node.attrs["correction"])
        return (spread(slope, node) * (x - mean(x, dim=dim, keepdim=True)),)

    def mistakes(self, node: Node) -> Iterable[Slip]:
        yield Slip("the root of the variance was forgotten", lambda x, **attrs: var(x, **attrs))
        slip = next(iter(var.mistakes(node)))
        yield Slip(slip.sentence, lambda x, **attrs: sqrt(slip.replace(x, **attrs)))


var, std = Var(), Std()


def var_mean(input: Tensor, *args: Any, **kwargs: Any) -> tuple[Tensor, Tensor]:
    """The variance and the mean; arguments and errors are those of `var`.

    >>> import chainrule as cr
    >>> cr.var_mean(cr.tensor([1.0, 3.0]))
    (tensor(2.), tensor(2.))
    """
    return _with_mean(var, input, args, kwargs)


def std_mean(input: Tensor, *args: Any, **kwargs: Any) -> tuple[Tensor, Tensor]:
    """The standard deviation and the mean; arguments and errors are those of `var`.

    >>> import chainrule as cr
    >>> cr.std_mean(cr.tensor([1.0, 3.0]), correction=0)
    (tensor(1.), tensor(2.))
    """
    return _with_mean(std, input, args, kwargs)


def _with_mean(op: Deviation, x: Tensor, args: Any, kwargs: Any) -> tuple[Tensor, Tensor]:
    _, attrs = op.bind((x, *args), kwargs)
    return op(x, **attrs), mean(x, dim=attrs["dim"], keepdim=attrs["keepdim"])


__all__ = ["std", "std_mean", "var", "var_mean"]
