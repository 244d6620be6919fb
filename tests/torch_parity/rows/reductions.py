"""Reductions, scans, and what orders entries."""

from __future__ import annotations

import math
from typing import Any

from tests.torch_parity.drawing import ANY, FLOATS, MOST, Draw, Dtype, Sample
from tests.torch_parity.table import (
    Arguments,
    Call,
    Family,
    accepts,
    differs,
    endless,
    gradient_differs,
    refuses,
)

family = Family("Reductions and order")
row = family.row

INF = float("inf")
TARGETS = (Dtype("float64"), Dtype("float32"), Dtype("int64"), Dtype("bool"))


def _dims(x: Any, d: Draw, *others: Any, keep: bool = True, dtype: bool = False) -> Arguments:
    """All, or along some dims, with or without ``keepdim`` and ``dtype``."""
    kwargs: dict[str, Any] = {}
    args: tuple[Any, ...] = (x,)
    if d.one(0, 1, 1):
        args = (x, d.dims(x.ndim, *others))
        if keep and d.flag():
            kwargs["keepdim"] = d.flag()
    if dtype and d.one(0, 0, 1):
        kwargs["dtype"] = d.one(*TARGETS)
    return args, kwargs


@row("torch.sum Tensor.sum torch.nansum Tensor.nansum")
def _(d: Draw) -> Arguments:
    return _dims(d.tensor(), d, None, (), [], dtype=True)


@row(
    "torch.mean Tensor.mean torch.nanmean Tensor.nanmean",
    gradient_differs(
        "the gradient of `nanmean` at NaN is 0, where there are no numbers as well",
        lambda call: "nanmean" in call.name and endless(call),
    ),
)
def _(d: Draw) -> Arguments:
    return _dims(d.tensor(dtypes=(*MOST, *MOST, "float16")), d, None, (), dtype=True)


@row("torch.amax Tensor.amax torch.amin Tensor.amin")
def _(d: Draw) -> Arguments:
    return _dims(d.tensor(), d, ())


@row("torch.any Tensor.any torch.all Tensor.all")
def _(d: Draw) -> Arguments:
    return _dims(d.tensor(), d, None, ())


@row(
    "torch.logsumexp Tensor.logsumexp",
    accepts("`dim=()` means all axes, as in other reductions", "broadcast shape"),
    noise=8,
)
def _(d: Draw) -> Arguments:
    x = d.tensor()
    return (x, d.dims(x.ndim, ())), d.some(keepdim=d.flag())


@row("torch.count_nonzero Tensor.count_nonzero")
def _(d: Draw) -> Arguments:
    return _dims(d.tensor(), d, None, keep=False)


@row(
    "torch.prod Tensor.prod",
    gradient_differs(
        "the gradient beside infinite entries is the product of the others; PyTorch's may be NaN",
        endless,
    ),
)
def _(d: Draw) -> Arguments:
    x = d.tensor()
    kwargs = d.some(dtype=d.one(*TARGETS))
    return d.one(((x,), kwargs), ((x, d.dim(x.ndim)), {**kwargs, **d.some(keepdim=d.flag())}))


@row("torch.argmax Tensor.argmax torch.argmin Tensor.argmin")
def _(d: Draw) -> Arguments:
    x = d.tensor()
    return (x, *((d.one(d.dim(x.ndim), None),) if d.flag() else ())), d.some(keepdim=d.flag())


@row(
    "torch.max Tensor.max torch.min Tensor.min",
    gradient_differs(
        "if the extreme of all entries is NaN, so is the gradient, as of `amax` and `amin`",
        lambda call: len(call.args) == 1 and endless(call),
    ),
)
def _(d: Draw) -> Arguments:
    if d.one(0, 0, 1):
        return d.pair(), {}
    x = d.tensor()
    if d.flag():
        return (x,), {}
    return (x, d.dim(x.ndim)), d.some(keepdim=d.flag())


def _no_whole_numbers(call: Call) -> bool:
    x = call.args[0]
    return "median" in call.name and not (x.floating or x.array.size or call.args[1:])


@row(
    "torch.median Tensor.median torch.nanmedian Tensor.nanmedian torch.mode Tensor.mode",
    refuses("no whole numbers have no median; PyTorch returns any number", _no_whole_numbers),
    differs(
        "for `mode`, NaN is equal to nothing",
        lambda call: call.name.endswith("mode") and endless(call),
    ),
)
def _(d: Draw) -> Arguments:
    x = d.tensor()
    if d.flag():
        return (x,), {}
    return (x, d.dim(x.ndim)), d.some(keepdim=d.flag())


@row("torch.aminmax Tensor.aminmax")
def _(d: Draw) -> Arguments:
    x = d.tensor()
    return (x,), d.some(dim=d.dim(x.ndim), keepdim=d.flag())


