"""The ops: one class each, registered by being imported.  One family a file:

* entry by entry: `elementwise`, `arithmetic`, `compare`, `predicates`, `signs`, `bounds`,
  `rounding`, `logarithms`, `trigonometry`, `special`, `complex`, `piecewise`, `abstract`;
  `rectifiers` and `activations`; `variants`, functions that take one of several ops;
* along axes: `reduce`, `extremes`, `truth`, `cumulative`, `deviation`, `quantiles`, `sorting`,
  `distinct`, `search`, `normalise`;
* places: `shape`, `views`, `moves`, `diagonals`, `window`; by an index: `lookup`, `indexing`;
  functions of several of them: `arranging`, `splitting`, `picking`, `scattering`;
* products: `linear`, `contract`, `products`, `chains`, `linalg`, `norms`, `attention`;
* losses: `losses` (softmax, and what they share), `regression_losses`, `class_losses`,
  `probability_losses`, `margin_losses`;
* made of nothing: `filled`, `fromdata`, `symbolic`, `random`, `draws` (all under `creation`);
* holding graphs: `loop` and `scan`, `custom`; marks and stabilisers: `stable`;
* methods of tensors that are no op: `methods`, `surroundings`.
"""

from chainrule.ops import (
    abstract,
    activations,
    arithmetic,
    arranging,
    attention,
    bounds,
    chains,
    class_losses,
    cofactors,
    compare,
    complex,
    contract,
    creation,
    cumulative,
    custom,
    deviation,
    diagonals,
    distinct,
    elementwise,
    extremes,
    indexing,
    linalg,
    linear,
    logarithms,
    lookup,
    losses,
    margin_losses,
    methods,
    moves,
    norms,
    picking,
    piecewise,
    predicates,
    probability_losses,
    products,
    quantiles,
    random,
    rectifiers,
    reduce,
    regression_losses,
    rounding,
    scattering,
    search,
    shape,
    signs,
    sorting,
    special,
    splitting,
    stable,
    surroundings,
    trigonometry,
    truth,
    variants,
    views,
    window,
)

__all__ = [
    "abstract", "activations", "arithmetic", "arranging", "attention", "bounds", "chains",
    "class_losses", "cofactors", "compare", "complex", "contract", "creation", "cumulative",
    "custom", "deviation", "diagonals", "distinct", "elementwise", "extremes", "indexing", "linalg",
    "linear", "logarithms", "lookup", "losses", "margin_losses", "methods", "moves", "norms",
    "picking", "piecewise", "predicates", "probability_losses", "products", "quantiles", "random",
    "rectifiers", "reduce", "regression_losses", "rounding", "scattering", "search", "shape",
    "signs", "sorting", "special", "splitting", "stable", "surroundings", "trigonometry", "truth",
    "variants", "views", "window",
]  # fmt: skip
