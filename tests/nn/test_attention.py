"""Attention with heads beside PyTorch: values, gradients, masks, starting values, errors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch

import chainrule as cr
from chainrule import nn
from chainrule.core.errors import ArgumentError, ChainruleError, DTypeError, ShapeError
from tests.nn.twins import agree, both, close, draws, twins

WIDTH, HEADS, BATCH, QUERIES, KEYS = 4, 2, 3, 2, 5


LAYERS = [
    {},
    {"bias": False},
    {"batch_first": True},
    {"add_bias_kv": True},
    {"add_zero_attn": True},
    {"kdim": 3, "vdim": 6},
    {"kdim": 3, "add_bias_kv": True, "add_zero_attn": True, "batch_first": True},
]
CALLS = [
    {},
    {"need_weights": False},
    {"average_attn_weights": False},
]


def sequences(options: dict[str, Any], batch: int | None = BATCH) -> list[tuple[Any, Any]]:
    """Query, key and value for a layer."""
    shapes = []
    widths = (WIDTH, options.get("kdim", WIDTH), options.get("vdim", WIDTH))
    for length, width in zip((QUERIES, KEYS, KEYS), widths, strict=True):
        shape = (length, width) if batch is None else (length, batch, width)
        turned = options.get("batch_first") and batch is not None
        shapes.append((shape[1], shape[0], width) if turned else shape)
    return draws(*shapes)


@pytest.mark.parametrize("options", LAYERS)
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("batch", [BATCH, None])
def test_values_and_gradients_are_torchs(
    options: dict[str, Any], call: dict[str, Any], batch: int | None
) -> None:
    mine, other = twins("MultiheadAttention", WIDTH, HEADS, **options)
    agree(mine, other, sequences(options, batch), **call)


RNG = np.random.default_rng(5)
PADDING = np.array([[False] * 4 + [True], [False] * 5, [True, False, True, True, False]])
BOOL = RNG.random((BATCH * HEADS, QUERIES, KEYS)) < 0.4
BOOL[..., 1] = False
FLOAT = np.where(BOOL, -np.inf, RNG.normal(size=BOOL.shape))
MASKS = [
    {"key_padding_mask": PADDING},
    {"key_padding_mask": np.where(PADDING, -np.inf, 0.5)},
    {"attn_mask": BOOL[0]},
    {"attn_mask": BOOL},
    {"attn_mask": FLOAT[0]},
    {"attn_mask": FLOAT},
    {"attn_mask": BOOL[1], "key_padding_mask": PADDING & (np.arange(5) != 1)},
    {"attn_mask": FLOAT, "key_padding_mask": PADDING & (np.arange(5) != 1)},
]


@pytest.mark.parametrize("masks", MASKS)
@pytest.mark.parametrize("options", [{}, {"add_bias_kv": True, "add_zero_attn": True}])
@pytest.mark.parametrize("need_weights", [True, False])
def test_masks_are_torchs(masks: Any, options: dict[str, Any], need_weights: bool) -> None:
    mine, other = twins("MultiheadAttention", WIDTH, HEADS, **options)
    given = {name: both(mask) for name, mask in masks.items()}
    agree(mine, other, sequences(options), need_weights=need_weights, **given)


@pytest.mark.parametrize("need_weights", [True, False])
def test_the_causal_mask_and_its_hint(need_weights: bool) -> None:
    mine, other = twins("MultiheadAttention", WIDTH, HEADS)
    ours, theirs = draws((5, BATCH, WIDTH))[0]
    mask = both(np.triu(np.ones((5, 5), bool), 1))
    agree(mine, other, [(ours, theirs)] * 3, attn_mask=mask, is_causal=True,
          need_weights=need_weights)  # fmt: skip


def test_a_query_that_may_read_no_key() -> None:
    mine, other = twins("MultiheadAttention", WIDTH, HEADS)
    inputs = sequences({})
    mask = both(np.ones((BATCH, KEYS), bool))
    agree(mine, other, inputs, key_padding_mask=mask, need_weights=False)
    output, weights = mine(*(x for x, _ in inputs), key_padding_mask=mask[0])
    assert all(map(math.isnan, output.flatten().tolist() + weights.flatten().tolist()))


def test_evaluation_has_torchs_numbers() -> None:
    mine, other = twins("MultiheadAttention", WIDTH, HEADS, 0.5, batch_first=True)
    x, y = draws((BATCH, KEYS, WIDTH))[0]
    with torch.no_grad():
        wanted = other.eval()(y, y, y)
    for a, b in zip(mine.eval()(x, x, x), wanted, strict=True):
        close(a, b)


def test_dropout_drops_weights_in_training_only() -> None:
    cr.manual_seed(0)
    layer = nn.MultiheadAttention(WIDTH, HEADS, dropout=0.5)
    x = cr.rand(20, 2, WIDTH)
    _, weights = layer(x, x, x, average_attn_weights=False)
    dropped = (weights == 0).double().mean().item()
    assert 0.4 < dropped < 0.6
    assert layer(x, x, x, need_weights=False)[1] is None
    assert (layer.eval()(x, x, x)[1] > 0).all()


def test_static_keys_and_values() -> None:
    mine, other = twins("MultiheadAttention", WIDTH, HEADS)
    (q, p), (k, l) = draws((QUERIES, BATCH, WIDTH), (BATCH * HEADS, KEYS, WIDTH // HEADS))
    found = []
    for lib, layer, x, s in ((cr, mine, q, k), (torch, other, p, l)):
        found.append(lib.nn.functional.multi_head_attention_forward(
            x, x, x, WIDTH, HEADS, layer.in_proj_weight, layer.in_proj_bias, None, None, False,
            0.0, layer.out_proj.weight, layer.out_proj.bias, static_k=s, static_v=s,
        ))  # fmt: skip
    for a, b in zip(*found, strict=True):
        close(a, b)


def test_starting_values() -> None:
    cr.manual_seed(0)
    layer = nn.MultiheadAttention(64, 4, add_bias_kv=True)
    bound = math.sqrt(6 / (64 * 3 + 64))
    weights = layer.in_proj_weight.detach().numpy()
    assert np.abs(weights).max() <= bound
    assert abs(weights.std() - bound / math.sqrt(3)) < 0.05 * bound
    assert not layer.in_proj_bias.any()
    assert not layer.out_proj.bias.any()
    assert layer.bias_k.any()


def test_weights_that_are_fractions() -> None:
    layer = nn.MultiheadAttention(1, 1, bias=False, dtype=cr.exact)
    layer.load_state_dict({
        "in_proj_weight": cr.ones(3, 1, dtype=cr.exact),
        "out_proj.weight": cr.ones(1, 1, dtype=cr.exact),
    })  # fmt: skip
    q = cr.ones(1, 1, dtype=cr.exact)
    k = cr.tensor([2, 3, 5], dtype=cr.exact).log().reshape(3, 1)
    _, weights = layer(q, k, k)
    assert [str(w) for w in weights.tolist()[0]] == ["1/5", "3/10", "1/2"]
    masked = cr.tensor([False, False, True])
    _, weights = layer(q, k, k, key_padding_mask=masked)
    assert [str(w) for w in weights.tolist()[0]] == ["2/5", "3/5", "0"]


def test_compiled_is_eager() -> None:
    mine, _ = twins("MultiheadAttention", WIDTH, HEADS, batch_first=True)
    x, mask = draws((BATCH, KEYS, WIDTH))[0][0], cr.tensor(PADDING)

    def loss(x: Any) -> Any:
        output, weights = mine(x, x, x, key_padding_mask=mask)
        return (output**2).sum() + (weights**2).sum()

    close(cr.compile(cr.grad(loss))(x), cr.grad(loss)(x), 1e-13)


def test_sizes_may_be_symbols() -> None:
    layer = nn.MultiheadAttention(WIDTH, HEADS, batch_first=True)
    graph = cr.capture(lambda x: layer(x, x, x)[1], cr.spec("B", "T", WIDTH))
    assert [str(size) for size in graph.nodes[-1].shape] == ["B", "T", "T"]


X = cr.ones(KEYS, BATCH, WIDTH)
LAYER = nn.MultiheadAttention(WIDTH, HEADS)
REFUSED: list[tuple[Any, type[ChainruleError], str]] = [
    (
        lambda: nn.MultiheadAttention(5, 2),
        ArgumentError,
        "embed_dim 5 cannot be shared out among 2",
    ),
    (lambda: nn.MultiheadAttention(0, 2), ArgumentError, "embed_dim is 0"),
    (lambda: nn.MultiheadAttention(4, True), ArgumentError, "num_heads is True"),
    (lambda: nn.MultiheadAttention(4, 2.0), ArgumentError, "num_heads is 2.0"),
    (lambda: nn.MultiheadAttention(4, 2, kdim=-1), ArgumentError, "kdim is -1"),
    (lambda: nn.MultiheadAttention(4, 2, 1.5), ArgumentError, "from 0 to 1, not 1.5"),
    (lambda: nn.MultiheadAttention(4, 2, True), ArgumentError, "from 0 to 1, not True"),
    (lambda: nn.MultiheadAttention(4, 2, "a"), ArgumentError, "from 0 to 1, not 'a'"),
    (lambda: LAYER(X[0, 0], X, X), ShapeError, "takes 3 axes each, or 2 without a batch"),
    (lambda: LAYER(X, X[0], X), ShapeError, "takes 3 axes each, or 2 without a batch"),
    (lambda: LAYER(X[..., :2], X, X), ShapeError, "the query is 2 wide, and embed_dim is 4"),
    (lambda: LAYER(X, X, X[1:]), ShapeError, "there is one value for each key"),
    (lambda: LAYER(X[:, :1], X, X), ShapeError, "batches of different size"),
    (lambda: LAYER(X, X, X, is_causal=True), ArgumentError, "attn_mask is causal, and there is"),
    (lambda: LAYER(X, X, X, cr.zeros(5, 3)), ShapeError, "key_padding_mask has shape (5, 3)"),
    (lambda: LAYER(X, X, X, attn_mask=cr.zeros(3, 5)), ShapeError, "attn_mask has shape (3, 5)"),
    (lambda: LAYER(X, X, X, attn_mask=X.long()[:, 0]), DTypeError, "attn_mask is of type int64"),
]


@pytest.mark.parametrize(("call", "error", "words"), REFUSED)
def test_refused(call: Any, error: type[ChainruleError], words: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert words in str(caught.value)


def test_parameters_that_do_not_belong_together_are_refused() -> None:
    bare = [X, X, X, WIDTH, HEADS]
    out = (LAYER.out_proj.weight, None)
    weight, bias = LAYER.in_proj_weight, cr.ones(1, 1, WIDTH)
    forward = nn.functional.multi_head_attention_forward
    static = cr.ones(BATCH * HEADS, KEYS, 2)
    for args, options, words in (
        ((None, None, None, None), {}, "a weight that projects query, key or value is None"),
        ((weight, None, bias, None), {}, "bias_k and bias_v come together"),
        ((weight, None, bias, bias), {"static_k": static}, "cannot be added to static_k"),
    ):
        with pytest.raises(ArgumentError) as caught:
            forward(*bare, *args, False, 0.0, *out, **options)
        assert words in str(caught.value)
    with pytest.raises(ShapeError) as raised:
        forward(*bare, weight, None, None, None, False, 0.0, *out, static_k=static[1:])
    assert raised.value.fact == "static_k has shape (5, 5, 2)"


def test_the_working_is_that_of_the_text() -> None:
    layer = nn.MultiheadAttention(2, 1, bias=False)
    x, unit = cr.tensor([[1.0, 2.0], [3.0, -1.0]]), cr.eye(2)
    layer.load_state_dict({"in_proj_weight": cr.cat([unit] * 3), "out_proj.weight": unit})
    for need_weights, rows in ((True, "q k v weights heads"), (False, "q k v heads")):
        loss = layer(x, x, x, need_weights=need_weights)[0].sum()
        found = [row.name for row in cr.explain(loss).forward]
        assert found == ["W_q", "W_k", "W_v", *rows.split(), "joined", "loss"]
