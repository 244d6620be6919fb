"""What an op does to element types: the rules that ops name, as PyTorch has them."""

from __future__ import annotations

from chainrule.core import dtypes as dt
from chainrule.core.dtypes import DType
from chainrule.core.errors import DTypeError


def _promote(given: list[DType], ranks: list[int]) -> tuple[list[DType], DType]:
    common = dt.result_type(given, ranks)
    return [common] * len(given), common


def _float(given: list[DType], ranks: list[int]) -> tuple[list[DType], DType]:
    common = dt.result_type(given, ranks)
    if common.category < dt.REAL:
        common = dt.get_default_dtype()
    return [common] * len(given), common


def _alike(given: list[DType], ranks: list[int]) -> tuple[list[DType], DType]:
    common = dt.result_type(given, ranks)
    for dtype in given:
        if dtype is not common and common is not dt.exact:
            words = " and ".join(d.name for d in given)
            raise DTypeError(
                f"the operands are of different types, {words}", hint=f"x.to(cr.{common.name})"
            )
    return [common] * len(given), common


def _compare(given: list[DType], ranks: list[int]) -> tuple[list[DType], DType]:
    return _promote(given, ranks)[0], dt.bool_


def _bool(given: list[DType], ranks: list[int]) -> tuple[list[DType], DType]:
    for dtype in given:
        if dtype is not dt.bool_:  # PyTorch's & works on the bits of whole numbers
            raise DTypeError(
                f"only truth values can be combined, not {dtype.name}", hint="compare first: x != 0"
            )
    return given, dt.bool_


def _same(given: list[DType], ranks: list[int]) -> tuple[list[DType], DType]:
    return given, given[0]


def _index(given: list[DType], ranks: list[int]) -> tuple[list[DType], DType]:
    return given, dt.int64


def _real(given: list[DType], ranks: list[int]) -> tuple[list[DType], DType]:
    return given, dt.real_of(given[0])


DTYPE_RULES = {
    "promote": _promote,
    "float": _float,
    "alike": _alike,
    "compare": _compare,
    "bool": _bool,
    "same": _same,
    "index": _index,
    "real": _real,
}
"""``promote``: cast to the common type, which the result has; ``float``: likewise, whole numbers
becoming the default float; ``alike``: one type, or any beside exact numbers; ``compare``:
cast to the common type, result bool; ``bool``: bools only; ``same``: no cast, the first operand's
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
