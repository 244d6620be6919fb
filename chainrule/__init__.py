"""A deep-learning framework that shows its work.

A network is defined once, with PyTorch's names.  It trains, and it answers, with the working,
what a careful teacher, student or engineer asks of it.

>>> import chainrule as cr
>>> x = cr.tensor([[1.0, 2.0]], requires_grad=True)
>>> (x * x).sum().backward()
>>> x.grad
tensor([[2., 4.]])
"""

from importlib import import_module as _import_module
from math import inf, nan
from typing import TYPE_CHECKING as _TYPE_CHECKING

from chainrule import (
    analysis,
    autograd,
    backends,
    cuda,
    data,
    distributions,
    func,
    nn,
    optim,
    train,
    utils,
)
from chainrule.analysis import Summary, fill_blanks, find, summary
from chainrule.backends import compile
from chainrule.core import errors
from chainrule.core.capture import capture, spec
from chainrule.core.convention import Convention
from chainrule.core.decimal import decimal
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
from chainrule.nn.functional import (
    celu,
    group_norm,
    layer_norm,
    rms_norm,
    rrelu,
    selu,
    threshold,
)
from chainrule.nn.transformer.embedding import embedding_of as embedding
from chainrule.ops import functions as _functions
from chainrule.ops.functions import *  # noqa: F403
from chainrule.readings.draw import Drawing, draw
from chainrule.readings.explain import Adjoints, Explanation, adjoints, explain
from chainrule.readings.lower import lower
from chainrule.readings.run import run
from chainrule.readings.simplify import simplify
from chainrule.readings.verify import verify
from chainrule.saving import load, save

if _TYPE_CHECKING:
    from chainrule import models, papers, rl

half, float, double = float16, float32, float64
short, int, long = int16, int32, int64
cfloat, cdouble = complex64, complex128
__version__ = "0.1.0"

__all__ = [
    "Adjoints", "adjoints", "analysis", "autograd", "backends", "bool", "capture", "cdouble",
    "celu", "cfloat", "compile", "complex128", "complex64", "Convention", "cuda", "data",
    "decimal", "detect_anomaly", "device", "distributions", "double", "draw", "Drawing",
    "dtype", "e", "embedding", "enable_grad", "errors", "exact", "example", "explain",
    "Explanation", "fill_blanks", "find", "finfo", "float", "float16", "float32", "float64",
    "func", "get_default_device", "get_default_dtype", "grad", "Graph", "group_norm", "half",
    "hessian", "hvp", "iinfo", "inf", "inference_mode", "int", "int16", "int32", "int64",
    "int8", "is_grad_enabled", "jacfwd", "jacobian", "jacrev", "jvp", "layer_norm", "load",
    "long", "lower", "models", "named", "nan", "nn", "no_grad", "Op", "optim", "papers",
    "Parameter", "pi", "record", "rl", "rms_norm", "rrelu", "run", "save", "selu",
    "set_default_device", "set_default_dtype", "set_grad_enabled", "set_printoptions", "short",
    "simplify", "Size", "spec", "Summary", "summary", "Tensor", "threshold", "train", "uint8",
    "utils", "verify", "vjp",
]  # fmt: skip
__all__ += _functions.__all__


def __getattr__(name: str) -> object:
    """Floors that few programs use are imported when they are first asked for."""
    if name in ("models", "papers", "rl"):
        return _import_module(f"chainrule.{name}")
    raise AttributeError(f"module 'chainrule' has no attribute '{name}'")
