"""Answers to exam questions on parameters, operations and bytes, from the networks themselves: each
in the convention of its paper and in the others; expected is what an independent program found.
"""

from __future__ import annotations

from typing import Any

import pytest

import chainrule as cr
from chainrule import Convention, nn

N, TWO, EXACT = Convention(), Convention(mac=2), Convention(inner="2n-1")
SIDE_BY_SIDE = (N, TWO, N.but(bias=True), TWO.but(bias=True), EXACT, EXACT.but(bias=True))
"""n, 2n; n and 2n with the bias; 2n - 1 without and with it."""


def figures(layer: Any, shape: Any) -> list[Any]:
    found = cr.summary(layer, shape)
    return [found.count(convention) for convention in SIDE_BY_SIDE]


# -- paper 0: an inner product of n terms costs n --------------------------------------------------


def test_paper_0_question_5_c_operations_of_alexnets_first_layer() -> None:
    layer = nn.Conv2d(3, 64, 11, stride=4, padding=2)
    assert cr.summary(layer, (3, 227, 227)).parameters == 23_296
    macs, twice, with_bias, twice_with_bias, exactly, exact_with_bias = figures(
        layer, (3, 227, 227)
    )
    assert (macs, with_bias, twice) == (72_855_552, 73_056_256, 145_711_104)
    entries = 64 * 56 * 56
    assert (twice_with_bias, exactly) == (twice + entries, twice - entries)
    assert exact_with_bias == twice  # n products, n - 1 sums, one bias


def test_paper_0_question_5_e_depthwise_then_pointwise() -> None:
    net = nn.Sequential(nn.Conv2d(3, 3, 11, stride=4, padding=2, groups=3), nn.Conv2d(3, 64, 1))
    found = cr.summary(net, (3, 227, 227))
    assert [found.count(row=row) for row in found][1:] == [1_138_368, 602_112]
    assert found.count() == 1_740_480
    assert found["0"].parameters + found["1"].parameters == 366 + 256


# -- paper 3: multiplications and additions one by one ---------------------------------------------


@pytest.mark.parametrize(("bias", "sums", "bytes"), [(False, 26, 54), (True, 27, 56)])
def test_paper_3_question_2_one_filter_of_a_3d_convolution(
    bias: bool, sums: int, bytes: int
) -> None:
    layer = nn.Conv3d(1, 1, 3, bias=bias, dtype=cr.float16)
    once = cr.summary(layer, cr.spec(1, 3, 3, 3, dtype=cr.float16))
    assert once.cost == {"multiply": 27, "add": sums}
    assert once.count(Convention.everything) == 27 + sums
    assert once.weight_bytes == bytes
    batch = cr.summary(layer, cr.spec(3, 1, 6, 6, 7, dtype=cr.float16))
    places = 1
    for size in batch[0].output_shape:
        places = places * size
    assert places == 240
    assert batch.cost["multiply"] == 240 * 27


# -- paper 4: a multiply-accumulate costs 2 --------------------------------------------------------


def test_paper_4_question_3_b_a_convolution_and_its_separable_replacement() -> None:
    whole = nn.Conv2d(12, 6, 7)
    apart = nn.Sequential(nn.Conv2d(12, 12, 7, groups=12), nn.Conv2d(12, 6, 1))
    shape = (12, 55, 55)
    macs, twice, _, _, exactly, with_bias = figures(whole, shape)
    assert (macs, twice, exactly, with_bias) == (8_470_728, 16_941_456, 16_927_050, 16_941_456)
    found = cr.summary(apart, shape)
    assert [found.count(TWO, row) for row in found][1:] == [2_823_576, 345_744]
    assert [found.count(EXACT, row) for row in found][1:] == [2_794_764, 331_338]
    assert (found.count(), found.count(TWO), found.count(EXACT)) == (
        1_584_660, 3_169_320, 3_126_102
    )  # fmt: skip
    assert round(found.count(TWO) / twice, 3) == 0.187


# -- under-determined ones stay open ---------------------------------------------------------------


def test_what_a_question_leaves_open_stays_a_letter() -> None:
    h, w, n = (cr.Size.symbol(letter) for letter in "hwn")
    found = cr.summary(nn.Conv2d(3, 8, 3, padding=1), ("n", 3, "h", "w"))
    assert found.count() == 216 * n * h * w
    assert found.count(TWO.but(bias=True)) == 440 * n * h * w
    assert found.parameters == 224


# -- parameters, layer by layer --------------------------------------------------------------------


def test_paper_4_question_1_a_parameters_of_a_perceptron() -> None:
    found = cr.summary(nn.Sequential(nn.Linear(2, 5), nn.Linear(5, 5)), ("B", 2))
    assert [row.parameters for row in found][1:] == [15, 30]
    assert found.parameters == 45


def test_paper_4_question_3_a_parameters_of_three_layers() -> None:
    net = nn.Sequential(
        nn.Conv2d(12, 6, 7), nn.Conv2d(6, 4, 3, stride=2, padding=1), nn.Flatten(),
        nn.Linear(4 * 25 * 25, 128),
    )  # fmt: skip
    found = cr.summary(net, ("B", 12, 55, 55))
    assert [row.parameters for row in found][1:] == [3534, 220, 0, 320_128]
    assert found.parameters == 323_882
    batch = cr.Size.symbol("B")
    assert [row.output_shape[1:] for row in found][1:3] == [(6, 49, 49), (4, 25, 25)]
    assert found.output_bytes == 4 * batch * (6 * 49**2 + 2 * 4 * 25**2 + 128)


def test_paper_1_question_4_a_a_perceptron_of_unknown_width() -> None:
    h, batch = cr.Size.symbol("h"), cr.Size.symbol("B")
    with cr.device("meta"):
        net = nn.Sequential(nn.Linear(2, h), nn.LayerNorm(h), nn.ReLU(), nn.Linear(h, 20))
    found = cr.summary(net, ("B", 2))
    assert [row.parameters for row in found][1:] == [3 * h, 2 * h, 0, 20 * h + 20]
    assert found.parameters == 25 * h + 20
    assert found.count() == 22 * h * batch


def test_paper_1_question_11_a_convolutions_of_unknown_size() -> None:
    c, d, k, m = (cr.Size.symbol(name) for name in ("C1", "C2", "k1", "k2"))
    with cr.device("meta"):
        first = nn.Sequential(nn.Conv2d(1, c, k), nn.BatchNorm2d(c), nn.ReLU())
        second = nn.Sequential(nn.Conv2d(c, d, m), nn.BatchNorm2d(d), nn.ReLU())
    found = [sum(p.numel() for p in layer.parameters()) for layer in (*first, *second)]
    assert found == [c * k**2 + c, 2 * c, 0, c * d * m**2 + d, 2 * d, 0]
