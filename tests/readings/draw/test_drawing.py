"""Drawings: every operator with its operands, and pictures in which nothing lies on another."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

import chainrule as cr
from chainrule import nn
from chainrule.core.errors import ArgumentError
from chainrule.readings.draw import Arrow, Box, Drawing, draw
from chainrule.readings.draw.layout import GAP, layout

SVG = "{http://www.w3.org/2000/svg}"


def sine() -> Any:
    """The graph of an exam question: sin(w·x) - b, and its squared error."""
    w = cr.tensor([1.0, 2.0], requires_grad=True)
    x, b, label = cr.tensor([2.0, 1.0]), cr.tensor(0.5), cr.tensor(2.0)
    z = w @ x
    y = z.sin() - b
    return (y - label) ** 2


def test_operators_have_their_arity() -> None:
    drawing = draw(sine())
    assert drawing.operators == (("@", 2), ("sin", 1), ("-", 2), ("-", 2), ("· ** 2", 1))
    assert str(drawing).splitlines() == [
        "inputs  w (2), x (2), b, label",
        "z       @       2 inputs  w, x",
        "v6      sin     1 input   z",
        "y       -       2 inputs  v6, b",
        "v8      -       2 inputs  y, label",
        "v9      · ** 2  1 input   v8",
        "output  v9",
    ]


def test_composites_are_taken_apart() -> None:
    x = cr.tensor([1.0, 2.0], requires_grad=True)
    y = x.softmax(0)
    assert draw(y).operators == (("softmax(dim=0)", 1),)
    labels = [label for label, _ in draw(y, zoom="primitives").operators]
    assert labels == ["shift(dim=0)", "-", "exp", "sum(dim=0)", "/"]


def test_a_captured_network_with_open_sizes() -> None:
    net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.Flatten(), nn.Linear(288, 2))
    drawing = draw(cr.capture(net, cr.spec("B", 3, 8, 8)))
    labels = [label for label, _ in drawing.operators]
    assert labels == ["conv2d", "batch_norm", "reshape(shape=(B, 288))", "· @ ·ᵀ + ·"]
    assert str(drawing).startswith("inputs  x (B, 3, 8, 8), weight₀ (8, 3, 3, 3)")
    assert "num_batches" not in str(drawing), "what only changes state is not drawn"


def test_parts_of_several_outputs_have_names() -> None:
    x = cr.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    best, _ = x.max(0)
    drawing = draw(best * 2)
    assert [arrow.name for arrow in drawing.arrows if arrow.name] == ["best"]
    assert str(drawing).splitlines()[1:3] == [
        "best    max(dim=0)  1 input  x", "v4      · * 2       1 input  best"
    ]  # fmt: skip
    assert "values" in draw(x.max(0)[0] * 2).dot()


def test_several_tensors_share_what_they_share() -> None:
    x = cr.tensor(2.0, requires_grad=True)
    h = x.exp()
    drawing = draw([h + 1, h * 2])
    assert [label for label, _ in drawing.operators] == ["exp", "· + 1", "· * 2"]
    assert str(drawing).splitlines()[-1].startswith("outputs  ")


def test_graphviz_text_is_escaped() -> None:
    x = cr.named(cr.tensor(2.0, requires_grad=True), 'a "b" \\ <c> & d')
    drawing = draw(x.exp())
    assert r'label="a \"b\" \\ <c> & d"' in drawing.dot()
    root = ET.fromstring(drawing.svg())
    assert 'a "b" \\ <c> & d' in ["".join(t.itertext()) for t in root.iter(f"{SVG}text")]
    assert drawing._repr_svg_() == drawing.svg()


def test_it_is_data() -> None:
    drawing = draw(sine())
    found = json.loads(json.dumps(drawing.to_dict()))
    assert found["boxes"][0] == {
        "kind": "input", "label": "w", "name": "w", "arity": 0, "says": "w (2)"
    }  # fmt: skip
    assert len(found["arrows"]) == len(drawing.arrows)


def test_the_picture_needs_nothing_from_outside() -> None:
    picture = draw(sine()).svg()
    root = ET.fromstring(picture)
    assert not re.search(r"<script|href|url\(", picture)
    assert root.get("role") == "img"
    assert "@, 2 in; sin, 1 in" in (root.get("aria-label") or "")
    width, height = (float(root.get(side, "0")) for side in ("width", "height"))
    for rect in root.iter(f"{SVG}rect"):
        x, y, w, h = (float(rect.get(k, "0")) for k in ("x", "y", "width", "height"))
        assert 0 <= x <= x + w <= width
        assert 0 <= y <= y + h <= height


def test_operands_come_in_from_left_to_right() -> None:
    drawing = draw(sine())
    found = layout(drawing.boxes, drawing.arrows, [30.0] * len(drawing.boxes))
    for i, box in enumerate(drawing.boxes):
        sources = [a.source for a in sorted(drawing.arrows, key=lambda a: a.slot) if a.target == i]
        if box.arity == 2:
            assert found.x[sources[0]] < found.x[sources[1]]


@st.composite
def graphs(draw_: Any) -> tuple[list[Box], list[Arrow], list[float]]:
    """Boxes that use some of those before them."""
    count = draw_(st.integers(1, 14))
    boxes, arrows = [], []
    for i in range(count):
        uses = draw_(st.lists(st.integers(0, i - 1), max_size=3)) if i else []
        boxes.append(Box("op" if uses else "input", str(i), str(i), len(uses)))
        arrows += [Arrow(source, i, slot) for slot, source in enumerate(uses)]
    widths = draw_(st.lists(st.floats(10, 90), min_size=count, max_size=count))
    return boxes, arrows, widths


@given(graphs())
def test_boxes_do_not_overlap_and_arrows_go_down(
    graph: tuple[list[Box], list[Arrow], list[float]],
) -> None:
    boxes, arrows, widths = graph
    found = layout(boxes, arrows, widths)
    for arrow, bends in zip(arrows, found.bends, strict=True):
        assert found.layer[arrow.source] < found.layer[arrow.target]
        assert len(bends) == found.layer[arrow.target] - found.layer[arrow.source] - 1
    for layer in set(found.layer):
        row = sorted(
            (i for i in range(len(boxes)) if found.layer[i] == layer), key=found.x.__getitem__
        )
        for a, b in pairwise(row):
            apart = found.x[b] - found.x[a] - (widths[a] + widths[b]) / 2
            assert apart > GAP - 1e-6
    assert min(x - w / 2 for x, w in zip(found.x, widths, strict=True)) > -1e-6
    ET.fromstring(Drawing(tuple(boxes), tuple(arrows)).svg())


def test_a_network_of_some_size_is_drawn_at_once() -> None:
    with cr.device("meta"):
        net = cr.models.resnet18()
    drawing = draw(cr.capture(net.eval(), cr.spec(1, 3, 224, 224)))
    assert len(drawing.operators) == 69
    assert ET.fromstring(drawing.svg()) is not None


def test_refusals() -> None:
    with pytest.raises(ArgumentError, match="no history to draw"):
        draw(cr.tensor(1.0))
    with pytest.raises(ArgumentError, match="a tensor, not a function"):
        draw(lambda x: x)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="a tensor, not a list"):
        draw([])
    with pytest.raises(ArgumentError, match="zoom is 'far'"):
        draw(sine(), zoom="far")
