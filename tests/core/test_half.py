"""float16: composites are computed in float32, so that nothing within them overflows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import chainrule as cr
from chainrule.nn import functional as F

T = torch.nn.functional
ROWS = (np.random.default_rng(0).normal(size=(3, 64)) * 300).astype(np.float16)
IMAGE = ROWS.reshape(1, 3, 8, 8)
MANY = np.ones((1, 70_000), np.float16)
CASES: dict[str, tuple[Callable[[Any, Any], Any], np.ndarray]] = {
    "layer_norm": (lambda f, x: f.layer_norm(x, (64,)), ROWS),
    "rms_norm": (lambda f, x: f.rms_norm(x, (64,)), ROWS),
    "group_norm": (lambda f, x: f.group_norm(x, 3), IMAGE),
    "batch_norm": (lambda f, x: f.batch_norm(x, None, None, training=True), IMAGE),
    "normalize": (lambda f, x: f.normalize(x), ROWS),
    "attention": (lambda f, x: f.scaled_dot_product_attention(x, x, x), ROWS),
    "cosine_similarity": (lambda f, x: f.cosine_similarity(x[:1], x[1:]), ROWS),
    "adaptive_avg_pool2d": (lambda f, x: f.adaptive_avg_pool2d(x * 50, 1), IMAGE),
    "softmax": (lambda f, x: f.softmax(x, dim=-1), MANY),
    "mean": (lambda f, x: x.mean(), MANY),
    "std": (lambda f, x: x.std(), ROWS),
}


@pytest.mark.parametrize("name", CASES)
def test_large_values_against_pytorch(name: str) -> None:
    function, values = CASES[name]
    ours, theirs = function(F, cr.tensor(values)), function(T, torch.tensor(values))
    assert ours.dtype is cr.float16
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=2e-3, atol=1e-6)


def test_gradients_and_compiled_functions() -> None:
    def loss(x: Any) -> Any:
        return (F.layer_norm(x, (64,)) ** 3).sum()

    x = cr.tensor(ROWS)
    wide = cr.grad(loss)(x.double())
    made = cr.grad(loss)(x)
    assert made.dtype is cr.float16
    np.testing.assert_allclose(made.numpy(), wide.numpy(), atol=0.02 * wide.abs().max().item())
    assert cr.compile(cr.grad(loss))(x).tolist() == made.tolist()


def test_the_type_that_is_asked_for_is_kept() -> None:
    x = cr.tensor(ROWS)
    assert x.softmax(-1, dtype=cr.float32).dtype is cr.float32
    assert x.softmax(-1, dtype=cr.float16).dtype is cr.float16
    values, places = x.max(1)
    assert (values.dtype, places.dtype) == (cr.float16, cr.int64)
    assert x.var().dtype is cr.float16 and x.to("meta").softmax(-1).dtype is cr.float16


def test_views_are_views() -> None:
    x = cr.zeros(2, 3, dtype=cr.float16)
    x[0].fill_(1)
    x.unsqueeze(0).transpose(1, 2)[:, 2].fill_(2)
    assert x.tolist() == [[1, 1, 2], [0, 0, 2]]
