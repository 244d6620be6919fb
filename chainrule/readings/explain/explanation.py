"""An explanation: its tables, and how they are laid out as text."""

from __future__ import annotations

import re
import shutil
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from chainrule.core.errors import UnknownName
from chainrule.readings.explain.figures import block, line
from chainrule.readings.explain.naming import escaped, latex_name
from chainrule.readings.explain.naming import width as columns
from chainrule.readings.explain.tables import Row

INDENT = "  "
NO_BREAK = "\N{NO-BREAK SPACE}"
ADJOINTS = "Adjoints: v̄ is the derivative of {} by v"
"""The title of the table of adjoints."""
WIDEST = 100
"""Lines are no longer, even in a wider terminal."""


@dataclass(frozen=True)
class Explanation:
    """How a number comes about, and what it depends on.

    ``forward`` has the values in the order of computation; ``derivatives`` the local derivatives of
    element-wise ops; ``adjoints`` the derivative of ``loss`` by every value, newest first;
    ``gradients`` those of them that belong to inputs.  Printed, each row is
    ``name = formula = substitution = value``.  ``arithmetic`` is the one that was asked for;
    ``values`` and ``by_name`` are what `value` and `adjoint` look up.
    """

    loss: str
    forward: tuple[Row, ...]
    derivatives: tuple[Row, ...]
    adjoints: tuple[Row, ...]
    gradients: tuple[Row, ...]
    decimals: int = 4
    arithmetic: Any = None
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)
    by_name: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def value(self, name: str) -> Any:
        """The value of that name, an input or a row of the table, as an array.

        >>> import chainrule as cr
        >>> x = cr.tensor(0.5, requires_grad=True)
        >>> h = x.tanh()
        >>> J = h * h
        >>> found = cr.explain(J, arithmetic=cr.decimal(places=2))
        >>> found.value("h"), found.derivative("h", "x"), found.adjoint("x")
        (array(0.46), array(0.79), array(0.73))

        Raises UnknownName with the names that there are.
        """
        rows = {row.name: row.value for row in self.forward}
        return _named(rows | dict(self.values), name, "value")

    def adjoint(self, name: str) -> Any:
        """The derivative of the loss by the value of that name: of a parameter, its gradient.

        Raises UnknownName where there is none.
        """
        return _named(self.by_name, name, "adjoint")

    def derivative(self, of: str, by: str) -> Any:
        """The local derivative of an element-wise op, entry by entry: ``derivative("h1", "u1")``.

        Raises UnknownName where the table has none.
        """
        rows = {row.name: row.value for row in self.derivatives}
        return _named(rows, f"∂{of}/∂{by}", "local derivative")

    def __str__(self) -> str:
        return self.text()

    def text(self, width: int | None = None) -> str:
        """The tables in lines of at most ``width`` columns, by default those of the terminal."""
        return "\n\n".join("\n".join([title, *lines]) for title, lines in self.sections(width))

    def sections(self, width: int | None = None) -> Iterator[tuple[str, list[str]]]:
        """The title of each table that has rows, and its lines."""
        width = width or min(shutil.get_terminal_size((WIDEST, 24)).columns, WIDEST)
        for title, rows in self.tables():
            yield title, list(row_lines(rows, self.decimals, width))

    def tables(self) -> Iterator[tuple[str, tuple[Row, ...]]]:
        """The title of each table that has rows, and the rows."""
        inputs = {row.name for row in self.gradients}
        between = tuple(row for row in self.adjoints if row.name not in inputs)
        for title, rows in (
            ("Forward", self.forward),
            ("Local derivatives", self.derivatives),
            (ADJOINTS.format(self.loss), between),
            (f"Gradients of {self.loss}", self.gradients),
        ):
            if rows:
                yield title, rows

    def latex(self) -> str:
        r"""The tables in LaTeX, their equals signs one below the other; for ``$$…$$``.

        >>> import chainrule as cr
        >>> x = cr.tensor(3.0, requires_grad=True)
        >>> y = x / 2
        >>> print(cr.explain(y).latex().splitlines()[2])
        y &= \frac{x}{2} = \frac{3}{2} = 1.5 \\
        """
        lines = [r"\begin{aligned}"]
        for title, rows in self.tables():
            lines.append(rf"&{self.latex_title(title)} \\")
            for row in rows:
                name, *parts = row.latex(self.decimals)
                lines.append(rf"{name} &= {' = '.join(parts)} \\")
        return "\n".join([*lines, r"\end{aligned}"])

    def latex_title(self, title: str) -> str:
        """The title of a table in LaTeX."""
        if title != ADJOINTS.format(self.loss):
            return rf"\textbf{{{escaped(title)}}}"
        of = latex_name(self.loss)
        return rf"\textbf{{Adjoints}} \quad \bar{{v}} = \frac{{\partial {of}}}{{\partial v}}"

    def to_dict(self) -> dict[str, Any]:
        """The tables as dicts and lists of numbers and text, ready for JSON."""
        tables = {
            "forward": self.forward,
            "derivatives": self.derivatives,
            "adjoints": self.adjoints,
            "gradients": self.gradients,
        }
        return {"loss": self.loss} | {name: plain_rows(rows) for name, rows in tables.items()}


