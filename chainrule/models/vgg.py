"""The networks of the Visual Geometry Group: 3 by 3 convolutions alone, deeper and deeper."""

from __future__ import annotations

from typing import Any

from chainrule import nn
from chainrule.core.tensor import Tensor
from chainrule.models.parts import refuse_weights, scaled, start

STAGES: dict[int, tuple[int, ...]] = {
    11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4),
}  # fmt: skip
"""How many convolutions each stage has, by the number of layers with weights."""

CHANNELS = (64, 128, 256, 512, 512)


def convolutions(stages: tuple[int, ...], batch_norm: bool, width: float) -> nn.Sequential:
    """Stages of 3 by 3 convolutions; each ends with a maximum over squares of four."""
    layers: list[nn.Module] = []
    before = 3
    for count, channels in zip(stages, CHANNELS, strict=True):
        after = scaled(channels, width)
        for _ in range(count):
            layers.append(nn.Conv2d(before, after, 3, padding=1))
            layers += [nn.BatchNorm2d(after)] * batch_norm
            layers.append(nn.ReLU())
            before = after
        layers.append(nn.MaxPool2d(2, 2))
    return nn.Sequential(*layers)


class VGG(nn.Module):
    """Five stages of 3 by 3 convolutions and three linear layers, of Simonyan and Zisserman, Very
    deep convolutional networks for large-scale image recognition (2015), with torchvision's
    module names.

    ``features`` are made by `convolutions`.  Shapes: (n, 3, h, w) -> (n, num_classes), published
    for 224 by 224; ``width`` scales channels.
    """

    def __init__(
        self,
        features: nn.Module,
        num_classes: int = 1000,
        init_weights: bool = True,
        dropout: float = 0.5,
        *,
        width: float = 1,
    ) -> None:
        super().__init__()
        channels, hidden = scaled(CHANNELS[-1], width), scaled(4096, width)
        self.features = features
        self.avgpool = nn.AdaptiveAvgPool2d((7, 7))
        self.classifier = nn.Sequential(
            nn.Linear(channels * 7 * 7, hidden), nn.ReLU(), nn.Dropout(dropout),
            nn.Linear(hidden, hidden), nn.ReLU(), nn.Dropout(dropout),
            nn.Linear(hidden, num_classes),
        )  # fmt: skip
        if init_weights:
            start(self)

    def forward(self, x: Tensor) -> Tensor:
        maps = self.avgpool(self.features(x))
        scores: Tensor = self.classifier(maps.flatten(1))
        return scores


def _made(name: str, depth: int, norm: bool, weights: Any, width: float = 1, **more: Any) -> VGG:
    refuse_weights(name, weights)
    return VGG(convolutions(STAGES[depth], norm, width), width=width, **more)


def vgg11(*, weights: Any = None, progress: bool = True, **kwargs: Any) -> VGG:
    """`VGG` of 11 layers: 132,863,336 parameters."""
    return _made("vgg11", 11, False, weights, **kwargs)


def vgg11_bn(*, weights: Any = None, progress: bool = True, **kwargs: Any) -> VGG:
    """`VGG` of 11 layers with batch norms: 132,868,840 parameters."""
    return _made("vgg11_bn", 11, True, weights, **kwargs)


def vgg13(*, weights: Any = None, progress: bool = True, **kwargs: Any) -> VGG:
    """`VGG` of 13 layers: 133,047,848 parameters."""
    return _made("vgg13", 13, False, weights, **kwargs)


def vgg13_bn(*, weights: Any = None, progress: bool = True, **kwargs: Any) -> VGG:
    """`VGG` of 13 layers with batch norms: 133,053,736 parameters."""
    return _made("vgg13_bn", 13, True, weights, **kwargs)


def vgg16(*, weights: Any = None, progress: bool = True, **kwargs: Any) -> VGG:
    """`VGG` of 16 layers: 138,357,544 parameters.

    >>> import chainrule as cr
    >>> with cr.device("meta"):
    ...     net = cr.models.vgg16()
    >>> sum(p.numel() for p in net.parameters())
    138357544
    """
    return _made("vgg16", 16, False, weights, **kwargs)


def vgg16_bn(*, weights: Any = None, progress: bool = True, **kwargs: Any) -> VGG:
    """`VGG` of 16 layers with batch norms: 138,365,992 parameters."""
    return _made("vgg16_bn", 16, True, weights, **kwargs)


def vgg19(*, weights: Any = None, progress: bool = True, **kwargs: Any) -> VGG:
    """`VGG` of 19 layers: 143,667,240 parameters."""
    return _made("vgg19", 19, False, weights, **kwargs)


def vgg19_bn(*, weights: Any = None, progress: bool = True, **kwargs: Any) -> VGG:
    """`VGG` of 19 layers with batch norms: 143,678,248 parameters."""
    return _made("vgg19_bn", 19, True, weights, **kwargs)