def _too_few(call: Call) -> bool:
    """Whether there are not more entries than ``correction`` takes off."""
    x, *rest = call.args
    whole = rest and isinstance(rest[0], bool)
    correction = rest[0] if whole else call.kwargs.get("unbiased", call.kwargs.get("correction", 1))
    dims = None if whole or not rest or rest[0] == () else rest[0]
    dims = range(x.ndim) if dims is None else [dims] if isinstance(dims, int) else dims
    if any(not -max(x.ndim, 1) <= d < max(x.ndim, 1) for d in dims):
        return False
    return math.prod(x.shape[d] for d in dims if x.ndim) <= int(correction)


TOO_FEW = refuses(
    "the variance of not more entries than `correction` is no number; PyTorch warns, and gives NaN",
    _too_few,
)


@row(
    "torch.var Tensor.var torch.std Tensor.std torch.var_mean torch.std_mean",
    TOO_FEW,
    gradient_differs(
        "with `dim=()` all entries count, for the gradient as well; PyTorch divides it by 0",
        lambda call: call.args[1:] == ((),),
    ),
    differs(
        "the mean of infinite entries is that of `mean`; PyTorch's is NaN",
        lambda call: call.name.endswith("_mean") and endless(call),
    ),
    noise=8,
)
def _(d: Draw) -> Arguments:
    args, kwargs = _dims(d.tensor(dtypes=(*MOST, "float16")), d, None, ())
    return args, {**kwargs, **d.some(correction=d.one(0, 1, 2, 5))}


@row("torch.var Tensor.var torch.std Tensor.std", TOO_FEW, noise=8)
def _(d: Draw) -> Arguments:
    x = d.tensor(dtypes=FLOATS)
    if d.flag():
        return (x, d.flag()), {}
    return (x, d.dims(x.ndim)), {"unbiased": d.flag(), **d.some(keepdim=d.flag())}


def _order(call: Call) -> Any:
    return call.kwargs.get("ord", call.kwargs.get("p"))


def _by_singular_values(call: Call) -> bool:
    """Whether it is a norm of matrices that singular values make."""
    dim = call.kwargs.get("dim")
    two = call.args[0].ndim == 2 if dim is None else isinstance(dim, tuple | list) and len(dim) == 2
    matrix = two or call.name.endswith("matrix_norm")
    return _order(call) == "nuc" or (_order(call) in (2, -2) and matrix)


SINGULAR_VALUES = "orders `'nuc'`, 2 and -2 of matrices: singular values are not computed"
ORDER_0 = gradient_differs(
    "the gradient of order 0 is zeros; PyTorch has none", lambda call: _order(call) == 0
)


@row(
    "torch.norm Tensor.norm",
    refuses("`p='nuc'`: singular values are not computed", lambda call: _order(call) == "nuc"),
    ORDER_0,
    gradient_differs(
        "the gradient of orders below 1 at infinite entries",
        lambda call: _order(call) == 0.5 and endless(call),
    ),
    noise=8,
)
def _(d: Draw) -> Arguments:
    x = d.tensor(dtypes=MOST)
    kwargs = d.some(p=d.one(2, 1, 3, 0, 0.5, INF, -INF, "fro", "nuc"))
    if d.flag():
        return (x,), kwargs
    kwargs = {**kwargs, **d.some(keepdim=d.flag(), dtype=d.one(*TARGETS[:2]))}
    return (x,), {**kwargs, "dim": d.dims(x.ndim)}


@row("torch.linalg.vector_norm", ORDER_0, noise=8)
def _(d: Draw) -> Arguments:
    x = d.tensor(dtypes=MOST)
    options = {"ord": d.one(2, 1, 3, 0, 0.5, INF, -INF, -1.0), "keepdim": d.flag()}
    return (x,), d.some(**options, dim=d.dims(x.ndim, None), dtype=d.one(*TARGETS[:2]))


@row("torch.linalg.norm", refuses(SINGULAR_VALUES, _by_singular_values), ORDER_0, noise=64)
def _(d: Draw) -> Arguments:
    x = d.tensor(d.one((3,), (2, 2), (2, 3), (3, 2), (2, 3, 2), (), (0,)), MOST, special=False)
    kwargs = d.some(ord=d.one(2, 1, INF, -INF, "fro", "nuc", -1, -2, 0, None, 3))
    return (x,), {**kwargs, **d.some(dim=d.dims(x.ndim), keepdim=d.flag(), dtype=TARGETS[0])}


@row("torch.linalg.matrix_norm", refuses(SINGULAR_VALUES, _by_singular_values), noise=64)
def _(d: Draw) -> Arguments:
    x = d.tensor(d.one((2, 2), (2, 3), (3, 2), (2, 3, 2), (3,)), MOST, special=False)
    kwargs = d.some(ord=d.one("fro", 1, INF, -INF, "nuc", 2, -1, -2, 3))
    return (x,), {**kwargs, **d.some(dim=d.one((0, 1), (-1, 0), (1, 1)), keepdim=d.flag(),
                                     dtype=TARGETS[0])}  # fmt: skip


