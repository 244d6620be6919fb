"""Handles, views and storage: each case runs with PyTorch and with chainrule and gives the same.

A case takes the library and returns what it observed: numbers, flags and tensors.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

import chainrule as cr

CASES: list[Callable[[Any], Any]] = []


def as_in_pytorch(case: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Run the case with both libraries and compare."""
    CASES.append(case)
    return case


def plain(seen: Any) -> Any:
    """Tensors as lists with their flag, tuples as lists."""
    if isinstance(seen, list | tuple):
        return [plain(part) for part in seen]
    if hasattr(seen, "requires_grad"):
        return [seen.detach().tolist(), seen.requires_grad]
    return seen


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_as_in_pytorch(case: Callable[[Any], Any]) -> None:
    torch = pytest.importorskip("torch")
    assert plain(case(cr)) == plain(case(torch))


@pytest.fixture(autouse=True)
def _warnings_of_pytorch(recwarn: pytest.WarningsRecorder) -> None:
    """PyTorch warns of backward with create_graph."""


def leaf(lib: Any, *numbers: float) -> Any:
    return lib.tensor(list(numbers) or [1.0, 2.0, 3.0], requires_grad=True)


# -- views ---------------------------------------------------------------------------------------


@as_in_pytorch
def writing_to_views_of_views(lib: Any) -> Any:
    x = lib.zeros(2, 3, 2)
    x[1].mT[0][-1:].add_(1)
    x.permute(2, 0, 1)[0, 0] += 2
    x.view(6, 2)[::2, 0] = 5.0
    x.squeeze().unsqueeze(0).expand(1, 2, 3, 2)[0, 0, 0, 0] = 7.0
    return x


@as_in_pytorch
def views_see_what_is_written_to_the_base_later(lib: Any) -> Any:
    x = lib.zeros(3)
    v = x[1:]
    w = v[0]
    x.add_(1)
    v.mul_(3)
    x[1] = 4.0
    return x, v, w


@as_in_pytorch
def a_view_has_the_history_of_what_was_written_elsewhere(lib: Any) -> Any:
    x, w = leaf(lib), lib.tensor(5.0, requires_grad=True)
    y = x * 2
    v = y[:2]
    y[0] = w
    (v * v).sum().backward()
    return x.grad, w.grad, v.requires_grad, v.is_leaf


@as_in_pytorch
def a_plain_tensor_takes_on_history(lib: Any) -> Any:
    x, w = lib.ones(3), lib.tensor(2.0, requires_grad=True)
    u, v = x[1:], x[:2]
    v[1] = w * 3
    u.sum().backward()
    return x.requires_grad, u, v, w.grad


@as_in_pytorch
def reshape_of_a_transpose_is_a_copy(lib: Any) -> Any:
    x = lib.zeros(2, 3)
    x.mT.reshape(-1).add_(1)
    x.reshape(-1).add_(2)
    return x


@as_in_pytorch
def entries_stay_row_by_row_when_written_through_a_transpose(lib: Any) -> Any:
    x = lib.zeros(2, 3)
    x.mT[0] = 1.0
    x.copy_(lib.ones(3, 2).mT * x)
    x.view(-1)[1] = 9.0
    return x, x.is_contiguous()


@as_in_pytorch
def iterating_gives_views(lib: Any) -> Any:
    x = lib.zeros(2, 2)
    for i, row in enumerate(x):
        row.add_(i + 1)
    a, b = x.unbind(1)
    b += 10
    return x, a, b, [p.tolist() for p in x.split(1)], len(x)


@as_in_pytorch
def splits_are_views(lib: Any) -> Any:
    x = lib.zeros(5)
    for piece in (*x.split([2, 3]), *x.chunk(2), x.narrow(0, 1, 2), x.select(0, 4)):
        piece += 1
    return x


@as_in_pytorch
def indexing_by_lists_and_masks_copies(lib: Any) -> Any:
    x = lib.zeros(4)
    x[[0, 2]].add_(1)
    x[x == 0].add_(1)
    x[[0, -1]] = lib.tensor([1.0, 2.0])
    x[x == 0] = 5.0
    x[x == 5] += lib.tensor([1.0, 2.0])
    return x


