"""Views and storage, side by side with PyTorch."""

from __future__ import annotations

from typing import Any

import pytest

import chainrule as cr
from tests.core.beside import as_in_pytorch, leaf

# -- views ---------------------------------------------------------------------------------------


@as_in_pytorch
def test_writing_to_views_of_views(lib: Any) -> Any:
    x = lib.zeros(2, 3, 2)
    x[1].mT[0][-1:].add_(1)
    x.permute(2, 0, 1)[0, 0] += 2
    x.view(6, 2)[::2, 0] = 5.0
    x.squeeze().unsqueeze(0).expand(1, 2, 3, 2)[0, 0, 0, 0] = 7.0
    return x


@as_in_pytorch
def test_views_see_what_is_written_to_the_base_later(lib: Any) -> Any:
    x = lib.zeros(3)
    v = x[1:]
    w = v[0]
    x.add_(1)
    v.mul_(3)
    x[1] = 4.0
    return x, v, w


@as_in_pytorch
def test_a_view_has_the_history_of_what_was_written_elsewhere(lib: Any) -> Any:
    x, w = leaf(lib), lib.tensor(5.0, requires_grad=True)
    y = x * 2
    v = y[:2]
    y[0] = w
    (v * v).sum().backward()
    return x.grad, w.grad, v.requires_grad, v.is_leaf


@as_in_pytorch
def test_a_plain_tensor_takes_on_history(lib: Any) -> Any:
    x, w = lib.ones(3), lib.tensor(2.0, requires_grad=True)
    u, v = x[1:], x[:2]
    v[1] = w * 3
    u.sum().backward()
    return x.requires_grad, u, v, w.grad


@as_in_pytorch
def test_reshape_of_a_transpose_is_a_copy(lib: Any) -> Any:
    x = lib.zeros(2, 3)
    x.mT.reshape(-1).add_(1)
    x.reshape(-1).add_(2)
    return x


@as_in_pytorch
def test_entries_stay_row_by_row_when_written_through_a_transpose(lib: Any) -> Any:
    x = lib.zeros(2, 3)
    x.mT[0] = 1.0
    x.copy_(lib.ones(3, 2).mT * x)
    x.view(-1)[1] = 9.0
    return x, x.is_contiguous()


@as_in_pytorch
def test_a_transpose_made_contiguous_has_views(lib: Any) -> Any:
    x = lib.arange(24.0).reshape(2, 3, 4).requires_grad_()
    y = x.transpose(1, 2).contiguous()
    (y.view(2, 12) * lib.arange(12.0)).sum().backward()
    whole = x.contiguous()
    return y, y.is_contiguous(), x.grad, x.transpose(1, 2).is_contiguous(), whole is x


def test_a_transpose_made_contiguous_has_views_in_a_compiled_function() -> None:
    def heads(x: Any) -> Any:
        return x.transpose(1, 2).contiguous().view(2, 12) * 2

    x = cr.arange(24.0).reshape(2, 3, 4)
    assert cr.compile(heads)(x).tolist() == heads(x).tolist()


@as_in_pytorch
def test_iterating_gives_views(lib: Any) -> Any:
    x = lib.zeros(2, 2)
    for i, row in enumerate(x):
        row.add_(i + 1)
    a, b = x.unbind(1)
    b += 10
    return x, a, b, [p.tolist() for p in x.split(1)], len(x)


@as_in_pytorch
def test_splits_are_views(lib: Any) -> Any:
    x = lib.zeros(5)
    for piece in (*x.split([2, 3]), *x.chunk(2), x.narrow(0, 1, 2), x.select(0, 4)):
        piece += 1
    return x


@as_in_pytorch
def test_indexing_by_lists_and_masks_copies(lib: Any) -> Any:
    x = lib.zeros(4)
    x[[0, 2]].add_(1)
    x[x == 0].add_(1)
    x[[0, -1]] = lib.tensor([1.0, 2.0])
    x[x == 0] = 5.0
    x[x == 5] += lib.tensor([1.0, 2.0])
    return x


@as_in_pytorch
def test_an_empty_view_of_a_leaf_is_a_view(lib: Any) -> Any:
    x = leaf(lib)
    with pytest.raises(RuntimeError):
        x[3:] += 1
    return x[3:].shape == (0,)


