"""Checks of shape and dtype rules: they say what forward gives, and refuse what does not fit."""

from __future__ import annotations

import linecache
import re
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from chainrule.core import dtypes as dt
from chainrule.core.errors import (
    ArgumentError,
    ChainruleError,
    DimError,
    DTypeError,
    ShapeError,
    ValueCheckError,
)
from chainrule.core.op import Example, Op
from chainrule.core.tensor import Tensor
from tests.registry.sampling import Sample, call, objections, parts, sample
from tests.registry.suite import check, overrides

TYPES = (dt.bool_, dt.uint8, dt.int64, dt.float32, dt.float64, dt.complex64, dt.complex128)
MIXED = ((dt.bool_, dt.float32), (dt.float32, dt.float64), (dt.float64, dt.int64),
         (dt.int64, dt.complex64), (dt.float64, dt.complex64))  # fmt: skip
NAMES = (
    "apple", "berry", "cherry", "damson", "elder", "fig", "grape", "hazel", "iris", "juniper",
    "kiwi", "lemon", "mango", "nutmeg", "olive", "pear",
)  # fmt: skip


@check()
def rule(op: Op, example: Example) -> None:
    """Shapes and types of the rules are those of forward on operands of the types asked for."""
    case = sample(op, example)
    wanted, shapes, dtypes = case.ruled()
    xp = case.space
    cast = [xp.cast(np.asarray(a), w.name) for a, w in zip(case.arrays, wanted, strict=True)]
    assert [np.shape(r) for r in case.forward(xp, cast)] == shapes
    assert [np.asarray(r).dtype for r in case.forward(xp, cast)] == [d.numpy for d in dtypes]


@check()
def every_dtype(op: Op, example: Example) -> None:
    """Operand types, alike or mixed, are refused with DTypeError, or the result is of the ruled
    shape and type."""
    for given in (*((dtype,) for dtype in TYPES), *MIXED):
        try:
            case = sample(op, example, *given)
            _, shapes, dtypes = case.ruled()
        except DTypeError:
            continue
        made = parts(op, call(op, case.tensors(), case.attrs))
        assert [np.asarray(m).dtype for m in made] == [d.numpy for d in dtypes], given
        assert [m.shape for m in made] == shapes
        assert [m.dtype for m in made] == dtypes


@check(lambda op, example: any(example.shapes))
def wrong_axes(op: Op, example: Example) -> None:
    """Each axis made longer, and one too many: the rule allows it, and forward gives what it says,
    or the error names the op, the axis and the operands as the user wrote them."""
    case = sample(op, example)
    for shapes, spoiled in _spoiled(case.shapes):
        made = tuple(np.resize(a, s) for a, s in zip(case.arrays, shapes, strict=True))
        wrong = Sample(op, case.attrs, made, case.dtypes)
        try:
            results = parts(op, call(op, wrong.tensors(), wrong.attrs))
        except (ShapeError, DimError, ArgumentError, DTypeError) as error:
            _teaches(op, error, wrong)
            continue
        except ValueCheckError:
            assert objections(op, made, case.attrs), "an index out of the new range"
            continue
        assert [r.shape for r in results] == wrong.ruled()[1], spoiled
        assert [np.shape(np.asarray(r)) for r in results] == wrong.ruled()[1]


def _spoiled(shapes: list[Any]) -> Iterator[tuple[list[Any], str]]:
    """The shapes with one axis longer, or with one axis more, in turn."""
    for i, shape in enumerate(shapes):
        for k in range(len(shape)):
            longer = (*shape[:k], shape[k] + 1, *shape[k + 1 :])
            yield [*shapes[:i], longer, *shapes[i + 1 :]], f"axis {k} of operand {i}"
        yield [*shapes[:i], (2, *shape), *shapes[i + 1 :]], f"rank of operand {i}"


def _teaches(op: Op, error: ChainruleError, wrong: Sample) -> None:
    """The text names the op and all operands; under a signature or broadcasting, also the axis."""
    op_text = str(error).splitlines()[0]
    assert op_text.startswith(f"{op.name}: "), op_text
    text = _raised_by_user(op, wrong)
    for name, shape in zip(NAMES, wrong.shapes, strict=False):
        listed = f"({', '.join(map(str, shape))}{',' * (len(shape) == 1)})"
        assert f"{name} {listed}" in text, text
    assert re.search(r"at        user_\d+\.py:2   op\(", text), text
    if not overrides(op, "shape"):
        named = re.search(r"ax[ei]s ('\w+'|-?\d+)|operand \d+ has \d axes", text)
        assert named, text


def _raised_by_user(op: Op, wrong: Sample) -> str:
    """The text of the error where operands have names."""
    try:
        _named_call(op, wrong.tensors(), wrong.attrs)
    except ChainruleError as error:
        return str(error)
    raise AssertionError("the same call went well")


def _named_call(op: Op, operands: list[Tensor], attrs: dict[str, Any]) -> None:
    """The op on operands called alpha, omega, …, as a user would write it in their own file."""
    names = ", ".join(NAMES[: len(operands)])
    given = [f"[{names}]" if op.variadic else names, *(f"{name}={name}" for name in attrs)]
    text = f"def user(op, {', '.join([names, *attrs])}):\n    op({', '.join(given)})\n"
    file = f"user_{zlib.crc32(text.encode())}.py"
    linecache.cache[file] = len(text), None, text.splitlines(keepends=True), file
    scope: dict[str, Any] = {}
    exec(compile(text, file, "exec"), scope)
    scope["user"](op, *operands, **attrs)
