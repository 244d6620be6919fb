"""How values are written: the shortest decimals that are true, fractions and radicals as they are,
large tensors abridged."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from chainrule.readings.explain.ordered import formula_text

SHOWN = 16
"""A tensor with more entries is abridged in a line."""
BLOCK_ROWS, BLOCK_COLUMNS = 12, 10
"""A larger matrix is abridged in a block."""
_NUMBER = re.compile(r"(-?\d+)((?:\.\d+)?(?:e[+-]\d+|·10[⁻⁰-⁹¹²³]+)?)")
LARGE = 1e6
ALL = 15
"""With so many decimals, a float is written with all the digits that it has."""
NOISE = 4
"""A float so many units in the last place away from a short decimal is that decimal."""


def figure(x: Any, decimals: int) -> str:
    """One entry.  Rounded numbers show all their decimals, so that 1 is 1 and 0.99999 is 1.0000.

    >>> [figure(x, 4) for x in (1.0, 0.99999, -0.5, 0.0000018, 1 / 3)]
    ['1', '1.0000', '-0.5', '1.8e-06', '0.3333']
    """
    if isinstance(x, bool | np.bool_ | int | np.integer):
        return str(x)
    if isinstance(x, complex | np.complexfloating):
        sign = "-" if math.copysign(1, x.imag) < 0 else "+"
        return f"{figure(x.real, decimals)} {sign} {figure(abs(x.imag), decimals)}i"
    if not isinstance(x, float | np.floating):
        return formula_text(x) if hasattr(x, "free_symbols") else str(x)
    size = abs(float(x))
    if not math.isfinite(x):
        return {"nan": "NaN", "inf": "∞", "-inf": "-∞"}[str(float(x))]
    if x == 0:
        return "0"
    if decimals >= ALL and 10.0**-ALL <= size < 10.0**ALL:
        return np.format_float_positional(x, trim="-")
    if size >= LARGE:
        return f"{x:.{decimals}e}"
    if round(size, decimals) == 0:
        return f"{x:.1e}".replace(".0e", "e")
    text = f"{x:.{decimals}f}"
    noise = NOISE * float(np.finfo(x.dtype if isinstance(x, np.floating) else float).eps) * size
    exact = abs(float(text) - float(x)) <= noise
    return text.rstrip("0").rstrip(".") if exact and "." in text else text


def plain_fraction(value: Fraction, digits: int = 17) -> str:
    """A fraction as it would be typed: in decimal digits where so many are all of it.

    >>> (
    ...     plain_fraction(Fraction(-1, 20)),
    ...     plain_fraction(Fraction(1, 3)),
    ...     plain_fraction(Fraction(5)),
    ... )
    ('-0.05', '1/3', '5')
    """
    for places in range(digits + 1):
        scaled = value * 10**places
        if scaled.denominator == 1:
            sign, plain = "-" * (scaled < 0), str(abs(scaled.numerator)).zfill(places + 1)
            whole, part = plain[: len(plain) - places], plain[len(plain) - places :]
            return f"{sign}{whole}.{part}" if part else f"{sign}{whole}"
    return str(value)


def line(value: Any, decimals: int, write: Callable[[str], str] = str) -> str:
    """A value on one line: brackets as in Python, a large one with its shape.  ``write`` may change
    how each entry is written.

    >>> line(np.array([[1.0, -2.4], [0.5, 3.0]]), 4)
    '[[1, -2.4], [0.5, 3]]'
    >>> line(np.zeros((30, 40)), 4)
    '[[0, 0, …], … 30×40]'
    """
    array = np.asarray(value)
    if array.size <= SHOWN:
        return _nested(array, decimals, write)
    first, second = (write(figure(x, decimals)) for x in array.ravel()[:2])
    start = f"[{first}, {second}, "
    if array.ndim == 1:
        return f"{start}… {array.size}]"
    depth, sizes = array.ndim - 1, "×".join(map(str, array.shape))
    return f"{'[' * depth}{start}…{']' * depth}, … {sizes}]"


def _nested(array: np.ndarray, decimals: int, write: Callable[[str], str]) -> str:
    if array.ndim == 0:
        return write(figure(array[()], decimals))
    return f"[{', '.join(_nested(np.asarray(part), decimals, write) for part in array)}]"


def block(value: Any, decimals: int, write: Callable[[str], str] = str) -> list[str]:
    """A matrix on as many lines as it has rows, its decimal points one below the other; anything
    else, and what is large, on one line.

    >>> block(np.array([[1.0, -2.4], [10.25, 3.0]]), 4)
    ['[[ 1,    -2.4],', ' [10.25,  3  ]]']
    """
    array = np.asarray(value)
    if array.ndim != 2 or not array.size:
        return [line(array, decimals, write)]
    if array.shape[0] > BLOCK_ROWS or array.shape[1] > BLOCK_COLUMNS:
        return [line(array, decimals, write)]
    texts = [[write(figure(x, decimals)) for x in row] for row in array]
    columns = [_aligned(column) for column in zip(*texts, strict=True)]
    rows = [f"[{_commas(row)}]" for row in zip(*columns, strict=True)]
    first, last = ["[", *" " * (len(rows) - 1)], [*"," * (len(rows) - 1), "]"]
    return [a + row + b for a, row, b in zip(first, rows, last, strict=True)]


def _aligned(texts: tuple[str, ...]) -> list[str]:
    """Texts padded to one width, their points one below the other."""
    parts = [_NUMBER.fullmatch(text) for text in texts]
    split = [(p[1], p[2]) if p else (t, "") for t, p in zip(texts, parts, strict=True)]
    whole, rest = (max(map(len, side)) for side in zip(*split, strict=True))
    return [f"{before:>{whole}}{after:<{rest}}" for before, after in split]


def _commas(entries: tuple[str, ...]) -> str:
    """Entries with a comma right behind each figure, and the padding behind the comma."""
    *before, last = entries
    return "".join(f"{e.rstrip()},{e[len(e.rstrip()) :]} " for e in before) + last
