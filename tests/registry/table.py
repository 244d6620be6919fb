"""The table of all ops, docs/ops.md: what was found by running each op, not what it says of itself.

    python -m tests.registry.table

writes it; `test_table` says when it has to be written again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import chainrule
from chainrule.core.op import KINDS, Op, registry
from chainrule.nn import functional
from tests.registry.measured import arithmetic, derivatives, shapes
from tests.registry.sampling import cases

FILE = Path(__file__).parents[2] / "docs" / "ops.md"
COMMAND = "python -m tests.registry.table"

HEAD = f"""# The ops

Written by `{COMMAND}`, which runs every op on the examples of its class; a test keeps it true.
Names, arguments and defaults are PyTorch's where PyTorch has the op.

{{index}}

**Shapes.** A signature in axis names where the op has one: `*b` is any number of axes that
broadcast, `=s` any number that are the same everywhere. Otherwise what an example gives.

**Arithmetic.** `yes`: the result is of the operands' kind; a word is the kind of the result; `–`:
refused with an error. *Exact* operands are fractions, and so is the result, or a closed form
(`form`: roots, logarithms, …). *Decimal*: with so many places or figures, rounded once; `rounds`
says which steps within the op are written down, and rounded, before. *Symbols*: `cases` where it
depends on their values (SymPy's Piecewise, a condition), `open` where the op refuses until they are
numbers.

**Derivatives.** `any` order, by reverse mode of reverse mode; `0` where the value only jumps; `–`
where nothing can flow. Where there are kinks, or entries compete, what the derivative is there.
"""
ABOUT_INNER = "What functions, layers and optimizers under other names are made of."
TITLES = {
    "elementwise": "Entry by entry",
    "reduce": "Along axes",
    "contract": "Products",
    "move": "Moves of entries",
    "window": "Windows",
    "lookup": "Look-ups",
    "random": "Random draws",
    "structural": "Structure",
}
INNER = " (inner)"
COLUMNS = (
    "op", "shapes", "float", "complex", "whole", "bool", "exact", "decimal", "symbols",
    "derivatives", "convention",
)  # fmt: skip


def ours() -> list[Op]:
    """The ops of the package; tests register others."""
    cases()  # importing the floors that have ops
    found = (op for op in registry.values() if type(op).__module__.startswith("chainrule."))
    return sorted(found, key=lambda op: op.name)


def called(op: Op) -> str:
    """Where users find the op, unless it is under its own name."""
    homes = {"cr": chainrule, "F": functional}
    public = [f"{home}.{op.name}" for home, module in homes.items() if hasattr(module, op.name)]
    own = [f"x.{name}" for name in op.methods if not name.startswith("__")]
    if public or f"x.{op.name}" in own:
        return ""
    other = [f"{h}.{n}" for h, m in homes.items() for n, v in vars(m).items() if v is op]
    found = [*other, *own]
    return f" ({', '.join(f'`{name}`' for name in found)})" if found else INNER


def row(op: Op) -> list[str]:
    """The cells of one op."""
    return [f"`{op.name}`{called(op)}", shapes(op), *arithmetic(op), derivatives(op), op.convention]


def table(rows: Iterable[list[str]]) -> Iterator[str]:
    """A table in Markdown."""
    yield f"| {' | '.join(COLUMNS)} |"
    yield f"|{' --- |' * len(COLUMNS)}"
    for cells in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def document() -> str:
    """The whole file."""
    known = ours()
    parts: dict[str, list[list[str]]] = {}
    for kind in KINDS:
        for op in known:
            if op.kind == kind and op.examples:
                cells = row(op)
                title = "Inner ops" if cells[0].endswith(INNER) else TITLES[kind]
                parts.setdefault(title, []).append([cells[0].removesuffix(INNER), *cells[1:]])
    parts["Inner ops"] = sorted(parts.pop("Inner ops"))  # last
    index = [f"- [{title}](#{title.lower().replace(' ', '-')}): {len(rows)}"
             for title, rows in parts.items()]  # fmt: skip
    lines = [HEAD.format(index="\n".join(index))]
    for title, rows in parts.items():
        lines += [f"## {title}", "", *([ABOUT_INNER, ""] if title == "Inner ops" else [])]
        lines += [*table(rows), ""]
    rest = [f"`{op.name}`" for op in known if not op.examples]
    held = f"Ops that hold a graph or a function, or belong to another op: {', '.join(rest)}."
    lines += ["## Not run here", "", held]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    FILE.write_text(document(), encoding="utf-8")
    print(f"wrote {FILE.name}: {len(ours())} ops")  # noqa: T201
