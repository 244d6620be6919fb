"""What expressions of a paper give, as values: plain data, and a line as a person writes it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from chainrule.analysis import Solutions
from chainrule.core.convention import number as count_text
from chainrule.core.errors import ArgumentError
from chainrule.core.size import Size
from chainrule.core.tensor import Tensor
from chainrule.namespaces.constants import Constant
from chainrule.namespaces.exact_numbers import number as exact_number
from chainrule.papers.paper import Asked
from chainrule.papers.solution import Value
from chainrule.papers.solving.numbers import number_text
from chainrule.papers.solving.printed import scale_of
from chainrule.readings.explain import Row

FIGURES = 3
"""Significant digits of millions and the like."""
LONGEST = 20_000
"""Characters of a text; more is cut."""


def value_of(found: Any, asked: Asked) -> Value:
    """The value of an expression, written as the kind of the part wants it.

    >>> value_of(Fraction(1, 3), Asked("numeric", 1, decimals=2)).text
    '0.33'
    >>> value_of((Size.symbol("B"), 64), Asked("shape", 1)).text
    '(B, 64)'
    """
    plain = plain_of(found)
    return Value(data_of(plain), _shortened(text_of(plain, asked)), latex_of(found, plain, asked))


def latex_of(found: Any, plain: Any, asked: Asked) -> str:
    """The value as a formula; empty where there is none."""
    return ""


def plain_of(found: Any) -> Any:
    """Numbers, exact numbers, letters and text, in lists and dicts; raises for what has no value.

    >>> import chainrule as cr
    >>> plain_of(cr.tensor([1, 0.5], dtype=cr.exact))
    [1, Fraction(1, 2)]
    """
    if found is None or isinstance(found, bool | str | Size):
        return found
    if isinstance(found, Mapping):
        return {str(key): plain_of(part) for key, part in found.items()}
    if isinstance(found, Solutions):
        return [plain_of(dict(one)) for one in found] or "none: " + "; ".join(found.because)
    if isinstance(found, set | frozenset):
        return sorted(map(plain_of, found), key=str)
    if isinstance(found, list | tuple | range):
        return [plain_of(part) for part in found]
    if isinstance(found, Tensor):
        if found.node.value is None:
            raise ArgumentError("a tensor without a value is no answer", got=repr(found)[:60],
                                hint="ask for its shape, or give the sizes numbers")  # fmt: skip
        return plain_of(found.detach().tolist())
    if isinstance(found, np.ndarray | np.generic):
        return plain_of(found.tolist())
    if isinstance(found, Row):
        return plain_of(found.value)
    return _number(found)


def _number(found: Any) -> Any:
    """A number: whole ones as ints, fractions as fractions; anything else as text."""
    if isinstance(found, Constant):
        return exact_number(found)
    if isinstance(found, int | float):
        return found
    if isinstance(found, Fraction):
        return int(found) if found.denominator == 1 else found
    if not hasattr(found, "free_symbols"):
        return str(found)
    if hasattr(found, "tolist"):  # a matrix of SymPy's
        return plain_of(found.tolist())
    if found.is_Rational:
        return _number(Fraction(int(found.p), int(found.q)))
    return found


def data_of(plain: Any) -> Any:
    """The same in what JSON knows: exact numbers that are not whole, and letters, as text."""
    if isinstance(plain, Mapping):
        return {key: data_of(part) for key, part in plain.items()}
    if isinstance(plain, list):
        return [data_of(part) for part in plain]
    if isinstance(plain, float):
        return plain if math.isfinite(plain) else str(plain)
    if isinstance(plain, str):
        return _shortened(plain)
    return plain if plain is None or isinstance(plain, bool | int) else str(plain)


def text_of(plain: Any, asked: Asked) -> str:
    """One line, with the decimals and the unit that were asked for."""
    text = _entries(plain, asked)
    if not asked.unit or isinstance(plain, str | Mapping):
        return text
    return text if scale_of(asked.unit) != 1 else f"{text} {asked.unit}"


def _entries(plain: Any, asked: Asked, top: bool = True) -> str:
    if isinstance(plain, Mapping):
        inside = ", ".join(f"{key} = {_entries(part, asked, False)}" for key, part in plain.items())
        return inside if top else f"{{{inside}}}"
    if isinstance(plain, list):
        if top and plain and all(isinstance(part, Mapping) for part in plain):
            return "; ".join(_entries(part, asked) for part in plain)
        inside = ", ".join(_entries(part, asked, False) for part in plain)
        if asked.kind == "shape":
            return f"({inside},)" if len(plain) == 1 else f"({inside})"
        return f"[{inside}]"
    if isinstance(plain, Size):
        return count_text(plain) if asked.kind == "count" else str(plain)
    if plain is None:
        return "none"
    if isinstance(plain, str):
        return plain
    grouped = asked.kind == "count"
    scale = scale_of(asked.unit)
    if scale == 1:
        return number_text(plain, asked.decimals, asked.figures, grouped)
    whole = number_text(plain, grouped=grouped)
    few = asked.figures if asked.decimals is not None else asked.figures or FIGURES
    return f"{whole} = {number_text(plain / Fraction(scale), asked.decimals, few)} {asked.unit}"


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text):,} characters)"
