"""Residual networks: blocks that add what they compute to what they were given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from chainrule import nn
from chainrule.core.tensor import Tensor
from chainrule.models.parts import refuse_weights, scaled, start
from chainrule.nn import init


def shortcut(before: int, after: int, stride: int) -> nn.Module | None:
    """What makes a block's input as large as its output; None where it is so already."""
    if stride == 1 and before == after:
        return None
    return nn.Sequential(
        nn.Conv2d(before, after, 1, stride=stride, bias=False), nn.BatchNorm2d(after)
    )


class BasicBlock(nn.Module):
    """Two 3 by 3 convolutions beside a shortcut: relu(x + f(x)).

    ``planes`` are the channels of both.
    """

    expansion: ClassVar[int] = 1

    def __init__(self, inplanes: int, planes: int, stride: int = 1, groups: int = 1,
                 base_width: int = 64) -> None:  # fmt: skip
        super().__init__()
        self.conv1 = nn.Conv2d(inplanes, planes, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.relu = nn.ReLU()
        self.conv2 = nn.Conv2d(planes, planes, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.downsample = shortcut(inplanes, planes, stride)

    @property
    def last_norm(self) -> Any:
        """The norm before the sum."""
        return self.bn2

    def forward(self, x: Tensor) -> Tensor:
        h = self.relu(self.bn1(self.conv1(x)))
        residual = self.bn2(self.conv2(h))
        identity = x if self.downsample is None else self.downsample(x)
        made: Tensor = self.relu(residual + identity)
        return made


class Bottleneck(nn.Module):
    """A 3 by 3 convolution between two of 1 by 1, which make channels fewer and more again, beside
    a shortcut.

    The stride is that of the 3 by 3 convolution (in the paper, of the first: this is version 1.5,
    torchvision's).  The inner width is planes * base_width / 64, for each of the ``groups``.
    """

    expansion: ClassVar[int] = 4

    def __init__(self, inplanes: int, planes: int, stride: int = 1, groups: int = 1,
                 base_width: int = 64) -> None:  # fmt: skip
        super().__init__()
        inner, outer = int(planes * (base_width / 64.0)) * groups, planes * self.expansion
        self.conv1 = nn.Conv2d(inplanes, inner, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(inner)
        self.conv2 = nn.Conv2d(inner, inner, 3, stride=stride, padding=1, groups=groups, bias=False)
        self.bn2 = nn.BatchNorm2d(inner)
        self.conv3 = nn.Conv2d(inner, outer, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(outer)
        self.relu = nn.ReLU()
        self.downsample = shortcut(inplanes, outer, stride)

    @property
    def last_norm(self) -> Any:
        """The norm before the sum."""
        return self.bn3

    def forward(self, x: Tensor) -> Tensor:
        h1 = self.relu(self.bn1(self.conv1(x)))
        h2 = self.relu(self.bn2(self.conv2(h1)))
        residual = self.bn3(self.conv3(h2))
        identity = x if self.downsample is None else self.downsample(x)
        made: Tensor = self.relu(residual + identity)
        return made


class ResNet(nn.Module):
    """A convolution, four stages of blocks, the average over each map, and one linear layer, of He,
    Zhang, Ren and Sun, Deep residual learning for image recognition (2016), with torchvision's
    module names.

    ``layers`` counts the blocks of each stage; ``zero_init_residual`` starts each block as its
    shortcut; ``groups`` and ``width_per_group`` make the ResNeXt and wide networks.  Shapes:
    (n, 3, h, w) -> (n, num_classes); ``width`` scales channels.
    """

    def __init__(
        self,
        block: type[BasicBlock | Bottleneck],
        layers: Sequence[int],
        num_classes: int = 1000,
        zero_init_residual: bool = False,
        groups: int = 1,
        width_per_group: int = 64,
        *,
        width: float = 1,
    ) -> None:
        super().__init__()
        planes = [scaled(channels, width) for channels in (64, 128, 256, 512)]
        self.inplanes = planes[0]
        self.conv1 = nn.Conv2d(3, planes[0], 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(planes[0])
        self.relu = nn.ReLU()
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        for i, (channels, count) in enumerate(zip(planes, layers, strict=True)):
            stride = 1 if i == 0 else 2
            stage = self._stage(block, channels, count, stride, groups, width_per_group)
            self.add_module(f"layer{i + 1}", stage)
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(planes[-1] * block.expansion, num_classes)
        start(self, linear=None)
        if zero_init_residual:
            for module in self.modules():
                if isinstance(module, BasicBlock | Bottleneck):
                    init.zeros_(module.last_norm.weight)

    def _stage(
        self, block: Any, planes: int, count: int, stride: int, groups: int, base_width: int
    ) -> nn.Sequential:
        """Blocks of the same size; the first one changes it."""
        blocks = []
        for i in range(count):
            step = stride if i == 0 else 1
            blocks.append(block(self.inplanes, planes, step, groups, base_width))
            self.inplanes = planes * block.expansion
        return nn.Sequential(*blocks)

    def forward(self, x: Tensor) -> Tensor:
        maps = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        maps = self.layer4(self.layer3(self.layer2(self.layer1(maps))))
        scores: Tensor = self.fc(self.avgpool(maps).flatten(1))
        return scores


def _made(name: str, weights: Any, block: Any, layers: Sequence[int], **more: Any) -> ResNet:
    refuse_weights(name, weights)
    return ResNet(block, layers, **more)


def resnet18(*, weights: Any = None, progress: bool = True, **kwargs: Any) -> ResNet:
    """`ResNet` of 18 layers: 11,689,512 parameters.

    >>> import chainrule as cr
    >>> with cr.device("meta"):
    ...     net = cr.models.resnet18()
    ...     scores = net(cr.empty(1, 3, 224, 224))
    >>> sum(p.numel() for p in net.parameters()), scores.shape
    (11689512, (1, 1000))
    """
    return _made("resnet18", weights, BasicBlock, (2, 2, 2, 2), **kwargs)


def resnet34(*, weights: Any = None, progress: bool = True, **kwargs: Any) -> ResNet:
    """`ResNet` of 34 layers: 21,797,672 parameters."""
    return _made("resnet34", weights, BasicBlock, (3, 4, 6, 3), **kwargs)


def resnet50(*, weights: Any = None, progress: bool = True, **kwargs: Any) -> ResNet:
    """`ResNet` of 50 layers: 25,557,032 parameters."""
    return _made("resnet50", weights, Bottleneck, (3, 4, 6, 3), **kwargs)


def resnet101(*, weights: Any = None, progress: bool = True, **kwargs: Any) -> ResNet:
    """`ResNet` of 101 layers: 44,549,160 parameters."""
    return _made("resnet101", weights, Bottleneck, (3, 4, 23, 3), **kwargs)


def resnet152(*, weights: Any = None, progress: bool = True, **kwargs: Any) -> ResNet:
    """`ResNet` of 152 layers: 60,192,808 parameters."""
    return _made("resnet152", weights, Bottleneck, (3, 8, 36, 3), **kwargs)


def resnext50_32x4d(*, weights: Any = None, progress: bool = True, **kwargs: Any) -> ResNet:
    """`ResNet` of 50 layers with 32 groups of width 4 (Xie and others 2017): 25,028,904
    parameters."""
    kwargs = {"groups": 32, "width_per_group": 4, **kwargs}
    return _made("resnext50_32x4d", weights, Bottleneck, (3, 4, 6, 3), **kwargs)


def wide_resnet50_2(*, weights: Any = None, progress: bool = True, **kwargs: Any) -> ResNet:
    """`ResNet` of 50 layers, twice as wide inside (Zagoruyko and Komodakis 2016): 68,883,240
    parameters."""
    kwargs = {"width_per_group": 128, **kwargs}
    return _made("wide_resnet50_2", weights, Bottleneck, (3, 4, 6, 3), **kwargs)
