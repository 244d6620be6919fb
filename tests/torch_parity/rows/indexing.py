"""Looking entries up and putting them back: by dim, by index, by mask."""

from __future__ import annotations

from typing import Any

from tests.torch_parity.drawing import FLOATS, Draw, Sample
from tests.torch_parity.table import Arguments, Family

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


@row("torch.gather Tensor.gather",
     unsupported={"sparse_grad": "gradients are dense"})  # fmt: skip
def _(d: Draw) -> Arguments:
    return _lookup(d), {}


@row("torch.scatter Tensor.scatter Tensor.scatter_",
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


@row("torch.scatter_add Tensor.scatter_add Tensor.scatter_add_")
def _(d: Draw) -> Arguments:
    x, dim, index = _lookup(d)
    src = d.tensor(d.one(index.shape, tuple(n + 1 for n in index.shape), (1,)),
                   d.mostly((x.dtype,), ("float64",)))  # fmt: skip
    return (x, dim, index, src), {}


@row("torch.scatter_reduce Tensor.scatter_reduce Tensor.scatter_reduce_")
def _(d: Draw) -> Arguments:
    x, dim, index = _lookup(d)
    src = d.tensor(index.shape, x.dtype)
    how = d.mostly(("sum", "amax", "amin", "mean", "prod"), ("median",))
    return (x, dim, index, src, how), d.some(include_self=d.flag())


@row("torch.take Tensor.take")
def _(d: Draw) -> Arguments:
    x = d.tensor(dtypes=SOME)
    return (x, _indices(d, d.one((2,), (2, 2), (), (0,)), x.array.size)), {}


@row("torch.take_along_dim Tensor.take_along_dim")
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


@row("torch.index_fill Tensor.index_fill Tensor.index_fill_")
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


@row("torch.index_add Tensor.index_add Tensor.index_add_")
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


@row("Tensor.__getitem__")
def _(d: Draw) -> Arguments:
    x = d.tensor(dtypes=SOME)
    return (x, _index(d, x)), {}


@row("Tensor.__setitem__")
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


@row("F.embedding", unsupported={
    "max_norm": "the weights are not changed by a look-up",
    "norm_type": "it belongs to `max_norm`",
    "scale_grad_by_freq": "gradients are those of the function",
    "sparse": "gradients are dense",
})  # fmt: skip
def _(d: Draw) -> Arguments:
    weight = d.tensor(d.mostly(((3, 2), (2, 1)), ((3,),)), FLOATS)
    index = _indices(d, d.one((2,), (), (2, 2), (0,)), weight.shape[0])
    return (index, weight), d.some(padding_idx=d.mostly((0, -1, None), (4,)))
