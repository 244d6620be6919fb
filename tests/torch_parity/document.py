"""Writes docs/pytorch.md from the table: `python -m tests.torch_parity.document`."""

from __future__ import annotations

from pathlib import Path

from tests.torch_parity.open import MISSING
from tests.torch_parity.rows.all import FAMILIES
from tests.torch_parity.table import Family, Row

UNSUPPORTED = {
    "out": "assign the result, or use the method that ends in `_`",
    "layout": "tensors are dense",
    "memory_format": "entries lie in the order of the axes",
    "pin_memory": "there is one memory, that of the CPU",
    "non_blocking": "there is one memory, that of the CPU",
    "names": "axes have no names",
}
"""Arguments of PyTorch that no op has, and why or what to do instead."""

HEAD = """# chainrule beside PyTorch

Every op below is compared with PyTorch's on drawn cases (`tests/torch_parity`): what it raises, and
the structure, types, values and gradients of its results, to 1e-12 in float64 and 1e-5 in float32
of the largest magnitude in a tensor. This page is written from the same table, by
`python -m tests.torch_parity.document`; a test keeps it true.

**How to read it.** One line for each op, or for several that have the same spellings and the same
differences. Under `torch`, `Tensor` (a method), `F` (`nn.functional`), *in place* (a method that
ends in `_`) and `operator`, ✓ says that it is there under that name, and ✗ that it is not there
yet. Under *differences* stands what is not as in PyTorch; where nothing stands, nothing is known to
differ.

"""

OVERALL = """## What no op has

| argument | instead |
|---|---|
"""

KINDS = {
    "refuses": "refused here",
    "accepts": "accepted here, refused by PyTorch",
    "differs": "another result here",
    "gradient differs": "another gradient here",
}

PLACES = ("torch", "Tensor", "F", "in place", "operator")
TOGETHER = 6
"""At most so many ops share a line."""
OFTEN = 4
"""What is said of as many ops of a family is said once, above its table."""


def text() -> str:
    """The page."""
    index = "\n".join(f"- [{f.name}](#{_anchor(f.name)}): {_count(f)}" for f in FAMILIES)
    lines = [f"| `{name}` | {why} |" for name, why in UNSUPPORTED.items()]
    return "".join([HEAD, index, "\n\n", OVERALL, "\n".join(lines), "\n", *map(_family, FAMILIES)])


def _anchor(title: str) -> str:
    """Where GitHub's link to a heading leads."""
    return title.lower().replace(" ", "-").replace(",", "")


def _count(family: Family) -> str:
    return f"{len({_parts(name)[0] for row in family.rows for name in row.names})} ops"


def _parts(name: str) -> tuple[str, str]:
    """The op that a spelling names, and where it stands: ``Tensor.exp_`` is exp, in place."""
    place, _, op = name.partition(".")
    if place == "Tensor" and op.endswith("_") and not op.startswith("__"):
        return op[:-1], "in place"
    return op, place


def _family(family: Family) -> str:
    often = _often(family)
    parts = [f"\n## {family.name}\n\n"]
    parts += [f"`{name}`, where PyTorch has it, is not there: {why}.\n\n" for name, why in often]
    lines = _lines(family, often)
    places = [place for place in PLACES if any(place in cells for _, cells, _ in lines)]
    head = ["op", *(p if " " in p else f"`{p}`" for p in places), "differences"]
    parts.append(f"| {' | '.join(head)} |\n|---|{':-:|' * len(places)}---|\n")
    for ops, cells, notes in lines:
        names = ", ".join(f"`{op}`" for op in ops)
        marks = [cells.get(place, "") for place in places]
        parts.append(f"| {' | '.join([names, *marks, '; '.join(notes)])} |\n")
    return "".join(parts)


def _often(family: Family) -> list[tuple[str, str]]:
    """The arguments that many ops of the family do not have, with the reason."""
    found = [part for row in family.rows for part in row.unsupported.items() for _ in row.names]
    return [part for part in dict.fromkeys(found) if found.count(part) >= OFTEN]


Line = tuple[list[str], dict[str, str], list[str]]


def _lines(family: Family, often: list[tuple[str, str]]) -> list[Line]:
    """The lines of the table: ops, a mark for each place, and what differs."""
    marks: dict[str, dict[str, str]] = {}
    notes: dict[str, list[str]] = {}
    for row in family.rows:
        for name in row.names:
            op, place = _parts(name)
            marks.setdefault(op, {})[place] = "✗" if name in MISSING else "✓"
            notes[op] = list(dict.fromkeys([*notes.get(op, []), *_differences(row, often)]))
    lines: list[Line] = []
    for op, cells in marks.items():
        said = notes[op] if "✓" in cells.values() else []
        last = lines[-1] if lines else None
        if last and last[1:] == (cells, said) and len(last[0]) < TOGETHER:
            last[0].append(op)
        else:
            lines.append(([op], cells, said))
    return lines


def _differences(row: Row, often: list[tuple[str, str]]) -> list[str]:
    lines = [
        f"`{part}` is not there: {why}"
        for part, why in row.unsupported.items()
        if (part, why) not in often
    ]
    return lines + [f"{KINDS[note.kind]}: {note.why}" for note in row.notes]


if __name__ == "__main__":
    page = Path(__file__).parents[2] / "docs" / "pytorch.md"
    page.write_text(text())
