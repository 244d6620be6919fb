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

from collections.abc import Callable, Sequence
from typing import Any

from chainrule.namespaces.entries import At, Entries, broadcast, entry, infix
from chainrule.namespaces.indexed_moves import MOVES
from chainrule.namespaces.recorder import Recorder
from chainrule.namespaces.source import OPERATORS, PRODUCT, SIGN, Text, Unwritten, joint, number

# -- element by element ----------------------------------------------------------------------------


def _elementwise(name: str, operands: Sequence[Entries]) -> Entries:
    shape = joint([x.shape for x in operands])

    def at(place: At) -> Text:
        parts = [broadcast(x, place) for x in operands]
        if name in OPERATORS:
            sign, level = OPERATORS[name]
            return infix(sign, level, *parts)
        if name in FORMS:
            return Text(FORMS[name].format(*map(str, parts)))
        return Text(f"{WORDS.get(name, name)}({', '.join(map(str, parts))})")

    return Entries(shape, at)


WORDS = {"larger": "max", "maximum": "max", "minimum": "min", "absolute": "abs"}
FORMS = {"relu": "max({0}, 0)", "where": "({1} if {0} else {2})", "logical_not": "(not {0})"}
"""Element-wise functions with other words than their names."""


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
        return infix("*", PRODUCT, broadcast(a, (*front, m, k)), broadcast(b, (*front, k, n)))

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
        parts = [broadcast(x, tuple(where[s] for s in term))
                 for term, x in zip(terms, operands, strict=True)]  # fmt: skip
        made = parts[0]
        for part in parts[1:]:
            made = infix("*", PRODUCT, made, part)
        return made

    shape = tuple(sizes[letter] for letter in result)
    return Entries(shape, at, "sum" if summed else "", tuple(sizes[s] for s in summed))


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
        shape, lambda at: Text(f"{name}({', '.join(str(broadcast(x, at)) for x in operands)})")
    )


WRITTEN: dict[str, Callable[..., Entries]] = {
    "negative": _negative,
    "sum": _reducing("sum"), "prod": _reducing("product"),
    "amax": _reducing("max"), "amin": _reducing("min"),
    "argmax": lambda x, dim, keepdim: _reducing("argmax")(x, (dim,), keepdim),
    "argmin": lambda x, dim, keepdim: _reducing("argmin")(x, (dim,), keepdim),
    "shift": lambda x, dim: _reducing("max")(x, (dim,), True),
    "matmul": _matmul, "einsum": _einsum,
    **MOVES, "gather": _gather, "take": _take,
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
    "argsort", "cumsum", "solve", "det", "slogdet", "scatter",
    "scatter_add", "index_add", "uniform",
}  # fmt: skip
"""Functions of whole tensors, which say nothing entry by entry that is shorter."""


def _written(name: str, arrays: tuple[Any, ...], attributes: dict[str, Any]) -> Entries:
    if name in WHOLE:
        raise Unwritten(name)
    operands = [x if isinstance(x, Entries) else _constant((), x, "") for x in arrays]
    if name not in WRITTEN:
        return _elementwise(name, operands)
    several = name in ("cat", "einsum", "unknown")
    return WRITTEN[name](*((operands,) if several else operands), *attributes.values())


def _no_scan(*given: Any) -> Any:
    raise Unwritten("scan")


indexed = Recorder(_written, _no_scan)
"""The namespace whose arrays are `Entries`."""

__all__ = ["Entries", "entry", "indexed"]