@row(
    "torch.cumsum Tensor.cumsum torch.cumprod Tensor.cumprod Tensor.cumsum_ Tensor.cumprod_",
    refuses(
        "`dtype=bool`; PyTorch has it for a single entry",
        lambda call: call.kwargs.get("dtype") == Dtype("bool"),
    ),
    gradient_differs(
        "the gradient of `cumprod` where entries are infinite or NaN: only what they reach is NaN",
        lambda call: "cumprod" in call.name and endless(call),
    ),
)
def _(d: Draw) -> Arguments:
    x = d.tensor()
    return (x, d.dim(x.ndim)), d.some(dtype=d.one(*TARGETS))


@row(
    "torch.logcumsumexp Tensor.logcumsumexp",
    gradient_differs("the gradient at infinite entries; PyTorch's is NaN", endless),
    noise=8,
)
def _(d: Draw) -> Arguments:
    x = d.tensor(dtypes=MOST)
    return (x, d.dim(x.ndim)), {}


@row(
    "torch.cummax Tensor.cummax torch.cummin Tensor.cummin",
    refuses(
        "a `dim` out of range, of no entries as well",
        lambda call: not -max(call.args[0].ndim, 1) <= call.args[1] < max(call.args[0].ndim, 1),
    ),
)
def _(d: Draw) -> Arguments:
    x = d.tensor()
    return (x, d.dim(x.ndim)), {}


@row("torch.diff Tensor.diff")
def _(d: Draw) -> Arguments:
    x = d.tensor()
    kwargs = d.some(n=d.one(2, 1, 0, 4, -1), dim=d.dim(x.ndim))
    if d.one(0, 0, 1):
        edge = d.tensor(d.one(x.shape, (*x.shape[:-1], 1)), x.dtype)
        kwargs["prepend" if d.flag() else "append"] = edge
    return (x,), kwargs


def _distinct(d: Draw, *shapes: Any) -> Any:
    """Entries that differ, as which of equal ones comes first is not always defined."""
    shape = d.shape(*shapes)
    size = 1
    for n in shape:
        size *= n
    name = d.dtype((*FLOATS, *FLOATS, "int64", "int32"))
    order = d.random.permutation(size).reshape(shape)
    return Sample((order - size // 2).astype(name), grad=name in FLOATS)


@row("torch.sort Tensor.sort")
def _(d: Draw) -> Arguments:
    x = _distinct(d)
    return (x,), d.some(dim=d.dim(x.ndim), descending=d.flag())


@row("torch.sort Tensor.sort torch.argsort Tensor.argsort")
def _(d: Draw) -> Arguments:
    x = d.tensor(dtypes=ANY)
    return (x,), {"stable": True, **d.some(dim=d.dim(x.ndim), descending=d.flag())}


@row("torch.argsort Tensor.argsort")
def _(d: Draw) -> Arguments:
    x = _distinct(d)
    return (x,), d.some(dim=d.dim(x.ndim), descending=d.flag())


@row("torch.topk Tensor.topk")
def _(d: Draw) -> Arguments:
    x = _distinct(d)
    k = d.one(1, 2, 0, 3, -1)
    return (x, k), d.some(dim=d.dim(x.ndim), largest=d.flag(), sorted=True)


@row("torch.kthvalue Tensor.kthvalue")
def _(d: Draw) -> Arguments:
    x = _distinct(d)
    return (x, d.mostly((1, 2), (0, 3))), d.some(dim=d.dim(x.ndim), keepdim=d.flag())


@row(
    "torch.quantile Tensor.quantile torch.nanquantile Tensor.nanquantile",
    gradient_differs("the gradient by the shares, between infinite entries", endless),
)
def _(d: Draw) -> Arguments:
    x = d.tensor(dtypes=MOST)
    q = d.one(0.5, 0.25, 0.0, 1.0, 1.5, d.tensor((2,), x.dtype, 0, 1, False))
    mode = d.one("linear", "lower", "higher", "nearest", "midpoint")
    return (x, q), d.some(dim=d.dim(x.ndim), keepdim=d.flag(), interpolation=mode)


@row("torch.unique Tensor.unique")
def _(d: Draw) -> Arguments:
    x = d.tensor(special=False)
    return (x,), d.some(return_inverse=d.flag(), return_counts=d.flag(), sorted=True)


@row("torch.unique Tensor.unique")
def _(d: Draw) -> Arguments:
    x = d.tensor(dtypes=("int64", "float64"), special=False, low=0, high=1)
    return (x,), {"dim": d.dim(x.ndim), **d.some(return_inverse=True, return_counts=True)}


@row("torch.bincount Tensor.bincount")
def _(d: Draw) -> Arguments:
    shape = d.mostly(((3,), (1,), (0,), (6,)), ((), (2, 2)))
    name = d.mostly(("int64", "int64", "uint8"), ("float32",))
    x = d.tensor(shape, name, low=d.mostly((0,), (-1,)), high=4)
    weights = d.tensor(x.shape, ("float64", "float32", "int64"), grad=False)
    return (x,), d.some(weights=weights, minlength=d.mostly((0, 6, 2), (-1,)))


@row("torch.trace Tensor.trace")
def _(d: Draw) -> Arguments:
    return (d.tensor(d.one((2, 2), (2, 3), (3, 2), (0, 2), (3,))),), {}
