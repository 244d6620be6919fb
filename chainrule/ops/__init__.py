"""The ops: one class each, registered by being imported."""

from chainrule.ops import (
    arranging,
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
    picking,
    piecewise,
    random,
    reduce,
    rounding,
    scattering,
    shape,
    sorting,
    special,
    splitting,
    stable,
    trigonometry,
    views,
    window,
)

__all__ = [
    "arranging", "compare", "complex", "contract", "creation", "diagonals", "elementwise",
    "indexing", "linalg", "linear", "lookup", "losses", "methods", "moves", "picking",
    "piecewise", "random", "reduce", "rounding", "scattering", "shape", "sorting", "special",
    "splitting", "stable", "trigonometry", "views", "window",
]  # fmt: skip
