"""Whether an expression in symbols is 0 everywhere: by expanding it, or by trying it out."""

from __future__ import annotations

import math
import random
from typing import Any

MAX_TERMS = 5000
"""An expression that would expand to more terms is tried out at points instead."""

POINTS = 3
SMALL = 1e-9
"""Relative to the numbers it is computed from, a value below is no sign of anything."""


def vanishes(value: Any) -> bool:
    """Whether a symbolic expression is identically 0, as far as expanding shows it.

    Raises ValueError for one that is too long to be expanded and is 0 wherever it was tried.

    >>> import sympy
    >>> x = sympy.Symbol("x")
    >>> vanishes((x + 1) ** 2 - x**2 - 2 * x - 1), vanishes((x + 1) ** 2)
    (True, False)
    """
    import sympy

    if _terms(value, sympy) <= MAX_TERMS:
        return bool(sympy.expand(value) == 0)
    if _is_small_everywhere(value, sympy):
        raise ValueError("whether a long expression in symbols is 0 everywhere is open")
    return False


def _terms(value: Any, sympy: Any) -> float:
    """At most how many terms there are after expanding."""
    if value.is_Add:
        return math.fsum(_terms(part, sympy) for part in value.args)
    if value.is_Mul:
        return math.prod(_terms(part, sympy) for part in value.args)
    if value.is_Pow and value.exp.is_Integer:
        n = min(_terms(value.base, sympy), 1e9)
        return 1.0 if n == 1 else n ** min(abs(int(value.exp)), 30)
    inner = [_terms(part, sympy) for part in value.args if isinstance(part, sympy.Expr)]
    return max([1.0, *inner])  # expanding goes into functions, too


def _is_small_everywhere(value: Any, sympy: Any) -> bool:
    """Whether a value is about 0 at points that the assumptions on its symbols allow."""
    draw = random.Random(0)
    for _ in range(POINTS):
        at = {s: _number(s, draw, sympy) for s in value.free_symbols}
        found = value.xreplace(at).evalf(30)
        if not found.is_number or abs(found) > SMALL:
            return False
    return True


def _number(symbol: Any, draw: random.Random, sympy: Any) -> Any:
    step = 2 if symbol.is_even else 1
    size = draw.randint(1, 9) * step if symbol.is_integer else draw.randint(1, 999)
    made = sympy.Integer(size + bool(symbol.is_odd and size % 2 == 0))
    made = made if symbol.is_integer else made / 128
    return -made if symbol.is_negative or symbol.is_nonpositive else made
