"""Dual numbers where the table of primitives does not reach: kinks, nesting, scans, complex."""

from fractions import Fraction as F
from typing import Any

import numpy as np
import pytest
import torch

from chainrule.namespaces import exact
from chainrule.namespaces import numpy as floats
from chainrule.namespaces.contract import ELEMENTWISE
from chainrule.namespaces.dual import Dual
from chainrule.namespaces.recorder import Recorder

xp = Dual(floats)


def derivative(name: str, *operands: Any, **attributes: Any) -> list[float]:
    """The function's derivative when all float array operands move by 1."""
    duals = [xp.array(v, np.ones_like(v)) if isinstance(v, np.ndarray) else v for v in operands]
    result = getattr(xp, name)(*duals, **attributes)
    tangent = np.zeros(result.shape) if result.tangent is None else result.tangent
    return np.broadcast_to(tangent, result.shape).tolist()


# -- kinks and edges -----------------------------------------------------------------------------

TIES = np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]])


def test_ties_share_the_derivative_as_in_torch() -> None:
    v = torch.from_numpy(TIES).requires_grad_()
    for name in ("amax", "amin"):
        (grad,) = torch.autograd.grad(getattr(v, name)(1).sum(), v)
        for j in range(3):
            one = np.zeros_like(TIES)
            one[:, j] = 1
            moved = getattr(xp, name)(xp.array(TIES, one), (1,), False)
            np.testing.assert_allclose(moved.tangent, grad[:, j])


@pytest.mark.parametrize("name", ["maximum", "minimum"])
def test_a_tie_of_two_is_halved_as_in_torch(name: str) -> None:
    a, b = np.array([1.0, 2.0, 3.0]), np.array([2.0, 2.0, 2.0])
    v = torch.from_numpy(a).requires_grad_()
    (grad,) = torch.autograd.grad(getattr(torch, name)(v, torch.from_numpy(b)).sum(), v)
    moved = getattr(xp, name)(xp.array(a, np.ones(3)), b)
    assert moved.tangent.tolist() == grad.tolist()
    assert derivative(name, a, b) == [1, 1, 1]
    assert derivative(name, np.array([2.0]), 2) == [0.5]


def test_a_tie_belongs_to_the_first_of_larger() -> None:
    a, b = np.array([1.0, 2.0, 3.0, np.nan, 2.0, np.nan]), np.array([2.0] * 4 + [np.nan] * 2)
    assert derivative("larger", a, b) == [1] * 6
    first = xp.larger(xp.array(a, np.ones(6)), b)
    assert first.tangent.tolist() == [0, 1, 1, 1, 0, 1]
    assert xp.larger(a, xp.array(b, np.ones(6))).tangent.tolist() == [1, 0, 0, 0, 1, 0]


@pytest.mark.parametrize(
    ("name", "x", "expected"),
    [
        ("absolute", [-2.0, 0.0, 3.0], [-1, 0, 1]),
        ("sign", [-2.0, 0.0, 3.0], [0, 0, 0]),
        ("floor", [-0.5, 0.0, 3.0], [0, 0, 0]),
        ("detach", [1.0], [0]),
    ],
)
def test_derivatives_at_kinks(name: str, x: list[float], expected: list[float]) -> None:
    assert derivative(name, np.array(x)) == expected


def test_stabilisers() -> None:
    x = np.array([-200.0, -100.0, -3.0])
    assert derivative("clip_below", x, low=-100) == [0, 1, 1]
    assert derivative("shift", x, dim=0) == [0]
    symbolic = Dual(exact)
    far = symbolic.array(exact.array(x), exact.array(np.ones(3)))
    assert symbolic.clip_below(far, -100).tangent.tolist() == [1, 1, 1]
    with np.errstate(divide="ignore"):
        log = xp.log(xp.array(np.array([0.0]), np.ones(1)))
    assert xp.clip_below(log, -100).tangent.tolist() == [0]


@pytest.mark.parametrize(
    ("x", "y", "expected"),
    [
        ([0.0, -2.0, 3.0], 2, [0, -4, 6]),
        ([0.0, -2.0, 3.0], 1, [1, 1, 1]),
        ([0.0, -2.0, 3.0], 0, [0, 0, 0]),
        ([-2.0, 4.0], -1, [-0.25, -0.0625]),
        ([4.0], 0.5, [0.25]),
    ],
)
def test_a_constant_exponent(x: list[float], y: float, expected: list[float]) -> None:
    with np.errstate(all="raise"):
        assert derivative("power", np.array(x), y) == expected
        constant = xp.power(xp.array(np.array(x), np.ones(len(x))), np.full(len(x), y, float))
    assert constant.tangent.tolist() == expected


