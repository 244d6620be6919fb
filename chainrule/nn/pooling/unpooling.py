"""What undoes max pooling, as far as it can be undone."""

from __future__ import annotations

from typing import Any, ClassVar

from chainrule.core.op import Op
from chainrule.core.tensor import Tensor
from chainrule.nn.module import Module
from chainrule.ops import window


class _MaxUnpool(Module):
    """Entries put back where max pooling found them, with ``return_indices``; the others are 0.

    ``output_size``, given with the call, chooses among the sizes that pooling leads from.  Raises
    ArgumentError for numbers that are no sizes, ValueCheckError for indices that are not there.
    """

    op: ClassVar[Op]

    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0) -> None:
        super().__init__()
        found = self.op.bind((None, None, kernel_size, stride, padding), {})[1]
        self.kernel_size, self.stride = found["kernel_size"], found["stride"]
        self.padding = found["padding"]

    def forward(self, input: Tensor, indices: Tensor, output_size: Any = None) -> Tensor:
        made: Tensor = self.op(
            input, indices, kernel_size=self.kernel_size, stride=self.stride,
            padding=self.padding, output_size=None if output_size is None else tuple(output_size),
        )  # fmt: skip
        return made

    def extra_repr(self) -> str:
        names = ("kernel_size", "stride", "padding")
        return ", ".join(f"{name}={getattr(self, name)}" for name in names)


class MaxUnpool1d(_MaxUnpool):
    """Entries put back where `MaxPool1d` found them.

    Shapes: input and indices (n, c, places) -> (n, c, l).

    >>> import chainrule as cr
    >>> x = cr.tensor([[1.0, 3.0, 4.0, 2.0]])
    >>> cr.nn.MaxUnpool1d(2)(*cr.nn.MaxPool1d(2, return_indices=True)(x)).tolist()
    [[0.0, 3.0, 4.0, 0.0]]
    """

    op = window.max_unpool1d


class MaxUnpool2d(_MaxUnpool):
    """Entries put back where `MaxPool2d` found them.

    Shapes: input and indices (n, c, *places) -> (n, c, h, w).

    >>> from chainrule import nn
    >>> nn.MaxUnpool2d(2)
    MaxUnpool2d(kernel_size=(2, 2), stride=(2, 2), padding=(0, 0))
    """

    op = window.max_unpool2d


class MaxUnpool3d(_MaxUnpool):
    """Entries put back where `MaxPool3d` found them.

    Shapes: input and indices (n, c, *places) -> (n, c, d, h, w).

    >>> import chainrule as cr
    >>> pooled = cr.nn.MaxPool3d(2, return_indices=True)(cr.ones(1, 4, 4, 5))
    >>> cr.nn.MaxUnpool3d(2)(*pooled, output_size=(4, 4, 5)).shape
    (1, 4, 4, 5)
    """

    op = window.max_unpool3d
