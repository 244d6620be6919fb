"""Choices, true or false, and claims."""

from typing import Any

import pytest
import sympy

import chainrule as cr
from chainrule.core.errors import ArgumentError
from chainrule.papers.errors import PaperError
from chainrule.papers.paper import Asked
from chainrule.papers.solving.choosing import chosen, claimed, truth, verdict
from tests.papers.solving.made import asked, paper

X = sympy.Symbol("x", positive=True)


@pytest.mark.parametrize(
    ("found", "held"),
    [
        (True, True),
        (0, False),
        (cr.tensor([[2.0]]) > 1, True),
        (sympy.Gt(X, -1), True),
        (sympy.false, False),
        (cr.tensor([1]) == cr.tensor([2]), False),
    ],
)
def test_predicates(found: Any, held: bool) -> None:
    assert truth(found) is held


@pytest.mark.parametrize(
    ("found", "fact"),
    [
        (cr.tensor([1, 2]) > 1, "a predicate gave 2 values"),
        (sympy.Gt(X, 1), "a predicate is not decided"),
        ("yes", "a predicate is true or false"),
        (None, "a predicate is true or false"),
        ([], "a predicate is true or false"),
    ],
)
def test_what_is_neither_true_nor_false(found: Any, fact: str) -> None:
    with pytest.raises(ArgumentError, match=fact):
        truth(found)


@pytest.mark.parametrize(
    ("choose", "holds", "data", "text"),
    [
        ("one", "FTF", "B", "B"),
        ("one", "FFF", "none of the options", "none of the options"),
        ("all", "TFT", ["A", "C"], "A, C"),
        ("all", "FFF", [], "none of the options"),
    ],
)
def test_choices(choose: str, holds: str, data: Any, text: str) -> None:
    held = {letter: held == "T" for letter, held in zip("ABC", holds, strict=True)}
    value = chosen(Asked("choice", 7, choose=choose), held, "p.md")
    assert (value.data, value.text) == (data, text)


def test_several_options_where_one_is_asked_for_are_a_mistake_of_the_paper() -> None:
    with pytest.raises(
        PaperError, match="options A and B hold, where one is to be chosen"
    ) as error:
        chosen(Asked("choice", 7), {"A": True, "B": True}, "p.md")
    assert (error.value.file, error.value.line) == ("p.md", 7)
    assert "choose: all" in str(error.value)


def test_verdicts_and_claims() -> None:
    assert [verdict(True).text, verdict(False).data] == ["T", "F"]
    claims = asked(5, "proof", claims={"x is 1": "x == 1", "x is 2": "x == 2"})
    found = claimed(claims, lambda code: {"x == 1": True, "x == 2": False}[code.text])
    assert {name: (value.data, value.text) for name, value in found.items()} == {
        "x is 1": (True, "true"), "x is 2": (False, "false"),
    }  # fmt: skip


def test_a_paper_with_choices() -> None:
    options = {"A": "k > 5", "B": "k < 5", "C": "tensor(k) == 3"}
    solved = paper(
        {"kind": "choice", "options": options},
        {"kind": "choice", "options": options, "choose": "all"},
        {"kind": "choice", "options": {"A": "k > 5", "B": "k > 6"}, "published": "A"},
        {"kind": "truefalse", "value": "k > 2", "published": "T"},
        {"kind": "truefalse", "value": "k > 3", "published": "T"},
        {"kind": "proof", "claims": {"k is odd": "k % 2 == 1"}},
        definitions="k = 3",
    ).solve()
    assert "options B and C hold" in solved["1a"].error
    assert [part.answer for part in solved.parts[1:]] == [
        ["B", "C"], "none of the options", "T", "F", {"k is odd": True},
    ]  # fmt: skip
    assert [part.agreement for part in solved.parts[2:5]] == ["differs", "agrees", "differs"]
