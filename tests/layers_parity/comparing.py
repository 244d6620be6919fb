"""The comparison: what both libraries made of a case, PyTorch's first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

import chainrule as cr
from chainrule.core.errors import ChainruleError
from tests.layers_parity.engine import Step, Trace, Value, trace
from tests.layers_parity.table import Case, Row

TOLERANCE = {"float64": 1e-10, "float32": 1e-4}
"""Relative to the largest magnitude in the tensor."""
ROUNDING = {name: float(np.finfo(name).eps) for name in TOLERANCE}

OWN_TROUBLE = "INTERNAL ASSERT|tensor does not have a device"
"""What PyTorch says where it fails by a bug of its own."""

QUANTISED = ("NonDynamicallyQuantizableLinear", "Linear")
"""A class of PyTorch's that its quantiser passes over, and what it is."""


class Disagreement(AssertionError):
    """The libraries disagree; ``kind`` says in what."""

    def __init__(self, kind: str, case: Case, theirs: Any, ours: Any) -> None:
        self.kind, self.case, self.theirs, self.ours = kind, case, theirs, ours
        super().__init__(f"{kind}: {case}\n  PyTorch    {theirs}\n  chainrule  {ours}")


def compare(row: Row, case: Case) -> None:
    """Raise Disagreement unless both libraries make the same of the case, compiled too."""
    theirs = trace(torch, case)
    ours = trace(cr, case, theirs.weights)
    if ours.warned and not theirs.warned:
        raise Disagreement("warned", case, "no warning", ours.warned[0])
    wanted = theirs.error or (late(theirs) if ours.error is not None else None)
    if errors(row, case, wanted, ours.error, late(ours)):
        return
    if case.module:
        compare_new(case, theirs, ours)
    compare_steps(row, case, theirs, ours, "")
    if row.holds("refuses", case) and not refused(theirs) and not refused(ours):
        raise Disagreement("refusal not true", case, "no error", "no error")
    if case.compiled and not row.holds("eager", case):
        compare_steps(row, case, theirs, trace(cr, case, theirs.weights, True), "compiled: ")
    text = theirs.text.replace(*QUANTISED)
    if text != ours.text and not row.holds("repr", case):
        raise Disagreement("repr", case, text, ours.text)


def late(result: Trace) -> Exception | None:
    """The first error of a call: one library may refuse there what the other does not build."""
    return next((step.error for step in result.steps if step.error is not None), None)


def refused(result: Trace) -> bool:
    """Whether the library refused anything."""
    return result.error is not None or any(step.error is not None for step in result.steps)


def errors(
    row: Row, case: Case, theirs: Exception | None, ours: Exception | None, other: Exception | None
) -> bool:
    """Whether the comparison ends here, with an error in one of them or both.

    ``other`` is an error of ours at another place, for what PyTorch refuses when a layer is built.
    """
    told = ours or (other if theirs is not None else None)
    if told is not None and not isinstance(told, ChainruleError):
        unknown = theirs is not None and "unexpected keyword" in str(told)
        both = isinstance(told, TypeError) and isinstance(theirs, TypeError)
        if not both and not unknown:
            raise Disagreement("bare error", case, said(theirs), said(told))
    if theirs is not None and told is None:
        if re.search(OWN_TROUBLE, str(theirs)) or row.holds("accepts", case, theirs):
            return True
        raise Disagreement("not refused", case, said(theirs), "no error")
    known = row.holds("refuses", case)
    if theirs is None and ours is not None and not known:
        raise Disagreement("refused", case, "no error", said(ours))
    return theirs is not None or ours is not None


def said(error: Exception | None) -> str:
    """An error in a few words."""
    if error is None:
        return "no error"
    return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"


def compare_new(case: Case, theirs: Trace, ours: Trace) -> None:
    """The new modules: the names, shapes and types of what they hold."""
    a, b = layout(theirs.state), layout(ours.state)
    if a != b:
        raise Disagreement("state_dict", case, a, b)


def layout(state: dict[str, Value]) -> dict[str, tuple[tuple[int, ...], str]]:
    return {key: (value.array.shape, value.dtype) for key, value in state.items()}


