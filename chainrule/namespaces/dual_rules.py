"""Derivatives of the primitives along one direction, written with the functions of a namespace.

Each rule gives an operand's part of the tangent of the result (None for zero) from the namespace,
the operand's tangent t, the result z, and all operands.
"""

from __future__ import annotations

from collections.abc import Callable
from numbers import Number
from typing import Any

from chainrule.namespaces.constants import LN_2, LN_10, TWO_OVER_ROOT_PI

Array = Any
Rule = Callable[..., Array | None]


def _is_complex(x: Array) -> bool:
    """Whether an array is of complex numbers, as its dtype or its exact entries say."""
    while hasattr(x, "primal"):  # a dual number, of any level
        x = x.primal
    dtype = getattr(x, "dtype", None)
    if getattr(dtype, "hasobject", False):
        return any(getattr(value, "is_real", True) is False for value in x.flat)
    return "complex" in str(dtype)


def _is_number(x: Array) -> bool:
    """Whether an operand is a Python number instead of an array."""
    return isinstance(x, Number)


def _power_base(xp: Any, t: Array, z: Array, x: Array, y: Array) -> Array | None:
    """The tangent t times y x^(y - 1); 0 for y = 0, without asking for 0^(-1)."""
    if _is_number(y):
        if y == 0 or y == 1:
            return t if y else None
        less = y - 1
    else:
        less = xp.where(xp.equal(y, 0), 0, xp.subtract(y, 1))
    return xp.multiply(t, xp.multiply(xp.power(x, less), y))


def _power_exponent(xp: Any, t: Array, z: Array, x: Array, y: Array) -> Array:
    """The tangent t times x^y log x; 0 for x = 0."""
    if _is_number(x):
        x = xp.multiply(xp.power(y, 0), x)
    return xp.multiply(t, xp.multiply(z, xp.log(xp.where(xp.equal(x, 0), 1, x))))


def _absolute(xp: Any, t: Array, z: Array, x: Array) -> Array:
    """The sign of x; for complex numbers the part of t along x.  0 at 0."""
    if not _is_complex(x):
        return xp.multiply(t, xp.sign(x))
    along = xp.real(xp.multiply(xp.conj(x), t))
    return xp.divide(along, xp.where(xp.equal(z, 0), 1, z))


def _sign(xp: Any, t: Array, z: Array, x: Array) -> Array | None:
    """Nothing for real numbers; for complex ones the turning of x / abs(x).  0 at 0."""
    if not _is_complex(x):
        return None
    size = xp.absolute(x)
    at_zero = xp.equal(size, 0)
    turn = xp.subtract(t, xp.multiply(z, xp.complex(_absolute(xp, t, size, x), 0)))
    return xp.where(at_zero, 0, xp.divide(turn, xp.complex(xp.where(at_zero, 1, size), 0)))


def _chosen(xp: Any, t: Array, ours: Array, other: Array, less: Callable[..., Array]) -> Array:
    """Nothing of t where ``less(ours, other)``, half of it at a tie, else all."""
    half = xp.multiply(t, 0.5)
    return xp.where(less(ours, other), 0, xp.where(xp.equal(ours, other), half, t))


def _squares(xp: Any, x: Array, y: Array) -> Array:
    """x² + y²."""
    return xp.add(xp.multiply(x, x), xp.multiply(y, y))


def _angle(xp: Any, t: Array, z: Array, y: Array, x: Array) -> Array:
    """The tangent t of y times x / (x² + y²), 0 at the origin."""
    size = _squares(xp, x, y)
    return xp.multiply(t, xp.divide(x, xp.where(xp.equal(size, 0), 1, size)))


def _logarithm(natural: float) -> Rule:
    """The rule of a logarithm, from the natural logarithm of its base."""
    return lambda xp, t, z, x: xp.divide(t, xp.multiply(x, natural))


def _roots(xp: Any, x: Array) -> Array:
    """√(x - 1) √(x + 1), which is not defined below 1."""
    return xp.multiply(xp.sqrt(xp.subtract(x, 1)), xp.sqrt(xp.add(x, 1)))


def _bell(xp: Any, t: Array, z: Array, x: Array) -> Array:
    """The tangent t times 2 / √π e^(-x²)."""
    bell = xp.exp(xp.negative(xp.multiply(x, x)))
    return xp.multiply(t, xp.multiply(bell, TWO_OVER_ROOT_PI))


def _overtakes(xp: Any, x: Array, y: Array) -> Array:
    """Where y is larger than x, or the first NaN of the two: not where they are equal."""
    return xp.logical_and(xp.equal(x, x), xp.logical_not(xp.less_equal(y, x)))


