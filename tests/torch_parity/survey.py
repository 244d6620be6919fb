"""Everything that disagrees, at once: `python -m tests.torch_parity.survey [PATTERN] [-n 200]`.

A test stops at the first disagreement of a row.  This goes on, and prints the shortest case of each
kind, for whoever writes an op.
"""

from __future__ import annotations

import argparse
import random
import re
import warnings
from collections.abc import Iterator

import chainrule as cr
from tests.torch_parity.engine import Disagreement, compare, exists
from tests.torch_parity.rows.all import ROWS
from tests.torch_parity.table import Row


def disagreements(
    row: Row, names: tuple[str, ...], examples: int, by_name: bool
) -> Iterator[Disagreement]:
    """The shortest case of each kind of disagreement that ``examples`` cases find."""
    found: dict[tuple[str, ...], Disagreement] = {}
    for seed in range(examples):
        call = row.call(random.Random(seed).randrange, names, by_name)
        try:
            compare(row, call)
        except Disagreement as told:
            key = (told.kind, _gist(told.theirs), _gist(told.ours))
            if key not in found or len(repr(call)) < len(repr(found[key].call)):
                found[key] = told
    yield from found.values()


def _gist(told: object) -> str:
    """The fact of an error without what is particular; of values, nothing."""
    text = str(told).partition("\n")[0]
    if not re.match(r"\w*(Error|Warning|Exception|Refused)\b", text):
        return text if re.fullmatch(r"[a-z]+\d*|\(.*\)", text) and len(text) < 9 else ""
    return re.sub(r"'\w+'|\b[a-z]+\d+\b|[-\d.]+|\[.*|\bbool\b|position \d", "#", text)[:45]


def main() -> None:
    """Print what disagrees."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pattern", nargs="?", default="")
    parser.add_argument("-n", "--examples", type=int, default=200)
    parser.add_argument("--by-name", action="store_true", help="give all arguments by name")
    options = parser.parse_args()
    warnings.simplefilter("error")
    for row in ROWS:
        names = tuple(n for n in row.names if exists(cr, n) and re.search(options.pattern, n))
        if not names:
            continue
        told = list(disagreements(row, names, options.examples, options.by_name))
        print(f"{row.id}: {len(told)}", flush=True)  # noqa: T201
        for one in sorted(told, key=lambda one: one.kind):
            shown = "\n".join(line[:240] for line in str(one).splitlines()[:4])
            print(f"  {shown}".replace("\n", "\n  "))  # noqa: T201


if __name__ == "__main__":
    main()
