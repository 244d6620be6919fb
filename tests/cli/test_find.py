"""`chainrule find`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chainrule.cli.app import run

FILE = """
from chainrule import nn

def conv(k, s):
    return nn.Conv2d(3, 16, k, stride=s)

def broken(k):
    raise KeyError("broken")
"""


@pytest.fixture
def net(tmp_path: Path) -> str:
    path = tmp_path / "net.py"
    path.write_text(FILE, encoding="utf-8")
    return f"{path}:conv"


SHAPES = ("--input", "1,3,32,32", "--output", "1,16,10,10")


def test_all_solutions_are_printed(net: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["find", net, "k=1..7", "s=1..3", *SHAPES]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Find k in 1..7, s in 1..3"
    assert "3 solutions" in lines
    assert lines[-1] == "    axes 2, 3: floor((32 - k)/s) + 1 = floor((32 - 5)/3) + 1 = 10"


def test_none_because(net: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["find", net, "k=2..6..2", "s=0,1", *SHAPES]) == 0
    assert capsys.readouterr().out.splitlines()[3:] == [
        "none, because",
        "  axis 2 and axis 3, floor((32 - k)/s) + 1, is from 27 to 31, not 10",
        "  k = 2, s = 0 is refused: stride is 0, expected whole numbers from 1",
    ]


def test_totals_and_json(net: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["find", net, "k=1..7", "s=2", "--parameters", "448", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["verdict"] == "unique"
    assert told["solutions"][0]["values"] == {"k": 3, "s": 2}
    assert told["solutions"][0]["working"] == ["parameters: 48*k**2 + 16 = 48*3**2 + 16 = 448"]


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["k=1..7", *SHAPES], 1, "no range is stated for the unknown 's'"),
        (["k=7", "s=x..3", *SHAPES], 2, "'s=x..3' states no range"),
        (["k=7", "s", *SHAPES], 2, "'s' states no range"),
        (["k=7", "s=1..9..0", *SHAPES], 2, "'s=1..9..0' states no range"),
        (["k=7", "s=1", "--input", "1,-3"], 1, "not a size: '-3'"),
        (["k=7", "s=1"], 1, "find() was told nothing about the network"),
    ],
)
def test_mistakes(
    net: str, arguments: list[str], code: int, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["find", net, *arguments]) == code
    assert text in capsys.readouterr().err


def test_an_error_of_the_file(net: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["find", net.replace("conv", "broken"), "k=1", "--parameters", "3"]) == 1
    assert "net.py at line 8: KeyError: 'broken'" in capsys.readouterr().err


def test_targets(net: str, capsys: pytest.CaptureFixture[str]) -> None:
    for target, text in (
        ("conv", "conv does not say what to search"),
        ("nowhere.py:conv", "there is no file nowhere.py"),
        (net + "s", "has no convs"),
    ):
        assert run(["find", target, "k=1"]) == 2
        assert text in capsys.readouterr().err
