"""A deep-learning framework that shows its work.

A network is defined once, with PyTorch's names.  It trains, and it answers, with the working,
what a careful teacher, student or engineer asks of it.

>>> import chainrule as cr
>>> x = cr.tensor([[1.0, 2.0]], requires_grad=True)
>>> (x * x).sum().backward()
>>> x.grad
tensor([[2., 4.]])
"""

from chainrule import data, nn, optim
from chainrule.backends import compile
from chainrule.core import autograd, errors
from chainrule.core.capture import capture, spec
from chainrule.core.dtypes import DType as dtype
from chainrule.core.dtypes import bool_ as bool
from chainrule.core.dtypes import (
    complex64,
    complex128,
    exact,
    float16,
    float32,
    float64,
    get_default_dtype,
    int8,
    int16,
    int32,
    int64,
    set_default_dtype,
    uint8,
)
from chainrule.core.functional import grad, hessian, hvp, jacfwd, jacobian, jacrev, jvp, vjp
from chainrule.core.graph import Graph
from chainrule.core.names import named
from chainrule.core.op import Op, example
from chainrule.core.size import Size
from chainrule.core.state import (
    detect_anomaly,
    enable_grad,
    is_grad_enabled,
    no_grad,
    record,
    set_grad_enabled,
)
from chainrule.core.structural import full
from chainrule.core.tensor import Parameter, Tensor
from chainrule.ops.arithmetic import addcdiv, addcmul, lerp, reciprocal, rsqrt, sgn
from chainrule.ops.bounds import clamp_max, clamp_min, fmax, fmin, nan_to_num
from chainrule.ops.compare import (
    bitwise_and,
    bitwise_not,
    bitwise_or,
    bitwise_xor,
    eq,
    ge,
    gt,
    le,
    logical_and,
    logical_not,
    logical_or,
    logical_xor,
    lt,
    ne,
)
from chainrule.ops.complex import complex, conj, imag, real
from chainrule.ops.contract import einsum
from chainrule.ops.creation import (
    arange,
    as_tensor,
    bernoulli,
    eye,
    from_numpy,
    full_like,
    linspace,
    ones,
    ones_like,
    rand,
    rand_like,
    randint,
    randn,
    randn_like,
    randperm,
    symbols,
    tensor,
    zeros,
    zeros_like,
)
from chainrule.ops.elementwise import (
    cos,
    exp,
    log,
    mul,
    neg,
    pow,
    sigmoid,
    sin,
    sqrt,
    square,
    tanh,
    where,
)
from chainrule.ops.indexing import nonzero
from chainrule.ops.linear import matmul
from chainrule.ops.logarithms import exp2, log2, log10, logaddexp, logaddexp2, logit, xlogy
from chainrule.ops.lookup import gather, scatter, scatter_add
from chainrule.ops.losses import log_softmax, softmax
from chainrule.ops.methods import (
    allclose,
    chunk,
    equal,
    flatten,
    max,
    min,
    movedim,
    split,
    stack,
)
from chainrule.ops.piecewise import abs, maximum, minimum, relu, sign
from chainrule.ops.predicates import (
    isclose,
    isfinite,
    isinf,
    isnan,
    isneginf,
    isposinf,
    isreal,
    signbit,
)
from chainrule.ops.random import Generator, manual_seed
from chainrule.ops.rectifiers import hardshrink, prelu
from chainrule.ops.reduce import amax, amin, argmax, cumsum, logsumexp, mean, sum
from chainrule.ops.rounding import ceil, floor, floor_divide, fmod, frac, remainder, round, trunc
from chainrule.ops.scan import scan
from chainrule.ops.shape import cat, flip, permute, reshape
from chainrule.ops.signs import copysign, heaviside
from chainrule.ops.special import erf, erfc, erfinv, expm1, log1p
from chainrule.ops.trigonometry import (
    acos,
    acosh,
    asin,
    asinh,
    atan,
    atan2,
    atanh,
    cosh,
    deg2rad,
    hypot,
    rad2deg,
    sinc,
    sinh,
    tan,
)
from chainrule.ops.variants import add, clamp, div, float_power, positive, sub
from chainrule.ops.views import clone, squeeze, transpose, unsqueeze
from chainrule.readings.explain import Explanation, explain
from chainrule.readings.lower import lower
from chainrule.readings.run import run
from chainrule.readings.simplify import simplify
from chainrule.readings.verify import verify

