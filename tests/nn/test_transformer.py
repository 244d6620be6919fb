"""Transformers beside PyTorch's: layers, stacks, masks, starting values, errors."""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np
import pytest
import torch

import chainrule as cr
from chainrule import nn
from chainrule.core.errors import ArgumentError, ChainruleError, ShapeError
from tests.nn.twins import agree, both, close, draws, twins

WIDTH, HEADS, HIDDEN, BATCH, SOURCE, TARGET = 4, 2, 6, 3, 5, 2
SIZES = (WIDTH, HEADS, HIDDEN, 0.0)
LAYERS: list[dict[str, Any]] = [
    {},
    {"norm_first": True, "batch_first": True},
    {"activation": "gelu", "layer_norm_eps": 0.1},
    {"bias": False, "norm_first": True},
]
CAUSAL = np.triu(np.ones((SOURCE, SOURCE), bool), 1)
PADDING = np.array([[False] * 4 + [True], [False] * 5, [False, True, True, True, False]])


def sequence(length: int, options: dict[str, Any], batch: int | None = BATCH, seed: int = 1) -> Any:
    """A sequence for a layer, as a pair of equal tensors."""
    first = options.get("batch_first")
    shape = (length, WIDTH) if batch is None else (length, batch, WIDTH)
    turned = (shape[1], shape[0], WIDTH) if first and batch is not None else shape
    return draws(turned, seed=seed)[0]


@pytest.mark.parametrize("options", LAYERS)
@pytest.mark.parametrize("batch", [BATCH, None])
def test_encoder_layers_are_torchs(options: dict[str, Any], batch: int | None) -> None:
    mine, other = twins("TransformerEncoderLayer", *SIZES, **options)
    agree(mine, other, [sequence(SOURCE, options, batch)])


@pytest.mark.parametrize("options", LAYERS)
@pytest.mark.parametrize("batch", [BATCH, None])
def test_decoder_layers_are_torchs(options: dict[str, Any], batch: int | None) -> None:
    mine, other = twins("TransformerDecoderLayer", *SIZES, **options)
    tgt, memory = sequence(TARGET, options, batch), sequence(SOURCE, options, batch, seed=2)
    agree(mine, other, [tgt, memory])


def test_activations_that_are_modules_or_functions() -> None:
    mine, other = (
        lib.TransformerEncoderLayer(*SIZES, activation=lib.SiLU()) for lib in (nn, torch.nn)
    )
    assert [name for name, _ in mine.named_modules()] == [n for n, _ in other.named_modules()]
    assert nn.TransformerEncoderLayer(*SIZES, activation=cr.tanh).activation is cr.tanh


MASKS: list[dict[str, Any]] = [
    {"src_mask": CAUSAL},
    {"src_mask": np.where(CAUSAL, -np.inf, 0.0), "is_causal": True},
    {"src_key_padding_mask": PADDING},
    {"src_mask": CAUSAL, "src_key_padding_mask": PADDING},
]


@pytest.mark.parametrize("masks", MASKS)
def test_masks_of_an_encoder_layer(masks: dict[str, Any]) -> None:
    mine, other = twins("TransformerEncoderLayer", *SIZES, batch_first=True)
    given = {k: both(v) if isinstance(v, np.ndarray) else v for k, v in masks.items()}
    agree(mine, other, [sequence(SOURCE, {"batch_first": True})], **given)


def test_masks_of_a_decoder_layer() -> None:
    mine, other = twins("TransformerDecoderLayer", *SIZES)
    agree(
        mine, other, [sequence(TARGET, {}), sequence(SOURCE, {}, seed=2)],
        tgt_mask=both(CAUSAL[:TARGET, :TARGET]), tgt_is_causal=True,
        memory_mask=both(CAUSAL[:TARGET]),
        memory_key_padding_mask=both(PADDING & (np.arange(SOURCE) > 0)),
    )  # fmt: skip


