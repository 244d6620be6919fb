"""What is found out about an op by running it: shapes, arithmetics, derivatives, kinks."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from chainrule.core import dtypes as dt
from chainrule.core.capture import Spec, capture
from chainrule.core.decimal import decimal
from chainrule.core.derivatives import grad
from chainrule.core.dtypes import DType
from chainrule.core.errors import ChainruleError
from chainrule.core.op import Example, Op
from chainrule.core.tensor import Tensor
from chainrule.ops.creation import tensor
from chainrule.readings.run import Retyped, run
from tests.registry.sampling import Sample, call, fraction, parts, sample

NO = "–"
KINDS = {dt.BOOL: "bool", dt.INTEGER: "whole", dt.REAL: "float", dt.COMPLEX: "complex"}
FLOATING = (dt.float64, dt.complex128, dt.int64, dt.bool_)
SLOPE = 1e-6
PLACES = decimal(places=4)
GRID = [k / 2 for k in range(-14, 15)]
"""Where kinks are looked for."""


def shapes(op: Op) -> str:
    """The signature, or what the first example gives."""
    if op.signature is not None:
        return f"`{op.signature.strip()}`"
    case = _first(op, dt.exact if op.takes == (dt.EXACT,) else dt.float64)
    if op.kind == "elementwise" and not op.variadic and len(op.inputs) < 2:
        return "`*b -> *b`"
    if op.kind == "elementwise":
        return f"`{', '.join(['*b'] * len(case.shapes))} -> *b`"
    results = case.ruled()[1]
    given, made = (", ".join(map(_shape, found)) for found in (case.shapes, results))
    shown = ", ".join(f"{k}={v!r}" for k, v in op.examples[0].attrs.items() if _short(v))
    return f"{given or 'nothing'} → {made}" + (f" with `{shown}`" if shown else "")


def _shape(shape: Any) -> str:
    return str(tuple(shape)).replace(",)", ")")


def _short(value: Any) -> bool:
    """Whether an attribute is worth a place in the table."""
    return isinstance(value, int | float | str | tuple) and len(repr(value)) < 24


def _first(op: Op, *dtypes: DType, number: Any = None) -> Sample:
    """Operands for the first example that lets ``dtypes`` in; raises what the last one raises."""
    last: Exception | None = None
    for example in _candidates(op, dtypes[0].category):
        try:
            case = sample(op, example, *dtypes, number=number)
            case.ruled()
        except ChainruleError as error:
            last = error
            continue
        return case
    assert last is not None
    raise last


def _candidates(op: Op, category: int) -> list[Example]:
    """The examples that leave types open, else all, those of numbers of this kind first."""
    left_open = list(filter(_open, op.examples))
    return left_open or sorted(op.examples, key=lambda e: category not in _categories(e))


def _categories(example: Example) -> set[int]:
    """The kinds of the types that an example fixes."""
    return {dtype.category for dtype in example.dtypes if dtype is not None}


def arithmetic(op: Op) -> Iterator[str]:
    """A cell for each kind of number."""
    for dtype in FLOATING:
        yield _floating(op, dtype)
    yield _exact(op)
    yield _decimal(op)
    yield _symbols(op)


def _open(example: Example) -> bool:
    """Whether any operand's type is left open."""
    given = len(example.dtypes)
    return any(i >= given or example.dtypes[i] is None for i in range(len(example.shapes)))


def _floating(op: Op, dtype: DType) -> str:
    if not any(example.shapes or example.dtypes for example in op.examples):
        return ""
    own = {category for example in op.examples for category in _categories(example)}
    if not any(map(_open, op.examples)) and dtype.category not in own:
        return NO
    try:
        case = _first(op, dtype)
        made = parts(op, call(op, case.tensors(), case.attrs))
    except ChainruleError:
        return NO
    return _named({m.dtype.category for m in made}, dtype.category)


def _named(found: set[int], given: int) -> str:
    """The kinds of the results, where they are not that of the operands."""
    if found == {given}:
        return "yes"
    return ", ".join(KINDS.get(category, "exact") for category in sorted(found))


