"""Values in LaTeX: fractions and radicals as they are, matrices with their rows, sizes with
floors, large tensors abridged."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import numpy as np

from chainrule.core.size import Size
from chainrule.core.tensor import Tensor
from chainrule.readings.explain.figures import BLOCK_COLUMNS, BLOCK_ROWS, SHOWN, figure
from chainrule.readings.explain.naming import escaped, latex_name
from chainrule.readings.explain.ordered import formula_latex

ATOM, POWER, QUOTIENT, PRODUCT, SUM = 100, 4, 3, 2, 1
"""How tightly what is written holds together, as the precedence of ops says it."""

_EXPONENT = re.compile(r"[eE]([+-]\d+)")
_WORDS = {"NaN": r"\mathrm{NaN}", "∞": r"\infty", "-∞": r"-\infty"}


def latex_of(value: Any, decimals: int = 4) -> str:
    r"""A value in LaTeX: a number, a tensor or array, a formula, a size, a shape, a word.

    Floats have at most so many decimals; exact numbers are as they are.  Of a large tensor the
    first entries are shown, and its shape.

    >>> print(latex_of(Fraction(-2, 3)), latex_of(0.12345), latex_of(True))
    -\frac{2}{3} 0.1235 \text{True}
    >>> print(latex_of(np.array([[1, 2], [3, 4]])))
    \begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}
    >>> print(latex_of((Size.symbol("B"), 3)))
    (B, 3)
    """
    return written_value(value, decimals)[0]


def written_value(value: Any, decimals: int, most: int | None = None) -> tuple[str, int]:
    """A value and its precedence; ``most`` is how many entries a tensor has that is not abridged,
    by default those of a page."""
    if isinstance(value, Tensor):
        value = value.shape if value.node.value is None else value.node.value
    if isinstance(value, tuple):
        return _listed(value, decimals, "()")
    if isinstance(value, list) and _is_flat(value):
        return _listed(value, decimals, "[]")
    if isinstance(value, list | np.ndarray) and np.ndim(value):
        return _tensor(np.asarray(value), decimals, most), ATOM
    return _entry(value[()] if isinstance(value, np.ndarray) else value, decimals)


def _is_flat(value: list[Any]) -> bool:
    """Whether a list is no tensor: it has no shape, or entries that are no numbers."""
    parts = {np.shape(part) if isinstance(part, list) else () for part in value}
    numbers = all(not isinstance(part, str | tuple | Tensor | dict) for part in value)
    return not value or len(parts) > 1 or not numbers


def _listed(parts: Any, decimals: int, brackets: str) -> tuple[str, int]:
    inside = _apart(written_value(part, decimals)[0] for part in parts)
    comma = "," if len(parts) == 1 and brackets == "()" else ""
    if brackets == "()" and "\\" not in inside:
        return f"({inside}{comma})", ATOM
    return rf"\left{brackets[0]}{inside}{comma}\right{brackets[1]}", ATOM


# -- one number ------------------------------------------------------------------------------------


def _entry(x: Any, decimals: int) -> tuple[str, int]:
    """One number, or what stands for it, and its precedence."""
    if isinstance(x, str | bool | np.bool_) or x is None:
        return rf"\text{{{escaped(str(x))}}}", ATOM
    if isinstance(x, Fraction):
        return _fraction(x)
    if isinstance(x, Size):
        text = x.latex()
        return text, SUM if re.search(" [+-] ", text) else PRODUCT if r"\," in text else ATOM
    if hasattr(x, "free_symbols"):
        return _formula(x)
    return number_text(figure(x, decimals))


def number_text(text: str) -> tuple[str, int]:
    r"""A number that `figure` has written, and its precedence.

    >>> print(number_text("1.8e-06"))
    ('1.8 \\times 10^{-6}', 2)
    """
    if text in _WORDS:
        return _WORDS[text], ATOM if text[0] != "-" else QUOTIENT
    if not re.match(r"-?\d", text):
        return rf"\text{{{escaped(text)}}}", ATOM
    made = _EXPONENT.sub(lambda found: rf" \times 10^{{{int(found[1])}}}", text)
    if " + " in text or " - " in text:  # a complex number
        return made, SUM
    return made, PRODUCT if made != text else QUOTIENT if text.startswith("-") else ATOM


def _fraction(x: Fraction) -> tuple[str, int]:
    if x.denominator == 1:
        return str(x.numerator), ATOM if x >= 0 else QUOTIENT
    sign = "-" if x < 0 else ""
    return rf"{sign}\frac{{{abs(x.numerator)}}}{{{x.denominator}}}", QUOTIENT


def _formula(x: Any) -> tuple[str, int]:
    """A formula of SymPy's."""
    names = {symbol: latex_name(symbol.name) for symbol in x.free_symbols}
    text = formula_latex(x, names)
    if x.is_Add or x.is_Relational:
        return text, SUM
    if text.startswith("-"):
        return text, QUOTIENT if not x.is_Mul or len(x.args) < 3 else PRODUCT
    if x.is_Mul:
        return text, QUOTIENT if _is_quotient(text) else PRODUCT
    if x.is_Pow and not text.startswith(r"\sqrt"):
        return text, QUOTIENT if _is_quotient(text) else POWER
    return text, POWER if "^{" in text.split("(")[0] else ATOM


