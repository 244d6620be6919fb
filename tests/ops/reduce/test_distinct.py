"""Different values and counts beside PyTorch."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.errors import ArgumentError, CaptureError, DimError, GradientError, ShapeError
from tests.ops.beside import NAN, both_raise, same

torch = pytest.importorskip("torch")

WHOLE = np.array([[3, 1, 3], [2, 1, 3], [3, 1, 3]])


@pytest.mark.parametrize("name", ["unique", "unique_consecutive"])
def test_values_places_and_counts(name: str) -> None:
    for dim in (None, 0, 1, -1):
        same(lambda f, x, d=dim: getattr(f, name)(
            x, return_inverse=True, return_counts=True, dim=d), WHOLE)  # fmt: skip
        same(lambda f, x, d=dim: getattr(f, name)(x, return_counts=True, dim=d), WHOLE)
        same(lambda f, x, d=dim: getattr(x, name)(dim=d), WHOLE)
    for data in (np.array(2.0), np.array([NAN, 1.0, NAN]), np.array([True, False, True]),
                 np.zeros(0), np.zeros((0, 3))):  # fmt: skip
        same(lambda f, x: getattr(f, name)(x, return_inverse=True, return_counts=True), data)


def test_exact_values() -> None:
    x = cr.tensor([0.5, 2, 0.5], dtype=cr.exact)
    assert cr.unique(x, return_inverse=True)[1].tolist() == [0, 1, 0]


def test_how_often_each_number_comes() -> None:
    data = np.array([1, 1, 4])
    same(lambda f, x: (f.bincount(x), x.bincount(minlength=7)), data)
    for dtype in ("float32", "float64", "int64"):
        same(lambda f, x, w: f.bincount(x, w), data, np.array([1, 2, 3]).astype(dtype))
    same(lambda f, x: f.bincount(x, minlength=2), np.zeros(0, np.int64))
    both_raise(lambda f, x: f.bincount(x, minlength=-1), data)
    same(lambda f, x: f.bincount(x, f.zeros(0)), np.zeros(0, np.int64))
    for bad in (np.array([-1]), np.array([1.0]), np.array([True]), np.array([[1]])):
        both_raise(lambda f, x: f.bincount(x), bad)


def test_what_is_refused() -> None:
    for name in ("unique", "unique_consecutive", "bincount"):
        with pytest.raises(CaptureError, match=rf"{name}\(\) needs a value"):
            cr.capture(lambda x, n=name: getattr(cr, n)(x), cr.spec(3, dtype=cr.int64))
    with pytest.raises(ArgumentError, match="bincount counts whole numbers from 0 on, in a vector"):
        cr.bincount(cr.tensor([-1]))
    with pytest.raises(ArgumentError, match="minlength is -1"):
        cr.bincount(cr.tensor([1]), minlength=-1)
    both_raise(lambda f, x: f.unique(x, dim=0), np.zeros((2, 0)))
    with pytest.raises(ShapeError, match=r"slices along axis 0 of \(2, 0\) have no entries"):
        cr.unique(cr.zeros(2, 0), dim=0)
    with pytest.raises(ArgumentError, match="3 numbers have weights of shape"):
        cr.bincount(cr.tensor([1, 2, 3]), cr.ones(2))


@pytest.mark.parametrize("name", ["unique", "unique_consecutive"])
def test_a_gradient_that_reaches_different_values_is_refused(name: str) -> None:
    x = cr.tensor([3.0, 1.0, 3.0], requires_grad=True)
    y = getattr(cr, name)(x)
    assert y.requires_grad
    assert getattr(cr, name)(x.detach()).requires_grad is False
    for run in (
        lambda: (y.sum() + x.sum()).backward(),
        lambda: cr.jvp(getattr(cr, name), (x,), (x,)),
    ):
        with pytest.raises(GradientError, match=f"{name} has no derivative: how many entries"):
            run()
    both_raise(lambda f, x: getattr(f, name)(x, dim=0), np.array(1.0))
    with pytest.raises(DimError, match="a single number has no slices along an axis"):
        getattr(cr, name)(cr.tensor(1.0), dim=0)
