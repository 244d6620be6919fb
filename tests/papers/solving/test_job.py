"""What crosses to another process is text."""

import json
from decimal import Decimal
from fractions import Fraction

import pytest

from chainrule.papers.expressions import parse
from chainrule.papers.paper import Code
from chainrule.papers.solving.job import Job, expressions
from tests.papers.solving.made import asked, given


def job(**more: object) -> Job:
    told = asked(
        7, "choice", {"a": "k"}, also={"b": "k"}, claims={"c": "k"}, options={"A": "k > 1"},
        readings={"r": {"": "k"}}, working="w", published=["0.50", True], unaffected=("k",),
        tolerance=Fraction(1, 3), seconds=2.5,
    )  # fmt: skip
    parts = {"givens": {"k": given("k", 3)}, "conventions": {"eps": Fraction(1, 7)}, **more}
    return Job(
        "é.md", "1a", 5, "exact", definitions=(Code("x = 1\ny = 2", 10),), asked=told, **parts
    )


def test_a_job_is_read_as_it_was_told() -> None:
    assert Job.from_json(job().to_json()) == job()


@pytest.mark.parametrize(
    "value",
    [1, True, 0.5, "word", Fraction(2, 3), Decimal("0.10"), [[1, Fraction(1, 2)], [0, 2]],
     parse("sqrt(2)/2"), {"a": [1]}],
)  # fmt: skip
def test_every_value_of_a_given_crosses(value: object) -> None:
    told = job(givens={"k": given("k", value)})
    assert Job.from_json(told.to_json()).givens["k"].value == value


def test_it_is_plain_text_and_nothing_else_crosses() -> None:
    assert isinstance(json.loads(job().to_json()), dict)
    with pytest.raises(TypeError, match="object cannot be told to another process"):
        job(givens={"k": given("k", object())}).to_json()


def test_all_expressions_of_an_answer() -> None:
    assert [code.text for code in expressions(job())] == ["k", "k", "k", "k", "k > 1", "w"]
