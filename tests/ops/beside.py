"""The same call in PyTorch and here: values, types, two orders of gradients; or both raise."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

import chainrule as cr

try:
    import torch
except ImportError:  # the tests that need it are skipped
    torch = None

INF, NAN = math.inf, math.nan
Call = Callable[..., Any]


def flat(results: Any) -> list[Any]:
    """The tensors of a result, in order."""
    return [t for r in results for t in flat(r)] if isinstance(results, tuple | list) else [results]


def agree(ours: Any, theirs: Any, rtol: float = 1e-12, types: bool = True) -> None:
    """Fail unless two results have the same shapes, types and values."""
    ours, theirs = flat(ours), flat(theirs)
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        if types:
            assert f"torch.{a.dtype.name}" == str(b.dtype)
        assert tuple(a.shape) == tuple(b.shape)
        wanted = b.detach().numpy()
        size = np.max(np.abs(wanted[np.isfinite(wanted)]), initial=1) if wanted.size else 1
        np.testing.assert_allclose(a.detach().numpy(), wanted, rtol=rtol, atol=rtol * size)


def same(call: Call, *data: Any, rtol: float = 1e-12, **types: Any) -> None:
    """``call(f, *tensors)`` of the data, with f = chainrule and f = torch, gives the same."""
    ours = call(cr, *(_tensor(cr, d) for d in data))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = call(torch, *(_tensor(torch, d) for d in data))
    agree(ours, theirs, rtol, **types)


def _tensor(f: Any, data: Any) -> Any:
    if isinstance(data, np.ndarray):
        return f.tensor(data)
    return f.tensor(data, dtype=f.float64)


def same_gradients(call: Call, *data: Any, second: bool = True, rtol: float = 1e-11) -> None:
    """The gradients of a weighted sum of the results agree, and so do those of their squares."""
    found = []
    for f in (cr, torch):
        xs = [_tensor(f, d).requires_grad_() for d in data]
        floats = [r for r in flat(call(f, *xs)) if r.is_floating_point()]
        total = sum((r * _weights(f, r.shape)).sum() for r in floats)
        first = f.autograd.grad(total, xs, create_graph=True)
        found.append([[g.detach().numpy() for g in first]])
        if second:
            total = sum((g * g).sum() for g in first) + sum((x * x).sum() for x in xs)
            again = f.autograd.grad(total, xs, allow_unused=True)
            found[-1].append([g.detach().numpy() for g in again])
    for ours, theirs in zip(*found, strict=True):
        for a, b in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(a, b, rtol=rtol, atol=rtol)


def _weights(f: Any, shape: Any) -> Any:
    n = int(np.prod(shape))
    return f.tensor((np.arange(n) + 2.0).reshape(shape))


def both_raise(call: Call, *data: Any) -> None:
    """PyTorch and chainrule refuse the call."""
    for f, kind in ((torch, Exception), (cr, cr.errors.ChainruleError)):
        try:
            made = call(f, *(_tensor(f, d) for d in data))
        except kind:
            continue
        raise AssertionError(f"{f.__name__} gave {made}")
