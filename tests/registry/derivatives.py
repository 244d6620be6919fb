"""Checks of derivatives: against differences, forward against reverse, written against lowered."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from chainrule.core import dtypes as dt
from chainrule.core.derivatives import grad, lowered_vjp
from chainrule.core.dtypes import DType
from chainrule.core.errors import ChainruleError
from chainrule.core.node import leaf
from chainrule.core.op import Example, Op
from chainrule.core.tensor import Tensor
from chainrule.namespaces import exact
from chainrule.namespaces.dual import Dual, DualArray
from tests.registry.sampling import Sample, call, fraction, parts, sample, seeded
from tests.registry.suite import check, differentiable, overrides

STEP = 1e-5
TOLERANCE = 1e-7


def numeric(op: Op, example: Example) -> bool:
    """Whether central differences see the derivative: structural ops declare theirs."""
    return differentiable(op, example) and op.kind != "structural" and has_floats(op)


def has_floats(op: Op) -> bool:
    """Whether the op computes with floats at all: abstract functions do not."""
    return op.takes != (dt.EXACT,)


def takes_complex(op: Op, example: Example) -> bool:
    """Whether its rule lets complex operands in, with a result that varies."""
    try:
        results = sample(op, example, dt.complex128).ruled()[2]
    except ChainruleError:
        return False
    return numeric(op, example) and any(d.differentiable for d in results)


def computes_exactly(op: Op, example: Example) -> bool:
    """Whether exact operands give exact results only."""
    try:
        case = sample(op, example, dt.exact, number=fraction)
        results = case.ruled()[2]
    except ChainruleError:
        return False
    return op.exact and all(d.category in (dt.EXACT, dt.BOOL, dt.INTEGER) for d in results)


def both_ways(op: Op, example: Example) -> bool:
    """Whether forward and reverse mode can be compared without rounding."""
    return computes_exactly(op, example) and differentiable(op, example)


@check(numeric)
def first_derivative(op: Op, example: Example) -> None:
    """<g, J t> by central differences is <vjp(g), t> by reverse mode (its real part, that is)."""
    case = sample(op, example)
    g, t = _directions(case, dt.float64)
    slopes = _slopes(case, t)
    size = _inner(_sizes(g), _sizes(slopes))
    _close(_inner(g, slopes).real, _inner(_reverse(case, g), t).real, size)


@check(numeric)
def second_derivative(op: Op, example: Example) -> None:
    """The same of the first derivative, as a function of operands and adjoints."""
    case = sample(op, example)
    g, t = _directions(case, dt.float64)
    _, u = _directions(case, dt.float64, "second")

    def slope(at: Sample) -> float:
        return _inner(_reverse(at, g), t).real

    difference = (slope(_moved(case, u, STEP)) - slope(_moved(case, u, -STEP))) / (2 * STEP)
    operands = case.tensors(requires_grad=True)
    adjoints = _adjoints(case, operands, g, create_graph=True)
    terms = [(a * leaf_of(d)).sum() for a, d in zip(adjoints, t, strict=True) if a is not None]
    found = 0.0
    for term in terms:
        if term.requires_grad:
            curvature = grad(term, [operands[i] for i in case.smooth], allow_unused=True)
            found += _inner(_filled(case, curvature), u)
    _close(difference, found, abs(found))


@check(takes_complex)
def complex_derivative(op: Op, example: Example) -> None:
    """Re <g, J t> is Re <vjp(g), t>, also where the op is no holomorphic function."""
    case = sample(op, example, dt.complex128)
    g, t = _directions(case, dt.complex128)
    slopes = _slopes(case, t)
    size = _inner(_sizes(g), _sizes(slopes))
    _close(_inner(g, slopes).real, _inner(_reverse(case, g), t).real, size)


@check(both_ways)
def forward_is_reverse(op: Op, example: Example) -> None:
    """Forward mode by dual numbers and reverse mode agree on fractions, with zero tolerance."""
    case = sample(op, example, dt.exact, number=fraction)
    g, t = _directions(case, dt.exact)
    space = Dual(exact)
    tangents = dict(zip(case.smooth, t, strict=True))
    duals = [space.array(a, tangents[i]) if i in tangents else a for i, a in enumerate(case.arrays)]
    made = [m.tangent if isinstance(m, DualArray) else None for m in case.forward(space, duals)]
    forward, reverse = _inner(g, made), _inner(_reverse(case, g), t)
    assert_equal_exactly(*(exact.real(exact.array(x)) for x in (forward, reverse)))


@check(lambda op, example: differentiable(op, example) and op.composite and _writes_its_own(op))
def written_is_lowered(op: Op, example: Example) -> None:
    """The derivative that the op's class writes is that of its lowered form."""
    _compare_with_lowered(op, sample(op, example), dt.float64)
    if computes_exactly(op, example):
        _compare_with_lowered(op, sample(op, example, dt.exact, number=fraction), dt.exact)


def _writes_its_own(op: Op) -> bool:
    return overrides(op, "vjp") or overrides(op, "partial")


