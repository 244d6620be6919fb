"""Schedules that let the learning rate rise and fall, and the momentum fall and rise with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chainrule.core.errors import ArgumentError
from chainrule.core.tensor import Tensor
from chainrule.ops.elementwise.elementary import cos, where
from chainrule.ops.elementwise.rounding import floor
from chainrule.optim.live import Live, constant
from chainrule.optim.optimizer import Optimizer
from chainrule.optim.rules import within
from chainrule.optim.schedule import (
    LRScheduler,
    by_group,
    choose,
    number,
    pi,
    plain,
    refuse_capture,
    require_optimizer,
    whole,
)


class Cycle(LRScheduler):
    """What both share: a momentum, or the first beta, that cycles too."""

    cycle_momentum: bool

    def _prepare_momentum(self, base: Any, top: Any, anew: bool) -> None:
        """Note the bounds in the groups, and start with the larger one; raises ArgumentError where
        the optimizer has no momentum."""
        if not {"momentum", "betas"} & self.optimizer.defaults.keys():
            raise ArgumentError(
                f"{type(self).__name__}: {type(self.optimizer).__name__} has no momentum to cycle",
                hint="cycle_momentum=False",
            )
        lows, highs = by_group(self, "base_momentum", base), by_group(self, "max_momentum", top)
        for group, low, high in zip(self.optimizer.param_groups, lows, highs, strict=True):
            if anew:
                like = constant(group["lr"])  # exact beside an exact rate
                high, low = plain(number(high, like)), plain(number(low, like))
                self._set_momentum(group, high)
                group["max_momentum"], group["base_momentum"] = high, low
                self.optimizer._allocate(group)  # a momentum of 0 had no state yet

    def _set_momentum(self, group: Live, value: Any) -> None:
        if "betas" in self.optimizer.defaults:
            group["betas"] = (value, *group["betas"][1:])
        else:
            group["momentum"] = value

    def _momentum(self, group: Live) -> Any:
        return group["betas"][0] if "betas" in self.optimizer.defaults else group["momentum"]


class OneCycleLR(Cycle):
    """One rise of the learning rate to ``max_lr`` and one fall to almost nothing, over
    ``total_steps`` steps (or ``epochs`` times ``steps_per_epoch``), meant to be stepped after every
    batch.  Of Smith and Topin, Super-convergence (2018).

    It starts at max_lr / div_factor, is at the top after the share ``pct_start`` of the steps, and
    ends at the start's rate / final_div_factor; with ``three_phase`` it falls to the start's rate
    first, as fast as it rose.  ``cycle_momentum`` moves the momentum, or the first beta, the other
    way, between ``base_momentum`` and ``max_momentum``.  Raises ArgumentError for arguments that do
    not fit together, and ValueCheckError for a step after the last.

    >>> import chainrule as cr
    >>> optimizer = cr.optim.SGD([cr.nn.Parameter(cr.zeros(1))], lr=1.0, momentum=0.9)
    >>> schedule = cr.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1.0, total_steps=10)
    >>> for _ in range(2):
    ...     schedule.step()
    >>> schedule.get_last_lr(), optimizer.param_groups[0]["momentum"]
    ([1.0], 0.85)
    """

    saved = ("total_steps", "pct_start", "anneal_strategy", "cycle_momentum", "three_phase")

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | list[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.85,
        max_momentum: float | list[float] = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        require_optimizer(self, optimizer)
        self.optimizer = optimizer
        self.total_steps = self._total(total_steps, epochs, steps_per_epoch)
        if not 0 <= pct_start <= 1:
            raise ArgumentError(f"OneCycleLR: pct_start is {pct_start}", expected="from 0 to 1")
        if anneal_strategy not in ("cos", "linear"):
            raise ArgumentError(
                f"OneCycleLR: anneal_strategy is {anneal_strategy!r}", expected="'cos' or 'linear'"
            )
        self.pct_start, self.anneal_strategy = pct_start, anneal_strategy
        self.cycle_momentum, self.three_phase = cycle_momentum, three_phase
        self._check_phases()
        tops = by_group(self, "max_lr", max_lr)
        if cycle_momentum:
            self._prepare_momentum(base_momentum, max_momentum, last_epoch == -1)
        for group, top in zip(optimizer.param_groups, tops, strict=True):
            if last_epoch == -1:
                highest = number(top, constant(group["lr"]))
                start = highest / div_factor
                group["initial_lr"], group["max_lr"] = plain(start), plain(highest)
                group["min_lr"] = plain(start / final_div_factor)
        super().__init__(optimizer, last_epoch)

    def _total(self, total: Any, epochs: Any, steps_per_epoch: Any) -> int:
        """The number of steps, from either way to say it."""
        if total is not None:
            whole(self, 1, total_steps=total)
            return int(total)
        if epochs is None or steps_per_epoch is None:
            raise ArgumentError("OneCycleLR misses total_steps, or epochs and steps_per_epoch")
        whole(self, 1, epochs=epochs, steps_per_epoch=steps_per_epoch)
        return int(epochs * steps_per_epoch)

    def _phases(self, like: Tensor) -> list[tuple[Tensor, Tensor, str, str, str, str]]:
        """First and last step of each phase, and which rates and momentums it leads from and to."""
        rise = number(self.pct_start, like) * self.total_steps - 1
        start, last = number(0, like), number(self.total_steps - 1, like)
        up = (start, rise, "initial_lr", "max_lr", "max_momentum", "base_momentum")
        if not self.three_phase:
            return [up, (rise, last, "max_lr", "min_lr", "base_momentum", "max_momentum")]
        fall = 2 * number(self.pct_start, like) * self.total_steps - 2
        return [
            up,
            (rise, fall, "max_lr", "initial_lr", "base_momentum", "max_momentum"),
            (fall, last, "initial_lr", "min_lr", "max_momentum", "max_momentum"),
        ]

    def _check_phases(self) -> None:
        for start, end, *_ in self._phases(constant(0)):
            if start.item() == end.item():
                raise ArgumentError(
                    "OneCycleLR: a phase has no steps",
                    got=f"total_steps {self.total_steps}, pct_start {self.pct_start}",
                    hint="pct_start * total_steps is the length of the first phase, plus 1",
                )

    def _tick(self, on: Any, again: Any) -> Any:
        before = self._count["last_epoch"]
        epoch = choose(on, choose(again, 0, before + 1), before)
        checked = within(constant(epoch), last=self.total_steps)
        self._count["last_epoch"] = checked if isinstance(epoch, Tensor) else epoch
        return checked

    def _set(self, group: Live, base: Any, epoch: Any, on: Any, again: Any, first: bool) -> None:
        now = number(epoch, constant(group["max_lr"]))
        lr = self._annealed(now, group, 2)
        group["lr"] = plain(choose(on, lr, constant(group["lr"])))
        if self.cycle_momentum:
            momentum = self._annealed(now, group, 4)
            self._set_momentum(group, plain(choose(on, momentum, constant(self._momentum(group)))))

    def _annealed(self, now: Tensor, group: Live, column: int) -> Tensor:
        """The rate, or the momentum, at a step: which one ``column`` of the phases says."""
        made: Any = None
        for phase in reversed(self._phases(now)):
            start, end = phase[:2]
            a, b = (number(constant(group[key]), now) for key in phase[column : column + 2])  # type: ignore[index]
            share = (now - start) / (end - start)
            if self.anneal_strategy == "cos":
                value = b + (a - b) / 2 * (cos(pi(now) * share) + 1)
            else:
                value = (b - a) * share + a
            made = value if made is None else where(now <= end, value, made)
        return made


class CyclicLR(Cycle):
    """The learning rate from ``base_lr`` to ``max_lr`` in ``step_size_up`` steps and back in
    ``step_size_down``, again and again.  Of Smith, Cyclical learning rates (2017).

    ``mode`` says how high a cycle is: ``triangular`` always, ``triangular2`` half as high every
    time, ``exp_range`` times gamma^step.  Instead, ``scale_fn`` may be a function of the cycle,
    counted from 1, or where ``scale_mode`` is ``iterations`` of the step; it is Python code, and
    cannot be part of a captured step.  ``cycle_momentum`` moves the momentum the other way.  Raises
    ArgumentError for an unknown mode, and for sizes that are not above 0.

    >>> import chainrule as cr
    >>> optimizer = cr.optim.SGD([cr.nn.Parameter(cr.zeros(1))], lr=1.0, momentum=0.9)
    >>> schedule = cr.optim.lr_scheduler.CyclicLR(optimizer, 0.5, 1.0, step_size_up=2)
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.75]
    """

    saved = ("step_size_up", "step_size_down", "mode", "gamma", "scale_mode", "cycle_momentum")

    def __init__(
        self,
        optimizer: Optimizer,
        base_lr: float | list[float],
        max_lr: float | list[float],
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: str = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[float], float] | None = None,
        scale_mode: str = "cycle",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.8,
        max_momentum: float | list[float] = 0.9,
        last_epoch: int = -1,
    ) -> None:
        require_optimizer(self, optimizer)
        self.optimizer = optimizer
        if mode not in ("triangular", "triangular2", "exp_range") and scale_fn is None:
            raise ArgumentError(
                f"CyclicLR: mode is {mode!r}", expected="'triangular', 'triangular2', 'exp_range'"
            )
        down = step_size_up if step_size_down is None else step_size_down
        if step_size_up <= 0 or down <= 0:
            raise ArgumentError(
                f"CyclicLR: step sizes are {step_size_up} and {down}", expected="above 0"
            )
        self.step_size_up, self.step_size_down = step_size_up, down
        self.mode, self.gamma, self.scale_fn = mode, gamma, scale_fn
        self.scale_mode = scale_mode if scale_fn is not None else "cycle"
        self.cycle_momentum = cycle_momentum
        lows, tops = by_group(self, "base_lr", base_lr), by_group(self, "max_lr", max_lr)
        if cycle_momentum:
            self._prepare_momentum(base_momentum, max_momentum, last_epoch == -1)
        likes = [constant(group["lr"]) for group in optimizer.param_groups]
        lows = [plain(number(low, like)) for low, like in zip(lows, likes, strict=True)]
        for group, low, top, like in zip(optimizer.param_groups, lows, tops, likes, strict=True):
            if last_epoch == -1:
                group["lr"] = low
            group["max_lr"] = plain(number(top, like))
        super().__init__(optimizer, last_epoch)
        for base, low in zip(self._bases, lows, strict=True):
            base["lr"] = low

    def _advance(self, on: Any = True, again: Any = False, first: bool = False) -> None:
        if self.scale_fn is not None:
            refuse_capture(self, "calls the Python function scale_fn")
        super()._advance(on, again, first)

    def _set(self, group: Live, base: Any, epoch: Any, on: Any, again: Any, first: bool) -> None:
        low = constant(base)
        height = self._height(number(epoch, low), epoch)
        lr = low + (number(group["max_lr"], low) - low) * height[0] * height[1]
        group["lr"] = plain(choose(on, lr, constant(group["lr"])))
        if self.cycle_momentum:
            top, bottom = (number(group[key], low) for key in ("max_momentum", "base_momentum"))
            momentum = top - (top - bottom) * height[0] * height[1]
            self._set_momentum(group, plain(choose(on, momentum, constant(self._momentum(group)))))

    def _height(self, now: Tensor, epoch: Any) -> tuple[Tensor, Any]:
        """How far up the triangle a step is, from 0 to 1, and how high the triangle is."""
        total = number(self.step_size_up, now) + number(self.step_size_down, now)
        up = self.step_size_up / total
        cycle = floor(1 + now / total)
        x = 1 + now / total - cycle
        far = where(x <= up, x / up, (x - 1) / (up - 1))
        if self.scale_fn is not None:
            given = epoch if self.scale_mode == "iterations" else int(cycle.item())
            return far, number(self.scale_fn(given), now)
        if self.mode == "triangular2":
            return far, 1 / 2 ** (cycle - 1)
        return far, number(self.gamma, now) ** now if self.mode == "exp_range" else number(1, now)
