"""The arithmetic of a part: "exact", "float64", "float32", or "decimal(places=2)"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.decimal import decimal
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError
from chainrule.namespaces.decimal import Decimal
from chainrule.namespaces.exact_numbers import settle
from chainrule.papers.expressions import Tree, approximate, sympy_of
from chainrule.papers.wording import nearest

DTYPES = {"exact": dt.exact, "float64": dt.float64, "float32": dt.float32}
KNOWN = (*DTYPES, "decimal(places=2)", "decimal(figures=3)")
"""What an arithmetic may be called, with examples of numbers of digits."""
_DECIMAL = re.compile(
    r"decimal\( *(places|figures) *= *(\d{1,2}) *"
    r"(?:, *mode *= *[\"']?(half-up|half-even)[\"']?)? *\)"
)


@dataclass(frozen=True)
class Arithmetic:
    """In which numbers tensors are made: their type; and how, if at all, each result is rounded.

    Tensors of a part in decimals are floats, so that definitions run as they do otherwise: it is
    their history that is computed again in decimals.
    """

    name: str
    dtype: DType
    rounding: Decimal | None = None

    @property
    def exact(self) -> bool:
        """Whether numbers are computed as they are."""
        return self.dtype is dt.exact

    def plain(self, value: Any) -> Any:
        """A given in Python's numbers: ints as they are, others in this arithmetic."""
        if isinstance(value, list | tuple):
            return [self.plain(part) for part in value]
        if isinstance(value, Fraction) and value.denominator == 1:
            return int(value)
        if isinstance(value, bool | int | str):
            return value
        if isinstance(value, Tree):
            return settle(sympy_of(value)) if self.exact else approximate(value)
        return value if self.exact else float(value)


def arithmetic_of(text: str, mode: str = "half-up") -> Arithmetic:
    """The arithmetic of that name; halves are rounded by ``mode``, unless it says how itself.

    Raises ArgumentError where there is none of that name.

    >>> arithmetic_of("decimal(places=2)").rounding, arithmetic_of("float64").dtype
    (decimal(places=2), chainrule.float64)
    """
    if text in DTYPES:
        return Arithmetic(text, DTYPES[text])
    found = _DECIMAL.fullmatch(text.strip())
    if found is None:
        raise ArgumentError(f"there is no arithmetic {text[:40]!r}", expected=", ".join(KNOWN),
                            hint=nearest(text, KNOWN))  # fmt: skip
    digits: Any = {found[1]: int(found[2])}
    return Arithmetic(text, dt.float64, decimal(**digits, mode=found[3] or mode))
