"""Schedules along half a wave of the cosine.  Of Loshchilov and Hutter, SGDR (2017)."""

from __future__ import annotations

import math
from typing import Any

from chainrule.core.errors import ArgumentError
from chainrule.core.state import no_grad, quiet
from chainrule.core.tensor import Tensor
from chainrule.ops.elementwise.elementary import cos, where
from chainrule.ops.elementwise.rounding import floor
from chainrule.optim.live import Live, constant
from chainrule.optim.optimizer import Optimizer
from chainrule.optim.schedule import LRScheduler, choose, number, pi, plain, whole


class CosineAnnealingLR(LRScheduler):
    """From the initial learning rate down to ``eta_min`` in ``T_max`` epochs, along half a wave of
    the cosine, and up again.

    Each rate is made from the one before, as in PyTorch.  Raises ArgumentError unless ``T_max`` is
    a whole number from 1.

    >>> import chainrule as cr
    >>> optimizer = cr.optim.SGD([cr.nn.Parameter(cr.zeros(1))], lr=1.0)
    >>> schedule = cr.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=2)
    >>> schedule.step()
    >>> round(schedule.get_last_lr()[0], 12)
    0.5
    """

    saved = ("T_max", "eta_min")

    def __init__(
        self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1
    ) -> None:
        whole(self, 1, T_max=T_max)
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer, last_epoch)

    def next(self, lr: Tensor, epoch: Tensor, initial: Tensor) -> Tensor:
        low, half = number(self.eta_min, lr), pi(lr)
        waves = (epoch - 1 - self.T_max) / (2 * self.T_max)
        at_the_bottom = floor(waves) == waves  # the epoch before: nothing above low to multiply
        before = 1 + cos(half * (epoch - 1) / self.T_max)
        ratio = (1 + cos(half * epoch / self.T_max)) / where(at_the_bottom, 1, before)
        first_up = lr + (initial - low) * (1 - cos(half / self.T_max)) / 2
        made = where(at_the_bottom, first_up, ratio * (lr - low) + low)
        return where(epoch.eq(0), lr, made)

    def resumed(self, lr: Tensor, epoch: Tensor, initial: Tensor) -> Tensor:
        return lr


class CosineAnnealingWarmRestarts(LRScheduler):
    """From the initial learning rate down to ``eta_min`` along half a wave of the cosine, again and
    again: in ``T_0`` epochs first, then in ``T_mult`` times as many as the time before.

    ``step(epoch)`` goes to an epoch, which may be a fraction.  Raises ArgumentError for what are no
    whole numbers from 1, and for an epoch below 0.

    >>> import chainrule as cr
    >>> optimizer = cr.optim.SGD([cr.nn.Parameter(cr.zeros(1))], lr=1.0)
    >>> schedule = cr.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, T_0=2)
    >>> schedule.step(2.5)
    >>> round(schedule.get_last_lr()[0], 4)
    0.8536
    """

    saved = ("T_0", "T_mult", "eta_min")

    def __init__(
        self,
        optimizer: Optimizer,
        T_0: int,
        T_mult: int = 1,
        eta_min: float = 0.0,
        last_epoch: int = -1,
    ) -> None:
        whole(self, 1, T_0=T_0, T_mult=T_mult)
        self.T_0, self.T_mult, self.eta_min = T_0, T_mult, eta_min
        super().__init__(optimizer, last_epoch)

    @property
    def T_cur(self) -> Any:
        """The epochs since the last restart."""
        return self._count["T_cur"]

    @property
    def T_i(self) -> Any:
        """The epochs from the last restart to the next."""
        return self._count["T_i"]

    def step(self, epoch: float | None = None) -> None:
        """Count an epoch, or go to the one that is given, and set the learning rates."""
        if epoch is None:
            super().step()
            return
        if epoch < 0:
            raise ArgumentError(f"CosineAnnealingWarmRestarts: the epoch is {epoch}, below 0")
        restarts = 0
        if self.T_mult == 1:
            start = epoch // self.T_0 * self.T_0
        else:
            if epoch >= self.T_0:
                restarts = int(math.log(epoch / self.T_0 * (self.T_mult - 1) + 1, self.T_mult))
            start = self.T_0 * (self.T_mult**restarts - 1) // (self.T_mult - 1)
        self._count["T_cur"] = epoch - start
        self._count["T_i"] = self.T_0 * self.T_mult**restarts
        self._count["last_epoch"] = math.floor(epoch)
        with no_grad(), quiet():
            for group, base in zip(self.optimizer.param_groups, self._bases, strict=True):
                self._set(group, base["lr"], None, True, False, False)

    def _tick(self, on: Any, again: Any) -> Any:
        if "T_cur" not in self._count.keys():  # noqa: SIM118  (these are no dict)
            self._count["T_cur"], self._count["T_i"] = self._count["last_epoch"], self.T_0
            if self._count["last_epoch"] < 0:
                again = True
        since, period = self.T_cur + 1, self.T_i
        over = since >= period
        rest = since - period if isinstance(since, Tensor) else since % period
        now = choose(again, 0, choose(over, rest, since))
        then = choose(again, self.T_0, choose(over, period * self.T_mult, period))
        self._count["T_cur"] = choose(on, now, self.T_cur)
        self._count["T_i"] = choose(on, then, period)
        return super()._tick(on, again)

    def _set(self, group: Live, base: Any, epoch: Any, on: Any, again: Any, first: bool) -> None:
        initial = constant(base)
        low = number(self.eta_min, initial)
        part = number(self.T_cur, initial) / number(self.T_i, initial)
        made = low + (initial - low) * (1 + cos(pi(initial) * part)) / 2
        group["lr"] = plain(choose(on, made, constant(group["lr"])))
