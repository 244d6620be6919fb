"""MobileNet: convolutions of each map by itself, then of each pixel across maps."""

from __future__ import annotations

from typing import Any

from chainrule import nn
from chainrule.core.tensor import Tensor
from chainrule.models.parts import refuse_weights, scaled, start

BLOCKS = (
    (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1), (512, 1), (512, 1),
    (512, 1), (512, 1), (1024, 2), (1024, 1),
)  # fmt: skip
"""Channels and stride of each block."""


class Separable(nn.Sequential):
    """A 3 by 3 convolution of each map by itself (depthwise), then one of 1 by 1 (pointwise), each
    with batch norm and relu."""

    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__(
            nn.Conv2d(before, before, 3, stride=stride, padding=1, groups=before, bias=False),
            nn.BatchNorm2d(before), nn.ReLU(),
            nn.Conv2d(before, after, 1, bias=False),
            nn.BatchNorm2d(after), nn.ReLU(),
        )  # fmt: skip


class MobileNetV1(nn.Module):
    """A convolution, thirteen `Separable` ones, the average over each map and a linear layer, of
    Howard and others, MobileNets (2017).

    Shapes: (n, 3, h, w) -> (n, num_classes), published for 224 by 224; ``width_mult`` scales
    channels.
    """

    def __init__(self, num_classes: int = 1000, width_mult: float = 1.0) -> None:
        super().__init__()
        before = scaled(32, width_mult)
        layers: list[nn.Module] = [
            nn.Sequential(
                nn.Conv2d(3, before, 3, stride=2, padding=1, bias=False),
                nn.BatchNorm2d(before), nn.ReLU(),
            )
        ]  # fmt: skip
        for channels, stride in BLOCKS:
            after = scaled(channels, width_mult)
            layers.append(Separable(before, after, stride))
            before = after
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.classifier = nn.Linear(before, num_classes)
        start(self)

    def forward(self, x: Tensor) -> Tensor:
        maps = self.avgpool(self.features(x))
        scores: Tensor = self.classifier(maps.flatten(1))
        return scores


def mobilenet_v1(*, weights: Any = None, progress: bool = True, **kwargs: Any) -> MobileNetV1:
    """`MobileNetV1`: 4,231,976 parameters.

    >>> import chainrule as cr
    >>> with cr.device("meta"):
    ...     net = cr.models.mobilenet_v1()
    >>> sum(p.numel() for p in net.parameters())
    4231976
    """
    refuse_weights("mobilenet_v1", weights)
    return MobileNetV1(**kwargs)
