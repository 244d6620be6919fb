"""A compiled function, called with tensors that share storage in another way than before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import chainrule as cr
from tests.core.beside import plain

Runner = Callable[[Callable[..., Any]], Callable[..., Any]]
Case = Callable[[Any, Runner], list[Any]]
CASES: list[Case] = []


def case(function: Case) -> Case:
    """Run it with PyTorch, eagerly and compiled."""
    CASES.append(function)
    return function


@pytest.mark.parametrize("function", CASES, ids=lambda function: function.__name__)
def test_calls(function: Case) -> None:
    torch = pytest.importorskip("torch")
    wanted = plain(function(torch, lambda step: step))
    assert plain(function(cr, lambda step: step)) == wanted
    assert plain(function(cr, cr.compile)) == wanted


@case
def detached_arguments(lib: Any, runner: Runner) -> list[Any]:
    def body(x: Any, d: Any) -> Any:
        x.add_(1)
        return d * 2

    step = runner(body)
    x, other = lib.tensor([1.0, 2.0]), lib.tensor([5.0, 5.0])
    y = lib.tensor([1.0, 2.0], requires_grad=True).detach()
    calls = (
        (x, other), (x, x.detach()), (x, x), (x, x[1]), (x, x.detach()[1]), (x[0], x.detach()[0]),
        (x[1].detach(), x.detach()[1]), (x[1].detach(), x.detach()[0]), (y, other), (y, y.data),
    )  # fmt: skip
    return [*(step(*given).tolist() for given in calls), x, y]


@case
def an_argument_that_the_function_reaches_too(lib: Any, runner: Runner) -> list[Any]:
    g = lib.tensor([1.0, 2.0])
    h, v = g.detach(), g[0]

    def body(x: Any) -> Any:
        x.add_(1)
        return h * 2 + v

    step = runner(body)
    strangers = lib.tensor([7.0, 7.0]), lib.tensor([8.0, 8.0])
    return [step(x).tolist() for x in (strangers[0], g, h, strangers[1], g.data)]


@case
def data_replaced_between_calls(lib: Any, runner: Runner) -> list[Any]:
    p, q = lib.tensor([1.0, 2.0]), lib.tensor([1.0, 2.0])

    def body() -> Any:
        p.add_(1)
        return q * 2

    step = runner(body)
    seen = [step().tolist()]
    q.data = p
    seen.append(step().tolist())
    q.data = p.clone()
    return [*seen, step().tolist(), p, q]


@case
def results_share_with_what_they_were_made_of(lib: Any, runner: Runner) -> list[Any]:
    p = lib.tensor([1.0, 2.0, 3.0], requires_grad=True)

    def body(x: Any) -> Any:
        d = p.detach()
        y = x * p
        return d, d[1:], x[0], y, y.detach(), y[:1]

    step = runner(body)
    for _ in range(2):
        x = lib.tensor([1.0, 1.0, 1.0])
        d, part, first, y, e, z = step(x)
        y.sum().backward()
        d.mul_(2)
        part[0] = 9.0
        first.fill_(5.0)
        e.add_(1)
    return [p, p.grad, d, part, x, first, y, e, z]


@case
def leaves_made_in_the_function(lib: Any, runner: Runner) -> list[Any]:
    def body(x: Any) -> Any:
        h = (x * 2).detach().requires_grad_()
        (h * h).sum().backward()
        return h, h.grad

    h, g = runner(body)(lib.tensor([1.0, 2.0]))
    (h * 3).sum().backward()
    return [h, g, h.grad, h.is_leaf]


@case
def gradients_replaced_while_they_accumulate(lib: Any, runner: Runner) -> list[Any]:
    p = lib.tensor([1.0, 2.0], requires_grad=True)

    def body() -> None:
        (p * 3).sum().backward()
        old, p.grad = p.grad, None
        (p * 5).sum().backward()
        old.mul_(10)

    step, seen = runner(body), []
    for _ in range(3):
        step()
        seen.append(p.grad.tolist())
    return seen