SMOOTH: dict[str, tuple[Rule | None, ...]] = {
    "add": (lambda xp, t, z, x, y: t, lambda xp, t, z, x, y: t),
    "subtract": (lambda xp, t, z, x, y: t, lambda xp, t, z, x, y: xp.negative(t)),
    "multiply": (
        lambda xp, t, z, x, y: xp.multiply(t, y),
        lambda xp, t, z, x, y: xp.multiply(x, t),
    ),
    "matmul": (lambda xp, t, z, x, y: xp.matmul(t, y), lambda xp, t, z, x, y: xp.matmul(x, t)),
    "solve": (
        lambda xp, t, z, a, y: xp.negative(xp.solve(a, xp.matmul(t, z))),
        lambda xp, t, z, a, y: xp.solve(a, t),
    ),
    "det": (lambda xp, t, z, a: xp.multiply(z, xp.einsum((xp.solve(a, t),), "...ii->...")),),
    "divide": (
        lambda xp, t, z, x, y: xp.divide(t, y),
        lambda xp, t, z, x, y: xp.negative(xp.divide(xp.multiply(t, z), y)),
    ),
    "remainder": (
        lambda xp, t, z, x, y: t,
        lambda xp, t, z, x, y: xp.negative(xp.multiply(t, xp.floor_divide(x, y))),
    ),
    "power": (_power_base, _power_exponent),
    "arctan2": (
        _angle,
        lambda xp, t, z, y, x: xp.negative(_angle(xp, t, z, x, y)),
    ),
    "hypot": (
        lambda xp, t, z, x, y: xp.multiply(t, xp.divide(x, z)),
        lambda xp, t, z, x, y: xp.multiply(t, xp.divide(y, z)),
    ),
    "maximum": (
        lambda xp, t, z, x, y: _chosen(xp, t, x, y, xp.less),
        lambda xp, t, z, x, y: _chosen(xp, t, y, x, xp.less),
    ),
    "minimum": (
        lambda xp, t, z, x, y: _chosen(xp, t, x, y, lambda a, b: xp.less(b, a)),
        lambda xp, t, z, x, y: _chosen(xp, t, y, x, lambda a, b: xp.less(b, a)),
    ),
    "larger": (
        lambda xp, t, z, x, y: xp.where(_overtakes(xp, x, y), 0, t),
        lambda xp, t, z, x, y: xp.where(_overtakes(xp, x, y), t, 0),
    ),
    "where": (
        None,
        lambda xp, t, z, c, x, y: xp.where(c, t, 0),
        lambda xp, t, z, c, x, y: xp.where(c, 0, t),
    ),
    "complex": (
        lambda xp, t, z, x, y: xp.complex(t, 0),
        lambda xp, t, z, x, y: xp.complex(0, t),
    ),
    "absolute": (_absolute,),
    "sign": (_sign,),
    "relu": (lambda xp, t, z, x: xp.where(xp.less_equal(x, 0), 0, t),),
    "sqrt": (lambda xp, t, z, x: xp.divide(t, xp.multiply(z, 2)),),
    "exp": (lambda xp, t, z, x: xp.multiply(t, z),),
    "expm1": (lambda xp, t, z, x: xp.multiply(t, xp.add(z, 1)),),
    "log": (lambda xp, t, z, x: xp.divide(t, x),),
    "log1p": (lambda xp, t, z, x: xp.divide(t, xp.add(x, 1)),),
    "log2": (_logarithm(LN_2),),
    "log10": (_logarithm(LN_10),),
    "sin": (lambda xp, t, z, x: xp.multiply(t, xp.cos(x)),),
    "cos": (lambda xp, t, z, x: xp.negative(xp.multiply(t, xp.sin(x))),),
    "sinh": (lambda xp, t, z, x: xp.multiply(t, xp.cosh(x)),),
    "cosh": (lambda xp, t, z, x: xp.multiply(t, xp.sinh(x)),),
    "tanh": (lambda xp, t, z, x: xp.multiply(t, xp.subtract(1, xp.multiply(z, z))),),
    "arcsinh": (lambda xp, t, z, x: xp.divide(t, xp.hypot(x, 1)),),
    "arccosh": (lambda xp, t, z, x: xp.divide(t, _roots(xp, x)),),
    "arctanh": (lambda xp, t, z, x: xp.divide(t, xp.subtract(1, xp.multiply(x, x))),),
    "erf": (_bell,),
    "erfinv": (lambda xp, t, z, x: xp.divide(t, _bell(xp, xp.power(z, 0), z, z)),),
    "erfc": (lambda xp, t, z, x: xp.negative(_bell(xp, t, z, x)),),
}
"""For each primitive one rule an operand; None for an operand that has no derivative."""

LINEAR = """
    negative conj real imag sum cumsum reshape permute expand slice place flip windows fold gather
    take step
"""
"""Linear in the first array: they act on its tangent too."""

CONSTANT = """
    floor round floor_divide equal less less_equal logical_not logical_and logical_or bitwise_and
    argmax argmin argsort full arange uniform detach shift
"""
"""They do not vary, or only jump."""
