"""The windows along one axis: which entries each of them reads.

A box of entries is the product of its axes, so an op on boxes goes along one axis after the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from math import gcd
from typing import Any, NamedTuple, Protocol

from chainrule.core.errors import ShapeError
from chainrule.core.reach import Reach
from chainrule.core.signature import Dim, Shape
from chainrule.core.size import Size, bounds, ceil_div, smin
from chainrule.ops.window.sliding import places

FEW = 8
"""Up to so many entries a window, slices beat a reduction along an axis of their own."""


class Line(Protocol):
    """The windows along one axis: a named tuple of numbers, which graphs keep as an attribute."""

    @property
    def size(self) -> Dim:
        """How many entries the axis has."""

    @property
    def places(self) -> Dim:
        """How many windows there are."""

    @property
    def length(self) -> Dim | None:
        """How many entries each window has, padding included; None where that differs."""

    @property
    def padding(self) -> Dim:
        """How far windows may reach beyond the axis."""

    @property
    def shares_out(self) -> bool:
        """Whether every entry is in one window, and all have the same number of them."""

    @property
    def longest(self) -> Dim:
        """How many `parts` there are."""

    def reads(self, xp: Any, window: Any, entry: Any) -> Any:
        """Which place of the axis is read as such an entry of such a window."""

    def surrounded(self, xp: Any, x: Any, dim: int) -> Any:
        """x, longer along the axis so that no window hangs over, without a new value in one."""

    def reached(self, axis: int) -> Reach:
        """Which entries the windows read that an axis of the result counts."""

    def parts(self, xp: Any, x: Any, dim: int) -> list[Any]:
        """The first entry of every window, the second, and so on, of x as it is surrounded; where
        windows have different lengths, the last entry of the shorter ones again."""

    def best(self, xp: Any, x: Any, dim: int) -> Any:
        """The largest entry of each window; the derivative belongs to the first of several."""

    def total(self, xp: Any, x: Any, dim: int, border: int = 0) -> Any:
        """The sum of each window, every entry of the padding being ``border``."""

    def spread(self, xp: Any, g: Any, dim: int) -> Any:
        """The adjoint of the sum: each entry repeated over its window, and these added up."""


class Sliding(NamedTuple):
    """Windows of one size that slide along an axis, ``padding`` before its start and after its end.

    With ``ceil`` the last window may hang over the padding, as long as it starts before it.
    """

    size: Dim
    kernel: Dim
    stride: Dim
    padding: Dim
    dilation: Dim
    ceil: bool

    @property
    def reach(self) -> Dim:
        """From the first entry of a window to the last one, both included."""
        return self.dilation * (self.kernel - 1) + 1

    def reached(self, axis: int) -> Reach:
        """A window that slides."""
        return Reach.window(axis, self.kernel, self.stride, self.dilation, self.padding)

    @property
    def places(self) -> Dim:
        """How many windows there are; raises ShapeError where there is none.

        >>> Sliding(6, 3, 2, 0, 1, False).places, Sliding(6, 3, 2, 0, 1, True).places
        (2, 3)
        """
        whole = self.size + 2 * self.padding
        if not self.ceil:
            return places(whole, self.kernel, self.stride, self.dilation)
        beginning_inside = ceil_div(self.size + self.padding, self.stride)
        found = smin(ceil_div(whole - self.reach, self.stride) + 1, beginning_inside)
        highest = bounds(found)[1]
        if highest is not None and highest < 1:
            raise ShapeError(f"a window of {self.reach} does not fit into an axis of {whole}")
        return found

    @property
    def overhang(self) -> Dim:
        """How far windows reach beyond the end; of a symbolic size, the most that can be."""
        if isinstance(self.size, Size):
            return self.padding + (self.stride - 1 if self.ceil else 0)
        return max(0, (self.places - 1) * self.stride + self.reach - self.size - self.padding)

    @property
    def length(self) -> Dim | None:
        """The kernel's size, unless windows hang over the padding."""
        return self.kernel if self.overhang <= self.padding else None

    @property
    def shares_out(self) -> bool:
        """Whether every entry is in one window."""
        if self.padding or self.dilation != 1 or self.stride != self.kernel:
            return False
        return bool(self.size == self.kernel * self.places)

    @property
    def tiles(self) -> bool:
        """Whether the windows share the axis out, and have many entries, or a symbolic number."""
        return self.shares_out and (isinstance(self.kernel, Size) or self.kernel > FEW)

    @property
    def longest(self) -> Dim:
        """How many entries a window has."""
        return self.kernel

    def reads(self, xp: Any, window: Any, entry: Any) -> Any:
        """One after the other, counted from the start of the padding; of what surrounds the axis,
        the entry that stands there."""
        at = xp.add(xp.multiply(window, self.stride), xp.multiply(entry, self.dilation))
        if not self.overhang and not self.padding:
            return at
        return xp.take(self.surrounded(xp, xp.arange(self.size, "int64"), 0), at, 0)

    def surrounded(self, xp: Any, x: Any, dim: int) -> Any:
        """Around x the entries that the windows read anyway: no number stands for "nothing" in
        every arithmetic, as minus infinity does in floats."""
        n, jump = self.size, self.dilation
        before = [-q % jump for q in range(self.padding, 0, -1)]
        after = [n - 1 - (-q % jump) for q in range(1, self.overhang + 1)]
        if not before and not after:
            return x
        self._require_entries()
        fixed = not isinstance(n, Size)
        inner = [one(xp, x, dim, min(at, n - 1) if fixed else at) for at in before]
        outer = [one(xp, x, dim, max(at, 0) if fixed else at) for at in after]
        return xp.cat((*inner, x, *outer), dim)

    def _require_entries(self) -> None:
        """Raise ShapeError where a window has no entry but padding."""
        starts = range(-self.padding, 0, self.stride)
        if not isinstance(self.size, Size) and any(a % self.dilation >= self.size for a in starts):
            raise ShapeError(
                f"a window (kernel {self.kernel}, dilation {self.dilation}) has nothing but "
                f"padding in an axis of {self.size}"
            )

    def parts(self, xp: Any, x: Any, dim: int) -> list[Any]:
        """One strided slice for each place in a window."""
        width = self.stride * (self.places - 1) + 1
        starts = (self.dilation * j for j in range(self.kernel))
        return [span(xp, x, dim, slice(a, a + width, self.stride)) for a in starts]

    def best(self, xp: Any, x: Any, dim: int) -> Any:
        """By comparing the parts, or along an axis of their own."""
        if not self.tiles:
            return reduce(xp.larger, self.parts(xp, self.surrounded(xp, x, dim), dim))
        apart = self._apart(xp, x, dim)
        first = xp.gather(apart, xp.argmax(xp.detach(apart), dim + 1, True), dim + 1)
        return xp.reshape(first, along(x.shape, dim, self.places))

    def total(self, xp: Any, x: Any, dim: int, border: int = 0) -> Any:
        """By adding the parts up, or along an axis of their own."""
        if self.tiles:
            return xp.sum(self._apart(xp, x, dim), (dim + 1,), False)
        beyond = self.overhang - self.padding
        if self.padding and not border:
            x = padded(xp, x, dim, self.padding, self.overhang, 0)
        elif self.padding or beyond > 0:
            x = padded(xp, x, dim, self.padding, self.padding, border)
            x = padded(xp, x, dim, 0, beyond, 0) if beyond > 0 else x
        return reduce(xp.add, self.parts(xp, x, dim))

    def spread(self, xp: Any, g: Any, dim: int) -> Any:
        """Repeated along an axis of their own, or one place in the window after another."""
        if self.tiles:
            column = xp.reshape(g, along(g.shape, dim, self.places, 1))
            wide = xp.expand(column, along(g.shape, dim, self.places, self.kernel))
            return xp.reshape(wide, along(g.shape, dim, self.size))
        room = along(g.shape, dim, self.padding + self.size + self.overhang)
        if self.ceil and isinstance(self.size, Size):  # there may be fewer windows than have room
            width = self.stride * (self.places - 1) + 1
            starts = (self.dilation * j for j in range(self.kernel))
            found = [put(xp, g, dim, slice(a, a + width, self.stride), room) for a in starts]
            whole = reduce(xp.add, found)
        else:
            rest = (1,) * (len(g.shape) - dim - 1)
            columns = xp.reshape(g, (*g.shape, 1, *rest))
            wide = xp.expand(columns, (*g.shape, self.kernel, *rest))
            apart = (self.kernel, *rest), (self.stride, *rest), (self.dilation, *rest)
            whole = xp.fold(wide, room, *apart)
        if not self.padding and not self.overhang:
            return whole
        return span(xp, whole, dim, slice(self.padding, self.padding + self.size, 1))

    def _apart(self, xp: Any, x: Any, dim: int) -> Any:
        """X with the entries of each window along an axis of their own, after ``dim``."""
        shape = along(x.shape, dim, self.places, self.kernel)
        return xp.reshape(x, shape)


