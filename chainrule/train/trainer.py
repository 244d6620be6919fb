"""The trainer: a network, a loss and an optimizer, and the loop that joins them."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from chainrule.core.errors import AnomalyError, ArgumentError, ChainruleError, CheckpointError
from chainrule.core.state import no_grad
from chainrule.core.tensor import Tensor
from chainrule.nn.module import Module
from chainrule.optim import Optimizer
from chainrule.train.checkpoints import Checkpoints, step_of
from chainrule.train.history import History
from chainrule.train.interrupt import Interrupts
from chainrule.train.metrics import Means, Metric, named_metrics
from chainrule.train.parts import require_parts
from chainrule.train.progress import Display, display
from chainrule.train.resuming import Snapshot, read
from chainrule.train.step import Forward, last_is_target, make_step, takes_metric
from chainrule.train.stopping import EarlyStopping, require_count


class Trainer:
    """Trains ``model`` to make ``loss(output, target)`` small.

    A batch is a list of inputs and a target, ``model(*inputs)`` the output; where it is anything
    else, ``forward(model, batch)`` gives output and target.  ``schedule`` moves on after every
    epoch, or after every batch (``schedule_every="batch"``); one that watches a value is given the
    validation loss, or the loss without validation.  ``metrics`` are functions of output and
    target, by name or with names of their own.  ``clip_norm`` bounds the norm of all gradients
    together.  ``compile`` runs the step as one compiled function, with the same bits.
    ``callbacks`` are called with the trainer after every epoch.

    A loss that is NaN or infinite raises AnomalyError, before that step has changed anything
    (after it where the step is compiled), unless ``stop_at_nan`` is false.

    ``history``, ``epoch`` and ``step`` say what has been done.

    >>> import chainrule as cr
    >>> net = cr.nn.Linear(1, 1)
    >>> optimizer = cr.optim.SGD(net.parameters(), lr=0.1)
    >>> trainer = cr.train.Trainer(net, cr.nn.functional.mse_loss, optimizer, progress=False)
    >>> trainer.fit([(cr.ones(4, 1), cr.zeros(4, 1))], epochs=3)["epoch"]
    [1, 2, 3]
    """

    def __init__(
        self,
        model: Module,
        loss: Callable[[Any, Any], Tensor],
        optimizer: Optimizer,
        schedule: Any = None,
        *,
        schedule_every: str = "epoch",
        metrics: Mapping[str, Metric] | Iterable[Metric] = (),
        forward: Forward = last_is_target,
        clip_norm: float | None = None,
        compile: bool = False,
        stop_at_nan: bool = True,
        stopping: EarlyStopping | None = None,
        checkpoints: Checkpoints | None = None,
        callbacks: Iterable[Callable[[Trainer], Any]] = (),
        progress: bool = True,
    ) -> None:
        require_parts(model, loss, optimizer, schedule, schedule_every, clip_norm)
        self.model, self.loss, self.optimizer, self.schedule = model, loss, optimizer, schedule
        self.schedule_every, self.metrics = schedule_every, named_metrics(metrics)
        self.forward, self.stop_at_nan, self.progress = forward, stop_at_nan, progress
        self.stopping, self.checkpoints, self.callbacks = stopping, checkpoints, list(callbacks)
        self._schedule_watches = schedule is not None and takes_metric(schedule)
        self.history = History()
        self.epoch = self.step = 0
        self._first = 0  # the epochs that were done when `fit` was called
        self._means: Means | None = None  # of the epoch that is under way
        self._loader: Any = None
        self._validation: Any = None
        self._display = Display()
        self._train_on = make_step(
            model, loss, optimizer, forward, clip_norm, self._check_loss, compile
        )

    def fit(
        self,
        loader: Iterable[Any],
        epochs: int,
        validation: Iterable[Any] | None = None,
        resume: bool | str | os.PathLike[str] = False,
    ) -> History:
        """Train for ``epochs`` epochs on the batches of ``loader``, and return the history.

        After each epoch the network is tried on ``validation``, in evaluation mode.  With
        ``resume`` training goes on from the latest checkpoint, or from the one at a path, as if it
        had never been interrupted, to the same bits; without a checkpoint it starts.

        Ctrl-C finishes the step, writes a checkpoint where there are checkpoints, and raises
        KeyboardInterrupt; a second one raises it at once.  Raises CheckpointError, having changed
        nothing, for a checkpoint that does not fit.
        """
        require_count("epochs", epochs)
        self._loader, self._validation = loader, validation
        self._check_columns()
        path = self._checkpoint_to_resume(resume)
        if self.checkpoints is not None:
            self.checkpoints.prepare()
        if path is not None:
            self._resume(path)
        else:
            self._begin()
        last = self._first + epochs
        with Interrupts() as interrupts, display(self.progress) as self._display:
            self._display.begin(self.epoch + 1, last, self._done(), _length(loader))
            if path is not None:
                self._display.say(f"going on after step {self.step}, from {path}")
            try:
                while self.epoch < last and not self._has_stopped():
                    self._run_epoch(interrupts)
            except KeyboardInterrupt as error:
                error.add_note(self._where_to_go_on())
                raise
        if self.stopping is not None and self.stopping.weights is not None:
            self.model.load_state_dict(self.stopping.weights)
        return self.history

    def _begin(self) -> None:
        """Start `fit` anew, with the network and the optimizer as they are."""
        self._first, self._means = self.epoch, None
        if self.stopping is not None:
            self.stopping.waited, self.stopping.stopped = 0, False

    def evaluate(self, loader: Iterable[Any]) -> dict[str, float]:
        """The mean loss and metrics over the batches of ``loader``, in evaluation mode and without
        gradients; nothing is changed."""
        means = Means(self.metrics)
        modes = [(module, module.training) for module in self.model.modules()]
        self.model.eval()
        try:
            with no_grad():
                for batch in loader:
                    output, target = self.forward(self.model, batch)
                    means.add(float(self.loss(output, target)), output, target)
        finally:
            for module, mode in modes:
                module.training = mode
        if not means.batches:
            raise ArgumentError("there is nothing to evaluate on: no batches came")
        return means.means()

    # -- an epoch --------------------------------------------------------------------------------

    def _run_epoch(self, interrupts: Interrupts) -> None:
        """What is left of an epoch, and what comes after its last batch."""
        if self._means is None:
            self._means = Means(self.metrics)
        means = self._means
        self.model.train()
        for batch in self._batches():
            means.lr = self._rate()
            loss, output, target = self._train_on(batch)
            self.step += 1
            means.add(loss, output, target)
            if self.schedule is not None and self.schedule_every == "batch":
                self._move_schedule(loss)
            self._display.step(self.epoch + 1, means.loss(), means.lr)
            due = self.checkpoints is not None and self.checkpoints.due(self.step)
            if due or interrupts.asked:
                self._write_checkpoint()
            if interrupts.asked:
                raise KeyboardInterrupt
        if not means.batches:
            raise ArgumentError(
                "there is nothing to train on: no batches came",
                hint="an iterator is used up after one epoch: give a list or a DataLoader"
                if self.epoch > self._first
                else None,
            )
        self._end_epoch(means)
        if interrupts.asked:
            self._write_checkpoint()
            raise KeyboardInterrupt

    def _batches(self) -> Iterator[Any]:
        """The batches that are left of this epoch."""
        done = self._done()
        if hasattr(self._loader, "load_state_dict"):  # it knows where it is
            return iter(self._loader)
        return islice(self._loader, done, None)

    def _end_epoch(self, means: Means) -> None:
        row: dict[str, Any] = {"epoch": self.epoch + 1, **means.means()}
        if self._validation is not None:
            found = self.evaluate(self._validation)
            row |= {f"val_{name}": value for name, value in found.items()}
        row |= {"lr": means.lr, "seconds": means.elapsed()}
        if self.schedule is not None and self.schedule_every == "epoch":
            self._move_schedule(row.get("val_loss", row["loss"]))
        self.history.append(row)
        self.epoch += 1
        self._means = None
        if self.stopping is not None:
            self.stopping.update(row, self.model)
        self._display.row(row)
        for callback in self.callbacks:
            callback(self)
        self._keep_epoch(row)

    def _keep_epoch(self, row: Mapping[str, Any]) -> None:
        """The checkpoints of an epoch: the best one first, so that no later one claims it."""
        kept = self.checkpoints
        if kept is None:
            return
        if kept.best is not None and kept.best.improves(row):
            kept.write_best(self._state())
        if kept.every_epochs is not None and self.epoch % kept.every_epochs == 0:
            self._write_checkpoint()

    def _move_schedule(self, value: float) -> None:
        if self._schedule_watches:
            self.schedule.step(value)
        else:
            self.schedule.step()

    def _rate(self) -> float:
        return float(self.optimizer.param_groups[0]["lr"])

    def _done(self) -> int:
        return 0 if self._means is None else self._means.batches

    def _has_stopped(self) -> bool:
        return self.stopping is not None and self.stopping.stopped

    def _check_loss(self, loss: float) -> None:
        """Raise AnomalyError for a loss that is no number to go on with."""
        if self.stop_at_nan and not math.isfinite(loss):
            raise AnomalyError(
                f"the loss is {loss} at step {self.step + 1} "
                f"(epoch {self.epoch + 1}, batch {self._done() + 1})",
                hint="a smaller learning rate, or clip_norm=1.0, often helps;\n"
                "with cr.detect_anomaly(): finds the op; stop_at_nan=False goes on",
            )

    def _check_columns(self) -> None:
        """Raise ArgumentError where something watches a column that the history will not have."""
        columns = ["loss", *self.metrics]
        if self._validation is not None:
            columns += [f"val_{name}" for name in columns]
        for watcher in (self.stopping, self.checkpoints):
            if watcher is not None and watcher.best is not None:
                watcher.best.column(columns)

    # -- going on --------------------------------------------------------------------------------

    def _state(self) -> dict[str, Any]:
        """All that training needs to go on."""
        return Snapshot.of(self).state

    def _write_checkpoint(self) -> None:
        if self.checkpoints is not None:
            self.checkpoints.write(self._state())

    def _where_to_go_on(self) -> str:
        text = f"training was interrupted after step {self.step}, in epoch {self.epoch + 1}"
        latest = None if self.checkpoints is None else self.checkpoints.latest()
        if latest is None:
            return f"{text}; there is no checkpoint"
        return f"{text}; fit(..., resume=True) goes on from {latest}"

    def _checkpoint_to_resume(self, resume: Any) -> Path | None:
        """The checkpoint to go on from, None to start; raises ArgumentError."""
        if isinstance(resume, str | os.PathLike):
            return Path(resume)
        latest = None if self.checkpoints is None else self.checkpoints.latest()
        if resume:
            if self.checkpoints is None:
                raise ArgumentError(
                    "resume without checkpoints",
                    hint="Trainer(..., checkpoints=cr.train.Checkpoints('runs/first'))",
                )
            return latest
        if latest is not None and step_of(latest) > self.step:
            raise ArgumentError(
                f"{latest.parent} has the checkpoints of another run, up to {latest.name}",
                hint="go on with fit(..., resume=True), or name another folder",
            )
        return None

    def _resume(self, path: Path) -> None:
        """Take all from a checkpoint, or, where that fails, nothing."""
        state = read(path)
        before = Snapshot.of(self)
        try:
            Snapshot(state).put_into(self)
        except BaseException as error:
            before.put_into(self)
            if isinstance(error, ChainruleError) or not isinstance(error, Exception):
                raise
            raise CheckpointError(
                f"{path.name} does not fit this trainer; nothing was changed", got=repr(error)
            ) from error


def _length(loader: Any) -> int | None:
    try:
        return len(loader)
    except TypeError:
        return None
