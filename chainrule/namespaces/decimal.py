"""Decimal arithmetic: numbers as they are written down, so many places or figures of each.

A `Decimal` is the namespace.  Its arrays hold fractions, and its functions do not round: a product
of matrices, or a formula of many operations, is one number that a person writes, rounded once.
What is written, and so rounded, is what `step` marks within an op, and what `performed` is told to
compute, such as the result of an op; irrational values on the way to it have as many digits as it
takes to be sure of the rounding.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from chainrule.namespaces import decimal_functions as functions
from chainrule.namespaces import exact
from chainrule.namespaces import numpy as native
from chainrule.namespaces.constants import Constant
from chainrule.namespaces.contract import PRIMITIVES
from chainrule.namespaces.decimal_functions import working

Array = Any

MODES = ("half-up", "half-even")
MOST = 15
"""No number has more digits than a float can tell apart: results are handed out as floats."""
LEVELS = (functions.DIGITS, 128, 256, 1024)
"""The digits of irrational values, until the rounding is sure."""
CLOSE = 10**20
"""A rough value is sure to be on one side of a tie if it is more than 1 / CLOSE of the last digit
away from it; one that stays closer with all digits is the tie."""


class _Uncertain(Exception):
    """More digits are needed to know how to round."""


@dataclass(frozen=True)
class Decimal:
    """Numbers with so many ``places`` after the point, or so many significant ``figures``.

    ``mode`` says where halves go: ``half-up`` away from 0, as in school, ``half-even`` to the even
    digit.

    >>> xp = Decimal(places=2)
    >>> xp.rounded(xp.array([0.125, -0.125, 0.004, 2.5])).tolist()
    [Fraction(13, 100), Fraction(-13, 100), Fraction(0, 1), Fraction(5, 2)]
    >>> xp.performed(lambda: xp.sqrt(xp.array(2)))
    array(Fraction(141, 100), dtype=object)
    """

    places: int | None = None
    figures: int | None = None
    mode: str = "half-up"

    name = "decimal"

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"{self} has no function {name!r}")

    def __repr__(self) -> str:
        kind = "places" if self.figures is None else "figures"
        mode = f", mode={self.mode!r}" if self.mode != MODES[0] else ""
        return f"decimal({kind}={getattr(self, kind)}{mode})"

    # -- rounding ------------------------------------------------------------------------------

    def performed(
        self, compute: Callable[[], Any], heard: list[tuple[str, Array]] | None = None
    ) -> Any:
        """What ``compute`` gives, each entry rounded once; computed again with more digits where
        the rounding is not sure.  The steps on the way enter ``heard``, as (label, rounded)."""
        before = working.digits, working.rough, working.last, working.heard
        told = len(heard or ())
        try:
            for digits in LEVELS:
                working.digits, working.rough, working.heard = digits, False, heard
                working.last = digits == LEVELS[-1]
                try:
                    return self.rounded(compute())
                except _Uncertain:
                    del (heard or [])[told:]
        finally:
            working.digits, working.rough, working.last, working.heard = before
        raise AssertionError("the last digits decide")

    def rounded(self, x: Any) -> Any:
        """Each number rounded; what is no array of fractions as it is."""
        if isinstance(x, tuple):
            return tuple(map(self.rounded, x))
        if not (isinstance(x, np.ndarray) and x.dtype.hasobject):
            return x
        out = np.empty(x.shape, dtype=object)
        out.reshape(-1)[:] = [self.round_one(v) for v in x.flat]
        return out

    def round_one(self, x: Any) -> Any:
        """One number, rounded; a condition as it is."""
        if type(x) is not Fraction:
            return x
        if self.figures is not None and not self._is_no_zero(x):
            return Fraction(0)
        places = self.places if self.figures is None else self.figures - 1 - _magnitude(x)
        assert places is not None  # one of the two is given
        scale = Fraction(10) ** places
        scaled = abs(x) * scale
        whole, rest = divmod(scaled.numerator, scaled.denominator)
        above = 2 * rest - scaled.denominator
        if working.rough and abs(above) * CLOSE < scaled.denominator:
            if not working.last:
                raise _Uncertain
            above = 0
        if above > 0 or (above == 0 and (self.mode == MODES[0] or whole % 2)):
            whole += 1
        return (whole if x > 0 else -whole) / scale

    def _is_no_zero(self, x: Fraction) -> bool:
        """Whether a number is not 0, but for the digits that were left out."""
        if not working.rough:
            return x != 0
        lost = working.digits * 9 // 10 if working.last else working.digits // 2
        if abs(x) * 10**lost <= 1 and not working.last:
            raise _Uncertain
        return bool(abs(x) * 10**lost > 1)

    def step(self, x: Array, label: str) -> Array:
        """A quantity that a person would write down, rounded."""
        made = self.rounded(x)
        if working.heard is not None:
            working.heard.append((label, made))
        return made

    # -- numbers -------------------------------------------------------------------------------

    def array(self, data: Any) -> Array:
        """Fractions from numbers, floats by their shortest decimal form; nothing is rounded.

        Raises ValueError for NaN and infinity, complex numbers and symbols, TypeError for what is
        no number.
        """
        return _decimal(exact.array(_number(data)))

    def full(self, shape: tuple[int, ...], value: Any, dtype: str) -> Array:
        """An array of one value."""
        return _decimal(exact.full(shape, _number(value), dtype))

    def slogdet(self, a: Array) -> Array:
        """The signs of the determinants, and the logarithms of their absolute values: (2, *b)."""
        if not a.dtype.hasobject:
            return native.slogdet(a)
        found = exact.det(a)
        parts = exact.sign(found), _log(exact.absolute(found))
        return native.cat([x.reshape(1, *x.shape) for x in parts], 0)

    def complex(self, re: Array, im: Array) -> Array:
        """Refused: raises ValueError."""
        raise ValueError("decimal arithmetic has no complex numbers")

    def cast(self, x: Array, dtype: str) -> Array:
        """Change the dtype; to ``exact``, from symbols and roots too where they are numbers."""
        return _decimal(exact.cast(x, dtype))

    def unknown(self, arrays: Any, function: str, orders: tuple[int, ...]) -> Array:
        """Refused: raises ValueError."""
        raise ValueError(f"{function} is an abstract function: decimal arithmetic needs numbers")


def _magnitude(x: Fraction) -> int:
    """The exponent of the first digit: 0 for 1 … 9.99, -1 for 0.1 …

    >>> [_magnitude(Fraction(x)) for x in ("9.99", "10", "0.1", "0.0999")]
    [0, 1, -1, -2]
    """
    size = abs(x)
    bits = size.numerator.bit_length() - size.denominator.bit_length()
    guess = bits * 30103 // 100000
    while Fraction(10) ** guess > size:
        guess -= 1
    while Fraction(10) ** (guess + 1) <= size:
        guess += 1
    return guess


def _number(x: Any) -> Any:
    """An operand, a constant as a fraction next to it."""
    return functions.constant(x) if isinstance(x, Constant) else x


def _decimal(x: Array) -> Array:
    """An exact array with fractions for roots and their like."""
    if not x.dtype.hasobject or all(type(v) is Fraction for v in x.flat):
        return x
    out = np.empty(x.shape, dtype=object)
    out.reshape(-1)[:] = [_from_exact(v) for v in x.flat]
    return out


def _from_exact(value: Any) -> Any:
    if type(value) is Fraction:
        return value
    if not value.is_number:
        raise ValueError(f"{value} is no number yet: decimal arithmetic needs numbers")
    if value.is_extended_real is not True:
        raise ValueError(f"{value} is complex: decimal arithmetic has real numbers")
    working.rough = True
    return Fraction(str(value.evalf(working.digits + functions.GUARD)))


_log = exact.elementwise(np.log, functions.logarithm)

_IRRATIONAL = {
    "power": exact.elementwise(np.power, functions.power),
    "arctan2": exact.elementwise(np.arctan2, functions.angle),
    "hypot": exact.elementwise(np.hypot, functions.hypotenuse),
    "sqrt": exact.elementwise(np.sqrt, functions.root),
    "exp": exact.elementwise(np.exp, functions.exponential),
    "expm1": exact.elementwise(np.expm1, functions.exponential_minus_1),
    "log": _log,
    "log1p": exact.elementwise(np.log1p, functions.logarithm_of_1_plus),
    "log2": exact.elementwise(np.log2, functions.logarithm_to_base_2),
    "log10": exact.elementwise(np.log10, functions.logarithm_to_base_10),
    "sin": exact.elementwise(np.sin, functions.sine),
    "cos": exact.elementwise(np.cos, functions.cosine),
    "sinh": exact.elementwise(np.sinh, functions.hyperbolic_sine),
    "cosh": exact.elementwise(np.cosh, functions.hyperbolic_cosine),
    "tanh": exact.elementwise(np.tanh, functions.hyperbolic_tangent),
    "arcsinh": exact.elementwise(np.arcsinh, functions.inverse_hyperbolic_sine),
    "arccosh": exact.elementwise(np.arccosh, functions.inverse_hyperbolic_cosine),
    "arctanh": exact.elementwise(np.arctanh, functions.inverse_hyperbolic_tangent),
    "erf": exact.elementwise(native.erf, functions.error_function),
    "erfc": exact.elementwise(native.erfc, functions.complementary_error_function),
    "erfinv": exact.elementwise(native.erfinv, functions.inverse_error_function),
}


def _shared(name: str) -> Any:
    """The function of the namespace that computes with fractions as they are."""
    function = _IRRATIONAL.get(name) or getattr(exact, name)

    def call(self: Decimal, *arrays: Any, **attributes: Any) -> Any:
        return function(*map(_number, arrays), **attributes)

    call.__name__, call.__doc__ = name, f"`{name}` of the contract."
    return call


for _name in (*PRIMITIVES, "scan"):
    if _name not in vars(Decimal):
        setattr(Decimal, _name, _shared(_name))
