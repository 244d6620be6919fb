"""One training step: loss, gradients, clipping, update."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from chainrule.backends import compile as compiled
from chainrule.core import tree
from chainrule.core.errors import ArgumentError, GradientError
from chainrule.core.size import prod
from chainrule.core.tensor import Tensor
from chainrule.nn.module import Module
from chainrule.nn.utils import clip_grad_norm_
from chainrule.optim import Optimizer

Forward = Callable[[Module, Any], tuple[Any, Any]]
"""What a network makes of a batch, and what it should have made."""


def last_is_target(model: Module, batch: Any) -> tuple[Any, Any]:
    """The network's output for all parts of a batch but the last, which is the target."""
    if not isinstance(batch, tuple | list) or len(batch) < 2:
        raise ArgumentError(
            "a batch is not made of inputs and a target",
            got=f"a {type(batch).__name__}"
            + (f" of {len(batch)}" if isinstance(batch, tuple | list) else ""),
            hint="say what to do with it: Trainer(..., forward=lambda model, batch: "
            "(model(batch['x']), batch['y']))",
        )
    return model(*batch[:-1]), batch[-1]


def make_step(
    model: Module,
    loss: Callable[[Any, Any], Tensor],
    optimizer: Optimizer,
    forward: Forward,
    clip_norm: float | None,
    check: Callable[[float], None],
    compile: bool,
) -> Callable[[Any], tuple[float, Any, Any]]:
    """A function of a batch that trains on it, and gives loss, output and target.

    ``check`` is told the loss and may raise: in eager mode before anything has changed; a compiled
    step is one function, and has been made by then.
    """

    def compute(batch: Any) -> tuple[Tensor, Any, Any]:
        optimizer.zero_grad()
        output, target = forward(model, batch)
        value = loss(output, target)
        _require_number("the loss", value)
        return value, output, target

    def update(value: Tensor) -> None:
        value.backward()
        _require_gradient(optimizer)
        if clip_norm is not None:
            clip_grad_norm_(model.parameters(), clip_norm)
        optimizer.step()

    def whole(batch: Any) -> tuple[Tensor, Any, Any]:
        value, output, target = compute(batch)
        update(value)
        return value.detach(), detached(output), target

    if compile:
        run = compiled(whole)

        def step(batch: Any) -> tuple[float, Any, Any]:
            value, output, target = run(batch)
            check(number := float(value))
            return number, output, target

        return step

    def eager(batch: Any) -> tuple[float, Any, Any]:
        value, output, target = compute(batch)
        check(number := float(value))
        update(value)
        return number, detached(output), target

    return eager


def _require_number(what: str, value: Any) -> None:
    """Raise ArgumentError unless a value is a tensor with one entry."""
    if not isinstance(value, Tensor) or prod(value.shape) != 1:
        raise ArgumentError(
            f"{what} is not one number",
            got=f"a tensor {tuple(value.shape)}"
            if isinstance(value, Tensor)
            else f"a {type(value).__name__}",
            expected="a tensor with one entry",
            hint="a loss of each example becomes one number by .mean() or .sum()",
        )


def _require_gradient(optimizer: Optimizer) -> None:
    """Raise GradientError where the loss does not depend on anything that is optimized."""
    if all(p.grad is None for group in optimizer.param_groups for p in group["params"]):
        raise GradientError(
            "the loss depends on no parameter of the optimizer, so that nothing is trained",
            hint="make the optimizer from the network that is trained: model.parameters()",
        )


def detached(output: Any) -> Any:
    """The output without its history, which would keep the whole graph."""
    return tree.mapped(lambda x: x.detach() if isinstance(x, Tensor) else x, output)


def takes_metric(schedule: Any) -> bool:
    """Whether a schedule's step wants the value that it watches, as one for plateaus does."""
    parameters = inspect.signature(schedule.step).parameters.values()
    return any(p.default is p.empty and p.kind <= p.POSITIONAL_OR_KEYWORD for p in parameters)
