"""Checkpoints: a folder of files from which training goes on as if nothing had happened."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chainrule.core.errors import CheckpointError
from chainrule.saving import save
from chainrule.train.stopping import Best, require_count

_NAME = re.compile(r"step-(\d{8,})\.safetensors")


class Checkpoints:
    """Writes all that training needs to go on into ``folder``, every so many steps or epochs.

    The files are ``step-00000120.safetensors``, of which the newest ``keep`` stay, and, unless
    ``best`` is false, ``best.safetensors`` for the best epoch: the one with the smallest (or
    largest, ``mode="max"``) value of the column ``monitor``, which is ``val_loss``, or ``loss``
    without validation.  A file is written whole or not at all.

    Raises ArgumentError for numbers that are no whole numbers from 1.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        every_steps: int | None = None,
        every_epochs: int | None = 1,
        keep: int = 3,
        best: bool = True,
        monitor: str | None = None,
        mode: str = "min",
    ) -> None:
        require_count("keep", keep)
        for name, value in (("every_steps", every_steps), ("every_epochs", every_epochs)):
            if value is not None:
                require_count(name, value)
        self.folder = Path(folder)
        self.every_steps, self.every_epochs, self.keep = every_steps, every_epochs, keep
        self.best = Best(monitor, mode) if best else None

    def paths(self) -> list[Path]:
        """The checkpoints by step, the oldest first."""
        if not self.folder.is_dir():
            return []
        found = [path for path in self.folder.iterdir() if _NAME.fullmatch(path.name)]
        return sorted(found, key=step_of)

    def latest(self) -> Path | None:
        """The newest checkpoint; None where there is none."""
        return next(reversed(self.paths()), None)

    @property
    def best_path(self) -> Path:
        """Where the checkpoint of the best epoch is."""
        return self.folder / "best.safetensors"

    def due(self, step: int) -> bool:
        """Whether a checkpoint is written after this step, in the middle of an epoch."""
        return self.every_steps is not None and step % self.every_steps == 0

    def prepare(self) -> None:
        """Make the folder; raises CheckpointError where nothing can be written into it."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CheckpointError(
                f"there can be no folder {self.folder}", got=error.strerror or repr(error)
            ) from error
        if not os.access(self.folder, os.W_OK | os.X_OK):
            raise CheckpointError(f"the folder {self.folder} cannot be written to")

    def write(self, state: Mapping[str, Any]) -> Path:
        """Write a checkpoint, and remove those that are too old."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"step-{state['step']:08d}.safetensors"
        save(state, path)
        for old in self.paths()[: -self.keep]:
            if old != path:
                with contextlib.suppress(OSError):  # another process was faster
                    old.unlink()
        return path

    def write_best(self, state: Mapping[str, Any]) -> None:
        """Write the checkpoint of an epoch that is better than all before."""
        self.folder.mkdir(parents=True, exist_ok=True)
        save(state, self.best_path)

    def state_dict(self) -> dict[str, Any]:
        """The best value so far."""
        return {"best": None if self.best is None else self.best.value}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a saved state."""
        if self.best is not None:
            self.best.value = state["best"]


def step_of(path: Path) -> int:
    """After which step a checkpoint was written, by its name."""
    found = _NAME.fullmatch(path.name)
    return int(found[1]) if found else 0