def _exact(op: Op) -> str:
    if not any(example.shapes for example in op.examples):
        return ""
    try:
        case = _first(op, dt.exact, number=fraction)
        made = parts(op, call(op, case.tensors(), case.attrs))
    except ChainruleError:
        return NO
    if not op.exact or not any(dt.exact in (m.dtype, *case.dtypes) for m in made):
        return NO
    entries = [x for m in made if m.dtype is dt.exact for x in _entries(m)]
    if not entries:
        return _named({m.dtype.category for m in made}, dt.EXACT)
    return "fractions" if all(isinstance(x, Fraction) for x in entries) else "form"


def _decimal(op: Op) -> str:
    """Whether a graph of the op runs in decimal arithmetic, and rounds steps within the op."""
    if not any(example.shapes for example in op.examples):
        return ""
    if op.takes == (dt.EXACT,):
        return NO
    case = _first(op, dt.float64)
    specs = [Spec(tuple(s), d) for s, d in zip(case.shapes, case.dtypes, strict=True)]
    heard: list[tuple[str, Any]] = []
    try:
        graph = capture(lambda *operands: call(op, operands, case.attrs), *specs)
        made = parts(op, run(graph, *case.tensors(), dtype=PLACES))
        PLACES.performed(lambda: _forward(case), heard)
    except ChainruleError:
        return NO
    steps = ", ".join(dict.fromkeys(label for label, _ in heard))
    return f"rounds {steps}" if steps else _named({m.dtype.category for m in made}, dt.REAL)


def _forward(case: Sample) -> Any:
    arrays = [PLACES.array(a) if a.dtype.kind == "f" else a for a in case.arrays]
    return tuple(case.forward(Retyped(PLACES, dt.exact), arrays))


def _entries(made: Tensor) -> list[Any]:
    return np.asarray(made.detach()).ravel().tolist()


def _symbols(op: Op) -> str:
    if not any(example.shapes for example in op.examples):
        return ""
    if not op.exact:
        return NO
    try:
        case = _first(op, dt.exact, number=fraction)
    except ChainruleError:
        return NO
    if dt.exact not in case.dtypes:
        return NO
    arrays = tuple(
        _unknown(op, i, a) if d is dt.exact else a
        for i, (a, d) in enumerate(zip(case.arrays, case.dtypes, strict=True))
    )
    unknown = Sample(case.op, case.attrs, arrays, case.dtypes)
    try:
        made = parts(op, call(op, unknown.tensors(), unknown.attrs))
    except ChainruleError:
        return "open"
    entries = [x for m in made for x in _entries(m)]
    cases = any(getattr(x, "is_Relational", False) or _has_cases(x) for x in entries)
    return "cases" if cases else "yes"


def _has_cases(x: Any) -> bool:
    return isinstance(x, sympy.Basic) and x.has(sympy.Piecewise, sympy.Abs, sympy.sign)


def _unknown(op: Op, i: int, array: Any) -> Any:
    """Symbols in the place of an operand, positive where the op's domain is."""
    domain = op.domain[i] if i < len(op.domain) else "real"
    positive = not isinstance(domain, str) and domain[0] >= 0
    names = np.array(
        [
            sympy.Symbol(f"x{i}_{k}", real=True, **({"positive": True} if positive else {}))
            for k in range(array.size)
        ],
        dtype=object,
    )
    return names.reshape(array.shape)


# -- derivatives -----------------------------------------------------------------------------------


def derivatives(op: Op) -> str:
    """The orders that exist, and what happens at kinks."""
    dtype = dt.exact if op.takes == (dt.EXACT,) else dt.float64
    number = fraction if dtype is dt.exact else None
    found = NO
    for example in op.examples:
        orders = _orders(op, example, dtype, number)
        if orders != NO:
            found = orders
            break
    if found != "any" or op.smooth:
        return found
    at = _kinks(op) or _ties(op)
    return f"{found}; {at}" if at else f"{found}; not at every point"


