"""Checks of decimal arithmetic: many places are float64, and few are what every result has."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.core import dtypes as dt
from chainrule.core.decimal import decimal
from chainrule.core.errors import ChainruleError
from chainrule.core.graph import Graph
from chainrule.core.op import Example, Op
from chainrule.readings.run import run
from tests.registry.derivatives import has_floats
from tests.registry.graphs import READINGS, captured, eager, explain
from tests.registry.sampling import Sample, call, parts, sample
from tests.registry.suite import check

MANY, FEW = 12, 2


def in_decimals(op: Op, case: Sample, places: int) -> list[Any] | None:
    """The results in decimal arithmetic, or None where that is refused, with a sentence."""
    try:
        made = run(captured(case), *case.tensors(), dtype=decimal(places=places))
    except ChainruleError as error:
        said = error.fact
    else:
        return [np.asarray(r.detach()) for r in parts(op, made)]
    assert len(said.split()) > 3, said
    return None


def is_real(op: Op, example: Example) -> bool:
    """Whether operands and results are real floats, whole numbers and bools."""
    if not has_floats(op):
        return False
    try:
        case = sample(op, example)
        found = [*case.dtypes, *case.ruled()[2]]
    except ChainruleError:
        return False
    return not any(d.is_complex or d is dt.exact for d in found)


@check(is_real)
def decimal_is_float(op: Op, example: Example) -> None:
    """With twelve places the results are the floats, or there are none and a sentence says why."""
    case = sample(op, example)
    found = in_decimals(op, case, MANY)
    if found is None:
        return
    for rough, precise in zip(found, eager(case), strict=True):
        assert rough.shape == precise.shape
        if op.kind != "structural":  # stabilisers and marks may differ
            error = 1e-5 if precise.dtype == np.float32 else 1e-9
            np.testing.assert_allclose(rough.astype(float), precise.astype(float), error, error)


@check(is_real)
def decimals_are_few(op: Op, example: Example) -> None:
    """With two places every real result has no more than those."""
    for made in in_decimals(op, sample(op, example), FEW) or []:
        if made.dtype == np.float64:
            np.testing.assert_allclose(made * 100, np.round(made * 100), rtol=1e-12, atol=1e-9)
            assert not (np.signbit(made) & (made == 0)).any(), "no minus before a zero"


def _explained(graph: Graph, case: Sample) -> None:
    if not has_floats(case.op) or any(d.is_complex for d in case.dtypes):
        return  # these are refused
    made = parts(case.op, call(case.op, case.tensors(requires_grad=True), case.attrs))
    for m in [m for m in made if m.requires_grad and not m.dtype.is_complex][:1]:
        assert str(explain(m.sum(), arithmetic=decimal(places=3)))


READINGS["decimal"] = _explained
