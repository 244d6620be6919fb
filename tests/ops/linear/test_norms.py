"""Norms beside PyTorch: every order, zeros, empty axes, types."""

import math

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.errors import ArgumentError, DimError, DTypeError, ShapeError
from tests.ops.beside import INF, NAN, agree, both_raise, same, same_gradients

torch = pytest.importorskip("torch")

A = [[1.0, -2.0, 3.0], [4.0, 0.0, -6.0]]
ORDERS = [0, 0.5, 1, 1.5, 2, 3, 3.5, INF, -INF, -1, -2]


@pytest.mark.parametrize("order", ORDERS)
def test_vectors(order: float) -> None:
    for data in (A, [[0.0, 0.0, 0.0], [0.0, 2.0, -2.0]], [[NAN, 1.0, INF], [1.0, 2.0, 2.0]]):
        for rest in ({}, {"dim": 1}, {"dim": (0, -1), "keepdim": True}, {"dim": ()}):
            same(lambda f, x, r=rest: f.linalg.vector_norm(x, order, **r), data)
            same(lambda f, x, r=rest: f.norm(x, order, **r), data)
        same(lambda f, x: f.linalg.norm(x, order, dim=1), data)
    same(lambda f, x: f.linalg.vector_norm(x, order), 3.0)


@pytest.mark.parametrize("order", ORDERS[1:])
def test_gradients(order: float) -> None:
    zeros = [[0.0, 0.0, 0.0], [0.0, 2.0, -2.0]]
    smooth = [[1.0, -2.0, 3.0], [4.0, 0.5, -6.0]]
    same_gradients(lambda f, x: f.linalg.vector_norm(x, order, dim=1), smooth)
    same_gradients(lambda f, x: f.linalg.vector_norm(x, order, dim=1), zeros, second=False)


def test_the_count_of_entries_has_no_gradient() -> None:
    x = cr.tensor(A, requires_grad=True)
    assert cr.autograd.grad(x.norm(0) + x.sum(), x)[0].tolist() == np.ones((2, 3)).tolist()


@pytest.mark.parametrize("order", [0, 1, 2, 3, INF, -1])
def test_empty_axes(order: float) -> None:
    for shape in ((0,), (0, 3)):
        call = lambda f, x: f.linalg.vector_norm(x, order, dim=0)  # noqa: E731
        if order in (INF, -1):
            both_raise(call, np.zeros(shape))
        else:
            same(call, np.zeros(shape))


def test_types() -> None:
    data = np.array([3.0, -4.0], np.float32)
    same(lambda f, x: f.linalg.vector_norm(x, dtype=f.float64), data)
    same(lambda f, x: f.norm(x + 1j), data, rtol=1e-6)
    for call in (
        lambda f, x: f.linalg.vector_norm(x.double(), dtype=f.float32),
        lambda f, x: f.norm(f.tensor([1, 2])), lambda f, x: f.linalg.vector_norm(x, "fro"),
        lambda f, x: f.linalg.vector_norm(x + 1j, dtype=f.float32),
        lambda f, x: f.linalg.vector_norm(x, dtype=f.complex64),
    ):  # fmt: skip
        both_raise(call, data)


@pytest.mark.parametrize("order", ["fro", 1, -1, INF, -INF])
def test_matrices(order: float) -> None:
    for rest in ({}, {"keepdim": True}, {"dim": (1, 0)}, {"dim": (0, -1), "keepdim": True}):
        same(lambda f, x, r=rest: f.linalg.matrix_norm(x, order, **r), A)
        same(lambda f, x, r=rest: f.linalg.norm(x, order, **r), A)
    same(lambda f, x: f.linalg.matrix_norm(x, order), [A, A])
    same_gradients(lambda f, x: f.linalg.matrix_norm(x, order), [[1.0, -2.0], [3.0, 0.5]])


def test_whole_tensors() -> None:
    same(lambda f, x: (f.linalg.norm(x), f.norm(x), x.norm(), f.norm(x, p=None)), [A, A])
    same(lambda f, x: (x.norm(dim=1), f.norm(x, "fro", 0), f.norm(x, 2, (0, 1))), A)


