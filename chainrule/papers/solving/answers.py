"""What expressions of a paper give, as values: plain data, and a line as a person writes it."""

from __future__ import annotations

import inspect
import math
import textwrap
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from types import FunctionType
from typing import Any

import numpy as np

from chainrule.analysis import Solutions
from chainrule.core.convention import number as count_text
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError
from chainrule.core.node import Node
from chainrule.core.size import Size
from chainrule.core.tensor import Tensor
from chainrule.namespaces.constants import Constant
from chainrule.namespaces.exact_numbers import number as exact_number
from chainrule.papers.paper import Asked
from chainrule.papers.solution import Value
from chainrule.papers.solving.numbers import number_text
from chainrule.papers.solving.printed import scale_of
from chainrule.readings.draw import Drawing, draw
from chainrule.readings.explain import Row
from chainrule.readings.explain import latex_of as formula
from chainrule.readings.explain.naming import escaped

FIGURES = 3
"""Significant digits of millions and the like."""
NUMBERS = ("exact", "numeric", "shape", "count", "matrix", "symbolic")
"""Kinds whose answers are numbers, sizes and formulas."""
TIDIED = 200
"""Operations in a formula; a longer one is left as it is."""
LONGEST = 20_000
"""Characters of a text; more is cut."""
MOST, DEEPEST, CHARACTERS, BITS = 20_000, 20, 1_000_000, 13_000
"""Entries of an answer, how deep its lists lie, its characters, and the bits of its numbers."""


def value_of(found: Any, asked: Asked) -> Value:
    """The value of an expression, written as the kind of the part wants it.

    >>> value_of(Fraction(1, 3), Asked("numeric", 1, decimals=2)).text
    '0.33'
    >>> value_of((Size.symbol("B"), 64), Asked("shape", 1)).text
    '(B, 64)'
    """
    if asked.kind == "drawing" and isinstance(found, Tensor) and found.node.op is not None:
        found = draw(found)
    if asked.kind == "code" and isinstance(found, FunctionType):
        found = textwrap.dedent(inspect.getsource(found)).rstrip()
    plain = plain_of(bounded(found))
    if (
        asked.kind in NUMBERS
        and isinstance(plain, str)
        and not isinstance(found, str | DType | complex)
    ):
        _no_number(found, asked)
    picture = found.svg() if isinstance(found, Drawing) else ""
    text = _shortened(text_of(plain, asked))
    return Value(data_of(plain), text, latex_of(plain, asked), picture)


def _no_number(found: Any, asked: Asked) -> None:
    """Raise ArgumentError for an object that is text only because all objects are."""
    if isinstance(found, Solutions | Drawing):
        return
    public = [name for name in dir(found) if not name.startswith("_")]
    plain = int | float | Fraction | Size | tuple | list | Tensor
    has = [name for name in public if isinstance(getattr(found, name, None), plain)]
    raise ArgumentError(
        f"the answer is a {type(found).__name__}, which is no answer of the kind {asked.kind}",
        hint=f"one of its values: {', '.join(has[:8])}" if has else None,
    )


def bounded(found: Any) -> Any:
    """The same; raises ArgumentError where there is too much of it for an answer."""
    left, waiting = MOST, [(found, 0)]
    while waiting:
        one, depth = waiting.pop()
        left -= _size(one)
        if left < 0:
            raise ArgumentError(f"the answer has more than {MOST:,} entries",
                                hint="ask for some of them, or for the shape")  # fmt: skip
        if depth > DEEPEST:
            raise ArgumentError("the answer is nested too deeply", expected=f"at most {DEEPEST}")
        if _bits(one) > BITS:
            raise ArgumentError("the answer is a number of thousands of digits",
                                hint="ask for its logarithm, or for its digits")  # fmt: skip
        if isinstance(one, str) and len(one) > CHARACTERS:
            raise ArgumentError(f"the answer has more than {CHARACTERS:,} characters")
        if isinstance(one, Mapping):
            one = [*one.values()]
        if isinstance(one, list | tuple | set | frozenset):
            waiting += [(part, depth + 1) for part in one]
    return found


