"""Schedules: learning rates that change with the epoch."""

from __future__ import annotations

from typing import Any

from chainrule.core.errors import ArgumentError
from chainrule.core.state import no_grad, quiet
from chainrule.core.tensor import Tensor
from chainrule.ops.elementwise import where
from chainrule.ops.rounding import floor
from chainrule.optim.live import Live, constant
from chainrule.optim.optimizer import Optimizer


class Schedule:
    """What all schedules share: ``step()`` counts an epoch and sets the rate of every group.

    A subclass computes `next` in tensors, so that it can be part of a captured step.
    """

    def __init__(self, optimizer: Optimizer) -> None:
        self.optimizer = optimizer
        self._count = Live(last_epoch=0)
        for group in optimizer.param_groups:
            group.setdefault("initial_lr", group["lr"])

    def next(self, lr: Tensor, epoch: Tensor, initial: Tensor) -> Tensor:
        """The rate of an epoch, from that of the one before and the initial one."""
        raise NotImplementedError

    def step(self) -> None:
        """Count an epoch, and set the learning rates."""
        with no_grad(), quiet():
            self._count["last_epoch"] = self._count["last_epoch"] + 1
            epoch = constant(self._count["last_epoch"])
            for group in self.optimizer.param_groups:
                lr, initial = constant(group["lr"]), constant(group["initial_lr"])
                group["lr"] = self.next(lr, epoch, initial)

    @property
    def last_epoch(self) -> Any:
        """How many epochs have been counted."""
        return self._count["last_epoch"]

    def get_last_lr(self) -> list[Any]:
        """The learning rates of the groups."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self) -> dict[str, Any]:
        """What `load_state_dict` needs (the rates are the optimizer's)."""
        return {"last_epoch": self.last_epoch}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a saved epoch."""
        self._count["last_epoch"] = state_dict["last_epoch"]


class StepLR(Schedule):
    """The learning rate times ``gamma`` every ``step_size`` epochs.

    >>> import chainrule as cr
    >>> optimizer = cr.optim.SGD([cr.nn.Parameter(cr.zeros(1))], lr=1.0)
    >>> schedule = cr.optim.StepLR(optimizer, step_size=2, gamma=0.5)
    >>> for _ in range(5):
    ...     schedule.step()
    >>> schedule.get_last_lr()
    [0.25]
    """

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1) -> None:
        if step_size < 1:
            raise ArgumentError(f"StepLR: step_size is {step_size}", expected="at least 1")
        super().__init__(optimizer)
        self.step_size, self.gamma = step_size, gamma

    def next(self, lr: Tensor, epoch: Tensor, initial: Tensor) -> Tensor:
        whole = floor(epoch / self.step_size) * self.step_size == epoch
        return where(whole, lr * self.gamma, lr)
