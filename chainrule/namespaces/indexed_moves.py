"""Moves, entry by entry: which entry of its operand each entry of a moved tensor is."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from chainrule.namespaces.entries import ZERO, At, Entries, infix, plus, times
from chainrule.namespaces.source import ATOM, PRODUCT, SUM, Text, Unwritten, number, whole


def _moving(x: Entries, shape: Sequence[Any], back: Callable[[At], At]) -> Entries:
    """The entries of x, each at another place: ``back`` says of which."""
    rank = len(shape)
    return replace(x, shape=tuple(shape), at=lambda at: x.at((*back(tuple(at[:rank])), *at[rank:])))


def _permute(x: Entries, dims: Sequence[int]) -> Entries:
    def back(at: At) -> At:
        return tuple(at[list(dims).index(d)] for d in range(len(dims)))

    return _moving(x, [x.shape[d] for d in dims], back)


def _expand(x: Entries, shape: Sequence[Any]) -> Entries:
    new = len(shape) - len(x.shape)

    def back(at: At) -> At:
        return tuple(ZERO if n == 1 else i for n, i in zip(x.shape, at[new:], strict=True))

    return _moving(x, shape, back)


def _slice(x: Entries, index: Sequence[slice]) -> Entries:
    shape = [(part.stop - part.start + part.step - 1) // part.step for part in index]

    def back(at: At) -> At:
        pairs = zip(at, index, strict=True)
        return tuple(plus(times(i, part.step), part.start) for i, part in pairs)

    return _moving(x, shape, back)


def _flip(x: Entries, dims: Sequence[int]) -> Entries:
    def back(at: At) -> At:
        ends = [Text(str(n - 1), SUM if not isinstance(n, int) else ATOM) for n in x.shape]
        return tuple(infix("-", SUM, ends[d], i) if d in dims else i for d, i in enumerate(at))

    return _moving(x, x.shape, back)


def _windows(
    x: Entries, size: Sequence[int], stride: Sequence[int], dilation: Sequence[int]
) -> Entries:
    n = len(size)
    free = len(x.shape) - n
    count = [
        (wide - d * (k - 1) - 1) // s + 1
        for wide, k, s, d in zip(x.shape[free:], size, stride, dilation, strict=True)
    ]

    def back(at: At) -> At:
        out, inner = at[free : free + n], at[free + n :]
        moved = (plus(times(o, s), times(k, d))
                 for o, k, s, d in zip(out, inner, stride, dilation, strict=True))  # fmt: skip
        return (*at[:free], *moved)

    return _moving(x, [*x.shape[:free], *count, *size], back)


def _pad(x: Entries, widths: Sequence[tuple[int, int]], value: Any) -> Entries:
    shape = [n + a + b for n, (a, b) in zip(x.shape, widths, strict=True)]

    def at(place: At) -> Text:
        rank = len(shape)
        inner = tuple(plus(i, -a) for i, (a, _) in zip(place, widths, strict=False))
        found = x.at((*inner, *place[rank:]))
        rows = zip(inner, x.shape, widths, strict=True)
        tests = [f"0 <= {i} < {n}" for i, n, (a, b) in rows if a or b]
        return Text(f"({found} if {' and '.join(tests)} else {number(value)})") if tests else found

    return replace(x, shape=tuple(shape), at=at)


def _place(x: Entries, index: Sequence[slice], shape: Sequence[Any]) -> Entries:
    if whole(index, shape):
        return x

    def into(at: At) -> At:
        pairs = zip(at, index, strict=True)
        return tuple(plus(times(i, part.step), part.start) for i, part in pairs)

    return Entries(tuple(shape), x.at, "sum", x.shape, into)


def _fold(
    x: Entries,
    shape: Sequence[Any],
    size: Sequence[int],
    stride: Sequence[int],
    dilation: Sequence[int],
) -> Entries:
    n = len(size)
    free = len(shape) - n

    def into(at: At) -> At:
        rows = zip(at[free : free + n], at[free + n :], stride, dilation, strict=True)
        return (*at[:free], *(plus(times(o, s), times(k, d)) for o, k, s, d in rows))

    return Entries(tuple(shape), x.at, "sum", x.shape, into)


def _cat(operands: Sequence[Entries], dim: int) -> Entries:
    shape = list(operands[0].shape)
    starts = [0]
    for x in operands:
        starts.append(starts[-1] + x.shape[dim])
    shape[dim] = starts[-1]

    def at(place: At) -> Text:
        text = ""
        for x, start, end in zip(operands, starts, starts[1:], strict=False):
            moved = (*place[:dim], plus(place[dim], -start), *place[dim + 1 :])
            own = tuple(ZERO if n == 1 else i for n, i in zip(x.shape, moved, strict=True))
            last = end == starts[-1]
            text += str(x.at(own)) + ("" if last else f" if {place[dim]} < {end} else ")
        return Text(f"({text})") if len(operands) > 1 else Text(text, SUM)

    return Entries(tuple(shape), at)


def _reshape(x: Entries, shape: Sequence[Any]) -> Entries:
    if 0 in (*x.shape, *shape):  # there is no entry to be read
        return _moving(x, shape, lambda at: (ZERO,) * len(x.shape))
    pairs = list(_groups(list(x.shape), list(shape)))

    def back(at: At) -> At:
        found: list[Text] = []
        rest = list(at)
        for before, after in pairs:
            own, rest = rest[: len(after)], rest[len(after) :]
            found += _regrouped(own, after, before)
        return tuple(found)

    return _moving(x, shape, back)


def _groups(before: list[Any], after: list[Any]) -> Any:
    """Runs of axes with as many entries on both sides, the shortest ones."""
    while before or after:
        if before and before[0] == 1:
            yield [before.pop(0)], []
        elif after and after[0] == 1:
            yield [], [after.pop(0)]
        else:
            a, b = [before.pop(0)], [after.pop(0)]
            while (more := _product(a)) != (wide := _product(b)):
                if not isinstance(more, int) or not isinstance(wide, int):
                    rest = after if _divides(more, wide) else before
                else:
                    rest = before if more < wide else after
                if not rest:
                    raise Unwritten("reshape")
                (a if rest is before else b).append(rest.pop(0))
            yield a, b


def _product(sizes: Sequence[Any]) -> Any:
    return math.prod(sizes)


def _divides(more: Any, wide: Any) -> bool:
    """Whether ``more`` has letters that ``wide`` has not."""
    mine, others = (x.symbols() if hasattr(x, "symbols") else frozenset() for x in (more, wide))
    return bool(mine - others)


def _regrouped(at: Sequence[Text], after: Sequence[Any], before: Sequence[Any]) -> list[Text]:
    """The indices of the axes ``before``, from those of the axes ``after``."""
    if not before:
        return []
    if not after:
        return [ZERO for _ in before]
    flat = at[0]
    for i, n in zip(at[1:], after[1:], strict=True):
        flat = plus(times(flat, n), i)
    found: list[Text] = []
    for n in reversed(before[1:]):
        size = str(n) if isinstance(n, int) or str(n).isidentifier() else f"({n})"
        found.append(Text(f"{flat.within(PRODUCT)} % {size}", PRODUCT))
        flat = Text(f"{flat.within(PRODUCT)} // {size}", PRODUCT)
    return [flat, *reversed(found)]


MOVES: dict[str, Callable[..., Entries]] = {
    "reshape": _reshape, "permute": _permute, "expand": _expand, "slice": _slice, "flip": _flip,
    "place": _place, "fold": _fold, "cat": _cat, "pad": _pad, "windows": _windows,
}  # fmt: skip
"""The moves of the contract."""
