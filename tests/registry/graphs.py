"""Checks of what is read from a graph of the op: every reading, on fixed and on open sizes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np

from chainrule.core import dtypes as dt
from chainrule.core.capture import Spec, capture
from chainrule.core.convention import Convention
from chainrule.core.cost import total
from chainrule.core.device import device
from chainrule.core.errors import ArgumentError, DimError, ShapeError
from chainrule.core.graph import Graph
from chainrule.core.op import Example, Op
from chainrule.core.size import Size, UndecidedSize
from chainrule.namespaces import exact
from chainrule.namespaces import numpy as floats
from chainrule.namespaces.dual import Dual
from chainrule.readings.account import account
from chainrule.readings.draw import draw
from chainrule.readings.emit.index_form import index_form
from chainrule.readings.emit.numpy_code import numpy_code
from chainrule.readings.explain.adjoints import adjoints
from chainrule.readings.lower import lower
from chainrule.readings.receptive import receptive_fields
from chainrule.readings.run import run
from chainrule.readings.simplify import simplify
from chainrule.readings.verify import verify
from tests.registry.derivatives import computes_exactly, has_floats
from tests.registry.formulas import assert_is_latex
from tests.registry.sampling import Sample, call, fraction, parts, sample
from tests.registry.suite import check, overrides

try:
    from chainrule.readings.explain import explain
except ImportError:
    explain = None

Reading = Callable[[Graph, Sample], Any]


def captured(case: Sample, shapes: list[Any] | None = None) -> Graph:
    """The graph of one call of the op."""
    specs = [Spec(tuple(s), d) for s, d in zip(shapes or case.shapes, case.dtypes, strict=True)]
    return capture(lambda *operands: call(case.op, operands, case.attrs), *specs)


def evaluated(graph: Graph, case: Sample, xp: Any = None) -> list[Any]:
    """The outputs of a graph on the operands of a case, by default in their own arithmetic."""
    xp = xp or case.space
    given = dict(zip((i.node for i in graph.inputs), case.arrays, strict=True))
    with np.errstate(all="ignore"):
        env = graph.evaluate(xp, given)
    return [env[node] for node in graph.outputs]


def eager(case: Sample) -> list[Any]:
    """The outputs that users see."""
    return [np.asarray(r) for r in parts(case.op, call(case.op, case.tensors(), case.attrs))]


def same_bits(found: list[Any], wanted: list[Any]) -> None:
    """Equality of values, types and shapes, NaN and the sign of zero included."""
    assert len(found) == len(wanted)
    for a, b in zip(map(np.asarray, found), wanted, strict=True):
        assert (a.dtype, a.shape) == (b.dtype, b.shape)
        assert (a == b).all() if a.dtype == object else a.tobytes() == b.tobytes()


@check()
def round_trip(op: Op, example: Example) -> None:
    """Captured, checked and evaluated, the op gives the eager result bit for bit."""
    case = sample(op, example)
    same_bits(evaluated(verify(captured(case)), case), eager(case))


@check(lambda op, example: any(n > 1 for shape in example.shapes for n in shape))
def open_sizes(op: Op, example: Example) -> None:
    """The same with letters for sizes; signatures and broadcasting never need numbers."""
    case = sample(op, example)
    letters = {n: Size.symbol(f"d{n}") for shape in case.shapes for n in shape if n > 1}
    shapes = [tuple(letters.get(n, n) for n in shape) for shape in case.shapes]
    try:
        graph = captured(case, shapes)
    except (UndecidedSize, ShapeError, DimError, ArgumentError):
        assert overrides(op, "shape"), "attributes may fix a size, signatures not"
        return
    same_bits(evaluated(verify(graph), case), eager(case))


@check()
def without_values(op: Op, example: Example) -> None:
    """On the device "meta" the results have the shapes and types of the eager ones and no values,
    and so have the adjoints."""
    case = sample(op, example)
    wanted = parts(op, call(op, case.tensors(), case.attrs))
    given = [t.to("meta").requires_grad_(t.dtype.differentiable) for t in case.tensors()]
    with device("meta"):
        made = parts(op, call(op, given, case.attrs))
    assert [(m.is_meta, m.shape, m.dtype) for m in made] == [
        (True, w.shape, w.dtype) for w in wanted
    ]
    for result in made:
        if result.requires_grad:
            result.backward(result.detach())
    for t in given:
        assert t.grad is None or (t.grad.is_meta and t.grad.shape == t.shape)


@check(lambda op, example: computes_exactly(op, example) and has_floats(op))
def exact_is_float(op: Op, example: Example) -> None:
    """Exact arithmetic and floats agree to 1e-12; stabilisers and other marks may differ."""
    case = sample(op, example, dt.exact, number=fraction)
    precise = case.forward(exact)
    if op.kind == "structural":
        assert [np.shape(p) for p in precise] == case.ruled()[1]
        return
    arrays = [exact.cast(a, "float64") if a.dtype.hasobject else a for a in case.arrays]
    for p, rough in zip(precise, case.forward(floats, arrays), strict=True):
        values = exact.cast(np.asarray(p), np.asarray(rough).dtype.name)
        np.testing.assert_allclose(values, rough, rtol=1e-12, atol=1e-12)


# -- readings: also run where all ops have other names -------------------------------------------


def _lower(graph: Graph, case: Sample) -> None:
    low = verify(lower(graph))
    assert all(node.op is None or not node.op.composite for node in low.nodes)
    same_bits(evaluated(low, case), eager(case))


def _simplify(graph: Graph, case: Sample) -> None:
    same_bits(evaluated(verify(simplify(graph)), case), eager(case))
    on_paper = evaluated(verify(simplify(lower(graph), keep_bits=False)), case)
    for a, b in zip(on_paper, eager(case), strict=True):
        if case.space is exact:
            same_bits([a], [b])
            continue
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


def _run(graph: Graph, case: Sample) -> None:
    made = run(graph, *case.tensors())
    same_bits([np.asarray(r) for r in parts(case.op, made)], eager(case))


def _dual(graph: Graph, case: Sample) -> None:
    made = evaluated(graph, case, Dual(case.space))
    same_bits([getattr(m, "primal", m) for m in made], eager(case))


def _account(graph: Graph, case: Sample) -> None:
    found = account(graph)
    assert found.cost == total(node.op.cost(node) for node in graph.nodes if node.op)
    assert found.cost == account(lower(graph)).cost, "it costs what it is made of"
    assert found.count(Convention.everything) == sum(found.cost.values())


def _explain(graph: Graph, case: Sample) -> None:
    made = parts(case.op, call(case.op, case.tensors(requires_grad=True), case.attrs))
    losses = [m.sum() for m in made if m.requires_grad]
    if explain is not None and losses:
        found = explain(losses[0])
        assert str(found)
        for _, rows in found.tables():
            for part in {part for row in rows for part in row.latex()}:
                assert_is_latex(part)


def _adjoints(graph: Graph, case: Sample) -> None:
    made = parts(case.op, call(case.op, case.tensors(requires_grad=True), case.attrs))
    losses = [m.sum() for m in made if m.requires_grad]
    if losses:
        found = adjoints(losses[0])
        assert str(found)
        assert all(row.chain_rule and row.closed for row in found.values())


def _receptive(graph: Graph, case: Sample) -> None:
    for source in graph.inputs:
        for node, field in receptive_fields(graph, source.node).items():
            assert len(field.reads) == len(source.node.shape), node


def _draw(graph: Graph, case: Sample) -> None:
    for zoom in ("ops", "primitives"):
        drawing = draw(graph, zoom=zoom)
        ET.fromstring(drawing.svg())
        assert str(drawing).count("\n") >= len(drawing.operators)
        arrows = re.findall(r"(?m)^  n\d+ -> n\d+", drawing.dot())
        assert len(arrows) == len(drawing.arrows)


def _emit(graph: Graph, case: Sample) -> None:
    def first(*operands: Any) -> Any:
        return parts(case.op, call(case.op, operands, case.attrs))[0]

    specs = [Spec(i.node.shape, i.node.dtype) for i in graph.inputs]
    assert index_form(first, *specs).forward
    try:
        assert numpy_code(first, *specs).forward
    except ArgumentError as error:
        if not error.fact.startswith("NumPy has no expression"):
            raise


READINGS: dict[str, Reading] = {
    "verify": lambda graph, case: verify(graph),
    "lower": _lower,
    "simplify": _simplify,
    "run": _run,
    "dual": _dual,
    "explain": _explain,
    "adjoints": _adjoints,
    "account": _account,
    "receptive": _receptive,
    "draw": _draw,
    "emit": _emit,
}
"""Each takes the graph of a case and the case; the test that renames all ops runs them all."""


@check()
def readings(op: Op, example: Example) -> None:
    """Every reading works on the op."""
    case = sample(op, example)
    graph = captured(case)
    for reading in READINGS.values():
        reading(graph, case)
