"""Symbols: exact tensors that stand for numbers nobody has named yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.core import dtypes as dt
from chainrule.core.errors import ArgumentError
from chainrule.core.node import leaf
from chainrule.core.tensor import Tensor

ASSUMPTIONS = (
    "positive", "negative", "nonnegative", "nonpositive", "zero", "nonzero", "integer", "even",
    "odd", "rational",
)  # fmt: skip
"""What can be assumed of a symbol, in SymPy's words."""


def symbols(names: str, shape: Sequence[int] = (), **assumptions: bool) -> Any:
    """Exact tensors that stand for real numbers: one for each name, or, with a shape, one tensor of
    indexed ones for each name.

    ``assumptions`` such as ``positive=True`` or ``integer=True`` decide comparisons, absolute
    values and roots (`ASSUMPTIONS` lists them).  Raises ArgumentError for others, and where they
    contradict each other.

    >>> import chainrule as cr
    >>> x, y = cr.symbols("x y")
    >>> x * y + x
    tensor(x*y + x, dtype=chainrule.exact)
    >>> cr.symbols("t", positive=True).abs().log()
    tensor(log(t), dtype=chainrule.exact)
    """
    import sympy  # only exact arithmetic pays for SymPy

    _check_assumptions(assumptions, sympy)
    made = []
    for name in names.replace(",", " ").split():
        if not name.isidentifier():
            raise ArgumentError(f"not a name: {name!r}")
        entries = np.empty(tuple(shape), object)
        for index in np.ndindex(*shape):
            label = name + "_".join(str(i + 1) for i in index)
            entries[index] = sympy.Symbol(label, real=True, **assumptions)
        made.append(Tensor(leaf(entries.shape, dt.exact, entries)))
        made[-1].name = name
    return made[0] if len(made) == 1 else tuple(made)


def _check_assumptions(assumptions: dict[str, bool], sympy: Any) -> None:
    for name, value in assumptions.items():
        if name not in ASSUMPTIONS or not isinstance(value, bool):
            raise ArgumentError(
                f"nothing can be assumed by {name}={value!r}",
                expected=f"True or False for {', '.join(ASSUMPTIONS)}",
            )
    try:
        sympy.Symbol("x", real=True, **assumptions)
    except ValueError:
        told = ", ".join(f"{name}={value}" for name, value in assumptions.items())
        raise ArgumentError(f"no real number is {told}") from None