def _orders(op: Op, example: Example, dtype: DType, number: Any) -> str:
    """How often the example can be differentiated: three times is any number of times."""
    try:
        case = sample(op, example, dtype, number=number)
        operands = case.tensors(requires_grad=True)
        made = [m for m in parts(op, call(op, operands, case.attrs)) if m.requires_grad]
    except ChainruleError:
        return NO
    if not made or op.kind == "random":
        return NO
    smooth = [operands[i] for i in case.smooth]
    value = _total(made)
    for order in range(3):
        try:
            slopes = grad(value, smooth, create_graph=True, allow_unused=True)
        except ChainruleError:
            return str(order)
        given = [s for s in slopes if s is not None]
        if order == 0 and not any(np.any(np.asarray(s.detach()) != 0) for s in given):
            return "0"
        given = [s for s in given if s.requires_grad]
        if not given:
            break
        value = _total(given)
    return "any"


def _total(tensors: list[Tensor]) -> Tensor:
    """One number that depends on every entry, on each in another way."""
    total: Tensor = sum((_weighed(t) for t in tensors), start=tensor(0.0, dtype=dt.float64))
    return total


def _weighed(t: Tensor) -> Tensor:
    t = t.abs() if t.dtype.is_complex else t
    weights = np.arange(1, t.numel() + 1, dtype=float).reshape(t.shape)
    made: Tensor = (t * t * tensor(weights)).sum()
    return made


def _kinks(op: Op) -> str:
    """The kinks of a function of one variable, and its derivative there."""
    if op.kind != "elementwise" or op.variadic or len(op.inputs) != 1:
        return ""
    attrs = sample(op, op.examples[0]).attrs
    told = []
    for at in GRID:
        left, right, own = (_slope(op, attrs, at + h) for h in (-SLOPE, SLOPE, 0.0))
        if left is not None and right is not None and abs(left - right) > 1e-3:
            told.append(f"{_figure(own)} at {_figure(at)}")
    return ", ".join(told)


def _slope(op: Op, attrs: dict[str, Any], at: float) -> float | None:
    x = tensor(at, dtype=dt.float64, requires_grad=True)
    try:
        op(x, **attrs).backward()
    except ChainruleError:
        return None
    return None if x.grad is None else float(x.grad)


def _ties(op: Op) -> str:
    """Who gets the derivative where all entries are equal."""
    for example in op.examples:
        case = sample(op, example)
        if len(case.smooth) != len(case.shapes):
            continue
        operands = [tensor(np.ones(s), requires_grad=True) for s in case.shapes]
        try:
            made = parts(op, call(op, operands, case.attrs))
            value = sum((m.sum() for m in made if m.requires_grad), start=tensor(0.0))
            slopes = grad(value, operands, allow_unused=True)
        except ChainruleError:
            continue
        if not _competes(op, case, operands):
            continue
        given = sorted({round(float(v), 6) for s in slopes if s is not None for v in _entries(s)})
        return f"of equal entries each has {' or '.join(map(_figure, given))}"
    return ""


def _competes(op: Op, case: Sample, operands: list[Tensor]) -> bool:
    """Whether the slope by an entry is another one where it is a little larger than the rest."""
    found = []
    for h in (-SLOPE, SLOPE):
        first = np.array(operands[0].detach())
        first.reshape(-1)[0] += h
        moved = [tensor(first, requires_grad=True), *operands[1:]]
        made = parts(op, call(op, moved, case.attrs))
        value = sum((m.sum() for m in made if m.requires_grad), start=tensor(0.0))
        slopes = grad(value, moved[:1], allow_unused=True)
        found.append(0.0 if slopes[0] is None else float(slopes[0].reshape(-1)[0]))
    return abs(found[0] - found[1]) > 1e-3


def _figure(x: float | None) -> str:
    if x is None:
        return "nothing"
    return str(Fraction(str(round(x, 6))).limit_denominator(12) if abs(x) < 100 else x)
