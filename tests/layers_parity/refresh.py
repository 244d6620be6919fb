"""Writes ``open.py`` anew from what is there: `python -m tests.layers_parity.refresh`."""

from __future__ import annotations

import re
import textwrap
import warnings
from pathlib import Path

import chainrule as cr
from tests.layers_parity import open as before
from tests.layers_parity.comparing import Disagreement
from tests.layers_parity.engine import exists
from tests.layers_parity.table import Row

HEAD = '''"""What is open: names that are not there yet, and rows that do not agree yet.

Each entry is tested to be true, so that the lists can only shrink.  They are written by
`python -m tests.layers_parity.refresh`, and that is for whoever made them shorter.
"""

'''


def reason(row: Row, examples: int) -> str | None:
    """What disagrees first, in one line; None where nothing does."""
    from tests.layers_parity import test_parity as tests

    try:
        tests.check(row, examples, True)
    except Exception as error:
        while isinstance(error, ExceptionGroup):
            error = error.exceptions[0]
        if not isinstance(error, Disagreement):
            raise
        told = f"{error.kind}, {error.case.name}: {str(error.theirs)[:50]} / {str(error.ours)[:50]}"
        return re.sub(r"\s+", " ", told)
    return None


def names_in_lines(names: list[str]) -> str:
    """The names, many in a line: a line for each would make a file that nobody reads."""
    if not names:
        return "MISSING: set[str] = set()\n"
    text = " ".join(f'"{name}",' for name in names)
    wrapped = textwrap.fill(text, 96, initial_indent="    ", subsequent_indent="    ")
    return f"# fmt: off\nMISSING = {{\n{wrapped}\n}}\n# fmt: on\n"


def entries(found: dict[str, str]) -> str:
    """A dict, an entry a line."""
    if not found:
        return "DISAGREES: dict[str, str] = {}\n"
    lines = [f'    "{row}": "{told}' for row, told in found.items()]
    lines = [line[:96].rstrip() + '",' for line in lines]
    return "DISAGREES: dict[str, str] = {\n" + "\n".join(lines) + "\n}\n"


def main() -> None:
    """Find out and write."""
    import tests.conftest
    from tests.layers_parity import test_parity as tests

    warnings.simplefilter("error")
    missing = [name for name in tests.NAMES if not exists(cr, name)]
    before.MISSING.clear()
    before.MISSING.update(missing)
    found = {}
    for row in filter(tests.present, tests.ROWS):
        told = reason(row, tests.EXAMPLES)
        if told is not None:
            found[row.id] = told.replace("\\", "").replace('"', "'")
    Path(before.__file__).write_text(HEAD + names_in_lines(missing) + "\n" + entries(found))


if __name__ == "__main__":
    main()
