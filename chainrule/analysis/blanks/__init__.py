"""Blanks: which ops make a graph with holes equal to a given function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chainrule.analysis.blanks.fillings import Filling, Fillings
from chainrule.analysis.blanks.puzzle import MANY, puzzle
from chainrule.analysis.blanks.search import search

__all__ = ["Filling", "Fillings", "fill_blanks"]


def fill_blanks(
    graph: Callable[..., Any],
    target: Any,
    ops: Any = (),
    *,
    inputs: Mapping[str, Any] | None = None,
    limit: int = MANY,
    **blanks: Any,
) -> Fillings:
    """All ways to fill the blanks of a graph so that it is the target, whatever its inputs are.

    ``graph`` is a function of tensors whose keyword-only arguments are the blanks: it is called
    with an op for each.  ``ops`` may stand in any blank that has as many operands as they take: a
    list, or a dict from labels; ``a=[…]`` says what may stand in the blank ``a`` instead.
    ``target`` is a function of the same tensors, or an exact tensor of symbols.  Inputs are single
    numbers, unless ``inputs`` gives their shapes.

    Every filling is tried at random fractions, in exact arithmetic; those that agree there are
    compared in symbols.  Raises ArgumentError for what is no question, and where there are more
    than ``limit`` fillings.

    >>> import chainrule as cr
    >>> def graph(x, y, *, a, b):
    ...     return b(a(x, y))
    >>> print(fill_blanks(graph, lambda x, y: x**2 + 2 * x * y + y**2, [cr.mul, cr.add, cr.square]))
    Fill a with mul, add; b with square
      target  x ** 2 + 2 * x * y + y ** 2
      tried   2 fillings; 1 differ at x = -4, y = 7/3
    unique
      a = add, b = square
        (x + y) ** 2, the same in symbols
    """
    question = puzzle(graph, target, ops, inputs or {}, blanks, limit)
    return Fillings(question, search(question))
