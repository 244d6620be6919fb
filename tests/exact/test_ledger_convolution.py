"""Answers to exam questions on convolution, from the layers themselves: shapes, parameters,
operations and exact values; what is expected is what an independent program found.
"""

from fractions import Fraction
from math import prod
from typing import Any

import pytest

import chainrule as cr
from chainrule import nn


def shape_of(layer: nn.Module, *sizes: Any) -> tuple[Any, ...]:
    """The shape that a layer makes of an input of these sizes, without computing it."""
    return tuple(cr.capture(layer, cr.spec(*sizes)).outputs[0].shape)


def operations(layer: nn.Module, *sizes: Any) -> dict[str, Any]:
    """How many operations a layer takes."""
    node = cr.capture(layer, cr.spec(*sizes)).results[0]
    assert node.op is not None
    return node.op.cost(node)


def parameters(*layers: nn.Module) -> list[int]:
    return [sum(p.numel() for p in layer.parameters()) for layer in layers]


def exact(data: Any, wanted: bool = False) -> cr.Tensor:
    return cr.tensor(data, dtype=cr.exact, requires_grad=wanted)


# -- paper 0 ---------------------------------------------------------------------------------------


def test_paper_0_question_2_the_shape_of_a_valid_convolution() -> None:
    layer = nn.Conv2d(3, 8, 3)
    assert shape_of(layer, 3, 32, 32) == (8, 30, 30)
    assert str(shape_of(layer, 3, "H", "W")) == "(8, H - 2, W - 2)"


def test_paper_0_question_5_a_the_shape_of_alexnets_first_layer() -> None:
    layer = nn.Conv2d(3, 64, 11, stride=4, padding=2)
    assert shape_of(layer, 3, 227, 227) == (64, 56, 56)
    assert parameters(layer) == [23296]
    assert operations(layer, 3, 227, 227)["multiply"] == 72_855_552


def test_paper_0_question_5_d_depthwise_then_pointwise() -> None:
    depthwise = nn.Conv2d(3, 3, 11, stride=4, padding=2, groups=3)
    pointwise = nn.Conv2d(3, 64, 1)
    assert parameters(depthwise, pointwise) == [366, 256]
    assert shape_of(nn.Sequential(depthwise, pointwise), 3, 227, 227) == (64, 56, 56)
    counts = [
        operations(layer, 3, size, size)["multiply"]
        for layer, size in ((depthwise, 227), (pointwise, 56))
    ]
    assert (counts, sum(counts)) == ([1_138_368, 602_112], 1_740_480)


# -- paper 1, question 10 b: a 2 x 2 kernel on a 3 x 3 image ---------------------------------------

IMAGE = [[[2, 4, 5], [2, 1, 3], [3, 1, 5]]]
KERNEL = [[[[1, 0], [2, -1]]]]


@pytest.mark.parametrize(
    ("options", "answer"),
    [
        ({"padding": 1}, [[-2, 0, 3, 10], [-2, 5, 3, 11], [-3, 7, -2, 13], [0, 3, 1, 5]]),
        (
            {"padding": 1, "flip": True},
            [[2, 4, 5, 0], [6, 7, 9, -5], [7, 1, 10, -3], [6, -1, 9, -5]],
        ),
        ({"padding": ((0, 1), (0, 1))}, [[5, 3, 11], [7, -2, 13], [3, 1, 5]]),
        ({"padding": "same"}, [[5, 3, 11], [7, -2, 13], [3, 1, 5]]),
    ],
    ids=["cross-correlation", "convolution", "right and bottom", "same"],
)
def test_paper_1_question_10_b(options: dict[str, Any], answer: list[list[int]]) -> None:
    layer = nn.Conv2d(1, 1, 2, bias=False, **options).to(cr.exact)
    layer.load_state_dict({"weight": exact(KERNEL)})
    assert layer(exact(IMAGE)).tolist() == [answer]


def test_a_kernel_of_letters() -> None:
    letters = cr.symbols("a b c d")
    kernel = cr.stack(list(letters)).reshape(1, 1, 2, 2)
    found = nn.functional.conv2d(exact(IMAGE), kernel)
    assert str(found[0, 0, 0].detach()) == "tensor(2*a + 4*b + 2*c + d, dtype=chainrule.exact)"


def test_the_gradient_of_a_kernel_is_exact() -> None:
    weight = exact([[[[Fraction(1, 3), 0], [2, -1]]]], wanted=True)
    y = nn.functional.conv2d(exact(IMAGE), weight, padding=1, stride=2)
    (y * y).sum().backward()
    x, w = [[0] * 5, *([0, *row, 0] for row in IMAGE[0]), [0] * 5], weight.tolist()[0][0]
    places = [(r, s) for r in (0, 2) for s in (0, 2)]
    terms = [(i, j) for i in (0, 1) for j in (0, 1)]
    made = {(r, s): sum(x[r + i][s + j] * w[i][j] for i, j in terms) for r, s in places}
    by_hand = [sum(2 * made[r, s] * x[r + i][s + j] for r, s in places) for i, j in terms]
    assert weight.grad is not None
    assert weight.grad.flatten().tolist() == by_hand


# -- paper 3, question 2: a volume -----------------------------------------------------------------


def test_paper_3_question_2_placements_of_a_filter() -> None:
    layer = nn.Conv3d(1, 1, 3)
    made = shape_of(layer, 3, 1, 6, 6, 7)
    assert made == (3, 1, 4, 4, 5)
    assert (prod(made[2:]), prod(made)) == (80, 240)
    assert shape_of(nn.Conv3d(1, 1, 3, padding=1), 3, 1, 6, 6, 7) == (3, 1, 6, 6, 7)
    plain = nn.Conv3d(1, 1, 3, bias=False)
    assert parameters(plain, layer) == [27, 28]
    assert operations(plain, 1, 3, 3, 3) == {"multiply": 27, "add": 26}
    assert operations(layer, 1, 3, 3, 3) == {"multiply": 27, "add": 27}


# -- paper 4, question 3 b: a separable replacement ------------------------------------------------


def test_paper_4_question_3_b_depthwise_and_pointwise() -> None:
    whole = nn.Conv2d(12, 6, 7)
    depthwise, pointwise = nn.Conv2d(12, 12, 7, groups=12), nn.Conv2d(12, 6, 1)
    assert depthwise.weight.shape == (12, 1, 7, 7)
    assert pointwise.weight.shape == (6, 12, 1, 1)
    pair = nn.Sequential(depthwise, pointwise)
    assert shape_of(whole, 12, 55, 55) == shape_of(pair, 12, 55, 55) == (6, 49, 49)
    assert parameters(pair, whole) == [678, 3534]
    counts = [
        sum(operations(layer, 12, size, size).values())
        for layer, size in ((whole, 55), (depthwise, 55), (pointwise, 49))
    ]
    assert counts == [16_941_456, 2_823_576, 345_744]
    assert Fraction(counts[1] + counts[2], counts[0]) == Fraction(55, 294)