@as_in_pytorch
def test_a_view_may_be_a_leaf_of_its_own(lib: Any) -> Any:
    x = lib.ones(3)
    v = x[:2].requires_grad_()
    x.mul_(2)
    (v * v).sum().backward()
    with lib.no_grad():
        v -= 1
    return x, v, v.is_leaf, v.grad


# -- detach, data --------------------------------------------------------------------------------


@as_in_pytorch
def test_detached_tensors_share_entries_and_not_history(lib: Any) -> Any:
    x, w = leaf(lib), lib.tensor(2.0, requires_grad=True)
    y = x * x
    d, e = y.detach(), y.detach()
    d.mul_(w)
    e[0] = -1.0
    y.sum().backward()
    d.sum().backward()
    return x.grad, w.grad, y, d, e


@as_in_pytorch
def test_a_detached_part_shares_that_part(lib: Any) -> Any:
    x = leaf(lib)
    d = x[1:].detach()
    e = x.detach()[2].requires_grad_()
    d.add_(10)
    with lib.no_grad():
        x[2] = 0.5
    return x, d, e


@as_in_pytorch
def test_parts_share_after_the_whole_is_gone(lib: Any) -> Any:
    x = lib.arange(4.0)
    d, e = x[:3].detach(), x[1:].detach()
    del x
    d[1] = 7.0
    e.mul_(2)
    return d, e


@as_in_pytorch
def test_gradients_use_the_values_that_were_there(lib: Any) -> Any:
    x = leaf(lib)
    y = x * 2
    y.data.mul_(100)
    y.sum().backward()
    return y, x.grad


@as_in_pytorch
def test_replacing_the_data(lib: Any) -> Any:
    x, other = leaf(lib), lib.zeros(3)
    old = x.detach()
    x.data = other
    other[0] = 5.0
    with lib.no_grad():
        x[1] = 6.0
    (x * 2).sum().backward()
    return x, old, other, x.grad


@as_in_pytorch
def test_detach_in_place(lib: Any) -> Any:
    x = leaf(lib)
    y = x * 2
    v = y[0]
    y.detach_()
    with pytest.raises(RuntimeError):
        v.detach_()
    return y, v, y.is_leaf


@as_in_pytorch
def test_a_parameter_shares_entries_with_what_it_is_made_of(lib: Any) -> Any:
    x = lib.zeros(2)
    p = lib.nn.Parameter(x)
    x[0] = 3.0
    with lib.no_grad():
        p[1] = 4.0
    return x, p, p.is_leaf


# -- what is ours alone --------------------------------------------------------------------------


def test_a_view_of_replaced_data_refuses() -> None:
    x = cr.zeros(3)
    v = x[0]
    x.data = cr.ones(3)
    with pytest.raises(cr.errors.GradientError, match="was given other data"):
        v.tolist()
    assert x[0].item() == 1


def test_a_long_chain_of_views() -> None:
    x = cr.zeros(2)
    v = x
    for _ in range(3000):
        v = v.unsqueeze(0)[0]
    v.add_(1)
    assert x.tolist() == [1, 1]


@pytest.mark.parametrize("write", ["the view", "the base"])
def test_a_reshape_that_copies_is_no_view_when_compiled(write: str) -> None:
    x = cr.arange(6.0).reshape(2, 3)

    def step(turned: bool) -> cr.Tensor:
        y = (x.mT if turned else x) * 2
        row = y.reshape(-1)
        (row if write == "the view" else y).add_(1)
        return y + row.sum()

    compiled = cr.compile(step)
    assert compiled(False).tolist() == step(False).tolist()
    with pytest.raises(cr.errors.CaptureError, match="copied entries here"):
        compiled(True)


def test_entries_are_written_one_by_one_in_a_compiled_function() -> None:
    def rows(n: int) -> cr.Tensor:
        y = cr.zeros(n, 2)
        for i in range(n):
            y.mT[0, i] = float(i)
            y.unsqueeze(0)[:, i, 1:] += 0.5
        return y

    assert cr.compile(rows)(30).tolist() == rows(30).tolist()
