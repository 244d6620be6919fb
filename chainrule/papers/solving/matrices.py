"""Formulas of vectors and matrices, such as ``-2(d - y)x^T``, beside entries that are computed.

A letter that is not among the unknowns of the answer stands for all of those that are numbered
after it: ``d`` for the column of ``d1`` and ``d2``, ``W`` for the matrix of ``W1_1`` to ``W3_2``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from chainrule.papers.expressions import (
    Binary,
    ExpressionError,
    Name,
    Tree,
    Unary,
    sympy_of,
)


class Misfit(ExpressionError):
    """What is written cannot be computed, because shapes do not fit."""


def matrix_of(tree: Tree, symbols: Mapping[str, Any]) -> Any:
    """The matrix of SymPy that a formula is, vectors being columns; a number where it is one.

    Raises Misfit where shapes do not fit, ExpressionError where a letter is not known.

    >>> import sympy
    >>> from chainrule.papers.expressions import parse
    >>> symbols = {name: sympy.Symbol(name) for name in ("a1", "a2", "b1", "b2")}
    >>> matrix_of(parse("2a*b^T"), symbols)
    Matrix([
    [2*a1*b1, 2*a1*b2],
    [2*a2*b1, 2*a2*b2]])
    """
    match tree:
        case Name(text):
            return _named(text, symbols)
        case Unary(operand):
            return -matrix_of(operand, symbols)
        case Binary("^", base, Name("T" | "top")):
            found = matrix_of(base, symbols)
            return found.T if _shape(found) else found
        case Binary("+" | "-" as op, left, right):
            a, b = matrix_of(left, symbols), matrix_of(right, symbols)
            if _shape(a) != _shape(b):
                raise Misfit(f"{_told(a)} and {_told(b)} have no {_SUMS[op]}", text=str(tree))
            return a + b if op == "+" else a - b
        case Binary("*", left, right):
            a, b = matrix_of(left, symbols), matrix_of(right, symbols)
            if _shape(a) and _shape(b) and a.cols != b.rows:
                raise Misfit(f"{_told(a)} and {_told(b)} have no product", text=str(tree))
            return a * b
        case Binary("/", left, right):
            return matrix_of(left, symbols) / _number(right, symbols)
    return _number(tree, symbols)


_SUMS = {"+": "sum", "-": "difference"}


def entries_of(found: Any) -> list[Any]:
    """The rows of a matrix; of a column, its entries."""
    return list(found) if found.cols == 1 else found.tolist()


def _number(tree: Tree, symbols: Mapping[str, Any]) -> Any:
    known = sympy_of(tree, symbols)
    if strange := known.free_symbols - set(symbols.values()):
        raise ExpressionError(f"{min(map(str, strange))} is not known", text=str(tree))
    return known


def _named(text: str, symbols: Mapping[str, Any]) -> Any:
    """An unknown, or the column or the matrix of those that are numbered after it."""
    from sympy import Matrix

    if text in symbols:
        return symbols[text]
    places = {}
    for name, symbol in symbols.items():
        if found := re.fullmatch(rf"{re.escape(text)}_?(\d+)(?:_(\d+))?", name):
            places[int(found[1]), int(found[2] or 1)] = symbol
    rows, columns = (max((place[i] for place in places), default=0) for i in (0, 1))
    if not places or len(places) != rows * columns:
        return _number(Name(text), symbols)
    return Matrix(rows, columns, lambda i, j: places[i + 1, j + 1])


def _shape(found: Any) -> tuple[int, int] | None:
    """Rows and columns; None of a number."""
    return getattr(found, "shape", None)


def _told(found: Any) -> str:
    shape = _shape(found)
    return f"a matrix of {shape[0]} × {shape[1]}" if shape else "a number"