def _compare_with_lowered(op: Op, case: Sample, dtype: DType) -> None:
    g, _ = _directions(case, dtype)
    results = parts(op, call(op, case.tensors(requires_grad=True), case.attrs))
    node = results[0].node.parents[0] if op.outputs else results[0].node
    adjoint = tuple(map(leaf_of, g)) if op.outputs else leaf_of(g[0])
    written, lowered = op.vjp(node, adjoint), lowered_vjp(op, node, adjoint)
    for i, (ours, theirs) in enumerate(zip(written, lowered, strict=True)):
        if i not in case.smooth:
            continue
        shape = case.shapes[i]
        a, b = (np.zeros(shape) if x is None else np.asarray(x.detach()) for x in (ours, theirs))
        assert a.shape == b.shape == shape
        if dtype is dt.exact:
            for x, y in zip(a.flat, b.flat, strict=True):
                assert_equal_exactly(x, y)
        else:
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


def assert_equal_exactly(a: Any, b: Any) -> None:
    """Equality of fractions by ==, of other exact numbers by exact simplification.

    What SymPy simplifies depends on the order of its terms, and so on the seed of Python's hashes:
    a number that it leaves standing is 0 where it is below any that could be left of one.
    """
    difference = exact.subtract(exact.array(a), exact.array(b)).item()
    if not isinstance(difference, Fraction):
        import sympy

        simple = sympy.simplify(difference)
        difference = 0 if simple == 0 or _is_nothing(simple) else simple
    assert difference == 0, f"{a} is not {b}"


def _is_nothing(number: Any) -> bool:
    """Whether a number without symbols has no digit among the first 200."""
    return bool(number.is_number) and abs(number.evalf(30, maxn=400, strict=False)) < 10**-200


# -- directions, values, adjoints ----------------------------------------------------------------


def leaf_of(array: Any) -> Tensor:
    """An array as a tensor of its own type."""
    array = np.asarray(array)
    return Tensor(leaf(array.shape, dt.from_numpy_dtype(array.dtype), array))


def _directions(case: Sample, dtype: DType, salt: str = "") -> tuple[list[Any], list[Any]]:
    """Adjoints of the results (None for those without), and tangents of the smooth operands."""
    rng = seeded(case.op, Example(tuple(case.shapes), case.attrs), f"directions {salt}")
    _, shapes, dtypes = case.ruled()
    results = zip(shapes, dtypes, strict=True)
    g = [_entries(rng, s, d) if d.differentiable else None for s, d in results]
    t = [_entries(rng, case.shapes[i], case.dtypes[i]) for i in case.smooth]
    return g, t


def _entries(rng: np.random.Generator, shape: Any, dtype: DType) -> Any:
    if dtype is dt.exact:
        count = int(np.prod(shape))
        return exact.reshape(exact.array([fraction(rng, -2, 2) for _ in range(count)]), shape)
    entries = rng.uniform(-1, 1, shape)
    if dtype.is_complex:
        entries = entries + 1j * rng.uniform(-1, 1, shape)
    return np.asarray(entries, dtype.numpy)


def _moved(case: Sample, tangents: Sequence[Any], step: float) -> Sample:
    """The operands a step further along the tangents."""
    arrays = list(case.arrays)
    for i, t in zip(case.smooth, tangents, strict=True):
        arrays[i] = arrays[i] + step * t
    return Sample(case.op, case.attrs, tuple(arrays), case.dtypes)


def _slopes(case: Sample, tangents: Sequence[Any]) -> list[Any]:
    """The derivative of each result along the tangents, by a central difference."""
    ahead, behind = (_values(_moved(case, tangents, step)) for step in (STEP, -STEP))
    return [(a - b) / (2 * STEP) for a, b in zip(ahead, behind, strict=True)]


def _values(case: Sample) -> list[Any]:
    made = parts(case.op, call(case.op, case.tensors(), case.attrs))
    return [np.asarray(m) * 1.0 for m in made]


def _adjoints(case: Sample, operands: Any, g: list[Any], create_graph: bool) -> list[Tensor | None]:
    """The adjoints of the smooth operands, by reverse mode."""
    results = parts(case.op, call(case.op, operands, case.attrs))
    pairs = [(r, leaf_of(a)) for r, a in zip(results, g, strict=True) if a is not None]
    starts = [(r, a) for r, a in pairs if r.requires_grad]
    targets = [operands[i] for i in case.smooth]
    if not starts:
        return [None] * len(targets)
    outs, given = zip(*starts, strict=True)
    found = grad(list(outs), targets, list(given), create_graph=create_graph, allow_unused=True)
    for adjoint, target in zip(found, targets, strict=True):
        if adjoint is not None:
            assert adjoint.shape == target.shape
            assert adjoint.dtype is target.dtype
    return list(found)


def _reverse(case: Sample, g: list[Any]) -> list[Any]:
    return _filled(case, _adjoints(case, case.tensors(requires_grad=True), g, create_graph=False))


def _filled(case: Sample, adjoints: Sequence[Tensor | None]) -> list[Any]:
    return [None if a is None else np.asarray(a.detach()) for a in adjoints]


def _inner(a: Sequence[Any], b: Sequence[Any]) -> Any:
    """The sum of the products of all entries; None counts as zeros."""
    total: Any = 0
    for x, y in zip(a, b, strict=True):
        if x is not None and y is not None:
            total = total + np.sum(np.asarray(x) * np.asarray(y))
    return total


def _sizes(arrays: Sequence[Any]) -> list[Any]:
    return [None if a is None else np.abs(a) for a in arrays]


def _close(a: Any, b: Any, size: float) -> None:
    assert abs(a - b) <= TOLERANCE * (1 + abs(size)), f"{a} by differences, {b} by the op"
