"""What training shows while it runs: a bar on a terminal, elsewhere one line for each epoch."""

from __future__ import annotations

import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from chainrule.train.history import figure

SLOWEST = 0.1
"""Seconds between two pictures of the bar."""


class Display:
    """Shows nothing; what all displays share.

    ``begin`` is told the epochs and batches (None where unknown) that there will be, ``step`` each
    batch, ``row`` each epoch.
    """

    def __enter__(self) -> Display:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        return None

    def begin(self, first: int, last: int, done: int, batches: int | None) -> None:
        """Training starts with epoch ``first``, of which ``done`` batches are done."""

    def step(self, epoch: int, loss: float, lr: float) -> None:
        """A batch is done."""

    def row(self, row: Mapping[str, Any]) -> None:
        """An epoch is done."""

    def say(self, text: str) -> None:
        """Something else happened."""


class Lines(Display):
    """One line for each epoch."""

    def __init__(self, console: Any) -> None:
        self.console, self.last = console, 0

    def begin(self, first: int, last: int, done: int, batches: int | None) -> None:
        """See `Display`."""
        self.last = last

    def row(self, row: Mapping[str, Any]) -> None:
        """See `Display`."""
        self.say(line(row, self.last))

    def say(self, text: str) -> None:
        """See `Display`."""
        self.console.print(text, markup=False, soft_wrap=True)


class Bar(Lines):
    """A line for each epoch, and below them a bar: epoch, loss, learning rate, time left."""

    def __init__(self, console: Any) -> None:
        super().__init__(console)
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
        from rich.progress import TimeRemainingColumn as Left

        self.bar = Progress(
            TextColumn("epoch {task.fields[epoch]}/{task.fields[last]}"), BarColumn(None),
            MofNCompleteColumn(), TextColumn("loss {task.fields[loss]}  lr {task.fields[lr]}"),
            Left(compact=True), TextColumn("left"),
            console=console, transient=True, expand=True,
        )  # fmt: skip
        self.done, self.shown = 0, 0.0

    def __enter__(self) -> Bar:
        self.bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.bar.stop()

    def begin(self, first: int, last: int, done: int, batches: int | None) -> None:
        """See `Display`."""
        super().begin(first, last, done, batches)
        total = None if batches is None else (last - first + 1) * batches
        self.done = done
        self.task = self.bar.add_task(
            "", total=total, completed=done, epoch=first, last=last, loss="", lr=""
        )

    def step(self, epoch: int, loss: float, lr: float) -> None:
        """See `Display`; the picture is made anew only a few times a second."""
        self.done += 1
        now = time.monotonic()
        if now - self.shown < SLOWEST:
            return
        self.shown = now
        self.bar.update(
            self.task, completed=self.done, epoch=epoch, loss=figure(loss), lr=figure(lr)
        )

    def say(self, text: str) -> None:
        """See `Display`."""
        self.bar.console.print(text, markup=False)


def line(row: Mapping[str, Any], last: int) -> str:
    """An epoch on one line; figures take the same room in all lines.

    >>> line({"epoch": 3, "loss": 0.12345, "val_loss": 0.5, "lr": 0.01, "seconds": 1.234}, 10)
    'epoch  3/10  loss 0.1235    val_loss 0.5       lr 0.01      1.2 s'
    """
    epoch = f"epoch {row['epoch']:>{len(str(last))}}/{last}"
    rest = [f"{k} {figure(x):<8}" for k, x in row.items() if k not in ("epoch", "seconds")]
    return "  ".join([epoch, *rest, f"{row['seconds']:.1f} s"])


def display(progress: bool) -> Display:
    """The display for standard output as it is now."""
    if not progress:
        return Display()
    from rich.console import Console

    console = Console(highlight=False, emoji=False)
    return Bar(console) if console.is_terminal else Lines(console)
