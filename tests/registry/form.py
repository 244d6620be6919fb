"""Checks of what an op says about itself: contract, notation, cost, facts, mistakes, index maps."""

from __future__ import annotations

import copy
import inspect
from typing import Any

import numpy as np
import pytest

from chainrule.core.cost import lowered_cost
from chainrule.core.errors import ArgumentError, ValueCheckError
from chainrule.core.op import KINDS, Example, Op, primitives, registry
from chainrule.core.tensor import Tensor
from chainrule.namespaces import numpy as floats
from chainrule.namespaces.contract import PRIMITIVES
from tests.registry.sampling import Sample, call, objections, parts, sample
from tests.registry.suite import check, overrides

ARITHMETIC = ("elementwise", "reduce", "contract")


@check()
def contract(op: Op, example: Example) -> None:
    """Registered under its name, of a known kind, documented; a primitive fits the contract."""
    assert registry[op.name] is op
    assert op.kind in KINDS
    assert inspect.getdoc(type(op)), "a docstring says what it is"
    assert op.explain(sample(op, example).node())
    if op.primitive is None:
        return
    assert primitives[op.primitive] is op
    stands_for = PRIMITIVES[op.primitive]
    assert op.variadic == (stands_for.arrays < 0)
    assert op.variadic or len(op.inputs) == stands_for.arrays
    own = list(op.defaults)
    assert len(own) >= len(stands_for.attributes)
    extra = own[len(stands_for.attributes) :]
    assert all(op.defaults[name] is not inspect.Parameter.empty for name in extra)


@check()
def one_instance(op: Op, example: Example) -> None:
    """An op is its class: copies are the op itself; attributes can be hashed and copied."""
    assert copy.copy(op) is op
    assert copy.deepcopy(op) is op
    assert type(op)() is op
    attrs = sample(op, example).attrs
    hash(tuple(attrs.values()))
    assert copy.deepcopy(attrs) == attrs
    assert op.canonical(dict(attrs)) == attrs, "the stored form is stable"


@check(lambda op, _: bool(op.text or op.latex))
def notation(op: Op, example: Example) -> None:
    """The templates name every operand, and braces close."""
    names = [f"operand{i}" for i in range(len(example.shapes))]
    attrs = sample(op, example).attrs
    for template in filter(None, (op.text, op.latex)):
        try:
            shown = template.format(*names, **attrs)
        except IndexError:
            assert len(names) < len(op.inputs), f"{template} has more operands than the op"
            continue
        assert shown.count("{") == shown.count("}")
        if op.kind not in ("random", "reduce"):
            assert all(name in shown for name in names), f"{shown} lacks an operand"
    assert isinstance(op.precedence, int)


@check(lambda op, _: op.kind in ARITHMETIC or overrides(op, "cost"))
def cost(op: Op, example: Example) -> None:
    """Counts are positive; a composite's own are those of its lowered form."""
    case = sample(op, example)
    node = case.node()
    found = op.cost(node)
    assert all(isinstance(n, int) and n > 0 for n in found.values()), found
    if op.composite:
        assert found == lowered_cost(op, node)
    if op.kind == "elementwise" or (op.kind == "contract" and len(case.shapes) > 1):
        assert found, "arithmetic costs something"


@check(lambda op, _: overrides(op, "index_map"))
def index_map(op: Op, example: Example) -> None:
    """Reading by the map gives what forward gives."""
    case = sample(op, example)
    (wanted,) = case.forward(floats)
    found = op.index_map(case.node()).read(np.ravel(case.arrays[0]))
    np.testing.assert_array_equal(found, wanted)


@check(lambda op, _: op.view)
def view(op: Op, example: Example) -> None:
    """What is put into a view is read back, the rest stays; views that repeat entries refuse."""
    case = sample(op, example)
    whole, part = case.tensors()[0], call(op, case.tensors(), case.attrs)
    node = case.node()
    node.parents = (whole.node,)
    new = sample(op, Example((part.shape,), example.attrs), salt="new").tensors()[0]
    if np.prod(part.shape) > np.prod(whole.shape):
        with pytest.raises(ArgumentError):
            op.put(node, new)
        return
    written = op.put(node, new)
    assert written.shape == whole.shape
    np.testing.assert_array_equal(call(op, [written], case.attrs).numpy(), new.numpy())
    np.testing.assert_array_equal(op.put(node, part).numpy(), whole.numpy())
    assert overrides(op, "index_map")


@check(lambda op, _: bool(op.facts))
def facts(op: Op, example: Example) -> None:
    """What the op calls always true is true of a sample."""
    case = sample(op, example)
    for name, value in op.facts.items():
        if value:
            FACTS[name](op, case, value)


def _result(op: Op, *operands: Tensor, **attrs: Any) -> Any:
    return np.asarray(parts(op, call(op, operands, attrs))[0].detach())


def _identity(op: Op, case: Sample, units: tuple[Any, ...]) -> None:
    for i, unit in enumerate(units):
        if unit is not None:
            other = case.tensors()[1 - i]
            operands = (unit, other) if i == 0 else (other, unit)
            np.testing.assert_array_equal(_result(op, *operands, **case.attrs), other.numpy())


