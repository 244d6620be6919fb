"""Whether two formulas are equal: their difference is 0, or it is not at some points."""

from __future__ import annotations

import random
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from chainrule.namespaces.exact_zero import vanishes

SECONDS = 3.0
"""How long a difference is simplified."""
POINTS = 4
CLEAR = 1e-12
"""A relative difference beyond is no rounding of the 30 digits that are computed."""


class Undecided(Exception):
    """Time is over."""


def equal(one: Any, another: Any, seconds: float = SECONDS) -> bool | None:
    """Whether two expressions of SymPy are equal everywhere; None where that stays open.

    Trying points out shows only that they differ; that they are equal is shown by simplifying.

    >>> import sympy
    >>> x = sympy.Symbol("x")
    >>> equal(sympy.sin(x) ** 2 + sympy.cos(x) ** 2, sympy.Integer(1)), equal(x, x**2)
    (True, False)
    """
    import sympy

    difference = _plain(one - another)
    if difference == 0:
        return True
    if _differs(difference):
        return False
    try:
        with time_limit(seconds):
            forms = (difference, difference.rewrite(sympy.exp))
            if vanishes(difference) or any(sympy.simplify(form) == 0 for form in forms):
                return True
            if not difference.free_symbols:
                return False if difference.equals(0) is False else None
    except (Undecided, ValueError, TypeError, NotImplementedError, RecursionError):
        return None
    return None


def _plain(expression: Any) -> Any:
    """Functions nobody has chosen as symbols, one for each argument."""
    import sympy

    unknown = expression.atoms(sympy.core.function.AppliedUndef, sympy.Derivative)
    each: dict[Any, Any] = {}
    for one in sorted(unknown, key=str):
        each.setdefault(sympy.expand(one, deep=True), sympy.Symbol(f"_{len(each)}", real=True))
    return expression.xreplace({one: each[sympy.expand(one, deep=True)] for one in unknown})


def _differs(difference: Any) -> bool:
    """Whether the difference is clearly not 0 at every point that was tried, of those where it has
    a value."""
    draw = random.Random(1)
    tried = []
    for _ in range(POINTS):
        at = {symbol: _number(symbol, draw) for symbol in sorted(difference.free_symbols, key=str)}
        found = difference.xreplace(at)
        value = found.evalf(30)
        if not value.is_number or not value.is_finite or value.has(*_unclear()):
            continue
        size = sum(abs(part.xreplace(at).evalf(15)) for part in difference.as_ordered_terms())
        tried.append(bool(abs(value) > CLEAR * size))
    return any(tried)


def _unclear() -> tuple[Any, ...]:
    import sympy

    return sympy.nan, sympy.zoo, sympy.oo


def _number(symbol: Any, draw: random.Random) -> Any:
    import sympy

    if symbol.is_integer:
        return sympy.Integer(draw.randint(2, 9))
    drawn = sympy.Rational(draw.randint(101, 999), 500)
    return drawn if symbol.is_nonnegative or draw.random() < 0.7 else -drawn


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `Undecided` inside, when time is over; without a limit where there are no alarms."""
    if (
        not hasattr(signal, "setitimer")
        or threading.current_thread() is not threading.main_thread()
    ):
        yield
        return

    def over(*_: Any) -> None:
        raise Undecided

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
