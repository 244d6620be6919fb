"""Layers on the device "meta": the shapes, names and types that they have with values."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

import chainrule as cr
from chainrule import nn

IMAGE, ROWS = (2, 4, 6, 6), (2, 5, 8)
LAYERS: dict[str, tuple[dict[str, Any], Any]] = {
    "BatchNorm1d": ({"num_features": 5}, ROWS),
    "BatchNorm2d": ({"num_features": 4}, IMAGE),
    "BatchNorm3d": ({"num_features": 4}, (2, 4, 3, 3, 3)),
    "Bilinear": ({"in1_features": 8, "in2_features": 8, "out_features": 3}, [ROWS, ROWS]),
    "Conv1d": ({"in_channels": 5, "out_channels": 3, "kernel_size": 3}, ROWS),
    "Conv2d": (
        {"in_channels": 4, "out_channels": 3, "kernel_size": 3, "padding_mode": "circular",
         "padding": 1}, IMAGE
    ),
    "Conv3d": ({"in_channels": 4, "out_channels": 3, "kernel_size": 2}, (2, 4, 3, 3, 3)),
    "ConvTranspose1d": ({"in_channels": 5, "out_channels": 3, "kernel_size": 3}, ROWS),
    "ConvTranspose2d": ({"in_channels": 4, "out_channels": 3, "kernel_size": 3}, IMAGE),
    "ConvTranspose3d": ({"in_channels": 4, "out_channels": 3, "kernel_size": 2}, (2, 4, 3, 3, 3)),
    "EmbeddingBag": ({"num_embeddings": 9, "embedding_dim": 3}, "tokens"),
    "Embedding": ({"num_embeddings": 9, "embedding_dim": 3, "padding_idx": 0}, "tokens"),
    "GroupNorm": ({"num_groups": 2, "num_channels": 4}, IMAGE),
    "GRU": ({"input_size": 8, "hidden_size": 3, "dropout": 0.5, "num_layers": 2}, ROWS),
    "GRUCell": ({"input_size": 8, "hidden_size": 3}, (2, 8)),
    "InstanceNorm1d": ({"num_features": 5, "affine": True}, ROWS),
    "InstanceNorm2d": ({"num_features": 4, "track_running_stats": True}, IMAGE),
    "InstanceNorm3d": ({"num_features": 4}, (2, 4, 3, 3, 3)),
    "JordanRNN": ({"input_size": 8, "hidden_size": 3, "output_size": 2}, ROWS),
    "JordanCell": ({"input_size": 8, "hidden_size": 3, "output_size": 2}, (2, 8)),
    "LayerNorm": ({"normalized_shape": 8}, ROWS),
    "LearnedPositions": ({"max_len": 9, "dim": 8}, ROWS),
    "Linear": ({"in_features": 8, "out_features": 3}, ROWS),
    "LSTM": ({"input_size": 8, "hidden_size": 3, "bidirectional": True}, ROWS),
    "LSTMCell": ({"input_size": 8, "hidden_size": 3}, (2, 8)),
    "MultiheadAttention": (
        {"embed_dim": 8, "num_heads": 2, "dropout": 0.5, "add_bias_kv": True,
         "add_zero_attn": True}, [ROWS] * 3
    ),
    "PReLU": ({"num_parameters": 5}, ROWS),
    "RMSNorm": ({"normalized_shape": 8}, ROWS),
    "RNN": ({"input_size": 8, "hidden_size": 3}, ROWS),
    "RNNCell": ({"input_size": 8, "hidden_size": 3}, (2, 8)),
    "ScaleShift": ({"num_features": 5}, ROWS),
    "Transformer": (
        {"d_model": 8, "nhead": 2, "num_encoder_layers": 1, "num_decoder_layers": 1,
         "dim_feedforward": 6}, [ROWS, ROWS]
    ),
    "TransformerDecoderLayer": ({"d_model": 8, "nhead": 2, "dim_feedforward": 6}, [ROWS, ROWS]),
    "TransformerEncoderLayer": ({"d_model": 8, "nhead": 2, "dim_feedforward": 6}, ROWS),
    "Dropout": ({}, ROWS),
    "Dropout1d": ({}, ROWS),
    "Dropout2d": ({}, IMAGE),
    "AlphaDropout": ({}, ROWS),
    "FeatureAlphaDropout": ({}, IMAGE),
    "MaxPool2d": ({"kernel_size": 2, "ceil_mode": True}, IMAGE),
    "AvgPool2d": ({"kernel_size": 3, "padding": 1}, IMAGE),
    "AdaptiveAvgPool2d": ({"output_size": 4}, IMAGE),
    "AdaptiveMaxPool2d": ({"output_size": 4}, IMAGE),
    "FractionalMaxPool2d": ({"kernel_size": 2, "output_size": 3}, IMAGE),
    "Upsample": ({"scale_factor": 2, "mode": "bilinear"}, IMAGE),
    "LocalResponseNorm": ({"size": 2}, IMAGE),
    "RReLU": ({}, ROWS),
    "Fold": ({"output_size": (4, 4), "kernel_size": 2}, (2, 8, 9)),
    "Unfold": ({"kernel_size": 2}, IMAGE),
    "LPPool2d": ({"norm_type": 2, "kernel_size": 2}, IMAGE),
    "MaskDropout": ({"distribution": cr.distributions.Bernoulli(0.5)}, ROWS),
    "PixelShuffle": ({"upscale_factor": 2}, IMAGE),
    "ChannelShuffle": ({"groups": 2}, IMAGE),
    "ReflectionPad2d": ({"padding": 1}, IMAGE),
    "ReplicationPad2d": ({"padding": 1}, IMAGE),
    "CircularPad2d": ({"padding": 1}, IMAGE),
    "BCEWithLogitsLoss": ({"reduction": "none"}, [ROWS, ROWS]),
    "CrossEntropyLoss": ({"label_smoothing": 0.1}, [ROWS, (2, 5, 8)]),
    "CosineEmbeddingLoss": ({}, [(5, 8), (5, 8), (5,)]),
    "GaussianNLLLoss": ({"full": True}, [ROWS, ROWS, ROWS]),
    "HuberLoss": ({}, [ROWS, ROWS]),
    "PairwiseDistance": ({}, [ROWS, ROWS]),
    "TripletMarginLoss": ({}, [ROWS, ROWS, ROWS]),
    "SinusoidalPositions": ({"dim": 8}, ROWS),
    "RotaryEmbedding": ({"dim": 8}, ROWS),
}  # fmt: skip
"""By name, arguments and the shapes of what the layer takes."""

THERE = [name for name in LAYERS if hasattr(nn, name)]


def given(shapes: Any) -> list[cr.Tensor]:
    if shapes == "tokens":
        return [cr.zeros(2, 5, dtype=cr.int64)]
    return [cr.rand(*shape) for shape in (shapes if isinstance(shapes, list) else [shapes])]


def results(made: Any) -> list[cr.Tensor]:
    parts = made if isinstance(made, tuple) else (made,)
    return [t for part in parts for t in ([part] if isinstance(part, cr.Tensor) else results(part))]


def described(net: nn.Module) -> dict[str, Any]:
    return {name: (value.shape, value.dtype) for name, value in net.state_dict().items()}


def test_no_layer_that_takes_a_device_is_left_out() -> None:
    kinds = [getattr(nn, name) for name in nn.__all__]
    layers = [k for k in kinds if inspect.isclass(k) and issubclass(k, nn.Module)]
    taking = [k.__name__ for k in layers if "device" in inspect.signature(k).parameters]
    assert [name for name in taking if name not in LAYERS] == []


@pytest.mark.parametrize("name", THERE)
def test_shapes_are_those_with_values(name: str) -> None:
    arguments, shapes = LAYERS[name]
    layer = getattr(nn, name)
    with cr.device("meta"):
        net = layer(**arguments)
    other: Callable[..., nn.Module] = layer
    with_values = other(**arguments)
    assert described(net) == described(with_values) and repr(net) == repr(with_values)
    assert all(t.is_meta for t in (*net.parameters(), *net.buffers()))
    wanted = results(with_values(*given(shapes)))
    made = results(net(*(x.to("meta") for x in given(shapes))))
    assert [(m.is_meta, m.shape, m.dtype) for m in made] == [
        (True, w.shape, w.dtype) for w in wanted
    ]
    if made[0].requires_grad:
        made[0].sum().backward()
        assert all(p.grad is None or p.grad.is_meta for p in net.parameters())


@pytest.mark.parametrize(
    "name", [n for n in THERE if "device" in inspect.signature(getattr(nn, n)).parameters]
)
def test_the_argument_is_heeded(name: str) -> None:
    arguments, _ = LAYERS[name]
    net = getattr(nn, name)(**arguments, device="meta", dtype=cr.float64)
    assert all(t.is_meta for t in (*net.parameters(), *net.buffers()))
    assert all(p.dtype is cr.float64 for p in net.parameters())
    with pytest.raises(cr.errors.ArgumentError, match="there is no device 'tpu'"):
        getattr(nn, name)(**arguments, device="tpu")
