"""Entries: tensors as formulas of one entry, and how indices are added and multiplied."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from chainrule.namespaces.source import ATOM, PRODUCT, SUM, Text

At = tuple[Text, ...]
ZERO = Text("0")


@dataclass(frozen=True)
class Entries:
    """A tensor of some ``shape``: ``at(indices)`` is its entry there, written.

    Where the entry is a sum (or a maximum, or what else is said by ``over``) along further axes, of
    ``sizes``, ``at`` takes indices of these as well, after its own, and gives what is summed.

    With ``into`` it is the other way round: for all indices of ``sizes`` alone, ``at`` of them is
    added to the entry at the indices that ``into`` makes of them.
    """

    shape: tuple[Any, ...]
    at: Callable[[At], Text]
    over: str = ""
    sizes: tuple[Any, ...] = ()
    into: Callable[[At], At] | None = None

    @property
    def adds(self) -> bool:
        """Whether the entry is what is added up, be it one number."""
        return self.over in ("", "sum")


def entry(name: str, at: Sequence[Text]) -> Text:
    """``name[i, j]``, and the name alone for what has no axes."""
    return Text(f"{name}[{', '.join(map(str, at))}]" if at else name)


def infix(sign: str, level: int, a: Text, b: Text) -> Text:
    """Two expressions with an operator between them."""
    left = a.within(level if level in (SUM, PRODUCT) else level + 1)
    return Text(f"{left} {sign} {b.within(level + 1)}", level)


def plus(a: Text, b: Text | int) -> Text:
    """The sum of two indices."""
    if isinstance(b, int):
        if b < 0:
            return infix("-", SUM, a, Text(str(-b)))
        b = Text(str(b))
    return b if a == ZERO else a if b == ZERO else infix("+", SUM, a, b)


def times(a: Text, n: Any) -> Text:
    """An index times a size."""
    if a == ZERO or n == 1:
        return a
    size = str(n)
    return infix("*", PRODUCT, Text(size, ATOM if size.isidentifier() or size.isdigit() else 0), a)


def broadcast(x: Entries, place: At) -> Text:
    """The entry of x that meets a place of a larger tensor."""
    own = place[len(place) - len(x.shape) :]
    return x.at(tuple(ZERO if n == 1 else i for n, i in zip(x.shape, own, strict=True)))
