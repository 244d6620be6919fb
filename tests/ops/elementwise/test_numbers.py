"""Numbers at the edges, beside PyTorch: narrow types, mixed types, infinities, empty axes."""

import itertools
import math
import operator

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.cost import Cost
from chainrule.core.errors import ArgumentError, DimError
from chainrule.nn import functional as F

torch = pytest.importorskip("torch")

inf = math.inf
TYPES = [
    "bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64",
    "complex64", "complex128",
]  # fmt: skip
SHAPES = [((2,), (2,)), ((2,), ()), ((), ())]


def ones(framework: object, shape: tuple[int, ...], dtype: str) -> object:
    return framework.ones(shape, dtype=getattr(framework, dtype))  # type: ignore[attr-defined]


@pytest.mark.parametrize("symbol", ["add", "mul", "truediv", "eq"])
def test_the_types_of_results_are_pytorchs(symbol: str) -> None:
    function = getattr(operator, symbol)
    for a, b, (left, right) in itertools.product(TYPES, TYPES, SHAPES):
        if "float16" in (a, b) and "complex" in a + b:
            continue  # PyTorch has a complex type of two halves
        theirs = function(ones(torch, left, a), ones(torch, right, b)).dtype
        found = function(ones(cr, left, a), ones(cr, right, b))
        assert str(theirs) == f"torch.{found.dtype.name}", (symbol, a, b, left, right)


@pytest.mark.parametrize("number", [True, 2, 0.5, 1j])
def test_the_types_beside_numbers_are_pytorchs(number: complex) -> None:
    for dtype, shape in itertools.product(TYPES, [(2,), ()]):
        found = ones(cr, shape, dtype) * number
        if dtype == "float16" and number == 1j:  # PyTorch has a complex type of two halves
            assert found.dtype is cr.complex64
        else:
            theirs = (ones(torch, shape, dtype) * number).dtype
            assert str(theirs) == f"torch.{found.dtype.name}", (dtype, shape)
        np.testing.assert_array_equal(found.numpy(), np.full(shape, number))


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int8", "int64", "float32"])
def test_the_minimum_along_an_axis_is_pytorchs(dtype: str) -> None:
    low, high = (0, 1) if dtype == "bool" else (-1, 1)
    if dtype not in ("bool", "float32"):
        low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
    entries = np.array([[high, low, 1], [low, 0, high]]).astype(dtype)
    for ours, theirs in zip(cr.tensor(entries).min(1), torch.tensor(entries).min(1), strict=True):
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy())
        assert str(ours.numpy().dtype) == str(theirs.numpy().dtype)


def test_halves_are_added_up_in_a_wider_type() -> None:
    ours, theirs = cr.ones(5000, 3, dtype=cr.float16), torch.ones(5000, 3, dtype=torch.float16)
    for function in (lambda x: x.sum(0), lambda x: x.mean(0), lambda x: x.cumsum(0)):
        np.testing.assert_array_equal(function(ours).numpy(), function(theirs).numpy())
    assert cr.einsum("ij->j", ours).tolist() == [5000.0] * 3
    assert cr.einsum("ij->j", ours).dtype is cr.float16
    np.testing.assert_array_equal(cr.compile(lambda x: x.sum(0))(ours).numpy(), ours.sum(0).numpy())


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "logsumexp"])
@pytest.mark.parametrize("shape", [(0, 3), (3, 0)])
def test_axes_of_no_entries_are_pytorchs(name: str, shape: tuple[int, int]) -> None:
    ours, theirs = (getattr(f, name)(f.zeros(shape), dim=0) for f in (cr, torch))
    np.testing.assert_array_equal(ours.numpy(), theirs.numpy())


@pytest.mark.parametrize("p", [0.0, 1.0, 1e-30, 0.25])
@pytest.mark.parametrize("t", [0.0, 1.0, 0.25])
def test_binary_cross_entropy_at_the_ends_is_pytorchs(p: float, t: float) -> None:
    ours, theirs = cr.tensor([p], requires_grad=True), torch.tensor([p], requires_grad=True)
    target, wanted = cr.tensor([t], requires_grad=True), torch.tensor([t], requires_grad=True)
    F.binary_cross_entropy(ours, target).backward()
    torch.nn.functional.binary_cross_entropy(theirs, wanted).backward()
    np.testing.assert_allclose(ours.grad.numpy(), theirs.grad.numpy(), rtol=1e-6)
    np.testing.assert_allclose(target.grad.numpy(), wanted.grad.numpy(), rtol=1e-6)


