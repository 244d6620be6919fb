"""Shape functions against PyTorch: values, types, views that are written through, gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import chainrule as cr

Script = Callable[..., Any]


def cube(lib: Any) -> Any:
    """A tensor of 2 * 3 * 4 different numbers."""
    return lib.arange(24, dtype=lib.float64).reshape(2, 3, 4)


def matrix(lib: Any) -> Any:
    """A tensor of 2 * 3 different numbers."""
    return lib.arange(6, dtype=lib.float64).reshape(2, 3)


# Each is run with both libraries: L the library, x a matrix, c a cube, i(...) a tensor of data.
NEW: list[Script] = [
    lambda L, x, c, i: L.flatten(c, 1),
    lambda L, x, c, i: c.unflatten(2, (-1, 2)),
    lambda L, x, c, i: L.ravel(c),
    lambda L, x, c, i: L.swapaxes(c, 0, -1),
    lambda L, x, c, i: L.swapdims(x, 0, 1),
    lambda L, x, c, i: L.movedim(c, (0, 1), (-1, 0)),
    lambda L, x, c, i: L.moveaxis(c, 0, 1),
    lambda L, x, c, i: c[:, :1].squeeze((0, 1)),
    lambda L, x, c, i: L.t(x),
    lambda L, x, c, i: c.expand(-1, 3, 4),
    lambda L, x, c, i: x.broadcast_to((2, 2, 3)),
    lambda L, x, c, i: L.broadcast_tensors(x, i([1.0]), i([[1.0], [2.0]])),
    lambda L, x, c, i: x.repeat(2, 1, 3),
    lambda L, x, c, i: L.tile(x, (2,)),
    lambda L, x, c, i: x.tile(2, 1, 1),
    lambda L, x, c, i: L.repeat_interleave(x, 2),
    lambda L, x, c, i: x.repeat_interleave(i([2, 0]), 0),
    lambda L, x, c, i: x.repeat_interleave(i([2]), 1),
    lambda L, x, c, i: L.repeat_interleave(i([0, 2, 1])),
    lambda L, x, c, i: x.repeat_interleave(3, dim=-1),
    lambda L, x, c, i: L.stack([x, x + 1], 1),
    lambda L, x, c, i: L.stack([x, x.float()], -1),
    lambda L, x, c, i: L.concat([x, x], 1),
    lambda L, x, c, i: L.cat([x, i([])]),
    lambda L, x, c, i: L.hstack([x, x]),
    lambda L, x, c, i: L.vstack([x, x[0]]),
    lambda L, x, c, i: L.dstack([x, x]),
    lambda L, x, c, i: L.column_stack([x, i([7.0, 8.0])]),
    lambda L, x, c, i: L.block_diag(x, i([1, 2]), i(3)),
    lambda L, x, c, i: L.kron(x, i([[1.0, 2.0]])),
    lambda L, x, c, i: L.cartesian_prod(i([1, 2]), i([3, 4, 5])),
    lambda L, x, c, i: L.combinations(i([1, 2, 3]), 2),
    lambda L, x, c, i: L.combinations(i([1, 2]), 3, with_replacement=True),
    lambda L, x, c, i: L.combinations(i([1.0, 2.0]), 0),
    lambda L, x, c, i: L.index_select(c, 2, i([3, 0, 3])),
    lambda L, x, c, i: L.index_select(i(3.0), 0, i(0)),
    lambda L, x, c, i: L.gather(x, 1, i([[2, 0], [1, 1]])),
    lambda L, x, c, i: x.scatter(1, i([[0, 2], [1, 0]]), x[:, 1:] + 10),
    lambda L, x, c, i: x.scatter(0, i([[1, 0]]), 7),
    lambda L, x, c, i: L.scatter(x, 1, i([[0], [2]]), value=7.5),
    lambda L, x, c, i: x.detach().scatter(1, i([[0, 0]]), 3, reduce="add"),
    lambda L, x, c, i: x.detach().scatter(1, i([[0, 0]]), 3, reduce="multiply"),
    lambda L, x, c, i: x.scatter_add(0, i([[1, 1, 0], [1, 0, 0]]), x),
    lambda L, x, c, i: x.index_add(1, i([2, 2]), x[:, :2], alpha=0.5),
    lambda L, x, c, i: x.index_copy(0, i([1]), x[:1]),
    lambda L, x, c, i: x.index_fill(1, i([-1, 0]), 9),
    lambda L, x, c, i: x.index_fill(1, i(1), i(9)),
    lambda L, x, c, i: L.take(x, i([[5, -1], [0, 2]])),
    lambda L, x, c, i: L.take_along_dim(x, i([[0], [-1]]), 1),
    lambda L, x, c, i: L.take_along_dim(c, i([[[1]], [[0]]]), 2),
    lambda L, x, c, i: L.take_along_dim(x, i([4, 0])),
    lambda L, x, c, i: L.masked_select(x, i([True, False, True])),
    lambda L, x, c, i: x.masked_fill(x > 2, i(7)),
    lambda L, x, c, i: i([1, 2]).masked_fill(i([True, False]), 7.9),
    lambda L, x, c, i: x.masked_scatter(x > 2, x + 10),
    lambda L, x, c, i: x.masked_scatter(x > 9, i(np.zeros(0))),
    lambda L, x, c, i: L.nonzero(x > 2),
    lambda L, x, c, i: L.nonzero(i(2.0)),
    lambda L, x, c, i: L.nonzero(i(0.0)),
    lambda L, x, c, i: L.nonzero(x, as_tuple=True),
    lambda L, x, c, i: L.where(x > 2),
    lambda L, x, c, i: L.where(x > 2, x, -1),
    lambda L, x, c, i: x.where(x > 2, x[:1]),
    lambda L, x, c, i: L.argwhere(x > 2),
    lambda L, x, c, i: c.flip(0, 2),
    lambda L, x, c, i: L.flip(c, (1,)),
    lambda L, x, c, i: L.fliplr(x),
    lambda L, x, c, i: L.flipud(x),
    lambda L, x, c, i: L.roll(x, 2),
    lambda L, x, c, i: L.roll(c, (1, -2), (0, 2)),
    lambda L, x, c, i: x[:0].roll(3, 0),
    *(lambda L, x, c, i, k=k: L.rot90(c, k, (0, 2)) for k in range(-1, 5)),
    *(lambda L, x, c, i, k=k: L.tril(c, diagonal=k) for k in (-2, 0, 1, 9)),
    *(lambda L, x, c, i, k=k: L.triu(x, k) for k in (-9, -1, 0, 2)),
    lambda L, x, c, i: (x > 2).tril(),
    lambda L, x, c, i: L.tril_indices(3, 4, 1),
    lambda L, x, c, i: L.triu_indices(3, 2, -1),
    lambda L, x, c, i: L.diagonal(c, 1, 1, 2),
    lambda L, x, c, i: L.diagonal(c, offset=-1, dim1=2, dim2=0),
    lambda L, x, c, i: L.diagonal(x, 9),
    lambda L, x, c, i: L.diag(x, 1),
    lambda L, x, c, i: L.diag(i([1, 2]), -1),
    lambda L, x, c, i: L.diagflat(x),
    lambda L, x, c, i: i(3.0).diagflat(-1),
    lambda L, x, c, i: L.linalg.diagonal(c, offset=1),
    lambda L, x, c, i: L.linalg.diagonal(c, dim1=0),
    lambda L, x, c, i: L.row_stack([x, x[0]]),
    lambda L, x, c, i: L.tile(x, dims=(2, 1)),
    lambda L, x, c, i: L.split(tensor=x, split_size_or_sections=1, dim=1),
    lambda L, x, c, i: L.swapaxes(input=c, axis0=0, axis1=2),
    lambda L, x, c, i: L.cat([i(np.zeros(0)), x, i(np.zeros(0))], 1),
    lambda L, x, c, i: L.diag_embed(x, 1, 0, 2),
    lambda L, x, c, i: L.diag_embed(x, -1, -1, -3),
    lambda L, x, c, i: L.nn.functional.one_hot(i([0, 2])),
    lambda L, x, c, i: L.nn.functional.one_hot(i([[0, 2]]), 4),
    lambda L, x, c, i: L.meshgrid(i([1, 2]), i([3, 4, 5]), indexing="ij"),
    lambda L, x, c, i: L.meshgrid(i([1, 2]), i([3, 4, 5]), i(6), indexing="xy"),
    *(lambda L, x, c, i, n=n: getattr(L, f"atleast_{n}d")(i(1.0), i([2.0]), x) for n in (1, 2, 3)),
    lambda L, x, c, i: L.atleast_2d([i(1.0)]),
    lambda L, x, c, i: c.unfold(2, 2, 1),
    lambda L, x, c, i: c.unfold(1, 2, 3),
    lambda L, x, c, i: c.unfold(0, 0, 1),
    lambda L, x, c, i: i(3.0).unfold(0, 1, 1),
    lambda L, x, c, i: L.split(c, 3, 2),
    lambda L, x, c, i: c.split((1, 3), -1),
    lambda L, x, c, i: x[:0].split(2),
    lambda L, x, c, i: L.chunk(c, 3, 2),
    lambda L, x, c, i: x[:0].chunk(2),
    lambda L, x, c, i: L.tensor_split(c, 3, 2),
    lambda L, x, c, i: c.tensor_split((1, 3, 9), 2),
    lambda L, x, c, i: L.hsplit(c, 3),
    lambda L, x, c, i: L.vsplit(c, (1,)),
    lambda L, x, c, i: L.dsplit(c, 2),
    lambda L, x, c, i: L.unbind(c, 1),
    lambda L, x, c, i: L.narrow(c, 2, -2, 2),
    lambda L, x, c, i: L.narrow(c, 2, i(1), 0),
    lambda L, x, c, i: L.select(c, 1, -1),
    *(
        lambda L, x, c, i, r=r, s=s: x.scatter_reduce(
            1, i([[0, 0, 2], [1, 1, 1]]), x + 1.25, r, include_self=s
        )
        for r in ("sum", "mean", "prod", "amax", "amin")
        for s in (True, False)
    ),
    lambda L, x, c, i: x.detach().scatter_reduce(0, i([[1, 1]]), x.detach(), "amax"),
    lambda L, x, c, i: i([5, 1]).scatter_reduce(0, i([0, 0]), i([2, 4]), "mean"),
    lambda L, x, c, i: i([5, 1]).scatter_reduce(0, i([0, 0]), i([2, 4]), "amin"),
    lambda L, x, c, i: x.index_put((i([0, 1, 0]), i([2, 2, 2])), i(1.0).double(), accumulate=True),
    lambda L, x, c, i: x.index_put((i([True, False]),), x[0] + 10),
]


def run(script: Script, lib: Any) -> list[Any]:
    """The results of a script, and the gradients of the sum of their squares."""
    x, c = matrix(lib).requires_grad_(), cube(lib).requires_grad_()
    made = script(lib, x, c, lib.tensor)
    made = list(made) if isinstance(made, tuple | list) else [made]
    smooth = [m for m in made if m.requires_grad]
    if smooth:
        sum((m * m).sum() for m in smooth).backward()
    grads = [np.zeros(t.shape) if t.grad is None else np.asarray(t.grad) for t in (x, c)]
    return [np.asarray(m.detach()) for m in made] + grads


@pytest.mark.parametrize("k", range(len(NEW)))
def test_is_torch(k: int) -> None:
    ours, theirs = run(NEW[k], cr), run(NEW[k], torch)
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        assert a.dtype == b.dtype
        assert a.shape == b.shape
        np.testing.assert_allclose(a, b, rtol=1e-12)


VIEWS: list[Script] = [
    lambda L, x, c, i: x.diagonal(),
    lambda L, x, c, i: c.diagonal(1, 1, 2),
    lambda L, x, c, i: c.diagonal(-1, 2, 0),
    lambda L, x, c, i: c.transpose(0, 2).diagonal(),
    lambda L, x, c, i: c.unfold(2, 2, 2),
    lambda L, x, c, i: c.unfold(1, 1, 2)[0],
    lambda L, x, c, i: c.movedim((0, 1), (1, 2)),
    lambda L, x, c, i: c.unflatten(2, (2, 2))[:, :, 0],
    lambda L, x, c, i: c.ravel()[::5],
    lambda L, x, c, i: c.swapaxes(0, 1)[1:],
    lambda L, x, c, i: c.select(2, 1),
    lambda L, x, c, i: c.narrow(1, 1, 2),
    lambda L, x, c, i: c.unbind(1)[2],
    lambda L, x, c, i: c.split(3, 2)[1],
    lambda L, x, c, i: c.chunk(2, 2)[0],
    lambda L, x, c, i: c.tensor_split(3, 2)[1],
    lambda L, x, c, i: c.hsplit(3)[0],
    lambda L, x, c, i: L.atleast_3d(x),
    lambda L, x, c, i: L.atleast_2d(x[0]),
    lambda L, x, c, i: x.t()[0],
    lambda L, x, c, i: c[:, 1, None, ::2],
    lambda L, x, c, i: c[i(1), :, i(2)],
]
COPIES: list[Script] = [
    lambda L, x, c, i: c.flip(0),
    lambda L, x, c, i: c.roll(1, 0),
    lambda L, x, c, i: x.diag(),
    lambda L, x, c, i: x.repeat(1, 1),
    lambda L, x, c, i: x.repeat_interleave(1, 0),
    lambda L, x, c, i: x.rot90(0),
    lambda L, x, c, i: x.tril(9),
    lambda L, x, c, i: c[[0, 1]],
    lambda L, x, c, i: x.index_select(0, i([0, 1])),
    lambda L, x, c, i: L.stack([x])[0],
    lambda L, x, c, i: x.masked_fill(x > 99, 0),
]


@pytest.mark.parametrize("scripts", [VIEWS, COPIES], ids=["views", "copies"])
@pytest.mark.parametrize("k", range(len(VIEWS)))
def test_written_through(scripts: list[Script], k: int) -> None:
    """What is written to a view is in the tensor, and to a copy is not; and back."""
    found = []
    for lib in (cr, torch):
        x, c = matrix(lib), cube(lib)
        part = scripts[k % len(scripts)](lib, x, c, lib.tensor)
        part += 100
        x *= 2
        c *= 3
        found.append([t.tolist() for t in (part, x, c)])
    assert found[0] == found[1]


IN_PLACE: list[Script] = [
    lambda L, x, c, i: x.index_add_(1, i([2, 2]), x[:, :2] + 1),
    lambda L, x, c, i: x.index_copy_(0, i([1]), x[:1] + 1),
    lambda L, x, c, i: x.index_fill_(1, i([-1]), 9),
    lambda L, x, c, i: x.index_put_((i([0, 0]),), i([1.0, 2.0, 3.0]).double(), accumulate=True),
    lambda L, x, c, i: x.masked_fill_(x > 2, -1),
    lambda L, x, c, i: x.masked_scatter_(x > 2, x + 10),
    lambda L, x, c, i: x.scatter_(1, i([[0], [2]]), 5),
    lambda L, x, c, i: x.scatter_add_(1, i([[0], [2]]), x + 1),
    lambda L, x, c, i: x.scatter_reduce_(1, i([[0], [2]]), x + 1, "prod"),
    lambda L, x, c, i: x.fill_diagonal_(5),
    lambda L, x, c, i: x.t().fill_diagonal_(5, wrap=True),
    lambda L, x, c, i: c[:, :2, :2].fill_diagonal_(5),
    lambda L, x, c, i: x.tril_(),
    lambda L, x, c, i: x.triu_(1),
    lambda L, x, c, i: x.t_(),
    lambda L, x, c, i: c.transpose_(0, 2),
    lambda L, x, c, i: c.swapaxes_(1, 2),
    lambda L, x, c, i: x.unsqueeze_(1),
    lambda L, x, c, i: c[:1].squeeze_(),
    lambda L, x, c, i: c[0].squeeze_(0).t_(),
]


@pytest.mark.parametrize("k", range(len(IN_PLACE)))
def test_in_place(k: int) -> None:
    """The tensor, what shares its entries, and what is written to it afterwards."""
    found = []
    for lib in (cr, torch):
        x, c = matrix(lib), cube(lib)
        beside = x.detach(), c.detach()
        made = IN_PLACE[k](lib, x, c, lib.tensor)
        made += 1
        x[0] = 50
        beside[1][-1] = 60
        found.append([t.tolist() for t in (made, x, c, *beside)])
    assert found[0] == found[1]


@pytest.mark.parametrize("fill", [7, 7.5])
@pytest.mark.parametrize("shape", [(4, 2), (2, 4), (3, 3), (7, 2), (2, 2, 2)])
@pytest.mark.parametrize("wrap", [False, True])
def test_fill_diagonal(shape: tuple[int, ...], wrap: bool, fill: float) -> None:
    ours, theirs = (lib.zeros(shape).fill_diagonal_(fill, wrap) for lib in (cr, torch))
    assert ours.tolist() == theirs.tolist()


def test_scatter_takes_the_first_entries_of_a_larger_source() -> None:
    """With gradients, where PyTorch has them of the wrong shape."""
    x, source = matrix(cr).requires_grad_(), (matrix(cr) + 10).requires_grad_()
    y = x.scatter(1, cr.tensor([[0, 2]]), source)
    assert y.tolist() == [[10, 1, 11], [3, 4, 5]]
    y.sum().backward()
    assert (x.grad.tolist(), source.grad.tolist()) == (
        [[0, 1, 0], [1, 1, 1]],
        [[1, 1, 0], [0, 0, 0]],
    )
    added = x.scatter(1, cr.tensor([[0, 0]]), source, reduce="add")
    assert added.tolist() == [[21, 1, 2], [3, 4, 5]]


def test_rearranged_in_place_keeps_its_history() -> None:
    x = cr.tensor([[1.0, 2.0, 3.0]], requires_grad=True)
    y = x * 2
    assert y.t_() is y
    (y * cr.tensor([[1.0], [10.0], [100.0]])).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [[2, 20, 200]]


def test_diagonal_of_half_precision_is_a_view() -> None:
    x = cr.zeros(2, 2, dtype=cr.float16)
    x.diagonal().fill_(1)
    assert x.tolist() == [[1, 0], [0, 1]]


def test_moves_are_exact() -> None:
    a, b = cr.symbols("a b")
    x = cr.stack([a, b])
    assert [str(e) for row in cr.diag(x).tolist() for e in row] == ["a", "0", "0", "b"]
    assert [str(e) for e in x.roll(1).tolist()] == ["b", "a"]
    assert [str(e) for e in cr.diag(x).diagonal().tolist()] == ["a", "b"]


def test_shapes_while_captured() -> None:
    graph = cr.capture(lambda x: x.roll(1, 0).tril().diagonal().repeat(2), cr.spec(3, 3))
    x = cr.arange(9.0).reshape(3, 3)
    assert cr.run(graph, x).tolist() == [6, 1, 5, 6, 1, 5]


def test_a_number_filled_in_twice_has_one_part_in_the_gradient() -> None:
    value = cr.tensor(2.0, requires_grad=True)
    cr.zeros(3).index_fill(0, cr.tensor([1, -2, 1]), value).sum().backward()
    assert value.grad.item() == 1


def test_tensors_without_entries_take_part_in_what_they_are_joined_to() -> None:
    nothing = cr.zeros(0, requires_grad=True)
    joined = cr.cat([cr.zeros(2, 3), nothing], 1)
    joined.sum().backward()
    assert (joined.shape, nothing.grad.shape) == ((2, 3), (0,))


def test_the_largest_of_bools_put_together() -> None:
    x, index = cr.tensor([False, True, True]), cr.tensor([0, 0, 1])
    source = cr.tensor([False, True, False])
    assert x.scatter_reduce(0, index, source, "amax").tolist() == [True, True, True]
    assert x.scatter_reduce(0, index, source, "amin").tolist() == [False, False, True]
