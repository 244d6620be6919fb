"""What expressions are made of: names, numbers, ops applied to them, entries moved."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chainrule.core.op import Op


@dataclass(frozen=True, eq=False)
class Symbol:
    """A value with a name."""

    name: str
    value: Any
    shape: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Number:
    """A number; with a shape, that many of it."""

    value: Any
    shape: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Call:
    """An op applied to expressions; to more than two, where it is written between its operands."""

    op: Op
    args: tuple[Expression, ...]
    attrs: dict[str, Any]
    shape: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Output:
    """One output of an op with several: ``.values``, or ``[0]`` where there are any number."""

    whole: Expression
    part: str
    shape: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Moved:
    """Entries of ``base`` in other places: ``reads`` says which; ``plain`` is it as it was called.

    ``mark`` is how it is written: ``turned`` (ᵀ), ``row`` (of a vector), ``column``, ``same`` (but
    for axes of size 1), ``spread`` (repeated as in broadcasting), or empty, and then ``plain`` is.
    """

    base: Expression
    mark: str
    shape: tuple[int, ...]
    reads: np.ndarray = field(repr=False)
    plain: Call = field(repr=False)


@dataclass(frozen=True, eq=False)
class Pieced:
    """Entries of several ``bases``, put together or among zeros: ``reads`` counts the entries of
    the bases from 1, one base after the other, and is 0 where there is none."""

    bases: tuple[Expression, ...]
    shape: tuple[int, ...]
    reads: np.ndarray = field(repr=False)
    plain: Call = field(repr=False)


Expression = Symbol | Number | Call | Output | Moved | Pieced


def transparent(op: Op) -> bool:
    """Whether formulas show nothing of an op but its operand: a cast, a mark on a value.

    >>> from chainrule.ops.elementwise.elementary import exp
    >>> transparent(exp)
    False
    """
    return op.text == "{0}"
