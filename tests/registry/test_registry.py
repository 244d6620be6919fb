"""Every check, for every example of every op: what the registry guarantees of an op for nothing."""

from __future__ import annotations

import pytest

from chainrule.core.op import Example, Op, primitives, registry
from chainrule.namespaces.contract import PRIMITIVES
from tests.registry import compiled, decimals, derivatives, form, graphs, reading, shapes
from tests.registry.sampling import cases
from tests.registry.suite import CHECKS, applicable

CASES = cases()
MODULES = (
    form,
    shapes,
    derivatives,
    graphs,
    reading,
    compiled,
    decimals,
)  # importing them fills the list of checks


@pytest.mark.parametrize(
    ("name", "op", "example"),
    [
        pytest.param(name, op, example, id=f"{name}-{case}")
        for case, op, example in CASES
        for name in applicable(op, example)
    ],
)
def test_case(name: str, op: Op, example: Example) -> None:
    CHECKS[name].run(op, example)


def test_every_primitive_has_its_op() -> None:
    assert {*PRIMITIVES, "scan"} >= primitives.keys() >= PRIMITIVES.keys()


def test_every_op_has_an_example() -> None:
    bare = [name for name, op in registry.items() if not op.examples and op.kind != "structural"]
    assert bare == []


def test_every_check_is_about_something() -> None:
    used = {name for _, op, example in CASES for name in applicable(op, example)}
    assert used == CHECKS.keys()
    assert all(check.run.__doc__ for check in CHECKS.values())
