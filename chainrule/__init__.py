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
from chainrule.ops import linalg
from chainrule.ops.chains import chain_matmul, tensordot
from chainrule.ops.compare import (
    eq,
    ge,
    gt,
    le,
    logical_and,
    logical_not,
    logical_or,
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
from chainrule.ops.cumulative import cumprod, diff, logcumsumexp
from chainrule.ops.deviation import std, std_mean, var, var_mean
from chainrule.ops.distinct import bincount, unique, unique_consecutive
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
from chainrule.ops.extremes import aminmax, cummax, cummin
from chainrule.ops.indexing import nonzero
from chainrule.ops.linalg import det, inverse, logdet, matrix_power, slogdet, trace
from chainrule.ops.linear import matmul
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
from chainrule.ops.norms import cdist, dist, norm
from chainrule.ops.piecewise import abs, maximum, minimum, relu, sign
from chainrule.ops.products import (
    addbmm,
    addmm,
    addmv,
    addr,
    baddbmm,
    bmm,
    cross,
    dot,
    ger,
    inner,
    mm,
    mv,
    outer,
    vdot,
)
from chainrule.ops.quantiles import median, mode, nanmedian, nanquantile, quantile
from chainrule.ops.random import Generator, manual_seed
from chainrule.ops.reduce import amax, amin, argmax, argmin, cumsum, logsumexp, mean, prod, sum
from chainrule.ops.rounding import floor
from chainrule.ops.scan import scan
from chainrule.ops.search import bucketize, histc, searchsorted
from chainrule.ops.shape import cat, flip, permute, reshape
from chainrule.ops.sorting import argsort, kthvalue, msort, sort, topk
from chainrule.ops.truth import all, any, count_nonzero, nanmean, nansum
from chainrule.ops.views import clone, squeeze, transpose, unsqueeze
from chainrule.readings.explain import Explanation, explain
from chainrule.readings.lower import lower
from chainrule.readings.run import run
from chainrule.readings.simplify import simplify
from chainrule.readings.verify import verify

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
    "addbmm", "addmm", "addmv", "addr", "all", "aminmax", "any", "argmin", "argsort", "baddbmm",
    "bincount", "bmm", "bucketize", "cdist", "chain_matmul", "count_nonzero", "cross", "cummax",
    "cummin", "cumprod", "det", "diff", "dist", "dot", "ger", "histc", "inner", "inverse",
    "kthvalue", "linalg", "logcumsumexp", "logdet", "matrix_power", "median", "mm", "mode",
    "msort", "mv", "nanmean", "nanmedian", "nanquantile", "nansum", "norm", "outer", "prod",
    "quantile", "searchsorted", "slogdet", "sort", "std", "std_mean", "tensordot", "topk",
    "trace", "unique", "unique_consecutive", "var", "var_mean", "vdot",
]  # fmt: skip
