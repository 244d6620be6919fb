"""A drawing: boxes and arrows, as text, for Graphviz, and as a picture."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from typing import Any

from chainrule.readings.draw.layout import Layout, layout, port
from chainrule.readings.draw.picture import Arrow, Box, operators
from chainrule.readings.explain.naming import width

LETTER, LINE, PAD = 7.8, 64, 14
"""How wide a letter is, how far apart the layers are, and how much a box is wider than its text."""
HALF = 15
"""Half of the height of a box."""
STYLE = {
    "input": 'fill="#eef3fb" stroke="#5b7db1"',
    "op": 'fill="#fff6e3" stroke="#b5893a"',
    "output": 'fill="#eaf6ec" stroke="#4d8f5b"',
}


@dataclass(frozen=True)
class Drawing:
    """The computational graph as boxes, those of operands before those of operators, and arrows.

    It is printed as a list: the inputs, then each operator with the name of its value, its arity
    and its operands.
    """

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]

    @property
    def operators(self) -> tuple[tuple[str, int], ...]:
        """The label and the arity of each operator, in the order of computation."""
        return tuple((box.label, box.arity) for box in operators(self.boxes))

    def text(self) -> str:
        """One line for each operator: the name of its value, the operator, its inputs."""
        inputs = [box.says for box in self.boxes if box.kind == "input"]
        outputs = [box.label for box in self.boxes if box.kind == "output"]
        rows = []
        for i, box in enumerate(self.boxes):
            if box.kind == "op":
                count = f"{box.arity} input{'s' * (box.arity != 1)}"
                operands = ", ".join(self._operand(arrow) for arrow in self._into(i))
                rows.append((box.name, box.label, count, operands))
        last = "output" + "s" * (len(outputs) != 1)
        first = max(map(width, ("inputs", last, *(row[0] for row in rows))))
        second, third = (max((width(row[k]) for row in rows), default=0) for k in (1, 2))
        lines = [f"{_padded('inputs', first)}  {', '.join(inputs)}"] * bool(inputs)
        for name, label, count, operands in rows:
            start = f"{_padded(name, first)}  {_padded(label, second)}  {_padded(count, third)}"
            lines.append(f"{start}  {operands}".rstrip())
        return "\n".join([*lines, f"{_padded(last, first)}  {', '.join(outputs)}"])

    __str__ = text

    def _into(self, i: int) -> list[Arrow]:
        """The arrows into a box, in the order of its operands."""
        return sorted((a for a in self.arrows if a.target == i), key=lambda arrow: arrow.slot)

    def _operand(self, arrow: Arrow) -> str:
        source = self.boxes[arrow.source]
        if source.kind == "input":
            return source.label
        part = arrow.name.startswith("[")  # of several outputs
        return source.name + arrow.name if part else arrow.name or source.name

    def dot(self) -> str:
        """The graph in the language of Graphviz."""
        shapes = {"input": "box", "op": "ellipse", "output": "box"}
        lines = ["digraph {"]
        for i, box in enumerate(self.boxes):
            style = ', style="rounded"' if box.kind != "op" else ""
            lines.append(f"  n{i} [label={_quoted(box.label)}, shape={shapes[box.kind]}{style}];")
        for arrow in self.arrows:
            name = f" [label={_quoted(arrow.name)}]" if arrow.name else ""
            lines.append(f"  n{arrow.source} -> n{arrow.target}{name};")
        return "\n".join([*lines, "}"])

    def svg(self) -> str:
        """The graph as a picture: a piece of SVG that needs nothing from outside."""
        widths = [width(box.label) * LETTER + 2 * PAD for box in self.boxes]
        found = layout(self.boxes, self.arrows, widths)
        right = max((x + w / 2 for x, w in zip(found.x, widths, strict=True)), default=0.0)
        names = [self._name(arrow, found) for arrow in self.arrows]
        right = max([right, *(edge for _, edge in names)])
        bottom = LINE * max(found.layer, default=0) + 2 * HALF
        size = f"{right + 2:.0f} {bottom + 2:.0f}"
        told = escape("; ".join(f"{label}, {n} in" for label, n in self.operators), quote=True)
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-1 -1 {size}" '
            f'width="{right + 2:.0f}" height="{bottom + 2:.0f}" role="img" '
            f'aria-label="computational graph: {told}" '
            f'font-family="ui-monospace, monospace" font-size="13" text-anchor="middle">'
        )
        parts = [self._line(i, arrow, found) for i, arrow in enumerate(self.arrows)]
        parts += [text for text, _ in names if text]
        parts += [_box(box, x, at, w) for box, x, at, w in
                  zip(self.boxes, found.x, found.layer, widths, strict=True)]  # fmt: skip
        return "\n".join([head, *parts, "</svg>"])

    def _line(self, i: int, arrow: Arrow, found: Layout) -> str:
        """An arrow, curved from layer to layer, with a head."""
        top = found.layer[arrow.source] * LINE + 2 * HALF
        points = [(found.x[arrow.source], float(top))]
        for step, x in enumerate(found.bends[i], found.layer[arrow.source] + 1):
            points.append((x, float(step * LINE + HALF)))
        tip = self._tip(arrow, found)
        path = f"M{points[0][0]:.1f},{points[0][1]:.1f}"
        for (x0, y0), (x1, y1) in zip(points, [*points[1:], (tip[0], tip[1] - 6)], strict=True):
            middle = (y0 + y1) / 2
            path += f" C{x0:.1f},{middle:.1f} {x1:.1f},{middle:.1f} {x1:.1f},{y1:.1f}"
        head = f"M{tip[0]:.1f},{tip[1]:.1f} l-4,-7 h8 z"
        return (
            f'<path d="{path}" fill="none" stroke="#888"/>'
            f'<path d="{head}" fill="#888" stroke="none"/>'
        )

    def _tip(self, arrow: Arrow, found: Layout) -> tuple[float, float]:
        """Where an arrow meets the top of its box."""
        box = self.boxes[arrow.target]
        at = port(arrow.slot, box.arity, width(box.label) * LETTER + PAD)
        return found.x[arrow.target] + at, float(found.layer[arrow.target] * LINE)

    def _name(self, arrow: Arrow, found: Layout) -> tuple[str, float]:
        """The name on an arrow and how far it goes to the right: once for each value beside its
        start, at the ends where one operator gives several values."""
        same = [a for a in self.arrows if a.source == arrow.source]
        if not arrow.name or arrow is not next(a for a in same if a.name == arrow.name):
            return "", 0.0
        if len({a.name for a in same}) == 1:
            x, y = found.x[arrow.source] + 5, found.layer[arrow.source] * LINE + 2.0 * HALF + 14
        else:
            x, y = self._tip(arrow, found)
            x, y = x + 6, y - 6
        text = (
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="start" fill="currentColor" '
            f'style="stroke:var(--paper,none);stroke-width:3px;paint-order:stroke">'
            f"{escape(arrow.name)}</text>"
        )
        return text, x + width(arrow.name) * LETTER

    def _repr_svg_(self) -> str:
        return self.svg()

    def to_dict(self) -> dict[str, Any]:
        """Boxes and arrows as dicts and lists, ready for JSON."""
        return {
            "boxes": [vars(box).copy() for box in self.boxes],
            "arrows": [vars(arrow).copy() for arrow in self.arrows],
        }


def _box(box: Box, x: float, layer: int, wide: float) -> str:
    """A box with its label; pointed at, it says what it does."""
    y = layer * LINE
    round_by = HALF if box.kind == "op" else 3
    says = f"<title>{escape(box.says)}</title>" if box.says else ""
    return (
        f'<g>{says}<rect x="{x - wide / 2:.1f}" y="{y}" width="{wide:.1f}" height="{2 * HALF}" '
        f'rx="{round_by}" {STYLE[box.kind]}/>'
        f'<text x="{x:.1f}" y="{y + HALF + 4.5}" fill="#222">{escape(box.label)}</text></g>'
    )


def _padded(text: str, columns: int) -> str:
    return text + " " * (columns - width(text))


def _quoted(text: str) -> str:
    """Text in quotes, as Graphviz reads it."""
    return '"' + re.sub(r'(["\\])', r"\\\1", text).replace("\n", " ") + '"'
