"""Element types, arguments, in-place forms and errors of the element-wise functions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import chainrule as cr
from chainrule.core.errors import ArgumentError, ChainruleError, DTypeError
from chainrule.nn import functional as F

inf, nan = math.inf, math.nan
Call = Callable[[Any, Any], Any]


def operands(library: Any) -> dict[str, Any]:
    """Small tensors of every category."""
    return {
        "b": library.tensor([True, False, True]),
        "u": library.tensor([0, 1, 3], dtype=library.uint8),
        "i": library.tensor([-3, 2, 7]),
        "h": library.tensor([1.5, -2.5, 0.5], dtype=library.float16),
        "f": library.tensor([1.5, -2.5, 0.5]),
        "d": library.tensor([0.75, 0.5, -0.25], dtype=library.float64),
        "s": library.tensor(2.5, dtype=library.float64),
        "c": library.tensor([1 + 2j, 0j, -1j]),
    }


def result(call: Call, library: Any) -> tuple[str, Any] | None:
    """Type and entries of what a call gives; None where it is refused."""
    try:
        made = call(library, operands(library))
    except (ChainruleError, RuntimeError, TypeError, NotImplementedError):
        return None
    entries = np.asarray(made.numpy(), complex if "complex" in str(made.dtype) else float)
    return str(made.dtype).rpartition(".")[2], entries


UNARY = [
    "ceil", "trunc", "frac", "sgn", "sign", "reciprocal", "rsqrt", "exp2", "log2", "log10", "tan",
    "asin", "acos", "atan", "asinh", "atanh", "sinc", "deg2rad", "rad2deg", "logit", "signbit",
    "isnan", "isinf", "isfinite", "isposinf", "isneginf", "isreal", "nan_to_num", "logical_not",
    "square", "positive", "abs", "neg", "erfinv",
]  # fmt: skip
BINARY = [
    "fmod", "fmax", "fmin", "copysign", "xlogy", "logaddexp", "logaddexp2", "logical_and",
    "logical_or", "logical_xor", "isclose", "float_power", "clamp_min", "sub", "add",
]  # fmt: skip

CALLS: list[str] = [
    *(f"t.{f}(o['{k}'])" for f in UNARY for k in "bif"),
    *(f"t.{f}(o['{x}'], o['{y}'])" for f in BINARY for x, y in ("bb", "ii", "if", "fd", "sf")),
    "t.heaviside(o['i'], o['i'])", "t.heaviside(o['i'], o['f'])",
    "t.add(o['i'], o['i'], alpha=3)", "t.add(o['i'], o['f'], alpha=0.5)", "t.add(o['b'], o['b'])",
    "t.add(o['i'], o['i'], alpha=0.5)", "t.add(o['b'], o['b'], alpha=2)",
    "t.add(o['d'], o['i'], alpha=0.1)", "t.add(o['i'], 2, alpha=3)", "t.sub(o['i'], o['b'])",
    "t.sub(o['u'], o['i'], alpha=2)", "t.sub(o['f'], 1, alpha=0.5)", "o['f'].add(1.5, alpha=2)",
    "t.add(o['f'], o['f'], alpha=1j)",
    *(f"t.div(o['{x}'], {y}, rounding_mode={mode!r})"
      for x in "biufd" for y in ("2", "o['s']", "-0.75") for mode in (None, "trunc", "floor")),
    "o['f'] // 2", "o['i'] // 2", "o['i'] % 3", "2 // o['f']", "7 % o['i']", "o['i'] // 0.5",
    "o['b'] % 2", "+o['f']", "+o['b']", "o['b'] ^ o['b']", "True ^ o['b']", "~o['b']",
    "t.fmod(o['i'], 2)", "t.fmod(o['f'], -2)",
    "t.clamp(o['i'], 0, 5)", "t.clamp(o['i'], min=0.5)", "t.clamp(o['b'], 0, 1)",
    "t.clamp(o['i'], max=o['s'])", "t.clip(o['f'], -1, None)",
    "t.clamp(o['f'])", "o['h'].clamp(max=1)", "o['u'].clamp(1, 2)",
    "t.addcmul(o['i'], o['i'], o['i'], value=2)", "t.addcmul(o['f'], o['d'], o['i'], value=0.5)",
    "t.addcdiv(o['f'], o['d'], o['i'], value=0.5)", "t.addcdiv(o['i'], o['i'], o['i'])",
    "t.addcmul(o['b'], o['b'], o['b'])",
    "t.lerp(o['f'], o['f'] + 1, 0.25)", "t.lerp(o['f'], o['f'] + 1, 1.0)",
    "t.lerp(o['i'], o['i'], 0.5)",
    "t.lerp(o['f'], o['d'], 0.5)", "t.lerp(o['f'], 2 * o['f'], o['f'])",
    "t.float_power(o['i'], 2)", "t.float_power(2, o['f'])", "t.float_power(o['c'], 2)",
    "t.nan_to_num(t.tensor([nan, inf, -inf]))", "t.nan_to_num(t.tensor([nan, inf, -inf]), 1, 2, 3)",
    "t.nan_to_num(t.tensor([inf, nan], dtype=t.float16), posinf=5.0)",
    "t.isnan(o['c'])", "t.isfinite(o['c'])", "t.isreal(o['c'])", "t.sgn(o['c'])",
    "t.isclose(t.tensor([1.0, inf, nan]), t.tensor([1.0 + 1e-7, inf, nan]))",
    "t.isclose(t.tensor([1.0, inf, nan]), t.tensor([1.1, -inf, nan]), 0.2, 0.0, True)",
    "t.isclose(o['f'], o['f'], rtol=-1.0)",
    "t.round(t.tensor([0.5, 1.5, -0.5, 2.5]))", "t.round(t.tensor([0.25, 1.35]), decimals=1)",
    "t.xlogy(2, o['f'])", "t.xlogy(o['f'], 2)", "t.copysign(o['f'], -0.0)", "t.rsqrt(o['c'])",
    "t.logit(o['d'], eps=0.3)", "t.sgn(t.tensor([nan, -0.0]))",
    "o['f'].multiply(2)", "o['f'].true_divide(2)", "o['f'].greater_equal(1)", "o['f'].absolute()",
    "t.arctan2(o['f'], o['f'])", "t.fix(o['f'])", "o['i'].not_equal(2)", "t.negative(o['i'])",
]  # fmt: skip


@pytest.mark.parametrize("text", CALLS)
def test_types_and_numbers_are_pytorchs(text: str) -> None:
    code = compile(text, "<call>", "eval")

    def call(library: Any, o: dict[str, Any]) -> Any:
        return eval(code, {"t": library, "o": o, "nan": nan, "inf": inf})

    wanted, found = result(call, torch), result(call, cr)
    if wanted is None or found is None:
        assert found is wanted, (found, wanted)
        return
    assert found[0] == wanted[0]
    tolerance = 1e-12 if "64" in found[0] else 1e-3 if found[0] == "float16" else 1e-6
    np.testing.assert_allclose(found[1], wanted[1], rtol=tolerance)


IN_PLACE = [
    "i.add_(2)", "i.add_(1.5)", "i.sub_(1, alpha=2)", "i.div_(2)", "i.mul_(2.0)", "i.exp_()",
    "i.div_(2, rounding_mode='floor')", "i.pow_(2)", "i.pow_(0.5)", "i.clamp_(0)", "i.clamp_(0.5)",
    "i.floor_divide_(2)", "i.fmod_(2.0)", "i.logical_not_()", "i.copysign_(i)", "i.round_()",
    "b.add_(1)", "b.add_(True)", "b.logical_xor_(b)", "f.add_(d)", "f.mul_(s)", "f.eq_(2)",
    "f.add_(f, alpha=2)", "f.addcmul_(f, f, value=0.5)", "f.addcdiv_(f, d, value=0.5)",
    "f.lerp_(2 * f, 0.5)", "f.clamp_(max=1)", "f.exp_()", "f.round_()", "f.clip_(0, 1)",
    "f.float_power_(2)", "d.float_power_(2)", "f.sigmoid_()", "f.nan_to_num_()", "f.trunc_()",
    "f.subtract_(1)", "f.divide_(4)", "f.tan_()", "f.arctan_()", "f.log1p_()", "u.add_(i)",
    "f.copysign_(-1.0)", "f.xlogy_(f)", "f.reciprocal_()",
]  # fmt: skip


@pytest.mark.parametrize("text", IN_PLACE)
def test_in_place_forms_keep_the_type_or_refuse(text: str) -> None:
    found = []
    for library in (torch, cr):
        names = operands(library)
        target = names[text[0]]
        before = target.dtype
        try:
            returned = eval(text, dict(names))
        except (RuntimeError, DTypeError):
            found.append(None)
            continue
        assert returned is target
        assert target.dtype is before
        found.append(target.numpy().astype(float))
    if found[0] is None or found[1] is None:
        assert found[0] is found[1]
    else:
        np.testing.assert_allclose(found[1], found[0], rtol=1e-6)


def test_augmented_operators_write() -> None:
    x = cr.tensor([7.0, -7.0])
    whole = x
    x //= 2
    assert whole is x
    assert x.tolist() == [3.0, -4.0]
    x %= 3
    assert whole.tolist() == [0.0, 2.0]
    flags = kept = cr.tensor([True, False])
    flags ^= cr.tensor([True, True])
    flags &= cr.tensor([False, True])
    assert kept.tolist() == [False, True]


def test_a_view_is_clamped_in_its_base() -> None:
    x = cr.tensor([[1.0, -2.0], [3.0, -4.0]])
    x[0].clamp_(min=0)
    assert x.tolist() == [[1.0, 0.0], [3.0, -4.0]]


REFUSED: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: cr.add(I, I, alpha=0.5), ArgumentError, "alpha=0.5 for a result of type int64"),
    (lambda: cr.div(I, 2, rounding_mode="up"), ArgumentError, "div has no rounding mode 'up'"),
    (lambda: cr.clamp(I), ArgumentError, "clamp needs a bound"),
    (lambda: +(I > 0), DTypeError, "positive: a truth value has no sign"),
    (lambda: I.float().float_power_(2), DTypeError, "a result of type float64 cannot be written"),
    (lambda: cr.addcmul(I, I, I, value=0.5), DTypeError, "value=0.5 for whole numbers"),
    (lambda: cr.addcmul(I, I, I, value=I), ArgumentError, "takes a number as value, not a tensor"),
    (lambda: cr.lerp(I.float(), I.double(), 0.5), DTypeError,
     "lerp: operands of different types: float32, float64"),
    (lambda: cr.isclose(I, I, rtol=-1), ArgumentError, "isclose: rtol is -1"),
    (lambda: cr.logit(I, eps=nan), ArgumentError, "logit takes a number as eps, not nan"),
    (lambda: F.gelu(I.float(), approximate="erf"), ArgumentError, "no approximation 'erf'"),
    (lambda: F.celu(I.float(), alpha=0.0), ArgumentError, "celu divides by alpha, which is 0"),
    (lambda: F.softshrink(I.float(), -1.0), ArgumentError, "softshrink: lambd is -1.0"),
    (lambda: F.hardtanh(I, 2, 1), ArgumentError, "min_val 2 is above max_val 1"),
    (lambda: F.hardtanh(I, 0.5, 1), DTypeError, "min_val=0.5 for whole numbers"),
    (lambda: F.threshold(I, 1, 0.5), DTypeError, "value=0.5 for whole numbers"),
    (lambda: F.rrelu(I, 2, 1), ArgumentError, "rrelu: lower 2 is above upper 1"),
    (lambda: F.glu(cr.zeros(2, 3)), ChainruleError, "glu halves an axis; axis 1 has 3 entries"),
    (lambda: F.prelu(cr.zeros(2, 3), cr.zeros(2)), ChainruleError, "one slope for all, or one for"),

    (lambda: cr.fmod(I, 0), ChainruleError, "a whole number is divided by 0"),
    (lambda: cr.acosh(cr.tensor(0, dtype=cr.exact)), ChainruleError, r"acosh\(0\) is not real"),
    (lambda: cr.atanh(cr.tensor(1, dtype=cr.exact)), ChainruleError, r"atanh\(1\) has no value"),
    (lambda: cr.erfinv(cr.tensor(2, dtype=cr.exact)), ChainruleError, r"erfinv\(2\) is not real"),
]  # fmt: skip
I = cr.tensor([1, 2])


@pytest.mark.parametrize("case", range(len(REFUSED)), ids=[text for *_, text in REFUSED])
def test_errors_say_what_is_wrong(case: int) -> None:
    call, kind, text = REFUSED[case]
    with pytest.raises(kind, match=text):
        call()


def test_functions_without_slope_have_zeros_as_gradients() -> None:
    for function in (cr.sign, cr.floor, cr.ceil, cr.trunc, cr.round, lambda x: x**0):
        x = cr.tensor([1.5, -2.5], requires_grad=True)
        function(x).sum().backward()
        assert x.grad is not None and x.grad.tolist() == [0.0, 0.0]


def test_exact_numbers_stay_exact() -> None:
    x = cr.tensor([1, 3], dtype=cr.exact) / 4
    assert [str(v) for v in F.leaky_relu(x - 1, 0.5).numpy()] == ["-3/8", "-1/8"]
    assert [str(v) for v in F.hardswish(x).numpy()] == ["13/96", "15/32"]
    assert [str(v) for v in x.clamp(cr.tensor(1, dtype=cr.exact) / 2, 1).numpy()] == ["1/2", "3/4"]
    assert [str(v) for v in cr.asin(2 * x[:1]).numpy()] == ["pi/6"]
    assert str(cr.asinh(x[0] * 0 + 1).numpy()) == "log(1 + sqrt(2))"


def test_whole_quotients_of_large_numbers_are_not_rounded() -> None:
    big = 2**62 + 1
    assert cr.div(cr.tensor([big, -big]), 1, rounding_mode="trunc").tolist() == [big, -big]
    assert cr.fmod(cr.tensor([big, -big]), 4).tolist() == [1, -1]


def test_bits_in_a_compiled_function() -> None:
    bits = cr.compile(lambda a, b: (a & b, a | b, a ^ b, ~a))
    a, b = np.array([-128, 127, 5, 0], np.int8), np.array([127, -1, 3, -128], np.int8)
    made = [x.tolist() for x in bits(cr.tensor(a), cr.tensor(b))]
    assert made == [(a & b).tolist(), (a | b).tolist(), (a ^ b).tolist(), (~a).tolist()]