def test_a_moving_exponent() -> None:
    with np.errstate(all="raise"):
        assert derivative("power", 2, np.array([3.0])) == [pytest.approx(8 * np.log(2))]
        moved = xp.power(np.array([0.0, 1.0]), xp.array(np.array([2.0, 5.0]), np.ones(2)))
        assert derivative("power", 2, np.float32([3])) == [pytest.approx(8 * np.log(2))]
    assert moved.tangent.tolist() == [0, 0]


@pytest.mark.parametrize("name", ["add", "multiply", "maximum", "where"])
def test_tangents_have_the_shape_of_the_result(name: str) -> None:
    x, y = xp.array(np.ones(3), np.ones(3)), np.ones((2, 3))
    operands = (y > 0, x, 2.0) if name == "where" else (x, y)
    result = getattr(xp, name)(*operands)
    assert result.tangent.shape == result.shape == (2, 3)


OF_FLOATS = [name for name in ELEMENTWISE if name != "bitwise_and"]
ONLY_REAL = ("floor", "round", "maximum", "minimum", "larger", "floor_divide", "remainder",
             "arctan2", "hypot", "arcsinh", "erf", "erfc", "erfinv")  # fmt: skip


@pytest.mark.parametrize("dtype", ["float32", "complex64"])
def test_tangents_have_the_dtype_of_the_result(dtype: str) -> None:
    names = [n for n in OF_FLOATS if dtype == "float32" or n not in ONLY_REAL]
    for name in names:
        count = ELEMENTWISE[name].arrays
        x = floats.cast(np.array([[1.5, 1.75] if name == "arccosh" else [0.5, 0.75]]), dtype)
        if name == "complex" and dtype != "float32":
            continue
        operands = [xp.array(x, x)] * count
        if name == "where":
            operands[0] = x == x
        result = getattr(xp, name)(*operands)
        if result.tangent is not None:
            assert (name, result.tangent.dtype) == (name, result.primal.dtype)
    for extreme in (xp.amax, xp.amin):
        assert extreme(xp.array(x, x), (0,), False).tangent.dtype == dtype


def test_zero_tangents_stay_none() -> None:
    for name in OF_FLOATS:
        x = xp.array(np.array([1.5 if name == "arccosh" else 0.5]))
        assert getattr(xp, name)(*[x] * ELEMENTWISE[name].arrays).tangent is None
    moving = xp.array(np.array([0.5]), np.ones(1))
    assert xp.cast(moving, "int64").tangent is None
    assert xp.cast(moving, "float32").tangent.dtype == "float32"


def test_a_tangent_has_the_shape_of_its_primal() -> None:
    with pytest.raises(ValueError, match=r"a tangent of shape \(3,\) for a primal of \(2,\)"):
        xp.array(np.ones(2), np.ones(3))


@pytest.mark.parametrize("space", [xp, Recorder(print)], ids=["dual", "recorder"])
def test_there_are_no_other_functions(space: Any) -> None:
    with pytest.raises(AttributeError, match="no primitive 'softmax'"):
        space.softmax  # noqa: B018


# -- complex numbers -----------------------------------------------------------------------------

HOLOMORPHIC = "add subtract multiply divide power exp log sqrt sin cos tanh negative"
REAL_LINEAR = "absolute sign real imag conj"


@pytest.mark.parametrize("name", [*HOLOMORPHIC.split(), *REAL_LINEAR.split()])
def test_complex_derivatives_are_slopes(name: str) -> None:
    rng = np.random.default_rng(3)
    z = rng.normal(size=(2, 2, 3)) @ [1, 1j, 0]
    d = rng.normal(size=(2, 2, 3)) @ [1, 1j, 0]
    n = ELEMENTWISE[name].arrays
    inner = Dual(floats)
    outer = Dual(inner)

    def value(h: float) -> Any:
        return getattr(floats, name)(*(z + h * d)[:n])

    twice = [outer.array(inner.array(a, b), inner.array(b)) for a, b in zip(z, d, strict=True)]
    result = getattr(outer, name)(*twice[:n])
    h = 1e-4
    first, second = (value(h) - value(-h)) / (2 * h), (value(h) - 2 * value(0) + value(-h)) / h**2
    np.testing.assert_allclose(result.tangent.primal, first, rtol=1e-5, atol=1e-6)
    found = 0 if result.tangent.tangent is None else result.tangent.tangent
    np.testing.assert_allclose(found, second, rtol=1e-4, atol=1e-5)


def test_the_modulus_at_zero() -> None:
    zero = xp.array(np.zeros(1, complex), np.ones(1, complex))
    assert xp.absolute(zero).tangent.tolist() == [0]
    assert xp.sign(zero).tangent.tolist() == [0]


