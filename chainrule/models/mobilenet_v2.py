"""MobileNetV2: blocks that are wide inside, with shortcuts between their narrow ends."""

from __future__ import annotations

from typing import Any

from chainrule import nn
from chainrule.core.errors import ArgumentError
from chainrule.core.tensor import Tensor
from chainrule.models.parts import refuse_weights, rounded, start

STAGES = (
    (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2),
    (6, 320, 1, 1),
)  # fmt: skip
"""By which factor the blocks of a stage widen, their channels, their number, the first stride."""


class ConvNormActivation(nn.Sequential):
    """A convolution that keeps the size but for its stride, batch norm and relu6."""

    def __init__(
        self, before: int, after: int, kernel_size: int = 3, stride: int = 1, groups: int = 1
    ) -> None:
        padding = (kernel_size - 1) // 2
        super().__init__(
            nn.Conv2d(
                before, after, kernel_size, stride=stride, padding=padding, groups=groups,
                bias=False,
            ),
            nn.BatchNorm2d(after),
            nn.ReLU6(),
        )  # fmt: skip


class InvertedResidual(nn.Module):
    """Wider by ``expand_ratio``, a 3 by 3 convolution of each map by itself, narrow again without
    relu; added to its input where both have the same size.

    Raises ArgumentError for strides other than 1 and 2.
    """

    def __init__(self, before: int, after: int, stride: int, expand_ratio: int) -> None:
        super().__init__()
        if stride not in (1, 2):
            raise ArgumentError(f"stride is {stride!r}", expected="1 or 2")
        inner = round(before * expand_ratio)
        self.stride, self.use_res_connect = stride, stride == 1 and before == after
        widened = [ConvNormActivation(before, inner, 1)] if expand_ratio != 1 else []
        self.conv = nn.Sequential(
            *widened,
            ConvNormActivation(inner, inner, stride=stride, groups=inner),
            nn.Conv2d(inner, after, 1, bias=False),
            nn.BatchNorm2d(after),
        )

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.conv(x)
        return x + made if self.use_res_connect else made


class MobileNetV2(nn.Module):
    """A convolution, seven stages of `InvertedResidual` blocks, a last convolution, the average
    over each map and a linear layer, of Sandler and others, MobileNetV2 (2018), with
    torchvision's module names.

    Shapes: (n, 3, h, w) -> (n, num_classes), published for 224 by 224; ``width_mult`` scales
    channels, to multiples of ``round_nearest``.
    """

    def __init__(
        self,
        num_classes: int = 1000,
        width_mult: float = 1.0,
        round_nearest: int = 8,
        dropout: float = 0.2,
    ) -> None:
        super().__init__()
        before = rounded(32 * width_mult, round_nearest)
        layers: list[nn.Module] = [ConvNormActivation(3, before, stride=2)]
        for factor, channels, count, stride in STAGES:
            after = rounded(channels * width_mult, round_nearest)
            for i in range(count):
                layers.append(InvertedResidual(before, after, stride if i == 0 else 1, factor))
                before = after
        self.last_channel = rounded(1280 * max(1.0, width_mult), round_nearest)
        layers.append(ConvNormActivation(before, self.last_channel, 1))
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(
            nn.Dropout(dropout), nn.Linear(self.last_channel, num_classes)
        )
        start(self)

    def forward(self, x: Tensor) -> Tensor:
        maps = self.features(x)
        scores: Tensor = self.classifier(maps.mean((2, 3)))
        return scores


def mobilenet_v2(*, weights: Any = None, progress: bool = True, **kwargs: Any) -> MobileNetV2:
    """`MobileNetV2`: 3,504,872 parameters.

    >>> import chainrule as cr
    >>> with cr.device("meta"):
    ...     net = cr.models.mobilenet_v2()
    >>> sum(p.numel() for p in net.parameters())
    3504872
    """
    refuse_weights("mobilenet_v2", weights)
    return MobileNetV2(**kwargs)
