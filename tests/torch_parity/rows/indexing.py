"""Looking entries up and putting them back: by dim, by index, by mask."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.torch_parity.drawing import FLOATS, Draw, Sample
from tests.torch_parity.table import Arguments, Call, Family, Note, differs, refuses

family = Family("Lookups and indices")
row = family.row

SOME = (*FLOATS, "int64", "bool")


def _indices(d: Draw, shape: tuple[int, ...], size: int) -> Sample:
    """Indices, mostly in range and of the right type."""
    return d.indices(shape, size, d.mostly(("int64",), ("int32", "float32")), d.mostly((0,), (1,)))


def _entry_sizes(x: Sample, dim: int) -> int:
    return x.shape[dim] if -x.ndim <= dim < x.ndim else 1


@row("torch.index_select Tensor.index_select")
def _(d: Draw) -> Arguments:
    x = d.tensor(dtypes=SOME)
    dim = d.dim(x.ndim)
    index = _indices(d, d.one((2,), (3,), (), (0,), (2, 2)), _entry_sizes(x, dim))
    return (x, dim, index), {}


def _lookup(d: Draw) -> tuple[Sample, int, Sample]:
    x = d.tensor(d.one((3,), (2, 3), (2, 2, 2), (), (2, 0)), SOME)
    dim = d.dim(x.ndim)
    shape = list(x.shape)
    if shape and -x.ndim <= dim < x.ndim:
        shape[dim] = d.one(2, 1, 3, 0)
        if d.one(0, 0, 0, 1):
            other = (dim + 1) % x.ndim
            shape[other] = d.one(1, shape[other], shape[other] + 1)
    found = d.mostly((tuple(shape),), ((2,),))
    return x, dim, _indices(d, found, _entry_sizes(x, dim))


RANKS = refuses(
    "index and tensor have as many axes; in PyTorch a tensor without axes may meet a vector",
    lambda call: call.args[0].ndim != call.args[2].ndim,
)
TYPES = refuses(
    "an index is of type int64 or int32, also where it is empty",
    lambda call: call.args[2].dtype not in ("int64", "int32"),
)


def _larger_source(call: Call) -> bool:
    src = call.args[3]
    return isinstance(src, Sample) and src.shape != call.args[2].shape


LARGER = Note(
    "gradient differs",
    "of a source larger than the index PyTorch raises; here entries not used have the gradient 0",
    _larger_source,
)


def _small_source(call: Call) -> bool:
    index, src = call.args[2], call.args[3]
    return src.ndim != index.ndim or any(n > m for n, m in zip(index.shape, src.shape, strict=True))


SOURCE = refuses(
    "the source is as large as the index, also where the index is empty or has no axes",
    _small_source,
)


@row("torch.gather Tensor.gather", RANKS, TYPES,
     unsupported={"sparse_grad": "gradients are dense"})  # fmt: skip
def _(d: Draw) -> Arguments:
    return _lookup(d), {}


@row("torch.scatter Tensor.scatter Tensor.scatter_", LARGER,
     unsupported={"reduce": "deprecated in PyTorch: use `scatter_add`"})  # fmt: skip
def _(d: Draw) -> Arguments:
    x, dim, index = _distinct(d)
    src = d.tensor(d.one(index.shape, tuple(n + 1 for n in index.shape), (1,)), x.dtype)
    return (x, dim, index, d.one(src, src, 1.5, 2)), {}


def _distinct(d: Draw) -> tuple[Sample, int, Sample]:
    """Indices that differ along dim: which of two writes wins is not defined."""
    x = d.tensor(d.one((3,), (2, 3), (3, 2)), SOME)
    dim = d.dim(x.ndim)
    size = _entry_sizes(x, dim)
    shape = list(x.shape)
    if -x.ndim <= dim < x.ndim:
        shape[dim] = min(size, d.one(2, 1, 3))
    order = d.random.permuted(
        [[i % max(size, 1) for i in range(max(size, 1))]] * 8, axis=1
    )  # rows of all indices
    index = Sample(order[0][: shape[dim]] if -x.ndim <= dim < x.ndim else order[0])
    if x.ndim == 2 and -2 <= dim < 2:
        flat = index.array
        array = (
            flat[:, None].repeat(shape[1], 1) if dim % 2 == 0 else flat[None].repeat(shape[0], 0)
        )
        index = Sample(array)
    return x, dim, index


@row("torch.scatter_add Tensor.scatter_add Tensor.scatter_add_", RANKS, TYPES, LARGER, SOURCE)
def _(d: Draw) -> Arguments:
    x, dim, index = _lookup(d)
    src = d.tensor(d.one(index.shape, tuple(n + 1 for n in index.shape), (1,)),
                   d.mostly((x.dtype,), ("float64",)))  # fmt: skip
    return (x, dim, index, src), {}


def _extreme_of_others(call: Call) -> bool:
    return call.args[4] in ("amax", "amin") and call.kwargs.get("include_self") is False


@row("torch.scatter_reduce Tensor.scatter_reduce Tensor.scatter_reduce_", RANKS, TYPES,
     Note("gradient differs", "without `include_self`, the tensor's own entries have no part in "
          "it; in PyTorch equal ones have", _extreme_of_others),
     Note("gradient differs", "the derivative of a product by a NaN in it is the product of the "
          "others; PyTorch's is NaN",
          lambda call: call.args[4] == "prod" and not np.isfinite(call.args[3].array).all()),
     )  # fmt: skip
def _(d: Draw) -> Arguments:
    x, dim, index = _lookup(d)
    src = d.tensor(index.shape, x.dtype)
    how = d.mostly(("sum", "amax", "amin", "mean", "prod"), ("median",))
    return (x, dim, index, src, how), d.some(include_self=d.flag())


@row("torch.take Tensor.take")
def _(d: Draw) -> Arguments:
    x = d.tensor(dtypes=SOME)
    return (x, _indices(d, d.one((2,), (2, 2), (), (0,)), x.array.size)), {}


def _outside_along(call: Call) -> bool:
    x, index = call.args
    if "dim" not in call.kwargs or not -x.ndim <= call.kwargs["dim"] < x.ndim:
        return False
    size = x.shape[call.kwargs["dim"]]
    return bool(x.array.size) and bool(((index.array < -size) | (index.array >= size)).any())


@row("torch.take_along_dim Tensor.take_along_dim",
     refuses("an index out of range is refused; PyTorch, along an axis, goes round and round",
             _outside_along),
     refuses("an index is of type int64 or int32, also where it is empty",
             lambda call: call.args[1].dtype not in ("int64", "int32")))  # fmt: skip
def _(d: Draw) -> Arguments:
    x, dim, index = _lookup(d)
    return (x, index), d.one({"dim": dim}, {"dim": dim}, {})


@row("torch.masked_select Tensor.masked_select")
def _(d: Draw) -> Arguments:
    a, b = d.pair(SOME)
    return (a, d.tensor(d.one(a.shape, b.shape), d.one("bool", "bool", "uint8"))), {}


@row("torch.masked_scatter Tensor.masked_scatter Tensor.masked_scatter_")
def _(d: Draw) -> Arguments:
    x = d.tensor(dtypes=SOME)
    return (x, d.tensor(x.shape, "bool"), d.tensor(d.one((12,), (2, 6), (1,)), x.dtype)), {}


def _filled_outside_nothing(call: Call) -> bool:
    x, dim, index = call.args[:3]
    if x.array.size or not -x.ndim <= dim < x.ndim:
        return False
    size = x.shape[dim]
    return bool(((index.array < -size) | (index.array >= size)).any())


@row("torch.index_fill Tensor.index_fill Tensor.index_fill_",
     refuses("an index is in range, also where the tensor is empty", _filled_outside_nothing),
     Note("gradient differs", "PyTorch's raises for places counted from the end, and for a tensor "
          "without axes", lambda call: not call.args[0].ndim or (call.args[2].array < 0).any()),
     )  # fmt: skip
def _(d: Draw) -> Arguments:
    x = d.tensor(dtypes=SOME)
    dim = d.dim(x.ndim)
    index = _indices(d, d.one((2,), (1,), (), (0,)), _entry_sizes(x, dim))
    return (
        x,
        dim,
        index,
        d.mostly((d.number(), d.tensor((), x.dtype)), (d.tensor((1,), x.dtype),)),
    ), {}


def _added_outside_nothing(call: Call) -> bool:
    x, dim, index = call.args[:3]
    if x.array.size or not -x.ndim <= dim < x.ndim:
        return False
    return bool(((index.array < 0) | (index.array >= x.shape[dim])).any())


@row("torch.index_add Tensor.index_add Tensor.index_add_",
     refuses("of whole numbers, `alpha` is one; PyTorch cuts it off to one",
             lambda call: isinstance(call.kwargs.get("alpha"), float)
             and not call.args[0].floating),
     refuses("an index is in range, also where the tensor is empty",
             _added_outside_nothing))  # fmt: skip
def _(d: Draw) -> Arguments:
    x = d.tensor(dtypes=SOME)
    dim = d.dim(x.ndim)
    index = _indices(d, d.one((2,), (1,), (0,)), _entry_sizes(x, dim))
    shape = list(x.shape)
    if shape and -x.ndim <= dim < x.ndim:
        shape[dim] = d.mostly((index.array.size,), (3,))
    source = d.tensor(tuple(shape), d.mostly((x.dtype,), ("float32",)))
    return (x, dim, index, source), d.some(alpha=d.one(2, 0.5, -1))


@row("torch.index_copy Tensor.index_copy Tensor.index_copy_")
def _(d: Draw) -> Arguments:
    x = d.tensor(d.one((3,), (2, 3), (3, 2)), SOME)
    dim = d.dim(x.ndim)
    size = _entry_sizes(x, dim)
    shape = list(x.shape)
    if -x.ndim <= dim < x.ndim:
        shape[dim] = min(2, size)
    index = Sample(d.random.permutation(max(size, 1))[: min(2, size)])
    return (x, dim, index, d.tensor(tuple(shape), x.dtype)), {}


@row("torch.nonzero Tensor.nonzero torch.argwhere Tensor.argwhere")
def _(d: Draw) -> Arguments:
    return (d.tensor(low=-1, high=1),), {}


@row("torch.nonzero Tensor.nonzero")
def _(d: Draw) -> Arguments:
    return (d.tensor(low=-1, high=1),), {"as_tuple": d.flag()}


@row("torch.isin")
def _(d: Draw) -> Arguments:
    a, b = d.tensor(dtypes=("int64", "float64")), d.tensor(dtypes=("int64", "float64"))
    return d.one((a, b), (a, 1)), d.some(invert=d.flag(), assume_unique=False)


@row("torch.searchsorted", unsupported={"sorter": "sort the boundaries before"})
def _(d: Draw) -> Arguments:
    edges = Sample(d.random.permutation(4)[:3].astype(d.one("float64", "int64")))
    edges = Sample(edges.array[edges.array.argsort()])
    return (edges, d.one(d.tensor(dtypes=("float64", "int64"), special=False), 1.5, 2)), d.some(
        right=d.flag(), out_int32=d.flag(), side=d.one("left", "right")
    )


@row("torch.bucketize")
def _(d: Draw) -> Arguments:
    edges = Sample(d.random.permutation(4)[:3].astype(d.one("float64", "int64")))
    edges = Sample(edges.array[edges.array.argsort()])
    return (d.tensor(dtypes=("float64", "int64"), special=False), edges), d.some(
        right=d.flag(), out_int32=d.flag()
    )


def _part(d: Draw, size: int) -> Any:
    """What may stand for one axis in an index."""
    k = d.one(0, 1, 2, 3, 4, 5, 6, 7)
    if k == 0:
        return d.one(0, -1, 1, 2, -3)
    if k == 1:
        return slice(*d.one((None,), (1, None), (None, -1), (None, None, 2), (5, 9), (-2, 3, 2),
                            (2, 1), (None, None, 0), (None, None, -1)))  # fmt: skip
    if k == 2:
        return None
    if k == 3:
        return ...
    if k == 4:
        return d.indices(d.one((2,), (), (2, 2), (0,), (1,)), size, d.one("int64", "int32"),
                         d.one(0, 0, 0, 1))  # fmt: skip
    if k == 5:
        return d.one([0, -1], [0], [0, 0, 1])
    if k == 6:
        return d.tensor((d.one(size, size, size, size + 1),), "bool")
    return d.one(True, False, slice(None))


def _index(d: Draw, x: Sample) -> Any:
    kind = d.one(0, 0, 1, 2)
    if kind == 1:
        return _part(d, x.shape[0] if x.ndim else 1)
    if kind == 2:
        return d.tensor(d.one(x.shape, x.shape, x.shape[:1]), d.one("bool", "bool", "float32"),
                        grad=False)  # fmt: skip
    return tuple(_part(d, x.shape[i] if i < x.ndim else 1) for i in range(d.one(1, 2, 3)))


def _key(call: Call) -> tuple[Any, ...]:
    key = call.args[1]
    return key if isinstance(key, tuple) else (key,)


def _read_outside_nothing(call: Call) -> bool:
    x, key = call.args[0], _key(call)
    plain = all(isinstance(part, Sample) and part.dtype != "bool" for part in key)
    if x.array.size or not plain or len(key) > x.ndim:
        return False
    sizes = zip(key, x.shape, strict=False)
    return any(((at.array < -n) | (at.array >= n)).any() for at, n in sizes)


@row("Tensor.__getitem__",
     refuses("an index has at most one `...`; PyTorch takes more where nothing is left for them",
             lambda call: sum(part is ... for part in _key(call)) > 1),
     refuses("an index is in range, also where the tensor is empty",
             _read_outside_nothing))  # fmt: skip
def _(d: Draw) -> Arguments:
    x = d.tensor(dtypes=SOME)
    return (x, _index(d, x)), {}


@row("Tensor.__setitem__",
     differs("whole numbers and bools never ask for a gradient; in PyTorch they may, written by a "
             "mask", lambda call: isinstance(call.args[2], Sample) and call.args[2].grad
             and not call.args[0].floating))  # fmt: skip
def _(d: Draw) -> Arguments:
    x = d.tensor(d.one((3,), (2, 3), (), (3, 2, 2), (0,)), SOME)
    value = d.one(d.number(), d.tensor((), SOME), d.tensor((3,), SOME), d.tensor((2, 1), SOME),
                  d.tensor((2,), d.one(x.dtype, "float64")))  # fmt: skip
    return (x, _plain_index(d, x), value), {}


def _plain_index(d: Draw, x: Sample) -> Any:
    """An index that names no entry twice: which of two writes wins is not defined."""
    first = x.shape[0] if x.ndim else 1
    order = Sample(d.random.permutation(max(first, 1))[:2])
    mask = d.tensor(d.one(x.shape, x.shape[:1]), "bool")
    return d.one(0, -1, slice(None), slice(0, 2), ..., order, mask, (slice(None), 0), (..., -1),
                 (order, order), (0, mask), None, (slice(None, None, 2),), (order, slice(1, None)),
                 5, (0, 0, 0, 0))  # fmt: skip


@row("torch.index_put Tensor.index_put Tensor.index_put_")
def _(d: Draw) -> Arguments:
    x = d.tensor(d.one((3,), (2, 3)), SOME)
    order = Sample(d.random.permutation(x.shape[0])[:2])
    value = d.tensor(d.one((), (1,)), x.dtype)
    return (x, (order,), value), d.some(accumulate=d.flag())


@row("F.embedding", unsupported={"sparse": "gradients are dense"})
def _(d: Draw) -> Arguments:
    weight = d.tensor(d.mostly(((3, 2), (2, 1)), ((3,),)), FLOATS)
    index = _indices(d, d.one((2,), (), (2, 2), (0,)), weight.shape[0])
    return (index, weight), d.some(
        padding_idx=d.mostly((0, -1, None), (4,)), scale_grad_by_freq=d.flag(),
        max_norm=d.one(None, 1.0),
        norm_type=d.one(1.0, 2.0),
    )  # fmt: skip
