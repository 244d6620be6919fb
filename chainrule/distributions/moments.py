"""Mean and variance of what is computed from independent numbers of which no more is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.core import dtypes as dt
from chainrule.core.errors import ArgumentError
from chainrule.core.tensor import Tensor
from chainrule.distributions.distribution import Distribution
from chainrule.namespaces.exact_numbers import symbolic
from chainrule.ops.creation import tensor


@dataclass(frozen=True)
class Moments:
    """A mean and a variance; of each of the independent numbers of a tensor with this ``shape``.

    They may be numbers, exact tensors and symbols; without a ``shape`` it is that of the mean.
    Raises ArgumentError for a shape that is none.

    >>> import chainrule as cr
    >>> Moments(0, cr.symbols("v", positive=True), (3,)).shape
    (3,)
    """

    mean: Any
    variance: Any
    shape: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        mean, variance = (_exactly(value) for value in (self.mean, self.variance))
        shape = mean.shape if self.shape is None else tuple(self.shape)
        if not all(type(size) is int and size >= 0 for size in shape):
            raise ArgumentError(f"a shape of numbers, not {shape}")
        for name, value in (("mean", mean), ("variance", variance)):
            object.__setattr__(self, name, value)
        object.__setattr__(self, "shape", shape)


def moments(function: Callable[..., Tensor], *variables: Moments | Distribution) -> Moments:
    """Mean and variance of each entry of ``function(*tensors)``, exactly, where the entries of the
    tensors are all independent, and have these means and variances.

    The function is run once, on symbols; what it returns is multiplied out, and each power of a
    symbol becomes its mean: E[x²] is variance + mean².  So it must be a polynomial, with no power
    above the first of any entry (its variance needs the squares).  Raises ArgumentError for others.

    >>> import chainrule as cr
    >>> m, v = cr.symbols("m v")
    >>> found = moments(lambda w, x: w @ x, Moments(0, v, (3,)), Moments(m, 1, (3,)))
    >>> found.mean.item(), found.variance.item()
    (Fraction(0, 1), 3*m**2*v + 3*v)
    """
    import sympy  # only exact arithmetic pays for SymPy

    known: dict[Any, tuple[Any, Any]] = {}
    arguments = [_symbols(_known(variable), known) for variable in variables]
    found = function(*arguments)
    if not isinstance(found, Tensor):
        raise ArgumentError(f"moments: the function returns {type(found).__name__}, not a tensor")
    entries = [_symbolic(value) for value in np.asarray(found.detach().to(dt.exact)).ravel()]
    means, variances = [], []
    for entry in entries:
        mean = _mean(entry, known)
        means.append(mean)
        variances.append(sympy.expand(_mean(sympy.expand(entry**2), known) - mean**2))
    shape = found.shape
    return Moments(*(tensor(part, dtype=dt.exact).reshape(shape) for part in (means, variances)))


def _known(variable: Any) -> Moments:
    if isinstance(variable, Moments):
        return variable
    if isinstance(variable, Distribution):
        return Moments(variable.mean, variable.variance)
    raise ArgumentError(
        f"moments: {type(variable).__name__} is no random number",
        expected="Moments(mean, variance, shape) or a distribution",
    )


def _exactly(value: Any) -> Tensor:
    made: Tensor = (
        value.detach().to(dt.exact) if isinstance(value, Tensor) else tensor(value, dtype=dt.exact)
    )
    return made


def _symbolic(value: Any) -> Any:
    """A number of exact arithmetic, multiplied out."""
    import sympy

    return sympy.expand(symbolic(value))


def _symbols(variable: Moments, known: dict[Any, tuple[Any, Any]]) -> Tensor:
    """One symbol for each entry, whose mean and mean square enter ``known``."""
    import sympy

    mean, variance = (
        [_symbolic(x) for x in np.asarray(part.expand(variable.shape)).ravel()]
        for part in (variable.mean, variable.variance)
    )
    made = [sympy.Dummy(f"x{i}", real=True) for i in range(len(mean))]
    for symbol, m, v in zip(made, mean, variance, strict=True):
        known[symbol] = (m, sympy.expand(v + m**2))
    entries: Tensor = tensor(made, dtype=dt.exact).reshape(variable.shape)
    return entries


def _mean(entry: Any, known: dict[Any, tuple[Any, Any]]) -> Any:
    """The mean of a polynomial: of independent factors, the product of their means."""
    import sympy

    drawn = sorted(entry.free_symbols & set(known), key=str)
    if not drawn:
        return entry
    try:
        terms = sympy.Poly(entry, *drawn).terms()
    except sympy.PolynomialError:
        terms = None
    if terms is None:
        raise ArgumentError(
            "moments: the result is no polynomial of the random numbers",
            hint="a distribution of few values has cr.distributions.expectation",
        )
    total = sympy.Integer(0)
    for powers, factor in terms:
        if max(powers) > 2:
            raise ArgumentError(
                "moments: mean and variance do not say what the mean of a number to the power of "
                f"{max(powers)} is",
                expected="each random number to the first power",
            )
        means = (known[symbol][k - 1] for symbol, k in zip(drawn, powers, strict=True) if k)
        total += factor * sympy.prod(means)
    return sympy.expand(total)


__all__ = ["Moments", "moments"]
