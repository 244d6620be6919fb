"""What rows of windows share: arguments for each of n axes, and lengths that are long enough."""

from __future__ import annotations

from typing import Any

from tests.layers_parity.drawing import Draw

SMALL = {1: 3, 2: 3, 3: 2}
"""The largest kernel, stride and excess of length, by the number of axes."""


def axes(name: str) -> int:
    """How many axes a layer's windows move along: 2 for ``nn.Conv2d`` and ``F.conv2d``."""
    return next(int(c) for c in reversed(name) if c.isdigit())


def per_axis(given: Any, n: int) -> tuple[int, ...]:
    """A number for each axis, from an argument that may be one number or several."""
    if not isinstance(given, tuple | list):
        given = (given,) * n
    return tuple(given)[:n] if len(given) >= n else (*given, *(1,) * (n - len(given)))


def lead(d: Draw, channels: int, n: int, empty: bool = True) -> tuple[int, ...]:
    """What stands before the ``n`` axes: batch and channels, or channels alone."""
    batches: tuple[tuple[int, ...], ...] = ((2,), (), (1,), (2,), (0,) if empty else (3,))
    return (*d.mostly(batches, ((2, 2),)), d.mostly((channels,), (channels + 1,)))


def lengths(d: Draw, needed: tuple[int, ...], n: int) -> tuple[int, ...]:
    """For each axis a length that is long enough, or, in a faulty case, perhaps not."""
    more = d.sizes(n, 0, SMALL[n])
    short = d.mostly((0,), (1, 2))
    return tuple(max(need + extra - short, 0) for need, extra in zip(needed, more, strict=True))


def span(kernel: Any, dilation: Any, n: int) -> tuple[int, ...]:
    """How many entries a window spans."""
    pairs = zip(per_axis(kernel, n), per_axis(dilation, n), strict=True)
    return tuple(int(step * (size - 1) + 1) for size, step in pairs)