class Uneven(NamedTuple):
    """An axis shared out among windows as evenly as it can be: window o goes from
    floor(o size / places) up to ceil((o + 1) size / places), so that neighbours may overlap."""

    size: int
    places: int

    @property
    def length(self) -> None:
        """No number: windows differ."""
        return None

    @property
    def padding(self) -> int:
        """None: windows keep within the axis."""
        return 0

    @property
    def shares_out(self) -> bool:
        """No: windows differ."""
        return False

    def reads(self, xp: Any, window: Any, entry: Any) -> Any:
        """As far as the window goes, then its last entry again."""
        n, m = self.size, self.places
        start = xp.floor_divide(xp.multiply(window, n), m)
        stop = xp.floor_divide(xp.add(xp.multiply(xp.add(window, 1), n), m - 1), m)
        return xp.minimum(xp.add(start, entry), xp.subtract(stop, 1))

    @property
    def longest(self) -> int:
        """How many entries the longest window has.

        >>> Uneven(5, 3).longest, Uneven(7, 4).longest, Uneven(3, 5).longest
        (3, 3, 2)
        """
        n, m = self.size, self.places
        return max(-(-(o + 1) * n // m) - o * n // m for o in range(m))

    def reached(self, axis: int) -> Reach:
        """Windows of several sizes, which come again in the same order."""
        n, m = self.size, self.places
        turn = m // gcd(n, m)
        lows = tuple(o * n // m for o in range(turn))
        highs = tuple(-(-(o + 1) * n // m) - 1 for o in range(turn))
        return Reach(axis, lows, highs, n * turn // m)

    def _ends(self, xp: Any) -> tuple[Any, Any]:
        """The first entry of each window, and the last."""
        n, m = self.size, self.places
        at = xp.arange(m, "int64")
        start = xp.floor_divide(xp.multiply(at, n), m)
        stop = xp.floor_divide(xp.add(xp.multiply(xp.add(at, 1), n), m - 1), m)
        return start, xp.subtract(stop, 1)

    def surrounded(self, xp: Any, x: Any, dim: int) -> Any:
        """x: no window hangs over."""
        return x

    def parts(self, xp: Any, x: Any, dim: int) -> list[Any]:
        """Looked up, as windows have no common stride."""
        start, last = self._ends(xp)
        return [xp.take(x, xp.minimum(xp.add(start, j), last), dim) for j in range(self.longest)]

    def best(self, xp: Any, x: Any, dim: int) -> Any:
        """By comparing the parts."""
        return reduce(xp.larger, self.parts(xp, x, dim))

    def total(self, xp: Any, x: Any, dim: int, border: int = 0) -> Any:
        """By adding the parts up, as far as a window goes."""
        start, last = self._ends(xp)
        column = tuple(self.places if d == dim else 1 for d in range(len(x.shape)))
        found = []
        for j in range(self.longest):
            at = xp.add(start, j)
            entry = xp.take(x, xp.minimum(at, last), dim)
            inside = xp.reshape(xp.less_equal(at, last), column)
            found.append(xp.where(inside, entry, 0))
        return reduce(xp.add, found)

    def spread(self, xp: Any, g: Any, dim: int) -> Any:
        """Added up where the windows read."""
        start, last = self._ends(xp)
        column = tuple(self.places if d == dim else 1 for d in range(len(g.shape)))
        shape = along(g.shape, dim, self.size)
        nothing = along((slice(0, n, 1) for n in g.shape), dim, slice(0, 0, 1))
        made = xp.place(xp.slice(g, nothing), nothing, shape)
        for j in range(self.longest):
            at = xp.add(start, j)
            inside = xp.reshape(xp.less_equal(at, last), column)
            made = xp.index_add(made, xp.minimum(at, last), xp.where(inside, g, 0), dim)
        return made


def shared_out(size: Dim, windows: Dim) -> Line:
    """The windows of adaptive pooling; raises UndecidedSize where a symbolic size leaves them open.

    >>> shared_out(6, 3).length, shared_out(7, 3).length
    (2, None)
    """
    if size % windows == 0:
        return Sliding(size, size // windows, size // windows, 0, 1, False)
    if isinstance(size, Size) or isinstance(windows, Size):
        raise ShapeError(
            f"an axis of {size} is shared out among {windows} windows: whether evenly is open",
            hint="put a number in, or pool to 1",
        )
    return Uneven(size, windows)


def span(xp: Any, x: Any, dim: int, taken: slice) -> Any:
    """A slice of x along one axis."""
    return xp.slice(x, along((slice(0, n, 1) for n in x.shape), dim, taken))


def put(xp: Any, x: Any, dim: int, taken: slice, shape: Shape) -> Any:
    """Zeros of a shape with x at a slice of one axis."""
    return xp.place(x, along((slice(0, n, 1) for n in x.shape), dim, taken), shape)


def one(xp: Any, x: Any, dim: int, at: Dim) -> Any:
    """The entries of x at one place of an axis, which stays."""
    return span(xp, x, dim, slice(at, at + 1, 1))


def padded(xp: Any, x: Any, dim: int, before: Dim, after: Dim, value: int) -> Any:
    """X with a border of one number along an axis."""
    whole: list[tuple[Dim, Dim]] = [(0, 0)] * len(x.shape)
    whole[dim] = before, after
    return xp.pad(x, tuple(whole), value)


def along(shape: Iterable[Any], dim: int, *sizes: Any) -> tuple[Any, ...]:
    """A shape with other sizes in place of that of one axis."""
    given = tuple(shape)
    return (*given[:dim], *sizes, *given[dim + 1 :])


def lined_up(x: Any, lines: Sequence[Line]) -> list[tuple[int, Line]]:
    """The windows along each of the last axes of x, with the number of the axis."""
    return list(enumerate(lines, len(x.shape) - len(lines)))


def all_parts(xp: Any, x: Any, lines: Sequence[Line]) -> list[Any]:
    """The entries of every window of surrounded x: one array for each place in it, row by row."""
    found = [x]
    for dim, line in lined_up(x, lines):
        found = [part for whole in found for part in line.parts(xp, whole, dim)]
    return found
