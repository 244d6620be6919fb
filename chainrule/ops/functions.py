"""The functions of ops that PyTorch has under ``torch.``, and ours beside them: one list."""

from chainrule.ops.creation import (
    arange,
    as_tensor,
    asarray,
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
from chainrule.ops.methods import allclose, equal, max, min
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
from chainrule.ops.surroundings import (
    is_complex,
    is_floating_point,
    numel,
    use_deterministic_algorithms,
)
from chainrule.ops.typed import (
    BoolTensor,
    ByteTensor,
    CharTensor,
    DoubleTensor,
    FloatTensor,
    HalfTensor,
    IntTensor,
    LongTensor,
    ShortTensor,
)
from chainrule.ops.window import (
    adaptive_avg_pool1d,
    avg_pool1d,
    conv1d,
    conv2d,
    conv3d,
    conv_transpose1d,
    conv_transpose2d,
    conv_transpose3d,
    max_pool1d,
    max_pool1d_with_indices,
    max_pool2d,
    max_pool3d,
)
from chainrule.ops.window import adaptive_max_pool1d_with_indices as adaptive_max_pool1d

arccos, arcsin, arctan, arctan2 = acos, asin, atan, atan2
arccosh, arcsinh, arctanh = acosh, asinh, atanh
absolute, clip, fix, negative = abs, clamp, trunc, neg
subtract, multiply, divide, true_divide = sub, mul, div, div
greater, greater_equal, less, less_equal, not_equal = gt, ge, lt, le, ne

__all__ = [
    "abs", "absolute", "Abstract", "abstract", "acos", "acosh", "adaptive_avg_pool1d",
    "adaptive_max_pool1d", "add", "addbmm", "addcdiv", "addcmul", "addmm", "addmv", "addr",
    "adjoint", "all", "allclose", "amax", "amin", "aminmax", "any", "arange", "arccos", "arccosh",
    "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "argmax", "argmin", "argsort", "argwhere",
    "as_tensor", "asarray", "asin", "asinh", "atan", "atan2", "atanh", "atleast_1d", "atleast_2d",
    "atleast_3d", "avg_pool1d", "baddbmm", "bernoulli", "bincount", "bitwise_and", "bitwise_not",
    "bitwise_or", "bitwise_xor", "block_diag", "bmm", "BoolTensor", "broadcast_shapes",
    "broadcast_tensors", "broadcast_to", "bucketize", "ByteTensor", "cartesian_prod", "cat",
    "cdist", "ceil", "chain_matmul", "channel_shuffle", "CharTensor", "chunk", "clamp", "clamp_max",
    "clamp_min", "clip", "clone", "column_stack", "combinations", "complex", "concat",
    "concatenate", "conj", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d",
    "conv_transpose3d", "copysign", "cos", "cosh", "cosine_similarity", "count_nonzero", "cross",
    "cummax", "cummin", "cumprod", "cumsum", "deg2rad", "det", "diag", "diag_embed", "diagflat",
    "diagonal", "diff", "dist", "div", "divide", "dot", "DoubleTensor", "dsplit", "dstack",
    "einsum", "empty", "empty_like", "eq", "equal", "erf", "erfc", "erfinv", "exp", "exp2", "expm1",
    "eye", "fix", "flatten", "flip", "fliplr", "flipud", "float_power", "FloatTensor", "floor",
    "floor_divide", "fmax", "fmin", "fmod", "frac", "from_numpy", "full", "full_like", "gather",
    "ge", "Generator", "ger", "get_rng_state", "greater", "greater_equal", "gt", "HalfTensor",
    "hardshrink", "heaviside", "histc", "hsplit", "hstack", "hypot", "imag", "index_add",
    "index_copy", "index_fill", "index_put", "index_select", "initial_seed", "inner", "IntTensor",
    "inverse", "is_complex", "is_floating_point", "is_tensor", "isclose", "isfinite", "isin",
    "isinf", "isnan", "isneginf", "isposinf", "isreal", "kron", "kthvalue", "le", "lerp", "less",
    "less_equal", "linalg", "linspace", "log", "log10", "log1p", "log2", "log_softmax", "logaddexp",
    "logaddexp2", "logcumsumexp", "logdet", "logical_and", "logical_not", "logical_or",
    "logical_xor", "logit", "logspace", "logsumexp", "LongTensor", "lt", "manual_seed",
    "masked_fill", "masked_scatter", "masked_select", "matmul", "matrix_power", "max", "max_pool1d",
    "max_pool1d_with_indices", "max_pool2d", "max_pool3d", "maximum", "mean", "median", "meshgrid",
    "min", "minimum", "mm", "mode", "moveaxis", "movedim", "msort", "mul", "multinomial",
    "multiply", "mv", "nan_to_num", "nanmean", "nanmedian", "nanquantile", "nansum", "narrow", "ne",
    "neg", "negative", "nonzero", "norm", "normal", "not_equal", "numel", "ones", "ones_like",
    "outer", "pairwise_distance", "permute", "pixel_shuffle", "pixel_unshuffle", "positive", "pow",
    "prelu", "prod", "quantile", "rad2deg", "rand", "rand_like", "randint", "randint_like", "randn",
    "randn_like", "randperm", "ravel", "real", "reciprocal", "relu", "remainder",
    "repeat_interleave", "reshape", "result_type", "roll", "rot90", "round", "row_stack", "rsqrt",
    "rsub", "scalar_tensor", "scan", "scatter", "scatter_add", "scatter_reduce", "searchsorted",
    "seed", "select", "set_rng_state", "sgn", "ShortTensor", "sigmoid", "sign", "signbit", "sin",
    "sinc", "sinh", "slogdet", "softmax", "sort", "split", "split_with_sizes", "sqrt", "square",
    "squeeze", "stack", "std", "std_mean", "sub", "subtract", "sum", "swapaxes", "swapdims",
    "symbols", "t", "take", "take_along_dim", "tan", "tanh", "tensor", "tensor_split", "tensordot",
    "tile", "topk", "trace", "transpose", "tril", "tril_indices", "triu", "triu_indices",
    "true_divide", "trunc", "unbind", "unflatten", "unique", "unique_consecutive", "unsqueeze",
    "use_deterministic_algorithms", "var", "var_mean", "vdot", "vsplit", "vstack", "where", "xlogy",
    "zeros", "zeros_like",
]  # fmt: skip
