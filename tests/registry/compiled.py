"""Engines: compiled against eager, and compiled adjoint rules against the rules as they are."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.backends import compile as compiled
from chainrule.core import pullback
from chainrule.core.op import Example, Op
from chainrule.core.tensor import Tensor
from tests.registry.graphs import same_bits
from tests.registry.sampling import Sample, call, parts, sample
from tests.registry.suite import check, differentiable


def _step(case: Sample) -> Any:
    """The op, and the gradients of the sum of its results."""

    def step(*operands: Tensor) -> list[Tensor | None]:
        results = parts(case.op, call(case.op, operands, case.attrs))
        for t in operands:
            t.grad = None
        for r in results:
            if r.requires_grad:
                (r * r).sum().backward()
        return [*results, *(t.grad for t in operands)]

    return step


def _arrays(found: list[Tensor | None]) -> list[np.ndarray]:
    return [np.asarray(t.detach()) for t in found if t is not None]


@check()
def compiled_is_eager(op: Op, example: Example) -> None:
    """A compiled function of the op, and of its gradients, gives the eager bits, twice."""
    case = sample(op, example)
    wanted = _arrays(_step(case)(*case.tensors(requires_grad=True)))
    step = compiled(_step(case))
    for _ in range(2):
        same_bits(_arrays(step(*case.tensors(requires_grad=True))), wanted)
    assert step.captures == 1


@check(differentiable)
def adjoint_rule_compiled(op: Op, example: Example) -> None:
    """The adjoint rule gives the same bits before and after it is compiled."""
    case = sample(op, example)
    before, pullback.MET_BEFORE = pullback.MET_BEFORE, 10**9
    try:
        wanted = _arrays(_step(case)(*case.tensors(requires_grad=True)))
        pullback.MET_BEFORE = 0
        found = _arrays(_step(case)(*case.tensors(requires_grad=True)))
    finally:
        pullback.MET_BEFORE = before
    same_bits(found, wanted)
