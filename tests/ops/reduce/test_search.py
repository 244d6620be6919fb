"""Places among boundaries and histograms beside PyTorch."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.errors import ArgumentError, DTypeError, ShapeError
from tests.ops.beside import INF, NAN, both_raise, same

torch = pytest.importorskip("torch")

BOUNDS = [1.0, 2.0, 2.0, 5.0]
VALUES = [[0.0, 1.0, 2.0], [3.0, 5.0, 9.0]]


def test_places() -> None:
    odd = [[NAN, INF, -INF]]
    for data in (VALUES, odd):
        for rest in ({}, {"right": True}, {"out_int32": True}):
            same(lambda f, b, v, r=rest: f.searchsorted(b, v, **r), BOUNDS, data)
            same(lambda f, b, v, r=rest: f.bucketize(v, b, **r), BOUNDS, data)
    for side in ("left", "right"):
        same(lambda f, b, v, s=side: f.searchsorted(b, v, side=s), VALUES, VALUES)
    same(lambda f, b: (f.searchsorted(b, 2), f.searchsorted(b, 2.5), f.bucketize(2, b)), BOUNDS)
    same(lambda f, b: f.searchsorted(b, f.tensor([2.5, 9], dtype=f.float32)), np.array([1, 3]))
    same(lambda f, b: f.searchsorted(b, f.zeros(0, dtype=f.float64)), BOUNDS)
    same(lambda f, v: f.searchsorted(f.zeros(0, dtype=f.float64), v), VALUES)


def test_histograms() -> None:
    for rest in ((4,), (3, 0, 4), (5, -1, 1), (2, 2, 2)):
        same(lambda f, x, r=rest: f.histc(x, *r), VALUES)
    same(lambda f, x: f.histc(x, 3), [2.0, 2.0])
    same(lambda f, x: f.histc(x, 3), np.zeros(0))
    both_raise(lambda f, x: f.histc(x, 0), VALUES)
    both_raise(lambda f, x: f.histc(x, 2, 3, 1), VALUES)


def test_membership() -> None:
    found = [[1.0, 2.0], [NAN, 5.0]]
    for invert in (False, True):
        same(lambda f, a, b, v=invert: f.isin(a, b, invert=v), found, [5.0, 1.0, NAN])
        same(lambda f, a, v=invert: f.isin(a, 5, invert=v), found)
        same(lambda f, a, v=invert: f.isin(2.5, a, invert=v, assume_unique=True), found)
    same(lambda f, a: f.isin(a.long(), a), [1.5, 2.0])
    same(lambda f, a: f.isin(a, f.zeros(0, dtype=f.float64)), found[:1])
    both_raise(lambda f, a: f.isin(1, 2), found)
    both_raise(lambda f, a: f.isin(a > 1, a > 1), found)
    with pytest.raises(ArgumentError, match="isin\\(\\) of two numbers"):
        cr.isin(1, 2)
    with pytest.raises(DTypeError, match="isin\\(\\) of bools"):
        cr.isin(cr.tensor([True]), cr.tensor([1]))


def test_what_is_refused() -> None:
    both_raise(lambda f, b, v: f.searchsorted(v, b), BOUNDS, VALUES)
    both_raise(lambda f, b, v: f.bucketize(b, v), BOUNDS, VALUES)
    both_raise(lambda f, b: f.searchsorted(b, b, right=True, side="left"), BOUNDS)
    b = cr.tensor([1.0, 2.0])
    with pytest.raises(ShapeError, match="boundaries have one axis, not 2"):
        cr.bucketize(b, cr.ones(2, 2))
    with pytest.raises(ShapeError, match=r"boundaries of shape \(2, 2\) are for values of other"):
        cr.searchsorted(cr.ones(2, 2), b)
    with pytest.raises(ShapeError, match="the boundaries have no axis"):
        cr.searchsorted(cr.tensor(1.0), b)
    with pytest.raises(ArgumentError, match="there is no side 'middle'"):
        cr.searchsorted(b, b, side="middle")
    with pytest.raises(ArgumentError, match="side='left' contradicts right=True"):
        cr.searchsorted(b, b, side="left", right=True)
    with pytest.raises(ArgumentError, match="0 parts from 0 to 0"):
        cr.histc(b, 0)