arccos, arcsin, arctan, arctan2 = acos, asin, atan, atan2
arccosh, arcsinh, arctanh = acosh, asinh, atanh
absolute, clip, fix, negative = abs, clamp, trunc, neg
subtract, multiply, divide, true_divide = sub, mul, div, div
greater, greater_equal, less, less_equal, not_equal = gt, ge, lt, le, ne
celu, rrelu, selu, threshold = (
    nn.functional.celu,
    nn.functional.rrelu,
    nn.functional.selu,
    nn.functional.threshold,
)

__version__ = "0.1.0"

__all__ = [
    "abs", "add", "allclose", "amax", "amin", "arange", "argmax", "as_tensor", "autograd",
    "bernoulli", "bool", "capture", "cat", "chunk", "clone", "compile", "complex", "complex128",
    "complex64", "conj", "cos", "cumsum", "data", "detect_anomaly", "div", "dtype", "einsum",
    "enable_grad", "eq", "equal", "errors", "exact", "example", "exp", "explain", "Explanation",
    "eye", "flatten", "flip", "float16", "float32", "float64", "floor", "from_numpy", "full",
    "full_like", "gather", "ge", "Generator", "get_default_dtype", "grad", "Graph", "gt",
    "hessian", "hvp", "imag", "int16", "int32", "int64", "int8", "is_grad_enabled", "jacfwd",
    "jacobian", "jacrev", "jvp", "le", "linspace", "log", "log_softmax", "logical_and",
    "logical_not",
    "logical_or", "logsumexp", "lower", "lt", "manual_seed", "matmul", "max", "maximum", "mean",
    "min", "minimum", "movedim", "mul", "named", "ne", "neg", "nn", "no_grad", "nonzero", "ones",
    "ones_like", "Op", "optim", "Parameter", "permute", "pow", "rand", "rand_like", "randint",
    "randn", "randn_like", "randperm", "real", "record", "relu", "reshape", "run", "scan",
    "scatter", "scatter_add", "set_default_dtype", "set_grad_enabled", "sigmoid", "sign",
    "simplify", "sin", "Size", "softmax", "spec", "split", "sqrt", "square", "squeeze", "stack",
    "sub", "sum", "symbols", "tanh", "Tensor", "tensor", "transpose", "uint8", "unsqueeze",
    "verify", "vjp", "where", "zeros", "zeros_like",
    "absolute", "acos", "acosh", "addcdiv", "addcmul", "arccos", "arccosh", "arcsin", "arcsinh",
    "arctan", "arctan2", "arctanh", "asin", "asinh", "atan", "atan2", "atanh", "bitwise_and",
    "bitwise_not", "bitwise_or", "bitwise_xor", "ceil", "celu", "clamp", "clamp_max", "clamp_min",
    "clip", "copysign", "cosh", "deg2rad", "divide", "erf", "erfc", "erfinv", "exp2", "expm1",
    "fix", "float_power", "floor_divide", "fmax", "fmin", "fmod", "frac", "greater",
    "greater_equal", "hardshrink", "heaviside", "hypot", "isclose", "isfinite", "isinf", "isnan",
    "isneginf", "isposinf", "isreal", "lerp", "less", "less_equal", "log10", "log1p", "log2",
    "logaddexp", "logaddexp2", "logical_xor", "logit", "multiply", "nan_to_num", "negative",
    "not_equal", "positive", "prelu", "rad2deg", "reciprocal", "remainder", "round", "rrelu",
    "rsqrt", "selu", "sgn", "signbit", "sinc", "sinh", "subtract", "tan", "threshold",
    "true_divide", "trunc", "xlogy",
]  # fmt: skip
