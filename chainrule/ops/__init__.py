"""The ops: one class each, registered by being imported."""

from chainrule.ops import (
    compare,
    complex,
    contract,
    creation,
    cumulative,
    deviation,
    distinct,
    elementwise,
    extremes,
    indexing,
    linalg,
    linear,
    lookup,
    losses,
    methods,
    piecewise,
    quantiles,
    random,
    reduce,
    rounding,
    shape,
    sorting,
    special,
    stable,
    trigonometry,
    truth,
    views,
    window,
)

__all__ = [
    "compare", "complex", "contract", "creation", "elementwise", "indexing", "linalg", "linear",
    "lookup", "losses", "methods", "piecewise", "random", "reduce", "rounding", "shape", "sorting",
    "special", "stable", "trigonometry", "views", "window",
]  # fmt: skip
