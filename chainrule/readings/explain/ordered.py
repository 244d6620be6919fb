"""Formulas of SymPy's as a person writes them: no sum begins with a minus if it need not."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any


def formula_text(formula: Any) -> str:
    """A formula on one line, in Python's notation.

    >>> import sympy
    >>> x, y, z = sympy.symbols("x y z")
    >>> formula_text(x - y * (z + 1)), formula_text(y * (z - x)), formula_text(-x - 1)
    ('x - y*(z + 1)', 'y*(z - x)', '-x - 1')
    """
    return str(_printers()[0]().doprint(formula))


def formula_latex(formula: Any, names: Mapping[Any, str]) -> str:
    r"""A formula in LaTeX; ``names`` are those of its symbols.

    >>> import sympy
    >>> x, y = sympy.symbols("x y")
    >>> formula_latex(y / 2 - x, {x: "x_{1}"})
    '\\frac{y}{2} - x_{1}'
    """
    settings = {"ln_notation": True, "symbol_names": dict(names)}
    return str(_printers()[1](settings).doprint(formula))


@cache
def _printers() -> tuple[Any, Any]:
    """SymPy's printers of text and of LaTeX, with their terms in our order."""
    from sympy.printing.latex import LatexPrinter
    from sympy.printing.str import StrPrinter

    def own(printer: Any) -> Any:
        def ordered(self: Any, expr: Any, order: str | None = None) -> list[Any]:
            """SymPy's order; where it begins with a minus, the first term without comes first."""
            terms = list(printer._as_ordered_terms(self, expr, order))
            first = next((i for i, term in enumerate(terms) if not _is_negative(term)), 0)
            return [terms[first], *terms[:first], *terms[first + 1 :]]

        return type(f"Ordered{printer.__name__}", (printer,), {"_as_ordered_terms": ordered})

    return own(StrPrinter), own(LatexPrinter)


def _is_negative(term: Any) -> bool:
    """Whether it is written with a minus before it."""
    return bool(term.as_coeff_Mul()[0].is_negative)
