"""The ops: one class each, registered by being imported."""

from chainrule.ops import (
    abstract,
    compare,
    complex,
    contract,
    creation,
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
    views,
    window,
)

__all__ = [
    "abstract",
    "compare", "complex", "contract", "creation", "elementwise", "indexing", "linear", "lookup",
    "losses", "methods", "piecewise", "random", "reduce", "shape", "stable", "views", "window",
]  # fmt: skip
