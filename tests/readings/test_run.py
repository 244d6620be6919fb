"""`run`: one graph in every arithmetic, and what is refused."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

import chainrule as cr
from chainrule.core.errors import ArgumentError, GraphError, ShapeError, ValueCheckError
from chainrule.nn import functional as F
from chainrule.ops.normalise import batch_norm


def test_exact_and_double_from_a_single_precision_graph() -> None:
    graph = cr.capture(lambda x: {"y": [x / 3, x > 1]}, cr.spec(2))
    exact = cr.run(graph, [1, 2], dtype=cr.exact)
    assert exact["y"][0].tolist() == [Fraction(1, 3), Fraction(2, 3)]
    double = cr.run(graph, cr.tensor([1.0, 2.0]), dtype=cr.float64)["y"]
    assert double[0].dtype is cr.float64 and double[0].tolist() == [1 / 3, 2 / 3]
    assert double[1].tolist() == [False, True] and double[1].dtype is cr.bool


def test_casts_and_constants_inside_take_the_type_asked_for() -> None:
    graph = cr.capture(lambda x: x.float() * cr.full((2,), 0.1) + cr.arange(2), cr.spec(2))
    assert cr.run(graph, [0, 0], dtype="float64").dtype is cr.float64
    assert cr.run(graph, [1, 1], dtype=cr.exact).dtype is cr.exact


def test_letters_are_bound_by_the_inputs() -> None:
    graph = cr.capture(lambda x, y: (x @ y).reshape(-1).sum() / x.shape[0],
                       cr.spec("B", "D"), cr.spec("D", 2))  # fmt: skip
    assert cr.run(graph, cr.ones(3, 4), cr.ones(4, 2)).item() == 8
    assert cr.run(graph, cr.ones(5, 1), cr.ones(1, 2)).item() == 2
    with pytest.raises(GraphError, match="size D is 4 in one input and 5 in another"):
        cr.run(graph, cr.ones(3, 4), cr.ones(5, 2))
    with pytest.raises(GraphError, match="has size 3 where the graph has 2"):
        cr.run(graph, cr.ones(3, 4), cr.ones(4, 3))


def test_wrong_inputs_are_refused() -> None:
    graph = cr.capture(lambda x, y: x + y, cr.spec(2), cr.spec(2))
    x = cr.ones(2)
    for inputs, given, words in (
        ((x,), {}, "the input 'y' is missing"),
        ((x, x, x), {}, "1 inputs too many"),
        ((x, x), {"z": x}, "no input is called 'z'"),
        ((x, cr.ones(2, 1)), {}, "input 'y' has shape"),
    ):
        with pytest.raises(GraphError, match=words):
            cr.run(graph, *inputs, given=given)
    with pytest.raises(ArgumentError, match="floating or exact"):
        cr.run(graph, x, x, dtype=cr.int64)


def test_given_replaces_a_named_input_and_nothing_is_written() -> None:
    w = cr.zeros(2)
    w.name = "w"

    def f(x: cr.Tensor) -> cr.Tensor:
        w.add_(x)
        return w * 1

    graph = cr.capture(f, cr.spec(2))
    assert cr.run(graph, [1, 2], given={"w": [10, 10]}).tolist() == [11, 12]
    w.fill_(5)
    assert cr.run(graph, [1, 2]).tolist() == [6, 7]
    assert cr.run(graph, [1, 1], given={"w": cr.ones(2)}).tolist() == [2, 2]
    assert w.tolist() == [5, 5]


def test_whole_numbers_in_the_returned_tree_are_not_outputs() -> None:
    graph = cr.capture(lambda x: (x, 1, "a", None), cr.spec(1))
    y, number, text, nothing = cr.run(graph, [3.0])
    assert y.tolist() == [3.0] and (number, text, nothing) == (1, "a", None)


def test_refused_values_are_errors_of_the_framework() -> None:
    graph = cr.capture(lambda x: cr.tensor(1.0) / x, cr.spec())
    with pytest.raises(ValueCheckError, match="1 / 0"):
        cr.run(graph, 0, dtype=cr.exact)


def test_letters_that_stand_for_too_little_are_refused() -> None:
    weight = cr.ones(1, 1, 3)
    graph = cr.capture(lambda x: cr.conv1d(x, weight), cr.spec(1, 1, "L"))
    assert cr.run(graph, cr.ones(1, 1, 4)).shape == (1, 1, 2)
    with pytest.raises(ShapeError, match="a window of 3 does not fit into an axis of 2") as caught:
        cr.run(graph, cr.ones(1, 1, 2))
    assert "conv1d: " in str(caught.value) and "input (1, 1, 2)" in str(caught.value)
    mirrored = cr.capture(lambda x: F.pad(x, (2, 1), "reflect"), cr.spec(1, "L"))
    with pytest.raises(ShapeError, match="has no border of 2"):
        cr.run(mirrored, cr.ones(1, 2))


@pytest.mark.parametrize("sizes", [(3, 2), ("B", 2)])
def test_values_that_an_op_refuses_are_refused(sizes: tuple[Any, ...]) -> None:
    graph = cr.capture(lambda x: batch_norm(x, eps=0)[0], cr.spec(*sizes))
    with pytest.raises(ValueCheckError, match="a channel has variance 0, and eps is 0") as caught:
        cr.run(graph, cr.tensor([[1.0, 2.0], [3.0, 2.0], [5.0, 2.0]]))
    assert "first at index [1]" in str(caught.value)


def test_decimals_round_the_result_of_every_op() -> None:
    graph = cr.capture(lambda x: (x * 0.125 + 0.004).exp(), cr.spec(2))
    found = cr.run(graph, [0.5, 2], dtype=cr.decimal(places=2))  # 0.0625, then 0.064; 0.25, 0.254
    assert found.dtype is cr.float64 and found.tolist() == [1.06, 1.28]
    even = cr.run(graph, [1.0, 2], dtype=cr.decimal(places=2, mode="half-even"))
    assert even.tolist() == [1.13, 1.28]  # 0.125 is 0.12
    assert repr(cr.run(graph, [0.5, 2], dtype=cr.decimal(figures=2))) == (
        "tensor([1.1, 1.3], dtype=chainrule.float64)"
    )


def test_decimals_round_the_steps_of_a_composite() -> None:
    graph = cr.capture(lambda x: F.mse_loss(x, x * 0), cr.spec(2))
    assert cr.run(graph, [0.125, 0.25], dtype=cr.decimal(places=2)).item() == 0.04


def test_decimals_leave_inputs_numbers_and_whole_numbers() -> None:
    graph = cr.capture(lambda x, i: (x * 1.0001, i + 1, x > 1, x.argmax()),
                       cr.spec(2), cr.spec(2, dtype=cr.int64))  # fmt: skip
    x = cr.tensor([10000.125, 0.1])
    a, b, c, d = cr.run(graph, x, cr.tensor([1, 2]), dtype=cr.decimal(places=2))
    assert a.tolist() == [10001.13, 0.1]  # 10001.1250125
    assert (b.tolist(), b.dtype, c.tolist(), d.item()) == ([2, 3], cr.int64, [True, False], 0)


def test_decimals_take_exact_numbers_and_give_none_with_a_minus() -> None:
    graph = cr.capture(lambda x: -x / 1000, cr.spec(1, dtype=cr.exact))
    found = cr.run(graph, cr.tensor([1], dtype=cr.exact).sqrt(), dtype=cr.decimal(places=2))
    assert str(found.tolist()) == "[0.0]"


def test_decimals_say_what_has_no_value() -> None:
    graph = cr.capture(lambda x: 1 / x.tanh(), cr.spec())
    assert cr.run(graph, 0.01, dtype=cr.decimal(places=2)).item() == 100
    with pytest.raises(ValueCheckError, match="1 / 0 has no value"):
        cr.run(graph, 0.001, dtype=cr.decimal(places=2))
