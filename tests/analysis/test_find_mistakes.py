"""What `find` refuses to be asked."""

from __future__ import annotations

from typing import Any

import pytest

import chainrule as cr
from chainrule import nn
from chainrule.analysis.find import boxes, paths
from chainrule.core.errors import ArgumentError


def linear(h: Any) -> Any:
    return nn.Linear(h, 2)


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ({"parameters": 4}, "no range is stated for the unknown 'h'"),
        ({"parameters": 4, "h": [1], "q": [1]}, "there is no unknown 'q'"),
        ({"h": [1]}, "find() was told nothing about the network"),
        ({"h": [1], "output": (2,)}, "an output without an input"),
        ({"h": [1], "operations": {"multiply": 2}}, "operations without an input"),
        ({"h": [1], "operations": 2.5, "input": (1,)}, "operations is 2.5"),
        (
            {"h": [1], "parameters": 3, "convention": 2},
            "counts operations of a forward pass, not 2",
        ),
        (
            {"h": [1], "parameters": 3, "convention": cr.Convention(backward=True)},
            "counts operations of a forward pass",
        ),
        ({"h": [1], "input": "1,-3", "output": (2,)}, "not a size: '-3'"),
        ({"h": [True], "parameters": 4}, "h cannot be True"),
        ({"h": [1.5], "parameters": 4}, "h cannot be 1.5"),
        ({"h": range(0), "parameters": 4}, r"h is searched for in range\(0, 0\)"),
        ({"h": 2.5, "parameters": 4}, "h is searched for in 2.5"),
        ({"h": range(10**7), "parameters": 4}, "h has 10000000 values"),
        ({"h": [1], "parameters": 4.0}, "parameters is 4.0"),
        ({"h": [1], "parameters": True}, "parameters is True"),
        ({"h": [1], "input": (1,), "output": (-1,)}, "not a size of an output: -1"),
        ({"h": [1], "input": (1,), "output": 3}, "not an output: 3"),
        ({"h": [1], "input": (1,), "output": (2.5,)}, "not a size of an output: 2.5"),
        ({"h": [1], "input": (1,), "output": (True,)}, "not a size of an output: True"),
        ({"h": [1], "input": 3.5, "output": (3,)}, "not an input: 3.5"),
        ({"h": [1], "input": (1.5, 2), "output": (3,)}, "not an input: 1.5"),
        ({"h": [1], "input": (True, 2), "output": (3,)}, "not a size: True"),
        ({"h": [1], "input": (-3, 2), "output": (3,)}, "not a size: -3"),
        ({"h": [1], "parameters": 4, "where": [3]}, "a relation is a function of unknowns"),
        ({"h": [1], "parameters": 4, "where": lambda z: z}, "a relation speaks of 'z'"),
    ],
)
def test_what_is_no_question(asked: dict[str, Any], text: str) -> None:
    with pytest.raises(ArgumentError, match=text.replace("()", r"\(\)")):
        cr.find(linear, **asked)


def test_a_network_is_searched() -> None:
    with pytest.raises(ArgumentError, match="find\\(\\) searches a network, not int"):
        cr.find(3, parameters=4)  # type: ignore[arg-type]


def test_too_much_to_go_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "MOST_SEEN", 200)
    with pytest.raises(ArgumentError, match="more than 200 networks would have to be built"):
        cr.find(lambda a, b: nn.Linear(2, 3), parameters=9, a=range(1000), b=range(1000))


def test_mistakes_of_the_program_are_not_hidden() -> None:
    with pytest.raises(NameError):
        cr.find(lambda h: nn.Linear(h, nowhere), parameters=9, h=range(1, 5))  # noqa: F821


def test_too_many_choices_are_not_gone_through() -> None:
    domains = {"k": range(1, 6), "p": range(3)}
    assert len([*boxes.choices(domains, [])]) == 15
    with pytest.raises(ArgumentError, match="too many choices are left to go through"):
        list(boxes.choices(domains, [], most=3))


def test_as_many_tensors_come_out_as_are_known() -> None:
    class Two(nn.Module):
        def __init__(self, k: Any) -> None:
            super().__init__()
            self.layer = nn.Linear(3, k)

        def forward(self, x: Any) -> Any:
            y = self.layer(x)
            return y, y

    found = cr.find(Two, k=[2], input=(1, 3), output=(1, 2))
    assert not found
    assert "2 tensors come out, not 1" in str(found)
