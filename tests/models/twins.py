"""Networks of torchvision, written in PyTorch: their names and numbers are the oracle."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional as F


class Named(nn.Module):
    """Modules under names; ``steps`` are applied in turn, the last one to vectors."""

    def __init__(self, **modules: nn.Module) -> None:
        super().__init__()
        for name, module in modules.items():
            self.add_module(name, module)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        *maps, last = self.children()
        for module in maps:
            x = module(x)
        return last(x.flatten(1))


def alexnet(width: float, classes: int) -> nn.Module:
    a, b, c, d, h = (int(n * width) for n in (64, 192, 384, 256, 4096))
    features = nn.Sequential(
        nn.Conv2d(3, a, kernel_size=11, stride=4, padding=2), nn.ReLU(), nn.MaxPool2d(3, stride=2),
        nn.Conv2d(a, b, kernel_size=5, padding=2), nn.ReLU(), nn.MaxPool2d(3, stride=2),
        nn.Conv2d(b, c, kernel_size=3, padding=1), nn.ReLU(),
        nn.Conv2d(c, d, kernel_size=3, padding=1), nn.ReLU(),
        nn.Conv2d(d, d, kernel_size=3, padding=1), nn.ReLU(), nn.MaxPool2d(3, stride=2),
    )  # fmt: skip
    classifier = nn.Sequential(
        nn.Dropout(), nn.Linear(d * 36, h), nn.ReLU(), nn.Dropout(), nn.Linear(h, h), nn.ReLU(),
        nn.Linear(h, classes),
    )  # fmt: skip
    return Named(features=features, avgpool=nn.AdaptiveAvgPool2d((6, 6)), classifier=classifier)


def vgg(stages: str, norm: bool, width: float, classes: int) -> nn.Module:
    """Such as "64 64 M 128 128 M"."""
    layers: list[nn.Module] = []
    before = 3
    for word in stages.split():
        if word == "M":
            layers.append(nn.MaxPool2d(kernel_size=2, stride=2))
            continue
        after = int(int(word) * width)
        layers.append(nn.Conv2d(before, after, kernel_size=3, padding=1))
        if norm:
            layers.append(nn.BatchNorm2d(after))
        layers.append(nn.ReLU())
        before = after
    h = int(4096 * width)
    classifier = nn.Sequential(
        nn.Linear(before * 49, h), nn.ReLU(), nn.Dropout(), nn.Linear(h, h), nn.ReLU(),
        nn.Dropout(), nn.Linear(h, classes),
    )  # fmt: skip
    return Named(
        features=nn.Sequential(*layers), avgpool=nn.AdaptiveAvgPool2d(7), classifier=classifier
    )


VGG16 = "64 64 M 128 128 M 256 256 256 M 512 512 512 M 512 512 512 M"
VGG11 = "64 M 128 M 256 256 M 512 512 M 512 512 M"


class Block(nn.Module):
    """Of a residual network; with ``inner`` a bottleneck."""

    def __init__(self, before: int, after: int, stride: int, inner: int | None = None) -> None:
        super().__init__()
        if inner is None:
            shapes = [(before, after, 3, stride), (after, after, 3, 1)]
        else:
            shapes = [(before, inner, 1, 1), (inner, inner, 3, stride), (inner, after, 1, 1)]
        self.count = len(shapes)
        for i, (m, n, k, s) in enumerate(shapes, 1):
            setattr(self, f"conv{i}", nn.Conv2d(m, n, k, stride=s, padding=k // 2, bias=False))
            setattr(self, f"bn{i}", nn.BatchNorm2d(n))
        self.downsample = None
        if stride != 1 or before != after:
            self.downsample = nn.Sequential(
                nn.Conv2d(before, after, 1, stride=stride, bias=False), nn.BatchNorm2d(after)
            )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = x
        for i in range(1, self.count + 1):
            h = getattr(self, f"bn{i}")(getattr(self, f"conv{i}")(h))
            h = F.relu(h) if i < self.count else h
        return F.relu(h + (x if self.downsample is None else self.downsample(x)))


def resnet(counts: tuple[int, ...], bottleneck: bool, width: float, classes: int) -> nn.Module:
    before = int(64 * width)
    modules: dict[str, nn.Module] = {
        "conv1": nn.Conv2d(3, before, 7, stride=2, padding=3, bias=False),
        "bn1": nn.BatchNorm2d(before), "relu": nn.ReLU(),
        "maxpool": nn.MaxPool2d(3, stride=2, padding=1),
    }  # fmt: skip
    for i, count in enumerate(counts):
        inner = int(64 * width) * 2**i
        after = inner * 4 if bottleneck else inner
        blocks = []
        for k in range(count):
            stride = 2 if i > 0 and k == 0 else 1
            blocks.append(Block(before, after, stride, inner if bottleneck else None))
            before = after
        modules[f"layer{i + 1}"] = nn.Sequential(*blocks)
    modules["avgpool"] = nn.AdaptiveAvgPool2d(1)
    return Named(**modules, fc=nn.Linear(before, classes))


def _conv(before: int, after: int, k: int, stride: int = 1, groups: int = 1) -> nn.Module:
    conv = nn.Conv2d(before, after, k, stride, (k - 1) // 2, groups=groups, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(after), nn.ReLU6())


class Inverted(nn.Module):
    def __init__(self, before: int, after: int, stride: int, factor: int) -> None:
        super().__init__()
        inner = before * factor
        self.conv = nn.Sequential(
            *([_conv(before, inner, 1)] if factor > 1 else []),
            _conv(inner, inner, 3, stride, inner),
            nn.Conv2d(inner, after, 1, bias=False), nn.BatchNorm2d(after),
        )  # fmt: skip
        self.same = stride == 1 and before == after

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.conv(x) if self.same else self.conv(x)


def mobilenet_v2(channels: list[int], classes: int) -> nn.Module:
    """``channels`` after the first convolution and after each stage, and the last."""
    first, *stages, last = channels
    layers, before = [_conv(3, first, 3, 2)], first
    plan = zip(
        stages, (1, 6, 6, 6, 6, 6, 6), (1, 2, 3, 4, 3, 3, 1), (1, 2, 2, 2, 1, 2, 1), strict=True
    )
    for after, factor, count, stride in plan:
        for k in range(count):
            layers.append(Inverted(before, after, stride if k == 0 else 1, factor))
            before = after
    layers.append(_conv(before, last, 1))
    classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(last, classes))
    return Named(
        features=nn.Sequential(*layers), pool=nn.AdaptiveAvgPool2d(1), classifier=classifier
    )


def mobilenet_v1(width: float, classes: int) -> nn.Module:
    plan: list[Any] = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)]
    plan += [(512, 1)] * 5 + [(1024, 2), (1024, 1)]
    before = int(32 * width)
    layers = [
        nn.Sequential(nn.Conv2d(3, before, 3, 2, 1, bias=False), nn.BatchNorm2d(before), nn.ReLU())
    ]
    for channels, stride in plan:
        after = int(channels * width)
        layers.append(
            nn.Sequential(
                nn.Conv2d(before, before, 3, stride, 1, groups=before, bias=False),
                nn.BatchNorm2d(before), nn.ReLU(),
                nn.Conv2d(before, after, 1, bias=False), nn.BatchNorm2d(after), nn.ReLU(),
            )
        )  # fmt: skip
        before = after
    return Named(
        features=nn.Sequential(*layers), pool=nn.AdaptiveAvgPool2d(1),
        classifier=nn.Linear(before, classes),
    )  # fmt: skip


def lenet5() -> nn.Module:
    features = nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(6, 16, 5), nn.Tanh(),
        nn.AvgPool2d(2),
    )  # fmt: skip
    classifier = nn.Sequential(
        nn.Linear(400, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, 10)
    )
    return Named(features=features, classifier=classifier)
