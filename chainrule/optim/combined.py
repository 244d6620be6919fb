"""Schedules made of schedules: one after the other, or all at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from chainrule.core.errors import ArgumentError
from chainrule.core.state import no_grad, quiet
from chainrule.core.tensor import Tensor
from chainrule.optim.live import Counters
from chainrule.optim.optimizer import Optimizer
from chainrule.optim.plateau import ReduceLROnPlateau
from chainrule.optim.schedule import LRScheduler, require_kinds, required


class Combined(LRScheduler):
    """What both share: schedules of one optimizer, saved together."""

    _schedulers: list[Any]

    def _take(self, optimizer: Optimizer | None, schedulers: Sequence[Any]) -> None:
        """Keep the schedules; raises ArgumentError where they do not go together."""
        name = type(self).__name__
        if not schedulers:
            raise ArgumentError(f"{name} without schedules")
        self.optimizer = optimizer or schedulers[0].optimizer
        for i, schedule in enumerate(schedulers):
            if isinstance(schedule, ReduceLROnPlateau) or not isinstance(schedule, LRScheduler):
                raise ArgumentError(
                    f"{name}: schedule {i} is a {type(schedule).__name__}",
                    expected="schedules whose step() takes nothing",
                )
            if schedule.optimizer is not self.optimizer:
                raise ArgumentError(f"{name}: schedule {i} belongs to another optimizer")
        self._schedulers = list(schedulers)
        self._bases = []

    @property
    def base_lrs(self) -> list[Any]:
        """The learning rates of the groups before the first epoch."""
        return list(self._schedulers[0].base_lrs)

    def state_dict(self) -> dict[str, Any]:
        """Counters, and the states of all schedules, for `load_state_dict`."""
        own = {name: getattr(self, name) for name in self.saved}
        inner = [schedule.state_dict() for schedule in self._schedulers]
        return {**own, **dict(self._count), "_last_lr": self.get_last_lr(), "_schedulers": inner}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on where `state_dict` was made; raises ArgumentError where it is that of others."""
        own = self.state_dict()
        required(self, state_dict, {*own} - {"_last_lr"}, {*own})
        require_kinds(self, state_dict, own)
        inner = state_dict["_schedulers"]
        if len(inner) != len(self._schedulers):
            raise ArgumentError(
                f"{len(inner)} schedules were saved, and there are {len(self._schedulers)}; "
                "nothing was loaded"
            )
        if len(state_dict.get("_milestones", ())) != len(own.get("_milestones", ())):
            raise ArgumentError("another number of milestones was saved; nothing was loaded")
        before = [schedule.state_dict() for schedule in self._schedulers]
        try:
            for schedule, entry in zip(self._schedulers, inner, strict=True):
                schedule.load_state_dict(entry)
        except ArgumentError:
            for schedule, entry in zip(self._schedulers, before, strict=True):
                schedule.load_state_dict(entry)
            raise
        for name in self.saved:
            setattr(self, name, state_dict[name])
        for name in self._count.keys():  # noqa: SIM118  (these are no dict)
            self._count[name] = state_dict[name]


class SequentialLR(Combined):
    """One schedule after the other: the next one takes over, from its epoch 0 and the initial rate,
    at each of the epochs ``milestones``.

    Raises ArgumentError for schedules of other optimizers, none at all, and another number of
    milestones than changes.

    >>> import chainrule as cr
    >>> optimizer = cr.optim.SGD([cr.nn.Parameter(cr.zeros(1))], lr=1.0)
    >>> warm = cr.optim.lr_scheduler.ConstantLR(optimizer, factor=0.5, total_iters=9)
    >>> decay = cr.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
    >>> schedule = cr.optim.lr_scheduler.SequentialLR(optimizer, [warm, decay], milestones=[2])
    >>> rates = schedule.get_last_lr()
    >>> for _ in range(3):
    ...     schedule.step()
    ...     rates += schedule.get_last_lr()
    >>> rates
    [0.5, 0.5, 1.0, 0.5]
    """

    saved = ("_milestones",)

    def __init__(
        self,
        optimizer: Optimizer,
        schedulers: Sequence[LRScheduler],
        milestones: Sequence[int],
        last_epoch: int = -1,
    ) -> None:
        self._take(optimizer, schedulers)
        if len(milestones) != len(schedulers) - 1:
            raise ArgumentError(
                f"SequentialLR: {len(milestones)} milestones for {len(schedulers)} schedules",
                expected="one milestone for each change",
            )
        self._milestones = list(milestones)
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"]
        for schedule in single(self._schedulers):
            schedule._count["last_epoch"] = schedule._count["last_epoch"] - 1
        self._count = Counters(last_epoch=-1)
        with no_grad(), quiet():
            self._advance(first=True)
        self._count["last_epoch"] = last_epoch + 1

    def _advance(self, on: Any = True, again: Any = False, first: bool = False) -> None:
        epoch = self._tick(on, again)
        bounds = [None, *self._milestones, None]
        for i, schedule in enumerate(self._schedulers):
            low, high = bounds[i], bounds[i + 1]
            mine = on
            if low is not None:
                mine = both(mine, epoch >= low)
            if high is not None:
                mine = both(mine, epoch < high)
            if mine is not False:
                hit = again if low is None else either(again, epoch == low)
                schedule._advance(mine, hit, first)


class ChainedScheduler(Combined):
    """All schedules at once: each changes the rate that the one before it has left.

    Raises ArgumentError for schedules of other optimizers, and none at all.

    >>> import chainrule as cr
    >>> optimizer = cr.optim.SGD([cr.nn.Parameter(cr.zeros(1))], lr=1.0)
    >>> a = cr.optim.lr_scheduler.ConstantLR(optimizer, factor=0.5, total_iters=9)
    >>> b = cr.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
    >>> schedule = cr.optim.lr_scheduler.ChainedScheduler([a, b])
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.25]
    """

    def __init__(
        self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None = None
    ) -> None:
        self._take(optimizer, schedulers)
        self._count = Counters()

    @property
    def last_epoch(self) -> Any:
        """The epoch of the first schedule."""
        return self._schedulers[0].last_epoch

    def _advance(self, on: Any = True, again: Any = False, first: bool = False) -> None:
        for schedule in self._schedulers:
            schedule._advance(on, again, first)


def single(schedules: Sequence[Any]) -> Iterator[Any]:
    """The schedules that are not made of others."""
    for schedule in schedules:
        if isinstance(schedule, Combined):
            yield from single(schedule._schedulers)
        else:
            yield schedule


def both(a: Any, b: Any) -> Any:
    """``a`` and ``b``: bools, or tensors while capturing."""
    if isinstance(a, Tensor) and isinstance(b, Tensor):
        return a & b
    if isinstance(b, Tensor):
        a, b = b, a
    return a if b else False


def either(a: Any, b: Any) -> Any:
    """``a`` or ``b``."""
    if isinstance(a, Tensor) and isinstance(b, Tensor):
        return a | b
    if isinstance(b, Tensor):
        a, b = b, a
    return True if b else a
