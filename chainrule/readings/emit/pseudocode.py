"""Pseudocode: a function of one number as cases, if … else …, exactly as it is computed.

The function is run on a symbol: comparisons give conditions, and what chooses by them gives pieces.
Where conditions are more than ``x > 0``, the line is cut at the numbers at which one of them
changes, and what is chosen there and in between is looked up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

from chainrule.core.errors import ArgumentError
from chainrule.core.tensor import Tensor
from chainrule.namespaces.exact_numbers import symbolic
from chainrule.ops.creation.symbolic import symbols
from chainrule.readings.explain.figures import plain_fraction

Case = tuple[str, str]
"""A condition, empty for all that is left, and what is returned there."""


def pseudocode(fn: Callable[[Any], Any], *, name: str | None = None, argument: str = "x") -> str:
    """A function of one number, such as an activation or its derivative, as pseudocode with a case
    for each piece.

    What is returned at a kink is what ``fn`` computes there.  The text is Python, if functions such
    as ``exp`` are there.  ``name`` is by default that of the function.  Raises ArgumentError where
    the result is not one number, and for pieces whose ends are no numbers.

    >>> import chainrule as cr
    >>> def lrelu(x):
    ...     return cr.where(x > 0, x, 0.1 * x)
    >>> print(pseudocode(lrelu))
    def lrelu(x):
        if x > 0:
            return x
        else:
            return 0.1*x
    >>> print(pseudocode(cr.grad(lambda x: cr.maximum(0.1 * x, x)), name="slope"))
    def slope(x):
        if x < 0:
            return 0.1
        elif x == 0:
            return 0.55
        else:
            return 1
    """
    x = symbols(argument)
    if not isinstance(x, Tensor):
        raise ArgumentError(f"a function of one number has one argument, not {argument!r}")
    made = fn(x)
    if not isinstance(made, Tensor) or made.numel() != 1:
        got = f"shape {tuple(made.shape)}" if isinstance(made, Tensor) else type(made).__name__
        raise ArgumentError(
            "pseudocode is written of a function that makes a number of a number", got=got
        )
    title = name or str(getattr(fn, "__name__", getattr(fn, "name", "f")))
    title = title if title.isidentifier() else "f"
    cases = _cases(symbolic(made.detach().item()), x.item())
    return "\n".join([f"def {title}({argument}):", *_lines(cases)])


def _lines(cases: Sequence[Case]) -> Iterator[str]:
    """The body of the function."""
    if len(cases) == 1:
        yield f"    return {cases[0][1]}"
        return
    for i, (condition, value) in enumerate(cases):
        word = "elif" if i else "if"
        yield f"    {word} {condition}:" if condition else "    else:"
        yield f"        return {value}"


def _cases(value: Any, x: Any) -> list[Case]:
    """The cases of an expression in the symbol x."""
    import sympy as sp

    folded = sp.piecewise_fold(value.rewrite(sp.Piecewise))
    if not isinstance(folded, sp.Piecewise):
        return [("", _text(folded))]
    pieces = [(part.expr, part.cond) for part in folded.args]
    last = len(pieces) - 1
    if all(_is_plain(condition, x) for _, condition in pieces[:last]):  # the last is for the rest
        return [(_text(c) if i < last else "", _text(e)) for i, (e, c) in enumerate(pieces)]
    return _segments(pieces, x)


def _is_plain(condition: Any, x: Any) -> bool:
    """Whether a condition compares the symbol with a number, and holds on a whole side of it."""
    import sympy as sp

    order = isinstance(condition, sp.core.relational._Inequality)
    return order and condition.lhs == x and bool(condition.rhs.is_number)


def _segments(pieces: Sequence[tuple[Any, Any]], x: Any) -> list[Case]:
    """The cases from left to right: what is chosen between the ends of pieces, and at them."""
    ends = _ends(pieces, x)
    spots = [ends[0] - 1, ends[0]]
    for left, right in pairwise(ends):
        spots += [(left + right) / 2, right]
    spots.append(ends[-1] + 1)
    found = [_chosen(pieces, x, at) for at in spots]  # between, at, between, at, …, between
    cases: list[tuple[Any, str]] = []
    for i, end in enumerate(ends):
        before, here, after = found[2 * i], found[2 * i + 1], found[2 * i + 2]
        with_before = _agree(before, here, x, end)
        with_after = _agree(after, here, x, end)
        if before == after and with_before:
            continue
        cases.append((before, f"{x} {'<=' if with_before else '<'} {_text(end)}"))
        if not with_before and not with_after:
            cases.append((here, f"{x} == {_text(end)}"))
    return [*((condition, _text(value)) for value, condition in cases), ("", _text(found[-1]))]


def _ends(pieces: Sequence[tuple[Any, Any]], x: Any) -> list[Any]:
    """The numbers at which a condition may change, in order; raises ArgumentError for others."""
    import sympy as sp

    found: set[Any] = set()
    for _, condition in pieces:
        for relation in condition.atoms(sp.core.relational.Relational):
            difference = relation.lhs - relation.rhs
            if difference.free_symbols != {x} or not difference.is_polynomial(x):
                raise ArgumentError(
                    f"where the pieces end is not known: {_text(relation)}",
                    hint="put numbers in for other unknowns",
                )
            found |= set(sp.real_roots(sp.Poly(difference, x)))
    return sorted(found, key=lambda end: end.evalf())


def _chosen(pieces: Sequence[tuple[Any, Any]], x: Any, at: Any) -> Any:
    """The piece that is chosen at a number."""
    return next(value for value, condition in pieces if condition.subs(x, at) == True)  # noqa: E712


def _agree(piece: Any, here: Any, x: Any, end: Any) -> bool:
    """Whether a piece gives at its end what is chosen there."""
    import sympy as sp

    return bool(sp.simplify(piece.subs(x, end) - here.subs(x, end)) == 0)


def _text(value: Any) -> str:
    """An expression or condition as pseudocode."""
    from sympy.printing.str import StrPrinter

    class Printer(StrPrinter):  # type: ignore[misc]
        """SymPy's own notation, but for decimal fractions and Python's words."""

        def _print_Rational(self, expr: Any) -> str:
            return plain_fraction(_fraction(expr))

        def _print_Mul(self, expr: Any) -> str:
            number, rest = expr.as_coeff_Mul()
            if (
                not number.is_Rational
                or number.is_Integer
                or "/" in plain_fraction(_fraction(number))
            ):
                return str(super()._print_Mul(expr))
            return f"{self._print(number)}*{self.parenthesize(rest, 50, strict=True)}"

        def _print_Relational(self, expr: Any) -> str:
            return f"{self._print(expr.lhs)} {expr.rel_op} {self._print(expr.rhs)}"

        _print_Equality = _print_Unequality = _print_Relational

        def _print_And(self, expr: Any) -> str:
            return " and ".join(map(self._print, expr.args))

        def _print_Or(self, expr: Any) -> str:
            return " or ".join(map(self._print, expr.args))

    return str(Printer().doprint(value))


def _fraction(number: Any) -> Fraction:
    return Fraction(int(number.p), int(number.q))
