"""The ops: one class each, registered by being imported."""

from chainrule.ops import (
    compare,
    complex,
    contract,
    creation,
    diagonals,
    elementwise,
    indexing,
    linalg,
    linear,
    lookup,
    losses,
    methods,
    moves,
    piecewise,
    random,
    reduce,
    rounding,
    shape,
    sorting,
    special,
    stable,
    trigonometry,
    views,
    window,
)

__all__ = [
    "compare", "complex", "contract", "creation", "diagonals", "elementwise", "indexing", "linalg", "linear",
    "lookup", "losses", "methods", "moves", "piecewise", "random", "reduce", "rounding", "shape", "sorting",
    "special", "stable", "trigonometry", "views", "window",
]  # fmt: skip