def test_distances() -> None:
    other = [[0.0, 1.0, 3.0], [1.0, 0.0, 0.0], [4.0, 0.0, -6.0]]
    for p in (0.0, 1.0, 2.0, 2.5, INF):
        same(lambda f, x, y, p=p: f.cdist(x, y, p), A, other)
        same(lambda f, x, p=p: f.dist(x, x[:1], p), A)
    same_gradients(lambda f, x, y: f.cdist(x, y), A, other, second=False)
    same(lambda f, x, y: f.cdist(x, y), [A], np.zeros((4, 2, 3)))
    both_raise(lambda f, x: f.cdist(x, x[:, :2]), A)
    both_raise(lambda f, x: f.cdist(x[0], x), A)
    same(lambda f, x: f.cdist(x, x, p=INF), np.zeros((2, 0)))


def test_exact_norms() -> None:
    x = cr.tensor([1, -2], dtype=cr.exact)
    assert str(x.norm()) == "tensor(sqrt(5), dtype=chainrule.exact)"
    assert str(x.norm(3)) == f"tensor({'3**(2/3)'}, dtype=chainrule.exact)"
    assert [x.norm(p).item() for p in (0, 1, INF, -INF)] == [2, 3, 2, 1]


def test_the_registry_samples_positive_entries_only_so_signs_are_here() -> None:
    x = cr.tensor([3.0, -4.0], requires_grad=True)
    assert cr.autograd.grad(x.norm(), x)[0].tolist() == pytest.approx([0.6, -0.8])
    agree(x.norm(math.inf), torch.tensor([3.0, -4.0]).norm(math.inf))


def test_what_is_refused() -> None:
    x = cr.tensor(A)
    cases = [
        (lambda: cr.linalg.matrix_norm(x, 2), ArgumentError, "no matrix norm of order 2"),
        (lambda: cr.linalg.norm(x, "nuc"), ArgumentError, "singular values, which are not"),
        (lambda: x.norm("nuc"), ArgumentError, "the nuclear norm is the sum of singular values"),
        (lambda: x[None].norm(dim=(0, 1, 2)), ArgumentError, "'fro' is a norm of matrices"),
        (lambda: cr.linalg.matrix_norm(x[0]), DimError, "a matrix has at least 2 axes, and this"),
        (lambda: cr.linalg.matrix_norm(x, dim=(0, 0)), DimError, "along two different axes"),
        (lambda: cr.linalg.matrix_norm(x, dim=0), ArgumentError, "lies along two axes, not dim=0"),
        (lambda: cr.linalg.norm(x[None], 2), ArgumentError, "a norm of order 2 of 3 axes"),
        (lambda: cr.linalg.vector_norm(x, "fro"), ArgumentError, "is a number, not 'fro'"),
        (lambda: cr.linalg.vector_norm(cr.zeros(0), INF), DimError, "has no norm of order inf"),
        (lambda: x.double().norm(dtype=cr.float32), DTypeError, "float64 would not be widened"),
        (lambda: cr.cdist(x, x[:, :2]), ShapeError, "distances are between rows of equal length"),
    ]
    for call, kind, words in cases:
        with pytest.raises(kind, match=words):
            call()
    both_raise(lambda f, x: f.linalg.matrix_norm(x, 3), A)
    both_raise(lambda f, x: f.linalg.norm(x[0], "fro"), A)
    both_raise(lambda f, x: f.linalg.norm(x, "fro", dim=1), A)


def test_an_order_of_more_than_two_axes_needs_them() -> None:
    for order in ("fro", 1):
        both_raise(lambda f, x, p=order: f.linalg.norm(x, p), np.ones((2, 2, 2)))
        with pytest.raises(ArgumentError, match="of 3 axes is of none of them"):
            cr.linalg.norm(cr.ones(2, 2, 2), order)
    both_raise(lambda f, x: f.linalg.norm(x, 2, (0, 1, 2)), np.ones((2, 2, 2)))
    with pytest.raises(ArgumentError, match=r"along 1 axis or 2, not dim=\(0, 1, 2\)"):
        cr.linalg.norm(cr.ones(2, 2, 2), 2, (0, 1, 2))


def test_a_norm_that_is_nan_has_no_gradient_at_the_others() -> None:
    data = np.array([1.0, NAN, 3.0])
    for order in (INF, -INF):
        same_gradients(lambda f, x, p=order: f.linalg.vector_norm(x, p), data, second=False)
