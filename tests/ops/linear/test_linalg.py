"""Linear systems, inverses and determinants beside PyTorch: right sides, batches, singular ones."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.errors import DimError, ShapeError, ValueCheckError
from tests.ops.beside import both_raise, same, same_gradients

torch = pytest.importorskip("torch")

RNG = np.random.default_rng(3)
A = RNG.normal(size=(3, 3)).round(2) + 3 * np.eye(3)
S = np.stack([A, A.T + 0.5, -A])

SIDES = [
    (A, (3,)), (A, (3, 1)), (A, (5, 3, 3)), (A, (2, 3, 4)), (S, (3,)), (S, (3, 3)), (S, (3, 2)),
    (S, (3, 3, 2)), (S, (2, 1, 3, 2)), (S[:, None], (2, 3, 1)),
]  # fmt: skip


@pytest.mark.parametrize(("a", "shape"), SIDES, ids=range(len(SIDES)))
def test_right_sides(a: np.ndarray, shape: tuple[int, ...]) -> None:
    y = RNG.normal(size=shape).round(2)
    same(lambda f, a, y: f.linalg.solve(a, y), a, y, rtol=1e-11)
    same_gradients(lambda f, a, y: f.linalg.solve(a, y), a, y, rtol=1e-8)


def test_from_the_right() -> None:
    y = RNG.normal(size=(2, 3))
    same(lambda f, a, y: f.linalg.solve(a, y, left=False), A, y, rtol=1e-11)
    same(lambda f, a, y: f.linalg.solve(a, y, left=False), S, y, rtol=1e-11)


def test_inverses_and_powers() -> None:
    same(lambda f, a: (f.inverse(a), f.linalg.inv(a), a.inverse()), S, rtol=1e-11)
    same_gradients(lambda f, a: f.linalg.inv(a), A, rtol=1e-9)
    for n in (-2, -1, 0, 1, 2, 3, 6):
        same(lambda f, a, n=n: (f.matrix_power(a, n), f.linalg.matrix_power(a, n)), S, rtol=1e-11)
    same_gradients(lambda f, a: f.matrix_power(a, 3), A, rtol=1e-9)
    same_gradients(lambda f, a: a.matrix_power(-2), A, rtol=1e-8)
    same(lambda f, a: a.matrix_power(3), np.array([[1, 1], [0, 1]]))


def test_determinants() -> None:
    for data in (S, A, np.zeros((0, 0)), np.zeros((2, 0, 0)), np.zeros((2, 2))):
        same(lambda f, a: (f.det(a), f.linalg.det(a), *f.slogdet(a)), data, rtol=1e-11)
    same(lambda f, a: (f.logdet(a), *f.linalg.slogdet(a)), S, rtol=1e-11)
    same_gradients(lambda f, a: (f.det(a), f.slogdet(a)[1]), A, rtol=1e-9)


def test_determinants_beyond_floats() -> None:
    big = (np.eye(200) * 1e3 + RNG.normal(size=(200, 200))).astype(np.float32)
    for factor in (np.float32(1), np.float32(1e-6)):
        same(lambda f, a: tuple(f.slogdet(a)), big * factor, rtol=1e-4)


def test_traces() -> None:
    for shape in ((3, 3), (2, 4), (4, 2), (0, 3), (1, 1)):
        same(lambda f, a: f.trace(a), RNG.normal(size=shape))
    same(lambda f, a: a.trace(), np.array([[1, 2], [3, 4]], np.int32))
    same_gradients(lambda f, a: f.trace(a), RNG.normal(size=(2, 4)))
    both_raise(lambda f, a: f.trace(a[0]), A)
    both_raise(lambda f, a: f.trace(a > 0), A)


def test_what_is_refused() -> None:
    for call in (
        lambda f, a: f.linalg.solve(a * 0, a), lambda f, a: f.linalg.inv(a * 0),
        lambda f, a: f.linalg.matrix_power(a * 0, -1), lambda f, a: f.linalg.solve(a[:2], a),
        lambda f, a: f.linalg.inv(a[:2]), lambda f, a: f.det(a[:2]), lambda f, a: f.slogdet(a[0]),
        lambda f, a: f.linalg.solve(a, a[:2]), lambda f, a: f.linalg.solve(a, a.float()),
        lambda f, a: f.linalg.inv(a.long()), lambda f, a: f.det(a.long()),
        lambda f, a: f.linalg.solve(a.long(), a.long()), lambda f, a: f.matrix_power(a.long(), -1),
        lambda f, a: f.linalg.solve(a, a[0], left=False), lambda f, a: f.matrix_power(a[:2], 2),
        lambda f, a: f.linalg.solve(a, a[0, 0]),
    ):  # fmt: skip
        both_raise(call, A)
    a = cr.tensor(A)
    for call in (lambda: cr.linalg.solve(a * 0, a), lambda: cr.linalg.inv(a * 0)):
        with pytest.raises(ValueCheckError, match="a matrix is singular: its determinant is 0"):
            call()
    with pytest.raises(cr.linalg.LinAlgError, match="inverse: a matrix is singular"):
        a.zero_().inverse()
    with pytest.raises(ShapeError, match=r"a matrix of shape \(2, 3\) is not square"):
        cr.linalg.solve(a[:2], a)
    with pytest.raises(ShapeError, match="left=False needs a matrix on the right side"):
        cr.linalg.solve(a, a[0], left=False)
    with pytest.raises(ShapeError, match="the right side has no axes"):
        cr.linalg.solve(a, a[0, 0])


def test_exact_systems() -> None:
    a = cr.tensor([[2, 1], [1, 3]], dtype=cr.exact)
    x = cr.linalg.solve(a, cr.tensor([1, 2], dtype=cr.exact))
    assert str(x) == "tensor([1/5, 3/5], dtype=chainrule.exact)"
    assert str(cr.linalg.slogdet(-a).logabsdet) == "tensor(log(5), dtype=chainrule.exact)"
    assert cr.linalg.inv(a).det().item() == cr.tensor(0.2, dtype=cr.exact).item()


def test_symbolic_inverse() -> None:
    t = cr.symbols("t")
    a = cr.stack([cr.stack([t, t * 0 + 1]), cr.stack([t * 0, t])])
    assert str(cr.linalg.inv(a)[0]) == "tensor([1/t, -1/t**2], dtype=chainrule.exact)"


@pytest.mark.parametrize("n", [1, 2, 3])
def test_the_derivative_of_small_determinants_divides_by_nothing(n: int) -> None:
    """At singular matrices, PyTorch has it with create_graph only."""
    for data in (np.zeros((n, n)), np.ones((2, n, n)), RNG.normal(size=(n, n))):
        x, y = cr.tensor(data, requires_grad=True), torch.tensor(data, requires_grad=True)
        (ours,) = cr.autograd.grad(cr.det(x).sum(), x, create_graph=True)
        (theirs,) = torch.autograd.grad(_leibniz(y).sum(), y, create_graph=True)
        np.testing.assert_allclose(ours.detach().numpy(), theirs.detach().numpy(), atol=1e-12)
        if n > 1:
            twice = cr.autograd.grad((ours * ours).sum(), x)[0].numpy()
            (again,) = torch.autograd.grad((theirs * theirs).sum(), y)
            np.testing.assert_allclose(twice, again.numpy(), atol=1e-10)


def _leibniz(a):  # type: ignore[no-untyped-def]
    """The determinant as a polynomial of its entries."""
    if a.shape[-1] < 2:
        return a[..., 0, 0] * 1
    if a.shape[-1] == 2:
        return a[..., 0, 0] * a[..., 1, 1] - a[..., 0, 1] * a[..., 1, 0]
    return (a[..., 0, :] * torch.linalg.cross(a[..., 1, :], a[..., 2, :])).sum(-1)


def test_a_singular_matrix_of_four_rows_has_no_gradient_here() -> None:
    x = cr.ones(4, 4).requires_grad_()
    with pytest.raises(ValueCheckError, match="a matrix is singular"):
        cr.det(x).backward()


def test_adjoints_and_diagonals() -> None:
    for shape in ((2, 3), (2, 2, 3), ()):
        same(lambda f, a: (f.adjoint(a), a.adjoint()), RNG.normal(size=shape))
    same(lambda f, a: f.real(f.adjoint(f.complex(a, 2 * a))), A)
    same(lambda f, a: f.imag(f.complex(a, a).mH) * 1, A)
    same(lambda f, a: f.linalg.diagonal(a, offset=1), RNG.normal(size=(4, 2, 3)))
    same_gradients(lambda f, a: f.linalg.diagonal(a), RNG.normal(size=(4, 2, 3)))
    both_raise(lambda f, a: f.adjoint(a), np.ones(3))
    with pytest.raises(DimError, match="the adjoint of a matrix is asked for"):
        cr.adjoint(cr.ones(3))


def test_operands_by_name() -> None:
    same(lambda f, a: (f.linalg.det(A=a), f.det(input=a), f.linalg.inv(A=a)), A)
    same(lambda f, a: (f.linalg.solve(A=a, B=a), f.logdet(input=a), f.trace(input=a)), A)
    same(lambda f, a: f.linalg.norm(input=a), A)
