"""AlexNet."""

from __future__ import annotations

from typing import Any

from chainrule import nn
from chainrule.core.tensor import Tensor
from chainrule.models.parts import refuse_weights, scaled


class AlexNet(nn.Module):
    """Five convolutions and three linear layers, of Krizhevsky, One weird trick for parallelizing
    convolutional neural networks (2014), with torchvision's module names.

    Shapes: (n, 3, h, w) -> (n, num_classes), published for 224 by 224; ``width`` scales channels.
    """

    def __init__(self, num_classes: int = 1000, dropout: float = 0.5, *, width: float = 1) -> None:
        super().__init__()
        a, b, c, d, hidden = (scaled(n, width) for n in (64, 192, 384, 256, 4096))
        self.features = nn.Sequential(
            nn.Conv2d(3, a, 11, stride=4, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2),
            nn.Conv2d(a, b, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2),
            nn.Conv2d(b, c, 3, padding=1), nn.ReLU(),
            nn.Conv2d(c, d, 3, padding=1), nn.ReLU(),
            nn.Conv2d(d, d, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2),
        )  # fmt: skip
        self.avgpool = nn.AdaptiveAvgPool2d((6, 6))
        self.classifier = nn.Sequential(
            nn.Dropout(dropout), nn.Linear(d * 6 * 6, hidden), nn.ReLU(),
            nn.Dropout(dropout), nn.Linear(hidden, hidden), nn.ReLU(),
            nn.Linear(hidden, num_classes),
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        maps = self.avgpool(self.features(x))
        scores: Tensor = self.classifier(maps.flatten(1))
        return scores


def alexnet(*, weights: Any = None, progress: bool = True, **kwargs: Any) -> AlexNet:
    """`AlexNet`: 61,100,840 parameters.

    >>> import chainrule as cr
    >>> with cr.device("meta"):
    ...     net = cr.models.alexnet()
    >>> sum(p.numel() for p in net.parameters())
    61100840
    """
    refuse_weights("alexnet", weights)
    return AlexNet(**kwargs)
