"""Handles and their gradients, side by side with PyTorch."""

from __future__ import annotations

import copy
from typing import Any

import pytest

import chainrule as cr
from tests.core.beside import as_in_pytorch, leaf

# -- writing and gradients -----------------------------------------------------------------------


@as_in_pytorch
def test_augmented_assignment_is_in_place(lib: Any) -> Any:
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
def test_leaves_are_not_written_where_gradients_are_recorded(lib: Any) -> Any:
    x = leaf(lib)
    for write in (lambda: x.add_(1), lambda: x[0].zero_(), lambda: x.__setitem__(0, 1.0)):
        with pytest.raises(RuntimeError):
            write()
    with lib.no_grad():
        x.add_(1)
        x[0] = 9.0
    return x, x.is_leaf


@as_in_pytorch
def test_updates_under_no_grad_keep_the_history(lib: Any) -> Any:
    x, w = leaf(lib), lib.tensor(5.0, requires_grad=True)
    y = x * 2
    v = y[:1]
    with lib.no_grad():
        y.mul_(w)
        v += 1
    (y.sum() + v.sum()).backward()
    return x.grad, w.grad, y, v


@as_in_pytorch
def test_what_is_overwritten_has_gradient_zero(lib: Any) -> Any:
    x = leaf(lib)
    y = x * 2
    y.zero_()
    y[:] = lib.ones(3)
    y.sum().backward()
    return y, x.grad


@as_in_pytorch
def test_gradients_accumulate_in_place(lib: Any) -> Any:
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
def test_gradients_with_a_history_are_replaced(lib: Any) -> Any:
    x = leaf(lib)
    (x**3).sum().backward(create_graph=True)
    g = x.grad
    (x**3).sum().backward(create_graph=True)
    (x.grad.sum()).backward()
    return g is x.grad, g, x.grad


@as_in_pytorch
def test_a_leaf_that_ceased_to_require_a_gradient_gets_none(lib: Any) -> Any:
    x, w = leaf(lib), leaf(lib)
    y = x * w
    x.requires_grad_(False)
    y.sum().backward()
    return x.grad, w.grad


@as_in_pytorch
def test_backward_into_chosen_inputs(lib: Any) -> Any:
    x, w = leaf(lib), leaf(lib)
    y = x * w
    (y * y).sum().backward(inputs=[x])
    return x.grad, w.grad


@as_in_pytorch
def test_retained_gradients_follow_the_tensor(lib: Any) -> Any:
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
def test_hooks_see_and_replace_gradients(lib: Any) -> Any:
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
def test_copies(lib: Any) -> Any:
    x = leaf(lib)
    (x * 2).sum().backward()
    y, z = copy.deepcopy(x), x.clone()
    with lib.no_grad():
        x.zero_()
    with pytest.raises(RuntimeError):
        copy.deepcopy(x * 1)
    return y, y.grad, y.is_leaf, z, z.is_leaf


@as_in_pytorch
def test_grad_fn_tells_leaves_from_results(lib: Any) -> Any:
    x = leaf(lib)
    return [bool(t.grad_fn) for t in (x, x * 1, x.detach(), (x * 1).detach(), x[0])]


@as_in_pytorch
def test_equality_with_nothing_and_words(lib: Any) -> Any:
    x = lib.ones(2)
    return x == None, x != None, x == "a", x in [x]  # noqa: E711


@as_in_pytorch
def test_whether_some_or_all(lib: Any) -> Any:
    x = lib.tensor([[0.0, 2.0], [1.0, 3.0]])
    made = [x.any(), x.all(), x.any(1), (x > 0).all(dim=0), x.all(1, keepdim=True), x[:0].all()]
    return [t.tolist() for t in made]


# -- what is ours alone --------------------------------------------------------------------------


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
