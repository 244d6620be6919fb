"""Schedules that multiply the learning rate by a factor from epoch to epoch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from chainrule.core.errors import ArgumentError
from chainrule.core.tensor import Tensor
from chainrule.ops.elementwise.elementary import where
from chainrule.ops.elementwise.rounding import floor
from chainrule.optim.live import Live, constant
from chainrule.optim.optimizer import Optimizer
from chainrule.optim.schedule import LRScheduler, by_group, number, plain, refuse_capture, whole


class StepLR(LRScheduler):
    """The learning rate times ``gamma`` every ``step_size`` epochs.

    Raises ArgumentError unless ``step_size`` is a whole number from 1.

    >>> import chainrule as cr
    >>> optimizer = cr.optim.SGD([cr.nn.Parameter(cr.zeros(1))], lr=1.0)
    >>> schedule = cr.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5)
    >>> for _ in range(5):
    ...     schedule.step()
    >>> schedule.get_last_lr()
    [0.25]
    """

    saved = ("step_size", "gamma")

    def __init__(
        self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        whole(self, 1, step_size=step_size)
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer, last_epoch)

    def next(self, lr: Tensor, epoch: Tensor, initial: Tensor) -> Tensor:
        hit = (floor(epoch / self.step_size) * self.step_size == epoch) & (epoch > 0)
        return where(hit, lr * self.gamma, lr)


class MultiStepLR(LRScheduler):
    """The learning rate times ``gamma`` at each of the epochs ``milestones``.

    >>> import chainrule as cr
    >>> optimizer = cr.optim.SGD([cr.nn.Parameter(cr.zeros(1))], lr=1.0)
    >>> schedule = cr.optim.lr_scheduler.MultiStepLR(optimizer, milestones=[1, 3], gamma=0.5)
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.5]
    """

    saved = ("milestones", "gamma")

    def __init__(
        self,
        optimizer: Optimizer,
        milestones: Iterable[int],
        gamma: float = 0.1,
        last_epoch: int = -1,
    ) -> None:
        self.milestones, self.gamma = Counter(milestones), gamma
        super().__init__(optimizer, last_epoch)

    def next(self, lr: Tensor, epoch: Tensor, initial: Tensor) -> Tensor:
        for milestone, times in self.milestones.items():
            lr = where(epoch.eq(milestone), lr * number(self.gamma, lr) ** times, lr)
        return lr

    def state_dict(self) -> dict[str, Any]:
        """As for all schedules, the milestones as a list."""
        return {**super().state_dict(), "milestones": sorted(self.milestones.elements())}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """As for all schedules."""
        super().load_state_dict(state_dict)
        self.milestones = Counter(self.milestones)


class ExponentialLR(LRScheduler):
    """The learning rate times ``gamma`` every epoch.

    >>> import chainrule as cr
    >>> optimizer = cr.optim.SGD([cr.nn.Parameter(cr.zeros(1))], lr=1.0)
    >>> schedule = cr.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.5]
    """

    saved = ("gamma",)

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def next(self, lr: Tensor, epoch: Tensor, initial: Tensor) -> Tensor:
        return where(epoch > 0, lr * self.gamma, lr)

    def resumed(self, lr: Tensor, epoch: Tensor, initial: Tensor) -> Tensor:
        return lr


class ConstantLR(LRScheduler):
    """The learning rate times ``factor`` for the first ``total_iters`` epochs.

    Raises ArgumentError for a factor that is not above 0 and at most 1.

    >>> import chainrule as cr
    >>> optimizer = cr.optim.SGD([cr.nn.Parameter(cr.zeros(1))], lr=1.0)
    >>> schedule = cr.optim.lr_scheduler.ConstantLR(optimizer, factor=0.5, total_iters=1)
    >>> before = schedule.get_last_lr()
    >>> schedule.step()
    >>> before, schedule.get_last_lr()
    ([0.5], [1.0])
    """

    saved = ("factor", "total_iters")

    def __init__(
        self,
        optimizer: Optimizer,
        factor: float = 1 / 3,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        if not 0 < factor <= 1:
            raise ArgumentError(f"ConstantLR: factor is {factor}", expected="above 0, at most 1")
        self.factor, self.total_iters = factor, total_iters
        super().__init__(optimizer, last_epoch)

    def next(self, lr: Tensor, epoch: Tensor, initial: Tensor) -> Tensor:
        back = where(epoch.eq(self.total_iters), lr * (1 / number(self.factor, lr)), lr)
        return where(epoch.eq(0), lr * self.factor, back)


class LinearLR(LRScheduler):
    """A warm-up: the learning rate times a factor that goes evenly from ``start_factor`` to
    ``end_factor`` in ``total_iters`` epochs.

    Raises ArgumentError for factors above 1, a start that is not above 0, and an end below 0.

    >>> import chainrule as cr
    >>> optimizer = cr.optim.SGD([cr.nn.Parameter(cr.zeros(1))], lr=1.0)
    >>> schedule = cr.optim.lr_scheduler.LinearLR(optimizer, start_factor=0.5, total_iters=2)
    >>> rates = schedule.get_last_lr()
    >>> for _ in range(3):
    ...     schedule.step()
    ...     rates += schedule.get_last_lr()
    >>> rates
    [0.5, 0.75, 1.0, 1.0]
    """

    saved = ("start_factor", "end_factor", "total_iters")

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        if not 0 < start_factor <= 1:
            raise ArgumentError(
                f"LinearLR: start_factor is {start_factor}", expected="above 0, at most 1"
            )
        if not 0 <= end_factor <= 1:
            raise ArgumentError(f"LinearLR: end_factor is {end_factor}", expected="from 0 to 1")
        self.start_factor, self.end_factor, self.total_iters = start_factor, end_factor, total_iters
        super().__init__(optimizer, last_epoch)

    def next(self, lr: Tensor, epoch: Tensor, initial: Tensor) -> Tensor:
        start, end = number(self.start_factor, lr), number(self.end_factor, lr)
        on_the_way = (epoch > 0) & (epoch <= self.total_iters)
        reached = self.total_iters * start + (epoch - 1) * (end - start)
        ratio = 1 + (end - start) / where(on_the_way, reached, 1)
        return where(epoch.eq(0), lr * start, where(on_the_way, lr * ratio, lr))

    def resumed(self, lr: Tensor, epoch: Tensor, initial: Tensor) -> Tensor:
        return lr


class PolynomialLR(LRScheduler):
    """The initial learning rate times (1 - epoch / total_iters)^power, down to 0.

    >>> import chainrule as cr
    >>> optimizer = cr.optim.SGD([cr.nn.Parameter(cr.zeros(1))], lr=1.0)
    >>> schedule = cr.optim.lr_scheduler.PolynomialLR(optimizer, total_iters=2, power=2.0)
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.25]
    """

    saved = ("total_iters", "power")

    def __init__(
        self, optimizer: Optimizer, total_iters: int = 5, power: float = 1.0, last_epoch: int = -1
    ) -> None:
        self.total_iters, self.power = total_iters, power
        super().__init__(optimizer, last_epoch)

    def next(self, lr: Tensor, epoch: Tensor, initial: Tensor) -> Tensor:
        on_the_way = (epoch > 0) & (epoch <= self.total_iters)
        now, before = 1 - epoch / self.total_iters, 1 - (epoch - 1) / self.total_iters
        ratio = where(on_the_way, now, 1) / where(on_the_way, before, 1)
        return where(on_the_way, lr * ratio**self.power, lr)

    def resumed(self, lr: Tensor, epoch: Tensor, initial: Tensor) -> Tensor:
        return lr


Factor = Callable[[int], float]


class LambdaLR(LRScheduler):
    """The initial learning rate times a function of the epoch; one for all groups or one for each.

    It calls Python code, and so cannot be part of a captured step: raises CaptureError there, and
    ArgumentError for another number of functions than groups.  Functions are not saved.

    >>> import chainrule as cr
    >>> optimizer = cr.optim.SGD([cr.nn.Parameter(cr.zeros(1))], lr=1.0)
    >>> schedule = cr.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 1 / (1 + epoch))
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.5]
    """

    def __init__(
        self, optimizer: Optimizer, lr_lambda: Factor | list[Factor], last_epoch: int = -1
    ) -> None:
        self.optimizer = optimizer
        self.lr_lambdas = by_group(self, "lr_lambda", lr_lambda)
        super().__init__(optimizer, last_epoch)

    def _advance(self, on: Any = True, again: Any = False, first: bool = False) -> None:
        refuse_capture(self, "calls a Python function of the epoch")
        super()._advance(on, again, first)

    def _set(self, group: Live, base: Any, epoch: Any, on: Any, again: Any, first: bool) -> None:
        start = constant(base)
        group["lr"] = plain(start * number(self._factor(group, epoch), start))

    def _factor(self, group: Live, epoch: int) -> Any:
        """What the function of a group says."""
        pairs = zip(self.optimizer.param_groups, self.lr_lambdas, strict=True)
        return next(function for other, function in pairs if other is group)(epoch)


class MultiplicativeLR(LambdaLR):
    """The learning rate times a function of the epoch, every epoch but the first.

    What is raised, and saved, is as in `LambdaLR`.

    >>> import chainrule as cr
    >>> optimizer = cr.optim.SGD([cr.nn.Parameter(cr.zeros(1))], lr=1.0)
    >>> schedule = cr.optim.lr_scheduler.MultiplicativeLR(optimizer, lambda epoch: 0.5)
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.5]
    """

    def _set(self, group: Live, base: Any, epoch: Any, on: Any, again: Any, first: bool) -> None:
        if epoch > 0 and not first:
            lr = constant(group["lr"])
            group["lr"] = plain(lr * number(self._factor(group, epoch), lr))
