"""Bytes in words: counts, units, and the product that they come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chainrule.core.convention import number
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError
from chainrule.core.signature import Dim
from chainrule.core.structural import dtype_of
from chainrule.readings.memory import PARTS, Storage
from chainrule.readings.memory.storage import width

UNITS = "1 KB = 1,000 bytes, 1 KiB = 1,024 bytes, and so on"
NAMES = ("bytes", "K", "M", "G", "T", "P")


def both_units(count: Dim) -> str:
    """Bytes, and the same in the units of 1,000 and of 1,024.

    >>> print(both_units(54), both_units(46758048), sep="; ")
    54 bytes; 46,758,048 bytes = 46.76 MB = 44.59 MiB
    """
    exact = f"{number(count)} {'byte' if count == 1 else 'bytes'}"
    if not isinstance(count, int) or count < 1000:
        return exact
    return f"{exact} = {_scaled(count, 1000)} = {_scaled(count, 1024)}"


def _scaled(count: int, unit: int) -> str:
    """The count in the largest unit of which there is one; from 1,000 bytes on, at least KB."""
    place = 1
    while count >= unit ** (place + 1) and place < len(NAMES) - 1:
        place += 1
    figure = count / unit**place
    shown = f"{figure:.4g}" if figure < 1000 else f"{figure:.0f}"
    return f"{shown} {NAMES[place]}{'i' if unit == 1024 else ''}B"


def product(storage: Storage, dtype: DType | None, count: Dim) -> str:
    """Formula = substitution = number: how many entries there are, of how many bytes.

    >>> import chainrule as cr
    >>> graph = cr.capture(lambda x: x, cr.spec("B", 3, 32))
    >>> storage = Storage(graph.inputs[0].node)
    >>> print(product(storage, cr.float16, storage.bytes(cr.float16)))
    B × 3 × 32 × 2 bytes = 192·B bytes
    """
    sizes = " × ".join(map(str, storage.shape)) or "1"
    own = width(storage.dtype, dtype)
    return f"{sizes} × {own} {'byte' if own == 1 else 'bytes'} = {both_units(count)}"


def types_of(given: Any) -> dict[str, DType]:
    """The element types that stand for floating-point numbers, by part; one type for all parts, or
    a dict of parts.  Raises ArgumentError for other parts, and for what is no type.

    >>> types_of({"parameters": "float16", "optimizer": "float32"})
    {'parameters': chainrule.float16, 'optimizer': chainrule.float32}
    """
    if given is None:
        return {}
    parts = given if isinstance(given, Mapping) else dict.fromkeys(PARTS, given)
    unknown = [part for part in parts if part not in PARTS]
    if unknown:
        raise ArgumentError(
            f"memory has no part {unknown[0]!r}", expected=f"a type, or one for {', '.join(PARTS)}"
        )
    return {part: _type(value) for part, value in parts.items()}


def _type(given: Any) -> DType:
    if isinstance(given, str):
        return dtype_of(given)
    if not isinstance(given, DType):
        raise ArgumentError(f"not an element type: {given!r}", expected="cr.float16, 'int8'")
    return given
