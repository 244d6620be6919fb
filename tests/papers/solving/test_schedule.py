"""A paper solved: parts over executors, in any order, with other givens and conventions."""

import json
import os
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from fractions import Fraction
from multiprocessing import get_context
from typing import Any

import pytest

from chainrule.core.errors import ArgumentError
from chainrule.papers.paper import Paper
from chainrule.papers.solution import PaperSolution
from tests.papers.solving.made import given, paper

DEFINITIONS = """
def network(x):
    u = w * x
    h = u.tanh() if word == "tanh" else u
    return h.sum()


w = tensor(weights)
y = network(w)
"""
GIVENS = {
    "weights": given("weights", [1, Fraction(1, 2)]),
    "word": given("word", "linear"),
    "k": given("k", 3),
    "flag": given("flag", True),
    "gamma": given("gamma", "gamma", "symbol"),
    "xs": given("xs", ["x1", "x2"], "symbols"),
    "h": given("h", "h", "letter"),
}


def sample(**more: Any) -> Paper:
    return paper(
        {"value": "y", "published": "5/4"},
        {"value": {"twice": "2 * k", "more": "k + flag"}},
        {"kind": "numeric", "value": "y / k", "decimals": 3, "published": "0.42"},
        {"derivation": "the bound of the loss", "published": "obvious"},
        {"experiment": "more data lowers the training loss"},
        {"kind": "symbolic", "value": "gamma * xs", "also": {"doubled": "2 * gamma"}},
        {"kind": "shape", "value": "cr.spec('B', h).shape"},
        {"value": "w[5]"},
        {"readings": {"one": {"a": "k", "b": "1"}, "two": {"a": "2 * k", "b": "2"}},
         "likely": "two", "published": {"a": "6"}},
        {"value": "conventions.correction + conventions.mac"},
        definitions=DEFINITIONS, givens=GIVENS, **more,
    )  # fmt: skip


@pytest.fixture(scope="module")
def solved() -> PaperSolution:
    return sample().solve()


def test_answers_come_in_the_order_of_the_paper(solved: Any) -> None:
    assert [part.id for part in solved.parts] == [f"1{letter}" for letter in "abcdefghij"]
    assert [part.status for part in solved.parts] == [
        "answered", "answered", "answered", "waits", "waits",
        "answered", "answered", "failed", "answered", "answered",
    ]  # fmt: skip
    assert solved["1a"].answer == "5/4"
    assert solved["1b"].answer == {"twice": 6, "more": 4}
    assert solved["1c"].values[""].text == "0.417"
    assert solved["1f"].answer == ["gamma*x1", "gamma*x2"]
    assert solved["1f"].also["doubled"].data == "2*gamma"
    assert solved["1g"].answer == ["B", "h"]
    assert {n: {k: v.data for k, v in r.items()} for n, r in solved["1i"].readings.items()} == {
        "one": {"a": 3, "b": 1}, "two": {"a": 6, "b": 2},
    }  # fmt: skip
    with pytest.raises(KeyError, match="no part '9'"):
        solved["9"]


def test_they_stand_beside_what_was_published(solved: Any) -> None:
    assert solved["1a"].agreement == solved["1i"].agreement == "agrees"
    assert (solved["1c"].agreement, solved["1c"].because) == ("differs", "0.417 is computed")
    assert [solved[id].agreement for id in ("1b", "1d")] == ["", ""]
    assert solved["1d"].published == "obvious"


def test_waiting_parts_say_for_what(solved: Any) -> None:
    assert solved["1d"].waits_for == "derivation: the bound of the loss"
    assert solved["1e"].waits_for == "experiment: more data lowers the training loss"


def test_a_failed_part_says_why_and_where(solved: Any) -> None:
    assert "papers/exam.md:850   w[5]" in solved["1h"].error


def test_arithmetic_is_the_kinds_unless_it_is_said(solved: Any) -> None:
    assert [solved[id].arithmetic for id in ("1a", "1c")] == ["exact", "float64"]
    other = sample().solve(["1a"], arithmetic="float32")["1a"]
    assert (other.answer, other.arithmetic) == (1.25, "float32")


def test_conventions_that_were_asked_for_are_told(solved: Any) -> None:
    assert solved["1a"].conventions == {}
    assert solved["1j"].conventions == {"variance": "biased", "mac": 1}
    assert solved["1j"].answer == 1
    chosen = sample(conventions={"mac": 2}).solve(["1j"], conventions={"variance": "unbiased"})
    assert chosen["1j"].answer == 3
    assert sample().solve(["1j"], conventions={"mac": 2})["1j"].conventions["mac"] == 2


def test_a_convention_may_be_a_fraction() -> None:
    part = {"kind": "numeric", "value": "tensor(1) + conventions.eps"}
    found = paper(part, conventions={"eps": Fraction(1, 8)}).solve()
    assert found["1a"].answer == 1.125
    assert found["1a"].conventions == {"eps": Fraction(1, 8)}
    assert json.loads(found.to_json())["parts"][0]["conventions"] == {"eps": "1/8"}


def test_mac_and_inner_replace_each_other() -> None:
    asked = {"value": "conventions.counting.product"}
    one = paper(asked, conventions={"inner": "2n-1"})
    assert one.solve()["1a"].answer == "2n-1"
    assert one.solve(conventions={"mac": 2})["1a"].answer == "2n"


def test_ops_are_counted(solved: Any) -> None:
    assert solved["1a"].ops == 2
    assert solved["1b"].ops == 2  # the definitions'
    plain = paper({"value": "k + 1"}, {"value": "tensor(k) + 1"}, givens={"k": given("k", 1)})
    assert plain.solve().without_graph == ("1a",)


