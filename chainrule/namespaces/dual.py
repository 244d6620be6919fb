"""Dual numbers over any namespace: a value with its derivative along one direction.

Each primitive has its own rule here, written with the base's functions only, so that a dual over
the recorder records, one over exact arithmetic is exact, and one over another dual gives second
derivatives.  Complex functions are differentiated as functions of z; ``real``, ``imag``, ``conj``
and the modulus act on the derivative as the real-linear maps that they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from chainrule.namespaces.dual_rules import CONSTANT, LINEAR, SMOOTH, Rule
from chainrule.namespaces.products import products_of_others
from chainrule.namespaces.unknown import once_more

Array = Any
Shape = tuple[Any, ...]


class DualArray:
    """``primal + ε tangent``; a tangent of None is zero.  ``level`` is the `Dual` it belongs to."""

    __slots__ = ("level", "primal", "tangent")

    def __init__(self, primal: Array, tangent: Array | None, level: Dual) -> None:
        self.primal, self.tangent, self.level = primal, tangent, level

    @property
    def shape(self) -> Shape:
        """The shape of the primal, which is the tangent's too."""
        shape: Shape = self.primal.shape
        return shape

    @property
    def dtype(self) -> Any:
        """The primal's dtype, where its namespace has such a thing."""
        return getattr(self.primal, "dtype", None)

    def __repr__(self) -> str:
        return f"DualArray({self.primal!r}, {self.tangent!r})"


