"""A new op is one class: all checks, readings and explanations work on it with no other change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from chainrule.core import dtypes as dt
from chainrule.core.node import Node
from chainrule.core.op import Op, Slip, example, registry
from chainrule.core.tensor import Tensor
from tests.registry import compiled, derivatives, form, graphs, shapes
from tests.registry.suite import CHECKS, applicable

MODULES = (form, shapes, derivatives, graphs, compiled)


def define() -> Op:
    """The class, as a user would write it."""

    class RationalBump(Op):
        """1 / (1 + a x^2), entry by entry: a bump of height 1."""

        dtype_rule = "float"
        takes = dt.CONTINUOUS
        latex, precedence = r"\frac{{1}}{{1 + {1}\,{0}^2}}", 2
        domain = ("real", (0.5, 2.0))
        examples = (example((2, 3), (3,)), example((), ()), example((4, 1), (2,)))

        def forward(self, xp: Any, x: Any, a: Any) -> Any:
            square = xp.step(xp.multiply(x, x), "square")
            return xp.divide(1, xp.add(1, xp.multiply(a, square)))

        def partial(self, node: Node, i: int) -> Tensor:
            (x, a), y = node.inputs, node.output
            return -y * y * (2 * a * x if i == 0 else x * x)

        def mistakes(self, node: Node) -> Iterable[Slip]:
            return (Slip("the square was forgotten", lambda x, a: 1 / (1 + a * x.abs())),)

    return RationalBump()


@pytest.fixture
def bump() -> Iterator[Op]:
    op = define()
    yield op
    del registry[op.name]


def test_a_new_op_passes_every_check(bump: Op) -> None:
    expected = CHECKS.keys() - {"index_map", "view", "facts", "checks"}
    for case in bump.examples:
        assert set(applicable(bump, case)) >= expected - {"wrong_axes", "open_sizes"}
        for name in applicable(bump, case):
            CHECKS[name].run(bump, case)


def test_it_is_gone_afterwards() -> None:
    assert "rational_bump" not in registry


@pytest.mark.parametrize(
    ("check", "method", "wrong"),
    [
        ("first_derivative", "partial", lambda self, node, i: node.output),
        ("written_is_lowered", "partial", lambda self, node, i: node.output),
        ("rule", "shape", lambda self, *shapes: (7, *shapes[0])),
        ("cost", "cost", lambda self, node: {"add": 1}),
        ("mistakes", "mistakes", lambda self, node: [Slip("nothing is wrong here", self)]),
    ],
)
def test_a_wrong_op_is_found(
    bump: Op, monkeypatch: pytest.MonkeyPatch, check: str, method: str, wrong: Any
) -> None:
    monkeypatch.setattr(type(bump), method, wrong)
    with pytest.raises(AssertionError):
        CHECKS[check].run(bump, bump.examples[0])
