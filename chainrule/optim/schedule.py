"""What all schedules share: an epoch is counted, and each group gets its learning rate."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, ClassVar

from chainrule.core import dtypes as dt
from chainrule.core.apply import literal
from chainrule.core.errors import ArgumentError, CaptureError, shortened
from chainrule.core.state import no_grad, quiet, state
from chainrule.core.tensor import Tensor
from chainrule.ops.elementwise.elementary import where
from chainrule.optim.live import Counters, Live, constant
from chainrule.optim.optimizer import Optimizer


class LRScheduler:
    """What all schedules share: ``step()`` counts an epoch and sets the rate of every group.

    The first epoch, 0, is set where the schedule is made; ``last_epoch`` goes on after a later one.
    A subclass computes `next` in tensors, so that it can be part of a captured step, and in exact
    arithmetic where the rate is a fraction; ``saved`` are its attributes that `state_dict` holds.
    Raises ArgumentError for what is no optimizer, and for groups without ``initial_lr`` where
    ``last_epoch`` says that there was one.

    >>> import chainrule as cr
    >>> class Halving(cr.optim.lr_scheduler.LRScheduler):
    ...     def next(self, lr, epoch, initial):
    ...         return initial / 2**epoch
    >>> schedule = Halving(cr.optim.SGD([cr.nn.Parameter(cr.zeros(1))], lr=1.0))
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.5]
    """

    saved: ClassVar[tuple[str, ...]] = ()

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        require_optimizer(self, optimizer)
        self.optimizer = optimizer
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise ArgumentError(
                    f"{type(self).__name__}: group {i} has no initial_lr to go on from",
                    hint="load the optimizer's state_dict first, or leave last_epoch out",
                )
        self._count = Counters(last_epoch=last_epoch)
        self._bases = [Counters(lr=group["initial_lr"]) for group in optimizer.param_groups]
        with no_grad(), quiet():
            self._advance(first=True)

    def next(self, lr: Tensor, epoch: Tensor, initial: Tensor) -> Tensor:
        """The rate of an epoch, from that of the one before and the initial one."""
        raise NotImplementedError

    def resumed(self, lr: Tensor, epoch: Tensor, initial: Tensor) -> Tensor:
        """The rate that a schedule starts with which is made for a later epoch than 0."""
        return self.next(lr, epoch, initial)

    def step(self) -> None:
        """Count an epoch, and set the learning rates."""
        with no_grad(), quiet():
            self._advance()

    def _advance(self, on: Any = True, again: Any = False, first: bool = False) -> None:
        """Count an epoch and set the rates where ``on``, starting from epoch 0 where ``again``:
        both are bools, or tensors while capturing."""
        groups = self.optimizer.param_groups
        if len(groups) != len(self._bases):
            raise ArgumentError(
                f"{type(self).__name__} was made for {len(self._bases)} groups, "
                f"and the optimizer has {len(groups)}",
                hint="make the schedule after the last add_param_group",
            )
        epoch = self._tick(on, again)
        for group, base in zip(groups, self._bases, strict=True):
            self._set(group, base["lr"], epoch, on, again, first)

    def _tick(self, on: Any, again: Any) -> Any:
        """Count the epoch."""
        before = self._count["last_epoch"]
        epoch = choose(again, 0, before + 1)
        self._count["last_epoch"] = epoch = choose(on, epoch, before)
        return epoch

    def _set(self, group: Live, base: Any, epoch: Any, on: Any, again: Any, first: bool) -> None:
        """Set the rate of a group, whose initial one is ``base``."""
        lr, initial = constant(group["lr"]), constant(base)
        now = number(epoch, initial)
        start = choose(again, initial, lr)
        rule = self.resumed if first and self.last_epoch > 0 else self.next
        group["lr"] = plain(choose(on, rule(start, now, initial), lr))

    @property
    def last_epoch(self) -> Any:
        """The number of the epoch whose rates are set: 0 at first."""
        return self._count["last_epoch"]

    @property
    def base_lrs(self) -> list[Any]:
        """The learning rates of the groups before the first epoch."""
        return [base["lr"] for base in self._bases]

    def get_last_lr(self) -> list[Any]:
        """The learning rates of the groups."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self) -> dict[str, Any]:
        """Counters and hyperparameters, for `load_state_dict`.  The rates themselves are part of
        the optimizer's ``state_dict``: save both."""
        own = {name: getattr(self, name) for name in self.saved}
        return {
            **own,
            **dict(self._count),
            "base_lrs": self.base_lrs,
            "_last_lr": self.get_last_lr(),
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on where `state_dict` was made.

        Raises ArgumentError, having changed nothing, where entries are missing or unknown, or the
        optimizer has another number of groups.
        """
        expected = self.state_dict()
        required(self, state_dict, {*expected} - {"base_lrs", "_last_lr"}, {*expected})
        require_kinds(self, state_dict, expected)
        saved, own = state_dict.get("base_lrs", self.base_lrs), self.base_lrs
        if len(saved) != len(own):
            raise ArgumentError(
                f"{len(saved)} groups were saved, and there are {len(own)}; nothing was loaded"
            )
        for name in self.saved:
            setattr(self, name, state_dict[name])
        for name in self._count.keys():  # noqa: SIM118  (these are no dict)
            self._count[name] = state_dict[name]
        for base, initial in zip(self._bases, saved, strict=True):
            base["lr"] = initial


def required(schedule: Any, given: dict[str, Any], needed: set[str], known: set[str]) -> None:
    """Raise ArgumentError where a saved state lacks entries, or has some that nobody knows."""
    name = type(schedule).__name__
    if not isinstance(given, Mapping):
        raise ArgumentError(
            f"the saved state of {name} is no dict; nothing was loaded", got=type(given).__name__
        )
    missing, unknown = needed - given.keys(), given.keys() - known - {"_step_count", "_is_initial"}
    unknown -= {"_get_lr_called_within_step"}
    if missing or unknown:
        fact = f"has no '{min(missing)}'" if missing else f"has an unknown '{min(unknown)}'"
        raise ArgumentError(
            f"the saved state of {name} {fact}; nothing was loaded",
            expected=", ".join(sorted(known)),
        )


def require_kinds(schedule: Any, given: Mapping[str, Any], own: Mapping[str, Any]) -> None:
    """Raise ArgumentError where a saved entry is of another kind than the one that is there, and
    where a counter is no whole number."""
    for key, value in given.items():
        fits = key not in own or _is_like(own[key], value)
        if fits and key in {*schedule._count.keys()} and isinstance(own[key], int):
            fits = float(value).is_integer()
        if not fits:
            raise ArgumentError(
                f"the saved state of {type(schedule).__name__}: {key} is {shortened(value)}; "
                "nothing was loaded",
                expected=f"something like {shortened(own[key])}",
            )


def _is_like(own: Any, value: Any) -> bool:
    """Whether both are numbers, texts, flags or lists of such; PyTorch counts milestones in a
    dict."""
    if isinstance(own, bool | str):
        return isinstance(value, type(own))
    if isinstance(own, list):
        return isinstance(value, list | tuple | Mapping) and all(
            _is_like(own[0], part) for part in (value if own else ())
        )
    if not isinstance(own, int | float | Fraction):
        return True
    return not isinstance(value, bool | str | complex) and hasattr(value, "__float__")


def require_optimizer(schedule: Any, optimizer: Any) -> None:
    """Raise ArgumentError for what is no optimizer."""
    if not isinstance(optimizer, Optimizer):
        raise ArgumentError(
            f"{type(schedule).__name__} takes an optimizer, not a {type(optimizer).__name__}"
        )


def refuse_capture(schedule: Any, why: str) -> None:
    """Raise CaptureError while a function is being captured."""
    if state.trace is not None:
        raise CaptureError(
            f"{type(schedule).__name__} {why}, so it cannot be part of a captured function",
            hint="call its step() outside: the compiled function reads the new rate, and is not "
            "captured again",
        )


# -- numbers ---------------------------------------------------------------------------------------


def number(value: Any, like: Tensor) -> Tensor:
    """A number as a tensor without axes of the type of ``like``: 0.1 is 1/10 beside fractions."""
    if isinstance(value, Tensor):
        return value if value.dtype is like.dtype else value.to(like.dtype)
    return Tensor(literal(value, like.dtype))


def pi(like: Tensor) -> Tensor:
    """π, exactly beside fractions."""
    if like.dtype is not dt.exact:
        return number(3.141592653589793, like)
    from chainrule.namespaces.exact_numbers import sympy

    return number(sympy().pi, like)


def plain(value: Any) -> Any:
    """A number as groups keep it: a float, a fraction, a symbol; while capturing, a tensor."""
    has_value = isinstance(value, Tensor) and value.node.value is not None
    return value.item() if has_value and state.trace is None else value


def choose(condition: Any, a: Any, b: Any) -> Any:
    """``a`` where the condition holds, else ``b``; the condition may be a tensor without value."""
    if isinstance(condition, Tensor):
        return where(condition, a, b)
    return a if condition else b


def by_group(schedule: Any, name: str, value: Any) -> list[Any]:
    """A hyperparameter for each group: one for all, or a list with one for each; raises
    ArgumentError for a list of another length."""
    groups = schedule.optimizer.param_groups
    if not isinstance(value, list | tuple):
        return [value] * len(groups)
    if len(value) != len(groups):
        raise ArgumentError(
            f"{type(schedule).__name__}: {name} has {len(value)} entries for {len(groups)} groups"
        )
    return list(value)


def whole(schedule: Any, least: int, **given: Any) -> None:
    """Raise ArgumentError unless all are whole numbers from ``least``."""
    for name, value in given.items():
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise ArgumentError(
                f"{type(schedule).__name__}: {name} is {value!r}",
                expected=f"a whole number from {least}",
            )