@pytest.mark.parametrize("base", [inf, -inf, 0.0, 2.0])
def test_the_slope_of_a_power_with_exponent_0(base: float) -> None:
    ours, theirs = cr.tensor([base], requires_grad=True), torch.tensor([base], requires_grad=True)
    (ours ** cr.tensor([0.0])).sum().backward()
    (theirs ** torch.tensor([0.0])).sum().backward()
    assert ours.grad.tolist() == theirs.grad.tolist()


CLOSE = [
    ([inf], [inf]), ([1.0], [inf]), ([inf], [1.0]), ([inf], [-inf]), ([1.0], [1.0 + 1e-6]),
    ([math.nan], [math.nan]), ([1.0], [1.1]),
]  # fmt: skip


@pytest.mark.parametrize(("a", "b"), CLOSE)
def test_what_is_close_is_pytorchs(a: list[float], b: list[float]) -> None:
    assert cr.allclose(cr.tensor(a), cr.tensor(b)) == torch.allclose(
        torch.tensor(a), torch.tensor(b)
    )


def test_whole_numbers_far_apart_are_not_close() -> None:
    a, b = (cr.tensor([x], dtype=cr.int8) for x in (-100, 28))  # their difference wraps to -128
    assert not cr.allclose(a, b)


@pytest.mark.parametrize(("start", "length"), [(0, 4), (2, 2), (-1, 2), (-4, 1), (1, -1)])
def test_narrow_gives_what_is_asked_for_or_nothing(start: int, length: int) -> None:
    with pytest.raises(RuntimeError if start >= -3 else IndexError):
        torch.zeros(3).narrow(0, start, length)
    with pytest.raises(DimError, match="axis 0 of 3 has no"):
        cr.zeros(3).narrow(0, start, length)


def test_narrow_counts_from_the_end() -> None:
    assert cr.tensor([1, 2, 3]).narrow(0, -2, 2).tolist() == [2, 3]


@pytest.mark.parametrize("number", [300, -1])
def test_a_number_that_does_not_fit_is_refused(number: int) -> None:
    with pytest.raises(ArgumentError, match=f"{number} does not fit into uint8"):
        cr.zeros(2, dtype=cr.uint8) + number


def test_full_takes_numpys_numbers() -> None:
    for number in (np.int64(3), np.bool_(True), np.complex128(1j), np.float32(0.5)):
        assert cr.full((1,), number).dtype is cr.full((1,), number.item()).dtype


def test_sum_takes_the_name_of_a_type() -> None:
    assert cr.ones(3).sum(dtype="float64").dtype is cr.float64


@pytest.mark.parametrize("dtype", [cr.float16, cr.float32, cr.float64])
def test_uniform_draws_are_below_1(dtype: cr.dtype) -> None:
    from chainrule.ops.creation.random import rand_draw

    class Last:
        """A namespace whose draws are the last ones below 1."""

        def __getattr__(self, name: str) -> object:
            return getattr(cr.namespaces.numpy, name)

        def uniform(self, state: object, shape: tuple[int, ...]) -> np.ndarray:
            return np.full(shape, 1 - 2.0**-53)

    assert rand_draw.forward(Last(), None, shape=(2,), dtype=dtype).max() < 1
    draws = cr.rand(1000, dtype=dtype).double()
    assert 0.45 < draws.mean().item() < 0.55


COSTS: list[tuple[str, object, list[tuple[int, ...]], Cost]] = [
    ("matmul", lambda a, b: a @ b, [(2, 3), (3, 4)], {"multiply": 24, "add": 16}),
    ("nothing to add", lambda a, b: a @ b, [(2, 0), (0, 4)], {}),
    ("no rows", lambda x: x.sum(0), [(0, 3)], {}),
    ("linear", F.linear, [(2, 3), (4, 3), (4,)], {"multiply": 24, "add": 16 + 8}),
    ("conv1d", F.conv1d, [(1, 2, 5), (3, 2, 3), (3,)], {"multiply": 54, "add": 54 - 9 + 9}),
    ("softmax", lambda x: x.softmax(1), [(2, 3)],
     {"compare": 4, "subtract": 6, "exp": 6, "add": 4, "divide": 6}),
]  # fmt: skip


@pytest.mark.parametrize("case", COSTS, ids=lambda case: case[0])
def test_costs_are_those_counted_by_hand(case: tuple) -> None:
    _, function, shapes, wanted = case
    with cr.record():
        node = function(*(cr.ones(shape) for shape in shapes)).node
    assert {kind: n for kind, n in node.op.cost(node).items() if n} == wanted
