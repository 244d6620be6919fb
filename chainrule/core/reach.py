"""Which places of one axis are read by a place of another: windows, and what becomes of them.

Place o of an axis reads the places from ``lows[o % P] + advance * (o // P)`` up to ``highs[o % P] +
advance * (o // P)`` of another axis, where P, the period, is the length of both.  A window that
slides has the period 1, and ``advance`` is its stride; a transposed convolution of stride s has the
period s.  What reads through two ops, one after the other or side by side, is of this form again,
so a whole network has one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import gcd, lcm
from typing import Any, NamedTuple

from chainrule.core.signature import Dim
from chainrule.core.size import Size, smax, smin

LONGEST, KEPT = 4096, 4096
"""A reach with a longer period is widened to the whole axis; so many are remembered."""


class Reach(NamedTuple):
    """What a place of the axis ``axis`` reads of another axis; where ``axis`` is None, what every
    place reads.  A low of None: the places of this remainder read nothing.

    >>> Reach.window(0, 3, stride=2, before=1).at(0), Reach.window(0, 3, stride=2, before=1).at(5)
    ((-1, 1), (9, 11))
    """

    axis: int | None
    lows: tuple[Any, ...]
    highs: tuple[Any, ...]
    advance: Dim

    @staticmethod
    @lru_cache
    def same(axis: int, before: Dim = 0) -> Reach:
        """Place o reads place o - before."""
        return Reach(axis, (-before,), (-before,), 1)

    @classmethod
    def fixed(cls, first: Dim, last: Dim) -> Reach:
        """Every place reads these."""
        return cls(None, (first,), (last,), 0)

    @classmethod
    def whole(cls, size: Dim) -> Reach:
        """Every place reads the whole axis."""
        return cls.fixed(0, size - 1)

    @classmethod
    def window(
        cls, axis: int, size: Dim, stride: Dim = 1, dilation: Dim = 1, before: Dim = 0
    ) -> Reach:
        """Place o reads stride * o + dilation * k - before, for each k from 0 below ``size``."""
        return cls(axis, (-before,), (dilation * (size - 1) - before,), stride)

    @classmethod
    def repeated(cls, axis: int, times: int, width: Dim = 1) -> Reach:
        """So many places in a row read the same, the ``width`` places that belong to them all."""
        return cls(axis, (0,) * times, (width - 1,) * times, width)

    @classmethod
    def spread(cls, axis: int, size: int, stride: int, dilation: int = 1, before: int = 0) -> Reach:
        """The other way round: place o reads every p with o = stride * p + dilation * k - before.

        >>> Reach.spread(0, 3, stride=2).at(4), Reach.spread(0, 3, stride=2).at(5)
        ((1, 2), (2, 2))
        """
        read: list[list[int]] = [[] for _ in range(stride)]
        for k in range(size):
            at = dilation * k - before
            read[at % stride].append(-(at // stride))
        lows = tuple(min(places, default=None) for places in read)
        highs = tuple(max(places, default=None) for places in read)
        return cls(axis, lows, highs, 1)

    @property
    def period(self) -> int:
        """After how many places the same comes again, ``advance`` further on."""
        return len(self.lows)

    def at(self, place: Dim) -> tuple[Any, Any] | None:
        """The first and the last of the places that one place reads; None where it reads none."""
        turn, rest = (place, 0) if self.period == 1 else divmod(int(place), self.period)
        if self.lows[rest] is None:
            return None
        return self.lows[rest] + self.advance * turn, self.highs[rest] + self.advance * turn

    def over(self, first: Dim, last: Dim) -> tuple[Any, Any] | None:
        """The first and the last of the places that those from ``first`` to ``last`` read."""
        if self.axis is None:
            return self.at(0)
        if self.period == 1:
            ends = [self.at(first), self.at(last)]
            if isinstance(self.advance, Size):  # a stride: no move turns an axis round by letters
                return ends[0] and ends[1] and (ends[0][0], ends[1][1])
        else:  # places of the same remainder read the further, the further on they are
            first, last = int(first), int(last)
            near = range(first, min(last, first + self.period - 1) + 1)
            far = range(max(first, last - self.period + 1), last + 1)
            ends = [self.at(place) for place in {*near, *far}]
        found = [end for end in ends if end is not None]
        if not found:
            return None
        return smin(*(low for low, _ in found)), smax(*(high for _, high in found))

    def through(self, outer: Reach, size: Dim) -> Reach:
        """What ``outer``, which reads the axis that this one goes by, reads through it of an axis
        of ``size`` places."""
        if self.axis is None or outer is Reach.same(self.axis):
            return self
        return _through(self, outer, size)

    def beside(self, other: Reach, size: Dim) -> Reach:
        """What both read, of an axis of ``size`` places: from the first to the last, where that is
        a reach; otherwise the whole axis, which is more than they read."""
        if self == other:
            return self
        if self.axis is None and other.axis is None:
            first, last = _hull(self.at(0), other.at(0)) or (None, None)
            return Reach(None, (first,), (last,), 0)
        if self.axis != other.axis:
            return Reach.whole(size)
        if self.advance * other.period != other.advance * self.period:
            return Reach.whole(size)
        period = lcm(self.period, other.period)
        if period > LONGEST:
            return Reach.whole(size)
        ends = [_hull(self.at(o), other.at(o)) for o in range(period)]
        return _made(self.axis, ends, self.advance * (period // self.period))


@lru_cache(KEPT)
def _through(inner: Reach, outer: Reach, size: Dim) -> Reach:
    """See `Reach.through`: the same windows come again and again."""
    if outer.axis is None:
        found = outer.at(0)
        first, last = (found and inner.over(*found)) or (None, None)
        return Reach(None, (first,), (last,), 0)
    turns = 1
    if inner.period > 1:
        if isinstance(outer.advance, Size):
            return Reach.whole(size)
        turns = inner.period // gcd(inner.period, outer.advance)
    period = outer.period * turns
    if period > LONGEST:
        return Reach.whole(size)
    places = [outer.at(o) for o in range(period)]
    advance: Any = inner.advance * (outer.advance * turns)
    if inner.period > 1:
        advance = advance // inner.period
    return _made(outer.axis, [p and inner.over(*p) for p in places], advance)


def _hull(a: tuple[Any, Any] | None, b: tuple[Any, Any] | None) -> tuple[Any, Any] | None:
    if a is None or b is None or a[0] is None or b[0] is None:
        return a if b is None or b[0] is None else b
    return smin(a[0], b[0]), smax(a[1], b[1])


def _made(axis: int | None, ends: Sequence[tuple[Any, Any] | None], advance: Dim) -> Reach:
    """A reach, with the shortest period that it has."""
    period = len(ends)
    for short in range(1, period):
        if period % short or (advance * short) % period:
            continue
        step = advance * short // period
        if all(ends[o + short] == _moved(ends[o], step) for o in range(period - short)):
            ends, advance = ends[:short], step
            break
    lows = tuple(None if end is None else end[0] for end in ends)
    highs = tuple(None if end is None else end[1] for end in ends)
    return Reach(axis, lows, highs, advance)


def _moved(end: tuple[Any, Any] | None, step: Any) -> tuple[Any, Any] | None:
    return None if end is None else (end[0] + step, end[1] + step)


Reads = tuple[Reach, ...]
"""What is read of an operand, or of an input: a `Reach` for each of its axes."""


def everything(shape: Iterable[Dim]) -> Reads:
    """All of an operand."""
    return tuple(Reach.whole(size) for size in shape)


def entry_by_entry(shape: Sequence[Dim], result: Sequence[Dim]) -> Reads:
    """An operand that broadcasts to the result: each entry reads the one in its own place.

    >>> [reach.axis for reach in entry_by_entry((3, 1), (2, 3, 4))]
    [1, None]
    """
    new = len(result) - len(shape)
    return tuple(
        Reach.same(new + a)
        if size == result[new + a] or not isinstance(size, int)
        else Reach.fixed(0, 0)
        for a, size in enumerate(shape)
    )