class Dual:
    """Forward mode over ``base``: a namespace of `DualArray`.

    Arrays of the base are constants.  Levels nest: a dual over a dual takes the arrays of the inner
    one as constants, so that no two directions are ever confused.

    >>> from chainrule.namespaces import exact
    >>> xp = Dual(exact)
    >>> x = xp.array(exact.array([2, 3]), exact.array([1, 0]))
    >>> xp.multiply(x, x).tangent
    array([Fraction(4, 1), Fraction(0, 1)], dtype=object)
    """

    name = "dual"

    def __init__(self, base: Any) -> None:
        self.base = base

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"the contract of namespaces has no primitive {name!r}")

    def array(self, primal: Array, tangent: Array | None = None) -> DualArray:
        """``primal`` with the direction ``tangent``, both of one shape."""
        if tangent is not None and tangent.shape != primal.shape:
            raise ValueError(f"a tangent of shape {tangent.shape} for a primal of {primal.shape}")
        return DualArray(primal, tangent, self)

    def split(self, x: Array) -> tuple[Array, Array | None]:
        """Primal and tangent; whatever is not of this level is a constant."""
        if isinstance(x, DualArray) and x.level is self:
            return x.primal, x.tangent
        return x, None

    def zeros_like(self, x: Array) -> Array:
        """Zeros of x's shape and dtype, whatever x holds: even NaN to the power 0 is 1."""
        return self.base.multiply(self.base.power(x, 0), 0)

    def amax(self, x: Array, dims: Shape, keepdim: bool) -> DualArray:
        return self._extreme(self.base.amax, x, dims, keepdim)

    def amin(self, x: Array, dims: Shape, keepdim: bool) -> DualArray:
        return self._extreme(self.base.amin, x, dims, keepdim)

    def _extreme(self, extreme: Any, x: Array, dims: Shape, keepdim: bool) -> DualArray:
        """All entries that attain the extreme share its derivative equally."""
        xp, (p, t) = self.base, self.split(x)
        tangent = None
        if t is not None:
            hit, ones = xp.equal(p, extreme(p, dims, True)), xp.power(p, 0)
            total = xp.sum(xp.where(hit, t, 0), dims, keepdim)
            tangent = xp.divide(total, xp.sum(xp.where(hit, ones, 0), dims, keepdim))
        return DualArray(extreme(p, dims, keepdim), tangent, self)

    def prod(self, x: Array, dims: Shape, keepdim: bool) -> DualArray:
        xp, (p, t) = self.base, self.split(x)
        tangent = None
        if t is not None:
            tangent = xp.sum(xp.multiply(t, products_of_others(xp, p, dims)), dims, keepdim)
        return DualArray(xp.prod(p, dims, keepdim), tangent, self)

    def slogdet(self, a: Array) -> DualArray:
        """Signs do not vary; the logarithm of a determinant does by the trace of a^-1 t."""
        xp, (p, t) = self.base, self.split(a)
        found, tangent = xp.slogdet(p), None
        if t is not None:
            trace = xp.einsum((xp.solve(p, t),), "...ii->...")
            row = xp.reshape(trace, (1, *trace.shape))
            tangent = xp.cat((xp.multiply(row, 0), row), 0)
        return DualArray(found, tangent, self)

    def pad(self, x: Array, widths: Sequence[tuple[Any, Any]], value: Any) -> DualArray:
        p, t = self.split(x)
        around = None if t is None else self.base.pad(t, widths, 0)
        return DualArray(self.base.pad(p, widths, value), around, self)

    def cat(self, arrays: Sequence[Array], dim: int) -> DualArray:
        primals, tangents = zip(*map(self.split, arrays), strict=True)
        tangent = None
        if any(t is not None for t in tangents):
            tangent = self.base.cat(tuple(map(self._filled, primals, tangents)), dim)
        return DualArray(self.base.cat(primals, dim), tangent, self)

    def _filled(self, primal: Array, tangent: Array | None) -> Array:
        """The tangent, as zeros where it is None."""
        return self.zeros_like(primal) if tangent is None else tangent

    def einsum(self, arrays: Sequence[Array], equation: str) -> DualArray:
        primals, tangents = zip(*map(self.split, arrays), strict=True)
        terms = [
            self.base.einsum((*primals[:i], t, *primals[i + 1 :]), equation)
            for i, t in enumerate(tangents)
            if t is not None
        ]
        product = self.base.einsum(primals, equation)
        return DualArray(product, self._total(terms), self)

    def _total(self, terms: list[Array]) -> Array | None:
        total = terms[0] if terms else None
        for term in terms[1:]:
            total = self.base.add(total, term)
        return total

    def scatter(self, x: Array, index: Array, source: Array, dim: int) -> DualArray:
        (p, t), (new, moved), at = self.split(x), self.split(source), self.split(index)[0]
        if t is not None or moved is not None:
            t = self.base.scatter(self._filled(p, t), at, self._filled(new, moved), dim)
        return DualArray(self.base.scatter(p, at, new, dim), t, self)

    def with_value(self, old: Array, new: Array) -> DualArray:
        return DualArray(self.split(new)[0], self.split(old)[1], self)

    def clip_below(self, x: Array, low: Any) -> DualArray:
        p, t = self.split(x)
        z = self.base.clip_below(p, low)
        if t is not None:
            t = self.base.where(self.base.equal(p, z), t, 0)
        return DualArray(z, t, self)

    def cast(self, x: Array, dtype: str) -> DualArray:
        p, t = self.split(x)
        moved = None if t is None or _is_discrete(dtype) else self.base.cast(t, dtype)
        return DualArray(self.base.cast(p, dtype), moved, self)

    def unknown(self, arrays: Sequence[Array], function: str, orders: Any) -> DualArray:
        """Each operand's tangent times the partial derivative by it."""
        primals, tangents = zip(*map(self.split, arrays), strict=True)
        z = self.base.unknown(primals, function, orders)
        terms = [
            self.base.multiply(t, self.base.unknown(primals, function, once_more(orders, i)))
            for i, t in enumerate(tangents)
            if t is not None
        ]
        return DualArray(z, self._total(terms), self)

    def scan(
        self,
        body: Callable[..., Any],
        carry: tuple[Array, ...],
        xs: tuple[Array, ...],
        length: Any,
        out_specs: Sequence[Any] | None = None,
    ) -> tuple[tuple[DualArray, ...], tuple[DualArray, ...]]:
        """One scan of the base, which carries and stacks the tangents beside the primals."""
        # A carry may get its first tangent in any step, so all that can have one start with zeros.
        carry_live = [not _is_discrete(str(getattr(c, "dtype", ""))) for c in carry]
        xs_live = [self.split(x)[1] is not None for x in xs]
        ys_live = [False] * len(out_specs or ())

        def run(flat: Iterable[Array], x: Iterable[Array]) -> Any:
            state, ys = body(self._pack(flat, carry_live), self._pack(x, xs_live))
            ys_live[:] = [self.split(y)[1] is not None for y in ys]
            return tuple(self._flat(state, carry_live)), tuple(self._flat(ys, ys_live))

        specs = () if out_specs is None else (out_specs,)
        start, along = tuple(self._flat(carry, carry_live)), tuple(self._flat(xs, xs_live))
        last, stacked = self.base.scan(run, start, along, length, *specs)
        return self._pack(last, carry_live), self._pack(stacked, ys_live)

    def _flat(self, arrays: Iterable[Array], live: list[bool]) -> Iterator[Array]:
        """Primals, each followed by its tangent where it is live."""
        for x, is_live in zip(arrays, live, strict=True):
            primal, tangent = self.split(x)
            yield primal
            if is_live:
                yield self._filled(primal, tangent)

    def _pack(self, flat: Iterable[Array], live: list[bool]) -> tuple[DualArray, ...]:
        """The inverse of `_flat`."""
        parts = iter(flat)
        pairs = ((next(parts), next(parts) if is_live else None) for is_live in live)
        return tuple(DualArray(primal, tangent, self) for primal, tangent in pairs)


