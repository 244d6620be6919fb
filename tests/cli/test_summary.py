"""``chainrule summary``: what it prints, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chainrule.cli import main

NETWORK = """\
import chainrule as cr
from chainrule import nn

net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8, 3))
count = 3

class Tiny(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Linear(4, 3), nn.Tanh())

def large():
    return cr.models.gpt2()

def looks_at_values():
    layer = nn.Linear(2, 2)
    assert float(layer.weight.sum()) < 100
    return layer

def sized(width):
    return nn.Linear(width, 1)

def number():
    return 3
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "net.py"
    path.write_text(NETWORK)
    return path


def told(capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    found = capsys.readouterr()
    return found.out, found.err


def test_a_module(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["summary", f"{file}:net", "--input", "1,1,4,4", "--convention", "mac=2,bias"]) == 0
    out, err = told(capsys)
    assert out.startswith("Sequential on x (1, 1, 4, 4) float32, in training mode")
    assert "  0: Conv2d" in out
    assert "operations  203" in out  # 8 products of 9 terms, 3 of 8, and 11 biases
    assert "convention  inner product of n terms = 2n, bias counted; forward only" in out
    assert err == ""


def test_a_class_and_a_function_are_called(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["summary", f"{file}:Tiny", "--input", "B,4"]) == 0
    assert "multiply-accumulates  12·B" in told(capsys)[0]
    assert main(["summary", f"{file}:large", "--input", "1,1024:int64", "--depth", "1"]) == 0
    assert "145,824,153,600" in told(capsys)[0]
    assert main(["summary", f"{file}:looks_at_values", "--input", "1,2"]) == 0
    assert "multiply-accumulates  4" in told(capsys)[0]


def test_json_markdown_and_one_layer(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["summary", f"{file}:Tiny", "--input", "2,4"]
    assert main([*command, "--json"]) == 0
    assert json.loads(told(capsys)[0])["count"] == 24
    assert main([*command, "--markdown"]) == 0
    assert "|   0: Linear | (2, 3) | 15 | 24 |".replace("|   0", "| \xa0\xa00") in told(capsys)[0]
    assert main([*command, "--layer", "0"]) == 0
    assert "products     (2 · 3) inner products × 4 terms = 24" in told(capsys)[0]


def test_conventions_side_by_side(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["summary", f"{file}:Tiny", "--input", "2,4", "--compare"]) == 0
    out, _ = told(capsys)
    assert [int(line.split()[0]) for line in out.splitlines()] == [
        24, 30, 42, 48, 48, 54, 54, 30, 24
    ]  # fmt: skip
    assert out.splitlines()[-1] == "24  as fvcore counts"


def test_backward_and_an_optimizer(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--convention", "backward,optimizer", "--optimizer", "SGD"]
    assert main(["summary", f"{file}:Tiny", "--input", "2,4", *words]) == 0
    out, _ = told(capsys)
    assert "optimizer   31 operations a step" in out
    assert "operations  79" in out  # 24 forward, 24 for the weight


@pytest.mark.parametrize(
    ("arguments", "said", "code"),
    [
        (["net", "--input", "1,1,2,2"], "a window of 3 does not fit into an axis of 2", 1),
        (["net", "--input", "1,x!"], "not a size: 'x!'", 1),
        (["net", "--input", "1,1,4,4", "--convention", "mac=3"], "'mac=3' says nothing of how", 1),
        (["net", "--input", "1,1,4,4", "--layer", "9"], "no modules are called '9'", 2),
        (["net", "--input", "1,1,4,4", "--optimizer", "Magic"], "there is no optimizer Magic", 2),
        (["net"], "input", 2),
        (["count", "--input", "1"], "is no nn.Module, nor a function that returns one", 2),
        (["number", "--input", "1"], "is no nn.Module, nor a function that returns one", 2),
        (["sized", "--input", "1"], "sized() needs arguments: width", 2),
        (["nobody", "--input", "1"], "has no nobody", 2),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_what_ends_without_a_summary(
    file: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str, code: int
) -> None:
    name, *rest = arguments
    assert main(["summary", f"{file}:{name}", *rest]) == code
    out, err = told(capsys)
    assert out == ""
    assert said in err
    assert "Traceback" not in err