@as_in_pytorch
def an_empty_view_of_a_leaf_is_a_view(lib: Any) -> Any:
    x = leaf(lib)
    with pytest.raises(RuntimeError):
        x[3:] += 1
    return x[3:].shape == (0,)


@as_in_pytorch
def a_view_may_be_a_leaf_of_its_own(lib: Any) -> Any:
    x = lib.ones(3)
    v = x[:2].requires_grad_()
    x.mul_(2)
    (v * v).sum().backward()
    with lib.no_grad():
        v -= 1
    return x, v, v.is_leaf, v.grad


# -- detach, data --------------------------------------------------------------------------------


@as_in_pytorch
def detached_tensors_share_entries_and_not_history(lib: Any) -> Any:
    x, w = leaf(lib), lib.tensor(2.0, requires_grad=True)
    y = x * x
    d, e = y.detach(), y.detach()
    d.mul_(w)
    e[0] = -1.0
    y.sum().backward()
    d.sum().backward()
    return x.grad, w.grad, y, d, e


@as_in_pytorch
def a_detached_part_shares_that_part(lib: Any) -> Any:
    x = leaf(lib)
    d = x[1:].detach()
    e = x.detach()[2].requires_grad_()
    d.add_(10)
    with lib.no_grad():
        x[2] = 0.5
    return x, d, e


@as_in_pytorch
def parts_share_after_the_whole_is_gone(lib: Any) -> Any:
    x = lib.arange(4.0)
    d, e = x[:3].detach(), x[1:].detach()
    del x
    d[1] = 7.0
    e.mul_(2)
    return d, e


@as_in_pytorch
def gradients_use_the_values_that_were_there(lib: Any) -> Any:
    x = leaf(lib)
    y = x * 2
    y.data.mul_(100)
    y.sum().backward()
    return y, x.grad


@as_in_pytorch
def replacing_the_data(lib: Any) -> Any:
    x, other = leaf(lib), lib.zeros(3)
    old = x.detach()
    x.data = other
    other[0] = 5.0
    with lib.no_grad():
        x[1] = 6.0
    (x * 2).sum().backward()
    return x, old, other, x.grad


@as_in_pytorch
def detach_in_place(lib: Any) -> Any:
    x = leaf(lib)
    y = x * 2
    v = y[0]
    y.detach_()
    with pytest.raises(RuntimeError):
        v.detach_()
    return y, v, y.is_leaf


@as_in_pytorch
def a_parameter_shares_entries_with_what_it_is_made_of(lib: Any) -> Any:
    x = lib.zeros(2)
    p = lib.nn.Parameter(x)
    x[0] = 3.0
    with lib.no_grad():
        p[1] = 4.0
    return x, p, p.is_leaf


# -- writing and gradients -----------------------------------------------------------------------


@as_in_pytorch
def augmented_assignment_is_in_place(lib: Any) -> Any:
    x = lib.tensor([1.0, 2.0])
    same = x
    x += 1
    x -= 0.5
    x *= lib.tensor(3.0)
    x /= 2
    x **= 2
    y = lib.tensor([1, 2])
    y += 1
    with pytest.raises(RuntimeError):
        y += 0.5
    return same is x, same, y


@as_in_pytorch
def leaves_are_not_written_where_gradients_are_recorded(lib: Any) -> Any:
    x = leaf(lib)
    for write in (lambda: x.add_(1), lambda: x[0].zero_(), lambda: x.__setitem__(0, 1.0)):
        with pytest.raises(RuntimeError):
            write()
    with lib.no_grad():
        x.add_(1)
        x[0] = 9.0
    return x, x.is_leaf


@as_in_pytorch
def updates_under_no_grad_keep_the_history(lib: Any) -> Any:
    x, w = leaf(lib), lib.tensor(5.0, requires_grad=True)
    y = x * 2
    v = y[:1]
    with lib.no_grad():
        y.mul_(w)
        v += 1
    (y.sum() + v.sum()).backward()
    return x.grad, w.grad, y, v


@as_in_pytorch
def what_is_overwritten_has_gradient_zero(lib: Any) -> Any:
    x = leaf(lib)
    y = x * 2
    y.zero_()
    y[:] = lib.ones(3)
    y.sum().backward()
    return y, x.grad


