"""Numbers like π and ln 2: floats that still know, in exact arithmetic, which number they are.

A `Constant` is a Python float, and every namespace of floats takes it for one.  It also keeps how
it is made from whole numbers, π and e; sums, products, quotients and powers with whole numbers,
fractions and other constants keep it too, so that π / 2 is exact.  Beside a float it is a float.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

Form = Any
"""A fraction, a name, or a tuple: an operation and the forms of its operands."""


class Constant(float):
    """A float with the ``form`` of the exact number that it is the nearest float to.

    >>> PI / 2, isinstance(PI, float), PI * 0.5 == PI / 2
    (1.5707963267948966, True, True)
    >>> import sympy
    >>> (PI / 2).expression(sympy), (1 / sqrt(2 * PI)).expression(sympy)
    (pi/2, sqrt(2)/(2*sqrt(pi)))
    """

    form: Form

    def __new__(cls, value: float, form: Form) -> Constant:
        made = super().__new__(cls, value)
        made.form = form
        return made

    def expression(self, sympy: Any) -> Any:
        """The number as a SymPy expression."""
        return _expression(self.form, sympy)

    def __array_ufunc__(self, ufunc: Any, method: str, *operands: Any, **named: Any) -> Any:
        # NumPy lets the other operand choose the dtype for plain floats alone
        return getattr(ufunc, method)(*map(_plain, operands), **named)

    def __array_function__(self, function: Any, types: Any, args: Any, named: Any) -> Any:
        return function(*map(_plain, args), **named)

    def __reduce__(self) -> Any:
        return Constant, (float(self), self.form)

    def __deepcopy__(self, memo: Any) -> Constant:
        return self

    def __neg__(self) -> Constant:
        return Constant(-float(self), ("mul", self.form, Fraction(-1)))


def _plain(x: Any) -> Any:
    return float(x) if isinstance(x, Constant) else x


def _form(x: Any) -> Form:
    """The form of an exact operand; None for any other."""
    if isinstance(x, Constant):
        return x.form
    return Fraction(x) if isinstance(x, int | Fraction) else None


def _expression(form: Form, sympy: Any) -> Any:
    if isinstance(form, Fraction):
        return sympy.Rational(form.numerator, form.denominator)
    if form in ("pi", "E"):
        return getattr(sympy, form)
    operation, *operands = form
    parts = [_expression(part, sympy) for part in operands]
    function = getattr(sympy if operation in ("log", "sqrt") else operator, operation)
    return function(*parts)


def _keeping(name: str, swapped: bool) -> Callable[..., Any]:
    """Float's own operator, which keeps the form beside exact operands."""
    plain = getattr(float, f"__{'r' if swapped else ''}{name}__")

    def apply(self: Constant, other: Any) -> Any:
        mine, theirs = self.form, _form(other)
        found = plain(float(self), float(other) if theirs is not None else other)
        if theirs is None or not isinstance(found, float):
            return found
        return Constant(found, (name, theirs, mine) if swapped else (name, mine, theirs))

    return apply


for _name in ("add", "sub", "mul", "truediv", "pow"):
    setattr(Constant, f"__{_name}__", _keeping(_name, swapped=False))
    setattr(Constant, f"__r{_name}__", _keeping(_name, swapped=True))


def sqrt(x: Any) -> float:
    """The square root of a whole number, a fraction or a constant.

    >>> import sympy
    >>> sqrt(2), sqrt(2).expression(sympy)
    (1.4142135623730951, sqrt(2))
    """
    return Constant(math.sqrt(x), ("sqrt", _exact_form(x)))


def log(x: Any) -> float:
    """The natural logarithm of a whole number, a fraction or a constant.

    >>> import sympy
    >>> log(2), (log(2 * PI) / 2).expression(sympy)
    (0.6931471805599453, log(2*pi)/2)
    """
    return Constant(math.log(x), ("log", _exact_form(x)))


def _exact_form(x: Any) -> Form:
    form = _form(x)
    if form is None:
        raise TypeError(f"{x!r} of type {type(x).__name__} is no exact number")
    return form


PI = Constant(math.pi, "pi")
E = Constant(math.e, "E")

ROOT_2, ROOT_2_OVER_PI, TWO_OVER_ROOT_PI = sqrt(2), sqrt(2 / PI), 2 / sqrt(PI)
LN_2, LN_10 = log(2), log(10)
