"""Sums, means and maxima of rows beside PyTorch: bags, weights, padding, what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import chainrule as cr
from chainrule import nn
from chainrule.core.errors import ArgumentError, ChainruleError, ShapeError, ValueCheckError

F = nn.functional
TABLE = np.random.default_rng(0).normal(size=(4, 3))
NUMBERS, STARTS = [0, 1, 2, 3, 1, 0], [0, 2, 2]
BAGS: list[dict[str, Any]] = [
    {"input": [[0, 1], [2, 2], [3, 0]]},
    {"input": NUMBERS, "offsets": STARTS},
    {"input": NUMBERS, "offsets": [0, 2, 6], "include_last_offset": True},
    {"input": NUMBERS, "offsets": STARTS, "padding_idx": 1},
    {"input": [[1, 1], [1, 2]], "padding_idx": -3},
    {"input": NUMBERS, "offsets": STARTS, "max_norm": 0.5},
]


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
@pytest.mark.parametrize("options", BAGS)
def test_values_and_gradients_are_torchs(options: dict[str, Any], mode: str) -> None:
    found = []
    for lib in (cr, torch):
        given = {k: lib.tensor(v) if isinstance(v, list) else v for k, v in options.items()}
        weight = lib.tensor(TABLE, requires_grad=True)
        out = lib.nn.functional.embedding_bag(weight=weight, mode=mode, **given)
        (out * out + out).sum().backward()
        found.append([x.detach().numpy() for x in (out, weight.grad, weight)])
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-13, atol=1e-14)


def test_factors_of_rows() -> None:
    found = []
    for lib in (cr, torch):
        weight = lib.tensor(TABLE, requires_grad=True)
        factors = lib.tensor(np.arange(6.0), requires_grad=True)
        out = lib.nn.functional.embedding_bag(
            lib.tensor(NUMBERS), weight, lib.tensor(STARTS), mode="sum", per_sample_weights=factors
        )
        (out * out).sum().backward()
        found.append([x.detach().numpy() for x in (out, weight.grad, factors.grad)])
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-13)


def test_gradients_shared_out_among_equal_numbers() -> None:
    weight = cr.tensor(TABLE, requires_grad=True)
    F.embedding_bag(
        cr.tensor(NUMBERS), weight, cr.tensor([0]), mode="sum", scale_grad_by_freq=True
    ).sum().backward()
    assert weight.grad.tolist() == [[1.0] * 3] * 4


@pytest.mark.parametrize("options", [{}, {"mode": "max", "padding_idx": 1}, {"max_norm": 2.0}])
def test_the_layer_is_torchs(options: dict[str, Any]) -> None:
    mine = nn.EmbeddingBag(4, 3, **options, _weight=cr.tensor(TABLE))
    other = torch.nn.EmbeddingBag(4, 3, **options, _weight=torch.tensor(TABLE))
    assert repr(mine) == repr(other)
    a, b = mine(cr.tensor([[1, 2]])), other(torch.tensor([[1, 2]]))
    np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-14)
    frozen = nn.EmbeddingBag.from_pretrained(cr.tensor(TABLE), mode="sum")
    assert not frozen.weight.requires_grad
    assert nn.EmbeddingBag.from_pretrained(cr.tensor(TABLE), freeze=False).weight.requires_grad


def test_compiled_is_eager() -> None:
    layer = nn.EmbeddingBag(4, 3, _weight=cr.tensor(TABLE))
    args = cr.tensor(NUMBERS), cr.tensor(STARTS)
    assert cr.compile(layer)(*args).tolist() == layer(*args).tolist()


def test_exact_means() -> None:
    table = cr.tensor([[1], [2], [4]], dtype=cr.exact)
    mean = F.embedding_bag(cr.tensor([[0, 1, 2]]), table)
    assert str(mean[0, 0].item()) == "7/3"


I, W, O = cr.tensor(NUMBERS), cr.tensor(TABLE), cr.tensor(STARTS)
REFUSED: list[tuple[Any, type[ChainruleError], str]] = [
    (lambda: F.embedding_bag(I, W, O, mode="min"), ArgumentError, "mode is 'min'"),
    (lambda: F.embedding_bag(I, W), ArgumentError, "offsets say where bags start"),
    (lambda: F.embedding_bag(I.reshape(2, 3), W, O), ArgumentError, "each row is a bag"),
    (lambda: F.embedding_bag(I[0], W, O), ShapeError, "input has 0 axes"),
    (lambda: F.embedding_bag(I, W, O[0]), ShapeError, "offsets have 0 axes"),
    (lambda: F.embedding_bag(I, W, O + 1), ValueCheckError, "offsets are [1, 3, 3]"),
    (lambda: F.embedding_bag(I, W, cr.tensor([0, 3, 2])), ValueCheckError, "they rise from 0"),
    (lambda: F.embedding_bag(I, W, cr.tensor([0, 7])), ValueCheckError, "to at most 6"),
    (lambda: F.embedding_bag(I, W, O, scale_grad_by_freq=True, mode="max"), ArgumentError,
     "no meaning for a maximum"),
    (lambda: F.embedding_bag(I, W, O, per_sample_weights=W[:, 0]), ArgumentError,
     "factors of a sum, and mode is 'mean'"),
    (lambda: F.embedding_bag(I, W, O, per_sample_weights=W[:, 0], mode="sum"), ShapeError,
     "per_sample_weights have shape (4,), and input (6,)"),
    (lambda: F.embedding_bag(I + 9, W, O), ValueCheckError, "out of range for axis 0 of 4"),
    (lambda: nn.EmbeddingBag(2, 2, mode="min"), ArgumentError, "mode is 'min'"),
    (lambda: nn.EmbeddingBag.from_pretrained(W[0]), ShapeError, "has 2 axes, not 1"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "words"), REFUSED)
def test_refused(call: Any, error: type[ChainruleError], words: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert words in str(caught.value)
