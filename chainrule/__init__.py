"""A deep-learning framework that shows its work.

A network is defined once, with PyTorch's names.  It trains, and it answers, with the working,
what a careful teacher, student or engineer asks of it.

>>> import chainrule as cr
>>> x = cr.tensor([[1.0, 2.0]], requires_grad=True)
>>> (x * x).sum().backward()
>>> x.grad
tensor([[2., 4.]])
"""

from math import inf, nan

from chainrule import (
    autograd,
    backends,
    cuda,
    data,
    distributions,
    func,
    models,
    nn,
    optim,
    rl,
    train,
    utils,
)
from chainrule.backends import compile
from chainrule.core import errors
from chainrule.core.capture import capture, spec
from chainrule.core.device import device, get_default_device, set_default_device
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
from chainrule.core.limits import finfo, iinfo
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
from chainrule.ops import functions as _functions
from chainrule.ops.creation.random import (
    Generator,
    get_rng_state,
    initial_seed,
    manual_seed,
    seed,
    set_rng_state,
)
from chainrule.ops.elementwise.abstract import Abstract, abstract
from chainrule.ops.elementwise.arithmetic import addcdiv, addcmul, lerp, reciprocal, rsqrt, sgn
from chainrule.ops.elementwise.bounds import clamp_max, clamp_min, fmax, fmin, nan_to_num
from chainrule.ops.elementwise.compare import (
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
from chainrule.ops.elementwise.complex import complex, conj, imag, real
from chainrule.ops.elementwise.elementary import (
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
)
from chainrule.ops.elementwise.logarithms import (
    exp2,
    log2,
    log10,
    logaddexp,
    logaddexp2,
    logit,
    xlogy,
)
from chainrule.ops.elementwise.piecewise import abs, maximum, minimum, relu, sign
from chainrule.ops.elementwise.predicates import (
    isclose,
    isfinite,
    isinf,
    isnan,
    isneginf,
    isposinf,
    isreal,
    signbit,
)
from chainrule.ops.elementwise.rectifiers import hardshrink, prelu
from chainrule.ops.elementwise.rounding import (
    ceil,
    floor,
    floor_divide,
    fmod,
    frac,
    remainder,
    round,
    trunc,
)
from chainrule.ops.elementwise.signs import copysign, heaviside
from chainrule.ops.elementwise.special import erf, erfc, erfinv, expm1, log1p
from chainrule.ops.elementwise.trigonometry import (
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
from chainrule.ops.elementwise.variants import (
    add,
    clamp,
    div,
    float_power,
    log_softmax,
    positive,
    result_type,
    rsub,
    softmax,
    sub,
)
from chainrule.ops.functions import *
from chainrule.ops.linear import linalg
from chainrule.ops.linear.chains import chain_matmul, tensordot
from chainrule.ops.linear.contract import einsum
from chainrule.ops.linear.linalg import adjoint, det, inverse, logdet, matrix_power, slogdet, trace
from chainrule.ops.linear.matmul import matmul
from chainrule.ops.linear.norms import cdist, dist, norm
from chainrule.ops.linear.products import (
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
from chainrule.ops.lookup.indexing import index_put, nonzero
from chainrule.ops.lookup.picking import (
    argwhere,
    diag,
    diagflat,
    index_add,
    index_copy,
    index_fill,
    index_select,
    masked_fill,
    masked_scatter,
    masked_select,
    take,
    take_along_dim,
    tril_indices,
    triu_indices,
    where,
)
from chainrule.ops.lookup.primitive import gather
from chainrule.ops.lookup.scattering import scatter, scatter_add, scatter_reduce
from chainrule.ops.losses.margin_losses import cosine_similarity, pairwise_distance
from chainrule.ops.reduce.cumulative import cumprod, diff, logcumsumexp
from chainrule.ops.reduce.deviation import std, std_mean, var, var_mean
from chainrule.ops.reduce.distinct import bincount, unique, unique_consecutive
from chainrule.ops.reduce.extremes import aminmax, cummax, cummin
from chainrule.ops.reduce.quantiles import median, mode, nanmedian, nanquantile, quantile
from chainrule.ops.reduce.reductions import (
    amax,
    amin,
    argmax,
    argmin,
    cumsum,
    logsumexp,
    mean,
    prod,
    sum,
)
from chainrule.ops.reduce.search import bucketize, histc, isin, searchsorted
from chainrule.ops.reduce.sorting import argsort, kthvalue, msort, sort, topk
from chainrule.ops.reduce.truth import all, any, count_nonzero, nanmean, nansum
from chainrule.ops.shape.arranging import (
    atleast_1d,
    atleast_2d,
    atleast_3d,
    broadcast_shapes,
    broadcast_tensors,
    broadcast_to,
    flatten,
    fliplr,
    flipud,
    meshgrid,
    moveaxis,
    movedim,
    ravel,
    repeat_interleave,
    rot90,
    swapaxes,
    swapdims,
    t,
    tile,
    unflatten,
)
from chainrule.ops.shape.diagonals import diag_embed, diagonal, tril, triu
from chainrule.ops.shape.moves import roll, stack
from chainrule.ops.shape.pixels import channel_shuffle, pixel_shuffle, pixel_unshuffle
from chainrule.ops.shape.primitive import cat, flip, permute, reshape
from chainrule.ops.shape.primitive import cat as concat
from chainrule.ops.shape.primitive import cat as concatenate
from chainrule.ops.shape.splitting import (
    block_diag,
    cartesian_prod,
    chunk,
    column_stack,
    combinations,
    dsplit,
    dstack,
    hsplit,
    hstack,
    kron,
    narrow,
    row_stack,
    select,
    split,
    split_with_sizes,
    tensor_split,
    unbind,
    vsplit,
    vstack,
)
from chainrule.ops.shape.views import clone, squeeze, transpose, unsqueeze
from chainrule.ops.structural.scan import scan
from chainrule.readings.explain import Explanation, explain
from chainrule.readings.lower import lower
from chainrule.readings.run import run
from chainrule.readings.simplify import simplify
from chainrule.readings.verify import verify
from chainrule.saving import load, save

half, float, double = float16, float32, float64
short, int, long = int16, int32, int64
cfloat, cdouble = complex64, complex128
celu, rrelu, selu, threshold = (
    nn.functional.celu,
    nn.functional.rrelu,
    nn.functional.selu,
    nn.functional.threshold,
)
__version__ = "0.1.0"
__all__ += _functions.__all__

__all__ = [
    "autograd", "backends", "bool", "capture", "cdouble", "celu", "cfloat", "compile", "complex128",
    "complex64", "cuda", "data", "detect_anomaly", "device", "distributions", "double", "dtype",
    "e", "enable_grad", "errors", "exact", "example", "explain", "Explanation", "finfo", "float",
    "float16", "float32", "float64", "func", "get_default_device", "get_default_dtype", "grad",
    "Graph", "group_norm", "half", "hessian", "hvp", "iinfo", "inf", "inference_mode", "int",
    "int16", "int32", "int64", "int8", "is_grad_enabled", "jacfwd", "jacobian", "jacrev", "jvp",
    "layer_norm", "load", "long", "lower", "models", "named", "nan", "nn", "no_grad", "Op", "optim",
    "Parameter", "pi", "record", "rl", "rms_norm", "rrelu", "run", "save", "selu",
    "set_default_device", "set_default_dtype", "set_grad_enabled", "set_printoptions", "short",
    "simplify", "Size", "spec", "Tensor", "threshold", "train", "uint8", "utils", "verify", "vjp",
]  # fmt: skip
