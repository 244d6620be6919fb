"""What a child wrote is not believed."""

import json
from typing import Any

import pytest

from chainrule.papers.solving.received import NoAnswer, received

VALUE = {"data": 1, "text": "1", "latex": "", "picture": ""}
ANSWER = {
    "status": "answered", "values": {"": VALUE}, "readings": {"a": {"x": VALUE}}, "also": {},
    "conventions": {"eps": {"fraction": "1/2"}}, "agreement": "agrees", "because": "", "ops": 3,
    "working": [{"title": "Forward", "lines": [{"text": "y = 1", "latex": ""}]}],
}  # fmt: skip
WRONG: dict[str, dict[str, Any]] = {
    "nothing but a status": {},
    "another status": {**ANSWER, "status": "waits"},
    "a status that is a list": {**ANSWER, "status": ["answered"]},
    "values in a list": {**ANSWER, "values": [VALUE]},
    "a value without text": {**ANSWER, "values": {"": {"data": 1}}},
    "a value with something else": {**ANSWER, "values": {"": {**VALUE, "more": 1}}},
    "a text that is a number": {**ANSWER, "values": {"": {**VALUE, "text": 1}}},
    "markup for a word": {**ANSWER, "agreement": '"><script>'},
    "a list for a word": {**ANSWER, "agreement": []},
    "ops that are not whole": {**ANSWER, "ops": 1.5},
    "ops below zero": {**ANSWER, "ops": -1},
    "a fraction over zero": {**ANSWER, "conventions": {"eps": {"fraction": "1/0"}}},
    "a formula of its own": {**ANSWER, "conventions": {"eps": {"formula": "(" * 99}}},
    "working of something else": {**ANSWER, "working": [{"title": "", "lines": ["y"]}]},
    "a failure without an error": {"status": "failed"},
    "a failure with a list": {"status": "failed", "error": ["no"]},
}


def test_an_answer_is_read_without_what_nobody_asked_for() -> None:
    assert received(json.dumps({**ANSWER, "seconds": -1})) == ANSWER


@pytest.mark.parametrize("name", list(WRONG))
def test_what_is_no_answer_is_refused(name: str) -> None:
    with pytest.raises(NoAnswer):
        received(json.dumps(WRONG[name]))


@pytest.mark.parametrize("text", ["", "[]", "[" * 200_000, '{"status": "failed", "error": NaN}'])
def test_what_is_no_mapping_is_refused(text: str) -> None:
    with pytest.raises(NoAnswer):
        received(text)
