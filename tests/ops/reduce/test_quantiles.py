"""Medians, modes and quantiles beside PyTorch: ties, NaN, empty axes, every interpolation."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.errors import ArgumentError, ValueCheckError
from tests.ops.beside import NAN, both_raise, same, same_gradients

torch = pytest.importorskip("torch")

A = [[3.0, 1.0, 2.0, 7.0], [0.0, -1.0, 5.0, 2.5]]
TIES = [[2.0, 1.0, 2.0, 2.0], [3.0, 0.0, 0.0, 3.0]]
ODD = [[2.0, NAN, 1.0, NAN], [4.0, 1.0, 3.0, 2.0]]


@pytest.mark.parametrize("name", ["median", "nanmedian", "mode"])
def test_values(name: str) -> None:
    for data in (A, TIES, ODD):
        if name == "mode" and data is ODD:
            continue  # PyTorch's answer to NaN depends on where it stands
        for dim in (0, -1):
            same(lambda f, x, d=dim: tuple(getattr(f, name)(x, d)), data)
            same(lambda f, x, d=dim: tuple(getattr(f, name)(x, d, True)), data)
        if name != "mode":
            same(lambda f, x: getattr(f, name)(x), data)
    same(lambda f, x: tuple(getattr(f, name)(x, 0)), 2.0)


def test_gradients() -> None:
    for data in (A, TIES):
        same_gradients(lambda f, x: f.median(x), data)
        same_gradients(lambda f, x: f.nanmedian(x), data)
        same_gradients(lambda f, x: f.median(x, 1)[0] * x[:, 0], data)
        same_gradients(lambda f, x: f.mode(x, 1)[0], data)
        same_gradients(lambda f, x: f.quantile(x, 0.3, dim=1), data)
    same_gradients(lambda f, x: f.nanmedian(x), ODD, second=False)
    same_gradients(lambda f, x: f.median(x), ODD, second=False)


@pytest.mark.parametrize("kind", ["linear", "lower", "higher", "midpoint", "nearest"])
@pytest.mark.parametrize("name", ["quantile", "nanquantile"])
def test_shares(name: str, kind: str) -> None:
    for q in (0.0, 0.3, 0.5, 0.77, 1.0, [0.25, 0.9]):
        for data in (A, TIES, ODD):

            def call(f, x, q=q, **rest):  # type: ignore[no-untyped-def]
                share = f.tensor(q, dtype=f.float64) if isinstance(q, list) else q
                return getattr(f, name)(x, share, interpolation=kind, **rest)

            same(call, data)
            same(lambda f, x, call=call: call(f, x, dim=1, keepdim=True), data)
            same(lambda f, x, call=call: call(f, x, dim=0), data)


def test_whole_numbers() -> None:
    same(lambda f, x: (f.median(x), *f.median(x, 0), *f.mode(x)), np.array([5, 1, 5, 2, 2]))
    both_raise(lambda f, x: f.quantile(x, 0.5), np.array([1, 2]))
    both_raise(lambda f, x: f.median(x), np.array([True]))


def test_empty_axes() -> None:
    empty = np.zeros((0, 3))
    same(lambda f, x: (f.median(x), *f.median(x, 1)), empty)
    for name in ("median", "nanmedian", "mode"):
        both_raise(lambda f, x, n=name: getattr(f, n)(x, 0), empty)
    for rest in ((), (0,), (1,)):
        both_raise(lambda f, x, r=rest: f.quantile(x, 0.5, *r), empty)


def test_exact_answers() -> None:
    x = cr.tensor([1, 4, 2, 8], dtype=cr.exact)
    share = cr.tensor(1, dtype=cr.exact) / 3
    assert str(cr.quantile(x, share)) == "tensor(2, dtype=chainrule.exact)"
    assert cr.median(x).item() == 2


def test_what_is_refused() -> None:
    with pytest.raises(ValueCheckError, match="a share is not between 0 and 1"):
        cr.quantile(cr.ones(3), 1.5)
    with pytest.raises(ArgumentError, match="there is no interpolation 'cubic'"):
        cr.quantile(cr.ones(3), 0.5, interpolation="cubic")
    with pytest.raises(cr.errors.ShapeError, match="the shares have 2 axes"):
        cr.quantile(cr.ones(3), cr.ones(1, 1))
