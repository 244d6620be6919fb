"""How an axis is resized: which entries each new one is made of, and with what weights.

Positions and weights are fractions, so that resizing is exact in exact arithmetic.  Only the places
of the nearest entry are found in single precision, as PyTorch finds them: there a quotient that is
rounded the other way is another entry.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from chainrule.core import dtypes as dt
from chainrule.core.apply import untracked
from chainrule.core.dtypes import DType
from chainrule.core.tensor import Tensor
from chainrule.ops.creation import tensor

Taps = dict[int, Fraction]
"""The weight of each old entry in a new one."""


class Tap(NamedTuple):
    """One of the old entries that each new one is made of: where it is, with what weight, and
    whether there is one; None where all have it."""

    entry: Tensor
    weight: Tensor
    used: Tensor | None


@dataclass(frozen=True)
class Axis:
    """An axis of ``old`` entries that gets ``new`` ones.

    ``factor`` is the factor that was asked for, where it counts for positions: from one new entry
    to the next it is 1 / factor, else old / new.  With ``corners`` the first and the last entries
    stay where they are; otherwise entries are squares, and the outer edges stay.
    """

    old: int
    new: int
    factor: float | None = None
    corners: bool = False

    @property
    def step(self) -> Fraction:
        """How far neighbours of the new axis are apart on the old one.

        >>> Axis(4, 8).step, Axis(4, 7, corners=True).step
        (Fraction(1, 2), Fraction(1, 2))
        """
        if self.corners:
            return Fraction(self.old - 1, self.new - 1) if self.new > 1 else Fraction(0)
        if self.factor is not None:
            return 1 / Fraction(str(self.factor))
        return Fraction(self.old, self.new)

    def position(self, o: int) -> Fraction:
        """Where new entry o is on the old axis, whose entries are at 0, 1, ….

        >>> Axis(4, 8).position(0), Axis(4, 8).position(1)
        (Fraction(-1, 4), Fraction(1, 4))
        """
        half = Fraction(1, 2)
        return self.step * o if self.corners else self.step * (o + half) - half

    def inside(self, i: int) -> int:
        """The nearest place that exists."""
        return min(max(i, 0), self.old - 1)


def linear(axis: Axis, o: int) -> Taps:
    """Between two neighbours in proportion; beyond the outer ones, those."""
    at = max(axis.position(o), Fraction(0))
    first = min(math.floor(at), axis.old - 1)
    share = min(at - first, Fraction(1))
    return _added((first, 1 - share), (axis.inside(first + 1), share))


def cubic(axis: Axis, o: int) -> Taps:
    """Among four neighbours, by Keys' convolution with a = -3/4 (1981); the outer entries are
    repeated."""
    at = axis.position(o)
    first = math.floor(at)
    return _added(
        *((axis.inside(first + j), keys(at - first - j, Fraction(-3, 4))) for j in range(-1, 3))
    )


def keys(x: Fraction, a: Fraction) -> Fraction:
    """Keys' cubic kernel: 1 at 0, 0 at the other whole numbers, and beyond 2.

    >>> keys(Fraction(0), Fraction(-3, 4)), keys(Fraction(1, 2), Fraction(-3, 4))
    (Fraction(1, 1), Fraction(19, 32))
    """
    x = abs(x)
    if x <= 1:
        return ((a + 2) * x - (a + 3)) * x * x + 1
    return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a if x < 2 else Fraction(0)


def smooth(axis: Axis, o: int, kernel: Callable[[Fraction], Fraction], support: int) -> Taps:
    """A weighted mean of all entries within the kernel, which is as wide as the new squares where
    these are the larger ones: what antialiasing means."""
    width = max(axis.step, Fraction(1))
    centre, half = axis.step * (o + Fraction(1, 2)), Fraction(1, 2)
    start = max(int(centre - support * width + half), 0)
    stop = min(int(centre + support * width + half), axis.old)
    weights = {i: kernel((i - centre + half) / width) for i in range(start, stop)}
    total = sum(weights.values())
    return {i: weight / total for i, weight in weights.items()}


def linear_smooth(axis: Axis, o: int) -> Taps:
    """By the triangle, antialiased."""
    return smooth(axis, o, lambda x: max(1 - abs(x), Fraction(0)), 1)


def cubic_smooth(axis: Axis, o: int) -> Taps:
    """By Keys' kernel with a = -1/2, antialiased."""
    return smooth(axis, o, lambda x: keys(x, Fraction(-1, 2)), 2)


