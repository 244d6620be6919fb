"""The look-up of rows beside PyTorch: values, gradients, the row of padding, what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import chainrule as cr
from chainrule.core.errors import ArgumentError, ChainruleError, ShapeError, ValueCheckError

nn, F = cr.nn, cr.nn.functional
TABLE = [[0.5, -1.0], [2.0, 0.25], [-0.75, 3.0]]
index, table = cr.tensor([0, 2]), cr.tensor(TABLE)


@pytest.mark.parametrize("padding_idx", [None, 0, 2, -1])
@pytest.mark.parametrize("places", [[1, 2, 1], 2, [[0, 2], [2, 2]], []])
def test_rows_and_gradients_are_torchs(places: Any, padding_idx: int | None) -> None:
    found = []
    for lib in (cr, torch):
        weight = lib.tensor(TABLE, dtype=lib.float64, requires_grad=True)
        index = lib.tensor(places, dtype=lib.int64)
        rows = lib.nn.functional.embedding(index, weight, padding_idx=padding_idx)
        ((rows * rows).sum() * 0.5 + rows.sum()).backward()
        found.append((tuple(rows.shape), rows.tolist(), weight.grad.tolist()))
    assert found[0] == found[1]


@pytest.mark.parametrize("options", [{}, {"padding_idx": 2}, {"scale_grad_by_freq": True}])
def test_the_table_first(options: dict[str, Any]) -> None:
    found = []
    for lib in (cr, torch):
        weight = lib.tensor(TABLE, dtype=lib.float64, requires_grad=True)
        rows = lib.embedding(weight, lib.tensor([2, 1, 2]), **options)
        (rows * rows).sum().backward()
        found.append((rows.tolist(), weight.grad.tolist()))
    assert found[0] == found[1]


def test_a_row_of_padding_while_captured() -> None:
    def gradient(weight: cr.Tensor, index: cr.Tensor) -> Any:
        return cr.grad(lambda w: F.embedding(index, w, padding_idx=1).sum())(weight)

    args = cr.tensor(TABLE), cr.tensor([1, 2, 2])
    assert cr.compile(gradient)(*args).tolist() == [[0, 0], [0, 0], [2, 2]]


OPTIONS = [
    {"max_norm": 1.0},
    {"max_norm": 1.5, "norm_type": 1.0, "padding_idx": 2},
    {"scale_grad_by_freq": True},
    {"scale_grad_by_freq": True, "padding_idx": 1, "max_norm": 2.0},
]


@pytest.mark.parametrize("options", OPTIONS)
def test_rows_are_shortened_and_gradients_shared_out(options: dict[str, Any]) -> None:
    found = []
    for lib in (cr, torch):
        weight = lib.tensor(TABLE, dtype=lib.float64, requires_grad=True)
        index = lib.tensor([[2, 1, 2], [1, 2, 2]])
        rows = lib.nn.functional.embedding(index, weight, **options)
        (rows * rows).sum().backward()
        found.append([x.detach().numpy() for x in (rows, weight, weight.grad)])
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-14)


@pytest.mark.parametrize("options", [{}, {"padding_idx": -1}, {"max_norm": 0.5}, *OPTIONS])
def test_the_layer_is_torchs(options: dict[str, Any]) -> None:
    mine = nn.Embedding(5, 3, **options, dtype=cr.float64)
    other = torch.nn.Embedding(5, 3, **options, dtype=torch.float64)
    assert repr(mine) == repr(other)
    state = other.state_dict()
    assert list(mine.state_dict()) == list(state)
    mine.load_state_dict({name: cr.tensor(value.numpy()) for name, value in state.items()})
    for index in ([[0, 4], [4, 1]], 2):
        a, b = mine(cr.tensor(index)), other(torch.tensor(index))
        np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-14)


def test_rows_start_as_normal_draws_but_for_padding() -> None:
    cr.manual_seed(0)
    weight = nn.Embedding(200, 50, padding_idx=-1).weight.detach().numpy()
    assert abs(weight[:-1].mean()) < 0.05
    assert abs(weight[:-1].std() - 1) < 0.05
    assert weight[-1].tolist() == [0.0] * 50


def test_rows_that_were_trained_elsewhere() -> None:
    frozen = nn.Embedding.from_pretrained(table)
    assert not frozen.weight.requires_grad
    assert frozen(index).tolist() == [TABLE[0], TABLE[2]]
    assert nn.Embedding.from_pretrained(table, freeze=False, padding_idx=0).weight.requires_grad


def test_a_layer_that_shortens_rows_while_captured() -> None:
    eager, compiled = (nn.Embedding(3, 2, max_norm=1.0, _weight=table.clone()) for _ in range(2))
    assert eager(index).tolist() == cr.compile(compiled)(index).tolist()
    assert eager.weight.tolist() == compiled.weight.tolist() != TABLE


REFUSED: list[tuple[Callable[[], Any], type[ChainruleError], str]] = [
    (lambda: F.embedding(index, table[0]), ShapeError, "weight of an embedding has 1 axes"),
    (lambda: F.embedding(index + 1, table), ValueCheckError, "out of range for axis 0 of 3"),
    (lambda: F.embedding(index - 1, table), ValueCheckError, "out of range for axis 0 of 3"),
    (lambda: F.embedding(index, table, 3), ArgumentError, "padding_idx is 3"),
    (lambda: F.embedding(index, table, -4), ArgumentError, "padding_idx is -4"),
    (lambda: F.embedding(index, table, True), ArgumentError, "padding_idx is True"),
    (lambda: F.embedding(index, table, max_norm=-1.0), ArgumentError, "max_norm is -1.0"),
    (lambda: F.embedding(index, table, sparse=True), ArgumentError, "no sparse gradients"),
    (lambda: nn.Embedding(0.5, 2), ArgumentError, "num_embeddings is 0.5"),
    (lambda: nn.Embedding(2, -1), ArgumentError, "embedding_dim is -1"),
    (lambda: nn.Embedding(2, True), ArgumentError, "embedding_dim is True"),
    (lambda: nn.Embedding(2, 2, padding_idx=2), ArgumentError, "padding_idx is 2"),
    (lambda: nn.Embedding(2, 2, _weight=table), ShapeError, "the given weight has shape (3, 2)"),
    (lambda: nn.Embedding.from_pretrained(table[0]), ShapeError, "a table of rows has 2 axes"),
]


@pytest.mark.parametrize(("call", "error", "words"), REFUSED)
def test_refused(call: Callable[[], Any], error: type[ChainruleError], words: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert words in str(caught.value)
