"""Answers to exam questions on attention: weights, heads, parts of a Transformer, positions."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy as sp

import chainrule as cr
from chainrule import nn
from chainrule.core.tensor import Tensor
from chainrule.nn import functional as F


def exact(data: Any) -> Tensor:
    return cr.tensor(data, dtype=cr.exact)


# -- paper 0, question 7: attention with logarithms ------------------------------------------------

LN_2, LN_3, ROOT_2 = sp.log(2), sp.log(3), sp.sqrt(2)
QUERIES = [[0, ROOT_2 * LN_2], [ROOT_2 * LN_2, ROOT_2 * LN_3]]
ANSWER = [[Fraction(2, 3), Fraction(1, 3)], [Fraction(3, 5), Fraction(2, 5)]]


def test_scaled_dot_product_attention_of_two_by_two_matrices() -> None:
    q, k, v = exact(QUERIES), exact([[1, 0], [0, 1]]), exact([[0, 1], [1, 0]])
    assert F.scaled_dot_product_attention(q, k, v).tolist() == ANSWER
    floats = (x.to(cr.float64) for x in (q, k, v))
    made = F.scaled_dot_product_attention(*floats)
    np.testing.assert_allclose(made.numpy(), [[2 / 3, 1 / 3], [3 / 5, 2 / 5]], rtol=1e-15)


def test_the_same_answer_from_the_layer() -> None:
    layer = nn.MultiheadAttention(2, 1, bias=False, dtype=cr.exact)
    unit = cr.eye(2).to(cr.exact)
    layer.load_state_dict({"in_proj_weight": cr.cat([unit] * 3), "out_proj.weight": unit})
    output, weights = layer(exact(QUERIES), unit, exact([[0, 1], [1, 0]]))
    assert output.tolist() == ANSWER
    assert weights.tolist() == [row[::-1] for row in ANSWER]


# -- paper 4, question 4b: statements about self-attention -----------------------------------------


def _tokens(dtype: Any = cr.float64) -> Tensor:
    values = np.random.default_rng(0).normal(size=(1, 5, 8))
    return cr.tensor(values, dtype=dtype, requires_grad=True)


@pytest.mark.parametrize("heads", [1, 2, 4])
def test_the_number_of_heads_is_a_choice_and_every_token_sees_all(heads: int) -> None:
    cr.manual_seed(1)
    layer = nn.MultiheadAttention(8, heads, batch_first=True, dtype=cr.float64)
    x = _tokens()
    output, weights = layer(x, x, x, average_attn_weights=False)
    assert output.shape == (1, 5, 8)
    assert weights.shape == (1, heads, 5, 5)
    np.testing.assert_allclose(weights.sum(-1).detach().numpy(), 1, rtol=1e-14)
    assert (weights > 0).all()  # I: no token is out of reach
    for i in range(5):
        (slope,) = cr.autograd.grad(output[0, i].sum(), x, retain_graph=True)
        assert (slope[0].abs().amax(-1) > 1e-6).all()


def _kinds(layer: nn.Module) -> set[str]:
    return {type(module).__name__ for module in layer.modules()}


def test_a_transformer_has_no_convolution_and_normalises_every_part() -> None:
    encoder = nn.TransformerEncoderLayer(8, 2, 16)
    decoder = nn.TransformerDecoderLayer(8, 2, 16)
    parts = {"Dropout", "LayerNorm", "Linear", "MultiheadAttention"}
    assert _kinds(encoder) == parts | {"TransformerEncoderLayer"}
    assert _kinds(decoder) == parts | {"TransformerDecoderLayer"}
    assert not any("Conv" in kind for kind in _kinds(nn.Transformer(8, 2, 1, 1, 16)))
    # one norm for each residual sum: attention and the hidden layer; in the decoder one more
    for layer, count in ((encoder, 2), (decoder, 3)):
        assert sum(isinstance(module, nn.LayerNorm) for module in layer.modules()) == count


def test_queries_keys_and_values_come_from_the_same_tokens_and_heads_differ() -> None:
    cr.manual_seed(2)
    layer = nn.MultiheadAttention(8, 2, batch_first=True, dtype=cr.float64)
    x = _tokens()
    for weight in layer.in_proj_weight.chunk(3):
        projected = F.linear(x, weight)
        (slope,) = cr.autograd.grad((projected**2).sum(), x)
        assert slope.abs().amin().item() > 0
    _, weights = layer(x, x, x, average_attn_weights=False)
    assert (weights[0, 0] - weights[0, 1]).abs().amax().item() > 0.01
    # in cross-attention keys and values come from elsewhere: the queries' tokens do not enter them
    other = _tokens().detach()
    keys = F.linear(other, layer.in_proj_weight.chunk(3)[1])
    assert cr.autograd.grad(keys.sum() + 0 * x.sum(), x)[0].abs().amax().item() == 0


# -- paper 4, question 4c: sinusoidal positions ----------------------------------------------------


def test_without_positions_self_attention_does_not_see_the_order() -> None:
    cr.manual_seed(3)
    layer = nn.TransformerEncoderLayer(8, 2, 16, 0.0, batch_first=True, dtype=cr.float64)
    x, order = _tokens().detach(), cr.tensor([3, 0, 4, 2, 1])
    permuted = layer(x[:, order]) - layer(x)[:, order]
    assert permuted.abs().amax().item() < 1e-14
    placed = nn.SinusoidalPositions(8, batch_first=True)
    moved = layer(placed(x[:, order])) - layer(placed(x))[:, order]
    assert moved.abs().amax().item() > 0.1


def test_a_row_further_on_is_the_row_turned() -> None:
    """PE(p + 7) = R PE(p), exactly, with one R for all p; the pairs (sin, cos) turn backwards."""
    table = F.sinusoidal_positions(10, 4, base=100.0, dtype=cr.exact)
    angle = exact([[7, Fraction(7, 10)]])
    turned = F.apply_rotary(table[:3], -angle)
    for a, b in zip(turned.flatten().tolist(), table[7:].flatten().tolist(), strict=True):
        assert sp.trigsimp(a) == b


def test_all_positions_differ_and_go_on_without_end() -> None:
    table = F.sinusoidal_positions(60, 16, dtype=cr.float64).numpy()
    apart = np.linalg.norm(table[:, None] - table[None], axis=-1)[~np.eye(60, dtype=bool)]
    assert round(apart.min(), 3) == 1.015
    far = F.sinusoidal_positions(5000, 16, dtype=cr.float64).numpy()
    np.testing.assert_allclose((far**2).sum(1), 8, rtol=1e-12)  # every row has the length √(d / 2)


def test_the_encoding_of_position_5() -> None:
    row = F.sinusoidal_positions(6, 512, dtype=cr.float64)[5].tolist()[:11]
    for i, entry in enumerate(row):
        angle = 5 / sp.Integer(10000) ** sp.Rational(2 * (i // 2), 512)
        assert abs(entry - (sp.cos(angle) if i % 2 else sp.sin(angle)).evalf(30)) < 1e-15
    assert [round(entry, 4) for entry in row] == [
        -0.9589, 0.2837, -0.9939, 0.1107, -0.9982, -0.0595, -0.975, -0.2221, -0.9277, -0.3733,
        -0.86,
    ]  # fmt: skip
    assert abs(row[0] + 0.9598) > 5e-4  # printed in the paper: two digits exchanged
