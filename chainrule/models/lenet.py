"""LeNet-5."""

from __future__ import annotations

from typing import Any

from chainrule import nn
from chainrule.core.tensor import Tensor
from chainrule.models.parts import refuse_weights


class LeNet5(nn.Module):
    """Two convolutions, each averaged over squares of four, and three linear layers: digits of
    28 by 28 pixels, after LeCun and others, Gradient-based learning applied to document
    recognition (1998).

    This is the form that is taught today, with 61,706 parameters: each map of the second
    convolution sees all six maps before it, averages have no weights of their own, and the output
    is linear.  (The original's 60,000: a table of connections, a scale and a shift for each
    average, and an output of fixed radial units.)  Shapes: (n, 1, 28, 28) -> (n, num_classes).
    """

    def __init__(
        self, num_classes: int = 10, activation: type[nn.Module] = nn.Tanh, in_channels: int = 1
    ) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(in_channels, 6, 5, padding=2), activation(), nn.AvgPool2d(2),
            nn.Conv2d(6, 16, 5), activation(), nn.AvgPool2d(2),
        )  # fmt: skip
        self.classifier = nn.Sequential(
            nn.Linear(16 * 5 * 5, 120), activation(),
            nn.Linear(120, 84), activation(),
            nn.Linear(84, num_classes),
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        maps = self.features(x)
        scores: Tensor = self.classifier(maps.flatten(1))
        return scores


def lenet5(*, weights: Any = None, progress: bool = True, **kwargs: Any) -> LeNet5:
    """`LeNet5`: 61,706 parameters.

    >>> import chainrule as cr
    >>> with cr.device("meta"):
    ...     net = cr.models.lenet5()
    >>> sum(p.numel() for p in net.parameters())
    61706
    """
    refuse_weights("lenet5", weights)
    return LeNet5(**kwargs)
