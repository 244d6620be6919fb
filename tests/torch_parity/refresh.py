"""Writes ``open.py`` anew from what is there: `python -m tests.torch_parity.refresh`."""

from __future__ import annotations

import re
import textwrap
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path

import chainrule as cr
from tests.torch_parity import open as before
from tests.torch_parity.engine import Disagreement, exists

HEAD = '''"""What is open: names that are not there yet, and rows that do not agree yet.

Each entry is tested to be true, so that the lists can only shrink.  They are written by
`python -m tests.torch_parity.refresh`, and that is for whoever made them shorter.
"""

'''


def reason(run: Callable[[], None]) -> str | None:
    """What disagrees first, in one line; None where nothing does."""
    try:
        run()
    except Exception as error:
        while isinstance(error, ExceptionGroup):
            error = error.exceptions[0]
        if not isinstance(error, Disagreement):
            raise
        lines = [re.sub(r"\s+", " ", line) for line in str(error).splitlines()]
        ours = next(line for line in lines if line.startswith(" chainrule"))
        told = f"{error.kind}, {error.call.name}: {str(error.theirs)[:50]} / {ours[11:61]}"
        return " ".join(told.split())
    return None


def names_in_lines(names: list[str]) -> str:
    """The names, many in a line: a line for each would make a file that nobody reads."""
    if not names:
        return "MISSING: set[str] = set()\n"
    text = " ".join(f'"{name}",' for name in names)
    wrapped = textwrap.fill(text, 96, initial_indent="    ", subsequent_indent="    ")
    return f"# fmt: off\nMISSING = {{\n{wrapped}\n}}\n# fmt: on\n"


def entries(name: str, found: dict[str, str]) -> str:
    """A dict, an entry a line."""
    if not found:
        return f"{name}: dict[str, str] = {{}}\n"
    lines = [f'    "{row}": ' + told[: 90 - len(row)].rstrip() for row, told in found.items()]
    return f"{name}: dict[str, str] = {{\n" + "\n".join(f'{line}",' for line in lines) + "\n}\n"


def main() -> None:
    """Find out and write."""
    import tests.conftest
    from tests.torch_parity import test_parity as tests

    warnings.simplefilter("error")
    missing = [name for name in tests.NAMES if not exists(cr, name)]
    before.MISSING.clear()
    before.MISSING.update(missing)
    parts = [names_in_lines(missing)]
    for label, examples, by_name in (("DISAGREES", 30, False), ("UNNAMED", 8, True)):
        found = {}
        for row in filter(tests.present, tests.ROWS):
            told = reason(partial(tests.check, row, examples, by_name, True))
            if told is not None:
                found[row.id] = '"' + told.replace("\\", "").replace('"', "'")
        parts.append(entries(label, found))
    Path(before.__file__).write_text(HEAD + "\n".join(parts))


if __name__ == "__main__":
    main()
