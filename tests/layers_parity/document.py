"""Writes docs/layers.md from the table: `python -m tests.layers_parity.document`."""

from __future__ import annotations

import random
from pathlib import Path

from tests.layers_parity import elsewhere
from tests.layers_parity.families.all import FAMILIES
from tests.layers_parity.open import MISSING
from tests.layers_parity.table import Family, Row

HEAD = """# Layers beside PyTorch

Every layer and function below is compared with PyTorch's on drawn cases (`tests/layers_parity`),
eager and compiled: what is refused, `state_dict`, `repr`, results and the gradients of inputs and
parameters with PyTorch's weights, and the buffers afterwards, to 1e-10 of the largest magnitude in
float64 and 1e-4 in float32. This page is written from the same table, by
`python -m tests.layers_parity.document`; a test keeps it true. Element-wise functions, losses and
what else is an op are in [pytorch.md](pytorch.md).

**How to read it.** *modes* says whether training and evaluation are compared, where they could
differ. Under *differences* stands what is not as in PyTorch; where nothing stands, nothing is known
to differ. ✗ says that it is not there yet.

"""

KINDS = {
    "refuses": "refused here",
    "accepts": "accepted here, refused by PyTorch",
    "differs": "another result here",
    "gradient differs": "another gradient here",
    "repr": "another `repr`",
    "eager": "not compiled",
}


def text() -> str:
    """The page."""
    index = "\n".join(f"- [{f.name}](#{_anchor(f.name)})" for f in FAMILIES)
    return "".join([HEAD, index, "\n", *map(_family, FAMILIES), _others()])


def _anchor(title: str) -> str:
    """Where GitHub's link to a heading leads."""
    return title.lower().replace(" ", "-").replace(",", "")


def _family(family: Family) -> str:
    lines = "".join(map(_line, family.rows))
    return f"\n## {family.name}\n\n| PyTorch's name | modes | differences |\n|---|---|---|\n{lines}"


def _line(row: Row) -> str:
    names = ", ".join(f"`{name}`{' ✗' if name in MISSING else ''}" for name in row.names)
    notes = [f"`{part}` is not there: {why}" for part, why in row.unsupported.items()]
    notes += [f"{KINDS[note.kind]}: {note.why}" for note in row.notes]
    return f"| {names} | {_modes(row)} | {'; '.join(dict.fromkeys(notes))} |\n"


def _modes(row: Row) -> str:
    found = set()
    for seed in range(20):
        plan = row.case(random.Random(seed).randrange, row.names).plan
        found |= set(plan.modes) if plan.init is not None else set()
    return ", ".join(sorted(found, reverse=True)) if "eval" in found else ""


def _others() -> str:
    lines = [f"| `{name}` | {why} |\n" for name, why in elsewhere.ABSENT.items()]
    return f"\n## Not there\n\n| PyTorch's name | why |\n|---|---|\n{''.join(lines)}"


if __name__ == "__main__":
    page = Path(__file__).parents[2] / "docs" / "layers.md"
    page.write_text(text())
