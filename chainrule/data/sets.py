"""Data sets by name, from scikit-learn: small measured ones, and generated ones."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np

from chainrule.core import dtypes as dt
from chainrule.core.errors import ArgumentError
from chainrule.core.tensor import Tensor
from chainrule.ops.creation import tensor

MEASURED: Mapping[str, str] = {
    "digits": "images of handwritten digits, 8 by 8 pixels, from 0 to 1: which digit?",
    "iris": "lengths of sepals and petals in cm: which of three kinds of iris?",
    "wine": "chemical measurements of wines: from which of three growers?",
    "breast_cancer": "measurements of cell nuclei: malignant (0) or benign (1)?",
    "diabetes": "measurements of patients, standardised: how far after a year?",
    "linnerud": "chin-ups, sit-ups and jumps: weight, waist and pulse?",
}
"""The measured sets, and what they ask."""

GENERATED: Mapping[str, str] = {
    "moons": "points of two interleaved half circles: which one?",
    "circles": "points of a circle and of one around it: which one?",
    "blobs": "points of several clusters: which one?",
    "swiss_roll": "points of a rolled-up sheet: where along the roll?",
    "regression": "random inputs, a random linear function of them, and noise",
}
"""The generated sets, and what they ask; a ``seed`` says which one is generated."""


def load(name: str, **options: Any) -> tuple[Tensor, Tensor]:
    """A data set by its name: inputs (n, features) in float32 and targets (n) or (n, outputs),
    class numbers in int64 or measured quantities in float32.

    Measured: digits, iris, wine, breast_cancer, diabetes, linnerud.  Generated from a ``seed`` (0
    unless given): moons, circles, blobs, swiss_roll, regression, which take scikit-learn's options,
    such as ``n_samples`` and ``noise``.

    Raises ArgumentError for other names and options, ImportError without scikit-learn.

    >>> import chainrule as cr
    >>> x, y = cr.data.load("iris")
    >>> x.shape, y.shape, y.dtype
    ((150, 4), (150,), chainrule.int64)
    >>> [tuple(t.shape) for t in cr.data.load("moons", seed=3, n_samples=40, noise=0.1)]
    [(40, 2), (40,)]
    """
    if name in MEASURED:
        if options:
            raise ArgumentError(f"'{name}' has no option '{min(options)}': it was measured")
        found = getattr(_sklearn(), f"load_{name}")()
        inputs = found.data / 16 if name == "digits" else found.data
        return _tensors(inputs, found.target)
    if name not in GENERATED:
        raise ArgumentError(
            f"there is no data set {name!r}", expected=", ".join([*MEASURED, *GENERATED])
        )
    make = getattr(_sklearn(), f"make_{name}")
    seed = options.pop("seed", 0)
    known = [n for n in inspect.signature(make).parameters if n not in _CLOSED]
    unknown = options.keys() - set(known)
    if unknown:
        raise ArgumentError(
            f"'{name}' has no option '{min(unknown)}'", expected=", ".join(["seed", *known])
        )
    try:
        inputs, targets = make(**options, random_state=seed)
    except ValueError as error:  # scikit-learn's words; its own class is one, too
        raise ArgumentError(f"'{name}' is not made with these options: {error}") from None
    return _tensors(inputs, targets)


_CLOSED = ("random_state", "coef", "return_centers")
"""Options of scikit-learn that have another name here, or change what is returned."""


def _tensors(inputs: np.ndarray, targets: np.ndarray) -> tuple[Tensor, Tensor]:
    whole = np.issubdtype(targets.dtype, np.integer)
    return tensor(inputs, dt.float32), tensor(targets, dt.int64 if whole else dt.float32)


def _sklearn() -> Any:
    try:
        import sklearn.datasets  # heavy, and an extra
    except ImportError as error:
        raise ImportError(
            "the data sets come with scikit-learn, which is not installed\n"
            "  hint      pip install 'chainrule[data]'"
        ) from error
    return sklearn.datasets