@as_in_pytorch
def gradients_accumulate_in_place(lib: Any) -> Any:
    x = leaf(lib)
    (x * 2).sum().backward()
    g = x.grad
    (x * 3).sum().backward()
    kept = g is x.grad
    x.grad.zero_()
    (x * 1).sum().backward()
    x.grad = None
    (x * 4).sum().backward()
    return kept, g, x.grad


@as_in_pytorch
def gradients_with_a_history_are_replaced(lib: Any) -> Any:
    x = leaf(lib)
    (x**3).sum().backward(create_graph=True)
    g = x.grad
    (x**3).sum().backward(create_graph=True)
    (x.grad.sum()).backward()
    return g is x.grad, g, x.grad


@as_in_pytorch
def a_leaf_that_ceased_to_require_a_gradient_gets_none(lib: Any) -> Any:
    x, w = leaf(lib), leaf(lib)
    y = x * w
    x.requires_grad_(False)
    y.sum().backward()
    return x.grad, w.grad


@as_in_pytorch
def backward_into_chosen_inputs(lib: Any) -> Any:
    x, w = leaf(lib), leaf(lib)
    y = x * w
    (y * y).sum().backward(inputs=[x])
    return x.grad, w.grad


@as_in_pytorch
def retained_gradients_follow_the_tensor(lib: Any) -> Any:
    x = leaf(lib)
    y = x * 2
    z = y * 3
    y.retain_grad()
    y.data.mul_(10)
    first = y.retains_grad, y.is_leaf
    z.sum().backward(retain_graph=True)
    early, y.grad = y.grad, None
    y.mul_(3)
    y.sum().backward()
    return first, early, y.grad, x.grad


@as_in_pytorch
def hooks_see_and_replace_gradients(lib: Any) -> Any:
    x, seen = leaf(lib), []
    y = x * 2
    handle = y.register_hook(lambda g: seen.append(g.tolist()))
    y.register_hook(lambda g: g * 10)
    y.mul_(3)
    x.register_hook(lambda g: g + 1)
    with lib.no_grad():
        x += 1
    y.sum().backward(retain_graph=True)
    handle.remove()
    y.sum().backward()
    return seen, x.grad


@as_in_pytorch
def copies(lib: Any) -> Any:
    x = leaf(lib)
    (x * 2).sum().backward()
    y, z = copy.deepcopy(x), x.clone()
    with lib.no_grad():
        x.zero_()
    with pytest.raises(RuntimeError):
        copy.deepcopy(x * 1)
    return y, y.grad, y.is_leaf, z, z.is_leaf


@as_in_pytorch
def grad_fn_tells_leaves_from_results(lib: Any) -> Any:
    x = leaf(lib)
    return [bool(t.grad_fn) for t in (x, x * 1, x.detach(), (x * 1).detach(), x[0])]


@as_in_pytorch
def equality_with_nothing_and_words(lib: Any) -> Any:
    x = lib.ones(2)
    return x == None, x != None, x == "a", x in [x]  # noqa: E711


@as_in_pytorch
def whether_some_or_all(lib: Any) -> Any:
    x = lib.tensor([[0.0, 2.0], [1.0, 3.0]])
    made = [x.any(), x.all(), x.any(1), (x > 0).all(dim=0), x.all(1, keepdim=True), x[:0].all()]
    return [t.tolist() for t in made]


# -- what is ours alone --------------------------------------------------------------------------


def test_a_view_of_replaced_data_refuses() -> None:
    x = cr.zeros(3)
    v = x[0]
    x.data = cr.ones(3)
    with pytest.raises(cr.errors.GradientError, match="was given other data"):
        v.tolist()
    assert x[0].item() == 1


def test_arrays_that_others_hold_never_change() -> None:
    x = cr.zeros(3)
    array = x.numpy()
    y = x.clone()
    x.add_(1)
    assert array.tolist() == y.tolist() == [0, 0, 0]
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1


def test_spoiled_values_do_not_spoil_gradients() -> None:
    x = leaf(cr)
    y = x.exp()
    before = y.tolist()
    y.mul_(2).add_(1)
    y.sum().backward()
    assert x.grad.tolist() == pytest.approx([2 * v for v in before])


def test_a_long_chain_of_views() -> None:
    x = cr.zeros(2)
    v = x
    for _ in range(3000):
        v = v.unsqueeze(0)[0]
    v.add_(1)
    assert x.tolist() == [1, 1]