@pytest.mark.parametrize("norm", [False, True])
def test_stacks_are_torchs(norm: bool) -> None:
    made = []
    for lib, dtype in ((nn, cr.float64), (torch.nn, torch.float64)):
        layer = lib.TransformerEncoderLayer(*SIZES, dtype=dtype)
        last = lib.LayerNorm(WIDTH, dtype=dtype) if norm else None
        made.append(lib.TransformerEncoder(layer, 2, last, enable_nested_tensor=False))
    mine, other = made
    state = other.state_dict()
    assert list(mine.state_dict()) == list(state)
    mine.load_state_dict({k: cr.tensor(v.numpy()) for k, v in state.items()})
    agree(mine, other, [sequence(SOURCE, {})], mask=both(CAUSAL))


@pytest.mark.parametrize("options", LAYERS[:2])
@pytest.mark.parametrize("batch", [BATCH, None])
def test_the_whole_is_torchs(options: dict[str, Any], batch: int | None) -> None:
    mine, other = twins("Transformer", WIDTH, HEADS, 2, 1, HIDDEN, 0.0, **options)
    source, target = sequence(SOURCE, options, batch), sequence(TARGET, options, batch, seed=2)
    causal = [
        lib.Transformer.generate_square_subsequent_mask(TARGET, dtype=dtype)
        for lib, dtype in ((nn, cr.float64), (torch.nn, torch.float64))
    ]
    padding = both(PADDING if batch else PADDING[0])
    agree(mine, other, [source, target], tgt_mask=tuple(causal), src_key_padding_mask=padding,
          memory_key_padding_mask=padding)  # fmt: skip


def test_evaluation_has_torchs_numbers() -> None:
    mine, other = twins("TransformerEncoderLayer", WIDTH, HEADS, HIDDEN, 0.5, batch_first=True)
    x, y = sequence(SOURCE, {"batch_first": True})
    with torch.no_grad():
        close(mine.eval()(x), other.eval()(y))
    cr.manual_seed(0)
    assert (mine.train()(x) - mine(x)).abs().max().item() > 0.01


def test_layers_of_a_stack_start_alike_and_are_separate() -> None:
    layer = nn.TransformerEncoderLayer(WIDTH, HEADS, HIDDEN)
    stack = nn.TransformerEncoder(layer, 2)
    first, second = stack.layers
    for p, q, r in zip(layer.parameters(), first.parameters(), second.parameters(), strict=True):
        assert p.tolist() == q.tolist() == r.tolist()
    stack(cr.ones(1, 1, WIDTH)).sum().backward()
    assert layer.linear1.weight.grad is None
    with cr.no_grad():
        first.linear1.weight.zero_()
    assert layer.linear1.weight.any() and second.linear1.weight.any()
    assert copy.deepcopy(stack)(cr.ones(1, 1, WIDTH)).shape == (1, 1, WIDTH)
    names = [name for name, _ in stack.named_parameters()]
    assert names[0] == "layers.0.self_attn.in_proj_weight"


def test_stacks_are_written_as_torchs() -> None:
    made = [lib.ModuleList([lib.Linear(2, 2), lib.Linear(2, 2), lib.ReLU(), lib.Linear(2, 2)])
            for lib in (nn, torch.nn)]  # fmt: skip
    assert repr(made[0]) == repr(made[1])
    assert repr(nn.ModuleList()) == "ModuleList()"
    assert "(0-1): 2 x TransformerEncoderLayer(\n" in repr(
        nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 8), 2)
    )


def test_starting_values() -> None:
    cr.manual_seed(0)
    net = nn.Transformer(64, 4, 1, 1, 96)
    bound = math.sqrt(6 / (64 + 96))
    weights = net.decoder.layers[0].linear1.weight.detach().numpy()
    assert np.abs(weights).max() <= bound
    assert abs(weights.std() - bound / math.sqrt(3)) < 0.05 * bound
    other = torch.nn.Transformer(64, 4, 1, 1, 96, batch_first=True)
    for twin, mine in zip(other.parameters(), net.parameters(), strict=True):
        assert abs(twin.std(unbiased=False).item() - mine.std(correction=0).item()) < 0.02


