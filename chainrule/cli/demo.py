"""The demonstration: an exam paper is solved, and a network learns."""

from __future__ import annotations

import sys
from pathlib import Path

from chainrule.cli.failure import Failure
from chainrule.cli.show import console
from chainrule.cli.solve import show_text, solve_papers
from chainrule.cli.user import module_of

FOLDERS = (Path(__file__).parents[2], Path(sys.prefix) / "share/chainrule")
"""Where papers and examples are: beside the package in a checkout, shared data when installed."""
PAPER = "papers/0-momentum-and-convolution.md"
EXAMPLE = "examples/digits.py"


def show_demo() -> None:
    """Solve a whole exam paper, then train a classifier; raises Failure."""
    _heading("An exam paper, solved")
    (solution,) = solve_papers([str(found(PAPER))])
    show_text(solution)
    print()
    _heading("Learning handwritten digits")
    module_of(found(EXAMPLE)).main()


def found(file: str) -> Path:
    """Where a paper or an example of the project is; raises Failure."""
    for folder in FOLDERS:
        if (folder / file).is_file():
            return folder / file
    raise Failure(f"{file} is not there", hint="run the demo from a checkout")


def _heading(title: str) -> None:
    console().print(f"{title}\n{'─' * len(title)}\n", style="bold magenta", highlight=False)
