"""Receptive fields against brute force: which entries of the input have a gradient from one place
of the result."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import chainrule as cr
from chainrule import nn
from chainrule.core.errors import ArgumentError
from chainrule.core.graph import Graph
from chainrule.nn import functional as F
from chainrule.readings.receptive import Extent, Field, receptive_fields

LENGTH = 96
Layer = tuple[Any, ...]


def field_of(function: Any, *shape: Any) -> Field:
    """The field of the first output."""
    graph = cr.capture(function, cr.spec(*shape))
    return receptive_fields(graph)[graph.outputs[0]]


def applied(layer: Layer, x: cr.Tensor) -> cr.Tensor:
    """One layer whose every weight is 1, so that nothing cancels."""
    kind, *numbers = layer
    if kind == "conv":
        size, stride, dilation, padding = numbers
        one = cr.ones(2, 2, size, dtype=cr.float64)
        return F.conv1d(x, one, stride=stride, dilation=dilation, padding=padding)
    if kind == "pool":
        size, stride = numbers
        return F.avg_pool1d(x, size, stride)
    if kind == "transposed":
        size, stride, padding = numbers
        one = cr.ones(2, 2, size, dtype=cr.float64)
        return F.conv_transpose1d(x, one, stride=stride, padding=padding)
    if kind == "repeat":
        return F.interpolate(x, scale_factor=numbers[0], mode="nearest")
    if kind == "unfold":  # a row of pairs, whose entries are added up
        n, c, length = x.shape
        even = x[:, :, : length - length % 2]
        return even.reshape(n, c, length // 2, 2).sum(dim=3)
    first, second = (through(branch, x) for branch in numbers)
    room = min(first.shape[2], second.shape[2])
    first = first[:, :, :room]
    return cr.cat([second[:, :, :room], first], dim=1)[:, :2] + first


def through(layers: Any, x: cr.Tensor) -> cr.Tensor:
    """Layer after layer."""
    for layer in layers:
        x = applied(layer, x)
    return x


small = st.integers(1, 3)
plain = st.one_of(
    st.tuples(st.just("conv"), small, small, small, st.integers(0, 2)),
    st.tuples(st.just("pool"), small, small),
    st.tuples(st.just("transposed"), small, small, st.just(0)),
    st.tuples(st.just("repeat"), st.integers(2, 3)),
    st.just(("unfold",)),
)
branches = st.lists(plain, max_size=2)
network = st.lists(st.one_of(plain, st.tuples(st.just("branch"), branches, branches)), min_size=1,
                   max_size=3)  # fmt: skip


def seen(function: Any, place: int) -> tuple[int, int] | None:
    """The first and the last entry that have a gradient."""
    x = cr.ones(1, 2, LENGTH, dtype=cr.float64, requires_grad=True)
    function(x)[0, 0, place].backward()
    at = np.flatnonzero(np.asarray(x.grad).any(axis=(0, 1)))
    return (int(at[0]), int(at[-1])) if len(at) else None


@settings(max_examples=60)
@given(network)
def test_random_networks_with_branches(layers: Any) -> None:
    def function(x: cr.Tensor) -> cr.Tensor:
        return through(layers, x)

    try:
        graph = cr.capture(function, cr.spec(1, 2, LENGTH, dtype=cr.float64))
    except cr.ChainruleError:
        assume(False)
    made = graph.outputs[0]
    reach = receptive_fields(graph)[made].reads[2]
    middle = made.shape[2] // 2
    exact = _known(layers)
    for place in range(max(middle - 2, 0), min(middle + 3, made.shape[2])):
        found, said = seen(function, place), reach.at(0 if reach.axis is None else place)
        if found is None:
            continue
        assert said is not None
        assert said[0] <= found[0] and found[1] <= said[1]
        inside = said[0] >= LENGTH // 4 and said[1] < LENGTH * 3 // 4
        if exact and inside:
            assert said == found


def _known(layers: Any) -> bool:
    """Whether no branch moves on at another pace than the other, nor leaves places out that a later
    layer would need: then the field is exact, and otherwise it may be too large."""
    pace = [Fraction(1)]

    def moved(part: Any) -> Fraction:
        total = Fraction(1)
        for kind, *numbers in part:
            if kind == "branch":
                one, other = map(moved, numbers)
                if one != other:
                    pace.append(Fraction(0))
                total *= one
            elif kind in ("conv", "pool"):
                total *= numbers[1]
            elif kind in ("transposed", "repeat"):
                total /= numbers[1 if kind == "transposed" else 0]
            else:
                total *= 2
        return total

    moved(layers)
    holes = any(layer[0] == "transposed" and layer[1] < layer[2] for layer in _flat(layers))
    return 0 not in pace and not holes


def _flat(layers: Any) -> list[Layer]:
    found: list[Layer] = []
    for layer in layers:
        found += _flat((*layer[1], *layer[2])) if layer[0] == "branch" else [layer]
    return found


def test_published_networks() -> None:
    """Of 224 x 224: VGG-16 212 and a jump of 32 after its last pooling, ResNet-18 435 and 32, as
    Araujo and others, Computing Receptive Fields of Convolutional Neural Networks (Distill, 2019),
    give them; AlexNet 195 and 32."""
    wanted = {"alexnet": (195, 32), "vgg16": (212, 32), "resnet18": (435, 32)}
    for name, (size, jump) in wanted.items():
        with cr.device("meta"):
            net = getattr(cr.models, name)().eval()
            graph = cr.capture(net, cr.spec("B", 3, 224, 224))
        fields = receptive_fields(graph).values()
        slid = [f for f in fields if f.extents[0].jump is not None]
        assert max(f.size for f in slid) == (size, size), name
        assert {f.jump for f in slid if f.size == (size, size)} == {(jump, jump)}
        assert receptive_fields(graph)[graph.outputs[0]].whole


@pytest.mark.parametrize("kind", ["conv", "max", "avg", "lp"])
def test_every_window_reads_alike(kind: str) -> None:
    moves = {"stride": 2, "dilation": 2} if kind in ("conv", "max") else {"stride": 2}
    made = {
        "conv": lambda: nn.Conv2d(2, 2, (3, 1), padding=(1, 0), **moves),
        "max": lambda: nn.MaxPool2d((3, 1), padding=(1, 0), **moves),
        "avg": lambda: nn.AvgPool2d((3, 1), padding=(1, 0), **moves),
        "lp": lambda: nn.LPPool2d(2, (3, 1), **moves),
    }[kind]()
    field = field_of(made, 1, 2, 16, 16)
    assert field.axes == (2, 3)
    assert field.size == (5 if "dilation" in moves else 3, 1)
    assert field.jump == (2, 2)
    assert field.start == (0 if kind == "lp" else -1, 0)


def test_letters_stay_letters() -> None:
    k, s = cr.Size.symbol("k"), cr.Size.symbol("s")

    def function(x: cr.Tensor, w: cr.Tensor) -> cr.Tensor:
        return F.conv1d(F.conv1d(x, w, stride=s), w)

    graph = cr.capture(function, cr.spec(1, 1, 100), cr.spec(1, 1, k))
    field = receptive_fields(graph)[graph.outputs[0]]
    assert str(field.size[0]) in ("k*s + k - s", "k + k*s - s")
    assert field.jump == (s,)


def test_a_sequence_model_slides_over_its_second_axis() -> None:
    conv = nn.Conv1d(4, 4, 3, dilation=2, padding="same")
    field = field_of(lambda x: conv(x.mT).mT, "B", 20, 4)
    assert (field.axes, field.size, field.start) == ((1,), (5,), (-2,))


def test_attention_and_norms_over_an_axis_read_all_of_it() -> None:
    field = field_of(nn.TransformerEncoderLayer(4, 2, 8, batch_first=True), "B", 10, 4)
    assert field.whole
    assert str(field) == "all"
    group = field_of(nn.Sequential(nn.Conv2d(2, 4, 3), nn.GroupNorm(2, 4)), "B", 2, 8, 8)
    assert group.whole
    batch = field_of(nn.Sequential(nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4)), "B", 2, 8, 8)
    assert batch.size == (3, 3), "statistics of the batch count as numbers"


def test_rows_one_after_the_other() -> None:
    """Patches of an image as a sequence: each token sees its patch, though its place in the
    sequence says row and column together."""
    patches = nn.Conv2d(3, 8, 4, stride=4)
    field = field_of(lambda x: patches(x).flatten(2).mT, "B", 3, 16, 16)
    assert field.size == (4, 4)
    assert field.reads[2].at(5) == (4, 7)
    assert field.reads[3].at(5) == (4, 7)


def test_transposed_convolution_has_places_of_two_kinds() -> None:
    field = field_of(nn.ConvTranspose1d(1, 1, 3, stride=2), 1, 1, 8)
    assert field.size == (2,), "that of the places which see most"
    assert field.jump == (Fraction(1, 2),)
    assert field.reads[2].at(0) == (-1, 0)
    assert field.reads[2].at(1) == (0, 0)


def test_groups_of_channels_are_no_windows() -> None:
    assert field_of(nn.Conv2d(4, 8, 3, groups=2), 1, 4, 8, 8).axes == (2, 3)


def test_extent_in_words() -> None:
    assert str(Extent(7, 2, -3, 32, False)) == "7, jump 2, start -3"
    assert str(Extent(32, None, None, 32, True)) == "all 32"
    assert str(Extent(3, None, None, 32, False)) == "3"


def test_what_is_no_input_is_refused() -> None:
    graph = cr.capture(lambda x: x * 2, cr.spec(3))
    with pytest.raises(ArgumentError, match="a receptive field is seen on an input of the graph"):
        receptive_fields(graph, graph.outputs[0])
    with pytest.raises(ArgumentError, match="a graph without inputs has no receptive field"):
        receptive_fields(Graph((), (), ()))
