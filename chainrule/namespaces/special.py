"""The error function and its inverse in floats, to the last place or two, by NumPy alone.

>>> import math
>>> x = np.array([-0.5, 0.0, 3.0])
>>> bool(np.allclose(erf(x), [math.erf(v) for v in x], rtol=1e-15, atol=1e-15))
True
>>> bool(abs(erfc(10.0) / math.erfc(10.0) - 1) < 1e-15)
True
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np

Array = Any

SERIES = [2 / math.sqrt(math.pi) * (-1) ** n / (math.factorial(n) * (2 * n + 1)) for n in range(19)]
"""erf(x) / x as powers of x², its Taylor series: all that counts for x up to 1."""

TAIL = [
    1.2530080582697296, -0.1356211061245812, -0.04756229435341897, 0.12964515870276264,
    -0.11927366341681594, 0.06830802734392144, -0.023770514890662273, 0.002529391816799663,
    0.0018886900908332905, -0.0007798322772742547, -0.00010515828085467254,
    0.00012509937435915822, 4.944031214882928e-06, -2.0100627664406107e-05,
    -7.186149396303622e-07, 3.472520280065519e-06, 3.3649033965298255e-07,
    -6.167709493550964e-07, -1.2038713923616526e-07, 1.0195717375790894e-07,
    2.7779061599708634e-08, -1.3361953304404018e-08, -3.169592039553522e-09,
    9.948820947537195e-10,
]  # fmt: skip
"""(1 + 2 x) e^(x²) erfc(x) as powers of t = (x - 3) / (x + 3), for x from 0 to infinity: the
interpolation at the 24 Chebyshev nodes of t, computed with 50 digits."""


SHORT_TAIL = [
    1.2530080563514496, -0.13562110005839803, -0.047562156146354076, 0.1296447209153884,
    -0.11927528136881009, 0.06831319671956372, -0.023763559702172088, 0.0025067786718598333,
    0.001875060245867973, -0.0007340820503933423, -9.25376912641456e-05, 8.007454974776248e-05,
]  # fmt: skip
"""The same at 12 nodes, right to 1e-8: for operands of float32 and float16, computed in float64."""

BLOCK = 8192
"""So many entries at a time, that those between two steps stay in the processor's cache."""


def _polynomial(coefficients: Sequence[float], x: Array) -> Array:
    """Horner's rule."""
    total = x * coefficients[-1]
    for c in coefficients[-2:0:-1]:
        total += c
        total *= x
    return total + coefficients[0]


def _near(x: Array, terms: int) -> Array:
    """erf(x) by the first terms of its series."""
    return x * _polynomial(SERIES[:terms], x * x)


def _far(x: Array, short: bool) -> Array:
    """erfc(x), for x from 0 to 30: beyond, both functions are what they are there."""
    t = (x - 3) / (x + 3)
    if short:  # the square of a float32 is a float64 without rounding
        return np.exp(-x * x) * _polynomial(SHORT_TAIL, t) / (1 + 2 * x)
    # e^(-x²) in two factors, since x² would be rounded; the second is so near 1 that four terms do
    head = x.astype(np.float32).astype(x.dtype)
    decay = np.exp(-head * head)
    decay *= _polynomial([1, 1, 1 / 2, 1 / 6], (head - x) * (head + x))
    decay *= _polynomial(TAIL, t)
    decay /= 1 + 2 * x
    return decay


def _wide(function: Callable[[Array, bool], Array]) -> Callable[[Any], Array]:
    """Compute in float64, block by block, and give back the operand's shape and type; the function
    is told whether the digits of float32 are enough."""

    def apply(x: Any) -> Array:
        given = np.asarray(x)
        dtype = given.dtype if given.dtype.kind == "f" else np.dtype(np.float64)
        order: Literal["K", "C"] = "K" if all(given.strides) else "C"
        out = np.empty_like(given, dtype, order)  # axes lie as the operand's, as NumPy has it
        flat, made = given.ravel(order), out.ravel(order)
        for start in range(0, flat.size, BLOCK):
            part = slice(start, start + BLOCK)
            made[part] = function(flat[part].astype(np.float64), dtype.itemsize < 8)
        return out[()]

    return apply


def _by_parts(x: Array, near: Array, close: Any, away: Any) -> Array:
    """``close`` of the entries that are near 0, ``away`` of the others."""
    out, far = np.empty_like(x), ~near
    out[near], out[far] = close(x[near]), away(x[far])
    return out


@_wide
def erf(x: Array, short: bool) -> Array:
    """The error function 2 / √π times the integral of e^(-t²) from 0 to x."""

    def away(x: Array) -> Array:
        return np.copysign(1 - _far(np.minimum(np.abs(x), 30), short), x)

    bound, terms = (0.25, 5) if short else (1, 19)
    return _by_parts(x, np.abs(x) <= bound, lambda x: _near(x, terms), away)


@_wide
def erfc(x: Array, short: bool) -> Array:
    """1 - erf(x), accurate where that is small."""

    def away(x: Array) -> Array:
        tail = _far(np.minimum(np.abs(x), 30), short)
        return np.where(x < 0, 2 - tail, tail)

    if short:
        return away(x)
    return _by_parts(x, np.abs(x) < 0.5, lambda x: 1 - _near(x, 12), away)


@_wide
def erfinv(x: Array, short: bool) -> Array:
    """The number whose error function is x: infinite at -1 and 1, NaN beyond.

    Winitzki's approximation ("A handy approximation for the error function and its inverse", 2008),
    right to three digits, then steps of Halley's method, each of which triples the digits.

    >>> y = np.array([-2.0, 1e-9, 0.5])
    >>> bool(np.allclose(erfinv(erf(y)), y, rtol=1e-14, atol=0))
    True
    """
    size = np.abs(x)
    inside = size < 1
    part = size[inside]
    log = np.log1p(-part * part)
    a = 0.147
    b = 2 / (math.pi * a) + log / 2
    y = np.sqrt(np.maximum(np.sqrt(b * b - log / a) - b, 0))
    for _ in range(3):
        error = np.where(part < 0.5, erf(y) - part, (1 - part) - erfc(y))
        step = error / (2 / math.sqrt(math.pi) * np.exp(-y * y))
        y -= step / (1 + y * step)
    out = np.where(size == 1, np.inf, np.nan)
    out[inside] = y
    return np.copysign(out, x)
