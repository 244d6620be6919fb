"""Operands for the examples of any op, from nothing but its class: domain, examples, checks."""

from __future__ import annotations

import importlib
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

import chainrule
from chainrule.core import dtypes as dt
from chainrule.core.dtypes import DType
from chainrule.core.node import Node, leaf
from chainrule.core.op import Example, Op, registry
from chainrule.core.tensor import Tensor
from chainrule.namespaces import exact
from chainrule.namespaces import numpy as floats

FLOORS_WITH_OPS = ("ops", "nn", "optim")


def cases() -> list[tuple[str, Op, Example]]:
    """Every example of every op, named ``op-number``."""
    for floor in FLOORS_WITH_OPS:
        importlib.import_module(f"{chainrule.__name__}.{floor}")
    ops = sorted(registry.items())
    return [(f"{name}-{i}", op, e) for name, op in ops for i, e in enumerate(op.examples)]


@dataclass(frozen=True)
class Sample:
    """One op with attributes in their stored form and an array for each operand."""

    op: Op
    attrs: dict[str, Any]
    arrays: tuple[Any, ...]
    dtypes: tuple[DType, ...]

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        """The shapes of the operands."""
        return [tuple(np.shape(a)) for a in self.arrays]

    @property
    def space(self) -> Any:
        """The arithmetic of the operands."""
        return exact if dt.exact in self.dtypes else floats

    @property
    def smooth(self) -> list[int]:
        """The operands that can have a gradient."""
        return [i for i, dtype in enumerate(self.dtypes) if dtype.differentiable]

    def ruled(self) -> tuple[list[DType], list[tuple[int, ...]], list[DType]]:
        """What the op's rules say: types that operands are cast to, shapes and types of results."""
        ranks = [len(s) for s in self.shapes]
        wanted, dtype = self.op.dtypes(list(self.dtypes), ranks, **self.attrs)
        shape = self.op.shape(*self.shapes, **self.attrs)
        if self.op.outputs:
            return wanted, list(shape), list(dtype)
        return wanted, [shape], [dtype]

    def forward(self, xp: Any, arrays: Sequence[Any] | None = None) -> list[Any]:
        """The results under a namespace."""
        given = self.arrays if arrays is None else arrays
        with np.errstate(all="ignore"):
            return parts(self.op, self.op.forward(xp, *given, **self.attrs))

    def tensors(self, requires_grad: bool = False) -> list[Tensor]:
        """The operands as tensors."""
        pairs = zip(self.arrays, self.dtypes, strict=True)
        made = [Tensor(leaf(np.shape(a), d, a)) for a, d in pairs]
        for i in self.smooth if requires_grad else ():
            made[i].requires_grad_()
        return made

    def node(self) -> Node:
        """The op applied to placeholders: what shape-only readings see."""
        _, shapes, dtypes = self.ruled()
        several = bool(self.op.outputs)
        inputs = tuple(leaf(s, d) for s, d in zip(self.shapes, self.dtypes, strict=True))
        shape, dtype = (tuple(shapes), tuple(dtypes)) if several else (shapes[0], dtypes[0])
        return Node(self.op, inputs, self.attrs, shape, dtype)


def call(op: Op, operands: Sequence[Any], attrs: dict[str, Any]) -> Any:
    """Call an op as users do."""
    return op(list(operands), **attrs) if op.variadic else op(*operands, **attrs)


def parts(op: Op, result: Any) -> list[Any]:
    """The results of an op, as a list also where there is one."""
    return list(result) if op.outputs else [result]


def seeded(op: Op, example: Example, salt: str = "") -> np.random.Generator:
    """A generator of its own for each case, the same in every run."""
    return np.random.default_rng(zlib.crc32(f"{type(op).__name__}{example}{salt}".encode()))


