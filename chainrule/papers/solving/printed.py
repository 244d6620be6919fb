"""Published answers as they are printed: numbers with their digits and units, formulas, text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from chainrule.papers.expressions import ExpressionError, Number, Row, Tree, Unary, parse
from chainrule.papers.expressions.trees import Relation

SCALES: dict[str, int | Fraction] = {
    "k": 10**3,
    "K": 10**3,
    "M": 10**6,
    "G": 10**9,
    "T": 10**12,
    "%": Fraction(1, 100),
}
"""What a letter behind a number stands for; of bytes, the powers of 2 have an i."""
BYTES: dict[str, int | Fraction] = {
    "KiB": 2**10,
    "MiB": 2**20,
    "GiB": 2**30,
    "kB": 10**3,
    "KB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
}

_NUMBER = re.compile(
    r"(?P<digits>[-+−]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|[-+−]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)"
    r"\s*(?P<unit>[A-Za-z%][\w .%/-]*)?"
)


@dataclass(frozen=True)
class Printed:
    """A number as it is printed: its digits without the unit, and what a unit makes of it."""

    digits: str
    scale: int | Fraction = 1
    unit: str = ""

    @property
    def value(self) -> Fraction:
        """The number, exactly."""
        return Fraction(self.digits) * self.scale

    @property
    def decimals(self) -> int:
        """How many digits stand behind the point."""
        mantissa, _, power = self.digits.lower().partition("e")
        return len(mantissa.partition(".")[2]) - int(power or 0)

    @property
    def figures(self) -> int:
        """How many significant digits there are."""
        mantissa = self.digits.lower().partition("e")[0]
        return len(mantissa.replace(".", "").lstrip("-+0"))


def scale_of(unit: str) -> int | Fraction:
    """What a unit makes of a number: a million of M; 1 of a word.

    >>> scale_of("M"), scale_of("bytes"), scale_of("M FLOPs")
    (1000000, 1, 1000000)
    """
    return (SCALES | BYTES).get(unit.split(" ")[0], 1)


def printed(published: Any, unit: str = "") -> Any:
    """What was published, read: `Printed` numbers, trees of formulas, text, in lists and dicts.

    >>> printed("72.8M"), printed([1, 0.5])
    (Printed(digits='72.8', scale=1000000, unit='M'), [Printed(digits='1', scale=1, unit=''), \
Printed(digits='0.5', scale=1, unit='')])
    """
    if isinstance(published, Mapping):
        return {str(label): printed(part, unit) for label, part in published.items()}
    if isinstance(published, list | tuple):
        return [printed(part, unit) for part in published]
    if published is None or isinstance(published, bool):
        return published
    if isinstance(published, int | float | Decimal):
        return _with_unit(Printed(f"{Decimal(str(published)):f}"), unit)
    if isinstance(published, Fraction):
        return parse(str(published))
    if isinstance(published, Tree):
        return _of_tree(published, unit)
    return _of_text(str(published), unit)


def _of_text(text: str, unit: str) -> Any:
    found = _NUMBER.fullmatch(text.strip())
    if found and (not found["unit"] or scale_of(found["unit"]) != 1 or found["unit"] == unit):
        digits = found["digits"].replace(",", "").replace("−", "-").lstrip("+")
        said = found["unit"] or ""
        return Printed(digits, scale_of(said), said) if said else _with_unit(Printed(digits), unit)
    try:
        return _of_tree(parse(text), unit)
    except ExpressionError:
        return text


def _of_tree(tree: Tree, unit: str) -> Any:
    if isinstance(tree, Row):
        return [_of_tree(part, unit) for part in tree.entries]
    if isinstance(tree, Number):
        return _with_unit(Printed(tree.text), unit)
    if isinstance(tree, Unary) and isinstance(tree.operand, Number):
        return _with_unit(Printed(f"-{tree.operand.text}"), unit)
    if isinstance(tree, Relation) and tree.op == "=":  # y = …
        return _of_tree(tree.right, unit)
    return tree


def _with_unit(number: Printed, unit: str) -> Printed:
    return Printed(number.digits, scale_of(unit), unit)
