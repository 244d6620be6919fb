"""The demonstration: the examples of the project, run one after the other."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

from chainrule.cli.failure import Failure
from chainrule.cli.show import console, show, table
from chainrule.cli.user import module_of
from chainrule.readings.explain import Row, explain
from chainrule.readings.explain.explanation import WIDEST, row_lines

FOLDERS = (Path(__file__).parents[2] / "examples", Path(sys.prefix) / "share/chainrule/examples")
"""Where the examples are: beside the package in a checkout, shared data when installed."""


def show_demo() -> None:
    """Solve the network of an exam question, then train a classifier; raises Failure."""
    _solve(_example("three_layers.py"))
    print()
    _heading("Learning handwritten digits")
    _example("digits.py").main()


def _example(name: str) -> ModuleType:
    for folder in FOLDERS:
        if (folder / name).is_file():
            return module_of(folder / name)
    raise Failure(f"the example {name} is not there", hint="run the demo from a checkout")


def _solve(example: ModuleType) -> None:
    """The working of one example, and one step of learning."""
    _heading("A network of three layers, with its working")
    found = explain(example.cost())
    show(found)
    before, after = example.step(), example.cost()
    rows = [Row(name, "", "", value.tolist()) for name, value in example.net.named_parameters()]
    print()
    rate = example.LEARNING_RATE
    table(
        f"One step of gradient descent, W - {rate} W̄, takes {found.loss} from {before:.4f} to "
        f"{after:.4f}",
        row_lines(rows, found.decimals, WIDEST),
    )


def _heading(title: str) -> None:
    console().print(f"{title}\n{'─' * len(title)}\n", style="bold magenta", highlight=False)
