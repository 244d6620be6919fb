"""Positions: the table of sines, learned rows, rotations."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch

import chainrule as cr
from chainrule import nn
from chainrule.core.errors import ArgumentError, ChainruleError, ShapeError
from chainrule.nn.functional import apply_rotary, sinusoidal_positions


@pytest.mark.parametrize("dim", [1, 2, 5, 8])
def test_the_table_is_that_of_the_formula(dim: int) -> None:
    table = sinusoidal_positions(7, dim, dtype=cr.float64)
    for p in range(7):
        for k in range(dim):
            angle = p / 10000 ** (2 * (k // 2) / dim)
            wanted = math.cos(angle) if k % 2 else math.sin(angle)
            assert table[p, k].item() == pytest.approx(wanted, abs=1e-15)
    assert sinusoidal_positions(7, dim).dtype is cr.float32


def test_the_table_is_that_of_the_usual_script() -> None:
    position = torch.arange(50).unsqueeze(1)
    rates = torch.exp(torch.arange(0, 16, 2) * (-math.log(10000.0) / 16))
    wanted = torch.zeros(50, 16)
    wanted[:, 0::2], wanted[:, 1::2] = torch.sin(position * rates), torch.cos(position * rates)
    np.testing.assert_allclose(sinusoidal_positions(50, 16).numpy(), wanted.numpy(), atol=1e-5)


def test_exact_entries_are_sines_of_roots() -> None:
    row = sinusoidal_positions(4, 8, base=16.0, dtype=cr.exact).tolist()[3]
    assert [str(v) for v in row[:6]] == [
        "sin(3)", "cos(3)", "sin(3/2)", "cos(3/2)", "sin(3/4)", "cos(3/4)",
    ]  # fmt: skip


def test_sizes_may_be_symbols() -> None:
    graph = cr.capture(nn.SinusoidalPositions(4, batch_first=True), cr.spec("B", "T", 4))
    assert [str(size) for size in graph.nodes[-1].shape] == ["B", "T", "4"]
    made = cr.run(graph, cr.zeros(1, 3, 4))
    np.testing.assert_array_equal(made.numpy()[0], sinusoidal_positions(3, 4).numpy())


def test_positions_are_added_along_the_sequence() -> None:
    table = sinusoidal_positions(3, 4).numpy()
    for batch_first, shape, at in (
        (False, (3, 2, 4), (slice(None), 1)),
        (True, (2, 3, 4), (1,)),
        (True, (3, 4), ()),
    ):
        made = nn.SinusoidalPositions(4, batch_first=batch_first)(cr.ones(*shape))
        assert made.dtype is cr.float32
        np.testing.assert_allclose(made.numpy()[at], 1 + table, rtol=1e-6)


def test_learned_positions_are_trained() -> None:
    cr.manual_seed(0)
    layer = nn.LearnedPositions(200, 30)
    assert abs(layer.weight.std().item() - 0.02) < 0.001
    assert list(layer.state_dict()) == ["weight"]
    out = layer(cr.zeros(5, 3, 30))
    assert out[2, 1].tolist() == layer.weight[2].tolist()
    out.sum().backward()
    assert layer.weight.grad[:5].tolist() == [[3.0] * 30] * 5
    assert not layer.weight.grad[5:].any()


def _turned(x: Any, base: float = 10000.0) -> Any:
    """By complex numbers, in NumPy: (l, d)."""
    l, d = x.shape
    rates = base ** (-2 * np.arange(d // 2) / d)
    z = (x[:, 0::2] + 1j * x[:, 1::2]) * np.exp(1j * np.arange(l)[:, None] * rates)
    return np.stack([z.real, z.imag], -1).reshape(l, d)


def test_rotations_are_products_of_complex_numbers() -> None:
    x = np.random.default_rng(0).normal(size=(5, 8))
    made = nn.RotaryEmbedding(8)(cr.tensor(np.stack([x, 2 * x])))
    np.testing.assert_allclose(made.numpy(), [_turned(x), 2 * _turned(x)], atol=1e-12)
    halves = nn.RotaryEmbedding(8, interleaved=False)(cr.tensor(x))
    order = [0, 2, 4, 6, 1, 3, 5, 7]
    wanted = _turned(x[:, np.argsort(order)])[:, order]
    np.testing.assert_allclose(halves.numpy(), wanted, atol=1e-12)


@pytest.mark.parametrize("interleaved", [True, False])
def test_products_depend_on_the_distance_alone(interleaved: bool) -> None:
    draw = np.random.default_rng(1)
    q, k = (cr.tensor(draw.normal(size=(1, 6))) for _ in range(2))
    turn = nn.RotaryEmbedding(6, interleaved=interleaved)
    products = [(turn(q, offset=p + 3) * turn(k, offset=p)).sum().item() for p in (0, 1, 40)]
    assert products == pytest.approx([products[0]] * 3, abs=1e-12)
    far = (turn(q, offset=9) * turn(k)).sum().item()
    assert abs(far - products[0]) > 0.01


def test_an_offset_goes_on_where_a_sequence_ended() -> None:
    x = cr.tensor(np.random.default_rng(2).normal(size=(5, 4)))
    turn = nn.RotaryEmbedding(4)
    np.testing.assert_allclose(turn(x)[3:].numpy(), turn(x[3:], offset=3).numpy(), atol=1e-14)


def test_rotations_have_gradients() -> None:
    turn = nn.RotaryEmbedding(4)
    x = cr.tensor(np.random.default_rng(2).normal(size=(3, 4)), requires_grad=True)
    (turn(x) ** 2).sum().backward()  # lengths stay
    np.testing.assert_allclose(x.grad.numpy(), 2 * x.detach().numpy(), atol=1e-12)
    assert repr(turn) == "RotaryEmbedding(4, base=10000.0, interleaved=True)"
    assert repr(nn.SinusoidalPositions(4)) == (
        "SinusoidalPositions(4, base=10000.0, batch_first=False)"
    )
    assert repr(nn.LearnedPositions(9, 4)) == "LearnedPositions(9, 4, std=0.02, batch_first=False)"


X = cr.ones(2, 3, 4)
REFUSED: list[tuple[Any, type[ChainruleError], str]] = [
    (lambda: sinusoidal_positions(3, 0), ArgumentError, "a table of 3 positions in 0 dimensions"),
    (lambda: sinusoidal_positions(-1, 2), ArgumentError, "a table of -1 positions"),
    (lambda: nn.SinusoidalPositions(2.0), ArgumentError, "dim is 2.0"),
    (lambda: nn.SinusoidalPositions(6)(X), ShapeError, "not a sequence of 6 numbers each"),
    (lambda: nn.LearnedPositions(0, 2), ArgumentError, "max_len is 0"),
    (lambda: nn.LearnedPositions(2, True), ArgumentError, "dim is True"),
    (lambda: nn.LearnedPositions(1, 4)(X), ShapeError, "2 places, and there are 1"),
    (lambda: nn.LearnedPositions(1, 4)(X[0, 0]), ShapeError, "not a sequence of 4 numbers"),
    (lambda: nn.RotaryEmbedding(3), ArgumentError, "dim is 3"),
    (lambda: nn.RotaryEmbedding(2)(X), ShapeError, "not a sequence of 2 numbers"),
    (lambda: apply_rotary(X, cr.ones(3, 3)), ShapeError, "one angle for each pair of entries"),
]


@pytest.mark.parametrize(("call", "error", "words"), REFUSED)
def test_refused(call: Any, error: type[ChainruleError], words: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert words in str(caught.value)
