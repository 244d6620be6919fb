"""What the table of primitives cannot show of the NumPy namespace: dtypes, edges, refusals."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from chainrule.namespaces import numpy as xp

FLOATS = ["float16", "float32", "float64", "complex64", "complex128"]


@pytest.mark.parametrize("dtype", [*FLOATS, "int32", "int64", "uint8"])
def test_dtypes_are_kept(dtype: str) -> None:
    x = xp.cast(np.arange(1, 7).reshape(2, 3), dtype)
    results = [
        xp.add(x, 1),
        xp.multiply(x, x),
        xp.where(x == 1, x, 0),
        xp.sum(x, (0,), False),
        xp.cumsum(x, 1),
        xp.pad(x, ((1, 0), (1, 0)), 1),
        xp.place(x, np.s_[:2, :3], (4, 4)),
        xp.fold(x, (4,), (3,), (1,), (1,)),
        xp.matmul(x, x.T),
        xp.einsum((x, x), "ij,kj->ik"),
    ]
    for result in results:
        assert result.dtype == dtype


@pytest.mark.parametrize("dtype", FLOATS)
def test_a_python_number_takes_the_dtype_beside_it(dtype: str) -> None:
    x = xp.full((2,), 3, dtype)
    for name in ("add", "subtract", "multiply", "divide", "power", "maximum"):
        for operands in ((x, 0.5), (0.5, x)):
            assert getattr(xp, name)(*operands).dtype == dtype
    assert xp.where(x == 3, 0.5, x).dtype == dtype


def test_bools_add_up_to_a_bool() -> None:
    assert xp.sum(np.ones((2, 2), bool), (0, 1), False).dtype == bool


@pytest.mark.parametrize(
    ("x", "dtype", "expected"),
    [
        (np.array([-1.7, 1.7]), "int64", [-1, 1]),
        (np.array([1 + 2j]), "float32", [1.0]),
        (np.array([2j, 0]), "bool", [True, False]),
        (np.array([1.5]), "complex64", [1.5 + 0j]),
    ],
)
def test_cast(x: Any, dtype: str, expected: list[Any]) -> None:
    result = xp.cast(x, dtype)
    assert result.dtype == dtype
    assert result.tolist() == expected


def test_cast_to_the_same_dtype_is_free() -> None:
    x = np.ones(3)
    assert xp.cast(x, "float64") is x


@pytest.mark.parametrize(
    ("re", "im", "dtype"),
    [("float32", "float32", "complex64"), ("float64", "float64", "complex128")],
)
def test_complex_is_twice_as_wide(re: str, im: str, dtype: str) -> None:
    z = xp.complex(xp.full((2, 1), 1, re), xp.full((3,), 2, im))
    assert z.dtype == dtype
    assert (z == np.full((2, 3), 1 + 2j)).all()
    assert xp.real(z).tolist() == [[1] * 3] * 2
    assert xp.imag(z).tolist() == [[2] * 3] * 2


# -- moves ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("x", [np.arange(3.0), np.arange(6.0)[::2], np.array(2.0), np.float32(2)])
def test_expand_is_a_view_nobody_can_write(x: Any) -> None:
    result = xp.expand(x, (4, 1, *np.shape(x)))
    np.testing.assert_array_equal(result, np.broadcast_to(x, result.shape))
    assert not result.flags.writeable


def test_expand_of_nothing() -> None:
    assert xp.expand(np.zeros((0, 1)), (4, 0, 3)).shape == (4, 0, 3)


def test_expand_refuses_to_repeat_several_entries() -> None:
    with pytest.raises(ValueError, match="an axis of 2 cannot be expanded to 4"):
        xp.expand(np.zeros(2), (4,))


sizes = st.tuples(
    st.integers(1, 9), st.integers(1, 4), st.integers(1, 3), st.integers(1, 3)
).filter(lambda s: s[0] > s[3] * (s[1] - 1))


@given(st.lists(sizes, min_size=1, max_size=2), st.booleans())
def test_fold_is_the_adjoint_of_windows(axes: list[tuple[int, ...]], transposed: bool) -> None:
    rng = np.random.default_rng(0)
    spatial, *layout = (tuple(s) for s in zip(*axes, strict=True))
    x = rng.integers(-5, 5, (2, *spatial)).astype(float)
    if transposed:
        x = np.asfortranarray(x)
    y = xp.windows(x, *layout)
    g = rng.integers(-5, 5, y.shape).astype(float)
    assert (y * g).sum() == (x * xp.fold(g, x.shape, *layout)).sum()
    assert not y.flags.writeable


def test_windows_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match=r"windows of \(9,\), dilation \(1,\), do not fit"):
        xp.windows(np.zeros(5), (9,), (1,), (1,))


# -- products ------------------------------------------------------------------------------------

SIZES = dict(zip("abijk", (2, 3, 4, 5, 3), strict=True))
EQUATIONS = """
    ij,jk->ik  aij,ajk->aik  ij,kj->ki  ij,aj->ia  i,i->  i,j->ij  ij,ij->i  aij,bij->ab  ij->ji
    ii->i  ij->  ij,jk,ka->ia  ij,a->ij  abi,aij->jab  ij,j->i  ii,ij->j