def compare_steps(row: Row, case: Case, theirs: Trace, ours: Trace, prefix: str) -> None:
    """One call after the other."""
    skipped: set[str] = set()
    for mode in case.plan.modes:
        pairs = zip(of_mode(theirs, mode), of_mode(ours, mode), strict=False)
        for a, b in pairs:
            if mode in skipped:
                continue
            if b.touched:
                raise Disagreement(f"{prefix}changed before refusal", case, "", b.touched)
            if errors(row, case, a.error, b.error, None):
                skipped.add(mode)
                continue
            compare_step(row, case, a, b, prefix)


def of_mode(result: Trace, mode: str) -> list[Step]:
    return [step for step in result.steps if step.mode == mode]


def compare_step(row: Row, case: Case, theirs: Step, ours: Step, prefix: str) -> None:
    """Results, gradients and what tensors hold after one call."""
    if row.holds("differs", case):
        return
    where = f"{prefix}{theirs.mode}: " if case.module else prefix
    if repr(theirs.form) != repr(alike(theirs.form, ours.form)):
        raise Disagreement(f"{where}structure", case, theirs.form, ours.form)
    scale = largest([*theirs.results, *theirs.operands, *theirs.state.values()])
    slopes = not row.holds("gradient differs", case)
    for kind, what, a, b in parts(theirs, ours):
        if kind == "gradient" and not slopes:
            continue
        tag = f"{where}{kind}{f' {what}' if what else ''}"
        if (a is None) != (b is None):
            raise Disagreement(f"{tag} missing", case, shown(a), shown(b))
        if a is None or b is None:
            continue
        if a.array.shape != b.array.shape:
            raise Disagreement(f"{tag} shape", case, a.array.shape, b.array.shape)
        if a.dtype != b.dtype:
            raise Disagreement(f"{tag} dtype", case, a.dtype, b.dtype)
        if kind == "result" and a.asks != b.asks and slopes and not prefix:
            raise Disagreement(f"{tag} requires_grad", case, a.asks, b.asks)
        if not agree(a, b, case.dtype, row.noise * scale):
            raise Disagreement(f"{tag} values", case, shown(a), shown(b))


def alike(theirs: Any, ours: Any) -> Any:
    """Our structure, without names for the parts of a tuple where theirs have none."""
    both = isinstance(theirs, tuple) and isinstance(ours, tuple) and len(ours) == 3
    if both and not theirs[1] and len(theirs[2]) == len(ours[2]):
        pairs = zip(theirs[2], ours[2], strict=True)
        return (ours[0], (), [alike(a, b) for a, b in pairs])
    return ours


def parts(theirs: Step, ours: Step) -> Iterator[tuple[str, str, Value | None, Value | None]]:
    """Everything that is compared: kind, name, theirs and ours."""
    for i, (a, b) in enumerate(zip(theirs.results, ours.results, strict=True)):
        yield "result", str(i) if i else "", a, b
    for i, (c, d) in enumerate(zip(theirs.slopes, ours.slopes, strict=True)):
        yield "gradient", f"of operand {i}", c, d
    for name in theirs.grads:
        yield "gradient", f"of {name}", theirs.grads[name], ours.grads.get(name)
    for name in theirs.state:
        yield "state", name, theirs.state[name], ours.state[name]
    for i, (a, b) in enumerate(zip(theirs.operands, ours.operands, strict=True)):
        yield "operand", f"{i} afterwards", a, b


def shown(value: Value | None) -> Any:
    return None if value is None else value.array.tolist()


def largest(given: list[Value]) -> float:
    """The largest magnitude in all of these, and at least 1."""
    sizes = [1.0]
    for value in given:
        if value.array.dtype.kind == "f":
            finite = np.abs(value.array[np.isfinite(value.array)])
            sizes.append(float(finite.max(initial=0.0)))
    return max(sizes)


def agree(theirs: Value, ours: Value, dtype: str, scale: float) -> bool:
    """Whether two arrays of one type agree: relative to the largest magnitude, but for so many
    roundings of the numbers that went in; NaN and infinities have their places."""
    a, b = theirs.array, ours.array
    if a.dtype.kind != "f":
        return bool(np.array_equal(a, b))
    finite = np.isfinite(a)
    if not np.array_equal(a[~finite], b[~finite], equal_nan=True):
        return False
    if not np.isfinite(b[finite]).all():
        return False
    a, b = a[finite].astype(np.float64), b[finite].astype(np.float64)
    bound = TOLERANCE[dtype] * np.abs(a).max(initial=0.0) + ROUNDING[dtype] * scale
    return bool((np.abs(a - b) <= bound).all())
