"""Shapes: what moves entries, repeats them or puts them together."""

from __future__ import annotations

from typing import Any

from tests.torch_parity.drawing import ANY, FLOATS, Draw, Dtype
from tests.torch_parity.table import Arguments, Call, Family, refuses

family = Family("Shapes")
row = family.row

SOME = (*FLOATS, "int64", "bool")
"""Moves do not look at entries: fewer types will do."""


def _size(d: Draw) -> tuple[int, ...]:
    found: tuple[int, ...] = d.one(
        (6,), (2, 3), (-1,), (3, -1), (-1, 1), (2, 1, 3), (), (1,), (0,), (2, -1, -1), (0, -1),
        (4, 3), (2, 2, 3), (-2, 3),
    )  # fmt: skip
    return found


@row("torch.reshape Tensor.reshape Tensor.view")
def _(d: Draw) -> Arguments:
    return (d.tensor(dtypes=SOME), _size(d)), {}


@row("Tensor.reshape Tensor.view")
def _(d: Draw) -> Arguments:
    return (d.tensor(dtypes=SOME), *_size(d)), {}


def _negative_repeats(call: Call) -> bool:
    given = call.args[1:]
    counts = given[0] if given and isinstance(given[0], tuple) else given
    return call.name != "Tensor.expand" and any(n < 0 for n in counts)


REPEATS = refuses(
    "repeats are whole numbers from 0; PyTorch takes others where the result is empty",
    _negative_repeats,
)


@row("Tensor.expand Tensor.repeat", REPEATS)
def _(d: Draw) -> Arguments:
    x = d.tensor(d.one((3,), (2, 1), (), (1,), (0,), (2, 3)), SOME)
    size = d.one((2, 3), (-1, 3), (3,), (2, -1), (1, 2, 3), (0,), (), (-1, -1), (2, 2), (1, 1))
    return (x, *size), {}


@row("Tensor.permute")
def _(d: Draw) -> Arguments:
    x = d.tensor(dtypes=SOME)
    order = [int(i) for i in d.random.permutation(x.ndim)]
    return (x, *d.mostly((order, [i - x.ndim for i in order]), (order[1:], [*order, 0]))), {}


@row("Tensor.reshape_as Tensor.view_as")
def _(d: Draw) -> Arguments:
    a, b = d.mostly((((2, 3), (3, 2)), ((3,), (3, 1)), ((), (1,)), ((2, 0), (0,)), ((3,), (3,)),
                     ((1,), (1, 1))), (((2, 3), (2,)), ((0,), ())))  # fmt: skip
    return (d.tensor(a, SOME), d.tensor(b, SOME)), {}


@row("Tensor.expand_as")
def _(d: Draw) -> Arguments:
    a, b = d.one(((3,), (2, 3)), ((), (2,)), ((1, 3), (2, 3)), ((0,), (2, 0)), ((2, 3), (3,)))
    return (d.tensor(a, SOME), d.tensor(b, SOME)), {}


@row("torch.flatten Tensor.flatten")
def _(d: Draw) -> Arguments:
    x = d.tensor(dtypes=SOME)
    return (x,), d.some(start_dim=d.dim(x.ndim), end_dim=d.dim(x.ndim))


@row("torch.unflatten Tensor.unflatten")
def _(d: Draw) -> Arguments:
    x = d.tensor(dtypes=SOME)
    return (x, d.dim(x.ndim), d.one((1, 3), (-1, 1), (3, 1), (1, -1), (2, 2), (-1, -1))), {}


@row("torch.permute Tensor.permute")
def _(d: Draw) -> Arguments:
    x = d.tensor(dtypes=SOME)
    order = [int(i) for i in d.random.permutation(x.ndim)]
    order = d.one(order, [i - x.ndim for i in order], order[1:], [*order, 0], order)
    return (x, tuple(order)), {}


@row("torch.transpose Tensor.transpose Tensor.transpose_ torch.swapaxes Tensor.swapaxes "
     "torch.swapdims Tensor.swapdims")  # fmt: skip
