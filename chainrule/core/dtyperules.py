"""What an op does to element types: the rules that ops name, as PyTorch has them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule.core import dtypes as dt
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError, DTypeError


def _promote(given: list[DType], ranks: list[int]) -> tuple[list[DType], DType]:
    common = dt.result_type(given, ranks)
    return [common] * len(given), common


def _float(given: list[DType], ranks: list[int]) -> tuple[list[DType], DType]:
    common = dt.result_type(given, ranks)
    if common.category < dt.REAL:
        common = dt.get_default_dtype()
    return [common] * len(given), common


def _compare(given: list[DType], ranks: list[int]) -> tuple[list[DType], DType]:
    return _promote(given, ranks)[0], dt.bool_


def _truth(given: list[DType], ranks: list[int]) -> tuple[list[DType], DType]:
    return [dt.bool_] * len(given), dt.bool_


def _same(given: list[DType], ranks: list[int]) -> tuple[list[DType], DType]:
    return given, given[0]


def _index(given: list[DType], ranks: list[int]) -> tuple[list[DType], DType]:
    return given, dt.int64


def _real(given: list[DType], ranks: list[int]) -> tuple[list[DType], DType]:
    return given, dt.real_of(given[0])


def _alike(given: list[DType], ranks: list[int]) -> tuple[list[DType], DType]:
    names = [dtype.name for dtype in given]
    categories = {dtype.category for dtype in given}
    if dt.EXACT in categories or categories == {dt.REAL, dt.COMPLEX}:  # (of a complex step)
        return _promote(given, ranks)
    if len(set(names)) > 1:
        raise DTypeError(
            f"operands of different types: {', '.join(names)}",
            hint=f"bring them to one type: x.to(cr.{max(given, key=_rank).name})",
        )
    return given, given[0]


def _rank(dtype: DType) -> tuple[int, int]:
    return dtype.category, dtype.bits


DTYPE_RULES = {
    "alike": _alike,
    "promote": _promote,
    "float": _float,
    "compare": _compare,
    "truth": _truth,
    "same": _same,
    "index": _index,
    "real": _real,
}
"""``alike``: all of one type, the result's too, as PyTorch wants it of matrix products (any beside
exact ones, real ones beside complex ones); ``promote``: cast to the common type, which the result
has; ``float``: likewise, whole numbers becoming the default float; ``compare``: cast to the common
type, result bool; ``truth``: cast to bool, true where not 0; ``same``: no cast, the first operand's
type; ``index``: no cast, int64; ``real``: no cast, the type of the real part."""


def require(op: str, dtype: DType, *categories: int) -> None:
    """Raise DTypeError unless ``dtype`` is of one of the ``categories``."""
    if dtype.category not in categories:
        names = {dt.BOOL: "bool", dt.INTEGER: "whole-number", dt.REAL: "floating",
                 dt.COMPLEX: "complex", dt.EXACT: "exact"}  # fmt: skip
        allowed = " or ".join(names[c] for c in categories)
        hint = {
            dt.BOOL: "x.to(cr.int64) makes True 1 and False 0",
            dt.COMPLEX: "take .abs(), the real or the imaginary part first",
        }.get(dtype.category)
        raise DTypeError(f"{op} needs a tensor of {allowed} type, not {dtype.name}", hint=hint)


def fits(dtype: DType, **numbers: float) -> None:
    """Raise DTypeError where ``dtype`` is of whole numbers and one of the named numbers is not, or
    is not one of them.

    >>> fits(dt.float32, value=0.5)
    """
    for name, number in numbers.items():
        if dtype.category <= dt.INTEGER and number != int(number):
            raise DTypeError(
                f"{name}={number!r} for whole numbers", hint="make them floating first: x.float()"
            )
        if dtype.category == dt.INTEGER and not room(dtype, number):
            raise DTypeError(
                f"{name}={number!r} does not fit into {dtype.name}", hint="cast the tensor first"
            )


def room(dtype: DType, value: Any) -> bool:
    """Whether a real number, without its decimals, is one that the type has.

    >>> room(dt.uint8, 255.5), room(dt.uint8, -1), room(dt.float16, 1e5), room(dt.float32, math.inf)
    (True, False, False, True)
    """
    if dtype.category == dt.INTEGER:
        limits = np.iinfo(dtype.numpy)
        least = limits.min if limits.min else 0
        return bool(math.isfinite(value) and least <= value < limits.max + 1)
    if dtype.category == dt.REAL and math.isfinite(value):
        return bool(abs(value) <= float(np.finfo(dtype.numpy).max))
    return True


def require_room(value: Any, dtype: DType) -> None:
    """Raise ArgumentError for a Python or NumPy number that ``dtype`` cannot hold.

    >>> require_room(1.5, dt.int64)
    """
    if type(value) is int and 0 <= value <= 1:
        return  # every type has these, with which most tensors start
    real = isinstance(value, int | float | np.number) and not np.iscomplexobj(value)
    if real and not room(dtype, value):
        raise ArgumentError(f"{value} does not fit into {dtype.name}")