def _added(*pairs: tuple[int, Fraction]) -> Taps:
    """Weights by place; those of one place are added up."""
    found: Taps = {}
    for i, weight in pairs:
        found[i] = found.get(i, Fraction(0)) + weight
    return found


RULES: dict[tuple[str, bool], Callable[[Axis, int], Taps]] = {
    ("linear", False): linear,
    ("cubic", False): cubic,
    ("linear", True): linear_smooth,
    ("cubic", True): cubic_smooth,
}
"""How entries are made, by the family of the mode and whether it is antialiased."""


@lru_cache(maxsize=256)
def weights(axis: Axis, family: str, antialias: bool, dtype: DType) -> Tensor:
    """The matrix (new, old) that an axis is multiplied with.

    >>> import chainrule as cr
    >>> weights(Axis(2, 4), "linear", False, cr.exact)
    tensor([[1, 0],
            [3/4, 1/4],
            [1/4, 3/4],
            [0, 1]], dtype=chainrule.exact)
    """
    rule = RULES[family, antialias]
    rows = np.zeros((axis.new, axis.old), object if dtype is dt.exact else np.float64)
    for o in range(axis.new):
        for i, weight in rule(axis, o).items():
            rows[o, i] = weight if dtype is dt.exact else float(weight)
    with untracked():
        return tensor(rows, dtype=dtype, device="cpu")


@lru_cache(maxsize=256)
def taps(axis: Axis, family: str, antialias: bool, dtype: DType) -> tuple[Tap, ...]:
    """The same, without the zeros of the matrix: the first entry that each new one is made of with
    its weight, then the second, and so on.

    >>> import chainrule as cr
    >>> [tap.entry.tolist() for tap in taps(Axis(2, 4), "linear", False, cr.exact)]
    [[0, 0, 0, 1], [1, 1, 1, 1]]
    """
    rule = RULES[family, antialias]
    rows = [list(rule(axis, o).items()) for o in range(axis.new)]
    exactly = dtype is dt.exact
    found = []
    for k in range(max(map(len, rows))):
        used = np.array([k < len(row) for row in rows])
        places, shares = zip(*(row[min(k, len(row) - 1)] for row in rows), strict=True)
        numbers = np.array(shares, object) if exactly else np.array(shares, np.float64)
        with untracked():
            found.append(Tap(
                tensor(np.array(places, np.int64), device="cpu"),
                tensor(numbers, dtype=dtype, device="cpu"),
                None if used.all() else tensor(used, device="cpu"),
            ))  # fmt: skip
    return tuple(found)


@lru_cache(maxsize=256)
def nearest(axis: Axis, exactly: bool) -> Tensor:
    """Which entry each new one repeats: the one at the start of its square, or, ``exactly``, at the
    middle of it.

    >>> nearest(Axis(2, 5), False).tolist(), nearest(Axis(2, 5), True).tolist()
    ([0, 0, 0, 1, 1], [0, 0, 1, 1, 1])
    """
    step = np.float32(axis.old / axis.new if axis.factor is None else 1 / axis.factor)
    at = np.arange(axis.new, dtype=np.float32) + np.float32(0.5 if exactly else 0)
    places = np.minimum(np.floor(at * step).astype(np.int64), axis.old - 1)
    with untracked():
        return tensor(places, device="cpu")