def _(d: Draw) -> Arguments:
    x = d.tensor(dtypes=SOME)
    return (x, d.dim(x.ndim), d.dim(x.ndim)), {}


@row("torch.t Tensor.t torch.ravel Tensor.ravel Tensor.T Tensor.mT torch.adjoint",
     refuses("a tensor without axes has no last two: `.mT` of it is deprecated in PyTorch",
             lambda call: call.name == "Tensor.mT" and not call.args[0].shape))  # fmt: skip
def _(d: Draw) -> Arguments:
    return (d.tensor(d.one((2, 3), (3,), (), (2, 0), (1, 2)), SOME),), {}


@row("torch.movedim Tensor.movedim torch.moveaxis Tensor.moveaxis")
def _(d: Draw) -> Arguments:
    x = d.tensor(dtypes=SOME)
    if d.flag():
        return (x, d.dim(x.ndim), d.dim(x.ndim)), {}
    return (x, d.one((0, 1), (0, -1), (1, 0)), d.one((1, 0), (0, 2), (-1, 0), (1,))), {}


@row("torch.squeeze Tensor.squeeze Tensor.squeeze_")
def _(d: Draw) -> Arguments:
    x = d.tensor(d.one((1,), (2, 1), (1, 3, 1), (1, 0), (), (2, 3)), SOME)
    return ((x,) if d.flag() else (x, d.dims(x.ndim))), {}


@row("torch.unsqueeze Tensor.unsqueeze Tensor.unsqueeze_")
def _(d: Draw) -> Arguments:
    x = d.tensor(dtypes=SOME)
    return (x, d.dim(x.ndim, extra=1)), {}


@row("torch.broadcast_to Tensor.broadcast_to Tensor.expand")
def _(d: Draw) -> Arguments:
    x = d.tensor(d.one((3,), (2, 1), (), (1,), (0,), (2, 3)), SOME)
    return (x, d.one((2, 3), (-1, 3), (3,), (2, -1), (1, 2, 3), (0,), (), (-1, -1))), {}


@row("torch.tile Tensor.tile Tensor.repeat", REPEATS)
def _(d: Draw) -> Arguments:
    return (d.tensor(dtypes=SOME), d.one((2,), (2, 1), (1, 0), (), (2, 1, 2), (1, -1))), {}


@row("torch.repeat_interleave Tensor.repeat_interleave",
     unsupported={"output_size": "it follows from the counts"})  # fmt: skip
def _(d: Draw) -> Arguments:
    x = d.tensor(d.one((3,), (2, 3), (), (2, 0), (3, 2, 2)), SOME)
    counts = d.tensor(d.one((3,), (2,), (1,)), d.one("int64", "int64", "int32"), 0, 3)
    return (x, d.one(2, 0, counts, counts, -1)), d.some(dim=d.dim(x.ndim))


def _several(d: Draw, *shapes: Any) -> list[Any]:
    """One to three tensors, of one shape or almost."""
    shape = d.shape(*shapes)
    count = d.one(2, 1, 3, 0)
    names = d.one(FLOATS, FLOATS, ANY)
    found = [d.tensor(shape, names) for _ in range(count)]
    if found and d.one(0, 0, 1):
        found[-1] = d.tensor(d.one((*shape[:-1], 2), (0,), (2, *shape)), names)
    return found


@row("torch.stack")
def _(d: Draw) -> Arguments:
    found = _several(d)
    rank = found[0].ndim if found else 1
    return (d.one(found, found, tuple(found)),), d.some(dim=d.dim(rank, extra=1))


def _dim_of_nothing(call: Call) -> bool:
    nothing = {x.shape for x in call.args[0]} == {(0,)}
    return nothing and call.kwargs.get("dim", 0) not in (0, -1)


@row("torch.cat torch.concat torch.concatenate",
     refuses("the axis must be there, also where all tensors are empty", _dim_of_nothing),
     unsupported={"axis": "say `dim`"})  # fmt: skip
