"""Element-wise functions of one, two and three operands."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from tests.torch_parity.drawing import ANY, MOST, NUMBERS, Draw, Dtype, Sample
from tests.torch_parity.rows import notes
from tests.torch_parity.rows.notes import BOOLS, OVERWRITTEN, UNFIT, WHOLE
from tests.torch_parity.table import Arguments, Call, Family, Note, accepts, refuses, slopes

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


LACKING = slopes(
    "the derivative in place, which PyTorch has not",
    lambda call: call.name.endswith("_"),
)
LOGIC_IN_PLACE = slopes(
    "in place it has derivative 0; PyTorch passes the gradient on as if nothing had been done",
    lambda call: call.name.endswith("_"),
)
BELOW_1 = slopes(
    "the derivative of NaN is NaN; PyTorch's is a number for entries below -1",
    lambda call: notes.some(call, lambda x: x < -1),
)
NEAR_1 = slopes(
    "the derivative near -1 and 1 keeps its digits; PyTorch computes 1 - x² there",
    lambda call: notes.some(call, lambda x: abs(abs(x) - 1) < 0.1),
)
UNARY_NOTES: dict[str, tuple[Note, ...]] = {
    "asinh": (LACKING,), "atanh": (LACKING, NEAR_1), "acosh": (LACKING, BELOW_1),
    "logical_not": (LOGIC_IN_PLACE,),
}  # fmt: skip

for _kind, _names in UNARY.items():
    for _name in _names.split():
        _both = [_name, *([ALIASES[_name]] if _name in ALIASES else [])]
        # the sine of a multiple of π is a rounding of 0
        row(spelled(*_both), *UNARY_NOTES.get(_name, ()), noise=float(_name == "sinc"))(
            _unary(*RANGES[_kind])
        )

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
COMPARED, LOGIC = (OVERWRITTEN, WHOLE, UNFIT), (notes.NUMBERS, LOGIC_IN_PLACE)
NOWHERE = slopes("the derivative 0, which PyTorch does not give", lambda call: True)
ANGLE = (
    notes.NUMBERS,
    BOOLS,
    slopes(
        "derivatives beside bytes, of which PyTorch wraps the negatives around",
        lambda call: notes.has(call, "uint8"),
    ),
)
ZERO_TIMES_NAN = slopes(
    "0 times NaN is NaN; PyTorch's derivative of a ln b takes it for 0 where b is not above 0",
    lambda call: any(
        bool((x.array <= 0).any()) if isinstance(x, Sample) else x <= 0 for x in call.args[1:]
    ),
)
AT_INFINITY = slopes(
    "the derivative at infinity and NaN is finite; PyTorch's is NaN",
    lambda call: notes.some(call, lambda x: ~np.isfinite(x)),
)
BINARY_NOTES: dict[str, tuple[Note, ...]] = {
    **dict.fromkeys(["eq", "ne", "lt", "le", "gt", "ge"], COMPARED),
    **dict.fromkeys(["logical_and", "logical_or", "logical_xor"], LOGIC),
    **dict.fromkeys(["hypot", "maximum", "minimum", "fmax", "fmin"], (notes.NUMBERS,)),
    **dict.fromkeys(["logaddexp", "logaddexp2"], (notes.NUMBERS, BOOLS)),
    **dict.fromkeys(["mul", "true_divide", "remainder", "fmod"], (UNFIT,)),
    "xlogy": (UNFIT, ZERO_TIMES_NAN),
    "copysign": (UNFIT, AT_INFINITY),
    "atan2": ANGLE,
    "floor_divide": (UNFIT, NOWHERE),
}
for _name in BINARY:
    row(spelled(_name), *BINARY_NOTES[_name])(_binary)
row("torch.multiply Tensor.multiply", UNFIT)(_binary)
row("torch.arctan2 Tensor.arctan2", *ANGLE)(_binary)
row("torch.greater torch.greater_equal torch.less torch.less_equal torch.not_equal", UNFIT)(_binary)


@row(spelled("heaviside"), notes.NUMBERS, NOWHERE)
def _(d: Draw) -> Arguments:
    a, b = d.pair()
    return (a, d.one(*[d.tensor(b.shape, a.dtype)] * 3, b, 1.0)), {}


def _negative_power(call: Call) -> bool:
    base, exponent = call.args
    ranks = [getattr(x, "ndim", None) for x in call.args]
    if ranks[1] == 0 and ranks[0] and base.dtype == "uint8":
        return False  # the exponent is made a byte first
    below = np.asarray(exponent.array if isinstance(exponent, Sample) else exponent) < 0
    return not any(s.floating for s in call.samples()) and bool(below.any())


POWERS = (
    UNFIT,
    BOOLS,
    refuses(
        "a negative power of a whole number, which is a fraction; PyTorch cuts it off to 0",
        lambda call: (
            "pow" in call.name
            and _negative_power(call)
            and not any(isinstance(x, float) for x in call.args)
        ),
    ),
)


@row(
    spelled("pow"),
    *POWERS,
    refuses(
        "a truth value to the power True",
        lambda call: notes.has(call, "bool") and call.args[1] is True,
    ),
)
def _(d: Draw) -> Arguments:
    return _either(d, None), {}


@row("torch.pow", *POWERS)
def _(d: Draw) -> Arguments:
    return (d.number(), d.tensor()), {}


@row(spelled("float_power"))
def _(d: Draw) -> Arguments:
    return _either(d), {}


def _unfit_times(call: Call) -> bool:
    _, other = call.args
    alpha = call.kwargs.get("alpha", 1)
    factor = alpha if isinstance(other, Sample) else other * alpha
    return notes.bytes_beside([*call.samples(), factor])


UNFIT_TIMES = refuses(notes.UNFIT_WHY, _unfit_times)


@row(spelled("add", "sub"), UNFIT_TIMES)
def _(d: Draw) -> Arguments:
    return _either(d, None), d.some(alpha=d.one(2, 0.5, -1, 0, True))


@row("torch.subtract Tensor.subtract torch.rsub", UNFIT_TIMES)
def _(d: Draw) -> Arguments:
    return _either(d, None), d.some(alpha=d.one(2, 0.5))


@row(spelled("div", "divide"), UNFIT)
def _(d: Draw) -> Arguments:
    return _either(d, None), d.some(rounding_mode=d.one(None, "floor", "trunc", "up"))


@row("operator.add operator.sub operator.mul operator.truediv operator.floordiv operator.mod "
     "operator.pow operator.lt operator.le operator.gt operator.ge operator.eq operator.ne "
     "operator.iadd operator.isub operator.imul operator.itruediv", UNFIT, *POWERS[2:])  # fmt: skip
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


@row(
    spelled("round"),
    accepts("whole numbers rounded to no decimals: themselves", "round_vml_cpu"),
)
def _(d: Draw) -> Arguments:
    return (d.tensor(low=-300, high=300),), {"decimals": d.one(0, 1, 2, -1, -2)}


@row(spelled("logit"))
def _(d: Draw) -> Arguments:
    return (d.tensor(low=-0.25, high=1.25),), d.some(eps=d.one(1e-3, 0.25, 0))


@row(spelled("clamp", "clip"), UNFIT)
def _(d: Draw) -> Arguments:
    a, b = d.pair()
    if d.flag():
        return (a,), d.some(min=d.one(-1, 0.5, 0), max=d.one(1, 0, 1.5, -2))
    c = d.tensor(b.shape)
    return (a, *d.one((b,), (b, c), (None, c))), {}


@row(
    spelled("clamp_min", "clamp_max"),
    UNFIT,
    accepts("truth values between truth values", "not implemented for 'Bool'"),
)
def _(d: Draw) -> Arguments:
    return _either(d, None), {}


@row(spelled("lerp"))
def _(d: Draw) -> Arguments:
    a, b = d.pair(MOST)
    if d.one(1, 1, 1, 0):
        b = d.tensor(b.shape, a.dtype)
    return (a, b, d.one(0.5, 0.25, 1, 2, d.tensor((), a.dtype), d.tensor(a.shape, a.dtype))), {}


@row(
    spelled("addcmul", "addcdiv"),
    refuses(
        "a fraction as `value` of whole numbers; PyTorch cuts it off",
        lambda call: (
            not any(s.floating for s in call.samples()) and call.kwargs.get("value") == 0.5
        ),
    ),
    slopes(
        "derivatives beside whole numbers, where PyTorch's formula is refused by its own types",
        lambda call: not all(s.floating for s in call.samples()),
    ),
)
def _(d: Draw) -> Arguments:
    a, b = d.pair(NUMBERS)
    return (a, b, d.tensor(d.one(a.shape, b.shape, ()), NUMBERS)), d.some(value=d.one(2, 0.5, 0))


@row("torch.where", refuses(notes.UNFIT_WHY, lambda c: notes.bytes_beside(list(c.args[1:]))))
def _(d: Draw) -> Arguments:
    a, b = d.pair()
    condition = d.tensor(d.one(a.shape, b.shape, ()), d.one("bool", "bool", "bool", "uint8"))
    return d.one((condition, a, b), (condition, a, d.number()), (condition, d.number(), b),
                 (condition, d.number(), d.number())), {}  # fmt: skip


@row("torch.where")
def _(d: Draw) -> Arguments:
    return (d.tensor(),), {}


@row("Tensor.where", UNFIT)
def _(d: Draw) -> Arguments:
    a, b = d.pair()
    condition = d.tensor(d.one(a.shape, b.shape, ()), "bool")
    return (a, condition, d.one(b, d.number())), {}


@row(
    "torch.masked_fill Tensor.masked_fill Tensor.masked_fill_",
    refuses(notes.UNFIT_WHY, lambda c: notes.bytes_beside([c.args[0], c.args[2]])),
    accepts("whole numbers filled with one that asks for a gradient, and gets none",
            "Autograd not support dtype"),
    WHOLE,
)  # fmt: skip
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


@row(
    "Tensor.fill_",
    refuses(
        notes.UNFIT_WHY, lambda c: c.args[0].dtype == "uint8" and notes.bytes_beside(list(c.args))
    ),
    OVERWRITTEN,
    WHOLE,
)
def _(d: Draw) -> Arguments:
    return (d.tensor(), d.one(d.number(), d.tensor(()), d.tensor((1,)))), {}


@row("Tensor.copy_", OVERWRITTEN, WHOLE)
def _(d: Draw) -> Arguments:
    a, b = d.pair(special=False, low=0, high=100)
    return (a, b), {}


@row("Tensor.zero_")
def _(d: Draw) -> Arguments:
    return (d.tensor(),), {}