def sample(
    op: Op,
    example: Example,
    *dtypes: DType,
    salt: str = "",
    number: Any = None,
) -> Sample:
    """Operands within the op's domain; those whose type the example leaves open have one of
    ``dtypes``, in turn (default: float64).

    ``number(rng, low, high)`` draws one entry of them (default: a float).  Index operands get the
    widest range to which none of the op's checks objects.
    """
    attrs = stored(op, example.attrs)
    types = tuple(given_types(example, dtypes or (dt.float64,)))
    widest = max([2, *_whole_numbers(example.shapes), *_whole_numbers(tuple(attrs.values()))])
    for bound in range(widest, 0, -1):
        rng = seeded(op, example, salt)
        arrays = tuple(
            _array(rng, shape, kind, _domain(op, i), bound, number)
            for i, (shape, kind) in enumerate(zip(example.shapes, types, strict=True))
        )
        if all(d.category == dt.EXACT for d in types) or not objections(op, arrays, attrs):
            return Sample(op, attrs, arrays, types)
    raise AssertionError(f"{op.name}: no operands pass its checks")


def stored(op: Op, attrs: dict[str, Any]) -> dict[str, Any]:
    """Attributes in the form that nodes store."""
    operands = ([None],) if op.variadic else (None,) * (len(op.inputs) - op.optional)
    return op.bind(operands, dict(attrs))[1]


def objections(op: Op, arrays: Sequence[Any], attrs: dict[str, Any]) -> list[str]:
    """The sentences of the op's checks that fail."""
    return [said for wrong, said in op.checks(floats, *arrays, **attrs) if np.any(wrong)]


def given_types(example: Example, dtypes: Sequence[DType]) -> Iterator[DType]:
    """The element type of each operand."""
    for i in range(len(example.shapes)):
        own = example.dtypes[i] if i < len(example.dtypes) else None
        yield own or dtypes[i % len(dtypes)]


def _domain(op: Op, i: int) -> Any:
    return op.domain[i] if i < len(op.domain) else "real"


def _whole_numbers(value: Any) -> Iterator[int]:
    """The integers in nested tuples."""
    if isinstance(value, int) and not isinstance(value, bool):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from _whole_numbers(part)


def _array(
    rng: np.random.Generator, shape: Any, dtype: DType, domain: Any, bound: int, number: Any
) -> Any:
    """One operand."""
    if domain == "regular":
        unit = np.eye(*shape[-2:], dtype=int)
        if dtype.category == dt.BOOL:
            return np.broadcast_to(unit.astype(bool), shape)
        made = _array(rng, shape, dtype, "real", bound, number)
        return made + (10 * unit).astype(made.dtype)
    if dtype.category == dt.BOOL:
        return rng.random(shape) < 0.5
    if dtype.category == dt.INTEGER:
        return _integers(rng, shape, domain, bound).astype(dtype.numpy)
    low, high = (0.05, 0.95) if domain == "prob" else (-2.0, 2.0)
    if not isinstance(domain, str):
        low, high = domain
    draw = number or (lambda rng, low, high: rng.uniform(low, high))
    count = int(np.prod(shape))
    if dtype is dt.exact:
        made = exact.array([draw(rng, low, high) for _ in range(count)]).reshape(shape)
        return made if shape else exact.reshape(made, ())
    entries = np.array([draw(rng, low, high) for _ in range(count)])
    if dtype.is_complex:
        entries = entries + 1j * np.array([draw(rng, low, high) for _ in range(count)]) / 2
    return entries.astype(dtype.numpy).reshape(shape)


def _integers(rng: np.random.Generator, shape: Any, domain: Any, bound: int) -> Any:
    """Whole numbers: indices below ``bound``, or a few small ones."""
    if domain == "seed":
        return np.array([rng.integers(1000), 0])
    if domain == "index":
        return rng.integers(0, bound, shape)
    if domain == "prob":
        return rng.integers(0, 2, shape)
    return rng.integers(1, 4, shape)


def fraction(rng: np.random.Generator, low: float, high: float) -> Fraction:
    """A small fraction strictly between two numbers."""
    a, b = Fraction(str(low)), Fraction(str(high))
    return a + (b - a) * Fraction(int(rng.integers(1, 8)), 8)
