"""Resizing as layers."""

from __future__ import annotations

from numbers import Real
from typing import Any

from chainrule.core.tensor import Tensor
from chainrule.nn import functional as F
from chainrule.nn.module import Module


class Upsample(Module):
    """The spatial axes resized to ``size`` or by ``scale_factor``: see `functional.interpolate`.

    Shapes: (n, c, *spatial) -> (n, c, *size), of one to three spatial axes.

    >>> import chainrule as cr
    >>> cr.nn.Upsample(scale_factor=2)(cr.tensor([[[1.0, 2.0]]])).tolist()
    [[[1.0, 1.0, 2.0, 2.0]]]
    """

    def __init__(
        self, size: Any = None, scale_factor: Any = None, mode: str = "nearest",
        align_corners: bool | None = None, recompute_scale_factor: bool | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.size, self.mode, self.align_corners = size, mode, align_corners
        self.scale_factor: Any = None
        if isinstance(scale_factor, tuple | list):
            self.scale_factor = tuple(map(float, scale_factor))
        elif scale_factor is not None:
            known = isinstance(scale_factor, Real) and not isinstance(scale_factor, bool)
            self.scale_factor = float(scale_factor) if known else scale_factor
        self.recompute_scale_factor = recompute_scale_factor

    def forward(self, input: Tensor) -> Tensor:
        return F.interpolate(
            input, self.size, self.scale_factor, self.mode, self.align_corners,
            recompute_scale_factor=self.recompute_scale_factor,
        )  # fmt: skip

    def extra_repr(self) -> str:
        by_factor = self.scale_factor is not None
        target = f"scale_factor={self.scale_factor!r}" if by_factor else f"size={self.size!r}"
        return f"{target}, mode={self.mode!r}"


class UpsamplingNearest2d(Upsample):
    """Images resized by repeating the nearest entries.

    Shapes: (n, c, h, w) -> (n, c, *size).

    >>> import chainrule as cr
    >>> cr.nn.UpsamplingNearest2d(scale_factor=2)(cr.ones(1, 1, 2, 3)).shape
    (1, 1, 4, 6)
    """

    def __init__(self, size: Any = None, scale_factor: Any = None) -> None:
        super().__init__(size, scale_factor, mode="nearest")


class UpsamplingBilinear2d(Upsample):
    """Images resized between neighbours in proportion, the corners staying where they are.

    Shapes: (n, c, h, w) -> (n, c, *size).

    >>> import chainrule as cr
    >>> cr.nn.UpsamplingBilinear2d(size=(1, 3))(cr.tensor([[[[0.0, 1.0]]]])).tolist()
    [[[[0.0, 0.5, 1.0]]]]
    """

    def __init__(self, size: Any = None, scale_factor: Any = None) -> None:
        super().__init__(size, scale_factor, mode="bilinear", align_corners=True)
