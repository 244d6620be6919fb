"""Steps of loops as graphs: equal ones are one, and one that is run often is compiled."""

import gc
import weakref
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.graph import Graph
from chainrule.core.tensor import Tensor
from chainrule.ops.structural import loop_body
from chainrule.ops.structural.scan import scan


def body_of(loss: Tensor) -> Graph:
    """The step of the only loop in the history of a tensor."""
    waiting = [loss.node]
    while waiting:
        node = waiting.pop()
        if "body" in node.attrs:
            body: Graph = node.attrs["body"]
            return body
        waiting += node.parents
    raise AssertionError("there is no loop")


def loss(factor: float, power: Any = 2) -> Tensor:
    x = cr.tensor([0.5, -1.0], requires_grad=True)
    return scan(lambda h, _: ((h * factor + h**power).tanh(), h), x, length=3)[1].sum()


def test_equal_steps_are_one_graph() -> None:
    assert body_of(loss(0.5)) is body_of(loss(0.5))


@pytest.mark.parametrize(
    ("one", "other"), [((0.5, 2), (0.25, 2)), ((0.5, 2), (0.5, 3)), ((0.0, 2), (-0.0, 2))]
)
def test_different_steps_are_two(one: Any, other: Any) -> None:
    assert body_of(loss(*one)) is not body_of(loss(*other))


def test_steps_of_different_source_lines_are_two() -> None:
    x = cr.tensor(1.0, requires_grad=True)
    first = scan(lambda h, _: (h * 2, None), x, length=2)[0]
    second = scan(lambda h, _: (h * 2, None), x, length=2)[0]
    assert body_of(first) is not body_of(second)


def test_steps_are_told_apart_by_the_names_of_their_values() -> None:
    def last(name: str) -> Tensor:
        x = cr.tensor(1.0, requires_grad=True)
        return scan(lambda h, _: (cr.named(h * 2, name), None), x, length=2)[0]

    assert body_of(last("a")) is body_of(last("a")) is not body_of(last("b"))


def test_a_compiled_step_is_the_one_that_was_written(monkeypatch: pytest.MonkeyPatch) -> None:
    w = cr.tensor(np.random.default_rng(0).normal(size=(3, 3)), requires_grad=True)

    def gradients() -> list[Any]:
        w.grad = None
        last, ys = scan(
            lambda h, x: ((w @ h).tanh() + x, h * h), cr.ones(3).double(), cr.eye(3).double()
        )
        total = last.sum() + ys.sum()
        total.backward()
        return [total.tolist(), w.grad.tolist() if w.grad is not None else None]

    monkeypatch.setattr(loop_body, "STEPS_BEFORE", 8)
    found = [gradients() for _ in range(6)]  # from the third on, both loops are compiled
    assert all(each == found[0] for each in found)


def test_a_step_is_compiled_once_it_has_been_run_often(monkeypatch: pytest.MonkeyPatch) -> None:
    built = []
    build = loop_body.pullback.build
    assert build is not None

    def counted(graph: Graph) -> Any:
        built.append(graph)
        return build(graph)

    monkeypatch.setattr(loop_body.pullback, "build", counted)
    monkeypatch.setattr(loop_body, "STEPS_BEFORE", 6)

    def run() -> Tensor:
        return scan(lambda h, _: (h.cos() * 0.125, None), cr.ones(2), length=3)[0]

    first = [run().tolist() for _ in range(2)]
    assert built == []
    assert [run().tolist() for _ in range(3)] == [first[0]] * 3
    assert len(built) == 1


def test_no_more_steps_are_kept_than_some(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop_body, "BODIES_KEPT", 4)
    for i in range(20):
        loss(1 + i / 100)
    assert len(loop_body._bodies) <= 4


def test_steps_that_are_forgotten_are_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop_body, "BODIES_KEPT", 4)
    loop_body._bodies.clear()
    made = [weakref.ref(body_of(loss(2 + i / 100))) for i in range(100)]
    gc.collect()
    assert sum(ref() is not None for ref in made) <= 80  # some plans keep theirs for a while
