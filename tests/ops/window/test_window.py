"""Convolution beside PyTorch, on open lengths, and where nothing fits."""

from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.ops.window import conv1d, windows

torch = pytest.importorskip("torch")

CASES: list[tuple[dict[str, Any], tuple[tuple[int, ...], ...]]] = [
    ({}, ((2, 3, 7), (4, 3, 3), (4,))),
    ({"stride": 2, "padding": 1, "groups": 2}, ((2, 4, 8), (6, 2, 3), (6,))),
    ({"padding": "same", "dilation": 3}, ((1, 2, 9), (3, 2, 3))),
    ({"padding": "same"}, ((1, 2, 6), (3, 2, 3), (3,))),
    ({"padding": "valid"}, ((3, 5), (2, 3, 5))),
    ({"stride": (2,), "padding": (3,), "dilation": (2,)}, ((1, 2, 6), (3, 2, 4), (3,))),
]


@pytest.mark.parametrize(("attributes", "shapes"), CASES)
def test_it_is_pytorchs(attributes: dict[str, Any], shapes: tuple[tuple[int, ...], ...]) -> None:
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal(shape) for shape in shapes]
    ours = [cr.tensor(a, dtype=cr.float64, requires_grad=True) for a in arrays]
    theirs = [torch.tensor(a, requires_grad=True) for a in arrays]
    y, z = conv1d(*ours, **attributes), torch.nn.functional.conv1d(*theirs, **attributes)
    np.testing.assert_allclose(y.detach().numpy(), z.detach().numpy(), rtol=1e-12, atol=1e-13)
    g = rng.standard_normal(y.shape)
    y.backward(cr.tensor(g, dtype=cr.float64))
    z.backward(torch.tensor(g))
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a.grad.numpy(), b.grad.numpy(), rtol=1e-12, atol=1e-13)


def test_an_open_length_gives_the_textbook_formula() -> None:
    graph = cr.capture(
        lambda x, w: conv1d(x, w, stride=2, padding=1), cr.spec("B", 3, "L"), cr.spec(4, 3, 5)
    )
    assert str(graph.outputs[0].shape) == "(B, 4, floor((L - 1)/2))"


def test_kernel_stride_and_padding_may_be_open_too() -> None:
    k, s, p = (cr.Size.symbol(name) for name in "ksp")
    length = cr.Size.symbol("L")
    attrs = {**conv1d.defaults, "stride": s, "padding": p}
    shape = conv1d.shape((1, 1, length), (1, 1, k), **attrs)
    assert shape[-1].substitute({"L": 11, "k": 3, "s": 2, "p": 1}) == 6


@pytest.mark.parametrize(
    ("shapes", "attributes", "text"),
    [
        (((1, 3, 4), (5, 3, 7)), {}, "a window of 7 does not fit into an axis of 4"),
        (
            ((1, 3, 4), (5, 3, 3)),
            {"dilation": 2, "padding": 0},
            r"a window of 5 \(kernel 3, dilation 2\) does not fit into an axis of 4",
        ),
        (((1, 3, 4), (5, 2, 3)), {}, "axis 'c' is 3 in input, and weight takes 2"),
        (
            ((1, 4, 4), (6, 4, 3)),
            {"groups": 2},
            "axis 'c' is 4 in input, and weight takes 4 in each of 2 groups",
        ),
        (((1, 4, 4), (5, 2, 3)), {"groups": 2}, "5 filters cannot be shared out among 2 groups"),
        (((1, 3, 4), (5, 3, 3), (4,)), {}, r"bias has shape \(4,\), and axis 'o' of weight is 5"),
        (((4,), (5, 3, 3)), {}, "input has 1 axes and weight 3"),
    ],
)
def test_what_does_not_fit_is_said_in_numbers(
    shapes: tuple[tuple[int, ...], ...], attributes: dict[str, Any], text: str
) -> None:
    with pytest.raises(ShapeError, match=text):
        conv1d(*(cr.zeros(shape) for shape in shapes), **attributes)


@pytest.mark.parametrize(
    ("attributes", "text"),
    [
        ({"stride": 0}, "stride is 0"),
        ({"dilation": -1}, "dilation is -1"),
        ({"groups": 0}, "groups is 0"),
        ({"stride": (1, 1)}, r"stride is \(1, 1\)"),
        ({"padding": -1}, "padding is -1"),
        ({"padding": "full"}, "padding is 'full'"),
        ({"padding": "same", "stride": 2}, "padding='same' with a stride of 2"),
    ],
)
def test_arguments_are_checked(attributes: dict[str, Any], text: str) -> None:
    with pytest.raises(ArgumentError, match=text):
        conv1d(cr.zeros(1, 3, 8), cr.zeros(5, 3, 3), **attributes)


def test_windows_need_an_axis_each() -> None:
    with pytest.raises(ShapeError, match="windows over 2 axes of a tensor of 1"):
        windows(cr.zeros(4), size=(2, 2), stride=(1, 1), dilation=(1, 1))
    with pytest.raises(ArgumentError, match="one number for each axis"):
        windows(cr.zeros(4, 4), size=(2, 2), stride=(1,), dilation=(1, 1))
