"""Unpooling against PyTorch: values and gradients, exactly, refusals."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as TF

import chainrule as cr
from chainrule.core.errors import ArgumentError, DTypeError, ShapeError, ValueCheckError
from chainrule.nn import functional as F


def close(a: Any, b: Any) -> None:
    np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("rank", "shape", "options", "size"),
    [
        (1, (2, 3, 8), {"kernel_size": 2}, None),
        (1, (2, 9), {"kernel_size": 3, "stride": 2}, (9,)),
        (2, (1, 2, 7, 6), {"kernel_size": 2}, (7, 6)),
        (2, (2, 2, 6, 6), {"kernel_size": 2, "stride": 2}, (2, 2, 6, 6)),
        (2, (1, 5, 5), {"kernel_size": 3, "stride": 2, "padding": 1}, None),
        (3, (1, 2, 4, 4, 5), {"kernel_size": 2}, (4, 4, 5)),
    ],
)
def test_unpooling_is_pytorchs(rank: int, shape: Any, options: Any, size: Any) -> None:
    values = np.random.default_rng(0).permutation(math.prod(shape)).reshape(shape).astype(float)
    y, at = getattr(TF, f"max_pool{rank}d")(torch.tensor(values), **options, return_indices=True)
    a = cr.tensor(y.numpy(), requires_grad=True)
    b = y.clone().requires_grad_()
    name = f"max_unpool{rank}d"
    ours = getattr(F, name)(a, cr.tensor(at.numpy()), **options, output_size=size)
    theirs = getattr(TF, name)(b, at, **options, output_size=size)
    close(ours, theirs)
    weights = np.random.default_rng(1).normal(size=theirs.shape)
    ours.backward(cr.tensor(weights))
    theirs.backward(torch.tensor(weights))
    if "padding" not in options:  # where a place comes twice, PyTorch gives each entry a slope
        close(a.grad, b.grad)


def test_unpooling_exactly_and_where_places_come_twice() -> None:
    x = cr.tensor([[1, 2]], dtype=cr.exact, requires_grad=True)
    y = F.max_unpool1d(x, cr.tensor([[1, 1]]), 2)
    assert y.tolist() == [[0, 2, 0, 0]]
    y.sum().backward()
    assert x.grad.tolist() == [[0, 1]]


def test_unpooling_refuses() -> None:
    x, at = cr.ones(1, 2, 2), cr.zeros(1, 2, 2, dtype=cr.int64)
    with pytest.raises(ValueCheckError, match="an index is not among the 16 places of the result"):
        F.max_unpool2d(x, at + 16, 2)
    with pytest.raises(ValueCheckError, match="an index is not among the 16 places"):
        F.max_unpool2d(x, at - 1, 2)
    with pytest.raises(ShapeError, match=r"input has shape \(1, 2, 2\) and indices \(1, 2, 1\)"):
        F.max_unpool2d(x, at[..., :1], 2)
    with pytest.raises(ArgumentError, match="output_size 9 is not what was pooled"):
        F.max_unpool2d(x, at, 2, output_size=(9, 4))
    with pytest.raises(DTypeError, match="the index of max_unpool2d"):
        F.max_unpool2d(x, at.float(), 2)
    with pytest.raises(ShapeError, match="the result would have an axis of 0"):
        F.max_unpool2d(cr.ones(1, 1, 1), cr.zeros(1, 1, 1, dtype=cr.int64), 2, 2, 1)
