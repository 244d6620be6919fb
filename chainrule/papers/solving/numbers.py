"""Numbers as a person writes them: rounded half up, fractions and roots as they are."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from typing import Any

from chainrule.readings.explain.figures import figure
from chainrule.readings.explain.ordered import formula_text

DIGITS = 13
"""A float is taken for the nearest decimal of so many digits: 0.285 for 0.28499999999999998."""
MODES = {"half-up": ROUND_HALF_UP, "half-even": ROUND_HALF_EVEN}


def decimal_of(x: Any, digits: int = 40) -> Decimal:
    """A real number as a decimal of many digits; raises ValueError for what is none.

    >>> decimal_of(0.1 + 0.2), decimal_of(Fraction(1, 8))
    (Decimal('0.3'), Decimal('0.125'))
    """
    context = Context(prec=digits)
    if isinstance(x, float):
        if not math.isfinite(x):
            raise ValueError(f"{x} is no number")
        return Decimal(f"{x:.{DIGITS}g}").normalize()
    if isinstance(x, Fraction):
        return context.divide(Decimal(x.numerator), Decimal(x.denominator))
    if isinstance(x, int | Decimal):
        return Decimal(x)
    if getattr(x, "is_number", False):
        value = x.evalf(digits)
        if value.is_Float or value.is_Integer or value.is_Rational:
            return context.create_decimal(str(value.evalf(digits)))
    raise ValueError(f"{x} is no number")


def rounded(
    x: Any, decimals: int | None = None, figures: int | None = None, mode: str = "half-up"
) -> Decimal:
    """A number with so many decimals, or so many significant figures.

    >>> rounded(2.675, 2), rounded(Fraction(2, 3), figures=3), rounded(123456789, figures=3)
    (Decimal('2.68'), Decimal('0.667'), Decimal('1.23E+8'))
    """
    value = decimal_of(x)
    if figures is not None:
        return Context(prec=max(figures, 1), rounding=MODES[mode]).plus(value)
    wide = Context(prec=max(value.adjusted(), 0) + (decimals or 0) + 5)
    return value.quantize(Decimal(1).scaleb(-(decimals or 0)), MODES[mode], wide)


def number_text(
    x: Any, decimals: int | None = None, figures: int | None = None, grouped: bool = False
) -> str:
    """A number as text; rounded ones show all their decimals, exact ones none that are not needed.

    >>> number_text(0.99999, 4), number_text(0.5, 4), number_text(12345, grouped=True)
    ('1.0000', '0.5', '12,345')
    """
    if isinstance(x, bool):
        return "true" if x else "false"
    if isinstance(x, int):
        return f"{x:,}" if grouped else str(x)
    if isinstance(x, Fraction | float) or getattr(x, "is_number", False):
        try:
            value = decimal_of(x)
        except ValueError:
            return figure(x, 4)
        if decimals is None and figures is None:
            return _float_text(x) if isinstance(x, float) else _formula(x)
        short = rounded(x, decimals, figures)
        short = short if short else abs(short)  # there is no -0.00
        text = f"{short:,f}" if grouped else f"{short:f}"
        if short == value and "." in text:
            return text.rstrip("0").rstrip(".")
        return text
    return _formula(x)


def _formula(x: Any) -> str:
    """An exact number or a formula, as a person writes it."""
    return formula_text(x) if hasattr(x, "free_symbols") else str(x)


def _float_text(x: float) -> str:
    """A float without a wish for decimals: whole ones whole, others with four, or in powers."""
    return str(int(x)) if x.is_integer() and abs(x) < 1e15 else figure(x, 4)
