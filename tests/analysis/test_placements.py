"""How often filters are applied, counted by hand."""

from __future__ import annotations

import pytest

import chainrule as cr
from chainrule import nn
from chainrule.analysis import placements
from chainrule.core.errors import ArgumentError


def test_every_layer_with_filters_has_a_row() -> None:
    net = nn.Sequential(
        nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.Flatten(),
        nn.Linear(8 * 16, 10, bias=False),
    )  # fmt: skip
    found = placements(net, ("B", 3, 8, 8))
    assert [one.name for one in found] == ["0", "4"]
    conv, linear = found
    assert (conv.filters, conv.each, str(conv.applications)) == (8, 4 * 4, "16*B")
    assert conv.operations == {"multiply": 27, "add": 27}  # 26, and the bias
    assert (linear.filters, linear.each, linear.operations) == (
        10,
        1,
        {"multiply": 128, "add": 127},
    )
    assert found["4"] is linear
    with pytest.raises(ArgumentError, match="no filters are called '1'"):
        _ = found["1"]


@pytest.mark.parametrize("groups", [1, 2, 4])
def test_groups_make_filters_smaller(groups: int) -> None:
    layer = nn.Conv1d(4, 8, 3, groups=groups, dilation=2)
    (one,) = placements(layer, (2, 4, 9))
    assert one.weights == 3 * 4 // groups
    assert (one.each, one.applications) == (5, 10)
    assert one.operations == {"multiply": one.weights, "add": one.weights}


def test_a_transposed_convolution_stamps_its_filters() -> None:
    """Once at each place of the input; stamps overlap, and sums belong to none of them."""
    (one,) = placements(nn.ConvTranspose2d(8, 4, 2, stride=2), (1, 8, 5, 5))
    assert (one.filters, one.applications, one.weights, one.biases) == (8, 25, 16, 0)
    assert one.operations == {"multiply": 16}


def test_bytes_at_any_type() -> None:
    (one,) = placements(nn.Conv2d(3, 4, 5), (3, 5, 5))
    assert one.bytes() == (75 + 1) * 4
    assert [one.bytes(t, bias=False) for t in (cr.float64, cr.float16, cr.int8)] == [600, 150, 75]


def test_a_symbolic_layer() -> None:
    with cr.device("meta"):
        layer = nn.Conv2d("C" and cr.Size.symbol("C"), 4, cr.Size.symbol("k"))  # type: ignore[arg-type]
    (one,) = placements(layer, ("B", "C", 32, 32))
    assert str(one.weights) == "C*k**2"
    assert str(one.each) == "k**2 - 66*k + 1089"  # (33 - k)²


def test_the_text() -> None:
    assert str(placements(nn.Conv3d(1, 2, 3), (3, 1, 6, 6, 7))).splitlines() == [
        "weight: 2 filters of 27 weights",
        "  bytes of one       (27 + 1 bias) * 4 = 112",
        "  applied            80 times a sample, 240 in all",
        "  one application    27 multiply, 27 add",
    ]


def test_an_input_without_entries_is_refused() -> None:
    layer = nn.Conv2d(1, 1, 3)
    with pytest.raises(ArgumentError, match="not applied to an input without entries"):
        cr.analysis.placements(layer, (0, 1, 8, 8))
