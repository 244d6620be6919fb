"""The ops: one class each, registered by being imported."""

from chainrule.ops import (
    compare,
    complex,
    contract,
    creation,
    custom,
    elementwise,
    indexing,
    linear,
    lookup,
    losses,
    methods,
    piecewise,
    random,
    reduce,
    shape,
    stable,
    surroundings,
    views,
    window,
)

__all__ = [
    "compare", "complex", "contract", "creation", "custom", "elementwise", "indexing",
    "linear", "lookup", "losses", "methods", "piecewise", "random", "reduce", "shape", "stable",
    "surroundings", "views", "window",
]  # fmt: skip
