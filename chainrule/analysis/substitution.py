"""Formulas of sizes with numbers put in, and where their quotients are rounded down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from chainrule.core.polynomial import PLAIN, Extreme, Floor, Polynomial, on_paper, show
from chainrule.core.size import AnySize, Size

Values = Mapping[str, AnySize]


def substituted(polynomial: Polynomial, values: Values) -> str:
    """The formula with numbers for letters.

    >>> h, k = Size.symbol("h"), Size.symbol("k")
    >>> substituted(((h - k) // 2 + 1).polynomial, {"h": 32, "k": 3})
    'floor((32 - 3)/2) + 1'
    """
    return show(polynomial, PLAIN._replace(name=lambda name: str(values.get(name, name))))


def rounded(polynomial: Polynomial, values: Values) -> Iterator[str]:
    """The quotients of a formula that are no whole numbers.

    >>> h, k = Size.symbol("h"), Size.symbol("k")
    >>> list(rounded(((h - k) // 2 + 1).polynomial, {"h": 32, "k": 3}))
    ['29/2 is rounded down to 14']
    """
    for atom in on_paper(polynomial).atoms():
        if isinstance(atom, Extreme):
            for arg in atom.args:
                yield from rounded(arg, values)
        if isinstance(atom, Floor):
            yield from rounded(atom.num, values)
            num, den = (Size(part).substitute(values) for part in (atom.num, atom.den))
            if isinstance(num, int) and isinstance(den, int) and num % den:
                yield f"{num}/{den} is rounded down to {num // den}"