def _commutative(op: Op, case: Sample, value: bool) -> None:
    a, b = case.tensors()
    np.testing.assert_array_equal(_result(op, a, b), _result(op, b, a))


def _associative(op: Op, case: Sample, value: bool) -> None:
    a, b = case.tensors()
    c = a - 3
    np.testing.assert_allclose(_result(op, op(a, b), c), _result(op, a, op(b, c)), 1e-12, 1e-12)


def _distributes(op: Op, case: Sample, primitive: str) -> None:
    a, b = case.tensors()
    c, total = b - 3, primitives[primitive]
    right = total(op(a, b), op(a, c)).numpy()
    np.testing.assert_allclose(_result(op, a, total(b, c)), right, 1e-12, 1e-12)
    left = total(op(a, b), op(a - 3, b)).numpy()
    np.testing.assert_allclose(_result(op, total(a, a - 3), b), left, 1e-12, 1e-12)


def _idempotent(op: Op, case: Sample, value: bool) -> None:
    once = call(op, case.tensors(), case.attrs)
    np.testing.assert_array_equal(_result(op, once, **case.attrs), once.numpy())


def _involution(op: Op, case: Sample, value: bool) -> None:
    once = call(op, case.tensors(), case.attrs)
    np.testing.assert_array_equal(_result(op, once, **case.attrs), case.arrays[0])


def _same(op: Op, case: Sample, value: bool) -> None:
    np.testing.assert_array_equal(_result(op, *case.tensors(), **case.attrs), case.arrays[0])


def _undoes(op: Op, case: Sample, primitive: str) -> None:
    done = primitives[primitive](case.tensors()[0].abs())
    np.testing.assert_allclose(_result(op, done), np.abs(case.arrays[0]), rtol=1e-12)


def _takes_back(op: Op, case: Sample, primitive: str) -> None:
    a, b = case.tensors()
    done = primitives[primitive](a, b)
    np.testing.assert_allclose(_result(op, done, b), a.numpy() + 0 * b.numpy(), rtol=1e-12)


def _nonnegative(op: Op, case: Sample, value: bool) -> None:
    assert (_result(op, *case.tensors(), **case.attrs) >= 0).all()


def _sums_to_one(op: Op, case: Sample, attribute: str) -> None:
    made = _result(op, *case.tensors(), **case.attrs)
    np.testing.assert_allclose(made.sum(case.attrs[attribute]), 1, rtol=1e-12)


def _number(op: Op, case: Sample, attribute: str) -> None:
    """Every entry is the attribute."""
    assert np.all(case.forward(floats)[0] == case.attrs[attribute])


def _label(op: Op, case: Sample, attribute: str) -> None:
    """The attribute names the operand, and the result is the operand."""
    assert isinstance(case.attrs[attribute], str)
    _same(op, case, True)


def _selects(op: Op, case: Sample, choices: tuple[int, ...]) -> None:
    made = _result(op, *case.tensors(), **case.attrs)
    same = [made == np.broadcast_to(case.tensors()[i].numpy(), made.shape) for i in choices]
    assert np.any(same, axis=0).all()


FACTS = {
    "selects": _selects,
    "label": _label,
    "number": _number,
    "identity": _identity,
    "commutative": _commutative,
    "associative": _associative,
    "distributes": _distributes,
    "idempotent": _idempotent,
    "involution": _involution,
    "same": _same,
    "undoes": _undoes,
    "takes_back": _takes_back,
    "nonnegative": _nonnegative,
    "sums_to_one": _sums_to_one,
}


@check(lambda op, _: overrides(op, "mistakes"))
def mistakes(op: Op, example: Example) -> None:
    """Each slip is a sentence and gives a well-formed result with another value."""
    case = sample(op, example)
    right = _result(op, *case.tensors(), **case.attrs) if not op.variadic else None
    for slip in op.mistakes(case.node()):
        assert slip.sentence == slip.sentence.strip()
        assert len(slip.sentence) > 10
        wrong = np.asarray(slip.replace(*case.tensors(), **case.attrs))
        assert np.isfinite(wrong).all()
        assert wrong.shape != np.shape(right) or not np.allclose(wrong, right)


@check(lambda op, _: overrides(op, "checks"))
def checks(op: Op, example: Example) -> None:
    """Values outside the domain are refused with the op's sentence; those inside are not."""
    case = sample(op, example)
    assert objections(op, case.arrays, case.attrs) == []
    refused = 0
    for i, array in enumerate(case.arrays):
        if np.size(array) == 0 or (i < len(op.domain) and op.domain[i] == "seed"):
            continue
        for bad in (-1000, 1000):
            spoiled = np.array(array)
            spoiled.reshape(-1)[-1] = bad
            arrays = (*case.arrays[:i], spoiled, *case.arrays[i + 1 :])
            said = objections(op, arrays, case.attrs)
            if said:
                refused += 1
                wrong = Sample(op, case.attrs, arrays, case.dtypes).tensors()
                with pytest.raises(ValueCheckError, match=op.name) as caught:
                    call(op, wrong, case.attrs)
                assert said[0] in str(caught.value)
    guarded = any(domain in ("index", "prob") for domain in op.domain)
    given_whole = any(d.category < 2 for d in case.dtypes[-1:])
    if guarded and (given_whole or "index" not in op.domain):
        assert refused, "no check objects to anything"
