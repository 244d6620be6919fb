"""A schedule that watches how training goes."""

from __future__ import annotations

import math
from typing import Any

from chainrule.core.errors import ArgumentError
from chainrule.optim.live import Counters, constant
from chainrule.optim.optimizer import Optimizer
from chainrule.optim.schedule import (
    LRScheduler,
    by_group,
    number,
    plain,
    refuse_capture,
    require_optimizer,
)


class ReduceLROnPlateau(LRScheduler):
    """The learning rate times ``factor`` once a metric has not got better for ``patience`` epochs.

    ``mode`` says whether smaller (``min``) or larger (``max``) is better: by more than
    ``threshold``, a share of the best value so far (``rel``) or a distance from it (``abs``).
    After a reduction, ``cooldown`` epochs are not judged; rates stay at ``min_lr`` or above, and
    changes of at most ``eps`` are not made.  Raises ArgumentError for a factor of 1 or more, and
    for unknown modes.  It decides by values, and so cannot be part of a captured step: raises
    CaptureError there.

    >>> import chainrule as cr
    >>> optimizer = cr.optim.SGD([cr.nn.Parameter(cr.zeros(1))], lr=1.0)
    >>> schedule = cr.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
    >>> for loss in (3.0, 3.0, 3.0):
    ...     schedule.step(loss)
    >>> schedule.get_last_lr()
    [0.5]
    """

    saved = (
        "mode",
        "factor",
        "patience",
        "threshold",
        "threshold_mode",
        "cooldown",
        "min_lrs",
        "eps",
    )

    def __init__(
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float | list[float] = 0.0,
        eps: float = 1e-8,
    ) -> None:
        require_optimizer(self, optimizer)
        if factor >= 1:
            raise ArgumentError(f"ReduceLROnPlateau: factor is {factor}", expected="below 1")
        if mode not in ("min", "max"):
            raise ArgumentError(f"ReduceLROnPlateau: mode is {mode!r}", expected="'min' or 'max'")
        if threshold_mode not in ("rel", "abs"):
            raise ArgumentError(
                f"ReduceLROnPlateau: threshold_mode is {threshold_mode!r}",
                expected="'rel' or 'abs'",
            )
        self.optimizer = optimizer
        self.mode, self.factor, self.patience = mode, factor, patience
        self.threshold, self.threshold_mode = threshold, threshold_mode
        self.cooldown, self.eps = cooldown, eps
        self.min_lrs = by_group(self, "min_lr", min_lr)
        self._bases = [Counters(lr=group["lr"]) for group in optimizer.param_groups]
        worst = math.inf if mode == "min" else -math.inf
        self._count = Counters(last_epoch=0, best=worst, num_bad_epochs=0, cooldown_counter=0)

    @property
    def best(self) -> Any:
        """The best value so far."""
        return self._count["best"]

    @property
    def num_bad_epochs(self) -> Any:
        """How many epochs in a row have not been better."""
        return self._count["num_bad_epochs"]

    @property
    def cooldown_counter(self) -> Any:
        """How many epochs are still not judged."""
        return self._count["cooldown_counter"]

    @property
    def in_cooldown(self) -> Any:
        """Whether epochs are not judged now."""
        return self.cooldown_counter > 0

    def step(self, metrics: Any) -> None:  # type: ignore[override]
        """Judge an epoch by its metric, a number or a tensor with one entry."""
        refuse_capture(self, "decides by the value of a metric")
        value, count = float(metrics), self._count
        count["last_epoch"] = count["last_epoch"] + 1
        better = self._better(value)
        count["num_bad_epochs"] = 0 if better else count["num_bad_epochs"] + 1
        if better:
            count["best"] = value
        if self.in_cooldown:
            count["cooldown_counter"] = count["cooldown_counter"] - 1
            count["num_bad_epochs"] = 0
        if count["num_bad_epochs"] > self.patience:
            self._reduce()
            count["cooldown_counter"], count["num_bad_epochs"] = self.cooldown, 0

    def _better(self, value: float) -> bool:
        best, sign = self.best, 1 if self.mode == "max" else -1
        if self.threshold_mode == "rel":
            bound = best * (1 + sign * self.threshold)
        else:
            bound = best + sign * self.threshold
        return bool(value > bound if self.mode == "max" else value < bound)

    def _reduce(self) -> None:
        floors = self.min_lrs
        for group, low in zip(self.optimizer.param_groups, floors, strict=True):
            lr = constant(group["lr"])
            new = (lr * number(self.factor, lr)).maximum(number(low, lr))
            if (lr - new).item() > self.eps:
                group["lr"] = plain(new)
