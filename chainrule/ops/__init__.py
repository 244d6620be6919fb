"""The ops: one class each, registered by being imported."""

from chainrule.ops import (
    abstract,
    compare,
    complex,
    contract,
    creation,
    custom,
    elementwise,
    indexing,
    linalg,
    linear,
    lookup,
    losses,
    methods,
    piecewise,
    random,
    reduce,
    rounding,
    shape,
    sorting,
    special,
    stable,
    surroundings,
    trigonometry,
    views,
    window,
)

__all__ = [
    "abstract", "compare", "complex", "contract", "creation", "custom", "elementwise", "indexing",
    "linalg", "linear", "lookup", "losses", "methods", "piecewise", "random", "reduce", "rounding",
    "shape", "sorting", "special", "stable", "surroundings", "trigonometry", "views", "window",
]  # fmt: skip
