"""``cr.analysis.convergence``: for which learning rates an iteration converges, and how fast."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from chainrule.analysis import stability
from chainrule.core import dtypes as dt
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.functional import jacobian
from chainrule.core.names import subscript
from chainrule.core.node import leaf
from chainrule.core.tensor import Tensor
from chainrule.namespaces.exact_numbers import symbolic
from chainrule.ops.creation.symbolic import symbols


class Interval(NamedTuple):
    """The numbers between two others, which do not belong to it."""

    low: Any
    high: Any

    def text(self, name: str) -> str:
        """As an inequality: ``0 < alpha < 2/3``."""
        low = "" if self.low == -math.inf else f"{self.low} < "
        high = "" if self.high == math.inf else f" < {self.high}"
        return f"{low}{name}{high}" if low or high else f"every {name}"


class Best(NamedTuple):
    """The rate for which the slowest factor is smallest in size, and that size."""

    rate: Any
    factor: Any


@dataclass(eq=False)
class Convergence:
    """What `convergence` found of w <- M w + c.

    ``matrix`` is M, exactly, in the rate; its eigenvalues are the ``factors``, by which the
    distance to the fixed point is multiplied in each step, direction by direction.  Printed, it is
    the working.
    """

    rate: str
    matrix: Tensor
    modes: tuple[stability.Mode, ...]
    symbol: Any

    @property
    def factors(self) -> Tensor:
        """ρ₁, ρ₂, … as functions of the rate: those of a diagonal M in the order of the weights."""
        return _exact([value for mode in self.modes for value in mode.values])

    @cached_property
    def intervals(self) -> tuple[Interval, ...]:
        """All rates for which every |ρ| < 1, as open intervals.

        Raises ArgumentError where M has unknowns other than the rate.
        """
        self._decided()
        return _intervals(self.modes, self.symbol)

    @property
    def interval(self) -> Interval:
        """The one interval of rates that converge; raises ArgumentError where there is none, or
        more than one."""
        if len(self.intervals) != 1:
            told = " or ".join(one.text(self.rate) for one in self.intervals)
            raise ArgumentError(
                f"the rates that converge are not one interval: {told or 'there are none'}",
                hint="a factor that is 1 at every rate belongs to a direction that never moves"
                if not told else "ask for .intervals",
            )  # fmt: skip
        return self.intervals[0]

    @cached_property
    def best(self) -> Best:
        """The rate that makes max |ρ| smallest, the smallest of several such rates.

        Raises ArgumentError where no rate converges, and where each one has a better one.
        """
        if not self.intervals:
            raise ArgumentError("no rate converges, so none is best")
        found = stability.smallest(self.modes, self.symbol)
        if found is None:
            raise ArgumentError("no rate is best: to each there is a better one")
        return Best(*map(_number, found))

    def lines(self) -> Iterator[str]:
        """The working, line by line."""
        yield f"each step multiplies the distance to the fixed point, with the rate {self.rate}"
        factors = self.factors.tolist()
        names = [f"ρ{subscript(i + 1)}" if len(factors) > 1 else "ρ" for i in range(len(factors))]
        if self._unknown():
            yield from (f"  by {name} = {f}" for name, f in zip(names, factors, strict=True))
            return
        at = 0
        for mode in self.modes:
            mine = names[at : at + len(mode.values)]
            for i, name in enumerate(mine):
                yield f"  by {name} = {factors[at + i]}"
            sizes = ", ".join(f"|{name}| < 1" for name in mine)
            yield f"     {sizes}: {self._told(_intervals([mode], self.symbol))}"
            at += len(mine)
        yield f"converges for {self._told(self.intervals)}"
        if self.intervals:
            try:
                yield f"fastest for {self.rate} = {self.best.rate}, where max |ρ| = " + str(
                    self.best.factor
                )
            except ArgumentError as error:
                yield error.fact

    def __str__(self) -> str:
        return "\n".join(self.lines())

    __repr__ = __str__

    def _told(self, intervals: Sequence[Interval]) -> str:
        return " or ".join(one.text(self.rate) for one in intervals) or f"no {self.rate}"

    def _unknown(self) -> set[Any]:
        values = [value for mode in self.modes for value in mode.values]
        return set().union(*(value.free_symbols for value in values)) - {self.symbol}

    def _decided(self) -> None:
        if unknown := self._unknown():
            names = ", ".join(sorted(map(str, unknown)))
            raise ArgumentError(
                f"which rates converge depends on {names}",
                hint="the factors are known: put numbers in for the interval and the best rate",
            )


def convergence(
    step: Callable[[Any, Any], Any], shape: int | Sequence[int] = (), *, rate: str = "alpha"
) -> Convergence:
    """How fast a linear iteration w <- step(w, rate) converges, and for which rates, exactly.

    ``step`` is a function of the weights, an exact tensor of ``shape``, and of a rate that is
    unknown, a step of gradient descent on a quadratic for instance, which may use derivatives. Its
    Jacobian M is found by back-propagation; the iteration converges from every start where all
    eigenvalues of M are smaller than 1 in size, and the largest of them is the factor by which the
    error shrinks in the end.  A momentum belongs to the weights: stack both.

    Raises ShapeError where the step changes the shape, ArgumentError for an iteration that is not
    linear, and for one whose eigenvalues have no closed form.

    >>> import chainrule as cr
    >>> h = cr.tensor([3, 1], dtype=cr.exact)
    >>> found = convergence(lambda w, alpha: w - alpha * h * w, 2)
    >>> print(found)
    each step multiplies the distance to the fixed point, with the rate alpha
      by ρ₁ = 1 - 3*alpha
         |ρ₁| < 1: 0 < alpha < 2/3
      by ρ₂ = 1 - alpha
         |ρ₂| < 1: 0 < alpha < 2
    converges for 0 < alpha < 2/3
    fastest for alpha = 1/2, where max |ρ| = 1/2
    >>> found.best.rate
    Fraction(1, 2)
    """
    import sympy as sp

    sizes = (shape,) if isinstance(shape, int) else tuple(shape)
    if not all(type(size) is int and size > 0 for size in sizes):
        raise ArgumentError(f"the weights have no shape {shape!r}", expected="sizes from 1")
    w, alpha = symbols("_w", sizes), symbols(rate)
    _checked(step(w, alpha), sizes)
    count = math.prod(sizes)
    found = jacobian(lambda x: step(x, alpha))(w).detach().reshape(count, count)
    unknown = set(np.asarray(w.detach()).reshape(-1))
    entries = [sp.simplify(symbolic(entry)) for entry in found.reshape(-1).tolist()]
    for entry in entries:
        if entry.free_symbols & unknown:
            raise ArgumentError(
                "the iteration is not linear: its derivative depends on the weights",
                got=str(entry).replace("_w", "w"),
                hint="near a fixed point, study the step with its linear part alone",
            )
    matrix = sp.Matrix(count, count, entries)
    symbol = alpha.item()
    modes = tuple(stability.modes(matrix, symbol))
    return Convergence(rate, _exact(entries).reshape(count, count), modes, symbol)


def _checked(made: Any, sizes: tuple[int, ...]) -> None:
    """Raise unless a step makes weights of weights."""
    if not isinstance(made, Tensor):
        raise ArgumentError(
            f"the step returns a {type(made).__name__}", expected="the new weights, a tensor"
        )
    if tuple(made.shape) != sizes:
        raise ShapeError(
            "the step changes the shape of the weights",
            got=str(tuple(made.shape)), expected=str(sizes),
        )  # fmt: skip


def _intervals(modes: Sequence[stability.Mode], symbol: Any) -> tuple[Interval, ...]:
    found = stability.stable(modes, symbol)
    return tuple(Interval(_number(low), _number(high)) for low, high in found)


def _number(x: Any) -> Any:
    """A SymPy number as exact tensors hold it; infinity stays."""
    from chainrule.namespaces import exact

    return x if x in (math.inf, -math.inf) else exact.array(x).item()


def _exact(values: Sequence[Any]) -> Tensor:
    """Expressions as an exact tensor with one axis."""
    from chainrule.namespaces import exact

    array = exact.array(list(values))
    return Tensor(leaf(array.shape, dt.exact, array))


__all__ = ["Best", "Convergence", "Interval", "convergence"]
