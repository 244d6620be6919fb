"""What undoes max pooling, as far as it can be undone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from chainrule.core import dtypes as dt
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.op import Op, example, require
from chainrule.core.signature import Dim, Shape, same_size
from chainrule.core.size import Size, prod
from chainrule.ops.lookup.primitive import require_index
from chainrule.ops.window.adjoints import laid_out, outside
from chainrule.ops.window.pooling import each, no_stride, require_axes, widths


class MaxUnpool(Op, abstract=True):
    """Each entry of ``input`` where its index says, counted row by row; the others are 0.

    ``output_size`` chooses among the sizes that pooling leads from to that of ``input``; by default
    it is (places - 1) stride + kernel_size - 2 padding.  Raises ArgumentError for other sizes and
    ValueCheckError for indices outside of it.
    """

    kind = "lookup"
    keywords = ("input", "indices")
    domain = ("real", "index")
    checks_late = True
    convention = "where an index comes twice, the last entry stays, and has the derivative"
    rank: ClassVar[int]

    def forward(
        self, xp: Any, input: Any, indices: Any, *, kernel_size: Any, stride: Any = None,
        padding: Any = 0, output_size: Any = None,
    ) -> Any:  # fmt: skip
        shape = self.shape(
            input.shape, indices.shape, kernel_size=kernel_size, stride=stride, padding=padding,
            output_size=output_size,
        )  # fmt: skip
        zeros, source, at = laid_out(xp, input, indices, shape, self.rank)
        return xp.reshape(xp.scatter(zeros, at, source, 1), shape)

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        kernel = each("kernel_size", attrs["kernel_size"], self.rank)
        stride, wanted = attrs["stride"], attrs["output_size"]
        stride = kernel if no_stride(stride) else each("stride", stride, self.rank)
        padding = widths(attrs["padding"], kernel)
        if wanted is not None:
            wanted = tuple(wanted) if isinstance(wanted, list | tuple) else (wanted,)
            wanted = wanted[2:] if len(wanted) == self.rank + 2 else wanted
            wanted = each("output_size", wanted, self.rank)
        return {
            "kernel_size": kernel, "stride": stride, "padding": padding, "output_size": wanted,
        }  # fmt: skip

    def shape(self, input: Shape, indices: Shape, **attrs: Any) -> Shape:
        require_axes(input, self.rank)
        if len(input) != len(indices) or not all(map(same_size, input, indices)):
            raise ShapeError(f"input has shape {input} and indices {indices}")
        cut = len(input) - self.rank
        names = ("kernel_size", "stride", "padding")
        numbers = zip(input[cut:], *(attrs[name] for name in names), strict=True)
        usual = [(n - 1) * s + k - 2 * p for n, k, s, p in numbers]
        if attrs["output_size"] is not None:
            pairs = zip(attrs["output_size"], usual, attrs["stride"], strict=True)
            return (*input[:cut], *(_chosen(*given) for given in pairs))
        for size in usual:
            if isinstance(size, int) and size < 1:
                raise ShapeError(f"the result would have an axis of {size}")
        return (*input[:cut], *usual)

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        require(self.name, given[0], *dt.NUMBERS)
        require_index(self.name, given[1])
        return [given[0], dt.int64], given[0]

    def checks(self, xp: Any, input: Any, indices: Any, **attrs: Any) -> Iterable[tuple[Any, str]]:
        shape = self.shape(tuple(input.shape), tuple(indices.shape), **attrs)
        return outside(xp, indices, prod(shape[len(shape) - self.rank :]))


def _chosen(wanted: Dim, usual: Dim, stride: Dim) -> Dim:
    """A size that pooling leads from; raises ArgumentError."""
    fixed = not any(isinstance(size, Size) for size in (wanted, usual, stride))
    if fixed and not usual - stride < wanted < usual + stride:
        raise ArgumentError(
            f"output_size {wanted} is not what was pooled",
            expected=f"a size between {usual - stride} and {usual + stride}, both excluded",
        )
    return wanted


class MaxUnpool1d(MaxUnpool):
    """Entries put back where `MaxPool1d` found them, the others 0.

    Shapes: input and indices (n, c, places) or (c, places) -> (n, c, l) or (c, l).
    """

    rank = 1
    examples = (example((1, 2, 3), (1, 2, 3), kernel_size=2, dtypes=(None, dt.int64)),)


class MaxUnpool2d(MaxUnpool):
    """Entries put back where `MaxPool2d` found them, the others 0.

    Shapes: input and indices (n, c, *places) or (c, *places) -> (n, c, h, w) or (c, h, w).
    """

    rank = 2
    examples = (
        example((1, 2, 2), (1, 2, 2), kernel_size=3, stride=2, padding=1, output_size=(4, 4),
                dtypes=(None, dt.int64)),
    )  # fmt: skip


class MaxUnpool3d(MaxUnpool):
    """Entries put back where `MaxPool3d` found them, the others 0.

    Shapes: input and indices (n, c, *places) or (c, *places) -> (n, c, d, h, w) or (c, d, h, w).
    """

    rank = 3
    examples = (
        example((1, 1, 2, 1), (1, 1, 2, 1), kernel_size=(1, 2, 2), dtypes=(None, dt.int64)),
    )  # fmt: skip


max_unpool1d, max_unpool2d, max_unpool3d = MaxUnpool1d(), MaxUnpool2d(), MaxUnpool3d()
