"""The symbolic shape, with numbers put in, is the shape of the run: for every op and layer."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import chainrule as cr
from chainrule.core.errors import ChainruleError
from chainrule.core.op import registry
from chainrule.core.size import OpenSize, Size
from tests.analysis.symbolic import Letters, shapes_of
from tests.layers_parity.engine import exists
from tests.layers_parity.families.all import ROWS
from tests.layers_parity.table import Case, samples
from tests.registry.sampling import call, parts, sample

NUMBERS = ("nn.utils.rnn.pack_sequence", "nn.utils.rnn.pack_padded_sequence")
"""What is made of lengths, which are numbers."""
LAYERS = [
    (row, names)
    for row in ROWS
    if (names := tuple(n for n in row.names if n not in NUMBERS and exists(cr, n)))
]


@pytest.mark.parametrize("name", sorted(registry))
def test_every_op(name: str) -> None:
    """Each axis of each operand is a letter of its own."""
    op = registry[name]
    for one in op.examples:
        case = sample(op, one)
        letters = Letters()
        shapes = [tuple(map(letters, shape)) for shape in case.shapes]
        with letters.known():
            symbolic = op.shape(*shapes, **case.attrs)
        symbolic = symbolic if op.outputs else (symbolic,)
        made = parts(op, call(op, case.tensors(), case.attrs))
        assert letters.put(tuple(symbolic)) == tuple(tensor.shape for tensor in made)


@pytest.mark.parametrize("arguments", [False, True], ids=["inputs", "arguments"])
@pytest.mark.parametrize(("row", "names"), LAYERS, ids=[names[0] for _, names in LAYERS])
def test_every_layer(row: Any, names: tuple[str, ...], arguments: bool) -> None:
    """Each axis of the inputs is a letter, or each size among the arguments too."""

    @st.composite
    def cases(draw: st.DrawFn) -> Case:
        return row.case(lambda n: draw(st.integers(0, n - 1)), names)  # type: ignore[no-any-return]

    @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
    @given(cases())
    def agrees(case: Case) -> None:
        if case.plan.init is not None and samples(case.plan.init):
            return  # built of values
        try:
            expected = shapes_of(case, lambda number: number, False)
        except (ChainruleError, TypeError, ValueError):
            return  # a case that is wrong
        letters = Letters()
        try:
            with letters.known():
                symbolic = shapes_of(case, letters, arguments)
        except OpenSize:
            assert "scale_factor" in repr(case)  # n times 1.3, rounded as floats are
            return
        assert [letters.put(shape) for shape in symbolic] == expected

    agrees()


def test_the_letters_of_a_batch_need_no_numbers() -> None:
    net = cr.nn.Sequential(
        cr.nn.Conv2d(3, 8, 3, stride=2, padding=1), cr.nn.BatchNorm2d(8), cr.nn.ReLU(),
        cr.nn.MaxPool2d(2), cr.nn.AdaptiveAvgPool2d(3), cr.nn.Flatten(), cr.nn.Linear(72, 10),
    )  # fmt: skip
    graph = cr.capture(net, cr.spec("B", 3, "h", "w"))
    h = Size.symbol("h")
    shapes = {node.op.name: node.shape for node in graph.nodes if node.op is not None}
    assert shapes["conv2d"][2] == (h - 1) // 2 + 1
    assert shapes["max_pool2d"][2] == (h + 1) // 4
    assert graph.outputs[0].shape == (Size.symbol("B"), 10)


def test_declared_relations_simplify() -> None:
    h = Size.symbol("h", multiple_of=4)
    net = cr.nn.Sequential(cr.nn.MaxPool1d(2), cr.nn.Conv1d(1, 1, 2, stride=2))
    assert str(cr.capture(net, cr.spec(1, h)).outputs[0].shape) == "(1, h/4)"
    assert str(cr.capture(net, cr.spec(1, "h")).outputs[0].shape) == "(1, floor(h/4))"
