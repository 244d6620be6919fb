"""Entries: the namespace whose arrays are formulas of one entry at given indices.

>>> x, w = (
...     Entries(shape, lambda at, name=name: entry(name, at))
...     for name, shape in (("x", ("B", "K")), ("w", ("K", "C")))
... )
>>> y = indexed.matmul(x, w)
>>> y.over, y.sizes, str(y.at(tuple(map(Text, "bck"))))
('sum', ('K',), 'x[b, k] * w[k, c]')
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chainrule.namespaces.recorder import Recorder
from chainrule.namespaces.source import (
    ATOM,
    OPERATORS,
    PRODUCT,
    SIGN,
    SUM,
    Text,
    Unwritten,
    joint,
    number,
)

At = tuple[Text, ...]
ZERO = Text("0")


@dataclass(frozen=True)
class Entries:
    """A tensor of some ``shape``: ``at(indices)`` is its entry there, written.

    Where the entry is a sum (or a maximum, or what else is said by ``over``) along further axes, of
    ``sizes``, ``at`` takes indices of these as well, after its own, and gives what is summed.
    """

    shape: tuple[Any, ...]
    at: Callable[[At], Text]
    over: str = ""
    sizes: tuple[Any, ...] = ()


def entry(name: str, at: Sequence[Text]) -> Text:
    """``name[i, j]``, and the name alone for what has no axes."""
    return Text(f"{name}[{', '.join(map(str, at))}]" if at else name)


def _infix(sign: str, level: int, a: Text, b: Text) -> Text:
    left = a.within(level if level in (SUM, PRODUCT) else level + 1)
    return Text(f"{left} {sign} {b.within(level + 1)}", level)


def plus(a: Text, b: Text | int) -> Text:
    """The sum of two indices."""
    if isinstance(b, int):
        if b < 0:
            return _infix("-", SUM, a, Text(str(-b)))
        b = Text(str(b))
    return b if a == ZERO else a if b == ZERO else _infix("+", SUM, a, b)


def times(a: Text, n: Any) -> Text:
    """An index times a size."""
    if a == ZERO or n == 1:
        return a
    size = str(n)
    return _infix("*", PRODUCT, Text(size, ATOM if size.isidentifier() or size.isdigit() else 0), a)


# -- element by element ----------------------------------------------------------------------------


def _elementwise(name: str, operands: Sequence[Entries]) -> Entries:
    shape = joint([x.shape for x in operands])

    def at(place: At) -> Text:
        parts = [_broadcast(x, place) for x in operands]
        if name in OPERATORS:
            sign, level = OPERATORS[name]
            return _infix(sign, level, *parts)
        if name in FORMS:
            return Text(FORMS[name].format(*map(str, parts)))
        return Text(f"{WORDS.get(name, name)}({', '.join(map(str, parts))})")

    return Entries(shape, at)


WORDS = {"larger": "max", "maximum": "max", "minimum": "min", "absolute": "abs"}
FORMS = {"relu": "max({0}, 0)", "where": "({1} if {0} else {2})", "logical_not": "(not {0})"}
"""Element-wise functions with other words than their names."""


def _broadcast(x: Entries, place: At) -> Text:
    own = place[len(place) - len(x.shape) :]
    return x.at(tuple(ZERO if n == 1 else i for n, i in zip(x.shape, own, strict=True)))


def _negative(x: Entries) -> Entries:
    return Entries(x.shape, lambda at: Text(f"-{x.at(at).within(SIGN)}", SIGN))


# -- reductions and contractions -------------------------------------------------------------------


def _reducing(word: str) -> Callable[..., Entries]:
    def along(x: Entries, dims: Sequence[int], keepdim: bool) -> Entries:
        if not dims:
            return x
        rank = len(x.shape)
        free = [d for d in range(rank) if d not in dims]
        sizes = tuple(x.shape[d] for d in dims)
        shape = tuple(1 if d in dims else n for d, n in enumerate(x.shape) if keepdim or d in free)

        def at(place: At) -> Text:
            own, summed = place[: len(shape)], list(place[len(shape) :])
            left = [own[d] for d in free] if keepdim else list(own)
            return x.at(tuple(left.pop(0) if d in free else summed.pop(0) for d in range(rank)))

        return Entries(shape, at, word, sizes)

    return along


def _matmul(a: Entries, b: Entries) -> Entries:
    batch = joint([a.shape[:-2], b.shape[:-2]])
    shape = (*batch, a.shape[-2], b.shape[-1])

    def at(place: At) -> Text:
        *front, m, n, k = place
        return _infix("*", PRODUCT, _broadcast(a, (*front, m, k)), _broadcast(b, (*front, k, n)))

    return Entries(shape, at, "sum", (a.shape[-1],))


def _einsum(operands: Sequence[Entries], equation: str) -> Entries:
    left, _, result = equation.partition("->")
    terms = left.split(",")
    sizes: dict[str, Any] = {}
    for term, x in zip(terms, operands, strict=True):
        for letter, n in zip(term, x.shape, strict=True):
            sizes[letter] = n if sizes.get(letter, 1) == 1 else sizes[letter]
    summed = [letter for letter in sizes if letter not in result]

    def at(place: At) -> Text:
        where = dict(zip([*result, *summed], place, strict=True))
        parts = [_broadcast(x, tuple(where[s] for s in term))
                 for term, x in zip(terms, operands, strict=True)]  # fmt: skip
        made = parts[0]
        for part in parts[1:]:
            made = _infix("*", PRODUCT, made, part)
        return made

    shape = tuple(sizes[letter] for letter in result)
    return Entries(shape, at, "sum" if summed else "", tuple(sizes[s] for s in summed))


# -- moves -----------------------------------------------------------------------------------------


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
        return tuple(_infix("-", SUM, ends[d], i) if d in dims else i for d, i in enumerate(at))

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


def _reshape(x: Entries, shape: Sequence[Any]) -> Entries:
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


# -- look-ups, numbers, marks ----------------------------------------------------------------------


def _gather(x: Entries, index: Entries, dim: int) -> Entries:
    return Entries(index.shape, lambda at: x.at((*at[:dim], index.at(at), *at[dim + 1 :])))


def _take(x: Entries, index: Entries, dim: int) -> Entries:
    n = len(index.shape)

    def at(place: At) -> Text:
        return x.at((*place[:dim], index.at(place[dim : dim + n]), *place[dim + n :]))

    return Entries((*x.shape[:dim], *index.shape, *x.shape[dim + 1 :]), at)


def _constant(shape: Sequence[Any], value: Any, dtype: str) -> Entries:
    return Entries(tuple(shape), lambda at: number(value))


def _unknown(operands: Sequence[Entries], function: str, orders: Sequence[int]) -> Entries:
    name = function + "'" * sum(orders)
    shape = joint([x.shape for x in operands])
    return Entries(
        shape, lambda at: Text(f"{name}({', '.join(str(_broadcast(x, at)) for x in operands)})")
    )


WRITTEN: dict[str, Callable[..., Entries]] = {
    "negative": _negative,
    "sum": _reducing("sum"), "prod": _reducing("product"),
    "amax": _reducing("max"), "amin": _reducing("min"),
    "argmax": lambda x, dim, keepdim: _reducing("argmax")(x, (dim,), keepdim),
    "argmin": lambda x, dim, keepdim: _reducing("argmin")(x, (dim,), keepdim),
    "shift": lambda x, dim: _reducing("max")(x, (dim,), True),
    "matmul": _matmul, "einsum": _einsum,
    "reshape": _reshape, "permute": _permute, "expand": _expand, "slice": _slice, "flip": _flip,
    "pad": _pad, "windows": _windows, "gather": _gather, "take": _take,
    "full": _constant,
    "arange": lambda stop, dtype: Entries((stop,), lambda at: at[0]),
    "unknown": _unknown,
    "cast": lambda x, dtype: x, "detach": lambda x: x, "step": lambda x, label: x,
    "with_value": lambda old, new: new,
    "clip_below": lambda x, low: Entries(
        x.shape, lambda at: Text(f"max({x.at(at)}, {number(low)})")
    ),
}  # fmt: skip
"""What each function but the element-wise ones is, entry by entry."""

WHOLE = {
    "argsort", "cumsum", "place", "fold", "cat", "solve", "det", "slogdet", "scatter",
    "scatter_add", "index_add", "uniform",
}  # fmt: skip
"""Functions of whole tensors, which say nothing entry by entry that is shorter."""


def _written(name: str, arrays: tuple[Any, ...], attributes: dict[str, Any]) -> Entries:
    if name in WHOLE:
        raise Unwritten(name)
    operands = [x if isinstance(x, Entries) else _constant((), x, "") for x in arrays]
    if name not in WRITTEN:
        return _elementwise(name, operands)
    several = name in ("einsum", "unknown")
    return WRITTEN[name](*((operands,) if several else operands), *attributes.values())


def _no_scan(*given: Any) -> Any:
    raise Unwritten("scan")


indexed = Recorder(_written, _no_scan)
"""The namespace whose arrays are `Entries`."""

__all__ = ["Entries", "entry", "indexed"]
