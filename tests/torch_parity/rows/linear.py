"""Linear algebra."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.torch_parity.drawing import FLOATS, Draw, Sample
from tests.torch_parity.table import (
    Arguments,
    Call,
    Family,
    Note,
    accepts,
    differs,
    endless,
    gradient_differs,
    refuses,
)

family = Family("Linear algebra")
row = family.row

SOME = (*FLOATS, *FLOATS, "int64", "bool")
NOISE = 16.0
OUT_DTYPE = {"out_dtype": "the result has the type of the operands"}


def _operands(d: Draw, good: Any, bad: Any) -> tuple[Sample, Sample]:
    """Two tensors of one type, mostly, and mostly of a good pair of shapes."""
    a, b = d.mostly(good, bad)
    first = d.tensor(a, SOME)
    return first, d.tensor(b, d.mostly((first.dtype,), (d.dtype(SOME),)))


# fmt: off
MATRICES = (((2, 3), (3, 2)), ((1, 2), (2, 1)), ((0, 2), (2, 3)), ((2, 0), (0, 3)))
NO_MATRICES = (((2, 3), (2, 3)), ((3,), (3, 2)))
VECTORS = (((3,), (3,)), ((0,), (0,)), ((1,), (1,)))
NO_VECTORS = (((2,), (3,)), ((), (3,)), ((2, 3), (3,)))
BATCHES = (((2, 2, 3), (2, 3, 1)), ((1, 2, 0), (1, 0, 2)), ((0, 2, 3), (0, 3, 2)))
NO_BATCHES = (((2, 2, 3), (1, 3, 2)), ((2, 3), (3, 2)), ((2, 2, 3), (2, 2, 3)))
ANY = (*MATRICES, *VECTORS, *BATCHES, ((2, 3), (3,)), ((3,), (2, 3, 2)), ((2, 2, 3), (1, 3, 2)),
       ((2, 1, 2, 3), (3, 3, 1)))
NOT_ANY = (((2, 3), (2, 3)), ((3,), (2, 2)), ((), (3,)), ((2, 2, 3), (3, 3, 1)))
# fmt: on


def _types(call: Call) -> set[str]:
    return {s.dtype for s in call.samples()}


EMPTY_OF_TWO_TYPES = refuses(
    "operands of different types, of no entries as well",
    lambda call: len(_types(call)) > 1 and any(0 in s.shape for s in call.samples()),
)


def _product(names: str, good: Any, bad: Any) -> None:
    def draw(d: Draw) -> Arguments:
        return _operands(d, good, bad), {}

    notes = [] if "outer" in names else [EMPTY_OF_TWO_TYPES]
    row(names, *notes, noise=NOISE, unsupported=OUT_DTYPE)(draw)


_product("torch.mm Tensor.mm", MATRICES, NO_MATRICES)
_product(
    "torch.mv Tensor.mv",
    (((2, 3), (3,)), ((0, 2), (2,)), ((2, 0), (0,))),
    (((2, 3), (2,)), ((3,), (3,))),
)
_product("torch.bmm Tensor.bmm", BATCHES, NO_BATCHES)
_product("torch.dot Tensor.dot torch.vdot Tensor.vdot", VECTORS, NO_VECTORS)
_product(
    "torch.inner Tensor.inner",
    (*VECTORS, ((2, 3), (3,)), ((2, 3), (4, 3)), ((), (2,))),
    (((2, 3), (2,)), ((2,), (3,))),
)
_product(
    "torch.outer Tensor.outer torch.ger Tensor.ger",
    (((2,), (3,)), ((0,), (2,))),
    (((), (2,)), ((2, 2), (2,))),
)
_product("torch.matmul Tensor.matmul operator.matmul torch.linalg.matmul", ANY, NOT_ANY)


def _scaled(names: str, *shapes: Any) -> None:
    """``beta * input + alpha * (a @ b)``."""

    def draw(d: Draw) -> Arguments:
        c, a, b = d.mostly(shapes[:-1], shapes[-1:])
        first = d.tensor(a, (*FLOATS, *FLOATS, "int64"))
        # beta = 0 and alpha = 0 ignore NaN in PyTorch, too
        rest = [d.tensor(s, d.mostly((first.dtype,), ("float32",))) for s in (c, b)]
        return (rest[0], first, rest[1]), d.some(beta=d.one(2, 0, 0.5), alpha=d.one(2, 0.5, 0, -1))

    row(names, *_notes_on_scaled(names), noise=NOISE, unsupported=OUT_DTYPE)(draw)


def _nothing_inside(call: Call) -> bool:
    """Whether the sums of a product are of no terms."""
    return "addr" not in call.name and call.args[1].shape[-1:] == (0,)


def _unfit(call: Call) -> bool:
    """Whether the first operand has another shape than the result."""
    x, a, b = (s.shape for s in call.args)
    made = (*a[1:-1], b[-1]) if "addbmm" in call.name else (*a[:-1], *b[len(a) - 1 :])
    return x != made


def _notes_on_scaled(names: str) -> list[Note]:
    notes = [
        refuses(
            "a fraction as `alpha` or `beta` of whole numbers; PyTorch mostly cuts it off",
            lambda call: 0.5 in call.kwargs.values() and _types(call) == {"int64"},
        ),
        gradient_differs(
            "what `alpha=0` or `beta=0` leaves out gets zeros; PyTorch has NaN if it is infinite",
            lambda call: 0 in (call.kwargs.get("beta"), call.kwargs.get("alpha")) and endless(call),
        ),
    ]
    if "addr" in names:
        return [
            *notes,
            gradient_differs(
                "operands of different types have gradients; PyTorch's way back refuses them",
                lambda call: len(_types(call)) > 1,
            ),
        ]
    notes.append(EMPTY_OF_TWO_TYPES)
    if "addmv" in names or "addbmm" in names:
        notes.append(
            refuses(
                "in place, a result of another shape, of a product of no terms as well",
                lambda call: call.name.endswith("_") and _nothing_inside(call) and _unfit(call),
            )
        )
    if "addmv" in names:
        notes.append(
            differs(
                "the sum with a product of no terms has the shape of the product",
                lambda call: _nothing_inside(call) and _unfit(call),
            )
        )
    if "baddbmm" in names:
        notes.append(
            differs(
                "`alpha=0` leaves out the product; PyTorch has NaN where it is infinite",
                lambda call: call.kwargs.get("alpha") == 0 and endless(call),
            )
        )
    return notes


_scaled("torch.addmm Tensor.addmm Tensor.addmm_", ((2, 2), (2, 3), (3, 2)),
        ((2,), (2, 3), (3, 2)), ((), (2, 3), (3, 2)), ((2, 1), (2, 0), (0, 2)),
        ((3,), (2, 3), (3, 2)), ((2, 2), (2, 3), (2, 3)))  # fmt: skip
_scaled("torch.addmv Tensor.addmv Tensor.addmv_", ((2,), (2, 3), (3,)), ((), (2, 3), (3,)),
        ((1,), (2, 0), (0,)), ((3,), (2, 3), (3,)))  # fmt: skip
_scaled("torch.addr Tensor.addr Tensor.addr_", ((2, 3), (2,), (3,)), ((3,), (2,), (3,)),
        ((), (0,), (3,)), ((2,), (2,), (3,)))  # fmt: skip
_scaled("torch.baddbmm Tensor.baddbmm Tensor.baddbmm_", ((2, 2, 1), (2, 2, 3), (2, 3, 1)),
        ((2, 1), (2, 2, 3), (2, 3, 1)), ((1,), (2, 2, 0), (2, 0, 1)),
        ((3,), (2, 2, 3), (2, 3, 1)))  # fmt: skip
_scaled("torch.addbmm Tensor.addbmm Tensor.addbmm_", ((2, 1), (2, 2, 3), (2, 3, 1)),
        ((1,), (2, 2, 0), (2, 0, 1)), ((3,), (2, 2, 3), (2, 3, 1)))  # fmt: skip


@row(
    "torch.einsum",
    differs(
        "with infinite entries of three operands: in what order they are multiplied decides on NaN",
        lambda call: len(call.samples()) > 2 and endless(call),
    ),
    noise=NOISE,
)
def _(d: Draw) -> Arguments:
    name = d.one("float64", "float32", "int64")
    text, *shapes = d.one(
        ("ij,jk->ik", (2, 3), (3, 2)), ("ij,jk", (2, 3), (3, 2)), ("ii->i", (2, 2)),
        ("ii", (2, 2)), ("ij->ji", (2, 3)), ("ji", (2, 3)), ("bij,bjk->bik", (2, 2, 3), (2, 3, 1)),
        ("...ij,...jk->...ik", (2, 2, 3), (3, 2)), ("i,j->ij", (2,), (3,)), ("i,i->", (3,), (3,)),
        ("i,i", (3,), (3,)), ("ijk->", (2, 2, 2)), ("ab,bc,cd->ad", (2, 2), (2, 3), (3, 1)),
        ("i,j->k", (2,), (3,)), ("ij,jk->ik", (2, 3), (2, 3)), ("ij", (3,)), ("...", (2, 3)),
        (" i j , j -> i ", (2, 3), (3,)), ("ij->i->j", (2, 3)), ("i...->...", (2, 3)),
        ("b i,b j->b i j", (2, 2), (2, 3)), ("ij,ij->i", (2, 1), (2, 3)), ("Ab,b->A", (2, 3), (3,)),
    )  # fmt: skip
    given = [d.tensor(shape, name) for shape in shapes]
    return d.one((text, *given), (text, given)), {}


@row("torch.tensordot", noise=NOISE)
def _(d: Draw) -> Arguments:
    a, b = _operands(
        d, (((2, 3), (3, 2)), ((3, 3), (3, 3)), ((3, 2, 3), (3, 2))), (((3,), (3,)), ((2,), ()))
    )
    dims = d.mostly(
        (1, 0, ([1], [0]), ((0,), (0,)), ([-1], [0])), (2, ([0, 1], [0, 1]), ([1, 0], [0]))
    )
    return (a, b), d.some(dims=dims)


def _square(d: Draw, *shapes: Any, dtypes: Any = (*FLOATS, *FLOATS, *FLOATS, "int64")) -> Sample:
    """Matrices that can be inverted, mostly, and well: what is lost is not the point."""
    good = shapes or ((2, 2), (3, 3), (1, 1), (2, 2, 2), (0, 0), (0, 2, 2))
    shape = d.mostly(good, ((2, 3), (3,)))
    x = d.tensor(shape, dtypes, special=False)
    if x.ndim < 2 or shape[-1] != shape[-2]:
        return x
    if d.one(0, 0, 0, 0, 1):
        return Sample(np.zeros_like(x.array), x.grad)
    return Sample(x.array + 7 * np.eye(shape[-1], dtype=x.array.dtype), x.grad)


def _singular(call: Call) -> bool:
    return bool((np.linalg.det(call.args[0].array) == 0).any())


@row(
    "torch.linalg.det torch.det Tensor.det torch.linalg.slogdet torch.slogdet torch.logdet "
    "Tensor.logdet Tensor.slogdet",
    gradient_differs(
        "at a singular matrix the gradients of `slogdet` and `logdet`, which are infinite, and that"
        " of a `det` of more than three rows are refused",
        lambda call: _singular(call) and ("log" in call.name or call.args[0].shape[-1] > 3),
    ),
    gradient_differs(
        "the gradient of `det` at a singular matrix of two or three rows is its cofactors; PyTorch"
        " has them with `create_graph=True`, and else zeros",
        lambda call: _singular(call) and "log" not in call.name and 1 < call.args[0].shape[-1] < 4,
    ),
    noise=NOISE,
)
def _(d: Draw) -> Arguments:
    return (_square(d),), {}


@row("torch.linalg.inv torch.inverse Tensor.inverse", noise=NOISE)
def _(d: Draw) -> Arguments:
    return (_square(d),), {}


@row("torch.linalg.solve", noise=NOISE)
def _(d: Draw) -> Arguments:
    a = _square(d)
    n = a.shape[-1] if a.ndim else 1
    left = d.one(True, True, False)
    good = ((n,), (n, 2), (*a.shape[:-2], n, 1)) if left else ((2, n), (*a.shape[:-2], 1, n))
    shape = d.mostly(good, ((n + 1,), (2, n)))
    b = d.tensor(shape, d.mostly((a.dtype,), ("float32",)), special=False)
    return (a, b), d.one({}, {"left": left}) if left else {"left": left}


@row("torch.linalg.matrix_power torch.matrix_power Tensor.matrix_power", noise=NOISE)
def _(d: Draw) -> Arguments:
    return (_square(d), d.one(2, 0, 1, 3, -1, -2, 5)), {}


@row("torch.linalg.multi_dot", noise=NOISE)
def _(d: Draw) -> Arguments:
    name = d.one(*FLOATS, "int64")
    shapes = d.one(((2, 3), (3, 2)), ((2, 3), (3, 1), (1, 2)), ((3,), (3, 2), (2,)), ((2, 3),),
                   ((2, 2), (2, 2), (2, 3), (3, 1)), ((2, 3), (2, 3)))  # fmt: skip
    return ([d.tensor(shape, name) for shape in shapes],), {}


@row("torch.cross Tensor.cross torch.linalg.cross", noise=NOISE)
def _(d: Draw) -> Arguments:
    a, b = _operands(
        d,
        (((3,), (3,)), ((2, 3), (2, 3)), ((3, 2), (3, 2)), ((1, 3), (2, 3)), ((3, 3), (3, 3))),
        (((2,), (2,)), ((2, 3), (3,))),
    )
    return (a, b), d.some(dim=d.dim(2))


@row(
    "torch.cdist",
    differs("the distance from NaN is NaN in every norm", endless),
    gradient_differs(
        "equal largest differences share the gradient of `p=inf`, as in norms",
        lambda call: call.kwargs.get("p") == float("inf"),
    ),
    noise=NOISE, unsupported={
    "compute_mode": "distances are always computed from the differences"})  # fmt: skip
def _(d: Draw) -> Arguments:
    a, b = d.mostly((((2, 3), (4, 3)), ((1, 2, 2), (1, 3, 2)), ((2, 0), (3, 0))),
                    (((2, 3), (2, 2)), ((3,), (3,))))  # fmt: skip
    name = d.mostly(FLOATS, ("int64",))
    return (d.tensor(a, name), d.tensor(b, name)), d.some(p=d.one(1.0, 2.0, 3.0, 0.0, float("inf")))


def _bias_unfit(call: Call) -> bool:
    if len(call.args) < 3 or call.args[2] is None:
        return False
    x, weight, bias = call.args
    return bias.shape != weight.shape[:-1] or bias.dtype != x.dtype


@row(
    "F.linear",
    accepts("a bias beside a weight of one axis, for any input", "mat2 must be a matrix"),
    refuses("a bias that has not one entry for each output, or is of another type", _bias_unfit),
    noise=NOISE,
)
def _(d: Draw) -> Arguments:
    x, w = _operands(
        d,
        (((2, 3), (2, 3)), ((3,), (2, 3)), ((2, 1, 3), (4, 3)), ((2, 3), (3,)), ((2, 0), (3, 0)),
         ((0, 3), (2, 3))),
        (((2, 3), (3, 2)), ((2, 3), (2, 2, 3))),
    )  # fmt: skip
    shape = d.mostly(((w.shape[0],),), ((), (5,)))
    bias = d.tensor(shape, d.mostly((x.dtype,), ("float64",)))
    return d.one((x, w), (x, w, bias), (x, w, bias), (x, w, None)), {}


@row(
    "F.bilinear",
    differs("with infinite entries: in what order they are multiplied decides on NaN", endless),
    noise=NOISE,
)
def _(d: Draw) -> Arguments:
    name = d.one(*FLOATS)
    lead = d.one((2,), (), (2, 1))
    a, b = d.tensor((*lead, 2), name), d.tensor((*lead, d.one(3, 3, 2)), name)
    return (a, b, d.tensor((2, 2, 3), name), *d.one((), (d.tensor((2,), name),), (None,))), {}
