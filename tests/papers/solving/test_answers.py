"""Answers of every kind, as data and as text."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy

import chainrule as cr
from chainrule import Size, nn
from chainrule.core.errors import ArgumentError
from chainrule.papers.paper import Asked
from chainrule.papers.solving.answers import LONGEST, plain_of, value_of
from tests.papers.solving.made import paper

X = sympy.Symbol("x")
B = Size.symbol("B")


def exact(data: Any) -> cr.Tensor:
    return cr.tensor(data, dtype=cr.exact)


@pytest.mark.parametrize(
    ("kind", "found", "data", "text", "told"),
    [
        ("numeric", 0.125, 0.125, "0.125", {}),
        ("numeric", cr.tensor([0.5, 2.0]), [0.5, 2.0], "[0.5, 2]", {}),
        ("numeric", 2.489249, 2.489249, "2.49", {"decimals": 2}),
        ("numeric", Fraction(1, 3), "1/3", "0.33", {"decimals": 2}),
        ("numeric", float("inf"), "inf", "∞", {}),
        ("exact", Fraction(6, 3), 2, "2", {}),
        ("exact", sympy.Rational(1, 2), "1/2", "1/2", {}),
        ("exact", sympy.sqrt(2) / 2, "sqrt(2)/2", "sqrt(2)/2", {}),
        ("exact", cr.pi, "pi", "pi", {}),
        ("exact", exact(2).sqrt(), "sqrt(2)", "sqrt(2)", {}),
        ("symbolic", X * (2 * X - 2), "2*x*(x - 1)", "2*x*(x - 1)", {}),
        ("symbolic", X + 2, "x + 2", "x + 2", {}),
        ("code", cr.int64, "int64", "int64", {}),
        ("symbolic", 9 * X / 10, "9*x/10", "9*x/10", {}),
        ("matrix", exact([[1, 2], [3, 4]]) / 5, [["1/5", "2/5"], ["3/5", "4/5"]],
         "[[1/5, 2/5], [3/5, 4/5]]", {}),
        ("matrix", sympy.Matrix([[1, X]]), [[1, "x"]], "[[1, x]]", {}),
        ("shape", (B, 64, 56, 56), ["B", 64, 56, 56], "(B, 64, 56, 56)", {}),
        ("shape", (7,), [7], "(7,)", {}),
        ("shape", (), [], "()", {}),
        ("shape", cr.zeros(2, 3).shape, [2, 3], "(2, 3)", {}),
        ("count", 23296, 23296, "23,296", {}),
        ("count", cr.tensor(23296), 23296, "23,296", {}),
        ("count", 20 * B + 20, "20*B + 20", "20·B + 20", {}),
        ("count", 54, 54, "54 bytes", {"unit": "bytes"}),
        ("count", 72855552, 72855552, "72,855,552 ≈ 72.9 M", {"unit": "M", "decimals": 1}),
        ("count", 1500, 1500, "1,500 = 1.5 k", {"unit": "k"}),
        ("count", {"a": 1000, "b": 2}, {"a": 1000, "b": 2}, "a = 1,000, b = 2", {}),
        ("exact", True, True, "true", {}),
        ("exact", np.array([1, 2]), [1, 2], "[1, 2]", {}),
        ("exact", np.float64(0.5), 0.5, "0.5", {}),
        ("exact", [(1, 2), [True, None]], [[1, 2], [True, None]], "[[1, 2], [true, none]]", {}),
        ("exact", {2, 1}, [1, 2], "[1, 2]", {}),
        ("code", "x = 1\ny = x", "x = 1\ny = x", "x = 1\ny = x", {}),
        ("exact", None, None, "none", {}),
        ("exact", complex(1, 2), "(1+2j)", "(1+2j)", {}),
    ],
)  # fmt: skip
def test_values(kind: str, found: Any, data: Any, text: str, told: dict) -> None:
    value = value_of(found, Asked(kind, 1, **told))
    assert (value.data, value.text) == (data, text)


def test_all_solutions_are_an_answer() -> None:
    def make(k: int, p: int) -> nn.Module:
        return nn.Conv1d(2, 3, k, padding=p)

    asked = Asked("count", 1)
    one = cr.find(make, input=(2, 9), output=(3, 7), k=range(1, 4), p=[0])
    two = cr.find(make, input=(2, 9), output=(3, 7), k=range(1, 6), p=range(2))
    none = cr.find(make, input=(2, 9), output=(3, 50), k=range(1, 4), p=[0])
    assert value_of(one, asked).text == "k = 3, p = 0"
    assert value_of(two, asked).data == [{"k": 3, "p": 0}, {"k": 5, "p": 1}]
    assert value_of(two, asked).text == "k = 3, p = 0; k = 5, p = 1"
    assert value_of(none, asked).text.startswith("none: ")
    assert value_of(one.only, asked).data == {"k": 3, "p": 0}


def test_explanations_rows_and_graphs_are_answers() -> None:
    x = cr.tensor(3.0, requires_grad=True)
    y = x * x
    explained = cr.explain(y)
    assert value_of(explained.forward[0], Asked("numeric", 1)).data == 9
    assert "y = x * x" in value_of(explained, Asked("explanation", 1)).text
    graph = cr.capture(lambda x: x.exp(), cr.spec(2))
    assert "exp" in value_of(graph, Asked("drawing", 1)).text


def test_a_tensor_without_value_is_no_answer() -> None:
    with pytest.raises(ArgumentError, match="a tensor without a value is no answer"):
        plain_of(cr.capture(lambda x: x.exp(), cr.spec(2)).outputs[0])


def test_long_texts_are_cut() -> None:
    value = value_of("x" * 10**6, Asked("code", 1))
    assert len(value.text) < LONGEST + 100
    assert value.text.endswith("… (1,000,000 characters)")


def one(definitions: str = "", **more: Any) -> Any:
    return paper(more, definitions=definitions).solve().parts[0]


def test_a_tensor_that_is_to_be_drawn_is_drawn() -> None:
    drawn = one("x = parameter([1, 2])\ny = (x * x).sum()", kind="drawing", value="y")
    assert drawn.values[""].picture.startswith("<svg")
    assert not drawn.working


def test_a_function_that_is_asked_for_as_code_is_its_text() -> None:
    text = "def double(x):\n    return 2 * x"
    assert one(text, kind="code", value="double").values[""].text == text


def test_an_object_is_no_number() -> None:
    part = one("net = nn.Conv1d(1, 1, 2)", kind="count",
               value="cr.analysis.receptive_field(net, (1, 1, 9))")  # fmt: skip
    assert "the answer is a ReceptiveField, which is no answer of the kind count" in part.error
    assert "size" in part.error


def test_lists_that_should_be_tensors() -> None:
    part = one("z = [1, 2] @ [3, 4]", value="z")
    assert "become tensors by tensor(…)" in part.error


CYCLE: list[Any] = []
CYCLE.append(CYCLE)


@pytest.mark.parametrize(
    ("found", "fact"),
    [
        (list(range(10**5)), "more than 20,000 entries"),
        ([[0] * 200] * 200, "more than 20,000 entries"),
        (np.ones((200, 200)), "more than 20,000 entries"),
        (cr.zeros(200, 200), "more than 20,000 entries"),
        pytest.param(CYCLE, "nested too deeply", id="cycle"),
        ([10**5000], "a number of thousands of digits"),
        (Fraction(1, 10**5000), "a number of thousands of digits"),
        (sympy.Integer(10) ** 5000, "a number of thousands of digits"),
        ("x" * 1_000_001, "more than 1,000,000 characters"),
    ],
)
def test_too_much_for_an_answer_is_said(found: Any, fact: str) -> None:
    with pytest.raises(ArgumentError, match=fact):
        value_of(found, Asked("exact", 1))
