"""A deep-learning framework that shows its work.

A network is defined once, with PyTorch's names.  It trains, and it answers, with the working,
what a careful teacher, student or engineer asks of it.

>>> import chainrule as cr
>>> x = cr.tensor([[1.0, 2.0]], requires_grad=True)
>>> (x * x).sum().backward()
>>> x.grad
tensor([[2., 4.]])
"""

from chainrule import autograd, backends, cuda, data, distributions, nn, optim, train, utils
from chainrule.backends import compile
from chainrule.core import errors
from chainrule.core.capture import capture, spec
from chainrule.core.device import device
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
from chainrule.core.printing import set_printoptions
from chainrule.core.size import Size
from chainrule.core.state import (
    detect_anomaly,
    enable_grad,
    inference_mode,
    is_grad_enabled,
    no_grad,
    record,
    set_grad_enabled,
)
from chainrule.core.tensor import Parameter, Tensor
from chainrule.namespaces.constants import PI as pi
from chainrule.namespaces.constants import E as e
from chainrule.ops.abstract import Abstract, abstract
from chainrule.ops.compare import eq, ge, gt, le, logical_and, logical_not, logical_or, lt, ne
from chainrule.ops.complex import complex, conj, imag, real
from chainrule.ops.contract import einsum
from chainrule.ops.creation import (
    arange,
    as_tensor,
    bernoulli,
    empty,
    empty_like,
    eye,
    from_numpy,
    full,
    full_like,
    is_tensor,
    linspace,
    logspace,
    multinomial,
    normal,
    ones,
    ones_like,
    rand,
    rand_like,
    randint,
    randint_like,
    randn,
    randn_like,
    randperm,
    scalar_tensor,
    symbols,
    tensor,
    zeros,
    zeros_like,
)
from chainrule.ops.elementwise import (
    add,
    cos,
    div,
    exp,
    log,
    mul,
    neg,
    pow,
    sigmoid,
    sin,
    sqrt,
    square,
    sub,
    tanh,
    where,
)
from chainrule.ops.indexing import nonzero
from chainrule.ops.linear import matmul
from chainrule.ops.lookup import gather, scatter, scatter_add
from chainrule.ops.losses import log_softmax, softmax
from chainrule.ops.methods import allclose, chunk, equal, flatten, max, min, movedim, split, stack
from chainrule.ops.piecewise import abs, maximum, minimum, relu, sign
from chainrule.ops.random import (
    Generator,
    get_rng_state,
    initial_seed,
    manual_seed,
    seed,
    set_rng_state,
)
from chainrule.ops.reduce import amax, amin, argmax, cumsum, logsumexp, mean, sum
from chainrule.ops.rounding import floor
from chainrule.ops.scan import scan
from chainrule.ops.shape import cat, flip, permute, reshape
from chainrule.ops.surroundings import (
    is_complex,
    is_floating_point,
    numel,
    use_deterministic_algorithms,
)
from chainrule.ops.views import clone, squeeze, transpose, unsqueeze
from chainrule.readings.explain import Explanation, explain
from chainrule.readings.lower import lower
from chainrule.readings.run import run
from chainrule.readings.simplify import simplify
from chainrule.readings.verify import verify
from chainrule.saving import load, save

# PyTorch's short names of types; there is no code below that they could mislead.
half, float, double = float16, float32, float64
short, int, long = int16, int32, int64
cfloat, cdouble = complex64, complex128

__version__ = "0.1.0"

__all__ = [
    "abs", "Abstract", "abstract", "add", "allclose", "amax", "amin", "arange", "argmax",
    "as_tensor", "autograd", "backends", "bernoulli", "bool", "capture", "cat", "cdouble",
    "cfloat", "chunk", "clone", "compile", "complex", "complex128", "complex64", "conj", "cos",
    "cuda", "cumsum", "data", "detect_anomaly", "device", "distributions", "div", "double",
    "dtype", "e", "einsum", "empty", "empty_like", "enable_grad", "eq", "equal", "errors",
    "exact", "example", "exp", "explain", "Explanation", "eye", "flatten", "flip", "float",
    "float16", "float32", "float64", "floor", "from_numpy", "full", "full_like", "gather", "ge",
    "Generator", "get_default_dtype", "get_rng_state", "grad", "Graph", "gt", "half", "hessian",
    "hvp", "imag", "inference_mode", "initial_seed", "int", "int16", "int32", "int64", "int8",
    "is_complex", "is_floating_point", "is_grad_enabled", "is_tensor", "jacfwd", "jacobian",
    "jacrev", "jvp", "le", "linspace", "load", "log", "log_softmax", "logical_and",
    "logical_not", "logical_or", "logspace", "logsumexp", "long", "lower", "lt", "manual_seed",
    "matmul", "max", "maximum", "mean", "min", "minimum", "movedim", "mul", "multinomial",
    "named", "ne", "neg", "nn", "no_grad", "nonzero", "normal", "numel", "ones", "ones_like",
    "Op", "optim", "Parameter", "permute", "pi", "pow", "rand", "rand_like", "randint",
    "randint_like", "randn", "randn_like", "randperm", "real", "record", "relu", "reshape",
    "run", "save", "scalar_tensor", "scan", "scatter", "scatter_add", "seed",
    "set_default_dtype", "set_grad_enabled", "set_printoptions", "set_rng_state", "short",
    "sigmoid", "sign", "simplify", "sin", "Size", "softmax", "spec", "split", "sqrt", "square",
    "squeeze", "stack", "sub", "sum", "symbols", "tanh", "Tensor", "tensor", "train",
    "transpose", "uint8", "unsqueeze", "use_deterministic_algorithms", "utils", "verify", "vjp",
    "where", "zeros", "zeros_like",
]  # fmt: skip
