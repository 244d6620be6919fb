"""What a trainer is made of, looked at before anything is trained."""

from __future__ import annotations

from typing import Any

from chainrule.core.errors import ArgumentError
from chainrule.nn.module import Module
from chainrule.optim import Optimizer


def require_parts(
    model: Any, loss: Any, optimizer: Any, schedule: Any, schedule_every: Any, clip_norm: Any
) -> None:
    """Raise ArgumentError for parts of other kinds, and where they do not go together.

    >>> import chainrule as cr
    >>> net = cr.nn.Linear(1, 1)
    >>> require_parts(net, None, cr.optim.SGD(net.parameters()), None, "epoch", None)
    Traceback (most recent call last):
        ...
    chainrule.core.errors.ArgumentError: the loss is a NoneType
      ...
    """
    for name, found, fits, expected in (
        ("model", model, isinstance(model, Module), "a cr.nn.Module"),
        ("loss", loss, callable(loss), "a function of output and target"),
        ("optimizer", optimizer, isinstance(optimizer, Optimizer), "a cr.optim.Optimizer"),
        ("schedule", schedule, schedule is None or hasattr(schedule, "step"), "a schedule or None"),
    ):
        if not fits:
            raise ArgumentError(f"the {name} is a {type(found).__name__}", expected=expected)
    if schedule is not None and getattr(schedule, "optimizer", optimizer) is not optimizer:
        raise ArgumentError(
            "the schedule belongs to another optimizer",
            hint="make it from the optimizer that the trainer gets",
        )
    if schedule_every not in ("epoch", "batch"):
        raise ArgumentError(f"schedule_every is {schedule_every!r}", expected="'epoch' or 'batch'")
    number = isinstance(clip_norm, int | float) and not isinstance(clip_norm, bool)
    if clip_norm is not None and not (number and clip_norm > 0):
        raise ArgumentError(f"clip_norm is {clip_norm!r}", expected="a number above 0")
