"""Where chance has a part, its distribution is PyTorch's: initial weights, and dropout."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import torch

import chainrule as cr
from tests.layers_parity.engine import exists, resolve

LAYERS: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("nn.Linear", (300, 200), {}),
    ("nn.Bilinear", (30, 20, 25), {}),
    ("nn.Conv1d", (40, 60, 7), {}),
    ("nn.Conv2d", (20, 30, (5, 3)), {"groups": 2}),
    ("nn.Conv3d", (10, 20, 3), {}),
    ("nn.ConvTranspose1d", (60, 40, 7), {}),
    ("nn.ConvTranspose2d", (20, 30, (5, 3)), {"groups": 2}),
    ("nn.ConvTranspose3d", (10, 20, 3), {}),
    ("nn.RNN", (30, 50), {"num_layers": 2}),
    ("nn.GRU", (30, 50), {"bidirectional": True}),
    ("nn.LSTM", (30, 50), {"proj_size": 20}),
    ("nn.LSTMCell", (30, 50), {}),
    ("nn.GRUCell", (30, 50), {}),
    ("nn.RNNCell", (30, 50), {}),
    ("nn.Embedding", (100, 40), {"padding_idx": 3}),
    ("nn.EmbeddingBag", (100, 40), {}),
    ("nn.MultiheadAttention", (64, 4), {"add_bias_kv": True}),
    ("nn.MultiheadAttention", (64, 4), {"kdim": 40, "vdim": 30}),
    ("nn.TransformerEncoderLayer", (32, 4), {"dim_feedforward": 64}),
    ("nn.TransformerDecoderLayer", (32, 4), {"dim_feedforward": 64}),
    ("nn.Transformer", (32, 4, 1, 1, 64), {}),
    ("nn.BatchNorm2d", (20,), {}),
    ("nn.InstanceNorm2d", (20,), {"affine": True, "track_running_stats": True}),
    ("nn.LayerNorm", (20,), {}),
    ("nn.GroupNorm", (4, 20), {}),
    ("nn.RMSNorm", (20,), {}),
    ("nn.PReLU", (20,), {}),
]


def layers() -> list[Any]:
    """Those that exist."""
    return [
        pytest.param(*layer, id=f"{layer[0]}-{i}")
        for i, layer in enumerate(LAYERS)
        if exists(cr, layer[0])
    ]


@pytest.mark.parametrize(("name", "args", "kwargs"), layers())
def test_initial_weights(name: str, args: Any, kwargs: Any) -> None:
    """Mean, deviation and extremes of each parameter; constants are equal."""
    torch.manual_seed(0)
    cr.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what PyTorch's Transformer could do faster
        theirs = resolve(torch, name)(*args, **kwargs).state_dict()
    ours = resolve(cr, name)(*args, **kwargs).state_dict()
    assert list(theirs) == list(ours)
    for key, given in theirs.items():
        a, b = given.numpy(), np.asarray(ours[key].numpy())
        assert a.dtype == b.dtype, key
        if a.size == 1 or a.std() == 0:
            assert np.array_equal(a, b), key
            continue
        bound = 8 / np.sqrt(a.size)  # eight deviations of what is estimated from so many
        assert abs(a.mean() - b.mean()) < bound * a.std(), key
        assert abs(a.std() - b.std()) < bound * a.std(), key
        uniform = a.max() < 2 * a.std()
        if uniform and a.size > 1000:
            assert (
                abs(a.max() - b.max()) < 0.02 * a.max() and abs(a.min() - b.min()) < 0.02 * a.max()
            )
        elif a.size > 1000:
            assert b.max() > 2 * b.std(), key


@pytest.mark.skipif(not exists(cr, "nn.Embedding"), reason="not there yet")
def test_a_padding_row_starts_at_zero() -> None:
    assert not np.asarray(cr.nn.Embedding(5, 3, padding_idx=2).weight[2].detach().numpy()).any()


DROPOUTS = [
    ("nn.Dropout", (40, 50), (0, 1)),
    ("nn.Dropout1d", (40, 50, 6), (0, 1)),
    ("nn.Dropout1d", (500, 6), (0,)),
    ("nn.Dropout2d", (40, 50, 3, 2), (0, 1)),
    ("nn.Dropout2d", (500, 3, 2), (0, 1)),  # three axes: batch, channels, length
    ("nn.Dropout3d", (40, 50, 2, 1, 2), (0, 1)),
]


@pytest.mark.parametrize(
    ("name", "shape", "axes"),
    [pytest.param(*d, id=f"{d[0]}-{len(d[1])}") for d in DROPOUTS if exists(cr, d[0])],
)
@pytest.mark.parametrize("p", [0.3, 0.75])
def test_dropout(name: str, shape: Any, axes: Any, p: float) -> None:
    """Whole channels become 0, p of them, the others are scaled; the gradient has the same mask."""
    cr.manual_seed(0)
    x = cr.rand(*shape, dtype=cr.float64).add(1.0).requires_grad_()
    y = resolve(cr, name)(p)(x)
    y.sum().backward()
    mask = np.asarray(y.detach().numpy()) / np.asarray(x.detach().numpy())
    dropped = mask == 0
    assert np.allclose(mask[~dropped], 1 / (1 - p), rtol=1e-12)
    assert np.allclose(np.asarray(x.grad.numpy()), mask, rtol=1e-12)
    inside = tuple(range(len(axes), len(shape)))
    assert (dropped.all(inside) == dropped.any(inside)).all()
    share = dropped.all(inside).mean()
    assert abs(share - p) < 5 * np.sqrt(p * (1 - p) / np.prod([shape[i] for i in axes]))


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        pytest.param(name, shape, id=name)
        for name, shape in [
            ("nn.AlphaDropout", (100, 100)),
            ("nn.FeatureAlphaDropout", (9000, 3, 4)),
        ]
        if exists(cr, name)
    ],
)
def test_alpha_dropout(name: str, shape: Any) -> None:
    """Two affine maps, with PyTorch's numbers; mean 0 and variance 1 stay, nearly."""
    p, alpha = 0.3, 1.7580993408473766
    a = ((1 - p) * (1 + p * alpha**2)) ** -0.5
    cr.manual_seed(0)
    x = cr.randn(*shape, dtype=cr.float64)
    made = np.asarray(resolve(cr, name)(p)(x).numpy())
    kept = a * np.asarray(x.numpy()) + a * alpha * p
    lost = -a * alpha + a * alpha * p
    at = np.abs(made - lost) < 1e-6
    assert np.allclose(made[~at], kept[~at], atol=1e-6)
    inside = tuple(range(2, len(shape)))
    assert (at.all(inside) == at.any(inside)).all()
    assert abs(at.mean() - p) < 0.02
    assert abs(made.mean()) < 0.05 and abs(made.std() - 1) < 0.05
