"""The README says what is true: its code runs, and what it shows of the demo is printed."""

import doctest
from pathlib import Path

from chainrule.cli.demo import PAPER
from chainrule.cli.user import module_of
from chainrule.papers import load
from chainrule.readings.explain import explain

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"


def test_the_code_runs(monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")  # the width to which tables are fitted
    monkeypatch.chdir(ROOT)
    assert doctest.testfile(str(README), module_relative=False).failed == 0


def shown(start):
    """The lines of the block of the README that starts so, but for what stands for others."""
    block = README.read_text("utf-8").split(f"```\n{start}")[1].split("```")[0]
    return [line.rstrip() for line in f"{start}{block}".splitlines() if line.strip("… ")]


def test_the_network_is_explained_as_is_shown():
    working = explain(module_of(ROOT / "examples/three_layers.py").cost())
    assert set(shown("Forward\n")) - set(working.text(width=100).splitlines()) == set()


def test_the_paper_is_solved_as_is_shown():
    solution = load(str(ROOT / PAPER)).solve(["5c", "7"])
    printed = {line.rstrip(" ─") for line in solution.text(width=100).splitlines()}
    assert set(shown("5c  Operations\n")) - printed == set()
