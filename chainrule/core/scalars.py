"""One entry of a tensor as a Python number: what float(x), int(x) and bool(x) give or refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chainrule.core.errors import DTypeError, ValueCheckError
from chainrule.namespaces import exact_numbers as exact

PLAIN = (bool, int, float, complex)


def _exactly(convert: Callable[[Any], Any], value: Any, action: str) -> Any:
    """What exact arithmetic makes of a value that may be open."""
    try:
        return convert(value)
    except ValueError as error:
        raise ValueCheckError(
            f"{action}: {error}", hint="put numbers in the place of the symbols first"
        ) from None
    except OverflowError:
        raise ValueCheckError(f"{action}: the number is too large for a float") from None


def complex_number(value: Any) -> complex:
    """The value as a complex number; exact ones as the nearest floats.

    >>> complex_number(1)
    (1+0j)
    """
    if isinstance(value, PLAIN):
        return complex(value)
    made: complex = _exactly(exact.to_complex, value, "complex()")
    return made


def real(value: Any, action: str) -> float:
    """The value as a float.  Raises DTypeError for complex numbers, ValueCheckError for symbols.

    >>> from fractions import Fraction
    >>> real(Fraction(1, 3), "float()")
    0.3333333333333333
    """
    if isinstance(value, bool | int | float):
        return float(value)
    made = value if isinstance(value, complex) else _exactly(exact.to_complex, value, action)
    if made.imag:
        raise DTypeError(
            f"{action} of the complex number {value}", hint="take x.real, x.imag or x.abs() first"
        )
    return float(made.real)


def whole(value: Any) -> int:
    """The value without its decimals."""
    if isinstance(value, bool | int | float):
        return int(value)
    if isinstance(value, complex):
        return int(real(value, "int()"))
    made: int = _exactly(exact.to_integer, value, "int()")
    return made


def truth(value: Any) -> bool:
    """Whether the value is not 0; raises ValueCheckError for an open condition on symbols."""
    if isinstance(value, PLAIN):
        return bool(value)
    made: bool = _exactly(exact.to_bool, value, "bool() (an if, while, and, or, not, assert)")
    return made
