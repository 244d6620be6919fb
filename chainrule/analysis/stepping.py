"""What one step of an optimizer takes."""

from __future__ import annotations

from typing import Any

from chainrule.core.capture import capture
from chainrule.core.cost import Cost
from chainrule.core.errors import ArgumentError
from chainrule.core.state import no_grad
from chainrule.ops.creation import zeros_like
from chainrule.readings.account import account


def step_cost(optimizer: Any) -> Cost:
    """The operations of a step in which every parameter has a gradient.

    >>> import chainrule as cr
    >>> step_cost(cr.optim.SGD(cr.nn.Linear(3, 4).parameters(), lr=0.1))
    {'add': 1, 'multiply': 16, 'subtract': 16}
    """
    groups = getattr(optimizer, "param_groups", None)
    if groups is None or not hasattr(optimizer, "step"):
        raise ArgumentError(f"not an optimizer: a value of type {type(optimizer).__name__}",
                            hint="cr.optim.SGD(model.parameters(), lr=0.1)")  # fmt: skip

    def step() -> None:
        for group in groups:
            for parameter in group["params"]:
                with no_grad():
                    parameter.grad = zeros_like(parameter)
        optimizer.step()

    return account(capture(step)).cost