def test_stacks_of_ones_own() -> None:
    class Plain(nn.Module):
        def forward(self, *sequences: Any, **masks: Any) -> Any:
            return sequences[0]

    net = nn.Transformer(WIDTH, HEADS, custom_encoder=Plain(), custom_decoder=Plain())
    target = cr.ones(1, 1, WIDTH)
    assert net(cr.zeros(2, 1, WIDTH), target).tolist() == target.tolist()


def test_a_compiled_step_is_the_eager_one() -> None:
    mine, _ = twins("TransformerEncoderLayer", *SIZES, batch_first=True)
    x = sequence(SOURCE, {"batch_first": True})[0]
    loss = cr.grad(lambda x: (mine(x, src_mask=cr.tensor(CAUSAL)) ** 2).sum())
    close(cr.compile(loss)(x), loss(x), 1e-13)


def test_second_derivatives_are_torchs() -> None:
    mine, other = twins("TransformerEncoderLayer", *SIZES, activation="gelu")
    (x, y) = sequence(SOURCE, {})
    found = []
    with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        for layer, given, grad in ((mine, x, cr.autograd.grad), (other, y, torch.autograd.grad)):
            (g,) = grad((layer(given) ** 2).sum(), given, create_graph=True)
            (g * g).sum().backward()
            found.append(given.grad)
    close(*found, bound=1e-9)


def test_exact_numbers_pass_through_a_layer() -> None:
    layer = nn.TransformerEncoderLayer(2, 1, 2, 0.0, norm_first=True, dtype=cr.exact)
    with cr.no_grad():
        for p in layer.parameters():
            p.copy_(cr.ones(*p.shape, dtype=cr.exact))
    x = cr.tensor([[1, 3]], dtype=cr.exact)
    made = layer(x).tolist()[0]
    as_floats = layer.double()(cr.tensor([[1.0, 3.0]], dtype=cr.float64)).tolist()[0]
    assert [float(v) for v in made] == pytest.approx(as_floats, abs=1e-12)


def test_sizes_may_be_symbols() -> None:
    layer = nn.TransformerEncoderLayer(WIDTH, HEADS, HIDDEN, batch_first=True)
    graph = cr.capture(layer, cr.spec("B", "T", WIDTH))
    assert [str(size) for size in graph.nodes[-1].shape] == ["B", "T", str(WIDTH)]


NET = nn.Transformer(WIDTH, HEADS, 1, 1, HIDDEN)
X = cr.ones(SOURCE, BATCH, WIDTH)
REFUSED: list[tuple[Any, type[ChainruleError], str]] = [
    (lambda: nn.TransformerEncoderLayer(4, 3), ArgumentError, "cannot be shared out among 3"),
    (lambda: nn.TransformerEncoderLayer(4, 2, activation="tanh"), ArgumentError, "is 'tanh'"),
    (lambda: nn.TransformerEncoderLayer(4, 2, dropout=2.0), ArgumentError, "from 0 to 1, not 2.0"),
    (lambda: nn.TransformerDecoderLayer(4, 2, -1), ArgumentError, "is -1"),
    (lambda: nn.TransformerEncoder(NET.encoder, -1), ArgumentError, "num_layers is -1"),
    (lambda: nn.TransformerDecoder(NET.encoder, True), ArgumentError, "num_layers is True"),
    (lambda: NET(X, X[0, 0]), ShapeError, "a sequence has 3 axes, or 2 without a batch"),
    (lambda: NET(X, X[:, :1]), ShapeError, "src and tgt are of batches of different size"),
    (lambda: NET(X[..., :2], X), ShapeError, "src and tgt are not both 4 wide, as d_model"),
    (lambda: NET.encoder(X, is_causal=True), ArgumentError, "attn_mask is causal, and there is"),
]


@pytest.mark.parametrize(("call", "error", "words"), REFUSED)
def test_refused(call: Any, error: type[ChainruleError], words: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert words in str(caught.value)