def _size(one: Any) -> int:
    """How many entries something has; that it is one counts, too."""
    if isinstance(one, Mapping | list | tuple | range | set | frozenset):
        return len(one) + 1
    if isinstance(one, np.ndarray):
        return one.size
    if isinstance(one, Tensor) and all(isinstance(size, int) for size in one.shape):
        return one.numel()
    return 0


def _bits(one: Any) -> int:
    """How long the whole numbers are of which a number is made."""
    if isinstance(one, int | Fraction):
        return max(one.numerator.bit_length(), one.denominator.bit_length())
    if getattr(one, "is_Rational", False) is True:
        return max(int(one.p).bit_length(), int(one.q).bit_length())
    return 0


def latex_of(plain: Any, asked: Asked) -> str:
    r"""The value as a formula; empty where the line of text says as much: words, plain numbers.

    >>> latex_of(Fraction(1, 3), Asked("exact", 1))
    '\\frac{1}{3}'
    >>> latex_of([[1, 0.5]], Asked("matrix", 1))
    '\\begin{bmatrix} 1 & 0.5 \\end{bmatrix}'
    """
    if isinstance(plain, bool | int | float | str | Mapping) or plain is None:
        return ""
    shown = _rounded(plain, asked)
    if isinstance(shown, Decimal) or not _is_formula(shown):
        return ""
    text = formula(tuple(shown) if asked.kind == "shape" and isinstance(shown, list) else shown)
    unit = asked.unit and scale_of(asked.unit) == 1
    return rf"{text}\ \text{{{escaped(asked.unit)}}}" if unit else text


def _rounded(plain: Any, asked: Asked) -> Any:
    """The value with its numbers rounded as they are in the line of text."""
    if isinstance(plain, list):
        return [_rounded(part, asked) for part in plain]
    if isinstance(plain, bool | int | str | Size | Mapping) or plain is None:
        return plain
    if asked.decimals is None and asked.figures is None and not isinstance(plain, float):
        return plain
    try:
        return Decimal(number_text(plain, asked.decimals, asked.figures))
    except ArithmeticError:
        return plain


def _is_formula(shown: Any) -> bool:
    """Whether all of it is numbers and letters, of one size at most."""
    if isinstance(shown, list):
        return all(map(_is_formula, shown))
    return not isinstance(shown, str | Mapping | bool) and shown is not None


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
    if isinstance(found, Tensor | Node):
        return plain_of(_entries_of(found))
    if isinstance(found, np.ndarray | np.generic):
        return plain_of(found.tolist())
    if isinstance(found, Row):
        return plain_of(found.value)
    return _number(found)


def _entries_of(found: Tensor | Node) -> Any:
    """The entries of a tensor, or of a value of a graph."""
    tensor = found if isinstance(found, Tensor) else Tensor(found)
    if tensor.node.value is None:
        raise ArgumentError(
            "a tensor without a value is no answer",
            got=f"shape {tensor.shape}",
            hint="ask for its shape, or give the sizes numbers",
        )
    return tensor.detach().tolist()


def _number(found: Any) -> Any:
    """A number: whole ones as ints, fractions as fractions; anything else as text."""
    if isinstance(found, Constant):
        return exact_number(found)
    if isinstance(found, int | float):
        return found
    if isinstance(found, Fraction):
        return int(found) if found.denominator == 1 else found
    if not hasattr(found, "free_symbols"):
        return found.name if isinstance(found, DType) else str(found)
    if hasattr(found, "tolist"):  # a matrix of SymPy's
        return plain_of(found.tolist())
    if found.is_Rational:
        return _number(Fraction(int(found.p), int(found.q)))
    return _tidied(found) if found.free_symbols else found


def _tidied(formula: Any) -> Any:
    """A formula with common factors in front, where that is shorter: 2*x*(a - b)."""
    import sympy

    if not isinstance(formula, sympy.Expr) or formula.count_ops() > TIDIED:
        return formula
    return min(sympy.factor_terms(formula), formula, key=lambda one: len(str(one)))


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
    shown = number_text(plain / Fraction(scale), asked.decimals, few)
    sign = "=" if Fraction(shown.replace(",", "")) * Fraction(scale) == plain else "≈"
    return f"{whole} {sign} {shown} {asked.unit}"


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text):,} characters)"
