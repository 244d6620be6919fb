"""The module that a part's Python is: lines, names, what is run when."""

import linecache

import pytest

from chainrule.core.source import describe, here
from chainrule.papers.errors import PaperError
from chainrule.papers.paper import Code
from chainrule.papers.solving.running import PRELUDE, Module

FILE = "papers/exam.md"


def module(definitions: list[tuple[str, int]], expressions: list[tuple[str, int]]) -> Module:
    made = Module(FILE, [Code(*one) for one in definitions], [Code(*one) for one in expressions])
    made.run({"n": 2, "here": here})
    return made


def test_every_piece_stands_at_its_own_line() -> None:
    made = module([("a = 1\n\nb = here()", 10), ("c = here()", 20)], [("here()", 30)])
    found = [made.found["b"], made.found["c"], made.value(0)]
    assert [describe(position).line for position in found] == [12, 20, 30]  # type: ignore[union-attr]
    assert linecache.getline(FILE, 12) == "b = here()\n"


def test_targets_are_names() -> None:
    made = module([("u1 = here()", 10)], [("(h1 := here())", 12)])
    assert [describe(p).target for p in (made.found["u1"], made.value(0))] == ["u1", "h1"]  # type: ignore[union-attr]


def test_definitions_come_first_wherever_they_stand() -> None:
    assert module([("k = 5", 50)], [("k + n", 20)]).value(0) == 7


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["1", "2", "n + 1"], [1, 2, 3]),
        (["[1,\n 2]", "n"], [[1, 2], 2]),
        (["n  # a comment", "n + 1"], [2, 3]),
        (["[i * n for i in range(3)]", "(lambda x: x * n)(4)"], [[0, 2, 4], 8]),
        (["'a; b'", "''"], ["a; b", ""]),
    ],
)
def test_several_expressions_may_stand_at_one_line(texts: list[str], values: list) -> None:
    made = module([("x = 1", 5)], [(text, 9) for text in texts])
    assert [made.value(i) for i in range(len(texts))] == values


def test_an_expression_is_computed_only_when_asked_for() -> None:
    made = module([("seen = []", 5)], [("seen.append(1)", 9), ("1 / 0", 10)])
    assert made.found["seen"] == []
    with pytest.raises(ZeroDivisionError):
        made.value(1)


def test_usual_names_are_there_and_givens_go_before_them() -> None:
    made = Module(FILE, [], [Code("cr, nn, F, optim, models, Fraction, pi, np", 9)], taken=["e"])
    made.run({"e": 7})
    assert made.value(0)[0].__name__ == "chainrule"
    assert made.found["e"] == 7
    assert {"cr", "nn", "F", "optim", "models", "Fraction", "pi", "e"} <= set(PRELUDE)


def test_classes_know_their_source() -> None:
    text = "import inspect\nclass Net:\n    x = 1\nsource = inspect.getsource(Net)"
    assert module([(text, 30)], []).found["source"] == "class Net:\n    x = 1\n"


@pytest.mark.parametrize(
    ("definitions", "expressions", "line", "fact"),
    [
        ([("x = 1\ny = = 2", 10)], [], 11, "this is not Python: invalid syntax"),
        ([("x = 1", 10)], [("y = 2", 15)], 15, "an answer is not Python: "),
        ([], [("1 +", 15)], 15, "an answer is not Python: "),
        ([], [("1); (2", 15)], 15, "an answer is not Python: "),
        ([], [("[1,\n2,\n3 3]", 15)], 17, "an answer is not Python: "),
        ([("x = 1\0", 10)], [], 10, "this is not Python: source code string cannot contain null"),
    ],
)
def test_what_is_no_python_is_refused_with_its_line(
    definitions: list, expressions: list, line: int, fact: str
) -> None:
    with pytest.raises(PaperError) as caught:
        module(definitions, expressions)
    assert caught.value.fact.startswith(fact)
    assert caught.value.line == line
