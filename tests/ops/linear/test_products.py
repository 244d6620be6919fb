"""Products of vectors and matrices beside PyTorch: ranks, types, beta and alpha, gradients."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.errors import ArgumentError, DimError, DTypeError, ShapeError
from tests.ops.beside import NAN, both_raise, same, same_gradients

torch = pytest.importorskip("torch")

RNG = np.random.default_rng(7)
V, W, M, N = (RNG.normal(size=s).round(2) for s in ((3,), (4,), (2, 3), (3, 4)))
B, C = RNG.normal(size=(2, 2, 3)).round(2), RNG.normal(size=(2, 3, 4)).round(2)
Q = RNG.normal(size=(2, 3, 4)).round(2)

CALLS = [
    (lambda f, a, b: f.mm(a, b), (M, N)),
    (lambda f, a, b: a.bmm(b), (B, C)),
    (lambda f, a, b: f.mv(a, b), (M, V)),
    (lambda f, a, b: f.dot(a, b), (V, V)),
    (lambda f, a, b: f.vdot(a, b), (V, V)),
    (lambda f, a, b: f.inner(a, b), (M, V)),
    (lambda f, a, b: f.inner(a, b), (B, M)),
    (lambda f, a, b: f.outer(a, b), (V, W)),
    (lambda f, a, b: a.ger(b), (V, W)),
    (lambda f, a, b: f.linalg.vecdot(a, b), (M, V)),
    (lambda f, a, b: f.linalg.vecdot(a, b, dim=0), (M, M)),
    (lambda f, a, b: f.cross(a, b), (V, V)),
    (lambda f, a, b: f.cross(a, b, dim=1), (M, M)),
    (lambda f, a, b: f.cross(a, b), (N, N)),
    (lambda f, a, b: f.linalg.cross(a, b), (M, M[:1])),
    (lambda f, x, a, b: f.addmm(x, a, b), (W, M, N)),
    (lambda f, x, a, b: x.addmm(a, b, beta=0.5, alpha=-2), (W, M, N)),
    (lambda f, x, a, b: f.addmv(x, a, b, beta=2), (V[:2], M, V)),
    (lambda f, x, a, b: f.addr(x, a, b, alpha=3), (W, V, W)),
    (lambda f, x, a, b: f.baddbmm(x, a, b, beta=0.5), (W, B, C)),
    (lambda f, x, a, b: f.addbmm(x, a, b, alpha=0.5), (W, B, C)),
    (lambda f, a, b: f.tensordot(a, b, dims=1), (M, N)),
    (lambda f, a, b: f.tensordot(a, b), (B, B[0])),
    (lambda f, a, b: f.tensordot(a, b, dims=([0, 2], [0, 1])), (B, C)),
    (lambda f, a, b: f.tensordot(a, b, dims=0), (M, V)),
    (lambda f, a, b: f.tensordot(a, b, dims=1), (V[:1], V)),
    (lambda f, a, b: f.tensordot(a, b, dims=1), (V, V[:1])),
    (lambda f, a, b: f.linalg.multi_dot([a, b]), (V, N)),
    (lambda f, a, b, c: f.linalg.multi_dot([a, b, c]), (M, N, W)),
    (lambda f, a, b: f.chain_matmul(a, b, b.T, b), (M, N)),
    (lambda f, *data: f.nn.functional.bilinear(*data), (B[0], N[:2], Q, V[:2])),
    (lambda f, *data: f.nn.functional.bilinear(*data), (B, C[:, :2], Q)),
]  # fmt: skip


@pytest.mark.parametrize(("call", "data"), CALLS, ids=range(len(CALLS)))
def test_values_and_gradients(call, data) -> None:  # type: ignore[no-untyped-def]
    same(call, *data)
    same_gradients(call, *data)
    same(call, *(d.astype(np.float32) for d in data), rtol=1e-6)


def test_types() -> None:
    whole = np.array([[1, 2], [3, 4]])
    same(lambda f, a: (f.mm(a, a), f.mv(a, a[0]), f.dot(a[0], a[0]), f.matmul(a, a)), whole)
    same(lambda f, a: f.addmm(a, a, a, beta=2, alpha=3), whole.astype(np.int8))
    same(lambda f, a: f.outer(a[0], a[0] > 1), whole)
    same(lambda f, a: (f.outer(a[0] > 1, a[0] > 1), f.inner(a, f.tensor(2))), whole)
    same(lambda f, a: f.inner(f.tensor(0.5), a), whole)
    same(lambda f, a: f.vdot(a[0] + 1j, a[1] * 1j), whole.astype(np.float32), rtol=1e-6)
    for call in (
        lambda f, a: f.mm(a, a.double()), lambda f, a: f.matmul(a, a.int()),
        lambda f, a: f.mm(a > 1, a > 1), lambda f, a: f.dot(a[0] > 1, a[0] > 1),
        lambda f, a: a @ a.double(), lambda f, a: f.linalg.vecdot(a, a),
        lambda f, a: f.nn.functional.linear(a.float(), a.double()),
        lambda f, a: f.tensordot(a > 1, a > 1),
        lambda f, a: f.addmm(a.float(), a, a), lambda f, a: f.linalg.cross(a, a.float()),
    ):  # fmt: skip
        both_raise(call, whole)


def test_a_term_with_factor_0_is_not_looked_at() -> None:
    same(lambda f, a, b: f.addmm(f.full((4,), NAN, dtype=f.float64), a, b, beta=0), M, N)


def test_a_product_with_factor_0_is_not_looked_at() -> None:
    same(lambda f, x, a, b: f.addmm(x, a * NAN, b, beta=2, alpha=0), W, M, N)


def test_empty_factors() -> None:
    same(lambda f, a, b: (f.mm(a, b), a @ b), np.zeros((2, 0)), np.zeros((0, 3)))
    same(lambda f, a: (f.dot(a, a), f.inner(a, a)), np.zeros(0))


def test_ranks_that_do_not_fit() -> None:
    for call in (
        lambda f, a, b: f.mm(a, a), lambda f, a, b: f.mm(a[0], b), lambda f, a, b: f.bmm(a, b),
        lambda f, a, b: f.mv(a, b), lambda f, a, b: f.dot(a, a), lambda f, a, b: f.dot(a[0], b[0]),
        lambda f, a, b: f.outer(a, b), lambda f, a, b: f.addmm(a, a, b),
        lambda f, a, b: f.addmm(f.zeros(2, 2, 4, dtype=f.float64), a, b),
        lambda f, a, b: f.tensordot(a, b, dims=2), lambda f, a, b: f.tensordot(a, b, dims=5),
        lambda f, a, b: f.cross(a, a[0]), lambda f, a, b: f.tensordot(a, b[0, 0], ([0], [0])),
        lambda f, a, b: f.cross(b, b, dim=1), lambda f, a, b: f.cross(a[:, :2], a[:, :2]),
        lambda f, a, b: f.linalg.multi_dot([a]), lambda f, a, b: f.linalg.multi_dot([a, b[None]]),
        lambda f, a, b: f.bmm(a[None], b.expand(2, 3, 4)), lambda f, a, b: f.inner(a, b),
    ):  # fmt: skip
        both_raise(call, M, N)


def test_the_words_of_errors() -> None:
    m, n = cr.tensor(M), cr.tensor(N)
    cases = [
        (lambda: cr.mm(m, m), ShapeError, "mm: axis 'k' is 3 in one place and 2 in another"),
        (lambda: cr.mm(m, n.float()), DTypeError, "operands of different types: float64, "),
        (lambda: cr.inner(m, n), ShapeError, "the last axis is 3 in one operand and 4"),
        (lambda: cr.addmm(m, m, n), ShapeError, "axis -1 is 3 in one operand and 4 in another"),
        (lambda: cr.addmm(n, m, n), ShapeError, "axis -2 is 3 in one operand and 2 in another"),
        (lambda: cr.addmm(n[None], m, n), ShapeError, "cannot be repeated to the product's"),
        (lambda: cr.addmm(m.long(), m.long(), n.long(), alpha=0.5), DTypeError, "alpha is 0.5"),
        (lambda: cr.linalg.cross(n, n), ShapeError, "a cross product is of 3 entries, and axis 1"),
        (lambda: cr.linalg.cross(n, n[0]), ShapeError, "one operand has 2 axes and the other 1"),
        (lambda: cr.cross(m[:, :2], m[:, :2]), ShapeError, "no axis of .* has them"),
        (lambda: cr.linalg.vecdot(m[0, 0], m[0, 0]), ShapeError, "have no axis to be summed"),
        (lambda: cr.tensordot(m, n, 5), ArgumentError, "tensordot over 5 axes of 2 and 2"),
        (lambda: cr.tensordot(m, n[0, 0], ([0], [0])), DimError, "of a number without axes"),
        (lambda: cr.tensordot(m, n, ([0, 0], [0, 1])), ArgumentError, "tensordot pairs axes"),
        (lambda: cr.tensordot(m, n, ([0], [1])), ShapeError, "axis 0 of a is 2, and axis 1 of b"),
        (lambda: cr.linalg.multi_dot([m]), ArgumentError, "at least two tensors, not 1"),
        (lambda: cr.linalg.multi_dot([m, n[None]]), ShapeError, "factor 1 of multi_dot has 3 axes"),
    ]
    for call, kind, words in cases:
        with pytest.raises(kind, match=words):
            call()


def test_exact_products() -> None:
    a = cr.tensor([[1, 0.5], [0, 1]], dtype=cr.exact)
    assert str(cr.addmm(a, a, a)[0]) == "tensor([2, 3/2], dtype=chainrule.exact)"
    assert cr.mm(a, cr.tensor([[1, 2], [3, 4]])).dtype is cr.exact


def test_operands_by_name() -> None:
    same(lambda f, a, b: f.mm(input=a, mat2=b), M, N)
    same(lambda f, a, b: f.bmm(a, mat2=b), B, C)
    same(lambda f, a, b: f.mv(a, vec=b), M, V)
    same(lambda f, a, b: (f.dot(a, tensor=b), f.outer(a, vec2=b)), V, V)
    same(lambda f, x, a, b: f.addmm(input=x, mat1=a, mat2=b), W, M, N)
    same(lambda f, x, a, b: f.addmv(input=x, mat=a, vec=b), V[:2], M, V)
    same(lambda f, x, a, b: f.addr(input=x, vec1=a, vec2=b), W, V, W)
    same(lambda f, x, a, b: f.addbmm(input=x, batch1=a, batch2=b), W, B, C)
    same(lambda f, x, y, w: f.nn.functional.bilinear(input1=x, input2=y, weight=w), B[0], N[:2], Q)


def test_in_place() -> None:
    for name, data in (("addmm_", (M @ N, M, N)), ("addr_", (M, V[:2], V))):
        same(lambda f, x, a, b, n=name: getattr(x.clone(), n)(a, b, beta=2, alpha=3), *data)
    with pytest.raises(ShapeError, match=r"a result of shape \(2, 4\) cannot be written"):
        cr.tensor(W).addmm_(cr.tensor(M), cr.tensor(N))


def test_what_alpha_0_leaves_out() -> None:
    data = np.ones(2), np.array([1.0, np.inf])
    same(lambda f, a, b: f.addmv(a, f.ones(2, 2).double(), b, alpha=0), *data)
    same(lambda f, a, b: f.addr(a, a, b, alpha=0), *data)
    same(lambda f, a, b: f.addmv(b, f.ones(2, 2).double(), a, alpha=0, beta=0), *data)


def test_a_weight_of_one_axis_gives_one_number() -> None:
    linear = lambda f: f.nn.functional.linear  # noqa: E731
    for x in (V, M, B):
        same(lambda f, x, w: linear(f)(x, w), x, V)
        same_gradients(lambda f, x, w: linear(f)(x, w), x, V)
    same(lambda f, x, w, b: linear(f)(x, w, b), B, V, np.array(2.0))
    same_gradients(lambda f, x, w, b: linear(f)(x, w, b), B, V, np.array(2.0))
    with pytest.raises(ShapeError, match=r"a bias of shape \(2,\) for a weight of one axis"):
        cr.nn.functional.linear(cr.ones(2, 3), cr.ones(3), cr.ones(2))
