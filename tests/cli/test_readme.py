"""The README says what is true: its code runs, and what it shows of the demo is printed."""

import doctest
from pathlib import Path

from chainrule.cli.user import module_of
from chainrule.readings.explain import explain

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"


def test_the_code_runs(monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")  # the width to which tables are fitted
    assert doctest.testfile(str(README), module_relative=False).failed == 0


def test_the_demo_prints_what_is_shown():
    working = explain(module_of(ROOT / "examples/three_layers.py").cost())
    printed = working.text(width=100).splitlines()
    shown = README.read_text("utf-8").split("```\nForward\n")[1].split("```")[0].splitlines()
    assert [line for line in shown if line.startswith("  ") and line not in printed] == []
