"""Checks of what an op says that it reads: never less than what its results depend on."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.core.capture import Spec, capture
from chainrule.core.node import leaf
from chainrule.core.op import Example, Op
from chainrule.core.reach import Reads
from chainrule.core.tensor import Tensor
from chainrule.readings.memory import training
from tests.readings.memory.networks import held_bytes
from tests.registry.derivatives import has_floats
from tests.registry.sampling import call, parts, sample
from tests.registry.suite import check, differentiable

TRIED = 5
"""How many places of a result are tried."""

AS_NUMBERS = {
    "batch_norm": "statistics of the batch count as numbers",
    "circular_pad": "a border counts as places beyond the axis",
    "reflection_pad": "a border counts as places beyond the axis",
    "replication_pad": "a border counts as places beyond the axis",
}
"""Ops that say less than they read, as is usual for receptive fields, and what they leave out."""


def _said(op: Op, example: Example) -> bool:
    return differentiable(op, example) and has_floats(op) and op.name not in AS_NUMBERS


@check(_said)
def reads(op: Op, example: Example) -> None:
    """Where an operand's gradient from one place of a result is not zero, the op says that this
    place reads it."""
    case = sample(op, example)
    results = parts(op, call(op, case.tensors(), case.attrs))
    for output, result in enumerate(results):
        if not result.dtype.differentiable or result.numel() == 0:
            continue
        said = list(op.reads(case.node(), output))
        assert len(said) == len(case.arrays)
        for place in {*np.linspace(0, result.numel() - 1, TRIED).astype(int).tolist()}:
            operands = case.tensors(requires_grad=True)
            made = parts(op, call(op, operands, case.attrs))[output]
            if not made.requires_grad:
                continue
            one = np.zeros(made.numel())
            one[place] = 1.0
            seed = leaf(made.shape, made.dtype, one.reshape(made.shape).astype(made.dtype.name))
            made.backward(Tensor(seed))
            at = np.unravel_index(place, made.shape)
            for operand, reach in zip(operands, said, strict=True):
                if operand.grad is not None:
                    _within(np.asarray(operand.grad), reach, at)


def _within(gradient: np.ndarray, reach: Reads | None, at: Any) -> None:
    """Every entry that is not zero lies within what is said to be read."""
    for entry in np.argwhere(gradient):
        assert reach is not None, "an operand that is said not to be read"
        for axis, (k, place) in enumerate(zip(reach, entry, strict=True)):
            ends = k.at(0 if k.axis is None else at[k.axis])
            assert ends is not None and ends[0] <= place <= ends[1], (axis, at, entry, reach)


OPERANDS_THEMSELVES = {
    "cast": "to the type that they have",
    "real": "of real numbers",
    "imag": "of complex numbers, a part of these",
    "matrix_power": "to the power 1",
    "einsum": "of one operand, a view",
    "steps": "none of them",
    "average_gradient": "of one result, both",
    "heavy_ball": "of one result, both",
    "nesterov_moments": "of one result, both",
}
"""Ops of which some results are arrays that were there before, unlike their kind."""


def _lies_apart(op: Op, example: Example) -> bool:
    """Whether results are arrays of their own or what the op's kind says; of tensors without axes,
    reductions are often the tensor itself."""
    whole = () not in example.shapes or op.kind != "reduce"
    return (
        whole
        and differentiable(op, example)
        and has_floats(op)
        and (op.name not in OPERANDS_THEMSELVES)
    )


@check(_lies_apart)
def memory(op: Op, example: Example) -> None:
    """What eager execution holds for the backward pass is known from shapes alone, to the byte; and
    the backward pass reads no more than that."""
    case = sample(op, example)
    pairs = zip(case.shapes, case.dtypes, strict=True)
    specs = [Spec(tuple(s), d, d.differentiable) for s, d in pairs]
    graph = capture(lambda *operands: call(op, operands, case.attrs), *specs)
    found = training(graph)
    made = parts(op, call(op, case.tensors(requires_grad=True), case.attrs))
    assert sum(s.bytes() for s in found.held) == held_bytes(made)
    assert {k.storage for k in found.kept} <= {*found.held}
    assert found.peak.bytes <= found.eager_peak.bytes
