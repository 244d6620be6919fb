"""Running products and sums of exponentials, and differences, beside PyTorch."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.errors import ArgumentError, DTypeError, ShapeError
from tests.ops.beside import INF, both_raise, same, same_gradients

torch = pytest.importorskip("torch")

A = [[1.0, -2.0, 3.0, 0.5], [4.0, 0.0, -6.0, 2.0]]


@pytest.mark.parametrize("name", ["cumsum", "cumprod", "logcumsumexp"])
def test_along_axes(name: str) -> None:
    for data in (A, np.zeros((0, 3)), np.zeros((2, 0))):
        for dim in (0, -1):
            same(lambda f, x, d=dim: getattr(f, name)(x, d), data)
    same(lambda f, x: getattr(f, name)(x, 0), 2.0)
    both_raise(lambda f, x: getattr(f, name)(x, 2), A)
    same_gradients(lambda f, x: getattr(f, name)(x, 1), A)


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64", "float32"])
def test_types(dtype: str) -> None:
    data = np.array([1, 0, 1]).astype(dtype)
    same(lambda f, x: (f.cumsum(x, 0), f.cumprod(x, 0), f.diff(x)), data)
    for name in ("cumsum", "cumprod"):
        both_raise(lambda f, x, n=name: getattr(f, n)(x, 0, dtype=f.bool), data)
    if dtype != "float32":
        both_raise(lambda f, x: f.logcumsumexp(x, 0), data)


def test_sums_of_exponentials_do_not_overflow() -> None:
    same(lambda f, x: f.logcumsumexp(x, 0), [-1000.0, 1000.0, -INF, 1000.0])
    same(lambda f, x: f.logcumsumexp(x, 0), [-INF, -INF, 1.0])


def test_differences() -> None:
    for n in (0, 1, 2, 5):
        same(lambda f, x, n=n: (f.diff(x, n), x.diff(n, dim=0)), A)
    same(lambda f, x: f.diff(x, prepend=x[:, :2], append=x[:, :1]), A)
    same(lambda f, x: f.diff(x, 0, append=x), A)
    both_raise(lambda f, x: f.diff(x, 0, dim=2, append=x), A)
    both_raise(lambda f, x: f.diff(x[0, 0], 0), A)
    both_raise(lambda f, x: f.diff(x, -1), np.array([True, False]))
    same(lambda f, x: f.diff(x, n=2), np.array([True, False, False, True]))
    same_gradients(lambda f, x: f.diff(x, 2), A)
    both_raise(lambda f, x: f.diff(x), 2.0)
    both_raise(lambda f, x: f.diff(x, -1), A)
    with pytest.raises(ShapeError, match="there are no neighbours along the axes of a single numb"):
        cr.diff(cr.tensor(1.0))
    with pytest.raises(ArgumentError, match="differences are taken -1 times over"):
        cr.diff(cr.ones(2), -1)


def test_in_place() -> None:
    same(lambda f, x: (x.clone().cumsum_(0), x.clone().cumprod_(0)), np.array([1.0, 2.0, 3.0]))
    both_raise(lambda f, x: x.clone().cumsum_(0, dtype=f.float32), np.array([1.0, 2.0]))
    with pytest.raises(DTypeError, match=r"cumsum_ is asked for .*float32, and writes to float64"):
        cr.tensor([1.0], dtype=cr.float64).cumsum_(0, dtype=cr.float32)
