"""Numbers that no fraction writes, in every arithmetic: π, √2, ln 2.

A forward takes one from its namespace, ``xp.constant(PI)``: floats get the nearest float, exact
arithmetic the number itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Constant:
    """An irrational number: how it is written, the nearest float, and SymPy's own.

    ``exact`` is given the SymPy library, which only exact arithmetic imports.

    >>> f"{PI} is about {float(PI):.2f}"
    'π is about 3.14'
    """

    name: str
    value: float
    exact: Callable[[Any], Any] = field(compare=False)

    def __float__(self) -> float:
        return self.value

    def __str__(self) -> str:
        return self.name

    __repr__ = __str__


PI = Constant("π", math.pi, lambda sympy: sympy.pi)
ROOT_2 = Constant("√2", math.sqrt(2), lambda sympy: sympy.sqrt(2))
LN_2 = Constant("ln 2", math.log(2), lambda sympy: sympy.log(2))
LN_10 = Constant("ln 10", math.log(10), lambda sympy: sympy.log(10))
TWO_OVER_ROOT_PI = Constant(
    "2/√π", 2 / math.sqrt(math.pi), lambda sympy: 2 / sympy.sqrt(sympy.pi)
)  # fmt: skip
ROOT_2_OVER_PI = Constant("√(2/π)", math.sqrt(2 / math.pi), lambda sympy: sympy.sqrt(2 / sympy.pi))
