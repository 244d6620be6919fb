"""Reductions beside PyTorch: types of results, empty axes, zeros among factors, NaN."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.errors import ArgumentError, DimError, DTypeError
from tests.ops.beside import INF, NAN, both_raise, same, same_gradients

torch = pytest.importorskip("torch")

TYPES = ["bool", "uint8", "int8", "int32", "int64", "float32", "float64"]
A = [[1.0, -2.0, 3.0], [4.0, 0.5, -6.0]]


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize(
    "name",
    ["sum", "prod", "mean", "nansum", "nanmean", "any", "all", "count_nonzero", "amax", "amin",
     "argmax", "argmin", "max", "min", "logsumexp"],
)  # fmt: skip
def test_types_of_results(name: str, dtype: str) -> None:
    data = np.array([[0, 1, 1], [0, 0, 1]]).astype(dtype)
    rest = (1,) if name == "logsumexp" else ()
    try:
        getattr(torch, name)(torch.tensor(data), *rest)
    except RuntimeError:
        both_raise(lambda f, x: getattr(f, name)(x, *rest), data)
        return
    same(lambda f, x: getattr(f, name)(x, *rest), data, rtol=1e-6)
    same(lambda f, x: getattr(f, name)(x, -1), data, rtol=1e-6)


@pytest.mark.parametrize("name", ["sum", "prod", "mean", "nansum", "cumsum", "cumprod"])
def test_dtype_is_taken_before_adding(name: str) -> None:
    data = np.array([[100, 100], [100, 100]], dtype=np.int8)
    along = (0,) if name.startswith("cum") else ()
    same(lambda f, x: getattr(f, name)(x, *along, dtype=f.float64), data)


@pytest.mark.parametrize("name", ["sum", "mean", "amax", "amin", "var", "std", "nansum"])
def test_an_empty_tuple_of_axes_means_all(name: str) -> None:
    same(lambda f, x: getattr(f, name)(x, dim=()), A)
    same(lambda f, x: getattr(f, name)(x, axis=0, keepdims=True), A)


def test_any_and_all_of_no_axes_are_those_of_each_entry() -> None:
    for name in ("any", "all"):
        same(lambda f, x, name=name: getattr(f, name)(x, dim=()), [[0.0, NAN]])
        same(lambda f, x, name=name: getattr(f, name)(x, dim=(0, 1), keepdim=True), A)


@pytest.mark.parametrize("shape", [(0, 3), (3, 0)])
@pytest.mark.parametrize(
    "name",
    ["sum", "prod", "mean", "any", "all", "nansum", "nanmean", "count_nonzero", "amax", "argmax",
     "max", "min", "argmin"],
)  # fmt: skip
def test_empty_axes(name: str, shape: tuple[int, int]) -> None:
    for rest in ((), (0,), (1,)):

        def call(f, x, rest=rest):  # type: ignore[no-untyped-def]
            return getattr(f, name)(x, *rest)

        try:
            call(torch, torch.zeros(shape))
        except (RuntimeError, IndexError):
            both_raise(call, np.zeros(shape))
            continue
        same(call, np.zeros(shape))


def test_products_with_zeros_have_derivatives_of_any_order() -> None:
    for data in ([2.0, 0.0, 3.0], [0.0, 0.0, 3.0], [0.0, 0.0, 0.0], [2.0]):
        same_gradients(lambda f, x: x.prod(), data)
        same_gradients(lambda f, x: x.cumprod(0), data)
    same_gradients(lambda f, x: x.prod(1), [[0.0, 2.0], [3.0, 4.0]])


def test_a_third_derivative_of_a_product() -> None:
    x = cr.tensor([0.0, 2.0, 0.0], requires_grad=True)
    first = cr.autograd.grad(x.prod(), x, create_graph=True)[0]
    second = cr.autograd.grad(first[0], x, create_graph=True)[0]
    assert second.tolist() == [0.0, 0.0, 2.0]
    assert cr.autograd.grad(second[2], x)[0].tolist() == [0.0, 1.0, 0.0]


def test_ties_share_and_first_ones_are_found() -> None:
    for data in ([[2.0, 2.0, 1.0], [0.0, 0.0, 0.0]], A):
        same_gradients(lambda f, x: f.amax(x, 1), data)
        same_gradients(lambda f, x: f.amin(x), data)
        same_gradients(lambda f, x: f.max(x), data)
        same(lambda f, x: (x.argmax(1), x.argmin(1), x.argmax(), x.argmin()), data)


def test_nan_is_left_out_where_asked() -> None:
    data = [[1.0, NAN, 3.0], [NAN, NAN, NAN]]
    for name in ("nansum", "nanmean", "sum", "amax", "amin", "argmax", "count_nonzero"):
        same(lambda f, x, name=name: getattr(f, name)(x, 1), data)
    same_gradients(lambda f, x: (f.nansum(x), f.nanmean(x[0])), data)


def test_infinities_in_sums_of_exponentials() -> None:
    for data in ([-INF, -INF], [INF, 1.0], [-INF, 1.0], [1000.0, 1000.0]):
        same(lambda f, x: f.logsumexp(x, 0), data)
    same_gradients(lambda f, x: f.logsumexp(x, (0, 1)), A)


def test_prod_goes_along_one_axis() -> None:
    with pytest.raises(ArgumentError, match="prod goes along one axis, not"):
        cr.ones(2, 3).prod((0, 1))
    both_raise(lambda f, x: f.prod(x, (0, 1)), A)


def test_what_has_no_answer() -> None:
    with pytest.raises(DimError, match="axis 0 has no entries, so it has no maximum or minimum"):
        cr.amax(cr.zeros(0, 3), 0)
    with pytest.raises(DTypeError, match="mean needs a tensor of floating"):
        cr.mean(cr.ones(3, dtype=cr.int64))
    both_raise(lambda f, x: f.sum(x, 2), A)


def test_long_columns_are_added_accurately() -> None:
    rows = np.full((200_000, 3), 0.1, np.float32)
    for function in (cr.sum, cr.mean, lambda x, d: cr.var(x, d)):
        ours, theirs = function(cr.tensor(rows), 0), function(cr.tensor(rows, dtype=cr.float64), 0)
        np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-5, atol=1e-9)


def test_numbers_are_told_from_nan_in_bools_too() -> None:
    same(lambda f, x: f.nansum(x, dtype=f.bool), np.array([2, 3, 0]))


@pytest.mark.parametrize("name", ["sum", "nansum", "prod", "cumsum", "cumprod"])
def test_a_type_that_cuts_off_a_gradient_is_refused(name: str) -> None:
    x = cr.tensor([1.0, 2.0], requires_grad=True)
    along = (0,) if name.startswith("cum") else ()
    for _ in range(2):  # what a call is bound to is remembered
        with pytest.raises(DTypeError, match=f"{name} in int64 would cut off the gradient"):
            getattr(x, name)(*along, dtype=cr.int64)
    assert getattr(x.detach(), name)(*along, dtype=cr.int64).dtype is cr.int64
    with cr.no_grad():
        assert getattr(x, name)(*along, dtype=cr.int64).dtype is cr.int64


@pytest.mark.parametrize("name", ["max", "min"])
def test_the_second_argument_of_max_is_an_axis_or_another_tensor(name: str) -> None:
    same(lambda f, x: getattr(f, name)(x, other=-x), np.array(A))
    same(lambda f, x: getattr(f, name)(x, -x), np.array(A))
    same(lambda f, x: getattr(f, name)(input=x, dim=f.tensor(0)), np.array(A))
    same(lambda f, x: getattr(f, name)(x, 1, True), np.array(A))