def _is_discrete(dtype: str) -> bool:
    """Whether a dtype is of integers or bools, which have no derivatives."""
    return "int" in dtype or "bool" in dtype


# -- rules by kind ---------------------------------------------------------------------------------


def _constant(name: str) -> Any:
    """A function that does not vary, or only jumps: no tangent."""

    def apply(self: Dual, *operands: Any, **named: Any) -> DualArray:
        plain = (self.split(x)[0] for x in operands)
        return DualArray(getattr(self.base, name)(*plain, **named), None, self)

    return apply


def _linear(name: str) -> Any:
    """A function that is linear in its first array: it acts on the tangent too."""

    def apply(self: Dual, x: Array, *rest: Any, **named: Any) -> DualArray:
        function, (p, t) = getattr(self.base, name), self.split(x)
        plain = [self.split(r)[0] for r in rest]
        moved = None if t is None else function(t, *plain, **named)
        return DualArray(function(p, *plain, **named), moved, self)

    return apply


def _accumulation(name: str) -> Any:
    """``scatter_add`` and ``index_add``: linear in x and source together."""

    def apply(self: Dual, x: Array, index: Array, source: Array, dim: int) -> DualArray:
        function = getattr(self.base, name)
        (p, t), (added, moved), at = self.split(x), self.split(source), self.split(index)[0]
        if moved is not None:
            t = function(self._filled(p, t), at, moved, dim)
        return DualArray(function(p, at, added, dim), t, self)

    return apply


def _smooth(name: str, *rules: Rule | None) -> Any:
    """A function with one rule for each operand: its part of the tangent (None for zero), from the
    base, the operand's tangent, the result and all operands."""

    def apply(self: Dual, *operands: Any) -> DualArray:
        xp = self.base
        primals, tangents = zip(*map(self.split, operands), strict=True)
        z = getattr(xp, name)(*primals)
        pairs = zip(rules, tangents, strict=True)
        parts = (rule(xp, t, z, *primals) for rule, t in pairs if rule and t is not None)
        total = self._total([part for part in parts if part is not None])
        if total is not None and total.shape != z.shape:
            total = xp.expand(total, z.shape)
        return DualArray(z, total, self)

    return apply


_BY_KIND: dict[str, Any] = {
    **{name: _smooth(name, *rules) for name, rules in SMOOTH.items()},
    **{name: _linear(name) for name in LINEAR.split()},
    **{name: _constant(name) for name in CONSTANT.split()},
    **{name: _accumulation(name) for name in ("scatter_add", "index_add")},
}

for _name, _rule in _BY_KIND.items():
    setattr(Dual, _name, _rule)
