"""Group normalisation, and instance normalisation, where each channel is a group."""

from __future__ import annotations

from typing import Any

from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.op import example
from chainrule.core.signature import Shape, same_size
from chainrule.ops.normalise.grouped import Norm, View, channels


class GroupNorm(Norm):
    """Each group of channels of each example: (x - mean) / √(var + eps), times ``weight``, plus
    ``bias``.

    Shapes: x (n, c, *d), weight and bias (c) -> output (n, c, *d), mean and var
    (n, num_groups, 1, …).
    Of Wu and He, Group Normalization (2018).  Raises ShapeError where the groups do not divide c.
    """

    group = "group (of an example)"
    examples = (
        example((2, 4), (4,), (4,), num_groups=2),
        example((1, 4, 2), (4,), num_groups=2, eps=0.0),
        example((2, 2, 1, 2), num_groups=1, eps=0.5, correction=1),
    )

    def forward(
        self, xp: Any, x: Any, weight: Any = None, bias: Any = None, *, num_groups: int,
        eps: float = 1e-5, correction: int = 0,
    ) -> Any:  # fmt: skip
        return self.made(xp, x, weight, bias, eps=eps, correction=correction, num_groups=num_groups)

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        given = attrs["num_groups"]
        if isinstance(given, bool) or not isinstance(given, int) or given < 1:
            raise ArgumentError(f"num_groups is {given!r}", expected="a whole number from 1")
        return super().canonical(attrs)

    def seen(self, shape: Shape, attrs: dict[str, Any]) -> View:
        n, c, *d = channels(shape)
        groups = attrs["num_groups"]
        if not same_size(c % groups, 0):
            raise ShapeError(f"{c} channels cannot be shared out among {groups} groups")
        grouped = (n, groups, c // groups, *d)
        return View(grouped, tuple(range(2, len(grouped))), 1, 3, (n, groups), (c,))


class InstanceNorm(Norm):
    """Each channel of each example: (x - mean) / √(var + eps), times ``weight``, plus ``bias``.

    Shapes: x (n, c, *d), weight and bias (c) -> output (n, c, *d), mean and var (n, c, 1, …).  Of
    Ulyanov, Vedaldi and Lempitsky, Instance Normalization (2016).
    """

    group = "channel (of an example)"
    examples = (
        example((2, 2, 3), (2,), (2,)),
        example((1, 2, 4), (2,), eps=0.0),
        example((2, 1, 2, 2), eps=0.5, correction=1),
    )

    def forward(
        self, xp: Any, x: Any, weight: Any = None, bias: Any = None, *, eps: float = 1e-5,
        correction: int = 0,
    ) -> Any:  # fmt: skip
        return self.made(xp, x, weight, bias, eps=eps, correction=correction)

    def seen(self, shape: Shape, attrs: dict[str, Any]) -> View:
        n, c = channels(shape)[:2]
        return View(shape, tuple(range(2, len(shape))), 1, 2, (n, c), (c,))


group_norm, instance_norm = GroupNorm(), InstanceNorm()
