"""The look-up of rows beside PyTorch: values, gradients, the row of padding, what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

import chainrule as cr
from chainrule.core.errors import ArgumentError, ChainruleError, ShapeError, ValueCheckError

F = cr.nn.functional
TABLE = [[0.5, -1.0], [2.0, 0.25], [-0.75, 3.0]]


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


def test_a_row_of_padding_while_captured() -> None:
    def gradient(weight: cr.Tensor, index: cr.Tensor) -> Any:
        return cr.grad(lambda w: F.embedding(index, w, padding_idx=1).sum())(weight)

    args = cr.tensor(TABLE), cr.tensor([1, 2, 2])
    assert cr.compile(gradient)(*args).tolist() == [[0, 0], [0, 0], [2, 2]]


index, table = cr.tensor([0, 2]), cr.tensor(TABLE)
REFUSED: list[tuple[Callable[[], Any], type[ChainruleError], str]] = [
    (lambda: F.embedding(index, table[0]), ShapeError, "weight of an embedding has 1 axes"),
    (lambda: F.embedding(index + 1, table), ValueCheckError, "out of range for axis 0 of 3"),
    (lambda: F.embedding(index - 1, table), ValueCheckError, "out of range for axis 0 of 3"),
    (lambda: F.embedding(index, table, 3), ArgumentError, "padding_idx is 3"),
    (lambda: F.embedding(index, table, max_norm=1.0), ArgumentError, "has no max_norm"),
    (lambda: F.embedding(index, table, norm_type=1.0), ArgumentError, "has no max_norm"),
    (lambda: F.embedding(index, table, scale_grad_by_freq=True), ArgumentError, "scale_grad_by_fr"),
    (lambda: F.embedding(index, table, sparse=True), ArgumentError, "no sparse gradients"),
]


@pytest.mark.parametrize(("call", "error", "words"), REFUSED)
def test_refused(call: Callable[[], Any], error: type[ChainruleError], words: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert words in str(caught.value)
