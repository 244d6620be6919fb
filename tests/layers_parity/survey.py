"""Everything that disagrees, at once: `python -m tests.layers_parity.survey [PATTERN] [-n 200]`.

A test stops at the first disagreement of a row.  This goes on, and prints the shortest case of each
kind, for whoever writes a layer.
"""

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Iterator

import chainrule as cr
from tests.layers_parity.comparing import Disagreement, compare
from tests.layers_parity.engine import exists
from tests.layers_parity.families.all import ROWS
from tests.layers_parity.table import Row


def disagreements(row: Row, names: tuple[str, ...], examples: int) -> Iterator[Disagreement]:
    """The shortest case of each kind of disagreement that ``examples`` cases find."""
    found: dict[tuple[str, ...], Disagreement] = {}
    for seed in range(examples):
        case = row.case(random.Random(seed).randrange, names)
        try:
            compare(row, case)
        except Disagreement as told:
            key = (told.kind, _gist(told.theirs), _gist(told.ours))
            if key not in found or len(repr(case)) < len(repr(found[key].case)):
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
    options = parser.parse_args()
    for row in ROWS:
        names = tuple(n for n in row.names if exists(cr, n) and re.search(options.pattern, n))
        if not names:
            continue
        told = list(disagreements(row, names, options.examples))
        print(f"{row.id}: {len(told)}", flush=True)  # noqa: T201
        for one in sorted(told, key=lambda one: one.kind):
            shown = "\n".join(line[:400] for line in str(one).splitlines()[:4])
            print(f"  {shown}".replace("\n", "\n  "))  # noqa: T201


if __name__ == "__main__":
    main()
