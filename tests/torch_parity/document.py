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

## What no op has

| argument | instead |
|---|---|
"""

KINDS = {
    "refuses": "refused here",
    "accepts": "accepted here, refused by PyTorch",
    "differs": "another result here",
    "gradient differs": "another gradient here",
}


def text() -> str:
    """The page."""
    lines = [f"| `{name}` | {why} |" for name, why in UNSUPPORTED.items()]
    return HEAD + "\n".join(lines) + "\n" + "".join(map(_family, FAMILIES))


def _family(family: Family) -> str:
    there = [name for row in family.rows for name in row.names if name not in MISSING]
    gone = [name for row in family.rows for name in row.names if name in MISSING]
    parts = [f"\n## {family.name}\n\n{_list(there)}\n"]
    if gone:
        parts.append(f"\nNot there: {_list(gone)}\n")
    lines = list(dict.fromkeys(line for row in family.rows for line in _differences(row)))
    if lines:
        parts.append("\n| op | what | |\n|---|---|---|\n" + "\n".join(lines) + "\n")
    return "".join(parts)


def _list(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in dict.fromkeys(names)) + "."


def _differences(row: Row) -> list[str]:
    if all(name in MISSING for name in row.names):
        return []
    name = f"`{row.names[0]}`"
    lines = [f"| {name} | `{part}` is not there | {why} |" for part, why in row.unsupported.items()]
    return lines + [f"| {name} | {KINDS[note.kind]} | {note.why} |" for note in row.notes]


if __name__ == "__main__":
    page = Path(__file__).parents[2] / "docs" / "pytorch.md"
    page.write_text(text())
