"""Variance and standard deviation beside PyTorch: its ways to say the correction, and zeros."""

import pytest

import chainrule as cr
from chainrule.core.errors import DTypeError, ShapeError
from tests.ops.beside import both_raise, same, same_gradients

torch = pytest.importorskip("torch")

A = [[1.0, -2.0, 3.0], [4.0, 0.5, -6.0]]


@pytest.mark.parametrize("name", ["var", "std", "var_mean", "std_mean"])
def test_arguments(name: str) -> None:
    for call in (
        lambda g, x: g(x), lambda g, x: g(x, False), lambda g, x: g(x, 0),
        lambda g, x: g(x, 0, False), lambda g, x: g(x, (0, 1), True, True),
        lambda g, x: g(x, unbiased=False), lambda g, x: g(x, 1, unbiased=False, keepdim=True),
        lambda g, x: g(x, correction=0), lambda g, x: g(x, dim=1, correction=0.5, keepdim=True),
        lambda g, x: g(x, dim=None, correction=None),
    ):  # fmt: skip
        same(lambda f, x, call=call: call(getattr(f, name), x), A)


def test_methods() -> None:
    same(lambda f, x: (x.var(1, False), x.std(0), x.std(False)), A)


def test_gradients() -> None:
    for name in ("var", "std"):
        same_gradients(lambda f, x, n=name: getattr(f, n)(x, 1, correction=0), A)
    same_gradients(lambda f, x: f.std_mean(x), A)
    same_gradients(lambda f, x: f.std(x, 1), [[2.0, 2.0], [1.0, 3.0]], second=False)


def test_what_is_refused() -> None:
    for name in ("var", "std"):
        with pytest.raises(ShapeError, match="the variance of 1 with correction 1 divides by 0"):
            getattr(cr, name)(cr.tensor(2.0))
        both_raise(lambda f, x, n=name: getattr(f, n)(f.tensor([1, 2])), A)
        with pytest.raises(DTypeError, match=f"{name} needs a tensor of floating"):
            getattr(cr, name)(cr.tensor([1, 2]))
