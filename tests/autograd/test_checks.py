"""Gradient checks, derivatives of functions and the way back from several values, against
PyTorch's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import chainrule as cr
from chainrule.autograd import GradcheckError, functional, gradcheck, gradgradcheck
from chainrule.core.errors import ArgumentError, GradientError, ShapeError

X = cr.tensor([0.5, -1.0, 2.0], dtype=cr.float64, requires_grad=True)
Y = cr.tensor([[1.5], [0.5]], dtype=cr.float64, requires_grad=True)


class Twice(cr.autograd.Function):
    """Whose gradient is that of something else, as ``slope`` says."""

    slope: Any = None

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        return x * 2

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        return Twice.slope(g)


def test_right_gradients_pass() -> None:
    assert gradcheck(lambda x, y, k: (x * y).exp().sum(0) * k, (X, Y, 3.0), check_forward_ad=True)
    assert gradcheck(lambda x: (x * 2, x.sum(), x > 0, "word"), X)
    assert gradgradcheck(lambda x, y: (x * y).sin(), (X, Y), check_fwd_over_rev=True)
    assert gradgradcheck(lambda x: x**3, X, cr.ones(3, dtype=cr.float64))
    assert X.tolist() == [0.5, -1.0, 2.0]
    assert X.grad is None


@pytest.mark.parametrize(
    ("slope", "fact"),
    [
        (lambda g: g * 3, "the derivative of output 0 by input 0 is not what differences say"),
        (lambda g: g * 2 + 1, "the derivative of output 0 by input 0 is not what differences say"),
        (lambda g: cr.where(g.eq(0).all(), g + 1, g * 2),
         "the gradient by input 0 is not 0 for the adjoint 0"),
        (lambda g: g * (2 + 1e-4 * cr.rand(())),
         "the way back from output 0 to input 0 gives another result each time"),
    ],
)  # fmt: skip
def test_wrong_gradients_are_found(slope: Any, fact: str) -> None:
    Twice.slope = slope
    with pytest.raises(GradcheckError) as raised:
        gradcheck(Twice.apply, (X,))
    assert raised.value.fact == fact
    assert not gradcheck(Twice.apply, (X,), raise_exception=False)


def test_a_wrong_second_derivative_is_found() -> None:
    class Inner(Twice):
        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g * 3

    Twice.slope = Inner.apply
    assert gradcheck(Twice.apply, (X,))
    assert not gradgradcheck(Twice.apply, (X,), raise_exception=False)


def test_types_of_gradients_and_forward_mode() -> None:
    Twice.slope = lambda g: g * 2
    assert gradcheck(Twice.apply, (X,), check_grad_dtypes=True, check_forward_ad=True)
    Twice.slope = lambda g: g * 3
    assert not gradcheck(Twice.apply, (X,), check_forward_ad=True, check_backward_ad=False,
                         raise_exception=False)  # fmt: skip


@pytest.mark.parametrize(
    ("call", "fact"),
    [
        (lambda: gradcheck(lambda x: x, (X.detach(),)),
         "gradcheck needs an input that requires a gradient"),
        (lambda: gradcheck(lambda x: 3, (X,)),
         "the function that gradcheck calls returns no floating tensor"),
        (lambda: gradcheck(lambda x: x, (X,), check_batched_grad=True),
         "gradcheck has no batched checks"),
        (lambda: gradcheck(lambda x: x, (X.detach().to(cr.complex128).requires_grad_(),)),
         "gradcheck differentiates by real floats, not complex128"),
    ],
)  # fmt: skip
def test_what_cannot_be_checked(call: Any, fact: str) -> None:
    with pytest.raises(ArgumentError) as raised:
        call()
    assert raised.value.fact == fact


def test_coarse_types_are_warned_of() -> None:
    with pytest.warns(UserWarning, match="input 0 of gradcheck is float32"):
        gradcheck(lambda x: x * 2, (cr.ones(1, requires_grad=True),), atol=1.0)


# -- functional ------------------------------------------------------------------------------------


def tree(found: Any) -> Any:
    """Values in nested lists."""
    if isinstance(found, tuple | list):
        return [tree(part) for part in found]
    return found.detach().numpy()


def same(a: Any, b: Any) -> None:
    if isinstance(b, list):
        assert len(a) == len(b)
        for part, other in zip(a, b, strict=True):
            same(part, other)
        return
    np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)
    assert a.shape == b.shape


def two(x: Any, y: Any) -> Any:
    return (x * y).sin().sum(0), (x**2).sum()


def one(x: Any, y: Any) -> Any:
    return ((x * y).sin() * y).sum()


def only(x: Any) -> Any:
    return (x**3).sum()


VX, VY = np.array([0.3, 0.1, -2.0]), np.array([[1.0], [0.5]])
CASES: dict[str, Any] = {
    "jacobian": lambda f, t: f.jacobian(two, (t(X), t(Y))),
    "jacobian of one": lambda f, t: f.jacobian(lambda x: x * x, t(X)),
    "jacobian by columns": lambda f, t: f.jacobian(
        two, (t(X), t(Y)), strategy="forward-mode", vectorize=True
    ),
    "hessian": lambda f, t: f.hessian(one, (t(X), t(Y))),
    "hessian of one": lambda f, t: f.hessian(only, t(X)),
    "vjp": lambda f, t: f.vjp(two, (t(X), t(Y)), (t(VX), t(np.array(2.0)))),
    "vjp of a number": lambda f, t: f.vjp(only, t(X)),
    "jvp": lambda f, t: f.jvp(two, (t(X), t(Y)), (t(VX), t(VY))),
    "hvp": lambda f, t: f.hvp(one, (t(X), t(Y)), (t(VX), t(VY))),
    "vhp": lambda f, t: f.vhp(only, t(X), t(VX)),
    "unused": lambda f, t: f.jacobian(lambda x, y: x * 2, (t(X), t(Y))),
    "constant": lambda f, t: f.jacobian(lambda x: x.detach() * 2, t(X)),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_functional(name: str) -> None:
    ours = CASES[name](functional, lambda v: cr.tensor(v, dtype=cr.float64))
    theirs = CASES[name](
        torch.autograd.functional,
        lambda v: torch.tensor(np.asarray(v.detach() if isinstance(v, cr.Tensor) else v)),
    )
    same(tree(ours), tree(theirs))
    flat = [ours] if isinstance(ours, cr.Tensor) else list(ours)
    assert not any(x.requires_grad for x in flat if isinstance(x, cr.Tensor))


def test_functional_with_a_graph() -> None:
    x = cr.tensor([1.0, 2.0], requires_grad=True)
    functional.jacobian(lambda x: x**3, x, create_graph=True).sum().backward()
    assert x.grad.tolist() == [6.0, 12.0]


@pytest.mark.parametrize(
    ("error", "call", "fact"),
    [
        (GradientError, lambda: functional.jacobian(lambda x, y: x, (X, Y), strict=True),
         "the outputs do not depend on input 1"),
        (GradientError, lambda: functional.vjp(lambda x: x.detach(), X, X, strict=True),
         "output 0 does not depend on the inputs"),
        (ArgumentError, lambda: functional.jacobian(only, X, strategy="both"),
         "strategy is 'both'"),
        (ArgumentError, lambda: functional.vjp(lambda x: x, X),
         "v may be left out only where there is one number of outputs"),
        (ShapeError, lambda: functional.jvp(only, X, Y), "v does not fit the inputs"),
        (ArgumentError, lambda: functional.jvp(only, 3), "inputs: a tensor or a tuple of tensors"),
        (ShapeError, lambda: functional.hessian(lambda x: x, X),
         "the function returns one number here"),
    ],
)  # fmt: skip
def test_mistakes_in_functional(error: Any, call: Any, fact: str) -> None:
    with pytest.raises(error) as raised:
        call()
    assert raised.value.fact == fact


# -- several values --------------------------------------------------------------------------------


def test_backward_of_several_values() -> None:
    def grads(library: Any) -> Any:
        x = library.tensor([1.0, 2.0], requires_grad=True)
        y = library.tensor([3.0, 4.0], requires_grad=True)
        parts = [(x * y).sum(), x * 2]
        library.autograd.backward(parts, [None, library.tensor([1.0, 10.0])])
        library.autograd.backward((x * y).sum(), inputs=y)
        return x.grad.tolist(), y.grad.tolist()

    assert grads(cr) == grads(torch)


def test_adjoints_that_do_not_match() -> None:
    with pytest.raises(ArgumentError) as raised:
        cr.autograd.backward([X.sum(), X.sum()], [None])
    assert raised.value.fact == "backward() has 1 adjoints for 2 values"


def test_unused_inputs_of_grad() -> None:
    x, y = cr.ones(2, requires_grad=True), cr.ones(3, requires_grad=True)
    found = cr.autograd.grad(x.sum(), (x, y), materialize_grads=True)
    assert [g.tolist() for g in found] == [[1, 1], [0, 0, 0]]
    for options, fact in (
        ({"is_grads_batched": True},
         "grad() takes one adjoint for each output, not a batch of them"),
        ({"materialize_grads": True, "allow_unused": False},
         "materialize_grads gives zeros for unused inputs: allow them"),
    ):  # fmt: skip
        with pytest.raises(ArgumentError) as raised:
            cr.autograd.grad(x.sum(), (x,), **options)
        assert raised.value.fact == fact


def test_switches() -> None:
    x = cr.ones(1, requires_grad=True)

    @cr.no_grad
    def plain(x: Any) -> Any:
        return x * 2

    @cr.inference_mode()
    def inferred(x: Any) -> Any:
        return x * 2

    assert not plain(x).requires_grad
    assert not inferred(x).requires_grad
    with cr.no_grad(), cr.inference_mode(False):
        assert (x * 2).requires_grad
    with pytest.raises(cr.errors.AnomalyError), cr.autograd.set_detect_anomaly(True):
        x.detach().sub(1).log()
    cr.autograd.set_detect_anomaly(False)
    assert x.detach().sub(1).log().item() == -float("inf")