def _(d: Draw) -> Arguments:
    found = _several(d)
    rank = found[0].ndim if found else 1
    return (d.one(found, found, tuple(found)),), d.some(dim=d.dim(rank))


@row("torch.hstack torch.vstack torch.dstack torch.column_stack torch.row_stack")
def _(d: Draw) -> Arguments:
    return (_several(d, (3,), (2, 3), (), (1, 2, 3)),), {}


@row("torch.split Tensor.split")
def _(d: Draw) -> Arguments:
    x = d.tensor(dtypes=SOME)
    how = d.mostly((2, 1, [1, 2], (2, 1), [3], 5, [2, 0, 1]), (0, -1, [1, 1]))
    return (x, how), d.some(dim=d.dim(x.ndim))


@row("torch.chunk Tensor.chunk")
def _(d: Draw) -> Arguments:
    x = d.tensor(dtypes=SOME)
    return (x, d.one(2, 3, 1, 0, 5)), d.some(dim=d.dim(x.ndim))


@row("torch.tensor_split Tensor.tensor_split")
def _(d: Draw) -> Arguments:
    x = d.tensor(dtypes=SOME)
    return (x, d.one(2, 3, 1, (1,), [1, 2], (0, 5), 0, (2, 1), (-1,))), d.some(dim=d.dim(x.ndim))


@row("torch.unbind Tensor.unbind")
def _(d: Draw) -> Arguments:
    x = d.tensor(dtypes=SOME)
    return (x,), d.some(dim=d.dim(x.ndim))


@row("torch.narrow Tensor.narrow")
def _(d: Draw) -> Arguments:
    x = d.tensor(dtypes=SOME)
    return (x, d.dim(x.ndim), d.mostly((0, 1, -1), (3, -4, 2)), d.mostly((1, 0, 2), (3, -1))), {}


@row("torch.select Tensor.select")
def _(d: Draw) -> Arguments:
    x = d.tensor(dtypes=SOME)
    return (x, d.dim(x.ndim), d.mostly((0, -1, 0, 1), (3, -4))), {}


@row("torch.flip Tensor.flip")
def _(d: Draw) -> Arguments:
    x = d.tensor(dtypes=SOME)
    dims = d.dims(x.ndim, ())
    return (x, [dims] if isinstance(dims, int) else dims), {}


@row("torch.fliplr Tensor.fliplr torch.flipud Tensor.flipud")
def _(d: Draw) -> Arguments:
    return (d.tensor(dtypes=SOME),), {}


def _rolled_nothing(call: Call) -> bool:
    x, dims = call.args[0], call.args[2] if len(call.args) > 2 else call.kwargs.get("dims", ())
    axes = (dims,) if isinstance(dims, int) else dims
    return not x.array.size and any(not -x.ndim <= d < x.ndim for d in axes)


@row("torch.roll Tensor.roll",
     refuses("the axes must be there, also where the tensor is empty",
             _rolled_nothing))  # fmt: skip
def _(d: Draw) -> Arguments:
    x = d.tensor(dtypes=SOME)
    if d.flag():
        return (x, d.one(1, -1, 4, 0)), d.some(dims=d.dim(x.ndim))
    return (x, d.one((1, 1), (2, -1), (1,)), d.one((0, 1), (-1, 0), (0, 0), (0,))), {}


@row("torch.rot90 Tensor.rot90")
def _(d: Draw) -> Arguments:
    x = d.tensor(dtypes=SOME)
    return (x,), d.some(k=d.one(1, -1, 2, 5, 0), dims=d.one((0, 1), (1, 0), (-1, 0), (0, 0), [0]))


@row("torch.tril Tensor.tril Tensor.tril_ torch.triu Tensor.triu Tensor.triu_")
def _(d: Draw) -> Arguments:
    return (d.tensor(),), d.some(diagonal=d.one(0, 1, -1, 3, -3))


