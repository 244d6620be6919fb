"""A module of ours and PyTorch's with the same weights: results and all gradients."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import torch

import chainrule as cr
from chainrule import nn


def twins(name: str, *args: Any, seed: int = 0, **options: Any) -> tuple[Any, Any]:
    """A module of ours and PyTorch's, in float64, with the same normal weights."""
    mine = getattr(nn, name)(*args, **options, dtype=cr.float64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of fast paths not taken
        other = getattr(torch.nn, name)(*args, **options, dtype=torch.float64)
    draw = np.random.default_rng(seed)
    state = {k: draw.normal(size=tuple(v.shape)) for k, v in other.state_dict().items()}
    other.load_state_dict({k: torch.tensor(v) for k, v in state.items()})
    assert list(mine.state_dict()) == list(state)
    mine.load_state_dict({k: cr.tensor(v) for k, v in state.items()})
    return mine, other


def draws(*shapes: Any, seed: int = 1) -> list[tuple[Any, Any]]:
    """Pairs of equal tensors that require a gradient."""
    rng = np.random.default_rng(seed)
    arrays = [rng.normal(size=shape) for shape in shapes]
    return [(cr.tensor(a, requires_grad=True), torch.tensor(a, requires_grad=True)) for a in arrays]


def close(a: Any, b: Any, bound: float = 1e-10) -> None:
    """The largest difference is small beside the largest number."""
    if a is None or b is None:
        assert a is b
        return
    x, y = a.detach().numpy(), b.detach().numpy()
    assert x.shape == y.shape
    np.testing.assert_allclose(x, y, rtol=0, atol=bound * (1 + np.abs(y).max(initial=0)))


def agree(mine: Any, other: Any, inputs: list[tuple[Any, Any]], **options: Any) -> None:
    """Results, gradients of inputs and of parameters are the same."""
    ours = {k: v[0] if isinstance(v, tuple) else v for k, v in options.items()}
    theirs = {k: v[1] if isinstance(v, tuple) else v for k, v in options.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        a, b = mine(*(x for x, _ in inputs), **ours), other(*(y for _, y in inputs), **theirs)
    for made, wanted in zip(*((x if isinstance(x, tuple) else (x,)) for x in (a, b)), strict=True):
        close(made, wanted)
    for result in (a, b):
        parts = result if isinstance(result, tuple) else (result,)
        sum((p * p).sum() for p in parts if p is not None).backward()
    for x, y in inputs:
        close(x.grad, y.grad)
    for (name, p), q in zip(mine.named_parameters(), other.parameters(), strict=True):
        assert p.grad is not None, name
        close(p.grad, q.grad)


def both(values: Any) -> tuple[Any, Any]:
    """The same mask twice."""
    return cr.tensor(np.array(values)), torch.tensor(np.array(values))
