"""Windows as columns, pixels from channels: against PyTorch's, and what is refused."""

from typing import Any

import numpy as np
import pytest
import torch

import chainrule as cr
from chainrule import nn
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.nn import functional as F

UNFOLDS: list[dict[str, Any]] = [
    {"kernel_size": 2},
    {"kernel_size": (3, 2), "padding": (1, 0), "stride": (2, 1)},
    {"kernel_size": [2, 2], "dilation": (2, 1), "padding": 1, "stride": 2},
]


def compare(ours: Any, theirs: Any, shape: tuple[int, ...]) -> None:
    """Text, values and gradients."""
    assert repr(ours) == repr(theirs)
    rng = np.random.default_rng(0)
    values = rng.standard_normal(shape)
    x, u = cr.tensor(values, requires_grad=True), torch.tensor(values, requires_grad=True)
    y, z = ours(x), theirs(u)
    np.testing.assert_allclose(y.detach().numpy(), z.detach().numpy(), rtol=1e-13)
    g = rng.standard_normal(y.shape)
    y.backward(cr.tensor(g))
    z.backward(torch.tensor(g))
    np.testing.assert_allclose(x.grad.numpy(), u.grad.numpy(), rtol=1e-13)


@pytest.mark.parametrize("shape", [(2, 3, 5, 6), (3, 5, 6)])
@pytest.mark.parametrize("options", UNFOLDS)
def test_windows_become_columns_and_images_again(
    shape: tuple[int, ...], options: dict[str, Any]
) -> None:
    compare(nn.Unfold(**options), torch.nn.Unfold(**options), shape)
    columns = tuple(F.unfold(cr.zeros(shape), **options).shape)
    compare(nn.Fold((5, 6), **options), torch.nn.Fold((5, 6), **options), columns)


def test_pixels_and_channels() -> None:
    compare(nn.PixelShuffle(2), torch.nn.PixelShuffle(2), (2, 8, 3, 2))
    compare(nn.PixelShuffle(3), torch.nn.PixelShuffle(3), (9, 1, 2))
    compare(nn.PixelUnshuffle(2), torch.nn.PixelUnshuffle(2), (1, 2, 3, 4, 6))
    compare(nn.ChannelShuffle(3), torch.nn.ChannelShuffle(3), (2, 6, 2, 2))


def test_a_convolution_is_a_product_with_columns() -> None:
    x, w = cr.rand(2, 3, 6, 5), cr.rand(4, 3, 3, 2)
    product = w.reshape(4, -1) @ F.unfold(x, (3, 2))
    assert cr.allclose(product.reshape(2, 4, 4, 4), F.conv2d(x, w), atol=1e-6)


def test_open_sizes_stay_open() -> None:
    graph = cr.capture(lambda x: F.unfold(x, 3, stride=2), cr.spec("B", 3, "H", 9))
    assert str(graph.outputs[0].shape) == "(B, 27, 4*floor((H - 1)/2))"
    graph = cr.capture(lambda x: F.pixel_shuffle(x, 2), cr.spec("B", 12, "H", "W"))
    assert str(graph.outputs[0].shape) == "(B, 3, 2*H, 2*W)"


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: F.unfold(cr.zeros(4, 4), 2), ShapeError, "input has 2 axes"),
        (lambda: F.unfold(cr.zeros(1, 4, 4), 5), ShapeError, "a window of 5 does not fit"),
        (lambda: F.unfold(cr.zeros(1, 4, 4), 0), ArgumentError, "kernel_size is 0"),
        (lambda: nn.Unfold(2, stride=0), ArgumentError, "stride is 0"),
        (lambda: nn.Unfold((2, 2, 2)), ArgumentError, r"kernel_size is \(2, 2, 2\)"),
        (lambda: nn.Fold(0, 2), ArgumentError, "output_size is 0"),
        (lambda: F.fold(cr.zeros(5, 9), 4, 2), ShapeError, "columns of 5 are no windows of 4"),
        (lambda: F.fold(cr.zeros(4, 8), 4, 2), ShapeError, "has 9 windows, not 8"),
        (lambda: F.fold(cr.zeros(4), 4, 2), ShapeError, "input has 1 axes"),
        (lambda: F.pixel_shuffle(cr.zeros(3, 2, 2), 2), ShapeError, "3 channels make no squares"),
        (lambda: F.pixel_shuffle(cr.zeros(4, 2), 2), ShapeError, "input has 2 axes"),
        (lambda: nn.PixelShuffle(0), ArgumentError, "upscale_factor is 0"),
        (lambda: F.pixel_unshuffle(cr.zeros(1, 3, 4), 2), ShapeError, "3 x 4 has no squares"),
        (lambda: nn.PixelUnshuffle(1.5), ArgumentError, "downscale_factor is 1.5"),
        (lambda: F.channel_shuffle(cr.zeros(1, 3, 4), 2), ShapeError, "3 channels cannot be"),
        (lambda: F.channel_shuffle(cr.zeros(1, 3), 3), ShapeError, "input has 2 axes"),
        (lambda: nn.ChannelShuffle(True), ArgumentError, "groups is True"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(call: Any, error: Any, text: str) -> None:
    with pytest.raises(error, match=text):
        call()
