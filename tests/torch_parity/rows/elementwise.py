"""Element-wise functions of one, two and three operands."""

from __future__ import annotations

from typing import Any

import torch

from tests.torch_parity.drawing import ANY, MOST, NUMBERS, Draw, Dtype
from tests.torch_parity.table import Arguments, Family

family = Family("Element by element")
row = family.row

UNARY = {
    "": "neg positive abs sign sgn square sqrt rsqrt reciprocal exp exp2 expm1 log1p sin cos tan "
    "sinh cosh tanh asinh erf erfc sigmoid floor ceil round trunc frac signbit isnan "
    "isinf isfinite deg2rad rad2deg sinc relu logical_not",
    "positive": "log log2 log10",
    "unit": "asin acos atanh logit",
    "above 1": "acosh",
    "any": "atan",
}
ALIASES = {
    "neg": "negative", "abs": "absolute", "asin": "arcsin", "acos": "arccos", "atan": "arctan",
    "asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh", "trunc": "fix",
}  # fmt: skip
RANGES = {"": (-3, 3), "positive": (-1, 4), "unit": (-1.25, 1.25), "above 1": (-0.5, 4),
          "any": (-3, 3)}  # fmt: skip


def spelled(*names: str) -> str:
    """As a function, as a method and, where PyTorch has it, in place."""
    found = [f"torch.{name}" for name in names if hasattr(torch, name)]
    found += [f"Tensor.{name}" for name in names if hasattr(torch.Tensor, name)]
    found += [f"Tensor.{name}_" for name in names if hasattr(torch.Tensor, f"{name}_")]
    return " ".join(found)


def _unary(low: float, high: float) -> Any:
    def draw(d: Draw) -> Arguments:
        return (d.tensor(low=low, high=high),), {}

    return draw


for _kind, _names in UNARY.items():
    for _name in _names.split():
        _both = [_name, *([ALIASES[_name]] if _name in ALIASES else [])]
        row(spelled(*_both))(_unary(*RANGES[_kind]))

row("operator.neg operator.abs operator.pos")(_unary(-3, 3))


def _either(d: Draw, dtypes: Any = NUMBERS, **how: Any) -> Any:
    """A second operand: a tensor that broadcasts, or a number."""
    a, b = d.pair(**how) if dtypes is None else d.pair(dtypes, **how)
    return a, (d.number() if d.one(0, 0, 1) else b)


def _binary(d: Draw) -> Arguments:
    return _either(d, None), {}


BINARY = ["mul", "xlogy", "eq", "ne", "lt", "le", "gt", "ge", "logaddexp", "logaddexp2", "hypot",
          "maximum", "minimum", "fmax", "fmin", "logical_and", "logical_or", "logical_xor",
          "copysign", "atan2", "true_divide", "remainder", "fmod",
          "floor_divide"]  # fmt: skip
for _name in BINARY:
    row(spelled(_name))(_binary)
row("torch.multiply Tensor.multiply")(_binary)
row("torch.arctan2 Tensor.arctan2")(_binary)
row("torch.greater torch.greater_equal torch.less torch.less_equal torch.not_equal")(_binary)


@row(spelled("heaviside"))
def _(d: Draw) -> Arguments:
    a, b = d.pair()
    return (a, d.one(*[d.tensor(b.shape, a.dtype)] * 3, b, 1.0)), {}


@row(spelled("pow"))
def _(d: Draw) -> Arguments:
    return _either(d, None), {}


@row("torch.pow")
def _(d: Draw) -> Arguments:
    return (d.number(), d.tensor()), {}


@row(spelled("float_power"))
def _(d: Draw) -> Arguments:
    return _either(d), {}


@row(spelled("add", "sub"))
def _(d: Draw) -> Arguments:
    return _either(d, None), d.some(alpha=d.one(2, 0.5, -1, 0, True))


@row("torch.subtract Tensor.subtract torch.rsub")
def _(d: Draw) -> Arguments:
    return _either(d, None), d.some(alpha=d.one(2, 0.5))


@row(spelled("div", "divide"))
def _(d: Draw) -> Arguments:
    return _either(d, None), d.some(rounding_mode=d.one(None, "floor", "trunc", "up"))


@row("operator.add operator.sub operator.mul operator.truediv operator.floordiv operator.mod "
     "operator.pow operator.lt operator.le operator.gt operator.ge operator.eq operator.ne "
     "operator.iadd operator.isub operator.imul operator.itruediv")  # fmt: skip
def _(d: Draw) -> Arguments:
    a, b = _either(d, None, grad=False)
    return ((b, a) if d.flag() else (a, b)), {}


@row("operator.and_ operator.or_ operator.xor")
def _(d: Draw) -> Arguments:
    a, b = d.pair(("bool", "bool", "int64", "uint8", "float32"))
    return (a, d.one(True, 3) if d.one(0, 0, 1) else b), {}


@row("torch.bitwise_and torch.bitwise_or torch.bitwise_xor")
def _(d: Draw) -> Arguments:
    return d.pair(("bool", "int64", "uint8", "int32", "float32")), {}


@row("operator.invert torch.bitwise_not")
def _(d: Draw) -> Arguments:
    return (d.tensor(dtypes=("bool", "int64", "uint8", "float32")),), {}


