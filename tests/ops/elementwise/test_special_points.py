"""Element-wise functions against PyTorch where the registry does not look: zeros of both signs,
halves, infinities, NaN, kinks, the very large and the very small; forwards and backwards."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import chainrule as cr
from chainrule.nn import functional as F

inf, nan = math.inf, math.nan
TF = torch.nn.functional
Function = Callable[[Any], Any]

POINTS = [
    0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 1.5, -1.5, 2.5, 3.0, -3.0, 6.0, 7.25, 20.0, 20.5, 50.0, -50.0,
    1e3, -1e3, 1e-8, -1e-8, 1e-200, 1e200, -1e200, inf, -inf, nan, 0.1, 0.9, 0.25,
]  # fmt: skip

NAMES = [
    "abs", "ceil", "floor", "trunc", "frac", "round", "sign", "sgn", "reciprocal", "rsqrt",
    "sqrt", "exp", "expm1", "exp2", "log", "log1p", "log2", "log10", "sin", "cos", "tan", "asin",
    "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "erf", "erfc", "erfinv",
    "sigmoid", "logit", "sinc", "deg2rad", "rad2deg", "nan_to_num", "square", "isnan", "isinf",
    "isfinite", "isposinf", "isneginf", "isreal", "signbit", "relu", "logical_not", "neg",
    "positive",
]  # fmt: skip
LAYERS = [
    "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "mish", "softplus", "softsign",
    "hardtanh", "hardsigmoid", "hardswish", "logsigmoid", "tanhshrink", "softshrink",
    "hardshrink",
]  # fmt: skip

NOT_PYTORCHS = {
    "expm1": "PyTorch's slope, the value plus 1, is 0 where e^x is small",
    "acosh": "below 1, where the value is NaN, PyTorch has a finite slope",
    "logit": "at -0.0 PyTorch's slope is -inf",
    "sinc": "PyTorch's slope cancels near 0 and overflows at 1e200",
    "tanhshrink": "PyTorch's slope is off by the last place of 1",
    "tanh": "at 7.25 the slope 1 - y² cancels, in both",
    "hardsigmoid": "PyTorch takes 1/6 from float32, in float64 too",
    "softsign": "at infinity PyTorch's slope is NaN",
}
"""Functions whose slopes differ at some of the points, and why: there values alone are compared."""


def close(found: Any, wanted: Any, tolerance: float) -> None:
    """Equal NaN and infinities, the rest to a relative tolerance (of what is no underflow)."""
    np.testing.assert_allclose(array(found), array(wanted), rtol=tolerance, atol=1e-30)


def array(t: Any) -> np.ndarray:
    """A tensor's entries as float64; PyTorch has zeros without memory, which it must be forced
    to write down."""
    force = {"force": True} if isinstance(t, torch.Tensor) else {}
    return t.detach().numpy(**force).astype(float)


def both(ours: Function, theirs: Function, dtype: str, points: list[float]) -> tuple[Any, ...]:
    """Values of both, and their operands, after a backward pass where there is one."""
    with np.errstate(over="ignore"):
        values = np.array(points).astype(dtype)
    x, y = cr.tensor(values, requires_grad=True), torch.tensor(values, requires_grad=True)
    a, b = ours(x), theirs(y)
    if b.requires_grad:
        a.sum().backward()
        b.sum().backward()
    return a, b, x, y


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", [*NAMES, *LAYERS])
def test_values_and_slopes_are_pytorchs(name: str, dtype: str) -> None:
    ours, theirs = (F, TF) if name in LAYERS else (cr, torch)
    f = getattr(ours, name)
    points = [p for p in POINTS if name not in ("gelu", "silu") or abs(p) < 1e30]
    if name == "gelu" and dtype == "float32":
        points = [p for p in points if p != -3.0]  # PyTorch's 1 + erf keeps four digits there
    a, b, x, y = both(f, getattr(theirs, name), dtype, points)
    tolerance = 1e-12 if dtype == "float64" else 2e-5
    assert str(a.dtype).rpartition(".")[2] == str(b.dtype).rpartition(".")[2]
    close(a, b, tolerance)
    if not b.requires_grad:
        assert not a.requires_grad
        return
    if name not in NOT_PYTORCHS:
        close(x.grad, y.grad, tolerance)
    ahead = cr.jvp(f, (x.detach(),), (cr.ones_like(x.detach()),))[1]
    close(ahead, x.grad, tolerance)


KINKS: list[tuple[str, Function, Function, list[float], list[float]]] = [
    ("relu", F.relu, TF.relu, [0.0], [0.0]),
    ("relu6", F.relu6, TF.relu6, [0.0, 6.0], [0.0, 0.0]),
    ("leaky_relu", F.leaky_relu, TF.leaky_relu, [0.0], [0.01]),
    ("elu", lambda x: F.elu(x, 2.0), lambda x: TF.elu(x, 2.0), [0.0], [2.0]),
    ("celu", lambda x: F.celu(x, 2.0), lambda x: TF.celu(x, 2.0), [0.0], [1.0]),
    ("selu", F.selu, TF.selu, [0.0], [1.0507009873554805 * 1.6732632423543772]),
    ("hardtanh", F.hardtanh, TF.hardtanh, [-1.0, 1.0], [0.0, 0.0]),
    ("hardsigmoid", F.hardsigmoid, TF.hardsigmoid, [-3.0, 3.0], [0.0, 0.0]),
    ("hardswish", F.hardswish, TF.hardswish, [-3.0, 3.0], [0.0, 1.0]),
    ("softshrink", F.softshrink, TF.softshrink, [-0.5, 0.5], [0.0, 0.0]),
    ("hardshrink", F.hardshrink, TF.hardshrink, [-0.5, 0.5], [0.0, 0.0]),
    ("threshold", lambda x: F.threshold(x, 1, 5), lambda x: TF.threshold(x, 1, 5), [1.0], [0.0]),
    ("rrelu", F.rrelu, TF.rrelu, [0.0], [(1 / 8 + 1 / 3) / 2]),
    ("clamp", lambda x: x.clamp(-1, 1), lambda x: x.clamp(-1, 1), [-1.0, 1.0], [1.0, 1.0]),
    ("clamp_min", lambda x: x.clamp(min=1), lambda x: x.clamp(min=1), [1.0], [1.0]),
    ("clamp_max", lambda x: x.clamp(max=1), lambda x: x.clamp(max=1), [1.0], [1.0]),
    ("crossed", lambda x: x.clamp(3, 1), lambda x: x.clamp(3, 1), [0.0, 2.0, 5.0], [0.0] * 3),
    ("logit", lambda x: x.logit(0.1), lambda x: x.logit(0.1), [0.1, 0.05], [100 / 9, 0.0]),
    ("abs", cr.abs, torch.abs, [0.0], [0.0]),
    ("frac", cr.frac, torch.frac, [0.0, 1.0], [1.0, 1.0]),
    ("sinc", cr.sinc, torch.sinc, [0.0], [0.0]),
    ("softplus", F.softplus, TF.softplus, [20.0, 20.5], [1 - 2.0611536e-9, 1.0]),
    ("prelu", lambda x: F.prelu(x, cr.tensor([0.3], dtype=cr.float64)),
     lambda x: TF.prelu(x, torch.tensor([0.3], dtype=torch.float64)), [0.0], [0.3]),
]  # fmt: skip


@pytest.mark.parametrize(("ours", "theirs", "at", "slopes"), [k[1:] for k in KINKS],
                         ids=[k[0] for k in KINKS])  # fmt: skip
def test_slopes_at_kinks(ours: Function, theirs: Function, at: Any, slopes: Any) -> None:
    a, b, x, y = both(ours, theirs, "float64", at)
    close(a, b, 1e-12)
    close(x.grad, y.grad, 1e-12)
    np.testing.assert_allclose(x.grad.numpy(), slopes, rtol=1e-12)
    close(cr.jvp(ours, (x.detach(),), (cr.ones_like(x.detach()),))[1], x.grad, 1e-12)


PAIRS = [0.0, -0.0, 1.0, -1.0, 2.5, -2.5, 7.0, -7.0, 0.1, 3.0, inf, -inf, nan, 1e3, -1e3, 1e-9]
BINARY = [
    "add", "sub", "mul", "div", "pow", "maximum", "minimum", "fmax", "fmin", "atan2", "hypot",
    "floor_divide", "remainder", "fmod", "copysign", "heaviside", "xlogy", "logaddexp",
    "logaddexp2", "logical_and", "logical_or", "logical_xor", "isclose", "clamp_min", "clamp_max",
]  # fmt: skip


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", BINARY)
def test_functions_of_two_numbers_are_pytorchs(name: str, dtype: str) -> None:
    grid = [v.ravel().astype(dtype) for v in np.meshgrid(PAIRS, PAIRS)]
    ours = [cr.tensor(v, requires_grad=True) for v in grid]
    theirs = [torch.tensor(v, requires_grad=True) for v in grid]
    a, b = getattr(cr, name)(*ours), getattr(torch, name)(*theirs)
    tolerance = 1e-12 if dtype == "float64" else 2e-5
    near_0 = 1e-7 if dtype == "float32" else 1e-15  # of logarithms near 1
    np.testing.assert_allclose(array(a), array(b), rtol=tolerance, atol=near_0)
    if not b.requires_grad or name in ("heaviside", "floor_divide"):
        return
    a.sum().backward()
    b.sum().backward()
    for x, y in zip(ours, theirs, strict=True):
        wanted = array(y.grad)
        if name == "copysign":  # at infinity and NaN PyTorch's slope is NaN
            wanted = np.where(np.isfinite(grid[0]), wanted, array(x.grad))
        np.testing.assert_allclose(array(x.grad), wanted, rtol=tolerance, atol=1e-30)


@pytest.mark.parametrize("x", [-1000.0, 1000.0])
def test_large_operands_in_float32(x: float) -> None:
    functions = {
        cr.sigmoid: (float(x > 0), 0.0),
        F.softplus: (max(x, 0), float(x > 0)),
        F.logsigmoid: (min(x, 0), float(x < 0)),
        F.silu: (max(x, 0), float(x > 0)),
        F.mish: (max(x, 0), float(x > 0)),
        F.gelu: (max(x, 0), float(x > 0)),
        F.elu: (max(x, -1), float(x > 0)),
    }
    for function, (value, slope) in functions.items():
        point = cr.tensor(x, requires_grad=True)
        y = function(point)
        (first,) = cr.autograd.grad(y, point, create_graph=True)
        assert (y.item(), first.item()) == (value, slope), function
        assert cr.jvp(function, (point.detach(),), (cr.tensor(1.0),))[1].item() == slope
        if first.requires_grad:
            (second,) = cr.autograd.grad(first, point, allow_unused=True)
            assert second is None or second.item() == 0


def test_the_tail_of_gelu_keeps_its_digits() -> None:
    assert F.gelu(cr.tensor(-10.0, dtype=cr.float64)).item() == pytest.approx(-7.6198530242e-23)


def test_sinc_has_all_its_derivatives_at_0() -> None:
    derivative: Function = cr.sinc
    found = []
    for _ in range(4):
        derivative = (lambda f: lambda x: cr.jvp(f, (x,), (cr.ones_like(x),))[1])(derivative)
        found.append(derivative(cr.tensor(0.0, dtype=cr.float64)).item())
    assert found == pytest.approx([0, -(math.pi**2) / 3, 0, math.pi**4 / 5])


def test_powers_of_the_base_have_whole_logarithms() -> None:
    assert cr.log2(2.0 ** cr.arange(60, dtype=cr.float64)).tolist() == list(range(60))
    assert cr.log10(cr.tensor([1e3, 1e15], dtype=cr.float64)).tolist() == [3.0, 15.0]
    assert cr.exp2(cr.tensor([10.0])).tolist() == [1024.0]
    exact = cr.tensor([8, 2], dtype=cr.exact)
    assert [str(v) for v in cr.log2(exact).numpy()] == ["3", "1"]