def _is_quotient(text: str) -> bool:
    r"""Whether all of it is one ``\frac``."""
    return text.startswith(r"\frac{") and len(_groups(text[len(r"\frac") :])) == 2


def _groups(text: str) -> list[str]:
    """The groups in braces that a text consists of; none where there is something else."""
    found, depth, start = [], 0, 0
    for i, letter in enumerate(text):
        if depth == 0 and letter != "{":
            return []
        depth += (letter == "{") - (letter == "}")
        if depth == 0:
            found.append(text[start : i + 1])
            start = i + 1
    return found


# -- tensors ---------------------------------------------------------------------------------------


def _tensor(array: np.ndarray, decimals: int, most: int | None) -> str:
    """The entries in brackets; those of the last two axes as a matrix, which says as much without
    the axes of size 1 before it."""
    while array.ndim > 2 and array.shape[0] == 1:
        array = array[0]
    rows, columns = (1, *array.shape)[-2:]
    page = rows <= BLOCK_ROWS and columns <= BLOCK_COLUMNS and array.size <= 2 * BLOCK_ROWS * SHOWN
    if array.size > (most or SHOWN) and (most is not None or not page):
        return _abridged(array, decimals)
    return _nested(array, decimals)


def _nested(array: np.ndarray, decimals: int) -> str:
    if array.ndim == 2 and array.size:
        return _matrix([[_entry(x, decimals)[0] for x in row] for row in array])
    if array.ndim == 1:
        inside = _apart(_entry(x, decimals)[0] for x in array)
    else:
        inside = _apart(_nested(part, decimals) for part in array)
    return rf"\left[{inside}\right]"


def _apart(parts: Iterable[str]) -> str:
    """Parts with commas between them, and more room where they are high."""
    made = list(parts)
    return (r",\; " if any(r"\frac" in part for part in made) else ", ").join(made)


def _matrix(rows: list[list[str]]) -> str:
    body = r" \\ ".join(" & ".join(row) for row in rows)
    return rf"\begin{{bmatrix}} {body} \end{{bmatrix}}"


def _abridged(array: np.ndarray, decimals: int) -> str:
    """The first entries, dots, and the shape below."""
    shape = r" \times ".join(map(str, array.shape))
    corner = array[(0,) * (array.ndim - 2)] if array.ndim > 2 else array
    if corner.ndim == 1:
        first = ", ".join(_entry(x, decimals)[0] for x in corner[:2])
        return rf"\left[{first}, \ldots\right]_{{{shape}}}"
    rows = [[_entry(x, decimals)[0] for x in row[:2]] for row in corner[:2]]
    if corner.shape[1] > 2:
        rows = [[*row, r"\cdots"] for row in rows]
    if corner.shape[0] > 2:
        rows.append([r"\vdots"] * min(corner.shape[1], 2) + [r"\ddots"] * (corner.shape[1] > 2))
    return rf"{_matrix(rows)}_{{{shape}}}"