_RAISED = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


def _named(found: Mapping[str, Any], name: str, what: str) -> np.ndarray:
    """The array of that name; digits that stand low may be plain ones: h1 for h₁."""
    if name not in found:
        plain = [own for own in found if own.translate(_RAISED) == name.translate(_RAISED)]
        name = plain[0] if len(plain) == 1 else name
    if name not in found:
        raise UnknownName(
            f"there is no {what} of the name {name!r}",
            expected=", ".join(found) or f"nothing: the explanation has no {what}",
        )
    return np.asarray(found[name])


def plain_rows(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Rows as dicts of numbers and text.

    >>> plain_rows([Row("y", "x / 2", "1 / 2", Fraction(1, 2))])
    [{'name': 'y', 'formula': 'x / 2', 'substitution': '1 / 2', 'value': '1/2'}]
    """
    return [
        {
            "name": row.name,
            "formula": row.formula,
            "substitution": row.substitution,
            "value": _numbers(np.asarray(row.value).tolist()),
        }
        for row in rows
    ]


def _numbers(value: Any) -> Any:
    """Nested lists of what JSON knows; fractions, symbols, infinities and NaN as text."""
    if isinstance(value, list):
        return [_numbers(part) for part in value]
    if isinstance(value, Fraction) or not isinstance(value, bool | int | float | str):
        return str(value)
    return value if not isinstance(value, float) or np.isfinite(value) else str(value)


def row_lines(rows: Sequence[Row], decimals: int, width: int) -> Iterator[str]:
    """The rows in lines, their first equals signs one below the other.

    >>> print(*row_lines([Row("y", "x + 1", "2 + 1", 3.0), Row("x̄", "", "", 1.0)], 4, 80), sep="; ")
      y = x + 1 = 2 + 1 = 3;   x̄ = 1
    """
    for text in rows_text(rows, decimals, width):
        yield from text.split("\n")


def rows_text(
    rows: Sequence[Row], decimals: int, width: int, write: Callable[[str], str] = str
) -> Iterator[str]:
    """The same, each row with all its lines in one text; ``write`` may change how names, formulas
    and entries are written."""
    room = max(columns(write(row.name)) for row in rows)
    for row in rows:
        yield "\n".join(_row_lines(row, room, decimals, width, write))


def _row_lines(
    row: Row, room: int, decimals: int, width: int, write: Callable[[str], str]
) -> Iterator[str]:
    """The lines of a row whose name has ``room``."""
    name = INDENT + " " * (room - columns(write(row.name))) + write(row.name)
    value = line(row.value, decimals, write)
    formulas = map(write, (row.formula, row.substitution))
    parts = [part for part in dict.fromkeys(formulas) if part not in ("", value)]
    whole = " = ".join([name, *parts, value])
    flat = np.ndim(row.value) < 2 or np.shape(row.value)[0] == 1
    if flat and columns(whole) <= width:
        yield whole
        return
    margin = " " * (len(INDENT) + room)
    for i, part in enumerate(parts):
        yield from _wrapped(part, margin if i else name, width)
    first, *rest = block(row.value, decimals, write)
    if columns(margin + " = " + first) > width:
        first, rest = value, []
    yield from _wrapped(first, margin if parts else name, width)
    yield from (f"{margin}   {part}" for part in rest)


def _wrapped(text: str, name: str, width: int) -> list[str]:
    """``name = text``, going on below the text where it is too long."""
    margin = " " * (columns(name) + len(" = "))
    room = max(width - len(margin), 20)
    lines = []
    for part in textwrap.wrap(_held_together(text), room, break_long_words=False) or [text]:
        fits = columns(part) <= room
        lines += [part] if fits else textwrap.wrap(part.replace(NO_BREAK, " "), room)
    first, *rest = (part.replace(NO_BREAK, " ") for part in lines)
    return [f"{name} = {first}", *(margin + part for part in rest)]


def _held_together(text: str) -> str:
    """The text with spaces inside square brackets at which it is not to be broken."""
    return re.sub(r"\[[^\[\]]*\]|\], \[", lambda found: found[0].replace(" ", NO_BREAK), text)
