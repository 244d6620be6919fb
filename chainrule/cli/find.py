"""`chainrule find`: which hyperparameters make a network what is known of it."""

from __future__ import annotations

import json as json_format
from pathlib import Path
from typing import Any

from chainrule.analysis.find import find
from chainrule.cli.failure import USAGE, Failure
from chainrule.cli.show import console
from chainrule.cli.user import named_in, raised
from chainrule.core.convention import parsed
from chainrule.core.errors import ChainruleError


def show_find(
    target: str,
    unknowns: tuple[str, ...],
    input: str | None,
    output: str | None,
    parameters: int | None,
    operations: int | None,
    convention: str,
    json: bool,
) -> None:
    """Search, and print the solutions; raises Failure."""
    ranges = dict(map(unknown, unknowns))
    _, make = named_in(target, "search")
    try:
        found = find(
            make, input=input, output=output, parameters=parameters, operations=operations,
            convention=parsed(convention), **ranges,
        )  # fmt: skip
        told: Any = found.to_dict() if json else list(found.lines())
    except ChainruleError as error:
        raise Failure(f"{target}: {error.fact}", hint=error.hint or error.expected or "") from error
    except Exception as error:
        raise raised(error, Path(target.rpartition(":")[0])) from error
    if json:
        print(json_format.dumps(told, ensure_ascii=False, indent=2))
        return
    screen = console()
    for line in told:
        screen.print(line)


def unknown(text: str) -> tuple[str, Any]:
    """An unknown and where it is searched for: ``k=1..7``, ``h=2..64..2``, ``k=1,3,5``, ``a=B,C``.

    Raises Failure.

    >>> unknown("k=1..7"), unknown("h=2..8..2"), unknown("a=3,B")
    (('k', range(1, 8)), ('h', range(2, 9, 2)), ('a', [3, 'B']))
    """
    name, _, given = text.partition("=")
    parts = given.split("..")
    if name.isidentifier() and len(parts) in (2, 3) and all(part.isdecimal() for part in parts):
        first, last, *step = map(int, parts)
        if step != [0]:
            return name, range(first, last + 1, *step)
    words = [word.strip() for word in given.split(",")]
    if name.isidentifier() and all(w.isdecimal() or w.isidentifier() for w in words):
        return name, [int(w) if w.isdecimal() else w for w in words]
    raise Failure(f"'{text}' states no range", hint="k=1..7, h=2..64..2 or k=1,3,5", code=USAGE)
