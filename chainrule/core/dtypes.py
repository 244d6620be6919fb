"""Element types: their names, their order, and PyTorch's promotion rules.

The types that NumPy has, and ``exact``: fractions while they last, SymPy numbers and symbols after.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

BOOL, INTEGER, REAL, COMPLEX, EXACT = range(5)
"""The categories, lowest first: a number of a higher category lifts the type of the result."""

ANY = (BOOL, INTEGER, REAL, COMPLEX, EXACT)
NUMBERS = (INTEGER, REAL, COMPLEX, EXACT)
"""All but bools."""
ORDERED = (BOOL, INTEGER, REAL, EXACT)
"""All but complex numbers, which have no order."""
ORDERED_NUMBERS = (INTEGER, REAL, EXACT)
CONTINUOUS = (REAL, COMPLEX, EXACT)
"""All that can have gradients."""


@dataclass(frozen=True, eq=False)
class DType:
    """An element type.

    ``name`` is PyTorch's, ``category`` one of the five above, ``bits`` the width of one element
    (0 for ``exact``, whose elements have no fixed width), ``numpy`` the type of the array.

    >>> float32.bits, float32.is_floating_point, exact.is_floating_point
    (32, True, False)
    """

    name: str
    category: int
    bits: int
    numpy: np.dtype

    @property
    def is_floating_point(self) -> bool:
        """Whether it is a real floating-point type."""
        return self.category == REAL

    @property
    def is_complex(self) -> bool:
        """Whether it is a complex floating-point type."""
        return self.category == COMPLEX

    @property
    def differentiable(self) -> bool:
        """Whether tensors of this type can have gradients."""
        return self.category >= REAL

    @property
    def itemsize(self) -> int:
        """Bytes of one element (bools take one byte)."""
        return max(1, self.bits // 8)

    def __repr__(self) -> str:
        return f"chainrule.{self.name}"

    def __reduce__(self) -> str:
        return f"{self.name}_" if self.name == "bool" else self.name


def _dtype(name: str, category: int, bits: int) -> DType:
    return DType(name, category, bits, np.dtype(object if category == EXACT else name))


bool_ = _dtype("bool", BOOL, 8)
uint8 = _dtype("uint8", INTEGER, 8)
int8 = _dtype("int8", INTEGER, 8)
int16 = _dtype("int16", INTEGER, 16)
int32 = _dtype("int32", INTEGER, 32)
int64 = _dtype("int64", INTEGER, 64)
float16 = _dtype("float16", REAL, 16)
float32 = _dtype("float32", REAL, 32)
float64 = _dtype("float64", REAL, 64)
complex64 = _dtype("complex64", COMPLEX, 64)
complex128 = _dtype("complex128", COMPLEX, 128)
exact = _dtype("exact", EXACT, 0)

DTYPES: dict[str, DType] = {
    d.name: d
    for d in (bool_, uint8, int8, int16, int32, int64, float16, float32, float64, complex64,
              complex128, exact)
}  # fmt: skip
"""Every element type by name."""

_BY_NUMPY = {d.numpy: d for d in DTYPES.values()}
_default = float32


def from_numpy_dtype(dtype: np.dtype) -> DType:
    """The element type of a NumPy array's dtype; raises TypeError where there is none.

    >>> from_numpy_dtype(np.dtype("int64"))
    chainrule.int64
    """
    try:
        return _BY_NUMPY[dtype]
    except KeyError:
        raise TypeError(f"no tensor can hold elements of NumPy type {dtype}") from None


def get_default_dtype() -> DType:
    """The type that Python floats take (float32 unless set)."""
    return _default


def set_default_dtype(dtype: Any) -> None:
    """Set the type that Python floats take; raises TypeError unless it is floating."""
    if not isinstance(dtype, DType) or not dtype.is_floating_point:
        raise TypeError(f"only floating-point types can be the default, not {dtype!r}")
    global _default
    _default = dtype


def default_of(category: int) -> DType:
    """The type that a Python number of ``category`` takes on its own."""
    if category == COMPLEX:
        return complex128 if _default is float64 else complex64
    return {BOOL: bool_, INTEGER: int64, REAL: _default, EXACT: exact}[category]


def real_of(dtype: DType) -> DType:
    """The type of the real part: float32 for complex64; other types are their own."""
    return {complex64: float32, complex128: float64}.get(dtype, dtype)


def complex_of(dtype: DType) -> DType:
    """The complex type whose parts are ``dtype``, or the next wider one.

    >>> complex_of(float64), complex_of(float16)
    (chainrule.complex128, chainrule.complex64)
    """
    pairs = {float16: complex64, float32: complex64, float64: complex128}
    return pairs.get(dtype, dtype)


def promote(a: DType, b: DType) -> DType:
    """The common type of two tensors of equal standing, as PyTorch has it.

    >>> promote(int64, float32), promote(uint8, int8), promote(complex64, float64)
    (chainrule.float32, chainrule.int16, chainrule.complex128)
    """
    if a is b:
        return a
    pair = {a.category, b.category}
    if float16 in (a, b) or (len(pair) == 2 and pair != {REAL, COMPLEX}):
        return max(a, b, key=lambda d: (d.category, d.bits))
    return _BY_NUMPY[np.promote_types(a.numpy, b.numpy)]


def result_type(dtypes: list[DType], ranks: list[int]) -> DType:
    """The common type of operands: those without axes count only by a higher category.

    >>> result_type([float32, float64], [2, 0]), result_type([float32, complex128], [2, 0])
    (chainrule.float32, chainrule.complex64)
    """
    found: list[DType | None] = [None, None]  # with axes, without
    for dtype, rank in zip(dtypes, ranks, strict=True):
        tier = 0 if rank else 1
        other = found[tier]
        found[tier] = dtype if other is None else promote(other, dtype)
    main, scalar = found
    if main is None or scalar is None:
        return main or scalar or _default
    if main.category == REAL and scalar.category == COMPLEX:
        return complex_of(main)
    return main if main.category >= scalar.category else promote(main, scalar)
