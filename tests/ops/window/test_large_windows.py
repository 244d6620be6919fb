"""Windows of many entries: where maxima stand, without room for all entries of all windows."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as TF

import chainrule as cr
from chainrule.nn import functional as F
from chainrule.ops.window import adjoints


@pytest.mark.parametrize("kernel", [3, 70, (9, 10)])
@pytest.mark.parametrize("table", [0, 1 << 16])
def test_large_windows_say_where_their_first_maximum_is(
    kernel: Any, table: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adjoints, "TABLE", table)
    rng = np.random.default_rng(0)
    shape = (2, 210) if isinstance(kernel, int) else (2, 27, 30)
    pool = "max_pool1d" if isinstance(kernel, int) else "max_pool2d"
    for strided in ({}, {"stride": 4}, {"stride": 2, "padding": 1, "ceil_mode": True}):
        values = rng.integers(0, 4, shape).astype(float)
        values[0, ..., 5] = np.nan
        ours, theirs = (
            getattr(f, pool)(x, kernel, return_indices=True, **strided)
            for f, x in ((F, cr.tensor(values)), (TF, torch.tensor(values)))
        )
        np.testing.assert_array_equal(ours[1].numpy()[1:], theirs[1].numpy()[1:])
        np.testing.assert_array_equal(ours[0].numpy(), theirs[0].numpy())
        x = cr.tensor(values, requires_grad=True)
        getattr(F, pool)(x, kernel, **strided).sum().backward()
        assert x.grad.sum().item() == ours[0].numel()


def test_places_of_large_windows_need_no_table_of_them_all() -> None:
    x = cr.ones(1, 20_000, requires_grad=True)
    tracemalloc.start()
    F.max_pool1d(x, 500, 1).sum().backward()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * 20_000 * 8, "a table of all entries of all windows has 500 times as many"


def test_global_maxima_of_any_size_are_found() -> None:
    graph = cr.capture(lambda x: F.adaptive_max_pool1d(x, 1, return_indices=True), cr.spec(2, "L"))
    for size in (1, 5, 100):
        x = cr.tensor(np.random.default_rng(size).normal(size=(2, size)))
        assert cr.run(graph, x)[1].tolist() == x.argmax(1, keepdim=True).tolist()
