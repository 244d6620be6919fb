"""The error function against the C library, and what the table of primitives cannot show of it."""

import math

import numpy as np
import pytest
import torch

from chainrule.namespaces.special import erf, erfc, erfinv

EVERYWHERE = np.concatenate([np.linspace(-7, 7, 4001), np.linspace(-1.001, 1.001, 400)])
SPECIAL = np.array([0.0, -0.0, 5e-324, 1e-300, 26.0, 26.6, 27.3, 40.0, -40.0, np.inf, -np.inf])


@pytest.mark.parametrize("x", [EVERYWHERE, SPECIAL], ids=["everywhere", "special"])
def test_both_are_the_c_librarys_to_the_last_places(x):
    np.testing.assert_allclose(erf(x), [math.erf(v) for v in x], rtol=5e-16, atol=0)
    tiny = np.finfo(float).tiny  # below, floats lose digits
    np.testing.assert_allclose(erfc(x), [math.erfc(v) for v in x], rtol=2e-15, atol=tiny * 1e-15)


def test_the_inverse_is_pytorchs_to_the_last_places():
    near_one = 1 - np.logspace(-16, -1, 200)
    x = np.concatenate([np.linspace(-1, 1, 1001), np.logspace(-300, 0, 301), near_one])
    wanted = torch.special.erfinv(torch.tensor(x)).numpy()
    with np.errstate(divide="ignore"):
        np.testing.assert_allclose(erfinv(x), wanted, rtol=1e-15, atol=0)
    assert np.isnan(erfinv(np.array([-1.5, 2.0, np.nan]))).all()
    assert np.signbit(erfinv(-0.0))


def test_narrow_types_are_right_to_their_last_place():
    """Also in the far tails, and where blocks meet."""
    x = np.concatenate([EVERYWHERE, np.linspace(-10, 10, 20001)]).astype(np.float32)
    for function, known in ((erf, math.erf), (erfc, math.erfc)):
        wanted = np.array([known(v) for v in x.tolist()])
        tiny = float(np.finfo(np.float32).smallest_subnormal)
        np.testing.assert_allclose(function(x), wanted, rtol=7e-8, atol=tiny)


def test_the_sign_of_zero_and_nan_stay():
    assert np.signbit(erf(-0.0))
    assert np.isnan(erf(np.nan))
    assert np.isnan(erfc(np.nan))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_shape_and_type_stay(dtype):
    x = np.linspace(-3, 3, 12, dtype=dtype).reshape(3, 4)
    for function, known in ((erf, math.erf), (erfc, math.erfc)):
        made = function(x)
        assert (made.shape, made.dtype) == (x.shape, x.dtype)
        wanted = np.vectorize(known)(x.astype(float)).astype(dtype)
        np.testing.assert_allclose(made, wanted, rtol=2 * float(np.finfo(dtype).eps))
        assert function(x[:0]).shape == (0, 4)
        assert function(x[0, 0]).dtype == dtype
