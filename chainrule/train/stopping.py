"""Stopping when nothing gets better any more."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from chainrule.core.errors import ArgumentError
from chainrule.nn.module import Module


def require_count(name: str, value: Any) -> None:
    """Raise ArgumentError unless the value is a whole number from 1.

    >>> require_count("epochs", 3)
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ArgumentError(f"{name} is {value!r}", expected="a whole number from 1")


class Best:
    """The best value so far of a column of the history.

    ``monitor`` names it: ``val_loss``, or ``loss`` without validation, if None; ``mode`` says
    whether the smallest or the largest is best.  A NaN is never better.
    """

    def __init__(self, monitor: str | None, mode: str, min_delta: float = 0.0) -> None:
        if mode not in ("min", "max"):
            raise ArgumentError(f"mode is {mode!r}", expected="'min' or 'max'")
        if not min_delta >= 0:
            raise ArgumentError(f"min_delta is {min_delta}", expected="a number from 0")
        self.monitor, self.sign, self.min_delta = monitor, 1 if mode == "min" else -1, min_delta
        self.value: float | None = None

    def column(self, columns: list[str]) -> str:
        """The column that is watched; raises ArgumentError where the history will not have it."""
        if self.monitor is None:
            return "val_loss" if "val_loss" in columns else "loss"
        if self.monitor not in columns:
            raise ArgumentError(
                f"the history has no column {self.monitor!r} to watch", expected=", ".join(columns)
            )
        return self.monitor

    def improves(self, row: Mapping[str, Any]) -> bool:
        """Whether an epoch is better, by more than ``min_delta``, than all before it; noted."""
        value = row[self.column(list(row))]
        if math.isnan(value):
            return False
        if self.value is not None and not self.sign * (self.value - value) > self.min_delta:
            return False
        self.value = value
        return True


class EarlyStopping:
    """Ends training when ``patience`` epochs have brought nothing better.

    Better is less (``mode="min"``) or more by over ``min_delta`` in the column ``monitor``
    (``val_loss``, or ``loss`` without validation).  With ``restore_best`` the network has the
    weights of its best epoch when training is over.

    >>> import chainrule as cr
    >>> stopping = EarlyStopping(patience=2)
    >>> net = cr.nn.Linear(1, 1)
    >>> for epoch, loss in enumerate([3.0, 2.0, 2.5, 2.0]):
    ...     stopping.update({"epoch": epoch, "loss": loss}, net)
    >>> stopping.stopped, stopping.best_epoch
    (True, 1)
    """

    def __init__(
        self,
        patience: int = 10,
        min_delta: float = 0.0,
        monitor: str | None = None,
        mode: str = "min",
        restore_best: bool = True,
    ) -> None:
        require_count("patience", patience)
        self.best = Best(monitor, mode, min_delta)
        self.patience, self.restore_best = patience, restore_best
        self.waited, self.stopped = 0, False
        self.best_epoch: int | None = None
        self.weights: dict[str, Any] | None = None

    def update(self, row: Mapping[str, Any], model: Module) -> None:
        """Count an epoch."""
        if self.best.improves(row):
            self.waited, self.best_epoch = 0, row["epoch"]
            if self.restore_best:
                self.weights = {name: x.clone() for name, x in model.state_dict().items()}
        else:
            self.waited += 1
            self.stopped = self.waited >= self.patience

    def state_dict(self) -> dict[str, Any]:
        """All that `load_state_dict` needs, the best weights too."""
        return {
            "best": self.best.value, "best_epoch": self.best_epoch, "waited": self.waited,
            "stopped": self.stopped, "weights": self.weights,
        }  # fmt: skip

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a saved state."""
        self.best.value, self.best_epoch = state["best"], state["best_epoch"]
        self.waited, self.stopped = state["waited"], state["stopped"]
        self.weights = state["weights"]
