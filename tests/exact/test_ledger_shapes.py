"""Questions of the papers on shapes, parameters and what must have been unknown, asked of the
networks themselves; figures that the papers do not give stay letters."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import pytest

import chainrule as cr
from chainrule import nn
from chainrule.analysis import placements
from chainrule.core.size import Size, prod
from chainrule.nn import functional as F

LETTERS = "C1 k1 s1 C2 k2 s2"


def letters(names: str, lower: int = 1) -> list[Size]:
    return [Size.symbol(name, lower) for name in names.split()]


def parameters(layer: nn.Module) -> Any:
    return sum((prod(parameter.shape) for parameter in layer.parameters()), 0)


def shapes(net: nn.Sequential, *input: Any) -> dict[str, Any]:
    """The shape after each layer, without computing."""

    def steps(x: Any) -> dict[str, Any]:
        return {name: (x := layer(x)) for name, layer in net.named_children()}

    graph = cr.capture(steps, cr.spec(*input))
    names = [name for name, _ in net.named_children()]
    return dict(zip(names, (node.shape for node in graph.outputs), strict=True))


def test_p0_q2_a_valid_convolution() -> None:
    assert shapes(nn.Sequential(nn.Conv2d(3, 8, 3)), 3, 32, 32) == {"0": (8, 30, 30)}


def test_p0_q5a_and_b_the_first_layer_of_alexnet() -> None:
    layer = nn.Conv2d(3, 64, 11, stride=4, padding=2)
    assert shapes(nn.Sequential(layer), 3, 227, 227) == {"0": (64, 56, 56)}
    assert parameters(layer) == 23_296


def test_p0_q5d_the_same_in_two_stages() -> None:
    depthwise = nn.Conv2d(3, 3, 11, stride=4, padding=2, groups=3)
    pointwise = nn.Conv2d(3, 64, 1)
    assert (parameters(depthwise), parameters(pointwise)) == (366, 256)
    net = nn.Sequential(depthwise, pointwise)
    assert parameters(net) == 622
    assert shapes(net, 3, 227, 227)["1"] == (64, 56, 56)


def perceptron(h: Any) -> nn.Sequential:
    """The chain that is named in the question; h is in the figure, which is missing."""
    return nn.Sequential(
        OrderedDict(
            Linear1=nn.Linear(2, h), LayerNorm1=nn.LayerNorm(h), Relu1=nn.ReLU(),
            Linear2=nn.Linear(h, 20),
        )
    )  # fmt: skip


def test_p1_q4a_parameters_of_a_perceptron_of_unknown_width() -> None:
    (h,) = letters("h")
    with cr.device("meta"):
        net = perceptron(h)
    counts = {name: parameters(layer) for name, layer in net.named_children()}
    assert counts == {"Linear1": 3 * h, "LayerNorm1": 2 * h, "Relu1": 0, "Linear2": 20 * h + 20}
    assert parameters(nn.CrossEntropyLoss()) == 0
    assert str(parameters(net)) == "25*h + 20"
    for number in (8, 16, 100):
        assert parameters(net).substitute({"h": number}) == parameters(perceptron(number))


def test_p1_q4b_shapes_of_its_activations() -> None:
    B, h = letters("B h")
    with cr.device("meta"):
        net = perceptron(h)
    assert shapes(net, "B", 2) == {
        "Linear1": (B, h), "LayerNorm1": (B, h), "Relu1": (B, h), "Linear2": (B, 20),
    }  # fmt: skip

    def loss(x: Any, y: Any) -> Any:
        return F.cross_entropy(net(x), y)

    graph = cr.capture(loss, cr.spec("B", 2), cr.spec("B", dtype=cr.int64))
    assert graph.outputs[0].shape == ()


def test_p1_q10a_a_strided_convolution() -> None:
    found = cr.find(nn.Conv2d(1, 1, 3, stride=2, padding=1), input=(1, "z", "z"),
                    output=(1, "n", "n"), z=[32], n=range(1, 33))  # fmt: skip
    assert found.only["n"] == 16
    z = Size.symbol("z", lower=2)
    layer = nn.Conv2d(1, 1, 3, stride=2, padding=1)
    out = cr.capture(layer, cr.spec(1, z, z)).outputs[0].shape[1]
    assert str(out) == "floor((z + 1)/2)"  # 15.5 is rounded down before 1 is added
    assert out.substitute({"z": 32}) == (32 + 2 - 3) // 2 + 1 == 16


def convnet() -> nn.Sequential:
    """The six layers; all numbers are in a figure that is missing."""
    C1, k1, s1, C2, k2, s2 = letters(LETTERS)
    p1, p2 = letters("p1 p2", lower=0)
    with cr.device("meta"):
        return nn.Sequential(
            OrderedDict(
                Conv2d1=nn.Conv2d(1, C1, k1, s1, p1), BatchNorm2d1=nn.BatchNorm2d(C1),  # type: ignore[arg-type]
                Relu1=nn.ReLU(), Conv2d2=nn.Conv2d(C1, C2, k2, s2, p2),  # type: ignore[arg-type]
                BatchNorm2d2=nn.BatchNorm2d(C2), Relu2=nn.ReLU(),  # type: ignore[arg-type]
            )
        )  # fmt: skip


def test_p1_q11a_parameters_of_a_convnet_of_unknown_numbers() -> None:
    C1, k1, _, C2, k2, _ = letters(LETTERS)
    counts = {name: parameters(layer) for name, layer in convnet().named_children()}
    assert counts == {
        "Conv2d1": C1 * k1**2 + C1, "BatchNorm2d1": 2 * C1, "Relu1": 0,
        "Conv2d2": C1 * C2 * k2**2 + C2, "BatchNorm2d2": 2 * C2, "Relu2": 0,
    }  # fmt: skip
    numbers = {"C1": 8, "k1": 5, "C2": 16, "k2": 3}
    put = [n.substitute(numbers) if isinstance(n, Size) else n for n in counts.values()]
    assert put == [208, 16, 0, 1168, 32, 0]


def test_p1_q11b_shapes_of_its_activations() -> None:
    B, C1, C2 = letters("B C1 C2")
    k1, s1, k2, s2 = letters("k1 s1 k2 s2")
    p1, p2 = letters("p1 p2", lower=0)
    H1 = (224 + 2 * p1 - k1) // s1 + 1
    H2 = (H1 + 2 * p2 - k2) // s2 + 1
    found = shapes(convnet(), "B", 1, 224, 224)
    assert set(list(found.values())[:3]) == {(B, C1, H1, H1)}
    assert set(list(found.values())[3:]) == {(B, C2, H2, H2)}
    numbers = {"B": 2, "C2": 16, "k1": 5, "s1": 2, "p1": 2, "k2": 3, "s2": 1, "p2": 0}
    assert tuple(n.substitute(numbers) for n in found["Relu2"]) == (2, 16, 110, 110)


def test_p1_q11c_the_head_of_a_resnet() -> None:
    """Which of the letters stand in the blanks: AvgPool2d(a), Linear(b, c)."""

    def head(a: Any, b: Any, c: Any) -> nn.Module:
        return nn.Sequential(nn.AvgPool2d(a), nn.Flatten(), nn.Linear(b, c))

    blanks = ["B", "C6", "H6", "n_c"]
    found = cr.find(head, input=("B", "C6", "H6", "H6"), output=("B", "n_c"),
                    a=blanks, b=blanks, c=blanks)  # fmt: skip
    assert found.verdict == "unique"
    assert repr(found.only) == "a = H6, b = C6, c = n_c"


def test_p3_q2a_padding_that_keeps_the_resolution() -> None:
    def make(p: Any) -> nn.Module:
        return nn.Conv3d(1, 1, 3, padding=p)

    shape = (3, 1, 6, 6, 7)
    assert cr.find(make, input=shape, output=shape, p=range(20)).only["p"] == 1
    any_size = ("B", 1, "w", "h", "d")
    assert cr.find(make, input=any_size, output=any_size, p=range(20)).only["p"] == 1


def test_p3_q2b_bytes_of_a_filter() -> None:
    x = cr.spec(3, 1, 6, 6, 7, dtype=cr.float16)
    (one,) = placements(nn.Conv3d(1, 1, 3, bias=False).half(), x)
    assert (one.weights, one.bytes()) == (27, 54)
    (with_bias,) = placements(nn.Conv3d(1, 1, 3).half(), x)
    assert (with_bias.bytes(), with_bias.bytes(bias=False)) == (56, 54)


def test_p3_q2d_placements_of_a_filter() -> None:
    (one,) = placements(nn.Conv3d(1, 1, 3), (3, 1, 6, 6, 7))
    assert (one.each, one.applications) == (80, 240)
    (batch,) = placements(nn.Conv3d(1, 1, 3), ("B", 1, 6, 6, 7))
    assert str(batch.applications) == "80*B"


def test_p4_q1a_i_parameters_of_two_layers() -> None:
    net = nn.Sequential(nn.Linear(2, 5), nn.Linear(5, 5))
    assert [parameters(layer) for layer in net] == [15, 30]
    assert parameters(net) == 45


CONV1 = {"input": (12, 55, 55), "output": (6, 49, 49)}


def test_p4_q3a_i_what_the_volumes_say() -> None:
    first = cr.find(lambda n1, d1, F1: nn.Conv2d(d1, n1, F1), **CONV1,
                    n1=range(1, 513), d1=range(1, 513), F1=range(1, 60))  # fmt: skip
    assert dict(first.only) == {"n1": 6, "d1": 12, "F1": 7}
    second = cr.find(lambda p2: nn.Conv2d(6, 4, 3, stride=2, padding=p2),
                     input=(6, 49, 49), output=(4, 25, 25), p2=range(30))  # fmt: skip
    assert second.only["p2"] == 1

    def both(n1: Any, d1: Any, F1: Any, p2: Any) -> Any:
        one, two = nn.Conv2d(d1, n1, F1), nn.Conv2d(6, 4, 3, stride=2, padding=p2)
        return lambda x: (one(x), two(one(x)))

    whole = cr.find(both, input=(12, 55, 55), output=[(6, 49, 49), (4, 25, 25)],
                    n1=range(1, 65), d1=range(1, 65), F1=range(1, 60), p2=range(30))  # fmt: skip
    assert dict(whole.only) == {"n1": 6, "d1": 12, "F1": 7, "p2": 1}
    # the last volume alone says too little
    alone = cr.find(both, input=(12, 55, 55), output=[(6, None, None), (4, 25, 25)],
                    n1=[6], d1=[12], F1=range(1, 60), p2=range(30))  # fmt: skip
    assert len(alone) == 52


def test_p4_q3a_ii_parameters_of_the_three_layers() -> None:
    net = nn.Sequential(
        nn.Conv2d(12, 6, 7), nn.Conv2d(6, 4, 3, stride=2, padding=1), nn.Flatten(0),
        nn.Linear(2500, 128),
    )  # fmt: skip
    assert [parameters(layer) for layer in net] == [3534, 220, 0, 320_128]
    assert parameters(net) == 323_882
    assert list(shapes(net, 12, 55, 55).values())[-1] == (128,)


def test_p4_q3b_i_the_same_volumes_in_two_stages() -> None:
    """A depthwise convolution with the kernel of 3(a), then a pointwise one."""

    def stages(filters: Any, channels: Any, kernel: Any, points: Any, depth: Any) -> nn.Module:
        return nn.Sequential(
            nn.Conv2d(12, filters, kernel, groups=channels), nn.Conv2d(depth, points, 1)
        )

    found = cr.find(stages, **CONV1, where=lambda filters, channels: filters == channels == 12,
                    filters=range(1, 25), channels=range(1, 25), kernel=range(1, 60),
                    points=range(1, 25), depth=range(1, 25))  # fmt: skip
    assert dict(found.only) == {
        "filters": 12, "channels": 12, "kernel": 7, "points": 6, "depth": 12,
    }  # fmt: skip
    depthwise, pointwise = nn.Conv2d(12, 12, 7, groups=12), nn.Conv2d(12, 6, 1)
    assert depthwise.weight.shape == (12, 1, 7, 7)
    assert pointwise.weight.shape == (6, 12, 1, 1)
    assert parameters(nn.Sequential(depthwise, pointwise)) == 678


@pytest.mark.parametrize("name", ["C1", "k1"])
def test_what_is_not_said_stays_open(name: str) -> None:
    """P1-q11 gives no number: many convnets have the same count of parameters."""
    ranges = {"C1": range(1, 65), "k1": range(1, 12)}
    found = cr.find(lambda C1, k1: nn.Conv2d(1, C1, k1), parameters=208, **ranges)
    assert [dict(one) for one in found] == [{"C1": 8, "k1": 5}]
    ambiguous = cr.find(lambda C1, k1: nn.Conv2d(1, C1, k1), parameters=100, **ranges)
    assert len({one[name] for one in ambiguous}) == len(ambiguous) == 4
