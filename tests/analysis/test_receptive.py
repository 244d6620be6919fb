"""What users are told of receptive fields."""

from __future__ import annotations

import json

import pytest

import chainrule as cr
from chainrule import nn
from chainrule.analysis.receptive import receptive_field
from chainrule.core.errors import ArgumentError
from chainrule.models import resnet18


def net() -> nn.Module:
    """Two convolutions and a pooling."""
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 8, 3, dilation=2), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 2),
    )  # fmt: skip


def test_growth_with_its_working() -> None:
    found = receptive_field(net(), ("B", 3, 32, 32))
    assert [(row.path, row.field.size[0]) for row in found.rows] == [
        ("0", 3), ("3", 4), ("4", 12), ("5", 32)
    ]  # fmt: skip
    assert found.rows[0].working == "size + (reach - 1) · jump = 1 + 2 · 1 = 3; start - 1 · 1 = -1"
    assert found.rows[1].working == (
        "size + (reach - 1) · jump = 3 + 1 · 1 = 4; jump · stride = 1 · 2 = 2"
    )
    assert found.rows[2].working == "size + (reach - 1) · jump = 4 + 4 · 2 = 12"
    assert found.rows[3].working == "sees everything"
    assert found.last is not None
    assert (found.last.field.jump, found.last.field.start) == ((2, 2), (-1, -1))


def test_text_and_data() -> None:
    found = receptive_field(net(), ("B", 3, 32, 32))
    shown = found.text(200)
    assert shown.startswith("Receptive field of Sequential on x (B, 3, 32, 32), along axes 2, 3")
    assert "sees all 32 x 32" in shown
    assert "size 12 x 12, jump 2 x 2, start -1 x -1, in 4" in shown
    assert "batch statistics as numbers" in shown
    data = json.loads(found.to_json())
    assert data["whole"] is True
    assert data["rows"][2]["size"] == [12, 12]
    assert found.to_markdown().startswith("**Receptive field")
    assert "<table>" in found._repr_html_()


def test_branches_are_read_together() -> None:
    with cr.device("meta"):
        found = receptive_field(resnet18(), (1, 3, 224, 224))
    assert found.last is not None
    assert (found.last.op, found.last.field.size) == ("add", (435, 435))
    assert "any operand sees" in found.last.working
    assert all(row.op != "batch_norm" for row in found.rows), "statistics are only collected"


def test_another_input() -> None:
    conv = nn.Conv1d(1, 1, 5)
    found = receptive_field(lambda x, y: x[:, :, 4:] + conv(y), (1, 1, 9), (1, 1, 9), source="y")
    assert found.size == (5,)
    with pytest.raises(ArgumentError, match="there is no input 'z'"):
        receptive_field(lambda x: x, (3,), source="z")
    with pytest.raises(ArgumentError, match="there is no input 1"):
        receptive_field(lambda x: x, (3,), source=1)
    with pytest.raises(ArgumentError, match="the output does not depend on this input"):
        _ = receptive_field(lambda x, y: x * 2, (3,), (3,), source="y").size