"""


@pytest.mark.parametrize("equation", EQUATIONS.split())
def test_einsum(equation: str) -> None:
    rng = np.random.default_rng(0)
    labels = equation.split("->")[0].split(",")
    arrays = [rng.normal(size=[SIZES[label] for label in term]) for term in labels]
    expected = np.einsum(equation, *arrays)
    np.testing.assert_allclose(xp.einsum(arrays, equation), expected, rtol=1e-12)


def test_einsum_of_other_sizes() -> None:
    with pytest.raises(ValueError, match=r"ij,jk->ik: \(2, 3\) and \(4, 5\) do not fit"):
        xp.einsum((np.ones((2, 3)), np.ones((4, 5))), "ij,jk->ik")


# -- look-ups ------------------------------------------------------------------------------------


@given(st.integers(0, 2), st.integers(0, 1000))
def test_look_ups_are_those_of_torch(dim: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, shape = rng.integers(-9, 9, (3, 4, 2)).astype(float), rng.integers(1, [4, 5, 3])
    index, source = rng.integers(0, x.shape[dim], shape), rng.integers(-9, 9, (4, 4, 4)) * 1.0
    a, i, s = map(torch.from_numpy, (x, index, source))
    np.testing.assert_array_equal(xp.gather(x, index, dim), a.gather(dim, i))
    summed = a.scatter_add(dim, i, s)
    np.testing.assert_array_equal(xp.scatter_add(x, index, source, dim), summed)


@given(st.integers(0, 2), st.integers(0, 1000))
def test_index_add_is_the_adjoint_of_take(dim: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.integers(-9, 9, (3, 4, 2))
    index = rng.integers(0, x.shape[dim], (2, 3))
    y = xp.take(x, index, dim)
    g = rng.integers(-9, 9, y.shape)
    assert (y * g).sum() == (x * xp.index_add(np.zeros_like(x), index, g, dim)).sum()


def test_the_last_of_several_scattered_entries_stays() -> None:
    index, source = np.array([1, 1, 0]), np.array([5.0, 6.0, 7.0])
    assert xp.scatter(np.zeros(3), index, source, 0).tolist() == [7, 6, 0]


@pytest.mark.parametrize("bad", [7, -1])
@pytest.mark.parametrize("name", ["gather", "take", "scatter", "scatter_add", "index_add"])
def test_an_index_out_of_range(name: str, bad: int) -> None:
    index = np.array([0, bad])
    source = () if name in ("gather", "take") else (np.ones(2),)
    with pytest.raises(IndexError, match=f"index {bad} is out of range for axis 0 of size 5"):
        getattr(xp, name)(np.zeros(5), index, *source, dim=0)


def test_no_index_is_in_range() -> None:
    none = np.zeros(0, np.int64)
    assert xp.take(np.zeros((0, 2)), none, 0).shape == (0, 2)
    assert xp.index_add(np.ones((3, 2)), none, np.zeros((0, 2)), 0).tolist() == [[1, 1]] * 3


# -- stabilisers, random numbers, scan -----------------------------------------------------------

INF, NAN = np.inf, np.nan


@pytest.mark.parametrize("row", [[-INF, -INF], [INF, 1.0], [1.0, -INF], [NAN, 1.0], [1e4, -1e4]])
def test_stable_forms_at_infinity(row: list[float]) -> None:
    x = np.array([row])
    with np.errstate(all="ignore"):
        top = xp.shift(x, 1)
        e = xp.exp(xp.subtract(x, top))
        total = xp.sum(e, (1,), True)
        softmax, logsumexp = xp.divide(e, total), xp.add(xp.log(total), top)
    expected = torch.tensor(x)
    np.testing.assert_allclose(logsumexp, expected.logsumexp(1, True))
    if np.inf in row:  # PyTorch says NaN for the finite entries too, whose limit is 0
        np.testing.assert_array_equal(softmax, [[NAN, 0]])
    else:
        np.testing.assert_allclose(softmax, expected.softmax(1))


def test_uniform_reads_seed_and_counter() -> None:
    draws = xp.uniform(np.array([7, 0]), (2, 6))
    np.testing.assert_array_equal(draws[1, 2:], xp.uniform(np.array([7, 2]), (4,)))
    assert draws.dtype == "float64"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("shape", "dims"),
    [
        ((300, 40), (1,)),
        ((300, 40), (0, 1)),
        ((3, 40, 1024), (2,)),
        ((3, 40, 1025), (2,)),
        ((6, 5, 28, 28), (0, 2, 3)),
        ((6, 5, 28, 28), (1, 3)),
        ((6, 5, 64, 64), (2, 3)),
        ((7000, 1), (1,)),
    ],
)
def test_sums_of_short_rows(shape: tuple[int, ...], dims: tuple[int, ...], dtype: str) -> None:
    x = np.random.default_rng(0).uniform(1, 2, shape).astype(dtype)
    wide = x.astype(np.longdouble)
    for keepdim in (False, True):
        found = xp.sum(x, dims, keepdim)
        expected = wide.sum(dims, keepdims=keepdim)
        assert (found.shape, found.dtype) == (expected.shape, x.dtype)
        np.testing.assert_allclose(found, expected, rtol=4 * float(np.finfo(dtype).eps))
    turned = x.transpose(range(x.ndim)[::-1])
    again = xp.sum(turned, tuple(x.ndim - 1 - d for d in dims), False)
    np.testing.assert_allclose(again.T, found.reshape(again.T.shape), rtol=1e-5)


def running_sum(carry: Any, x: Any) -> Any:
    total = xp.add(carry[0], x[0])
    return (total,), (total, xp.multiply(total, 2))


def test_scan() -> None:
    (last,), (sums, doubled) = xp.scan(running_sum, (np.zeros(2),), (np.ones((3, 2)),), 3)
    assert last.tolist() == [3, 3]
    assert sums.tolist() == [[1, 1], [2, 2], [3, 3]]
    assert doubled.shape == (3, 2)


def test_scan_without_xs_or_ys() -> None:
    (last,), ys = xp.scan(lambda c, x: ((xp.multiply(c[0], 2),), ()), (np.ones(1),), (), 5)
    assert (last.tolist(), ys) == ([32], ())


def test_scan_of_no_steps() -> None:
    start = (np.zeros(2),)
    with pytest.raises(ValueError, match="a scan of length 0 needs out_specs"):
        xp.scan(running_sum, start, (np.ones((0, 2)),), 0)
    specs = [((2,), "float32"), ((), "int64")]
    last, (sums, count) = xp.scan(running_sum, start, (np.ones((0, 2)),), 0, specs)
    assert last is start
    assert (sums.shape, sums.dtype, count.shape, count.dtype) == ((0, 2), "float32", (0,), "int64")


@pytest.mark.parametrize(("dtype", "wanted"), [("float32", -np.inf), ("float64", -1e300)])
def test_a_number_beyond_the_type_is_infinite(dtype: str, wanted: float) -> None:
    assert xp.full((), -1e300, dtype) == wanted