def test_the_modulus_of_exact_complex_numbers() -> None:
    space = Dual(exact)
    z = space.array(exact.array(3 + 4j), exact.array(1j))
    assert space.absolute(z).tangent.item() == F(4, 5)


# -- nesting -------------------------------------------------------------------------------------


def test_levels_are_not_confused() -> None:
    # d/dx [x * (d/dy (x + y) at y = 1)] at x = 1 is 1; mixing the directions up gives 2.
    outer = Dual(floats)
    inner = Dual(outer)
    one = np.array(1.0)
    x = outer.array(one, one)
    y = inner.array(outer.array(one), outer.array(one))
    slope = inner.add(x, y).tangent
    assert outer.multiply(x, slope).tangent == 1


def test_second_derivatives_are_exact() -> None:
    inner = Dual(exact)
    outer = Dual(inner)
    x, one = exact.array(F(2, 3)), exact.array(1)
    moving = outer.array(inner.array(x, one), inner.array(one))
    cube = outer.multiply(outer.multiply(moving, moving), moving)
    assert cube.tangent.tangent.item() == 4
    quotient = outer.divide(1, moving)
    assert quotient.tangent.tangent.item() == 2 * F(3, 2) ** 3


def test_three_levels() -> None:
    space: Any = floats
    x: Any = np.array(0.5)
    for _ in range(3):
        one = space.full((), 1.0, "float64")
        space = Dual(space)
        x = space.array(x, one)
    third = space.sin(x).tangent.tangent.tangent
    assert third == pytest.approx(-np.cos(0.5))


# -- scan ----------------------------------------------------------------------------------------


def walk(space: Any, carry: Any, x: Any) -> Any:
    """A step with a float and an integer carry; its second output has no derivative."""
    state, count = carry
    state = space.tanh(space.add(space.multiply(state, x[0]), 0.5))
    return (state, space.add(count, 1)), (space.multiply(state, state), count)


def unrolled(space: Any, state: Any, xs: list[Any]) -> Any:
    carry, ys = (state, np.array(0)), []
    for x in xs:
        carry, y = walk(space, carry, (x,))
        ys.append(y[0])
    return carry[0], ys


@pytest.mark.parametrize("moving", ["carry", "xs", "both"])
def test_scan_is_its_steps(moving: str) -> None:
    rng = np.random.default_rng(0)
    start, xs, d_start, d_xs = (rng.normal(size=s) for s in (2, (4, 2), 2, (4, 2)))
    state = xp.array(start, d_start if moving != "xs" else None)
    steps = xp.array(xs, d_xs if moving != "carry" else None)
    (last, count), (squares, counts) = xp.scan(
        lambda c, x: walk(xp, c, x), (state, np.array(0)), (steps,), 4
    )
    parts = [xp.slice(steps, (slice(i, i + 1, 1), slice(0, 2, 1))) for i in range(4)]
    end, rows = unrolled(xp, state, [xp.reshape(part, (2,)) for part in parts])
    np.testing.assert_allclose(last.tangent, end.tangent)
    np.testing.assert_allclose(squares.tangent, np.stack([row.tangent for row in rows]))
    assert (count.tangent, counts.tangent) == (None, None)
    assert counts.primal.tolist() == [0, 1, 2, 3]


def test_second_derivative_of_a_scan() -> None:
    inner = Dual(floats)
    outer = Dual(inner)
    start, xs, d = np.array([0.3]), np.array([[0.7], [-1.2], [0.4]]), np.array([1.0])

    def first(h: float) -> Any:
        state = inner.array(start + h * d, d)
        (last, _), _ = inner.scan(lambda c, x: walk(inner, c, x), (state, np.array(0)), (xs,), 3)
        return last.tangent

    state = outer.array(inner.array(start, d), inner.array(d))
    (last, _), _ = outer.scan(lambda c, x: walk(outer, c, x), (state, np.array(0)), (xs,), 3)
    h = 1e-5
    slope = (first(h) - first(-h)) / (2 * h)
    np.testing.assert_allclose(last.tangent.tangent, slope, rtol=1e-7)


def test_scan_of_no_steps() -> None:
    state = xp.array(np.ones(2), np.ones(2))
    (last,), (ys,) = xp.scan(None, (state,), (), 0, [((2,), "float64")])
    assert last.tangent.tolist() == [1, 1]
    assert (ys.shape, ys.tangent) == ((0, 2), None)


def test_repr() -> None:
    assert repr(xp.array(np.array([2.0]))) == "DualArray(array([2.]), None)"
