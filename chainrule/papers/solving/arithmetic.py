"""The arithmetic of a part: "exact", "float64", "float32", or "decimal(places=2)"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError
from chainrule.namespaces.exact_numbers import settle
from chainrule.papers.expressions import Tree, approximate, sympy_of

DTYPES = {"exact": dt.exact, "float64": dt.float64, "float32": dt.float32}
_DECIMAL = re.compile(
    r"decimal\( *(places|figures) *= *(\d{1,2}) *"
    r"(?:, *mode *= *[\"']?(half-up|half-even)[\"']?)? *\)"
)


@dataclass(frozen=True)
class Arithmetic:
    """In which numbers tensors are made: their type, and how each result is rounded, if it is."""

    name: str
    dtype: DType
    places: int | None = None
    figures: int | None = None
    mode: str | None = None

    @property
    def exact(self) -> bool:
        """Whether numbers are computed as they are."""
        return self.dtype is dt.exact

    @property
    def rounds(self) -> bool:
        """Whether every intermediate result is rounded."""
        return self.places is not None or self.figures is not None

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


def arithmetic_of(text: str) -> Arithmetic:
    """The arithmetic of that name; raises ArgumentError where there is none.

    >>> arithmetic_of("decimal(places=2)").places, arithmetic_of("float64").dtype
    (2, chainrule.float64)
    """
    if text in DTYPES:
        return Arithmetic(text, DTYPES[text])
    found = _DECIMAL.fullmatch(text.strip())
    if found is None:
        raise ArgumentError(
            f"there is no arithmetic {text!r}",
            expected=f"{', '.join(DTYPES)}, decimal(places=2) or decimal(figures=3)",
        )
    return Arithmetic(text, dt.exact, mode=found[3], **{found[1]: int(found[2])})