@row(spelled("round"))
def _(d: Draw) -> Arguments:
    return (d.tensor(low=-300, high=300),), {"decimals": d.one(0, 1, 2, -1, -2)}


@row(spelled("logit"))
def _(d: Draw) -> Arguments:
    return (d.tensor(low=-0.25, high=1.25),), d.some(eps=d.one(1e-3, 0.25, 0))


@row(spelled("clamp", "clip"))
def _(d: Draw) -> Arguments:
    a, b = d.pair()
    if d.flag():
        return (a,), d.some(min=d.one(-1, 0.5, 0), max=d.one(1, 0, 1.5, -2))
    c = d.tensor(b.shape)
    return (a, *d.one((b,), (b, c), (None, c))), {}


@row(spelled("clamp_min", "clamp_max"))
def _(d: Draw) -> Arguments:
    return _either(d, None), {}


@row(spelled("lerp"))
def _(d: Draw) -> Arguments:
    a, b = d.pair(MOST)
    if d.one(1, 1, 1, 0):
        b = d.tensor(b.shape, a.dtype)
    return (a, b, d.one(0.5, 0.25, 1, 2, d.tensor((), a.dtype), d.tensor(a.shape, a.dtype))), {}


@row(spelled("addcmul", "addcdiv"))
def _(d: Draw) -> Arguments:
    a, b = d.pair(NUMBERS)
    return (a, b, d.tensor(d.one(a.shape, b.shape, ()), NUMBERS)), d.some(value=d.one(2, 0.5, 0))


@row("torch.where")
def _(d: Draw) -> Arguments:
    a, b = d.pair()
    condition = d.tensor(d.one(a.shape, b.shape, ()), d.one("bool", "bool", "bool", "uint8"))
    return d.one((condition, a, b), (condition, a, d.number()), (condition, d.number(), b),
                 (condition, d.number(), d.number())), {}  # fmt: skip


@row("torch.where")
def _(d: Draw) -> Arguments:
    return (d.tensor(),), {}


@row("Tensor.where")
def _(d: Draw) -> Arguments:
    a, b = d.pair()
    condition = d.tensor(d.one(a.shape, b.shape, ()), "bool")
    return (a, condition, d.one(b, d.number())), {}


@row("torch.masked_fill Tensor.masked_fill Tensor.masked_fill_")
def _(d: Draw) -> Arguments:
    a, b = d.pair()
    mask = d.tensor(d.one(b.shape, a.shape, ()), d.one("bool", "bool", "bool", "uint8"))
    number = d.tensor((), d.one(a.dtype, "float64"))
    value = d.one(*[d.number(), number] * 3, d.tensor((1,), a.dtype))
    return (a, mask, value), {}


@row("torch.isclose torch.allclose Tensor.isclose Tensor.allclose")
def _(d: Draw) -> Arguments:
    a, b = d.pair()
    b = d.tensor(b.shape, d.one(a.dtype, a.dtype, b.dtype))
    return (a, b), d.some(rtol=d.one(0.5, 0.0, -1.0), atol=d.one(0.5, 0.0), equal_nan=d.flag())


@row("torch.equal Tensor.equal")
def _(d: Draw) -> Arguments:
    a, b = d.pair(("float32", "float32", "int64"))
    return d.one((a, b), (a, a)), {}


@row(spelled("nan_to_num"))
def _(d: Draw) -> Arguments:
    how = {"nan": d.one(1.5, 0, None), "posinf": d.one(7.0, None), "neginf": d.one(-7, None)}
    return (d.tensor(),), d.some(**how)


@row("torch.result_type")
def _(d: Draw) -> Arguments:
    return _either(d, None), {}


@row("Tensor.to")
def _(d: Draw) -> Arguments:
    target = d.one(Dtype(d.dtype(ANY)), "cpu", d.tensor((2,)))
    # what an infinity, or a number that does not fit, becomes is not defined
    return (d.tensor(special=False, low=0, high=100), target), d.some(copy=True)


@row("Tensor.to")
def _(d: Draw) -> Arguments:
    options = {"dtype": Dtype(d.dtype(ANY)), "device": d.one("cpu", None)}
    return (d.tensor(special=False, low=0, high=100),), d.some(**options)


@row("Tensor.float Tensor.double Tensor.half Tensor.long Tensor.int Tensor.bool Tensor.short "
     "Tensor.char Tensor.byte Tensor.clone Tensor.detach Tensor.contiguous")  # fmt: skip
def _(d: Draw) -> Arguments:
    return (d.tensor(special=False, low=0, high=100),), {}


@row("Tensor.type_as")
def _(d: Draw) -> Arguments:
    return (d.tensor(special=False, low=0, high=100), d.tensor((2,))), {}


@row("Tensor.fill_")
def _(d: Draw) -> Arguments:
    return (d.tensor(), d.one(d.number(), d.tensor(()), d.tensor((1,)))), {}


@row("Tensor.copy_")
def _(d: Draw) -> Arguments:
    a, b = d.pair(special=False, low=0, high=100)
    return (a, b), {}


@row("Tensor.zero_")
def _(d: Draw) -> Arguments:
    return (d.tensor(),), {}
