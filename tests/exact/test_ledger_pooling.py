"""Answers to exam questions on pooling, computed by the modules themselves."""

from typing import Any

import chainrule as cr
from chainrule import nn
from chainrule.core.tensor import Tensor
from chainrule.nn import functional as F


def exact(data: Any, wanted: bool = False) -> Tensor:
    return cr.tensor(data, dtype=cr.exact, requires_grad=wanted)


# -- paper 1, question 10c: an image, pooled 2 x 2 with stride 2 -----------------------------------

IMAGE = [[2, 4, 5, 0], [2, 1, 3, 1], [3, 1, 5, 0], [0, 1, 0, 1]]


def test_max_pooling_of_an_image() -> None:
    pooled = nn.MaxPool2d(2, stride=2)(exact([IMAGE]))
    assert pooled.tolist() == [[[4, 5], [3, 5]]]
    values, places = nn.MaxPool2d(2, return_indices=True)(exact([IMAGE]))
    assert values.tolist() == pooled.tolist()
    assert places.tolist() == [[[1, 2], [8, 10]]]


def test_an_average_where_the_question_asks_for_the_maximum() -> None:
    pooled = nn.AvgPool2d(2)(exact([IMAGE]))
    assert [str(v) for row in pooled.tolist()[0] for v in row] == ["9/4", "9/4", "5/4", "3/2"]
    assert nn.AdaptiveAvgPool2d(1)(exact([IMAGE])).item() * 16 == sum(map(sum, IMAGE))


# -- paper 3, question 8: the gradient in the kernel of a convolution that is max-pooled -----------


def _pooled_convolution(kernel: Tensor) -> tuple[Tensor, Tensor]:
    signal = exact([[2, 1, 2]])
    convolved = F.conv1d(signal, kernel.reshape(1, 1, 2))
    return convolved, nn.MaxPool1d(2)(convolved)


def test_gradient_through_the_maximum_of_a_convolution() -> None:
    w = exact([1, 0], wanted=True)
    convolved, f = _pooled_convolution(w)
    assert convolved.tolist() == [[2, 1]]
    assert f.tolist() == [[2]]
    f.backward()
    assert w.grad.tolist() == [2, 1]  # the window that won read 2 and 1


def test_gradient_of_true_convolution() -> None:
    w = exact([1, 0], wanted=True)
    convolved, f = _pooled_convolution(w.flip(0))
    assert convolved.tolist() == [[1, 2]]
    assert f.tolist() == [[2]]
    f.backward()
    assert w.grad.tolist() == [2, 1]


def test_the_working_names_the_window_that_won() -> None:
    w = exact([1, 0], wanted=True)
    _, f = _pooled_convolution(w)
    assert "max_pool1d" in str(cr.explain(f.sum()))
