"""Formulas with functions that nobody has chosen, such as ``sigma'(w*h)``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from chainrule.papers.expressions import ExpressionError, parse, sympy_of
from chainrule.papers.expressions.tokens import greek


def functions_of(formula: Any) -> dict[str, Callable[..., Any]]:
    """The unknown functions in a formula of SymPy, by names in plain letters: ``sigma'``."""
    from sympy.core.function import AppliedUndef

    return {_plain(str(one.func)): one.func for one in formula.atoms(AppliedUndef)}


def formula_with(
    text: str, functions: Mapping[str, Callable[..., Any]], symbols: Mapping[str, Any]
) -> Any:
    """The formula that a text is, where some names are functions; raises ExpressionError.

    >>> import sympy
    >>> f = sympy.Function("f")
    >>> formula_with("2*f(x + 1)", {"f": f}, {})
    2*f(x + 1)
    """
    names = "|".join(sorted(map(re.escape, functions), key=len, reverse=True))
    told, known = _plain(text), dict(symbols)
    while names and (found := re.search(rf"(?<![\w'])({names})\s*\(", told)):
        end = _closing(told, found.end() - 1)
        inner = formula_with(told[found.end() : end], functions, symbols)
        name = f"applied{len(known)}"
        known[name] = functions[found[1]](inner)
        told = f"{told[: found.start()]}({name}){told[end + 1 :]}"
    return sympy_of(parse(told), known)


def _plain(text: str) -> str:
    return "".join(map(greek, text)).replace("′", "'")


def _closing(text: str, opening: int) -> int:
    """Where the bracket that opens there is closed."""
    depth = 0
    for i in range(opening, len(text)):
        depth += {"(": 1, ")": -1}.get(text[i], 0)
        if depth == 0:
            return i
    raise ExpressionError("a bracket is never closed", text=text, column=opening + 1)
