"""The ops: one class each, registered by being imported."""

from chainrule.ops import (
    compare,
    complex,
    creation,
    elementwise,
    indexing,
    linear,
    lookup,
    losses,
    methods,
    random,
    reduce,
    shape,
    stable,
    views,
)

__all__ = ["compare", "complex", "creation", "elementwise", "indexing", "linear", "lookup", "losses",
           "methods", "random", "reduce", "shape", "stable", "views"]  # fmt: skip
