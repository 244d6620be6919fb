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
from chainrule.ops.arranging import (
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
from chainrule.ops.diagonals import (
    diag_embed,
    diagonal,
    tril,
    triu,
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
)
from chainrule.ops.indexing import index_put, nonzero
from chainrule.ops.linear import matmul
from chainrule.ops.lookup import gather
from chainrule.ops.losses import log_softmax, softmax
from chainrule.ops.margin_losses import cosine_similarity, pairwise_distance
from chainrule.ops.methods import allclose, equal, max, min
from chainrule.ops.moves import roll, stack
from chainrule.ops.picking import (
    argwhere,
    diag,
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
from chainrule.ops.piecewise import abs, maximum, minimum, relu, sign
from chainrule.ops.random import Generator, manual_seed
from chainrule.ops.reduce import amax, amin, argmax, cumsum, logsumexp, mean, sum
from chainrule.ops.rounding import floor
from chainrule.ops.scan import scan
from chainrule.ops.scattering import (
    scatter,
    scatter_add,
    scatter_reduce,
)
from chainrule.ops.shape import cat, flip, permute, reshape
from chainrule.ops.shape import cat as concat
from chainrule.ops.shape import cat as concatenate
from chainrule.ops.splitting import (
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
    select,
    split,
    split_with_sizes,
    tensor_split,
    unbind,
    vsplit,
    vstack,
)
from chainrule.ops.views import clone, squeeze, transpose, unsqueeze
from chainrule.readings.explain import Explanation, explain
from chainrule.readings.lower import lower
from chainrule.readings.run import run
from chainrule.readings.simplify import simplify
from chainrule.readings.verify import verify

__version__ = "0.1.0"

__all__ = [
    "abs", "add", "allclose", "amax", "amin", "arange", "argmax", "argwhere", "as_tensor",
    "atleast_1d", "atleast_2d", "atleast_3d", "autograd", "bernoulli", "block_diag", "bool",
    "broadcast_shapes", "broadcast_tensors", "broadcast_to", "capture", "cartesian_prod", "cat",
    "chunk", "clone", "column_stack", "combinations", "compile", "complex", "complex128",
    "complex64", "concat", "concatenate", "conj", "cos", "cosine_similarity", "cumsum", "data",
    "detect_anomaly", "diag", "diag_embed", "diagonal", "div", "dsplit", "dstack", "dtype",
    "einsum", "enable_grad", "eq", "equal", "errors", "exact", "example", "exp", "explain",
    "Explanation", "eye", "flatten", "flip", "fliplr", "flipud", "float16", "float32",
    "float64", "floor", "from_numpy", "full", "full_like", "gather", "ge", "Generator",
    "get_default_dtype", "grad", "Graph", "gt", "hessian", "hsplit", "hstack", "hvp", "imag",
    "index_add", "index_copy", "index_fill", "index_put", "index_select", "int16", "int32",
    "int64", "int8", "is_grad_enabled", "jacfwd", "jacobian", "jacrev", "jvp", "kron", "le",
    "linspace", "log", "log_softmax", "logical_and", "logical_not", "logical_or", "logsumexp",
    "lower", "lt", "manual_seed", "masked_fill", "masked_scatter", "masked_select", "matmul",
    "max", "maximum", "mean", "meshgrid", "min", "minimum", "moveaxis", "movedim", "mul",
    "named", "narrow", "ne", "neg", "nn", "no_grad", "nonzero", "ones", "ones_like", "Op",
    "optim", "pairwise_distance", "Parameter", "permute", "pow", "rand", "rand_like", "randint",
    "randn", "randn_like", "randperm", "ravel", "real", "record", "relu", "repeat_interleave",
    "reshape", "roll", "rot90", "run", "scan", "scatter", "scatter_add", "scatter_reduce",
    "select", "set_default_dtype", "set_grad_enabled", "sigmoid", "sign", "simplify", "sin",
    "Size", "softmax", "spec", "split", "split_with_sizes", "sqrt", "square", "squeeze",
    "stack", "sub", "sum", "swapaxes", "swapdims", "symbols", "t", "take", "take_along_dim",
    "tanh", "Tensor", "tensor", "tensor_split", "tile", "transpose", "tril", "tril_indices",
    "triu", "triu_indices", "uint8", "unbind", "unflatten", "unsqueeze", "verify", "vjp",
    "vsplit", "vstack", "where", "zeros", "zeros_like",
]  # fmt: skip
