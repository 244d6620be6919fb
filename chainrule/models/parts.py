"""What several networks share: published weights that are not here, widths, how weights start."""

from __future__ import annotations

from typing import Any

from chainrule import nn
from chainrule.core.errors import ArgumentError
from chainrule.nn import init


def refuse_weights(name: str, weights: Any) -> None:
    """Raise ArgumentError where pretrained weights are asked for: none come with the package."""
    if weights is not None:
        raise ArgumentError(
            f"{name} comes without pretrained weights",
            got=f"weights={weights!r}",
            expected="weights=None",
            hint="load a file: net.load_state_dict(cr.load('weights.safetensors'))",
        )


def scaled(channels: int, width: float) -> int:
    """So many channels in a network ``width`` times as wide, at least one.

    >>> scaled(64, 0.25), scaled(3, 0.1)
    (16, 1)
    """
    return max(1, int(channels * width))


def rounded(channels: float, divisor: int = 8) -> int:
    """The multiple of ``divisor`` nearest to a number of channels, and no less than 90 % of it, as
    the MobileNets round.

    >>> rounded(24 * 0.75), rounded(9)
    (24, 16)
    """
    found = max(divisor, int(channels + divisor / 2) // divisor * divisor)
    return found + divisor if found < 0.9 * channels else found


def start(net: nn.Module, linear: float | None = 0.01) -> None:
    """Give a network of convolutions the values that torchvision starts with: kernels N(0, 2 /
    fan_out) of He and others (2015), scales 1, shifts and biases 0, weights of linear layers
    N(0, linear²), or untouched where ``linear`` is None."""
    for layer in net.modules():
        if isinstance(layer, nn.Conv2d):
            init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
        elif isinstance(layer, nn.BatchNorm2d | nn.GroupNorm):
            if layer.weight is not None:
                init.ones_(layer.weight)
        elif isinstance(layer, nn.Linear) and linear is not None:
            init.normal_(layer.weight, 0.0, linear)
        else:
            continue
        if layer.bias is not None and not (isinstance(layer, nn.Linear) and linear is None):
            init.zeros_(layer.bias)