def test_givens_may_have_other_values() -> None:
    def answers(**givens: Any) -> list[Any]:
        found = sample().solve(["1a", "1b", "1f", "1g"], givens={"1": givens})
        return [part.answer for part in found.parts]

    assert answers() == ["5/4", {"twice": 6, "more": 4}, ["gamma*x1", "gamma*x2"], ["B", "h"]]
    assert answers(weights=[2, 0.1])[0] == "401/100"
    assert answers(k=7, flag=False)[1] == {"twice": 14, "more": 7}
    assert answers(word="tanh", weights=[0, 0])[0] == 0
    assert answers(gamma=0.5, xs=[1, 3])[2] == ["1/2", "3/2"]
    assert answers(h=16)[3] == ["B", 16]


def test_answers_to_other_givens_are_not_compared_with_the_published_one() -> None:
    def found(part: str, **givens: Any) -> tuple[str, str, str]:
        one = sample().solve([part], givens={"1": givens})[part]
        return one.agreement, one.because, one.published

    assert found("1a", weights=[1, 0.5]) == ("agrees", "", "5/4")  # the paper's own
    assert found("1a", weights=[2, 0]) == ("", "other givens", "5/4")
    assert found("1i", k=4) == ("", "other givens", "a = 6")
    assert "not compared: other givens" in sample().solve(["1a"], givens={"1": {"k": 2}}).text()


def test_givens_that_an_answer_does_not_depend_on_leave_the_comparison() -> None:
    asked = {"value": "y", "published": "5/4", "unaffected": ["k"]}
    written = paper(asked, definitions=DEFINITIONS, givens=GIVENS)
    assert written.solve(givens={"1": {"k": 2}})["1a"].agreement == "agrees"
    assert written.solve(givens={"1": {"k": 2, "word": "tanh"}})["1a"].agreement == ""


def test_parts_are_named_by_id_or_question() -> None:
    assert [part.id for part in sample().solve(["1b", "1a"]).parts] == ["1a", "1b"]
    assert [part.id for part in sample().solve("1c").parts] == ["1c"]
    assert len(sample().solve(["1"]).parts) == 10


@pytest.mark.parametrize(
    ("told", "fact"),
    [
        ({"parts": ["5z"]}, "the paper has no part '5z'"),
        ({"givens": {"2": {"k": 1}}}, "the paper has no question '2'"),
        ({"givens": {"1": {"q": 1}}}, "question 1 has no given 'q'"),
        ({"givens": {"1": {"k": "one"}}}, "k cannot be 'one'"),
        ({"arithmetic": "float63"}, "there is no arithmetic 'float63'"),
        ({"conventions": {"macs": 1}}, "there is no convention 'macs'"),
        ({"conventions": {"mac": 3}}, "the convention mac is '3'"),
        ({"seconds": 0}, "seconds is 0"),
        ({"memory": -1}, "memory is -1"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_anything_runs(told: dict, fact: str) -> None:
    with pytest.raises(ArgumentError, match=fact):
        sample().solve(**told)


@pytest.fixture(params=["threads", "processes"])
def executor(request: pytest.FixtureRequest) -> Iterator[Executor]:
    if request.param == "threads":
        made: Executor = ThreadPoolExecutor(3)
    else:
        made = ProcessPoolExecutor(1, get_context("spawn" if os.name == "nt" else "forkserver"))
    with made:
        yield made


def test_any_executor_will_do(executor: Executor) -> None:
    told: list[tuple[str, int, int]] = []
    solved = sample().solve(
        ["1a", "1d", "1h"],
        executor=executor,
        progress=lambda part, done, of: told.append((part.id, done, of)),
    )
    assert [part.status for part in solved.parts] == ["answered", "waits", "failed"]
    assert [done for _, done, _ in told] == [1, 2, 3]
    assert {id for id, _, _ in told} == {"1a", "1d", "1h"}
    assert {of for _, _, of in told} == {3}


def test_an_executor_that_breaks_fails_the_part_alone() -> None:
    class Broken(ThreadPoolExecutor):
        def submit(self, function: Any, *args: Any, **named: Any) -> Any:
            if json.loads(args[1])["id"] == "1a":
                return super().submit(int, "no number")
            return super().submit(function, *args, **named)

    with Broken(1) as broken:
        solved = sample().solve(["1a", "1b"], executor=broken)
    assert [part.status for part in solved.parts] == ["failed", "answered"]
    assert "ValueError: invalid literal" in solved["1a"].error


def test_a_progress_that_raises_stops_everything() -> None:
    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    loop = {"value": "1", "python": "while True: pass"}
    with pytest.raises(KeyboardInterrupt):
        paper({"value": "1"}, loop, loop).solve(progress=stop, seconds=60.0)


def test_json_has_everything(solved: Any) -> None:
    found = json.loads(solved.to_json())
    assert found["title"] == "An exam"
    first, *_ = found["parts"]
    assert {"id", "answer", "working", "status"} <= first.keys()
    assert first["id"], first["status"] == ("1a", "answered")
    assert first["answer"] == "5/4"
    assert first["values"][""]["text"] == "5/4"
    assert [table["title"] for table in first["working"]] == ["Forward"]
    assert found["parts"][3]["waits_for"].startswith("derivation")
    assert found["parts"][7]["error"].startswith("index")
    assert all(part["seconds"] >= 0 for part in found["parts"])