@row("torch.tril_indices torch.triu_indices")
def _(d: Draw) -> Arguments:
    size = (d.one(2, 3, 0, -1), d.one(3, 2, 0))
    how = {"dtype": Dtype(d.one("int64", "int32", "float32")), "device": "cpu"}
    return size, d.some(offset=d.one(1, -1, 0, 4), **how)


@row("torch.diagonal Tensor.diagonal torch.linalg.diagonal")
def _(d: Draw) -> Arguments:
    x = d.tensor(dtypes=SOME)
    kwargs = d.some(offset=d.one(1, -1, 0, 4))
    return (x,), {**kwargs, **(d.one({}, {"dim1": d.dim(x.ndim), "dim2": d.dim(x.ndim)}))}


@row("torch.diag Tensor.diag torch.diagflat Tensor.diagflat")
def _(d: Draw) -> Arguments:
    return (d.tensor(dtypes=SOME), *d.one((), (1,), (-1,), (4,))), {}


@row("torch.diag_embed Tensor.diag_embed")
def _(d: Draw) -> Arguments:
    x = d.tensor(dtypes=SOME)
    return (x,), d.some(offset=d.one(1, -1, 0), dim1=d.dim(x.ndim, 1), dim2=d.dim(x.ndim, 1))


@row("torch.meshgrid")
def _(d: Draw) -> Arguments:
    names = d.mostly((("float64",), ("int64",)), (SOME,))
    given = [d.tensor(d.one((3,), (), (2,), (0,)), names) for _ in range(d.one(2, 1, 3))]
    if d.one(0, 0, 1):
        given.append(d.tensor((2, 1), names))
    return ((given,) if d.flag() else tuple(given)), {"indexing": d.mostly(("ij", "xy"), ("yx",))}


@row("torch.broadcast_tensors torch.atleast_1d torch.atleast_2d torch.atleast_3d")
def _(d: Draw) -> Arguments:
    a, b = d.pair(SOME)
    return d.one((a,), (a, b)), {}


@row("torch.broadcast_shapes")
def _(d: Draw) -> Arguments:
    a, b = d.pair(("float64",))
    return (a.shape, b.shape), {}


@row("torch.kron Tensor.kron")
def _(d: Draw) -> Arguments:
    return (d.tensor(d.one((2,), (2, 3), (), (1, 2, 2)), ANY),
            d.tensor(d.one((2,), (3, 1), (), (0,)), ANY)), {}  # fmt: skip


@row("F.one_hot")
def _(d: Draw) -> Arguments:
    name = d.mostly(("int64",), ("int32", "float32", "bool"))
    x = d.tensor(dtypes=name, low=d.mostly((0,), (-1,)), high=3)
    return (x,), d.some(num_classes=d.one(5, 4, 2, -1, 0))


@row("F.pad")
def _(d: Draw) -> Arguments:
    x = d.tensor(dtypes=SOME)
    widths = d.one((1, 1), (1, 0, 0, 2), (-1, 0), (0, 1, 2), [1, 2], (2, 2, 1, 1, 0, 1), (-5, 1))
    return (x, widths), d.some(value=d.one(1.5, 0, None, -2), mode="constant")


@row("Tensor.numel Tensor.dim Tensor.size Tensor.is_floating_point Tensor.is_complex "
     "torch.numel torch.is_floating_point Tensor.ndim Tensor.element_size Tensor.is_contiguous "
     "torch.is_tensor torch.is_complex Tensor.tolist Tensor.nelement")  # fmt: skip
def _(d: Draw) -> Arguments:
    return (d.tensor(special=False, dtypes=(*FLOATS, "int64", "bool")),), {}


@row("Tensor.size")
def _(d: Draw) -> Arguments:
    x = d.tensor(dtypes=SOME)
    return (x, d.dim(x.ndim)), {}


@row("Tensor.item Tensor.__bool__ Tensor.__float__ Tensor.__int__ Tensor.__len__")
def _(d: Draw) -> Arguments:
    return (d.tensor(d.one((), (1,), (1, 1), (2,), (0,)), special=False, dtypes=SOME),), {}
